/* SPDX-License-Identifier: GPL-3.0-or-later */
import { Link } from 'wouter'
import type { Rec } from '@/api'
import { useI18n } from '@/i18n'
import { findObject, listHref, recordHref, useMeta } from '@/meta'
import { Badge, EmptyState, Panel } from '@/ui'

/** My accounts whose next touch is overdue by the rhythm of their class, the longest overdue first. */
export function Untouched({ accounts }: { accounts: Rec[] }) {
  const { t, fmt } = useI18n()
  const meta = useMeta()
  const object = findObject(meta, 'account')
  if (!object) return null
  const more = accounts.length > 0 && <Link className="btn btn-ghost" href={listHref(object, { view: 'not_touched' })}>{t('today.untouched_all')}</Link>
  return (
    <Panel title={t('today.untouched')} count={accounts.length || undefined} actions={more} flush>
      {accounts.length === 0 ? (
        <EmptyState title={t('today.untouched_empty')} body={t('today.untouched_empty_body')} />
      ) : (
        <ul className="today-list">
          {accounts.map((a) => (
            <li key={a.id} className="today-row">
              {typeof a.class === 'string' && <Badge hue={a.class === 'A' ? 'green' : a.class === 'B' ? 'blue' : 'slate'}>{a.class}</Badge>}
              <span className="today-main">
                <Link href={recordHref(meta, { object: 'account', id: a.id })} className="today-title truncate">{a.label ?? t('today.unnamed')}</Link>
                <span className="today-about truncate">{a.last_activity_at ? t('today.last_touch', { when: fmt.relative(String(a.last_activity_at)) }) : t('today.never_touched')}</span>
              </span>
              <span className="today-due num bad">{fmt.relative(String(a.touch_due))}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
