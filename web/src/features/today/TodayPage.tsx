/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The home page: what to do now.  One request; each list empties itself as the work is done. */
import { lazy, Suspense } from 'react'
import { useQuery } from '@tanstack/react-query'
import { api, isDenied, keys, useWatch } from '@/api'
import { useI18n } from '@/i18n'
import { useMe, useMeta } from '@/meta'
import { ErrorState, Kbd, LinkButton, NoPermission, Panel, SkeletonRows } from '@/ui'
import { Deals } from './Deals'
import { Figures, FiguresSkeleton } from './Figures'
import { Leads } from './Leads'
import { Tasks } from './Tasks'
import { Untouched } from './Untouched'
import './today.css'

const FirstSteps = lazy(() => import('./FirstSteps'))

function greetingKey(hour: number) {
  if (hour < 5 || hour >= 18) return 'today.hello_evening' as const
  if (hour < 12) return 'today.hello_morning' as const
  return 'today.hello_day' as const
}

const RedLists = lazy(() => import('./RedLists'))

export default function TodayPage() {
  const { t, fmt } = useI18n()
  const me = useMe()
  const meta = useMeta()
  const today = useQuery({ queryKey: keys.today, queryFn: api.today })
  useWatch('activity')
  useWatch('lead')
  useWatch('deal')
  useWatch('signal')
  const name = me.name as { given?: string } | string | null
  const given = (typeof name === 'object' ? name?.given : null) ?? String(me.label ?? '').split(' ')[0] ?? ''
  const hour = Number(new Intl.DateTimeFormat('en-GB', { hour: 'numeric', timeZone: fmt.zone }).format(Date.now()))
  const data = today.data
  const failed = today.isError && !data
  return (
    <div className="page page-scroll">
      <div className="page-head">
        <h1>{t(greetingKey(hour), { name: given })}</h1>
        <span className="dim truncate">{fmt.date(fmt.today(), 'long')}</span>
        <span className="grow" />
        <LinkButton href="/queue">{t('today.queue')}<Kbd keys="Q" /></LinkButton>
      </div>
      <div className="page-pad today">
        {failed ? (
          isDenied(today.error) ? <NoPermission /> : <ErrorState error={today.error} onRetry={() => void today.refetch()} />
        ) : (
          <>
            {data && !data.tasks.length && !data.leads.length && !data.deals.length && <Suspense fallback={null}><FirstSteps /></Suspense>}
            {data ? <Figures figures={data.figures} meta={meta} /> : <FiguresSkeleton />}
            <div className="today-columns">
              {data ? <Tasks tasks={data.tasks} /> : <Panel title={t('today.tasks')}><SkeletonRows rows={7} /></Panel>}
              <div className="today-side">
                {data && data.debtors.length + data.silent.length + data.signals.length > 0 && <Suspense fallback={null}><RedLists today={data} /></Suspense>}
                {data ? <Leads leads={data.leads} /> : <Panel title={t('today.leads')}><SkeletonRows rows={4} /></Panel>}
                {data ? <Deals deals={data.deals} /> : <Panel title={t('today.deals')}><SkeletonRows rows={4} /></Panel>}
                {data ? <Untouched accounts={data.untouched} /> : <Panel title={t('today.untouched')}><SkeletonRows rows={4} /></Panel>}
              </div>
            </div>
          </>
        )}
      </div>
    </div>
  )
}
