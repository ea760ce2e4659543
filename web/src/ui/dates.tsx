/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The date fields, loaded when the first one is shown: calendars weigh more than the rest of a form. */
import { lazy, Suspense, type ComponentType } from 'react'
import { cx } from './cx'
import type { DateFieldProps } from './date'

export type { DateFieldProps } from './date'

function Waiting({ p }: { p: DateFieldProps }) {
  return (
    <div className={cx('field', p.className)} aria-busy>
      <span className={p.hideLabel ? 'sr' : 'field-label'}>{p.label}</span>
      <span className="input" />
    </div>
  )
}

const later = (load: () => Promise<ComponentType<DateFieldProps>>) => {
  const Loaded = lazy(() => load().then((C) => ({ default: C })))
  return function Field(p: DateFieldProps) {
    return <Suspense fallback={<Waiting p={p} />}><Loaded {...p} /></Suspense>
  }
}

/** A calendar day, typed or picked: YYYY-MM-DD. */
export const DatePicker = later(() => import('./date').then((m) => m.DatePicker))
/** A moment: RFC 3339 UTC outside, the user's zone inside. */
export const DateTimePicker = later(() => import('./date').then((m) => m.DateTimePicker))
/** A time of day, "HH:MM". */
export const TimeField = later(() => import('./date').then((m) => m.TimeField))
