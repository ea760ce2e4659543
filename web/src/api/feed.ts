/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live feed.  Browsers allow six connections per host over all tabs, so one tab (the holder of a Web Lock)
   keeps the stream and tells the others over a BroadcastChannel; the tabs tell it what they have on screen.
   Messages carry no data: they only say which queries are stale. */
import { useEffect } from 'react'
import { keys } from './keys'
import { queryClient } from './query'

interface Stale {
  object: string
  id?: string
  version?: number
  generation?: number
}
type Message = { kind: 'stale'; stale: Stale } | { kind: 'wants'; tab: string; wants: string[] } | { kind: 'ask' }

const tab = Math.random().toString(36).slice(2)
const own = new Map<string, number>()
const others = new Map<string, string[]>()
let channel: BroadcastChannel | null = null
let leading = false
let source: EventSource | null = null
let address = ''
/* Up to where what the pages show is known of the log: the cursor of the first answer, then of each event. */
let seen = ''
let timer: ReturnType<typeof setTimeout> | undefined

/** "watch=deal:1,…&objects=deal,…" of all that tabs want; wants are "deal" or "deal:1". */
export function feedAddress(wants: Iterable<string>): string {
  const all = [...new Set(wants)].sort()
  const watch = all.filter((w) => w.includes(':'))
  const objects = all.filter((w) => !w.includes(':'))
  const q = new URLSearchParams()
  if (watch.length) q.set('watch', watch.join(','))
  if (objects.length) q.set('objects', objects.join(','))
  return '/api/v1/feed?' + q.toString()
}

function apply({ object, id, version, generation }: Stale): void {
  if (generation) {
    void queryClient.invalidateQueries({ predicate: (q) => q.queryKey[0] === 'meta' && (q.state.data as { generation?: number })?.generation !== generation })
    return
  }
  if (id) {
    const seen = queryClient.getQueryData<{ version?: number }>(keys.record(object, id))
    if (seen?.version !== undefined && version !== undefined && seen.version >= version) return
    void queryClient.invalidateQueries({ queryKey: keys.one(object, id) })
    return
  }
  void queryClient.invalidateQueries({ queryKey: keys.many(object) })
  if (object === 'activity') void queryClient.invalidateQueries({ predicate: (q) => q.queryKey[3] === 'timeline' })
  void queryClient.invalidateQueries({ queryKey: keys.today })
}

const say = (m: Message) => channel?.postMessage(m)

function receive(event: MessageEvent<string>): void {
  if (event.lastEventId) seen = event.lastEventId
  try {
    const stale = JSON.parse(event.data) as Stale
    apply(stale)
    say({ kind: 'stale', stale })
  } catch {
    /* A message this version does not know is not for it. */
  }
}

/** (Re)opens the stream when what is wanted has changed; changes within 300 ms are taken together. */
function reopen(): void {
  if (!leading) return
  clearTimeout(timer)
  timer = setTimeout(() => {
    const wants = [...own.keys(), ...[...others.values()].flat()]
    const next = wants.length ? feedAddress(wants) : ''
    if (next === address && source?.readyState !== EventSource.CLOSED) return
    source?.close()
    source = null
    address = next
    if (!next) return
    seen ||= queryClient.getQueryData<{ cursor?: string }>(keys.me)?.cursor ?? ''
    source = new EventSource(next + (seen && '&after=' + seen))
    source.addEventListener('change', receive)
    source.addEventListener('tick', receive)
    source.addEventListener('meta', receive)
    source.onerror = () => {
      if (source?.readyState === EventSource.CLOSED) setTimeout(reopen, 5000)
    }
  }, 300)
}

function changed(): void {
  if (leading) reopen()
  else say({ kind: 'wants', tab, wants: [...own.keys()] })
}

/** Starts taking part; the returned function leaves. */
export function startFeed(): () => void {
  if (typeof BroadcastChannel === 'undefined' || !navigator.locks) return () => {}
  channel = new BroadcastChannel('kith.feed')
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'stale') apply(data.stale)
    else if (data.kind === 'ask') changed()
    else if (leading) {
      others.set(data.tab, data.wants)
      reopen()
    }
  }
  const stop = new AbortController()
  const leave = () => say({ kind: 'wants', tab, wants: [] })
  addEventListener('pagehide', leave)
  navigator.locks
    .request('kith.feed', { signal: stop.signal }, async () => {
      leading = true
      say({ kind: 'ask' })
      reopen()
      await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
      leading = false
    })
    .catch(() => {})
  return () => {
    leave()
    removeEventListener('pagehide', leave)
    stop.abort()
    clearTimeout(timer)
    source?.close()
    source = null
    address = ''
    channel?.close()
    channel = null
  }
}

/** While mounted, keeps queries of an object (all of it, or one record) fresh when others change it. */
export function useWatch(object: string | null | undefined, id?: string | null): void {
  useEffect(() => {
    if (!object) return
    const want = id ? `${object}:${id}` : object
    own.set(want, (own.get(want) ?? 0) + 1)
    changed()
    return () => {
      const left = (own.get(want) ?? 1) - 1
      if (left > 0) own.set(want, left)
      else own.delete(want)
      changed()
    }
  }, [object, id])
}
