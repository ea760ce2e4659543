/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choosing among a few.  The popups are loaded when the first field is shown, so that pages which only show
   values do not carry them. */
import { lazy, Suspense } from 'react'
import { ChevronDown } from 'lucide-react'
import { cx } from './cx'
import type { FieldProps } from './field'

export interface Choice {
  value: string
  label: string
  /** A hue name: the choice is shown as a badge. */
  hue?: string | null
  /** Grey text at the right. */
  detail?: string
}

export interface SelectProps extends FieldProps {
  choices: Choice[]
  value: string | null
  onChange: (value: string | null) => void
  placeholder?: string
  /** Offers an "empty" line. */
  isClearable?: boolean
  defaultOpen?: boolean
  onOpenChange?: (open: boolean) => void
}

export interface MultiSelectProps extends FieldProps {
  choices: Choice[]
  value: string[]
  onChange: (value: string[]) => void
}

const LazySelect = lazy(() => import('./select').then((m) => ({ default: m.Select })))
const LazyMulti = lazy(() => import('./select').then((m) => ({ default: m.MultiSelect })))

function Waiting({ p, text }: { p: FieldProps; text?: string }) {
  return (
    <div className={cx('field', p.className)} aria-busy>
      <span className={p.hideLabel ? 'sr' : 'field-label'}>{p.label}</span>
      <span className="input select"><span className="grow truncate">{text}</span><ChevronDown size={14} aria-hidden /></span>
    </div>
  )
}

/** One of up to about fifty choices. */
export function Select(p: SelectProps) {
  return <Suspense fallback={<Waiting p={p} text={p.choices.find((c) => c.value === p.value)?.label} />}><LazySelect {...p} /></Suspense>
}

/** Any number of up to about fifty choices, as a list of ticks. */
export function MultiSelect(p: MultiSelectProps) {
  return <Suspense fallback={<Waiting p={p} />}><LazyMulti {...p} /></Suspense>
}

/** One of a few choices in dense tables, where dozens stand together: the browser's own list under our face.
    `face` is shown instead of the choice's label, `hue` colours it, `isQuiet` greys it. */
export function NativeSelect(p: { label: string; value: string; choices: Choice[]; onChange: (value: string) => void; face?: string; isDisabled?: boolean; isQuiet?: boolean; hue?: string }) {
  const face = p.face ?? p.choices.find((c) => c.value === p.value)?.label ?? ''
  return (
    <span className={cx('native', p.isQuiet && 'native-quiet')} data-hue={p.isQuiet ? undefined : p.hue}>
      <span className="truncate" aria-hidden>{face}</span>
      <ChevronDown size={12} aria-hidden />
      <select aria-label={p.label} title={face} value={p.value} disabled={p.isDisabled} onChange={(e) => p.onChange(e.target.value)}>
        {p.choices.map((c) => <option key={c.value} value={c.value}>{c.label}</option>)}
      </select>
    </span>
  )
}
