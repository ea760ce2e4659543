// SPDX-License-Identifier: GPL-3.0-or-later
/* One row of the grid.  Memoised: scrolling draws only rows that come in; callbacks go through one stable object. */
import { lazy, memo, Suspense, type MouseEvent } from 'react'
import { Link } from 'wouter'
import type { Rec } from '@/api'
import { typeOf, Value } from '@/fields'
import type { Field } from '@/meta'
import { cx, Skeleton } from '@/ui'
import type { Leave } from './CellEditor'
import type { Column } from './columns'

const CellEditor = lazy(() => import('./CellEditor').then(m => ({ default: m.CellEditor })))

export interface RowApi {
  href: (r: Rec) => string
  press: (row: number, col: number) => void
  edit: (row: number, col: number) => void
  open: (r: Rec) => void
  toggle: (row: number, range: boolean) => void
  done: (r: Rec, f: Field, v: unknown, leave: Leave) => void
  cancel: () => void
}

interface Props {
  id: string; index: number; top: number; rec: Rec | undefined; columns: Column<Field>[]; label: string; template: string
  selected: boolean; current: number; editing: boolean; api: { current: RowApi }; checkLabel: string; selectable: boolean
}

export const GridRow = memo(function GridRow({ id, index, top, rec, columns, label, template, selected, current, editing, api, checkLabel, selectable }: Props) {
  const a = api.current
  return (
    <div role="row" aria-rowindex={index + 2} aria-selected={selectable ? selected : undefined} className={cx('grid-row', selected && 'on', current >= 0 && 'cur')}
      style={{ gridTemplateColumns: template, transform: `translateY(${top}px)` }}>
      <div role="gridcell" aria-colindex={1} className="cell check-cell">
        {rec && selectable && (
          <input type="checkbox" tabIndex={-1} checked={selected} aria-label={checkLabel + ' ' + (rec.label ?? '')} readOnly
            onClick={e => a.toggle(index, e.shiftKey)} onMouseDown={e => e.preventDefault()} />
        )}
      </div>
      {columns.map((c, n) => {
        const mine = current === n, isLabel = c.field.name === label
        return (
          <div key={c.field.name} id={`${id}-${index}-${n}`} role="gridcell" aria-colindex={n + 2} style={c.pinned ? { left: c.left } : undefined}
            className={cx('cell', typeOf(c.field).align === 'right' && 'right', isLabel && 'title', c.pinned && 'pinned', mine && 'at', mine && editing && 'editing')}
            onClick={() => a.press(index, n)} onDoubleClick={() => rec && (isLabel ? a.open(rec) : a.edit(index, n))}>
            <Inner rec={rec} field={c.field} isLabel={isLabel} editing={mine && editing} api={api} wide={40 + ((index * 7 + n * 13) % 45)} />
          </div>
        )
      })}
    </div>
  )
})

function Inner({ rec, field, isLabel, editing, api, wide }: { rec?: Rec; field: Field; isLabel: boolean; editing: boolean; api: { current: RowApi }; wide: number }) {
  if (!rec) return <Skeleton width={wide + '%'} />
  const a = api.current
  if (editing) return <Suspense fallback={<Value field={field} value={rec[field.name]} />}><CellEditor field={field} value={rec[field.name]} onDone={(v, leave) => a.done(rec, field, v, leave)} onCancel={a.cancel} /></Suspense>
  if (!isLabel) return <Value field={field} value={rec[field.name]} />
  const open = (e: MouseEvent) => e.stopPropagation()
  return <Link href={a.href(rec)} tabIndex={-1} className="truncate" onClick={open}>{rec.label ?? '—'}</Link>
}
