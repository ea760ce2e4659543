// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import { makeFormat } from '@/i18n/format'
import type { Field, FieldType } from '@/meta'
import { isEmpty, phoneText, personText, shownType, valueText } from './text'
import { sameValue, toWire } from './wire'

const x = { t: (k: string) => k, fmt: makeFormat('en', 'UTC') } as never
const field = (type: FieldType, more: Partial<Field> = {}): Field => ({ name: 'f', label: 'F', type, ...more })
const options = [{ value: 'a', label: 'Alpha' }, { value: 'b', label: 'Beta' }]
const name = { family: 'Иванов', given: 'Иван', middle: 'Петрович' }

describe('values in words', () => {
  const cases: [FieldType, unknown, string, Partial<Field>?][] = [
    ['text', 'x', 'x'], ['integer', 1234, '1,234'], ['decimal', '12.50', '12.5', { places: 2 }], ['percent', '12.5', '12.5%'], ['money', { amount: '1054.00', currency: 'USD' }, '$1,054'],
    ['boolean', true, 'field.yes'], ['date', '2026-10-06', 'Oct 6, 2026'], ['time', '14:05', '2:05 PM'], ['duration', '5400s', '1 hr 30 min'], ['choice', 'a', 'Alpha', { options }],
    ['choice', 'gone', 'gone', { options }], ['multichoice', ['a', 'b'], 'Alpha and Beta', { options }], ['tags', ['p', 'q', 'r'], 'p, q, and r'], ['person_name', name, 'Иван Петрович Иванов'],
    ['emails', [{ value: 'a@b.c' }], 'a@b.c'], ['phones', [{ value: '+74951234567' }], '+7 495 123-45-67'], ['identifier', [{ country: 'PL', kind: 'nip', value: '5260250274' }], 'NIP 5260250274'],
    ['addresses', [{ value: { street: 'Prosta 1', city: 'Łódź', postcode: '90-001', country: 'PL' } }], 'Prosta 1, 90-001 Łódź, PL'], ['reference', { object: 'account', id: '0a', label: 'Acme' }, 'Acme'],
    ['reference', { object: 'account', id: '0a', label: null }, '0a'], ['links', [{ object: 'contact', id: '0c', label: 'Ann', link: {} }], 'Ann'], ['file', { id: '0f', name: 'a.pdf', size: 1, type: '' }, 'a.pdf'],
    ['json', { a: 1 }, '{"a":1}'], ['formula', { amount: '5.00', currency: 'USD' }, '$5', { result: 'money' }], ['text', null, ''],
  ]
  for (const [type, v, want, more] of cases) it(`${type} ${JSON.stringify(v)}`, () => expect(valueText(field(type, more), v, x)).toBe(want))
  it('orders names by language', () => expect([personText(name, 'ru'), personText(name, 'pl')]).toEqual(['Иванов Иван Петрович', 'Иван Петрович Иванов']))
  it('groups phones', () => expect([phoneText('+48221234567'), phoneText('+4912345')]).toEqual(['+48 221 234 567', '+4912345']))
  it('knows what is empty', () => expect([null, undefined, '', [], 0, false, {}].map(isEmpty)).toEqual([true, true, true, true, false, false, false]))
  it('shows a formula as its result', () => expect(shownType({ type: 'rollup', result: 'integer' })).toBe('integer'))
})

describe('values as sent', () => {
  it('leaves labels behind', () => {
    expect(toWire([field('reference'), field('file')].map((f, i) => ({ ...f, name: 'ab'[i]! })), { a: { object: 'o', id: '1', label: 'L' }, b: { id: '2', name: 'n', size: 3, type: 't' }, c: '' })).toEqual({ a: { object: 'o', id: '1' }, b: { id: '2' }, c: null })
  })
  it('compares without them', () => {
    expect(sameValue('reference', { object: 'o', id: '1', label: 'A' }, { object: 'o', id: '1', label: 'B' })).toBe(true)
    expect(sameValue('text', '', null)).toBe(true)
    expect(sameValue('money', { amount: '1', currency: 'USD' }, { amount: '2', currency: 'USD' })).toBe(false)
  })
})
