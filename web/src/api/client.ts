/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every call the application makes, typed.  Objects are named by their plural, as in the addresses. */
import type { Meta } from '@/meta/types'
import { call, queryString } from './http'
import type { AggregateReply, BoardReply, GetParams, GetTimelineParams, MakeResetLinkReply, SearchParams, SearchReply, SetPasswordBody, SignInBody, UpdateOptionsBody } from './schema.gen'
import type {
  AggregateQuery, Backups, BatchReply, BoardColumn, BoardQuery, ChoiceOptions, DemoSize, Drops, FormCounts, FormSnippet, History, ListQuery, Loose, Me, Operation, Page, Rec, Setup, SetupAnswer, Target, Timeline, Today, Undone,
} from './types'

type Values = Record<string, unknown>

const post = <T>(path: string, body?: unknown) => call<T>(path, { method: 'POST', body })

/** Filters too long for an address go in a body. */
function list(plural: string, query: ListQuery = {}, signal?: AbortSignal): Promise<Page> {
  const text = queryString({ ...query })
  if (text.length < 1500) return call(`/${plural}${text}`, { signal })
  return call(`/${plural}:query`, { method: 'POST', body: query, signal })
}

export const api = {
  /** One page of records. */
  list,
  get: (plural: string, id: string, query: Loose<Pick<GetParams, 'as_of'>> & { fields?: string[]; deleted?: boolean } = {}, signal?: AbortSignal) =>
    call<Rec>(`/${plural}/${id}${queryString(query)}`, { signal }),
  create: (plural: string, values: Values) => post<Rec>(`/${plural}`, values),
  /** Changes the named fields.  With `version` the server merges what others changed meanwhile, or answers 409 with both sides. */
  patch: (plural: string, id: string, values: Values, version?: number) =>
    call<Rec>(`/${plural}/${id}`, { method: 'PATCH', body: version === undefined ? values : { ...values, version } }),
  remove: (plural: string, id: string) => call<void>(`/${plural}/${id}`, { method: 'DELETE' }),
  restore: (plural: string, id: string) => post<Rec>(`/${plural}/${id}:restore`),
  action: (plural: string, id: string, name: string, params: Values = {}) => post<Values>(`/${plural}/${id}:${name}`, params),
  batchCreate: (plural: string, data: Values[]) => post<BatchReply>(`/${plural}:batchCreate`, { data }),
  batchUpdate: (plural: string, target: Target, set: Values) => post<BatchReply>(`/${plural}:batchUpdate`, { ...target, set }),
  batchDelete: (plural: string, target: Target) => post<BatchReply>(`/${plural}:batchDelete`, target),
  /** Leaves the list to a file: an operation whose result.file.url gives it. */
  exportList: (plural: string, asked: Values) => post<Operation>(`/${plural}:export`, asked),
  /** Everything in one archive, for administrators; the same kind of operation. */
  exportAll: () => post<Operation>('/export'),
  undoBatch: (batch: string) => post<Undone>(`/batches/${batch}:undo`),
  /** Takes back the caller's last change. */
  undo: () => post<Undone>('/undo'),
  board: (plural: string, query: BoardQuery, signal?: AbortSignal) =>
    call<Record<keyof BoardReply, BoardColumn[]>>(`/${plural}:board${queryString({ ...query })}`, { signal }),
  aggregate: (plural: string, query: AggregateQuery, signal?: AbortSignal) =>
    call<AggregateReply>(`/${plural}:aggregate${queryString({ ...query })}`, { signal }),
  history: (plural: string, id: string, pageToken?: string | null, signal?: AbortSignal) =>
    call<History>(`/${plural}/${id}/history${queryString({ page_token: pageToken })}`, { signal }),
  timeline: (plural: string, id: string, query: Loose<Omit<GetTimelineParams, 'kinds'>> & { kinds?: string[] } = {}, signal?: AbortSignal) =>
    call<Timeline>(`/${plural}/${id}/timeline${queryString(query)}`, { signal }),
  search: (q: string, options: Omit<SearchParams, 'q'> = {}, signal?: AbortSignal) =>
    call<SearchReply>(`/search${queryString({ q, ...options })}`, { signal }).then((r) => r.data),
  upload: (file: File) => call<Rec>('/files', { method: 'POST', body: file, headers: { 'X-File-Name': encodeURIComponent(file.name), 'Content-Type': file.type || 'application/octet-stream' } }),
  /** Where a file's bytes are. */
  fileHref: (id: string) => `/api/v1/files/${id}/content`,

  meta: (language: string) => call<Meta>(`/meta${queryString({ lang: language })}`),
  me: () => call<Me>('/me'),
  patchMe: (values: Values) => call<Me>('/me', { method: 'PATCH', body: values }),
  today: () => call<Today>('/today'),
  setup: () => call<Setup>('/setup'),
  runSetup: (answer: SetupAnswer) => post<Me>('/setup', answer),
  signIn: (email: string, password: string, code?: string) => post<Me>('/session', { email, password, code } satisfies SignInBody),
  signOut: () => call<void>('/session', { method: 'DELETE' }),
  setPassword: (token: string, password: string) => post<void>('/password', { token, password } satisfies SetPasswordBody),
  changePassword: (current: string, password: string) => post<void>('/password', { current, password } satisfies SetPasswordBody),
  resetLink: (userId: string) => post<MakeResetLinkReply>(`/users/${userId}:resetLink`),
  startDemo: (size: DemoSize) => post<Operation>('/demo', { size }),
  removeDemo: () => call<Operation>('/demo', { method: 'DELETE' }),
  backups: () => call<Backups>('/backups'),
  makeBackup: () => post<Operation>('/backups'),
  verifyBackup: (name: string) => post<Operation>('/backups:verify', { name }),
  resumeJobs: () => post<void>('/jobs:resume'),
  formCounts: () => call<FormCounts>('/web_forms:counts'),
  formSnippet: (id: string) => call<FormSnippet>(`/web_forms/${id}:snippet`),
  drops: () => call<Drops>('/drop_folders:state'),
  lookIntoDrops: () => post<void>('/drop_folders:look', {}),
  /** The options of a choice as those see them who change them: in all languages, the hidden ones too. */
  choice: (plural: string, field: string) => call<ChoiceOptions>(`/meta/${plural}/${field}`),
  changeChoice: (plural: string, field: string, body: UpdateOptionsBody) => call<ChoiceOptions>(`/meta/${plural}/${field}`, { method: 'PATCH', body }),
  operation: (id: string) => call<Operation>(`/operations/${id}`),
}
