/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import: a file as people have them is dropped, mapped, looked at as a difference, brought in, and taken back. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { axe, close, flow, open, settled, toast } from './browser.mjs'
import { startKith } from './kith.mjs'

let kith, forge
before(async () => {
  kith = await startKith({ currency: 'PLN', seed: false })
  ;[forge] = await kith.many('accounts', [{ name: 'Northern Forge', class: 'B' }, { name: 'Ромашка' }])
})
after(() => kith?.stop())

/** Text in windows-1251, as a Russian spreadsheet saves it. */
function windows1251(text) {
  return Buffer.from([...text].map((c) => {
    const code = c.codePointAt(0)
    return code < 128 ? code : code === 0x401 ? 0xa8 : code === 0x451 ? 0xb8 : c === '№' ? 0xb9 : code === 0xa0 ? 0xa0 : code - 0x350
  }))
}

const DEALS = windows1251([
  'Сделка;Компания;Сумма;Дата закрытия;Телефон',
  'Забор;Ромашка;1 234,56 PLN;3.2.2027;8 (916) 123-45-67',
  'Ворота;Ромашка;12 000,00 PLN;25.12.2026;8 (916) 123-45-68',
  'Калитка;Ромашка;много;1.3.2027;8 (916) 123-45-69',
].join('\r\n'))

/** Drops a file on the page, as from a folder. */
async function drop(page, name, bytes) {
  const data = await page.evaluateHandle(([n, b]) => {
    const t = new DataTransfer()
    t.items.add(new File([Uint8Array.from(atob(b), (c) => c.charCodeAt(0))], n, { type: 'text/csv' }))
    return t
  }, [name, bytes.toString('base64')])
  await page.locator('.imp-drop').dispatchEvent('drop', { dataTransfer: data })
}

const column = (page, heading) => page.locator(`.imp-col[data-heading="${heading}"]`)

async function map(page, heading, label) {
  const box = column(page, heading).getByRole('combobox').first()
  await box.click()
  await box.fill(label)
  await page.getByRole('option', { name: label }).first().click()
}

async function pick(page, field, choice) {
  await field.click()
  await page.getByRole('option', { name: choice, exact: true }).click()
}

