// SPDX-License-Identifier: GPL-3.0-or-later
/* A reader of CEL expressions: text to a small tree.  The browser needs it for two things only: to turn a filter
   back into rows of the condition builder, and to evaluate the simple conditions of forms (condition.ts).
   Everything else about CEL is the server's. */

export type Node =
  | { k: 'lit'; v: string | number | boolean | null; text: string }
  | { k: 'name'; v: string }
  | { k: 'list'; items: Node[] }
  | { k: 'member'; of: Node; name: string }
  | { k: 'index'; of: Node; at: Node }
  | { k: 'call'; fn: string; of: Node | null; args: Node[] }
  | { k: 'un'; op: string; a: Node }
  | { k: 'bin'; op: string; a: Node; b: Node }
  | { k: 'cond'; if: Node; then: Node; else: Node }

interface Token { k: 'num' | 'str' | 'name' | 'op' | 'end'; v: string }

const OPS = ['&&', '||', '==', '!=', '<=', '>=', '<', '>', '+', '-', '*', '/', '%', '!', '?', ':', '(', ')', '[', ']', ',', '.']
const ESC: Record<string, string> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"', '`': '`' }

function unquote(raw: string): string {
  return raw.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, c: string) =>
    c.length === 5 ? String.fromCharCode(parseInt(c.slice(1), 16)) : ESC[c] ?? c)
}

function tokens(src: string): Token[] {
  const out: Token[] = []
  let i = 0
  while (i < src.length) {
    const rest = src.slice(i)
    const space = /^\s+/.exec(rest)
    if (space) { i += space[0].length; continue }
    const num = /^\d+(\.\d+)?/.exec(rest)
    const str = /^'(\\.|[^'\\])*'|^"(\\.|[^"\\])*"/s.exec(rest)
    const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)
    if (num) out.push({ k: 'num', v: num[0] })
    else if (str) out.push({ k: 'str', v: str[0] })
    else if (name) out.push({ k: 'name', v: name[0] })
    else {
      const op = OPS.find(o => rest.startsWith(o))
      if (!op) throw new SyntaxError(`unexpected "${rest[0]}" at ${i + 1}`)
      out.push({ k: 'op', v: op })
    }
    i += out.at(-1)!.v.length
  }
  return out
}

const END: Token = { k: 'end', v: '' }
const LEVELS = [['||'], ['&&'], ['==', '!=', '<', '<=', '>', '>=', 'in'], ['+', '-'], ['*', '/', '%']]

class Parser {
  private at = 0
  private readonly toks: Token[]
  constructor(src: string) { this.toks = tokens(src) }

  private get tok(): Token { return this.toks[this.at] ?? END }
  private next(): Token { const t = this.tok; this.at++; return t }
  private is(v: string): boolean { return this.tok.v === v && (this.tok.k === 'op' || v === 'in') }
  private take(v: string): boolean { const hit = this.is(v); if (hit) this.at++; return hit }
  private need(v: string): void { if (!this.take(v)) throw new SyntaxError(`"${v}" expected before "${this.tok.v}"`) }

  whole(): Node {
    const n = this.expr()
    if (this.tok.k !== 'end') throw new SyntaxError(`unexpected "${this.tok.v}"`)
    return n
  }

  private expr(): Node {
    const test = this.binary(0)
    if (!this.take('?')) return test
    const then = this.binary(0)
    this.need(':')
    return { k: 'cond', if: test, then, else: this.expr() }
  }

  private binary(level: number): Node {
    if (level === LEVELS.length) return this.unary()
    let a = this.binary(level + 1)
    for (;;) {
      const op = LEVELS[level]!.find(o => this.is(o))
      if (!op) return a
      this.at++
      a = { k: 'bin', op, a, b: this.binary(level + 1) }
    }
  }

  private unary(): Node {
    if (this.take('!')) return { k: 'un', op: '!', a: this.unary() }
    if (this.take('-')) {
      const a = this.unary()
      if (a.k === 'lit' && typeof a.v === 'number') return { k: 'lit', v: -a.v, text: '-' + a.text }
      return { k: 'un', op: '-', a }
    }
    return this.postfix(this.primary())
  }

  private postfix(n: Node): Node {
    for (;;) {
      if (this.take('.')) {
        const name = this.next()
        if (name.k !== 'name') throw new SyntaxError('a name is expected after "."')
        n = this.take('(') ? { k: 'call', fn: name.v, of: n, args: this.list(')') } : { k: 'member', of: n, name: name.v }
      } else if (this.take('[')) {
        const at = this.expr()
        this.need(']')
        n = { k: 'index', of: n, at }
      } else return n
    }
  }

  private primary(): Node {
    const t = this.next()
    if (t.k === 'num') return { k: 'lit', v: Number(t.v), text: t.v }
    if (t.k === 'str') return { k: 'lit', v: unquote(t.v), text: t.v }
    if (t.k === 'name') {
      if (t.v === 'true' || t.v === 'false') return { k: 'lit', v: t.v === 'true', text: t.v }
      if (t.v === 'null') return { k: 'lit', v: null, text: t.v }
      return this.take('(') ? { k: 'call', fn: t.v, of: null, args: this.list(')') } : { k: 'name', v: t.v }
    }
    if (t.v === '(') { const n = this.expr(); this.need(')'); return n }
    if (t.v === '[') return { k: 'list', items: this.list(']') }
    throw new SyntaxError(t.k === 'end' ? 'the expression ends too early' : `unexpected "${t.v}"`)
  }

  private list(end: string): Node[] {
    const out: Node[] = []
    if (this.take(end)) return out
    do out.push(this.expr())
    while (this.take(','))
    this.need(end)
    return out
  }
}

/** Reads one expression; throws SyntaxError with a short reason. */
export function parseCel(src: string): Node { return new Parser(src).whole() }
