// SPDX-License-Identifier: GPL-3.0-or-later
/* The grid: an ARIA grid of one list, drawn by window.  Focus stays on the grid itself and the current cell is its
   active descendant, so scrolling never loses it.  Rows come by key, the next page when the end comes near. */
import { useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useLocation } from 'wouter'
import type { Rec } from '@/api'
import { isEditable, typeOf } from '@/fields'
import { useI18n } from '@/i18n'
import { recordHref, useMeta, type Field, type ObjectMeta } from '@/meta'
import { NOTHING, EVERYTHING, gridKey, isOn, setRange, toggle, type Cursor, type Selection } from './gridModel'
import type { Records } from './cache'
import { CHECK_WIDTH, layout, nextSort, withPin, withWidth, type ColumnPrefs } from './columns'
import type { Leave } from './CellEditor'
import { GridHead } from './GridHead'
import { GridRow, type RowApi } from './GridRow'
import { usePrinting } from './usePrinting'
import './views.css'

export interface GridProps {
  object: ObjectMeta
  fields: Field[]
  records: Records
  order: string
  onOrder: ((order: string) => void) | null
  prefs: ColumnPrefs
  onPrefs: (p: ColumnPrefs) => void
  onHide: ((field: string) => void) | null
  selection: Selection
  onSelect: ((s: Selection) => void) | null
  /** Null makes the grid read-only (the past, the bin). */
  onSave: ((rec: Rec, values: Record<string, unknown>) => void) | null
}

const narrow = () => matchMedia('(max-width: 719px)').matches
const SKELETONS = 24

