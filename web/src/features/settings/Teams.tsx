/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useQuery } from '@tanstack/react-query'
import { Ellipsis, Pencil, Plus, Trash2, Users } from 'lucide-react'
import { api, invalidateObject, keys, type Rec, type Ref } from '@/api'
import { useI18n } from '@/i18n'
import { useObject, type ObjectMeta } from '@/meta'
import { openRecordForm, undoToast } from '@/shell'
import { Button, EmptyState, ErrorState, IconButton, Menu, NoPermission, Panel, SkeletonRows, toastError } from '@/ui'
import { treeRows } from './people'
import { useRecords } from './records'

/** How many users each team has, by the team's id. */
function useMembers(): Map<string, number> {
  const query = { group_by: ['team'], measures: ['count()'] }
  const { data } = useQuery({ queryKey: keys.aggregate('user', query), queryFn: () => api.aggregate('users', query) })
  return new Map((data?.data ?? []).flatMap((row) => (row.team ? [[(row.team as Ref).id, Number(row['count()'])] as const] : [])))
}

function Tree({ object, records }: { object: ObjectMeta; records: Rec[] }) {
  const { t } = useI18n()
  const members = useMembers()
  const parent = object.fields.find((f) => f.type === 'reference' && f.target === 'team' && f.name !== 'team' && !f.system)?.name ?? 'parent'
  const remove = async (team: Rec) => {
    try {
      await api.remove(object.plural, team.id)
      invalidateObject('team', team.id)
      undoToast(t, t('teams.removed', { name: team.label ?? '' }))
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <ul className="tree" aria-label={t('settings.teams')}>
      {treeRows(records, parent).map(({ record, depth }) => (
        <li key={record.id} className="tree-row" style={{ paddingLeft: 14 + depth * 22 }}>
          <Users size={15} aria-hidden className="dim" />
          <button type="button" className="table-open strong truncate" disabled={!object.rights.update} onClick={() => openRecordForm({ object, record })}>{record.label}</button>
          <span className="dim small truncate grow">
            {[(record.manager as Ref | null)?.label ?? (record.leader as Ref | null)?.label, t('teams.members', { n: members.get(record.id) ?? 0 })].filter(Boolean).join(' · ')}
          </span>
          <Menu label={t('settings.actions_of', { name: record.label ?? '' })} placement="bottom end" trigger={<IconButton icon={Ellipsis} size={15} label={t('settings.actions_of', { name: record.label ?? '' })} />}
            items={[
              { id: 'edit', label: t('settings.edit'), icon: Pencil, disabled: !object.rights.update, onAction: () => openRecordForm({ object, record }) },
              { id: 'sub', label: t('teams.add_under'), icon: Plus, disabled: !object.rights.create, onAction: () => openRecordForm({ object, defaults: { [parent]: { object: 'team', id: record.id, label: record.label } } }) },
              { id: 'delete', label: t('settings.delete'), icon: Trash2, danger: true, disabled: !object.rights.delete, onAction: () => void remove(record) },
            ]} />
        </li>
      ))}
    </ul>
  )
}

/** Teams under teams: rights of "team" reach down this tree. */
export default function Teams() {
  const { t } = useI18n()
  const object = useObject('team')
  if (!object) return <NoPermission />
  return <TeamsOf object={object} title={t('settings.teams')} />
}

function TeamsOf({ object, title }: { object: ObjectMeta; title: string }) {
  const { t } = useI18n()
  const teams = useRecords(object)
  const add = object.rights.create && <Button icon={Plus} onPress={() => openRecordForm({ object })}>{t('command.create', { object: object.label })}</Button>
  return (
    <Panel title={title} count={teams.data?.length} actions={add} flush>
      {teams.isPending ? <div className="table-pad"><SkeletonRows rows={4} /></div>
        : teams.isError ? <ErrorState error={teams.error} onRetry={() => void teams.refetch()} />
        : teams.data.length === 0 ? <EmptyState title={t('settings.empty', { objects: object.label_plural })} body={t('teams.empty')} />
        : <Tree object={object} records={teams.data} />}
    </Panel>
  )
}
