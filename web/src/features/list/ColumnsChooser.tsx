// SPDX-License-Identifier: GPL-3.0-or-later
/* Which columns, and in what order.  Shown ones first; arrows move them. */
import { useState } from 'react'
import { ArrowDown, ArrowUp, Columns3 } from 'lucide-react'
import { useI18n } from '@/i18n'
import type { ObjectMeta } from '@/meta'
import { Button, Checkbox, IconButton, Popover, SearchField } from '@/ui'
import { shift } from '@/views/columns'

interface Props { object: ObjectMeta; shown: string[]; onChange: (names: string[]) => void; onReset: () => void }

export function ColumnsChooser(p: Props) {
  const { t } = useI18n()
  return (
    <Popover label={t('list.columns')} placement="bottom end" className="columns-pop" trigger={<Button icon={Columns3}><span className="wide-only">{t('list.columns')}</span></Button>}>
      <Body {...p} />
    </Popover>
  )
}

function Body({ object, shown, onChange, onReset }: Props) {
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
