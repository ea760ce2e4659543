// SPDX-License-Identifier: GPL-3.0-or-later
export { FieldInput, Value } from './Value'
export { isEditable, typeOf } from './registry'
export { RefFace, RefLink } from './cells'
export { findRefs, refItem, useRefLabels, type RefItem } from './data'
export { isEmpty, optionOf, shownType, valueText } from './text'
export { decide, namesIn, stepsIn } from './condition'
export type * from './types'
