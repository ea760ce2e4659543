// SPDX-License-Identifier: GPL-3.0-or-later
/* The playbook beside a record: what was said so far and by whom, the step that is next with its answers, what follows. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { api, invalidateObject, keys, queryClient, useWatch, type Rec } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import type { ObjectMeta } from '@/meta'
import { Badge, Button, EmptyState, ErrorState, Select, SkeletonRows, toastError } from '@/ui'
import { firstBook, runOf, type Book, type Run, type State } from './model'
import { Done, Next, StepNow } from './Steps'
import './playbook.css'

interface Props { object: ObjectMeta; record: Rec }
export type Play = (how: Record<string, unknown>) => Promise<boolean>

export default function PlaybookTab(p: Props) {
  return <Texts><Body {...p} /></Texts>
}

function Body({ object, record }: Props) {
  const { t } = useTexts(), key = [...keys.many('playbook_run'), object.name, record.id, record.version]
  useWatch('playbook_run')
  const { data, error, refetch } = useQuery({ queryKey: key, queryFn: async () => await api.action(object.plural, record.id, 'playbook', {}) as unknown as State })
  const [chosen, setChosen] = useState<string | null>(null)
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <SkeletonRows rows={5} />
  const book = data.playbooks.find(b => b.id === chosen) ?? firstBook(data)
  if (!book) return <EmptyState title={t('play.none')} body={t('play.none_body')} />
  const play: Play = async (how) => {
    try {
      queryClient.setQueryData(key, await api.action(object.plural, record.id, 'play', { ...how, playbook: book.id }))
      setChosen(book.id)
      if (how.step) invalidateObject('activity')
      return true
    } catch (e) {
      toastError(e)
      return false
    }
  }
  return (
    <div className="playbook">
      {data.playbooks.length > 1 && <Select label={t('play.choose')} hideLabel value={book.id} onChange={v => setChosen(v)} choices={data.playbooks.map(b => ({ value: b.id, label: b.name }))} />}
      <One key={book.id} book={book} run={runOf(data, book)} alone={data.playbooks.length === 1} play={play} canPlay={object.rights.update && !record.deleted_at} />
    </div>
  )
}

function One({ book, run, alone, play, canPlay }: { book: Book; run: Run | null; alone: boolean; play: Play; canPlay: boolean }) {
  const { t, fmt } = useTexts(), [again, setAgain] = useState<string | null>(null)
  const going = run?.status === 'going', at = book.steps.find(s => s.key === (again ?? (going ? run.step : null))) ?? null
  const answer: Play = async (how) => {
    const done = await play(how)
    if (done) setAgain(null)
    return done
  }
  return (
    <>
      <header className="playbook-head">
        {alone && <h3>{book.name}</h3>}
        {book.goal && <p className="dim">{book.goal}</p>}
        {run && <p className="playbook-state">
          <Badge hue={going ? 'blue' : run.status === 'finished' ? 'green' : 'slate'}>{t(`play.is.${run.status}`)}</Badge>
          <span className="dim small">{run.last_by ? t(going ? 'play.stopped' : 'play.ended', { who: run.last_by.label ?? '', when: fmt.relative(run.touched_at) }) : t('play.begun', { who: run.by?.label ?? '', when: fmt.relative(run.started_at) })}</span>
        </p>}
      </header>
      {run && run.answers.length > 0 && <Done book={book} run={run} onAgain={going && canPlay ? setAgain : null} />}
      {at && <StepNow key={at.key} book={book} step={at} said={run?.answers.find(a => a.step === at.key) ?? null} play={canPlay ? answer : null} onCancel={again ? () => setAgain(null) : null} />}
      {at ? <Next book={book} step={at} /> : !run && <Next book={book} step={null} />}
      {canPlay && <footer className="playbook-foot">
        {!going && book.is_offered && <Button kind="solid" onPress={() => void play({})}>{t(run ? 'play.begin_again' : 'play.begin')}</Button>}
        {going && <Button kind="ghost" onPress={() => void play({ leave: true })}>{t('play.leave')}</Button>}
      </footer>}
    </>
  )
}
