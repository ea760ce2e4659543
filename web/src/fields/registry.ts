// SPDX-License-Identifier: GPL-3.0-or-later
/* The one table of field types.  A view never asks what type a field has: it asks this table what to do with it. */
import { lazy } from 'react'
import type { Field } from '@/meta'
import { CELLS as C } from './cells'
import { shownType, valueText } from './text'
import type { FieldType } from './types'

/** An input that is loaded when it is first typed in: lists only show values. */
const later = <M>(load: () => Promise<M>) => (name: keyof M) => lazy(() => load().then(m => ({ default: m[name] as NonNullable<FieldType['Input']> })))
const simple = later(() => import('./inputs/simple'))
const several = later(() => import('./inputs/several'))
const refs = later(() => import('./inputs/refs'))

const left = (Cell: FieldType['Cell'], Input?: FieldType['Input'], more: Partial<FieldType> = {}): FieldType =>
  ({ Cell, Input, align: 'left', text: (v, f, x) => valueText(f, v, x), ...more })
const right = (Cell: FieldType['Cell'], Input?: FieldType['Input']): FieldType => left(Cell, Input, { align: 'right' })

const TYPES: Record<string, FieldType> = {
  text: left(C.TextCell, simple('TextInput')),
  longtext: left(C.TextCell, simple('LongTextInput'), { large: true }),
  integer: right(C.NumberCell, simple('IntegerInput')),
  decimal: right(C.NumberCell, simple('DecimalInput')),
  money: right(C.NumberCell, simple('MoneyInput')),
  percent: right(C.PercentCell, simple('DecimalInput')),
  boolean: left(C.BooleanCell, simple('BooleanInput'), { immediate: true, flip: v => v !== true }),
  date: left(C.DateCell, simple('DateInput')),
  time: left(C.DateCell, simple('TimeInput')),
  timestamp: left(C.DateCell, simple('MomentInput')),
  duration: right(C.NumberCell, simple('DurationInput')),
  choice: left(C.ChoiceCell, simple('ChoiceInput'), { immediate: true }),
  multichoice: left(C.ChoicesCell, simple('ChoicesInput')),
  person_name: left(C.PersonCell, several('PersonInput'), { large: true }),
  emails: left(C.ListedCell, several('ListedInput'), { large: true }),
  phones: left(C.ListedCell, several('ListedInput'), { large: true }),
  handles: left(C.ListedCell, several('ListedInput'), { large: true }),
  addresses: left(C.AddressCell, several('AddressInput'), { large: true }),
  url: left(C.UrlCell, simple('UrlInput')),
  identifier: left(C.IdentifierCell, several('IdentifierInput'), { large: true }),
  reference: left(C.RefCell, refs('RefInput'), { immediate: true }),
  any_reference: left(C.RefCell, refs('RefInput'), { immediate: true }),
  user: left(C.RefCell, refs('RefInput'), { immediate: true }),
  links: left(C.LinksCell, refs('LinksInput'), { large: true }),
  file: left(C.FileCell, refs('FileInput'), { large: true }),
  tags: left(C.ChoicesCell, simple('TagsInput'), { large: true }),
  json: left(C.JsonCell, simple('JsonInput'), { large: true }),
  autonumber: left(C.TextCell),
}

/** How a field of this type is shown, typed, aligned and put into words. */
export function typeOf(field: Pick<Field, 'type' | 'result'>): FieldType {
  const found = TYPES[shownType(field)] ?? TYPES.text!
  return field.type === 'formula' || field.type === 'rollup' ? { ...found, Input: undefined } : found
}

/** True when the caller may type into the field. */
export function isEditable(field: Field): boolean {
  return typeOf(field).Input !== undefined && field.write !== false && !field.readonly && !field.computed
    && (!field.system || field.name === 'owner' || field.name === 'team')
}
