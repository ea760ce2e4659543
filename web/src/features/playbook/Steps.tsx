// SPDX-License-Identifier: GPL-3.0-or-later
/* The steps of a playbook: those that are done, the one that is next, and what may follow. */
import { useState } from 'react'
import { ArrowRight, Check, ChevronsRight, RotateCcw } from 'lucide-react'
import { useTexts } from '@/features/import/texts'
import { fieldOf, findObject, useMeta } from '@/meta'
import { Badge, Button, IconButton, TextArea } from '@/ui'
import { ahead, nextStep, saidText, type Book, type Run, type Said, type Step } from './model'
import type { Play } from './PlaybookTab'

/** "Say", "Ask" … as the metadata calls it. */
function Kind({ kind }: { kind: string }) {
  const meta = useMeta(), object = findObject(meta, 'playbook_step')
  const option = object && fieldOf(object, 'kind')?.options?.find(o => o.value === kind)
  return <Badge hue={option?.color}>{option?.label ?? kind}</Badge>
}

export function Done({ book, run, onAgain }: { book: Book; run: Run; onAgain: ((key: string) => void) | null }) {
  const { t, fmt } = useTexts()
  return (
    <ol className="playbook-done" aria-label={t('play.done')}>
      {run.answers.map(a => {
        const said = saidText(book, a), Mark = a.skipped ? ChevronsRight : Check
        return (
          <li key={a.step}>
            <Mark size={14} strokeWidth={2.5} aria-hidden className={a.skipped ? 'dim' : 'playbook-mark'} />
            <div>
              <span className="dim">{said.text}</span>
              {(said.answer || a.note || a.skipped) && <p>{said.answer && <b>{said.answer}</b>}{a.skipped && <i className="dim">{t('play.skipped')}</i>}{said.answer && a.note && ' · '}{a.note}</p>}
              <span className="dim small" title={fmt.dateTime(a.at)}>{[a.by?.label, fmt.relative(a.at)].filter(Boolean).join(' · ')}</span>
            </div>
            {onAgain && book.steps.some(s => s.key === a.step) && <IconButton icon={RotateCcw} size={13} label={t('play.again', { step: said.text })} onPress={() => onAgain(a.step)} />}
          </li>
        )
      })}
    </ol>
  )
}

interface NowProps { book: Book; step: Step; said: Said | null; play: Play | null; onCancel: (() => void) | null }

export function StepNow({ book, step, said, play, onCancel }: NowProps) {
  const { t } = useTexts(), [note, setNote] = useState(said?.note ?? ''), [busy, setBusy] = useState(false)
  const wantsWords = step.kind === 'ask' && step.answers.length === 0
  const say = async (how: Record<string, unknown>) => {
    setBusy(true)
    await play?.({ ...how, step: step.key, ...(note.trim() && { note: note.trim() }) })
    setBusy(false)
  }
  return (
    <section className="playbook-now" aria-label={t('play.now')}>
      <header><Kind kind={step.kind} />{step.required && <span className="dim small">{t('play.required')}</span>}<span className="grow" />{onCancel && <Button kind="ghost" onPress={onCancel}>{t('ui.cancel')}</Button>}</header>
      <p className="playbook-text">{step.text}</p>
      {step.task && <p className="dim small">{t('play.task', { task: step.task })}</p>}
      {play && <>
        <TextArea label={t(wantsWords ? 'play.answer' : 'play.note')} value={note} onChange={setNote} rows={2} />
        <div className="playbook-answers">
          {step.answers.map(a => {
            const to = a.to === 'end' ? null : nextStep(book, step, a)
            return <Button key={a.key} isDisabled={busy} aria-description={to ? t('play.leads', { step: to.text }) : t('play.last')} onPress={() => void say({ answer: a.key })}>{a.label}</Button>
          })}
          {step.answers.length === 0 && <Button kind="solid" icon={Check} isDisabled={busy || (wantsWords && step.required && !note.trim())} onPress={() => void say({})}>{t('play.step_done')}</Button>}
          {!step.required && <Button kind="ghost" isDisabled={busy} onPress={() => void say({ skip: true })}>{t('play.skip')}</Button>}
        </div>
      </>}
    </section>
  )
}

/** What comes after, if each first answer is given; of a playbook that is not begun, its first steps. */
export function Next({ book, step }: { book: Book; step: Step | null }) {
  const { t } = useTexts(), first = book.steps[0]
  const steps = step ? ahead(book, step) : first ? [first, ...ahead(book, first)] : []
  if (!steps.length) return step ? <p className="dim small">{t('play.last')}</p> : null
  return (
    <section className="playbook-next">
      <h4>{t('play.next')}</h4>
      <ol>{steps.map(s => <li key={s.key}><ArrowRight size={13} aria-hidden /><Kind kind={s.kind} /><span>{s.text}</span></li>)}</ol>
    </section>
  )
}
