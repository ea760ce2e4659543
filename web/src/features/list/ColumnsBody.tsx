// SPDX-License-Identifier: GPL-3.0-or-later
/* Inside the columns' popover; loaded when it is first opened. */
import { useState } from 'react'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useI18n } from '@/i18n'
import { Button, Checkbox, IconButton, SearchField } from '@/ui'
import { shift } from '@/views/columns'
import type { ColumnsProps } from './ColumnsChooser'

export default function ColumnsBody({ object, shown, onChange, onReset }: ColumnsProps) {
  const { t } = useI18n(), [find, setFind] = useState('')
  const fits = (label: string) => label.toLowerCase().includes(find.trim().toLowerCase())
  const on = shown.map(n => object.fields.find(f => f.name === n)).filter(f => f !== undefined), off = object.fields.filter(f => !shown.includes(f.name) && f.type !== 'json')
  return (
    <div className="columns-body">
      <SearchField label={t('list.find_column')} value={find} onChange={setFind} />
      <ul className="column-list" aria-label={t('list.columns')}>
        {on.filter(f => fits(f.label)).map(f => (
          <li key={f.name}>
            <Checkbox isSelected isDisabled={f.name === object.label_field} onChange={() => onChange(shown.filter(n => n !== f.name))}>{f.label}</Checkbox>
            <span className="grow" />
            <IconButton icon={ArrowUp} size={13} label={t('list.move_up', { name: f.label })} isDisabled={f === on[0]} onPress={() => onChange(shift(shown, f.name, -1))} />
            <IconButton icon={ArrowDown} size={13} label={t('list.move_down', { name: f.label })} isDisabled={f === on.at(-1)} onPress={() => onChange(shift(shown, f.name, 1))} />
          </li>
        ))}
        {off.filter(f => fits(f.label)).map(f => (
          <li key={f.name}><Checkbox isSelected={false} onChange={() => onChange([...shown, f.name])}>{f.label}</Checkbox></li>
        ))}
      </ul>
      <Button kind="ghost" onPress={onReset}>{t('list.reset_columns')}</Button>
    </div>
  )
}
