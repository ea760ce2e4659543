// SPDX-License-Identifier: GPL-3.0-or-later
/* Records side by side: one column each, a row a field.  A press on a value takes it; the column that stays is marked. */
import { Link } from 'wouter'
import type { Rec } from '@/api'
import { Value } from '@/fields'
import { useI18n } from '@/i18n'
import { recordHref, useMeta, type Field, type ObjectMeta } from '@/meta'
import { cx } from '@/ui'
import { isUnited, sourceOf } from './model'

interface Props { object: ObjectMeta; records: Rec[]; fields: Field[]; into: string; choose: Record<string, string>; readOnly?: boolean; onKeep: (id: string) => void; onChoose: (field: string, id: string) => void }

export function Compare({ object, records, fields, into, choose, readOnly, onKeep, onChoose }: Props) {
  const { t, fmt } = useI18n(), meta = useMeta(), group = 'keep' + records.map(r => r.id).join()
  return (
    <div className="dup-scroll">
      <table className="dup-table">
        <thead>
          <tr>
            <td />
            {records.map(r => (
              <th key={r.id} scope="col" className={cx(!readOnly && r.id === into && 'dup-kept')}>
                <Link href={recordHref(meta, { object: object.name, id: r.id })} className="link truncate">{r.label ?? object.label}</Link>
                <span className="dim small">{t('dup.made', { date: fmt.date(String(r.created_at).slice(0, 10)) })}</span>
                {!readOnly && <label className="dup-keep"><input type="radio" name={group} checked={r.id === into} onChange={() => onKeep(r.id)} />{t('dup.stays')}</label>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {fields.map(f => {
            const from = sourceOf(f, records, into, choose), united = isUnited(f) && !choose[f.name]
            return (
              <tr key={f.name}>
                <th scope="row" className="dim">{f.label}{united && !readOnly && <span className="dup-united">{t('dup.united')}</span>}</th>
                {records.map(r => {
                  const empty = r[f.name] === null || r[f.name] === undefined, taken = !readOnly && !empty && (united || from === r.id)
                  return (
                    <td key={r.id} className={cx(taken && 'dup-taken')}>
                      {empty ? <span className="dim">—</span> : readOnly ? <Value field={f} value={r[f.name]} /> : (
                        <button type="button" className="dup-value" aria-pressed={taken} onClick={() => onChoose(f.name, r.id)}><Value field={f} value={r[f.name]} /></button>
                      )}
                    </td>
                  )
                })}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
