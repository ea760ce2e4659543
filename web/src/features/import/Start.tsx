// SPDX-License-Identifier: GPL-3.0-or-later
/* Where files are dropped, and the imports there have been. */
import { useRef, useState, type DragEvent } from 'react'
import { useQuery } from '@tanstack/react-query'
import { FileUp } from 'lucide-react'
import { Link, useLocation } from 'wouter'
import { isDenied } from '@/api'
import { useMeta } from '@/meta'
import { Badge, Button, cx, EmptyState, ErrorState, NoPermission, Panel, Progress, SkeletonRows, toastError } from '@/ui'
import { imports, type Run } from './calls'
import { Back, isAtWork } from './Back'
import { useTexts } from './texts'

const KINDS = '.csv,.tsv,.txt,.xlsx,.vcf,.zip,.json'

/** Sends files one after another into one run; gives its id. */
async function send(files: File[], onFile: (name: string, share: number) => void, run?: string): Promise<string | undefined> {
  let id = run
  for (const file of files) {
    onFile(file.name, 0)
    id = (await imports.upload(file, id, share => onFile(file.name, share))).id
  }
  return id
}

export function DropZone({ run, onSent, isSmall }: { run?: string; onSent: (id: string) => void; isSmall?: boolean }) {
  const { t } = useTexts(), input = useRef<HTMLInputElement>(null), [over, setOver] = useState(false), [at, setAt] = useState<{ name: string; share: number } | null>(null), name = at?.name
  const take = async (files: File[]) => {
    if (!files.length || name) return
    try {
      const id = await send(files, (n, share) => setAt({ name: n, share }), run)
      if (id) onSent(id)
    } catch (e) { toastError(e) } finally { setAt(null) }
  }
  const onDrop = (e: DragEvent) => {
    e.preventDefault()
    setOver(false)
    void take([...e.dataTransfer.files])
  }
  return (
    <div className={cx('imp-drop', over && 'imp-over', isSmall && 'imp-drop-small')} aria-busy={!!name || undefined} onDragOver={e => { e.preventDefault(); setOver(true) }} onDragLeave={() => setOver(false)} onDrop={onDrop}>
      {at && name ? (
        <div className="imp-sending"><span>{t('import.sending', { name })}</span><Progress value={at.share < 1 ? at.share || undefined : undefined} label={t('import.sending', { name })} /></div>
      ) : (
        <>
          {!isSmall && <FileUp size={24} aria-hidden />}
          {!isSmall && <strong>{t('import.drop')}</strong>}
          <Button kind={isSmall ? 'outline' : 'solid'} icon={isSmall ? FileUp : undefined} onPress={() => input.current?.click()}>{t(isSmall ? 'import.add' : 'import.choose')}</Button>
          {!isSmall && <p className="dim small">{t('import.kinds')}</p>}
        </>
      )}
      <input ref={input} type="file" multiple hidden accept={KINDS} data-import-file onChange={e => { void take([...(e.target.files ?? [])]); e.target.value = '' }} />
    </div>
  )
}

export default function Start() {
  const { t } = useTexts(), [, navigate] = useLocation()
  return (
    <div className="page page-scroll">
      <div className="page-head"><h1>{t('import.title')}</h1></div>
      <div className="page-pad imp-start">
        <p className="dim">{t('import.lead')}</p>
        <DropZone onSent={id => navigate('/import/' + id)} />
        <Panel title={t('import.recent')} flush><Recent /></Panel>
      </div>
    </div>
  )
}

function Recent() {
  const { t } = useTexts()
  const runs = useQuery({ queryKey: ['imports'], queryFn: ({ signal }) => imports.recent(signal), refetchInterval: q => q.state.data?.some(isAtWork) ? 2000 : false })
  if (runs.isError) return isDenied(runs.error) ? <NoPermission /> : <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />
  if (!runs.data) return <div className="imp-wait"><SkeletonRows rows={4} /></div>
  if (!runs.data.length) return <EmptyState title={t('import.none')} body={t('import.none_body')} />
  return <ul className="imp-recent">{runs.data.map(r => <RunLine key={r.id} run={r} onDone={() => void runs.refetch()} />)}</ul>
}

/** The state of a run as the metadata names it. */
export function StateBadge({ run }: { run: Run }) {
  const option = useMeta().objects.find(o => o.name === 'import_run')?.fields.find(f => f.name === 'state')?.options?.find(o => o.value === run.state)
  return <Badge hue={option?.color}>{option?.label ?? run.state}</Badge>
}

function RunLine({ run, onDone }: { run: Run; onDone: () => void }) {
  const { t, fmt } = useTexts(), hasCounts = !['draft', 'ready'].includes(run.state)
  return (
    <li>
      <div className="imp-run-name"><Link className="link truncate" href={'/import/' + run.id}>{run.name}</Link><span className="dim small">{fmt.relative(run.created_at)}</span></div>
      <StateBadge run={run} />
      <span className="dim small num imp-run-counts">{hasCounts && t('import.counts', { created: fmt.number(run.created ?? 0), updated: fmt.number(run.updated ?? 0), refused: fmt.number(run.refused ?? 0) })}</span>
      <Back run={run} onDone={onDone} isQuiet />
    </li>
  )
}
