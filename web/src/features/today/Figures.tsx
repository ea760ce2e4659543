/* SPDX-License-Identifier: GPL-3.0-or-later */
import { ChevronRight } from 'lucide-react'
import { Link } from 'wouter'
import type { Figure, Money } from '@/api'
import { useI18n, type Key } from '@/i18n'
import { findObject, listHref, type Meta } from '@/meta'
import { Skeleton } from '@/ui'

const OBJECTS: Record<string, string> = {
  deals_closed_today: 'deal', amount_closed_today: 'deal', new_customers_week: 'account', activities_by_manager: 'activity', leads_processed: 'lead',
}

/* A thousand and more goes without its hundredths. */
const whole = (m: Money): Money => Math.abs(Number(m.amount)) < 1000 ? m : { ...m, amount: String(Math.round(Number(m.amount))) }
const isMoney = (v: unknown): v is Money => typeof v === 'object' && v !== null && 'amount' in v

/** The five figures; each opens the list it counts. */
export function Figures({ figures, meta }: { figures: Figure[]; meta: Meta }) {
  const { t, fmt } = useI18n()
  return (
    <div className="figures">
      {figures.map((f) => {
        const object = findObject(meta, f.object ?? OBJECTS[f.key])
        const label = t(`today.figure.${f.key}` as Key)
        const many = Array.isArray(f.value) ? f.value : null
        const most = Math.max(1, ...(many ?? []).map((x) => x.count))
        const body = (
          <>
            <span className="figure-label">{label}{object && <ChevronRight size={13} aria-hidden />}</span>
            {many ? (
              <span className="figure-people">
                {many.length === 0 && <span className="dim">{t('today.figure.nobody')}</span>}
                {many.slice(0, 3).map((x) => (
                  <span key={x.user.id} className="figure-person">
                    <span className="truncate">{x.user.label}</span>
                    <span className="figure-bar" aria-hidden><i style={{ width: `${(100 * x.count) / most}%` }} /></span>
                    <b className="num">{fmt.number(x.count)}</b>
                  </span>
                ))}
                {many.length > 3 && <span className="dim small">{t('today.figure.more', { n: many.length - 3 })}</span>}
              </span>
            ) : (
              <span className="figure-value num">{isMoney(f.value) ? fmt.money(whole(f.value), f.value.amount.length > 9 ? 'compact' : 'plain') : f.value === null && f.key.startsWith('amount') ? fmt.money({ amount: '0', currency: meta.company.currency }, 'plain') : fmt.number((f.value as number | null) ?? 0)}</span>
            )}
          </>
        )
        const kind = many ? 'figure figure-wide' : 'figure'
        return object ? <Link key={f.key} href={listHref(object, { filter: f.filter })} className={kind}>{body}</Link> : <div key={f.key} className={kind}>{body}</div>
      })}
    </div>
  )
}

export function FiguresSkeleton() {
  return (
    <div className="figures" aria-hidden>
      {[0, 1, 2, 3, 4].map((i) => (
        <div key={i} className={i === 3 ? 'figure figure-wide' : 'figure'}>
          <span className="figure-label"><Skeleton width={110} /></span>
          <span className="figure-value"><Skeleton width={60} height={22} /></span>
        </div>
      ))}
    </div>
  )
}
