/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Duplicates: a warning while typing, the desk, merging field by field, parting again, telling apart. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open, settled, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
before(async () => {
  kith = await startKith()
  await kith.many('contacts', [
    { name: { family: 'Kwiatkowska', given: 'Zofia' }, phones: '+48 601 222 333', job_title: 'Buyer' },
    { name: { family: 'Квятковская', given: 'Зофия' }, phones: '601222333', emails: 'zofia@example.com', job_title: 'Chief buyer' },
    { name: { family: 'Duda', given: 'Jan' }, phones: '+48 602 444 555' },
    { name: { family: 'Duda', given: 'Jan' }, phones: '+48 602 444 555' },
  ])
})
after(() => kith.stop())

const groups = async (state = 'open') => (await kith.get(`/duplicates?object=contact&state=${state}`)).data

describe('duplicates', () => {
  flow('a form says who may be there already (en, light)', async () => {
    const page = await open(kith)
    await page.visit('/o/contacts')
    await page.getByRole('button', { name: page.t('list.new'), exact: true }).click()
    const form = page.getByRole('dialog')
    await form.locator('[data-field=name]').getByRole('textbox').first().fill('Zofia Kwiatkowska')
    const phones = form.locator('[data-field=phones]')
    if (await phones.getByRole('textbox').count() === 0) await phones.getByRole('button').first().click()
    await phones.getByRole('textbox').first().fill('+48601222333')
    await form.getByText(page.t('dup.maybe_there')).waitFor()
    await form.locator('.likely').getByRole('link', { name: /Zofia/ }).waitFor()
    await axe(page)
    await close(page)
  })

  flow('two are compared and merged field by field, then parted again (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    await page.visit('/duplicates')
    await settled(page)
    const card = page.locator('.dup-group', { hasText: 'Chief buyer' })
    await axe(page)
    await card.getByRole('button', { name: 'Chief buyer' }).click()
    await card.getByRole('button', { name: page.t('dup.merge'), exact: true }).click()
    await card.waitFor({ state: 'detached' })
    const [merged] = await groups('merged')
    const left = (await kith.all('contacts')).filter((r) => merged.records.some((m) => m.id === r.id))
    assert.equal(left.length, 1)
    assert.equal(left[0].job_title, 'Chief buyer')
    assert.equal(left[0].phones.length, 1)
    await page.getByRole('tab', { name: page.t('dup.state.merged') }).click()
    await page.getByRole('button', { name: page.t('dup.part'), exact: true }).click()
    await toast(page, page.t('dup.parted')).waitFor()
    assert.equal((await kith.all('contacts')).filter((r) => merged.records.some((m) => m.id === r.id)).length, 2)
    await close(page)
  })

  flow('two of one name are told apart; all records are looked through (pl, phone)', async () => {
    const page = await open(kith, { language: 'pl', width: 390, height: 844 })
    await page.visit('/duplicates?object=contact')
    const card = page.locator('.dup-group', { hasText: 'Duda' })
    await card.getByRole('button', { name: page.t('dup.dismiss'), exact: true }).click()
    await card.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: page.t('dup.scan') }).click()
    await page.locator('.toast').last().waitFor()
    await settled(page)
    assert.equal((await groups()).filter((g) => g.records.some((r) => r.label.includes('Duda'))).length, 0)
    await page.getByRole('tab', { name: page.t('dup.state.dismissed') }).click()
    await page.locator('.dup-group', { hasText: 'Duda' }).waitFor()
    await axe(page)
    await close(page)
  })

  flow('two selected in a list are merged; the address of the one that went leads on (pl)', async () => {
    const page = await open(kith, { language: 'pl' })
    const [kept, gone] = await kith.many('accounts', [{ name: 'Huta Zachód', region: 'Opole', class: 'A' }, { name: 'Huta Zachod' }])
    await page.visit('/o/accounts?q=Huta')
    for (const name of ['Huta Zachód', 'Huta Zachod']) await page.locator('.grid-row').filter({ has: page.getByText(name, { exact: true }) }).getByRole('checkbox').click()
    await page.getByRole('toolbar', { name: page.t('list.with_selected') }).getByRole('button', { name: page.t('list.merge') }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('.dup-table').waitFor()
    await axe(page)
    await dialog.getByRole('button', { name: page.t('dup.merge'), exact: true }).click()
    await toast(page, page.t('dup.merged', { n: 2, name: 'Huta Zachód' })).waitFor()
    await page.visit('/o/accounts/' + gone.id)
    await page.waitForURL('**/o/accounts/' + kept.id)
    await toast(page, page.t('record.merged', { name: 'Huta Zachód' })).waitFor()
    await page.getByRole('heading', { name: 'Huta Zachód' }).waitFor()
    await close(page)
  })
})
