// SPDX-License-Identifier: GPL-3.0-or-later
/* What the filter feature takes from the fields, without their components (so that tests load no view). */
export { parseCel, type Node as CelNode } from './cel'
export { quote, allOf } from './celtext'
export { operatorsOf, celValue, readValue, template, joinOf, type Operator, type ArgKind } from './operators'
