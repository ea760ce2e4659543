// SPDX-License-Identifier: GPL-3.0-or-later
/* The control that asks for an operator's value. */
import { FieldInput, findRefs, refItem, useRefLabels, type RefItem } from '@/fields'
import type { ArgKind } from '@/fields/filterKit'
import { useI18n } from '@/i18n'
import { useMeta, type Field } from '@/meta'
import { Chip, ComboBox, DatePicker, DateTimePicker, MultiSelect, NumberField, Select, TextField, TimeField } from '@/ui'
import { targetOf } from './fields'

interface Props { kind: ArgKind; field: Field; value: unknown; onChange: (v: unknown) => void; label: string; autoFocus?: boolean }

const choices = (f: Field) => (f.options ?? []).map(o => ({ value: o.value, label: o.label, hue: o.color }))
const text = (v: unknown) => v === null || v === undefined ? null : String(v)

export function ValueInput({ kind, field, value, onChange, label, autoFocus }: Props) {
  const { t } = useI18n(), frame = { label, hideLabel: true, autoFocus }
  switch (kind) {
    case 'none': return null
    case 'number': return <NumberField {...frame} value={text(value)} onChange={onChange} />
    case 'days': return <NumberField {...frame} places={0} value={text(value)} onChange={onChange} unit={t('filter.days')} />
    case 'hours': return <NumberField {...frame} places={0} value={text(value)} onChange={onChange} unit={t('filter.hours')} />
    case 'date': return <DatePicker {...frame} value={text(value)} onChange={onChange} />
    case 'moment': return <DateTimePicker {...frame} value={text(value)} onChange={onChange} />
    case 'time': return <TimeField {...frame} value={text(value)} onChange={onChange} />
    case 'duration': return <FieldInput field={{ ...field, type: 'duration' }} label={label} hideLabel value={value} onChange={onChange} />
    case 'option': return <Select {...frame} choices={choices(field)} value={text(value)} onChange={onChange} />
    case 'options': return <MultiSelect {...frame} choices={choices(field)} value={(value as string[] | undefined) ?? []} onChange={onChange} />
    case 'ref': case 'refs': return <RefsInput field={field} value={(value as string[] | undefined) ?? []} onChange={onChange} label={label} autoFocus={autoFocus} />
    default: return <TextField {...frame} value={text(value) ?? ''} onChange={onChange} />
  }
}

function RefsInput({ field, value, onChange, label, autoFocus }: { field: Field; value: string[]; onChange: (v: unknown) => void; label: string; autoFocus?: boolean }) {
  const { t } = useI18n(), meta = useMeta(), refs = useRefLabels(targetOf(field), value)
  return (
    <div className="multi">
      {refs.length > 0 && (
        <span className="tag-input">
          {refs.map(r => <Chip key={r.id} hue="slate" removeLabel={t('field.remove', { name: r.label ?? r.id })} onRemove={() => onChange(value.filter(x => x !== r.id))}>{refItem(r).mark}{r.label ?? '…'}</Chip>)}
        </span>
      )}
      <ComboBox<RefItem> label={label} hideLabel autoFocus={autoFocus} value={null} onChange={i => i && onChange([...value, i.ref.id])}
        load={async (q, signal) => (await findRefs(meta, targetOf(field), q, signal)).filter(i => !value.includes(i.ref.id))} />
    </div>
  )
}
