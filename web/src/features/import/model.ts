/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what the server guessed to the mapping it is told: plain functions, without the page. */
import type { Field, Meta, ObjectMeta } from '@/meta'
import type { ImportKey } from '@/i18n/keys.gen'
import type { Column, Mapping, Profile, Table } from './calls'

/** The mapping of one table while the user works on it. */
export interface Draft {
  table: string
  object: string
  columns: Record<string, string | string[] | null>
  mode: 'create' | 'update' | 'upsert'
  match: string[]
  values: Record<string, Record<string, string>>
  dates: Record<string, string>
  make: string[]
  rest: boolean
  restore: boolean
  /** Leave out what is deleted in the other program, where the profile says how that is told. */
  skip: boolean
  /** What a profile says beyond that. */
  more: Record<string, unknown>
}

const PARTS: Partial<Record<string, string[]>> = {
  person_name: ['given', 'family', 'middle'], phones: ['work', 'mobile', 'home'], emails: ['work', 'home'], addresses: ['street', 'city', 'region', 'postal_code', 'country'], money: ['currency'],
}
const PART_KEYS: Record<string, ImportKey> = {
  given: 'import.part.given', family: 'import.part.family', middle: 'import.part.middle', work: 'import.part.work', mobile: 'import.part.mobile', home: 'import.part.home',
  street: 'import.part.street', city: 'import.part.city', region: 'import.part.region', postal_code: 'import.part.postal_code', country: 'import.part.country', currency: 'import.part.currency',
  postcode: 'import.part.postal_code', prefix: 'import.part.prefix', fax: 'import.part.fax', other: 'import.part.other', billing: 'import.part.billing', shipping: 'import.part.shipping',
}
const NEVER = ['version', 'deleted_at']
/** What a value means: a new option. */
export const NEW = '+'
const typeOf = (f: Field) => f.result ?? f.type
type Say = (key: ImportKey) => string

/** The field a path begins with. */
export const fieldOf = (object: ObjectMeta, path: string | null | undefined) => path ? object.fields.find(f => f.name === path.split('.')[0]) : undefined
export const isReference = (f?: Field) => !!f && ['reference', 'user', 'links'].includes(typeOf(f)) && !!f.target
export const isChoice = (f?: Field) => !!f && ['choice', 'multichoice'].includes(typeOf(f))
export const isDate = (f?: Field) => !!f && ['date', 'timestamp'].includes(typeOf(f))
/** What is not there may be made by the import itself. */
export const canMake = (f?: Field) => !!f && (!!f.new_options || typeOf(f) === 'tags' || isReference(f))

/** "Phones: work" for "phones.work"; ways of finding a reference are said elsewhere. */
export function pathLabel(object: ObjectMeta, path: string, say: Say): string {
  const [name, ...rest] = path.split('.'), f = fieldOf(object, name)
  if (path === 'note' && !f) return say('import.note_field')
  if (!f && name === 'consent') return say(rest.includes('not') ? 'import.refusal_field' : 'import.consent_field')
  if (!f) return path
  if (!rest.length || isReference(f)) return f.label
  return `${f.label}: ${rest.map(r => PART_KEYS[r] ? say(PART_KEYS[r]) : r).join(' ')}`
}

/** Every place a column may go to, by label. */
export function places(object: ObjectMeta, say: Say): { id: string; label: string }[] {
  const paths = object.fields.filter(f => !f.computed && typeOf(f) !== 'autonumber' && !NEVER.includes(f.name) && (f.write !== false || f.system))
    .flatMap(f => [f.name, ...(PARTS[typeOf(f)] ?? []).map(p => `${f.name}.${p}`)])
  return [...paths, ...(fieldOf(object, 'note') || !object.timeline ? [] : ['note'])].map(id => ({ id, label: pathLabel(object, id, say) }))
}

/** Fields a reference may be found by, in the object it points to. */
export const keysOf = (target?: ObjectMeta) => target?.fields.filter(f => !f.computed && (['outside_id', 'code', 'email'].includes(f.name) || ['emails', 'phones', 'identifier'].includes(typeOf(f)))) ?? []

/** Fields records may be found by, of those the columns go to. */
export function matchFields(object: ObjectMeta, draft: Draft): Field[] {
  const used = new Set(Object.values(draft.columns).flat().map(p => p?.split('.')[0]))
  return object.fields.filter(f => used.has(f.name) && ['text', 'emails', 'phones', 'identifier', 'person_name', 'url', 'integer', 'reference', 'date'].includes(typeOf(f)))
}

type Wanted = Mapping['new_options']
type Values = Draft['values']
/** New options as the mapping says them: whole fields, or single values beside what the others mean. */
function wantedOf(wanted: Wanted, object: string[], values: Values): { make: string[]; values: Values } {
  if (wanted === true) return { make: object, values }
  if (!wanted || Array.isArray(wanted) || typeof wanted === 'string') return { make: list(wanted), values }
  const single = Object.entries(wanted).flatMap(([name, v]) => Array.isArray(v) ? [[name, { ...values[name], ...Object.fromEntries(v.map(x => [x, NEW])) }] as const] : [])
  return { make: Object.keys(wanted).filter(name => wanted[name] === true), values: { ...values, ...Object.fromEntries(single) } }
}

