// SPDX-License-Identifier: GPL-3.0-or-later
/* One column: its heading and values at the left, where it goes at the right, and below what the program asks about it. */
import { useMemo } from 'react'
import { useMeta, type ObjectMeta } from '@/meta'
import { Badge, Checkbox, ComboBox, Select } from '@/ui'
import type { Column } from './calls'
import { NEW, fieldOf, isChoice, isDate, isReference, keysOf, pathLabel, places, withColumn, type Draft } from './model'
import { useTexts } from './texts'

interface Props { column: Column; object: ObjectMeta; draft: Draft; unknown: Column['unknown_values']; canMake: boolean; onChange: (next: Partial<Draft>) => void }

const SHOWN = 12
/* Among the choices of what a value means: nothing. */
const NOTHING = '-'

export default function ColumnRow({ column, object, draft, unknown, canMake, onChange }: Props) {
  const { t, fmt } = useTexts(), all = useMemo(() => places(object, t), [object, t])
  const path = draft.columns[column.heading] ?? null, own = [path].flat()[0] ?? null, field = fieldOf(object, own)
  const set = (next: string | null) => onChange({ columns: withColumn(object, draft.columns, column.heading, next) })
  const suggested = [column.field, ...column.alternatives].filter((p): p is string => !!p)
  const item = (id: string, detail?: string) => ({ id, label: pathLabel(object, id, t), detail })
  const load = async (text: string) => {
    const words = text.toLocaleLowerCase()
    const first = suggested.map((p, i) => item(p, i === 0 && column.field ? t('import.sure', { n: fmt.number(Math.round(column.confidence * 100)) }) : t('import.suggested')))
    const rest = all.filter(p => !suggested.includes(p.id))
    return [...first, ...rest].filter(p => p.label.toLocaleLowerCase().includes(words)).slice(0, 40)
  }
  const isSure = own === column.field && !!own
  return (
    <div className="imp-col" data-heading={column.heading} data-mapped={own ? true : undefined}>
      <div className="imp-from">
        <strong className="truncate" title={column.heading}>{column.heading}</strong>
        <span className="dim small imp-samples">{column.samples.length ? column.samples.slice(0, 4).join(' · ') : t('import.empty_column')}</span>
      </div>
      <div className="imp-to">
        <div className="imp-pick">
          <ComboBox label={t('import.field_of', { heading: column.heading })} hideLabel value={own ? { ...item(own), label: [path].flat().map(p => pathLabel(object, p!, t)).join(', ') } : null} placeholder={t('import.nowhere')} onChange={v => set(v?.id ?? null)} load={load} />
          {isSure && column.confidence < 0.9 && <Badge hue="amber">{t('import.sure', { n: fmt.number(Math.round(column.confidence * 100)) })}</Badge>}
        </div>
        {own && typeof path === 'string' && isReference(field) && <FoundBy object={object} path={path} onChange={set} />}
        {own && isDate(field) && column.kind === 'date ?' && (
          <Select label={t('import.dates')} value={draft.dates[column.heading] ?? 'dmy'} onChange={v => v && onChange({ dates: { ...draft.dates, [column.heading]: v } })} choices={[{ value: 'dmy', label: t('import.dates.dmy') }, { value: 'mdy', label: t('import.dates.mdy') }]} />
        )}
        {field && unknown.length > 0 && <Unknown field={field.name} values={unknown} object={object} draft={draft} canMake={canMake} onChange={onChange} />}
      </div>
    </div>
  )
}

/** By what the record of a reference is found: its name, or a key. */
function FoundBy({ object, path, onChange }: { object: ObjectMeta; path: string; onChange: (path: string) => void }) {
  const { t } = useTexts(), meta = useMeta(), [name, ...rest] = path.split('.'), by = rest.join('.')
  const target = meta.objects.find(o => o.name === fieldOf(object, path)?.target), keys = keysOf(target)
  if (!target || !keys.length) return null
  const label = target.fields.find(f => f.name === target.label_field)?.label ?? target.label
  const choices = [{ value: '', label }, ...keys.filter(f => f.name !== target.label_field).map(f => ({ value: f.name, label: f.label }))]
  if (by && !choices.some(c => c.value === by)) choices.push({ value: by, label: by })
  return <Select label={t('import.by')} value={by} onChange={v => onChange(v ? `${name}.${v}` : name!)} choices={choices} />
}

/** Values the field does not know: what each means, or made by the import. */
function Unknown({ field, values, object, draft, canMake, onChange }: { field: string; values: Column['unknown_values']; object: ObjectMeta; draft: Draft; canMake: boolean; onChange: (next: Partial<Draft>) => void }) {
  const { t, fmt } = useTexts(), meta = fieldOf(object, field), made = draft.make.includes(field), own = draft.values[field] ?? {}
  const say = (value: string, to: string | null) => {
    const { [value]: _old, ...others } = own
    onChange({ values: { ...draft.values, [field]: to ? { ...others, [value]: to === NOTHING ? '' : to } : others } })
  }
  return (
    <div className="imp-unknown">
      <span className="small warn">{t('import.unknown', { n: values.length })}{!isChoice(meta) && !made && ': ' + values.slice(0, 5).map(v => v.value).join(', ')}</span>
      {canMake && <Checkbox isSelected={made} onChange={on => onChange({ make: on ? [...draft.make, field] : draft.make.filter(m => m !== field) })}>{t(isChoice(meta) ? 'import.make_options' : meta?.target === 'user' ? 'import.make_users' : 'import.make')}</Checkbox>}
      {isChoice(meta) && values.slice(0, SHOWN).map(v => (
        <div key={v.value} className="imp-value">
          <span className="truncate" title={v.value}>{v.value} <span className="dim num">{fmt.number(v.rows)}</span></span>
          <Select label={t('import.means', { value: v.value })} hideLabel value={own[v.value] === '' ? NOTHING : own[v.value] ?? null} isClearable placeholder={t(made ? 'import.new_option' : 'import.undecided')} onChange={to => say(v.value, to)} choices={[...(canMake && !made ? [{ value: NEW, label: t('import.new_option') }] : []), ...(meta?.options ?? []).filter(o => !o.hidden).map(o => ({ value: o.value, label: o.label, hue: o.color })), { value: NOTHING, label: t('import.leave_empty') }]} />
        </div>
      ))}
    </div>
  )
}
