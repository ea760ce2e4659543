/* SPDX-License-Identifier: GPL-3.0-or-later */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, it } from 'vitest'
import { readCatalogue } from '../../lang.mjs'

const texts = { en: readCatalogue('en'), ru: readCatalogue('ru'), pl: readCatalogue('pl') }
const source = join(import.meta.dirname, '..')

function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((f) => (f.isDirectory() ? sources(join(folder, f.name)) : /\.tsx?$/.test(f.name) && !/\.(test|gen)\./.test(f.name) ? readFileSync(join(folder, f.name), 'utf8') : ''))
    .join('\n')
}

/** Names of the arguments of a message. */
function args(text: string, language: string): string[] {
  const names = new Set<string>()
  const walk = (parts: unknown[]) => {
    for (const p of parts as { type: number; value?: string; options?: Record<string, { value: unknown[] }> }[]) {
      if (p.type !== 0 && p.type !== 7 && p.value) names.add(p.value)
      for (const o of Object.values(p.options ?? {})) walk(o.value)
    }
  }
  walk(new IntlMessageFormat(text, language, undefined, { ignoreTag: true }).getAst())
  return [...names].sort()
}

describe('texts', () => {
  it('have the same keys in each language', () => {
    expect(Object.keys(texts.ru).sort()).toEqual(Object.keys(texts.en).sort())
    expect(Object.keys(texts.pl).sort()).toEqual(Object.keys(texts.en).sort())
  })
  it('take the same arguments in each language', () => {
    for (const [key, text] of Object.entries(texts.en)) {
      const wanted = args(text, 'en')
      expect([key, args(texts.ru[key]!, 'ru')]).toEqual([key, wanted])
      expect([key, args(texts.pl[key]!, 'pl')]).toEqual([key, wanted])
    }
  })
  it('leave no English in Russian', () => {
    const names = /\b(kith\.yaml|backup\.at|Kith|CRM|API|XLSX|Excel|vCard|OpenAPI|CEL|UTC|ID|CSV|PDF|Ctrl|Esc|Enter|JSON)\b|\{[^}]*\}|e-mail/gi
    const code = /amount > 1000 && owner == me\(\)/
    const bare = Object.entries(texts.ru).filter(([, text]) => !text.includes('plural') && !text.includes('select') && /[a-z]{3,}/i.test(text.replace(code, '').replace(names, '')))
    expect(bare).toEqual([])
  })
  it('are all said somewhere', () => {
    const code = sources(source)
    const built = [...code.matchAll(/`([a-z_]+(?:\.[a-z_]+)*[._])\$\{/g)].map((m) => m[1]!)
    for (const m of code.matchAll(/'([a-z_]+(?:\.[a-z_]+)*[._])' \+/g)) built.push(m[1]!)
    const unused = Object.keys(texts.en).filter((key) => !code.includes(`'${key}'`) && !built.some((b) => key.startsWith(b)))
    expect(unused).toEqual([])
  })
})
