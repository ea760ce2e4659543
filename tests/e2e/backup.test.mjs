/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backups and the export of everything in the settings: made with progress, listed, proved, found damaged; only for administrators. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { axe, flow, open, settled, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith
before(async () => { kith = await startKith() })
after(() => kith.stop())

const picture = async (page, name) => { if (process.env.KITH_PICTURES) await page.screenshot({ path: `${process.env.KITH_PICTURES}/${name}.png` }) }
const rows = (page) => page.locator('.table tbody tr')

describe('backups', () => {
  flow('none yet, one is made with progress, and proved (en, light)', async () => {
    const page = await open(kith)
    const { t } = page
    await page.visit('/settings/backups')
    await page.getByText(t('backups.empty')).waitFor()
    await axe(page)
    await page.getByRole('button', { name: t('backups.now') }).click()
    await page.getByRole('progressbar', { name: t('backups.working') }).waitFor()
    assert.equal(await page.getByRole('button', { name: t('backups.now') }).isDisabled(), true)
    await toast(page, t('backups.made')).waitFor()
    await rows(page).first().waitFor()
    assert.equal(await rows(page).count(), 1)
    assert.match(await rows(page).innerText(), new RegExp(`MB[^]*${t('backups.never')}`))
    await page.getByRole('button', { name: t('backups.verify') }).click()
    await toast(page, t('backups.verify_done')).waitFor()
    await page.getByText(t('backups.never')).waitFor({ state: 'detached' })
    const [row] = (await kith.get('/backups')).data
    assert.ok(row.verified_at && row.bytes > 0)
    await axe(page)
    await picture(page, 'backups-en-light')
  })

  flow('a damaged one says so and stays unproved (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    const { t } = page
    await page.visit('/settings/backups')
    await page.getByRole('button', { name: t('backups.now') }).click()
    await toast(page, t('backups.made')).waitFor()
    await page.waitForFunction(() => document.querySelectorAll('.table tbody tr').length === 2)
    const [newest] = (await kith.get('/backups')).data
    const file = join(newest.path, readdirSync(newest.path).find((n) => n === 'kith.db'))
    const bytes = readFileSync(file)
    bytes[5000] ^= 1
    writeFileSync(file, bytes)
    await rows(page).first().getByRole('button', { name: t('backups.verify') }).click()
    await page.locator('.toast').filter({ hasNotText: t('backups.made') }).waitFor()
    await picture(page, 'backups-ru-dark')
    const said = await page.locator('.toast').filter({ hasNotText: t('backups.made') }).innerText()
    assert.doesNotMatch(said, /[a-z]{4,} [a-z]{3,}/, 'no English')
    await rows(page).first().getByText(t('backups.never')).waitFor()
    await axe(page)
  })

  flow('on a phone (pl, light)', async () => {
    const page = await open(kith, { language: 'pl', width: 390, height: 844 })
    await page.visit('/settings/backups')
    await rows(page).first().waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing runs out of the screen')
    await axe(page)
    await picture(page, 'backups-pl-phone')
    await page.visit('/settings/exports')
    await axe(page)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true)
    await picture(page, 'exports-pl-phone')
  })

  flow('everything as one archive, and who took it (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    const { t } = page
    await kith.post('/deals:export', { format: 'csv' })
    await page.visit('/settings/exports')
    await rows(page).first().waitFor()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: t('exports.all') }).click().then(() => page.getByRole('progressbar', { name: t('exports.working') }).waitFor()),
    ])
    assert.match(file.suggestedFilename(), /\.zip$/)
    assert.equal((await readFile(await file.path())).subarray(0, 2).toString(), 'PK')
    await toast(page, t('exports.done', { n: 0 }).split(':')[0]).waitFor()
    await rows(page).filter({ hasText: 'Вся база' }).waitFor()
    await rows(page).filter({ hasText: 'Сделки' }).waitFor()
    await axe(page)
    await picture(page, 'exports-ru-dark')
  })

  flow('others have neither (en, light)', async () => {
    const page = await open(kith, { as: 'sam@example.com' })
    const { t } = page
    for (const section of ['backups', 'exports']) {
      await page.visit('/settings/' + section)
      await page.getByText(t('ui.denied')).waitFor()
      assert.equal(await page.locator('.settings-nav').getByText(t('settings.' + section), { exact: true }).count(), 0)
    }
    await settled(page)
  })
})
