/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shapes of the HTTP interface. */

/** A reference to a record. */
export interface Ref {
  object: string
  id: string
  label: string | null
}

export interface Money {
  amount: string
  currency: string
}

/** A record: system fields and the object's own by name. */
export interface Rec {
  id: string
  version: number
  label?: string | null
  [field: string]: unknown
}

export interface Page {
  data: Rec[]
  next_page_token: string | null
  total?: number
}

export interface ListQuery {
  filter?: string | null
  order_by?: string | null
  page_size?: number
  page_token?: string | null
  fields?: string[]
  /** true counts exactly, 'fast' may estimate. */
  total?: boolean | 'fast'
  as_of?: string | null
  q?: string | null
  deleted?: boolean
}

export interface BoardQuery {
  by: string
  filter?: string | null
  order_by?: string | null
  q?: string | null
  per?: number
  as_of?: string | null
}

export interface BoardColumn {
  value: Ref | string | null
  label: string
  color?: string | null
  count: number
  sum: Money | null
  data: Rec[]
  next_page_token: string | null
}

export interface AggregateQuery {
  group_by?: string[]
  measures: string[]
  filter?: string | null
  as_of?: string | null
  q?: string | null
}

export interface FieldChange {
  field: string
  label: string
  before: unknown
  after: unknown
}

export interface HistoryEntry {
  at: string
  actor: Ref | null
  channel: 'web' | 'api' | 'import' | 'cli' | 'system'
  kind: 'create' | 'update' | 'delete' | 'restore'
  version: number
  batch: string | null
  changes: FieldChange[]
}

export interface TimelineEntry {
  type: 'activity' | 'change'
  at: string
  record: Rec | null
  source: Ref | null
  actor: Ref | null
  kind: string
  changes?: FieldChange[]
}

export interface Timeline {
  data: TimelineEntry[]
  next_page_token: string | null
  counters?: Record<string, number>
}

export interface SearchHit {
  object: string
  id: string
  label: string
  detail?: string | null
  icon?: string | null
}

export interface Me extends Rec {
  language: string | null
  zone: string | null
  theme: 'light' | 'dark' | 'system' | null
  rights: Record<string, unknown>
  company: { name: string; currency: string; country: string; language: string }
}

export interface Setup {
  needed: boolean
  languages: string[]
  countries: { code: string; label: string; currency: string }[]
}

export interface SetupAnswer {
  token?: string
  language: string
  country: string
  company: string
  email: string
  name: string
  password: string
}

export interface Operation {
  id: string
  done: number
  total: number
  state: string
}

export interface Undone {
  undone: number
  skipped: { object: string; id: string; label: string; reason: string }[]
  batch: string | null
}

export interface BatchReply {
  data?: Rec[]
  batch?: string
  updated?: number
  deleted?: number
  count?: number
}

export type Figure = {
  key: string
  value: number | Money | { user: Ref; count: number }[] | null
  object?: string
  filter?: string | null
}

export interface Today {
  tasks: Rec[]
  leads: (Rec & { age_seconds?: number })[]
  deals: Rec[]
  figures: Figure[]
}
