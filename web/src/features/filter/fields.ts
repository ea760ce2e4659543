// SPDX-License-Identifier: GPL-3.0-or-later
/* What of a field a filter asks. */
import { operatorsOf } from '@/fields/filterKit'
import type { Key } from '@/i18n'
import type { Field } from '@/meta'

export const operatorKey = (op: string) => ('filter.op.' + op) as Key

/** Fields a filter may name. */
export const filterable = (fields: Field[]) => fields.filter(f => f.filterable !== false && operatorsOf(f).length > 0)

/** The object a reference field leads to. */
export const targetOf = (f: Field): string | null => f.type === 'user' ? 'user' : f.target ?? null
