/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dashboard: live numbers that lead to their lists, tiles made, changed and moved by keyboard, a report whole. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open, settled } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
before(async () => { kith = await startKith() })
after(() => kith.stop())

const tile = (page, name) => page.getByRole('region', { name, exact: true })
const names = (page) => page.locator('.tiles > section').evaluateAll((all) => all.map((x) => x.getAttribute('aria-label')))

describe('dashboard', () => {
  flow('numbers are live and lead to the very deals they count (en, light)', async () => {
    const page = await open(kith)
    await page.visit('/dashboard')
    const won = tile(page, 'Deals won').locator('.tile-number')
    await won.getByText('0', { exact: true }).or(won).first().waitFor()
    await kith.post(`/deals/${kith.world.deals.Drill.id}:win`, {})
    await tile(page, 'Deals won').getByRole('link', { name: '1', exact: true }).waitFor()
    await tile(page, 'Won', true).getByRole('link', { name: '$7,300' }).waitFor()
    await axe(page)
    await tile(page, 'Leaders').getByRole('link', { name: /Ada Archer/ }).click()
    await page.waitForURL(/\/o\/deals\?filter=/)
    await page.getByRole('link', { name: 'Drill' }).waitFor()
    await close(page)
  })

  flow('a tile is made, looked at as a table, moved and taken away by keyboard (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    await page.visit('/dashboard')
    await page.getByRole('button', { name: page.t('dash.edit'), exact: true }).press('Enter')
    await page.locator('.tile-add').press('Enter')
    const form = page.getByRole('dialog')
    await form.getByRole('textbox', { name: page.t('dash.title') }).fill('Страны')
    await form.getByRole('button', { name: new RegExp(page.t('dash.group')) }).press('Enter')
    await page.getByRole('option', { name: /Регион$/ }).click()
    await form.getByRole('link', { name: /Łódź/ }).waitFor()
    await axe(page)
    await form.getByRole('button', { name: page.t('ui.save') }).press('Enter')
    await tile(page, 'Страны').getByRole('button', { name: page.t('dash.as_table', { name: 'Страны' }) }).press('Enter')
    await tile(page, 'Страны').getByRole('rowheader', { name: 'Gdynia' }).waitFor()
    const order = await names(page)
    await tile(page, 'Страны').getByRole('button', { name: page.t('dash.earlier', { name: 'Страны' }) }).press('Enter')
    await page.waitForFunction((last) => document.querySelector('.tiles > section:last-of-type')?.getAttribute('aria-label') === last, order.at(-2))
    await tile(page, 'Страны').getByRole('button', { name: page.t('dash.take_away', { name: 'Страны' }) }).press('Enter')
    await tile(page, 'Страны').waitFor({ state: 'detached' })
    assert.deepEqual(await names(page), order.slice(0, -1))
    await close(page)
  })

  flow('on a phone a report is a chart and a table (pl)', async () => {
    const page = await open(kith, { language: 'pl', width: 390, height: 844 })
    await page.visit('/dashboard')
    await tile(page, 'Won').or(page.locator('.tiles > section').first()).first().waitFor()
    await axe(page)
    await page.visit('/reports/sales?by=account.region')
    await settled(page)
    await page.getByRole('group', { name: page.t('dash.report.sales') }).getByRole('rowheader', { name: 'Łódź' }).waitFor()
    await axe(page)
    await close(page)
  })
})
