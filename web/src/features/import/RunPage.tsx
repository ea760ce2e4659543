// SPDX-License-Identifier: GPL-3.0-or-later
/* One import, from its columns to its result; the state of its record says which step is shown. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Breadcrumbs, cx, ErrorState, NoPermission, SkeletonRows } from '@/ui'
import { isDenied } from '@/api'
import { imports, type PreviewResult } from './calls'
import { isAtWork } from './Back'
import Mapping from './Mapping'
import Preview from './Preview'
import Result from './Result'
import { useTexts } from './texts'

const STEPS = ['map', 'preview', 'run'] as const
type Step = typeof STEPS[number]

export default function RunPage({ id }: { id: string }) {
  const { t } = useTexts(), [step, setStep] = useState<Step | null>(null), [seen, setSeen] = useState<PreviewResult | null>(null)
  const run = useQuery({ queryKey: ['imports', id], queryFn: ({ signal }) => imports.run(id, signal), refetchInterval: q => q.state.data && isAtWork(q.state.data) ? 1500 : false })
  const data = run.data
  const own: Step = !data || data.state === 'draft' ? 'map' : data.state === 'ready' ? 'preview' : 'run'
  const at = own === 'run' && data?.state !== 'failed' ? 'run' : step ?? own
  const again = () => run.refetch()
  return (
    <div className="page page-scroll">
      <div className="page-head imp-head">
        <div className="imp-title"><Breadcrumbs items={[{ label: t('import.title'), href: '/import' }, { label: data?.name ?? '…' }]} /><h1>{data?.name ?? t('import.title')}</h1></div>
        <ol className="imp-steps" aria-label={t('import.steps')}>{STEPS.map((s, i) => <li key={s} className={cx(s === at && 'imp-step-now')} aria-current={s === at ? 'step' : undefined}><i className="num">{i + 1}</i>{t(`import.step.${s}`)}</li>)}</ol>
      </div>
      <div className="page-pad imp-body">
        {run.isError ? isDenied(run.error) ? <NoPermission /> : <ErrorState error={run.error} onRetry={() => void run.refetch()} />
          : !data ? <SkeletonRows rows={10} />
          : at === 'map' ? <Mapping run={data} onPlanned={() => { setSeen(null); setStep('preview'); void again() }} />
          : at === 'preview' ? <Preview run={data} seen={seen} onSeen={setSeen} onBack={() => setStep('map')} onChanged={() => { setSeen(null); void again() }} onStart={() => { setStep(null); void again() }} />
          : <Result run={data} onMap={() => setStep('map')} onChange={() => { setStep(null); void again() }} />}
      </div>
    </div>
  )
}
