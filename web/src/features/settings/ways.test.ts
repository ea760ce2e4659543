/* SPDX-License-Identifier: GPL-3.0-or-later */
import { expect, it } from 'vitest'
import { kindsBy, withKind } from './Ways'

const kinds = ['assigned', 'reminder', 'escalated']

it('ways not chosen are the usual ones; a choice changes one kind of one way', () => {
  expect(kindsBy(null, 'browser', kinds)).toEqual(kinds)
  expect(kindsBy(null, 'mail', kinds)).toEqual(['escalated'])
  expect(withKind(null, 'mail', 'assigned', true, kinds)).toEqual({ mail: ['assigned', 'escalated'] })
  expect(withKind({ digest: ['reminder'] }, 'digest', 'reminder', false, kinds)).toEqual({ digest: [] })
})
