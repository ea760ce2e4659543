// SPDX-License-Identifier: GPL-3.0-or-later
/* One line of the table.  Memoised: a key stroke draws the cell it falls into and nothing else. */
import { memo, useEffect, useRef, useState, type KeyboardEvent } from 'react'
import type { Rec, Ref } from '@/api'
import { trimZeros, typed } from '@/fields/number'
import type { Money } from '@/fields/types'
import type { Format, Language } from '@/i18n'
import { cx } from '@/ui'
import { NUMBERS, type Column } from './model'
import type { Tax } from './calls'

export type Leave = 'down' | 'right' | 'left' | 'stay'
export interface RowApi { press: (row: number, col: number) => void; edit: (row: number, col: number) => void; done: (text: string, to: Leave) => void; cancel: () => void }
export interface Look { language: Language; fmt: Format; taxes: Tax[]; periods: { value: string; label: string }[] }

const amountOf = (v: unknown) => (v as Money | null)?.amount ?? ''

/** What a cell shows, and what stands in its input. */
export function cellText(rec: Rec, col: Column, x: Look, forInput = false): string {
  const number = (v: unknown) => v === null || v === undefined || v === '' ? '' : forInput ? typed(String(v), x.language) : x.fmt.number(trimZeros(String(v)))
  switch (col) {
    case 'name': return String(rec.name ?? (rec.product as Ref | null)?.label ?? '')
    case 'price': return forInput ? number(amountOf(rec.price)) : rec.price ? x.fmt.money(rec.price as Money, 'exact') : ''
    case 'total': return rec.total ? x.fmt.money(rec.total as Money, 'exact') : ''
    case 'discount': return rec.discount ? number(rec.discount) + (forInput ? '' : ' %') : !forInput && rec.discount_amount ? '− ' + x.fmt.money(rec.discount_amount as Money, 'exact') : ''
    case 'tax': {
      const of = rec.tax_rate as Ref | null
      return forInput ? of?.id ?? '' : x.taxes.find(t => t.id === of?.id)?.code ?? (rec.vat === null || rec.vat === undefined ? '' : number(rec.vat) + ' %')
    }
    case 'period': return forInput ? String(rec.period ?? 'once') : x.periods.find(p => p.value === rec.period)?.label ?? ''
    case 'unit': return String(rec.unit ?? '')
    default: return number(rec[col])
  }
}

interface Props { id: string; row: number; rec: Rec; columns: Column[]; labels: Record<Column, string>; at: number; editing: string | null; look: Look; api: { current: RowApi }; template: string }

export const LineRow = memo(function LineRow({ id, row, rec, columns, labels, at, editing, look, api, template }: Props) {
  return (
    <div role="row" aria-rowindex={row + 2} className={cx('line-row', at >= 0 && 'cur')} style={{ gridTemplateColumns: template }}>
      {columns.map((c, n) => (
        <div key={c} id={`${id}-${row}-${n}`} role="gridcell" aria-colindex={n + 1} className={cx('line-cell', NUMBERS.includes(c) && 'num', at === n && 'at')}
          onClick={() => api.current.press(row, n)} onDoubleClick={() => api.current.edit(row, n)}>
          {at === n && editing !== null ? <CellInput rec={rec} col={c} label={labels[c]} first={editing} look={look} api={api} /> : <span className="truncate">{cellText(rec, c, look)}</span>}
        </div>
      ))}
    </div>
  )
})

function CellInput({ rec, col, label, first, look, api }: { rec: Rec; col: Column; label: string; first: string; look: Look; api: { current: RowApi } }) {
  const was = cellText(rec, col, look, true), [text, setText] = useState(first || was)
  const input = useRef<HTMLInputElement & HTMLSelectElement>(null), left = useRef(false), latest = useRef(text)
  latest.current = text
  const leave = (to: Leave) => {
    if (left.current) return
    left.current = true
    api.current.done(latest.current, to)
  }
  useEffect(() => {
    input.current?.focus()
    if (!first) input.current?.select?.()
  }, [first])
  const onKey = (e: KeyboardEvent) => {
    e.stopPropagation()
    if (e.key === 'Escape') { left.current = true; api.current.cancel() }
    else if (e.key === 'Enter' && !e.nativeEvent.isComposing) leave('down')
    else if (e.key === 'Tab') leave(e.shiftKey ? 'left' : 'right')
    else return
    e.preventDefault()
  }
  const common = { ref: input, 'aria-label': label, className: 'line-input', onKeyDown: onKey, onBlur: () => leave('stay'), onClick: (e: React.MouseEvent) => e.stopPropagation(), onDoubleClick: (e: React.MouseEvent) => e.stopPropagation() }
  if (col === 'tax' || col === 'period') {
    const options = col === 'tax' ? [{ value: '', label: '—' }, ...look.taxes.map(x => ({ value: x.id, label: x.label }))] : look.periods
    return <select {...common} value={text} onChange={e => { latest.current = e.target.value; setText(e.target.value) }}>{options.map(o => <option key={o.value} value={o.value}>{o.label}</option>)}</select>
  }
  return <input {...common} value={text} inputMode={NUMBERS.includes(col) ? 'decimal' : 'text'} autoComplete="off" onChange={e => setText(e.target.value)} />
}
