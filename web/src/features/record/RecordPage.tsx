// SPDX-License-Identifier: GPL-3.0-or-later
/* The page of any record: who it is, what matters, its path; details, timeline and what belongs to it.  On a phone
   the three columns become tabs. */
import { lazy, Suspense, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { useQuery } from '@tanstack/react-query'
import { History as HistoryIcon, MessagesSquare, Trash2, Undo2 } from 'lucide-react'
import { useLocation, useSearchParams } from 'wouter'
import { api, invalidateObject, isDenied, isMissing, keys, useWatch, type Rec, type Ref } from '@/api'
import { useI18n } from '@/i18n'
import { fieldOf, findObject, nameOf, useMeta, useObject, type Field, type ObjectMeta } from '@/meta'
import { useCommands, openRecordForm } from '@/shell'
import { modules } from '@/shell/registry'
import { Avatar, Breadcrumbs, Button, EmptyState, ErrorState, LinkButton, NoPermission, Panel, Skeleton, SkeletonRows, Tabs, toast, toastError, type TabItem } from '@/ui'
import { useSave, type Saver } from '@/views/save'
import { usePrinting } from '@/views/usePrinting'
import { decide, isEmpty, Value } from '@/fields'
import { Related } from '../related/Related'
import { Timeline } from '../timeline/Timeline'
import { Details } from './Details'
import { History } from './History'
import { Path } from './Path'
import { RecordActions } from './RecordActions'
import './record.css'

/* Records of people and companies, and what is about them, say what time it is there. */
const CLOCKED = ['account', 'contact', 'lead', 'deal']
const Checklist = lazy(() => import('./Checklist'))
const LinesPanel = lazy(() => import('../lines/LinesPanel'))
const LocalTime = lazy(() => import('../leads/LocalTime'))

const query = matchMedia('(max-width: 899px)')
const useNarrow = () => useSyncExternalStore(l => { query.addEventListener('change', l); return () => query.removeEventListener('change', l) }, () => query.matches)

export default function RecordPage({ params }: { params: Record<string, string> }) {
  const object = useObject(params.plural), { t } = useI18n()
  if (!object || !params.id) return <EmptyState page title={t('list.no_object')} />
  return <Loaded key={object.name + params.id} object={object} id={params.id} />
}

function Loaded({ object, id }: { object: ObjectMeta; id: string }) {
  const { t } = useI18n(), [sp] = useSearchParams(), [, navigate] = useLocation(), asOf = sp.get('as_of') ?? ''
  const { data, error, refetch } = useQuery({ queryKey: keys.record(object.name, id, asOf), queryFn: ({ signal }) => api.get(object.plural, id, { as_of: asOf || undefined, deleted: !asOf }, signal) })
  /* A record that was merged: the server has led on to the one that stayed. */
  const led = data && data.id !== id ? data : null
  useEffect(() => {
    if (!led) return
    toast(t('record.merged', { name: led.label ?? object.label }))
    navigate(`/o/${object.plural}/${led.id}`, { replace: true })
  }, [led, navigate, object, t])
  useWatch(data && object.name, id)
  useEffect(() => { if (data?.label) document.title = `${data.label} · Kith` }, [data?.label])
  const list = `/o/${object.plural}`
  if (error && isDenied(error)) return <NoPermission page />
  if (error && isMissing(error)) return <EmptyState page title={t(asOf ? 'record.not_then' : 'record.missing')} body={t('record.missing_body')} action={<LinkButton href={list}>{t('record.to_list', { objects: object.label_plural })}</LinkButton>} />
  if (error) return <ErrorState page error={error} onRetry={() => void refetch()} />
  if (!data || led) return <Waiting />
  return <Page object={object} rec={data} asOf={asOf} />
}

function Waiting() {
  return (
    <div className="record-page" aria-busy>
      <div className="record-head"><Skeleton width={32} height={32} /><Skeleton width={260} height={18} /></div>
      <div className="record-cols"><Panel><SkeletonRows rows={9} /></Panel><Panel><SkeletonRows rows={7} /></Panel><Panel><SkeletonRows rows={5} /></Panel></div>
    </div>
  )
}

function Page({ object, rec, asOf }: { object: ObjectMeta; rec: Rec; asOf: string }) {
  const { t } = useI18n(), saver = useSave(object), isNarrow = useNarrow(), printing = usePrinting(), narrow = isNarrow && !printing
  const deleted = !isEmpty(rec.deleted_at), readOnly = asOf !== '' || deleted || !object.rights.update
  const [tab, setTab] = useState('timeline')
  useCommands(readOnly ? [] : [{ id: 'record.edit', label: t('record.edit'), keys: 'E', group: 'record', run: () => openRecordForm({ object, record: rec }) }])
  const details = <Details object={object} rec={rec} saver={saver} readOnly={readOnly} />
  const line = findObject(useMeta(), object.name + '_line'), lines = line && !asOf && <Suspense fallback={<Panel className="lines"><SkeletonRows rows={3} /></Panel>}><LinesPanel object={object} line={line} rec={rec} readOnly={readOnly} /></Suspense>
  const related = <Related object={object} rec={rec} readOnly={readOnly} without={lines ? line.name : undefined} />
  const extra = useMemo(() => modules.flatMap(m => m.recordTabs ?? []).filter(x => x.shows(object)).map(x => ({ def: x, Body: lazy(x.load) })), [object])
  const middle: TabItem[] = [
    ...(object.timeline && !asOf ? [{ id: 'timeline', label: t('timeline.title'), icon: MessagesSquare, content: <Timeline object={object} rec={rec} readOnly={readOnly} /> }] : []),
    ...extra.map(x => ({ id: x.def.id, label: t(x.def.label), content: <Suspense fallback={<SkeletonRows />}><x.Body object={object} record={rec} /></Suspense> })),
    { id: 'history', label: t('record.history'), icon: HistoryIcon, content: <History object={object} rec={rec} saver={saver} readOnly={readOnly} /> },
  ]
  const hasRelated = (object.layout?.related?.length ?? 0) > 0
  const phone: TabItem[] = [{ id: 'details', label: t('record.details'), content: details }, ...(lines ? [{ id: 'lines', label: line.label_plural, content: lines }] : []), ...middle, ...(hasRelated ? [{ id: 'related', label: t('record.related'), content: related }] : [])]
  const pick = (items: TabItem[]) => items.some(x => x.id === tab) ? tab : items[0]!.id
  return (
    <div className="record-page">
      <Head object={object} rec={rec} asOf={asOf} saver={saver} readOnly={readOnly} deleted={deleted} />
      {object.path && !asOf && fieldOf(object, 'checked') && <Suspense fallback={null}><Checklist object={object} rec={rec} readOnly={readOnly} /></Suspense>}
      {!narrow && lines}
      {narrow ? <Panel className="record-phone"><h2 className="sr">{t('record.parts')}</h2><Tabs label={t('record.parts')} items={phone} value={pick(phone)} onChange={setTab} /></Panel> : (
        <div className={hasRelated ? 'record-cols' : 'record-cols two'}>
          <Panel title={t('record.details')} className="record-details">{details}</Panel>
          <Panel className="record-middle"><Tabs label={t('record.parts')} items={middle} value={pick(middle)} onChange={setTab} /></Panel>
          {hasRelated && <aside className="record-related" aria-label={t('record.related')}>{related}</aside>}
        </div>
      )}
      {saver.dialog}
    </div>
  )
}

interface HeadProps { object: ObjectMeta; rec: Rec; asOf: string; saver: Saver; readOnly: boolean; deleted: boolean }

function Head({ object, rec, asOf, saver, readOnly, deleted }: HeadProps) {
  const { t, fmt } = useI18n(), name = nameOf(object, rec), [, setSp] = useSearchParams()
  const highlights = (object.layout?.highlights ?? []).map(n => fieldOf(object, n)).filter((f): f is Field => f !== null && decide(f.visible, rec) !== false)
  const restore = async () => {
    try {
      await api.restore(object.plural, rec.id)
      invalidateObject(object.name, rec.id)
    } catch (e) { toastError(e) }
  }
  return (
    <>
      <Breadcrumbs label={t('record.breadcrumbs')} items={[{ label: object.label_plural, href: `/o/${object.plural}` }, { label: name }]} />
      <header className="record-head">
        <Avatar name={name} size={32} shape={object.fields.some(f => f.type === 'person_name') ? 'round' : 'square'} src={rec.photo ? api.fileHref((rec.photo as Ref).id) : undefined} />
        <h1>{name}</h1>
        {!asOf && CLOCKED.includes(object.name) && <Suspense fallback={null}><LocalTime object={object} rec={rec} /></Suspense>}
        <span className="grow" />
        <RecordActions object={object} rec={rec} readOnly={readOnly} asOf={asOf} />
      </header>
      {asOf && <div className="past-banner" role="status"><HistoryIcon size={14} aria-hidden /><span>{t('list.past_banner', { at: fmt.dateTime(asOf) })}</span><Button kind="ghost" onPress={() => setSp({})}>{t('list.back_to_now')}</Button></div>}
      {deleted && !asOf && <div className="past-banner" role="status"><Trash2 size={14} aria-hidden /><span>{t('record.deleted_at', { at: fmt.dateTime(String(rec.deleted_at)) })}</span>{object.rights.delete && <Button kind="ghost" icon={Undo2} onPress={() => void restore()}>{t('record.restore')}</Button>}</div>}
      {highlights.length > 0 && (
        <dl className="highlights">
          {highlights.map(f => <div key={f.name}><dt>{f.label}</dt><dd><Value field={f} value={rec[f.name]} density="full" /></dd></div>)}
        </dl>
      )}
      {object.path && <Path object={object} rec={rec} saver={saver} readOnly={readOnly} />}
    </>
  )
}
