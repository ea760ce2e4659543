/* SPDX-License-Identifier: GPL-3.0-or-later */
import type { ReactNode } from 'react'
import { Header, Menu as AriaMenu, MenuItem as AriaItem, MenuSection, MenuTrigger, Popover, Separator } from 'react-aria-components'
import { Check } from 'lucide-react'
import { cx, type Icon } from './cx'
import { Kbd } from './display'

export interface MenuEntry {
  id: string
  label: string
  icon?: Icon
  /** Shown in front instead of an icon (a dot, an avatar). */
  mark?: ReactNode
  /** The hot key that does the same: "Ctrl Z". */
  keys?: string
  danger?: boolean
  disabled?: boolean
  /** Shows a tick. */
  checked?: boolean
  onAction?: () => void
}

export interface MenuGroup {
  label?: string
  items: MenuEntry[]
}

export interface MenuProps {
  /** A button of the kit. */
  trigger: ReactNode
  label: string
  /** Entries, or groups of entries with hairlines between. */
  items: (MenuEntry | MenuGroup)[]
  /** Called with the entry's id, after its own onAction. */
  onAction?: (id: string) => void
  /** Open as soon as it shows. */
  isOpenFirst?: boolean
  placement?: 'bottom start' | 'bottom end' | 'top start' | 'top end' | 'right top'
}

const isGroup = (x: MenuEntry | MenuGroup): x is MenuGroup => 'items' in x

/** A button that opens a list of actions; up to about fifty entries. */
export function Menu({ trigger, label, items, onAction, isOpenFirst, placement = 'bottom start' }: MenuProps) {
  const item = (e: MenuEntry) => (
    <AriaItem key={e.id} id={e.id} textValue={e.label} isDisabled={e.disabled} className={cx('menu-item', e.danger && 'bad')}
      onAction={() => {
        e.onAction?.()
        onAction?.(e.id)
      }}>
      {e.mark ?? (e.icon && <e.icon size={15} aria-hidden />)}
      <span className="grow truncate">{e.label}</span>
      {e.keys && <Kbd keys={e.keys} />}
      {e.checked && <Check size={14} aria-hidden className="menu-check" />}
    </AriaItem>
  )
  return (
    <MenuTrigger defaultOpen={isOpenFirst}>
      {trigger}
      <Popover className="pop" offset={4} placement={placement}>
        <AriaMenu aria-label={label} className="menu">
          {items.map((x, i) =>
            isGroup(x) ? (
              <MenuSection key={i} className="menu-section" aria-label={x.label ?? label}>
                {x.label && <Header>{x.label}</Header>}
                {x.items.map(item)}
                {i < items.length - 1 && <Separator className="menu-line" />}
              </MenuSection>
            ) : item(x),
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}
