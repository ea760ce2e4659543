// SPDX-License-Identifier: GPL-3.0-or-later
/* Who has stopped buying, who is due, which families were given up, and how customers moved between the phases of their life. */
import { lazy, Suspense } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Bell } from 'lucide-react'
import { Link, useSearchParams } from 'wouter'
import { isDenied, keys, useWatch } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { quote } from '@/fields/filterKit'
import { findObject, listHref, recordHref, useMeta, type Meta } from '@/meta'
import { Badge, DatePicker, EmptyState, ErrorState, LinkButton, NoPermission, PageHead, Panel, SegmentedControl, SkeletonRows, type Hue } from '@/ui'
import { buyingOf, STATES, type Buyer, type State } from './calls'
import { WinBack } from './WinBack'
import './customers.css'

const FlowPanel = lazy(() => import('./FlowPanel'))
const VIEWS = ['account', 'family', 'life'] as const
const HUES: Record<State, Hue> = { lost: 'red', due: 'amber', buying: 'green', new: 'slate' }

export default function BuyingPage() {
  return <Texts><Body /></Texts>
}

function Body() {
  const { t } = useTexts(), meta = useMeta(), [sp, setSp] = useSearchParams()
  const view = VIEWS.find((v) => v === sp.get('view')) ?? 'account'
  const signals = findObject(meta, 'signal')
  const set = (next: Record<string, string>) => {
    const all = new URLSearchParams(sp)
    for (const [k, v] of Object.entries(next)) if (v) all.set(k, v); else all.delete(k)
    setSp(all)
  }
  return (
    <div className="page page-scroll">
      <PageHead title={t('owner.title')} actions={signals?.rights.read && <LinkButton icon={Bell} href={listHref(signals)}>{signals.label_plural}</LinkButton>} />
      <div className="page-pad buying">
        <SegmentedControl label={t('owner.view')} value={view} onChange={(v) => set({ view: v === 'account' ? '' : v })} items={VIEWS.map((v) => ({ id: v, label: t(`owner.view.${v}`) }))} />
        {view === 'life' ? <Suspense fallback={<SkeletonRows rows={6} />}><FlowPanel /></Suspense> : <Buyers by={view} set={set} />}
      </div>
    </div>
  )
}

function Buyers({ by, set }: { by: 'account' | 'family'; set: (next: Record<string, string>) => void }) {
  const { t, fmt } = useTexts(), [sp] = useSearchParams(), state = STATES.find((s) => s === sp.get('state')) ?? 'lost', asOf = sp.get('as_of') ?? ''
  useWatch('order')
  const query = useQuery({
    queryKey: [...keys.many('order'), 'buying', by, state, asOf],
    queryFn: ({ signal }) => buyingOf({ group_by: by, state, as_of: asOf || undefined }, signal),
    placeholderData: keepPreviousData,
  })
  if (isDenied(query.error)) return <NoPermission />
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  const data = query.data
  return (
    <>
      <div className="buying-states">
        {STATES.map((s) => (
          <button key={s} type="button" className="buying-state" aria-pressed={s === state} onClick={() => set({ state: s === 'lost' ? '' : s })}>
            <span><Badge hue={HUES[s]}>{t(`owner.state.${s}`)}</Badge></span>
            <strong className="num">{data ? fmt.number(data.counts[s]) : '…'}</strong>
          </button>
        ))}
        <DatePicker className="buying-day" label={t('owner.as_of')} value={asOf || fmt.today()} onChange={(d) => set({ as_of: d && d !== fmt.today() ? d : '' })} />
      </div>
      <p className="dim small">{t(`owner.${by}_body`)}</p>
      {!data ? <SkeletonRows rows={8} /> : data.data.length === 0 ? <EmptyState title={t('owner.none')} body={t('owner.none_body')} /> : <Table rows={data.data} by={by} isLost={state === 'lost'} />}
    </>
  )
}

/** The orders behind a row, or their lines. */
function ordersHref(meta: Meta, row: Buyer): string {
  const lines = findObject(meta, 'order_line'), orders = findObject(meta, 'order')
  if (row.family && lines) return listHref(lines, { filter: `order.account == ${quote(row.account.id)} && product.family == ${quote(row.family)}` })
  return orders ? listHref(orders, { filter: `account == ${quote(row.account.id)}` }) : recordHref(meta, row.account)
}

function Table({ rows, by, isLost }: { rows: Buyer[]; by: 'account' | 'family'; isLost: boolean }) {
  const { t, fmt } = useTexts(), meta = useMeta()
  return (
    <Panel flush>
      <div className="buying-scroll" tabIndex={0} role="region" aria-label={t('owner.title')}>
        <table className="buying-table">
          <thead>
            <tr>
              <th scope="col">{t('owner.customer')}</th>
              {by === 'family' && <th scope="col">{t('owner.family')}</th>}
              <th scope="col" className="buying-num">{t('owner.usual')}</th>
              <th scope="col">{t('owner.last')}</th>
              <th scope="col">{t('owner.expected')}</th>
              <th scope="col" className="buying-num">{t('owner.silent')}</th>
              <th scope="col" className="buying-num">{t('owner.net')}</th>
              <th scope="col">{t('owner.owner')}</th>
              {isLost && <th scope="col"><span className="sr">{t('owner.win_back')}</span></th>}
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={r.account.id + (r.family ?? '')}>
                <th scope="row"><Link href={recordHref(meta, r.account)} className="link truncate buying-name">{r.account.label}</Link></th>
                {by === 'family' && <td>{r.family ?? <span className="dim">{t('owner.no_family')}</span>}</td>}
                <td className="buying-num num">{r.usual_days === null ? '' : t('owner.days', { n: fmt.number(Number(r.usual_days)) })}</td>
                <td className="num">{fmt.date(r.last)}</td>
                <td className="num">{r.expected && fmt.date(r.expected)}</td>
                <td className="buying-num num">{t('owner.days', { n: fmt.number(r.silent_days) })}</td>
                <td className="buying-num num"><Link href={ordersHref(meta, r)} className="link" aria-label={t('owner.orders_of', { name: r.account.label ?? '', n: r.purchases })}>{fmt.money(r.net)}</Link></td>
                <td>{r.owner ? <span className="truncate buying-name">{r.owner.label}</span> : <span className="bad">{t('owner.nobody')}</span>}</td>
                {isLost && <td className="buying-act"><WinBack account={r.account} family={r.family} /></td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}
