// SPDX-License-Identifier: GPL-3.0-or-later
/* The fields of a record by section, each changed in place. */
import { useRef, useState } from 'react'
import { Pencil } from 'lucide-react'
import type { Rec } from '@/api'
import { decide, isEditable, isEmpty, RefLink, typeOf, Value, type Ref } from '@/fields'
import { useI18n } from '@/i18n'
import { fieldOf, type Field, type ObjectMeta } from '@/meta'
import { CellEditor } from '@/views/CellEditor'
import type { Saver } from '@/views/save'

export interface Section { label: string; fields: Field[] }

/** Sections of the layout; an object without one shows its own fields in one section. */
export function sectionsOf(object: ObjectMeta): Section[] {
  const listed = (object.layout?.sections ?? []).map(s => ({ label: s.label, fields: s.fields.map(n => fieldOf(object, n)).filter((f): f is Field => f !== null) }))
  return listed.some(s => s.fields.length) ? listed.filter(s => s.fields.length) : [{ label: '', fields: object.fields.filter(f => !f.system) }]
}

interface Props { object: ObjectMeta; rec: Rec; saver: Saver; readOnly: boolean }

export function Details({ object, rec, saver, readOnly }: Props) {
  const [editing, setEditing] = useState<string | null>(null)
  const shown = (f: Field) => decide(f.visible, rec) !== false
  return (
    <div className="details">
      {sectionsOf(object).map((s, i) => {
        const fields = s.fields.filter(shown)
        return fields.length > 0 && (
          <section key={s.label || i}>
            {s.label && i > 0 && <h3>{s.label}</h3>}
            <dl className="props">
              {fields.map(f => <Property key={f.name} field={f} rec={rec} editable={!readOnly && isEditable(f)} editing={editing === f.name} onEdit={on => setEditing(on ? f.name : null)} saver={saver} />)}
            </dl>
          </section>
        )
      })}
      <Stamps rec={rec} />
    </div>
  )
}

interface PropertyProps { field: Field; rec: Rec; editable: boolean; editing: boolean; onEdit: (on: boolean) => void; saver: Saver }

function Property({ field, rec, editable, editing, onEdit, saver }: PropertyProps) {
  const { t } = useI18n(), base = useRef(rec)
  const edit = () => {
    const { flip } = typeOf(field)
    base.current = rec
    if (flip) void saver.save(rec, { [field.name]: flip(rec[field.name]) })
    else onEdit(true)
  }
  return (
    <div className="prop" data-editing={editing || undefined}>
      <dt title={field.help ?? undefined}>{field.label}</dt>
      <dd onDoubleClick={() => { if (editable && !editing) edit() }}>
        {editing ? (
          <CellEditor field={field} value={base.current[field.name]} onCancel={() => onEdit(false)} onDone={v => { onEdit(false); void saver.save(base.current, { [field.name]: v }) }} />
        ) : (
          <>
            <span className="prop-value"><Value field={field} value={rec[field.name]} density="full" /></span>
            {editable && <button type="button" className="prop-edit" aria-label={t('record.edit_field', { field: field.label })} title={t('record.edit_field', { field: field.label })} onClick={edit}><Pencil size={12} aria-hidden /></button>}
          </>
        )}
      </dd>
    </div>
  )
}

function Stamps({ rec }: { rec: Rec }) {
  const { t, fmt } = useI18n()
  const line = (at: unknown, by: unknown, text: string) => !isEmpty(at) && (
    <div><span>{text}</span> <time dateTime={String(at)} title={fmt.relative(String(at))}>{fmt.dateTime(String(at))}</time>{by ? <> · <RefLink value={by as Ref} /></> : null}</div>
  )
  return <div className="stamps dim small">{line(rec.created_at, rec.created_by, t('record.created'))}{line(rec.updated_at, rec.updated_by, t('record.updated'))}</div>
}
