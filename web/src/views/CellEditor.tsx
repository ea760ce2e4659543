// SPDX-License-Identifier: GPL-3.0-or-later
/* A field's input in place of its cell.  Enter and Tab save, Esc leaves; big editors open as a small dialog. */
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { FieldInput, typeOf } from '@/fields'
import { useI18n } from '@/i18n'
import type { Field } from '@/meta'
import { Button, Dialog } from '@/ui'

export type Leave = 'stay' | 'down' | 'right' | 'left'
interface Props { field: Field; value: unknown; onDone: (value: unknown, leave: Leave) => void; onCancel: () => void }

export function CellEditor(p: Props) {
  return typeOf(p.field).large ? <LargeEditor {...p} /> : <InlineEditor {...p} />
}

function LargeEditor({ field, value, onDone, onCancel }: Props) {
  const { t } = useI18n(), [draft, setDraft] = useState(value)
  const save = () => onDone(draft, 'stay')
  return (
    <Dialog isOpen onClose={onCancel} title={field.label} isDismissable={false} footer={
      <>
        <Button onPress={onCancel}>{t('ui.cancel')}</Button>
        <Button kind="solid" onPress={save}>{t('ui.save')}</Button>
      </>
    }>
      <div onKeyDownCapture={e => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); save() } }}>
        <FieldInput field={field} label={field.label} hideLabel value={draft} onChange={setDraft} autoFocus />
      </div>
    </Dialog>
  )
}

function InlineEditor({ field, value, onDone, onCancel }: Props) {
  const box = useRef<HTMLDivElement>(null), [draft, setDraft] = useState(value)
  const left = useRef(false), latest = useRef(draft)
  latest.current = draft
  const { immediate } = typeOf(field)
  const finish = (v: unknown, leave: Leave) => {
    if (left.current) return
    left.current = true
    onDone(v, leave)
  }
  const out = useRef(() => {})
  out.current = () => immediate ? onCancel() : finish(latest.current, 'stay')

  /* A press outside saves; calendars and lists that belong to the input float elsewhere and are not outside. */
  useEffect(() => {
    const press = (e: PointerEvent) => {
      const at = e.target as Element
      if (!box.current?.contains(at) && !at.closest('.pop')) out.current()
    }
    document.addEventListener('pointerdown', press, true)
    return () => document.removeEventListener('pointerdown', press, true)
  }, [])

  /* On the way down: react-aria fields keep their keys from going up.  Lists and calendars have theirs to themselves. */
  const key = (e: KeyboardEvent) => {
    if ((e.target as Element).closest('.pop')) return
    if (e.key === 'Escape') { e.preventDefault(); left.current = true; onCancel() }
    else if (e.key === 'Enter' && !immediate && !e.nativeEvent.isComposing) { e.preventDefault(); finish(latest.current, 'down') }
    else if (e.key === 'Tab') { e.preventDefault(); finish(latest.current, e.shiftKey ? 'left' : 'right') }
  }
  return (
    <div ref={box} className="cell-edit" onKeyDownCapture={key} onKeyDown={e => e.stopPropagation()} onClick={e => e.stopPropagation()} onDoubleClick={e => e.stopPropagation()}>
      <FieldInput field={field} label={field.label} hideLabel value={draft} autoFocus defaultOpen
        onChange={v => {
          setDraft(v)
          latest.current = v
          if (immediate) finish(v, 'stay')
        }} />
    </div>
  )
}
