// SPDX-License-Identifier: GPL-3.0-or-later
/* What is inside a tile: its figures as a number, a chart or a table. */
import { Link } from 'wouter'
import { useTexts } from '@/features/import/texts'
import { findObject, useMeta } from '@/meta'
import { ErrorState, Skeleton, SkeletonRows } from '@/ui'
import type { PeriodInfo, TileDef } from './calls'
import { Bars, FigureTable, Funnel, Line, NumberFace } from './charts'
import { useFigures } from './useFigures'

interface Props { tile: TileDef; period: PeriodInfo | null; asTable?: boolean; most?: number }

export function TileFace({ tile, period, asTable, most = 10 }: Props) {
  const { t } = useTexts(), meta = useMeta(), { data, error, refetch, object } = useFigures(tile, period)
  if (!findObject(meta, object)) return <p className="dim small">{t('dash.no_object')}</p>
  if (error) return <ErrorState error={error} onRetry={refetch} />
  if (!data) return tile.kind === 'number' ? <Skeleton width={90} height={24} /> : <SkeletonRows rows={4} />
  const column = Math.max(0, data.columns.findIndex((c) => c.key === (tile.measure || 'count()')))
  if (tile.kind === 'number') return <NumberFace cell={data.total?.[column]} />
  if (!data.rows.length) return <p className="dim small tile-empty">{t('dash.empty')}</p>
  const report = tile.report !== null
  return (
    <>
      {tile.kind === 'table' || asTable ? <FigureTable data={data} name={tile.name} object={object} report={report} most={most} />
        : tile.kind === 'line' ? <Line data={data} column={column} /> : tile.kind === 'funnel' ? <Funnel data={data} column={column} /> : <Bars data={data} column={column} />}
      {report && most > 0 && <p className="small tile-more"><Link className="link" href={`/reports/${tile.report}?${new URLSearchParams({ ...(period && { period: period.period }), ...(tile.group_by && { by: tile.group_by }), ...(tile.filter && { filter: tile.filter }) }).toString()}`}>{t('dash.whole')}</Link></p>}
    </>
  )
}
