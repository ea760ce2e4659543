/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers, money, dates and spans of time as the user's language and zone write them.  Decimals arrive as
   strings and go to Intl as strings: nothing here passes a sum of money through a double. */

export interface Money {
  amount: string
  currency: string
}

export interface Format {
  /** A number or exact decimal string, with at most `places` digits after the point. */
  number: (value: number | string, places?: number) => string
  /** "€8,600"; cents are shown only when there are any, or always with `exact`.  `compact`: "€404M". */
  money: (value: Money, style?: 'plain' | 'exact' | 'compact') => string
  /** "12.5%" from "12.5". */
  percent: (value: number | string) => string
  /** A calendar day "2026-10-06" (no zone). */
  date: (iso: string, style?: 'medium' | 'short' | 'long') => string
  /** A moment (RFC 3339) in the user's zone, day and time. */
  dateTime: (iso: string) => string
  /** A moment's day in the user's zone. */
  day: (iso: string) => string
  /** A moment's clock time in the user's zone. */
  clock: (iso: string) => string
  /** "3 hours ago", "yesterday", "in 2 days"; older than a month becomes the date. */
  relative: (iso: string, now?: number) => string
  /** A calendar day against today: "today", "tomorrow", "3 days ago", else the date. */
  relativeDay: (iso: string, now?: number) => string
  /** "1 hr 30 min" from "5400s". */
  duration: (value: string | number) => string
  /** "14:05" as the language writes it. */
  timeOfDay: (value: string) => string
  /** "A, B and C". */
  list: (items: string[]) => string
  /** Today as YYYY-MM-DD in the user's zone. */
  today: (now?: number) => string
  language: string
  zone: string
}

/** The number formatter takes exact decimal strings, which older typings do not know. */
type Exact = (value: number | string) => string

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Whole days from `a` to `b`, both YYYY-MM-DD. */
export function daysBetween(a: string, b: string): number {
  return Math.round((Date.parse(b + 'T00:00:00Z') - Date.parse(a + 'T00:00:00Z')) / DAY)
}

function memo<T>(make: (key: string) => T): (key: string) => T {
  const kept = new Map<string, T>()
  return (key) => {
    let made = kept.get(key)
    if (made === undefined) kept.set(key, (made = make(key)))
    return made
  }
}

/** Seconds of a CEL duration ("5400s", "1h30m") or a number of seconds. */
export function durationSeconds(value: string | number): number {
  if (typeof value === 'number') return value
  let total = 0
  for (const [, n, unit] of value.matchAll(/(-?[\d.]+)(h|ms|m|s)/g)) {
    total += Number(n) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : unit === 's' ? 1 : 0.001)
  }
  return total
}

/** Russian dates end in " г." which lists do not need. */
const trimYear = (text: string) => text.replace(/[\s\u00a0\u202f]*г\.(?=,|$)/, '')

