// SPDX-License-Identifier: GPL-3.0-or-later
import { useMemo } from 'react'
import type { ObjectMeta } from '@/meta'
import { Count } from '@/ui'
import { filterable } from './fields'
import { countOf, fromCel } from './model'

/** How many conditions a filter has; text the rows cannot say counts as one. */
export default function FilterCount({ object, value }: { object: ObjectMeta; value: string }) {
  const group = useMemo(() => fromCel(value, filterable(object.fields)), [value, object])
  const n = group ? countOf(group) : 1
  return n > 0 ? <Count>{n}</Count> : null
}
