/* SPDX-License-Identifier: GPL-3.0-or-later */
import type { ComponentType } from 'react'

/** Joins class names, leaving out what is false. */
export const cx = (...names: (string | false | null | undefined)[]) => names.filter(Boolean).join(' ')

/** An icon component of lucide-react or one shaped like it. */
export type Icon = ComponentType<{ size?: number | string; className?: string; 'aria-hidden'?: boolean }>

/** Names of hues an option may carry. */
export type Hue = 'slate' | 'blue' | 'violet' | 'amber' | 'green' | 'red' | 'accent'
