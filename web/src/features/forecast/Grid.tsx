// SPDX-License-Identifier: GPL-3.0-or-later
/* The grid: a row a person, team or territory with those below it folded in; each sum of deals leads to these deals. */
import { useState } from 'react'
import { ChevronDown, ChevronRight, Pencil } from 'lucide-react'
import { Link } from 'wouter'
import type { Money } from '@/api'
import { useTexts } from '@/features/import/texts'
import { findObject, useMeta } from '@/meta'
import { Avatar, Badge, cx, IconButton } from '@/ui'
import { AdjustDialog } from './Adjust'
import { COLUMNS, type By, type Cells, type Column, type Forecast, type PeriodInfo } from './calls'
import { cellsOf, drill, treeOf, visible, whole, type Node } from './model'

interface Props { data: Forecast; period: PeriodInfo; by: By; asOf: string; onChanged: () => void }

const HELPED = ['pipeline', 'best_case', 'commit', 'closed', 'forecast', 'weighted', 'historical', 'trend'] as const
const helps = (c: Column): c is (typeof HELPED)[number] => (HELPED as readonly string[]).includes(c)

export function Cell({ column, cells, href }: { column: Column; cells: Cells; href: string | null }) {
  const { fmt } = useTexts()
  if (column === 'attainment') {
    const part = cells.attainment
    return part === null ? <span className="dim">—</span> : <span className={cx('num', Number(part) >= 100 && 'forecast-good')}>{fmt.percent(part)}</span>
  }
  const value: Money | null = cells[column]
  if (!value) return <span className="dim">—</span>
  const text = fmt.money(whole(value)), exact = fmt.money(value), isZero = Number(value.amount) === 0
  return href && !isZero ? <Link href={href} className="link num" title={exact}>{text}</Link> : <span className={cx('num', isZero && 'dim')} title={exact}>{text}</span>
}

export function ForecastGrid({ data, period, by, asOf, onChanged }: Props) {
  const { t, fmt } = useTexts(), meta = useMeta(), [changed, setOpen] = useState<ReadonlySet<string> | null>(null), [adjusting, setAdjusting] = useState<Node | null>(null)
  const tree = treeOf(data.data, by, t('forecast.nobody')), open = changed ?? new Set(tree.map((n) => n.id)), rows = visible(tree, open)
  const past = data.as_of ? { at: data.as_of, day: asOf, byDates: data.by_dates } : null
  const canAdjust = by === 'owner' && !past && findObject(meta, 'forecast_change')?.rights.create
  const toggle = (id: string) => {
    const next = new Set(open)
    if (!next.delete(id)) next.add(id)
    setOpen(next)
  }
  return (
    <div className="forecast-scroll" tabIndex={0} role="region" aria-label={t('forecast.title')}>
      <table className="forecast-table">
        <thead>
          <tr>
            <th scope="col">{t('forecast.col.name')}</th>
            {COLUMNS.map((c) => <th key={c} scope="col" className="forecast-num" title={helps(c) ? t(`forecast.help.${c}`) : undefined}>{t(`forecast.col.${c}`)}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((n) => {
            const cells = cellsOf(n, open), isOpen = open.has(n.id)
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
                {COLUMNS.map((c) => (
                  <td key={c} className="forecast-num">
                    {c === 'forecast' && n.row.adjusted && (
                      <span title={t('forecast.adjusted_by', { by: n.row.adjusted.by?.label ?? '', at: fmt.day(n.row.adjusted.at), note: n.row.adjusted.note ?? '' })}><Badge hue="amber">{t('forecast.adjusted')}</Badge></span>
                    )}
                    <Cell column={c} cells={c === 'forecast' && n.row.below ? n.row.below : cells} href={drill(c, period, by, { node: n, open: isOpen }, past)} />
                    {c === 'forecast' && canAdjust && n.id && <IconButton className="forecast-edit" icon={Pencil} size={13} label={t('forecast.adjust', { name: n.name })} onPress={() => setAdjusting(n)} />}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row"><span className="forecast-name"><span className="forecast-fold" />{t('forecast.total')}</span></th>
            {COLUMNS.map((c) => <td key={c} className="forecast-num"><Cell column={c} cells={data.total[0]!} href={drill(c, period, by, null, past)} /></td>)}
          </tr>
        </tfoot>
      </table>
      {adjusting && <AdjustDialog node={adjusting} period={period} currency={data.currency} onClose={() => setAdjusting(null)} onSaved={onChanged} />}
    </div>
  )
}
