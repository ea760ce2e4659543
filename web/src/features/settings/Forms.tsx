/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Web forms: the list with what has come, and the editor. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Code, Ellipsis, ExternalLink, Pencil, Plus, Trash2 } from 'lucide-react'
import { api, invalidateObject, isDenied, type Rec } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { findObject, useMeta, useObject, type ObjectMeta } from '@/meta'
import { Badge, Button, confirm, EmptyState, ErrorState, IconButton, Menu, NoPermission, Panel, SkeletonRows, Switch, toast, toastError } from '@/ui'
import { Editor } from './FormEditor'
import { Snippet } from './FormSnippet'
import { useRecords } from './records'

const pageOf = (form: Rec) => '/f/' + String(form.token)

function List({ object, onEdit, onAdd }: { object: ObjectMeta; onEdit: (form: Rec) => void; onAdd: () => void }) {
  const { t, fmt } = useTexts()
  const meta = useMeta()
  const forms = useRecords(object)
  const counts = useQuery({ queryKey: ['forms', 'counts'], queryFn: api.formCounts, refetchInterval: 30_000 })
  const [shown, setShown] = useState<Rec | null>(null)
  const mayEdit = object.rights.update
  const countOf = (form: Rec) => counts.data?.data.find((c) => c.form === form.id)
  const toggle = async (form: Rec, active: boolean) => {
    try {
      await api.patch(object.plural, form.id, { active })
      invalidateObject('web_form', form.id)
    } catch (error) {
      toastError(error)
    }
  }
  const remove = async (form: Rec) => {
    if (!(await confirm({ title: t('forms.delete_title', { name: form.label ?? '' }), body: t('forms.delete_body'), action: t('forms.delete'), danger: true }))) return
    try {
      await api.remove(object.plural, form.id)
      invalidateObject('web_form', form.id)
      toast(t('forms.deleted'))
    } catch (error) {
      toastError(error)
    }
  }
  const add = object.rights.create && <Button kind="solid" icon={Plus} onPress={onAdd}>{t('forms.new')}</Button>
  if (forms.isError) return isDenied(forms.error) ? <NoPermission /> : <ErrorState error={forms.error} onRetry={() => void forms.refetch()} />
  if (!forms.data) return <SkeletonRows rows={5} />
  if (forms.data.length === 0) return <Panel title={t('settings.forms')}><EmptyState title={t('forms.empty')} body={t('forms.empty_body')} action={add} /></Panel>
  return (
    <Panel title={t('settings.forms')} count={forms.data.length} actions={add} flush>
      <div className="table-scroll" role="region" aria-label={t('settings.forms')} tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th>{t('forms.name')}</th><th className="wide-only">{t('forms.makes')}</th><th>{t('forms.takes')}</th>
              <th className="right">{t('forms.taken')}</th><th className="right wide-only">{t('forms.bots')}</th><th className="wide-only">{t('forms.last')}</th>
              <th className="table-actions"><span className="sr">{t('settings.actions')}</span></th>
            </tr>
          </thead>
          <tbody>
            {forms.data.map((form) => {
              const count = countOf(form)
              return (
                <tr key={form.id}>
                  <td className="strong">{mayEdit ? <button type="button" className="table-open" onClick={() => onEdit(form)}>{form.label}</button> : form.label}</td>
                  <td className="wide-only">{findObject(meta, String(form.object))?.label ?? '—'}</td>
                  <td>{mayEdit ? <Switch isSelected={form.active === true} onChange={(on) => void toggle(form, on)} label={t('forms.takes_named', { name: form.label ?? '' })} /> : <Badge hue={form.active ? 'green' : 'slate'}>{t(form.active ? 'forms.on' : 'forms.off')}</Badge>}</td>
                  <td className="right num">{fmt.number(String(count?.taken ?? 0))}</td>
                  <td className="right num wide-only">{fmt.number(String(count?.bots ?? 0))}</td>
                  <td className="wide-only">{count?.last_at ? fmt.dateTime(count.last_at) : '—'}</td>
                  <td className="table-actions">
                    <Menu label={t('settings.actions_of', { name: form.label ?? '' })} placement="bottom end" trigger={<IconButton icon={Ellipsis} size={15} label={t('settings.actions_of', { name: form.label ?? '' })} />}
                      items={[
                        ...(mayEdit ? [{ id: 'edit', label: t('settings.edit'), icon: Pencil, onAction: () => onEdit(form) }] : []),
                        { id: 'open', label: t('forms.open'), icon: ExternalLink, onAction: () => window.open(pageOf(form), '_blank', 'noopener') },
                        { id: 'html', label: t('forms.html'), icon: Code, onAction: () => setShown(form) },
                        ...(object.rights.delete ? [{ id: 'delete', label: t('forms.delete'), icon: Trash2, danger: true, onAction: () => void remove(form) }] : []),
                      ]} />
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {shown && <Snippet form={shown} onClose={() => setShown(null)} />}
    </Panel>
  )
}

function Inside() {
  const { t } = useTexts()
  const object = useObject('web_form')
  const [edited, setEdited] = useState<Rec | 'new' | null>(null)
  const [fresh, setFresh] = useState<Rec | null>(null)
  if (!object) return <NoPermission />
  if (edited) {
    const done = (saved: Rec | null) => {
      setEdited(null)
      if (saved && edited === 'new') setFresh(saved)
    }
    return <Editor object={object} form={edited === 'new' ? null : edited} onClose={done} />
  }
  return (
    <>
      <p className="dim">{t('forms.intro')}</p>
      <List object={object} onEdit={setEdited} onAdd={() => setEdited('new')} />
      {fresh && <Snippet form={fresh} onClose={() => setFresh(null)} />}
    </>
  )
}

/** Forms by which strangers write to the company. */
export default function Forms() {
  return <Texts><Inside /></Texts>
}
