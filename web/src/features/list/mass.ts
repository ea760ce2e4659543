// SPDX-License-Identifier: GPL-3.0-or-later
/* A mass change is answered at once while it is small; a large one is an operation that is followed to its end. */
import { api, type BatchReply, type Operation } from '@/api'

type Reply = BatchReply | (Operation & { error?: string | null; batch?: string | null })

const isOperation = (r: Reply): r is Operation & { error?: string | null; batch?: string | null } => 'state' in r && 'total' in r
const OVER = new Set(['done', 'failed', 'cancelled'])
const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

/** The batch to undo, once the change is through; `onProgress` hears how far it is, 0 to 1.  Throws when it failed. */
export async function follow(reply: Reply, onProgress: (share: number) => void): Promise<string | null> {
  let now: Reply = reply
  for (let wait = 200; isOperation(now) && !OVER.has(now.state); wait = Math.min(1500, wait * 1.5)) {
    onProgress(now.total ? now.done / now.total : 0)
    await pause(wait)
    now = await api.operation(now.id)
  }
  if (isOperation(now) && now.state !== 'done') throw new Error(now.error ?? now.state)
  return now?.batch ?? (isOperation(reply) ? reply.batch : null) ?? null
}
