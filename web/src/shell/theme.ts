/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Light, dark or as the system says.  Kept in this browser, so that the next start paints right at once. */
import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark' | 'system'
const KEY = 'kith.theme'
const listeners = new Set<() => void>()

const current = (): Theme => {
  const kept = localStorage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

/** Shows the page in `theme` from now on. */
export function setTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem(KEY)
    delete document.documentElement.dataset.theme
  } else {
    localStorage.setItem(KEY, theme)
    document.documentElement.dataset.theme = theme
  }
  listeners.forEach((l) => l())
}

/** The user's choice. */
export const useTheme = (): Theme => useSyncExternalStore((l) => (listeners.add(l), () => void listeners.delete(l)), current)
