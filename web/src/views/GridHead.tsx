// SPDX-License-Identifier: GPL-3.0-or-later
/* The header of the grid: sorting, widths by drag, and a menu for each column. */
import { useRef, type PointerEvent } from 'react'
import { ArrowDown, ArrowUp, ChevronDown, EyeOff, Pin, PinOff } from 'lucide-react'
import { typeOf } from '@/fields'
import { useI18n } from '@/i18n'
import type { Field } from '@/meta'
import { cx, IconButton, Menu } from '@/ui'
import { sortOf, type Column } from './columns'

export interface HeadProps {
  id: string; columns: Column<Field>[]; label: string; template: string; order: string; current: number
  all: 'none' | 'some' | 'all'; onAll: (() => void) | null
  onSort: ((field: string, keep: boolean, to?: 'asc' | 'desc') => void) | null
  onResize: (field: string, width: number) => void; onPin: (field: string, on: boolean) => void; onHide: ((field: string) => void) | null
}

export function GridHead(p: HeadProps) {
  const { t } = useI18n()
  return (
    <div className="grid-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: p.template }}>
      <div role="columnheader" aria-colindex={1} className="cell check-cell">
        {p.onAll ? (
          <input type="checkbox" tabIndex={-1} aria-label={t('list.select_all')} checked={p.all === 'all'} ref={el => { if (el) el.indeterminate = p.all === 'some' }} onChange={p.onAll} />
        ) : <span className="sr">{t('list.selection')}</span>}
      </div>
      {p.columns.map((c, n) => <HeadCell key={c.field.name} p={p} c={c} n={n} />)}
    </div>
  )
}

function HeadCell({ p, c, n }: { p: HeadProps; c: Column<Field>; n: number }) {
  const f = c.field, sort = sortOf(p.order, f.name), sortable = p.onSort !== null && f.sortable === true
  const Arrow = sort === 'descending' ? ArrowDown : ArrowUp
  return (
    <div id={`${p.id}--1-${n}`} role="columnheader" aria-colindex={n + 2} aria-sort={sortable ? sort : undefined} style={c.pinned ? { left: c.left } : undefined}
      className={cx('cell head-cell', typeOf(f).align === 'right' && 'right', c.pinned && 'pinned', p.current === n && 'at')}>
      {sortable ? (
        <button type="button" tabIndex={-1} className="head-sort" title={f.help ?? undefined} onClick={e => p.onSort?.(f.name, e.shiftKey)}>
          <span className="truncate">{f.label}</span>{sort !== 'none' && <Arrow size={12} aria-hidden />}
        </button>
      ) : <span className="truncate" title={f.help ?? undefined}>{f.label}</span>}
      <HeadMenu p={p} c={c} sortable={sortable} />
      <ResizeHandle width={c.width} onResize={w => p.onResize(f.name, w)} />
    </div>
  )
}

function HeadMenu({ p, c, sortable }: { p: HeadProps; c: Column<Field>; sortable: boolean }) {
  const { t } = useI18n(), name = c.field.name
  const items = [
    ...(sortable ? [
      { id: 'asc', label: t('list.sort_up'), icon: ArrowUp, onAction: () => p.onSort?.(name, false, 'asc') },
      { id: 'desc', label: t('list.sort_down'), icon: ArrowDown, onAction: () => p.onSort?.(name, false, 'desc') },
    ] : []),
    c.pinned ? { id: 'unpin', label: t('list.unpin'), icon: PinOff, onAction: () => p.onPin(name, false) } : { id: 'pin', label: t('list.pin'), icon: Pin, onAction: () => p.onPin(name, true) },
    ...(p.onHide && name !== p.label ? [{ id: 'hide', label: t('list.hide'), icon: EyeOff, onAction: () => p.onHide?.(name) }] : []),
  ]
  return (
    <span className="head-menu">
      <Menu label={c.field.label} trigger={<IconButton icon={ChevronDown} size={13} label={t('list.column_menu', { name: c.field.label })} excludeFromTabOrder />} items={items} />
    </span>
  )
}

function ResizeHandle({ width, onResize }: { width: number; onResize: (w: number) => void }) {
  const start = useRef<{ x: number; w: number } | null>(null)
  const down = (e: PointerEvent<HTMLElement>) => {
    e.preventDefault()
    e.currentTarget.setPointerCapture(e.pointerId)
    start.current = { x: e.clientX, w: width }
  }
  const move = (e: PointerEvent) => { if (start.current) onResize(start.current.w + e.clientX - start.current.x) }
  return <span className="resize" aria-hidden onPointerDown={down} onPointerMove={move} onPointerUp={() => { start.current = null }} onPointerCancel={() => { start.current = null }} />
}
