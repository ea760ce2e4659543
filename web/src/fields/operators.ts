// SPDX-License-Identifier: GPL-3.0-or-later
/* Filter operators by field type.  Each operator is one CEL template: F stands for the field, V and W for the
   values.  The builder prints a template by replacing the letters and reads it back by matching trees, so an
   operator is written once and both directions follow. */
import { parseCel, type Node } from './cel'
import { quote } from './celtext'

/** How a value is written in the expression and which control asks for it. */
export type ArgKind = 'none' | 'text' | 'number' | 'date' | 'moment' | 'option' | 'options' | 'ref' | 'refs' | 'days' | 'hours' | 'duration' | 'time'

export interface Operator {
  key: string        // message key is filter.op.<key>
  cel: string
  arg: ArgKind
  two?: boolean      // also takes W
}

const op = (key: string, cel: string, arg: ArgKind = 'none', two = false): Operator => ({ key, cel, arg, ...(two && { two }) })

const EMPTY = [op('empty', 'F == null'), op('filled', 'F != null')]

/* Only searchable fields keep a folded form; the others are compared as typed. */
const text = (of: (x: string) => string): Operator[] => [
  op('contains', `${of('F')}.contains(${of('V')})`, 'text'),
  op('lacks', `F == null || !${of('F')}.contains(${of('V')})`, 'text'),
  op('starts', `${of('F')}.startsWith(${of('V')})`, 'text'),
  op('is', 'F == V', 'text'),
  op('isnot', 'F != V', 'text'),
  ...EMPTY,
]
const TEXT = text(x => `fold(${x})`)
const PLAIN_TEXT = text(x => x)

const compare = (arg: ArgKind): Operator[] => [
  op('eq', 'F == V', arg), op('ne', 'F != V', arg), op('gt', 'F > V', arg), op('ge', 'F >= V', arg),
  op('lt', 'F < V', arg), op('le', 'F <= V', arg), op('between', 'F >= V && F <= W', arg, true),
]

const DATE = [
  op('on', 'F == V', 'date'), op('before', 'F < V', 'date'), op('after', 'F > V', 'date'),
  op('between', 'F >= V && F <= W', 'date', true),
  op('today', 'F == today()'), op('past', 'F < today()'), op('future', 'F > today()'),
  op('lastdays', 'F >= today() - V && F <= today()', 'days'),
  op('nextdays', 'F >= today() && F <= today() + V', 'days'),
  ...EMPTY,
]

const MOMENT = [
  op('before', 'F < V', 'moment'), op('after', 'F >= V', 'moment'), op('between', 'F >= V && F <= W', 'moment', true),
  op('lasthours', 'F > now - V', 'hours'), op('olderhours', 'F < now - V', 'hours'),
  op('past', 'F < now'), op('future', 'F > now'),
  ...EMPTY,
]

const CHOICE = [op('in', 'F in V', 'options'), op('notin', '!(F in V)', 'options'), ...EMPTY]
const MANY = [op('has', 'V in F', 'option'), op('hasnot', '!(V in F)', 'option'), ...EMPTY]
const TAGS = [op('has', 'V in F', 'text'), op('hasnot', '!(V in F)', 'text'), ...EMPTY]
const REF = [op('in', 'F in V', 'refs'), op('notin', '!(F in V)', 'refs'), ...EMPTY]
const USER = [op('me', 'F == me()'), op('notme', 'F != me()'), ...REF]
const LISTED = [op('contains', 'F.exists(x, x.value.contains(V))', 'text'), ...EMPTY]
const LINKS = [op('in', 'F.exists(x, x.id in V)', 'refs'), op('notin', '!F.exists(x, x.id in V)', 'refs')]

