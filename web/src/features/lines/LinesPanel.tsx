// SPDX-License-Identifier: GPL-3.0-or-later
/* The lines of a quote, order, invoice or deal: a table changed in place.  What a line comes to is worked out by the
   server alone: figures wait, greyed, until it has answered. */
import { useCallback, useMemo, useRef, useState, type ClipboardEvent, type KeyboardEvent } from 'react'
import { ArrowDown, ArrowUp, Copy, Pencil, Trash2 } from 'lucide-react'
import { api, useWatch, type Rec, type Ref } from '@/api'
import { toWire } from '@/fields/wire'
import type { Money } from '@/fields/types'
import { Texts, useTexts } from '@/features/import/texts'
import { useI18n } from '@/i18n'
import { fieldOf, useMe, useMeta, type ObjectMeta } from '@/meta'
import { openRecordForm, undoToast } from '@/shell'
import { cx, ErrorState, IconButton, Panel, SkeletonRows, toast, toastError } from '@/ui'
import { AddLine } from './AddLine'
import { LineRow, type Leave, type Look, type RowApi } from './Cell'
import { copyOf, lineFrom, place, productsFor, useLines, useRefresh, useTaxes, type Product } from './calls'
import { lineKey, NUMBERS, readPaste, reorder, roomAfter, typedNumber, type Column, type Cursor } from './model'
import './lines.css'

interface Props { object: ObjectMeta; line: ObjectMeta; rec: Rec; readOnly: boolean }

const WIDTHS: Record<Column, string> = { name: 'minmax(180px, 1fr)', quantity: '84px', unit: '70px', price: '124px', discount: '96px', tax: '92px', period: '128px', term: '76px', total: '132px' }
const NARROW: Column[] = ['name', 'quantity', 'price', 'total']
const SUMS = ['discount_total', 'net', 'tax', 'gross']
const DEAL_SUMS = ['lines_total', 'amount']
const RECURRING = ['once', 'mrr', 'arr', 'tcv']

/* What has gone out stands: the server refuses, and the table does not offer. */
const isFixed = (object: ObjectMeta, rec: Rec) => object.name === 'order' ? ['closed', 'cancelled'].includes(String(rec.status)) : object.name !== 'deal' && rec.status !== 'draft'

export default function LinesPanel(props: Props) {
  return <Texts waiting={<Panel className="lines"><SkeletonRows rows={3} /></Panel>}><Body {...props} /></Texts>
}

function currencyOf(rec: Rec, lines: Rec[] | undefined, own: string): string {
  const label = (rec.currency as Ref | null)?.label ?? ''
  return (rec.gross as Money | null)?.currency ?? (lines?.find(l => l.price)?.price as Money | undefined)?.currency ?? (/^[A-Z]{3}$/.test(label) ? label : (rec.amount as Money | null)?.currency ?? own)
}

