// SPDX-License-Identifier: GPL-3.0-or-later
/* Saving fields of a record from anywhere: shown at once, merged by version, and when somebody else has changed
   the same field meanwhile both sides are shown and the user decides. */
import { useCallback, useState } from 'react'
import { api, invalidateObject, Problem, queryClient, keys, type Rec } from '@/api'
import { Value } from '@/fields'
import { toWire, sameValue } from '@/fields/wire'
import { useI18n } from '@/i18n'
import { fieldOf, type ObjectMeta } from '@/meta'
import { Button, Dialog, toast } from '@/ui'
import { calm, optimistic, putRecord } from './cache'
import './views.css'

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

  const dialog = conflict && (
    <Dialog isOpen onClose={() => void decide(false)} title={t('record.conflict')} footer={
      <>
        <Button onPress={() => void decide(false)}>{t('record.keep_theirs')}</Button>
        <Button kind="solid" autoFocus onPress={() => void decide(true)}>{t('record.use_mine')}</Button>
      </>
    }>
      <p>{t('record.conflict_body')}</p>
      <table className="conflict">
        <thead><tr><th>{t('record.field')}</th><th>{t('record.theirs')}</th><th>{t('record.mine')}</th></tr></thead>
        <tbody>
          {Object.entries(conflict.values).map(([name, v]) => {
            const field = fieldOf(object, name)
            return field && (
              <tr key={name}><th scope="row">{field.label}</th><td><Value field={field} value={conflict.current[name]} density="full" /></td><td><Value field={field} value={v} density="full" /></td></tr>
            )
          })}
        </tbody>
      </table>
    </Dialog>
  )
  return { save, dialog }
}
