/* SPDX-License-Identifier: GPL-3.0-or-later */
import { describe, expect, it } from 'vitest'
import { keyOf, pressesOf } from './commands'
import { findCommand } from './HotKeys'
import { fold, score } from './match'
import { goKeys } from './nav'
import { withRecent } from './recent'

const press = (key: string, code: string, more: Partial<KeyboardEvent> = {}) => keyOf({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more })

describe('keys', () => {
  it('are read by their place, so that a Russian layout does the same', () => {
    expect(press('л', 'KeyK', { ctrlKey: true })).toBe('ctrl+k')
    expect(press('k', 'KeyK', { metaKey: true })).toBe('ctrl+k')
    expect(press('.', 'Slash')).toBe('/')
    expect(press(',', 'Slash', { shiftKey: true })).toBe('?')
    expect(press('?', 'Slash', { shiftKey: true })).toBe('?')
    expect(press('Z', 'KeyZ', { ctrlKey: true, shiftKey: true })).toBe('ctrl+shift+z')
  })
  it('of a command are one press or several', () => {
    expect(pressesOf('Ctrl Z')).toEqual(['ctrl+z'])
    expect(pressesOf('G D')).toEqual(['g', 'd'])
    expect(pressesOf('Alt ArrowUp')).toEqual(['alt+arrowup'])
  })
  it('find the longest command', () => {
    const run = () => {}
    const list = [{ id: 'c', label: '', keys: 'C', run }, { id: 'gc', label: '', keys: 'G C', run }]
    expect(findCommand(list, ['c'])?.id).toBe('c')
    expect(findCommand(list, ['g', 'c'])?.id).toBe('gc')
    expect(findCommand(list, ['g'])).toBeNull()
  })
  it('of objects are free letters of their names', () => {
    expect([...goKeys(['deal', 'account', 'activity', 'aaa'], ['T', 'S'])]).toEqual([['deal', 'D'], ['account', 'A'], ['activity', 'C']])
  })
})

describe('matching', () => {
  it('does not mind case, marks and ё', () => {
    expect(fold('Łódź ЁЛКА')).toBe('lodz елка')
    expect(score('Создать: Сделка', 'сде')).toBeGreaterThan(0)
    expect(score('Szanse sprzedaży', 'sprzedazy')).toBeGreaterThan(0)
  })
  it('wants every word', () => {
    expect(score('New: Deal', 'new con')).toBe(0)
    expect(score('New: Deal', 'deal new')).toBeGreaterThan(0)
  })
})

it('recent records are kept once, newest first, eight at most', () => {
  const many = Array.from({ length: 9 }, (_, i) => ({ object: 'deal', id: String(i), label: 'x' }))
  const list = many.reduce((l, r) => withRecent(l, r), [] as typeof many)
  expect(list.map((r) => r.id)).toEqual(['8', '7', '6', '5', '4', '3', '2', '1'])
  expect(withRecent(list, list[3]!).map((r) => r.id)).toEqual(['5', '8', '7', '6', '4', '3', '2', '1'])
})
