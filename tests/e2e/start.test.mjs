/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Point 1: an empty folder, the first page, the administrator, and what comes before the shell ever after. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open, settled } from './browser.mjs'
import { ADMIN, Kith, PASSWORD, startKith } from './kith.mjs'

describe('a new installation', () => {
  const kith = new Kith()
  before(() => kith.serve({ setup: true }))
  after(() => kith.stop())

  flow('language, country and administrator, then one’s own data (pl, light)', async () => {
    const page = await open(kith, { as: null, language: 'pl' })
    const { t } = page
    await page.visit('/')
    await page.visit(kith.setupLink)
    await page.getByRole('heading', { name: t('setup.title') }).waitFor()
    await axe(page)
    await page.getByRole('button', { name: t('setup.go') }).click()
    await page.getByText(t('setup.missing')).first().waitFor()
    const fill = (key, value) => page.getByLabel(t(key), { exact: true }).fill(value)
    await fill('setup.company', 'Zakład Próbny')
    await fill('setup.name', 'Łucja Źdźbło')
    await fill('signin.email', 'lucja@example.com')
    await fill('signin.password', 'krótkie')
    await fill('password.again', 'krótkie')
    await page.getByRole('button', { name: t('setup.go') }).click()
    await page.getByText(t('password.too_short', { n: 8 })).waitFor()
    await fill('signin.password', PASSWORD)
    await fill('password.again', PASSWORD)
    await page.getByText(t('setup.currency', { currency: 'PLN' })).waitFor()
    await page.getByRole('button', { name: t('setup.go') }).click()
    await page.getByRole('button', { name: t('setup.begin') }).click()
    await page.getByRole('heading', { name: /Łucja/ }).waitFor()
    await settled(page)
    await page.getByText('Zakład Próbny').first().waitFor()
    const me = await (await page.request.get('/api/v1/me')).json()
    assert.deepEqual([me.role.label, me.language, me.company.currency, me.company.country], ['Administrator', 'pl', 'PLN', 'PL'])
    await page.visit(kith.setupLink)
    assert.equal(await page.getByRole('heading', { name: t('setup.title') }).count(), 0, 'the link works once')
  })
})

describe('signing in', () => {
  let kith
  before(async () => { kith = await startKith({ seed: false }) })
  after(() => kith.stop())

  flow('wrong password, right password, out again (en, dark, phone)', async () => {
    const page = await open(kith, { as: null, theme: 'dark', width: 390, height: 844 })
    const { t } = page
    await page.visit('/o/deals')
    await axe(page)
    await page.getByLabel(t('signin.email')).fill(ADMIN)
    await page.getByLabel(t('signin.password')).fill('wrong horse 7')
    await page.getByRole('button', { name: t('signin.enter') }).click()
    await page.getByRole('alert').waitFor()
    await axe(page)
    await page.getByLabel(t('signin.password')).fill(PASSWORD)
    await page.getByRole('button', { name: t('signin.enter') }).click()
    await page.getByRole('heading', { name: 'Deals', level: 1 }).waitFor()
    await page.locator('.phone-bar').getByRole('button', { name: t('nav.main') }).click()
    await page.getByRole('button', { name: 'Ada Archer' }).click()
    await page.getByRole('menuitem', { name: t('user.sign_out') }).click()
    await page.getByRole('heading', { name: t('signin.title') }).waitFor()
    await page.visit('/')
    await page.getByRole('heading', { name: t('signin.title') }).waitFor()
  })

  flow('the language of the first page (ru)', async () => {
    const page = await open(kith, { as: null })
    await page.visit('/')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('menuitem', { name: 'Русский' }).click()
    await page.getByRole('heading', { name: 'Вход' }).waitFor()
  })
})
