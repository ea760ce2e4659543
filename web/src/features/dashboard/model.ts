// SPDX-License-Identifier: GPL-3.0-or-later
/* What a tile asks and what comes of it, without components: groups as conditions, rows as points, the list behind each number. */
import type { Money, Ref } from '@/api'
import type { Field, Meta, ObjectMeta } from '@/meta'
import { allOf, quote } from '../../fields/celtext'
import { isMoney, type PeriodInfo, type Report, type ReportRow, type TileDef } from './calls'

export interface Group { text: string; bucket: string | null; field: Field | null }

const DATED = new Set(['date', 'timestamp'])
const shown = (f: Field) => ((f.type === 'formula' || f.type === 'rollup') && f.result ? f.result : f.type)
const objectOf = (meta: Meta, name: string | null | undefined): ObjectMeta | null => meta.objects.find((o) => o.name === name) ?? null
const fieldIn = (o: ObjectMeta | null, name: string): Field | null => o?.fields.find((f) => f.name === name) ?? null

/** A group such as owner, account.industry or month(closed_on), with its field. */
export function groupOf(meta: Meta, object: string, text: string): Group {
  const call = /^(\w+)\(([\w.]+)\)$/.exec(text), name = call ? call[2]! : text
  const [first, second] = name.split('.')
  let field = fieldIn(objectOf(meta, object), first!)
  if (second) field = fieldIn(objectOf(meta, field?.type === 'user' ? 'user' : field?.target), second)
  return { text: name, bucket: call?.[1] ?? null, field }
}

export const groupsOf = (meta: Meta, object: string, text: string | null | undefined): Group[] =>
  (text ?? '').split(',').map((g) => g.trim()).filter(Boolean).map((g) => groupOf(meta, object, g))

/** The first day after a bucket that begins on `day`. */
export function bucketEnd(day: string, bucket: string): string {
  const at = new Date(day + 'T00:00:00Z')
  if (bucket === 'day' || bucket === 'week') at.setUTCDate(at.getUTCDate() + (bucket === 'week' ? 7 : 1))
  else at.setUTCMonth(at.getUTCMonth() + (bucket === 'month' ? 1 : bucket === 'quarter' ? 3 : 12))
  return at.toISOString().slice(0, 10)
}

/** The moment a day begins in a zone. */
export function dayStart(day: string, zone: string): string {
  const wanted = Date.parse(day + 'T00:00:00Z')
  let at = wanted
  for (let i = 0; i < 2; i++) at += wanted - Date.parse(new Date(at).toLocaleString('sv', { timeZone: zone }).replace(' ', 'T') + 'Z')
  return new Date(at).toISOString().replace('.000', '')
}

/** What a row is grouped by, as a condition of the list behind it; null when it cannot be said. */
export function groupCel(g: Group, value: unknown, zone: string): string | null {
  if (g.bucket) {
    if (value === null || value === undefined) return `${g.text} == null`
    const from = String(value), until = bucketEnd(from, g.bucket)
    return g.field && shown(g.field) === 'timestamp'
      ? `${g.text} >= timestamp('${dayStart(from, zone)}') && ${g.text} < timestamp('${dayStart(until, zone)}')`
      : `${g.text} >= date('${from}') && ${g.text} < date('${until}')`
  }
  if (value === null || value === undefined) return `${g.text} == null`
  if (typeof value === 'boolean' || typeof value === 'number') return `${g.text} == ${value}`
  return `${g.text} == ${quote(typeof value === 'object' ? (value as Ref).id : String(value))}`
}

/** The condition of a period on a field: a day, or a moment in the user's zone. */
export function periodCel(meta: Meta, object: string, field: string | null, period: PeriodInfo | null, zone: string): string {
  if (!field || !period) return ''
  const f = fieldIn(objectOf(meta, object), field)
  if (f && shown(f) === 'timestamp') return `${field} >= timestamp('${dayStart(period.start, zone)}') && ${field} < timestamp('${dayStart(bucketEnd(period.end, 'day'), zone)}')`
  return `${field} >= date('${period.start}') && ${field} <= date('${period.end}')`
}

export interface Cell { number: number | null; raw: unknown; kind: string; href: string | null }
export interface Row { values: { group: Group; value: unknown }[]; cells: Cell[]; href: string | null }
export interface Figures { groups: Group[]; columns: { key: string; kind: string }[]; rows: Row[]; total: Cell[] | null; isDated: boolean }

export const numberOf = (v: unknown): number | null => (v === null || v === undefined ? null : isMoney(v) ? Number(v.amount) : Number(v))

const listAt = (meta: Meta, object: string | undefined, filter: string): string | null => {
  const o = objectOf(meta, object)
  return o ? `/o/${o.plural}?` + new URLSearchParams(filter ? { filter } : { view: 'all' }).toString() : null
}

const kindOfValue = (v: unknown): string => (isMoney(v) ? 'money' : typeof v === 'number' ? 'integer' : 'decimal')

/** What :aggregate answered, as figures. */
export function fromAggregate(meta: Meta, tile: Pick<TileDef, 'object' | 'group_by' | 'drill'>, measure: string, filter: string, data: Record<string, unknown>[], zone: string): Figures {
  const object = tile.object ?? '', groups = groupsOf(meta, object, tile.group_by), texts = (tile.group_by ?? '').split(',').map((g) => g.trim())
  const rows = data.map((d): Row => {
    const values = groups.map((group, i) => ({ group, value: d[texts[i]!] }))
    const conditions = values.map((v) => groupCel(v.group, v.value, zone))
    const href = tile.drill || listAt(meta, object, allOf(filter, ...conditions))
    const raw = d[measure]
    return { values, href, cells: [{ number: numberOf(raw), raw, kind: kindOfValue(raw), href }] }
  })
  const isDated = groups.some((g) => g.bucket !== null), total = groups.length ? null : rows[0]?.cells ?? null
  const kind = rows.find((r) => r.cells[0]!.raw !== null)?.cells[0]!.kind ?? 'integer'
  return { groups, columns: [{ key: measure, kind }], rows: groups.length ? (isDated ? filled(rows, groups) : sorted(rows)) : [], total, isDated }
}

