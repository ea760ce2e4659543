// SPDX-License-Identifier: GPL-3.0-or-later
/* Which columns a list shows, how wide, which stay put.  Names come from the URL or the view, widths and pins are
   this browser's own. */

export interface ColumnPrefs { widths: Record<string, number>; pinned: string[] }
export interface Column<F> { field: F; width: number; pinned: boolean; left: number }
export interface ColumnField { name: string; type: string; result?: string | null }

export const MIN_WIDTH = 64
export const MAX_WIDTH = 640
export const CHECK_WIDTH = 36
export const NO_PREFS: ColumnPrefs = { widths: {}, pinned: [] }

const WIDTH: Record<string, number> = {
  text: 190, longtext: 260, integer: 100, decimal: 110, money: 130, percent: 100, boolean: 90, date: 125, time: 90, timestamp: 185,
  duration: 130, choice: 150, multichoice: 190, person_name: 190, emails: 210, phones: 160, handles: 150, addresses: 240, url: 200,
  identifier: 170, reference: 190, links: 200, any_reference: 190, user: 170, file: 170, tags: 180, autonumber: 110, json: 200,
}

export function defaultWidth(f: ColumnField, isLabel: boolean): number {
  if (isLabel) return 270
  return WIDTH[f.type === 'formula' || f.type === 'rollup' ? f.result ?? 'decimal' : f.type] ?? 150
}

/** The fields to show, in order: the label field first when it is missing, unknown names dropped. */
export function chooseColumns<F extends ColumnField>(fields: F[], label: string, names: string[]): F[] {
  const found = names.map(n => fields.find(f => f.name === n)).filter((f): f is F => !!f)
  const own = fields.find(f => f.name === label)
  const unique = [...new Set(found)]
  return own && !unique.includes(own) ? [own, ...unique] : unique
}

/** Pinned columns come first, each with its distance from the left edge. */
export function layout<F extends ColumnField>(fields: F[], label: string, prefs: ColumnPrefs): Column<F>[] {
  const pinned = fields.filter(f => prefs.pinned.includes(f.name)), rest = fields.filter(f => !prefs.pinned.includes(f.name))
  let left = CHECK_WIDTH
  return [...pinned, ...rest].map((field, i) => {
    const width = clampWidth(prefs.widths[field.name] ?? defaultWidth(field, field.name === label))
    const c = { field, width, pinned: i < pinned.length, left }
    left += width
    return c
  })
}

export const clampWidth = (w: number) => Math.round(Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, w)))

export function withWidth(p: ColumnPrefs, name: string, w: number): ColumnPrefs { return { ...p, widths: { ...p.widths, [name]: clampWidth(w) } } }

export function withPin(p: ColumnPrefs, name: string, on: boolean): ColumnPrefs {
  const rest = p.pinned.filter(n => n !== name)
  return { ...p, pinned: on ? [...rest, name] : rest }
}

/** Moves one name before or after its neighbour. */
export function shift(names: string[], name: string, by: 1 | -1): string[] {
  const at = names.indexOf(name), to = at + by
  if (at < 0 || to < 0 || to >= names.length) return names
  const next = [...names]
  next.splice(to, 0, ...next.splice(at, 1))
  return next
}

export function readPrefs(text: string | null): ColumnPrefs {
  if (!text) return NO_PREFS
  try {
    const v = JSON.parse(text) as Partial<ColumnPrefs>
    const widths = Object.entries(v.widths ?? {}).filter(([, w]) => typeof w === 'number')
    return { widths: Object.fromEntries(widths), pinned: Array.isArray(v.pinned) ? v.pinned.filter(x => typeof x === 'string') : [] }
  } catch { return NO_PREFS }
}

/** One step of `order_by`: ascending, descending, none; with shift the others stay. */
export function nextSort(order: string, name: string, keep: boolean): string {
  const keys = order.split(',').map(s => s.trim()).filter(Boolean)
  const now = keys.find(k => k.replace('-', '') === name)
  const next = now === undefined ? name : now === name ? '-' + name : ''
  if (!keep) return next
  return (now === undefined ? [...keys, next] : keys.map(k => k === now ? next : k)).filter(Boolean).join(',')
}

export function sortOf(order: string, name: string): 'ascending' | 'descending' | 'none' {
  const k = order.split(',').map(s => s.trim()).find(x => x.replace('-', '') === name)
  return k === undefined ? 'none' : k.startsWith('-') ? 'descending' : 'ascending'
}
