/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Query keys in one place: the live feed invalidates by them. */
import type { AggregateQuery, BoardQuery, ListQuery } from './types'

export const keys = {
  meta: (language: string) => ['meta', language] as const,
  me: ['me'] as const,
  setup: ['setup'] as const,
  today: ['today'] as const,
  operation: (id: string) => ['operation', id] as const,
  search: (q: string, object?: string) => ['search', q, object ?? ''] as const,
  /** Everything that shows many records of an object. */
  many: (object: string) => ['many', object] as const,
  list: (object: string, query: ListQuery) => ['many', object, 'list', query] as const,
  board: (object: string, query: BoardQuery) => ['many', object, 'board', query] as const,
  aggregate: (object: string, query: AggregateQuery) => ['many', object, 'aggregate', query] as const,
  /** Everything that shows one record. */
  one: (object: string, id: string) => ['one', object, id] as const,
  record: (object: string, id: string, asOf?: string | null) => ['one', object, id, 'record', asOf ?? ''] as const,
  history: (object: string, id: string) => ['one', object, id, 'history'] as const,
  timeline: (object: string, id: string, kinds: string[] = []) => ['one', object, id, 'timeline', kinds] as const,
}
