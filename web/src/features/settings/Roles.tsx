/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { Pencil, Plus } from 'lucide-react'
import { api, invalidateObject, type Rec } from '@/api'
import { useT } from '@/i18n'
import { useObject, type ObjectMeta } from '@/meta'
import { openRecordForm, undoToast } from '@/shell'
import { Button, cx, EmptyState, ErrorState, NoPermission, Panel, SkeletonRows, Switch } from '@/ui'
import { useRecords } from './records'
import { isAdministrator, readRights, writeRights, type Rights } from './rights'
import { RightsMatrix } from './RightsMatrix'

/** A role's matrix with what has been changed and not yet saved. */
function RoleEditor({ object, role }: { object: ObjectMeta; role: Rec }) {
  const t = useT()
  const [draft, setDraft] = useState<Rights | null>(null)
  const rights = draft ?? readRights(role.rights)
  const isAdmin = isAdministrator(rights)
  const locked = !object.rights.update
  const save = useMutation({
    mutationFn: () => api.patch(object.plural, role.id, { rights: writeRights(rights) }, role.version),
    onSuccess: () => {
      setDraft(null)
      invalidateObject('role', role.id)
      undoToast(t, t('roles.saved', { name: role.label ?? '' }))
    },
  })
  return (
    <Panel title={role.label} flush
      actions={
        <>
          {draft && <Button onPress={() => setDraft(null)}>{t('ui.cancel')}</Button>}
          {draft && <Button kind="solid" isDisabled={save.isPending} onPress={() => save.mutate()}>{t('ui.save')}</Button>}
          {!draft && object.rights.update && <Button icon={Pencil} kind="ghost" onPress={() => openRecordForm({ object, record: role })}>{t('settings.edit')}</Button>}
        </>
      }>
      {save.isError && <p className="bad table-pad" role="alert">{save.error.message}</p>}
      {locked && <p className="dim small table-pad">{t('roles.locked')}</p>}
      {isAdmin ? (
        <p className="dim table-pad">{t('roles.administrator')}</p>
      ) : (
        <>
          <RightsMatrix rights={rights} onChange={setDraft} isReadOnly={locked} />
          <div className="table-pad stack">
            <Switch isSelected={rights.rest.masked !== false} isDisabled={locked} onChange={(on) => setDraft({ ...rights, rest: { ...rights.rest, masked: on } })}>{t('roles.masked')}</Switch>
            <p className="dim small">{t('roles.legend')}</p>
          </div>
        </>
      )}
    </Panel>
  )
}

function RolesOf({ object }: { object: ObjectMeta }) {
  const t = useT()
  const roles = useRecords(object)
  const [chosen, setChosen] = useState<string | null>(null)
  if (roles.isPending) return <Panel title={t('settings.roles')}><SkeletonRows rows={6} /></Panel>
  if (roles.isError) return <ErrorState error={roles.error} onRetry={() => void roles.refetch()} />
  const role = roles.data.find((r) => r.id === chosen) ?? roles.data[0]
  return (
    <>
      <div className="row role-tabs" role="group" aria-label={t('settings.roles')}>
        {roles.data.map((r) => <button type="button" key={r.id} className={cx('tab')} aria-current={r.id === role?.id || undefined} onClick={() => setChosen(r.id)}>{r.label}</button>)}
        {object.rights.create && <Button kind="ghost" icon={Plus} onPress={() => openRecordForm({ object, onSaved: (r) => setChosen(r.id) })}>{t('roles.add')}</Button>}
      </div>
      {role ? <RoleEditor key={role.id} object={object} role={role} /> : <EmptyState title={t('settings.empty', { objects: object.label_plural })} />}
    </>
  )
}

/** Who may do what: one matrix per role. */
export default function Roles() {
  const object = useObject('role')
  return object ? <RolesOf object={object} /> : <NoPermission />
}
