/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server is asked about imports. */
import { api, type Operation, type Rec } from '@/api'
import { call, Problem, queryString } from '@/api/http'

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
  new_options?: string[] | true | Record<string, true | string[]>
  restore?: boolean
  rest?: 'note' | 'drop'
  [more: string]: unknown
}
export interface Table { name: string; file: string; object: string | null; rows: number | null; profile: string | null; profile_label: string | null; mapping: Mapping | null; columns: Column[] }
export interface Analysis { tables: Table[]; kind: string; encoding: string | null; separator: string | null; profile: string | null; profile_label: string | null }
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
  samples: Sample[]; reasons: Note[]; notes: Note[]; new_options: { field: string; label: string; value: string; rows: number }[]
}
export interface UndoResult { undone: number; skipped: (RecordRef & { reason: string })[] }
export interface Profile { id: string; name: string; mapping: Mapping }

const post = <T>(path: string, body: unknown = {}) => call<T>(path, { method: 'POST', body })
const verb = (name: string) => (id: string) => post<Operation>(`/import_runs/${id}:${name}`)

/* Sent by the older way, which tells how far it is. */
function send(path: string, file: File, onShare: (share: number) => void): Promise<Run> {
  return new Promise((resolve, reject) => {
    const x = new XMLHttpRequest()
    x.open('POST', '/api/v1' + path)
    x.setRequestHeader('Accept', 'application/json')
    x.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
    x.upload.onprogress = (e) => { if (e.lengthComputable) onShare(e.loaded / e.total) }
    x.onerror = () => reject(new Problem(0, {}, `${file.name}: ${x.statusText}`))
    x.onload = () => {
      const isJson = /json/.test(x.getResponseHeader('content-type') ?? ''), body: unknown = isJson ? JSON.parse(x.responseText) : {}
      if (x.status < 300) resolve(body as Run)
      else reject(new Problem(x.status, body as object, `${x.status} ${x.statusText}`))
    }
    x.send(file)
  })
}

export const imports = {
  recent: (signal?: AbortSignal) => api.list('import_runs', { order_by: '-created_at', page_size: 20, total: false }, signal).then(p => p.data as Run[]),
  run: (id: string, signal?: AbortSignal) => api.get('import_runs', id, {}, signal) as Promise<Run>,
  upload: (file: File, run: string | undefined, onShare: (share: number) => void) => send(`/import_runs:upload${queryString({ name: file.name, run })}`, file, onShare),
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
