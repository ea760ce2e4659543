/* SPDX-License-Identifier: GPL-3.0-or-later */
import { describe, expect, it } from 'vitest'
import { daysBetween, durationSeconds, makeFormat, parseDecimal } from './format'

const plain = (s: string) => s.replace(/[\u00a0\u202f]/g, ' ')
const en = makeFormat('en', 'Europe/Warsaw')
const ru = makeFormat('ru', 'Europe/Moscow')
const pl = makeFormat('pl', 'Europe/Warsaw')

describe('money', () => {
  it('shows cents only when there are any', () => {
    expect(en.money({ amount: '8600.00', currency: 'EUR' })).toBe('€8,600')
    expect(en.money({ amount: '8600.50', currency: 'EUR' })).toBe('€8,600.50')
    expect(en.money({ amount: '8600', currency: 'EUR' }, 'exact')).toBe('€8,600.00')
  })
  it('keeps every digit of a sum no double can hold', () => {
    expect(en.money({ amount: '9007199254740993.17', currency: 'USD' })).toBe('$9,007,199,254,740,993.17')
  })
  it('writes as each language does', () => {
    expect(plain(ru.money({ amount: '88750.00', currency: 'EUR' }))).toBe('88 750 €')
    expect(plain(pl.money({ amount: '1234.50', currency: 'PLN' }))).toBe('1234,50 zł')
    expect(plain(ru.money({ amount: '750000.00', currency: 'RUB' }, 'compact'))).toBe('750 тыс. ₽')
  })
})

describe('dates', () => {
  it('shows a day as it is, whatever the zone', () => {
    expect(en.date('2026-10-06')).toBe('Oct 6, 2026')
    expect(plain(ru.date('2026-10-06'))).toBe('6 окт. 2026')
    expect(plain(ru.dateTime('2026-11-19T01:27:00Z'))).toBe('19 нояб. 2026, 4:27')
  })
  it('shows a moment in the zone of the user', () => {
    expect(ru.day('2026-11-20T22:30:00Z')).toContain('21')
    expect(pl.day('2026-11-20T22:30:00Z')).toContain('20')
    expect(plain(en.clock('2026-11-20T22:30:00Z'))).toBe('11:30 PM')
    expect(ru.today(Date.parse('2026-11-20T22:30:00Z'))).toBe('2026-11-21')
  })
  it('says how long ago', () => {
    const now = Date.parse('2026-11-21T12:00:00Z')
    expect(en.relative('2026-11-21T09:00:00Z', now)).toBe('3 hours ago')
    expect(ru.relative('2026-11-20T11:00:00Z', now)).toBe('вчера')
    expect(pl.relative('2026-11-20T11:00:00Z', now)).toBe('wczoraj')
    expect(en.relativeDay('2026-11-22', now)).toBe('tomorrow')
    expect(en.relativeDay('2027-03-01', now)).toBe('Mar 1, 2027')
  })
  it('counts days over a change of summer time', () => {
    expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2)
  })
})

describe('durations', () => {
  it('reads the notation of CEL', () => {
    expect(durationSeconds('5400s')).toBe(5400)
    expect(durationSeconds('1h30m')).toBe(5400)
  })
  it('says two neighbouring units at most', () => {
    expect(en.duration('5400s')).toBe('1 hr 30 min')
    expect(en.duration(3 * 86400 + 120)).toBe('3 days')
    expect(plain(ru.duration(26 * 3600))).toBe('1 дн. 2 ч')
  })
})

describe('parseDecimal', () => {
  it.each([
    ['1,234.5', 'en', '1234.5'], ['1,234', 'en', '1234'], ['12,5', 'en', '12.5'], ['1 234,50', 'ru', '1234.50'], ['1.234,5', 'pl', '1234.5'],
    ['-0,00', 'ru', '0.00'], ['007', 'en', '7'], ['−5', 'ru', '-5'], ['.5', 'en', '0.5'], ['1,234', 'pl', '1.234'],
  ])('reads %s in %s', (text, language, value) => expect(parseDecimal(text, language)).toBe(value))
  it.each(['', 'abc', '1..2', '1-2', '--3'])('refuses %j', (text) => expect(parseDecimal(text, 'en')).toBeNull())
})
