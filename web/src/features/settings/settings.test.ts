/* SPDX-License-Identifier: GPL-3.0-or-later */
import { describe, expect, it } from 'vitest'
import type { Rec } from '@/api'
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
