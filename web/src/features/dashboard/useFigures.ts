// SPDX-License-Identifier: GPL-3.0-or-later
/* The figures of a tile, asked of the server and kept fresh by the feed; and how they are written. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, keys, useWatch } from '@/api'
import { isEmpty, valueText } from '@/fields'
import { allOf } from '@/fields/celtext'
import { useTexts } from '@/features/import/texts'
import { useI18n } from '@/i18n'
import { findObject, useMeta } from '@/meta'
import { isMoney, MADE_OF, reports, TAKES, type PeriodInfo, type TileDef } from './calls'
import { fromAggregate, fromReport, periodCel, whole, type Cell, type Figures, type Group } from './model'

export interface Asked { data: Figures | undefined; error: unknown; refetch: () => void; object: string }

/** The period the address says; the current quarter at first. */
export function usePeriod(asked: string): PeriodInfo | null {
  const { data } = useQuery({ queryKey: ['period', asked], queryFn: ({ signal }) => reports.period(asked, signal), staleTime: 600_000, placeholderData: keepPreviousData })
  return data ?? null
}

/** The figures of `tile` in `period`; nothing is asked before the period is known. */
export function useFigures(tile: TileDef, period: PeriodInfo | null): Asked {
  const meta = useMeta(), { fmt } = useTexts(), object = tile.report ? MADE_OF[tile.report] : tile.object ?? ''
  const measure = tile.measure || 'count()', found = findObject(meta, object)
  const filter = tile.report ? tile.filter ?? '' : allOf(tile.filter, periodCel(meta, object, tile.period_field, period, fmt.zone))
  const groups = tile.group_by?.split(',').map((g) => g.trim()).filter(Boolean)
  useWatch(found ? object : null)
  const report = useQuery({
    queryKey: [...keys.many(object), 'report', tile.report, period?.period, TAKES[tile.report ?? 'sales'].group ? tile.group_by : '', filter],
    enabled: tile.report !== null && period !== null, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => reports.get(tile.report!, { period: period!.period, ...(TAKES[tile.report!].group && { group_by: tile.group_by || undefined }), ...(TAKES[tile.report!].filter && { filter: filter || undefined }) }, signal),
  })
  const query = { measures: [measure], filter: filter || undefined, ...(groups?.length && { group_by: groups }) }
  const aggregate = useQuery({
    queryKey: keys.aggregate(object, query), enabled: tile.report === null && found !== null && (period !== null || !tile.period_field), placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.aggregate(found!.plural, query, signal),
  })
  const asked = tile.report ? report : aggregate
  const data = tile.report
    ? report.data && fromReport(meta, tile.report, report.data, fmt.zone)
    : aggregate.data && fromAggregate(meta, tile, measure, filter, aggregate.data.data as Record<string, unknown>[], fmt.zone)
  return { data, error: asked.error, refetch: () => void asked.refetch(), object }
}

/** Texts of values, groups and columns. */
export function useFigureTexts() {
  const { t, fmt } = useTexts(), x = useI18n(), meta = useMeta()
  const cell = (c: Cell, style: 'compact' | 'plain' = 'plain'): string => {
    if (c.raw === null || c.raw === undefined) return '—'
    if (isMoney(c.raw)) return fmt.money(whole(c.raw), style === 'compact' && Math.abs(Number(c.raw.amount)) >= 10_000 ? 'compact' : 'plain')
    if (c.kind === 'percent') return fmt.percent(String(c.raw))
    if (c.kind === 'timestamp') return fmt.day(String(c.raw))
    return fmt.number(c.raw as string | number, c.kind === 'decimal' ? 2 : undefined)
  }
  const day = (value: string, bucket: string) => {
    const options: Intl.DateTimeFormatOptions = bucket === 'year' ? { year: 'numeric' } : bucket === 'day' || bucket === 'week' ? { day: 'numeric', month: 'short' } : { month: 'short', year: 'numeric' }
    return new Intl.DateTimeFormat(fmt.language, { ...options, timeZone: 'UTC' }).format(new Date(value + 'T00:00:00Z')).replace(/\s*г\.$/, '')
  }
  const value = (g: Group, v: unknown): string => {
    if (isEmpty(v)) return g.field?.type === 'user' ? t('forecast.nobody') : x.t('list.no_value')
    const bucket = g.bucket ?? (['month', 'quarter', 'year'].includes(g.text) ? g.text : null)
    if (bucket) return day(String(v), bucket)
    if (typeof v === 'object' && 'label' in (v as object)) return String((v as { label: string | null }).label ?? '—')
    if (g.text === 'kind' && !g.field) return t(`dash.customer.${v as 'new'}`)
    return g.field ? valueText(g.field, v, x) : String(v)
  }
  const group = (g: Group): string => {
    if (g.field) return g.field.label
    if (g.text === 'stage' || g.text === 'account') return findObject(meta, g.text)?.label ?? g.text
    return g.text === 'month' || g.text === 'quarter' || g.text === 'year' ? t(`dash.by.${g.text}`) : t('dash.by.kind')
  }
  const measure = (object: string, key: string, report: boolean): string => {
    if (report) return t(`dash.col.${key as 'won'}`)
    const call = /^(\w+)\((\w*)\)$/.exec(key), field = findObject(meta, object)?.fields.find((f) => f.name === call?.[2])
    if (!call || call[1] === 'count' || !field) return t('dash.count')
    return call[1] === 'avg' ? t('dash.avg', { field: field.label }) : call[1] === 'sum' ? t('dash.sum', { field: field.label }) : `${call[1]} ${field.label}`
  }
  return { cell, value, group, measure, row: (r: { values: { group: Group; value: unknown }[] }) => r.values.map((v) => value(v.group, v.value)).join(' · ') }
}
