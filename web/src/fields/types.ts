// SPDX-License-Identifier: GPL-3.0-or-later
/* The shapes of values on the wire, by field type, and what a field type gives to the views. */
import type { ComponentType } from 'react'
import type { Money, Ref } from '@/api'
import type { Field } from '@/meta'
import type { Format, T } from '@/i18n'

export type { Money, Ref }
export interface Listed { value: string; label?: string | null; main?: boolean }
export interface Address { street?: string | null; city?: string | null; region?: string | null; postcode?: string | null; country?: string | null; settlement?: string | null }
export interface ListedAddress { value: Address; label?: string | null; main?: boolean }
export interface Identifier { country: string; kind: string; value: string }
export interface PersonName { family?: string | null; given?: string | null; middle?: string | null; prefix?: string | null }
export interface FileRef { id: string; name: string; size: number; type: string }
export interface LinkRef extends Ref { link?: Record<string, unknown> }
export type Values = Record<string, unknown>

/** How dense a value is shown: one line in a grid, or in full on a record. */
export type Density = 'cell' | 'full'

/** `brief` is shorter still: a board's card leaves out the year. */
export interface CellProps { field: Field; value: unknown; density: Density; brief?: boolean }

export interface InputProps {
  field: Field
  value: unknown
  onChange: (value: unknown) => void
  label: string
  hideLabel?: boolean
  description?: string
  error?: string | null
  isRequired?: boolean
  isDisabled?: boolean
  autoFocus?: boolean
  /** Opens its list of choices at once (cells). */
  defaultOpen?: boolean
  onBlur?: () => void
}

export interface FieldType {
  Cell: ComponentType<CellProps>
  /** Missing: the type is never typed in (formula, auto-number ...). */
  Input?: ComponentType<InputProps>
  /** Numbers stand at the right. */
  align: 'left' | 'right'
  /** The value as one line of text: titles, print, history, messages. */
  text: (value: unknown, field: Field, x: { t: T; fmt: Format }) => string
  /** True when a change is finished at once (a choice), so that a cell saves without Enter. */
  immediate?: boolean
  /** The next value of a type that has only two: no editor is opened for it. */
  flip?: (value: unknown) => unknown
  /** True when the editor is too big for a cell and opens as a small dialog. */
  large?: boolean
}
