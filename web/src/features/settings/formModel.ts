/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A web form while it is edited: plain functions, without the page. */
import type { Rec, Ref } from '@/api'
import type { Field, ObjectMeta } from '@/meta'

export interface Ask {
  field: string
  required: boolean
  /** The form's own words for the field; empty takes the field's name. */
  label: string
  hint: string
}

export interface Draft {
  name: string
  active: boolean
  object: string
  language: string
  title: string
  intro: string
  button: string
  thanks: string
  redirect: string
  consent: string
  consent_required: boolean
  consent_purpose: string
  responsible: string | null
  responsible_team: string | null
  on_match: string
  origins: string
  min_seconds: number
  fields: Ask[]
  defaults: Record<string, unknown>
}

const ASKED = ['text', 'longtext', 'integer', 'decimal', 'money', 'percent', 'boolean', 'date', 'choice', 'multichoice', 'person_name', 'emails', 'phones', 'url']

/** Fields a stranger may be asked: plain values, never references. */
export const askable = (object: ObjectMeta): Field[] =>
  object.fields.filter((f) => ASKED.includes(f.type) && !f.system && !f.computed && !f.readonly && f.name !== 'outside_id')

/** Choices that can be set without being asked. */
export const settable = (object: ObjectMeta, draft: Draft): Field[] =>
  object.fields.filter((f) => f.type === 'choice' && !f.system && !f.computed && !f.readonly && !draft.fields.some((a) => a.field === f.name))

/** Objects a form may make. */
export const makeable = (objects: ObjectMeta[]): ObjectMeta[] => objects.filter((o) => o.nav && o.rights.create && askable(o).length > 0 && !['activity', 'product'].includes(o.name))

const FIRST = ['name', 'emails', 'phones', 'company', 'request']

/** A new form, with the fields most begin with. */
export function newDraft(object: ObjectMeta, language: string): Draft {
  const known = FIRST.filter((n) => askable(object).some((f) => f.name === n))
  return {
    name: '', active: true, object: object.name, language, title: '', intro: '', button: '', thanks: '', redirect: '', consent: '', consent_required: true, consent_purpose: 'processing',
    responsible: null, responsible_team: null, on_match: 'new', origins: '', min_seconds: 2, defaults: {},
    fields: known.map((field) => ({ field, required: field === 'name' || field === 'emails', label: '', hint: '' })),
  }
}

const text = (v: unknown) => (typeof v === 'string' ? v : '')
const idOf = (v: unknown) => (typeof v === 'object' && v !== null && 'id' in v ? (v as Ref).id : null)

export function toDraft(rec: Rec): Draft {
  const asks = Array.isArray(rec.fields) ? (rec.fields as Partial<Ask>[]) : []
  return {
    name: text(rec.name), active: rec.active === true, object: text(rec.object), language: text(rec.language), title: text(rec.title), intro: text(rec.intro), button: text(rec.button),
    thanks: text(rec.thanks), redirect: text(rec.redirect), consent: text(rec.consent), consent_required: rec.consent_required === true, consent_purpose: text(rec.consent_purpose) || 'processing',
    responsible: idOf(rec.responsible), responsible_team: idOf(rec.responsible_team), on_match: text(rec.on_match) || 'new', origins: text(rec.origins),
    min_seconds: typeof rec.min_seconds === 'number' ? rec.min_seconds : 0,
    defaults: typeof rec.defaults === 'object' && rec.defaults !== null ? { ...(rec.defaults as Record<string, unknown>) } : {},
    fields: asks.map((a) => ({ field: text(a.field), required: a.required === true, label: text(a.label), hint: text(a.hint) })),
  }
}

/** What is sent to the server; empty texts are none. */
export function fromDraft(d: Draft): Record<string, unknown> {
  const out: Record<string, unknown> = { ...d }
  for (const [key, value] of Object.entries(out)) if (typeof value === 'string' && value.trim() === '') out[key] = null
  out.fields = d.fields.map((a) => ({ field: a.field, required: a.required, ...(a.label.trim() && { label: a.label.trim() }), ...(a.hint.trim() && { hint: a.hint.trim() }) }))
  out.defaults = Object.keys(d.defaults).length ? d.defaults : null
  return out
}

/** The list with one entry moved by `step` places. */
export function moved<T>(list: T[], index: number, step: number): T[] {
  const to = index + step
  if (to < 0 || to >= list.length) return list
  const next = [...list]
  next.splice(to, 0, ...next.splice(index, 1))
  return next
}
