// SPDX-License-Identifier: GPL-3.0-or-later
/* Evaluates the conditions of a form (`visible`, `required_if`) in the browser, for the simple part of CEL:
   == != in && || ! has() orValue(), literals, lists and field names.  What it does not know has no answer
   (undefined), and the caller then shows the field: the server has the last word anyway. */
import { parseCel, type Node } from './cel'

class Unknown extends Error {}

const cache = new Map<string, Node | null>()

function read(src: string): Node | null {
  let n = cache.get(src)
  if (n === undefined) {
    try { n = parseCel(src) } catch { n = null }
    cache.set(src, n)
  }
  return n
}

/* A reference compares by its id, money by its amount. */
function plain(v: unknown): unknown {
  if (v === undefined || v === '') return null
  if (v && typeof v === 'object' && !Array.isArray(v)) {
    const o = v as Record<string, unknown>
    return o.id ?? o.amount ?? v
  }
  return v
}

function same(a: unknown, b: unknown): boolean {
  const x = plain(a), y = plain(b)
  if (typeof x === 'number' && typeof y === 'string' && y !== '') return x === Number(y)
  if (typeof y === 'number' && typeof x === 'string' && x !== '') return y === Number(x)
  return x === y
}

function logic(op: string, a: Node, b: Node, rec: Record<string, unknown>): boolean {
  const stop = op === '||'
  let first: boolean | undefined
  try { first = truth(a, rec) } catch (e) { if (!(e instanceof Unknown)) throw e }
  if (first === stop) return stop
  const second = truth(b, rec)
  if (second === stop) return stop
  if (first === undefined) throw new Unknown()
  return second
}

function truth(n: Node, rec: Record<string, unknown>): boolean {
  const v = value(n, rec)
  if (typeof v !== 'boolean') throw new Unknown()
  return v
}

function call(n: Node & { k: 'call' }, rec: Record<string, unknown>): unknown {
  const [a, b] = n.args
  if (n.of === null && n.fn === 'has' && a) {
    const f = a.k === 'member' && a.of.k === 'name' && ['r', 'self', 'rec'].includes(a.of.v) ? { k: 'name' as const, v: a.name } : a
    return plain(value(f, rec)) !== null
  }
  if (n.of === null && n.fn === 'orValue' && a && b) return plain(value(a, rec)) ?? value(b, rec)
  throw new Unknown()
}

function value(n: Node, rec: Record<string, unknown>): unknown {
  switch (n.k) {
    case 'lit': return n.v
    case 'name':
      if (!(n.v in rec)) throw new Unknown()
      return rec[n.v]
    case 'member': {
      const of = value(n.of, rec)
      if (of === null || typeof of !== 'object' || !(n.name in of)) throw new Unknown()
      return (of as Record<string, unknown>)[n.name]
    }
    case 'list': return n.items.map(i => value(i, rec))
    case 'call': return call(n, rec)
    case 'cond': return truth(n.if, rec) ? value(n.then, rec) : value(n.else, rec)
    case 'un':
      if (n.op === '!') return !truth(n.a, rec)
      throw new Unknown()
    case 'bin': {
      if (n.op === '&&' || n.op === '||') return logic(n.op, n.a, n.b, rec)
      const a = value(n.a, rec), b = value(n.b, rec)
      if (n.op === '==') return same(a, b)
      if (n.op === '!=') return !same(a, b)
      if (n.op === 'in') return Array.isArray(b) && b.some(x => same(a, x))
      throw new Unknown()
    }
    default: throw new Unknown()
  }
}

/** True or false where the condition can be decided here, undefined where only the server knows. */
export function decide(src: string | null | undefined, rec: Record<string, unknown>): boolean | undefined {
  if (!src) return undefined
  const n = read(src)
  if (!n) return undefined
  try { return truth(n, rec) } catch (e) {
    if (e instanceof Unknown) return undefined
    throw e
  }
}

/** The names of fields a condition looks into: `pipeline` of `pipeline.going_back`. */
export const stepsIn = (src: string): string[] => namesIn(src, true)

/** The names of fields a condition mentions; used to clear errors and to order forms. */
export function namesIn(src: string, steps = false): string[] {
  const out = new Set<string>()
  const walk = (n: Node): void => {
    if (n.k === 'name') { if (!steps) out.add(n.v) }
    else if (steps && n.k === 'member' && n.of.k === 'name') out.add(n.of.v)
    else if (n.k === 'list') n.items.forEach(walk)
    else if (n.k === 'bin') { walk(n.a); walk(n.b) }
    else if (n.k === 'un') walk(n.a)
    else if (n.k === 'cond') { walk(n.if); walk(n.then); walk(n.else) }
    else if (n.k === 'member') walk(n.of)
    else if (n.k === 'call') { if (n.of) walk(n.of); n.args.forEach(walk) }
  }
  const n = read(src)
  if (n) walk(n)
  return [...out]
}
