/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs commands by their keys, among them sequences of two presses ("G D"). */
import { useEffect } from 'react'
import { currentCommands, keyOf, pressesOf } from './commands'
import type { Command } from './module'

const WAIT = 1000
const TEXT = 'input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable=true],[role=menuitem],[role=option],[role=spinbutton]'

/** The command that `presses` (most recent last) complete, the longest first. */
export function findCommand(commands: Command[], presses: string[]): Command | null {
  for (const length of [2, 1]) {
    if (presses.length < length) continue
    const typed = presses.slice(-length).join(' ')
    const hit = commands.find((c) => c.keys && pressesOf(c.keys).join(' ') === typed)
    if (hit) return hit
  }
  return null
}

export function HotKeys() {
  useEffect(() => {
    let before = ''
    let at = 0
    const onKey = (e: KeyboardEvent) => {
      if (!e.isTrusted || e.defaultPrevented || e.isComposing || ['Control', 'Shift', 'Alt', 'Meta'].includes(e.key)) return
      const key = keyOf(e)
      const commands = currentCommands()
      const recent = Date.now() - at < WAIT ? before : ''
      const hit = findCommand(commands, recent ? [recent, key] : [key])
      const typing = document.activeElement?.matches(TEXT) ?? false
      const modal = document.querySelector('.overlay') !== null
      before = typing ? '' : key
      at = Date.now()
      if (!hit || ((typing || modal) && !hit.inFields)) return
      e.preventDefault()
      before = ''
      hit.run()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return null
}
