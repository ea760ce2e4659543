// SPDX-License-Identifier: GPL-3.0-or-later
/* Durations as people type them (1:30, 90m, 1,5 ч, 2 godz.) into what the wire has: "5400s". */

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
  for (const [, n, unit = ''] of parts) {
    const known = UNIT.find(([re]) => re.test(unit))
    if (!known) return null
    sum += Number(n) * known[1]
  }
  return Math.round(sum) + 's'
}
