// SPDX-License-Identifier: GPL-3.0-or-later
/* What a typed entry becomes, and how entries of one day stand together: pure. */
import type { TimelineEntry } from '@/api'

export type EntryKind = 'note' | 'call' | 'meeting' | 'task'
export const KINDS: EntryKind[] = ['note', 'call', 'meeting', 'task']

export interface Draft { kind: EntryKind; subject: string; body: string; due: string | null; done: boolean }
export const emptyDraft = (kind: EntryKind): Draft => ({ kind, subject: '', body: '', due: null, done: kind === 'call' })

/** A note is its text; the others have a subject. */
export const isReady = (d: Draft) => d.kind === 'note' ? d.body.trim() !== '' : d.subject.trim() !== ''

interface FieldLike { name: string; type: string; target?: string | null; required?: boolean; options?: { value: string }[] | null }

/** The activity to create about a record; only fields this installation has are sent. */
export function activityOf(d: Draft, about: { object: string; id: string }, fields: FieldLike[], now: Date): Record<string, unknown> {
  const has = (n: string) => fields.find(f => f.name === n), values: Record<string, unknown> = { kind: d.kind }
  const ref = { object: about.object, id: about.id }, moment = now.toISOString().replace(/\.\d+Z$/, 'Z')
  const subject = d.subject.trim() || (has('subject') ? d.body.trim().split('\n')[0]!.slice(0, 120) : '')
  if (subject) values.subject = subject
  if (d.body.trim()) values.body = d.body.trim()
  if (has('about')) values.about = ref
  const own = has(about.object)
  if (own?.type === 'reference' && own.target === about.object) values[own.name] = ref
  if (d.due && has('due_at')) values.due_at = has('due_at')!.type === 'date' ? d.due.slice(0, 10) : d.due
  const over = d.kind === 'note' || (d.kind !== 'task' && d.done), held = d.kind === 'call' || d.kind === 'meeting'
  if (held && d.due && has('start_at')) values.start_at = d.due
  if (over && has('done_at')) values.done_at = (held && d.due) || moment
  if (over && has('status')?.options?.some(o => o.value === 'done')) values.status = 'done'
  return values
}

/** The subject of an entry; a note whose subject only repeats the start of its text has none. */
export function titleOf(rec: Record<string, unknown>, kind: string): string {
  const subject = typeof rec.subject === 'string' ? rec.subject : ''
  return kind === 'note' && typeof rec.body === 'string' && rec.body.startsWith(subject) ? '' : subject
}

/** Entries under the day they fell on, in the order they came. */
export function byDay(entries: TimelineEntry[], dayOf: (iso: string) => string): { day: string; entries: TimelineEntry[] }[] {
  const out: { day: string; entries: TimelineEntry[] }[] = []
  for (const e of entries) {
    const day = dayOf(e.at), last = out.at(-1)
    if (last?.day === day) last.entries.push(e)
    else out.push({ day, entries: [e] })
  }
  return out
}
