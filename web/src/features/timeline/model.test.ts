// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import { activityOf, byDay, emptyDraft, isReady, titleOf } from './model'

const fields = [
  { name: 'kind', type: 'choice' }, { name: 'subject', type: 'text' }, { name: 'body', type: 'longtext' }, { name: 'due_at', type: 'timestamp' }, { name: 'start_at', type: 'timestamp' },
  { name: 'done_at', type: 'timestamp' }, { name: 'status', type: 'choice', options: [{ value: 'open' }, { value: 'done' }] }, { name: 'about', type: 'any_reference' }, { name: 'deal', type: 'reference', target: 'deal' },
]
const now = new Date('2026-11-21T10:00:00.123Z'), deal = { object: 'deal', id: '0d' }

describe('composer', () => {
  it('writes a note that is done', () => {
    expect(activityOf({ ...emptyDraft('note'), body: ' Agreed \n' }, deal, fields, now)).toEqual({
      kind: 'note', subject: 'Agreed', body: 'Agreed', about: deal, deal, done_at: '2026-11-21T10:00:00Z', status: 'done' })
  })
  it('writes a task that is open', () => {
    expect(activityOf({ ...emptyDraft('task'), subject: 'Call', due: '2026-11-22T09:00:00Z' }, { object: 'account', id: '0a' }, fields, now)).toEqual({
      kind: 'task', subject: 'Call', about: { object: 'account', id: '0a' }, due_at: '2026-11-22T09:00:00Z' })
  })
  it('dates a call by when it was held', () => {
    expect(activityOf({ ...emptyDraft('call'), subject: 'Price', due: '2026-11-20T09:00:00Z' }, deal, fields, now)).toMatchObject({ start_at: '2026-11-20T09:00:00Z', done_at: '2026-11-20T09:00:00Z', status: 'done' })
  })
  it('sends only what the installation has, and a subject where one is required', () => {
    expect(activityOf({ ...emptyDraft('note'), body: 'One\ntwo' }, deal, [{ name: 'subject', type: 'text', required: true }], now)).toEqual({ kind: 'note', subject: 'One', body: 'One\ntwo' })
  })
  it('knows when it is ready', () => {
    expect([isReady(emptyDraft('note')), isReady({ ...emptyDraft('note'), body: 'x' }), isReady({ ...emptyDraft('task'), body: 'x' }), isReady({ ...emptyDraft('task'), subject: 'x' })]).toEqual([false, true, false, true])
  })
})

describe('entries', () => {
  it('stand under their days', () => {
    const e = (at: string) => ({ type: 'activity' as const, at, record: null, source: null, actor: null, kind: 'note' })
    expect(byDay([e('2026-11-21T10:00Z'), e('2026-11-21T09:00Z'), e('2026-11-20T09:00Z')], s => s.slice(0, 10)).map(d => [d.day, d.entries.length])).toEqual([['2026-11-21', 2], ['2026-11-20', 1]])
  })
  it('do not say a note twice', () => {
    expect([titleOf({ subject: 'Hi', body: 'Hi there' }, 'note'), titleOf({ subject: 'Hi', body: 'Hi there' }, 'call'), titleOf({ subject: 'A', body: 'b' }, 'note')]).toEqual(['', 'Hi', 'A'])
  })
})
