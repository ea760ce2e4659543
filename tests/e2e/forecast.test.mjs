/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forecast: the tree of people, an adjustment with its reason, the deals behind a number, the past, the bridge. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith, quarter
const month = new Date().toISOString().slice(0, 7)
before(async () => {
  kith = await startKith()
  const { users, stages } = kith.world
  await kith.patch(`/users/${users.sam}`, { manager: users.ada })
  const deal = (owner, amount, more) => ({ name: 'F', owner, stage: stages[1], amount: { amount: String(amount), currency: 'USD' }, close_date: month + '-28', ...more })
  await kith.many('deals', [deal(users.ada, 111000, { forecast: 'commit' }), deal(users.sam, 222000), deal(users.sam, 333000, { forecast: 'best_case' })])
  quarter = (await kith.get('/forecast')).periods[0]
  await kith.post('/quotas', { period_kind: 'quarter', period_start: quarter.start, person: users.sam, amount: { amount: '500000', currency: 'USD' } })
})
after(() => kith.stop())

const row = (page, name) => page.locator('.forecast-table tr', { has: page.getByRole('rowheader', { name }) })

describe('forecast', () => {
  flow('numbers lead to their deals, and a manager puts a sum in place (en, light)', async () => {
    const page = await open(kith)
    await page.visit('/forecast')
    await row(page, 'Sam Seller').getByText('$500,000').waitFor()
    await row(page, 'Sam Seller').getByRole('button', { name: page.t('forecast.adjust', { name: 'Sam Seller' }) }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: page.t('forecast.amount') }).fill('77777')
    await dialog.getByRole('textbox', { name: page.t('forecast.note') }).fill('A promise by phone')
    await axe(page)
    await dialog.getByRole('button', { name: page.t('ui.save') }).click()
    await row(page, 'Sam Seller').getByText('$77,777').waitFor()
    await row(page, 'Sam Seller').getByText(page.t('forecast.adjusted')).waitFor()
    await row(page, 'Sam Seller').getByRole('link', { name: '$333,000' }).first().click()
    await page.waitForURL(/\/o\/deals\?filter=/)
    await page.getByText('333,000').first().waitFor()
    await close(page)
  })

  flow('as it stood before the deals came there is nothing (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    await page.visit('/forecast?as_of=2026-01-15&period=' + quarter.period)
    await page.getByText(page.t('forecast.empty')).waitFor()
    await page.getByRole('button', { name: page.t('forecast.now') }).click()
    await row(page, 'Sam Seller').waitFor()
    await page.visit('/forecast?span=4&column=commit&period=' + quarter.period)
    await row(page, 'Ada Archer').getByRole('link', { name: /111/ }).waitFor()
    assert.equal(await page.locator('.forecast-table thead th').count(), 5)
    await axe(page)
    await close(page)
  })

  flow('what rules would move is shown first, then moved; a group of companies has its sums (en, dark)', async () => {
    const { mill, forge, users } = kith.world
    await kith.patch('/accounts/' + forge.id, { parent: mill.id })
    await kith.post('/territories', { name: 'North', owner: users.ada, rule: "name == 'Northern Forge'" })
    const page = await open(kith, { theme: 'dark' })
    await page.visit('/territories')
    await page.getByRole('link', { name: 'Northern Forge' }).waitFor()
    await axe(page)
    await page.getByRole('button', { name: page.t('forecast.terr.apply', { n: 1 }) }).click()
    await page.getByText(page.t('forecast.terr.none')).waitFor()
    assert.equal((await kith.get('/accounts/' + forge.id)).territory.label, 'North')
    await page.visit('/o/accounts/' + mill.id)
    await page.getByRole('tab', { name: page.t('record.group_of_companies') }).click()
    await page.getByRole('rowheader', { name: 'Northern Forge' }).waitFor()
    await close(page)
  })

  flow('on a phone the grid scrolls and the bridge is a table (pl)', async () => {
    const page = await open(kith, { language: 'pl', width: 390, height: 844 })
    await page.visit('/forecast?since=2026-01-15')
    const parts = page.locator('.forecast-parts')
    await parts.getByRole('columnheader', { name: page.t('forecast.part.added') }).waitFor()
    const cells = await parts.locator('tbody tr').first().locator('td').allTextContents()
    assert.equal(cells.length, 9)
    assert.equal(cells[1], cells[8])
    await page.getByRole('button', { name: page.t('forecast.by.team') }).click()
    await page.waitForURL(/by=team/)
    await axe(page)
    await close(page)
  })
})
