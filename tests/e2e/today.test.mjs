/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Point 4, the home page, and of point 5 what is at hand everywhere: the palette, hot keys, themes, languages. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open, settled, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
before(async () => { kith = await startKith() })
after(() => kith.stop())

describe('today', () => {
  flow('a task done by one press, a step planned, the figures open their lists (ru, dark)', async () => {
    const { deals, stages } = kith.world
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    const { t } = page
    await page.visit('/')
    await page.getByText(t('today.overdue', { n: 2 })).waitFor()
    await axe(page)
    await page.getByRole('button', { name: t('today.finish_named', { name: 'Call Anna back' }) }).click()
    await toast(page, t('today.task_done', { name: 'Call Anna back' })).waitFor()
    assert.equal((await kith.all('activities', "subject == 'Call Anna back'"))[0].status, 'done')
    await page.getByRole('link', { name: 'Call Anna back' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: t('today.make_task_named', { name: 'Crane' }) }).click()
    await toast(page, t('today.task_made', { name: 'Crane' })).waitFor()
    assert.equal((await kith.all('activities', `deal == '${deals.Crane.id}' && status == 'open'`)).length, 1)
    await page.getByRole('button', { name: t('today.make_task_named', { name: 'Crane' }) }).waitFor({ state: 'detached' })
    await kith.patch('/deals/' + deals.Anvils.id, { stage: { object: 'stage', id: stages[5] }, close_date: new Date().toLocaleDateString('sv', { timeZone: 'Europe/Warsaw' }) })
    const closed = page.locator('.figure', { hasText: t('today.figure.deals_closed_today') })
    await closed.getByText('1', { exact: true }).waitFor()
    await page.locator('.figure', { hasText: t('today.figure.amount_closed_today') }).getByText(/1\s?000/).waitFor()
    for (const [key, path, sees] of [['deals_closed_today', 'deals', 'Anvils'], ['amount_closed_today', 'deals', 'Anvils'], ['new_customers_week', 'accounts', 'Northern Forge'], ['leads_processed', 'leads', null], ['activities_by_manager', 'activities', 'Call Anna back']]) {
      await page.visit('/')
      await page.locator('.figure', { hasText: t('today.figure.' + key) }).click()
      await page.waitForURL('**/o/' + path + '?*')
      await settled(page)
      if (sees) await page.locator('.grid-row', { hasText: sees }).waitFor()
    }
    await page.visit('/')
    await page.getByRole('link', { name: 'Fence for a yard', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Fence for a yard' }).waitFor()
  })

  flow('nothing to do is said, and an error can be tried again (en, phone)', async () => {
    const page = await open(kith, { as: 'sam@example.com', width: 390, height: 844 })
    const { t } = page
    await page.visit('/')
    await page.getByText(t('today.tasks_empty')).waitFor()
    await axe(page)
    await page.context().route('**/api/v1/deals?*', (r) => r.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ status: 403, code: 'DENIED', detail: 'No' }) }))
    await page.visit('/o/deals')
    await page.getByText(t('ui.denied')).waitFor()
    await page.context().unroute('**/api/v1/deals?*')
    await page.context().route('**/api/v1/deals?*', (r) => r.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify({ status: 422, code: 'INVALID', detail: 'Not today' }) }))
    await page.visit('/o/deals')
    await page.getByText('Not today').waitFor()
    await axe(page)
    await page.context().unroute('**/api/v1/deals?*')
    await page.getByRole('button', { name: t('ui.retry') }).click()
    await page.locator('.grid-row', { hasText: 'Elevator' }).waitFor()
  })
})

describe('at hand everywhere', () => {
  flow('Ctrl+K finds a record, in the wrong layout too, a page and an action (en, light)', async () => {
    const page = await open(kith)
    const { t } = page
    await page.visit('/')
    const ask = async (text, option) => {
      await page.keyboard.press('Control+k')
      const palette = page.getByRole('dialog', { name: t('palette.title') })
      await palette.locator('input').fill(text)
      await palette.getByRole('option', { name: option }).first().waitFor()
      return palette
    }
    await axe(page)
    await ask('lodz', /Łódź Mill/)
    await axe(page)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Łódź Mill' }).waitFor()
    const found = await ask('hjvf', /Ромашка/)
    await found.getByRole('option', { name: /Ромашка/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Ромашка' }).waitFor()
    await ask('Leads', 'Leads')
    await page.getByRole('option', { name: /^Leads/ }).first().click()
    await page.waitForURL('**/o/leads')
    await (await ask('new: deal', /New: Deal/)).getByRole('option', { name: /New: Deal/ }).first().click()
    await page.getByRole('dialog', { name: t('form.new', { object: 'Deal' }) }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await page.waitForURL(/\/o\/(accounts|activities)/)
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: t('keys.title') }).waitFor()
    await axe(page)
  })

  flow('light, dark and the three languages (en, ru, pl)', async () => {
    const page = await open(kith)
    await page.visit('/o/deals')
    const background = () => page.evaluate(() => getComputedStyle(document.querySelector('.list-page')).backgroundColor)
    const light = await background()
    await page.getByRole('button', { name: page.t('user.theme') }).click()
    await page.getByRole('menuitem', { name: page.t('theme.dark') }).click()
    await page.waitForFunction((was) => getComputedStyle(document.querySelector('.list-page')).backgroundColor !== was, light)
    for (const [now, name, title, field] of [['Language', 'Русский', 'Сделки', 'Сумма'], ['Язык', 'Polski', 'Szanse sprzedaży', 'Kwota'], ['Język', 'English', 'Deals', 'Amount']]) {
      await page.getByRole('button', { name: now, exact: true }).click()
      await page.getByRole('menuitem', { name }).click()
      await page.getByRole('heading', { level: 1, name: title }).waitFor()
      await page.getByRole('columnheader', { name: new RegExp('^' + field) }).waitFor()
    }
    await close(page)
  })
})
