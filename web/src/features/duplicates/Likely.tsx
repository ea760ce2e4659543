// SPDX-License-Identifier: GPL-3.0-or-later
/* "This may be there already": records like the one being typed, shown above the form while it is typed. */
import { useEffect, useState } from 'react'
import { Link } from 'wouter'
import { useQuery } from '@tanstack/react-query'
import { toWire } from '@/fields/wire'
import { useI18n } from '@/i18n'
import { fieldOf, recordHref, useMeta, type ObjectMeta } from '@/meta'
import { duplicates } from './calls'
import './duplicates.css'

const TELLING = ['person_name', 'phones', 'emails', 'identifier', 'handles']

export default function Likely({ object, values, id }: { object: ObjectMeta; values: Record<string, unknown>; id?: string }) {
  const { t } = useI18n(), meta = useMeta()
  const telling = object.fields.filter(f => (TELLING.includes(f.type) || f.name === object.label_field) && values[f.name])
  const asked = JSON.stringify(toWire(telling, Object.fromEntries(telling.map(f => [f.name, values[f.name]])))), [settled, setSettled] = useState('{}')
  useEffect(() => {
    const timer = setTimeout(() => setSettled(asked), 500)
    return () => clearTimeout(timer)
  }, [asked])
  /* What is half typed may be refused by the server; then there is nothing to show. */
  const found = useQuery({
    queryKey: ['duplicates', 'match', object.name, id, settled], enabled: settled !== '{}', retry: false, staleTime: 30_000,
    queryFn: ({ signal }) => duplicates.match(object.plural, { ...(JSON.parse(settled) as Record<string, unknown>), ...(id && { id }) }, signal),
  })
  const list = found.data ?? []
  return (
    <div role="status">
      {list.length > 0 && (
        <div className="likely">
          <strong>{t('dup.maybe_there')}</strong>
          <ul>
            {list.slice(0, 3).map(x => (
              <li key={x.record.id}>
                <Link href={recordHref(meta, { object: object.name, id: x.record.id })} className="link" target="_blank">{x.record.label ?? object.label}</Link>
                <span className="dim">{x.fields.map(n => fieldOf(object, n)?.label).filter(Boolean).join(', ')}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}
