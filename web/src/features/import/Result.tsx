// SPDX-License-Identifier: GPL-3.0-or-later
/* The import at work and what came of it. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { ArrowLeft, CircleCheck, CircleX, Download, FileUp, Pause, Play, Undo2 } from 'lucide-react'
import { Link } from 'wouter'
import { api } from '@/api'
import { findObject, useMeta } from '@/meta'
import { Button, LinkButton, Panel, Progress, toastError } from '@/ui'
import { Back, isAtWork } from './Back'
import { imports, type Run, type UndoResult } from './calls'
import { Counted } from './Preview'
import { useTexts } from './texts'

const STATS = ['created', 'updated', 'unchanged', 'refused'] as const

export default function Result({ run, onChange, onMap }: { run: Run; onChange: () => void; onMap: () => void }) {
  return isAtWork(run) ? <Working run={run} onChange={onChange} /> : <Ended run={run} onChange={onChange} onMap={onMap} />
}

function Working({ run, onChange }: { run: Run; onChange: () => void }) {
  const { t, fmt } = useTexts(), [busy, setBusy] = useState(false)
  const step = useQuery({ queryKey: ['imports', run.id, 'job', run.job], queryFn: () => api.operation(run.job!), enabled: !!run.job, refetchInterval: 700 }).data
  const label = t(run.state === 'undoing' ? 'import.undoing' : run.state === 'redoing' ? 'import.redoing' : 'import.running')
  const pause = async () => {
    setBusy(true)
    try {
      await imports.pause(run.id)
      onChange()
    } catch (e) {
      toastError(e)
      onChange()
    }
  }
  return (
    <Panel className="imp-work">
      <h2>{label}</h2>
      <Progress label={label} value={step?.total ? step.done / step.total : undefined} />
      <p className="num">{step?.total ? t('import.progress', { done: fmt.number(step.done), total: fmt.number(step.total) }) : '\u00a0'}</p>
      <p className="dim small">{t('import.leave')}</p>
      {run.state === 'running' && <div><Button icon={Pause} isDisabled={busy} onPress={() => void pause()}>{t('import.pause')}</Button></div>}
    </Panel>
  )
}

function Ended({ run, onChange, onMap }: { run: Run; onChange: () => void; onMap: () => void }) {
  const { t, fmt } = useTexts(), meta = useMeta(), [undone, setUndone] = useState<UndoResult | null>(null), [busy, setBusy] = useState(false)
  const Icon = run.state === 'failed' ? CircleX : run.state === 'undone' ? Undo2 : run.state === 'paused' ? Pause : CircleCheck
  const resume = async () => {
    setBusy(true)
    try {
      await imports.resume(run.id)
    } catch (e) { toastError(e) } finally {
      setBusy(false)
      onChange()
    }
  }
  const objects = (run.object ?? '').split(', ').flatMap(name => findObject(meta, name) ?? [])
  const head = run.state as 'paused' | 'done' | 'failed' | 'undone'
  return (
    <>
      <Panel className="imp-work">
        <h2 className={`imp-end imp-end-${run.state}`}><Icon size={18} aria-hidden />{t(`import.head.${head}`)}</h2>
        {run.error && <p className="bad" role="alert">{run.error}</p>}
        <ul className="imp-stats">{STATS.map(s => <li key={s} data-stat={s}><strong className="num">{fmt.number(run[s] ?? 0)}</strong><span className="dim">{t(`import.stat.${s}`)}</span></li>)}</ul>
        {undone && (
          <div role="status">
            <p>{t('import.undone_n', { n: undone.undone })}</p>
            {undone.skipped.length > 0 && <><p>{t('import.skipped')}</p><ul className="imp-why">{undone.skipped.map(s => <li key={s.id}><Skipped skipped={s} /></li>)}</ul></>}
          </div>
        )}
        {!!run.refused && run.state !== 'undone' && (
          <div className="imp-refused">
            <a className="btn btn-outline" href={imports.refusedHref(run.id)} download="refused.csv"><Download size={15} aria-hidden />{t('import.refused_file')}</a>
            <span className="dim small">{t('import.refused_hint')}</span>
          </div>
        )}
        <div className="imp-actions">
          {run.state === 'paused' && <Button kind="solid" icon={Play} isDisabled={busy} onPress={() => void resume()}>{t('import.resume')}</Button>}
          {run.state === 'failed' && <Button kind="solid" icon={Play} isDisabled={busy} onPress={() => void resume()}>{t('import.again')}</Button>}
          {run.state === 'failed' && <Button icon={ArrowLeft} onPress={onMap}>{t('import.back')}</Button>}
          {run.state === 'done' && objects.map(o => <LinkButton key={o.name} href={'/o/' + o.plural}>{t('import.open_list', { objects: o.label_plural })}</LinkButton>)}
          <Back run={run} onDone={r => { setUndone(r ?? null); onChange() }} />
          <LinkButton href="/import" icon={FileUp} kind="ghost">{t('import.new')}</LinkButton>
        </div>
      </Panel>
      {!!run.notes?.length && <Counted title={t('import.notes')} notes={run.notes} />}
    </>
  )
}

function Skipped({ skipped: s }: { skipped: UndoResult['skipped'][number] }) {
  const object = findObject(useMeta(), s.object)
  return <>{object ? <Link className="link" href={`/o/${object.plural}/${s.id}`}>{s.label}</Link> : s.label} <span className="dim">{s.reason}</span></>
}
