// SPDX-License-Identifier: GPL-3.0-or-later
/* The board's data and what a move does to it before the server has answered. */
import type { BoardColumn, Money, Rec } from '@/api'
import { addDecimal } from '../fields/number'

export interface BoardData { columns: BoardColumn[] }

/** The key of a column: a choice's key, a reference's id, '' for records without a value. */
export function columnKey(v: unknown): string {
  if (v === null || v === undefined) return ''
  return typeof v === 'object' ? String((v as { id?: unknown }).id ?? '') : String(v)
}

function addSum(sum: BoardColumn['sum'], rec: Rec, field: string | null, sign: 1 | -1): BoardColumn['sum'] {
  const v = field ? rec[field] : null
  if (sum === null || v === null || v === undefined) return sum
  const m = v as Money
  return m.currency === sum.currency ? { ...sum, amount: addDecimal(sum.amount, m.amount, sign) } : sum
}

/** Moves a record to another column (at `index`, first by default); the same board when nothing moves. */
export function moveCard(b: BoardData, id: string, to: string, by: string, sumField: string | null, index = 0): BoardData {
  const from = b.columns.find(c => c.data.some(r => r.id === id)), into = b.columns.find(c => columnKey(c.value) === to)
  const rec = from?.data.find(r => r.id === id)
  if (!from || !into || !rec || from === into) return b
  const moved = { ...rec, [by]: into.value }
  return {
    columns: b.columns.map(c => {
      if (c === from) return { ...c, count: c.count - 1, sum: addSum(c.sum, rec, sumField, -1), data: c.data.filter(r => r.id !== id) }
      if (c !== into) return c
      const data = [...c.data]
      data.splice(Math.min(index, data.length), 0, moved)
      return { ...c, count: c.count + 1, sum: addSum(c.sum ?? emptySum(from.sum), rec, sumField, 1), data }
    }),
  }
}

function emptySum(like: BoardColumn['sum']): BoardColumn['sum'] {
  return like && { amount: '0', currency: like.currency }
}

/** The column with the page that follows what it has; a record that came meanwhile by another way is not shown twice. */
export function addPage(b: BoardData, key: string, page: { data: Rec[]; next_page_token: string | null }): BoardData {
  return { columns: b.columns.map(c => {
    if (columnKey(c.value) !== key) return c
    const has = new Set(c.data.map(r => r.id))
    return { ...c, data: [...c.data, ...page.data.filter(r => !has.has(r.id))], next_page_token: page.next_page_token }
  }) }
}

/** How many cards of a column to ask for again: as many as the longest shows, within what the server gives at once. */
export const wanted = (b: BoardData | undefined, per: number) => Math.min(200, Math.max(per, ...(b?.columns ?? []).map(c => c.data.length)))

/** Replaces a record where it stands, for the server's answer after a move. */
export function putCard(b: BoardData, rec: Rec): BoardData {
  return { columns: b.columns.map(c => c.data.some(r => r.id === rec.id) ? { ...c, data: c.data.map(r => r.id === rec.id ? rec : r) } : c) }
}

/** Where the arrows lead from a card: the same height in the next column, the neighbour in the same one. */
export function walk(b: BoardData, id: string, dx: number, dy: number): string | null {
  const x = b.columns.findIndex(c => c.data.some(r => r.id === id)), here = b.columns[x]?.data
  if (!here) return null
  const y = here.findIndex(r => r.id === id)
  if (dy) return here[y + dy]?.id ?? null
  for (let n = x + dx; n >= 0 && n < b.columns.length; n += dx) {
    const cards = b.columns[n]?.data ?? []
    if (cards.length) return cards[Math.min(y, cards.length - 1)]?.id ?? null
  }
  return null
}
