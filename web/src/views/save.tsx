// SPDX-License-Identifier: GPL-3.0-or-later
/* Saving fields of a record from anywhere: shown at once, merged by version, and when somebody else has changed
   the same field meanwhile both sides are shown and the user decides. */
import { lazy, Suspense, useCallback, useState } from 'react'
import { api, invalidateObject, Problem, queryClient, keys, type Rec } from '@/api'
import { toWire, sameValue } from '@/fields/wire'
import { useI18n } from '@/i18n'
import { fieldOf, type ObjectMeta } from '@/meta'
import { toast } from '@/ui'
import { calm, optimistic, putRecord } from './cache'
import './views.css'

const ConflictDialog = lazy(() => import('./Conflict'))

interface Conflict { rec: Rec; current: Rec; values: Record<string, unknown>; resolve: (r: Rec | null) => void }

export interface Saver {
  /** Saves; null when it was refused (the reason has been shown) or the user kept the other side.  `onInvalid` may
   *  take a refusal that names fields (true: nothing more is shown). */
  save: (rec: Rec, values: Record<string, unknown>, onInvalid?: (p: Problem) => boolean) => Promise<Rec | null>
  dialog: React.ReactNode
}

export function useSave(object: ObjectMeta): Saver {
  const { t } = useI18n()
  const [conflict, setConflict] = useState<Conflict | null>(null)

  const save = useCallback(async (rec: Rec, values: Record<string, unknown>, onInvalid?: (p: Problem) => boolean): Promise<Rec | null> => {
    const changed = Object.fromEntries(Object.entries(values).filter(([n, v]) => !sameValue(fieldOf(object, n)?.type ?? '', rec[n], v)))
    if (!Object.keys(changed).length) return rec
    await calm(object.name)
    const back = optimistic(object.name, rec.id, changed)
    try {
      const saved = await api.patch(object.plural, rec.id, toWire(object.fields, changed), rec.version)
      putRecord(object.name, saved)
      void queryClient.invalidateQueries({ queryKey: keys.one(object.name, rec.id) })
      invalidateObject(object.name)
      return saved
    } catch (e) {
      back()
      invalidateObject(object.name)
      if (e instanceof Problem && e.status === 409 && e.current) {
        const current = e.current
        return new Promise(resolve => setConflict({ rec, current, values: changed, resolve }))
      }
      if (e instanceof Problem && e.errors.length > 0 && onInvalid?.(e)) return null
      const first = e instanceof Problem ? e.errors.find(x => x.field in changed) : undefined
      const label = first && fieldOf(object, first.field)?.label
      toast({ kind: 'error', text: first ? `${label ?? first.field}: ${first.message}` : e instanceof Error ? e.message : t('ui.error') })
      return null
    }
  }, [object, t])

  const decide = async (mine: boolean) => {
    if (!conflict) return
    setConflict(null)
    putRecord(object.name, conflict.current)
    conflict.resolve(mine ? await save(conflict.current, conflict.values) : null)
  }

  const dialog = conflict && <Suspense fallback={null}><ConflictDialog object={object} current={conflict.current} values={conflict.values} onDecide={mine => void decide(mine)} /></Suspense>
  return { save, dialog }
}
