/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of several records stays, which fields are worth a look, whose value is taken: without a screen. */
import type { Rec } from '@/api'
import type { Field, ObjectMeta } from '@/meta'

const LISTS = ['phones', 'emails', 'handles', 'addresses', 'identifier', 'tags', 'multichoice']

/** Values of several records are put together in one list. */
export const isUnited = (f: Field) => LISTS.includes(f.type)

const isFilled = (v: unknown) => v !== null && v !== undefined && !(Array.isArray(v) && v.length === 0)

/** Fields a person may decide about. */
export const mergeable = (object: ObjectMeta): Field[] =>
  object.fields.filter((f) => !f.computed && f.type !== 'links' && f.type !== 'autonumber' && (!f.system || f.name === 'owner'))

/** The record with most fields filled; among equals the oldest. */
export function fullest(records: Rec[], fields: Field[]): string {
  const filled = (r: Rec) => fields.filter((f) => isFilled(r[f.name])).length
  return [...records].sort((a, b) => filled(b) - filled(a) || a.id.localeCompare(b.id))[0]?.id ?? ''
}

const text = (v: unknown) => JSON.stringify(v ?? null)

/** Whether the records say different things of a field: what is empty says nothing. */
export const differs = (f: Field, records: Rec[]): boolean =>
  new Set(records.map((r) => r[f.name]).filter(isFilled).map(text)).size > 1

/** Fields at least one record has something to say of, those in which they differ first. */
export function shownFields(fields: Field[], records: Rec[], all: boolean): Field[] {
  const filled = fields.filter((f) => records.some((r) => isFilled(r[f.name])))
  const split = filled.filter((f) => differs(f, records))
  return all ? [...split, ...filled.filter((f) => !split.includes(f))] : filled.filter((f) => split.includes(f) || isUnited(f)).slice(0, 12)
}

/** The record whose value of `f` is taken: the chosen one, else the one that stays, else the first that has one. */
export function sourceOf(f: Field, records: Rec[], into: string, choose: Record<string, string>): string | null {
  const chosen = choose[f.name]
  if (chosen) return chosen
  const kept = records.find((r) => r.id === into)
  if (kept && isFilled(kept[f.name])) return into
  return records.find((r) => isFilled(r[f.name]))?.id ?? null
}
