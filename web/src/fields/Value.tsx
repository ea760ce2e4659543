// SPDX-License-Identifier: GPL-3.0-or-later
import { memo, Suspense } from 'react'
import type { Field } from '@/meta'
import { typeOf } from './registry'
import { isEmpty } from './text'
import type { Density, InputProps } from './types'
import './fields.css'

/** A field's value; an empty one is a dash on a record and nothing in a grid. */
export const Value = memo(function Value({ field, value, density = 'cell', brief }: { field: Field; value: unknown; density?: Density; brief?: boolean }) {
  if (isEmpty(value)) return density === 'cell' ? null : <span className="dim" aria-hidden>—</span>
  const { Cell } = typeOf(field)
  return <Cell field={field} value={value} density={density} brief={brief} />
})

/** A field's input; nothing for a field that cannot be typed in. */
export function FieldInput(p: InputProps) {
  const { Input } = typeOf(p.field)
  if (!Input) return null
  return (
    <Suspense fallback={<div className="field" aria-busy>{!p.hideLabel && <span className="field-label">{p.label}</span>}<span className="input" /></div>}>
      <Input {...p} />
    </Suspense>
  )
}
