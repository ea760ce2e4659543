/* SPDX-License-Identifier: GPL-3.0-or-later */
import { describe, expect, it } from 'vitest'
import type { ObjectMeta } from '@/meta'
import { ageHue } from './Leads'
import { aboutOf, doneChange, isOverdue, newTask } from './task'

const activity = (fields: { name: string; type: string }[], more = {}) => ({ name: 'activity', plural: 'activities', label_field: 'subject', fields, ...more }) as unknown as ObjectMeta
const at = new Date('2026-11-21T12:00:00Z')

describe('tasks', () => {
  it('are done the way their object says', () => {
    expect(doneChange(activity([{ name: 'done_at', type: 'timestamp' }]), at)).toEqual({ done_at: at.toISOString() })
    expect(doneChange(activity([{ name: 'done', type: 'boolean' }]), at)).toEqual({ done: true })
    expect(doneChange(activity([], { state: { field: 'status', transitions: [{ from: ['open'], to: 'done', label: '' }] } }), at)).toEqual({ status: 'done' })
  })
  it('of a day are overdue when the day is over, of a moment when it has passed', () => {
    expect(isOverdue('2026-11-21', '2026-11-21')).toBe(false)
    expect(isOverdue('2026-11-20', '2026-11-21')).toBe(true)
    expect(isOverdue('2026-11-21T11:00:00Z', '2026-11-21', +at)).toBe(true)
  })
  it('made from a deal point to it', () => {
    const made = newTask(activity([{ name: 'kind', type: 'choice' }, { name: 'due', type: 'date' }, { name: 'deal', type: 'reference' }]), { object: 'deal', id: '7' }, 'Call', '2026-11-22')
    expect(made).toEqual({ subject: 'Call', kind: 'task', due: '2026-11-22', deal: { object: 'deal', id: '7' } })
  })
  it('name what they are about once each', () => {
    const deal = { object: 'deal', id: '1', label: 'D' }
    expect(aboutOf({ id: '9', version: 1, about: deal, deal, account: { object: 'account', id: '2', label: null } })).toEqual([deal])
  })
})

it('a lead grows red with age', () => expect([600, 4000, 90000].map(ageHue)).toEqual(['green', 'amber', 'red']))
