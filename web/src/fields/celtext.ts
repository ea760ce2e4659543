// SPDX-License-Identifier: GPL-3.0-or-later
/* CEL as text: making it needs no reader. */

/** A CEL string literal. */
export function quote(s: string): string {
  return "'" + s.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t') + "'"
}

/** Joins filters that may be empty with &&, each in brackets where it needs them. */
export function allOf(...parts: (string | null | undefined)[]): string {
  const on = parts.filter((p): p is string => !!p && p.trim() !== '')
  return on.length < 2 ? on[0] ?? '' : on.map(p => /\|\||\?/.test(p) ? `(${p})` : p).join(' && ')
}
