/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of an activity Today needs, found by the metadata: when it is due, what it is about, how it is done. */
import type { Rec, Ref } from '@/api'
import type { ObjectMeta } from '@/meta'

const has = (o: ObjectMeta, name: string) => o.fields.find((f) => f.name === name)

/** When a task is due (a day or a moment), or null. */
export function dueOf(task: Rec): string | null {
  for (const name of ['due_at', 'due', 'due_date', 'due_on', 'starts_at']) if (typeof task[name] === 'string') return task[name]
  return null
}

/** Whether a due day or moment is past; a day is past when it is over. */
export const isOverdue = (due: string, today: string, now = Date.now()) => (due.length === 10 ? due < today : Date.parse(due) < now)

const isRef = (v: unknown): v is Ref => typeof v === 'object' && v !== null && 'object' in v && 'id' in v

/** The records a task is about, most particular first. */
export function aboutOf(task: Rec): Ref[] {
  const refs: Ref[] = []
  for (const name of ['deal', 'lead', 'contact', 'account', 'about', 'subject_ref']) {
    const v = task[name]
    if (isRef(v) && v.label && !refs.some((r) => r.id === v.id)) refs.push(v)
  }
  return refs
}

/** The change that marks an activity as done. */
export function doneChange(activity: ObjectMeta, now = new Date()): Record<string, unknown> {
  const state = activity.state
  const toDone = state?.transitions.find((x) => x.to === 'done' || x.to === 'completed')
  if (state && toDone) return { [state.field]: toDone.to }
  const status = has(activity, 'status')
  if (status?.options?.some((o) => o.value === 'done')) return { status: 'done' }
  if (has(activity, 'done')) return { done: true }
  return { done_at: now.toISOString() }
}

/** A new task about a record, due on `day`. */
export function newTask(activity: ObjectMeta, about: { object: string; id: string }, title: string, day: string): Record<string, unknown> {
  const due = ['due_at', 'due', 'due_date', 'due_on'].map((n) => has(activity, n)).find(Boolean)
  const link = has(activity, about.object) ?? has(activity, 'about')
  const values: Record<string, unknown> = { [activity.label_field ?? 'subject']: title }
  if (has(activity, 'kind')) values.kind = 'task'
  if (due) values[due.name] = due.type === 'date' ? day : new Date(`${day}T12:00:00`).toISOString()
  if (link) values[link.name] = { object: about.object, id: about.id }
  return values
}