describe('import', () => {
  flow('a messy file of deals: mapped, looked at, brought in, taken back (ru, dark)', async () => {
    const page = await open(kith, { language: 'ru', theme: 'dark' })
    await page.visit('/o/deals')
    await page.getByRole('button', { name: page.t('list.more') }).click()
    await page.getByRole('menuitem', { name: page.t('list.import') }).click()
    await page.getByText(page.t('import.none')).waitFor()
    await axe(page)
    await drop(page, 'сделки.csv', DEALS)
    await page.locator('.imp-col').first().waitFor()
    await settled(page)
    assert.match(await page.locator('.imp-about').innerText(), /windows-1251/i)
    const about = await page.locator('.imp-table').getByRole('button', { name: page.t('import.table_as') })
    if (!(await about.innerText()).includes('Сделки')) {
      await pick(page, about, 'Сделки')
      await column(page, 'Сделка').waitFor()
    }
    await map(page, 'Сделка', 'Название')
    await map(page, 'Компания', 'Клиент')
    await map(page, 'Сумма', 'Сумма')
    assert.match(await column(page, 'Телефон').innerText(), /8 \(916\)/)
    await axe(page)
    await page.getByRole('button', { name: page.t('import.preview'), exact: true }).click()
    await page.locator('.imp-chip').first().waitFor()
    await axe(page)
    const refused = page.locator('.imp-chip', { hasText: page.t('import.outcome.refused') })
    await refused.click()
    assert.equal(await page.locator('.imp-row').count(), 1)
    assert.match(await page.locator('.imp-row').innerText(), /много/)
    assert.equal((await kith.all('deals')).length, 0)
    await page.getByRole('button', { name: page.t('import.start', { n: 2 }) }).click()
    await page.getByText(page.t('import.head.done')).waitFor()
    await axe(page)
    assert.deepEqual((await kith.all('deals')).map((d) => d.name).sort(), ['Ворота', 'Забор'])
    const fence = (await kith.all('deals', "name == 'Забор'"))[0]
    assert.deepEqual([fence.amount, fence.close_date, fence.account.label], [{ amount: '1234.56', currency: 'PLN' }, '2027-02-03', 'Ромашка'])
    assert.equal((await kith.all('deals')).length, 2)
    const file = page.waitForEvent('download')
    await page.getByRole('link', { name: page.t('import.refused_file') }).click()
    assert.equal((await file).suggestedFilename(), 'refused.csv')
    await kith.patch('/deals/' + fence.id, { next_step: 'Позвонить' })
    await page.getByRole('button', { name: page.t('import.undo') }).click()
    await page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: page.t('import.undo') }).click()
    await page.getByText(page.t('import.skipped')).waitFor()
    await page.locator('.imp-why').getByRole('link', { name: 'Забор' }).waitFor()
    assert.deepEqual((await kith.all('deals')).map((d) => d.name).filter((n) => ['Забор', 'Ворота'].includes(n)), ['Забор'])
    await page.getByRole('button', { name: page.t('import.redo') }).click()
    await page.getByText(page.t('import.head.done')).waitFor()
    assert.equal((await kith.all('deals', "name == 'Ворота'")).length, 1)
    await close(page)
  })

  flow('existing records are changed, unknown values get a meaning, the mapping is kept (en, light)', async () => {
    const page = await open(kith)
    const file = (rows) => Buffer.from(['Company;Class;Industry note', ...rows].join('\n'))
    await page.visit('/import')
    await drop(page, 'companies.csv', file(['Northern Forge;Best;x', 'Southern Forge;B;y', 'Eastern Forge;None;y']))
    await page.locator('.imp-col').first().waitFor()
    await pick(page, page.getByRole('button', { name: page.t('import.table_as') }), 'Accounts')
    await map(page, 'Company', 'Name')
    await pick(page, page.getByRole('button', { name: page.t('import.mode') }), page.t('import.mode.upsert'))
    await page.getByText(page.t('import.match_none')).waitFor()
    await page.getByRole('button', { name: page.t('import.match') }).click()
    await page.getByRole('option', { name: 'Name' }).click()
    await page.keyboard.press('Escape')
    await pick(page, column(page, 'Class').getByRole('button', { name: page.t('import.means', { value: 'Best' }) }), 'A')
    await pick(page, column(page, 'Class').getByRole('button', { name: page.t('import.means', { value: 'None' }) }), page.t('import.leave_empty'))
    await page.getByRole('button', { name: page.t('import.profile_save') }).click()
    await page.getByLabel(page.t('import.profile_name')).fill('Forges')
    await axe(page)
    await page.getByRole('dialog').getByRole('button', { name: page.t('import.save') }).click()
    await toast(page, page.t('import.profile_saved')).waitFor()
    await page.getByRole('button', { name: page.t('import.preview'), exact: true }).click()
    const changed = page.locator('.imp-row[data-outcome=changed]')
    await changed.waitFor()
    assert.match(await changed.innerText(), /Northern Forge[\s\S]*B[\s\S]*A/)
    await axe(page)
    await page.getByRole('button', { name: page.t('import.start', { n: 3 }) }).click()
    await page.getByText(page.t('import.head.done')).waitFor()
    assert.equal((await kith.get('/accounts/' + forge.id)).class, 'A')
    assert.equal((await kith.all('accounts', "name == 'Eastern Forge'"))[0].class, null)
    await page.visit('/import')
    await drop(page, 'again.csv', file(['Southern Forge;Best;z']))
    await page.getByText(page.t('import.profile_known', { name: 'Forges' })).waitFor()
    await close(page)
  })

  flow('people on a phone (pl)', async () => {
    const page = await open(kith, { language: 'pl', width: 390, height: 844 })
    await page.visit('/import')
    await axe(page)
    await page.locator('[data-import-file]').setInputFiles({ name: 'ludzie.csv', mimeType: 'text/csv', buffer: Buffer.from('Imię;Nazwisko;E-mail;Telefon\nZofia;Lis;zofia@example.com;601 234 599\n') })
    await page.locator('.imp-col').first().waitFor()
    await settled(page)
    await axe(page)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
    await page.getByRole('button', { name: page.t('import.preview'), exact: true }).click()
    await page.locator('.imp-chip').first().waitFor()
    await axe(page)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
    await page.getByRole('button', { name: page.t('import.start', { n: 1 }) }).click()
    await page.getByText(page.t('import.head.done')).waitFor()
    assert.equal((await kith.all('contacts', "emails.exists(e, e.value == 'zofia@example.com')"))[0].name.family, 'Lis')
    await close(page)
  })

  flow('what was deleted does not stand in the way: it is taken out of the bin (ru)', async () => {
    const page = await open(kith, { language: 'ru' })
    const [old] = await kith.many('accounts', [{ name: 'Старый завод', outside_id: 'old-1' }])
    await kith.api('DELETE', '/accounts/' + old.id)
    await page.visit('/import')
    await drop(page, 'заводы.csv', Buffer.from('outside_id;name;region\nold-1;Старый завод;Тула\n'))
    await page.locator('.imp-col').first().waitFor()
    await page.getByRole('button', { name: page.t('import.preview'), exact: true }).click()
    await page.getByRole('button', { name: page.t('import.restore_them') }).click()
    await page.getByRole('button', { name: page.t('import.restore_them') }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: page.t('import.start', { n: 1 }) }).click()
    await page.getByText(page.t('import.head.done')).waitFor()
    assert.equal((await kith.get('/accounts/' + old.id)).region, 'Тула')
    await close(page)
  })
})
