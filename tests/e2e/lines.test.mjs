/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of documents: added by typing, changed in place, moved, copied, pasted, taken back; totals are the server's. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, eventually, flow, open, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
before(async () => { kith = await startKith() })
after(() => kith.stop())

const quoteOf = (account) => kith.post('/quotes', { account: account.id })
const lines = async (quote) => (await kith.get(`/quote_lines?filter=${encodeURIComponent(`quote == '${quote.id}'`)}&order_by=position`)).data
const row = (page, text) => page.locator('.line-row', { hasText: text })
const gross = (page, text) => page.locator('.line-sums dd', { hasText: text }).first().waitFor()
const paste = (page, text) => page.evaluate((data) => {
  const clipboardData = new DataTransfer()
  clipboardData.setData('text/plain', data)
  document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
}, text)

describe('lines', () => {
  flow('typed in, changed, copied, moved, deleted and taken back by keyboard alone (en, light)', async () => {
    const page = await open(kith), { t } = page, quote = await quoteOf(kith.world.mill)
    await page.visit('/o/quotes/' + quote.id)
    const add = page.getByRole('combobox', { name: t('lines.add') })
    await add.fill('an-2')
    await page.getByRole('option', { name: /Anvil 20 kg/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.locator('.line-input').waitFor()
    await page.keyboard.type('3')
    await page.keyboard.press('Enter')
    await gross(page, '$375.00')
    await add.fill('Painting')
    await page.getByRole('option', { name: t('lines.free', { text: 'Painting' }) }).waitFor()
    await page.keyboard.press('Enter')
    await page.locator('.line-input').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.type('10.50')
    await page.keyboard.press('Enter')
    await gross(page, '$385.50')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Control+d')
    await gross(page, '$396.00')
    await page.keyboard.press('Alt+ArrowUp')
    await page.keyboard.press('Alt+ArrowUp')
    await eventually(async () => (await lines(quote)).map((l) => l.name), ['Painting', 'Anvil 20 kg', 'Painting'])
    await page.keyboard.press('Delete')
    await gross(page, '$385.50')
    await page.keyboard.press('Control+z')
    await gross(page, '$396.00')
    await axe(page)
    assert.deepEqual((await lines(quote)).map((l) => l.quantity), ['1', '3', '1'])
  })

  flow('pasted from a spreadsheet, discount and tax chosen by mouse, a sent one stands (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark' }), { t } = page, quote = await quoteOf(kith.world.forge)
    await page.visit('/o/quotes/' + quote.id)
    await page.getByRole('combobox', { name: t('lines.add') }).focus()
    await paste(page, 'Товар\tКол-во\tЦена\nAN-20\t2\t100,50\nПокраска\t1\t49\t\n')
    await toast(page, t('lines.pasted', { n: 2, free: 1 })).waitFor()
    await gross(page, '250,00')
    await row(page, 'Anvil').getByRole('gridcell').nth(4).dblclick()
    await page.locator('.line-input').fill('10')
    await page.keyboard.press('Enter')
    await gross(page, '229,90')
    await axe(page)
    await toast(page, t('lines.pasted', { n: 2, free: 1 })).getByRole('button', { name: t('undo.action') }).click()
    await row(page, 'Покраска').waitFor({ state: 'detached' })
    await gross(page, '180,90')
    await kith.post(`/quotes/${quote.id}:send`, {})
    await page.reload()
    await row(page, 'Anvil').waitFor()
    assert.equal(await page.getByRole('combobox', { name: t('lines.add') }).count(), 0)
    assert.equal(await page.getByRole('grid').getAttribute('aria-readonly'), 'true')
  })

  flow('on a phone (pl, light)', async () => {
    const page = await open(kith, { language: 'pl', width: 390, height: 800 }), { t } = page, deal = kith.world.deals.Bolts
    await page.visit('/o/deals/' + deal.id)
    await page.getByRole('tab', { name: 'Pozycje' }).click()
    await page.getByRole('combobox', { name: t('lines.add') }).fill('anvil')
    await page.getByRole('option', { name: /Anvil 20 kg/ }).tap()
    await page.locator('.line-input').fill('2')
    await page.keyboard.press('Enter')
    await gross(page, '250,00')
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true)
    await close(page)
  })
})
