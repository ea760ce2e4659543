// SPDX-License-Identifier: GPL-3.0-or-later
/* How a playbook is used, and whether deals (leads) that had it end better than those that had it not. */
import { useQuery } from '@tanstack/react-query'
import { api, keys, type Rec } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import type { ObjectMeta } from '@/meta'
import { EmptyState, ErrorState, SkeletonRows } from '@/ui'
import type { Share, Use } from './model'
import './playbook.css'

interface Props { object: ObjectMeta; record: Rec }

export default function UseTab(p: Props) {
  return <Texts><Body {...p} /></Texts>
}

function Body({ object, record }: Props) {
  const { t, fmt } = useTexts()
  const { data, error, refetch } = useQuery({ queryKey: [...keys.many('playbook_run'), 'use', record.id], queryFn: async () => await api.action(object.plural, record.id, 'use', {}) as unknown as Use })
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <SkeletonRows rows={4} />
  if (!data.runs) return <EmptyState title={t('play.unused')} body={t('play.unused_body')} />
  const figures: [string, string][] = [
    [t('play.runs'), fmt.number(data.runs)],
    [t('play.is.finished'), `${fmt.number(data.finished)} · ${fmt.percent(Math.round(100 * data.finished / data.runs))}`],
    [t('play.is.going'), fmt.number(data.going)],
    [t('play.is.left'), fmt.number(data.left)],
  ]
  const row = (name: string, s: Share) => <tr><th scope="row">{name}</th><td>{fmt.number(s.won)}</td><td>{fmt.number(s.lost)}</td><td>{s.rate === null ? '–' : fmt.percent(s.rate)}</td></tr>
  return (
    <div className="playbook">
      <dl className="playbook-figures">{figures.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      {data.with && data.without && (
        <div className="playbook-scroll" tabIndex={0} role="region" aria-label={t('play.worth')}>
          <table>
            <caption>{t('play.worth')}</caption>
            <thead><tr><td /><th scope="col">{t('play.won')}</th><th scope="col">{t('play.lost')}</th><th scope="col">{t('play.rate')}</th></tr></thead>
            <tbody>{row(t('play.with'), data.with)}{row(t('play.without'), data.without)}</tbody>
          </table>
          <p className="dim small">{t('play.worth_help')}</p>
        </div>
      )}
    </div>
  )
}
