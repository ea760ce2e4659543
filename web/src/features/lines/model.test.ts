/* SPDX-License-Identifier: GPL-3.0-or-later */
import { describe, expect, it } from 'vitest'
import { lineKey, readPaste, reorder, roomAfter, typedNumber } from './model'

const at = { row: 1, col: 2 }
const rows = (...places: number[]) => places.map((position, i) => ({ id: 'abcdef'[i]!, position }))

describe('keys of the table of lines', () => {
  it('go, and below the last line they add', () => {
    expect(lineKey(at, { key: 'ArrowDown' }, 3, 9)).toEqual({ do: 'go', to: { row: 2, col: 2 } })
    expect(lineKey({ row: 2, col: 0 }, { key: 'ArrowDown' }, 3, 9)).toEqual({ do: 'add' })
    expect(lineKey(at, { key: 'PageDown' }, 3, 9)).toEqual({ do: 'go', to: { row: 2, col: 2 } })
    expect(lineKey(at, { key: 'End', ctrl: true }, 3, 9)).toEqual({ do: 'go', to: { row: 2, col: 8 } })
  })
  it('do, on a Russian keyboard too', () => {
    expect(lineKey(at, { key: 'd', ctrl: true }, 3, 9)).toEqual({ do: 'copy' })
    expect(lineKey(at, { key: 'в', ctrl: true }, 3, 9)).toEqual({ do: 'copy' })
    expect(lineKey(at, { key: 'ArrowUp', alt: true }, 3, 9)).toEqual({ do: 'up' })
    expect(lineKey(at, { key: 'Delete' }, 3, 9)).toEqual({ do: 'remove' })
    expect(lineKey(at, { key: '7' }, 3, 9)).toEqual({ do: 'edit', text: '7' })
    expect(lineKey(at, { key: 'z', ctrl: true }, 3, 9)).toBeNull()
    expect(lineKey(at, { key: 'Shift' }, 3, 9)).toBeNull()
  })
})

describe('places', () => {
  it('of two change when neighbours change places', () => {
    expect(reorder(rows(1, 2, 3), 0, 1)).toEqual([{ id: 'b', position: 1 }, { id: 'a', position: 2 }])
    expect(reorder(rows(1, 5, 9), 2, 1)).toEqual([{ id: 'c', position: 5 }, { id: 'b', position: 9 }])
  })
  it('are given anew where they were not told apart', () => expect(reorder(rows(0, 0, 0), 1, 2)).toEqual([{ id: 'a', position: 1 }, { id: 'c', position: 2 }, { id: 'b', position: 3 }]))
  it('end at the ends', () => {
    expect(reorder(rows(1, 2), 0, -1)).toEqual([])
    expect(reorder(rows(1, 2), 1, 2)).toEqual([])
  })
  it('make room for a copy', () => {
    expect(roomAfter(rows(1, 2, 3, 7), 0)).toEqual({ position: 2, moved: [{ id: 'b', position: 3 }, { id: 'c', position: 4 }] })
    expect(roomAfter(rows(1, 5), 0)).toEqual({ position: 2, moved: [] })
    expect(roomAfter(rows(1, 5), 1)).toEqual({ position: 6, moved: [] })
  })
})

describe('what is pasted', () => {
  it('is name or code, quantity, unit, price, discount', () => {
    expect(readPaste('Item\tQty\tUnit\tPrice\nAN-20\t3\tpcs\t1,250.50\nDelivery\t1\t\t40\n', 'en')).toEqual([
      { text: 'AN-20', quantity: '3', unit: 'pcs', price: '1250.50', discount: null }, { text: 'Delivery', quantity: '1', unit: null, price: '40', discount: null },
    ])
    expect(readPaste('Болт М8\t1 000\tшт\t12,50\t5 %', 'ru')).toEqual([{ text: 'Болт М8', quantity: '1000', unit: 'шт', price: '12.50', discount: '5' }])
    expect(readPaste('Śruba M8\t2,5', 'pl')).toEqual([{ text: 'Śruba M8', quantity: '2.5', unit: null, price: null, discount: null }])
  })
  it('may be codes only, also such as are numbers', () => {
    expect(readPaste('4711\n4712', 'en').map(r => [r.text, r.quantity])).toEqual([['4711', '1'], ['4712', '1']])
    expect(readPaste('4711\t2', 'en').map(r => [r.text, r.quantity])).toEqual([['4711', '2']])
  })
  it('has no empty rows', () => expect(readPaste('\n\t\t\n', 'en')).toEqual([]))
})

it('a number is read as the language writes it', () => {
  expect(typedNumber('1 234,5', 'ru')).toBe('1234.5')
  expect(typedNumber('', 'ru')).toBeNull()
  expect(typedNumber('abc', 'en')).toBeUndefined()
})
