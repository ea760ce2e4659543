// SPDX-License-Identifier: GPL-3.0-or-later
/* Inputs of one value: text, numbers, money, dates, choices, tags, JSON. */
import { useState } from 'react'
import { useI18n } from '@/i18n'
import { Checkbox, Chip, DatePicker, DateTimePicker, MultiSelect, NumberField, Select, TextArea, TextField, TimeField } from '@/ui'
import { useCompanyCurrency, useCurrencies } from '../data'
import { parseDuration } from '../duration'
import type { InputProps, Money } from '../types'

/** What every kit field takes from ours. */
export const frame = (p: InputProps) => ({
  label: p.label, hideLabel: p.hideLabel, description: p.description, error: p.error, isRequired: p.isRequired, isDisabled: p.isDisabled,
  autoFocus: p.autoFocus, onBlur: p.onBlur, name: p.field.name,
})

const asText = (v: unknown) => typeof v === 'string' ? v : ''
const orNull = (s: string) => s === '' ? null : s

export function TextInput(p: InputProps) {
  return <TextField {...frame(p)} value={asText(p.value)} onChange={s => p.onChange(orNull(s))} maxLength={p.field.max ?? undefined} />
}

export function LongTextInput(p: InputProps) {
  return <TextArea {...frame(p)} value={asText(p.value)} onChange={s => p.onChange(orNull(s))} rows={4} maxLength={p.field.max ?? undefined} />
}

export function UrlInput(p: InputProps) {
  return <TextField {...frame(p)} type="url" inputMode="url" value={asText(p.value)} onChange={s => p.onChange(orNull(s.trim()))} placeholder="https://" />
}

export function IntegerInput(p: InputProps) {
  const value = p.value === null || p.value === undefined ? null : String(p.value)
  return <NumberField {...frame(p)} places={0} plain={p.field.plain} value={value} onChange={s => p.onChange(s === null ? null : Number(s))} />
}

export function DecimalInput(p: InputProps) {
  const value = p.value === null || p.value === undefined ? null : String(p.value)
  return <NumberField {...frame(p)} value={value} onChange={p.onChange} unit={p.field.type === 'percent' ? '%' : undefined} />
}

export function MoneyInput(p: InputProps) {
  const { t } = useI18n(), own = useCompanyCurrency(), currencies = useCurrencies()
  const v = (p.value ?? null) as Money | null
  const [currency, setCurrency] = useState(v?.currency ?? own)
  const now = v?.currency ?? currency
  const choices = currencies.includes(now) ? currencies : [now, ...currencies]
  return (
    <div className="money-input">
      <NumberField {...frame(p)} value={v?.amount ?? null} onChange={amount => p.onChange(amount === null ? null : { amount, currency: now })} />
      <Select label={t('field.currency')} hideLabel isDisabled={p.isDisabled || choices.length < 2} choices={choices.map(c => ({ value: c, label: c }))} value={now}
        onChange={c => {
          if (!c) return
          setCurrency(c)
          if (v) p.onChange({ ...v, currency: c })
        }} />
    </div>
  )
}

export function BooleanInput(p: InputProps) {
  return (
    <div className="field">
      <Checkbox isSelected={p.value === true} onChange={p.onChange} isDisabled={p.isDisabled}>{p.label}</Checkbox>
      {p.error && <span className="field-error">{p.error}</span>}
    </div>
  )
}

const dated = (p: InputProps) => ({ ...frame(p), value: (p.value ?? null) as string | null, onChange: p.onChange as (v: string | null) => void })
export function DateInput(p: InputProps) { return <DatePicker {...dated(p)} /> }
export function MomentInput(p: InputProps) { return <DateTimePicker {...dated(p)} /> }
export function TimeInput(p: InputProps) { return <TimeField {...dated(p)} /> }

export function DurationInput(p: InputProps) {
  const { t, fmt } = useI18n()
  const [draft, setDraft] = useState<string | null>(null)
  const shown = draft ?? (p.value ? fmt.duration(String(p.value)) : '')
  const wrong = draft !== null && draft.trim() !== '' && parseDuration(draft) === null
  return (
    <TextField {...frame(p)} value={shown} placeholder={t('field.duration_hint')} error={p.error ?? (wrong ? t('field.duration_wrong') : null)}
      onChange={s => {
        setDraft(s)
        const wire = parseDuration(s)
        if (wire !== null || s.trim() === '') p.onChange(wire)
      }}
      onBlur={() => { if (!wrong) setDraft(null); p.onBlur?.() }} />
  )
}

const offered = (p: InputProps) => (p.field.options ?? []).filter(o => !o.hidden || [p.value].flat().includes(o.value))

export function ChoiceInput(p: InputProps) {
  const choices = offered(p).map(o => ({ value: o.value, label: o.label, hue: o.color }))
  return <Select {...frame(p)} choices={choices} value={(p.value ?? null) as string | null} onChange={p.onChange} isClearable={!p.isRequired} defaultOpen={p.defaultOpen} />
}

export function ChoicesInput(p: InputProps) {
  const choices = offered(p).map(o => ({ value: o.value, label: o.label, hue: o.color }))
  return <MultiSelect {...frame(p)} choices={choices} value={(p.value ?? []) as string[]} onChange={v => p.onChange(v.length ? v : null)} />
}

export function TagsInput(p: InputProps) {
  const { t } = useI18n(), [draft, setDraft] = useState('')
  const tags = (p.value ?? []) as string[]
  const add = () => {
    const more = draft.split(',').map(s => s.trim()).filter(s => s && !tags.includes(s))
    setDraft('')
    if (more.length) p.onChange([...tags, ...new Set(more)])
  }
  return (
    <div className="multi">
      <TextField {...frame(p)} value={draft} onChange={setDraft} placeholder={t('field.tag_hint')} onBlur={() => { add(); p.onBlur?.() }}
        onKeyDown={e => {
          if ((e.key === 'Enter' || e.key === ',') && draft.trim() && !e.ctrlKey) { e.preventDefault(); add() }
          else if (e.key === 'Backspace' && draft === '' && tags.length) p.onChange(tags.length > 1 ? tags.slice(0, -1) : null)
        }} />
      {tags.length > 0 && (
        <span className="tag-input">
          {tags.map(x => <Chip key={x} hue="slate" removeLabel={t('field.remove', { name: x })} onRemove={() => p.onChange(tags.length > 1 ? tags.filter(y => y !== x) : null)}>{x}</Chip>)}
        </span>
      )}
    </div>
  )
}

export function JsonInput(p: InputProps) {
  const { t } = useI18n()
  const [draft, setDraft] = useState<string | null>(null), [wrong, setWrong] = useState(false)
  const shown = draft ?? (p.value === null || p.value === undefined ? '' : JSON.stringify(p.value, null, 2))
  return (
    <TextArea {...frame(p)} rows={6} value={shown} error={p.error ?? (wrong ? t('field.json_wrong') : null)}
      onChange={s => {
        setDraft(s)
        try {
          p.onChange(s.trim() === '' ? null : JSON.parse(s))
          setWrong(false)
        } catch { setWrong(true) }
      }} />
  )
}
