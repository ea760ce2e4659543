/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shapes of the HTTP interface under the names used here.  They come from the server's own OpenAPI (schema.gen.ts);
   said in full is only what that document leaves open, or what the application sends in its own way. */
import type * as S from './schema.gen'
import type { Rec, Undone } from './schema.gen'

export type { HistoryEntry, Operation, Rec, Undone } from './schema.gen'

/** Values that may also be null here: nothing is sent for them. */
export type Loose<T> = { [K in keyof T]?: T[K] | null }

/** A reference to a record. */
export type Ref = S.Reference & { object: string }
export type Money = S.Money & { currency: string }
export type FieldChange = S.HistoryEntry['changes'][number]
export type Page = S.ListReply
export type TimelineEntry = Omit<S.TimelineEntry, 'record' | 'source'> & { record?: Rec | null; source?: Ref | null }
export type Timeline = Omit<S.GetTimelineReply, 'data'> & { data: TimelineEntry[] }
export type History = S.GetHistoryReply
export type SearchHit = S.SearchReply['data'][number]
export type Skipped = Undone['skipped'][number]
export type Setup = S.GetSetupReply
/** The token is that of the address printed by the server. */
export type SetupAnswer = Omit<S.SetUpBody, 'token'> & { token?: string }
export type Backups = S.ListBackupsReply
export type Backup = Backups['data'][number]
export type FormCounts = S.CountFormsReply
export type FormSnippet = S.GetFormSnippetReply
export type ChoiceOptions = S.GetOptionsReply
export type ChoiceOption = ChoiceOptions['options'][number]
export type Drops = S.ShowDropFoldersReply
export type DropState = Drops['data'][number]
export type DemoSize = NonNullable<S.LoadDemoBody['size']>

/** Lists are joined by commas when they travel in an address. */
export type ListQuery = Loose<Omit<S.QueryBody, 'fields' | 'total' | 'page_size' | 'deleted'>> & {
  fields?: string[]
  page_size?: number
  deleted?: boolean
  /** true counts exactly, 'fast' may estimate. */
  total?: boolean | 'fast'
}
export type BoardQuery = Loose<Omit<S.BoardParams, 'by' | 'per' | 'fields'>> & { by: string; per?: number; fields?: string[] }
export type AggregateQuery = Loose<Pick<S.AggregateParams, 'filter' | 'as_of' | 'q'>> & { measures: string[]; group_by?: string[] }
/** Which records a mass change is for: their ids, or a CEL filter. */
export type Target = Required<Pick<S.BatchUpdateBody, 'ids'>> | Required<Pick<S.BatchUpdateBody, 'filter'>>

/** A column; boards sum money. */
export type BoardColumn = Omit<S.BoardReply['columns'][number], 'value' | 'sum' | 'weighted' | 'next_page_token'> & { value: Ref | string | null; sum: Money | null; weighted?: Money | null; next_page_token: string | null }

/** What a mass change answers: a batch that can be taken back, or, for more than a thousand records, an operation. */
export type BatchReply = Partial<S.Operation> & {
  data?: Rec[]
  batch?: string | null
  created?: number
  updated?: number
  deleted?: number
}

export type Me = Rec & Omit<S.Me, 'company'> & {
  language: string | null
  zone: string | null
  theme: 'light' | 'dark' | 'system' | null
  company: { name: string; currency: string; country: string; language: string }
}

export interface Figure {
  key: string
  value: number | Money | { user: Ref; count: number }[] | null
  object?: string
  filter?: string | null
}

/** The four parts the server names, with what is in them. */
export interface Today extends Record<keyof S.GetTodayReply, unknown[]> {
  tasks: Rec[]
  leads: (Rec & { age_seconds?: number })[]
  deals: Rec[]
  debtors: Rec[]
  silent: Rec[]
  signals: Rec[]
  /** Own accounts whose next touch is overdue. */
  untouched: Rec[]
  figures: Figure[]
}
