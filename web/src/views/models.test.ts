// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import { addPage, columnKey, moveCard, putCard, walk, wanted, type BoardData } from './boardModel'
import { chooseColumns, clampWidth, layout, nextSort, NO_PREFS, readPrefs, shift, sortOf, withPin, withWidth } from './columns'
import { countOn, EVERYTHING, gridKey, isNone, isOn, NOTHING, setRange, target, toggle } from './gridModel'

describe('grid keys', () => {
  const size = { rows: 10, cols: 3, page: 4 }, at = { row: 5, col: 1 }
  const to = (key: string, more = {}) => gridKey(at, { key, ...more }, size)
  it('walks and stops at the edges', () => {
    expect(to('ArrowDown')).toMatchObject({ do: 'move', to: { row: 6, col: 1 } })
    expect(to('k')).toMatchObject({ to: { row: 4, col: 1 } })
    expect(to('о')).toMatchObject({ to: { row: 6, col: 1 } })
    expect(to('PageDown')).toMatchObject({ to: { row: 9 } })
    expect(to('Home', { ctrl: true })).toMatchObject({ to: { row: 0, col: 0 } })
    expect(to('End')).toMatchObject({ to: { row: 5, col: 2 } })
    expect(to('ArrowDown', { shift: true })).toMatchObject({ extend: true })
    expect(gridKey({ row: 0, col: 0 }, { key: 'ArrowUp' }, size)).toMatchObject({ to: { row: 0, col: 0 } })
    expect(gridKey({ row: 0, col: 0 }, { key: 'ArrowUp' }, { ...size, head: true })).toMatchObject({ to: { row: -1, col: 0 } })
    expect(gridKey({ row: 3, col: 0 }, { key: 'PageUp' }, { ...size, head: true })).toMatchObject({ to: { row: 0, col: 0 } })
    expect(gridKey({ row: -1, col: 0 }, { key: 'ArrowRight' }, { ...size, head: true })).toMatchObject({ to: { row: -1, col: 1 } })
  })
  it('knows its verbs and leaves the rest', () => {
    expect([to('Enter'), to('F2'), to('e'), to('x'), to(' '), to('Escape'), to('a', { ctrl: true })].map(a => a?.do))
      .toEqual(['open', 'edit', 'edit', 'toggle', 'toggle', 'escape', 'all'])
    expect([to('k', { ctrl: true }), to('q'), to('ArrowDown', { alt: true }), to('/')]).toEqual([null, null, null, null])
  })
})

describe('selection', () => {
  it('counts both ways', () => {
    const two = toggle(toggle(NOTHING, 'a'), 'b')
    expect([isOn(two, 'a'), isOn(two, 'c'), countOn(two, 9), isNone(two), isNone(toggle(toggle(two, 'a'), 'b'))]).toEqual([true, false, 2, false, true])
    const butOne = toggle(EVERYTHING, 'a')
    expect([isOn(butOne, 'a'), isOn(butOne, 'b'), countOn(butOne, 9), isNone(butOne)]).toEqual([false, true, 8, false])
    expect([...setRange(two, ['c', 'd'], true).ids]).toEqual(['a', 'b', 'c', 'd'])
    expect(isOn(setRange(EVERYTHING, ['a'], false), 'a')).toBe(false)
  })
  it('names its target', () => {
    expect(target(toggle(NOTHING, 'a'), 'x')).toEqual({ ids: ['a'] })
    expect(target(EVERYTHING, '')).toEqual({ filter: 'true' })
    expect(target(toggle(EVERYTHING, 'a'), 'x || y')).toEqual({ filter: "(x || y) && !(id in ['a'])" })
  })
})

