// SPDX-License-Identifier: GPL-3.0-or-later
/* What keys mean in a grid, and what is selected: no DOM here. */

export interface Cursor { row: number; col: number }
/** Row -1 is the header where `head` is set. */
export interface Size { rows: number; cols: number; page: number; head?: boolean }
export interface Key { key: string; ctrl?: boolean; shift?: boolean; alt?: boolean }

export type GridAct =
  | { do: 'move'; to: Cursor; extend: boolean }
  | { do: 'open' | 'edit' | 'toggle' | 'all' | 'escape' | 'menu' }
  | { do: 'type'; text: string }

const clamp = (n: number, max: number, min = 0) => Math.max(min, Math.min(max, n))

/* Letters also by their place on a Russian keyboard: о л ч у lie where j k x e do. */
const LETTER: Record<string, string> = { 'о': 'j', 'л': 'k', 'ч': 'x', 'у': 'e' }

/** The act a key stands for, or null when the grid leaves it to others. */
export function gridKey(at: Cursor, k: Key, size: Size): GridAct | null {
  const key = LETTER[k.key.toLowerCase()] ?? (k.key.length === 1 ? k.key.toLowerCase() : k.key)
  if (k.alt) return null
  if (k.ctrl && key === 'a') return { do: 'all' }
  if (k.ctrl && !['Home', 'End'].includes(key)) return null
  const go = (row: number, col: number): GridAct => ({
    do: 'move', extend: !!k.shift, to: { row: clamp(row, size.rows - 1, size.head && at.row < 1 && row < 0 ? -1 : 0), col: clamp(col, size.cols - 1) },
  })
  switch (key) {
    case 'ArrowDown': case 'j': return go(at.row + 1, at.col)
    case 'ArrowUp': case 'k': return go(at.row - 1, at.col)
    case 'ArrowLeft': return go(at.row, at.col - 1)
    case 'ArrowRight': return go(at.row, at.col + 1)
    case 'PageDown': return go(at.row + size.page, at.col)
    case 'PageUp': return go(at.row - size.page, at.col)
    case 'Home': return go(k.ctrl ? 0 : at.row, 0)
    case 'End': return go(k.ctrl ? size.rows - 1 : at.row, size.cols - 1)
    case 'Enter': return { do: 'open' }
    case 'F2': case 'e': return { do: 'edit' }
    case ' ': case 'x': return { do: 'toggle' }
    case 'Escape': return { do: 'escape' }
    default: return null
  }
}

/** Either chosen ids, or everything the list's filter finds but some. */
export interface Selection { all: boolean; ids: ReadonlySet<string> }

export const NOTHING: Selection = { all: false, ids: new Set() }
export const EVERYTHING: Selection = { all: true, ids: new Set() }

export const isOn = (s: Selection, id: string) => s.ids.has(id) !== s.all
export const isNone = (s: Selection) => !s.all && s.ids.size === 0
export const countOn = (s: Selection, total: number) => s.all ? Math.max(0, total - s.ids.size) : s.ids.size

export function toggle(s: Selection, id: string): Selection {
  const ids = new Set(s.ids)
  if (!ids.delete(id)) ids.add(id)
  return { all: s.all, ids }
}

/** Sets a run of rows to one state: a shift click, or the header's box over the loaded rows. */
export function setRange(s: Selection, ids: string[], on: boolean): Selection {
  const next = new Set(s.ids)
  for (const id of ids) on !== s.all ? next.add(id) : next.delete(id)
  return { all: s.all, ids: next }
}

/** What a batch call takes: ids, or the filter (never neither; an empty filter is `true`). */
export function target(s: Selection, filter: string): { ids: string[] } | { filter: string } {
  if (!s.all) return { ids: [...s.ids] }
  const base = filter.trim() === '' ? 'true' : filter
  if (!s.ids.size) return { filter: base }
  return { filter: `(${base}) && !(id in [${[...s.ids].map(i => `'${i}'`).join(', ')}])` }
}
