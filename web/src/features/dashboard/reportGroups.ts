// SPDX-License-Identifier: GPL-3.0-or-later
/* What reports may be grouped by. */
import { useTexts } from '@/features/import/texts'
import { useMeta } from '@/meta'
import { TAKES, type ReportName } from './calls'
import { groupChoices } from './model'

const GROUPS = ['owner', 'owner.manager', 'team', 'source', 'product', 'account.industry', 'account.region', 'territory', 'month', 'quarter']

/** What a report may be grouped by, with the words of the deal's fields. */
export function useReportGroups(report: ReportName): { value: string; label: string }[] {
  const { t } = useTexts(), meta = useMeta(), deal = meta.objects.find((o) => o.name === 'deal')
  if (!deal || !TAKES[report].group) return []
  const known = new Map(groupChoices(meta, deal).map((c) => [c.value, c.label]))
  known.set('month', t('dash.by.month')).set('quarter', t('dash.by.quarter')).set('owner.manager', t('dash.by.manager'))
  known.set('team', deal.fields.find((f) => f.name === 'team')?.label ?? 'team').set('owner', deal.fields.find((f) => f.name === 'owner')?.label ?? 'owner')
  const fits = report === 'lead_costs' ? ['source', 'utm_source', 'utm_campaign', 'month'] : report === 'activity' ? ['owner', 'owner.manager', 'team', 'month'] : report === 'funnel' ? GROUPS.filter((g) => g !== 'month' && g !== 'quarter') : GROUPS
  return fits.flatMap((value) => (known.has(value) ? [{ value, label: known.get(value)! }] : []))
}
