// SPDX-License-Identifier: GPL-3.0-or-later
/* Looking at the past: choosing the moment, and saying all the time that this is not now. */
import { useState } from 'react'
import { History, Trash2 } from 'lucide-react'
import { useI18n } from '@/i18n'
import { Button, DateTimePicker, Dialog } from '@/ui'
import type { ListState } from './state'

interface Props { value: string; onClose: () => void; onChange: (iso: string) => void }

const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z')

export function AsOfDialog({ value, onClose, onChange }: Props) {
  const { t } = useI18n(), [draft, setDraft] = useState<string | null>(value || ago(7))
  const take = (v: string) => { onChange(v); onClose() }
  return (
    <Dialog isOpen onClose={onClose} size="small" title={t('list.as_of')} footer={
      <><Button onPress={() => take('')}>{t('list.now')}</Button><Button kind="solid" isDisabled={!draft} onPress={() => draft && take(draft)}>{t('list.show_past')}</Button></>
    }>
      <div className="stack">
        <p className="dim">{t('list.as_of_body')}</p>
        <DateTimePicker label={t('list.moment')} value={draft} onChange={setDraft} autoFocus />
        <div className="row wrap">
          {[1, 7, 30, 90].map(d => <Button key={d} kind="ghost" onPress={() => setDraft(ago(d))}>{t('list.days_ago', { n: d })}</Button>)}
        </div>
      </div>
    </Dialog>
  )
}

export function AsOfBanner({ state, set }: { state: ListState; set: (c: Partial<ListState>) => void }) {
  const { t, fmt } = useI18n()
  if (state.asOf) return <div className="past-banner" role="status"><History size={14} aria-hidden /><span>{t('list.past_banner', { at: fmt.dateTime(state.asOf) })}</span><Button kind="ghost" onPress={() => set({ asOf: '' })}>{t('list.back_to_now')}</Button></div>
  if (state.deleted) return <div className="past-banner" role="status"><Trash2 size={14} aria-hidden /><span>{t('list.bin_banner')}</span><Button kind="ghost" onPress={() => set({ deleted: false })}>{t('list.leave_bin')}</Button></div>
  return null
}
