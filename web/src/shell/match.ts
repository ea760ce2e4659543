/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding commands by what a person types: case, marks and the letters ł and ё do not matter. */

/** Lower case without marks. */
export const fold = (s: string) => s.toLowerCase().replace(/ł/g, 'l').normalize('NFD').replace(/\p{M}/gu, '').replace(/ё/g, 'е')

/** How well `text` answers `query`: 0 not at all; every word of the query must begin a word of the text. */
export function score(text: string, query: string): number {
  const wanted = fold(query).split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  const words = fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  let total = 1
  for (const w of wanted) {
    const at = words.findIndex((x) => x.startsWith(w))
    if (at < 0) return 0
    total += at === 0 ? 3 : 1
    if (words[at] === w) total += 1
  }
  return total
}