export function Grid(p: GridProps) {
  const { t } = useI18n(), meta = useMeta(), [, navigate] = useLocation(), id = useId(), printing = usePrinting()
  const box = useRef<HTMLDivElement>(null), rowHeight = useMemo(() => narrow() ? 44 : 34, [])
  const [at, setAt] = useState<Cursor>({ row: 0, col: 0 }), [editing, setEditing] = useState(false)
  const { rows, hasMore, isLoading, loadMore } = p.records
  const count = isLoading ? SKELETONS : rows.length + (hasMore ? 3 : 0)
  const label = p.object.label_field ?? 'label'
  const columns = useMemo(() => layout(p.fields, label, narrow() ? { widths: { [label]: 190, ...p.prefs.widths }, pinned: [] } : p.prefs), [p.fields, label, p.prefs])
  const template = useMemo(() => `${CHECK_WIDTH}px ` + columns.map(c => c.width + 'px').join(' ') + ' minmax(0, 1fr)', [columns])
  const width = CHECK_WIDTH + columns.reduce((a, c) => a + c.width, 0)
  const v = useVirtualizer({ count, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: printing ? count : 8, scrollPaddingStart: 32 })
  const items = v.getVirtualItems(), last = items.at(-1)?.index ?? 0

  useEffect(() => { if (hasMore && last >= rows.length - 12) loadMore() }, [hasMore, last, rows.length, loadMore])
  useEffect(() => { setAt(a => a.row >= rows.length && !isLoading ? { ...a, row: Math.max(0, rows.length - 1) } : a) }, [rows.length, isLoading])

  const move = useCallback((to: Cursor) => {
    setAt(to)
    if (to.row >= 0) v.scrollToIndex(to.row)
    requestAnimationFrame(() => document.getElementById(`${id}-${to.row}-${to.col}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' }))
  }, [id, v])
  const focus = () => box.current?.focus({ preventScroll: true })
  const anchor = useRef<number | null>(null), base = useRef<Rec | null>(null)
  const select = (row: number, range: boolean) => {
    const rec = rows[row]
    if (!rec || !p.onSelect) return
    if (range && anchor.current !== null) {
      const [a, b] = [Math.min(anchor.current, row), Math.max(anchor.current, row)]
      p.onSelect(setRange(p.selection, rows.slice(a, b + 1).map(r => r.id), true))
    } else p.onSelect(toggle(p.selection, rec.id))
    anchor.current = row
  }
  const edit = (row: number, col: number) => {
    const f = columns[col]?.field
    if (!p.onSave || !rows[row] || !f || !isEditable(f) || !p.object.rights.update) return
    /* What is changed is the record as it was read: a newer one that comes in meanwhile must not be written over. */
    base.current = rows[row] ?? null
    setAt({ row, col })
    const { flip } = typeOf(f)
    if (flip) {
      p.onSave(rows[row], { [f.name]: flip(rows[row][f.name]) })
      return
    }
    setEditing(true)
  }
  const leave = (to: Leave) => {
    setEditing(false)
    focus()
    const d: Record<Leave, Cursor> = { stay: at, down: { ...at, row: at.row + 1 }, right: { ...at, col: at.col + 1 }, left: { ...at, col: at.col - 1 } }
    const next = d[to]
    if (next.row < rows.length && next.col >= 0 && next.col < columns.length) move(next)
  }

  const api = useRef({} as RowApi)
  Object.assign(api.current, {
    href: r => recordHref(meta, { object: p.object.name, id: r.id }),
    open: r => navigate(recordHref(meta, { object: p.object.name, id: r.id })),
    press: (row, col) => {
      if (editing) return
      const again = at.row === row && at.col === col && document.activeElement === box.current
      setAt({ row, col })
      focus()
      const f = columns[col]?.field
      if (again && f && f.name !== label && !typeOf(f).flip) edit(row, col)
    },
    edit, toggle: (row, range) => { select(row, range); focus() },
    done: (r, f, value, to) => { leave(to); p.onSave?.(base.current ?? r, { [f.name]: value }) },
    cancel: () => { setEditing(false); focus() },
  } satisfies RowApi)

  const sort = p.onOrder && ((field: string, keep: boolean, to?: 'asc' | 'desc') => p.onOrder?.(to ? (to === 'desc' ? '-' : '') + field : nextSort(p.order, field, keep)))
  const onKey = (e: KeyboardEvent) => {
    if (editing || e.target !== box.current) return
    const act = gridKey(at, { key: e.key, ctrl: e.ctrlKey || e.metaKey, shift: e.shiftKey, alt: e.altKey }, { rows: rows.length, cols: columns.length, page: 15, head: true })
    if (!act) return
    const rec = rows[at.row], field = columns[at.col]?.field
    if (act.do === 'escape' && (!p.onSelect || (!p.selection.all && !p.selection.ids.size))) return
    e.preventDefault()
    e.stopPropagation()
    if (act.do === 'move') {
      if (act.extend && act.to.row !== at.row && p.onSelect) p.onSelect(setRange(p.selection, [rows[at.row], rows[act.to.row]].flatMap(r => r ? [r.id] : []), true))
      move(act.to)
    } else if (act.do === 'open') {
      if (at.row < 0 && field) { if (field.sortable) sort?.(field.name, e.shiftKey) }
      else if (rec) api.current.open(rec)
    } else if (act.do === 'edit' && at.row < 0) document.getElementById(`${id}--1-${at.col}`)?.querySelector<HTMLElement>('.head-menu button')?.click()
    else if (act.do === 'edit') edit(at.row, at.col)
    else if (act.do === 'toggle') select(at.row, false)
    else if (act.do === 'all') p.onSelect?.(EVERYTHING)
    else if (act.do === 'escape') p.onSelect?.(NOTHING)
  }
  const on = rows.filter(r => isOn(p.selection, r.id)).length
  const all = p.selection.all && on === rows.length ? 'all' : on === 0 ? 'none' : on === rows.length && !hasMore ? 'all' : 'some'

  return (
    <div ref={box} className="grid" role="grid" tabIndex={0} aria-label={p.object.label_plural} aria-rowcount={hasMore ? -1 : rows.length + 1} aria-colcount={columns.length + 1}
      aria-multiselectable={p.onSelect ? true : undefined} aria-busy={isLoading || undefined} aria-activedescendant={editing || !columns.length ? undefined : `${id}-${at.row}-${at.col}`} onKeyDown={onKey}>
      <div className="grid-body" style={{ minWidth: width }}>
        <GridHead id={id} columns={columns} label={label} template={template} order={p.order} current={at.row === -1 ? at.col : -1} all={all}
          onAll={p.onSelect && (() => p.onSelect?.(all === 'none' ? EVERYTHING : NOTHING))} onSort={sort}
          onResize={(f, w) => p.onPrefs(withWidth(p.prefs, f, w))} onPin={(f, x) => p.onPrefs(withPin(p.prefs, f, x))} onHide={p.onHide} />
        <div role="rowgroup" className="grid-rows" style={{ height: v.getTotalSize() }}>
          {items.map(x => {
            const rec = isLoading ? undefined : rows[x.index], here = at.row === x.index
            return (
              <GridRow key={rec?.id ?? 'wait' + x.index} id={id} index={x.index} top={x.start} rec={rec} columns={columns} label={label} template={template} selected={!!rec && isOn(p.selection, rec.id)}
                current={here ? at.col : -1} editing={here && editing} api={api} checkLabel={t('list.select')} selectable={p.onSelect !== null} />
            )
          })}
        </div>
      </div>
    </div>
  )
}
