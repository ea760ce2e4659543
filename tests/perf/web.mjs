/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the application costs in a browser, against the budgets of the design: `make bench-web`.  Main-thread time is
   that of the thread itself, so that other work on the machine does not count; waiting (LCP, key to paint) is by the
   clock.  Figures are medians of ROUNDS; ends with 1 when a budget is broken. */
import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { launch, open, settled } from '../e2e/browser.mjs'
import { ADMIN, Kith } from '../e2e/kith.mjs'

const ROUNDS = Number(process.env.ROUNDS ?? 5)
const BIG = Number(process.env.BOARD ?? 10_000)
const median = (a) => [...a].sort((x, y) => x - y)[a.length >> 1]
const rows = []
const note = (what, figures, budget) => rows.push({ what, ms: Math.round(median(figures)), budget })

async function world() {
  const kith = new Kith()
  kith.run(['init', '--currency', 'USD', '--country', 'US'])
  kith.addUser(ADMIN, 'Ada Archer', 'administrator')
  kith.run(['demo', '--locale', 'en', '--size', 'small', '--seed', '7'])
  kith.key = kith.run(['key', 'add', '--email', ADMIN])
  await kith.serve()
  return kith
}

/** Milliseconds the main thread worked while `act` ran and the page came to rest. */
async function mainThread(page, act) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  const busy = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value
  const before = await busy()
  await act()
  await settled(page)
  await page.waitForTimeout(400)
  const spent = ((await busy()) - before) * 1000
  await cdp.detach()
  return spent
}

const largestPaint = (page) => page.evaluate(() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime)).observe({ type: 'largest-contentful-paint', buffered: true })
}))

/** From a key to the end of the frame after it, by the page's own clock; the key is a real one. */
async function keyToPaint(page, key) {
  await page.evaluate(() => {
    window.painted = new Promise((resolve) => addEventListener('keydown', (e) => requestAnimationFrame(() => {
      const after = new MessageChannel()
      after.port1.onmessage = () => resolve(performance.now() - e.timeStamp)
      after.port2.postMessage(0)
    }), { once: true, capture: true }))
  })
  await page.keyboard.press(key)
  return page.evaluate(() => window.painted)
}

async function loads(kith, path, what, budget, ready) {
  const cpu = [], lcp = []
  for (let i = 0; i < ROUNDS; i++) {
    const page = await open(kith)
    cpu.push(await mainThread(page, async () => { await page.goto(path); await page.locator(ready).first().waitFor() }))
    lcp.push(await largestPaint(page))
    await page.context().close()
  }
  note(`${what}: main thread to settled, cold cache`, cpu, budget)
  note(`${what}: largest paint`, lcp, 1500)
}

async function moves(kith) {
  const page = await open(kith), there = [], keys = []
  await page.visit('/o/deals?view=all')
  for (let i = 0; i <= ROUNDS; i++) {
    const from = performance.now()
    await page.evaluate(() => { history.pushState(null, '', '/o/contacts'); dispatchEvent(new PopStateEvent('popstate')) })
    await page.locator('h1', { hasText: 'Contacts' }).waitFor()
    await page.locator('.grid-row').first().waitFor()
    if (i) there.push(performance.now() - from)
    await page.evaluate(() => { history.pushState(null, '', '/o/deals?view=all'); dispatchEvent(new PopStateEvent('popstate')) })
    await page.locator('h1', { hasText: 'Deals' }).waitFor()
    await page.locator('.grid-row').first().waitFor()
  }
  note('from list to list, warm cache', there, 200)
  for (let i = 0; i < 4 * ROUNDS; i++) keys.push(await keyToPaint(page, i % 8 < 6 ? 'j' : 'k'))
  note('key to paint in a grid', keys, 50)
  assert.equal(await page.locator('.grid-row[aria-selected=true], .grid-row .cell[data-focus], .grid-row:focus-within, [aria-activedescendant]').count() > 0, true, 'the keys moved in the grid')
  await page.context().close()
}

/** Ten thousand deals on a board: what comes over the wire, what the first paint costs, how soon a moved card is seen to move. */
async function bigBoard(kith) {
  const stages = (await kith.all('stages')).filter((s) => s.category === 'open'), account = (await kith.all('accounts'))[0], have = (await kith.get('/deals?page_size=1&total=true')).total
  for (let i = have; i < BIG; i += 500) {
    await kith.many('deals', Array.from({ length: Math.min(500, BIG - i) }, (_, k) => ({
      name: `Deal ${i + k}`, account: account.id, stage: stages[(i + k) % stages.length].id, amount: { amount: `${100 + k}.00`, currency: 'USD' }, close_date: '2027-03-01', next_step: 'Call again',
    })))
  }
  const cpu = [], acks = [], bytes = []
  for (let i = 0; i < ROUNDS; i++) {
    const page = await open(kith)
    page.on('response', async (r) => { if (r.url().includes(':board')) bytes.push((await r.body()).length / 1024) })
    cpu.push(await mainThread(page, async () => { await page.goto('/o/deals?view=open&layout=board'); await page.locator('.board-card').first().waitFor() }))
    await page.locator('.board-card').first().focus()
    acks.push(await page.evaluate(() => new Promise((resolve) => {
      const card = document.querySelector('.board-card'), id = card.dataset.id, from = card.closest('.board-col'), start = performance.now()
      const look = () => {
        const now = document.querySelector(`.board-card[data-id="${id}"]`)
        if (now && now.closest('.board-col') !== from) resolve(performance.now() - start)
        else requestAnimationFrame(look)
      }
      card.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', code: 'ArrowRight', altKey: true, bubbles: true }))
      look()
    })))
    await page.context().close()
  }
  note(`board of ${BIG}: main thread to settled, cold cache`, cpu, 500)
  note(`board of ${BIG}: data, KB`, bytes, 150)
  note(`board of ${BIG}: a moved card is where it goes`, acks, 50)
}

const browser = await launch(), kith = await world()
try {
  await loads(kith, '/', 'Today', 400, '.today-row')
  await loads(kith, '/o/deals?view=all', 'list', 400, '.grid-row')
  await loads(kith, '/o/deals?view=all&layout=board', 'board of 150 cards', 500, '.board-card')
  await moves(kith)
  await bigBoard(kith)
} finally {
  await kith.stop()
  await browser.close()
}
for (const r of rows) console.log(`${r.ms <= r.budget ? 'ok    ' : 'not ok'}  ${r.what.padEnd(52)} ${String(r.ms).padStart(5)} ms of ${r.budget}`)
process.exitCode = rows.every((r) => r.ms <= r.budget) ? 0 : 1
