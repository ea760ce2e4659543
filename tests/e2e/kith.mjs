/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real binary in a folder of its own, and its API.  KITH_BIN names the binary. */
import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BIN = process.env.KITH_BIN ?? fileURLToPath(new URL('../../build/kith', import.meta.url))
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KITH_')))
export const PASSWORD = 'correct horse 7'
export const ADMIN = 'ada@example.com'

/** Resolves with the first match of `pattern` in a stream, or fails when the stream ends. */
function awaitLine(stream, pattern) {
  return new Promise((resolve, reject) => {
    let text = ''
    stream.on('data', (piece) => {
      text += piece
      const hit = pattern.exec(text)
      if (hit) resolve(hit[1])
    })
    stream.on('close', () => reject(new Error(`no ${pattern} in: ${text}`)))
  })
}

/** One running server.  `api` calls it as its administrator. */
export class Kith {
  constructor() {
    this.data = mkdtempSync(join(tmpdir(), 'kith-e2e-'))
  }

  /** Runs one command of the program and gives what it prints. */
  run(args, input = '') {
    const done = spawnSync(BIN, ['--data', this.data, ...args], { input, encoding: 'utf8', env })
    if (done.status !== 0) throw new Error(`kith ${args.join(' ')}: ${done.stderr || done.error}`)
    return done.stdout.trim()
  }

  addUser(email, name, role, ...more) {
    this.run(['user', 'add', '--email', email, '--name', name, '--role', role, '--password-stdin', ...more], PASSWORD + '\n')
  }

  /** Serves; `setup` also waits for the address of the first page. */
  async serve({ setup = false } = {}) {
    this.server = spawn(BIN, ['--data', this.data, 'serve', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'], env })
    const link = setup ? awaitLine(this.server.stderr, /(\/setup\?token=\S+)/) : null
    this.server.stderr.on('data', (piece) => { if (process.env.KITH_LOG) process.stderr.write(piece) })
    this.base = await awaitLine(this.server.stdout, /listening on (\S+)/)
    this.setupLink = await link
  }

  async stop() {
    const { server } = this
    if (server && server.exitCode === null) {
      const gone = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGTERM')
      await gone
    }
    rmSync(this.data, { recursive: true, force: true })
  }

  /** Calls /api/v1; throws with the server's words when it refuses. */
  async api(method, path, body, key = this.key) {
    const reply = await fetch(`${this.base}/api/v1${path}`, {
      method, headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) }, body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await reply.text()
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`)
    return text ? JSON.parse(text) : null
  }

  get = (path) => this.api('GET', path)
  post = (path, body) => this.api('POST', path, body)
  patch = (path, body) => this.api('PATCH', path, body)
  all = async (plural, filter = '') => (await this.get(`/${plural}?page_size=200${filter && '&filter=' + encodeURIComponent(filter)}`)).data
  many = async (plural, data) => (await this.post(`/${plural}:batchCreate`, { data })).data
}

/** A company of three people with a few records, served. */
export async function startKith({ currency = 'USD', seed = true, config = '' } = {}) {
  const kith = new Kith()
  kith.run(['init', '--currency', currency])
  kith.addUser(ADMIN, 'Ada Archer', 'administrator')
  kith.addUser('sam@example.com', 'Sam Seller', 'sales')
  kith.addUser('olga@example.com', 'Olga Observer', 'viewer')
  kith.key = kith.run(['key', 'add', '--email', ADMIN])
  if (config) appendFileSync(join(kith.data, 'kith.yaml'), config)
  await kith.serve()
  if (seed) kith.world = await fill(kith)
  return kith
}

const today = new Date().toLocaleDateString('sv', { timeZone: 'Europe/Warsaw' })
const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10)
const at = (n, hours = 0) => new Date(Date.now() + n * 86_400_000 + hours * 3_600_000).toISOString().replace(/\.\d+/, '')

/** The records most flows begin with.  Deals: Anvils 1,000 and Bolts 2,500 new, Crane 40,000 and the rest further on. */
async function fill(kith) {
  const users = Object.fromEntries((await kith.all('users')).map((u) => [u.email.split('@')[0], u.id]))
  const stages = Object.fromEntries((await kith.all('stages')).map((s) => [s.position, s.id]))
  const me = { owner: users.ada }
  const [mill, forge, harbour, shop] = await kith.many('accounts', [
    { name: 'Łódź Mill', kind: 'company', roles: ['customer'], class: 'A', region: 'Łódź', phones: [{ value: '+48426310000', label: 'work', main: true }], ...me },
    { name: 'Northern Forge', kind: 'company', roles: ['customer'], class: 'B', region: 'Leeds', customer_since: today, ...me },
    { name: 'Harbour & Sons', kind: 'company', roles: ['prospect'], class: 'C', region: 'Gdynia', ...me },
    { name: 'Ромашка', kind: 'company', roles: ['prospect'], region: 'Москва', owner: users.sam },
  ])
  const [anna, boris] = await kith.many('contacts', [
    { name: { given: 'Anna', family: 'Nowak' }, account: mill.id, job_title: 'Head of purchasing', emails: [{ value: 'anna@mill.example', label: 'work', main: true }], phones: [{ value: '+48601234567', label: 'mobile', main: true }], ...me },
    { name: { given: 'Boris', family: 'Kuznetsov' }, account: forge.id, job_title: 'Director', ...me },
  ])
  const money = (amount) => ({ amount, currency: 'USD' })
  const deals = await kith.many('deals', [
    { name: 'Anvils', account: mill.id, contact: anna.id, stage: stages[1], amount: money('1000.00'), close_date: day(20), ...me },
    { name: 'Bolts', account: forge.id, contact: boris.id, stage: stages[1], amount: money('2500.00'), close_date: day(10), next_step: 'Send the price list', next_step_at: day(2), ...me },
    { name: 'Crane', account: harbour.id, stage: stages[2], amount: money('40000.00'), close_date: day(40), ...me },
    { name: 'Drill', account: mill.id, stage: stages[3], amount: money('7300.00'), close_date: day(5), ...me },
    { name: 'Elevator', account: shop.id, stage: stages[2], amount: money('12000.00'), close_date: day(30), owner: users.sam },
  ])
  const leads = await kith.many('leads', [
    { title: 'Fence for a yard', company: 'Green Yard', name: { given: 'Ewa', family: 'Lis' }, source: 'website', received_at: at(-2), phones: [{ value: '+48600100200', label: 'mobile', main: true }], ...me },
    { title: 'Two hundred hinges', company: 'Door House', source: 'email', received_at: at(0, -1), ...me },
  ])
  const tasks = await kith.many('activities', [
    { kind: 'task', subject: 'Call Anna back', due_at: at(-1), about: { object: 'contact', id: anna.id }, ...me },
    { kind: 'task', subject: 'Send the offer', due_at: at(0, -1), about: { object: 'deal', id: deals[3].id }, ...me },
    { kind: 'note', body: 'They like blue.', about: { object: 'account', id: mill.id }, ...me },
  ])
  const products = await kith.many('products', [
    { name: 'Anvil 20 kg', code: 'AN-20', price: money('125.00'), unit: 'pcs', is_active: true },
    { name: 'Delivery', code: 'DE-1', kind: 'service', price: money('40.00'), is_active: true },
  ])
  return { users, stages, mill, forge, harbour, shop, anna, boris, deals: Object.fromEntries(deals.map((d) => [d.name, d])), leads, tasks, products }
}
