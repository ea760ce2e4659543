/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata and who asks: loaded once before the shell shows, then always at hand without waiting. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api, keys, type Me, type Rec, type Ref } from '@/api'
import { useI18n } from '@/i18n'
import type { Field, Meta, ObjectMeta } from './types'

export type * from './types'

/** The metadata query; the shell waits for it, pages use useMeta.  While another language is on its way, that of any language. */
export function useMetaQuery(enabled: boolean) {
  const { language } = useI18n()
  const client = useQueryClient()
  const any = () => client.getQueriesData<Meta>({ queryKey: ['meta'] }).find(([, data]) => data)?.[1]
  return useQuery({ queryKey: keys.meta(language), queryFn: () => api.meta(language), staleTime: Infinity, enabled, placeholderData: (old) => old ?? any() })
}

/** The metadata, inside the shell. */
export function useMeta(): Meta {
  const { data } = useMetaQuery(true)
  if (!data) throw new Error('useMeta before the metadata is there')
  return data
}

/** The signed-in user, inside the shell. */
export function useMe(): Me {
  const me = useQueryClient().getQueryData<Me>(keys.me)
  const { data } = useQuery({ queryKey: keys.me, queryFn: api.me, staleTime: Infinity, initialData: me })
  if (!data) throw new Error('useMe before sign-in')
  return data
}

/** An object by its name ("deal") or plural ("deals"); null when there is none or it may not be read. */
export const findObject = (meta: Meta, name: string | null | undefined): ObjectMeta | null =>
  meta.objects.find((o) => o.name === name || o.plural === name) ?? null

/** An object by name or plural, inside the shell. */
export const useObject = (name: string | null | undefined): ObjectMeta | null => findObject(useMeta(), name)

/** A field of an object by its name. */
export const fieldOf = (object: ObjectMeta, name: string): Field | null => object.fields.find((f) => f.name === name) ?? null

/** What a record is called on screen: its label; of one without (a note), the start of its text; else what it is. */
export function nameOf(object: ObjectMeta, rec: Rec): string {
  if (rec.label) return rec.label
  const text = object.fields.filter((f) => f.type === 'longtext').map((f) => rec[f.name]).find((v) => typeof v === 'string' && v.trim() !== '')
  return text ? String(text).trim().split('\n')[0]!.slice(0, 80) : object.label
}

/** Where a record's page is. */
export function recordHref(meta: Meta, ref: Pick<Ref, 'object' | 'id'>): string {
  const object = findObject(meta, ref.object)
  return `/o/${object?.plural ?? ref.object}/${ref.id}`
}

/** Where an object's list is, with a filter, order, view or text. */
export function listHref(object: Pick<ObjectMeta, 'plural'>, query: { filter?: string | null; order_by?: string | null; view?: string; q?: string; layout?: string } = {}): string {
  const q = new URLSearchParams()
  for (const [k, v] of Object.entries(query)) if (v) q.set(k, v)
  const text = q.toString()
  return `/o/${object.plural}${text ? '?' + text : ''}`
}
