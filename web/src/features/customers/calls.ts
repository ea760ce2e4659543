// SPDX-License-Identifier: GPL-3.0-or-later
/* What the server is asked about how customers buy. */
import type { Money, Ref } from '@/api'
import { call, queryString } from '@/api/http'

export const STATES = ['lost', 'due', 'buying', 'new'] as const
export type State = (typeof STATES)[number]
export interface Buyer {
  account: Ref
  owner: Ref | null
  family?: string | null
  state: State
  purchases: number
  first: string
  last: string
  usual_days: string | null
  expected: string | null
  silent_days: number
  net: Money
}
export interface Buying { as_of: string; group_by: 'account' | 'family'; counts: Record<State, number>; data: Buyer[] }
export interface Flow { by: string; months: string[]; data: { month: string; from: string | null; to: string | null; count: number }[] }
export interface Space { families: string[]; accounts: Ref[]; data: { account: Ref; family: string; net: Money; last: string; state: State }[] }

export const buyingOf = (query: { group_by: string; state?: string; as_of?: string; account?: string }, signal?: AbortSignal) => call<Buying>('/buying' + queryString(query), { signal })
export const flowOf = (by: string, signal?: AbortSignal) => call<Flow>('/life_flow' + queryString({ by }), { signal })
export const spaceOf = (account: string, signal?: AbortSignal) => call<Space>(`/accounts/${account}:white_space`, { signal })
