/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { DatabaseBackup, ShieldCheck } from 'lucide-react'
import { api, queryClient, type Backup, type Operation } from '@/api'
import { followOperation } from '@/features/start/operation'
import { useFormat, useT } from '@/i18n'
import { Badge, Button, ErrorState, Panel, Progress, SkeletonRows, toast, toastError } from '@/ui'

const KEY = ['backups']

/** Bytes as megabytes in the user's language, never 0. */
const size = (bytes: number, language: string) =>
  new Intl.NumberFormat(language, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }).format(Math.max(0.1, bytes / 1e6))

function Row({ backup, busy, onVerify }: { backup: Backup; busy: boolean; onVerify: () => void }) {
  const t = useT()
  const fmt = useFormat()
  return (
    <tr>
      <td className="strong">{backup.at ? fmt.dateTime(backup.at) : '—'}</td>
      <td className="right num wide-only">{size(backup.bytes, fmt.language)}</td>
      <td>{backup.damaged ? <Badge hue="red">{t('backups.damaged')}</Badge> : backup.verified_at ? <Badge hue="green">{fmt.dateTime(backup.verified_at)}</Badge> : <span className="dim">{t('backups.never')}</span>}</td>
      <td className="wide-only" title={backup.path}>{backup.name}</td>
      <td className="right"><Button icon={ShieldCheck} isDisabled={busy} onPress={onVerify}>{t('backups.verify')}</Button></td>
    </tr>
  )
}

/** Backups: the list, one more at a press, each proved on request; and sending again after a restore. */
export default function Backups() {
  const t = useT()
  const fmt = useFormat()
  const list = useQuery({ queryKey: KEY, queryFn: api.backups })
  const [step, setStep] = useState<Operation | null>(null)
  const refresh = () => void queryClient.invalidateQueries({ queryKey: KEY })
  const work = useMutation({
    mutationFn: async (name: string | null) => followOperation(await (name ? api.verifyBackup(name) : api.makeBackup()), setStep),
    onSuccess: (_, name) => toast(t(name ? 'backups.verify_done' : 'backups.made')),
    onError: toastError,
    onSettled: () => { setStep(null); refresh() },
  })
  const resume = useMutation({ mutationFn: api.resumeJobs, onSuccess: () => { toast(t('backups.resumed')); refresh() }, onError: toastError })
  if (list.isError) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />
  if (!list.data) return <SkeletonRows rows={5} />
  const { data, folder, next_at, secret_key, jobs_paused_at } = list.data
  return (
    <>
      {jobs_paused_at && (
        <Panel title={t('settings.backups')}>
          <p>{t('backups.paused')}</p>
          <Button kind="solid" isDisabled={resume.isPending} onPress={() => resume.mutate()}>{t('backups.resume')}</Button>
        </Panel>
      )}
      <p className="dim">{t('backups.intro')}</p>
      <Panel flush title={t('settings.backups')} actions={<Button kind="solid" icon={DatabaseBackup} isDisabled={work.isPending} onPress={() => work.mutate(null)}>{t('backups.now')}</Button>}>
        {work.isPending && <div className="table-pad"><Progress label={t('backups.working')} value={step?.total ? step.done / step.total : undefined} /></div>}
        {data.length === 0 ? <p className="table-pad">{t('backups.empty')}</p> : (
          <div className="table-scroll" role="region" aria-label={t('settings.backups')} tabIndex={0}>
            <table className="table">
              <thead><tr><th>{t('backups.time')}</th><th className="right wide-only">{t('backups.size')}</th><th>{t('backups.verified')}</th><th className="wide-only">{t('backups.path')}</th><th><span className="sr">{t('settings.actions')}</span></th></tr></thead>
              <tbody>{data.map((b) => <Row key={b.name} backup={b} busy={work.isPending} onVerify={() => work.mutate(b.name)} />)}</tbody>
            </table>
          </div>
        )}
        <div className="table-pad">
          <p className="dim">{next_at ? t('backups.next', { time: fmt.dateTime(next_at) }) : t('backups.no_plan')} {t('backups.folder', { folder })}</p>
          <p className="dim">{t('backups.secret', { path: secret_key })}</p>
        </div>
      </Panel>
    </>
  )
}
