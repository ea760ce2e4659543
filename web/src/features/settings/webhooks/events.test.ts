/* SPDX-License-Identifier: GPL-3.0-or-later */
import { describe, expect, it } from 'vitest'
import { onlyObject, readEvents, writeEvents } from './events'

describe('events', () => {
  it('are read as rows and written back', () => {
    const events = ['deal.created', 'contact.*', 'deal.deleted']
    expect(readEvents(events)).toEqual({ everything: false, rows: [
      { object: 'deal', kinds: ['created', 'deleted'] }, { object: 'contact', kinds: ['created', 'updated', 'deleted', 'restored'] },
    ] })
    expect(writeEvents(readEvents(events))).toEqual(['deal.created', 'deal.deleted', 'contact.*'])
    expect(writeEvents(readEvents(['*']))).toEqual(['*'])
  })
  it('of one object may have a condition', () => {
    expect(onlyObject(readEvents(['deal.created', 'deal.updated']))).toBe('deal')
    expect(onlyObject(readEvents(['deal.created', 'lead.updated']))).toBe(null)
    expect(onlyObject(readEvents(['*']))).toBe(null)
    expect(onlyObject(readEvents([]))).toBe(null)
  })
})
