// SPDX-License-Identifier: GPL-3.0-or-later
/* Everything that happened with a record and what belongs to it: notes, calls, meetings, tasks and changes. */
import { lazy, Suspense, useMemo, useState } from 'react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ArrowRight, Circle, CircleCheck, GitCommitHorizontal } from 'lucide-react'
import { Link } from 'wouter'
import { api, invalidateObject, keys, queryClient, type Rec, type TimelineEntry } from '@/api'
import { Value } from '@/fields'
import { toWire } from '@/fields/wire'
import { useI18n, type Key } from '@/i18n'
import { fieldOf, recordHref, useMeta, useObject, type ObjectMeta } from '@/meta'
import { undoToast } from '@/shell'
import { Avatar, Button, Count, cx, EmptyState, ErrorState, SkeletonRows, toastError } from '@/ui'
import { doneChange } from '../today/task'
import { KIND_ICON } from './icons'
import { byDay, titleOf, type EntryKind } from './model'
import './timeline.css'

const Composer = lazy(() => import('./Composer'))

interface Props { object: ObjectMeta; rec: Rec; readOnly: boolean }

const FILTERS = ['note', 'call', 'meeting', 'task', 'change'] as const
const COUNTED = ['open_tasks', 'contacts', 'open_deals', 'deals'] as const

export function Timeline({ object, rec, readOnly }: Props) {
  const { t, fmt } = useI18n(), [kinds, setKinds] = useState<string[]>([])
  const q = useInfiniteQuery({
    queryKey: keys.timeline(object.name, rec.id, kinds),
    queryFn: ({ pageParam, signal }) => api.timeline(object.plural, rec.id, { kinds: kinds.length ? kinds : undefined, page_token: pageParam }, signal),
    initialPageParam: null as string | null, getNextPageParam: p => p.next_page_token,
  })
  const counters = q.data?.pages[0]?.counters ?? {}
  const days = useMemo(() => byDay(q.data?.pages.flatMap(p => p.data) ?? [], fmt.day), [q.data, fmt])
  const turn = (k: string) => setKinds(kinds.includes(k) ? kinds.filter(x => x !== k) : [...kinds, k])
  return (
    <div className="timeline-box">
      {!readOnly && <Suspense fallback={<div className="composer composer-wait" aria-busy />}><Composer object={object} rec={rec} /></Suspense>}
      <div className="timeline-kinds" role="group" aria-label={t('timeline.show')}>
        {FILTERS.map(k => (
          <button key={k} type="button" aria-pressed={kinds.includes(k)} onClick={() => turn(k)}>{t(('timeline.filter.' + k) as Key)}{k !== 'change' && counters[k] ? <Count>{fmt.number(counters[k])}</Count> : null}</button>
        ))}
      </div>
      {COUNTED.some(c => counters[c]) && <p className="small dim counters">{COUNTED.filter(c => counters[c]).map(c => <span key={c}>{t(('timeline.count.' + c) as Key, { n: counters[c] })}</span>)}</p>}
      {q.error ? <ErrorState error={q.error} onRetry={() => void q.refetch()} /> : !q.data ? <SkeletonRows rows={6} /> : days.length === 0 ? (
        <EmptyState title={t(kinds.length ? 'timeline.none_of_kind' : 'timeline.empty')} body={kinds.length ? undefined : t('timeline.empty_body')} action={kinds.length ? <Button onPress={() => setKinds([])}>{t('timeline.show_all')}</Button> : undefined} />
      ) : days.map(d => (
        <section key={d.day} className="timeline-day">
          <h3>{d.day}</h3>
          <ol className="timeline">{d.entries.map((e, i) => <Entry key={e.record?.id ?? e.at + i} entry={e} here={rec.id} object={object} readOnly={readOnly} />)}</ol>
        </section>
      ))}
      {q.hasNextPage && <Button kind="ghost" className="timeline-more" isDisabled={q.isFetchingNextPage} onPress={() => void q.fetchNextPage()}>{t('timeline.more')}</Button>}
    </div>
  )
}

const isDone = (r: Rec) => typeof r.done_at === 'string' || r.status === 'done' || r.done === true

