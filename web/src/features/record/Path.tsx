// SPDX-License-Identifier: GPL-3.0-or-later
/* The path of a record: its stages in order, the present one marked; a press moves it where the rules allow. */
import { useLayoutEffect, useRef } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Check } from 'lucide-react'
import { api, keys, type Rec, type Ref } from '@/api'
import { quote } from '@/fields/filterKit'
import { useI18n } from '@/i18n'
import { fieldOf, findObject, useMeta, type Field, type ObjectMeta } from '@/meta'
import { openRecordForm } from '@/shell'
import { cx, Skeleton } from '@/ui'
import { columnKey } from '@/views/boardModel'
import type { Saver } from '@/views/save'

interface Step { key: string; label: string; value: unknown; hue: string | null }
interface Props { object: ObjectMeta; rec: Rec; saver: Saver; readOnly: boolean }

const ORDER = ['position', 'sequence', 'sort_order', 'rank', 'order']

/* A good or a bad end is no step on the way: behind it nothing was passed. */
const isEnd = (s: Step) => s.hue === 'green' || s.hue === 'red'

/* Stages of the same parent as the record's: a deal's pipeline, when both have a reference of that name. */
function stageQuery(object: ObjectMeta, target: ObjectMeta, rec: Rec): { filter?: string; order_by?: string; page_size: number } {
  const shared = target.fields.find(f => f.type === 'reference' && !f.system && object.fields.some(g => g.name === f.name && g.target === f.target) && rec[f.name])
  const order = ORDER.find(n => target.fields.some(f => f.name === n))
  return { page_size: 50, ...(shared && { filter: `${shared.name} == ${quote((rec[shared.name] as Ref).id)}` }), ...(order && { order_by: order }) }
}

function useSteps(object: ObjectMeta, field: Field | null, rec: Rec): Step[] | undefined {
  const meta = useMeta(), target = field?.type === 'reference' ? findObject(meta, field.target) : null
  const query = target ? stageQuery(object, target, rec) : { page_size: 50 }
  const { data } = useQuery({ queryKey: keys.list(target?.name ?? '', query), enabled: target !== null, staleTime: 300_000, queryFn: ({ signal }) => api.list(target!.plural, query, signal) })
  if (!field) return []
  if (!target) return (field.options ?? []).filter(o => !o.hidden || o.value === rec[field.name]).map(o => ({ key: o.value, label: o.label, value: o.value, hue: o.color ?? null }))
  return data?.data.map(r => ({ key: r.id, label: r.label ?? r.id, value: { object: target.name, id: r.id, label: r.label ?? null }, hue: typeof r.color === 'string' ? r.color : null }))
}

export function Path({ object, rec, saver, readOnly }: Props) {
  const { t } = useI18n(), field = fieldOf(object, object.path?.field ?? ''), steps = useSteps(object, field, rec)
  const list = useRef<HTMLOListElement>(null), here = field ? columnKey(rec[field.name]) : ''
  useLayoutEffect(() => {
    const now = list.current?.querySelector<HTMLElement>('.now')
    if (now) list.current!.scrollLeft = now.offsetLeft + now.offsetWidth / 2 - list.current!.clientWidth / 2
  }, [here, steps?.length])
  if (!field) return null
  if (!steps) return <div className="path" aria-busy><Skeleton width="100%" height={27} /></div>
  const at = steps.findIndex(s => s.key === here)
  const rules = object.state?.field === field.name ? object.state.transitions : null
  const allowed = (key: string) => !rules || rules.some(r => r.to === key && (r.from.length === 0 || r.from.includes(here)))
  const fixed = readOnly || field.write === false || field.readonly === true
  const go = (s: Step) => void saver.save(rec, { [field.name]: s.value }, p => {
    /* The move needs more to be said (why it was lost): ask for it in the form, with the step already taken. */
    const asks = p.errors.filter(e => e.field !== field.name && fieldOf(object, e.field))
    if (!asks.length) return false
    openRecordForm({ object, record: rec, defaults: { [field.name]: s.value }, only: asks.map(e => e.field) })
    return true
  })
  return (
    <ol className="path" ref={list} aria-label={field.label}>
      {steps.map((s, i) => {
        const done = i < at && !isEnd(s), can = !fixed && s.key !== here && allowed(s.key)
        return (
          <li key={s.key} className={cx(done && 'done', i === at && 'now')} data-hue={i === at ? s.hue ?? 'accent' : undefined}>
            <button type="button" aria-current={i === at ? 'step' : undefined} aria-disabled={!can} onClick={() => can && go(s)} title={can ? t('record.move_to', { step: s.label }) : undefined}>
              {done && <Check size={12} strokeWidth={3} aria-hidden />}<span className="truncate">{s.label}</span>
            </button>
          </li>
        )
      })}
    </ol>
  )
}
