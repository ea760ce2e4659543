/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stand-in for the server while the browser part is worked on: `node web/test/mock/server.mjs [port]`.  It keeps
   records in memory, knows no rights and filters only by text; tests that prove anything run on the real binary. */
import { createServer } from 'node:http'
import { makeData } from './data.mjs'
import { makeMeta } from './meta.mjs'

const state = { language: process.env.MOCK_LANG ?? 'en', needed: process.env.MOCK_SETUP === '1', signed: process.env.MOCK_OUT !== '1' && process.env.MOCK_SETUP !== '1', demo: 0, theme: null }
let data = makeData(state.language)
let meta = makeMeta(state.language)
const streams = new Set()

function setLanguage(language) {
  if (language === state.language) return
  state.language = language
  data = makeData(language)
  meta = makeMeta(language)
}

const me = () => ({ ...data.users[0], language: state.language, zone: 'Europe/Warsaw', theme: state.theme, rights: {}, company: { ...meta.company, country: 'PL', language: state.language } })
const problem = (status, title, more = {}) => [status, { type: 'about:blank', title, status, code: 'INVALID', detail: title, request_id: '1', ...more }]
const tick = (object, rec) => {
  for (const s of streams) s.write(`event: tick\ndata: ${JSON.stringify({ object })}\n\nevent: change\ndata: ${JSON.stringify({ object, id: rec.id, version: rec.version })}\n\n`)
}
const labelOf = (obj, rec) => String(rec[obj.label_field ?? 'name'] ?? rec.label ?? rec.id)

function today() {
  const open = data.deals.filter((d) => !['4', '5'].includes(String(data.stages.findIndex((s) => s.id === d.stage.id)))).slice(0, 6)
  return {
    tasks: data.activities.filter((a) => !a.done_at && a.due_at),
    leads: data.leads.map((l) => ({ ...l, age_seconds: Math.round((Date.now() - Date.parse(l.created_at)) / 1000) })),
    deals: open.filter((d) => !data.activities.some((a) => a.deal?.id === d.id && !a.done_at && a.subject)),
    figures: [
      { key: 'deals_closed_today', value: 4, object: 'deal', filter: "category == 'won' && closed_on == today()" },
      { key: 'amount_closed_today', value: { amount: '128450.00', currency: meta.company.currency }, object: 'deal', filter: "category == 'won' && closed_on == today()" },
      { key: 'new_customers_week', value: 12, object: 'account', filter: 'customer_since >= today()' },
      { key: 'activities_by_manager', value: data.users.slice(0, 4).map((u, i) => ({ user: { object: 'user', id: u.id, label: u.label }, count: [14, 9, 7, 2][i] })), object: 'activity', filter: null },
      { key: 'leads_processed', value: 7, object: 'lead', filter: 'answered_at != null' },
    ],
  }
}

function listOf(plural, q) {
  let rows = data[plural].filter((r) => !r.deleted_at)
  if (q.q) rows = rows.filter((r) => r.label?.toLowerCase().includes(q.q.toLowerCase()))
  for (const key of (q.order_by ?? '').split(',').filter(Boolean).reverse()) {
    const name = key.replace('-', '')
    const value = (r) => (r[name]?.amount ? Number(r[name].amount) : r[name]?.label ?? r[name] ?? '')
    rows = [...rows].sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (key.startsWith('-') ? -1 : 1))
  }
  const size = Number(q.page_size ?? 50)
  const from = Number(q.page_token ?? 0)
  return { data: rows.slice(from, from + size), next_page_token: from + size < rows.length ? String(from + size) : null, total: rows.length }
}

function board(plural, q) {
  const obj = meta.objects.find((o) => o.plural === plural)
  const sum = obj.board?.sum
  const columns = data.stages.map((s) => {
    const rows = data[plural].filter((r) => !r.deleted_at && r[q.by]?.id === s.id)
    return { value: { object: 'stage', id: s.id, label: s.label }, label: s.label, color: s.color, count: rows.length, sum: sum ? { amount: rows.reduce((t, r) => t + Number(r[sum].amount), 0).toFixed(2), currency: meta.company.currency } : null, data: rows.slice(0, Number(q.per ?? 50)), next_page_token: null }
  })
  return { columns }
}

function aggregate(plural, q) {
  const by = (q.group_by ?? '').split(',').filter(Boolean)
  const groups = new Map()
  for (const r of data[plural]) {
    const key = JSON.stringify(by.map((b) => r[b] ?? null))
    groups.set(key, [...(groups.get(key) ?? []), r])
  }
  return { data: [...groups].map(([k, rows]) => ({ ...Object.fromEntries(by.map((b, i) => [b, JSON.parse(k)[i]])), 'count()': rows.length, ...(q.measures?.includes('sum(amount)') ? { 'sum(amount)': { amount: rows.reduce((t, r) => t + Number(r.amount?.amount ?? 0), 0).toFixed(2), currency: meta.company.currency } } : {}) })) }
}

