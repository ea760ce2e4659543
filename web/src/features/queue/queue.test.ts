/* SPDX-License-Identifier: GPL-3.0-or-later */
import { describe, expect, it } from 'vitest'
import type { Rec, Today } from '@/api'
import { callOf, nextDay, order, queueOf } from './model'

const now = new Date('2026-11-20T12:00:00Z') // a Friday
const rec = (id: string, more = {}) => ({ id, version: 1, label: id, ...more }) as unknown as Rec
const today = {
  tasks: [rec('late', { due_at: '2026-11-19T10:00:00Z' }), rec('evening', { due_at: '2026-11-20T17:00:00Z' }), rec('urgent', { due_at: '2026-11-20T11:00:00Z', priority: 'high' })],
  leads: [rec('lead')], deals: [rec('deal')], untouched: [rec('cold')],
} as unknown as Today

describe('the queue of a day', () => {
  const items = queueOf(today, now)
  it('begins with what is due, the important first, and ends with what is for later', () => {
    expect(items.map((i) => i.rec.id)).toEqual(['urgent', 'late', 'lead', 'cold', 'deal', 'evening'])
  })
  it('puts what is skipped last and leaves out what is done', () => {
    expect(order(items, ['activity:urgent'], ['lead:lead']).map((i) => i.rec.id)).toEqual(['late', 'cold', 'deal', 'evening', 'urgent'])
  })
  it('puts off to the next weekday at the same time', () => {
    expect(nextDay('2026-11-16T15:30:00Z', now)).toBe('2026-11-23T15:30:00.000Z')
  })
  it('writes a call down on the task that asked for it, else by itself', () => {
    expect(callOf(items[0]!, 'reached', ' fine ', 'x')).toEqual({ kind: 'call', direction: 'outgoing', outcome: 'reached', body: 'fine', status: 'done' })
    expect(callOf(items[2]!, 'no_answer', '', 'Call: lead')).toEqual({ kind: 'call', direction: 'outgoing', subject: 'Call: lead', about: { object: 'lead', id: 'lead' }, outcome: 'no_answer', status: 'done' })
  })
})
