/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Point 5, lists: filter by builder and by text, sort, search, columns, editing in place, many at once with undo, views. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, eventually, flow, open, settled, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
before(async () => { kith = await startKith() })
after(() => kith.stop())

const rows = (page) => page.locator('.grid-row .title')
const names = async (page) => { await settled(page); return rows(page).allTextContents() }
const cell = (page, row, column) => page.locator('.grid-row', { hasText: row }).getByRole('gridcell').nth(column)

/** Waits until the list shows exactly these names, in this order. */
const shows = (page, expected) => page.waitForFunction((want) => JSON.stringify([...document.querySelectorAll('.grid-row .title')].map((e) => e.textContent)) === want, JSON.stringify(expected))

describe('lists', () => {
  flow('the menu pressed before its code has come opens when it has (pl)', async () => {
    const page = await open(kith, { language: 'pl' })
    let go
    const asked = new Promise((resolve) => { go = resolve })
    await page.route('**/ListMore-*.js', async (route) => { await asked; await route.continue() })
    await page.goto('/o/deals')
    await page.getByRole('button', { name: page.t('list.more') }).click()
    go()
    await page.getByRole('menuitem', { name: page.t('list.import') }).click()
    await page.waitForURL('**/import')
    await close(page)
  })

  flow('a condition from the builder, then free CEL with its error (en, light)', async () => {
    const page = await open(kith)
    const { t } = page
    await page.visit('/o/deals?view=all&order_by=name')
    assert.deepEqual(await names(page), ['Anvils', 'Bolts', 'Crane', 'Drill', 'Elevator'])
    await page.getByRole('button', { name: t('filter.title') }).click()
    const field = page.getByRole('combobox', { name: t('filter.field') })
    await field.fill('Amount')
    await page.getByRole('option', { name: 'Amount', exact: true }).click()
    await page.getByRole('button', { name: t('filter.operator') }).click()
    await page.getByRole('option', { name: t('filter.op.gt') }).click()
    await page.locator('.filter-values input').first().fill('5000')
    await shows(page, ['Crane', 'Drill', 'Elevator'])
    await axe(page)
    await page.getByRole('button', { name: t('filter.text') }).click()
    const cel = page.getByRole('textbox', { name: t('filter.text') })
    await cel.fill("account.region == 'Łódź' &&")
    await page.locator('.filter-body [slot=errorMessage], .filter-body .field-error').first().waitFor()
    await cel.fill("account.region == 'Łódź' && amount < 5000")
    await shows(page, ['Anvils'])
    await page.getByRole('button', { name: t('filter.done') }).click()
    await page.reload()
    await shows(page, ['Anvils'])
    await page.getByRole('navigation', { name: t('list.views') }).getByRole('link', { name: 'All' }).click()
    await page.waitForFunction(() => document.querySelectorAll('.grid-row .title').length === 5)
  })

  flow('sort, search and columns (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    const { t } = page
    await page.visit('/o/deals?view=all')
    const head = page.getByRole('columnheader', { name: /^Сумма/ })
    await head.locator('.head-sort').click()
    await shows(page, ['Anvils', 'Bolts', 'Drill', 'Elevator', 'Crane'])
    assert.equal(await head.getAttribute('aria-sort'), 'ascending')
    await head.locator('.head-sort').click()
    await shows(page, ['Crane', 'Elevator', 'Drill', 'Bolts', 'Anvils'])
    await page.keyboard.press('/')
    await page.keyboard.type('cran')
    await shows(page, ['Crane'])
    await page.getByRole('searchbox', { name: t('list.search') }).fill('')
    await page.getByRole('button', { name: t('list.columns') }).click()
    await page.locator('.column-list').getByText('Номер', { exact: true }).click()
    await page.locator('.column-list').getByText('Вероятность', { exact: true }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('columnheader', { name: /^Номер/ }).waitFor()
    assert.equal(await page.getByRole('columnheader', { name: /^Вероятность/ }).count(), 0)
    await axe(page)
  })

  flow('editing in place, by keyboard and by mouse, and a refusal (en, light)', async () => {
    const page = await open(kith)
    await page.visit('/o/deals?view=all&order_by=name&cols=name,amount,stage,close_date,owner')
    await page.getByRole('grid').focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('F2')
    await page.locator('.cell-edit input').first().fill('1500')
    await page.keyboard.press('Enter')
    await page.locator('.grid-row', { hasText: '$1,500' }).waitFor()
    await eventually(async () => (await kith.get('/deals/' + kith.world.deals.Anvils.id)).amount.amount, '1500.00')
    /* A slow network: what is undone at once is what was done last, though it is not saved yet. */
    await page.route('**/api/v1/deals/*', async (route) => { await new Promise((go) => setTimeout(go, 300)); await route.continue() })
    await cell(page, 'Bolts', 3).dblclick({ position: { x: 120, y: 15 } })
    await cell(page, 'Bolts', 3).getByRole('combobox').fill('Prop')
    await page.getByRole('option', { name: 'Proposal' }).click()
    await page.locator('.grid-row', { hasText: 'Bolts' }).getByText('Proposal').waitFor()
    await page.getByRole('grid').focus()
    await page.keyboard.press('Control+z')
    await page.locator('.grid-row', { hasText: 'Bolts' }).getByText('New', { exact: true }).waitFor()
    await page.unroute('**/api/v1/deals/*')
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('F2')
    await page.locator('.cell-edit input').first().fill('')
    await page.keyboard.press('Enter')
    await page.locator('.toast-error').waitFor()
    await page.locator('.grid-row', { hasText: 'Anvils' }).waitFor()
  })

  flow('many at once: change, delete, and both taken back (pl, light)', async () => {
    const page = await open(kith, { language: 'pl' })
    const { t } = page
    await page.visit('/o/deals?view=all&order_by=name')
    for (const row of ['Crane', 'Drill']) {
      await page.locator('.grid-row', { hasText: row }).hover()
      await page.locator('.grid-row', { hasText: row }).getByRole('checkbox').click()
    }
    const bar = page.getByRole('toolbar', { name: t('list.with_selected') })
    await bar.getByText(t('list.selected', { n: 2 })).waitFor()
    await axe(page)
    await bar.getByRole('button', { name: t('list.assign') }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('combobox').fill('Sam')
    await page.getByRole('option', { name: /Sam Seller/ }).click()
    await dialog.getByRole('button', { name: t('list.apply', { n: 2 }) }).click()
    await toast(page, t('list.changed', { n: 2 })).waitFor()
    assert.equal((await kith.all('deals', `owner == '${kith.world.users.sam}'`)).length, 3)
    await toast(page, t('list.changed', { n: 2 })).getByRole('button', { name: t('undo.action') }).click()
    await toast(page, t('undo.done', { n: 2 })).waitFor()
    assert.equal((await kith.all('deals', `owner == '${kith.world.users.sam}'`)).length, 1)
    await page.getByRole('grid').focus()
    await page.keyboard.press('Control+a')
    await bar.getByText(t('list.selected', { n: 5 })).waitFor()
    await bar.getByRole('button', { name: t('list.delete') }).click()
    await page.getByText(t('list.none')).or(page.getByText(t('list.empty'))).waitFor()
    await toast(page, t('list.deleted', { n: 5 })).getByRole('button', { name: t('undo.action') }).click()
    await shows(page, ['Anvils', 'Bolts', 'Crane', 'Drill', 'Elevator'])
  })

  flow('a view of one’s own, then for all (en, dark)', async () => {
    const page = await open(kith, { theme: 'dark' })
    const { t } = page
    await page.visit(`/o/deals?view=all&filter=${encodeURIComponent("amount > 5000")}&order_by=-amount`)
    await page.getByRole('button', { name: t('views.save') }).click()
    await page.getByRole('dialog').getByLabel(t('views.name')).fill('Big ones')
    await page.getByRole('dialog').getByRole('button', { name: t('ui.save') }).click()
    const tab = page.getByRole('navigation', { name: t('list.views') }).getByRole('link', { name: 'Big ones' })
    await tab.waitFor()
    const other = await open(kith, { as: 'olga@example.com' })
    await other.visit('/o/deals')
    assert.equal(await other.getByRole('link', { name: 'Big ones' }).count(), 0, 'private')
    await page.getByRole('button', { name: t('views.menu') }).click()
    await page.getByRole('menuitem', { name: t('views.shared') }).click()
    await page.waitForFunction(async () => (await (await fetch("/api/v1/saved_views?filter=name%20==%20'Big%20ones'")).json()).data[0]?.shared)
    await other.visit('/o/deals')
    await other.getByRole('link', { name: 'Big ones' }).click()
    await shows(other, ['Crane', 'Elevator', 'Drill'])
    await close(other)
    await page.getByRole('button', { name: t('views.menu') }).click()
    await page.getByRole('menuitem', { name: t('views.delete') }).click()
    await tab.waitFor({ state: 'detached' })
  })

  flow('as of a past moment (ru, light)', async () => {
    const then = new Date().toISOString()
    const deal = kith.world.deals.Drill
    await kith.patch('/deals/' + deal.id, { amount: { amount: '9999.00', currency: 'USD' }, name: 'Drill press' })
    const page = await open(kith, { language: 'ru' })
    const { t } = page
    await page.visit('/o/deals?view=all&q=Drill&cols=name,amount')
    await page.getByText('Drill press').waitFor()
    await page.visit(`/o/deals?view=all&cols=name,amount&order_by=name&as_of=${encodeURIComponent(then)}`)
    await shows(page, ['Anvils', 'Bolts', 'Crane', 'Drill', 'Elevator'])
    await page.locator('.past-banner').waitFor()
    await axe(page)
    await page.visit(`/o/deals?view=all&layout=board&as_of=${encodeURIComponent(then)}`)
    await page.locator('.board-card', { hasText: 'Drill' }).getByText(/7\s?300/).waitFor()
    await page.getByRole('button', { name: t('list.back_to_now') }).click()
    await page.locator('.board-card', { hasText: 'Drill press' }).getByText(/9\s?999/).waitFor()
    await kith.post('/undo', {})
  })
})
