// SPDX-License-Identifier: GPL-3.0-or-later
/* Exact decimals as text: what people type in three languages, and sums for optimistic totals.  No float is made. */

import { parseDecimal } from '@/i18n/format'

/** Reads a number as people write it, its sign of money or percent too: 1 234,56 zł  $1,234.56  12 %.  Null when it is none. */
export function readNumber(text: string, language: string): string | null {
  return parseDecimal(text.replace(/[−–]/g, '-').replace(/[%₽$€£]|zł|руб\.?|\b[A-Z]{3}\b/gi, '').trim(), language)
}

/** How many digits stand after the point. */
export function placesOf(s: string): number { return s.includes('.') ? s.length - s.indexOf('.') - 1 : 0 }

function scaled(s: string, places: number): bigint {
  const [whole = '0', part = ''] = s.replace('-', '').split('.')
  const n = BigInt(whole + part.padEnd(places, '0').slice(0, places))
  return s.startsWith('-') ? -n : n
}

function unscaled(n: bigint, places: number): string {
  const neg = n < 0n, digits = (neg ? -n : n).toString().padStart(places + 1, '0')
  const text = places ? digits.slice(0, -places) + '.' + digits.slice(-places) : digits
  return (neg ? '-' : '') + text
}

/** a + b, or a - b with sign -1, exactly. */
export function addDecimal(a: string, b: string, sign: 1 | -1 = 1): string {
  const places = Math.max(placesOf(a), placesOf(b))
  return unscaled(scaled(a, places) + BigInt(sign) * scaled(b, places), places)
}

/** -1, 0 or 1. */
export function compareDecimal(a: string, b: string): number {
  const places = Math.max(placesOf(a), placesOf(b)), x = scaled(a, places), y = scaled(b, places)
  return x < y ? -1 : x > y ? 1 : 0
}

/** Cuts trailing zeros after the point: an edit box shows 12.5, not 12.5000. */
export function trimZeros(s: string): string { return s.includes('.') ? s.replace(/\.?0+$/, '') : s }

/** The number as it is typed in this language: a comma in Russian and Polish. */
export function typed(s: string, lang: string): string { return lang === 'en' ? trimZeros(s) : trimZeros(s).replace('.', ',') }
