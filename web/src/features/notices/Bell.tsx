/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many notices wait for the user, kept live by the feed; a press shows them. */
import { lazy, Suspense, useEffect, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Bell as BellIcon } from 'lucide-react'
import { api, keys, useWatch, type ListQuery } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { findObject, useMeta } from '@/meta'
import { IconButton, Popover, SkeletonRows, toast } from '@/ui'
import { isNews, kindLabel } from './model'
import './notices.css'

const Panel = lazy(() => import('./NoticesPanel'))
const UNREAD: ListQuery = { filter: 'read_at == null', order_by: '-id', page_size: 1, total: true }

/** Of all bells of the page: each notice is announced once. */
let newest: string | null | undefined

export default function Bell() {
  return <Texts waiting={null}><Body /></Texts>
}

function Body() {
  const { t } = useTexts()
  const object = findObject(useMeta(), 'notice')
  const [open, setOpen] = useState(false)
  const { data } = useQuery({ queryKey: keys.list('notice', UNREAD), queryFn: ({ signal }) => api.list('notices', UNREAD, signal) })
  useWatch('notice')
  const first = data?.data[0]
  useEffect(() => {
    if (!data) return
    const before = newest
    newest = first?.id ?? before ?? null
    if (first && object && isNews(before, first.id)) toast(t('notices.toast', { what: kindLabel(object, first), name: first.label ?? '' }))
  }, [data, first, object, t])
  const n = Number(data?.total ?? 0)
  const label = n ? t('notices.bell', { n }) : t('notices.title')
  return (
    <Popover label={t('notices.title')} isOpen={open} onOpenChange={setOpen} placement="bottom start" className="notices-pop"
      trigger={<IconButton icon={BellIcon} label={label} className={n ? 'bell bell-on' : 'bell'} data-count={n > 99 ? '99+' : n || undefined} />}>
      {(close) => <Suspense fallback={<SkeletonRows rows={4} />}><Panel onClose={close} /></Suspense>}
    </Popover>
  )
}
