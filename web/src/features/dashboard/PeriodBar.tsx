// SPDX-License-Identifier: GPL-3.0-or-later
/* A month, a quarter or a year, and the way to the one before and the next. */
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useTexts } from '@/features/import/texts'
import { IconButton, SegmentedControl } from '@/ui'
import { kindOf, stepPeriod, type Kind } from '../forecast/model'
import './period.css'

const KINDS: Kind[] = ['month', 'quarter', 'year']

/** "July 2026", "Q3 2026", "2026". */
export function usePeriodText() {
  const { t, fmt } = useTexts()
  return (period: string) => {
    const kind = kindOf(period), year = period.slice(0, 4)
    if (kind === 'year') return year
    if (kind === 'quarter') return t('forecast.period.quarter', { q: period.slice(6), year })
    return new Intl.DateTimeFormat(fmt.language, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(period + '-01T00:00:00Z'))
  }
}

/* The same time as a period of another kind. */
function otherKind(period: string, start: string, kind: Kind): string {
  if (kind === 'month') return start.slice(0, 7)
  return kind === 'year' ? period.slice(0, 4) : ''
}

export function PeriodBar({ period, onChange }: { period: { period: string; start: string }; onChange: (period: string) => void }) {
  const { t } = useTexts(), text = usePeriodText()
  return (
    <>
      <SegmentedControl label={t('forecast.kind')} value={kindOf(period.period)} onChange={(k) => onChange(otherKind(period.period, period.start, k))} items={KINDS.map((k) => ({ id: k, label: t(`forecast.kind.${k}`) }))} />
      <span className="period-step">
        <IconButton icon={ChevronLeft} label={t('forecast.previous')} onPress={() => onChange(stepPeriod(period.period, -1))} />
        <strong>{text(period.period)}</strong>
        <IconButton icon={ChevronRight} label={t('forecast.next')} onPress={() => onChange(stepPeriod(period.period, 1))} />
      </span>
    </>
  )
}
