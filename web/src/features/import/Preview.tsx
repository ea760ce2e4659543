// SPDX-License-Identifier: GPL-3.0-or-later
/* The import as a difference: how many rows of each kind, what would change, why rows are refused. */
import { useEffect, useRef, useState } from 'react'
import { ArrowLeft, ArrowRight, Check, ListPlus, RotateCcw } from 'lucide-react'
import { Link } from 'wouter'
import type { Operation } from '@/api'
import { findObject, useMeta } from '@/meta'
import { Button, cx, EmptyState, ErrorState, Panel, Progress, toastError } from '@/ui'
import { followOperation } from '../start/operation'
import { imports, type Note, type Outcome, type PreviewResult, type RecordRef, type Run, type Sample } from './calls'
import { readable } from './model'
import { useTexts } from './texts'

const HUES: Record<Outcome, string> = { new: 'green', changed: 'blue', duplicate: 'amber', conflict: 'amber', deleted: 'amber', refused: 'red', unchanged: 'slate' }
const ORDER = Object.keys(HUES) as Outcome[]
/** Rows that are counted among the new ones say more under their own head. */
const countOf = (r: PreviewResult, kind: Outcome) => ({ new: r.new, changed: r.changed, unchanged: r.unchanged, conflict: r.conflicts, refused: r.refused, deleted: r.deleted, duplicate: r.duplicates })[kind]

interface Props { run: Run; seen: PreviewResult | null; onSeen: (seen: PreviewResult) => void; onBack: () => void; onChanged: () => void; onStart: () => void }

export default function Preview({ run, seen, onSeen, onBack, onChanged, onStart }: Props) {
  const { t } = useTexts(), [step, setStep] = useState<Operation | null>(null), [error, setError] = useState<unknown>(null), [busy, setBusy] = useState(false), asked = useRef('')
  const look = async () => {
    setError(null)
    try {
      onSeen((await followOperation(await imports.preview(run.id), setStep)).result as PreviewResult)
    } catch (e) { setError(e) } finally { setStep(null) }
  }
  useEffect(() => {
    if (seen || asked.current === run.id + run.version) return
    asked.current = run.id + run.version
    void look()
  })
  const act = async (work: () => Promise<unknown>, done: () => void) => {
    setBusy(true)
    try {
      await work()
      done()
    } catch (e) { toastError(e) } finally { setBusy(false) }
  }
  const restore = () => act(() => imports.plan(run.id, Array.isArray(run.mapping) ? run.mapping.map(m => ({ ...m, restore: true })) : { ...run.mapping!, restore: true }), onChanged)
  const restores = [run.mapping].flat().some(m => m?.restore)
  if (error) return <><ErrorState error={error} title={error instanceof Error ? error.message : undefined} onRetry={() => void look()} /><div className="imp-bar"><Button icon={ArrowLeft} onPress={onBack}>{t('import.back')}</Button></div></>
  if (!seen) return <div className="imp-wait" aria-busy><span>{t('import.previewing')}</span><Progress label={t('import.previewing')} value={step?.total ? step.done / step.total : undefined} /></div>
  const n = seen.new + seen.changed
  return (
    <>
      {seen.deleted > 0 && !restores && <div className="imp-note"><RotateCcw size={15} aria-hidden /><span className="grow">{t('import.deleted_note', { n: seen.deleted })}</span><Button isDisabled={busy} onPress={() => void restore()}>{t('import.restore_them')}</Button></div>}
      {seen.new_options.length > 0 && <div className="imp-note"><ListPlus size={15} aria-hidden /><span className="grow">{t('import.new_options', { n: seen.new_options.length, names: seen.new_options.slice(0, 10).map(o => o.value).join(', ') })}</span></div>}
      <Difference seen={seen} />
      {seen.reasons.length > 0 && <Counted title={t('import.reasons')} notes={seen.reasons} />}
      {seen.notes.length > 0 && <Counted title={t('import.notes')} notes={seen.notes} />}
      <div className="imp-bar">
        <Button icon={ArrowLeft} onPress={onBack}>{t('import.back')}</Button>
        <span className="grow" />
        <Button kind="solid" icon={Check} isDisabled={busy || !n} onPress={() => void act(() => imports.start(run.id), onStart)}>{t('import.start', { n })}</Button>
      </div>
    </>
  )
}

export function Counted({ title, notes }: { title: string; notes: Note[] }) {
  const { t } = useTexts()
  return (
    <Panel title={title}>
      <ul className="imp-reasons">{notes.map((r, i) => <li key={i}><span>{r.text}</span><span className="dim num">{t('import.rows', { n: r.rows })}</span></li>)}</ul>
    </Panel>
  )
}

function Difference({ seen }: { seen: PreviewResult }) {
  const { t, fmt } = useTexts(), [kind, setKind] = useState<Outcome | null>(null)
  const kinds = ORDER.filter(k => countOf(seen, k) > 0), rows = kind ? seen.samples.filter(s => s.outcome === kind) : seen.samples.filter(s => s.outcome !== 'unchanged')
  if (!kinds.length) return <EmptyState title={t('import.no_rows')} />
  return (
    <>
      <div className="imp-chips" role="group" aria-label={t('import.kinds_of_rows')}>
        {kinds.map(k => (
          <button key={k} type="button" className="imp-chip" data-hue={HUES[k]} aria-pressed={k === kind} onClick={() => setKind(k === kind ? null : k)}>
            <strong className="num">{fmt.number(countOf(seen, k))}</strong>{t(`import.outcome.${k}`)}
          </button>
        ))}
      </div>
      <Panel flush className="imp-rows">
        {rows.length ? <ul>{rows.map(s => <SampleRow key={s.line + s.outcome + s.label} sample={s} />)}</ul> : <EmptyState title={t('import.no_rows')} />}
      </Panel>
      <p className="dim small">{t('import.first_rows')}</p>
    </>
  )
}

function RefLink({ to }: { to: RecordRef }) {
  const object = findObject(useMeta(), to.object)
  return object ? <Link className="link" href={`/o/${object.plural}/${to.id}`}>{to.label}</Link> : <>{to.label}</>
}

function SampleRow({ sample: s }: { sample: Sample }) {
  const { t, fmt } = useTexts()
  return (
    <li className="imp-row" data-outcome={s.outcome}>
      <div className="imp-row-head">
        <span className="badge" data-hue={HUES[s.outcome]}>{t(`import.outcome.${s.outcome}`)}</span>
        <strong className="truncate">{s.record ? <RefLink to={s.record} /> : s.label || t('import.empty')}</strong>
        <span className="dim small num">{t('import.line', { n: fmt.number(s.line) })}</span>
      </div>
      {s.reasons.length > 0 && <ul className="imp-why">{s.reasons.map((r, i) => <li key={i} className="bad">{r}</li>)}</ul>}
      {s.matches.length > 0 && <p className="small">{t('import.likely')} {s.matches.map((m, i) => <span key={m.id}>{i > 0 && ', '}<RefLink to={m} /></span>)}</p>}
      {s.outcome !== 'refused' && s.outcome !== 'conflict' && s.changes.length > 0 && (
        <dl className="imp-changes">
          {s.changes.map(c => (
            <div key={c.field}>
              <dt className="dim small truncate">{c.label}</dt>
              <dd>{s.record && <><del className={cx('dim', c.before === null && 'imp-none')}>{c.before === null ? t('import.empty') : readable(fmt, c.before)}</del><ArrowRight size={12} role="img" aria-label={t('import.becomes')} /></>}<ins>{c.after === null ? t('import.empty') : readable(fmt, c.after)}</ins></dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  )
}
