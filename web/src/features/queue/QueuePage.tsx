/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The day, one thing at a time, by the keyboard alone: the next thing with all that is needed for it. */
import { useMemo, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { ArrowRight, Check, ClockArrowDown, Phone, SkipForward } from 'lucide-react'
import { useLocation } from 'wouter'
import { api, invalidateObject, keys, useWatch } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { doneChange, dueOf, newTask } from '@/features/today/task'
import { useT } from '@/i18n'
import { findObject, recordHref, useMeta } from '@/meta'
import { undoToast, useCommands } from '@/shell'
import { Button, EmptyState, ErrorState, Kbd, LinkButton, SkeletonRows, toastError } from '@/ui'
import { CallForm } from './CallForm'
import { Card } from './Card'
import { callOf, nextDay, order, queueOf, type Item } from './model'
import './queue.css'

export default function QueuePage() {
  return <Texts><Page /></Texts>
}

function Page() {
  const { t, fmt } = useTexts()
  const common = useT()
  const meta = useMeta()
  const [, navigate] = useLocation()
  const activity = findObject(meta, 'activity')
  const today = useQuery({ queryKey: keys.today, queryFn: api.today })
  const [skipped, setSkipped] = useState<string[]>([])
  const [gone, setGone] = useState<string[]>([])
  const [place, setPlace] = useState(0)
  const [calling, setCalling] = useState(false)
  const [busy, setBusy] = useState(false)
  useWatch('activity')
  useWatch('lead')
  const { data } = today
  const items = useMemo(() => (data ? order(queueOf(data), skipped, gone) : []), [data, skipped, gone])
  const at = Math.min(place, Math.max(0, items.length - 1))
  const item: Item | undefined = items[at]
  const name = item?.rec.label ?? ''

  /** Does `work` on what is shown, takes it out of the queue and offers to take it back. */
  const finish = async (work: () => Promise<unknown>, text: string) => {
    if (!item || busy) return
    setBusy(true)
    try {
      await work()
      setGone((g) => [...g, item.key])
      setCalling(false)
      invalidateObject('activity')
      invalidateObject(item.object, item.rec.id)
      undoToast(common, text)
    } catch (error) {
      toastError(error)
    } finally {
      setBusy(false)
    }
  }
  const plural = item && findObject(meta, item.object)?.plural
  const isTask = item?.object === 'activity'
  const done = () => item && finish(() => (isTask ? api.patch(plural!, item.rec.id, doneChange(activity!)) : api.patch(plural!, item.rec.id, { status: 'working' })), t('queue.was_done', { name }))
  const putOff = () => {
    if (!item || !activity) return
    const when = nextDay(isTask ? dueOf(item.rec) : null)
    void finish(() => (isTask ? api.patch(plural!, item.rec.id, { due_at: when }) : api.create(activity.plural, { ...newTask(activity, { object: item.object, id: item.rec.id }, t('queue.step', { name }), fmt.today()), due_at: when })), t('queue.was_put_off', { name, when: fmt.relativeDay(when.slice(0, 10)) }))
  }
  const logCall = (outcome: string, body: string) => {
    if (!item || !activity) return
    const values = callOf(item, outcome, body, t('queue.call', { name }))
    void finish(() => (isTask ? api.patch(plural!, item.rec.id, values) : api.create(activity.plural, values)), t('queue.was_called', { name }))
  }
  const skip = () => { if (item) setSkipped((s) => [...s.filter((k) => k !== item.key), item.key]) }
  const mayDone = !!item && (isTask || item.object === 'lead')
  const actions = item && !calling ? [
    ...(mayDone ? [{ id: 'done', keys: 'D', label: t(isTask ? 'queue.done' : 'queue.take'), icon: Check, run: () => void done() }] : []),
    { id: 'call', keys: 'L', label: t('queue.log_call'), icon: Phone, run: () => setCalling(true) },
    { id: 'later', keys: 'P', label: t(isTask ? 'queue.put_off' : 'queue.plan'), icon: ClockArrowDown, run: putOff },
    { id: 'skip', keys: 'S', label: t('queue.skip'), icon: SkipForward, run: skip },
    { id: 'open', keys: 'O', label: t('queue.open'), icon: ArrowRight, run: () => navigate(recordHref(meta, { object: item.object, id: item.rec.id })) },
  ] : []
  useCommands([
    ...actions.map((a) => ({ ...a, id: 'queue:' + a.id, group: 'page' as const })),
    { id: 'queue:next', keys: 'J', label: t('queue.next'), group: 'page', run: () => setPlace(Math.min(at + 1, items.length - 1)) },
    { id: 'queue:before', keys: 'K', label: t('queue.before'), group: 'page', run: () => setPlace(Math.max(0, at - 1)) },
    { id: 'queue:leave', keys: 'Escape', label: t('queue.leave'), group: 'page', run: () => (calling ? setCalling(false) : navigate('/')) },
  ])
  return (
    <div className="page page-scroll">
      <div className="page-head">
        <h1>{t('today.queue')}</h1>
        {item && <span className="dim num" aria-live="polite">{t('queue.left', { n: items.length })}</span>}
        <span className="grow" />
        <LinkButton href="/">{t('queue.leave')}</LinkButton>
      </div>
      <div className="page-pad queue">
        {today.isError && !data && <ErrorState error={today.error} onRetry={() => void today.refetch()} />}
        {today.isPending && <SkeletonRows rows={8} />}
        {data && !item && <EmptyState page title={t('queue.empty')} body={t('queue.empty_body')} action={<LinkButton href="/">{t('nav.today')}</LinkButton>} />}
        {item && <Card key={item.key} item={item} />}
        {item && calling && <CallForm onSave={logCall} onCancel={() => setCalling(false)} busy={busy} />}
        {item && !calling && (
          <div className="queue-actions" role="group" aria-label={t('queue.actions')}>
            {actions.map((a, i) => <Button key={a.id} kind={i === 0 ? 'solid' : 'outline'} icon={a.icon} isDisabled={busy} onPress={a.run}>{a.label}<Kbd keys={a.keys} /></Button>)}
          </div>
        )}
        {items.length > 1 && (
          <ol className="queue-next" aria-label={t('queue.following')}>
            {items.slice(at + 1, at + 6).map((i) => <li key={i.key}><span className="dim small">{t(`queue.why.${i.why}`)}</span><span className="truncate">{i.rec.label ?? t('today.unnamed')}</span></li>)}
          </ol>
        )}
      </div>
    </div>
  )
}
