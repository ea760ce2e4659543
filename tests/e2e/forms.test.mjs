/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A web form from the settings to the lead it makes, and a folder whose files are imported. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open, settled } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
const root = mkdtempSync(join(tmpdir(), 'kith-drop-'))
before(async () => { kith = await startKith({ config: `drop-root: ${root}\ndrop-every: 0.3\n` }) })
after(async () => { await kith.stop(); rmSync(root, { recursive: true, force: true }) })

const picture = async (page, name) => { if (process.env.KITH_PICTURES) await page.screenshot({ path: `${process.env.KITH_PICTURES}/${name}.png`, fullPage: true }) }
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)

describe('web forms', () => {
  flow('made in the settings, filled in by a stranger, seen as a lead with where he came from (en, light)', async () => {
    const page = await open(kith)
    const { t } = page
    await page.visit('/settings/forms')
    await page.getByText(t('forms.empty'), { exact: true }).waitFor()
    await axe(page)
    await picture(page, 'forms-empty-en-light')
    await page.getByRole('button', { name: t('forms.new') }).click()
    await page.getByLabel(t('forms.name')).fill('Ask us')
    for (const _ of [1, 2]) await page.getByRole('button', { name: t('forms.up', { field: 'Request' }) }).click()
    await page.getByRole('button', { name: t('ui.remove_named', { name: 'Company' }) }).click()
    await page.getByLabel(t('forms.label_of', { field: 'Request' })).fill('What do you need?')
    await page.getByLabel(t('forms.min_seconds')).fill('0')
    await axe(page)
    await picture(page, 'forms-editor-en-light')
    await page.getByRole('button', { name: t('ui.save'), exact: true }).click()
    const put = page.getByRole('dialog')
    const address = await put.locator('code').innerText()
    assert.match(await put.locator('pre').innerText(), /<form method="post"[^]*name="request"/)
    await axe(page)
    await picture(page, 'forms-snippet-en-light')
    await put.getByRole('button', { name: t('ui.close') }).last().click()

    const stranger = await open(kith, { as: null, width: 390, height: 844, theme: 'dark' })
    await stranger.goto(address + '?utm_source=poster&utm_campaign=spring')
    assert.deepEqual(await stranger.locator('.f > label').allInnerTexts(), ['Your name *', 'E-mail *', 'What do you need?', 'Phone'])
    assert.equal(await fits(stranger), true)
    await axe(stranger)
    await picture(stranger, 'forms-page-phone-dark')
    await stranger.getByLabel('Your name').fill('Nadia Newcomer')
    await stranger.getByLabel('E-mail').fill('nadia@new')
    await stranger.getByRole('button', { name: 'Send' }).click()
    await stranger.getByRole('alert').waitFor()
    assert.equal(await stranger.getByLabel('Your name').inputValue(), 'Nadia Newcomer', 'what was typed stays')
    await axe(stranger)
    await picture(stranger, 'forms-page-problem-phone-dark')
    await stranger.getByLabel('E-mail').fill('nadia@newcomer.example')
    await stranger.getByLabel('What do you need?').fill('Two anvils <b>today</b>')
    await stranger.getByRole('button', { name: 'Send' }).click()
    await stranger.getByRole('heading', { name: 'Sent' }).waitFor()
    await axe(stranger)
    await picture(stranger, 'forms-sent-phone-dark')
    await close(stranger)

    const [lead] = await kith.all('leads', "utm_campaign == 'spring'")
    assert.deepEqual([lead.title, lead.utm_source, lead.source, lead.request], ['Ask us: Nadia Newcomer', 'poster', 'website', 'Two anvils <b>today</b>'])
    await page.visit('/o/leads/' + lead.id)
    await page.getByText('nadia@newcomer.example').first().waitFor()
    await page.getByText('poster').first().waitFor()
    await page.visit('/settings/forms')
    const row = page.locator('.table tbody tr', { hasText: 'Ask us' })
    for (let i = 0; i < 20 && !/\b1\b/.test(await row.innerText()); i++) await page.waitForTimeout(250) // the counts are asked for after the list
    assert.match(await row.innerText(), /\b1\b/)
    await axe(page)
    await picture(page, 'forms-list-en-light')
  })

  flow('turned off it is gone; on a phone nothing runs out of the screen (ru, dark)', async () => {
    const [form] = await kith.all('web_forms')
    const page = await open(kith, { language: 'ru', theme: 'dark', width: 390, height: 844 })
    const { t } = page
    await page.visit('/settings/forms')
    await page.getByText('Ask us').first().waitFor()
    assert.equal(await fits(page), true)
    await axe(page)
    await picture(page, 'forms-list-ru-phone')
    await page.getByRole('button', { name: 'Ask us', exact: true }).click()
    await page.getByLabel(t('forms.origins')).fill('nonsense')
    await page.getByRole('button', { name: t('ui.save'), exact: true }).click()
    await page.getByText(t('forms.mend')).waitFor()
    assert.equal(await fits(page), true)
    await axe(page)
    await picture(page, 'forms-editor-ru-phone')
    await page.getByRole('button', { name: t('ui.cancel') }).click()
    await page.locator('.table tbody .switch').click()
    await page.waitForFunction(async (token) => (await fetch('/f/' + token)).status === 404, form.token)
    const sam = await open(kith, { as: 'sam@example.com' })
    await sam.visit('/settings/forms')
    await sam.getByText(sam.t('ui.denied')).waitFor()
  })
})

describe('drop folders', () => {
  flow('a file is imported, and one that is refused says so (pl, light)', async () => {
    const page = await open(kith, { language: 'pl' })
    const { t } = page
    await page.visit('/settings/drops')
    await page.getByText(t('drops.empty'), { exact: true }).waitFor()
    await axe(page)
    const mapping = { object: 'lead', columns: { Name: 'title', Mail: 'emails' } }
    const profile = await kith.post('/import_profiles', { name: 'Shop', object: 'lead', mapping })
    await kith.post('/drop_folders', { name: 'Sklep', path: 'shop', profile: profile.id })
    mkdirSync(join(root, 'shop'), { recursive: true })
    writeFileSync(join(root, 'shop', 'leads.csv'), 'Name,Mail\nFirst,first@x.example\nSecond,nothing\n')
    await page.getByText(t('drops.refused', { n: 1 })).waitFor()
    await axe(page)
    await picture(page, 'drops-pl-light')
    assert.ok(readdirSync(join(root, 'shop', 'refused')).some((n) => n.endsWith('.refused.csv')))
    assert.equal((await kith.all('leads', "title == 'First'")).length, 1)
    const phone = await open(kith, { language: 'ru', theme: 'dark', width: 390, height: 844 })
    await phone.visit('/settings/drops')
    await phone.getByText('Sklep').first().waitFor()
    assert.equal(await fits(phone), true)
    await axe(phone)
    await picture(phone, 'drops-ru-phone')
    await settled(phone)
  })
})
