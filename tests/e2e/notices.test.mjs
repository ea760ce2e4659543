/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a seller is told: the bell counts live, a notice leads to its record. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
const SAM = 'sam@example.com'
const picture = async (page, name) => { if (process.env.KITH_PICTURES) await page.screenshot({ path: `${process.env.KITH_PICTURES}/${name}.png` }) }
before(async () => { kith = await startKith() })
after(() => kith.stop())

describe('notices', () => {
  flow('a deal is handed over: the bell rings at once, and leads to it (en, light)', async () => {
    const page = await open(kith, { as: SAM })
    await page.context().request.post('/api/v1/notices:read', { data: {}, headers: { origin: kith.base } })
    await page.visit('/')
    const bell = page.locator('.side-top .bell')
    await bell.waitFor()
    await page.waitForTimeout(600) // the stream opens
    await kith.patch('/deals/' + kith.world.deals.Drill.id, { owner: kith.world.users.sam })
    await page.locator('.side-top .bell-on[data-count="1"]').waitFor()
    await toast(page, 'Assigned to you: Drill').waitFor()
    await kith.post('/activities', { kind: 'call', subject: 'Call the harbour', owner: kith.world.users.sam, about: { object: 'account', id: kith.world.harbour.id } })
    await page.locator('.side-top .bell-on[data-count="2"]').waitFor()
    await bell.click()
    await page.locator('.notice-new').nth(1).waitFor()
    await axe(page)
    await picture(page, 'notices-en')
    await page.getByRole('button', { name: /Drill/ }).click()
    await page.waitForURL(/\/o\/deals\//)
    await page.locator('.side-top .bell-on[data-count="1"]').waitFor()
    await close(page)
  })

  flow('the mail server is set, and each chooses of what he is told (pl, light)', async () => {
    const page = await open(kith, { language: 'pl' })
    await page.visit('/settings/mail')
    await page.getByLabel(page.t('mail.host')).fill('127.0.0.1')
    await page.getByLabel(page.t('mail.from'), { exact: true }).fill('crm')
    await page.getByRole('button', { name: page.t('ui.save') }).click()
    await page.getByText(page.t('error.mail.address')).waitFor()
    await page.getByLabel(page.t('mail.from'), { exact: true }).fill('crm@example.com')
    await page.getByRole('button', { name: page.t('ui.save') }).click()
    await toast(page, page.t('mail.saved')).waitFor()
    await axe(page)
    await picture(page, 'mail-pl')
    await page.visit('/settings/profile')
    const box = page.getByRole('checkbox', { name: 'Przypomnienie, E-mail' })
    await box.check({ force: true })
    await page.waitForFunction(async () => (await (await fetch('/api/v1/me')).json()).notices?.mail?.includes('reminder'))
    await box.scrollIntoViewIfNeeded()
    await picture(page, 'ways-pl')
    await close(page)
  })

  flow('all are read by one press on a phone (ru, dark)', async () => {
    const page = await open(kith, { as: SAM, language: 'ru', theme: 'dark', width: 390, height: 844 })
    await page.visit('/')
    const bell = page.locator('.phone-bar .bell-on')
    await bell.click()
    await page.locator('.notice-new').first().waitFor()
    await axe(page)
    await picture(page, 'notices-ru')
    await page.getByRole('button', { name: page.t('notices.read_all') }).click()
    await page.locator('.notice-new').first().waitFor({ state: 'detached' })
    assert.equal((await kith.get('/notices')).data.length, 0, 'the administrator has none of his')
    await close(page)
  })
})
