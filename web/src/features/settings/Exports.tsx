/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { FileDown } from 'lucide-react'
import { api, type Operation, type Rec } from '@/api'
import { fetchFile, followOperation, type Made } from '@/features/start/operation'
import { Value } from '@/fields'
import { useT } from '@/i18n'
import { fieldOf, findObject, useMeta, useObject, type ObjectMeta } from '@/meta'
import { Button, ErrorState, Panel, Progress, SkeletonRows, toast, toastError } from '@/ui'
import { useRecords } from './records'

const COLUMNS = ['created_at', 'owner', 'object', 'format', 'rows']

/** The newest exports of everybody: when, who, what, how many records. */
function Runs({ object }: { object: ObjectMeta }) {
  const t = useT()
  const meta = useMeta()
  const runs = useRecords(object, { order_by: '-created_at', page_size: 50 })
  if (runs.isError) return <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />
  if (!runs.data) return <div className="table-pad"><SkeletonRows rows={4} /></div>
  if (runs.data.length === 0) return <p className="dim table-pad">{t('exports.empty')}</p>
  const head = (name: string) => (name === 'created_at' ? t('backups.time') : name === 'owner' ? t('exports.who') : fieldOf(object, name)?.label)
  const cell = (run: Rec, name: string) => {
    if (name === 'object') return findObject(meta, String(run.object ?? ''))?.label_plural ?? '—'
    const field = fieldOf(object, name)
    return field && <Value field={field} value={run[name]} />
  }
  return (
    <div className="table-scroll" role="region" aria-label={t('exports.list')} tabIndex={0}>
      <table className="table">
        <thead><tr>{COLUMNS.map((c) => <th key={c} className={c === 'rows' ? 'right' : undefined}>{head(c)}</th>)}</tr></thead>
        <tbody>{runs.data.map((run) => <tr key={run.id}>{COLUMNS.map((c) => <td key={c} className={c === 'rows' ? 'right num' : undefined}>{cell(run, c)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  )
}

/** Everything as one archive, and the list of who took what out. */
export default function Exports() {
  const t = useT()
  const object = useObject('export_run')
  const [step, setStep] = useState<Operation | null>(null)
  const run = useMutation({
    mutationFn: async () => (await followOperation(await api.exportAll(), setStep)).result as unknown as Made,
    onSuccess: (made) => {
      fetchFile(made)
      toast({ text: t('exports.done', { n: made.rows }), action: { label: t('export.again'), onAction: () => fetchFile(made) } })
    },
    onError: toastError,
    onSettled: () => setStep(null),
  })
  return (
    <>
      <Panel title={t('exports.all')} actions={<Button kind="solid" icon={FileDown} isDisabled={run.isPending} onPress={() => run.mutate()}>{t('exports.all')}</Button>}>
        {run.isPending && <Progress label={t('exports.working')} value={step?.total ? step.done / step.total : undefined} />}
        <p>{t('exports.intro')}</p>
        <p className="dim">{t('exports.kept')}</p>
      </Panel>
      {object && <Panel title={t('exports.list')} flush><Runs object={object} /></Panel>}
    </>
  )
}
