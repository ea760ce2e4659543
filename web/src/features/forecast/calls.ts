// SPDX-License-Identifier: GPL-3.0-or-later
/* What the server is asked about the forecast. */
import type { Money, Operation, Ref } from '@/api'
import { call, queryString } from '@/api/http'

export type By = 'owner' | 'team' | 'territory' | 'family'
export const COLUMNS = ['pipeline', 'best_case', 'commit', 'closed', 'forecast', 'quota', 'attainment', 'weighted', 'historical', 'trend'] as const
export type Column = (typeof COLUMNS)[number]

export type Cells = Record<Exclude<Column, 'attainment' | 'quota' | 'trend'>, Money> & { quota: Money | null; trend: Money | null; attainment: string | null }
export interface Adjusted { amount: Money; note: string | null; by: Ref | null; at: string }
export type Row = Cells & { period: string; parent: Ref | null; below: Cells | null; adjusted: Adjusted | null } & Partial<Record<Exclude<By, 'family'>, Ref | null>> & { family?: string | null }
export interface PeriodInfo { period: string; start: string; end: string }
export interface Forecast { as_of: string | null; by_dates: boolean; currency: string; periods: PeriodInfo[]; data: Row[]; total: (Cells & { period: string })[] }
export interface Bridge { from: string; to: string; period: PeriodInfo; currency: string; parts: { part: string; amount: Money; count: number }[] }

export const forecasts = {
  get: (query: { period?: string; group_by: By; as_of?: string }, signal?: AbortSignal) => call<Forecast>('/forecast' + queryString(query), { signal }),
  bridge: (query: { period: string; from: string; to?: string }, signal?: AbortSignal) => call<Bridge>('/forecast:bridge' + queryString(query), { signal }),
}

export interface Hierarchy { accounts: number; open_amount: Money; won_amount: Money; data: { account: Ref; parent: Ref | null; depth: number; open_amount: Money; won_amount: Money }[] }
export interface Moves { day: string; moved: number; summary: { from: Ref | null; to: Ref | null; count: number }[]; data: { account: Ref; from: Ref | null; to: Ref | null }[] }

export const territories = {
  preview: (day: string, signal?: AbortSignal) => call<Moves>('/territories:preview', { method: 'POST', body: day ? { day } : {}, signal }),
  apply: () => call<Operation>('/territories:apply', { method: 'POST', body: {} }),
}
export const hierarchyOf = (account: string, signal?: AbortSignal) => call<Hierarchy>(`/accounts/${account}:hierarchy`, { signal })
