/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points 5 and 6, the record page: path, details, related lists, timeline, history, conflicts, forms. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open, settled, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
before(async () => { kith = await startKith() })
after(() => kith.stop())

const property = (page, label) => page.locator('.prop', { has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) })

describe('the page of a record', () => {
  flow('highlights, a step of the path, a detail, and back by restoring a value (en, light)', async () => {
    const { deals } = kith.world
    const page = await open(kith)
    const { t } = page
    await page.visit('/o/deals/' + deals.Anvils.id)
    assert.match(await page.locator('.highlights').innerText(), /Łódź Mill[\s\S]*\$1,000/)
    await page.getByRole('list', { name: 'Stage' }).getByRole('button', { name: 'Proposal' }).click()
    await page.locator('.path .now', { hasText: 'Proposal' }).waitFor()
    await property(page, 'Amount').hover()
    await property(page, 'Amount').getByRole('button').click()
    await property(page, 'Amount').locator('input').first().fill('1750')
    await page.keyboard.press('Enter')
    await page.locator('.highlights').getByText('$1,750').waitFor()
    await axe(page)
    await page.getByRole('tab', { name: t('record.history') }).click()
    const change = page.locator('.history li', { hasText: '$1,750' }).last()
    await change.getByText('$1,000').waitFor()
    await change.hover()
    await change.getByRole('button', { name: t('record.restore_value') }).click()
    await page.locator('.highlights').getByText('$1,000').waitFor()
    await settled(page)
    await axe(page)
    const { data } = await kith.get(`/deals/${deals.Anvils.id}/history`)
    assert.deepEqual(data[0].changes.filter((c) => c.field === 'amount').map((c) => [c.before.amount, c.after.amount, data[0].channel, data[0].actor.label]), [['1750.00', '1000.00', 'web', 'Ada Archer']])
    await page.locator('.history header').last().getByRole('button', { name: t('record.view_then') }).click()
    await page.locator('.past-banner').waitFor()
    await page.locator('.path .now', { hasText: 'New' }).waitFor()
    await page.getByRole('button', { name: t('list.back_to_now') }).click()
    await page.locator('.path .now', { hasText: 'Proposal' }).waitFor()
  })

  flow('a lost deal has not passed the won stage, and its place is in sight (pl, dark, phone)', async () => {
    const { stages } = kith.world, last = Math.max(...Object.keys(stages).map(Number))
    const gone = await kith.post('/deals', { name: 'Gone', stage: stages[last], lost_reason: 'price', owner: kith.world.users.ada })
    const page = await open(kith, { language: 'pl', theme: 'dark', width: 390, height: 844 })
    await page.visit('/o/deals/' + gone.id)
    const now = page.locator('.path .now'), box = await now.boundingBox()
    assert.ok(box.x >= 0 && box.x + box.width <= 390, `at ${box.x}`)
    assert.equal(await page.locator('.path .done').count(), last - 2)
    await axe(page)
  })

  flow('a note, a call, a meeting and a task; the account gathers them (ru, dark)', async () => {
    const { deals, mill, anna } = kith.world
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    const { t } = page
    await page.visit('/o/contacts/' + anna.id)
    const composer = page.locator('.composer')
    const write = async (kind, subject) => {
      await composer.getByRole('button', { name: t('timeline.kind.' + kind), exact: true }).click()
      await (kind === 'note' ? composer.getByRole('textbox', { name: t('timeline.body') }) : composer.getByRole('textbox', { name: t('timeline.subject') })).fill(subject)
      await composer.getByRole('button', { name: t('timeline.save.' + kind) }).click()
      await page.locator('.timeline').getByText(subject).first().waitFor()
    }
    await write('note', 'Любит синий цвет')
    await write('call', 'Спросила о цене')
    await write('meeting', 'Встреча на складе')
    await page.visit('/o/deals/' + deals.Drill.id)
    await write('task', 'Отправить договор')
    await page.visit('/o/accounts/' + mill.id)
    for (const text of ['Любит синий цвет', 'Спросила о цене', 'Встреча на складе', 'Отправить договор']) await page.locator('.timeline').getByText(text).first().waitFor()
    await page.locator('.timeline li', { hasText: 'Спросила о цене' }).getByRole('link', { name: 'Anna Nowak' }).waitFor()
    await axe(page)
    await page.getByRole('group', { name: t('timeline.show') }).getByRole('button', { name: t('timeline.filter.call') }).click()
    await page.locator('.timeline li', { hasText: 'Встреча на складе' }).waitFor({ state: 'detached' })
    await page.getByRole('group', { name: t('timeline.show') }).getByRole('button', { name: t('timeline.filter.call') }).click()
    await page.getByRole('button', { name: t('timeline.finish', { name: 'Отправить договор' }) }).click()
    await page.locator('.timeline li', { hasText: 'Отправить договор' }).getByLabel(t('timeline.is_done')).waitFor()
    assert.equal((await kith.all('activities', "subject == 'Отправить договор'"))[0].status, 'done')
  })

  flow('related lists: seen, added to, followed (pl, light)', async () => {
    const { mill } = kith.world
    const page = await open(kith, { language: 'pl' })
    const { t } = page
    await page.visit('/o/accounts/' + mill.id)
    const contacts = page.locator('.record-related .panel', { has: page.getByRole('link', { name: 'Anna Nowak' }) }).first()
    await contacts.getByRole('button').click()
    const form = page.getByRole('dialog')
    await form.getByLabel(t('field.family'), { exact: true }).fill('Kowal')
    await form.getByLabel(t('field.given'), { exact: true }).fill('Jan')
    await axe(page)
    await form.getByRole('button', { name: t('ui.save'), exact: true }).click()
    await page.locator('.record-related').getByRole('link', { name: /Jan Kowal|Kowal Jan/ }).click()
    await page.getByRole('heading', { level: 1, name: /Kowal/ }).waitFor()
    await property(page, 'Firma').getByRole('link', { name: 'Łódź Mill' }).waitFor()
  })

  flow('a form asks for what the kind needs, and says what is wrong beside the field (en, light)', async () => {
    const page = await open(kith)
    const { t } = page
    await page.visit('/o/activities')
    await page.keyboard.press('c')
    const form = page.getByRole('dialog')
    const has = (name) => form.locator(`[data-field=${name}]`)
    await has('priority').waitFor()
    assert.equal(await has('direction').count(), 0)
    await has('kind').getByRole('button').first().click()
    await page.getByRole('option', { name: 'Call', exact: true }).click()
    await has('direction').waitFor()
    assert.equal(await has('priority').count(), 0)
    await form.getByRole('button', { name: t('ui.save'), exact: true }).click()
    await has('subject').getByText(t('form.required')).waitFor()
    await axe(page)
    await has('kind').getByRole('button').first().click()
    await page.getByRole('option', { name: 'Note', exact: true }).click()
    await has('body').getByRole('textbox').fill('A note by the form')
    await page.keyboard.press('Control+Enter')
    await form.waitFor({ state: 'detached' })
    assert.equal((await kith.all('activities', "body == 'A note by the form'")).length, 1)
    await page.visit('/o/accounts')
    await page.keyboard.press('c')
    await form.locator('[data-field=name]').getByRole('textbox').fill('Wrong phone')
    await form.locator('[data-field=phones]').getByRole('button').first().click()
    await form.locator('[data-field=phones]').getByRole('textbox').first().fill('12')
    await form.getByRole('button', { name: t('ui.save'), exact: true }).click()
    await form.locator('[data-field=phones]').locator('.field-error, [slot=errorMessage]').first().waitFor()
    await form.getByRole('button', { name: t('ui.cancel') }).click()
    await page.getByRole('button', { name: t('form.discard') }).click()
    await form.waitFor({ state: 'detached' })
  })

  flow('two change the same field: both sides are shown (ru, light)', async () => {
    const { deals } = kith.world
    const page = await open(kith, { language: 'ru' })
    const { t } = page
    await page.visit('/o/deals/' + deals.Crane.id)
    await property(page, 'Сумма').hover()
    await property(page, 'Сумма').getByRole('button').click()
    await property(page, 'Сумма').locator('input').first().fill('41000')
    await kith.patch('/deals/' + deals.Crane.id, { amount: { amount: '42000.00', currency: 'USD' } })
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: t('record.conflict') })
    await dialog.getByText(/42\s?000/).waitFor()
    await dialog.getByText(/41\s?000/).waitFor()
    await axe(page)
    await dialog.getByRole('button', { name: t('record.use_mine') }).click()
    await page.locator('.highlights').getByText(/41\s?000/).waitFor()
    assert.equal((await kith.get('/deals/' + deals.Crane.id)).amount.amount, '41000.00')
  })

  flow('a lead is converted; a deleted record says so and comes back (en, dark)', async () => {
    const { leads } = kith.world
    const page = await open(kith, { theme: 'dark' })
    const { t } = page
    await page.visit('/o/leads/' + leads[0].id)
    assert.match(await page.locator('.highlights').innerText(), /Waiting\s+2 days/)
    await page.getByRole('button', { name: 'Convert' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Convert', exact: true }).click()
    await page.waitForURL(/\/o\/deals\//)
    await page.visit('/o/leads/' + leads[0].id)
    await page.locator('.path .now', { hasText: 'Qualified' }).waitFor()
    const lead = await kith.get('/leads/' + leads[0].id)
    assert.equal(lead.account.label, 'Green Yard')
    await page.visit('/o/leads/' + leads[1].id)
    await page.getByRole('button', { name: t('record.more') }).click()
    await page.getByRole('menuitem', { name: t('record.delete') }).click()
    await toast(page, t('record.deleted', { name: 'Two hundred hinges' })).waitFor()
    await page.visit('/o/leads/' + leads[1].id)
    await page.locator('.past-banner').getByRole('button', { name: t('record.restore') }).click()
    await page.locator('.past-banner').waitFor({ state: 'detached' })
  })

  flow('a file is attached to an activity and comes back the same (en, light)', async () => {
    const { tasks } = kith.world
    const page = await open(kith)
    await page.visit('/o/activities/' + tasks[0].id)
    await property(page, 'Attachment').hover()
    await property(page, 'Attachment').getByRole('button').click()
    await page.locator('input[type=file]').first().setInputFiles({ name: 'Смета № 1.txt', mimeType: 'text/plain', buffer: Buffer.from('twelve anvils') })
    const save = page.getByRole('dialog').getByRole('button', { name: page.t('ui.save') })
    if (await save.isVisible()) await save.click()
    const link = property(page, 'Attachment').getByRole('link', { name: 'Смета № 1.txt' })
    await link.waitFor()
    const reply = await page.request.get(await link.getAttribute('href'))
    assert.equal(await reply.text(), 'twelve anvils')
  })
})
