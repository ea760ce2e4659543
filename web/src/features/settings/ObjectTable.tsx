/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plain table of a small object's records with their actions; columns and values come from the metadata. */
import type { ReactNode } from 'react'
import { Ellipsis, Plus } from 'lucide-react'
import type { ListQuery, Rec } from '@/api'
import { isDenied } from '@/api'
import { Value } from '@/fields'
import { useT } from '@/i18n'
import { fieldOf, type Field, type ObjectMeta } from '@/meta'
import { openRecordForm } from '@/shell'
import { Button, cx, EmptyState, ErrorState, IconButton, Menu, NoPermission, Panel, SkeletonRows, type MenuEntry } from '@/ui'
import { useRecords } from './records'

export interface ObjectTableProps {
  object: ObjectMeta
  title: string
  /** Names of fields; unknown ones are left out. */
  columns?: string[]
  query?: ListQuery
  /** Entries of a row's menu, after "edit". */
  actions?: (record: Rec) => MenuEntry[]
  /** Replaces the button that opens the form. */
  add?: ReactNode
  addLabel?: string
  defaults?: Record<string, unknown>
  emptyBody?: string
  /** Greys a row. */
  isQuiet?: (record: Rec) => boolean
  canEdit?: boolean
}

const NUMERIC = ['integer', 'decimal', 'money', 'percent']

export function ObjectTable(p: ObjectTableProps) {
  const t = useT()
  const { object } = p
  const records = useRecords(object, p.query)
  const columns = (p.columns ?? object.columns ?? []).map((c) => fieldOf(object, c)).filter((f): f is Field => f !== null).slice(0, 7)
  const edit = (record: Rec) => openRecordForm({ object, record })
  const editable = object.rights.update && p.canEdit !== false
  const add = p.add ?? (object.rights.create && <Button icon={Plus} onPress={() => openRecordForm({ object, defaults: p.defaults })}>{p.addLabel ?? t('command.create', { object: object.label })}</Button>)
  const isNumber = (f: Field) => NUMERIC.includes(f.result ?? f.type)
  const body = records.isPending ? <div className="table-pad"><SkeletonRows rows={5} /></div>
    : records.isError ? (isDenied(records.error) ? <NoPermission /> : <ErrorState error={records.error} onRetry={() => void records.refetch()} />)
    : records.data.length === 0 ? <EmptyState title={t('settings.empty', { objects: object.label_plural })} body={p.emptyBody} />
    : (
      <div className="table-scroll" role="region" aria-label={p.title} tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              {columns.map((f) => <th key={f.name} className={cx(isNumber(f) && 'right')}>{f.label}</th>)}
              <th className="table-actions"><span className="sr">{t('settings.actions')}</span></th>
            </tr>
          </thead>
          <tbody>
            {records.data.map((r) => {
              const items: MenuEntry[] = [...(editable ? [{ id: 'edit', label: t('settings.edit'), onAction: () => edit(r) }] : []), ...(p.actions?.(r) ?? [])]
              return (
                <tr key={r.id} className={cx(p.isQuiet?.(r) && 'quiet')}>
                  {columns.map((f, i) => (
                    <td key={f.name} className={cx(isNumber(f) && 'right num', i === 0 && 'strong')}>
                      {i === 0 && editable ? <button type="button" className="table-open" onClick={() => edit(r)}>{r[f.name] == null ? r.label : <Value field={f} value={r[f.name]} />}</button> : <Value field={f} value={r[f.name]} />}
                    </td>
                  ))}
                  <td className="table-actions">
                    {items.length > 0 && <Menu label={t('settings.actions_of', { name: r.label ?? '' })} placement="bottom end" items={items} trigger={<IconButton icon={Ellipsis} size={15} label={t('settings.actions_of', { name: r.label ?? '' })} />} />}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    )
  return <Panel title={p.title} count={records.data?.length} actions={add} flush>{body}</Panel>
}
