/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking back: the last change (Ctrl+Z) or a named batch (the toast's button). */
import { api, queryClient, written, type Undone } from '@/api'
import type { T } from '@/i18n'
import { toast, toastError } from '@/ui'

function tell(t: T, result: Undone): void {
  void queryClient.invalidateQueries()
  const skipped = result.skipped.length
  if (!result.undone && !skipped) toast(t('undo.nothing'))
  else if (!skipped) toast(t('undo.done', { n: result.undone }))
  else toast({ text: t('undo.skipped', { n: result.undone, skipped, names: result.skipped.slice(0, 3).map((s) => s.label).join(', ') }), timeout: 10_000 })
}

/** Takes back the caller's last change and says what became of it.  What is shown may not be saved yet: that comes first,
 *  or the change before it would be taken back. */
export async function undoLast(t: T): Promise<void> {
  try {
    await written()
    tell(t, await api.undo())
  } catch (error) {
    toastError(error)
  }
}

/** "3 deals changed" with a button that takes the batch back; without a batch the last change. */
export function undoToast(t: T, text: string, batch?: string | null): void {
  const back = async () => {
    try {
      tell(t, batch ? await api.undoBatch(batch) : await api.undo())
    } catch (error) {
      toastError(error)
    }
  }
  toast({ text, action: { label: t('undo.action'), onAction: () => void back() } })
}
