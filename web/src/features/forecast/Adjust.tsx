// SPDX-License-Identifier: GPL-3.0-or-later
/* Putting an amount in place of a sum, with the reason. */
import { useState } from 'react'
import { api, invalidateObject, Problem } from '@/api'
import { useTexts } from '@/features/import/texts'
import { Button, Dialog, NumberField, TextArea, toastError } from '@/ui'
import type { PeriodInfo } from './calls'
import { kindOf, type Node } from './model'

interface Props { node: Node; period: PeriodInfo; currency: string; onClose: () => void; onSaved: () => void }

export function AdjustDialog({ node, period, currency, onClose, onSaved }: Props) {
  const { t, fmt } = useTexts(), shown = (node.row.below ?? node.row).forecast
  const [amount, setAmount] = useState<string | null>(shown.amount), [note, setNote] = useState(''), [problems, setProblems] = useState<Record<string, string>>({}), [busy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    try {
      await api.create('forecast_changes', { period_kind: kindOf(period.period), period_start: period.start, person: node.id, amount: amount === null ? null : { amount, currency }, note: note.trim() || null })
      invalidateObject('forecast_change')
      onSaved()
      onClose()
    } catch (e) {
      if (e instanceof Problem && e.errors.length) setProblems(e.byField)
      else toastError(e)
    } finally { setBusy(false) }
  }
  return (
    <Dialog isOpen onClose={onClose} size="small" isDismissable={!note} title={t('forecast.adjust', { name: node.name })} footer={
      <><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={busy || amount === null || !note.trim()} onPress={() => void save()}>{t('ui.save')}</Button></>
    }>
      <div className="stack">
        <p className="dim">{t('forecast.adjust_body', { sum: fmt.money(shown) })}</p>
        <NumberField label={t('forecast.amount')} unit={currency} value={amount} onChange={setAmount} error={problems.amount} isRequired autoFocus />
        <TextArea label={t('forecast.note')} value={note} onChange={setNote} error={problems.note ?? problems.person} isRequired maxLength={1000} />
      </div>
    </Dialog>
  )
}
