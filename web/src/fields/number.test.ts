// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import { addDecimal, compareDecimal, readNumber, trimZeros, typed } from './number'
import { parseDuration } from './duration'

describe('numbers as typed', () => {
  const cases: [string, string, string | null][] = [
    ['1,234.56', 'en', '1234.56'], ['1,234', 'en', '1234'], ['1,5', 'en', '1.5'], ['1 234,56', 'ru', '1234.56'], ['1\u00a0234,5', 'pl', '1234.5'],
    ['1,234', 'ru', '1.234'], ['1.234,56', 'pl', '1234.56'], ['12 %', 'en', '12'], ['-5', 'en', '-5'], ['−5', 'ru', '-5'],
    ['.5', 'en', '0.5'], ['5.', 'en', '5'], ['007', 'en', '7'], ['-0', 'en', '0'], ['1 000 ₽', 'ru', '1000'], ['12,50 zł', 'pl', '12.50'], ['+3', 'en', '3'],
    ['', 'en', null], ['abc', 'en', null], ['1e5', 'en', null], ['--5', 'en', null], ['123456789012345678.9', 'en', '123456789012345678.9'],
  ]
  for (const [text, lang, want] of cases) it(`${lang} "${text}" is ${want}`, () => expect(readNumber(text, lang)).toBe(want))

  it('adds exactly', () => {
    expect(addDecimal('0.1', '0.2')).toBe('0.3')
    expect(addDecimal('100.00', '100.01', -1)).toBe('-0.01')
    expect(addDecimal('99999999999999999.99', '0.01')).toBe('100000000000000000.00')
    expect(compareDecimal('10', '9.99')).toBe(1)
    expect(compareDecimal('-1', '-1.0')).toBe(0)
  })
  it('shows what was typed', () => {
    expect(trimZeros('12.5000')).toBe('12.5')
    expect(trimZeros('100')).toBe('100')
    expect(typed('1054.00', 'ru')).toBe('1054')
    expect(typed('12.50', 'pl')).toBe('12,5')
  })
})

describe('durations', () => {
  const cases: [string, string | null][] = [
    ['1h 30m', '5400s'], ['1:30', '5400s'], ['90', '5400s'], ['1,5 ч', '5400s'], ['2 godz.', '7200s'], ['1 ч 5 мин', '3900s'], ['5400s', '5400s'],
    ['2 days', '172800s'], ['soon', null], ['1x', null], ['', null], ['1h soon', null],
  ]
  for (const [text, want] of cases) it(`"${text}" is ${want}`, () => expect(parseDuration(text)).toBe(want))
})
