/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A quote is sent, its customer looks at the page on a phone, draws a signature and accepts; the seller sees the proof. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open, settled } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
before(async () => { kith = await startKith() })
after(async () => { await kith.stop() })

const picture = async (page, name) => { if (process.env.KITH_PICTURES) await page.screenshot({ path: `${process.env.KITH_PICTURES}/${name}.png`, fullPage: true }) }

const quote = async (language) => {
  const { mill } = kith.world
  await kith.patch('/accounts/' + mill.id, { language })
  const made = await kith.post('/quotes', { account: mill.id, contact: kith.world.anna.id, terms: 'Paid in 14 days.' })
  const line = (name, quantity, price) => ({ quote: made.id, name, quantity, price: { amount: price, currency: 'USD' }, vat: '23' })
  await kith.many('quote_lines', [line('Anvil, cast <b>', '4', '1250.00'), line('Delivery to the door with a very long description of what is delivered', '1', '80.00')])
  return kith.get('/quotes/' + made.id)
}

describe('documents', () => {
  flow('a quote is sent, accepted by its customer with a drawn signature, and the proof is seen (en, pl on a phone)', async () => {
    const made = await quote('pl'), page = await open(kith), { t } = page
    await page.visit('/o/quotes/' + made.id)
    const button = async (name) => {
      const shown = page.getByRole('button', { name, exact: true })
      if (await shown.count()) return shown.first().click()
      await page.getByRole('button', { name: t('record.more') }).click()
      await page.getByRole('menuitem', { name, exact: true }).click()
    }
    await button('Send')
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click()
    const told = page.getByText(/\/q\/[\w-]{40,}/)
    await told.waitFor()
    const address = /http\S+\/q\/[\w-]+/.exec(await told.innerText())[0]
    await picture(page, 'documents-link-en-light')
    await page.getByRole('button', { name: t('record.copy_link') }).click()

    const stranger = await open(kith, { as: null, width: 390, height: 844, theme: 'dark' })
    await stranger.goto(address)
    await stranger.getByRole('heading', { name: 'Przyjmij ofertę' }).waitFor()
    assert.equal(await stranger.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true)
    await axe(stranger)
    await picture(stranger, 'documents-page-phone-dark')
    const pad = await stranger.locator('#pad').boundingBox()
    await stranger.locator('#pad').scrollIntoViewIfNeeded()
    const at = await stranger.locator('#pad').boundingBox()
    await stranger.mouse.move(at.x + 30, at.y + 40)
    await stranger.mouse.down()
    await stranger.mouse.move(at.x + 120, at.y + 70, { steps: 4 })
    await stranger.mouse.up()
    assert.ok(pad.width > 200)
    assert.match(await stranger.locator('#sig').inputValue(), /^\d+,\d+( \d+,\d+)+$/)
    await stranger.getByLabel('Imię i nazwisko').fill('Anna Nowak')
    await stranger.getByRole('button', { name: 'Przyjmij', exact: true }).click()
    await stranger.getByText('Dziękujemy! Przyjęcie oferty zostało zapisane.').waitFor()
    assert.equal(await stranger.getByRole('heading', { name: 'Przyjmij ofertę' }).count(), 0)
    await axe(stranger)
    await picture(stranger, 'documents-accepted-phone-dark')

    const [document] = await kith.all('documents')
    assert.deepEqual([document.status, document.answered_by], ['accepted', 'Anna Nowak'])
    await page.visit('/o/documents/' + document.id)
    await page.getByText('Anna Nowak').first().waitFor()
    await settled(page)
    await picture(page, 'documents-record-en-light')
    await page.visit('/o/quotes/' + made.id)
    await settled(page)
    await picture(page, 'documents-quote-en-light')
    const download = page.waitForEvent('download')
    await button('PDF')
    await page.getByRole('dialog').getByRole('button', { name: 'PDF', exact: true }).click()
    assert.match((await download).suggestedFilename(), /^Oferta handlowa Q-.*\.pdf$/)
    await close(stranger)
    await close(page)
  })
})
