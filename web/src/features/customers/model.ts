// SPDX-License-Identifier: GPL-3.0-or-later
/* Where people stand in the picture of who reports to whom: leaves one beside the other, a chief above the middle of his people. */
export interface Person { id: string; chief: string | null }
export interface Place { id: string; x: number; y: number; chief: string | null }

/** Columns and rows from 0; whoever reports to nobody here, or in a circle, stands at the top. */
export function placePeople(people: Person[]): { places: Place[]; columns: number; rows: number } {
  const ids = new Set(people.map((p) => p.id)), below = new Map<string | null, string[]>(), places = new Map<string, Place>()
  const chiefOf = new Map(people.map((p) => [p.id, p.chief && ids.has(p.chief) && p.chief !== p.id ? p.chief : null]))
  for (const p of people) {
    for (let at = chiefOf.get(p.id) ?? null, n = 0; at; at = chiefOf.get(at) ?? null) if (at === p.id || ++n > people.length) { chiefOf.set(p.id, null); break }
  }
  for (const p of people) below.set(chiefOf.get(p.id)!, [...(below.get(chiefOf.get(p.id)!) ?? []), p.id])
  let next = 0, rows = 0
  const put = (id: string, y: number): number => {
    rows = Math.max(rows, y + 1)
    const xs = (below.get(id) ?? []).map((b) => put(b, y + 1)), x = xs.length ? (xs[0]! + xs.at(-1)!) / 2 : next++
    places.set(id, { id, x, y, chief: chiefOf.get(id) ?? null })
    return x
  }
  for (const id of below.get(null) ?? []) put(id, 0)
  return { places: people.flatMap((p) => places.get(p.id) ?? []), columns: next, rows }
}