export function makeFormat(language: string, zone: string): Format {
  const currencyFormat = memo((key: string) => {
    const [currency = 'EUR', style] = key.split('|')
    const options: Intl.NumberFormatOptions = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }
    if (style === 'compact') Object.assign(options, { notation: 'compact', maximumFractionDigits: 1, minimumFractionDigits: 0 })
    if (style === 'whole') Object.assign(options, { maximumFractionDigits: 0, minimumFractionDigits: 0 })
    return new Intl.NumberFormat(language, options).format as Exact
  })
  const decimal = memo((places: string) =>
    new Intl.NumberFormat(language, places === '' ? { maximumFractionDigits: 6 } : { maximumFractionDigits: +places }).format as Exact,
  )
  const pct = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  const dates = memo((key: string) => {
    const [style, tz] = key.split('|')
    const options: Intl.DateTimeFormatOptions =
      style === 'short' ? { day: 'numeric', month: 'short' }
      : style === 'long' ? { weekday: 'long', day: 'numeric', month: 'long' }
      : style === 'time' ? { hour: 'numeric', minute: '2-digit' }
      : style === 'both' ? { day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' }
      : { day: 'numeric', month: 'short', year: 'numeric' }
    return new Intl.DateTimeFormat(language, { ...options, timeZone: tz })
  })
  const isoDay = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const rel = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const units = memo((unit: string) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 }))
  const lists = new Intl.ListFormat(language, { type: 'conjunction' })
  const today = (now = Date.now()) => isoDay.format(now)
  const date: Format['date'] = (iso, style = 'medium') => {
    const at = new Date(iso + 'T00:00:00Z')
    return isNaN(+at) ? iso : trimYear(dates(`${style}|UTC`).format(at))
  }
  const moment = (style: string) => (iso: string) => {
    const at = new Date(iso)
    return isNaN(+at) ? iso : trimYear(dates(`${style}|${zone}`).format(at))
  }
  const relativeDay: Format['relativeDay'] = (iso, now) => {
    const days = daysBetween(today(now), iso)
    return Math.abs(days) <= 14 ? rel.format(days, 'day') : date(iso)
  }
  return {
    language,
    zone,
    today,
    number: (value, places) => decimal(places === undefined ? '' : String(places))(value),
    money: ({ amount, currency }, style = 'plain') => {
      if (!currency) return decimal('2')(amount)
      const kind = style === 'compact' ? 'compact' : style === 'plain' && /^-?\d+(\.0*)?$/.test(amount) ? 'whole' : ''
      return currencyFormat(`${currency}|${kind}`)(amount)
    },
    percent: (value) => pct.format(Number(value) / 100),
    date,
    dateTime: moment('both'),
    day: moment('medium'),
    clock: moment('time'),
    relative: (iso, now = Date.now()) => {
      const ms = Date.parse(iso) - now
      const size = Math.abs(ms)
      if (isNaN(ms)) return iso
      if (size < MINUTE) return rel.format(0, 'minute')
      if (size < HOUR) return rel.format(Math.trunc(ms / MINUTE), 'minute')
      if (size < DAY) return rel.format(Math.trunc(ms / HOUR), 'hour')
      if (size < 30 * DAY) return rel.format(Math.trunc(ms / DAY), 'day')
      return moment('medium')(iso)
    },
    relativeDay,
    duration: (value) => {
      const seconds = durationSeconds(value)
      const parts: [number, string][] = [
        [Math.floor(seconds / 86400), 'day'],
        [Math.floor((seconds % 86400) / 3600), 'hour'],
        [Math.floor((seconds % 3600) / 60), 'minute'],
      ]
      const first = parts.findIndex(([n]) => n > 0)
      const shown = first < 0 ? [] : parts.slice(first, first + 2).filter(([n]) => n > 0)
      if (!shown.length) return units('second').format(Math.round(seconds))
      return shown.map(([n, unit]) => units(unit).format(n)).join(' ')
    },
    timeOfDay: (value) => {
      const at = new Date(`2000-01-01T${value.length === 5 ? value + ':00' : value}Z`)
      return isNaN(+at) ? value : dates('time|UTC').format(at)
    },
    list: (items) => lists.format(items),
  }
}

/** Reads what a person typed as a number in `language` ("1 234,5", "1,234.5") into "1234.5"; null when it is none. */
export function parseDecimal(text: string, language: string): string | null {
  const parts = new Intl.NumberFormat(language).formatToParts(12345.6)
  const point = parts.find((p) => p.type === 'decimal')?.value ?? '.'
  let s = text.trim().replace(/[\s\u00a0\u202f'’]/g, '').replace(/\u2212/g, '-')
  const comma = s.lastIndexOf(',')
  const dot = s.lastIndexOf('.')
  if (comma >= 0 && dot >= 0) {
    s = comma > dot ? s.replace(/\./g, '').replace(',', '.') : s.replace(/,/g, '')
  } else if (comma >= 0) {
    s = point === ',' || !/^-?\d{1,3}(,\d{3})+$/.test(s) ? s.replace(',', '.') : s.replace(/,/g, '')
  }
  if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(s)) return null
  const negative = s.startsWith('-')
  let [whole = '', fraction = ''] = s.replace(/^[-+]/, '').split('.')
  whole = whole.replace(/^0+(?=\d)/, '') || '0'
  const value = fraction ? `${whole}.${fraction}` : whole
  return negative && /[1-9]/.test(value) ? '-' + value : value
}
