/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A field that finds one thing among many by asking the server while the user types. */
import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import { Popover } from 'react-aria-components'
import { ChevronDown, Plus, X } from 'lucide-react'
import { useT } from '@/i18n'
import { cx } from './cx'
import type { FieldProps } from './field'
import { useListNav } from './listnav'

export interface ComboItem {
  id: string
  label: string
  detail?: string | null
  mark?: ReactNode
}

export interface ComboBoxProps<Item extends ComboItem> extends FieldProps {
  value: Item | null
  onChange: (value: Item | null) => void
  /** Finds items for a text; called with '' when the list opens.  Rejections show as a line of the list. */
  load: (text: string, signal: AbortSignal) => Promise<Item[]>
  placeholder?: string
  /** Offers "create <text>" as the last line. */
  onCreate?: (text: string) => void
  /** Cannot be emptied. */
  isRequired?: boolean
  onBlur?: () => void
}

interface Found<Item> {
  items: Item[]
  state: 'idle' | 'busy' | 'failed'
}

/** Asks `load` 150 ms after the last key; late answers are dropped. */
function useFound<Item>(open: boolean, text: string, load: ComboBoxProps<Item & ComboItem>['load']): Found<Item> {
  const [found, setFound] = useState<Found<Item>>({ items: [], state: 'idle' })
  const latest = useRef(load)
  latest.current = load
  useEffect(() => {
    if (!open) return
    const abort = new AbortController()
    setFound((f) => ({ ...f, state: 'busy' }))
    const timer = setTimeout(() => {
      latest.current(text, abort.signal).then(
        (items) => abort.signal.aborted || setFound({ items, state: 'idle' }),
        () => abort.signal.aborted || setFound({ items: [], state: 'failed' }),
      )
    }, text ? 150 : 0)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [open, text])
  return found
}

/** One thing among many. */
export function ComboBox<Item extends ComboItem>(p: ComboBoxProps<Item>) {
  const t = useT()
  const id = useId()
  const box = useRef<HTMLSpanElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState<string | null>(null)
  const [open, setOpen] = useState(false)
  const found = useFound<Item>(open, text ?? '', p.load as never)
  const canCreate = !!p.onCreate && !!text?.trim()
  const count = found.items.length + (canCreate ? 1 : 0)
  const close = () => {
    setOpen(false)
    setText(null)
  }
  const nav = useListNav(open ? count : 0, (i) => {
    const item = found.items[i]
    if (item) p.onChange(item)
    else if (canCreate) p.onCreate?.(text!.trim())
    close()
  })
  const locked = p.isDisabled || p.isReadOnly
  const note = found.state === 'busy' && !count ? t('ui.searching') : found.state === 'failed' ? t('ui.error') : !count ? t('ui.nothing_found') : null
  return (
    <div className={cx('field', p.className)}>
      <label htmlFor={id} className={p.hideLabel ? 'sr' : 'field-label'}>
        {p.label}
        {p.isRequired && <i className="bad" aria-hidden> *</i>}
      </label>
      <span className={cx('input-box', p.error && 'invalid')} ref={box} data-disabled={p.isDisabled || undefined}>
        {text === null && p.value?.mark}
        <input {...nav.inputProps} id={id} ref={input} className="input-bare" aria-expanded={open} aria-required={p.isRequired} aria-invalid={!!p.error || undefined} aria-describedby={p.error ? id + 'e' : undefined}
          value={text ?? p.value?.label ?? ''} disabled={p.isDisabled} readOnly={p.isReadOnly} autoFocus={p.autoFocus} placeholder={p.placeholder ?? t('ui.search')}
          onChange={(e) => {
            setText(e.target.value)
            setOpen(true)
            nav.setIndex(0)
          }}
          onClick={() => !locked && setOpen(true)}
          onBlur={() => {
            if (text === '' && p.value && !p.isRequired) p.onChange(null)
            close()
            p.onBlur?.()
          }}
          onKeyDown={(e) => {
            if (e.key === 'Escape' && open) {
              e.stopPropagation()
              close()
            } else if (!open && !locked && (e.key === 'ArrowDown' || (e.altKey && e.key === 'ArrowDown'))) {
              e.preventDefault()
              setOpen(true)
            } else nav.onKeyDown(e)
          }} />
        {p.value && !p.isRequired && !locked && (
          <button type="button" tabIndex={-1} className="search-x" aria-label={t('ui.clear')} onPointerDown={(e) => e.preventDefault()} onClick={() => { p.onChange(null); setText(null) }}><X size={13} aria-hidden /></button>
        )}
        {!locked && <ChevronDown size={14} aria-hidden onPointerDown={(e) => { e.preventDefault(); input.current?.focus(); setOpen(!open) }} />}
      </span>
      {p.description && !p.error && <span className="field-hint">{p.description}</span>}
      {p.error && <span className="field-error" id={id + 'e'}>{p.error}</span>}
      <Popover className="pop pop-list" isNonModal triggerRef={box} isOpen={open} onOpenChange={(o) => !o && close()} placement="bottom start" offset={4}>
        <div role="region" aria-label={p.label}>
          <div {...nav.listProps} className="menu" aria-label={p.label}>
            {found.items.map((item, i) => (
              <div key={item.id} {...nav.rowProps(i)} className="menu-item">
                {item.mark}
                <span className="truncate">{item.label}</span>
                <span className="grow" />
                {item.detail && <span className="dim small truncate">{item.detail}</span>}
              </div>
            ))}
            {canCreate && (
              <div {...nav.rowProps(found.items.length)} className="menu-item link">
                <Plus size={14} aria-hidden />
                <span className="truncate">{t('ui.create_named', { name: text!.trim() })}</span>
              </div>
            )}
            {note && <div className="menu-note" role="option" aria-selected={false} aria-disabled>{note}</div>}
          </div>
        </div>
      </Popover>
    </div>
  )
}
