/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing a call down: arrows choose what came of it, Tab goes to the note, Enter saves. */
import { useState } from 'react'
import { useTexts } from '@/features/import/texts'
import { fieldOf, useObject } from '@/meta'
import { Button, Kbd, TextField } from '@/ui'

export function CallForm({ onSave, onCancel, busy }: { onSave: (outcome: string, body: string) => void; onCancel: () => void; busy: boolean }) {
  const { t } = useTexts()
  const activity = useObject('activity')
  const field = activity && fieldOf(activity, 'outcome')
  const options = (field?.options ?? []).filter((o) => o.value !== 'not_held')
  const [outcome, setOutcome] = useState(options[0]?.value ?? '')
  const [body, setBody] = useState('')
  return (
    <form className="queue-call" onSubmit={(e) => { e.preventDefault(); onSave(outcome, body) }} onKeyDown={(e) => { if (e.key === 'Escape') { e.preventDefault(); onCancel() } }}>
      <fieldset>
        <legend>{field?.label}</legend>
        <div className="queue-outcomes">
          {options.map((o, i) => (
            <label key={o.value}><input type="radio" name="outcome" value={o.value} checked={o.value === outcome} autoFocus={i === 0} onChange={() => setOutcome(o.value)} />{o.label}</label>
          ))}
        </div>
      </fieldset>
      <TextField label={t('queue.note')} value={body} onChange={setBody} />
      <div className="row"><Button type="submit" kind="solid" isDisabled={busy}>{t('queue.save_call')}<Kbd keys="↵" /></Button><Button onPress={onCancel}>{t('ui.cancel')}<Kbd keys="Esc" /></Button></div>
    </form>
  )
}
