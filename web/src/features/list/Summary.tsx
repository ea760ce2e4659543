// SPDX-License-Identifier: GPL-3.0-or-later
/* The list in groups: how many and how much by one field; a bar narrows the list to its group. */
import { X } from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import { api, keys, type Money, type Ref } from '@/api'
import { Value, valueText } from '@/fields'
import { quote } from '@/fields/filterKit'
import { useI18n } from '@/i18n'
import { fieldOf, type Field, type ObjectMeta } from '@/meta'
import { ErrorState, IconButton, SkeletonRows } from '@/ui'
import { isDated } from './groupable'

interface Props { object: ObjectMeta; field: string; filter: string; asOf: string; onClose: () => void; onPick: (cel: string) => void }

export function Summary({ object, field, filter, asOf, onClose, onPick }: Props) {
  const x = useI18n(), { t, fmt } = x, f = fieldOf(object, field), sum = object.board?.sum
  const dated = f ? isDated(f) : false, group = dated ? `month(${field})` : field
  const query = { group_by: [group], measures: ['count()', ...(sum ? [`sum(${sum})`] : [])], filter: filter || undefined, as_of: asOf || undefined }
  const { data, error, refetch } = useQuery({ queryKey: keys.aggregate(object.name, query), enabled: f !== null, queryFn: ({ signal }) => api.aggregate(object.plural, query, signal) })
  if (!f) return null
  const rows = (data?.data ?? []).map(r => ({ value: r[group], count: Number(r['count()']), sum: sum ? r[`sum(${sum})`] as Money | null : null }))
  const size = (r: (typeof rows)[number]) => r.sum ? Number(r.sum.amount) : r.count
  const most = Math.max(1, ...rows.map(size)), ordered = dated ? rows : [...rows].sort((a, b) => size(b) - size(a))
  return (
    <section className="summary" aria-label={t('list.by', { field: f.label })}>
      <header><h2>{t('list.by', { field: f.label })}</h2><span className="grow" /><IconButton icon={X} size={14} label={t('ui.close')} onPress={onClose} /></header>
      {error ? <ErrorState error={error} onRetry={() => void refetch()} /> : !data ? <SkeletonRows rows={4} /> : (
        <ul>
          {ordered.slice(0, 24).map((r, i) => {
            const cel = celOf(f, r.value), text = r.value === null ? t('list.no_value') : dated ? month(String(r.value), fmt.language) : valueText(f, r.value, x)
            const face = dated || r.value === null ? <span className="truncate">{text}</span> : <Value field={f} value={r.value} />
            return (
              <li key={i}>
                {cel ? <button type="button" className="summary-name" onClick={() => onPick(cel)} title={t('list.narrow', { value: text })}>{face}</button> : <span className="summary-name">{face}</span>}
                <span className="summary-bar" aria-hidden><i style={{ width: `${Math.max(1, size(r) / most * 100)}%` }} /></span>
                <span className="num">{r.sum ? fmt.money(r.sum, 'compact') : ''}</span><span className="num dim">{fmt.number(r.count)}</span>
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}

function celOf(f: Field, v: unknown): string | null {
  if (isDated(f)) return null
  if (v === null || v === undefined) return `${f.name} == null`
  if (typeof v === 'boolean') return `${f.name} == ${v}`
  return `${f.name} == ${quote(typeof v === 'object' ? (v as Ref).id : String(v))}`
}

const month = (v: string, language: string) => /^\d{4}-\d\d/.test(v) ? new Intl.DateTimeFormat(language, { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(v.slice(0, 7) + '-01T00:00:00Z')) : v
