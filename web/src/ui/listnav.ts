/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useEffect, useId, useState, type KeyboardEvent } from 'react'

/** Next index when `key` is pressed on `at` of `count` rows; null when the key is not for moving. */
export function moveIndex(key: string, at: number, count: number): number | null {
  if (count === 0) return null
  if (key === 'ArrowDown') return (at + 1) % count
  if (key === 'ArrowUp') return (at - 1 + count) % count
  if (key === 'PageDown') return Math.min(count - 1, at + 8)
  if (key === 'PageUp') return Math.max(0, at - 8)
  return null
}

/** An input that drives a list below it: arrows move, Enter takes; focus stays in the input (ARIA combobox). */
export function useListNav(count: number, onTake: (index: number) => void) {
  const id = useId()
  const [index, setIndex] = useState(0)
  const at = Math.min(index, Math.max(0, count - 1))
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' })
  }, [id, at])
  const onKeyDown = (e: KeyboardEvent) => {
    const next = moveIndex(e.key, at, count)
    if (next !== null) {
      e.preventDefault()
      setIndex(next)
    } else if (e.key === 'Enter' && count > 0 && !e.nativeEvent.isComposing) {
      e.preventDefault()
      onTake(at)
    }
  }
  return {
    index: at,
    setIndex,
    onKeyDown,
    inputProps: { role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': id, 'aria-activedescendant': count ? `${id}-${at}` : undefined, autoComplete: 'off', spellCheck: false } as const,
    listProps: { role: 'listbox', id } as const,
    rowProps: (i: number) => ({ role: 'option', id: `${id}-${i}`, 'aria-selected': i === at, onPointerMove: () => i !== at && setIndex(i), onPointerDown: (e: { preventDefault: () => void }) => e.preventDefault(), onClick: () => onTake(i) }) as const,
  }
}
