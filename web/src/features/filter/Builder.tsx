// SPDX-License-Identifier: GPL-3.0-or-later
/* The condition builder: rows of field, operator and value, in groups one level deep. */
import { Plus, Trash2 } from 'lucide-react'
import { operatorsOf } from '@/fields/filterKit'
import { useI18n } from '@/i18n'
import type { Field } from '@/meta'
import { Button, ComboBox, IconButton, SegmentedControl, Select } from '@/ui'
import { operatorKey } from './fields'
import { isGroup, operatorOf, type Group, type Rule } from './model'
import { ValueInput } from './ValueInput'

interface Props { group: Group; fields: Field[]; onChange: (g: Group) => void; depth?: number }

export function Builder({ group, fields, onChange, depth = 0 }: Props) {
  const { t } = useI18n()
  const put = (i: number, item: Rule | Group | null) => onChange({ ...group, items: item ? group.items.map((x, n) => n === i ? item : x) : group.items.filter((_, n) => n !== i) })
  const blank = (): Rule => { const f = fields[0]!; return { field: f.name, op: operatorsOf(f)[0]!.key } }
  return (
    <div className={depth ? 'filter-group boxed' : 'filter-group'} role="group" aria-label={t(group.join === 'all' ? 'filter.all' : 'filter.any')}>
      {(group.items.length > 1 || depth > 0) && (
        <SegmentedControl label={t('filter.join')} value={group.join} onChange={join => onChange({ ...group, join })}
          items={[{ id: 'all', label: t('filter.all') }, { id: 'any', label: t('filter.any') }]} />
      )}
      {group.items.map((item, i) => isGroup(item)
        ? <Builder key={i} group={item} fields={fields} depth={depth + 1} onChange={g => put(i, g.items.length ? g : null)} />
        : <RuleRow key={i} rule={item} fields={fields} onChange={r => put(i, r)} onRemove={() => put(i, null)} />)}
      <div className="row">
        <Button kind="ghost" icon={Plus} isDisabled={!fields.length} onPress={() => onChange({ ...group, items: [...group.items, blank()] })}>{t('filter.add')}</Button>
        {depth === 0 && group.items.length > 0 && (
          <Button kind="ghost" icon={Plus} onPress={() => onChange({ ...group, items: [...group.items, { join: group.join === 'all' ? 'any' : 'all', items: [blank()] }] })}>{t('filter.add_group')}</Button>
        )}
      </div>
    </div>
  )
}

interface RowProps { rule: Rule; fields: Field[]; onChange: (r: Rule) => void; onRemove: () => void }

function RuleRow({ rule, fields, onChange, onRemove }: RowProps) {
  const { t } = useI18n()
  const field = fields.find(f => f.name === rule.field), op = operatorOf(rule, fields)
  if (!field) return null
  const pick = (name: string) => {
    const next = fields.find(f => f.name === name), ops = next ? operatorsOf(next) : []
    const kept = ops.find(o => o.key === rule.op) ?? ops[0]
    if (next && kept) onChange({ field: name, op: kept.key, ...(next.type === field.type && kept.arg === op?.arg && next.target === field.target && !next.options && { v: rule.v, w: rule.w }) })
  }
  const setOp = (key: string | null) => {
    const next = operatorsOf(field).find(o => o.key === key)
    if (next) onChange({ field: rule.field, op: next.key, ...(next.arg === op?.arg && { v: rule.v, ...(next.two && { w: rule.w }) }) })
  }
  const find = (text: string) => Promise.resolve(fields.filter(f => f.label.toLowerCase().includes(text.toLowerCase())).map(f => ({ id: f.name, label: f.label })))
  return (
    <div className="filter-row">
      <ComboBox label={t('filter.field')} hideLabel isRequired value={{ id: field.name, label: field.label }} load={find} onChange={i => i && pick(i.id)} />
      <Select label={t('filter.operator')} hideLabel value={rule.op} onChange={setOp} choices={operatorsOf(field).map(o => ({ value: o.key, label: t(operatorKey(o.key)) }))} />
      <div className="filter-values">
        {op && <ValueInput kind={op.arg} field={field} value={rule.v} label={t('filter.value')} onChange={v => onChange({ ...rule, v })} />}
        {op?.two && <ValueInput kind={op.arg} field={field} value={rule.w} label={t('filter.value_to')} onChange={w => onChange({ ...rule, w })} />}
      </div>
      <IconButton icon={Trash2} size={14} label={t('filter.remove')} onPress={onRemove} />
    </div>
  )
}
