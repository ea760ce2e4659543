/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thing of the queue with what one needs to know: whom it is about, what time it is for him, how to reach him, what was last. */
import { useQuery } from '@tanstack/react-query'
import { Mail, Phone } from 'lucide-react'
import { Link } from 'wouter'
import { api, keys, type Rec, type Ref } from '@/api'
import { useTexts } from '@/features/import/texts'
import LocalTime from '@/features/leads/LocalTime'
import { aboutOf, dueOf } from '@/features/today/task'
import { findObject, recordHref, useMeta } from '@/meta'
import { Badge } from '@/ui'
import { subjectOf, type Item, type Why } from './model'

const HUES: Record<Why, 'red' | 'amber' | 'blue' | 'violet' | 'slate'> = { overdue: 'red', lead: 'amber', untouched: 'violet', step: 'blue', later: 'slate' }
type Labelled = { value: string; main?: boolean }[]

const values = (rec: Rec | undefined, name: string) => (Array.isArray(rec?.[name]) ? (rec[name] as Labelled).map((x) => x.value) : [])

/** Who is called: the person of the thing, else whom it is about. */
function whom(item: Item): Ref | null {
  const refs = item.object === 'activity' || item.object === 'deal' ? aboutOf(item.rec) : []
  return refs.find((r) => r.object === 'contact') ?? refs.find((r) => r.object === 'lead' || r.object === 'account') ?? (item.object === 'deal' ? null : subjectOf(item))
}

function Reach({ who }: { who: Ref }) {
  const meta = useMeta()
  const object = findObject(meta, who.object)
  const { data } = useQuery({ queryKey: keys.record(who.object, who.id), queryFn: ({ signal }) => api.get(object!.plural, who.id, {}, signal), enabled: !!object })
  const phones = values(data, 'phones'), emails = values(data, 'emails')
  if (!phones.length && !emails.length) return null
  return (
    <p className="queue-reach">
      {phones.map((p) => <a key={p} href={'tel:' + p}><Phone size={14} aria-hidden />{p}</a>)}
      {emails.map((m) => <a key={m} href={'mailto:' + m}><Mail size={14} aria-hidden />{m}</a>)}
    </p>
  )
}

function Story({ about, but }: { about: Ref; but: string }) {
  const { t, fmt } = useTexts()
  const meta = useMeta()
  const object = findObject(meta, about.object)
  const kinds = ['note', 'call', 'meeting', 'task']
  const { data } = useQuery({ queryKey: keys.timeline(about.object, about.id, kinds), queryFn: ({ signal }) => api.timeline(object!.plural, about.id, { kinds }, signal), enabled: !!object })
  const entries = (data?.data ?? []).filter((e) => (e.record as Rec | null)?.id !== but).slice(0, 4)
  if (!entries.length) return null
  return (
    <section aria-label={t('queue.story')}>
      <h3>{t('queue.story')}</h3>
      <ul className="queue-story">
        {entries.map((e) => {
          const rec = e.record as Rec | null
          return <li key={String(e.at) + (rec?.id ?? '')}><span className="dim small num">{fmt.relative(String(e.at))}</span><span>{rec?.label ?? String(rec?.body ?? '')}{rec?.label && rec.body ? <span className="dim"> — {String(rec.body).slice(0, 160)}</span> : null}</span></li>
        })}
      </ul>
    </section>
  )
}

export function Card({ item }: { item: Item }) {
  const { t, fmt } = useTexts()
  const meta = useMeta()
  const object = findObject(meta, item.object)
  const about = subjectOf(item), who = whom(item), due = item.object === 'activity' ? dueOf(item.rec) : null
  const refs = item.object === 'activity' || item.object === 'deal' ? aboutOf(item.rec).filter((r) => r.id !== item.rec.id) : []
  if (!object) return null
  return (
    <article className="queue-card" aria-label={item.rec.label ?? undefined}>
      <p className="row"><Badge hue={HUES[item.why]}>{t(`queue.why.${item.why}`)}</Badge><span className="dim small">{object.label}{due && ' · ' + fmt.dateTime(due)}</span></p>
      <h2><Link href={recordHref(meta, { object: item.object, id: item.rec.id })}>{item.rec.label ?? t('today.unnamed')}</Link></h2>
      {refs.length > 0 && <p className="queue-refs">{refs.map((r) => <Link key={r.id} href={recordHref(meta, r)}>{r.label}</Link>)}</p>}
      <LocalTime object={object} rec={item.rec} />
      {who && <Reach who={who} />}
      {typeof item.rec.body === 'string' && <p className="queue-body">{item.rec.body}</p>}
      {about && <Story about={about} but={item.rec.id} />}
    </article>
  )
}
