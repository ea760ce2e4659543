/* SPDX-License-Identifier: GPL-3.0-or-later */
import { describe, expect, it } from 'vitest'
import type { ObjectMeta } from '@/meta'
import type { Column, Table } from './calls'
import { draftOf, fromMapping, hasMoment, profileFor, readable, toMapping, withColumn, type Draft } from './model'

const object = { name: 'deal', label: 'Deal', fields: [
  { name: 'name', label: 'Name', type: 'text' }, { name: 'emails', label: 'E-mails', type: 'emails' }, { name: 'close_date', label: 'Closes', type: 'date' }, { name: 'outside_id', label: 'Key', type: 'text' },
] } as unknown as ObjectMeta
const column = (heading: string, field: string | null, kind = 'text'): Column => ({ heading, field, kind, samples: [], confidence: 1, alternatives: [], is_left_out: false, unknown_values: [] })
const table = (...columns: Column[]): Table => ({ name: 'a.csv', file: 'a.csv', object: 'deal', rows: 1, profile: null, profile_label: null, mapping: null, columns })

describe('the mapping of an import', () => {
  it('begins with the guess and adds and changes when a key is there', () => {
    const draft = draftOf(table(column('Title', 'name'), column('Key', 'outside_id')), 'deal')
    expect([draft.mode, draft.match]).toEqual(['upsert', ['outside_id']])
    expect(draftOf(table(column('Title', 'name')), 'deal').mode).toBe('create')
  })
  it('asks for a zone only where a column goes to a moment', () => {
    const object = { fields: [{ name: 'name', type: 'text' }, { name: 'created_at', type: 'timestamp' }] } as unknown as ObjectMeta
    const draft = (columns: Draft['columns']) => ({ columns }) as Draft
    expect(hasMoment(object, draft({ A: 'name', B: null }))).toBe(false)
    expect(hasMoment(object, draft({ A: ['name', 'created_at'] }))).toBe(true)
  })
  it('says the order of dates only where a date is read', () => {
    const draft = draftOf(table(column('Day', 'close_date', 'date ?'), column('Other', null, 'date ?')), 'deal')
    expect(toMapping(draft, object).dates).toEqual({ Day: 'dmy' })
  })
  it('gives a plain field to one column, a list to many', () => {
    expect(withColumn(object, { A: 'name', B: null }, 'B', 'name')).toEqual({ A: null, B: 'name' })
    expect(withColumn(object, { A: 'emails', B: null }, 'B', 'emails')).toEqual({ A: 'emails', B: 'emails' })
  })
  it('comes back from what was saved, and keeps what it does not know', () => {
    const at = table(column('Title', 'name')), saved = { table: 'a.csv', object: 'deal', columns: { Title: 'name' }, mode: 'update' as const, match: ['name'], rest: 'note' as const, zone: 'Europe/Warsaw' }
    expect(toMapping(fromMapping(saved, at, 'deal'), object)).toEqual(saved)
    expect(profileFor([{ id: '1', name: 'P', mapping: saved }], at)?.name).toBe('P')
    expect(profileFor([{ id: '1', name: 'P', mapping: { ...saved, columns: { Else: 'name' } } }], at)).toBeUndefined()
  })
})

it('makes new options of single values, or of all of a field', () => {
  const at = table(column('Title', 'name')), saved = { table: 'a.csv', object: 'deal', columns: { Title: 'name' }, mode: 'create' as const }
  const both: (string[] | Record<string, string[]>)[] = [['name'], { name: ['Fresh'] }]
  for (const wanted of both) {
    const mapping = { ...saved, values: { name: { Old: 'known' } }, new_options: wanted }
    expect(toMapping(fromMapping(mapping, at, 'deal'), object)).toEqual(mapping)
  }
})

it('leaves out what is deleted there until asked for it', () => {
  const at = table(column('Title', 'name')), saved = { table: 'a.csv', object: 'deal', columns: { Title: 'name' }, mode: 'create' as const, skip: { Gone: ['true'] } }
  const draft = fromMapping(saved, at, 'deal')
  expect([toMapping(draft, object).skip, toMapping({ ...draft, skip: false }, object).skip]).toEqual([saved.skip, undefined])
})

it('shows values as the reader writes them, and texts as they are', () => {
  const fmt = { money: (m: { amount: string; currency: string }) => `${m.currency}:${m.amount}`, date: (d: string) => 'D' + d, dateTime: (d: string) => 'T' + d }
  expect(['2026-03-04', '2026-03-04T05:06:00Z', '-12.50 PLN', '12.50', 'Call 2026-03-04', '+48 601 234 567'].map(v => readable(fmt, v))).toEqual(
    ['D2026-03-04', 'T2026-03-04T05:06:00Z', 'PLN:-12.50', '12.50', 'Call 2026-03-04', '+48 601 234 567'])
})
