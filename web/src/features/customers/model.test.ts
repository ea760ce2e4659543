// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import { placePeople } from './model'

const at = (people: [string, string | null][]): Record<string, unknown> => {
  const { places, ...size } = placePeople(people.map(([id, chief]) => ({ id, chief })))
  return { ...size, ...Object.fromEntries(places.map((p) => [p.id, [p.x, p.y, p.chief]])) }
}

describe('who reports to whom', () => {
  it('puts a chief above the middle of his people', () => {
    expect(at([['a', null], ['b', 'a'], ['c', 'a'], ['d', null]])).toEqual({ columns: 3, rows: 2, a: [0.5, 0, null], b: [0, 1, 'a'], c: [1, 1, 'a'], d: [2, 0, null] })
  })
  it('shows everybody once, whatever circle there is and whoever works elsewhere', () => {
    const got = at([['a', 'b'], ['b', 'a'], ['c', 'gone'], ['d', 'd']])
    expect(Object.keys(got)).toHaveLength(6)
    expect(got.c).toEqual([expect.any(Number), 0, null])
  })
})
