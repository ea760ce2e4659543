/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The playbook beside a record: begun by one, gone on with by the next, and what it is worth. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, eventually, flow, open, settled } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith, lead, deal, book
const shot = async (page, name) => { if (process.env.KITH_PICTURES) await page.screenshot({ path: `${process.env.KITH_PICTURES}/${name}.png` }) }
before(async () => {
  kith = await startKith()
  const { users } = kith.world
  lead = await kith.post('/leads', { title: 'Fence for the mill', owner: users.ada })
  ;[book] = await kith.all('playbooks', "object == 'deal'")
  const [stage] = await kith.all('stages', `id == '${book.stage.id}'`)
  await kith.patch('/stages/' + stage.id, { wanted_roles: ['decision_maker'] })
  deal = await kith.post('/deals', { name: 'Mill and bakery', stage: stage.id, owner: users.sam })
  for (const key of ['known', 'limits']) await kith.post(`/deals/${deal.id}:play`, { playbook: book.id, step: key, note: key === 'limits' ? 'Not under 90,000' : null })
})
after(() => kith.stop())

describe('playbooks', () => {
  flow('a call is led from the first step to the end (en, light)', async () => {
    const page = await open(kith)
    await page.visit('/o/leads/' + lead.id)
    await page.getByRole('tab', { name: 'Playbook' }).click()
    await page.getByRole('button', { name: page.t('play.begin'), exact: true }).click()
    await page.getByText(/Say who you are/).first().waitFor()
    await page.getByRole('button', { name: page.t('play.step_done'), exact: true }).click()
    await page.getByRole('button', { name: 'Yes', exact: true }).click()
    const done = page.getByRole('button', { name: page.t('play.step_done'), exact: true })
    await page.getByLabel(page.t('play.answer')).fill('Deer eat the young trees')
    await done.click()
    await page.getByText(/Is there money/).waitFor()
    await axe(page)
    await shot(page, 'playbook-en')
    await page.getByRole('button', { name: 'No', exact: true }).click()
    await page.getByRole('button', { name: 'Yes', exact: true }).click()
    await page.getByRole('button', { name: 'Agreed', exact: true }).click()
    await page.getByText(page.t('play.is.finished'), { exact: true }).waitFor()
    await shot(page, 'playbook-finished-en')
    const [run] = await kith.all('playbook_runs', `lead == '${lead.id}'`)
    assert.deepEqual(run.answers.map((a) => [a.step, a.answer]), [['hello', null], ['moment', 'Yes'], ['need', null], ['budget', 'No'], ['fit', 'Yes'], ['next', 'Agreed']])
    assert.equal((await kith.all('activities', `lead == '${lead.id}' && kind == 'task'`))[0].subject, 'Send what was promised')
    await close(page)
  })

  flow('the next one sees where the last one stopped and goes on, on a phone (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark', width: 390, height: 844 })
    await page.visit('/o/deals/' + deal.id)
    await page.locator('.highlights').getByText('Принимает решение').waitFor()
    await page.getByRole('tab', { name: 'Сценарий' }).click()
    await page.getByText('Not under 90,000').waitFor()
    const now = page.getByRole('region', { name: page.t('play.now') })
    await now.getByText(/Подведите итог/).waitFor()
    await axe(page)
    await shot(page, 'playbook-ru')
    await now.getByRole('button', { name: page.t('play.step_done'), exact: true }).click()
    await now.getByRole('button', { name: 'Цена', exact: true }).click()
    await now.getByText(/с чем сравнивают/).waitFor()
    await eventually(async () => (await kith.all('playbook_runs', `deal == '${deal.id}'`))[0].step, 'price')
    await page.visit('/o/playbooks/' + book.id)
    await page.getByRole('tab', { name: page.t('record.playbook_use') }).click()
    await settled(page)
    await page.getByRole('row', { name: new RegExp(page.t('play.with')) }).waitFor()
    await axe(page)
    await shot(page, 'playbook-use-ru')
    await close(page)
  })
})
