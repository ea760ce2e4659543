// SPDX-License-Identifier: GPL-3.0-or-later
/* What can be done with a record: edit, its own actions from the metadata with generated forms, the rest behind "…". */
import { lazy, Suspense, useState } from 'react'
import { useQueries } from '@tanstack/react-query'
import { Ellipsis, History, Link2, Pencil, Printer, Trash2 } from 'lucide-react'
import { useLocation, useSearchParams } from 'wouter'
import { api, invalidateObject, keys, queryClient, type Rec, type Ref } from '@/api'
import { decide, stepsIn } from '@/fields'
import { useI18n } from '@/i18n'
import { findObject, recordHref, useMeta, type ActionDef, type ObjectMeta } from '@/meta'
import { openRecordForm, undoToast, useCommands } from '@/shell'
import { Button, confirm, iconOf, IconButton, Menu, toast, toastError } from '@/ui'

const AsOfDialog = lazy(() => import('../list/AsOfDialog'))
const ActionForm = lazy(() => import('./ActionForm'))

/* Actions with a form of their own; what only such a form asks has no button. */
const FORMS: Record<string, typeof ActionForm> = {
  'lead.convert': lazy(() => import('../leads/ConvertForm')),
  'assignment_rule.simulate': lazy(() => import('../leads/SimulateForm')),
}
const ASKED = ['lead.matches']

interface Props { object: ObjectMeta; rec: Rec; readOnly: boolean; asOf: string }

const SHOWN = 2

export function RecordActions({ object, rec, readOnly, asOf }: Props) {
  const { t } = useI18n(), [, navigate] = useLocation(), [, setSp] = useSearchParams(), run = useAction(object, rec)
  const [asking, setAsking] = useState<ActionDef | null>(null), [past, setPast] = useState(false)
  const actions = useOffered(object, rec, readOnly)
  const Form = asking ? FORMS[`${object.name}.${asking.name}`] ?? ActionForm : ActionForm
  const start = (a: ActionDef) => a.params?.length ? setAsking(a) : void run(a, {})
  useCommands(actions.map(a => ({ id: 'action:' + a.name, label: a.label, icon: iconOf(a.icon), group: 'record' as const, run: () => start(a) })))
  const remove = async () => {
    try {
      await api.remove(object.plural, rec.id)
      invalidateObject(object.name, rec.id)
      undoToast(t, t('record.deleted', { name: rec.label ?? '' }))
      navigate(`/o/${object.plural}`)
    } catch (e) { toastError(e) }
  }
  const copy = () => void navigator.clipboard.writeText(location.href.split('?')[0]!).then(() => toast(t('record.link_copied')), toastError)
  return (
    <div className="record-actions">
      {actions.slice(0, SHOWN).map(a => <Button key={a.name} icon={iconOf(a.icon)} onPress={() => start(a)}>{a.label}</Button>)}
      {!readOnly && <Button kind="solid" icon={Pencil} onPress={() => openRecordForm({ object, record: rec })}>{t('record.edit')}</Button>}
      <Menu label={t('record.more')} placement="bottom end" trigger={<IconButton icon={Ellipsis} label={t('record.more')} />} items={[
        { items: actions.slice(SHOWN).map(a => ({ id: 'do:' + a.name, label: a.label, icon: iconOf(a.icon), danger: a.danger, onAction: () => start(a) })) },
        { items: [
          { id: 'link', label: t('record.copy_link'), icon: Link2, onAction: copy },
          { id: 'as_of', label: t('list.as_of'), icon: History, onAction: () => setPast(true) },
          { id: 'print', label: t('list.print'), icon: Printer, onAction: () => { setTimeout(() => print(), 200) } },
          ...(object.rights.delete && !asOf && !rec.deleted_at ? [{ id: 'delete', label: t('record.delete'), icon: Trash2, danger: true, onAction: () => void remove() }] : []),
        ] },
      ].filter(g => g.items.length)} />
      {past && <Suspense fallback={null}><AsOfDialog value={asOf} onClose={() => setPast(false)} onChange={v => setSp(v ? { as_of: v } : {})} /></Suspense>}
      {asking && <Suspense fallback={null}><Form action={asking} rec={rec} onClose={() => setAsking(null)} onRun={v => run(asking, v, true)} /></Suspense>}
    </div>
  )
}

/** The actions that go with the record as it is.  A condition may look one step further (`pipeline.going_back`): what it
 *  looks at is asked for, and until it is there the action is not offered. */
function useOffered(object: ObjectMeta, rec: Rec, readOnly: boolean): ActionDef[] {
  const meta = useMeta(), all = readOnly ? [] : (object.actions ?? []).filter(a => !ASKED.includes(`${object.name}.${a.name}`))
  const names = [...new Set(all.flatMap(a => stepsIn(a.visible ?? '')))].filter(n => isRef(rec[n]))
  const found = useQueries({
    queries: names.map(n => {
      const { object: name, id } = rec[n] as Ref, plural = findObject(meta, name)?.plural
      return { queryKey: keys.record(name, id), enabled: plural !== undefined, staleTime: 300_000, queryFn: () => api.get(plural!, id) }
    }),
  })
  const known = { ...rec, ...Object.fromEntries(names.map((n, i) => [n, found[i]?.data ?? rec[n]])) }
  return all.filter(a => stepsIn(a.visible ?? '').length ? decide(a.visible, known) === true : decide(a.visible, known) !== false)
}

const isRef = (v: unknown): v is Ref => typeof v === 'object' && v !== null && typeof (v as Ref).object === 'string' && typeof (v as Ref).id === 'string'

/** Calls an action; what it answers with (a new deal) is offered as a link, and what takes longer is seen through. */
function useAction(object: ObjectMeta, rec: Rec) {
  const { t } = useI18n(), meta = useMeta(), [, navigate] = useLocation()
  const seeThrough = async (a: ActionDef, id: string) => {
    toast(t('record.action_runs', { action: a.label }))
    try {
      const { follow } = await import('../list/mass')
      await follow(await api.operation(id), () => {})
      void queryClient.invalidateQueries()
      toast(t('record.action_done', { action: a.label }))
    } catch (e) { toastError(e) }
  }
  return async (a: ActionDef, params: Record<string, unknown>, rethrow = false): Promise<void> => {
    if (a.confirm && !(await confirm({ title: a.label, body: a.confirm, action: a.label, danger: a.danger }))) return
    try {
      const reply = await api.action(object.plural, rec.id, a.name, params)
      void queryClient.invalidateQueries()
      if (typeof reply?.operation === 'string') return void seeThrough(a, reply.operation)
      if (isRef(reply?.file)) location.assign(`/api/v1/files/${reply.file.id}/content`)
      if (typeof reply?.url === 'string') {
        const { url } = reply
        void confirm({ title: a.label, body: t('record.customer_link', { url }), action: t('record.copy_link') }).then(yes => { if (yes) void navigator.clipboard.writeText(url) }, toastError)
        return
      }
      const made = Object.values(reply ?? {}).find(v => isRef(v) && v.object !== object.name) as Ref | undefined
      toast({ text: t('record.action_done', { action: a.label }), ...(made && { action: { label: t('record.open'), onAction: () => navigate(recordHref(meta, made)) } }) })
    } catch (e) {
      if (rethrow) throw e
      toastError(e)
    }
  }
}
