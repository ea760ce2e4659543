/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands of what is on screen.  A page gives its commands while it is mounted; the palette, the list of keys
   and the key handler read the same set. */
import { useEffect, useRef, useSyncExternalStore } from 'react'
import type { Command } from './module'

let sets: Command[][] = []
let all: Command[] = []
const listeners = new Set<() => void>()

function publish(next: Command[][]): void {
  sets = next
  const byId = new Map<string, Command>()
  for (const set of sets) for (const c of set) byId.set(c.id, c)
  all = [...byId.values()]
  listeners.forEach((l) => l())
}

const subscribe = (l: () => void) => {
  listeners.add(l)
  return () => void listeners.delete(l)
}

/** Every command that can be run now. */
export const currentCommands = () => all
/** The same, following changes. */
export const useCurrentCommands = () => useSyncExternalStore(subscribe, currentCommands)

/** Gives commands while mounted.  The list may be new on each render; only its ids, labels and keys are compared. */
export function useCommands(commands: Command[]): void {
  const latest = useRef(commands)
  latest.current = commands
  const shape = commands.map((c) => [c.id, c.label, c.keys, c.group].join('\u0001')).join('\u0002')
  useEffect(() => {
    const mine = latest.current.map((c, i) => ({ ...c, run: () => latest.current[i]?.run() }))
    publish([...sets, mine])
    return () => publish(sets.filter((s) => s !== mine))
  }, [shape])
}

/** "ctrl+k" of a key event; letters by their place on the keyboard, so that Russian layouts work too. */
export function keyOf(e: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const letter = /^Key([A-Z])$/.exec(e.code)?.[1]
  const digit = /^Digit(\d)$/.exec(e.code)?.[1]
  let key = letter ? letter.toLowerCase() : e.key.toLowerCase()
  if (!letter && digit && (e.ctrlKey || e.metaKey || e.altKey)) key = digit
  if (e.code === 'Slash' && e.key !== '?' && !e.ctrlKey && !e.altKey) key = e.shiftKey ? '?' : '/'
  const mods = (e.ctrlKey || e.metaKey ? 'ctrl+' : '') + (e.altKey ? 'alt+' : '') + (e.shiftKey && (letter || key.length > 1) ? 'shift+' : '')
  return mods + key
}

/** "Ctrl Z" of a command as keyOf() writes each press: ["ctrl+z"]; "G D" is two presses. */
export function pressesOf(keys: string): string[] {
  const presses: string[] = []
  let mods = ''
  for (const word of keys.toLowerCase().split(' ')) {
    if (word === 'ctrl' || word === 'alt' || word === 'shift') mods += word + '+'
    else {
      presses.push(mods + word)
      mods = ''
    }
  }
  return presses
}
