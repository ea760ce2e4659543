// SPDX-License-Identifier: GPL-3.0-or-later
/* The filter of a list: rows while they can say it, CEL text always.  What is finished applies at once. */
import { lazy, Suspense } from 'react'
import { ListFilter } from 'lucide-react'
import { useI18n } from '@/i18n'
import type { ObjectMeta } from '@/meta'
import { Button, Popover, SkeletonRows } from '@/ui'
import './filter.css'

const FilterBody = lazy(() => import('./FilterBody'))
const FilterCount = lazy(() => import('./FilterCount'))

export interface FilterProps { object: ObjectMeta; value: string; onChange: (cel: string) => void; error: string | null; isOpen: boolean; onOpen: (open: boolean) => void }

export function FilterPanel(p: FilterProps) {
  const { t } = useI18n()
  return (
    <Popover label={t('filter.title')} placement="bottom end" className="filter-pop" isOpen={p.isOpen} onOpenChange={p.onOpen}
      trigger={<Button icon={ListFilter}><span className="wide-only">{t('filter.title')}</span>{p.value.trim() !== '' && <Suspense fallback={null}><FilterCount object={p.object} value={p.value} /></Suspense>}</Button>}>
      {close => <Suspense fallback={<SkeletonRows rows={3} />}><FilterBody {...p} close={close} /></Suspense>}
    </Popover>
  )
}
