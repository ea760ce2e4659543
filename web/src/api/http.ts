/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only fetch() of the application, and the error every failed call throws. */
import type { Rec } from './types'

export interface FieldProblem {
  field: string
  code?: string
  message: string
}

/** A failed call.  `message` is the server's text, already in the user's language. */
export class Problem extends Error {
  status: number
  code: string
  errors: FieldProblem[]
  requestId: string | null
  /** On a conflict (409): the record as it is now. */
  current: Rec | null

  constructor(status: number, body: Partial<{ title: string; detail: string; code: string; errors: FieldProblem[]; request_id: string; current: Rec }>, fallback: string) {
    super(body.detail || body.title || fallback)
    this.name = 'Problem'
    this.status = status
    this.code = body.code ?? (status === 0 ? 'OFFLINE' : 'INTERNAL')
    this.errors = body.errors ?? []
    this.requestId = body.request_id ?? null
    this.current = body.current ?? null
  }

  /** Messages by field name, for forms. */
  get byField(): Record<string, string> {
    return Object.fromEntries(this.errors.filter((e) => e.field).map((e) => [e.field, e.message]))
  }
}

/** True when `error` says the caller is not signed in. */
export const isSignedOut = (error: unknown) => error instanceof Problem && error.status === 401
/** True when the caller has no right to it. */
export const isDenied = (error: unknown) => error instanceof Problem && error.status === 403
/** True when there is no such record (or he may not know of it). */
export const isMissing = (error: unknown) => error instanceof Problem && error.status === 404

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

type Listener = (online: boolean) => void
let online = true
const listeners = new Set<Listener>()
const setOnline = (now: boolean) => {
  if (now === online) return
  online = now
  listeners.forEach((l) => l(now))
}

/** Whether the last call reached the server, and a subscription to that. */
export const connection = {
  isOnline: () => online,
  subscribe: (l: Listener) => {
    listeners.add(l)
    return () => void listeners.delete(l)
  },
}

let tellWarning = (_text: string) => {}
/** Who is told what a write was done with all the same: "over the credit limit". */
export const setWarningListener = (tell: (text: string) => void) => {
  tellWarning = tell
}
const warn = (data: unknown) => {
  for (const w of (data as { warnings?: FieldProblem[] } | null)?.warnings ?? []) tellWarning(w.message)
}

let offlineText = 'The server cannot be reached.'
/** Gives errors of the connection their text in the user's language. */
export const setOfflineText = (text: string) => {
  offlineText = text
}

const BASE = '/api/v1'

const writes = new Set<Promise<unknown>>()
/** Resolves when all writes that are under way have been answered: what is taken back has to be there first. */
export const written = () => Promise.allSettled(writes)

/** Calls `path` under /api/v1 and gives the JSON answer; throws Problem. */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  let body: BodyInit | undefined
  if (options.body instanceof Blob) body = options.body
  else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(options.body)
  }
  let reply: Response
  const method = options.method ?? 'GET', asked = fetch(BASE + path, { method, headers, body, signal: options.signal, credentials: 'same-origin' })
  if (method !== 'GET') {
    writes.add(asked)
    const end = () => void writes.delete(asked)
    asked.then(end, end)
  }
  try {
    reply = await asked
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    setOnline(false)
    throw new Problem(0, {}, offlineText)
  }
  if (reply.status === 502 || reply.status === 504) {
    setOnline(false)
    throw new Problem(0, {}, offlineText)
  }
  setOnline(true)
  if (reply.status === 204) return undefined as T
  const isJson = /json/.test(reply.headers.get('content-type') ?? '')
  const data: unknown = isJson ? await reply.json().catch(() => ({})) : {}
  if (!reply.ok) throw new Problem(reply.status, data as object, `${reply.status} ${reply.statusText}`)
  warn(data)
  return data as T
}

/** "?a=1&b=2" of the values that are there; lists are joined by commas. */
export function queryString(values: Record<string, unknown>): string {
  const q = new URLSearchParams()
  for (const [k, v] of Object.entries(values)) {
    if (v === undefined || v === null || v === '' || v === false) continue
    q.set(k, Array.isArray(v) ? v.join(',') : String(v))
  }
  const text = q.toString()
  return text ? '?' + text : ''
}
