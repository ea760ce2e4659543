// SPDX-License-Identifier: GPL-3.0-or-later
/* What a list can be summed up by. */
import { shownType } from '@/fields'
import type { Field, ObjectMeta } from '@/meta'

const WHOLE = new Set(['choice', 'reference', 'user', 'boolean'])
const DATED = new Set(['date', 'timestamp'])

/** Summed up by month instead of by value. */
export const isDated = (f: Field) => DATED.has(shownType(f))

/** Fields a list can be summed up by. */
export const groupable = (object: ObjectMeta): Field[] => object.fields.filter(f => f.groupable && (WHOLE.has(shownType(f)) || isDated(f)))
