// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import type { Bridge, Row } from './calls'
import { byPeriod, cellsOf, drill, everybody, kindOf, stepPeriod, stepsOf, treeOf, visible } from './model'

const row = (id: string, parent: string | null, below = false) => ({ owner: id ? { object: 'user', id, label: id.toUpperCase() } : null, parent: parent ? { object: 'user', id: parent } : null, below: below ? { pipeline: 'all' } : null, pipeline: 'own' }) as unknown as Row
const period = { period: '2026-Q3', start: '2026-07-01', end: '2026-09-30' }
const filterOf = (href: string | null) => new URLSearchParams(href!.split('?')[1]).get('filter')

describe('periods', () => {
  it('step over years', () => {
    expect(stepPeriod('2026-12', 1)).toBe('2027-01')
    expect(stepPeriod('2026-01', -1)).toBe('2025-12')
    expect(stepPeriod('2026-Q4', 1)).toBe('2027-Q1')
    expect(stepPeriod('2026-Q1', -5)).toBe('2024-Q4')
    expect(stepPeriod('2026', -1)).toBe('2025')
    expect(['2026-07', '2026-Q3', '2026'].map(kindOf)).toEqual(['month', 'quarter', 'year'])
  })
})

describe('rows', () => {
  const tree = treeOf([row('b', 'h'), row('h', null, true), row('a', 'h'), row('', null)], 'owner', 'Nobody')
  it('are a tree by name, nobody last', () => {
    expect(tree.map((n) => n.name)).toEqual(['H', 'Nobody'])
    expect(visible(tree, new Set(['h'])).map((n) => [n.name, n.depth])).toEqual([['H', 0], ['A', 1], ['B', 1], ['Nobody', 0]])
  })
  it('say their own numbers once they are open', () => {
    expect(cellsOf(tree[0]!, new Set()).pipeline).toBe('all')
    expect(cellsOf(tree[0]!, new Set(['h'])).pipeline).toBe('own')
  })
  it('lead to the deals behind a number', () => {
    const node = tree[0]!
    expect(filterOf(drill('closed', period, 'owner', { node, open: true }, null))).toBe("category == 'won' && closed_on >= date('2026-07-01') && closed_on <= date('2026-09-30') && owner == 'h'")
    expect(filterOf(drill('commit', period, 'owner', { node, open: false }, null))).toContain("(owner == 'h' || owner == 'a' || owner == 'b')")
    expect(filterOf(drill('pipeline', period, 'owner', { node: tree[1]!, open: true }, null))).toContain('owner == null')
    expect(drill('quota', period, 'owner', null, null)).toBeNull()
    const past = { at: '2026-08-01T22:00:00Z', day: '2026-08-01', byDates: false }
    expect(drill('pipeline', period, 'owner', null, past)).toContain('as_of=')
    expect(filterOf(drill('pipeline', period, 'owner', null, { ...past, byDates: true }))).toContain("opened_on <= date('2026-08-01')")
  })
})

describe('several periods', () => {
  const rows = [{ ...row('a', 'h'), period: '2026-07' }, { ...row('h', null), period: '2026-07' }, { ...row('h', null, true), period: '2026-08' }] as Row[]
  it('have everybody once, and his row in each', () => {
    expect(treeOf(everybody(rows, 'owner'), 'owner', '').map((n) => [n.name, n.children.length])).toEqual([['H', 1]])
    expect([...byPeriod(rows, 'owner').get('2026-07')!.keys()]).toEqual(['a', 'h'])
  })
  it('may be those of product families', () => {
    const families = [{ family: 'Tools', period: '2026-07' }, { family: null, period: '2026-07' }] as unknown as Row[], tree = treeOf(families, 'family', 'None')
    expect(tree.map((n) => n.name)).toEqual(['Tools', 'None'])
    expect(filterOf(drill('commit', period, 'family', { node: tree[0]!, open: true }, null))).toContain("product.family == 'Tools'")
  })
})

describe('the bridge', () => {
  it('stands on what came before and ends where it says', () => {
    const part = (name: string, amount: number) => ({ part: name, amount: { amount: String(amount), currency: 'USD' }, count: 1 })
    const steps = stepsOf({ parts: [part('start', 100), part('added', 50), part('lost', -30), part('end', 120)] } as unknown as Bridge)
    expect(steps.map((s) => [s.from, s.to])).toEqual([[0, 100], [100, 150], [150, 120], [0, 120]])
  })
})