const BY_TYPE: Record<string, Operator[]> = {
  text: TEXT, longtext: TEXT, url: TEXT, person_name: TEXT,
  autonumber: [...compare('number'), ...EMPTY],
  integer: [...compare('number'), ...EMPTY], decimal: [...compare('number'), ...EMPTY],
  percent: [...compare('number'), ...EMPTY], money: [...compare('number'), ...EMPTY],
  boolean: [op('yes', 'F == true'), op('no', '!orValue(F, false)')],
  date: DATE, timestamp: MOMENT,
  time: [...compare('time'), ...EMPTY], duration: [...compare('duration'), ...EMPTY],
  choice: CHOICE, multichoice: MANY, tags: TAGS,
  reference: REF, user: USER, any_reference: EMPTY, links: LINKS, file: EMPTY, json: [],
  emails: LISTED, phones: LISTED, handles: LISTED, identifier: LISTED, addresses: EMPTY,
}

/** The operators of a field; a formula or roll-up takes those of its result. */
export function operatorsOf(f: { type: string; result?: string | null; target?: string | null; searchable?: boolean }): Operator[] {
  const type = f.type === 'formula' || f.type === 'rollup' ? f.result ?? 'decimal' : f.type
  if (type === 'reference' && f.target === 'user') return USER
  const found = BY_TYPE[type] ?? EMPTY
  return found === TEXT && f.searchable === false ? PLAIN_TEXT : found
}

/** One value as it is written in CEL, or null when it is not complete. */
export function celValue(arg: ArgKind, v: unknown): string | null {
  if (arg === 'options' || arg === 'refs') {
    return Array.isArray(v) && v.length ? '[' + v.map(x => quote(String(x))).join(', ') + ']' : null
  }
  if (v === null || v === undefined || v === '') return null
  const s = String(v)
  switch (arg) {
    case 'number': return /^-?\d+(\.\d+)?$/.test(s) ? s : null
    case 'date': return /^\d{4}-\d\d-\d\d$/.test(s) ? `date(${quote(s)})` : null
    case 'moment': return Number.isNaN(Date.parse(s)) ? null : `timestamp(${quote(s)})`
    case 'days': return /^\d+$/.test(s) ? `days(${s})` : null
    case 'hours': return /^\d+$/.test(s) ? `duration('${s}h')` : null
    case 'duration': return /^-?\d+s$/.test(s) ? `duration(${quote(s)})` : null
    case 'none': return null
    default: return quote(s)
  }
}

const inner = (n: Node, fn: string): Node | null => n.k === 'call' && n.of === null && n.fn === fn && n.args.length === 1 ? n.args[0] ?? null : null
const textOf = (n: Node | null): string | undefined => n?.k === 'lit' && typeof n.v === 'string' ? n.v : undefined

/** The value behind a piece of CEL, undefined when it is not one this control writes. */
export function readValue(arg: ArgKind, n: Node): unknown {
  switch (arg) {
    case 'number': return n.k === 'lit' && typeof n.v === 'number' ? n.text : undefined
    case 'date': return textOf(inner(n, 'date'))
    case 'moment': return textOf(inner(n, 'timestamp'))
    case 'days': { const d = inner(n, 'days'); return d?.k === 'lit' && typeof d.v === 'number' ? d.text : undefined }
    case 'hours': return /^(\d+)h$/.exec(textOf(inner(n, 'duration')) ?? '')?.[1]
    case 'duration': return textOf(inner(n, 'duration'))
    case 'options': case 'refs': {
      if (n.k !== 'list' || !n.items.length) return undefined
      const all = n.items.map(i => textOf(i))
      return all.every(x => x !== undefined) ? all : undefined
    }
    case 'none': return undefined
    default: return textOf(n)
  }
}

const trees = new Map<string, Node>()

/** The tree of an operator's template. */
export function template(o: Operator): Node {
  let n = trees.get(o.cel)
  if (!n) trees.set(o.cel, n = parseCel(o.cel))
  return n
}

/** The operator that joins the two halves of a template (between: &&), or null. */
export function joinOf(o: Operator): '&&' | '||' | null {
  const t = template(o)
  return t.k === 'bin' && (t.op === '&&' || t.op === '||') ? t.op : null
}
