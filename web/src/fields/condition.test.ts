// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import { parseCel } from './cel'
import { allOf } from './celtext'
import { decide, namesIn, stepsIn } from './condition'

const rec = { kind: 'company', pipeline: { id: '0p', back: 'ask' }, stage: { object: 'stage', id: '0won', label: 'Won' }, amount: { amount: '5.00', currency: 'USD' }, tags: ['a', 'b'], name: null, vip: true, n: 3 }

describe('conditions of forms', () => {
  const cases: [string, boolean | undefined][] = [
    ["kind == 'company'", true], ["kind != 'company'", false], ["kind in ['person', 'company']", true], ["'a' in tags", true],
    ["stage == '0won'", true], ['name == null', true], ['has(name)', false], ['has(kind) && vip', true], ['!vip || n == 3', true],
    ["orValue(name, 'x') == 'x'", true], ['amount == 5', true], ["kind == 'company' ? vip : false", true],
    ["unknown == 'x'", undefined], ["unknown == 'x' || vip", true], ["vip || unknown == 'x'", true], ["unknown == 'x' && !vip", false],
    ["stage.won == true", undefined], ["pipeline.back == 'ask' && vip", true], ["stage.won == true && !vip", false], ['n > 2', undefined], ['kind ==', undefined], ['', undefined], ["'a' in name", false],
  ]
  for (const [src, want] of cases) it(`${src || '(none)'} is ${want}`, () => expect(decide(src, rec)).toBe(want))

  it('names the fields it reads', () => expect(namesIn("a == 'x' && (b in [c] || !has(d))").sort()).toEqual(['a', 'b', 'c', 'd']))
  it('names the fields it looks into', () => expect(stepsIn("a == 'x' && (b.c == 1 || d)")).toEqual(['b']))
})

describe('reader', () => {
  it('binds as CEL does', () => {
    expect(parseCel('a || b && c')).toMatchObject({ k: 'bin', op: '||', b: { k: 'bin', op: '&&' } })
    expect(parseCel('-1')).toMatchObject({ k: 'lit', v: -1, text: '-1' })
    expect(parseCel('a in b')).toMatchObject({ op: 'in' })
    expect(parseCel('inside')).toMatchObject({ k: 'name', v: 'inside' })
  })
  it('refuses what is not an expression', () => {
    for (const s of ['a b', '(a', "'open", 'a ==', '[1,', 'a.1', '#']) expect(() => parseCel(s), s).toThrow(SyntaxError)
  })
  it('joins filters', () => {
    expect(allOf('', null, 'a')).toBe('a')
    expect(allOf('a', 'b || c')).toBe('a && (b || c)')
    expect(allOf('x ? y : z', 'b')).toBe('(x ? y : z) && b')
  })
})
