/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The newest notices; pressing one opens its record and marks it as read. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { CheckCheck, Settings } from 'lucide-react'
import { Link, useLocation } from 'wouter'
import { api, invalidateObject, keys, type ListQuery, type Rec, type Ref } from '@/api'
import { call } from '@/api/http'
import { useTexts } from '@/features/import/texts'
import { findObject, listHref, recordHref, useMeta } from '@/meta'
import { Button, cx, Dot, EmptyState, ErrorState, IconButton, SkeletonRows, toastError } from '@/ui'
import { kindHue, kindLabel } from './model'

const NEWEST: ListQuery = { order_by: '-id', page_size: 30 }

export default function NoticesPanel({ onClose }: { onClose: () => void }) {
  const { t, fmt } = useTexts()
  const meta = useMeta()
  const [, navigate] = useLocation()
  const object = findObject(meta, 'notice')
  const list = useQuery({ queryKey: keys.list('notice', NEWEST), queryFn: ({ signal }) => api.list('notices', NEWEST, signal) })
  const read = useMutation({
    mutationFn: (ids?: string[]) => call<void>('/notices:read', { method: 'POST', body: ids ? { ids } : {} }),
    onSuccess: () => invalidateObject('notice'),
    onError: toastError,
  })
  const open = (notice: Rec) => {
    const about = notice.about as Ref | null
    if (!notice.read_at) read.mutate([notice.id])
    if (about) navigate(recordHref(meta, about))
    onClose()
  }
  if (!object) return null
  const rows = list.data?.data ?? []
  return (
    <section className="notices" aria-label={t('notices.title')}>
      <header>
        <h2>{t('notices.title')}</h2>
        {rows.some((n) => !n.read_at) && <Button kind="ghost" icon={CheckCheck} onPress={() => read.mutate(undefined)}>{t('notices.read_all')}</Button>}
        <IconButton icon={Settings} label={t('notices.ways')} onPress={() => { navigate('/settings/profile'); onClose() }} />
      </header>
      {list.isError && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <SkeletonRows rows={4} />}
      {list.data && rows.length === 0 && <EmptyState title={t('notices.empty')} body={t('notices.empty_body')} />}
      <ul>
        {rows.map((n) => (
          <li key={n.id}>
            <button type="button" className={cx('notice', !n.read_at && 'notice-new')} onClick={() => open(n)}>
              <Dot hue={kindHue(object, n)} />
              <span className="notice-main">
                <span className="notice-kind">{kindLabel(object, n)}{!n.read_at && <span className="sr"> ({t('notices.unread')})</span>}</span>
                <b className="truncate">{n.label}{n.several ? ' ' + t('notices.several') : ''}</b>
                {n.note ? <span className="notice-note">{String(n.note)}</span> : null}
                <span className="dim small">{[(n.by as Ref | null)?.label, fmt.relative(String(n.created_at))].filter(Boolean).join(' · ')}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {rows.length > 0 && <footer><Link href={listHref(object)} onClick={onClose}>{t('notices.all')}</Link></footer>}
    </section>
  )
}
