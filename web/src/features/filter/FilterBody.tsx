// SPDX-License-Identifier: GPL-3.0-or-later
/* Inside the filter's popover: rows or text.  Loaded when it is first opened. */
import { useEffect, useMemo, useRef, useState } from 'react'
import { Code, Rows3 } from 'lucide-react'
import { operatorsOf } from '@/fields/filterKit'
import { useI18n } from '@/i18n'
import { Button, SegmentedControl, TextArea } from '@/ui'
import { Builder } from './Builder'
import { filterable } from './fields'
import type { FilterProps } from './FilterPanel'
import { emptyGroup, fromCel, toCel, type Group } from './model'

export default function FilterBody({ object, value, onChange, error, close }: FilterProps & { close: () => void }) {
  const { t } = useI18n(), fields = useMemo(() => filterable(object.fields), [object])
  const [group, setGroup] = useState<Group | null>(() => start(fromCel(value, fields), fields))
  const [mode, setMode] = useState<'rows' | 'text'>(group ? 'rows' : 'text'), [text, setText] = useState(value)
  const sent = useRef(value), timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const send = (cel: string, wait: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => { if (cel !== sent.current) { sent.current = cel; onChange(cel) } }, wait)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  const change = (g: Group) => {
    setGroup(g)
    setText(toCel(g, fields))
    send(toCel(g, fields), 300)
  }
  const turn = (next: 'rows' | 'text') => {
    if (next === 'rows') setGroup(fromCel(text, fields))
    setMode(next)
  }
  return (
    <div className="filter-body">
      <div className="row">
        <h2 className="grow">{t('filter.title')}</h2>
        <SegmentedControl label={t('filter.mode')} value={mode} onChange={turn} items={[{ id: 'rows', label: t('filter.rows'), icon: Rows3 }, { id: 'text', label: t('filter.text'), icon: Code }]} />
      </div>
      {mode === 'rows' && (group ? <Builder group={group} fields={fields} onChange={change} /> : <p className="dim">{t('filter.too_rich')}</p>)}
      {mode === 'text' && (
        <TextArea label={t('filter.text')} rows={4} className="code-area" value={text} error={error} description={t('filter.text_hint')}
          onChange={s => { setText(s); send(s.trim(), 600) }}
          onKeyDown={e => { if (e.key === 'Enter' && e.ctrlKey) { e.preventDefault(); send(text.trim(), 0) } }} />
      )}
      {mode === 'rows' && error && <p className="field-error" role="alert">{error}</p>}
      <div className="row filter-foot">
        <Button kind="ghost" isDisabled={text === '' && !group?.items.length} onPress={() => { setGroup(start(emptyGroup(), fields)); setText(''); send('', 0) }}>{t('filter.clear')}</Button>
        <span className="grow" />
        <Button kind="solid" onPress={close}>{t('filter.done')}</Button>
      </div>
    </div>
  )
}

/* An empty filter opens with one row ready. */
function start(g: Group | null, fields: ReturnType<typeof filterable>): Group | null {
  const f = fields[0]
  if (!g || g.items.length || !f) return g
  return { join: 'all', items: [{ field: f.name, op: operatorsOf(f)[0]!.key }] }
}