function records(method, parts, q, body) {
  const [head, id, sub] = parts
  const [plural, verb] = head.split(':')
  const obj = meta.objects.find((o) => o.plural === plural)
  const rows = data[plural]
  if (!obj || !rows) return problem(404, 'No such object')
  if (verb === 'board') return [200, board(plural, q)]
  if (verb === 'aggregate') return [200, aggregate(plural, q)]
  if (verb === 'query') return [200, listOf(plural, body)]
  if (verb === 'batchUpdate' || verb === 'batchDelete') {
    for (const r of rows) if (body.ids?.includes(r.id)) Object.assign(r, verb === 'batchDelete' ? { deleted_at: new Date().toISOString() } : body.set, { version: r.version + 1 })
    return [200, { data: [], batch: '77' }]
  }
  if (!id) {
    if (method === 'GET') return [200, listOf(plural, q)]
    const rec = { id: String(Date.now()), version: 1, created_at: new Date().toISOString(), updated_at: new Date().toISOString(), deleted_at: null, ...Object.fromEntries(obj.fields.map((x) => [x.name, null])), ...body }
    rec.label = labelOf(obj, rec)
    rows.unshift(rec)
    tick(obj.name, rec)
    return [201, plural === 'api_keys' ? { ...rec, key: 'kith_3f9a0c27b1d84e6f_T7wqPzXk2mVb9sLdRy4h' } : rec]
  }
  const [key, action] = id.split(':')
  const rec = rows.find((r) => r.id === key)
  if (!rec) return problem(404, 'No such record')
  if (sub === 'history') return [200, { data: [{ at: rec.updated_at, actor: { object: 'user', id: data.users[1].id, label: data.users[1].label }, channel: 'web', kind: 'update', version: rec.version, batch: '1', changes: [{ field: 'amount', label: 'Amount', before: { amount: '100.00', currency: 'EUR' }, after: rec.amount ?? null }] }], next_page_token: null }]
  if (sub === 'timeline') return [200, { data: data.activities.map((a) => ({ type: 'activity', at: a.due_at, record: a, source: a.deal, actor: a.owner, kind: a.kind })), next_page_token: null, counters: { note: 1, call: 2, meeting: 1, task: 3, open_tasks: 2, deals: 4, open_deals: 3, contacts: 2 } }]
  if (action === 'resetLink') return [200, { link: '/reset?token=R4nd0mT0k3n' }]
  if (method === 'PATCH') {
    const { version: _, ...values } = body
    for (const [k, v] of Object.entries(values)) if (typeof v === 'string' && rec[k]?.object) values[k] = { object: rec[k].object, id: v, label: (data[meta.objects.find((o) => o.name === rec[k].object).plural] ?? []).find((r) => r.id === v)?.label ?? v }
    Object.assign(rec, values, { version: rec.version + 1, updated_at: new Date().toISOString() })
    rec.label = labelOf(obj, rec)
    tick(obj.name, rec)
  }
  if (method === 'DELETE') {
    rec.deleted_at = new Date().toISOString()
    tick(obj.name, rec)
    return [204]
  }
  return [200, rec]
}

function answer(method, path, q, body) {
  const parts = path.split('/').filter(Boolean)
  if (path === '/setup' && method === 'GET') return [200, { needed: state.needed, languages: ['en', 'ru', 'pl'], countries: [['GB', 'GBP'], ['PL', 'PLN'], ['RU', 'RUB'], ['DE', 'EUR'], ['KZ', 'KZT'], ['LT', 'EUR']].map(([code, currency]) => ({ code, label: code, currency })) }]
  if (path === '/setup') {
    if (!/@/.test(body.email)) return problem(422, 'Invalid', { errors: [{ field: 'email', code: 'INVALID', message: 'Not an e-mail address' }] })
    setLanguage(body.language)
    state.signed = true
    return [200, me()]
  }
  if (path === '/session' && method === 'POST') {
    if (body.password === 'wrong') return problem(401, 'The e-mail or the password is wrong')
    state.signed = true
    return [200, me()]
  }
  if (path === '/password') return [204]
  if (!state.signed) return problem(401, 'Sign in first', { code: 'DENIED' })
  if (path === '/session') {
    state.signed = false
    return [204]
  }
  if (path === '/me') {
    if (method === 'PATCH') {
      if (body.language) setLanguage(body.language)
      if (body.theme) state.theme = body.theme
    }
    return [200, me()]
  }
  if (path === '/meta') return [200, makeMeta(q.lang ?? state.language)]
  if (path === '/today') return [200, today()]
  if (path === '/undo' || path.endsWith(':undo')) return [200, { undone: 1, skipped: [], batch: '78' }]
  if (path === '/demo') {
    state.demo = 0
    state.needed = false
    return [200, { id: '5', done: 0, total: 640, state: 'running' }]
  }
  if (parts[0] === 'operations') {
    state.demo = Math.min(640, state.demo + 160)
    return [200, { id: '5', done: state.demo, total: 640, state: state.demo === 640 ? 'done' : 'running' }]
  }
  if (path === '/search') {
    const hits = meta.objects.flatMap((o) => (data[o.plural] ?? []).filter((r) => r.label?.toLowerCase().includes(q.q.toLowerCase()) && (!q.object || q.object === o.name)).map((r) => ({ object: o.name, id: r.id, label: r.label, detail: r.account?.label ?? o.label, icon: o.icon })))
    return [200, { data: hits.slice(0, Number(q.limit ?? 20)) }]
  }
  return records(method, parts, q, body)
}

const server = createServer(async (req, res) => {
  const url = new URL(req.url, 'http://x')
  const path = decodeURIComponent(url.pathname.replace(/^\/api\/v1/, ''))
  if (path === '/feed') {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    res.write(': hello\n\n')
    streams.add(res)
    req.on('close', () => streams.delete(res))
    return
  }
  let text = ''
  for await (const chunk of req) text += chunk
  const [status, body] = answer(req.method, path, Object.fromEntries(url.searchParams), text && /json/.test(req.headers['content-type'] ?? '') ? JSON.parse(text) : {})
  res.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json' })
  res.end(body === undefined ? undefined : JSON.stringify(body))
})
server.listen(Number(process.argv[2] ?? 8081), '127.0.0.1', () => console.log(`mock on http://127.0.0.1:${server.address().port}`))