function Body({ object, line, rec, readOnly }: Props) {
  const { t, fmt } = useTexts(), { t: plain, language } = useI18n(), meta = useMeta(), me = useMe()
  const { lines, error, retry, put, key } = useLines(object, line, rec.id), refresh = useRefresh(object, rec.id, key)
  const [at, setAt] = useState<Cursor>({ row: 0, col: 0 }), [editing, setEditing] = useState<string | null>(null), [busy, setBusy] = useState(0)
  const box = useRef<HTMLDivElement>(null), adder = useRef<HTMLInputElement>(null), id = `lines-${rec.id}`
  useWatch(line.name)
  const canWrite = !readOnly && !isFixed(object, rec) && line.rights.update, canAdd = canWrite && line.rights.create
  const currency = currencyOf(rec, lines, meta.company.currency), taxes = useTaxes(meta, me.company.country, String(rec.date ?? fmt.today()))
  const narrow = useMemo(() => matchMedia('(max-width: 719px)').matches, [])
  const recurs = lines?.some(l => l.period && l.period !== 'once') ?? false
  const columns = useMemo<Column[]>(() => narrow ? NARROW : ['name', 'quantity', 'unit', 'price', 'discount', 'tax', 'period', ...(recurs ? ['term' as const] : []), 'total'], [narrow, recurs])
  const template = narrow ? 'minmax(0, 1fr) 52px 88px 92px' : columns.map(c => WIDTHS[c]).join(' ')
  const labels = useMemo(() => Object.fromEntries((Object.keys(WIDTHS) as Column[]).map(c => [c, fieldOf(line, c === 'tax' ? 'tax_rate' : c)?.label ?? c])) as Record<Column, string>, [line])
  const look = useMemo<Look>(() => ({ language, fmt, taxes, periods: (fieldOf(line, 'period')?.options ?? []).map(o => ({ value: o.value, label: o.label })) }), [language, fmt, taxes, line])
  const rows = lines ?? []

  const focus = () => box.current?.focus({ preventScroll: true })
  const go = useCallback((to: Cursor) => {
    setAt(to)
    requestAnimationFrame(() => document.getElementById(`${id}-${to.row}-${to.col}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' }))
  }, [id])
  /* Runs a change; while any is under way the figures are grey, and when all have rested they are asked again. */
  const act = async (change: () => Promise<void>) => {
    setBusy(n => n + 1)
    try { await change() } catch (e) { toastError(e) } finally {
      setBusy(n => n - 1)
      refresh()
    }
  }
  const save = (of: Rec, values: Record<string, unknown>) => {
    put(all => all.map(l => l.id === of.id ? { ...l, ...values } : l))
    void act(async () => {
      const saved = await api.patch(line.plural, of.id, toWire(line.fields, values))
      put(all => all.map(l => l.id === of.id ? { ...l, ...saved } : l))
    })
  }
  const add = (product: Product | null, text: string) => void act(async () => {
    const made = await api.create(line.plural, { [object.name]: { object: object.name, id: rec.id }, ...lineFrom({ text, quantity: '1', unit: null, price: null, discount: null }, product ?? undefined, currency) })
    put(all => [...all, made])
    go({ row: rows.length, col: 1 })
    setEditing('')
  })
  const paste = (text: string) => {
    const pasted = readPaste(text, language)
    if (!pasted.length) return
    void act(async () => {
      const products = await productsFor(meta, pasted.map(p => p.text))
      const made = await api.batchCreate(line.plural, pasted.map(p => ({ [object.name]: { object: object.name, id: rec.id }, ...lineFrom(p, products.get(p.text), currency) })))
      undoToast(plain, t('lines.pasted', { n: pasted.length, free: pasted.filter(p => !products.has(p.text)).length }), made.batch)
    })
  }
  const remove = (row: number) => {
    const gone = rows[row]
    if (!gone) return
    put(all => all.filter(l => l.id !== gone.id))
    go({ ...at, row: Math.max(0, Math.min(row, rows.length - 2)) })
    void act(async () => {
      const done = await api.batchDelete(line.plural, { ids: [gone.id] })
      undoToast(plain, t('lines.removed', { name: String(gone.name ?? '') }), done.batch)
    })
  }
  const move = (row: number, to: number) => {
    const places = reorder(rows as never, row, to)
    if (!places.length) return
    const now = new Map(places.map(p => [p.id, p.position]))
    put(all => all.map(l => now.has(l.id) ? { ...l, position: now.get(l.id) } : l).sort((a, b) => Number(a.position) - Number(b.position)))
    go({ ...at, row: to })
    void act(async () => { await place(line, places) })
  }
  const copy = (row: number) => {
    const of = rows[row]
    if (!of) return
    const room = roomAfter(rows as never, row)
    void act(async () => {
      if (room.moved.length) await place(line, room.moved)
      const made = await api.create(line.plural, { ...toWire(line.fields, copyOf(line, of)), [object.name]: { object: object.name, id: rec.id }, position: room.position })
      put(all => [...all.slice(0, row + 1), made, ...all.slice(row + 1)])
      go({ ...at, row: row + 1 })
    })
  }

  const edit = (row: number, col: number, text = '') => {
    if (!canWrite || columns[col] === 'total' || !rows[row]) return
    setAt({ row, col })
    setEditing(text)
  }
  const leave = (to: Leave) => {
    setEditing(null)
    if (to !== 'stay') focus()
    if (to === 'down' && at.row + 1 >= rows.length) adder.current?.focus()
    else if (to === 'down') go({ ...at, row: at.row + 1 })
    else if (to === 'right' && at.col + 1 < columns.length) go({ ...at, col: at.col + 1 })
    else if (to === 'left' && at.col > 0) go({ ...at, col: at.col - 1 })
  }
  const values = (text: string, col: Column): Record<string, unknown> | null => {
    if (col === 'name') return { name: text.trim() || null }
    if (col === 'unit') return { unit: text.trim() || null }
    if (col === 'tax') return { tax_rate: text ? { object: 'tax_rate', id: text, label: taxes.find(x => x.id === text)?.label } : null, ...(!text && { vat: null }) }
    if (col === 'period') return { period: text }
    const number = typedNumber(text, language)
    if (number === undefined || (number === null && (col === 'quantity' || col === 'price'))) return null
    return { [col]: col === 'price' ? { amount: number, currency } : col === 'term' && number !== null ? Number(number) : number }
  }
  const rowApi = useRef({} as RowApi)
  Object.assign(rowApi.current, {
    press: (row, col) => {
      if (editing !== null && at.row === row && at.col === col) return
      const again = at.row === row && at.col === col && document.activeElement === box.current
      setAt({ row, col })
      focus()
      if (again) edit(row, col)
    },
    edit: (row, col) => edit(row, col),
    cancel: () => { setEditing(null); focus() },
    done: (text, to) => {
      const of = rows[at.row], col = columns[at.col]!
      leave(to)
      if (!of) return
      const next = values(text, col)
      if (!next) toast({ kind: 'error', text: plain('ui.not_a_number') })
      else if (JSON.stringify(toWire(line.fields, next)) !== JSON.stringify(toWire(line.fields, Object.fromEntries(Object.keys(next).map(n => [n, of[n] ?? null]))))) save(of, next)
    },
  } satisfies RowApi)
  const onKey = (e: KeyboardEvent) => {
    if (e.target !== box.current || editing !== null) return
    const does = lineKey(at, { key: e.key, ctrl: e.ctrlKey || e.metaKey, shift: e.shiftKey, alt: e.altKey }, rows.length, columns.length)
    if (!does || (does.do !== 'go' && !canWrite)) return
    e.preventDefault()
    e.stopPropagation()
    if (does.do === 'go') go(does.to)
    else if (does.do === 'add') adder.current?.focus()
    else if (does.do === 'edit') edit(at.row, at.col, does.text)
    else if (does.do === 'remove') remove(at.row)
    else if (does.do === 'copy') copy(at.row)
    else move(at.row, at.row + (does.do === 'up' ? -1 : 1))
  }
  const onPaste = (e: ClipboardEvent) => {
    const text = e.clipboardData.getData('text/plain')
    if (!canAdd || editing !== null || (e.target !== box.current && !/[\t\n]/.test(text))) return
    e.preventDefault()
    paste(text)
  }
  const up = () => { if (rows.length) { go({ row: rows.length - 1, col: at.col }); focus() } }
  if (error) return <Panel className="lines"><ErrorState error={error} onRetry={retry} /></Panel>
  if (!lines) return <Panel className="lines"><SkeletonRows rows={3} /></Panel>
  const tool = (icon: typeof Copy, label: string, keys: string, run: () => void, off = false) => <IconButton icon={icon} size={14} label={keys ? `${label} (${keys})` : label} isDisabled={off || !rows[at.row]} onPress={() => { run(); focus() }} />
  return (
    <div onPaste={onPaste}>
      <Panel className="lines" title={line.label_plural} count={fmt.number(rows.length)} actions={canWrite && rows.length > 0 && (
        <span className="lines-tools">
          {tool(ArrowUp, t('lines.up'), 'Alt ↑', () => move(at.row, at.row - 1), at.row === 0)}
          {tool(ArrowDown, t('lines.down'), 'Alt ↓', () => move(at.row, at.row + 1), at.row >= rows.length - 1)}
          {tool(Copy, t('lines.copy'), 'Ctrl D', () => copy(at.row))}
          {tool(Pencil, t('lines.more'), '', () => void api.get(line.plural, rows[at.row]!.id).then(r => openRecordForm({ object: line, record: r, onSaved: refresh }), toastError))}
          {tool(Trash2, t('lines.remove'), 'Del', () => remove(at.row))}
        </span>
      )}>
        {rows.length > 0 && (
          <div ref={box} className="lines-scroll" role="grid" tabIndex={0} aria-label={line.label_plural} aria-rowcount={rows.length + 1} aria-colcount={columns.length} aria-readonly={!canWrite || undefined}
            aria-activedescendant={editing !== null ? undefined : `${id}-${at.row}-${at.col}`} onKeyDown={onKey}>
            <div role="row" aria-rowindex={1} className="line-head" style={{ gridTemplateColumns: template }}>
              {columns.map((c, n) => <div key={c} role="columnheader" aria-colindex={n + 1} className={cx('truncate', NUMBERS.includes(c) && 'num')}>{labels[c]}</div>)}
            </div>
            {rows.map((l, i) => <LineRow key={l.id} id={id} row={i} rec={l} columns={columns} labels={labels} at={at.row === i ? at.col : -1} editing={at.row === i ? editing : null} look={look} api={rowApi} template={template} />)}
          </div>
        )}
        {canAdd && <AddLine inputRef={adder} onAdd={add} onUp={up} />}
        {!rows.length && !canAdd && <p className="dim small">{plain('record.no_related')}</p>}
        {rows.length > 0 && <Sums object={object} rec={rec} waiting={busy > 0} />}
      </Panel>
    </div>
  )
}

function Sums({ object, rec, waiting }: { object: ObjectMeta; rec: Rec; waiting: boolean }) {
  const { fmt } = useTexts(), isSome = (v: unknown) => v && !/^0(\.0*)?$/.test((v as Money).amount)
  const names = [...(object.name === 'deal' ? DEAL_SUMS : SUMS), ...(isSome(rec.mrr) ? RECURRING : [])].filter(n => n === 'gross' || n === 'net' || isSome(rec[n]))
  return (
    <dl className="line-sums num" data-waiting={waiting || undefined} aria-busy={waiting || undefined}>
      {names.map(n => fieldOf(object, n)).map(f => f && rec[f.name] != null && <div key={f.name}><dt>{f.label}</dt><dd>{fmt.money(rec[f.name] as Money, 'exact')}</dd></div>)}
    </dl>
  )
}
