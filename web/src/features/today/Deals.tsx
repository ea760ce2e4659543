/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CalendarPlus } from 'lucide-react'
import { Link } from 'wouter'
import { api, invalidateObject, keys, type Money, type Rec, type Ref, type Today } from '@/api'
import { useI18n } from '@/i18n'
import { findObject, recordHref, useMeta } from '@/meta'
import { undoToast } from '@/shell'
import { Button, EmptyState, Panel, toastError } from '@/ui'
import { newTask } from './task'

const labelOf = (v: unknown) => (typeof v === 'object' && v !== null && 'label' in v ? (v as Ref).label : null)

/** Open deals with no next step; one button gives a deal a task for tomorrow. */
export function Deals({ deals }: { deals: Rec[] }) {
  const { t, fmt } = useI18n()
  const meta = useMeta()
  const client = useQueryClient()
  const activity = findObject(meta, 'activity')
  const tomorrow = fmt.today(Date.now() + 86_400_000)
  const plan = useMutation({
    mutationFn: (deal: Rec) => api.create(activity!.plural, newTask(activity!, { object: 'deal', id: deal.id }, t('today.next_step_task'), tomorrow)),
    onSuccess: (_, deal) => {
      client.setQueryData<Today>(keys.today, (d) => d && { ...d, deals: d.deals.filter((x) => x.id !== deal.id) })
      invalidateObject('activity')
      invalidateObject('deal', deal.id)
      undoToast(t, t('today.task_made', { name: deal.label ?? '' }))
    },
    onError: toastError,
  })
  if (!findObject(meta, 'deal')) return null
  return (
    <Panel title={t('today.deals')} count={deals.length || undefined} flush>
      {deals.length === 0 ? (
        <EmptyState title={t('today.deals_empty')} body={t('today.deals_empty_body')} />
      ) : (
        <ul className="today-list">
          {deals.map((deal) => {
            const amount = deal.amount as Money | null
            const about = [labelOf(deal.account), labelOf(deal.stage), amount?.amount && fmt.money(amount)].filter(Boolean).join(' · ')
            return (
              <li key={deal.id} className="today-row">
                <span className="today-main">
                  <Link href={recordHref(meta, { object: 'deal', id: deal.id })} className="today-title truncate">{deal.label ?? t('today.unnamed')}</Link>
                  <span className="today-about truncate num">{about}</span>
                </span>
                {activity?.rights.create && (
                  <Button icon={CalendarPlus} isDisabled={plan.isPending && plan.variables?.id === deal.id} aria-label={t('today.make_task_named', { name: deal.label ?? '' })} onPress={() => plan.mutate(deal)}>{t('today.make_task')}</Button>
                )}
              </li>
            )
          })}
        </ul>
      )}
    </Panel>
  )
}
