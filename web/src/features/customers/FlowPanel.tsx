// SPDX-License-Identifier: GPL-3.0-or-later
/* How many customers moved from phase to phase in each month. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { LayoutGrid } from 'lucide-react'
import { keys, useWatch } from '@/api'
import { useTexts } from '@/features/import/texts'
import { fieldOf, findObject, useMeta } from '@/meta'
import { Badge, EmptyState, ErrorState, LinkButton, Panel, SegmentedControl, SkeletonRows, type Hue } from '@/ui'
import { flowOf } from './calls'

const BYS = ['phase', 'ladder'] as const

export default function FlowPanel() {
  const { t, fmt } = useTexts(), meta = useMeta(), [by, setBy] = useState<(typeof BYS)[number]>('phase')
  useWatch('account')
  const query = useQuery({ queryKey: [...keys.many('account'), 'flow', by], queryFn: ({ signal }) => flowOf(by, signal) })
  const account = findObject(meta, 'account'), field = account && fieldOf(account, by)
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  const data = query.data
  const name = (value: string | null) => {
    const option = field?.options?.find((o) => o.value === value)
    return value === null ? <span className="dim">{t('owner.nothing')}</span> : <Badge hue={(option?.color ?? 'slate') as Hue}>{option?.label ?? value}</Badge>
  }
  const month = (m: string) => new Intl.DateTimeFormat(fmt.language, { month: 'short', year: '2-digit', timeZone: 'UTC' }).format(new Date(m + '-01T00:00:00Z'))
  const paths = data ? [...new Map(data.data.map((r) => [`${r.from}>${r.to}`, r])).entries()] : []
  return (
    <>
      <div className="buying-states">
        <SegmentedControl label={t('owner.view.life')} value={by} onChange={setBy} items={BYS.map((b) => ({ id: b, label: (account && fieldOf(account, b)?.label) ?? b }))} />
        <LinkButton icon={LayoutGrid} href="/o/accounts?layout=board">{t('owner.board')}</LinkButton>
      </div>
      <p className="dim small">{t('owner.life_body')}</p>
      {!data ? <SkeletonRows rows={6} /> : paths.length === 0 ? <EmptyState title={t('owner.no_moves')} body={t('owner.no_moves_body')} /> : (
        <Panel flush>
          <div className="buying-scroll" tabIndex={0} role="region" aria-label={t('owner.view.life')}>
            <table className="buying-table">
              <thead><tr><th scope="col">{t('owner.move')}</th>{data.months.map((m) => <th key={m} scope="col" className="buying-num">{month(m)}</th>)}</tr></thead>
              <tbody>
                {paths.map(([key, p]) => (
                  <tr key={key}>
                    <th scope="row"><span className="buying-move">{name(p.from)}<span aria-hidden>→</span>{name(p.to)}</span></th>
                    {data.months.map((m) => {
                      const n = data.data.find((r) => r.month === m && r.from === p.from && r.to === p.to)?.count
                      return <td key={m} className="buying-num num">{n ? fmt.number(n) : ''}</td>
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Panel>
      )}
    </>
  )
}
