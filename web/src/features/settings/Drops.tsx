/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders of the server whose files are imported as they come: how each fares, and its newest import. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Ellipsis, FolderSearch, Pencil, Plus, Trash2 } from 'lucide-react'
import { Link } from 'wouter'
import { api, invalidateObject, queryClient, type DropState, type Rec } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { fieldOf, findObject, useMeta, useObject, type ObjectMeta } from '@/meta'
import { openRecordForm } from '@/shell'
import { Value } from '@/fields'
import { Badge, Button, confirm, EmptyState, ErrorState, IconButton, Menu, NoPermission, Panel, SkeletonRows, toast, toastError } from '@/ui'
import { useRecords } from './records'

const KEY = ['drops']

function State({ folder, state }: { folder: Rec; state?: DropState }) {
  const { t } = useTexts()
  if (folder.active !== true) return <Badge>{t('drops.off')}</Badge>
  if (!state) return <span className="dim">…</span>
  if (!state.good) return <Badge hue="red">{t('drops.broken')}</Badge>
  if (state.working > 0) return <Badge hue="amber">{t('drops.working', { n: state.working })}</Badge>
  if (state.waiting > 0) return <Badge hue="blue">{t('drops.waiting', { n: state.waiting })}</Badge>
  return <Badge hue="green">{t('drops.good')}</Badge>
}

function Last({ run }: { run: Rec | null }) {
  const { t, fmt } = useTexts()
  const object = useObject('import_run')
  const field = object && fieldOf(object, 'state')
  if (!run) return <span className="dim">{t('drops.none_yet')}</span>
  const at = run.finished_at ?? run.created_at
  const refused = Number(run.refused ?? 0)
  return (
    <span className="drop-last">
      <Link href={'/import/' + run.id} className="table-open">{run.label}</Link>
      {field && <Value field={field} value={run.state} />}
      {refused > 0 && <Badge hue="red">{t('drops.refused', { n: refused })}</Badge>}
      <span className="dim">{fmt.dateTime(String(at))}</span>
    </span>
  )
}

function List({ object, data, root, every }: { object: ObjectMeta; data: DropState[]; root: string; every: number }) {
  const { t } = useTexts()
  const meta = useMeta()
  const folders = useRecords(object)
  const look = useMutation({
    mutationFn: api.lookIntoDrops,
    onSuccess: () => { toast(t('drops.looking')); setTimeout(() => void queryClient.invalidateQueries({ queryKey: KEY }), 1500) },
    onError: toastError,
  })
  const remove = async (folder: Rec) => {
    if (!(await confirm({ title: t('drops.delete_title', { name: folder.label ?? '' }), body: t('drops.delete_body'), action: t('drops.delete'), danger: true }))) return
    try {
      await api.remove(object.plural, folder.id)
      invalidateObject('drop_folder', folder.id)
    } catch (error) {
      toastError(error)
    }
  }
  const add = object.rights.create && root !== '' && <Button kind="solid" icon={Plus} onPress={() => openRecordForm({ object })}>{t('drops.new')}</Button>
  if (folders.isError) return <ErrorState error={folders.error} onRetry={() => void folders.refetch()} />
  if (!folders.data) return <SkeletonRows rows={4} />
  if (folders.data.length === 0) return <Panel title={t('settings.drops')}><EmptyState title={t('drops.empty')} body={t(root ? 'drops.empty_body' : 'drops.no_root')} action={add} /></Panel>
  const stateOf = (folder: Rec) => data.find((s) => s.folder === folder.id)
  return (
    <Panel title={t('settings.drops')} count={folders.data.length} flush actions={add}>
      <div className="table-scroll" role="region" aria-label={t('settings.drops')} tabIndex={0}>
        <table className="table">
          <thead><tr><th>{t('drops.name')}</th><th className="wide-only">{t('drops.path')}</th><th className="wide-only">{t('drops.object')}</th><th>{t('drops.state')}</th><th>{t('drops.last')}</th><th className="table-actions"><span className="sr">{t('settings.actions')}</span></th></tr></thead>
          <tbody>
            {folders.data.map((folder) => {
              const state = stateOf(folder)
              return (
                <tr key={folder.id}>
                  <td className="strong"><button type="button" className="table-open" onClick={() => openRecordForm({ object, record: folder })}>{folder.label}</button></td>
                  <td className="wide-only">{String(folder.path ?? '')}</td>
                  <td className="wide-only">{findObject(meta, String(folder.object ?? ''))?.label_plural ?? '—'}</td>
                  <td title={state?.why ?? undefined}><State folder={folder} state={state} /></td>
                  <td><Last run={(state?.last ?? null) as Rec | null} /></td>
                  <td className="table-actions">
                    <Menu label={t('settings.actions_of', { name: folder.label ?? '' })} placement="bottom end" trigger={<IconButton icon={Ellipsis} size={15} label={t('settings.actions_of', { name: folder.label ?? '' })} />}
                      items={[{ id: 'edit', label: t('settings.edit'), icon: Pencil, onAction: () => openRecordForm({ object, record: folder }) }, { id: 'delete', label: t('drops.delete'), icon: Trash2, danger: true, onAction: () => void remove(folder) }]} />
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      <div className="table-pad">
        {folders.data.map((folder) => { const state = stateOf(folder); return state && !state.good && folder.active === true && state.why && <p key={folder.id} className="field-error" role="alert">{state.why}</p> })}
        {folders.data.map((folder) => { const odd = stateOf(folder)?.odd ?? 0; return odd > 0 && <p key={folder.id} className="dim">{t('drops.odd', { name: folder.label ?? '', n: odd })}</p> })}
        <p className="dim">{root ? t('drops.root', { folder: root, n: every }) : t('drops.no_root')}</p>
        {root !== '' && <Button icon={FolderSearch} isDisabled={look.isPending} onPress={() => look.mutate()}>{t('drops.look')}</Button>}
      </div>
    </Panel>
  )
}

function Inside() {
  const { t } = useTexts()
  const object = useObject('drop_folder')
  const state = useQuery({ queryKey: KEY, queryFn: api.drops, refetchInterval: 5000 })
  if (!object) return <NoPermission />
  if (state.isError) return <ErrorState error={state.error} onRetry={() => void state.refetch()} />
  if (!state.data) return <SkeletonRows rows={5} />
  return (
    <>
      <p className="dim">{t('drops.intro')}</p>
      <List object={object} data={state.data.data} root={state.data.root} every={state.data.every} />
    </>
  )
}

/** Folders whose files are imported as they come. */
export default function Drops() {
  return <Texts><Inside /></Texts>
}
