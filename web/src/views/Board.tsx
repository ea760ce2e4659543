// SPDX-License-Identifier: GPL-3.0-or-later
/* Records in columns by one field, from one request.  A card is moved by dragging, by Alt+arrows, by M, or from its
   menu; it moves at once and comes back if the server refuses. */
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { dropTargetForElements, monitorForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter'
import { Pencil } from 'lucide-react'
import { Link, useLocation } from 'wouter'
import { api, invalidateObject, isDenied, keys, Problem, queryClient, type BoardColumn, type BoardQuery } from '@/api'
import { toWire } from '@/fields/wire'
import { allOf, quote } from '@/fields/filterKit'
import { useI18n } from '@/i18n'
import { fieldOf, listHref, nameOf, recordHref, useMeta, type Field, type ObjectMeta } from '@/meta'
import { openRecordForm, undoToast } from '@/shell'
import { isEditable } from '@/fields'
import { Dot, ErrorState, Kbd, NoPermission, Popover, Skeleton, toast, toastError } from '@/ui'
import { BoardCard } from './BoardCard'
import { addPage, columnKey, moveCard, putCard, walk, wanted, type BoardData } from './boardModel'
import { usePrinting } from './usePrinting'
import './views.css'

/* Cards of a column in the first answer; more come when its end comes near. */
const PER = 25
const CARD = 104

/** What cards show, and what moving them needs. */
function shownFields(object: ObjectMeta): string[] {
  const b = object.board
  return [...new Set([object.label_field, ...(b?.card ?? []), b?.by, b?.sum, b?.mark])].filter((n): n is string => !!n && fieldOf(object, n) !== null)
}

interface Props { object: ObjectMeta; query: Omit<BoardQuery, 'by'>; readOnly: boolean; empty?: React.ReactNode }

export function Board({ object, query, readOnly, empty }: Props) {
  const { t } = useI18n(), meta = useMeta(), [, navigate] = useLocation()
  const by = object.board?.by ?? '', asked: BoardQuery = useMemo(() => ({ ...query, by, fields: shownFields(object) }), [query, by, object])
  const key = keys.board(object.name, asked)
  const { data, error, refetch } = useQuery({
    queryKey: key, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.board(object.plural, { ...asked, per: wanted(queryClient.getQueryData<BoardData>(key), PER) }, signal),
  })
  const root = useRef<HTMLDivElement>(null), [say, setSay] = useState('')
  const [menu, setMenu] = useState<{ id: string; at: { current: HTMLElement | null } } | null>(null)
  const field = fieldOf(object, by), movable = !readOnly && object.rights.update && field?.write !== false && !field?.readonly
  const cards = useMemo(() => (object.board?.card ?? []).map(n => fieldOf(object, n)).filter((f): f is Field => !!f && f.name !== object.label_field && f.name !== by), [object, by])

  const move = useCallback(async (id: string, to: string) => {
    const before = queryClient.getQueryData<BoardData>(key)
    const from = before?.columns.find(c => c.data.some(r => r.id === id)), into = before?.columns.find(c => columnKey(c.value) === to), rec = from?.data.find(r => r.id === id)
    if (!before || !into || !rec || from === into) return
    await queryClient.cancelQueries({ queryKey: key })
    queryClient.setQueryData(key, moveCard(before, id, to, by, object.board?.sum ?? null))
    setSay(t('board.moved', { name: rec.label ?? '', column: into.label }))
    try {
      const saved = await api.patch(object.plural, id, toWire(object.fields, { [by]: into.value }), rec.version)
      queryClient.setQueryData<BoardData>(key, b => b && putCard(b, { ...rec, ...saved }))
      invalidateObject(object.name, id)
      undoToast(t, t('board.moved', { name: rec.label ?? '', column: into.label }))
    } catch (e) {
      queryClient.setQueryData(key, before)
      setSay(t('board.refused'))
      /* Somebody else has moved it meanwhile: the board shows where, and says so. */
      if (e instanceof Problem && e.status === 409 && e.current) {
        invalidateObject(object.name, id)
        toast({ text: t('board.meanwhile', { name: rec.label ?? '', column: (e.current[by] as { label?: string } | null)?.label ?? into.label }) })
        return
      }
      const asks = e instanceof Problem ? e.errors.filter(x => x.field !== by && fieldOf(object, x.field)).map(x => x.field) : []
      /* The move needs more to be said: the form asks for it, with the step already taken. */
      if (asks.length && e instanceof Problem && e.errors.every(x => asks.includes(x.field))) openRecordForm({ object, record: await api.get(object.plural, id), defaults: { [by]: into.value }, only: asks })
      else toast({ kind: 'error', text: e instanceof Problem ? e.errors[0]?.message ?? e.message : t('board.refused') })
    }
  }, [by, key, object, t])

  const live = useRef(move)
  live.current = move
  useEffect(() => monitorForElements({
    onDrop: ({ source, location }) => {
      const to = location.current.dropTargets[0]?.data.column
      if (typeof to === 'string' && typeof source.data.id === 'string') void live.current(source.data.id, to)
    },
  }), [])

  const more = useCallback(async (c: BoardColumn) => {
    const page = await api.list(object.plural, { filter: c.filter, order_by: asked.order_by, q: asked.q, as_of: asked.as_of, fields: asked.fields, page_size: 2 * PER, page_token: c.next_page_token })
    queryClient.setQueryData<BoardData>(key, b => b && addPage(b, columnKey(c.value), page))
  }, [asked, key, object])
  /* A card outside the window is brought into it first. */
  const bring = useRef(new Map<string, (id: string) => void>())
  const focusCard = (id: string | null) => {
    if (!id) return
    for (const show of bring.current.values()) show(id)
    requestAnimationFrame(() => requestAnimationFrame(() => root.current?.querySelector<HTMLElement>(`[data-id="${id}"]`)?.focus()))
  }
  const change = useCallback(async (id: string) => {
    try {
      openRecordForm({ object, record: await api.get(object.plural, id), few: true, only: shownFields(object).filter(n => n !== by && n !== object.board?.mark && isEditable(fieldOf(object, n)!)) })
    } catch (e) { toastError(e) }
  }, [object, by])
  const openMenu = useCallback((id: string, at: HTMLElement) => setMenu({ id, at: { current: at } }), [])
  const onKey = (e: KeyboardEvent) => {
    const el = e.target as HTMLElement, id = el.dataset.id
    if (!id || !data) return
    const dx = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0, dy = e.key === 'ArrowDown' || e.code === 'KeyJ' ? 1 : e.key === 'ArrowUp' || e.code === 'KeyK' ? -1 : 0
    const act = (f: () => void) => { e.preventDefault(); e.stopPropagation(); f() }
    if (e.ctrlKey || e.metaKey) return
    if (e.altKey && dx && movable) {
      const x = data.columns.findIndex(c => c.data.some(r => r.id === id)), to = data.columns[x + dx]
      act(() => { if (to) void move(id, columnKey(to.value)).then(() => focusCard(id)); focusCard(id) })
    } else if (e.altKey) return
    else if (dx || dy) act(() => focusCard(walk(data, id, dx, dy)))
    else if (e.key === 'Enter') act(() => navigate(recordHref(meta, { object: object.name, id })))
    else if (e.code === 'KeyM' && movable) act(() => openMenu(id, el))
    else if (e.code === 'KeyE' && movable) act(() => void change(id))
  }

  if (error && isDenied(error)) return <NoPermission />
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />
  const columns = data?.columns ?? null
  if (empty && columns?.every(c => c.count === 0)) return empty
  return (
    <div ref={root} className="board" role="region" aria-label={object.label_plural} aria-busy={!columns || undefined} onKeyDown={onKey} tabIndex={-1}>
      {columns ? columns.map((c, i) => (
        <Column key={columnKey(c.value)} c={c} first={columns.findIndex(x => x.data.length > 0) === i} object={object} cards={cards} movable={movable} onMenu={openMenu} onOpen={navigate} onMore={more} bring={bring}
          all={listHref(object, { filter: allOf(query.filter, `${by} == ${c.value === null ? 'null' : quote(columnKey(c.value))}`), order_by: query.order_by, q: query.q ?? undefined, layout: 'list' })} />
      )) : [0, 1, 2, 3, 4].map(i => <Waiting key={i} cards={5 - i} />)}
      {menu && (
        <Popover isOpen onOpenChange={o => { if (!o) { setMenu(null); focusCard(menu.id) } }} anchor={menu.at} label={t('board.move')}>
          {() => <MoveMenu columns={columns ?? []} id={menu.id} onMove={to => { setMenu(null); void move(menu.id, to).then(() => focusCard(menu.id)) }} onChange={() => { setMenu(null); void change(menu.id) }} />}
        </Popover>
      )}
      <div className="sr" role="status">{say}</div>
    </div>
  )
}

function MoveMenu({ columns, id, onMove, onChange }: { columns: BoardColumn[]; id: string; onMove: (to: string) => void; onChange: () => void }) {
  const { t } = useI18n()
  const onKey = (e: KeyboardEvent<HTMLElement>) => {
    const items = [...e.currentTarget.querySelectorAll('button')], at = items.indexOf(document.activeElement as HTMLButtonElement)
    const d = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0
    if (d) { e.preventDefault(); items[(at + d + items.length) % items.length]?.focus() }
  }
  const targets = columns.filter(c => !c.data.some(r => r.id === id))
  return (
    <div className="menu" onKeyDown={onKey}>
      {targets.map((c, i) => (
        <button key={columnKey(c.value)} type="button" className="menu-item menu-button" autoFocus={i === 0} onClick={() => onMove(columnKey(c.value))}><Dot hue={c.color} /><span className="truncate">{c.label}</span></button>
      ))}
      <button type="button" className="menu-item menu-button menu-apart" onClick={onChange}><Pencil size={13} aria-hidden /><span className="truncate">{t('record.edit')}</span><Kbd keys="E" /></button>
    </div>
  )
}

interface ColumnProps {
  c: BoardColumn; first: boolean; object: ObjectMeta; cards: Field[]; movable: boolean; all: string; onMenu: (id: string, at: HTMLElement) => void; onOpen: (href: string) => void
  onMore: (c: BoardColumn) => Promise<void>; bring: { current: Map<string, (id: string) => void> }
}

/* Only the cards in sight are in the page: each is measured when it comes. */
function Column({ c, first, object, cards, movable, all, onMenu, onOpen, onMore, bring }: ColumnProps) {
  const { t, fmt } = useI18n(), meta = useMeta(), ref = useRef<HTMLElement>(null), list = useRef<HTMLUListElement>(null), [over, setOver] = useState(false), value = columnKey(c.value), printing = usePrinting()
  const rows = c.data, v = useVirtualizer({ count: rows.length, getScrollElement: () => list.current, estimateSize: () => CARD, gap: 5, overscan: printing ? rows.length : 4, getItemKey: i => rows[i]!.id, initialRect: { width: 240, height: 700 } })
  const items = v.getVirtualItems(), last = items.at(-1)?.index ?? 0, asking = useRef(false), shown = useRef(rows)
  shown.current = rows
  useEffect(() => {
    if (!c.next_page_token || asking.current || last < rows.length - 8) return
    asking.current = true
    void onMore(c).catch(toastError).finally(() => { asking.current = false })
  }, [c, last, rows.length, onMore])
  useEffect(() => {
    const map = bring.current
    map.set(value, id => {
      const i = shown.current.findIndex(r => r.id === id)
      if (i >= 0) v.scrollToIndex(i)
    })
    return () => void map.delete(value)
  }, [bring, v, value])
  useEffect(() => {
    if (!ref.current) return
    return dropTargetForElements({
      element: ref.current, getData: () => ({ column: value }), canDrop: ({ source }) => source.data.column !== value,
      onDragEnter: () => setOver(true), onDragLeave: () => setOver(false), onDrop: () => setOver(false),
    })
  }, [value])
  return (
    <section ref={ref} className="board-col" data-over={over || undefined} aria-label={c.label}>
      <header>
        <Dot hue={c.color} /><h2 className="truncate">{c.label}</h2><span className="dim num">{fmt.number(c.count)}</span>
        {c.sum && <span className="num sum" title={fmt.money(c.sum, 'exact')}>{fmt.money(c.sum, 'compact')}</span>}
        {c.weighted && c.weighted.amount !== c.sum?.amount && <span className="num small dim weighted" title={t('board.weighted', { sum: fmt.money(c.weighted, 'exact') })}>≈ {fmt.money(c.weighted, 'compact')}</span>}
      </header>
      <ul ref={list} className="board-cards" style={{ '--before': (items[0]?.start ?? 0) + 'px', '--after': Math.max(0, v.getTotalSize() - (items.at(-1)?.end ?? 0)) + 'px' } as React.CSSProperties}>
        {items.map(x => {
          const r = rows[x.index]!
          return <BoardCard key={r.id} index={x.index} measure={v.measureElement} rec={r} name={nameOf(object, r)} column={value} fields={cards} href={recordHref(meta, { object: object.name, id: r.id })} tab={first && x.index === 0} movable={movable} onMenu={onMenu} onOpen={onOpen} mark={object.board?.mark && r[object.board.mark] === true ? fieldOf(object, object.board.mark)?.label : undefined} />
        })}
        {rows.length < c.count && last >= rows.length - 1 && <li className="board-more"><Link href={all} className="link small">{t('board.show_all', { n: c.count })}</Link></li>}
      </ul>
    </section>
  )
}

function Waiting({ cards }: { cards: number }) {
  return (
    <section className="board-col" aria-hidden>
      <header><Skeleton width="50%" /></header>
      <ul className="board-cards">{Array.from({ length: cards }, (_, i) => <li key={i} className="board-card"><Skeleton width="76%" /><Skeleton width="48%" /><Skeleton width="60%" /></li>)}</ul>
    </section>
  )
}
