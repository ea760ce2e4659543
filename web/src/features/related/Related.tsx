// SPDX-License-Identifier: GPL-3.0-or-later
/* What belongs to a record, list by list, with a way to add and to see all. */
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { Link } from 'wouter'
import { api, keys, useWatch, type Rec, type Ref } from '@/api'
import { isEmpty, Value } from '@/fields'
import { quote } from '@/fields/filterKit'
import { useI18n } from '@/i18n'
import { fieldOf, listHref, nameOf, recordHref, useMeta, useObject, type Field, type ObjectMeta, type RelatedDef } from '@/meta'
import { openRecordForm } from '@/shell'
import { ErrorState, IconButton, Panel, SkeletonRows } from '@/ui'

interface Props { object: ObjectMeta; rec: Rec; readOnly: boolean }

export function Related({ object, rec, readOnly, without }: Props & { without?: string }) {
  return <div className="related">{(object.layout?.related ?? []).filter(d => d.object !== without).map(d => <List key={d.object + d.field} def={d} object={object} rec={rec} readOnly={readOnly} />)}</div>
}

const SHOWN = 6

/* A many-to-many field holds a list, a reference to anything needs the object too: the filter follows the field's type. */
export function relatedFilter(field: Pick<Field, 'name' | 'type'> | null, name: string, id: string): string {
  return field?.type === 'links' ? `${name}.exists(x, x.id == ${quote(id)})` : `${name} == ${quote(id)}`
}

function List({ def, object, rec, readOnly }: Props & { def: RelatedDef }) {
  const { t, fmt } = useI18n(), meta = useMeta(), other = useObject(def.object)
  useWatch(other?.name)
  const field = other && fieldOf(other, def.field), filter = relatedFilter(field, def.field, rec.id)
  const columns = (other ? def.columns ?? other.columns ?? [] : []).filter(n => n !== def.field && n !== other?.label_field).map(n => fieldOf(other!, n)).filter((f): f is Field => f !== null).slice(0, 3)
  const query = { filter, page_size: SHOWN, total: 'fast' as const }
  const { data, error, refetch } = useQuery({ queryKey: keys.list(def.object, query), enabled: other !== null, queryFn: ({ signal }) => api.list(other!.plural, query, signal) })
  if (!other || !other.rights.read) return null
  const total = data?.total ?? data?.data.length
  const own = { object: object.name, id: rec.id, label: rec.label ?? null }
  const add = !readOnly && other.rights.create && field && field.type !== 'links'
  return (
    <Panel title={def.label || other.label_plural} count={total === undefined ? undefined : fmt.number(total)}
      actions={add && <IconButton icon={Plus} size={14} label={t('record.add_related', { object: other.label })} onPress={() => openRecordForm({ object: other, defaults: { [def.field]: own } })} />}>
      {error ? <ErrorState error={error} onRetry={() => void refetch()} /> : !data ? <SkeletonRows rows={3} /> : data.data.length === 0 ? <p className="dim small">{t('record.no_related')}</p> : (
        <ul className="related-list">
          {data.data.map(r => {
            /* A record of a link has no name of its own, or that of the record it is shown on: it goes by what it leads to. */
            const to = r.label && (other.nav || r.label !== rec.label) ? null : columns.find(f => f.type === 'reference' && !isEmpty(r[f.name]))
            const title = to ? (r[to.name] as Ref).label : nameOf(other, r)
            const facts = columns.filter(f => f !== to && !isEmpty(r[f.name]) && (f.type !== 'reference' || (r[f.name] as Ref).label !== title))
            return (
              <li key={r.id}>
                <Link href={recordHref(meta, { object: other.name, id: r.id })} className="strong truncate">{title}</Link>
                {facts.length > 0 && <span className="related-facts dim">{facts.map(f => <span key={f.name} title={f.label} className="truncate"><Value field={f} value={r[f.name]} brief /></span>)}</span>}
              </li>
            )
          })}
        </ul>
      )}
      {total !== undefined && total > SHOWN && <Link href={listHref(other, { filter })} className="link small">{t('board.show_all', { n: total })}</Link>}
    </Panel>
  )
}
