/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Webhooks in the settings: the first is made and its secret shown once, a test and a change arrive signed (the reference library
   says so), a receiver that says no more pauses it, resuming sends what waited; on a phone, in three languages. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { axe, flow, open, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith, receiver, status = 200
const got = []
const picture = async (page, name) => { if (process.env.KITH_PICTURES) await page.screenshot({ path: `${process.env.KITH_PICTURES}/${name}.png` }) }
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
const until = async (what) => { for (let n = 0; !what(); n++) { assert.ok(n < 200, 'in time'); await new Promise((r) => setTimeout(r, 25)) } }

before(async () => {
  receiver = createServer((request, reply) => {
    const parts = []
    request.on('data', (p) => parts.push(p))
    request.on('end', () => { got.push({ headers: request.headers, body: Buffer.concat(parts).toString() }); reply.statusCode = status; reply.end('thank you') })
  })
  await new Promise((r) => receiver.listen(0, '127.0.0.1', r))
  kith = await startKith({ config: 'webhooks-private: on\ntest-webhooks: 200 300\n' })
})
after(async () => { await kith?.stop(); receiver?.close() })

const address = () => `http://127.0.0.1:${receiver.address().port}/kith`
const cells = (page) => page.locator('.table tbody tr')

describe('webhooks', () => {
  flow('the first one is made, tested, told of a change (en, light)', async () => {
    const page = await open(kith)
    const { t } = page
    await page.visit('/settings/webhooks')
    await page.getByText(t('webhooks.empty'), { exact: true }).waitFor()
    await axe(page)
    await picture(page, 'webhooks-empty-en-light')
    await page.getByRole('button', { name: t('webhooks.new') }).first().click()
    const form = page.getByRole('dialog')
    await form.getByRole('textbox', { name: t('webhooks.name') }).fill('Website')
    await form.getByRole('textbox', { name: t('webhooks.url') }).fill(address())
    await form.getByRole('button', { name: t('webhooks.add_object') }).click()
    await page.getByRole('option', { name: 'Deals', exact: true }).click()
    await form.getByRole('textbox', { name: t('webhooks.filter') }).fill('amount > 1500')
    await axe(page)
    await picture(page, 'webhooks-form-en-light')
    await form.getByRole('button', { name: t('webhooks.make') }).click()
    await form.getByText('unless http without encryption is allowed').waitFor()
    await form.getByText(t('webhooks.plain_http')).click()
    await form.getByRole('button', { name: t('webhooks.make') }).click()
    const shown = page.getByRole('dialog', { name: t('webhooks.secret') })
    const secret = await shown.locator('.secret').innerText()
    assert.match(secret, /^whsec_/)
    await picture(page, 'webhooks-secret-en-light')
    await shown.getByRole('button', { name: t('ui.close') }).last().click()
    await page.getByRole('button', { name: 'Website', exact: true }).click()
    await page.getByText(t('webhooks.log_empty')).waitFor()
    await page.getByRole('button', { name: t('webhooks.test') }).click()
    await toast(page, t('webhooks.tested')).waitFor()
    await cells(page).getByText(`${t('webhooks.state.sent')} · 200`).waitFor()
    await kith.patch(`/deals/${kith.world.deals.Bolts.id}`, { name: 'Bolts and nuts' })
    await kith.patch(`/deals/${kith.world.deals.Anvils.id}`, { name: 'Too small' })
    await until(() => got.length >= 2)
    const told = got.map((g) => new Webhook(secret).verify(g.body, g.headers))
    assert.deepEqual(told.map((e) => [e.type, e.data.name ?? null]), [['webhook.test', null], ['deal.updated', 'Bolts and nuts']])
    await cells(page).filter({ hasText: 'Bolts' }).waitFor()
    await picture(page, 'webhooks-log-en-light')
    await cells(page).filter({ hasText: 'Bolts' }).getByRole('button').click()
    const details = page.getByRole('dialog')
    await details.getByText('thank you').waitFor()
    await axe(page)
    await picture(page, 'webhooks-delivery-en-light')
    await details.getByRole('button', { name: t('webhooks.again') }).click()
    await toast(page, t('webhooks.replayed', { n: 1 })).waitFor()
    await until(() => got.length >= 3)
    assert.equal(got[2].headers['webhook-id'], got[1].headers['webhook-id'])
  })

  flow('one whose receiver wants no more is paused, and resumed (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    const { t } = page
    status = 410
    await kith.patch(`/deals/${kith.world.deals.Bolts.id}`, { name: 'Болты' })
    await page.visit('/settings/webhooks')
    await cells(page).getByText('Получатель отказался (410)').waitFor()
    await picture(page, 'webhooks-ru-dark')
    await kith.patch(`/deals/${kith.world.deals.Bolts.id}`, { name: 'Болты и гайки' })
    status = 200
    await cells(page).getByRole('button', { name: 'Website', exact: true }).click()
    await page.getByRole('status').filter({ hasText: 'Приостановлен' }).waitFor()
    await axe(page)
    await picture(page, 'webhooks-paused-ru-dark')
    const before = got.length
    await page.getByRole('button', { name: t('webhooks.resume') }).click()
    await until(() => got.length > before)
    assert.equal(JSON.parse(got.at(-1).body).data.name, 'Болты и гайки')
    await page.getByRole('button', { name: t('webhooks.again_failed') }).click()
    await toast(page, t('webhooks.replayed', { n: 1 })).waitFor()
    await picture(page, 'webhooks-log-ru-dark')
  })

  flow('on a phone (pl, light); changed, paused, given a new secret, deleted', async () => {
    const page = await open(kith, { language: 'pl', width: 390, height: 844 })
    const { t } = page
    await page.visit('/settings/webhooks')
    await cells(page).first().waitFor()
    assert.equal(await fits(page), true, 'nothing runs out of the screen')
    await axe(page)
    await picture(page, 'webhooks-pl-phone')
    const menu = async (item) => {
      await cells(page).first().getByRole('button', { name: t('settings.actions_of', { name: 'Website' }) }).click()
      await page.getByRole('menuitem', { name: item }).click()
    }
    await menu(t('settings.edit'))
    await page.getByRole('dialog').getByText(t('webhooks.kind.restored')).click()
    assert.equal(await fits(page), true)
    await picture(page, 'webhooks-form-pl-phone')
    await page.getByRole('button', { name: t('ui.save') }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.deepEqual((await kith.all('webhooks'))[0].events, ['deal.*'])
    await menu(t('webhooks.rotate'))
    await page.getByRole('dialog').getByRole('button', { name: t('webhooks.rotate') }).click()
    await page.locator('.secret').getByText('whsec_').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: t('ui.close') }).last().click()
    await cells(page).first().getByRole('button', { name: 'Website', exact: true }).click()
    await cells(page).first().waitFor()
    assert.equal(await fits(page), true)
    await axe(page)
    await picture(page, 'webhooks-log-pl-phone')
    await page.getByRole('button', { name: t('webhooks.back') }).click()
    await menu(t('settings.delete'))
    await page.getByRole('dialog').getByRole('button', { name: t('settings.delete') }).click()
    await page.getByText(t('webhooks.empty'), { exact: true }).waitFor()
  })

  flow('others have none (en, light)', async () => {
    const page = await open(kith, { as: 'sam@example.com' })
    await page.visit('/settings/webhooks')
    await page.getByText(page.t('ui.denied')).waitFor()
    assert.equal(await page.locator('.settings-nav').getByText(page.t('settings.webhooks'), { exact: true }).count(), 0)
  })
})
