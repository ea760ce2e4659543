// SPDX-License-Identifier: GPL-3.0-or-later
/* The filter in words under the toolbar; each condition can be taken away by itself. */
import { useMemo } from 'react'
import { valueText, useRefLabels } from '@/fields'
import type { ArgKind } from '@/fields/filterKit'
import { useI18n } from '@/i18n'
import type { Field, FieldType, ObjectMeta } from '@/meta'
import { Chip } from '@/ui'
import { filterable, operatorKey, targetOf } from './fields'
import { fromCel, isGroup, operatorOf, toCel, type Group, type Rule } from './model'

interface Props { object: ObjectMeta; value: string; onChange: (cel: string) => void; onOpen: () => void }

export function FilterChips({ object, value, onChange, onOpen }: Props) {
  const { t } = useI18n(), fields = useMemo(() => filterable(object.fields), [object])
  const group = useMemo(() => fromCel(value, fields), [value, fields])
  if (value.trim() === '') return null
  if (!group) return <div className="chips"><Chip onPress={onOpen} onRemove={() => onChange('')} removeLabel={t('filter.clear')}><code className="truncate">{value}</code></Chip></div>
  const without = (i: number): Group => ({ ...group, items: group.items.filter((_, n) => n !== i) })
  return (
    <div className="chips">
      {group.items.map((item, i) => (
        <Chip key={i} onPress={onOpen} onRemove={() => onChange(toCel(without(i), fields))} removeLabel={t('filter.remove')}>
          {group.join === 'any' && i > 0 && <span className="dim">{t('filter.or')} </span>}
          {isGroup(item) ? <span className="truncate">{t('filter.group_of', { n: item.items.length })}</span> : <RuleText rule={item} fields={fields} />}
        </Chip>
      ))}
    </div>
  )
}

const AS: Partial<Record<ArgKind, FieldType>> = { number: 'decimal', date: 'date', moment: 'timestamp', duration: 'duration', time: 'time', option: 'choice', options: 'multichoice', text: 'text' }

function RuleText({ rule, fields }: { rule: Rule; fields: Field[] }) {
  const x = useI18n(), field = fields.find(f => f.name === rule.field), op = operatorOf(rule, fields)
  const ids = op?.arg === 'refs' ? (rule.v as string[]) : []
  const refs = useRefLabels(field ? targetOf(field) : null, ids)
  if (!field || !op) return null
  const say = (v: unknown): string => {
    if (op.arg === 'refs') return x.fmt.list(refs.map(r => r.label ?? '…'))
    if (op.arg === 'days') return x.t('filter.n_days', { n: Number(v) })
    if (op.arg === 'hours') return x.t('filter.n_hours', { n: Number(v) })
    const as = AS[op.arg]
    return as ? valueText({ ...field, type: as, result: null }, v, x) : String(v)
  }
  const values = op.arg === 'none' ? '' : op.two ? `${say(rule.v)} – ${say(rule.w)}` : say(rule.v)
  return <span className="truncate">{field.label} <span className="dim">{x.t(operatorKey(op.key))}</span> {values}</span>
}
