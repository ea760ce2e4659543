/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the pictures of the user guide from a demo company: `node tests/e2e/pictures.mjs [FOLDER]` (docs/pictures).
   With `--all FOLDER LANGUAGE THEME WIDTH` it takes every page instead, to be looked at. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch, open, settled } from './browser.mjs'
import { ADMIN, Kith } from './kith.mjs'

const HOME = { en: ['GBP', 'GB', 'Harbour Office Ltd'], ru: ['RUB', 'RU', 'ООО «Маяк»'], pl: ['PLN', 'PL', 'Latarnia sp. z o.o.'] }

async function demo(language, config = '') {
  const kith = new Kith()
  const [currency, country, company] = HOME[language]
  kith.run(['init', '--currency', currency, '--country', country, '--language', language, '--company', company])
  kith.addUser(ADMIN, { en: 'Ada Archer', ru: 'Анна Белова', pl: 'Anna Zielińska' }[language], 'administrator')
  kith.run(['demo', '--locale', language, '--size', 'small', '--seed', '7'])
  kith.key = kith.run(['key', 'add', '--email', ADMIN])
  appendFileSync(join(kith.data, 'kith.yaml'), config)
  await kith.serve()
  const first = async (plural, query) => (await kith.get(`/${plural}?page_size=1&${query}`)).data[0].id
  kith.ids = {
    account: await first('accounts', 'order_by=-open_deals'), contact: await first('contacts', 'filter=' + encodeURIComponent('open_tasks > 0')),
    deal: await first('deals', 'filter=' + encodeURIComponent("category == 'open' && open_tasks > 0") + '&order_by=-amount'), lead: await first('leads', ''), product: await first('products', ''), activity: await first('activities', ''),
  }
  return kith
}

async function everyPage(folder, language, theme, width) {
  const kith = await demo(language), { ids } = kith
  const page = await open(kith, { language, theme, width, height: width < 720 ? 844 : 900 })
  const pages = {
    today: '/', accounts: '/o/accounts', contacts: '/o/contacts', leads: '/o/leads', deals: '/o/deals', board: '/o/deals?layout=board', leadboard: '/o/leads?layout=board', summary: '/o/deals?view=all&group=stage', products: '/o/products', activities: '/o/activities?view=all',
    account: '/o/accounts/' + ids.account, contact: '/o/contacts/' + ids.contact, deal: '/o/deals/' + ids.deal, lead: '/o/leads/' + ids.lead, product: '/o/products/' + ids.product, activity: '/o/activities/' + ids.activity, missing: '/o/deals/none',
    ...Object.fromEntries(['profile', 'company', 'users', 'teams', 'roles', 'currencies', 'keys', 'demo', 'about'].map((s) => [s, '/settings/' + s])),
  }
  for (const [name, path] of Object.entries(pages)) {
    await page.visit(path)
    await page.screenshot({ path: `${folder}/${name}-${language}-${theme}-${width}.png` })
  }
  await page.visit('/o/deals/' + ids.deal)
  await page.keyboard.press('e')
  await page.getByRole('dialog').locator('[data-field=name]').waitFor()
  await page.screenshot({ path: `${folder}/form-${language}-${theme}-${width}.png` })
  await page.visit('/o/deals')
  await page.keyboard.press('f')
  await page.locator('.filter-row').first().waitFor()
  await page.screenshot({ path: `${folder}/filter-${language}-${theme}-${width}.png` })
  await page.visit('/o/deals/' + ids.deal)
  await page.getByRole('tab', { name: page.t('record.history') }).click()
  await settled(page)
  await page.screenshot({ path: `${folder}/history-${language}-${theme}-${width}.png` })
  await kith.stop()
}

const size = { width: 1100, height: 600 }

