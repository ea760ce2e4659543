/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server is asked about imports. */
import { api, type Operation, type Rec } from '@/api'
import { call, queryString } from '@/api/http'

export interface Column {
  heading: string
  samples: string[]
  field: string | null
  confidence: number
  alternatives: string[]
  /** "date dmy", "date ?" (could be read in two ways), "number", "phone"… */
  kind: string
  is_left_out: boolean
  unknown_values: { value: string; rows: number }[]
}
export interface Mapping {
  table: string
  object: string
  columns: Record<string, string | string[] | null>
  match?: string | string[]
  mode?: 'create' | 'update' | 'upsert'
  values?: Record<string, Record<string, string>>
  dates?: string | Record<string, string>
  new_options?: string[]
  restore?: boolean
  rest?: 'note' | 'drop'
  [more: string]: unknown
}
export interface Table { name: string; file: string; object: string | null; rows: number; profile: string | null; mapping: Mapping | null; columns: Column[] }
export interface Analysis { tables: Table[]; kind: string; encoding: string | null; separator: string | null; profile: string | null }
export type RunState = 'draft' | 'ready' | 'running' | 'paused' | 'done' | 'failed' | 'undoing' | 'redoing' | 'undone'
export type Run = Rec & {
  name: string; state: RunState; object: string | null; mapping: Mapping | Mapping[] | null; total: number | null; created: number | null; updated: number | null
  unchanged: number | null; refused: number | null; notes: Note[] | null; job: string | null; error: string | null; created_at: string
}
export interface Note { text: string; rows: number }
export interface RecordRef { object: string; id: string; label: string }
export type Outcome = 'new' | 'changed' | 'unchanged' | 'conflict' | 'refused' | 'deleted' | 'duplicate'
export interface Sample {
  line: number; outcome: Outcome; label: string; record: RecordRef | null; reasons: string[]; matches: (RecordRef & { score?: string })[]
  changes: { field: string; label: string; before: string | null; after: string | null }[]
}
export interface PreviewResult {
  new: number; changed: number; unchanged: number; conflicts: number; refused: number; deleted: number; duplicates: number; rows: number
  samples: Sample[]; reasons: Note[]; notes: Note[]
}
export interface UndoResult { undone: number; skipped: (RecordRef & { reason: string })[] }
export interface Profile { id: string; name: string; mapping: Mapping }

const post = <T>(path: string, body: unknown = {}) => call<T>(path, { method: 'POST', body })
const verb = (name: string) => (id: string) => post<Operation>(`/import_runs/${id}:${name}`)

export const imports = {
  recent: (signal?: AbortSignal) => api.list('import_runs', { order_by: '-created_at', page_size: 20, total: false }, signal).then(p => p.data as Run[]),
  run: (id: string, signal?: AbortSignal) => api.get('import_runs', id, {}, signal) as Promise<Run>,
  upload: (file: File, run?: string) => call<Run>(`/import_runs:upload${queryString({ name: file.name, run })}`, { method: 'POST', body: file, headers: { 'Content-Type': file.type || 'application/octet-stream' } }),
  analysis: (id: string, object?: string, signal?: AbortSignal) => call<Analysis>(`/import_runs/${id}:analysis${queryString({ object })}`, { signal }),
  plan: (id: string, mapping: Mapping | Mapping[]) => post<Run>(`/import_runs/${id}:plan`, { mapping }),
  preview: verb('preview'),
  start: verb('start'),
  pause: verb('pause'),
  resume: verb('resume'),
  undo: verb('undo'),
  redo: verb('redo'),
  refusedHref: (id: string) => `/api/v1/import_runs/${id}:refused`,
  profiles: (signal?: AbortSignal) => api.list('import_profiles', { order_by: 'name', page_size: 200 }, signal).then(p => p.data as unknown as Profile[]),
  saveProfile: (name: string, mapping: Mapping) => api.create('import_profiles', { name, object: mapping.object, mapping, shared: true }),
}
