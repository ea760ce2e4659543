// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import { changes, firstValues, isRequired, isVisible, missing, type FormField } from './form'

const fields: FormField[] = [
  { name: 'kind', type: 'choice', default: 'task', required: true },
  { name: 'subject', type: 'text', required_if: "kind != 'note'" },
  { name: 'due', type: 'timestamp', visible: "kind != 'note'", required: true },
  { name: 'owner', type: 'user', default: null },
  { name: 'flag', type: 'boolean', default: false },
  { name: 'n', type: 'integer', default: 3 },
]

describe('forms', () => {
  it('begins with defaults, or the record', () => {
    expect(firstValues(fields, null, { subject: 'x' })).toEqual({ kind: 'task', subject: 'x', due: null, owner: null, flag: false, n: 3 })
    expect(firstValues(fields, { kind: 'note', n: 0 }, { kind: 'call' })).toMatchObject({ kind: 'call', n: 0, flag: null })
  })
  it('asks for what is visible and required now', () => {
    expect(missing(fields, { kind: 'task' })).toEqual(['subject', 'due'])
    expect(missing(fields, { kind: 'note' })).toEqual([])
    expect(isVisible(fields[2]!, { kind: 'note' })).toBe(false)
    expect(isRequired(fields[1]!, { kind: 'call' })).toBe(true)
  })
  it('sends only what differs', () => {
    const record = { kind: 'task', subject: 'a', owner: { object: 'user', id: '1', label: 'A' }, n: 1, due: null, flag: null }
    expect(changes(fields, record, { ...record, subject: '', owner: { object: 'user', id: '1', label: 'Renamed' }, n: 2 })).toEqual({ subject: null, n: 2 })
    expect(changes(fields, null, { kind: 'note', subject: '', n: 0 })).toEqual({ kind: 'note', n: 0 })
  })
})
