// SPDX-License-Identifier: GPL-3.0-or-later
/* One group of records that are likely the same: compare, choose, merge; or say that they are not. */
import { useState } from 'react'
import { Merge, Split, Undo2 } from 'lucide-react'
import { api, invalidateObject, queryClient } from '@/api'
import { useI18n } from '@/i18n'
import type { ObjectMeta } from '@/meta'
import { undoToast } from '@/shell'
import { Badge, Button, toast, toastError } from '@/ui'
import { followOperation } from '../start/operation'
import { duplicates, type Group, type State } from './calls'
import { Compare } from './Compare'
import { fullest, mergeable, shownFields } from './model'

interface Props { object: ObjectMeta; group: Group; state: State; onDone: () => void }

export function GroupCard({ object, group, state, onDone }: Props) {
  const { t, fmt } = useI18n(), fields = mergeable(object), records = group.records
  const [into, setInto] = useState(() => fullest(records, fields)), [choose, setChoose] = useState<Record<string, string>>({})
  const [all, setAll] = useState(false), [busy, setBusy] = useState(false)
  const ids = records.map(r => r.id), sure = Number(group.score)
  const act = async (work: () => Promise<void>) => {
    setBusy(true)
    try { await work(); onDone() } catch (e) { toastError(e) } finally { setBusy(false) }
  }
  const merge = () => act(async () => {
    const reply = await duplicates.merge(object.plural, into, ids.filter(id => id !== into), choose)
    if ('state' in reply) await followOperation(reply, () => {})
    invalidateObject(object.name)
    undoToast(t, t('dup.merged', { name: records.find(r => r.id === into)?.label ?? object.label, n: ids.length }), reply.batch)
  })
  const part = () => act(async () => {
    const undone = await api.undoBatch(group.batch!)
    void queryClient.invalidateQueries()
    toast(undone.skipped.length ? t('dup.parted_but', { names: undone.skipped.map(s => s.label).join(', ') }) : t('dup.parted'))
  })
  const dismiss = () => act(async () => {
    await duplicates.dismiss(object.name, ids)
    toast({ text: t('dup.dismissed'), action: { label: t('undo.action'), onAction: () => void duplicates.reopen(object.name, ids).then(onDone, toastError) } })
  })
  const reopen = () => act(() => duplicates.reopen(object.name, ids))
  const shown = shownFields(fields, records, all), may = object.rights.update && object.rights.delete
  return (
    <section className="panel dup-group" aria-label={records.map(r => r.label).join(', ')}>
      <header className="dup-head">
        <Badge hue={sure >= 0.95 ? 'green' : sure >= 0.8 ? 'blue' : 'amber'}>{state === 'merged' ? t('dup.is_merged') : t('dup.sure', { p: fmt.number(Math.min(99, Math.floor(sure * 100))) })}</Badge>
        <strong className="truncate grow">{[...new Set(records.map(r => r.label))].join(' · ')}</strong>
        {state === 'open' && <Button icon={Split} isDisabled={busy} onPress={() => void dismiss()}>{t('dup.dismiss')}</Button>}
        {state === 'open' && may && <Button kind="solid" icon={Merge} isDisabled={busy} onPress={() => void merge()}>{t('dup.merge')}</Button>}
        {state === 'dismissed' && <Button icon={Undo2} isDisabled={busy} onPress={() => void reopen()}>{t('dup.reopen')}</Button>}
        {state === 'merged' && group.batch && <Button icon={Split} isDisabled={busy} onPress={() => void part()}>{t('dup.part')}</Button>}
      </header>
      <Compare object={object} records={records} fields={shown} into={into} choose={choose} readOnly={state !== 'open' || !may}
        onKeep={id => { setInto(id); setChoose({}) }} onChoose={(name, id) => setChoose(now => now[name] === id ? Object.fromEntries(Object.entries(now).filter(([k]) => k !== name)) : { ...now, [name]: id })} />
      <Button kind="ghost" onPress={() => setAll(!all)}>{t(all ? 'dup.only_differing' : 'dup.all_fields')}</Button>
    </section>
  )
}