function Entry({ entry: e, here, object, readOnly }: { entry: TimelineEntry; here: string; object: ObjectMeta; readOnly: boolean }) {
  const { t, fmt } = useI18n(), meta = useMeta()
  const kind = e.type === 'change' ? 'change' : e.kind, Icon = KIND_ICON[kind as EntryKind] ?? GitCommitHorizontal
  const who = e.actor?.label ?? t('record.system'), elsewhere = e.source && e.source.id !== here && e.source.id !== e.record?.id ? e.source : null
  return (
    <li data-kind={kind}>
      <span className="timeline-icon"><Icon size={13} aria-hidden /></span>
      <div className="timeline-body">
        <div className="timeline-head">
          {e.record ? <EntryTitle rec={e.record} kind={kind} readOnly={readOnly} object={object} here={here} /> : <span><b>{who}</b> <span className="dim">{t(('record.did.' + (e.changes?.length ? 'update' : e.kind)) as Key)}</span></span>}
          <time className="dim small" dateTime={e.at} title={fmt.dateTime(e.at)}>{fmt.relative(e.at)}</time>
        </div>
        {typeof e.record?.body === 'string' && e.record.body !== '' && <p className="long-text">{e.record.body}</p>}
        {e.type === 'change' && <ChangeLines entry={e} object={object} />}
        <div className="timeline-by dim small">
          {e.record && <><Avatar name={who} size={16} /><span>{who}</span></>}
          {e.record && typeof e.record.due_at === 'string' && !isDone(e.record) && <span className={Date.parse(e.record.due_at) < Date.now() ? 'bad' : undefined}>{t('timeline.due_on', { at: fmt.dateTime(e.record.due_at) })}</span>}
          {elsewhere && <Link href={recordHref(meta, elsewhere)} className="link truncate">{elsewhere.label}</Link>}
        </div>
      </div>
    </li>
  )
}

function ChangeLines({ entry, object }: { entry: TimelineEntry; object: ObjectMeta }) {
  const { t } = useI18n(), other = useObject(entry.source?.object), of = other ?? object
  return (
    <ul className="changes">
      {(entry.changes ?? []).map((c, i) => {
        const field = fieldOf(of, c.field)
        return <li key={i}><span className="dim">{c.label || field?.label}</span>{field && <span className="from-to">{c.before !== null && c.before !== undefined && <><span className="was"><Value field={field} value={c.before} density="full" /></span><ArrowRight size={12} aria-label={t('record.to')} className="dim" /></>}<Value field={field} value={c.after} density="full" /></span>}</li>
      })}
    </ul>
  )
}

/* A task has a box to tick; every entry leads to its own page. */
function EntryTitle({ rec, kind, readOnly, object, here }: { rec: Rec; kind: string; readOnly: boolean; object: ObjectMeta; here: string }) {
  const { t } = useI18n(), meta = useMeta(), activity = useObject('activity'), done = isDone(rec)
  const title = titleOf(rec, kind) || (kind === 'note' ? null : rec.label) || t(('timeline.kind.' + kind) as Key)
  const finish = async () => {
    if (!activity) return
    try {
      await api.patch(activity.plural, rec.id, toWire(activity.fields, doneChange(activity)), rec.version)
      invalidateObject('activity', rec.id)
      void queryClient.invalidateQueries({ queryKey: keys.one(object.name, here) })
      undoToast(t, t('timeline.done', { name: title }))
    } catch (e) { toastError(e) }
  }
  return (
    <span className="timeline-title">
      {kind === 'task' && (done ? <CircleCheck size={15} aria-label={t('timeline.is_done')} className="good" /> : readOnly || !activity?.rights.update
        ? <Circle size={15} aria-hidden className="dim" />
        : <button type="button" className="tick" aria-label={t('timeline.finish', { name: title })} title={t('timeline.finish', { name: title })} onClick={() => void finish()}><Circle size={15} aria-hidden /></button>)}
      <Link href={recordHref(meta, { object: 'activity', id: rec.id })} className={cx('strong truncate', kind === 'task' && done && 'struck')}>{title}</Link>
    </span>
  )
}
