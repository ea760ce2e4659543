// SPDX-License-Identifier: GPL-3.0-or-later
/* What the server is asked for dashboards and reports. */
import type { Money, Rec, Ref } from '@/api'
import { call, queryString } from '@/api/http'

export const REPORTS = ['sales', 'funnel', 'stages', 'activity', 'customers', 'lead_costs'] as const
export type ReportName = (typeof REPORTS)[number]
export const KINDS = ['number', 'bar', 'line', 'funnel', 'table'] as const
export type TileKind = (typeof KINDS)[number]
export const WIDTHS = ['sixth', 'third', 'half', 'full'] as const

export interface TileDef {
  name: string; kind: TileKind; width: (typeof WIDTHS)[number]
  report: ReportName | null; object: string | null; filter: string | null; group_by: string | null; measure: string | null; period_field: string | null; drill: string | null
}
export type Tile = Rec & TileDef & { dashboard: Ref; position: number | null }

export interface PeriodInfo { period: string; until: string; start: string; end: string; before: string }
export interface ReportColumn { key: string; kind: 'integer' | 'money' | 'percent' | 'decimal' | 'timestamp'; object?: string; filter?: string; groups?: string }
export type ReportRow = Record<string, unknown> & { filters?: Record<string, string> }
export interface Report { period: PeriodInfo; currency: string; object: string; groups: string[]; columns: ReportColumn[]; data: ReportRow[]; total: ReportRow | null }
export interface ReportQuery { period?: string; group_by?: string; filter?: string; kind?: string }

export const isMoney = (v: unknown): v is Money => typeof v === 'object' && v !== null && 'amount' in v

export const reports = {
  period: (period: string, signal?: AbortSignal) => call<PeriodInfo>('/periods' + queryString({ period: period || undefined }), { signal }),
  get: (name: ReportName, query: ReportQuery, signal?: AbortSignal) => call<Report>(`/reports/${name}` + queryString({ ...query }), { signal }),
}

/** What the numbers of a report are made of: it is asked again when these change. */
export const MADE_OF: Record<ReportName, string> = { sales: 'deal', funnel: 'deal', stages: 'deal', activity: 'activity', customers: 'deal', lead_costs: 'lead' }
/** Which parameters a report takes beside the period. */
export const TAKES: Record<ReportName, { group: boolean; filter: boolean }> = {
  sales: { group: true, filter: true }, funnel: { group: true, filter: true }, stages: { group: false, filter: false },
  activity: { group: true, filter: false }, customers: { group: false, filter: false }, lead_costs: { group: true, filter: false },
}
