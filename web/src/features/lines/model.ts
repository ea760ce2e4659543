/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keys mean among the lines of a document, what a paste from a spreadsheet holds, and where a moved line stands: no
   DOM here, and no arithmetic of money: that is the server's. */
import { addDecimal, readNumber } from '@/fields/number'

export type Column = 'name' | 'quantity' | 'unit' | 'price' | 'discount' | 'tax' | 'period' | 'term' | 'total'
export const NUMBERS: Column[] = ['quantity', 'price', 'discount', 'term', 'total']

export interface Cursor { row: number; col: number }
export interface Key { key: string; ctrl?: boolean; shift?: boolean; alt?: boolean }
export type LineAct = { do: 'go'; to: Cursor } | { do: 'edit'; text?: string } | { do: 'remove' | 'copy' | 'up' | 'down' | 'add' }

const clamp = (n: number, max: number) => Math.max(0, Math.min(max, n))

/** The act a key stands for, or null when it is none of the table's.  Below the last line stands the row that adds. */
export function lineKey(at: Cursor, k: Key, rows: number, cols: number): LineAct | null {
  const go = (row: number, col: number): LineAct => row >= rows ? { do: 'add' } : { do: 'go', to: { row: clamp(row, rows - 1), col: clamp(col, cols - 1) } }
  if (k.alt) return k.key === 'ArrowUp' ? { do: 'up' } : k.key === 'ArrowDown' ? { do: 'down' } : null
  if (k.ctrl) return k.key === 'Home' ? go(0, 0) : k.key === 'End' ? go(rows - 1, cols - 1) : /^[dв]$/i.test(k.key) ? { do: 'copy' } : null
  switch (k.key) {
    case 'ArrowDown': return go(at.row + 1, at.col)
    case 'ArrowUp': return go(at.row - 1, at.col)
    case 'ArrowLeft': return go(at.row, at.col - 1)
    case 'ArrowRight': return go(at.row, at.col + 1)
    case 'PageDown': return go(Math.min(at.row + 15, rows - 1), at.col)
    case 'PageUp': return go(at.row - 15, at.col)
    case 'Home': return go(at.row, 0)
    case 'End': return go(at.row, cols - 1)
    case 'Enter': case 'F2': return { do: 'edit' }
    case 'Delete': return { do: 'remove' }
    default: return k.key.length === 1 && k.key !== ' ' ? { do: 'edit', text: k.key } : null
  }
}

export interface Placed { id: string; position?: unknown }

const placeOf = (r: Placed) => typeof r.position === 'number' ? r.position : 0

/** The new positions after line `from` has moved to place `to`: only of those that change, in one change. */
export function reorder(rows: Placed[], from: number, to: number): { id: string; position: number }[] {
  const next = [...rows], [moved] = next.splice(from, 1)
  if (!moved || to < 0 || to >= rows.length || from === to) return []
  next.splice(to, 0, moved)
  const places = rows.map(placeOf), even = places.every((p, i) => i === 0 || p > places[i - 1]!)
  return next.map((r, i) => ({ id: r.id, position: even ? places[i]! : i + 1 })).filter((p, i) => p.position !== placeOf(next[i]!))
}

/** What makes room for a line behind that at `index`: its place, and the places of those that have to go on. */
export function roomAfter(rows: Placed[], index: number): { position: number; moved: { id: string; position: number }[] } {
  const position = placeOf(rows[index]!) + 1, moved: { id: string; position: number }[] = []
  let least = position + 1
  for (const r of rows.slice(index + 1)) {
    if (placeOf(r) >= least) break
    moved.push({ id: r.id, position: least++ })
  }
  return { position, moved }
}

export interface Pasted { text: string; quantity: string; unit: string | null; price: string | null; discount: string | null }

const isNumber = (s: string, language: string) => /\d/.test(s) && readNumber(s, language) !== null

/* A code such as 4711 is a number too: the first cell that has letters is the name or code, or else the first cell. */
function pastedRow(cells: string[], language: string): Pasted | null {
  const words = cells.findIndex(c => c !== '' && !isNumber(c, language)), first = words < 0 ? 0 : words
  const text = cells[first] ?? '', rest = cells.filter((_, i) => i > first || (i < first && words > 1))
  const numbers = rest.filter(c => isNumber(c, language)).map(c => ({ raw: c, value: readNumber(c, language)! }))
  const share = numbers.find(n => n.raw.includes('%')), plain = numbers.filter(n => n !== share)
  if (!text) return null
  return { text, quantity: plain[0]?.value ?? '1', unit: rest.find(c => c !== '' && c.length <= 20 && !isNumber(c, language)) ?? null, price: plain[1]?.value ?? null, discount: share?.value ?? plain[2]?.value ?? null }
}

/** Rows as a spreadsheet puts them on the clipboard: name or code, quantity, unit, price, discount; a head is passed over. */
export function readPaste(text: string, language: string): Pasted[] {
  const rows = text.replace(/\r\n?/g, '\n').split('\n').map(l => l.split('\t').map(c => c.trim())).filter(r => r.some(Boolean))
  const isHead = rows.length > 1 && rows[0]!.length > 1 && !rows[0]!.some(c => isNumber(c, language)) && rows[1]!.some(c => isNumber(c, language))
  return (isHead ? rows.slice(1) : rows).map(r => pastedRow(r, language)).filter((r): r is Pasted => r !== null)
}

/** A number as it was typed into a cell; null empties it, undefined is no number. */
export function typedNumber(text: string, language: string): string | null | undefined {
  if (text.trim() === '') return null
  const read = readNumber(text, language)
  return read === null ? undefined : addDecimal(read, '0')
}
