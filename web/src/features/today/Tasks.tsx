/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Check, Handshake, Mail, Phone, Plus, SquareCheck, StickyNote } from 'lucide-react'
import { Link } from 'wouter'
import { api, invalidateObject, keys, type Rec, type Today } from '@/api'
import { useI18n } from '@/i18n'
import { findObject, recordHref, useMeta } from '@/meta'
import { openRecordForm, undoToast } from '@/shell'
import { Button, cx, EmptyState, Panel, toastError, Tooltip, type Icon } from '@/ui'
import { aboutOf, doneChange, dueOf, isOverdue } from './task'

const KINDS: Record<string, Icon> = { call: Phone, meeting: Handshake, note: StickyNote, email: Mail, task: SquareCheck }

/** My tasks due today or before, oldest first; a press on the circle does one. */
export function Tasks({ tasks }: { tasks: Rec[] }) {
  const { t, fmt } = useI18n()
  const meta = useMeta()
  const client = useQueryClient()
  const activity = findObject(meta, 'activity')
  const [leaving, setLeaving] = useState<string[]>([])
  const finish = useMutation({
    mutationFn: (task: Rec) => api.patch(activity!.plural, task.id, doneChange(activity!), task.version),
    onMutate: (task) => setLeaving((l) => [...l, task.id]),
    onSuccess: (_, task) => {
      client.setQueryData<Today>(keys.today, (d) => d && { ...d, tasks: d.tasks.filter((x) => x.id !== task.id) })
      invalidateObject('activity', task.id)
      undoToast(t, t('today.task_done', { name: task.label ?? '' }))
    },
    onError: toastError,
    onSettled: (_d, _e, task) => setLeaving((l) => l.filter((x) => x !== task.id)),
  })
  const today = fmt.today()
  const late = tasks.filter((x) => isOverdue(dueOf(x) ?? today, today)).length
  const add = activity?.rights.create && <Button kind="ghost" icon={Plus} onPress={() => openRecordForm({ object: activity, defaults: { kind: 'task' } })}>{t('today.add_task')}</Button>
  return (
    <Panel title={t('today.tasks')} count={tasks.length || undefined} actions={<>{late > 0 && <span className="bad small strong">{t('today.overdue', { n: late })}</span>}{add}</>} flush>
      {tasks.length === 0 ? (
        <EmptyState title={t('today.tasks_empty')} body={t('today.tasks_empty_body')} />
      ) : (
        <ul className="today-list">
          {tasks.map((task) => {
            const due = dueOf(task)
            const I = KINDS[String(task.kind)] ?? SquareCheck
            const name = task.label ?? t('today.unnamed')
            return (
              <li key={task.id} className={cx('today-row', leaving.includes(task.id) && 'leaving')}>
                {activity?.rights.update && (
                  <Tooltip text={t('today.finish')}>
                    <Button kind="ghost" className="done-button" aria-label={t('today.finish_named', { name })} onPress={() => finish.mutate(task)}><Check size={12} strokeWidth={3} aria-hidden /></Button>
                  </Tooltip>
                )}
                <I size={15} aria-hidden className="dim" />
                <span className="today-main">
                  <Link href={recordHref(meta, { object: 'activity', id: task.id })} className="today-title truncate">{name}</Link>
                  <span className="today-about truncate">
                    {aboutOf(task).slice(0, 2).map((r, i) => <span key={r.id}>{i > 0 && ' · '}<Link href={recordHref(meta, r)}>{r.label}</Link></span>)}
                  </span>
                </span>
                {due && (
                  <span className={cx('today-due num', isOverdue(due, today) && 'bad')} title={due.length === 10 ? fmt.date(due) : fmt.dateTime(due)}>
                    {due.length > 10 && !isOverdue(due, today) ? fmt.clock(due) : due.length === 10 ? fmt.relativeDay(due) : fmt.relative(due)}
                  </span>
                )}
              </li>
            )
          })}
        </ul>
      )}
    </Panel>
  )
}
