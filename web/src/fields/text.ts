// SPDX-License-Identifier: GPL-3.0-or-later
/* Values as plain text, one function per shape.  No component: used by titles, history, print and tests. */
import type { Format, T } from '@/i18n'
import type { Field } from '@/meta'
import type { Address, FileRef, Identifier, LinkRef, Listed, ListedAddress, Money, PersonName, Ref } from './types'

export interface TextTools { t: T; fmt: Format }
type ToText = (v: never, f: Field, x: TextTools) => string

/** The type that decides how a field looks: that of its result for formulas and roll-ups. */
export function shownType(f: { type: string; result?: string | null }): string {
  return f.type === 'formula' || f.type === 'rollup' ? f.result ?? 'text' : f.type
}

/** True when there is nothing to show. */
export function isEmpty(v: unknown): boolean {
  return v === null || v === undefined || v === '' || (Array.isArray(v) && v.length === 0)
}

/** Family name first in Russian, given name first elsewhere. */
export function personText(v: PersonName, language: string): string {
  const parts = language === 'ru' ? [v.prefix, v.family, v.given, v.middle] : [v.prefix, v.given, v.middle, v.family]
  return parts.filter(Boolean).join(' ')
}

/** Street, place, region and country on one line. */
export function addressText(a: Address): string {
  const place = [a.postcode, a.settlement, a.city].filter(Boolean).join(' ')
  return [a.street, place, a.region, a.country].filter(Boolean).join(', ')
}

/** The main one of several, or the first. */
export function mainOf<V extends { main?: boolean }>(list: V[]): V | undefined { return list.find(x => x.main) ?? list[0] }

/** A phone in groups that can be read: +7 495 123-45-67, +48 22 123 45 67. */
export function phoneText(e164: string): string {
  const ru = /^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(e164)
  if (ru) return `+7 ${ru[1]} ${ru[2]}-${ru[3]}-${ru[4]}`
  const pl = /^\+48(\d{3})(\d{3})(\d{3})$/.exec(e164)
  if (pl) return `+48 ${pl[1]} ${pl[2]} ${pl[3]}`
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164)
  return us ? `+1 ${us[1]} ${us[2]} ${us[3]}` : e164
}

export const optionOf = (f: Field, key: unknown) => f.options?.find(o => o.value === key)

const option: ToText = (v: string, f: Field) => optionOf(f, v)?.label ?? v
const ref: ToText = (v: Ref) => v.label ?? v.id
const plain: ToText = (v: unknown) => String(v)
const listed: ToText = (v: Listed[], _, { fmt }) => fmt.list(v.map(x => x.value))

/* A text of at most two letters is the code of a country (ISO 3166). */
const words: ToText = (v: string, f, { fmt }) => f.max === 2 && /^[A-Z]{2}$/.test(v) ? new Intl.DisplayNames(fmt.language, { type: 'region' }).of(v) ?? v : String(v)

const TEXT: Record<string, ToText> = {
  text: words as ToText,
  integer: ((v: number, f, { fmt }) => f.plain ? String(v) : fmt.number(v)) as ToText,
  decimal: ((v: string, f, { fmt }) => fmt.number(v, f.places == null ? undefined : Math.min(f.places, 6))) as ToText,
  percent: ((v: string, _, { fmt }) => fmt.percent(v)) as ToText,
  money: ((v: Money, _, { fmt }) => fmt.money(v)) as ToText,
  boolean: ((v: boolean, _, { t }) => t(v ? 'field.yes' : 'field.no')) as ToText,
  date: ((v: string, _, { fmt }) => fmt.date(v)) as ToText,
  timestamp: ((v: string, _, { fmt }) => fmt.dateTime(v)) as ToText,
  time: ((v: string, _, { fmt }) => fmt.timeOfDay(v)) as ToText,
  duration: ((v: string, _, { fmt }) => fmt.duration(v)) as ToText,
  choice: option,
  multichoice: ((v: string[], f, x) => x.fmt.list(v.map(k => option(k as never, f, x)))) as ToText,
  tags: ((v: string[], _, { fmt }) => fmt.list(v)) as ToText,
  person_name: ((v: PersonName, _, { fmt }) => personText(v, fmt.language)) as ToText,
  emails: listed, handles: listed,
  phones: ((v: Listed[], _, { fmt }) => fmt.list(v.map(x => phoneText(x.value)))) as ToText,
  addresses: ((v: ListedAddress[]) => v.map(x => addressText(x.value)).join('; ')) as ToText,
  identifier: ((v: Identifier[]) => v.map(x => `${x.kind.toUpperCase()} ${x.value}`).join(', ')) as ToText,
  reference: ref, any_reference: ref, user: ref,
  links: ((v: LinkRef[], _, { fmt }) => fmt.list(v.map(x => x.label ?? x.id))) as ToText,
  file: ((v: FileRef) => v.name) as ToText,
  json: ((v: unknown) => JSON.stringify(v)) as ToText,
}

/** A value as one line; a value of an unexpected shape is shown as it is rather than hidden. */
export function valueText(f: Field, v: unknown, x: TextTools): string {
  if (isEmpty(v)) return ''
  try { return (TEXT[shownType(f)] ?? plain)(v as never, f, x) } catch {
    return typeof v === 'string' ? v : JSON.stringify(v)
  }
}
