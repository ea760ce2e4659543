// SPDX-License-Identifier: GPL-3.0-or-later
/* One column of the forecast over several periods: people, teams, territories or families down, periods across. */
import { useMemo, useState } from 'react'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useTexts } from '@/features/import/texts'
import { Avatar } from '@/ui'
import { usePeriodText } from '../dashboard/PeriodBar'
import type { By, Column, Forecast } from './calls'
import { Cell } from './Grid'
import { byPeriod, drill, everybody, treeOf, visible } from './model'

interface Props { data: Forecast; by: By; column: Column; asOf: string }

export default function PeriodsGrid({ data, by, column, asOf }: Props) {
  const { t } = useTexts(), text = usePeriodText(), [changed, setOpen] = useState<ReadonlySet<string> | null>(null)
  const tree = useMemo(() => treeOf(everybody(data.data, by), by, t('forecast.nobody')), [data, by, t]), cells = useMemo(() => byPeriod(data.data, by), [data, by])
  const open = changed ?? new Set(tree.map((n) => n.id)), rows = visible(tree, open)
  const past = data.as_of ? { at: data.as_of, day: asOf, byDates: data.by_dates } : null
  const toggle = (id: string) => {
    const next = new Set(open)
    if (!next.delete(id)) next.add(id)
    setOpen(next)
  }
  return (
    <div className="forecast-scroll" tabIndex={0} role="region" aria-label={t('forecast.title')}>
      <table className="forecast-table">
        <thead><tr><th scope="col">{t('forecast.col.name')}</th>{data.periods.map((p) => <th key={p.period} scope="col" className="forecast-num">{text(p.period)}</th>)}</tr></thead>
        <tbody>
          {rows.map((n) => {
            const isOpen = open.has(n.id)
            return (
              <tr key={n.id || 'nobody'}>
                <th scope="row">
                  <span className="forecast-name" style={{ paddingInlineStart: n.depth * 18 }}>
                    {n.children.length
                      ? <button type="button" className="forecast-fold" aria-expanded={isOpen} aria-label={t('forecast.expand', { name: n.name })} onClick={() => toggle(n.id)}>{isOpen ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}</button>
                      : <span className="forecast-fold" />}
                    {by === 'owner' && n.id && <Avatar name={n.name} />}
                    <span className="truncate">{n.name}</span>
                  </span>
                </th>
                {data.periods.map((p) => {
                  const row = cells.get(p.period)?.get(n.id), shown = row && (row.below && (!isOpen || column === 'forecast') ? row.below : row)
                  return <td key={p.period} className="forecast-num">{shown ? <Cell column={column} cells={shown} href={drill(column, p, by, { node: n, open: isOpen }, past)} /> : <span className="dim">—</span>}</td>
                })}
              </tr>
            )
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row"><span className="forecast-name"><span className="forecast-fold" />{t('forecast.total')}</span></th>
            {data.periods.map((p, i) => <td key={p.period} className="forecast-num"><Cell column={column} cells={data.total[i]!} href={drill(column, p, by, null, past)} /></td>)}
          </tr>
        </tfoot>
      </table>
    </div>
  )
}
