/* SPDX-License-Identifier: GPL-3.0-or-later */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { api } from './client'
import { feedAddress } from './feed'
import { connection, Problem, queryString } from './http'

const reply = (status: number, body: unknown, type = 'application/json') => vi.fn(() => Promise.resolve(new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { 'content-type': type } })))
const sent = () => vi.mocked(fetch).mock.calls[0]!

afterEach(() => vi.unstubAllGlobals())

describe('calls', () => {
  it('leave out what is not set', () => expect(queryString({ a: '', b: null, c: 0, d: ['x', 'y'], e: true, f: false })).toBe('?c=0&d=x%2Cy&e=true'))
  it('send a long filter in a body', async () => {
    vi.stubGlobal('fetch', reply(200, { data: [], next_page_token: null }))
    await api.list('deals', { filter: 'x'.repeat(2000) })
    expect(sent()[0]).toBe('/api/v1/deals:query')
    expect(sent()[1]?.method).toBe('POST')
  })
  it('send the version with a change', async () => {
    vi.stubGlobal('fetch', reply(200, { id: '1', version: 4 }))
    await api.patch('deals', '1', { name: 'x' }, 3)
    expect(JSON.parse(sent()[1]!.body as string)).toEqual({ name: 'x', version: 3 })
  })
  it('throw the problem with its fields and the record as it is', async () => {
    vi.stubGlobal('fetch', reply(409, { title: 'Conflict', detail: 'Changed by Anna', code: 'CONFLICT', errors: [{ field: 'amount', message: 'both' }], current: { id: '1', version: 9 } }, 'application/problem+json'))
    const error = await api.patch('deals', '1', {}).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(Problem)
    expect(error).toMatchObject({ status: 409, code: 'CONFLICT', message: 'Changed by Anna', byField: { amount: 'both' }, current: { version: 9 } })
  })
  it('notice that the server is away and back', async () => {
    vi.stubGlobal('fetch', vi.fn(() => Promise.reject(new TypeError('failed'))))
    await expect(api.me()).rejects.toMatchObject({ status: 0, code: 'OFFLINE' })
    expect(connection.isOnline()).toBe(false)
    vi.stubGlobal('fetch', reply(200, {}))
    await api.me()
    expect(connection.isOnline()).toBe(true)
  })
})

it('the feed asks for records and objects once each', () => {
  expect(feedAddress(['deal', 'deal:2', 'deal:1', 'lead', 'deal'])).toBe('/api/v1/feed?watch=deal%3A1%2Cdeal%3A2&objects=deal%2Clead')
})
