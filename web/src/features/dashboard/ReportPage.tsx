// SPDX-License-Identifier: GPL-3.0-or-later
/* A report whole: period, what it is grouped by, a chart of one column and all of them in a table.  The address is the state. */
import { useQuery } from '@tanstack/react-query'
import { Banknote } from 'lucide-react'
import { useSearchParams } from 'wouter'
import { isDenied, keys, useWatch } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { findObject, listHref, useMeta } from '@/meta'
import { EmptyState, ErrorState, LinkButton, NativeSelect, NoPermission, PageHead, Panel, SkeletonRows } from '@/ui'
import { MADE_OF, REPORTS, reports, TAKES, type ReportName } from './calls'
import { Bars, FigureTable, Funnel, Line } from './charts'
import { fromReport } from './model'
import { PeriodBar } from './PeriodBar'
import { useReportGroups } from './reportGroups'
import { useFigureTexts, usePeriod } from './useFigures'
import './dashboard.css'

export default function ReportPage({ params }: { params: Record<string, string> }) {
  return <Texts><Body key={params.name} name={params.name ?? ''} /></Texts>
}

const FIRST: Record<ReportName, { by: string; column: string }> = {
  sales: { by: 'owner', column: 'amount' }, funnel: { by: '', column: 'reached' }, stages: { by: '', column: 'stay' },
  activity: { by: 'owner', column: 'activities' }, customers: { by: '', column: 'accounts' }, lead_costs: { by: 'source', column: 'cost' },
}

function Body({ name }: { name: string }) {
  const { t } = useTexts(), report = REPORTS.find((r) => r === name)
  return report ? <Shown report={report} /> : <EmptyState page title={t('dash.gone')} />
}

function Shown({ report }: { report: ReportName }) {
  const { t, fmt } = useTexts(), meta = useMeta(), [sp, setSp] = useSearchParams(), text = useFigureTexts(), groups = useReportGroups(report)
  const period = usePeriod(sp.get('period') ?? ''), by = sp.get('by') ?? FIRST[report].by, filter = sp.get('filter') ?? '', kind = sp.get('kind') ?? ''
  useWatch(MADE_OF[report])
  const asked = { period: period?.period, ...(TAKES[report].group && by && { group_by: by }), ...(TAKES[report].filter && filter && { filter }), ...(kind && { kind }) }
  const query = useQuery({ queryKey: [...keys.many(MADE_OF[report]), 'report', report, asked], enabled: period !== null, queryFn: ({ signal }) => reports.get(report, asked, signal) })
  const set = (change: Record<string, string>) => {
    const next = new URLSearchParams(sp)
    for (const [k, v] of Object.entries(change)) if (v) next.set(k, v); else next.delete(k)
    setSp(next)
  }
  if (isDenied(query.error)) return <NoPermission page />
  const costs = report === 'lead_costs' ? findObject(meta, 'advertising_cost') : null
  const data = query.data && fromReport(meta, report, query.data, fmt.zone)
  const column = data ? Math.max(0, data.columns.findIndex((c) => c.key === (sp.get('column') ?? FIRST[report].column))) : 0
  return (
    <div className="page page-scroll">
      <PageHead title={t(`dash.report.${report}`)} summary={kind ? t(`dash.customer.${kind as 'new'}`) : undefined}
        actions={costs?.rights.read && <LinkButton icon={Banknote} href={listHref(costs)}>{costs.label_plural}</LinkButton>} />
      <div className="page-pad dashboard">
        <div className="dash-bar">
          {period && <PeriodBar period={period} onChange={(p) => set({ period: p })} />}
          {groups.length > 0 && <NativeSelect label={t('dash.group')} value={by} choices={[...(report === 'funnel' ? [{ value: '', label: t('dash.by.none') }] : []), ...groups]} onChange={(v) => set({ by: v })} />}
        </div>
        <p className="dim">{t(`dash.about.${report}`)}</p>
        {query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : !data ? <SkeletonRows rows={8} /> : data.rows.length === 0 ? <EmptyState title={t('dash.empty')} /> : (
          <>
            <Panel actions={
              <NativeSelect label={t('dash.measure')} value={data.columns[column]!.key} choices={data.columns.filter((c) => c.kind !== 'timestamp').map((c) => ({ value: c.key, label: text.measure(MADE_OF[report], c.key, true) }))} onChange={(v) => set({ column: v })} />
            }>
              {data.isDated ? <Line data={data} column={column} /> : report === 'funnel' && data.groups.length === 1 ? <Funnel data={data} column={column} /> : <Bars data={data} column={column} />}
            </Panel>
            <Panel flush><FigureTable data={data} name={t(`dash.report.${report}`)} object={MADE_OF[report]} report /></Panel>
          </>
        )}
      </div>
    </div>
  )
}
