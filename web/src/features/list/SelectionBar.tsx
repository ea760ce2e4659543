// SPDX-License-Identifier: GPL-3.0-or-later
/* What can be done with the selected records: assign, change a field, delete (or restore); each can be undone. */
import { lazy, Suspense, useState } from 'react'
import { Merge, PencilLine, Trash2, UserCheck, UserPlus, X } from 'lucide-react'
import { api, invalidateObject, type BatchReply } from '@/api'
import { FieldInput, isEditable } from '@/fields'
import { toWire } from '@/fields/wire'
import { useI18n } from '@/i18n'
import { fieldOf, type Field, type ObjectMeta } from '@/meta'
import { undoToast } from '@/shell'
import { Button, ComboBox, confirm, Dialog, IconButton, Progress, toastError } from '@/ui'
import { follow } from './mass'
import { countOn, isNone, target, type Selection } from '@/views/gridModel'

const BulkConvert = lazy(() => import('../leads/BulkConvert'))
const MergeDialog = lazy(() => import('../duplicates/MergeDialog'))

interface Props { object: ObjectMeta; selection: Selection; total: number; filter: string; q: string; onClear: () => void }

/* More are not looked at side by side. */
const MERGED_MOST = 10

/* Above this a deletion is asked about, though it too can be undone. */
const ASK = 20

export function SelectionBar({ object, selection, total, filter, q, onClear }: Props) {
  const { t } = useI18n(), [change, setChange] = useState<Field | 'any' | null>(null), [share, setShare] = useState<number | null>(null), [merging, setMerging] = useState(false), [converting, setConverting] = useState(false)
  if (isNone(selection)) return null
  const convert = object.name === 'lead' ? object.actions?.find(a => a.name === 'convert') : undefined
  const n = countOn(selection, total), owner = fieldOf(object, 'owner'), rights = object.rights
  /* A text search is not part of the filter language: everything it finds cannot be named in one call. */
  const blocked = selection.all && q !== ''
  const run = async (call: () => Promise<BatchReply>, text: string) => {
    try {
      setShare(0)
      const batch = await follow(await call(), setShare)
      invalidateObject(object.name)
      onClear()
      undoToast(t, text, batch)
      return true
    } catch (e) {
      toastError(e)
      return false
    } finally { setShare(null) }
  }
  const remove = async () => {
    if (n > ASK && !(await confirm({ title: t('list.delete_title', { n }), body: t('list.delete_body'), action: t('list.delete'), danger: true }))) return
    await run(() => api.batchDelete(object.plural, target(selection, filter)), t('list.deleted', { n }))
  }
  const apply = (f: Field, v: unknown) => run(() => api.batchUpdate(object.plural, target(selection, filter), toWire(object.fields, { [f.name]: v })), t('list.changed', { n }))
  return (
    <div className="selection-bar" role="toolbar" aria-label={t('list.with_selected')}>
      <b className="num">{t('list.selected', { n })}</b>
      {share !== null ? <span className="selection-progress"><Progress value={share || undefined} label={t('list.working')} /></span> : blocked ? <span className="dim">{t('list.clear_search_first')}</span> : (
        <>
          {rights.mass && rights.update && owner && isEditable(owner) && <Button kind="ghost" icon={UserPlus} onPress={() => setChange(owner)}><span className="wide-only">{t('list.assign')}</span></Button>}
          {rights.mass && rights.update && <Button kind="ghost" icon={PencilLine} onPress={() => setChange('any')}><span className="wide-only">{t('list.change')}</span></Button>}
          {convert && rights.mass && <Button kind="ghost" icon={UserCheck} onPress={() => setConverting(true)}><span className="wide-only">{convert.label}</span></Button>}
          {object.duplicates && rights.update && rights.delete && !selection.all && n > 1 && n <= MERGED_MOST && <Button kind="ghost" icon={Merge} onPress={() => setMerging(true)}><span className="wide-only">{t('list.merge')}</span></Button>}
          {rights.delete && (rights.mass || !selection.all) && <Button kind="danger" icon={Trash2} onPress={() => void remove()}><span className="wide-only">{t('list.delete')}</span></Button>}
        </>
      )}
      <IconButton icon={X} label={t('list.clear_selection')} keys="Esc" onPress={onClear} />
      {merging && <Suspense><MergeDialog object={object} ids={[...selection.ids]} onClose={() => setMerging(false)} onDone={() => { setMerging(false); onClear() }} /></Suspense>}
      {converting && <Suspense><BulkConvert object={object} target={target(selection, filter)} n={n} onClose={() => setConverting(false)} onDone={() => { setConverting(false); onClear() }} /></Suspense>}
      {change && <ChangeDialog object={object} n={n} field={change === 'any' ? null : change} onClose={() => setChange(null)} onApply={apply} />}
    </div>
  )
}

interface ChangeProps { object: ObjectMeta; n: number; field: Field | null; onClose: () => void; onApply: (f: Field, v: unknown) => Promise<boolean> }

function ChangeDialog({ object, n, field: fixed, onClose, onApply }: ChangeProps) {
  const { t } = useI18n(), [field, setField] = useState(fixed), [value, setValue] = useState<unknown>(null), [busy, setBusy] = useState(false)
  const choices = object.fields.filter(f => isEditable(f) && !f.unique)
  const find = (text: string) => Promise.resolve(choices.filter(f => f.label.toLowerCase().includes(text.toLowerCase())).map(f => ({ id: f.name, label: f.label })))
  const go = async () => {
    if (!field) return
    setBusy(true)
    if (await onApply(field, value)) onClose()
    setBusy(false)
  }
  return (
    <Dialog isOpen onClose={onClose} size="small" title={t(fixed ? 'list.assign_title' : 'list.change_title', { n })} footer={
      <><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={!field || busy} onPress={() => void go()}>{t('list.apply', { n })}</Button></>
    }>
      <div className="stack">
        {!fixed && <ComboBox label={t('filter.field')} isRequired autoFocus value={field && { id: field.name, label: field.label }} load={find} onChange={i => { setField(choices.find(f => f.name === i?.id) ?? null); setValue(null) }} />}
        {field && <FieldInput key={field.name} field={field} label={field.label} value={value} onChange={setValue} autoFocus={!!fixed} description={t('list.empty_clears')} />}
      </div>
    </Dialog>
  )
}
