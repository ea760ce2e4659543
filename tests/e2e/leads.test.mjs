/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leads: conversion with those known already beside it, taken back by one press; a rule tried on past leads. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, eventually, flow, open, settled, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith, lead, other, rule
before(async () => {
  kith = await startKith()
  const { users } = kith.world
  ;[lead, other] = await kith.many('leads', [
    { title: 'Fence for the mill', company: 'Lodz Mill', name: { given: 'Anna', family: 'Nowak' }, phones: '+48 601 234 567', budget: { amount: '5000', currency: 'USD' }, source: 'website', owner: users.ada },
    { title: 'Price list', company: 'Kuźnia Zachód', name: { given: 'Ewa', family: 'Zachodnia' }, phones: '+48 602 111 222', owner: users.ada },
  ])
  rule = await kith.post('/assignment_rules', { name: 'All to Sam', how: 'user', person: users.sam })
})
after(() => kith.stop())

describe('leads', () => {
  flow('whom a lead may be stands beside it; conversion attaches, and is taken back (en, light)', async () => {
    const page = await open(kith)
    await page.visit('/o/leads/' + lead.id)
    await page.locator('.local-time').waitFor()
    await page.getByRole('button', { name: 'Convert', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { name: /Anna Nowak/ }).click()
    assert.ok(await dialog.getByRole('radio', { name: /Łódź Mill/ }).isChecked(), 'the company of the contact is the account')
    await axe(page)
    if (process.env.KITH_PICTURES) await page.screenshot({ path: process.env.KITH_PICTURES + '/convert-en.png' })
    await dialog.getByRole('button', { name: 'Convert', exact: true }).click()
    await page.waitForURL(/\/o\/deals\//)
    const before = await kith.get('/leads/' + lead.id)
    assert.equal(before.contact.label, 'Anna Nowak')
    assert.equal(before.account.label, 'Łódź Mill')
    await toast(page, page.t('leads.done')).getByRole('button', { name: page.t('undo.action') }).click()
    await page.waitForFunction(async (id) => (await (await fetch('/api/v1/leads/' + id)).json()).converted_at === null, lead.id)
    assert.equal((await kith.all('deals', "name == 'Fence for the mill'")).length, 0)
    await close(page)
  })

  flow('a new company and person, without a deal, on a phone (pl, dark)', async () => {
    const page = await open(kith, { language: 'pl', theme: 'dark', width: 390, height: 844 })
    await page.visit('/o/leads/' + other.id)
    await page.getByRole('button', { name: 'Przekształć', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(page.t('leads.no_matches')).first().waitFor()
    await axe(page)
    if (process.env.KITH_PICTURES) await page.screenshot({ path: process.env.KITH_PICTURES + '/convert-pl.png' })
    await dialog.getByText(page.t('leads.deal')).click()
    await dialog.getByRole('button', { name: 'Przekształć', exact: true }).click()
    await page.waitForURL(/\/o\/accounts\//)
    const got = await kith.get('/leads/' + other.id)
    assert.equal(got.account.label, 'Kuźnia Zachód')
    assert.equal(got.deal, null)
    await close(page)
  })

  flow('a rule is tried on past leads before it is switched on (ru)', async () => {
    const page = await open(kith, { language: 'ru' })
    await page.visit('/o/assignment_rules/' + rule.id)
    await settled(page)
    await page.getByRole('button', { name: 'Проверить на прошлых лидах' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: page.t('leads.run'), exact: true }).click()
    await dialog.getByRole('cell', { name: 'Sam Seller' }).waitFor()
    await axe(page)
    if (process.env.KITH_PICTURES) await page.screenshot({ path: process.env.KITH_PICTURES + '/simulate-ru.png' })
    await close(page)
  })

  flow('many at once, and taken back (ru, dark)', async () => {
    const gone = await kith.many('leads', ['Первый', 'Второй', 'Третий'].map((title) => ({ title, company: 'Много ' + title })))
    const page = await open(kith, { language: 'ru', theme: 'dark' }), { t } = page
    await page.visit(`/o/leads?view=all&filter=${encodeURIComponent("company.startsWith('Много')")}`)
    await page.getByRole('grid').focus()
    await page.keyboard.press('Control+a')
    /* One is converted by somebody else meanwhile. */
    await kith.post(`/leads/${gone[0].id}:convert`, {})
    await page.getByRole('toolbar', { name: t('list.with_selected') }).getByRole('button', { name: 'Преобразовать' }).click()
    const dialog = page.getByRole('dialog')
    await axe(page)
    await dialog.getByRole('button', { name: t('leads.bulk_go') }).click()
    await dialog.getByText(t('leads.bulk_done', { n: 2 })).waitFor()
    assert.equal((await kith.all('accounts', "name.startsWith('Много')")).length, 3)
    await axe(page)
    await dialog.getByRole('button', { name: t('undo.action') }).click()
    await dialog.waitFor({ state: 'detached' })
    await eventually(async () => (await kith.all('accounts', "name.startsWith('Много')")).length, 1)
  })
})
