// SPDX-License-Identifier: GPL-3.0-or-later
/* The forecast of a period: who will bring what, as it stands or stood on a day, and what has changed since another.  The address is the state. */
import { lazy, Suspense } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { History, ListChecks, Map as MapIcon, Target } from 'lucide-react'
import { useLocation, useSearchParams } from 'wouter'
import { isDenied, keys, useWatch } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { findObject, useMeta } from '@/meta'
import { Button, DatePicker, EmptyState, ErrorState, LinkButton, NoPermission, PageHead, Panel, SegmentedControl, SkeletonRows } from '@/ui'
import { PeriodBar, usePeriodText } from '../dashboard/PeriodBar'
import { forecasts, type By } from './calls'
import { Figures } from './Figures'
import { ForecastGrid } from './Grid'
import './forecast.css'

const BridgePanel = lazy(() => import('./Bridge'))
const BYS: By[] = ['owner', 'team', 'territory']

export default function ForecastPage() {
  return <Texts><Body /></Texts>
}

function Body() {
  const { t, fmt } = useTexts(), meta = useMeta(), [sp, setSp] = useSearchParams(), [, navigate] = useLocation(), periodText = usePeriodText()
  const by = BYS.find((b) => b === sp.get('by')) ?? 'owner', asOf = sp.get('as_of') ?? '', asked = sp.get('period') ?? ''
  useWatch('deal')
  const query = useQuery({
    queryKey: [...keys.many('deal'), 'forecast', asked, by, asOf],
    queryFn: ({ signal }) => forecasts.get({ period: asked || undefined, group_by: by, as_of: asOf || undefined }, signal),
    placeholderData: keepPreviousData,
  })
  const set = (next: Record<string, string>) => {
    const all = new URLSearchParams(sp)
    for (const [k, v] of Object.entries(next)) if (v) all.set(k, v); else all.delete(k)
    setSp(all)
  }
  if (!findObject(meta, 'deal')?.rights.read || isDenied(query.error)) return <NoPermission page />
  const data = query.data, period = data?.periods[0], quota = findObject(meta, 'quota'), change = findObject(meta, 'forecast_change')
  return (
    <div className="page page-scroll">
      <PageHead title={t('forecast.title')} summary={period && periodText(period.period)} actions={
        <>
          {by === 'territory' && findObject(meta, 'territory')?.rights.update && <LinkButton icon={MapIcon} href="/territories">{t('forecast.terr.title')}</LinkButton>}
          {quota?.rights.read && <LinkButton icon={Target} href="/o/quotas">{t('forecast.quotas')}</LinkButton>}
          {change?.rights.read && <LinkButton icon={ListChecks} href="/o/forecast_changes">{t('forecast.history')}</LinkButton>}
        </>
      } />
      <div className="page-pad forecast">
        <div className="forecast-bar">
          <SegmentedControl label={t('forecast.by')} value={by} onChange={(b) => set({ by: b })} items={BYS.map((b) => ({ id: b, label: t(`forecast.by.${b}`) }))} />
          {period && <PeriodBar period={period} onChange={(p) => set({ period: p })} />}
          <span className="grow" />
          <DatePicker className="forecast-day" label={t('forecast.as_of')} value={asOf || fmt.today()} onChange={(d) => set({ as_of: !d || d >= fmt.today() ? '' : d })} />
        </div>
        {data?.as_of && (
          <div className="past-banner" role="status">
            <History size={14} aria-hidden />
            <span>{t('forecast.past', { at: fmt.date(asOf) })}{data.by_dates && ' ' + t('forecast.by_dates')}</span>
            <Button kind="ghost" onPress={() => set({ as_of: '' })}>{t('forecast.now')}</Button>
          </div>
        )}
        {query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : !data || !period ? <SkeletonRows rows={10} /> : (
          <>
            <Figures cells={data.total[0]!} />
            {data.data.length
              ? <Panel flush><ForecastGrid data={data} period={period} by={by} asOf={asOf} onChanged={() => void query.refetch()} /></Panel>
              : <EmptyState title={t('forecast.empty')} body={t('forecast.empty_body')} action={<Button onPress={() => navigate('/o/deals')}>{t('forecast.to_deals')}</Button>} />}
            <Suspense fallback={<SkeletonRows rows={4} />}>
              <BridgePanel period={period} asOf={asOf} since={sp.get('since') ?? ''} onSince={(since) => set({ since })} />
            </Suspense>
          </>
        )}
      </div>
    </div>
  )
}
