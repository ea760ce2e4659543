// SPDX-License-Identifier: GPL-3.0-or-later
/* What a form shows and sends: pure, so that it can be tested. */
import { decide } from '@/fields/condition'
import { isEmpty } from '@/fields/text'
import { sameValue } from '@/fields/wire'

export interface FormField { name: string; type: string; required?: boolean; visible?: string | null; required_if?: string | null; default?: unknown }
type Values = Record<string, unknown>

/** First values: the record's, or the fields' defaults and what the caller gives. */
export function firstValues(fields: FormField[], record: Values | null | undefined, given: Values | undefined): Values {
  const base = record ? Object.fromEntries(fields.map(f => [f.name, record[f.name] ?? null])) : Object.fromEntries(fields.map(f => [f.name, f.default ?? null]))
  return { ...base, ...given }
}

export const isVisible = (f: FormField, values: Values) => decide(f.visible, values) !== false
export const isRequired = (f: FormField, values: Values) => f.required === true || decide(f.required_if, values) === true

/** Required and visible fields that are empty. */
export function missing(fields: FormField[], values: Values): string[] {
  return fields.filter(f => isVisible(f, values) && isRequired(f, values) && isEmpty(values[f.name])).map(f => f.name)
}

/** What a save sends: of a new record everything that is there, of an old one what differs. */
export function changes(fields: FormField[], record: Values | null | undefined, values: Values): Values {
  const out: Values = {}
  for (const f of fields) {
    const v = isEmpty(values[f.name]) ? null : values[f.name]
    if (record ? !sameValue(f.type, record[f.name] ?? null, v) : v !== null) out[f.name] = v
  }
  return out
}
