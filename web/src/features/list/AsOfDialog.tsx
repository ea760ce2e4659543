// SPDX-License-Identifier: GPL-3.0-or-later
/* Choosing the moment of the past to look at. */
import { useState } from 'react'
import { useI18n } from '@/i18n'
import { Button, DateTimePicker, Dialog } from '@/ui'

interface Props { value: string; onClose: () => void; onChange: (iso: string) => void }

const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z')

export default function AsOfDialog({ value, onClose, onChange }: Props) {
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
