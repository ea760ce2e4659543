// SPDX-License-Identifier: GPL-3.0-or-later
/* The plan of an account: who decides there and what they think of us, what they do not buy yet, whom they brought us, who else is there. */
import { useQuery } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import { api, keys, useWatch, type Money, type Rec, type Ref } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { quote } from '@/fields/filterKit'
import { fieldOf, findObject, listHref, nameOf, recordHref, useMeta, type ObjectMeta } from '@/meta'
import { Progress, SkeletonRows } from '@/ui'
import { spaceOf } from './calls'
import { placePeople } from './model'
import './customers.css'

export default function PlanTab(p: { object: ObjectMeta; record: Rec }) {
  return <Texts><div className="plan"><Strength {...p} /><People {...p} /><WhiteSpace {...p} /><Worth {...p} /></div></Texts>
}

function Strength({ object, record }: { object: ObjectMeta; record: Rec }) {
  const field = fieldOf(object, 'strength'), value = Number(record.strength ?? 0)
  if (!field) return null
  return <section title={field.help ?? undefined}><h3>{field.label}: <span className="num">{value}</span></h3><Progress label={field.label} value={value / 100} /></section>
}

/* --- who reports to whom --------------------------------------------------------------------------------------------- */

const W = 190, H = 58, GAP_X = 14, GAP_Y = 34
const cut = (s: string, n: number) => (s.length > n ? s.slice(0, n - 1) + '…' : s)

function People({ record }: { record: Rec }) {
  const { t } = useTexts(), meta = useMeta(), contact = findObject(meta, 'contact')
  useWatch('contact')
  const query = { filter: `account == ${quote(record.id)} && has_left != true`, page_size: 100, order_by: 'name' }
  const { data } = useQuery({ queryKey: keys.list('contact', query), enabled: contact !== null, queryFn: ({ signal }) => api.list('contacts', query, signal) })
  if (!contact?.rights.read) return null
  return (
    <section>
      <h3>{t('owner.people')}</h3>
      {!data ? <SkeletonRows rows={3} /> : data.data.length === 0 ? <p className="dim small">{t('owner.no_people')}</p> : <Chart contact={contact} people={data.data} />}
    </section>
  )
}

function Chart({ contact, people }: { contact: ObjectMeta; people: Rec[] }) {
  const { t } = useTexts(), meta = useMeta(), [, navigate] = useLocation()
  const { places, columns, rows } = placePeople(people.map((p) => ({ id: p.id, chief: (p.reports_to as Ref | null)?.id ?? null })))
  const at = new Map(places.map((p) => [p.id, p])), x = (v: number) => v * (W + GAP_X) + 1, y = (v: number) => v * (H + GAP_Y) + 1
  const option = (p: Rec, name: string) => fieldOf(contact, name)?.options?.find((o) => o.value === p[name])
  return (
    <div className="buying-scroll" tabIndex={0} role="region" aria-label={t('owner.people')}>
      <svg className="plan-chart" width={columns * (W + GAP_X)} height={rows * (H + GAP_Y) - GAP_Y + 2}>
        {places.map((p) => {
          const chief = p.chief && at.get(p.chief)
          return chief && <path key={p.id} d={`M${x(chief.x) + W / 2} ${y(chief.y) + H}v${GAP_Y / 2}H${x(p.x) + W / 2}V${y(p.y)}`} />
        })}
        {people.map((p) => {
          const place = at.get(p.id), attitude = option(p, 'attitude'), influence = option(p, 'influence'), href = recordHref(meta, { object: 'contact', id: p.id })
          const name = nameOf(contact, p), about = [influence?.label, attitude?.label].filter(Boolean).join(' · ')
          return place && (
            <a key={p.id} href={href} onClick={(e) => { if (!e.ctrlKey && !e.metaKey) { e.preventDefault(); navigate(href) } }}>
              <rect x={x(place.x)} y={y(place.y)} width={W} height={H} rx={6} className={p.influence === 'decides' ? 'is-chief' : undefined} />
              <rect x={x(place.x)} y={y(place.y)} width={5} height={H} rx={2} className={`hue-${attitude?.color ?? 'none'}`} />
              <text x={x(place.x) + 14} y={y(place.y) + 18} className="plan-name">{cut(name, 24)}</text>
              <text x={x(place.x) + 14} y={y(place.y) + 34}>{cut(String(p.job_title ?? ''), 28)}</text>
              <text x={x(place.x) + 14} y={y(place.y) + 49}>{cut(about, 28)}</text>
            </a>
          )
        })}
      </svg>
    </div>
  )
}

