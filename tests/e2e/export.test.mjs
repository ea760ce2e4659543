/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list taken out as a file: what is on the screen is what is in it; without the right nothing is offered. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe } from 'node:test'
import { axe, flow, open, settled, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
before(async () => { kith = await startKith() })
after(() => kith.stop())

/** Opens the dialog from the list's menu. */
async function dialog(page) {
  const { t } = page
  await settled(page)
  await page.getByRole('button', { name: t('list.more'), exact: true }).click()
  await page.getByRole('menuitem', { name: t('export.title') }).click()
  await page.getByRole('dialog').waitFor()
}

async function choose(page, label, option) {
  await page.getByRole('dialog').getByRole('button', { name: label }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

async function download(page) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('dialog').getByRole('button', { name: page.t('export.go') }).click()])
  return { name: file.suggestedFilename(), data: await readFile(await file.path()) }
}

describe('export', () => {
  flow('the list as it looks, as CSV and as Excel (en, light)', async () => {
    const page = await open(kith)
    const { t } = page
    await page.visit(`/o/deals?view=all&order_by=-name&cols=name,stage&filter=${encodeURIComponent("name != 'Crane'")}`)
    await dialog(page)
    await choose(page, t('export.format'), t('export.format.csv'))
    await axe(page)
    const csv = await download(page)
    assert.match(csv.name, /^Deals \d{4}-\d\d-\d\d\.csv$/)
    const lines = csv.data.toString('utf8').replace(/^\ufeff/, '').trimEnd().split('\r\n')
    assert.equal(lines[0], 'Identifier,Name,Stage')
    assert.deepEqual(lines.slice(1).map((l) => l.split(',')[1]), ['Elevator', 'Drill', 'Bolts', 'Anvils'])
    await toast(page, t('export.done', { n: 4 })).waitFor()
    await dialog(page)
    const xlsx = await download(page)
    assert.match(xlsx.name, /\.xlsx$/)
    assert.equal(xlsx.data.subarray(0, 2).toString(), 'PK')
  })

  flow('only the selected records, in Polish, on dark (pl, dark)', async () => {
    const page = await open(kith, { language: 'pl', theme: 'dark' })
    const { t } = page
    await page.visit('/o/deals?view=all&order_by=name&cols=name')
    await settled(page)
    await page.locator('.grid-row', { hasText: 'Bolts' }).hover()
    await page.locator('.grid-row', { hasText: 'Bolts' }).getByRole('checkbox').click()
    await dialog(page)
    await choose(page, t('export.format'), t('export.format.csv'))
    const csv = await download(page)
    assert.match(csv.name, /^Szanse sprzedaży /)
    const lines = csv.data.toString('utf8').replace(/^\ufeff/, '').trimEnd().split('\r\n')
    assert.equal(lines.length, 2)
    assert.equal(lines[1].split(';')[1], 'Bolts')
  })

  flow('without the right there is no such entry (ru, light)', async () => {
    const page = await open(kith, { language: 'ru', as: 'sam@example.com' })
    await page.visit('/o/deals')
    await settled(page)
    await page.getByRole('button', { name: page.t('list.more'), exact: true }).click()
    await page.getByRole('menuitem', { name: page.t('list.print') }).waitFor()
    assert.equal(await page.getByRole('menuitem', { name: page.t('export.title') }).count(), 0)
  })
})
