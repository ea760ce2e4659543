/* SPDX-License-Identifier: GPL-3.0-or-later */
import type { KeyboardEvent, Ref } from 'react'
import { Search, X } from 'lucide-react'
import { useT } from '@/i18n'
import { cx } from './cx'
import { Kbd } from './display'

export interface SearchFieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  placeholder?: string
  /** The hot key shown at its right until it has focus. */
  keys?: string
  className?: string
  inputRef?: Ref<HTMLInputElement>
  onKeyDown?: (e: KeyboardEvent<HTMLInputElement>) => void
}

/** A search box; carries `data-hotkey-search` so that "/" finds it. */
export function SearchField(p: SearchFieldProps) {
  const t = useT()
  return (
    <span className={cx('search', p.className)}>
      <Search size={14} aria-hidden />
      <input ref={p.inputRef} type="search" data-hotkey-search aria-label={p.label} placeholder={p.placeholder ?? p.label} value={p.value}
        onChange={(e) => p.onChange(e.target.value)}
        onKeyDown={(e) => {
          p.onKeyDown?.(e)
          if (e.key === 'Escape' && p.value) {
            e.stopPropagation()
            p.onChange('')
          }
        }} />
      {p.value ? (
        <button type="button" className="search-x" aria-label={t('ui.clear')} onClick={() => p.onChange('')}><X size={13} aria-hidden /></button>
      ) : (
        p.keys && <Kbd keys={p.keys} />
      )}
    </span>
  )
}
