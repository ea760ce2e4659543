/* SPDX-License-Identifier: GPL-3.0-or-later */
import { QueryCache, QueryClient } from '@tanstack/react-query'
import { isSignedOut, Problem } from './http'
import { keys } from './keys'

/** The one cache of server state. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      const ended = isSignedOut(error) && query.queryKey[0] !== 'me' && queryClient.getQueryData(keys.me)
      if (ended) void queryClient.invalidateQueries({ queryKey: keys.me })
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 1 && (!(error instanceof Problem) || error.status === 0 || error.status >= 500),
    },
  },
})

/** After a change of the caller's own: refetches what shows records of `object` (and that record). */
export function invalidateObject(object: string, id?: string): void {
  void queryClient.invalidateQueries({ queryKey: keys.many(object) })
  if (id) void queryClient.invalidateQueries({ queryKey: keys.one(object, id) })
  void queryClient.invalidateQueries({ queryKey: keys.today })
}
