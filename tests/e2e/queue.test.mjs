/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A seller's day by the keyboard alone: the next thing, done, put off, a call written down, skipped. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
const picture = async (page, name) => { if (process.env.KITH_PICTURES) await page.screenshot({ path: `${process.env.KITH_PICTURES}/${name}.png` }) }
const shown = (page, name) => page.locator('.queue-card h2').getByText(name, { exact: true }).waitFor()
before(async () => {
  kith = await startKith()
  const { mill, anna } = kith.world
  await kith.post('/activities', { kind: 'call', subject: 'They asked for a price', body: 'Blue ones, forty of them.', status: 'done', done_at: '2026-02-01T10:00:00Z', account: mill.id, contact: anna.id, owner: kith.world.users.ada })
  await kith.patch('/contacts/' + anna.id, { zone: 'Asia/Tokyo', country: 'JP' })
})
after(() => kith.stop())

describe('the day queue', () => {
  flow('one thing after another, without a mouse (ru, light)', async () => {
    const page = await open(kith, { language: 'ru' })
    await page.visit('/')
    await page.getByRole('link', { name: page.t('today.queue') }).waitFor()
    await picture(page, 'today-ru')
    await page.keyboard.press('q')
    await shown(page, 'Call Anna back')
    await page.locator('.local-time').waitFor()
    await page.getByText('+48601234567').or(page.getByText('+48 601 234 567')).first().waitFor()
    await page.getByText('They asked for a price').waitFor()
    await axe(page)
    await picture(page, 'queue-ru')
    await page.keyboard.press('l')
    await page.locator('.queue-call input[type=radio]:focus').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Tab')
    await page.keyboard.type('Придёт в среду')
    await axe(page)
    await picture(page, 'queue-call-ru')
    await page.keyboard.press('Enter')
    await shown(page, 'Send the offer')
    const [called] = await kith.all('activities', "subject == 'Call Anna back'")
    assert.deepEqual([called.status, called.kind, called.outcome, called.body], ['done', 'call', 'agreed', 'Придёт в среду'])
    await page.keyboard.press('s')
    await shown(page, 'Fence for a yard')
    await page.keyboard.press('d')
    await shown(page, 'Two hundred hinges')
    assert.equal((await kith.all('leads', "title == 'Fence for a yard'"))[0].status, 'working')
    await page.keyboard.press('k')
    await page.keyboard.press('p')
    await page.locator('.queue-card').filter({ hasText: 'Two hundred hinges' }).waitFor({ state: 'detached' })
    assert.equal((await kith.all('activities', "lead.title == 'Two hundred hinges' && status == 'open'")).length, 1)
    await page.keyboard.press('Escape')
    await page.waitForURL(/\/$/)
    await close(page)
  })

  flow('the queue on a phone, in the dark (en)', async () => {
    const page = await open(kith, { theme: 'dark', width: 390, height: 844 })
    await page.visit('/queue')
    await page.locator('.queue-card').waitFor()
    await axe(page)
    await picture(page, 'queue-phone')
    await close(page)
  })
})
