/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Short messages at the bottom: what was done, with a way to take it back; what failed. */
import { useSyncExternalStore } from 'react'
import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { useT } from '@/i18n'
import { cx } from './cx'

export interface ToastOptions {
  text: string
  kind?: 'done' | 'error'
  /** "Undo" or the like. */
  action?: { label: string; onAction: () => void }
  /** Milliseconds on screen; errors and those with an action stay longer. */
  timeout?: number
}

interface Shown extends ToastOptions {
  id: number
}

let shown: Shown[] = []
let next = 1
const listeners = new Set<() => void>()
const set = (list: Shown[]) => {
  shown = list
  listeners.forEach((l) => l())
}
const drop = (id: number) => set(shown.filter((x) => x.id !== id))

/** Shows a message; at most three are on screen. */
export function toast(options: ToastOptions | string): void {
  const one: Shown = { ...(typeof options === 'string' ? { text: options } : options), id: next++ }
  set([...shown.slice(-2), one])
  setTimeout(() => drop(one.id), one.timeout ?? (one.kind === 'error' || one.action ? 8000 : 4000))
}

/** Shows an error as a message. */
export const toastError = (error: unknown) => toast({ text: error instanceof Error ? error.message : String(error), kind: 'error' })

/** Where toasts appear; once in the page. */
export function ToastHost() {
  const t = useT()
  const list = useSyncExternalStore((l) => (listeners.add(l), () => listeners.delete(l)), () => shown)
  return (
    <div className="toasts" role="region" aria-label={t('ui.messages')} aria-live="polite">
      {list.map((x) => (
        <div key={x.id} className={cx('toast', x.kind === 'error' && 'toast-error')} role={x.kind === 'error' ? 'alert' : 'status'}>
          {x.kind === 'error' ? <CircleAlert size={15} aria-hidden /> : <CircleCheck size={15} aria-hidden />}
          <span>{x.text}</span>
          {x.action && <button type="button" className="btn btn-ghost link" onClick={() => { drop(x.id); x.action?.onAction() }}>{x.action.label}</button>}
          <button type="button" className="btn btn-ghost btn-icon" aria-label={t('ui.close')} onClick={() => drop(x.id)}><X size={14} aria-hidden /></button>
        </div>
      ))}
    </div>
  )
}
