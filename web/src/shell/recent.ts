/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records opened last, kept in this browser, offered by the palette before anything is typed. */
import { useEffect } from 'react'
import { useQuery } from '@tanstack/react-query'
import { api, keys, type Rec } from '@/api'
import { findObject, useMeta } from '@/meta'

export interface Recent {
  object: string
  id: string
  label: string
}

const KEY = 'kith.recent'
const MOST = 8

/** The list with `one` first, without its older place, at most eight. */
export const withRecent = (list: Recent[], one: Recent): Recent[] =>
  [one, ...list.filter((r) => r.object !== one.object || r.id !== one.id)].slice(0, MOST)

/** The records opened last. */
export function recents(): Recent[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(list) ? list.filter((r: Recent) => r?.object && r.id && r.label) : []
  } catch {
    return []
  }
}

/** Forgets them (at sign-out). */
export const forgetRecents = () => localStorage.removeItem(KEY)

/** Remembers the record whose page `path` is, once its label is known. */
export function useRemember(path: string): void {
  const meta = useMeta()
  const [, plural, id] = /^\/o\/([^/]+)\/([^/?]+)/.exec(path) ?? []
  const object = findObject(meta, plural)?.name ?? ''
  const { data } = useQuery<Rec>({ queryKey: keys.record(object, id ?? ''), queryFn: ({ signal }) => api.get(plural ?? '', id ?? '', {}, signal), enabled: false })
  const label = data?.label
  useEffect(() => {
    if (object && id && label) localStorage.setItem(KEY, JSON.stringify(withRecent(recents(), { object, id, label })))
  }, [object, id, label])
}
