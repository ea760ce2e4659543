// SPDX-License-Identifier: GPL-3.0-or-later
/* The period in six numbers. */
import type { Money } from '@/api'
import { useTexts } from '@/features/import/texts'
import { Progress } from '@/ui'
import type { Cells } from './calls'

function Figure({ label, help, value, children }: { label: string; help?: string; value: Money | null; children?: React.ReactNode }) {
  const { fmt } = useTexts()
  return (
    <div className="panel forecast-figure" title={help}>
      <span className="dim small">{label}</span>
      <strong className="num">{value ? fmt.money(value, 'compact') : '—'}</strong>
      {children}
    </div>
  )
}

export function Figures({ cells }: { cells: Cells }) {
  const { t, fmt } = useTexts()
  return (
    <div className="forecast-figures">
      <Figure label={t('forecast.col.closed')} help={t('forecast.help.closed')} value={cells.closed}>
        {cells.attainment !== null && cells.quota && (
          <>
            <Progress label={t('forecast.col.attainment')} value={Number(cells.attainment) / 100} />
            <span className="dim small">{fmt.percent(cells.attainment)} · {t('forecast.col.quota')} {fmt.money(cells.quota, 'compact')}</span>
          </>
        )}
      </Figure>
      <Figure label={t('forecast.col.forecast')} help={t('forecast.help.forecast')} value={cells.forecast} />
      <Figure label={t('forecast.col.weighted')} help={t('forecast.help.weighted')} value={cells.weighted} />
      <Figure label={t('forecast.col.historical')} help={t('forecast.help.historical')} value={cells.historical} />
      <Figure label={t('forecast.col.trend')} help={t('forecast.help.trend')} value={cells.trend} />
    </div>
  )
}