/** And back: [what values mean, new options]. */
function splitWanted(values: Values, make: string[]): [Values, Wanted] {
  const meant: Values = {}, single: Record<string, string[]> = {}
  for (const [name, v] of Object.entries(values)) {
    const known = Object.entries(v).filter(([, to]) => to !== NEW), fresh = Object.keys(v).filter(x => v[x] === NEW)
    if (known.length) meant[name] = Object.fromEntries(known)
    if (fresh.length && !make.includes(name)) single[name] = fresh
  }
  const all = Object.fromEntries(make.map(name => [name, true as const]))
  return [meant, Object.keys(single).length ? { ...all, ...single } : make.length ? make : undefined]
}

const list = (v: unknown) => typeof v === 'string' ? v.split(',').map(s => s.trim()) : Array.isArray(v) ? v as string[] : []

/** The draft of a mapping that was saved before. */
export function fromMapping(mapping: Mapping, table: Table, object: string): Draft {
  const { columns, match, mode, values, dates, new_options, restore, rest, table: _t, object: _o, name: _n, label: _l, recognise: _r, file: _f, ...more } = mapping
  const own = Object.fromEntries(table.columns.map(c => [c.heading, columns?.[c.heading] ?? null]))
  const order = typeof dates === 'string' ? Object.fromEntries(table.columns.filter(c => c.kind === 'date ?').map(c => [c.heading, dates])) : dates ?? {}
  const found = list(match), wanted = wantedOf(new_options, Object.values(own).flat().flatMap(p => p ? [p.split('.')[0]!] : []), values ?? {})
  return { table: table.name, object, columns: own, match: found, mode: mode ?? (found.length ? 'upsert' : 'create'), ...wanted, dates: order, rest: rest === 'note', restore: !!restore, skip: !!more.skip, more }
}

/** The first draft: what the server guessed. */
export function draftOf(table: Table, object: string): Draft {
  if (table.mapping && table.mapping.object === object) return fromMapping(table.mapping, table, object)
  const columns = Object.fromEntries(table.columns.map(c => [c.heading, c.field]))
  const key = ['id', 'outside_id'].find(k => Object.values(columns).includes(k))
  const dates = Object.fromEntries(table.columns.filter(c => c.kind === 'date ?').map(c => [c.heading, 'dmy']))
  return { table: table.name, object, columns, match: key ? [key] : [], mode: key ? 'upsert' : 'create', values: {}, dates, make: [], rest: false, restore: false, skip: false, more: {} }
}

/** The saved profile whose columns are all in the table. */
export const profileFor = (profiles: Profile[], table: Table) => profiles.find(p => {
  const heads = Object.keys(p.mapping?.columns ?? {})
  return heads.length > 0 && heads.every(h => table.columns.some(c => c.heading === h)) && table.columns.every(c => heads.includes(c.heading))
})

const REPEATED = ['emails', 'phones', 'handles', 'addresses', 'identifier', 'tags', 'longtext', 'multichoice', 'links']

/** The columns with one of them going to `path`: a field that holds one value is taken from the column that had it. */
export function withColumn(object: ObjectMeta, columns: Draft['columns'], heading: string, path: string | null): Draft['columns'] {
  const field = fieldOf(object, path), isOne = !!field && !REPEATED.includes(typeOf(field))
  return Object.fromEntries(Object.entries(columns).map(([h, p]) => [h, h === heading ? path : isOne && p === path ? null : p]))
}

/** Values of a column that the chosen field does not know, and the field may say which. */
export const unknownOf = (column: Column, draft: Draft) => {
  const path = draft.columns[column.heading]
  return typeof path === 'string' && path.split('.')[0] === column.field?.split('.')[0] ? column.unknown_values : []
}

/** Whether a column goes to a moment: then it matters of which zone the file speaks. */
export const hasMoment = (object: ObjectMeta, d: Draft) => Object.values(d.columns).flat().some(p => { const f = fieldOf(object, p); return !!f && typeOf(f) === 'timestamp' })

/** What is sent. */
export function toMapping(d: Draft, object: ObjectMeta): Mapping {
  const out: Mapping = { ...d.more, table: d.table, object: d.object, columns: d.columns, mode: d.mode }
  const isUsed = (name: string) => Object.values(d.columns).flat().some(p => p?.split('.')[0] === name.split('.')[0])
  if (d.mode !== 'create') out.match = d.match
  const used = Object.fromEntries(Object.entries(d.values).filter(([name]) => isUsed(name)))
  const [values, wanted] = splitWanted(used, d.make.filter(isUsed))
  if (Object.keys(values).length) out.values = values
  const dates = Object.entries(d.dates).filter(([heading]) => isDate(fieldOf(object, [d.columns[heading]].flat()[0])))
  if (dates.length) out.dates = Object.fromEntries(dates)
  if (wanted) out.new_options = wanted
  if (d.rest) out.rest = 'note'
  if (d.restore) out.restore = true
  if (!d.skip) delete out.skip
  return out
}

export const mappedCount = (d: Draft) => Object.values(d.columns).filter(p => Array.isArray(p) ? p.length : p).length
/** Objects rows may be imported as. */
export const importable = (meta: Meta) => meta.objects.filter(o => o.rights.create && !['import_run', 'import_profile', 'file', 'change', 'job'].includes(o.name)).sort((a, b) => Number(!!b.nav) - Number(!!a.nav))

interface Shower { money: (v: { amount: string; currency: string }) => string; date: (v: string) => string; dateTime: (v: string) => string }

/** A value of the preview, which is in the form of files, as the reader writes such things. */
export function readable(fmt: Shower, text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return fmt.date(text)
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/.test(text)) return fmt.dateTime(text)
  const money = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/.exec(text)
  return money ? fmt.money({ amount: money[1]!, currency: money[2]! }) : text
}
