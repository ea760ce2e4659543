// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import { effective, isChanged, readState, writeState, type ListView } from './state'

const view: ListView = { key: 'open', label: 'Open', filter: "stage == 'x' || a", order_by: '-amount', columns: ['name'], layout: 'list' }

describe('list address', () => {
  it('comes back as it was', () => {
    for (const q of ['', 'view=open&q=a+b&filter=a+%26%26+b&order_by=-amount&cols=name%2Cstage&layout=board&as_of=2026-01-01T00%3A00%3A00Z&group=stage&deleted=1&without=1', 'filter=']) {
      expect(writeState(readState(new URLSearchParams(q))).toString()).toBe(q)
    }
  })
  it('lays the address over the view', () => {
    expect(effective(readState(new URLSearchParams('without=1')), view)).toEqual({ filter: "(stage == 'x' || a) && owner == null", order: '-amount', columns: ['name'], layout: 'list' })
    expect(effective(readState(new URLSearchParams('filter=&order_by=name&layout=board')), view)).toMatchObject({ filter: '', order: 'name', layout: 'board' })
    expect(effective(readState(new URLSearchParams('')), undefined)).toEqual({ filter: '', order: '', columns: null, layout: 'list' })
  })
  it('sees what is changed', () => {
    const changed = (q: string) => isChanged(readState(new URLSearchParams(q)), view)
    expect([changed(''), changed('q=x'), changed('order_by=-amount'), changed('order_by=name'), changed('filter='), changed('cols=name'), changed('cols=name,x')])
      .toEqual([false, false, false, true, true, false, true])
  })
})
