/* SPDX-License-Identifier: GPL-3.0-or-later */
import { Phone } from 'lucide-react'
import { Link } from 'wouter'
import type { Rec } from '@/api'
import { useI18n } from '@/i18n'
import { findObject, recordHref, useMeta } from '@/meta'
import { Avatar, Badge, EmptyState, Panel } from '@/ui'

/** Hue of a lead's age: an hour is soon, a day is late. */
export const ageHue = (seconds: number) => (seconds < 3600 ? 'green' : seconds < 86400 ? 'amber' : 'red')

function mainPhone(lead: Rec): string | null {
  const phones = lead.phones ?? lead.phone
  if (typeof phones === 'string') return phones
  if (!Array.isArray(phones)) return null
  const list = phones as { value: string; main?: boolean }[]
  return (list.find((p) => p.main) ?? list[0])?.value ?? null
}

/** Leads nobody has answered, the oldest first, with how long they wait. */
export function Leads({ leads }: { leads: (Rec & { age_seconds?: number })[] }) {
  const { t, fmt } = useI18n()
  const meta = useMeta()
  const object = findObject(meta, 'lead')
  if (!object) return null
  const sources = object.fields.find((f) => f.name === 'source')?.options ?? []
  return (
    <Panel title={t('today.leads')} count={leads.length || undefined} flush>
      {leads.length === 0 ? (
        <EmptyState title={t('today.leads_empty')} body={t('today.leads_empty_body')} />
      ) : (
        <ul className="today-list">
          {leads.map((lead) => {
            const age = lead.age_seconds ?? (Date.now() - Date.parse(String(lead.created_at))) / 1000
            const phone = mainPhone(lead)
            const source = sources.find((s) => s.value === lead.source)
            return (
              <li key={lead.id} className="today-row">
                <Avatar name={lead.label ?? '?'} size={24} />
                <span className="today-main">
                  <Link href={recordHref(meta, { object: 'lead', id: lead.id })} className="today-title truncate">{lead.label ?? t('today.unnamed')}</Link>
                  <span className="today-about truncate">{[source?.label, lead.company_name ?? lead.company].filter((x) => typeof x === 'string').join(' · ')}</span>
                </span>
                {phone && <a className="btn btn-ghost btn-icon" href={`tel:${phone}`} aria-label={t('today.call_named', { name: lead.label ?? phone })} title={phone}><Phone size={15} aria-hidden /></a>}
                <span className="today-age"><Badge hue={ageHue(age)}>{fmt.duration(Math.max(60, age))}</Badge></span>
              </li>
            )
          })}
        </ul>
      )}
    </Panel>
  )
}
