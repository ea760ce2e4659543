// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import { operatorsOf } from '../../fields/filterKit'
import { complete, fromCel, toCel, type FieldLike, type Group, type Rule } from './model'

const FIELDS: FieldLike[] = [
  'text', 'longtext', 'integer', 'decimal', 'money', 'percent', 'boolean', 'date', 'time', 'timestamp', 'duration', 'choice',
  'multichoice', 'person_name', 'emails', 'phones', 'handles', 'addresses', 'url', 'identifier', 'links', 'any_reference',
  'user', 'file', 'tags', 'autonumber', 'json',
].map(type => ({ name: 'f_' + type, type }))
FIELDS.push({ name: 'account', type: 'reference', target: 'account' }, { name: 'owner', type: 'reference', target: 'user' },
  { name: 'total', type: 'rollup', result: 'money' })

const SAMPLE: Record<string, [unknown, unknown]> = {
  none: [undefined, undefined], text: ["O'Neil \\ \"x\"\nnext", 'b'], number: ['12.5', '-3'], date: ['2026-01-31', '2026-02-28'],
  moment: ['2026-01-31T10:00:00Z', '2026-02-01T00:00:00Z'], option: ['A', 'B'], options: [['A', 'B'], ['C']], ref: ['0abc', '0abd'],
  refs: [['0abc', '0abd'], []], days: ['7', '8'], hours: ['24', '2'], duration: ['5400s', '7200s'], time: ['09:30', '18:00'],
}

describe('condition builder', () => {
  for (const f of FIELDS) {
    for (const o of operatorsOf(f)) {
      it(`${f.type} ${o.key} comes back as it was`, () => {
        const [v, w] = SAMPLE[o.arg]!
        const rule: Rule = { field: f.name, op: o.key, ...(o.arg !== 'none' && { v }), ...(o.two && { w }) }
        expect(complete(rule, FIELDS)).toBe(true)
        const g: Group = { join: 'all', items: [rule] }
        expect(fromCel(toCel(g, FIELDS), FIELDS)).toEqual(g)
      })
    }
  }

  it('keeps groups inside groups', () => {
    const g: Group = { join: 'all', items: [
      { field: 'f_choice', op: 'in', v: ['A'] },
      { join: 'any', items: [
        { field: 'f_money', op: 'between', v: '1', w: '5' }, { field: 'owner', op: 'me' }, { field: 'f_date', op: 'empty' },
      ] },
      { field: 'f_date', op: 'lastdays', v: '7' },
    ] }
    const cel = toCel(g, FIELDS)
    expect(cel).toBe("f_choice in ['A'] && ((f_money >= 1 && f_money <= 5) || owner == me() || f_date == null)"
      + ' && f_date >= today() - days(7) && f_date <= today()')
    expect(fromCel(cel, FIELDS)).toEqual(g)
  })

  it('leaves out rows that are not finished', () => {
    expect(toCel({ join: 'all', items: [{ field: 'f_money', op: 'gt', v: '' }, { field: 'f_text', op: 'is', v: 'x' }] }, FIELDS)).toBe("f_text == 'x'")
    expect(toCel({ join: 'all', items: [{ field: 'f_money', op: 'gt', v: '1e5' }] }, FIELDS)).toBe('')
  })

  it('reads an equality written by hand as a row', () => {
    expect(fromCel("f_choice == 'A' && account != '0abc'", FIELDS)).toEqual({ join: 'all', items: [
      { field: 'f_choice', op: 'in', v: ['A'] }, { field: 'account', op: 'notin', v: ['0abc'] }] })
  })

  it('does not pretend to know what it cannot show', () => {
    for (const src of ["account.industry == 'retail'", 'f_money * 2 > 5', 'f_money > ', "unknown == 'x'", 'f_money > f_integer']) {
      expect(fromCel(src, FIELDS), src).toBeNull()
    }
  })

  it('cannot be broken out of by a value', () => {
    const cel = toCel({ join: 'all', items: [{ field: 'f_text', op: 'is', v: "x' || true || '" }] }, FIELDS)
    expect(fromCel(cel, FIELDS)?.items).toHaveLength(1)
    expect(toCel({ join: 'all', items: [{ field: 'f_text', op: 'contains', v: 'F V W' }] }, FIELDS)).toBe("fold(f_text).contains(fold('F V W'))")
  })
})

describe('what the server can answer', () => {
  it('folds only what is searchable', () => {
    const field = { name: 'code', type: 'text', searchable: false }
    expect(toCel({ join: 'all', items: [{ field: 'code', op: 'contains', v: 'A' }] }, [field])).toBe("code.contains('A')")
  })
  it('counts an empty text as one that lacks', () => {
    const g: Group = { join: 'all', items: [{ field: 'f_text', op: 'lacks', v: 'x' }, { field: 'owner', op: 'me' }] }
    expect(toCel(g, FIELDS)).toBe("(f_text == null || !fold(f_text).contains(fold('x'))) && owner == me()")
    expect(fromCel(toCel(g, FIELDS), FIELDS)).toEqual(g)
    const any: Group = { ...g, join: 'any' }
    expect(fromCel(toCel(any, FIELDS), FIELDS)).toEqual(any)
  })
})
