/* SPDX-License-Identifier: GPL-3.0-or-later */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { firstIcons } from './icons'
import { MORE_ICONS } from './moreicons'

const SRC = fileURLToPath(new URL('../../../src/', import.meta.url))
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })

it('every icon that an object or an action names is there', () => {
  const named = new Set<string>()
  for (const f of files.filter((n) => /\.(yaml|c)$/.test(n)))
    for (const hit of readFileSync(SRC + f, 'utf8').matchAll(f.endsWith('.c') ? /\.icon = "([^"]+)"/g : /^icon: (\S+)$/gm)) named.add(hit[1]!)
  expect(named.size).toBeGreaterThan(40)
  expect([...named].filter((n) => !firstIcons.includes(n) && !(n in MORE_ICONS))).toEqual([])
})

it('those of the navigation come with the first load', () => {
  const shown = files.filter((n) => n.endsWith('.yaml')).map((n) => readFileSync(SRC + n, 'utf8')).filter((t) => /^nav: true$/m.test(t))
  expect(shown.map((t) => /^icon: (\S+)$/m.exec(t)?.[1]).filter((n) => !firstIcons.includes(n!))).toEqual([])
})
