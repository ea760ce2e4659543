// SPDX-License-Identifier: GPL-3.0-or-later
/* Exact decimals as text: what people type in three languages, and sums for optimistic totals.  No float is made. */

const PLAIN = /^-?\d+(\.\d+)?$/

/** Reads a number as people write it: 1 234,56  1,234.56  1.234.567  12 %.  Null when it is not one. */
export function parseDecimal(text: string, lang: string): string | null {
  let s = text.replace(/[\s\u00a0\u202f'’_]/g, '').replace(/[−–]/g, '-').replace(/[%‰₽$€£]|zł|руб\.?|USD|EUR|PLN|RUB/gi, '')
  const dots = s.split('.').length - 1, commas = s.split(',').length - 1
  if (dots && commas) {
    const decimal = s.lastIndexOf('.') > s.lastIndexOf(',') ? '.' : ','
    s = s.split(decimal === '.' ? ',' : '.').join('')
    if (decimal === ',') s = s.replace(',', '.')
  } else if (commas > 1 || (commas === 1 && lang === 'en' && /^-?\d{1,3},\d{3}$/.test(s))) s = s.split(',').join('')
  else if (commas === 1) s = s.replace(',', '.')
  else if (dots > 1) s = s.split('.').join('')
  if (s.startsWith('+')) s = s.slice(1)
  if (/^-?\.\d+$/.test(s)) s = s.replace('.', '0.')
  if (/^-?\d+\.$/.test(s)) s = s.slice(0, -1)
  if (!PLAIN.test(s)) return null
  s = s.replace(/^(-?)0+(?=\d)/, '$1')
  return /^-0(\.0+)?$/.test(s) ? s.slice(1) : s
}

/** How many digits stand after the point. */
export function placesOf(s: string): number { return s.includes('.') ? s.length - s.indexOf('.') - 1 : 0 }

function scaled(s: string, places: number): bigint {
  const [whole, part = ''] = s.replace('-', '').split('.')
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