describe('columns', () => {
  const fields = [{ name: 'name', type: 'text' }, { name: 'amount', type: 'money' }, { name: 'stage', type: 'reference' }]
  it('are chosen, pinned and resized', () => {
    expect(chooseColumns(fields, 'name', ['stage', 'gone', 'stage']).map(f => f.name)).toEqual(['name', 'stage'])
    const l = layout(fields, 'name', withWidth(withPin(NO_PREFS, 'amount', true), 'name', 5))
    expect(l.map(c => [c.field.name, c.pinned, c.left, c.width])).toEqual([['amount', true, 36, 130], ['name', false, 166, 64], ['stage', false, 230, 190]])
    expect(clampWidth(1e6)).toBe(640)
    expect(shift(['a', 'b', 'c'], 'b', -1)).toEqual(['b', 'a', 'c'])
    expect(shift(['a', 'b'], 'b', 1)).toEqual(['a', 'b'])
    expect(readPrefs('{"widths":{"a":"x","b":90},"pinned":[1,"a"]}')).toEqual({ widths: { b: 90 }, pinned: ['a'] })
    expect(readPrefs('not json')).toEqual(NO_PREFS)
  })
  it('sort in three steps', () => {
    expect([nextSort('', 'a', false), nextSort('a', 'a', false), nextSort('-a', 'a', false)]).toEqual(['a', '-a', ''])
    expect([nextSort('b,a', 'a', true), nextSort('b', 'a', true), nextSort('-a,b', 'a', true)]).toEqual(['b,-a', 'b,a', 'b'])
    expect([sortOf('b,-a', 'a'), sortOf('b', 'b'), sortOf('', 'a')]).toEqual(['descending', 'ascending', 'none'])
  })
})

describe('board', () => {
  const money = (amount: string) => ({ amount, currency: 'USD' })
  const s = (id: string) => ({ object: 'stage', id, label: id })
  const board: BoardData = { columns: [
    { value: s('new'), label: 'New', color: null, count: 2, sum: money('30.00'), next_page_token: null, data: [
      { id: 'a', version: 1, stage: s('new'), amount: money('10.00') }, { id: 'b', version: 1, stage: s('new'), amount: money('20.00') }] },
    { value: s('won'), label: 'Won', color: null, count: 0, sum: null, next_page_token: null, data: [] },
    { value: null, label: '-', color: null, count: 1, sum: money('5.00'), next_page_token: null, data: [{ id: 'c', version: 1, amount: null }] },
  ] }
  it('moves a card with its totals', () => {
    const b = moveCard(board, 'b', 'won', 'stage', 'amount')
    expect(b.columns.map(c => [c.count, c.sum && c.sum.amount])).toEqual([[1, '10.00'], [1, '20.00'], [1, '5.00']])
    expect(b.columns[1]!.data[0]).toMatchObject({ id: 'b', stage: { id: 'won' } })
    expect(moveCard(board, 'a', 'new', 'stage', 'amount')).toBe(board)
    expect(moveCard(board, 'zz', 'won', 'stage', 'amount')).toBe(board)
    expect(board.columns[0]!.count).toBe(2)
  })
  it('walks over empty columns', () => {
    expect([walk(board, 'b', 1, 0), walk(board, 'c', -1, 0), walk(board, 'a', 0, 1), walk(board, 'a', 0, -1)]).toEqual(['c', 'a', 'b', null])
    expect([columnKey(s('x')), columnKey('open'), columnKey(null)]).toEqual(['x', 'open', ''])
    expect(putCard(board, { id: 'a', version: 2 }).columns[0]!.data[0]!.version).toBe(2)
  })
})

describe('long columns', () => {
  const long: BoardData = { columns: [{ value: 'a', label: 'A', count: 3, sum: null, data: [{ id: '1', version: 1 }, { id: '2', version: 1 }], next_page_token: 't', filter: "k == 'a'" }, { value: 'b', label: 'B', count: 0, sum: null, data: [], next_page_token: null, filter: "k == 'b'" }] }
  it('go on where they ended, nothing twice', () => {
    const next = addPage(long, 'a', { data: [{ id: '2', version: 1 }, { id: '3', version: 1 }], next_page_token: null })
    expect(next.columns[0]).toMatchObject({ data: [{ id: '1' }, { id: '2' }, { id: '3' }], next_page_token: null })
    expect(next.columns[1]).toBe(long.columns[1])
  })
  it('are asked for again as long as they were shown', () => {
    expect(wanted(undefined, 25)).toBe(25)
    expect(wanted(long, 1)).toBe(2)
    expect(wanted({ columns: [{ ...long.columns[0]!, data: Array.from({ length: 900 }, (_, i) => ({ id: String(i), version: 1 })) }] }, 25)).toBe(200)
  })
})
