/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One place that shows the record form, so that any page, the palette and the C key can open it. */
import { lazy, Suspense, useSyncExternalStore } from 'react'
import { ErrorBoundary } from '@/ui'
import type { RecordFormProps } from './module'
import { modules } from './registry'

type Asked = Omit<RecordFormProps, 'onClose'>
let asked: Asked | null = null
const listeners = new Set<() => void>()
const set = (next: Asked | null) => {
  asked = next
  listeners.forEach((l) => l())
}

/** Opens the form: to make a record of `object`, or to change `record`. */
export const openRecordForm = (form: Asked) => set(form)

const load = modules.find((m) => m.recordForm)?.recordForm
const Form = load ? lazy(load) : null

/** Where the form appears; once in the page. */
export function RecordFormHost() {
  const form = useSyncExternalStore((l) => (listeners.add(l), () => void listeners.delete(l)), () => asked)
  if (!form || !Form) return null
  return (
    <ErrorBoundary>
      <Suspense fallback={null}>
        <Form {...form} onClose={() => set(null)} />
      </Suspense>
    </ErrorBoundary>
  )
}
