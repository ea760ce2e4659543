// SPDX-License-Identifier: GPL-3.0-or-later
/* The views of an object: those it comes with, and those people saved (ordinary records of saved_view). */
import { useMemo } from 'react'
import { useQuery } from '@tanstack/react-query'
import { api, keys, useWatch, type Rec, type Ref } from '@/api'
import { quote } from '@/fields/filterKit'
import { useT } from '@/i18n'
import { findObject, useMe, useMeta, type ObjectMeta } from '@/meta'
import type { ListView } from '../list/state'

const text = (v: unknown) => typeof v === 'string' ? v : ''

/** A saved view as the list wants it. */
export function fromRecord(r: Rec, me: string): ListView {
  const columns = Array.isArray(r.columns) ? r.columns.filter((c): c is string => typeof c === 'string') : null
  return {
    key: r.id, label: text(r.name) || (r.label ?? ''), filter: text(r.filter), order_by: text(r.order_by), columns: columns?.length ? columns : null,
    layout: r.kind === 'board' ? 'board' : 'list', saved: { id: r.id, version: r.version, shared: r.shared === true, mine: (r.owner as Ref | null)?.id === me },
  }
}

/** Built-in views first; one that shows all is always there. */
export function useViews(object: ObjectMeta): { views: ListView[]; canSave: boolean; isReady: boolean } {
  const t = useT(), meta = useMeta(), me = useMe(), saved = findObject(meta, 'saved_view')
  useWatch(saved?.name)
  const query = { filter: `object == ${quote(object.name)}`, page_size: 100 }
  const { data, isLoading } = useQuery({
    queryKey: keys.list('saved_view', query), enabled: saved !== null, staleTime: 60_000, queryFn: ({ signal }) => api.list(saved!.plural, query, signal),
  })
  const views = useMemo(() => {
    const own = (object.views ?? []).map((v): ListView => ({ key: v.key, label: v.label, filter: v.filter ?? '', order_by: v.order_by ?? '', columns: v.columns?.length ? v.columns : null, layout: 'list' }))
    const all: ListView[] = own.some(v => v.filter === '') ? [] : [{ key: 'all', label: t('list.all'), filter: '', order_by: '', columns: null, layout: 'list' }]
    return [...all, ...own, ...(data?.data ?? []).map(r => fromRecord(r, me.id))]
  }, [object, data, me.id, t])
  return { views, canSave: saved?.rights.create ?? false, isReady: !isLoading }
}
