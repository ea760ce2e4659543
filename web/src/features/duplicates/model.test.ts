/* SPDX-License-Identifier: GPL-3.0-or-later */
import { describe, expect, it } from 'vitest'
import type { Rec } from '@/api'
import type { Field } from '@/meta'
import { differs, fullest, shownFields, sourceOf } from './model'

const field = (name: string, type: Field['type'] = 'text') => ({ name, label: name, type }) as Field
const name = field('name'), job = field('job_title'), phones = field('phones', 'phones')
const a = { id: 'a', version: 1, name: 'Anna', job_title: null, phones: [] } as unknown as Rec
const b = { id: 'b', version: 1, name: 'Ann', job_title: 'Buyer', phones: [{ value: '1' }] } as unknown as Rec

describe('merging', () => {
  it('keeps the record that says most', () => {
    expect(fullest([a, b], [name, job, phones])).toBe('b')
    expect(fullest([b, { ...b, id: 'a' } as Rec], [name, job])).toBe('a')
  })
  it('takes what is empty for no difference', () => {
    expect(differs(job, [a, b])).toBe(false)
    expect(differs(name, [a, b])).toBe(true)
    expect(shownFields([name, job, phones], [a, b], false).map((f) => f.name)).toEqual(['name', 'phones'])
    expect(shownFields([name, job, phones], [a, b], true).map((f) => f.name)).toEqual(['name', 'job_title', 'phones'])
  })
  it('takes the chosen value, then that of the one that stays, then any', () => {
    expect(sourceOf(name, [a, b], 'a', {})).toBe('a')
    expect(sourceOf(name, [a, b], 'a', { name: 'b' })).toBe('b')
    expect(sourceOf(job, [a, b], 'a', {})).toBe('b')
    expect(sourceOf(field('none'), [a, b], 'a', {})).toBe(null)
  })
})
