// SPDX-License-Identifier: GPL-3.0-or-later
/* An account with all that belong to it: what is open and what was won, each and together. */
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { keys, type Rec } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { recordHref, useMeta, type ObjectMeta } from '@/meta'
import { EmptyState, ErrorState, SkeletonRows } from '@/ui'
import { hierarchyOf } from './calls'
import { whole } from './model'
import './forecast.css'

export default function GroupTab(p: { object: ObjectMeta; record: Rec }) {
  return <Texts><Body {...p} /></Texts>
}

function Body({ record }: { object: ObjectMeta; record: Rec }) {
  const { t, fmt } = useTexts(), meta = useMeta()
  const query = useQuery({ queryKey: [...keys.many('account'), 'hierarchy', record.id, record.version], queryFn: ({ signal }) => hierarchyOf(record.id, signal) })
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return <SkeletonRows rows={4} />
  const { data, accounts, open_amount, won_amount } = query.data
  if (accounts < 2) return <EmptyState title={t('record.group_of_companies')} body={t('forecast.group.alone')} />
  return (
    <div className="forecast-scroll" tabIndex={0} role="region" aria-label={t('record.group_of_companies')}>
      <table className="forecast-table">
        <thead><tr><th scope="col">{t('forecast.terr.account')}</th><th scope="col" className="forecast-num">{t('forecast.group.open')}</th><th scope="col" className="forecast-num">{t('forecast.group.won')}</th></tr></thead>
        <tbody>
          {data.map((n) => (
            <tr key={n.account.id}>
              <th scope="row"><span className="forecast-name" style={{ paddingInlineStart: n.depth * 18 }}><Link href={recordHref(meta, n.account)} className="link truncate">{n.account.label}</Link></span></th>
              <td className="forecast-num num">{fmt.money(whole(n.open_amount))}</td>
              <td className="forecast-num num">{fmt.money(whole(n.won_amount))}</td>
            </tr>
          ))}
        </tbody>
        <tfoot><tr><th scope="row">{t('forecast.group.accounts')}: {fmt.number(accounts)}</th><td className="forecast-num num">{fmt.money(whole(open_amount))}</td><td className="forecast-num num">{fmt.money(whole(won_amount))}</td></tr></tfoot>
      </table>
    </div>
  )
}