/* --- what they do not buy -------------------------------------------------------------------------------------------- */

function WhiteSpace({ record }: { record: Rec }) {
  const { t, fmt } = useTexts(), meta = useMeta()
  useWatch('order')
  const { data, isError } = useQuery({ queryKey: [...keys.many('order'), 'space', record.id], queryFn: ({ signal }) => spaceOf(record.id, signal) })
  if (isError) return null
  const rows = data ? [...data.accounts].sort((a, b) => Number(b.id === record.id) - Number(a.id === record.id)) : []
  return (
    <section>
      <h3>{t('owner.space')}</h3>
      {!data ? <SkeletonRows rows={3} /> : data.families.length === 0 ? <p className="dim small">{t('owner.no_families')}</p> : (
        <div className="buying-scroll" tabIndex={0} role="region" aria-label={t('owner.space')}>
          <table className="buying-table plan-space">
            <thead><tr><th scope="col">{t('owner.family')}</th>{rows.map((a) => <th key={a.id} scope="col" className="buying-num"><Link href={recordHref(meta, a)} className="link">{a.label}</Link></th>)}</tr></thead>
            <tbody>
              {data.families.map((f) => (
                <tr key={f}>
                  <th scope="row">{f}</th>
                  {rows.map((a) => {
                    const cell = data.data.find((c) => c.account.id === a.id && c.family === f)
                    return cell ? <td key={a.id} className={`buying-num num is-${cell.state}`} title={fmt.date(cell.last)}>{fmt.money(cell.net)}</td> : <td key={a.id} className="buying-num is-open">{t('owner.open')}</td>
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

/* --- whom they brought, who else is there ---------------------------------------------------------------------------- */

function Worth({ object, record }: { object: ObjectMeta; record: Rec }) {
  const { t, fmt } = useTexts(), meta = useMeta(), by = record.referred_by as Ref | null, rivals = findObject(meta, 'deal_competitor')
  const filter = `referred_by == ${quote(record.id)}`
  const { data: brought } = useQuery({ queryKey: [...keys.many('account'), 'brought', record.id], queryFn: ({ signal }) => api.aggregate('accounts', { filter, measures: ['count()', 'sum(won_amount)'] }, signal) })
  const query = { filter: `deal.account == ${quote(record.id)}`, page_size: 20 }
  const { data: others } = useQuery({ queryKey: keys.list('deal_competitor', query), enabled: !!rivals?.rights.read, queryFn: ({ signal }) => api.list(rivals!.plural, query, signal) })
  const sums = brought?.data[0] as { 'count()': number; 'sum(won_amount)': Money | null } | undefined
  return (
    <section>
      <h3>{t('owner.worth')}</h3>
      <dl className="plan-facts">
        <dt>{fieldOf(object, 'referred_by')?.label}</dt><dd>{by ? <Link href={recordHref(meta, by)} className="link">{by.label}</Link> : '–'}</dd>
        <dt>{t('owner.brought')}</dt><dd>{sums && sums['count()'] > 0 ? <Link href={listHref(object, { filter })} className="link">{fmt.number(sums['count()'])}{sums['sum(won_amount)'] && ` · ${fmt.money(sums['sum(won_amount)'])}`}</Link> : '–'}</dd>
        {rivals?.rights.read && <><dt>{t('owner.rivals')}</dt><dd>{others?.data.length ? others.data.map((r, i) => <span key={r.id}>{i > 0 && ', '}<Link href={recordHref(meta, r.competitor as Ref)} className="link">{(r.competitor as Ref).label}</Link></span>) : '–'}</dd></>}
      </dl>
    </section>
  )
}
