// SPDX-License-Identifier: GPL-3.0-or-later
/* Saving what a list shows under a name, for oneself or for all; changing, sharing and deleting a saved view. */
import { useState } from 'react'
import { Bookmark, MoreHorizontal, Pencil, Save, Trash2, Users } from 'lucide-react'
import { api, invalidateObject, Problem } from '@/api'
import { useI18n } from '@/i18n'
import { findObject, useMeta, type ObjectMeta } from '@/meta'
import { undoToast } from '@/shell'
import { Button, Checkbox, Dialog, IconButton, Menu, TextField, toastError } from '@/ui'
import type { Effective, ListView } from '../list/state'

interface Props { object: ObjectMeta; view: ListView | undefined; now: Effective; changed: boolean; onSaved: (key: string) => void }

const settings = (object: ObjectMeta, now: Effective) => ({ object: object.name, filter: now.filter || null, order_by: now.order || null, columns: now.columns, kind: now.layout })

export function SaveView({ object, view, now, changed, onSaved }: Props) {
  const { t } = useI18n(), meta = useMeta(), plural = findObject(meta, 'saved_view')?.plural ?? 'saved_views'
  const [dialog, setDialog] = useState<'new' | 'rename' | null>(null)
  const mine = view?.saved?.mine ? view.saved : undefined
  const patch = async (values: Record<string, unknown>) => {
    if (!mine) return
    try {
      await api.patch(plural, mine.id, values, mine.version)
      invalidateObject('saved_view', mine.id)
      onSaved(mine.id)
    } catch (e) { toastError(e) }
  }
  const remove = async () => {
    if (!mine || !view) return
    try {
      await api.remove(plural, mine.id)
      invalidateObject('saved_view')
      onSaved('')
      undoToast(t, t('views.deleted', { name: view.label }))
    } catch (e) { toastError(e) }
  }
  return (
    <>
      {changed && !mine && <Button kind="ghost" icon={Bookmark} onPress={() => setDialog('new')}><span className="wide-only">{t('views.save')}</span></Button>}
      {changed && mine && <Button kind="ghost" icon={Save} onPress={() => void patch(settings(object, now))}><span className="wide-only">{t('views.update')}</span></Button>}
      {mine && (
        <Menu label={t('views.menu')} trigger={<IconButton icon={MoreHorizontal} label={t('views.menu')} />} items={[
          { id: 'rename', label: t('views.rename'), icon: Pencil, onAction: () => setDialog('rename') },
          { id: 'new', label: t('views.save_as'), icon: Bookmark, onAction: () => setDialog('new') },
          { id: 'share', label: t('views.shared'), icon: Users, checked: mine.shared, onAction: () => void patch({ shared: !mine.shared }) },
          { id: 'delete', label: t('views.delete'), icon: Trash2, danger: true, onAction: () => void remove() },
        ]} />
      )}
      {dialog && <NameDialog view={dialog === 'rename' ? view : undefined} onClose={() => setDialog(null)} onSave={async (name, shared) => {
        const saved = dialog === 'rename' && mine ? await api.patch(plural, mine.id, { name, shared }, mine.version) : await api.create(plural, { ...settings(object, now), name, shared })
        invalidateObject('saved_view', saved.id)
        onSaved(saved.id)
      }} />}
    </>
  )
}

function NameDialog({ view, onClose, onSave }: { view?: ListView; onClose: () => void; onSave: (name: string, shared: boolean) => Promise<void> }) {
  const { t } = useI18n()
  const [name, setName] = useState(view?.label ?? ''), [shared, setShared] = useState(view?.saved?.shared ?? false)
  const [busy, setBusy] = useState(false), [error, setError] = useState<string | null>(null)
  const save = async () => {
    if (!name.trim()) { setError(t('views.name_needed')); return }
    setBusy(true)
    try {
      await onSave(name.trim(), shared)
      onClose()
    } catch (e) { setError(e instanceof Problem ? e.errors[0]?.message ?? e.message : String(e)) } finally { setBusy(false) }
  }
  return (
    <Dialog isOpen onClose={onClose} size="small" title={t(view ? 'views.rename' : 'views.save')} footer={
      <><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={busy} onPress={() => void save()}>{t('ui.save')}</Button></>
    }>
      <div className="stack">
        <TextField label={t('views.name')} isRequired autoFocus value={name} error={error} onChange={s => { setName(s); setError(null) }} onKeyDown={e => { if (e.key === 'Enter') { e.preventDefault(); void save() } }} />
        <Checkbox isSelected={shared} onChange={setShared}>{t('views.share')}</Checkbox>
      </div>
    </Dialog>
  )
}
