// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import type { Meta } from '@/meta'
import type { Report } from './calls'
import { bucketEnd, dayStart, fromAggregate, fromReport, groupCel, groupOf, groupsOf, moved, periodCel } from './model'

const field = (name: string, type: string, more = {}) => ({ name, label: name, type, groupable: true, ...more })
const meta = {
  objects: [
    { name: 'deal', plural: 'deals', fields: [field('owner', 'user'), field('account', 'reference', { target: 'account' }), field('closed_on', 'formula', { result: 'date' }), field('closed_at', 'timestamp'), field('amount', 'money')] },
    { name: 'account', plural: 'accounts', fields: [field('industry', 'reference', { target: 'industry' })] },
    { name: 'lead', plural: 'leads', fields: [field('received_at', 'timestamp'), field('source', 'choice')] },
  ],
} as unknown as Meta
const filterOf = (href: string | null) => new URLSearchParams(href!.split('?')[1]).get('filter')

describe('groups', () => {
  it('are found behind a reference and under a month', () => {
    expect(groupOf(meta, 'deal', 'account.industry').field?.target).toBe('industry')
    expect(groupOf(meta, 'deal', 'month(closed_on)')).toMatchObject({ text: 'closed_on', bucket: 'month' })
    expect(groupsOf(meta, 'deal', 'owner, month(closed_on)').map((g) => g.text)).toEqual(['owner', 'closed_on'])
  })
  it('say the rows behind them', () => {
    const cel = (text: string, value: unknown, zone = 'UTC') => groupCel(groupOf(meta, 'deal', text), value, zone)
    expect(cel('owner', { object: 'user', id: 'u1' })).toBe("owner == 'u1'")
    expect(cel('account.industry', null)).toBe('account.industry == null')
    expect(cel('month(closed_on)', '2026-12-01')).toBe("closed_on >= date('2026-12-01') && closed_on < date('2027-01-01')")
    expect(cel('month(closed_at)', '2026-03-01', 'Europe/Warsaw')).toBe("closed_at >= timestamp('2026-02-28T23:00:00Z') && closed_at < timestamp('2026-03-31T22:00:00Z')")
  })
  it('end where the next begins', () => {
    expect(['day', 'week', 'month', 'quarter', 'year'].map((b) => bucketEnd('2026-12-01', b))).toEqual(['2026-12-02', '2026-12-08', '2027-01-01', '2027-03-01', '2027-12-01'])
    expect(dayStart('2026-07-01', 'America/New_York')).toBe('2026-07-01T04:00:00Z')
  })
})

describe('a tile', () => {
  const period = { period: '2026-Q3', until: '2026-Q3', start: '2026-07-01', end: '2026-09-30', before: '2026-04-01' }
  it('narrows days and moments to the period', () => {
    expect(periodCel(meta, 'deal', 'closed_on', period, 'UTC')).toBe("closed_on >= date('2026-07-01') && closed_on <= date('2026-09-30')")
    expect(periodCel(meta, 'deal', 'closed_at', period, 'UTC')).toContain("< timestamp('2026-10-01T00:00:00Z')")
    expect(periodCel(meta, 'deal', null, period, 'UTC')).toBe('')
  })
  it('leads from each bar to its list, the longest first', () => {
    const got = fromAggregate(meta, { object: 'deal', group_by: 'owner', drill: null }, 'count()', "category == 'won' || x", [{ owner: { object: 'user', id: 'a' }, 'count()': 1 }, { owner: null, 'count()': 5 }], 'UTC')
    expect(got.rows.map((r) => r.cells[0]!.number)).toEqual([5, 1])
    expect(filterOf(got.rows[1]!.href)).toBe("(category == 'won' || x) && owner == 'a'")
  })
  it('shows months in which nothing was', () => {
    const at = (day: string) => ({ 'month(closed_on)': day, 'sum(amount)': { amount: '5.00', currency: 'USD' } })
    const got = fromAggregate(meta, { object: 'deal', group_by: 'month(closed_on)', drill: null }, 'sum(amount)', '', [at('2026-01-01'), at('2026-04-01')], 'UTC')
    expect(got.rows.map((r) => r.cells[0]!.number)).toEqual([5, 0, 0, 5])
  })
  it('moves by one place', () => {
    const tiles = [10, 20, 30].map((position, i) => ({ id: 'abc'[i]!, position }))
    expect(moved(tiles, 'b', 1)).toEqual([{ id: 'c', position: 20 }, { id: 'b', position: 30 }])
    expect(moved(tiles, 'a', -1)).toEqual([])
  })
})

describe('a report', () => {
  it('leads to lists of the object of each column', () => {
    const data = {
      period: { period: '2026-08' }, currency: 'USD', object: 'lead', groups: ['source', 'month'],
      columns: [{ key: 'leads', kind: 'integer', object: 'lead', filter: 'a', groups: 'source,month(received_at)' }, { key: 'each', kind: 'money' }, { key: 'open', kind: 'integer', object: 'deal', filter: 'b' }],
      data: [{ source: 'website', month: '2026-08-01', leads: 4, each: { amount: '2.50', currency: 'USD' }, open: null }], total: { leads: 4, each: null, open: 2 },
    } as unknown as Report
    const got = fromReport(meta, 'lead_costs', data, 'UTC')
    expect(filterOf(got.rows[0]!.cells[0]!.href)).toBe("a && source == 'website' && received_at >= timestamp('2026-08-01T00:00:00Z') && received_at < timestamp('2026-09-01T00:00:00Z')")
    expect(got.rows[0]!.cells.map((c) => [c.number, c.href === null])).toEqual([[4, false], [2.5, true], [null, true]])
    expect(got.total!.map((c) => c.href)).toEqual(['/o/leads?filter=a', null, '/o/deals?filter=b'])
  })
})
