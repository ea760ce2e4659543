// SPDX-License-Identifier: GPL-3.0-or-later
/* Inputs of several values (phones, e-mails, handles, addresses, identifiers: one is the main one) and of a
   person's name in its parts. */
import { useState, type ReactNode } from 'react'
import { Plus, Star, Trash2 } from 'lucide-react'
import { useI18n, type Key } from '@/i18n'
import { Button, IconButton, TextField } from '@/ui'
import type { Address, Identifier, InputProps, Listed, ListedAddress, PersonName } from '../types'

interface Row { main?: boolean }

/** A list of rows with add, remove and "main"; keeps exactly one main row. */
function Several<R extends Row>(p: { of: InputProps; rows: R[]; blank: () => R; isBlank: (r: R) => boolean; wide?: boolean; hasMain?: boolean; row: (r: R, set: (r: R) => void, first: boolean) => ReactNode }) {
  const { t } = useI18n()
  const [draft, setDraft] = useState<R[] | null>(null)
  const rows = draft ?? (p.rows.length ? p.rows : [p.blank()])
  const put = (next: R[]) => {
    const kept = next.filter(r => !p.isBlank(r))
    if (p.hasMain && kept.length && !kept.some(r => r.main)) kept[0] = { ...kept[0]!, main: true }
    setDraft(next)
    p.of.onChange(kept.length ? kept : null)
  }
  const set = (i: number, r: R) => put(rows.map((x, n) => n === i ? r : x))
  return (
    <fieldset className="multi" disabled={p.of.isDisabled}>
      <legend className={p.of.hideLabel ? 'sr' : 'group-label'}>{p.of.label}{p.of.isRequired && <i className="bad" aria-hidden> *</i>}</legend>
      {rows.map((r, i) => (
        <div key={i} className={p.wide ? 'multi-row wide' : 'multi-row'}>
          {p.row(r, x => set(i, x), i === 0)}
          {p.hasMain ? (
            <IconButton icon={Star} size={14} label={t('field.main')} className="multi-main" aria-pressed={!!r.main} onPress={() => put(rows.map((x, n) => ({ ...x, main: n === i })))} />
          ) : <span />}
          <IconButton icon={Trash2} size={14} label={t('field.remove_row')} onPress={() => put(rows.length > 1 ? rows.filter((_, n) => n !== i) : [p.blank()])} />
        </div>
      ))}
      <div><Button kind="ghost" icon={Plus} onPress={() => setDraft([...rows, p.blank()])}>{t('field.add')}</Button></div>
      {p.of.error && <span className="field-error">{p.of.error}</span>}
    </fieldset>
  )
}

const KIND: Record<string, { type: 'tel' | 'email' | 'text'; hint?: string }> = { phones: { type: 'tel', hint: '+' }, emails: { type: 'email', hint: 'name@example.com' }, handles: { type: 'text', hint: '@' } }

export function ListedInput(p: InputProps) {
  const { t } = useI18n(), kind = KIND[p.field.type] ?? { type: 'text' as const }
  return (
    <Several<Listed> of={p} hasMain rows={(p.value ?? []) as Listed[]} blank={() => ({ value: '', label: null })} isBlank={r => r.value.trim() === ''}
      row={(r, set, first) => (
        <>
          <TextField label={p.label} hideLabel type={kind.type} placeholder={kind.hint} value={r.value} autoFocus={p.autoFocus && first} onChange={value => set({ ...r, value })} />
          <TextField label={t('field.label')} hideLabel placeholder={t('field.label')} value={r.label ?? ''} onChange={label => set({ ...r, label: label || null })} />
        </>
      )} />
  )
}

const PARTS: [keyof Address, Key, boolean][] = [
  ['street', 'field.street', true], ['postcode', 'field.postcode', false], ['city', 'field.city', false], ['settlement', 'field.settlement', false],
  ['region', 'field.region', false], ['country', 'field.country', false],
]

export function AddressInput(p: InputProps) {
  const { t } = useI18n()
  return (
    <Several<ListedAddress> of={p} hasMain wide rows={(p.value ?? []) as ListedAddress[]} blank={() => ({ value: {}, label: null })}
      isBlank={r => Object.values(r.value).every(v => !v)}
      row={(r, set, first) => (
        <div className="parts">
          {PARTS.map(([name, key, wide]) => (
            <TextField key={name} label={t(key)} className={wide ? 'span2' : undefined} value={r.value[name] ?? ''} autoFocus={p.autoFocus && first && name === 'street'}
              maxLength={name === 'country' ? 2 : undefined}
              onChange={s => set({ ...r, value: { ...r.value, [name]: (name === 'country' ? s.toUpperCase() : s) || null } })} />
          ))}
          <TextField label={t('field.label')} value={r.label ?? ''} onChange={label => set({ ...r, label: label || null })} />
        </div>
      )} />
  )
}

export function IdentifierInput(p: InputProps) {
  const { t } = useI18n()
  return (
    <Several<Identifier & Row> of={p} wide rows={(p.value ?? []) as Identifier[]} blank={() => ({ country: '', kind: '', value: '' })} isBlank={r => r.value.trim() === ''}
      row={(r, set, first) => (
        <div className="parts">
          <TextField label={t('field.country')} value={r.country} maxLength={2} autoFocus={p.autoFocus && first} onChange={s => set({ ...r, country: s.toUpperCase() })} />
          <TextField label={t('field.kind')} placeholder="INN, NIP, VAT" value={r.kind} onChange={s => set({ ...r, kind: s.toLowerCase() })} />
          <TextField label={t('field.number')} className="span2" value={r.value} onChange={value => set({ ...r, value })} />
        </div>
      )} />
  )
}

const NAME: Record<string, (keyof PersonName)[]> = { ru: ['family', 'given', 'middle', 'prefix'], en: ['prefix', 'given', 'middle', 'family'], pl: ['prefix', 'given', 'middle', 'family'] }
const NAME_KEY: Record<keyof PersonName, Key> = { family: 'field.family', given: 'field.given', middle: 'field.middle', prefix: 'field.prefix' }

export function PersonInput(p: InputProps) {
  const { t, language } = useI18n(), v = (p.value ?? {}) as PersonName
  const put = (name: keyof PersonName, s: string) => {
    const next = { ...v, [name]: s || null }
    p.onChange(Object.values(next).some(Boolean) ? next : null)
  }
  const order = NAME[language] ?? NAME.en!
  return (
    <fieldset className="multi" disabled={p.isDisabled}>
      <legend className={p.hideLabel ? 'sr' : 'group-label'}>{p.label}{p.isRequired && <i className="bad" aria-hidden> *</i>}</legend>
      <div className="parts">
        {order.map((n, i) => <TextField key={n} label={t(NAME_KEY[n])} value={v[n] ?? ''} autoFocus={p.autoFocus && i === (language === 'ru' ? 0 : 1)} onChange={s => put(n, s)} onBlur={p.onBlur} />)}
      </div>
      {p.error && <span className="field-error">{p.error}</span>}
    </fieldset>
  )
}
