/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text-like inputs.  Every one takes label, description, error and isRequired and lays them out the same way;
   `hideLabel` keeps the label for screen readers only (cells, toolbars). */
import { useState, type ReactNode, type Ref } from 'react'
import {
  Checkbox as AriaCheckbox,
  FieldError,
  Input,
  Label,
  Switch as AriaSwitch,
  Text,
  TextArea as AriaTextArea,
  TextField as AriaTextField,
} from 'react-aria-components'
import { Check, Minus } from 'lucide-react'
import { parseDecimal, useI18n } from '@/i18n'
import { cx, type Icon } from './cx'

export interface FieldProps {
  label: string
  hideLabel?: boolean
  /** A grey hint under the input. */
  description?: string
  /** A red message under the input; makes it invalid. */
  error?: string | null
  isRequired?: boolean
  isDisabled?: boolean
  isReadOnly?: boolean
  autoFocus?: boolean
  className?: string
  name?: string
}

/** Label, hint and error around a react-aria field's control. */
export function FieldFrame({ p, children }: { p: FieldProps; children: ReactNode }) {
  return (
    <>
      <Label className={p.hideLabel ? 'sr' : 'field-label'}>
        {p.label}
        {p.isRequired && <i className="bad" aria-hidden> *</i>}
      </Label>
      {children}
      {p.description && !p.error && <Text slot="description" className="field-hint">{p.description}</Text>}
      <FieldError className="field-error">{p.error}</FieldError>
    </>
  )
}

/** The properties a react-aria field shares with ours. */
export const ariaField = (p: FieldProps) => ({
  isRequired: p.isRequired,
  isDisabled: p.isDisabled,
  isReadOnly: p.isReadOnly,
  isInvalid: !!p.error,
  autoFocus: p.autoFocus,
  name: p.name,
  className: cx('field', p.className),
  validationBehavior: 'aria' as const,
})

export interface TextFieldProps extends FieldProps {
  value: string
  onChange: (value: string) => void
  onBlur?: () => void
  onKeyDown?: (e: { key: string; ctrlKey: boolean; preventDefault: () => void }) => void
  type?: 'text' | 'email' | 'password' | 'url' | 'tel'
  inputMode?: 'text' | 'decimal' | 'numeric' | 'email' | 'tel' | 'url'
  placeholder?: string
  autoComplete?: string
  maxLength?: number
  icon?: Icon
  inputRef?: Ref<HTMLInputElement>
}

/** One line of text. */
export function TextField(p: TextFieldProps) {
  const I = p.icon
  return (
    <AriaTextField {...ariaField(p)} value={p.value} onChange={p.onChange} onBlur={p.onBlur} onKeyDown={p.onKeyDown} type={p.type} inputMode={p.inputMode} autoComplete={p.autoComplete} maxLength={p.maxLength}>
      <FieldFrame p={p}>
        {I ? (
          <span className="input-box"><I size={14} aria-hidden /><Input ref={p.inputRef} className="input-bare" placeholder={p.placeholder} /></span>
        ) : (
          <Input ref={p.inputRef} className="input" placeholder={p.placeholder} />
        )}
      </FieldFrame>
    </AriaTextField>
  )
}

/** Several lines of text. */
export function TextArea(p: Omit<TextFieldProps, 'type' | 'icon' | 'inputRef'> & { rows?: number; areaRef?: Ref<HTMLTextAreaElement> }) {
  return (
    <AriaTextField {...ariaField(p)} value={p.value} onChange={p.onChange} onBlur={p.onBlur} onKeyDown={p.onKeyDown} maxLength={p.maxLength}>
      <FieldFrame p={p}>
        <AriaTextArea ref={p.areaRef} className="input input-area" rows={p.rows ?? 3} placeholder={p.placeholder} />
      </FieldFrame>
    </AriaTextField>
  )
}

export interface NumberFieldProps extends FieldProps {
  /** An exact decimal as a string ("1054.00"), or null when empty. */
  value: string | null
  /** Called on blur and Enter, once the text is a number. */
  onChange: (value: string | null) => void
  onBlur?: () => void
  /** Digits after the point: 0 for integers. */
  places?: number
  /** Without grouping: a year. */
  plain?: boolean
  placeholder?: string
  /** A unit in the field: "%", "€". */
  unit?: string
  inputRef?: Ref<HTMLInputElement>
}

/** A number, typed and shown as the user's language writes it, kept as an exact decimal string. */
export function NumberField(p: NumberFieldProps) {
  const { t, fmt } = useI18n()
  const [draft, setDraft] = useState<string | null>(null)
  const [wrong, setWrong] = useState(false)
  const shown = p.value === null || p.value === '' ? '' : p.plain ? p.value : fmt.number(p.value)
  const settle = () => {
    if (draft === null) return
    const parsed = draft.trim() === '' ? null : parseDecimal(draft, fmt.language)
    const bad = draft.trim() !== '' && (parsed === null || (p.places === 0 && parsed.includes('.')))
    setWrong(bad)
    if (bad) return
    setDraft(null)
    if (parsed !== p.value) p.onChange(parsed)
  }
  const error = p.error ?? (wrong ? t('ui.not_a_number') : null)
  return (
    <AriaTextField {...ariaField({ ...p, error })} value={draft ?? shown} inputMode={p.places === 0 ? 'numeric' : 'decimal'}
      onChange={(text) => {
        setDraft(text)
        setWrong(false)
        const parsed = parseDecimal(text, fmt.language)
        if (parsed !== null && !(p.places === 0 && parsed.includes('.'))) p.onChange(parsed)
        else if (text.trim() === '') p.onChange(null)
      }}
      onBlur={() => {
        settle()
        p.onBlur?.()
      }}
      onKeyDown={(e) => e.key === 'Enter' && settle()}>
      <FieldFrame p={{ ...p, error }}>
        <span className="input-box">
          <Input ref={p.inputRef} className="input-bare num" placeholder={p.placeholder} />
          {p.unit && <span className="dim">{p.unit}</span>}
        </span>
      </FieldFrame>
    </AriaTextField>
  )
}

/** A box to tick.  `isIndeterminate` shows a dash. */
export function Checkbox(p: { isSelected: boolean; onChange: (on: boolean) => void; isIndeterminate?: boolean; isDisabled?: boolean; isReadOnly?: boolean; children?: ReactNode; label?: string; className?: string }) {
  return (
    <AriaCheckbox isSelected={p.isSelected} onChange={p.onChange} isIndeterminate={p.isIndeterminate} isDisabled={p.isDisabled} isReadOnly={p.isReadOnly} aria-label={p.children ? undefined : p.label} className={cx('check', p.className)}>
      <span className="check-box">{p.isIndeterminate ? <Minus size={11} strokeWidth={3} aria-hidden /> : p.isSelected && <Check size={11} strokeWidth={3} aria-hidden />}</span>
      {p.children}
    </AriaCheckbox>
  )
}

/** An on/off setting that works at once. */
export function Switch(p: { isSelected: boolean; onChange: (on: boolean) => void; isDisabled?: boolean; children?: ReactNode; label?: string }) {
  return (
    <AriaSwitch isSelected={p.isSelected} onChange={p.onChange} isDisabled={p.isDisabled} aria-label={p.children ? undefined : p.label} className="switch">
      <span className="switch-track" />
      {p.children}
    </AriaSwitch>
  )
}
