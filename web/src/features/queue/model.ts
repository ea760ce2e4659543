/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue of a day: what is next, and why. */
import type { Rec, Ref, Today } from '@/api'
import { aboutOf, dueOf } from '@/features/today/task'

export type Why = 'overdue' | 'lead' | 'untouched' | 'step' | 'later'
export interface Item { key: string; object: string; rec: Rec; why: Why }

const item = (object: string, why: Why) => (rec: Rec): Item => ({ key: object + ':' + rec.id, object, rec, why })
const important = (rec: Rec) => (rec.priority === 'high' ? 0 : 1)
const due = (rec: Rec) => dueOf(rec) ?? ''

/** What has come due first, then who waits for an answer, who was not touched in time, deals without a next step, and what is for
 *  later in the day. */
export function queueOf(today: Pick<Today, 'tasks' | 'leads' | 'deals' | 'untouched'>, now = new Date()): Item[] {
  const at = now.toISOString()
  const past = today.tasks.filter((x) => due(x) <= at).sort((a, b) => important(a) - important(b) || (due(a) < due(b) ? -1 : 1))
  const later = today.tasks.filter((x) => due(x) > at).sort((a, b) => (due(a) < due(b) ? -1 : 1))
  return [
    ...past.map(item('activity', 'overdue')), ...today.leads.map(item('lead', 'lead')), ...today.untouched.map(item('account', 'untouched')),
    ...today.deals.map(item('deal', 'step')), ...later.map(item('activity', 'later')),
  ]
}

/** The queue as it is worked: what was skipped stands at its end, what is gone is out. */
export function order(items: Item[], skipped: string[], gone: string[]): Item[] {
  const left = items.filter((i) => !gone.includes(i.key))
  return [...left.filter((i) => !skipped.includes(i.key)), ...skipped.map((k) => left.find((i) => i.key === k)).filter((i): i is Item => i !== undefined)]
}

/** Whom an item is about: the record whose story is shown. */
export const subjectOf = ({ object, rec }: Item): Ref | null => (object === 'activity' ? aboutOf(rec)[0] ?? null : { object, id: rec.id, label: rec.label ?? null } as Ref)

/** The same time of the next day that is no Saturday or Sunday. */
export function nextDay(iso: string | null, now = new Date()): string {
  const from = iso && iso.length > 10 ? new Date(iso) : new Date(now)
  const to = new Date(now)
  to.setHours(iso && iso.length > 10 ? from.getHours() : 9, iso && iso.length > 10 ? from.getMinutes() : 0, 0, 0)
  do to.setDate(to.getDate() + 1)
  while (to.getDay() === 0 || to.getDay() === 6)
  return to.toISOString()
}

/** The call that is written down: on the task that asked for it, else as one of its own. */
export function callOf(item: Item, outcome: string, body: string, subject: string): Record<string, unknown> {
  const said = { outcome, ...(body.trim() && { body: body.trim() }), status: 'done' }
  if (item.object === 'activity') return item.rec.kind === 'call' ? said : { ...said, kind: 'call', direction: 'outgoing' }
  return { kind: 'call', direction: 'outgoing', subject, about: { object: item.object, id: item.rec.id }, ...said }
}

