// SPDX-License-Identifier: GPL-3.0-or-later
/* Which columns, and in what order.  Shown ones first; arrows move them. */
import { lazy, Suspense } from 'react'
import { Columns3 } from 'lucide-react'
import { useI18n } from '@/i18n'
import type { ObjectMeta } from '@/meta'
import { Button, Popover, SkeletonRows } from '@/ui'

const ColumnsBody = lazy(() => import('./ColumnsBody'))

export interface ColumnsProps { object: ObjectMeta; shown: string[]; onChange: (names: string[]) => void; onReset: () => void }

export function ColumnsChooser(p: ColumnsProps) {
  const { t } = useI18n()
  return (
    <Popover label={t('list.columns')} placement="bottom end" className="columns-pop" trigger={<Button icon={Columns3}><span className="wide-only">{t('list.columns')}</span></Button>}>
      <Suspense fallback={<SkeletonRows rows={6} />}><ColumnsBody {...p} /></Suspense>
    </Popover>
  )
}
