// SPDX-License-Identifier: GPL-3.0-or-later
/* The forecast of a period: who will bring what, as it stands or stood on a day, and what has changed since another.  The address is the state. */
import { lazy, Suspense } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { History, ListChecks, Map as MapIcon, Target } from 'lucide-react'
import { useLocation, useSearchParams } from 'wouter'
import { isDenied, keys, useWatch } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { findObject, useMeta } from '@/meta'
import { Button, DatePicker, EmptyState, ErrorState, LinkButton, NativeSelect, NoPermission, PageHead, Panel, SegmentedControl, SkeletonRows } from '@/ui'
import { PeriodBar, usePeriodText } from '../dashboard/PeriodBar'
import { reports } from '../dashboard/calls'
import { COLUMNS, forecasts, type By } from './calls'
import { stepPeriod } from './model'
import { Figures } from './Figures'
import { ForecastGrid } from './Grid'
import './forecast.css'

const BridgePanel = lazy(() => import('./Bridge'))
const PeriodsGrid = lazy(() => import('./PeriodsGrid'))
const BYS: By[] = ['owner', 'team', 'territory', 'family'], SPANS = ['1', '4', '12']

export default function ForecastPage() {
  return <Texts><Body /></Texts>
}

/** So many periods from the one asked for; the current quarter when none is. */
async function rangeOf(period: string, span: number, signal: AbortSignal): Promise<string | undefined> {
  if (span === 1) return period || undefined
  const first = period || (await reports.period('', signal)).period
  return `${first}..${stepPeriod(first, span - 1)}`
}

function Body() {
  const { t, fmt } = useTexts(), meta = useMeta(), [sp, setSp] = useSearchParams(), [, navigate] = useLocation(), periodText = usePeriodText()
  const by = BYS.find((b) => b === sp.get('by')) ?? 'owner', asOf = sp.get('as_of') ?? '', asked = sp.get('period') ?? ''
  const span = SPANS.find((n) => n === sp.get('span')) ?? '1', column = COLUMNS.find((c) => c === sp.get('column')) ?? 'closed'
  useWatch('deal')
  const query = useQuery({
    queryKey: [...keys.many('deal'), 'forecast', asked, by, asOf, span],
    queryFn: async ({ signal }) => forecasts.get({ period: await rangeOf(asked, Number(span), signal), group_by: by, as_of: asOf || undefined }, signal),
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
          <NativeSelect label={t('forecast.span')} value={span} choices={SPANS.map((n) => ({ value: n, label: t('forecast.periods', { n: Number(n) }) }))} onChange={(n) => set({ span: n === '1' ? '' : n })} />
          {span !== '1' && <NativeSelect label={t('forecast.column')} value={column} choices={COLUMNS.map((c) => ({ value: c, label: t(`forecast.col.${c}`) }))} onChange={(c) => set({ column: c })} />}
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
            {span === '1' && <Figures cells={data.total[0]!} />}
            {!data.data.length ? <EmptyState title={t('forecast.empty')} body={t('forecast.empty_body')} action={<Button onPress={() => navigate('/o/deals')}>{t('forecast.to_deals')}</Button>} />
              : span === '1' ? <Panel flush><ForecastGrid data={data} period={period} by={by} asOf={asOf} onChanged={() => void query.refetch()} /></Panel>
              : <Panel flush><Suspense fallback={<SkeletonRows rows={8} />}><PeriodsGrid data={data} by={by} column={column} asOf={asOf} /></Suspense></Panel>}
            <Suspense fallback={<SkeletonRows rows={4} />}>
              <BridgePanel period={period} asOf={asOf} since={sp.get('since') ?? ''} onSince={(since) => set({ since })} />
            </Suspense>
          </>
        )}
      </div>
    </div>
  )
}
