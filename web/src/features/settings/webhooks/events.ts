/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events a webhook wants ("deal.created", "deal.*", "*") as the form shows them: a row an object, a tick a kind. */
export const KINDS = ['created', 'updated', 'deleted', 'restored'] as const
export type Kind = (typeof KINDS)[number]
export interface Row { object: string; kinds: Kind[] }
export interface Wanted { everything: boolean; rows: Row[] }

/** Rows in the order the objects are first named. */
export function readEvents(events: readonly string[]): Wanted {
  const rows: Row[] = []
  for (const event of events) {
    const [object = '', kind] = event.split('.')
    if (event === '*') continue
    let row = rows.find((r) => r.object === object)
    if (!row) rows.push((row = { object, kinds: [] }))
    row.kinds = KINDS.filter((k) => kind === '*' || k === kind || row.kinds.includes(k))
  }
  return { everything: events.includes('*'), rows }
}

/** All four kinds of an object are "object.*". */
export const writeEvents = (wanted: Wanted): string[] =>
  wanted.everything ? ['*'] : wanted.rows.flatMap((r) => (r.kinds.length === KINDS.length ? [`${r.object}.*`] : r.kinds.map((k) => `${r.object}.${k}`)))

/** A condition needs one object. */
export const onlyObject = (wanted: Wanted): string | null => (!wanted.everything && wanted.rows.length === 1 ? wanted.rows[0]!.object : null)
