/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the owner is to see in red: who owes, who fell silent; and the other risks and chances. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CalendarPlus } from 'lucide-react'
import { Link } from 'wouter'
import { api, invalidateObject, keys, type Money, type Rec, type Ref, type Today } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { fieldOf, findObject, listHref, recordHref, useMeta } from '@/meta'
import { Badge, Button, Panel, toast, toastError, type Hue } from '@/ui'

export default function RedLists({ today }: { today: Today }) {
  return <Texts waiting={null}><Debtors accounts={today.debtors} /><Signals of="silent" signals={today.silent} /><Signals of="signals" signals={today.signals} /></Texts>
}

function Debtors({ accounts }: { accounts: Rec[] }) {
  const { t, fmt } = useTexts(), meta = useMeta(), object = findObject(meta, 'account')
  if (!object || accounts.length === 0) return null
  return (
    <Panel title={t('owner.debtors')} count={accounts.length} flush actions={<Link className="link small" href={listHref(object, { filter: 'owed_since < today()' })}>{t('owner.all')}</Link>}>
      <ul className="today-list">
        {accounts.map((a) => (
          <li key={a.id} className="today-row">
            <span className="today-main">
              <Link href={recordHref(meta, { object: 'account', id: a.id })} className="today-title truncate">{a.label}</Link>
              <span className="today-about truncate">{(a.owner as Ref | null)?.label}</span>
            </span>
            <span className="num strong">{a.owed ? fmt.money(a.owed as Money) : ''}</span>
            <span className="today-due num bad">{a.owed_since ? fmt.date(String(a.owed_since)) : ''}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** One press makes the task; the signal leaves the list. */
function Signals({ of, signals }: { of: 'silent' | 'signals'; signals: Rec[] }) {
  const { t, fmt } = useTexts(), meta = useMeta(), client = useQueryClient(), object = findObject(meta, 'signal')
  const take = useMutation({
    mutationFn: (s: Rec) => api.action('signals', s.id, 'take'),
    onSuccess: (_, s) => {
      client.setQueryData<Today>(keys.today, (d) => d && { ...d, [of]: d[of].filter((x) => x.id !== s.id) })
      invalidateObject('activity')
      invalidateObject('signal', s.id)
      toast(t('owner.task_made', { name: (s.account as Ref).label ?? '' }))
    },
    onError: toastError,
  })
  if (!object || signals.length === 0) return null
  const kinds = fieldOf(object, 'kind')?.options ?? []
  return (
    <Panel title={t(`owner.today_${of}`)} count={signals.length} flush actions={<Link className="link small" href={of === 'silent' ? '/customers' : listHref(object)}>{t('owner.all')}</Link>}>
      <ul className="today-list">
        {signals.map((s) => {
          const kind = kinds.find((k) => k.value === s.kind), name = (s.account as Ref).label ?? t('today.unnamed')
          return (
            <li key={s.id} className="today-row">
              <span className="today-main">
                <Link href={recordHref(meta, s.account as Ref)} className="today-title truncate">{name}</Link>
                <Link href={recordHref(meta, { object: 'signal', id: s.id })} className="today-about truncate">{s.label}</Link>
              </span>
              {of === 'signals' && kind && <Badge hue={(kind.color ?? 'slate') as Hue}>{kind.label}</Badge>}
              {!!s.value && <span className="num dim small">{fmt.money(s.value as Money, 'compact')}</span>}
              {object.rights.update && <Button icon={CalendarPlus} isDisabled={take.isPending && take.variables?.id === s.id} aria-label={t('today.make_task_named', { name })} onPress={() => take.mutate(s)}>{t('today.make_task')}</Button>}
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}
