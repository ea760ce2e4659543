/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weighs the first load of the built application: the entry, what it imports at once, and one language.
   Fails above the budget.  Run after `npm run build`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const LIMITS = { js: 180, css: 12, route: 30 }
const dist = fileURLToPath(new URL('./dist/', import.meta.url))
const manifest = JSON.parse(readFileSync(dist + '.vite/manifest.json', 'utf8'))
const weight = (file) => gzipSync(readFileSync(dist + file), { level: 9 }).length / 1024

/** Files a chunk needs at once, itself included, that are not in `have`. */
function closure(key, have = new Set()) {
  const files = new Set()
  const walk = (k) => {
    const chunk = manifest[k]
    if (!chunk || files.has(chunk.file) || have.has(chunk.file)) return
    files.add(chunk.file)
    for (const css of chunk.css ?? []) if (!have.has(css)) files.add(css)
    for (const i of chunk.imports ?? []) walk(i)
  }
  walk(key)
  return files
}

const sum = (files, ext) => [...files].filter((f) => f.endsWith(ext)).reduce((t, f) => t + weight(f), 0)
const entry = Object.keys(manifest).find((k) => manifest[k].isEntry)
const language = Object.keys(manifest).find((k) => /lang[/:_]ru/.test(k) || /lang\/ru/.test(manifest[k].src ?? ''))
const first = closure(entry)
if (language) for (const f of closure(language)) first.add(f)
const lines = []
let failed = 0
const line = (name, value, limit) => {
  const ok = value <= limit
  if (!ok) failed++
  lines.push(`${ok ? 'ok    ' : 'not ok'} ${name.padEnd(34)} ${value.toFixed(1).padStart(7)} KB of ${limit}`)
}
line('first load, JS', sum(first, '.js'), LIMITS.js)
line('first load, CSS', sum(first, '.css'), LIMITS.css)
for (const key of Object.keys(manifest).filter((k) => manifest[k].isDynamicEntry && /Page\.tsx$/.test(k))) {
  const own = closure(key, first)
  line(key.replace(/^src\//, '') + ', JS', sum(own, '.js'), LIMITS.route)
}
console.log(lines.join('\n'))
console.log(failed ? `${failed} over the budget` : 'within the budget')
process.exitCode = failed ? 1 : 0
