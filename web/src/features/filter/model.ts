// SPDX-License-Identifier: GPL-3.0-or-later
/* The condition builder's model and its two directions: rows to CEL and CEL to rows.  A filter that was written
   by hand and has no rows for it answers null, and the builder then offers the text only. */
import { celValue, joinOf, operatorsOf, parseCel, readValue, template, type CelNode, type Operator } from '../../fields/filterKit'

export interface FieldLike { name: string; type: string; result?: string | null; target?: string | null; searchable?: boolean }
export interface Rule { field: string; op: string; v?: unknown; w?: unknown }
export interface Group { join: 'all' | 'any'; items: (Rule | Group)[] }

export const isGroup = (x: Rule | Group): x is Group => 'items' in x
const JOIN = { all: '&&', any: '||' } as const
export const emptyGroup = (): Group => ({ join: 'all', items: [] })

/** A rule is complete when its operator has the values it needs. */
export function complete(r: Rule, fields: FieldLike[]): boolean { return ruleToCel(r, fields) !== null }

export function operatorOf(r: Rule, fields: FieldLike[]): Operator | undefined {
  const f = fields.find(x => x.name === r.field)
  return f && operatorsOf(f).find(o => o.key === r.op)
}

function ruleToCel(r: Rule, fields: FieldLike[]): string | null {
  const o = operatorOf(r, fields)
  if (!o) return null
  const v = o.arg === 'none' ? '' : celValue(o.arg, r.v), w = o.two ? celValue(o.arg, r.w) : ''
  if (v === null || w === null) return null
  return o.cel.replace(/\b[FVW]\b/g, c => c === 'F' ? r.field : c === 'V' ? v : w)
}

/** The CEL of a group; incomplete rows are left out, an empty group is ''. */
export function toCel(g: Group, fields: FieldLike[]): string {
  const parts = g.items.flatMap(i => {
    if (!isGroup(i)) {
      const c = ruleToCel(i, fields), o = operatorOf(i, fields)
      const foreign = o && joinOf(o) !== null && joinOf(o) !== JOIN[g.join] && g.items.length > 1
      return c === null ? [] : [foreign ? `(${c})` : c]
    }
    const c = toCel(i, fields)
    return c === '' ? [] : [countOf(i) > 1 || /&&|\|\|/.test(c) ? `(${c})` : c]
  })
  return parts.join(g.join === 'all' ? ' && ' : ' || ')
}

/** How many complete rows a group has, inner groups included. */
export function countOf(g: Group): number {
  return g.items.reduce((n, i) => n + (isGroup(i) ? countOf(i) : 1), 0)
}

interface Found { field?: string; v?: CelNode; w?: CelNode }

function unify(t: CelNode, n: CelNode, found: Found): boolean {
  if (t.k === 'name' && t.v === 'F') {
    if (n.k !== 'name' || (found.field !== undefined && found.field !== n.v)) return false
    found.field = n.v
    return true
  }
  if (t.k === 'name' && (t.v === 'V' || t.v === 'W')) {
    found[t.v === 'V' ? 'v' : 'w'] = n
    return true
  }
  if (t.k !== n.k) return false
  const all = (a: CelNode[], b: CelNode[]) => a.length === b.length && a.every((x, i) => unify(x, b[i]!, found))
  switch (t.k) {
    case 'lit': return t.v === (n as typeof t).v
    case 'name': return t.v === (n as typeof t).v
    case 'list': return all(t.items, (n as typeof t).items)
    case 'member': return t.name === (n as typeof t).name && unify(t.of, (n as typeof t).of, found)
    case 'un': return t.op === (n as typeof t).op && unify(t.a, (n as typeof t).a, found)
    case 'bin': return t.op === (n as typeof t).op && unify(t.a, (n as typeof t).a, found) && unify(t.b, (n as typeof t).b, found)
    case 'call': {
      const m = n as typeof t
      return t.fn === m.fn && (t.of === null) === (m.of === null) && (t.of === null || unify(t.of, m.of!, found)) && all(t.args, m.args)
    }
    default: return false
  }
}

function ruleFrom(n: CelNode, fields: FieldLike[], join: '&&' | '||' | null): Rule | null {
  for (const f of fields) {
    for (const o of operatorsOf(f)) {
      if (joinOf(o) !== join) continue
      const found: Found = {}
      if (!unify(template(o), n, found) || found.field !== f.name) continue
      const v = found.v && readValue(o.arg, found.v), w = found.w && readValue(o.arg, found.w)
      if ((found.v && v === undefined) || (found.w && w === undefined)) continue
      return { field: f.name, op: o.key, ...(found.v && { v }), ...(found.w && { w }) }
    }
  }
  const list = single(n)
  return list ? ruleFrom(list, fields, join) : null
}

/* `stage == 'x'` of a hand-written filter is the row "is any of x". */
function single(n: CelNode): CelNode | null {
  if (n.k !== 'bin' || (n.op !== '==' && n.op !== '!=') || n.a.k !== 'name' || n.b.k !== 'lit' || typeof n.b.v !== 'string') return null
  const is: CelNode = { k: 'bin', op: 'in', a: n.a, b: { k: 'list', items: [n.b] } }
  return n.op === '==' ? is : { k: 'un', op: '!', a: is }
}

function flat(n: CelNode, op: string): CelNode[] {
  return n.k === 'bin' && n.op === op ? [...flat(n.a, op), ...flat(n.b, op)] : [n]
}

function groupFrom(n: CelNode, fields: FieldLike[]): Group | null {
  const op = n.k === 'bin' && n.op === '||' ? '||' : '&&', other = op === '&&' ? '||' : '&&'
  const leaves = flat(n, op), items: (Rule | Group)[] = []
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i]!, next = leaves[i + 1]
    const both = next && ruleFrom({ k: 'bin', op, a: leaf, b: next }, fields, op)
    const item = both ?? ruleFrom(leaf, fields, other) ?? (leaf.k === 'bin' && leaf.op === other ? groupFrom(leaf, fields) : ruleFrom(leaf, fields, null))
    if (!item) return null
    items.push(item)
    if (both) i++
  }
  return { join: op === '||' && items.length > 1 ? 'any' : 'all', items }
}

/** The rows of a filter, or null when it says something the rows cannot. */
export function fromCel(src: string, fields: FieldLike[]): Group | null {
  if (src.trim() === '') return emptyGroup()
  try { return groupFrom(parseCel(src), fields) } catch (e) {
    if (e instanceof SyntaxError) return null
    throw e
  }
}
