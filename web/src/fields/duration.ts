// SPDX-License-Identifier: GPL-3.0-or-later
/* Durations: "5400s" on the wire, "1 h 30 m" for people (1:30, 90m, 1,5 ч, 2 godz. are all read). */

const UNIT: [RegExp, number][] = [
  [/^(s|sec|seconds?|с|сек|секунд[аы]?|sek\w*)$/i, 1],
  [/^(m|min|minutes?|м|мин|минут[аы]?|minut[ay]?)$/i, 60],
  [/^(h|hr|hours?|ч|час|часа|часов|g|godz|godzin[ay]?)$/i, 3600],
  [/^(d|days?|д|дн|день|дня|дней|dni|dzień)$/i, 86400],
]

/** Text to "…s", null when it is not a duration.  A bare number is minutes. */
export function parseDuration(text: string): string | null {
  const s = text.trim().replace(',', '.')
  const wire = /^(\d+)s$/.exec(s), clock = /^(\d+):([0-5]\d)$/.exec(s)
  if (wire) return s
  if (clock) return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + 's'
  if (/^\d+(\.\d+)?$/.test(s)) return Math.round(Number(s) * 60) + 's'
  const parts = [...s.matchAll(/(\d+(?:\.\d+)?)\s*([\p{L}]+)\.?\s*/gu)]
  if (!parts.length || parts.map(p => p[0]).join('') !== s) return null
  let sum = 0
  for (const [, n, unit] of parts) {
    const known = UNIT.find(([re]) => re.test(unit))
    if (!known) return null
    sum += Number(n) * known[1]
  }
  return Math.round(sum) + 's'
}

export function seconds(wire: string): number { return Number(/^(-?\d+(?:\.\d+)?)s$/.exec(wire)?.[1] ?? NaN) }

/** The two largest units, in the language's own short names. */
export function formatDuration(wire: string, lang: string): string {
  const all = seconds(wire)
  if (Number.isNaN(all)) return wire
  const left = Math.abs(Math.round(all))
  const parts: [number, string][] = [
    [Math.floor(left / 86400), 'day'], [Math.floor(left / 3600) % 24, 'hour'], [Math.floor(left / 60) % 60, 'minute'], [left % 60, 'second'],
  ]
  const on = parts.filter(([n]) => n > 0).slice(0, 2)
  if (!on.length) on.push([0, 'minute'])
  const text = on.map(([n, unit]) => new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'short' }).format(n)).join(' ')
  return all < 0 ? '−' + text : text
}
