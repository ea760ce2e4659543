/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns lang/*.yaml, the texts shared with the server, into one lazy module per language and a union type of
   the keys.  Keys only the server says (errors and command line) stay out of the browser. */
import { readFileSync, writeFileSync, existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse as parseMessage } from '@formatjs/icu-messageformat-parser'
import { parse } from 'yaml'

export const LANGUAGES = ['en', 'ru', 'pl']
const SERVER_ONLY = /^(?:(?:error|warning|api|rights|cli|server|check)\.|import\.(?:note\.|reason$)|undo\.(?:changed|gone|refused)$)/
/* Texts of a page that few open come with it: virtual:lang/import/en. */
const LAZY = /^(?:choices|dash|drops|factor|first|forecast|forms|gate|import|leads|lines|mail|notices|owner|play|queue|repeat|sessions|webhooks)\./
const path = (lang) => fileURLToPath(new URL(`../lang/${lang}.yaml`, import.meta.url))
const keysFile = fileURLToPath(new URL('./src/i18n/keys.gen.ts', import.meta.url))

/** The texts of `lang` the browser needs, by key: those of every page, or (`lazy`) of the pages that bring their own. */
export function readCatalogue(lang, lazy = false) {
  const all = parse(readFileSync(path(lang), 'utf8')) ?? {}
  return Object.fromEntries(Object.entries(all).filter(([k, v]) => typeof v === 'string' && !SERVER_ONLY.test(k) && LAZY.test(k) === lazy))
}

/** Writes the union of keys for the type checker; leaves the file alone when it is already right. */
export function writeKeys() {
  const union = (name, lazy) => `export type ${name} =\n` + Object.keys(readCatalogue('en', lazy)).sort().map((k) => `  | '${k}'`).join('\n') + '\n'
  const text = '/* Generated from lang/en.yaml. */\n' + union('Key', false) + union('ImportKey', true)
  if (!existsSync(keysFile) || readFileSync(keysFile, 'utf8') !== text) writeFileSync(keysFile, text)
}

/** A message as the browser takes it: plain text, or parsed here, so that the parser stays out of the bundle. */
const compiled = (text) => (text.includes('{') ? parseMessage(text, { ignoreTag: true }) : text)

/** Vite plugin: `virtual:lang/en` and its sisters. */
export function catalogues() {
  const prefix = 'virtual:lang/'
  return {
    name: 'kith-catalogues',
    buildStart() {
      writeKeys()
    },
    resolveId: (id) => (id.startsWith(prefix) ? '\0' + id : null),
    load(id) {
      if (!id.startsWith('\0' + prefix)) return null
      const lang = id.slice(-2)
      this.addWatchFile(path(lang))
      const texts = Object.entries(readCatalogue(lang, id.includes('/import/'))).map(([key, text]) => [key, compiled(text)])
      return 'export default ' + JSON.stringify(Object.fromEntries(texts))
    },
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) writeKeys()
