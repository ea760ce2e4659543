/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists behind selects.tsx: loaded when the first select is shown. */
import type { ReactNode } from 'react'
import { Button as AriaButton, ListBox, ListBoxItem, Popover, Select as AriaSelect, SelectValue } from 'react-aria-components'
import { Check, ChevronDown, X } from 'lucide-react'
import { useT } from '@/i18n'
import { cx } from './cx'
import { Badge } from './display'
import { ariaField, FieldFrame } from './field'
import type { Choice, MultiSelectProps, SelectProps } from './selects'

const face = (c: Choice): ReactNode => (c.hue ? <Badge hue={c.hue}>{c.label}</Badge> : <span className="truncate">{c.label}</span>)

const NONE = '\u0000none'

/** One of up to about fifty choices. */
export function Select(p: SelectProps) {
  const t = useT()
  const chosen = p.choices.find((c) => c.value === p.value)
  return (
    <AriaSelect {...ariaField(p)} value={p.value} defaultOpen={p.defaultOpen} onOpenChange={p.onOpenChange} onChange={(k) => p.onChange(k === null || k === NONE ? null : String(k))} placeholder={p.placeholder ?? t('ui.choose')}>
      <FieldFrame p={p}>
        <AriaButton className="input select">
          <SelectValue className="grow truncate">{({ defaultChildren }) => (chosen ? face(chosen) : defaultChildren)}</SelectValue>
          <ChevronDown size={14} aria-hidden />
        </AriaButton>
        <Popover className="pop pop-list" offset={4}>
          <ListBox className="menu">
            {p.isClearable && <ListBoxItem id={NONE} className="menu-item dim" textValue={t('ui.none')}>{t('ui.none')}</ListBoxItem>}
            {p.choices.map((c) => (
              <ListBoxItem key={c.value} id={c.value} textValue={c.label} className="menu-item">
                {face(c)}
                <span className="grow" />
                {c.detail && <span className="dim small">{c.detail}</span>}
                {c.value === p.value && <Check size={14} aria-hidden className="menu-check" />}
              </ListBoxItem>
            ))}
          </ListBox>
        </Popover>
      </FieldFrame>
    </AriaSelect>
  )
}

/** Any number of up to about fifty choices, as a list of ticks. */
export function MultiSelect(p: MultiSelectProps) {
  const toggle = (v: string) => p.onChange(p.value.includes(v) ? p.value.filter((x) => x !== v) : [...p.value, v])
  const t = useT()
  const chosen = p.choices.filter((c) => p.value.includes(c.value))
  return (
    <AriaSelect {...ariaField(p)} selectionMode="multiple" value={p.value} onChange={(keys) => p.onChange(keys.map(String))} placeholder={t('ui.choose')}>
      <FieldFrame p={p}>
        <span className="input-wrap">
          {chosen.map((c) => (
            <span key={c.value} className="badge" data-hue={c.hue ?? 'slate'}>
              {c.label}
              {!p.isReadOnly && !p.isDisabled && <button type="button" className="chip-x" aria-label={t('ui.remove_named', { name: c.label })} onClick={() => toggle(c.value)}><X size={11} aria-hidden /></button>}
            </span>
          ))}
          <AriaButton className={cx('input-wrap-button', chosen.length === 0 && 'dim')}>
            <span className="grow">{chosen.length === 0 ? t('ui.choose') : ''}</span>
            <ChevronDown size={14} aria-hidden />
          </AriaButton>
        </span>
        <Popover className="pop pop-list" offset={4}>
          <ListBox className="menu">
            {p.choices.map((c) => (
              <ListBoxItem key={c.value} id={c.value} textValue={c.label} className="menu-item">
                {face(c)}
                <span className="grow" />
                {p.value.includes(c.value) && <Check size={14} aria-hidden className="menu-check" />}
              </ListBoxItem>
            ))}
          </ListBox>
        </Popover>
      </FieldFrame>
    </AriaSelect>
  )
}
