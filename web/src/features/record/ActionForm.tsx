// SPDX-License-Identifier: GPL-3.0-or-later
/* The form of an action that asks for something, generated from its parameters. */
import { useState } from 'react'
import { Problem, type Rec } from '@/api'
import { decide, FieldInput } from '@/fields'
import { toWire } from '@/fields/wire'
import { useI18n } from '@/i18n'
import type { ActionDef } from '@/meta'
import { Button, Dialog, toastError } from '@/ui'

export default function ActionForm({ action, rec, onClose, onRun }: { action: ActionDef; rec: Rec; onClose: () => void; onRun: (values: Record<string, unknown>) => Promise<void> }) {
  const { t } = useI18n(), params = action.params ?? []
  const [values, setValues] = useState<Record<string, unknown>>(() => Object.fromEntries(params.map(p => [p.name, p.default ?? null])))
  const [problem, setProblem] = useState<Problem | null>(null), [busy, setBusy] = useState(false)
  const go = async () => {
    setBusy(true)
    try {
      await onRun(toWire(params, values))
      onClose()
    } catch (e) {
      if (e instanceof Problem) setProblem(e)
      else toastError(e)
    } finally { setBusy(false) }
  }
  const errors = problem?.byField ?? {}, shown = params.filter(p => decide(p.visible, { ...rec, ...values }) !== false)
  return (
    <Dialog isOpen onClose={onClose} title={action.label} isDismissable={false} footer={
      <><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind={action.danger ? 'danger' : 'solid'} isDisabled={busy} onPress={() => void go()}>{action.label}</Button></>
    }>
      <div className="stack" onKeyDownCapture={e => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); void go() } }}>
        {problem && !problem.errors.length && <p className="field-error" role="alert">{problem.message}</p>}
        {shown.map((p, i) => <FieldInput key={p.name} field={p} label={p.label} description={p.help ?? undefined} isRequired={p.required} value={values[p.name]} error={errors[p.name]} autoFocus={i === 0} onChange={v => setValues({ ...values, [p.name]: v })} />)}
      </div>
    </Dialog>
  )
}
