/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Point 5, the board: mouse, keyboard and menu; totals; what another does appears by itself; Ctrl+Z; the past. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe } from 'node:test'
import { axe, close, drag, eventually, flow, open, settled, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
before(async () => { kith = await startKith() })
after(() => kith.stop())
beforeEach(async () => {
  const { deals, stages } = kith.world
  for (const [name, position] of [['Anvils', 1], ['Bolts', 1], ['Crane', 2]]) await kith.patch('/deals/' + deals[name].id, { stage: { object: 'stage', id: stages[position] } })
})

const column = (page, name) => page.locator('.board-col', { has: page.getByRole('heading', { name, exact: true }) })
const card = (page, name) => page.locator('.board-card', { hasText: name })
const inColumn = (page, name, deal) => column(page, name).locator('.board-card', { hasText: deal }).waitFor()
const stageOf = async (name) => (await kith.get('/deals/' + kith.world.deals[name].id)).stage.label

describe('the board of deals', () => {
  flow('dragged with the mouse, the totals follow, Ctrl+Z takes back (en, light)', async () => {
    const page = await open(kith)
    const { t } = page
    await page.visit('/o/deals?layout=board')
    assert.match(await column(page, 'New').locator('header').innerText(), /New\s+2\s+\$3\.5K/)
    await axe(page)
    await drag(page, card(page, 'Anvils'), column(page, 'Proposal'))
    await inColumn(page, 'Proposal', 'Anvils')
    await toast(page, t('board.moved', { name: 'Anvils', column: 'Proposal' })).waitFor()
    await column(page, 'Proposal').getByText('$8.3K').waitFor()
    await column(page, 'New').getByText('$2.5K').waitFor()
    await eventually(() => stageOf('Anvils'), 'Proposal')
    await page.keyboard.press('Control+z')
    await inColumn(page, 'New', 'Anvils')
    await column(page, 'New').getByText('$3.5K').waitFor()
    await eventually(() => stageOf('Anvils'), 'New')
  })

  flow('moved by keyboard and by menu (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    await page.visit('/o/deals?layout=board')
    await card(page, 'Anvils').focus()
    await page.keyboard.press('Alt+ArrowRight')
    await inColumn(page, 'Qualified', 'Anvils')
    await page.waitForFunction(() => document.activeElement?.textContent.includes('Anvils'))
    await page.keyboard.press('m')
    await page.locator('.menu-button', { hasText: 'Negotiation' }).click()
    await inColumn(page, 'Negotiation', 'Anvils')
    await eventually(() => stageOf('Anvils'), 'Negotiation')
    await page.keyboard.press('Escape')
    await card(page, 'Bolts').hover()
    await card(page, 'Bolts').locator('.card-more').click()
    await axe(page)
    await page.locator('.menu-button', { hasText: 'Qualified' }).click()
    await inColumn(page, 'Qualified', 'Bolts')
  })

  flow('what another user does appears without a reload (en, phone)', async () => {
    const page = await open(kith, { width: 390, height: 844 })
    await page.visit('/o/deals?layout=board')
    await settled(page)
    const other = await open(kith, { as: 'sam@example.com' })
    await other.visit('/o/deals/' + kith.world.deals.Elevator.id)
    await column(page, 'Qualified').getByText('$52K').waitFor()
    await other.getByRole('list', { name: 'Stage' }).getByRole('button', { name: 'Negotiation' }).click()
    await inColumn(page, 'Negotiation', 'Elevator')
    await column(page, 'Qualified').getByText('$40K').waitFor()
    await close(other)
    await card(page, 'Anvils').locator('.card-more').click()
    await page.locator('.menu-button', { hasText: 'Won' }).click()
    await inColumn(page, 'Won', 'Anvils').catch(() => {})
    await eventually(() => stageOf('Anvils'), 'Won')
  })

  flow('a card moved to Lost asks for the reason alone, then Won by the button, and back (ru, light)', async () => {
    const page = await open(kith, { language: 'ru' })
    const { t } = page
    await page.visit('/o/deals?layout=board')
    await card(page, 'Anvils').focus()
    await page.keyboard.press('m')
    await page.locator('.menu-button', { hasText: 'Lost' }).click()
    const form = page.getByRole('dialog')
    await form.getByText('Причина проигрыша').waitFor()
    assert.equal(await form.locator('[data-field]').count(), 1)
    await axe(page)
    await form.getByRole('button', { name: t('ui.save') }).click()
    await form.getByText(t('form.required')).waitFor()
    await form.locator('[data-field="lost_reason"] :is(button, input)').first().click()
    await page.getByRole('option', { name: 'Цена' }).click()
    await form.getByRole('button', { name: t('ui.save') }).click()
    await card(page, 'Anvils').waitFor({ state: 'detached' }) /* the view shows open deals */
    await form.waitFor({ state: 'detached' })
    assert.equal((await kith.get('/deals/' + kith.world.deals.Anvils.id)).lost_reason, 'price')
    await page.visit('/o/deals/' + kith.world.deals.Anvils.id)
    await page.getByRole('button', { name: 'Вернуть в работу' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Вернуть в работу' }).click()
    await page.locator('.path .now', { hasText: 'New' }).waitFor()
    await page.getByRole('button', { name: 'Выиграна', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Выиграна', exact: true }).click()
    await page.locator('.path .now', { hasText: 'Won' }).waitFor()
    await eventually(() => stageOf('Anvils'), 'Won')
  })

  flow('a card is changed where it stands, a long column goes on, its checklist is on the deal (pl, light)', async () => {
    const { stages, mill } = kith.world
    await kith.patch('/stages/' + stages[3], { checklist: 'Wizyta\nOferta' })
    await kith.many('deals', Array.from({ length: 70 }, (_, i) => ({ name: `Row ${String(i).padStart(2, '0')}`, account: mill.id, stage: stages[3], amount: { amount: '1.00', currency: 'USD' } })))
    const page = await open(kith, { language: 'pl' }), { t } = page
    await page.visit('/o/deals?layout=board&view=open&sort=name')
    const cards = column(page, 'Proposal').locator('.board-card')
    await column(page, 'Proposal').locator('.board-card', { hasText: 'Row 03' }).waitFor()
    assert.ok(await cards.count() < 30, 'only what is in sight is in the page')
    await page.waitForFunction(() => {
      for (const list of document.querySelectorAll('.board-cards')) list.scrollTop = list.scrollHeight
      return [...document.querySelectorAll('.board-card')].some((c) => c.textContent.includes('Row 69'))
    }, null, { polling: 100 })
    assert.ok(await cards.count() < 30)
    await cards.filter({ hasText: 'Row 69' }).focus()
    await page.keyboard.press('e')
    const form = page.getByRole('dialog')
    await form.locator('[data-field="next_step"] input').fill('Zadzwonić')
    await axe(page)
    await form.getByRole('button', { name: t('ui.save') }).click()
    await cards.filter({ hasText: 'Zadzwonić' }).waitFor()
    await page.visit('/o/deals/' + kith.world.deals.Drill.id)
    await page.getByRole('heading', { name: t('gate.title', { stage: 'Proposal' }) }).waitFor()
    await page.getByText('Wizyta', { exact: true }).click()
    await page.getByText(t('gate.done', { done: '1', all: '2' })).waitFor()
    await eventually(async () => (await kith.get('/deals/' + kith.world.deals.Drill.id)).checked, ['Wizyta'])
    await axe(page)
  })
})
