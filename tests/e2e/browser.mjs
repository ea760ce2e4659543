/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A browser as a user of Kith holds it: signed in, in a language, a theme and a width; anything the page reports
   as broken fails the test; axe looks at what is on screen. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { IntlMessageFormat } from 'intl-messageformat'
import { chromium } from 'playwright-core'
import { parse } from 'yaml'
import { ADMIN, PASSWORD } from './kith.mjs'

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const catalogues = {}

/** The text of a key in a language, as the page shows it. */
export function textOf(language) {
  const all = (catalogues[language] ??= parse(readFileSync(new URL(`../../lang/${language}.yaml`, import.meta.url), 'utf8')))
  return (key, values) => {
    assert.ok(all[key], `no text ${key}`)
    return values || all[key].includes('{') ? new IntlMessageFormat(all[key], language).format(values) : all[key]
  }
}

let browser
after(() => browser?.close())

/** The one browser of this test file. */
export async function launch() {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((p) => existsSync(p))
  return (browser ??= await chromium.launch({ executablePath, args: FLAGS }))
}

const opened = new Set()
const SHOTS = process.env.KITH_SHOTS ?? fileURLToPath(new URL('../../build-dev/test-logs', import.meta.url))

/** A test that leaves a picture of each open page when it fails. */
export function flow(name, run) {
  return test(name, async () => {
    try {
      await run()
      for (const page of opened) await close(page)
    } catch (error) {
      let n = 0
      for (const page of opened) await page.screenshot({ path: `${SHOTS}/e2e ${name.replace(/[^\w ]/g, '').slice(0, 50)} ${++n}.png` }).catch(() => {})
      throw error
    } finally {
      for (const page of opened) await page.context().close()
      opened.clear()
    }
  })
}

/** Words of the console that a step may cause on purpose (a refused sign-in, a conflict). */
const EXPECTED = /status of (401|403|404|409|400|422|429)/

/** Opens a page.  `as` signs in (null does not); the page gets `t`, `problems`, `visit`. */
export async function open(kith, { as = ADMIN, language = 'en', theme = 'light', width = 1440, height = 900, zone = 'Europe/Warsaw' } = {}) {
  await launch()
  const context = await browser.newContext({
    baseURL: kith.base, viewport: { width, height }, locale: language, colorScheme: theme, timezoneId: zone, reducedMotion: 'reduce', hasTouch: width < 720, acceptDownloads: true,
  })
  context.setDefaultTimeout(12_000)
  await context.addInitScript(([l]) => { if (!localStorage.getItem('kith.language')) localStorage.setItem('kith.language', l) }, [language])
  if (as) {
    const reply = await context.request.post('/api/v1/session', { data: { email: as, password: PASSWORD }, headers: { origin: kith.base } })
    assert.equal(reply.status(), 200, await reply.text())
    const set = await context.request.patch('/api/v1/me', { data: { language, theme: 'system' }, headers: { origin: kith.base } })
    assert.equal(set.status(), 200, await set.text())
  }
  const page = await context.newPage()
  opened.add(page)
  page.problems = []
  page.on('pageerror', (e) => page.problems.push('page error: ' + e.stack))
  page.on('console', (m) => { if (m.type() === 'error' && !EXPECTED.test(m.text())) page.problems.push('console: ' + m.text()) })
  page.on('response', (r) => { if (r.status() >= 500) page.problems.push(`${r.status()} ${r.request().method()} ${r.url()}`) })
  page.t = textOf(language)
  page.visit = async (path) => { await page.goto(path); await settled(page) }
  return page
}

/** Waits until nothing on screen is still being fetched. */
export async function settled(page) {
  await page.waitForSelector('main, .start-card')
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true], .skeleton'))
}

/** Fails when the page broke on the way, and closes it. */
export async function close(page) {
  const { problems } = page
  opened.delete(page)
  await page.context().close()
  assert.deepEqual(problems, [])
}

/** No violation of the accessibility rules (or of `rules` only) in what is on screen. */
export async function axe(page, where = page.url(), rules = null) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE)
  const found = await page.evaluate((only) => window.axe.run(document, { resultTypes: ['violations'], elementRef: false, ...(only && { runOnly: { type: 'rule', values: only } }) }), rules)
  const lines = found.violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? n.failureSummary ?? '')).join('; ')}`)
  assert.deepEqual(lines, [], where)
}

/** Waits until what `ask` answers is `want`: a page shows a change before the server has it. */
export async function eventually(ask, want) {
  for (let tries = 0; tries < 100; tries++) {
    if (JSON.stringify(await ask()) === JSON.stringify(want)) return
    await new Promise((go) => setTimeout(go, 50))
  }
  assert.deepEqual(await ask(), want)
}

/** The message at the bottom that holds `text`. */
export const toast = (page, text) => page.locator('.toast', { hasText: text })

/** Drags with the mouse from the middle of one element to another, in steps, as a hand does. */
export async function drag(page, from, to) {
  const a = await from.boundingBox(), b = await to.boundingBox()
  await page.mouse.move(a.x + a.width / 2, a.y + 12)
  await page.mouse.down()
  await page.mouse.move(a.x + a.width / 2 + 8, a.y + 20, { steps: 4 })
  await page.mouse.move(b.x + b.width / 2, b.y + Math.min(60, b.height / 2), { steps: 12 })
  await page.mouse.up()
}
