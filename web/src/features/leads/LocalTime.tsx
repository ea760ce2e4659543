// SPDX-License-Identifier: GPL-3.0-or-later
/* Before a call: what time it is for the client, whether people are at work there, and whether it is a holiday. */
import { useQuery } from '@tanstack/react-query'
import { Clock } from 'lucide-react'
import { call } from '@/api/http'
import type { Rec } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import type { ObjectMeta } from '@/meta'
import './leads.css'

interface Local { zone: string | null; time: string | null; is_working: boolean | null; is_holiday: boolean; holiday: string | null; opens_at: string | null }

export default function LocalTime(props: { object: ObjectMeta; rec: Rec }) {
  return <Texts waiting={null}><Body {...props} /></Texts>
}

function Body({ object, rec }: { object: ObjectMeta; rec: Rec }) {
  const { t } = useTexts()
  const { data } = useQuery({ queryKey: ['local_time', object.name, rec.id, rec.version], queryFn: ({ signal }) => call<Local>(`/${object.plural}/${rec.id}/local_time`, { signal }), refetchInterval: 60_000 })
  if (!data || (!data.time && !data.is_holiday)) return null
  const holiday = data.is_holiday && (data.holiday ? t('leads.clock.holiday', { name: data.holiday }) : t('leads.clock.day_off'))
  const state = data.time && t(data.is_working ? 'leads.clock.working' : 'leads.clock.closed')
  const opens = !data.is_working && data.opens_at && data.zone && t('leads.clock.opens', { at: new Intl.DateTimeFormat(document.documentElement.lang, { weekday: 'short', hour: '2-digit', minute: '2-digit', timeZone: data.zone }).format(new Date(data.opens_at)) })
  const parts = [data.time && t('leads.clock.there', { time: data.time }), holiday, state, opens].filter(Boolean)
  return <span className="local-time" title={data.zone ?? undefined}><Clock size={13} aria-hidden />{parts.join(' · ')}</span>
}
