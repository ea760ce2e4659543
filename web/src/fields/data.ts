// SPDX-License-Identifier: GPL-3.0-or-later
/* What inputs ask the server for: records by text, currencies, and what their combobox lines look like. */
import { createElement, useSyncExternalStore } from 'react'
import { QueryObserver, useQuery } from '@tanstack/react-query'
import { api, keys, queryClient, type Rec, type Ref } from '@/api'
import { findObject, useMeta, type Field, type Meta } from '@/meta'
import { Avatar, type ComboItem } from '@/ui'

export interface RefItem extends ComboItem { ref: Ref }

const ROUND = new Set(['user', 'contact'])

/** A combobox line of a reference. */
export function refItem(ref: Ref, detail?: string | null): RefItem {
  const label = ref.label ?? ref.id
  return { id: ref.object + ':' + ref.id, label, detail, ref, mark: createElement(Avatar, { name: label, size: 18, shape: ROUND.has(ref.object) ? 'round' : 'square' }) }
}

const toRef = (object: string, r: Rec): Ref => ({ object, id: r.id, label: r.label ?? r.id })

/** Records of one object found by text; the first ones by name when there is no text yet. */
export async function findRefs(meta: Meta, target: string | null | undefined, text: string, signal: AbortSignal): Promise<RefItem[]> {
  const object = findObject(meta, target)
  if (text.trim() === '' && object) {
    const page = await api.list(object.plural, { page_size: 12, ...(object.label_field && { order_by: sortableLabel(object) }) }, signal)
    return page.data.map(r => refItem(toRef(object.name, r)))
  }
  if (text.trim() === '') return []
  const hits = await api.search(text, { limit: 12, ...(object && { object: object.name }) }, signal)
  return hits.map(h => refItem({ object: h.object, id: h.id, label: h.label }, object ? h.detail : h.detail ?? findObject(meta, h.object)?.label))
}

function sortableLabel(object: { label_field?: string | null; fields: { name: string; sortable?: boolean }[] }): string | null {
  return object.fields.find(f => f.name === object.label_field)?.sortable ? object.label_field ?? null : null
}

/** The currency of the company. */
export const useCompanyCurrency = (): string => useMeta().company.currency

/** Codes of the currencies in use; only the company's own until they are known. */
export function useCurrencies(): string[] {
  const meta = useMeta(), own = meta.company.currency, object = findObject(meta, 'currency')
  const { data } = useQuery({
    queryKey: keys.list('currency', { page_size: 100 }), enabled: object !== null, staleTime: Infinity,
    queryFn: () => api.list(object!.plural, { page_size: 100 }),
  })
  const codes = (data?.data ?? []).map(r => String(r.code ?? r.label ?? '')).filter(c => /^[A-Z]{3}$/.test(c))
  return [...new Set([own, ...codes])]
}

/** A reference of which only the id is known (a filter's), with its label once it has come. */
export function useRefLabels(target: string | null | undefined, ids: string[]): Ref[] {
  const meta = useMeta(), object = findObject(meta, target)
  const { data } = useQuery({
    queryKey: ['many', object?.name ?? '', 'labels', [...ids].sort().join(',')], enabled: object !== null && ids.length > 0, staleTime: 300_000,
    queryFn: () => api.list(object!.plural, { filter: `id in [${ids.map(i => `'${i}'`).join(', ')}]`, page_size: 100 }),
  })
  return ids.map(id => ({ object: object?.name ?? '', id, label: data?.data.find(r => r.id === id)?.label ?? null }))
}

/** True for objects whose records carry a hue (stages): references to them are shown as coloured words. */
export const hasHue = (meta: Meta, object: string): boolean => findObject(meta, object)?.fields.some(f => f.name === 'color') ?? false

type Hues = Record<string, string>
const NO_HUES: Hues = {}
const toHues = (page: { data: Rec[] } | undefined): Hues => Object.fromEntries((page?.data ?? []).flatMap(r => typeof r.color === 'string' ? [[r.id, r.color]] : []))

interface HueStore { get: () => Hues; subscribe: (l: () => void) => () => void }
const stores = new Map<string, HueStore>()

/* One observer for all cells: a query hook in each of some hundred cells is felt. */
function hueStore(object: string, plural: string): HueStore {
  const known = stores.get(object)
  if (known) return known
  const query = { page_size: 200 }, listeners = new Set<() => void>()
  let hues = NO_HUES, stop: (() => void) | null = null
  const observer = new QueryObserver(queryClient, { queryKey: keys.list(object, query), staleTime: 600_000, queryFn: ({ signal }: { signal: AbortSignal }) => api.list(plural, query, signal) })
  const store: HueStore = {
    get: () => hues,
    subscribe: l => {
      listeners.add(l)
      stop ??= observer.subscribe(r => {
        if (!r.data) return
        hues = toHues(r.data)
        listeners.forEach(x => x())
      })
      return () => {
        listeners.delete(l)
        if (listeners.size) return
        stop?.()
        stop = null
      }
    },
  }
  stores.set(object, store)
  return store
}

/** Hues of an object's records by id; asked once. */
export function useHues(object: string): Hues {
  const store = hueStore(object, findObject(useMeta(), object)?.plural ?? object)
  return useSyncExternalStore(store.subscribe, store.get)
}

/** The columns of a many-to-many link: fields of the object between, without the two references that make the link. */
export function linkColumns(meta: Meta, field: Field): Field[] {
  const owner = meta.objects.find(o => o.fields.includes(field))?.name, ends = [field.target, owner]
  return (findObject(meta, field.through)?.fields ?? []).filter(f => !f.system && !f.computed && !(f.type === 'reference' && ends.includes(f.target)))
}
