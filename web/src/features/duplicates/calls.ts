/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server is asked about duplicates. */
import type { Operation, Rec } from '@/api'
import { call, queryString } from '@/api/http'

export type State = 'open' | 'dismissed' | 'merged'
export interface Group { score: string; batch: string | null; records: Rec[] }
export interface Groups { data: Group[]; next_page_token: string | null; total: number; scanned_at: string | null }
export interface Likely { score: string; fields: string[]; record: Rec }

const post = <T>(path: string, body: unknown) => call<T>(path, { method: 'POST', body })

export const duplicates = {
  list: (object: string, state: State, pageToken: string | null, signal?: AbortSignal) =>
    call<Groups>(`/duplicates${queryString({ object, state, page_token: pageToken })}`, { signal }),
  scan: (object: string) => post<Operation>('/duplicates:scan', { object }),
  mergeAll: (object: string, least: string) => post<Operation>('/duplicates:merge', { object, least }),
  dismiss: (object: string, ids: string[]) => post<void>('/duplicates:dismiss', { object, ids }),
  reopen: (object: string, ids: string[]) => post<void>('/duplicates:reopen', { object, ids }),
  merge: (plural: string, into: string, ids: string[], choose: Record<string, string>) =>
    post<{ record: Rec; batch: string } | (Operation & { batch: string })>(`/${plural}/${into}:merge`, { ids, choose }),
  match: (plural: string, values: Record<string, unknown>, signal?: AbortSignal) =>
    call<{ data: Likely[] }>(`/${plural}:match`, { method: 'POST', body: values, signal }).then((r) => r.data),
}
