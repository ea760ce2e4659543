/* SPDX-License-Identifier: GPL-3.0-or-later */
import { describe, expect, it } from 'vitest'
import type { Rec } from '@/api'
import type { Field, ObjectMeta } from '@/meta'
import { askable, fromDraft, moved, newDraft, settable, toDraft } from './formModel'
import { treeRows } from './people'
import { effective, effectiveExtra, readRights, withField, withRule, writeRights } from './rights'

const json = { '*': { create: 'all', read: 'team', update: 'own', delete: false, export: true }, deal: { read: 'all', fields: { amount: 'read' }, also: 'shared == true' }, masked: true, actions: ['lead.convert'] }

describe('rights', () => {
  it('survive reading and writing, unknown words included', () => {
    expect(writeRights(readRights(json))).toEqual({ ...json, '*': { ...json['*'], delete: 'none' } })
    expect(writeRights(readRights(null))).toEqual({})
  })
  it('of an object fall back to those of all', () => {
    const r = readRights(json)
    expect(effective(r, 'deal', 'read')).toBe('all')
    expect(effective(r, 'deal', 'update')).toBe('own')
    expect(effective(r, 'lead', 'delete')).toBe('none')
    expect(effectiveExtra(r, 'lead', 'export')).toBe(true)
    expect(effectiveExtra(r, 'lead', 'mass')).toBe(false)
    expect([effective(r, 'rate', 'read', true), effective(r, 'rate', 'create', true)]).toEqual(['all', 'none'])
  })
  it('change without touching what was there', () => {
    const r = readRights(json)
    expect(effective(withRule(r, 'lead', 'read', 'none'), 'lead', 'read')).toBe('none')
    expect(effective(withRule(r, 'deal', 'read', undefined), 'deal', 'read')).toBe('team')
    expect(effective(r, 'deal', 'read')).toBe('all')
    expect(writeRights(withField(r, 'deal', 'amount', 'write')).deal).toEqual({ read: 'all', also: 'shared == true' })
    expect(writeRights(withField(r, 'lead', 'phones', 'hidden')).lead).toEqual({ fields: { phones: 'hidden' } })
  })
})

describe('tree', () => {
  const team = (id: string, parent?: string): Rec => ({ id, version: 1, parent: parent ? { object: 'team', id: parent, label: parent } : null })
  const shape = (list: Rec[]) => treeRows(list, 'parent').map((r) => `${r.depth}${r.record.id}`)
  it('puts children under parents', () => expect(shape([team('c', 'b'), team('a'), team('b', 'a')])).toEqual(['0a', '1b', '2c']))
  it('shows a child of an unseen parent at the top', () => expect(shape([team('b', 'x'), team('a')])).toEqual(['0b', '0a']))
  it('loses nobody in a circle', () => expect(shape([team('a', 'b'), team('b', 'a')])).toEqual(['0a', '0b']))
})

describe('web forms', () => {
  const field = (name: string, type: string, more = {}) => ({ name, label: name, type, ...more }) as unknown as Field
  const lead = { name: 'lead', fields: [field('name', 'person_name'), field('emails', 'emails'), field('owner', 'user'), field('converted_at', 'timestamp'), field('budget', 'money'), field('rating', 'choice', { options: [] }), field('status', 'choice', { readonly: true })] } as unknown as ObjectMeta

  it('a form asks plain values, and begins with who writes', () => {
    expect(askable(lead).map((f) => f.name)).toEqual(['name', 'emails', 'budget', 'rating'])
    expect(newDraft(lead, 'ru').fields.map((a) => [a.field, a.required])).toEqual([['name', true], ['emails', true]])
    expect(settable(lead, newDraft(lead, 'ru')).map((f) => f.name)).toEqual(['rating'])
  })

  it('what is read is what is sent; empty texts are none', () => {
    const draft = { ...newDraft(lead, 'pl'), name: 'Ask', origins: ' ', fields: [{ field: 'name', required: true, label: ' You ', hint: '' }], defaults: { rating: 'hot' } }
    const sent = fromDraft(draft)
    expect(sent).toMatchObject({ name: 'Ask', origins: null, title: null, fields: [{ field: 'name', required: true, label: 'You' }], defaults: { rating: 'hot' } })
    expect(fromDraft(toDraft({ id: '1', version: 1, ...sent } as unknown as Rec))).toEqual(sent)
  })

  it('fields move by a place and not out of the list', () => {
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c'])
    expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c'])
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b'])
  })
})
