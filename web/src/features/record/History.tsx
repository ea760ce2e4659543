// SPDX-License-Identifier: GPL-3.0-or-later
/* Every change of the record: who, when, through what, from what to what; any value can be put back. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { ArrowRight, Eye, RotateCcw } from 'lucide-react'
import { useLocation } from 'wouter'
import { api, keys, type FieldChange, type HistoryEntry, type Rec } from '@/api'
import { isEditable, isEmpty, Value } from '@/fields'
import { sameValue } from '@/fields/wire'
import { useI18n, type Key } from '@/i18n'
import { fieldOf, recordHref, useMeta, type ObjectMeta } from '@/meta'
import { Avatar, Button, EmptyState, ErrorState, IconButton, SkeletonRows } from '@/ui'
import type { Saver } from '@/views/save'

interface Props { object: ObjectMeta; rec: Rec; saver: Saver; readOnly: boolean }

export function History({ object, rec, saver, readOnly }: Props) {
  const { t } = useI18n()
  const q = useInfiniteQuery({
    queryKey: keys.history(object.name, rec.id), queryFn: ({ pageParam, signal }) => api.history(object.plural, rec.id, pageParam, signal),
    initialPageParam: null as string | null, getNextPageParam: p => p.next_page_token,
  })
  if (q.error) return <ErrorState error={q.error} onRetry={() => void q.refetch()} />
  if (!q.data) return <SkeletonRows rows={6} />
  const entries = q.data.pages.flatMap(p => p.data)
  if (!entries.length) return <EmptyState title={t('record.no_history')} />
  return (
    <>
      <ol className="history">{entries.map((e, i) => <Entry key={`${e.version}-${e.at}-${i}`} entry={e} object={object} rec={rec} saver={saver} readOnly={readOnly} />)}</ol>
      {q.hasNextPage && <Button kind="ghost" isDisabled={q.isFetchingNextPage} onPress={() => void q.fetchNextPage()}>{t('timeline.more')}</Button>}
    </>
  )
}

function Entry({ entry, object, rec, saver, readOnly }: { entry: HistoryEntry } & Props) {
  const { t, fmt } = useI18n(), meta = useMeta(), [, navigate] = useLocation()
  const who = entry.actor?.label ?? t('record.system')
  const changes = entry.changes.filter(c => !(entry.kind === 'create' && isEmpty(c.after)))
  return (
    <li>
      <header>
        <Avatar name={who} size={18} /><b>{who}</b><span className="dim">{t(('record.did.' + entry.kind) as Key)}</span><span className="grow" />
        <span className="dim small">{t(('record.channel.' + entry.channel) as Key)}</span>
        <time className="dim small" dateTime={entry.at} title={fmt.dateTime(entry.at)}>{fmt.relative(entry.at)}</time>
        <IconButton icon={Eye} size={13} label={t('record.view_then')} onPress={() => navigate(recordHref(meta, { object: object.name, id: rec.id }) + '?as_of=' + encodeURIComponent(entry.at))} />
      </header>
      {changes.length > 0 && (
        <ul className="changes">
          {changes.map((c, i) => <Change key={i} change={c} object={object} rec={rec} first={entry.kind === 'create'} onRestore={readOnly ? null : v => void saver.save(rec, { [c.field]: v })} />)}
        </ul>
      )}
    </li>
  )
}

interface ChangeProps { change: FieldChange; object: ObjectMeta; rec: Rec; first: boolean; onRestore: ((v: unknown) => void) | null }

/** One field of a change: from, to, and the way back. */
export function Change({ change: c, object, rec, first, onRestore }: ChangeProps) {
  const { t } = useI18n(), field = fieldOf(object, c.field)
  if (!field) return <li><span className="dim">{c.label}</span></li>
  const back = first ? c.after : c.before
  const can = onRestore !== null && isEditable(field) && !sameValue(field.type, rec[c.field], back)
  return (
    <li>
      <span className="dim">{field.label}</span>
      <span className="from-to">
        {!first && <><span className="was"><Value field={field} value={c.before} density="full" /></span><ArrowRight size={12} aria-label={t('record.to')} className="dim" /></>}
        <Value field={field} value={c.after} density="full" />
      </span>
      {can && <IconButton icon={RotateCcw} size={13} label={t('record.restore_value')} className="restore" onPress={() => onRestore?.(back ?? null)} />}
    </li>
  )
}