/* What goes in and out by itself: a form, a webhook, a folder with two files; and the lists people choose from. */
async function doors(folder) {
  const root = mkdtempSync(join(tmpdir(), 'kith-drop-'))
  const kith = await demo('en', `drop-root: ${root}\ndrop-every: 1\n`)
  await kith.post('/web_forms', { name: 'Ask us', object: 'lead', title: 'Ask us', intro: 'We answer within a working day.', fields: [{ field: 'name', required: true }, { field: 'emails', required: true }, { field: 'phones' }, { field: 'description', label: 'What do you need?' }] })
  for (const [name, events] of [['Warehouse', ['deal.updated']], ['Newsletter', ['contact.created', 'contact.updated']]]) await kith.post('/webhooks', { name, url: `https://93.184.216.34/${name.toLowerCase()}`, events })
  const profile = await kith.post('/import_profiles', { name: 'Leads of the shop', object: 'lead', mapping: { object: 'lead', columns: { Request: 'title', Name: 'name', Mail: 'emails' } } })
  await kith.post('/drop_folders', { name: 'Shop', path: 'shop', profile: profile.id, mode: 'create' })
  const folders = async () => (await kith.get('/drop_folders:state')).data[0]
  const page = await open(kith, size)
  await page.visit('/settings/drops')
  await page.waitForTimeout(2500)
  writeFileSync(join(root, 'shop', 'monday.csv'), 'Request,Name,Mail\nA new roof,Ann Birch,ann@example.com\nGutters,Tom Birch,tom@example.com\n')
  for (let n = 0, at = {}; n < 200 && !(at.last && !at.working && !at.waiting); n++) { await page.waitForTimeout(250); at = await folders() }
  for (const name of ['drops', 'webhooks', 'choices']) {
    await page.visit('/settings/' + name)
    await page.locator('.settings-body .table tbody tr, .settings-body .ask').first().waitFor()
    await settled(page)
    await page.evaluate((root) => {   // as on a server of one's own
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      while (walk.nextNode()) walk.currentNode.data = walk.currentNode.data.replace(root, '/srv/kith-drop').replace('93.184.216.34', 'hooks.example.com')
    }, root)
    await page.screenshot({ path: `${folder}/${name}.png` })
  }
  await page.visit('/settings/forms')
  await page.getByRole('button', { name: 'Ask us' }).first().click()
  await page.locator('.ask').first().waitFor()
  await settled(page)
  await page.screenshot({ path: `${folder}/form.png` })
  await kith.stop()
  rmSync(root, { recursive: true, force: true })
}

async function guide(folder) {
  mkdirSync(folder, { recursive: true })
  await doors(folder)
  const kith = await demo('en'), { ids } = kith
  const shoot = (page, name) => page.screenshot({ path: `${folder}/${name}.png` })
  const light = await open(kith, size)
  for (const [name, path] of [['today', '/'], ['list', '/o/deals'], ['forecast', '/forecast'], ['dashboard', '/dashboard'], ['board', '/o/deals?layout=board'], ['record', '/o/accounts/' + ids.account], ['roles', '/settings/roles']]) {
    await light.visit(path)
    if (name === 'roles') await light.locator('.role-tabs .tab').last().click()
    await settled(light)
    await shoot(light, name)
  }
  await kith.many('contacts', [
    { name: { family: 'Kwiatkowska', given: 'Zofia' }, phones: '+48 601 222 333', job_title: 'Buyer' },
    { name: { family: 'Квятковская', given: 'Зофия' }, phones: '601222333', emails: 'zofia@example.com', job_title: 'Chief buyer' },
  ])
  await light.visit('/duplicates?object=contact')
  await settled(light)
  await shoot(light, 'duplicates')
  await light.visit('/o/deals/' + ids.deal)
  await light.getByRole('tab', { name: light.t('record.history') }).click()
  await settled(light)
  await shoot(light, 'history')
  await light.visit('/o/deals')
  await light.keyboard.press('f')
  await light.locator('.filter-row').first().waitFor()
  await shoot(light, 'filter')
  await light.visit('/')
  await light.keyboard.press('Control+k')
  await light.getByRole('dialog').locator('input').fill('birch')
  await light.getByRole('option').nth(2).waitFor()
  await light.waitForTimeout(400)
  await shoot(light, 'palette')
  const phone = await open(kith, { width: 390, height: 844, theme: 'dark' })
  await phone.visit('/o/deals/' + ids.deal)
  await shoot(phone, 'phone')
  await kith.stop()
  const russian = await demo('ru')
  const dark = await open(russian, { ...size, language: 'ru', theme: 'dark' })
  await dark.visit('/o/deals/' + russian.ids.deal)
  await shoot(dark, 'record-dark-ru')
  await russian.stop()
}

const [first, ...rest] = process.argv.slice(2)
const browser = await launch()
if (first === '--all') await everyPage(rest[0], rest[1], rest[2], Number(rest[3]))
else await guide(first ?? fileURLToPath(new URL('../../docs/pictures', import.meta.url)))
await browser.close()
