// SPDX-License-Identifier: GPL-3.0-or-later
/* Lists as pages by key, and the one place that changes records in the cache before the server answers. */
import { useMemo } from 'react'
import { useInfiniteQuery, type InfiniteData } from '@tanstack/react-query'
import { api, keys, queryClient, type ListQuery, type Page, type Rec } from '@/api'
import type { ObjectMeta } from '@/meta'
import { putCard, type BoardData } from './boardModel'

export const PAGE = 60

export interface Records {
  rows: Rec[]
  total: number | undefined
  isLoading: boolean
  isFetching: boolean
  error: Error | null
  hasMore: boolean
  loadMore: () => void
  retry: () => void
}

/** The records of a query, page after page; the count comes with the first page. */
export function useRecords(object: ObjectMeta, query: ListQuery, enabled = true): Records {
  const q = useInfiniteQuery({
    queryKey: keys.list(object.name, query),
    queryFn: ({ pageParam, signal }) => api.list(object.plural, { page_size: PAGE, ...query, page_token: pageParam, total: pageParam ? undefined : query.total ?? 'fast' }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: last => last.next_page_token,
    enabled,
  })
  const pages = q.data?.pages
  const rows = useMemo(() => pages?.flatMap(p => p.data) ?? [], [pages])
  return {
    rows, total: pages?.[0]?.total, isLoading: q.isLoading, isFetching: q.isFetching, error: q.error, hasMore: q.hasNextPage,
    loadMore: () => { if (q.hasNextPage && !q.isFetchingNextPage) void q.fetchNextPage() },
    retry: () => void q.refetch(),
  }
}

type Cached = InfiniteData<Page> | BoardData | Page | undefined

function mapRecords(data: Cached, change: (r: Rec) => Rec): Cached {
  if (!data) return data
  const page = (p: Page): Page => p.data.some(r => change(r) !== r) ? { ...p, data: p.data.map(change) } : p
  if ('pages' in data) return { ...data, pages: data.pages.map(page) }
  if ('columns' in data) return { columns: data.columns.map(c => ({ ...c, data: c.data.map(change) })) }
  return Array.isArray((data as Page).data) ? page(data as Page) : data
}

/** Puts a record where lists, boards and its own page show it. */
export function putRecord(object: string, rec: Rec): void {
  queryClient.setQueriesData<Cached>({ queryKey: keys.many(object) }, d => d && 'columns' in d ? putCard(d, { ...find(d, rec.id), ...rec })
    : mapRecords(d, r => r.id === rec.id ? { ...r, ...rec } : r))
  queryClient.setQueryData<Rec>(keys.record(object, rec.id), r => r ? { ...r, ...rec } : r)
}

const find = (b: BoardData, id: string) => b.columns.flatMap(c => c.data).find(r => r.id === id)

/** Ends the fetching again of what is shown, whose answer may be older than the change that is about to be shown. */
export const calm = (object: string) => queryClient.cancelQueries({ predicate: q => q.queryKey[0] === 'many' && q.queryKey[1] === object && q.state.data !== undefined && !q.state.fetchMeta })

/** Changes some fields of a cached record at once; the returned function takes it back. */
export function optimistic(object: string, id: string, values: Record<string, unknown>): () => void {
  const lists = queryClient.getQueriesData<Cached>({ queryKey: keys.many(object) })
  const own = queryClient.getQueryData<Rec>(keys.record(object, id))
  queryClient.setQueriesData<Cached>({ queryKey: keys.many(object) }, d => mapRecords(d, r => r.id === id ? { ...r, ...values } : r))
  if (own) queryClient.setQueryData<Rec>(keys.record(object, id), { ...own, ...values })
  return () => {
    for (const [key, data] of lists) queryClient.setQueryData(key, data)
    if (own) queryClient.setQueryData(keys.record(object, id), own)
  }
}
