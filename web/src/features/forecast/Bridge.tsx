// SPDX-License-Identifier: GPL-3.0-or-later
/* The bridge: a waterfall from the open deals of one day to those of another.  The table behind it says the same in numbers. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { keys } from '@/api'
import { useTexts } from '@/features/import/texts'
import { DatePicker, ErrorState, Panel, SkeletonRows } from '@/ui'
import { forecasts, type Bridge, type PeriodInfo } from './calls'
import { stepsOf, whole } from './model'

interface Props { period: PeriodInfo; asOf: string; since: string; onSince: (day: string) => void }

const addDays = (day: string, n: number) => new Date(Date.parse(day + 'T00:00:00Z') + n * 86_400_000).toISOString().slice(0, 10)
const PARTS = ['start', 'added', 'won', 'lost', 'slipped_out', 'slipped_in', 'grown', 'shrunk', 'end'] as const

export default function BridgePanel({ period, asOf, since, onSince }: Props) {
  const { t, fmt } = useTexts(), until = asOf || fmt.today()
  const from = since && since < until ? since : addDays(until, -30)
  const query = useQuery({
    queryKey: [...keys.many('deal'), 'bridge', period.period, from, asOf],
    queryFn: ({ signal }) => forecasts.bridge({ period: period.period, from, to: asOf || undefined }, signal),
    placeholderData: keepPreviousData,
  })
  return (
    <Panel title={t('forecast.bridge')} actions={<DatePicker className="forecast-day" label={t('forecast.bridge_since')} value={from} onChange={(d) => onSince(d ?? '')} />}>
      {query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : !query.data ? <SkeletonRows rows={5} /> : (
        <>
          <p className="dim small">{t('forecast.bridge_body', { from: fmt.date(from), to: fmt.date(until) })}</p>
          <Waterfall bridge={query.data} />
          <Table bridge={query.data} />
        </>
      )}
    </Panel>
  )
}

const WIDTH = 900, HEIGHT = 190, TOP = 18

function Waterfall({ bridge }: { bridge: Bridge }) {
  const { t, fmt } = useTexts(), steps = stepsOf(bridge)
  const most = Math.max(1, ...steps.flatMap((s) => [s.from, s.to])), slot = WIDTH / steps.length
  const y = (v: number) => TOP + (1 - v / most) * (HEIGHT - TOP)
  return (
    <svg className="forecast-bridge" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
      {steps.map((s, i) => {
        const high = Math.max(s.from, s.to), low = Math.min(s.from, s.to), x = i * slot
        return (
          <g key={s.part} className={s.isSum ? 'is-sum' : s.part === 'won' ? 'is-won' : s.amount < 0 ? 'is-less' : 'is-more'}>
            <title>{t(`forecast.part.${PARTS[i]!}`)}</title>
            <rect x={x + slot * 0.14} width={slot * 0.72} y={y(high)} height={Math.max(s.amount ? 1.5 : 0, y(low) - y(high))} rx={2} />
            {i < steps.length - 1 && <line x1={x + slot * 0.86} x2={x + slot * 1.14} y1={y(s.to)} y2={y(s.to)} />}
            {s.amount !== 0 && <text x={x + slot / 2} y={y(high) - 5}>{fmt.money({ amount: String(s.amount), currency: bridge.currency }, 'compact')}</text>}
          </g>
        )
      })}
    </svg>
  )
}

function Table({ bridge }: { bridge: Bridge }) {
  const { t, fmt } = useTexts()
  return (
    <div className="forecast-scroll" tabIndex={0} role="region" aria-label={t('forecast.bridge')}>
      <table className="forecast-parts">
        <caption className="sr">{t('forecast.bridge')}</caption>
        <thead><tr><th scope="col"><span className="sr">{t('forecast.part')}</span></th>{PARTS.map((p) => <th key={p} scope="col">{t(`forecast.part.${p}`)}</th>)}</tr></thead>
        <tbody>
          <tr><th scope="row">{t('forecast.amount')}</th>{bridge.parts.map((p) => <td key={p.part} className="num">{fmt.money(whole(p.amount))}</td>)}</tr>
          <tr><th scope="row">{t('forecast.count')}</th>{bridge.parts.map((p) => <td key={p.part} className="num">{fmt.number(p.count)}</td>)}</tr>
        </tbody>
      </table>
    </div>
  )
}
