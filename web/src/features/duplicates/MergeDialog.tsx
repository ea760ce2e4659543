// SPDX-License-Identifier: GPL-3.0-or-later
/* Selected records side by side, to be made one. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { api, invalidateObject, type Rec } from '@/api'
import { useI18n } from '@/i18n'
import type { ObjectMeta } from '@/meta'
import { undoToast } from '@/shell'
import { Button, Dialog, ErrorState, SkeletonRows, toastError } from '@/ui'
import { followOperation } from '../start/operation'
import { duplicates } from './calls'
import { Compare } from './Compare'
import { fullest, mergeable, shownFields } from './model'
import './duplicates.css'

interface Props { object: ObjectMeta; ids: string[]; onClose: () => void; onDone: () => void }

export default function MergeDialog({ object, ids, onClose, onDone }: Props) {
  const { t } = useI18n()
  const { data, error, refetch } = useQuery({ queryKey: ['merge', object.name, ...ids], queryFn: () => Promise.all(ids.map(id => api.get(object.plural, id))), staleTime: 0, gcTime: 0 })
  if (data) return <Chosen object={object} records={data} onClose={onClose} onDone={onDone} />
  return <Dialog isOpen onClose={onClose} size="large" title={t('dup.merge')}>{error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <SkeletonRows rows={6} />}</Dialog>
}

function Chosen({ object, records, onClose, onDone }: Omit<Props, 'ids'> & { records: Rec[] }) {
  const { t } = useI18n(), fields = mergeable(object)
  const [into, setInto] = useState(() => fullest(records, fields)), [choose, setChoose] = useState<Record<string, string>>({})
  const [all, setAll] = useState(false), [busy, setBusy] = useState(false)
  const merge = async () => {
    setBusy(true)
    try {
      const reply = await duplicates.merge(object.plural, into, records.map(r => r.id).filter(id => id !== into), choose)
      if ('state' in reply) await followOperation(reply, () => {})
      invalidateObject(object.name)
      undoToast(t, t('dup.merged', { name: records.find(r => r.id === into)?.label ?? object.label, n: records.length }), reply.batch)
      onDone()
    } catch (e) { toastError(e) } finally { setBusy(false) }
  }
  return (
    <Dialog isOpen onClose={onClose} size="large" title={t('dup.merge_title', { n: records.length })} footer={
      <><Button kind="ghost" onPress={() => setAll(!all)}>{t(all ? 'dup.only_differing' : 'dup.all_fields')}</Button><span className="grow" />
        <Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={busy} onPress={() => void merge()}>{t('dup.merge')}</Button></>
    }>
      <Compare object={object} records={records} fields={shownFields(fields, records, all)} into={into} choose={choose} onKeep={id => { setInto(id); setChoose({}) }}
        onChoose={(name, id) => setChoose(now => now[name] === id ? Object.fromEntries(Object.entries(now).filter(([k]) => k !== name)) : { ...now, [name]: id })} />
    </Dialog>
  )
}
