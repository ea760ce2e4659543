// SPDX-License-Identifier: GPL-3.0-or-later
/* The forecast's own arithmetic: names of periods, rows as a tree, the list of deals behind a number, the steps of the bridge. */
import type { Money } from '@/api'
import { quote } from '../../fields/celtext'
import type { Bridge, By, Cells, Column, PeriodInfo, Row } from './calls'

export type Kind = 'month' | 'quarter' | 'year'

export const kindOf = (period: string): Kind => (period.length === 4 ? 'year' : period[5] === 'Q' ? 'quarter' : 'month')

/** The name of the period `by` steps later (earlier when negative). */
export function stepPeriod(period: string, by: number): string {
  const year = Number(period.slice(0, 4)), kind = kindOf(period)
  if (kind === 'year') return String(year + by)
  const parts = kind === 'quarter' ? 4 : 12
  const n = year * parts + Number(period.slice(kind === 'quarter' ? 6 : 5)) - 1 + by
  const part = (n % parts) + 1
  return `${Math.floor(n / parts)}-${kind === 'quarter' ? 'Q' + part : String(part).padStart(2, '0')}`
}

export interface Node { id: string; name: string; row: Row; children: Node[]; depth: number }

/** Whose a row is: a record, or the name of a product family. */
const whoOf = (row: Row, by: By): { id: string; label?: string | null } | null => (by === 'family' ? (row.family ? { id: row.family, label: row.family } : null) : row[by] ?? null)

/** Rows as a forest in order of name; what hangs on nobody that is shown stands at the top. */
export function treeOf(rows: Row[], by: By, nobody: string): Node[] {
  const nodes = new Map(rows.map((row): [string, Node] => {
    const who = whoOf(row, by)
    return [who?.id ?? '', { id: who?.id ?? '', name: who?.label ?? nobody, row, children: [], depth: 0 }]
  }))
  const top: Node[] = []
  for (const n of nodes.values()) (nodes.get(n.row.parent?.id ?? '\u0000')?.children ?? top).push(n)
  const order = (list: Node[], depth: number) => {
    list.sort((a, b) => Number(!a.id) - Number(!b.id) || a.name.localeCompare(b.name))
    for (const n of list) {
      n.depth = depth
      order(n.children, depth + 1)
    }
  }
  order(top, 0)
  return top
}

/** The nodes to show: children of those that are open. */
export const visible = (nodes: Node[], open: ReadonlySet<string>): Node[] => nodes.flatMap((n) => [n, ...(open.has(n.id) ? visible(n.children, open) : [])])

/** A row's own numbers, or with all below while it is closed. */
export const cellsOf = (n: Node, open: ReadonlySet<string>): Cells => (n.row.below && !open.has(n.id) ? n.row.below : n.row)

/** Without cents where these say nothing. */
export const whole = (m: Money): Money => (Math.abs(Number(m.amount)) < 100 ? m : { ...m, amount: String(Math.round(Number(m.amount))) })

const idsOf = (n: Node): string[] => [n.id, ...n.children.flatMap(idsOf)]

const STATES: Partial<Record<Column, string>> = {
  pipeline: "(forecast == null || forecast == 'pipeline')",
  best_case: "forecast == 'best_case'",
  commit: "forecast == 'commit'",
  weighted: "(forecast == null || forecast != 'omitted')",
  historical: "(forecast == null || forecast != 'omitted')",
}

function whose(by: By, ids: string[]): string {
  const field = by === 'family' ? 'product.family' : by
  const known = ids.filter(Boolean).map((id) => `${field} == ${quote(id)}`)
  const all = ids.includes('') ? [`${field} == null`, ...known] : known
  return all.length > 1 ? `(${all.join(' || ')})` : all[0] ?? ''
}

/** The address of the deals behind a number; null for those that are no sum of deals. */
export function drill(column: Column, period: PeriodInfo, by: By, nodes: { node: Node; open: boolean } | null, asOf: { at: string; day: string; byDates: boolean } | null): string | null {
  const day = column === 'closed' ? 'closed_on' : 'close_date'
  const state = column === 'closed' ? "category == 'won'" : STATES[column]
  if (!state) return null
  const within = `${day} >= date('${period.start}') && ${day} <= date('${period.end}')`
  const then = asOf?.byDates ? asOf.day : ''
  const stood = column === 'closed' ? (then ? `closed_on <= date('${then}')` : '')
    : then ? `opened_on <= date('${then}') && (closed_on == null || closed_on > date('${then}'))` : "category == 'open'"
  const who = nodes ? whose(by, nodes.open ? [nodes.node.id] : idsOf(nodes.node)) : ''
  const filter = [column === 'closed' || !then ? state : '', stood, within, who].filter(Boolean).join(' && ')
  return '/o/deals?' + new URLSearchParams({ filter, ...(asOf && !asOf.byDates && { as_of: asOf.at }) }).toString()
}

export interface Step { part: string; amount: number; from: number; to: number; isSum: boolean; count: number }

/** The bars of the waterfall: each part stands on where the one before ended. */
export function stepsOf(bridge: Bridge): Step[] {
  let level = 0
  return bridge.parts.map((p) => {
    const amount = Number(p.amount.amount), isSum = p.part === 'start' || p.part === 'end'
    const from = isSum ? 0 : level
    level = isSum ? amount : level + amount
    return { part: p.part, amount, from, to: level, isSum, count: p.count }
  })
}

/** The rows of each period by whose they are, for one column over several periods. */
export function byPeriod(rows: Row[], by: By): Map<string, Map<string, Row>> {
  const all = new Map<string, Map<string, Row>>()
  for (const row of rows) (all.get(row.period) ?? all.set(row.period, new Map()).get(row.period)!).set(whoOf(row, by)?.id ?? '', row)
  return all
}

/** Everybody who has a row in any of the periods, once. */
export function everybody(rows: Row[], by: By): Row[] {
  const once = new Map<string, Row>()
  for (const row of rows) {
    const id = whoOf(row, by)?.id ?? '', known = once.get(id)
    if (!known || (!known.below && row.below)) once.set(id, row)
  }
  return [...once.values()]
}
