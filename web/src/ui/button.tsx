/* SPDX-License-Identifier: GPL-3.0-or-later */
import type { ReactNode } from 'react'
import {
  Button as AriaButton,
  ToggleButton as AriaToggle,
  Tooltip as AriaTooltip,
  TooltipTrigger,
  type ButtonProps as AriaProps,
} from 'react-aria-components'
import { Link } from 'wouter'
import { cx, type Icon } from './cx'
import { Kbd } from './display'

export type ButtonKind = 'solid' | 'outline' | 'ghost' | 'danger'

export interface ButtonProps extends Omit<AriaProps, 'className' | 'children' | 'style'> {
  /** solid: the page's one main action; outline: others; ghost: in toolbars; danger: red text. */
  kind?: ButtonKind
  icon?: Icon
  className?: string
  children?: ReactNode
}

/** A button with a text.  `isPending` disables it while its work runs. */
export function Button({ kind = 'outline', icon: I, className, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={cx('btn', 'btn-' + kind, className)}>
      {I && <I size={15} aria-hidden />}
      {children}
    </AriaButton>
  )
}

/** A tooltip on `children` (one focusable element of the kit), with the hot key that does the same. */
export function Tooltip({ text, keys, children }: { text: string; keys?: string; children: ReactNode }) {
  return (
    <TooltipTrigger delay={500} closeDelay={60}>
      {children}
      <AriaTooltip className="tip" offset={6}>
        {text}
        {keys && <Kbd keys={keys} />}
      </AriaTooltip>
    </TooltipTrigger>
  )
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'aria-label' | 'icon'> {
  icon: Icon
  /** Said by screen readers and shown as a tooltip. */
  label: string
  /** The hot key, shown in the tooltip: "Ctrl K". */
  keys?: string
  size?: number
}

/** A square button with only an icon; always has a label, a tooltip, and its hot key in the tooltip. */
export function IconButton({ icon: I, label, keys, size = 16, kind = 'ghost', className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} keys={keys}>
      <AriaButton {...rest} aria-label={label} className={cx('btn', 'btn-icon', 'btn-' + kind, className)}>
        <I size={size} aria-hidden />
      </AriaButton>
    </Tooltip>
  )
}

/** A link that looks like a button. */
export function LinkButton(p: { href: string; kind?: ButtonKind; icon?: Icon; children: ReactNode; className?: string }) {
  const I = p.icon
  return (
    <Link href={p.href} className={cx('btn', 'btn-' + (p.kind ?? 'outline'), p.className)}>
      {I && <I size={15} aria-hidden />}
      {p.children}
    </Link>
  )
}

/** A button that stays pressed. */
export function ToggleButton(p: { isSelected: boolean; onChange: (on: boolean) => void; icon?: Icon; children: ReactNode; className?: string }) {
  const I = p.icon
  return (
    <AriaToggle isSelected={p.isSelected} onChange={p.onChange} className={cx('btn', 'btn-toggle', p.className)}>
      {I && <I size={15} aria-hidden />}
      {p.children}
    </AriaToggle>
  )
}
