/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The owner's morning: who owes, who fell silent, a customer won back, the plan of an account. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith, mill, forge
const day = (ago) => new Date(Date.now() - ago * 86400000).toISOString().slice(0, 10)
const usd = (amount) => ({ amount, currency: 'USD' })

before(async () => {
  kith = await startKith()
  ;({ mill, forge } = kith.world)
  const [coffee, tea] = (await kith.many('products', [{ name: 'Arabica', family: 'Coffee' }, { name: 'Sencha', family: 'Tea' }])).map((p) => p.id)
  const bought = async (account, days, ...products) => {
    for (const ago of days) {
      const order = await kith.post('/orders', { account, date: day(ago) })
      for (const product of products) await kith.post('/order_lines', { order: order.id, product, quantity: '10', price: usd('100') })
    }
  }
  await bought(mill.id, [61, 51, 41], coffee, tea)
  await bought(mill.id, [31, 21, 11, 1], coffee)
  await bought(forge.id, [100, 90, 80], coffee)
  const invoice = await kith.post('/invoices', { account: forge.id, date: day(60), due_date: day(30) })
  await kith.post('/invoice_lines', { invoice: invoice.id, name: 'Roasting', quantity: '1', price: usd('2500') })
  await kith.post(`/invoices/${invoice.id}:issue`, {})
  const [chief, buyer] = await kith.many('contacts', [
    { name: { given: 'Vera', family: 'Chief' }, account: mill.id, job_title: 'Director', influence: 'decides', attitude: 'friendly' },
    { name: { given: 'Bob', family: 'Buyer' }, account: mill.id, job_title: 'Buyer', attitude: 'critical' }])
  await kith.patch('/contacts/' + buyer.id, { reports_to: chief.id })
  const rule = (await kith.get('/signal_rules?page_size=1')).data[0]
  await kith.patch('/signal_rules/' + rule.id, { position: 5 })
  for (let i = 0; i < 100 && (await kith.get('/signals')).data.length < 3; i++) await new Promise((r) => setTimeout(r, 100))
})
after(() => kith.stop())

const panel = (page, title) => page.locator('.panel', { has: page.getByRole('heading', { name: title }) })

describe('customers', () => {
  flow('red lists in the morning; one press makes the task (en, light)', async () => {
    const page = await open(kith)
    await page.visit('/')
    await panel(page, page.t('owner.debtors')).getByText('$2,500').waitFor()
    const silent = panel(page, page.t('owner.today_silent'))
    await silent.getByText(/Bought every 10 days/).waitFor()
    await axe(page)
    await silent.getByRole('button', { name: page.t('today.make_task_named', { name: forge.name }) }).click()
    await silent.waitFor({ state: 'detached' })
    const task = (await kith.get('/activities?filter=' + encodeURIComponent(`account == '${forge.id}' && status == 'open'`))).data
    assert.equal(task.length, 1)
    await close(page)
  })

  flow('a family that was given up is won back with its reason (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    await page.visit('/customers?view=family')
    const row = page.getByRole('row', { name: /Tea/ })
    await row.getByRole('button', { name: page.t('owner.win_back_named', { name: mill.name }) }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Вернуть клиента' }).waitFor()
    await axe(page)
    await dialog.getByRole('button', { name: 'Вернуть клиента' }).click()
    await dialog.waitFor({ state: 'detached' })
    const [signal] = (await kith.get('/signals?filter=' + encodeURIComponent("kind == 'family_lost'"))).data
    assert.deepEqual([signal.status, signal.family], ['taken', 'Tea'])
    await row.getByRole('link', { name: /3/ }).click()
    await page.waitForURL(/\/o\/order_lines\?filter=/)
    await close(page)
  })

  flow('the plan of an account on a phone: people, white space (pl, light)', async () => {
    const page = await open(kith, { language: 'pl', width: 390, height: 844 })
    await page.visit('/o/accounts/' + mill.id)
    await page.getByRole('tab', { name: page.t('record.plan') }).click()
    await page.getByRole('link', { name: /Vera.*Director|Chief.*Director/ }).waitFor()
    await page.getByRole('row', { name: /Tea/ }).waitFor()
    await axe(page)
    await page.visit('/customers?view=life')
    await page.getByText(page.t('owner.life_body')).waitFor()
    await close(page)
  })
})