const sorted = (rows: Row[]): Row[] => [...rows].sort((a, b) => (b.cells[0]!.number ?? 0) - (a.cells[0]!.number ?? 0))

/* Months without anything are points too, with nothing. */
function filled(rows: Row[], groups: Group[]): Row[] {
  const g = groups[0]!, known = rows.filter((r) => typeof r.values[0]!.value === 'string')
  if (groups.length > 1 || !g.bucket || known.length < 2) return rows
  const byDay = new Map(known.map((r) => [String(r.values[0]!.value), r])), last = String(known.at(-1)!.values[0]!.value), all: Row[] = []
  for (let day = String(known[0]!.values[0]!.value); day <= last && all.length < 400; day = bucketEnd(day, g.bucket)) {
    all.push(byDay.get(day) ?? { values: [{ group: g, value: day }], href: null, cells: [{ number: 0, raw: 0, kind: known[0]!.cells[0]!.kind, href: null }] })
  }
  return all
}

/** What a report answered, as figures. */
export function fromReport(meta: Meta, name: string, data: Report, zone: string): Figures {
  const groups = data.groups.map((g) => groupOf(meta, data.object, g))
  const cell = (row: ReportRow, key: string, kind: string, href: string | null): Cell => ({ number: numberOf(row[key]), raw: row[key] ?? null, kind, href })
  const hrefOf = (row: ReportRow, c: Report['columns'][number], isTotal: boolean): string | null => {
    if (row.filters) return row.filters[c.key] ? listAt(meta, c.object, row.filters[c.key]!) : null
    if (!c.object || (!isTotal && c.groups === undefined && data.groups.length > 0)) return null
    const own = isTotal ? [] : groupsOf(meta, c.object, c.groups).map((g, i) => groupCel(g, row[data.groups[i]!], zone))
    return listAt(meta, c.object, allOf(c.filter, ...own))
  }
  const rows = data.data.map((row): Row => {
    const kind = name === 'customers' && typeof row.kind === 'string' ? `/reports/customers?${new URLSearchParams({ period: data.period.period, kind: row.kind }).toString()}` : null
    return {
      values: groups.map((group, i) => ({ group, value: row[data.groups[i]!] })),
      href: kind,
      cells: data.columns.map((c) => cell(row, c.key, c.kind, kind ?? hrefOf(row, c, false))),
    }
  })
  const isDated = rows.some((r) => r.values.some((v) => v.group.text === 'month' || v.group.text === 'quarter' || v.group.text === 'year'))
  return { groups, columns: data.columns, rows, total: data.total ? data.columns.map((c) => cell(data.total!, c.key, c.kind, hrefOf(data.total!, c, true))) : null, isDated }
}

/** Positions after tile `id` has moved one place: only those that change. */
export function moved<T extends { id: string; position: number | null }>(tiles: T[], id: string, by: -1 | 1): { id: string; position: number }[] {
  const at = tiles.findIndex((x) => x.id === id), to = at + by
  if (at < 0 || to < 0 || to >= tiles.length) return []
  const order = [...tiles]
  order.splice(to, 0, ...order.splice(at, 1))
  return order.map((x, i) => ({ id: x.id, position: (i + 1) * 10, was: x.position })).filter((x) => x.position !== x.was).map(({ id: i, position }) => ({ id: i, position }))
}

/** Fields a tile may be grouped by, dates by month, and one step further. */
export function groupChoices(meta: Meta, object: ObjectMeta): { value: string; label: string }[] {
  const own = object.fields.filter((f) => f.groupable && !DATED.has(shown(f)) && shown(f) !== 'any_reference').map((f) => ({ value: f.name, label: f.label }))
  const dates = object.fields.filter((f) => DATED.has(shown(f)) && f.filterable !== false).map((f) => ({ value: `month(${f.name})`, label: f.label }))
  const account = object.fields.find((f) => f.name === 'account' && f.type === 'reference'), of = account && objectOf(meta, account.target)
  const further = of ? ['industry', 'country', 'region', 'class'].flatMap((n) => fieldIn(of, n) ?? []).filter((f) => f.groupable).map((f) => ({ value: `account.${f.name}`, label: `${account.label}: ${f.label}` })) : []
  return [...own, ...dates, ...further]
}

/** Measures of an object: how many, sums of money, sums and averages of numbers. */
export function measureChoices(object: ObjectMeta): { value: string; field: Field | null; op: 'count' | 'sum' | 'avg' }[] {
  const numbers = object.fields.filter((f) => ['money', 'integer', 'decimal', 'percent', 'duration'].includes(shown(f)) && f.filterable !== false)
  return [{ value: 'count()', field: null, op: 'count' }, ...numbers.flatMap((field) => [{ value: `sum(${field.name})`, field, op: 'sum' as const }, { value: `avg(${field.name})`, field, op: 'avg' as const }])]
}

/** Without hundredths where these say nothing. */
export const whole = (m: Money): Money => (Math.abs(Number(m.amount)) < 100 ? m : { ...m, amount: String(Math.round(Number(m.amount))) })
