// SPDX-License-Identifier: GPL-3.0-or-later
/* Looking at the past: saying all the time that this is not now. */
import { History, Trash2 } from 'lucide-react'
import { useI18n } from '@/i18n'
import { Button } from '@/ui'
import type { ListState } from './state'

export function AsOfBanner({ state, set }: { state: ListState; set: (c: Partial<ListState>) => void }) {
  const { t, fmt } = useI18n()
  if (state.asOf) return <div className="past-banner" role="status"><History size={14} aria-hidden /><span>{t('list.past_banner', { at: fmt.dateTime(state.asOf) })}</span><Button kind="ghost" onPress={() => set({ asOf: '' })}>{t('list.back_to_now')}</Button></div>
  if (state.deleted) return <div className="past-banner" role="status"><Trash2 size={14} aria-hidden /><span>{t('list.bin_banner')}</span><Button kind="ghost" onPress={() => set({ deleted: false })}>{t('list.leave_bin')}</Button></div>
  return null
}
