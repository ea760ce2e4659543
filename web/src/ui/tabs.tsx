/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useId, type KeyboardEvent, type ReactNode } from 'react'
import { cx, type Icon } from './cx'
import { Count } from './display'
import { moveIndex } from './listnav'

export interface TabItem {
  id: string
  label: string
  icon?: Icon
  count?: ReactNode
  /** The panel; leave it out when only the choice matters (saved views). */
  content?: ReactNode
}

const AS_LIST: Record<string, string> = { ArrowRight: 'ArrowDown', ArrowLeft: 'ArrowUp', Home: 'Home', End: 'End' }

/** Tabs with their panels; only the chosen panel is in the page.  Arrows, Home and End choose. */
export function Tabs(p: { label: string; items: TabItem[]; value: string; onChange: (id: string) => void; className?: string; after?: ReactNode }) {
  const id = useId()
  const at = Math.max(0, p.items.findIndex((x) => x.id === p.value))
  const chosen = p.items[at]
  const onKeyDown = (e: KeyboardEvent<HTMLElement>) => {
    const key = AS_LIST[e.key]
    if (!key) return
    const next = key === 'Home' ? 0 : key === 'End' ? p.items.length - 1 : moveIndex(key, at, p.items.length)
    const item = next === null ? undefined : p.items[next]
    if (!item) return
    e.preventDefault()
    p.onChange(item.id)
    document.getElementById(`${id}t${item.id}`)?.focus()
  }
  const hasPanel = chosen?.content !== undefined
  return (
    <div className={cx('tabs-box', p.className)}>
      <div className="tabs-row">
        <div role="tablist" aria-label={p.label} className="tabs">
          {p.items.map((x, i) => (
            <button key={x.id} type="button" role="tab" id={`${id}t${x.id}`} className="tab" aria-selected={i === at} aria-controls={i === at && hasPanel ? id + 'p' : undefined} tabIndex={i === at ? 0 : -1}
              onClick={() => p.onChange(x.id)} onKeyDown={onKeyDown}>
              {x.icon && <x.icon size={14} aria-hidden />}
              {x.label}
              {x.count !== undefined && <Count>{x.count}</Count>}
            </button>
          ))}
        </div>
        {p.after}
      </div>
      {hasPanel && <div role="tabpanel" id={id + 'p'} aria-labelledby={`${id}t${chosen.id}`} className="tab-panel">{chosen.content}</div>}
    </div>
  )
}
