// SPDX-License-Identifier: GPL-3.0-or-later
/* Writing a note, logging a call or a meeting, setting a task, without leaving the record. */
import { useState, type KeyboardEvent } from 'react'
import { api, invalidateObject, keys, queryClient, type Rec } from '@/api'
import { useI18n, type Key } from '@/i18n'
import { useObject, type ObjectMeta } from '@/meta'
import { undoToast } from '@/shell'
import { Button, Checkbox, DateTimePicker, Kbd, TextArea, TextField, toastError } from '@/ui'
import { KIND_ICON } from './icons'
import { activityOf, emptyDraft, isReady, KINDS, type Draft, type EntryKind } from './model'

export default function Composer({ object, rec }: { object: ObjectMeta; rec: Rec }) {
  const { t } = useI18n(), activity = useObject('activity')
  const [d, setD] = useState<Draft>(emptyDraft('note')), [busy, setBusy] = useState(false)
  if (!activity?.rights.create) return null
  const kinds = activity.fields.find(f => f.name === 'kind')?.options
  const offered = KINDS.filter(k => !kinds?.length || kinds.some(o => o.value === k))
  const put = (change: Partial<Draft>) => setD(now => ({ ...now, ...change }))
  const turn = (kind: EntryKind) => put({ kind, done: kind === 'call' })
  const save = async () => {
    if (!isReady(d) || busy) return
    setBusy(true)
    try {
      await api.create(activity.plural, activityOf(d, { object: object.name, id: rec.id }, activity.fields, new Date()))
      void queryClient.invalidateQueries({ queryKey: keys.one(object.name, rec.id) })
      invalidateObject('activity')
      undoToast(t, t(('timeline.saved.' + d.kind) as Key))
      setD(emptyDraft(d.kind))
    } catch (e) { toastError(e) } finally { setBusy(false) }
  }
  const onKey = (e: KeyboardEvent) => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); void save() } }
  return (
    <div className="composer" onKeyDownCapture={onKey}>
      <div className="composer-kinds" role="group" aria-label={t('timeline.compose')}>
        {offered.map(k => { const I = KIND_ICON[k]; return <button key={k} type="button" aria-pressed={d.kind === k} onClick={() => turn(k)}><I size={13} aria-hidden />{t(('timeline.kind.' + k) as Key)}</button> })}
      </div>
      {d.kind !== 'note' && <TextField label={t('timeline.subject')} hideLabel placeholder={t(('timeline.subject.' + d.kind) as Key)} value={d.subject} onChange={subject => put({ subject })} />}
      <TextArea label={t('timeline.body')} hideLabel rows={2} placeholder={t(d.kind === 'note' ? 'timeline.write' : 'timeline.more_text')} value={d.body} onChange={body => put({ body })} />
      <div className="composer-foot">
        {d.kind !== 'note' && <DateTimePicker label={t(d.kind === 'task' ? 'timeline.due' : 'timeline.when')} hideLabel className="composer-when" value={d.due} onChange={due => put({ due })} />}
        {(d.kind === 'call' || d.kind === 'meeting') && <Checkbox isSelected={d.done} onChange={done => put({ done })}>{t('timeline.already')}</Checkbox>}
        <span className="grow" />
        <Kbd keys="Ctrl ↵" />
        <Button kind="solid" isDisabled={!isReady(d) || busy} onPress={() => void save()}>{t(('timeline.save.' + d.kind) as Key)}</Button>
      </div>
    </div>
  )
}
