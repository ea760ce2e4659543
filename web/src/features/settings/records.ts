/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings show small objects whole: all their records in one page, kept fresh by the feed. */
import { useQuery } from '@tanstack/react-query'
import { api, keys, useWatch, type ListQuery, type Rec } from '@/api'
import type { ObjectMeta } from '@/meta'

/** Up to 200 records of an object. */
export function useRecords(object: ObjectMeta, query: ListQuery = {}) {
  useWatch(object.name)
  const whole = { page_size: 200, ...query }
  return useQuery({
    queryKey: keys.list(object.name, whole),
    queryFn: ({ signal }): Promise<Rec[]> => api.list(object.plural, whole, signal).then((p) => p.data),
  })
}
