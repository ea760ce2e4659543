/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every page: axe in both themes, nothing wider than a phone, and lists and records that print whole on A4. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, flow, open, settled } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith, pages
before(async () => {
  kith = await startKith()
  const w = kith.world
  pages = [
    '/', '/o/accounts', '/o/contacts', '/o/leads', '/o/leads?layout=board', '/o/deals?view=all', '/o/deals?layout=board', '/o/deals?view=all&group=stage', '/o/products', '/o/activities?view=all', `/o/accounts/${w.mill.id}`,
    `/o/contacts/${w.anna.id}`, `/o/leads/${w.leads[0].id}`, `/o/deals/${w.deals.Drill.id}`, `/o/products/${w.products[0].id}`, `/o/activities/${w.tasks[0].id}`, `/o/activities/${w.tasks[2].id}`, '/o/deals/none', '/nowhere',
    ...['profile', 'company', 'users', 'teams', 'roles', 'currencies', 'keys', 'demo', 'about'].map((s) => '/settings/' + s),
  ]
})
after(() => kith.stop())

/** Visits every page inside one load of the application. */
async function tour(page, look) {
  await page.visit('/')
  for (const path of pages) {
    await page.evaluate((to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')) }, path)
    await settled(page)
    await look(path)
  }
}

/** axe in both themes: the page follows the system's, and only colours differ. */
async function bothThemes(page, path) {
  await page.emulateMedia({ colorScheme: 'light' })
  await axe(page, `${path} light`)
  await page.emulateMedia({ colorScheme: 'dark' })
  await axe(page, `${path} dark`, ['color-contrast'])
}

describe('every page', () => {
  flow('no violation of accessibility rules (en, light and dark, wide)', async () => {
    const page = await open(kith)
    await tour(page, (path) => bothThemes(page, path))
  })

  flow('no violation of accessibility rules, and nothing wider than the screen (ru, light and dark, phone)', async () => {
    const page = await open(kith, { language: 'ru', width: 390, height: 844 })
    await tour(page, async (path) => {
      await bothThemes(page, path)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(wide <= 390, `${path} is ${wide} wide`)
    })
  })

  flow('a list and a record print whole (pl, light)', async () => {
    const page = await open(kith, { language: 'pl', width: 1000 })
    for (const [path, words] of [['/o/deals?view=all', ['Anvils', 'Elevator']], [`/o/accounts/${kith.world.mill.id}`, ['Łódź Mill', 'Anna Nowak', 'They like blue.']]]) {
      await page.visit(path)
      await page.emulateMedia({ media: 'print' })
      await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
      const clipped = await page.evaluate(() => [...document.querySelectorAll('main, main *')].filter((e) => {
        const s = getComputedStyle(e)
        return s.display !== 'none' && ['auto', 'scroll', 'hidden'].includes(s.overflowY) && e.scrollHeight > e.clientHeight + 4 && e.clientHeight > 60
      }).map((e) => e.className || e.tagName))
      assert.deepEqual(clipped, [], path)
      assert.equal(await page.locator('.side').isVisible(), false, 'no navigation on paper')
      for (const word of words) assert.ok(await page.getByText(word).first().isVisible(), word)
      const pdf = await page.pdf({ format: 'A4' })
      assert.ok(pdf.length > 8000)
      await page.evaluate(() => dispatchEvent(new Event('afterprint')))
      await page.emulateMedia({ media: 'screen' })
    }
  })
})
