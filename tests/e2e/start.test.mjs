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
    await page.getByRole('heading', { name: t('setup.no_token') }).waitFor()
    await axe(page)
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
    await page.getByText(t('password.too_short', { n: 12 })).waitFor()
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
    await page.visit('/o/deals')
    await page.getByText(t('list.empty')).waitFor()
    await page.visit(kith.setupLink)
    assert.equal(await page.getByRole('heading', { name: t('setup.title') }).count(), 0, 'the link works once')
  })
})

describe('a company to look around in', () => {
  const kith = new Kith()
  before(() => kith.serve({ setup: true }))
  after(() => kith.stop())

  flow('made by one press, removed by one press, and what was made meanwhile stays (ru, dark)', async () => {
    const page = await open(kith, { as: null, language: 'ru', theme: 'dark' })
    page.context().setDefaultTimeout(60_000)
    const { t } = page
    await page.visit(kith.setupLink)
    for (const [key, value] of [['setup.company', 'Пробная'], ['setup.name', 'Анна Белова'], ['signin.email', 'anna@example.com'], ['signin.password', PASSWORD], ['password.again', PASSWORD]]) await page.getByLabel(t(key), { exact: true }).fill(value)
    await page.getByRole('button', { name: t('setup.go') }).click()
    await page.getByRole('button', { name: t('setup.look') }).click()
    await page.getByRole('heading', { name: /Анна/ }).waitFor()
    await page.visit('/o/deals?view=all')
    await page.locator('.grid-row').nth(5).waitFor()
    const shown = await page.locator('.grid-rows').innerText()
    assert.doesNotMatch(shown.replace(/[A-ZА-Я]{2,3}-\d+/g, ''), /[A-Za-z]{4,}/, 'no English in a Russian demo')
    await axe(page)
    const total = async (plural) => (await (await page.request.get(`/api/v1/${plural}?total=true&page_size=1`)).json()).total
    assert.ok(await total('deals') > 50)
    const made = await page.request.post('/api/v1/accounts', { data: { name: 'Своя компания' }, headers: { origin: kith.base } })
    assert.equal(made.status(), 201)
    await page.visit('/settings/demo')
    await page.getByRole('button', { name: t('demo.remove') }).click()
    await page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: t('demo.remove') }).click()
    await page.locator('.toast', { hasText: t('demo.removed') }).waitFor()
    assert.deepEqual([await total('deals'), await total('accounts')], [0, 1])
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
