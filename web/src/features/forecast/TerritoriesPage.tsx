// SPDX-License-Identifier: GPL-3.0-or-later
/* Re-alignment: which accounts the rules would move, before anything is moved. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { ArrowRight, Map as MapIcon, MoveRight } from 'lucide-react'
import { Link, useSearchParams } from 'wouter'
import { invalidateObject, isDenied, keys, useWatch, type Operation, type Ref } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { followOperation } from '@/features/start/operation'
import { useI18n } from '@/i18n'
import { recordHref, useMeta } from '@/meta'
import { undoToast } from '@/shell'
import { Button, DatePicker, EmptyState, ErrorState, LinkButton, NoPermission, PageHead, Panel, Progress, SkeletonRows, toastError } from '@/ui'
import { territories } from './calls'
import './forecast.css'

export default function TerritoriesPage() {
  return <Texts><Body /></Texts>
}

function Body() {
  const { t, fmt } = useTexts(), { t: main } = useI18n(), meta = useMeta(), [sp, setSp] = useSearchParams(), day = sp.get('day') ?? '', [step, setStep] = useState<Operation | null>(null)
  useWatch('account')
  const query = useQuery({ queryKey: [...keys.many('territory'), 'preview', day], queryFn: ({ signal }) => territories.preview(day, signal) })
  if (isDenied(query.error)) return <NoPermission page />
  const name = (r: Ref | null) => r ? <Link href={recordHref(meta, r)} className="link">{r.label}</Link> : <span className="dim">{t('forecast.terr.nowhere')}</span>
  const apply = async () => {
    try {
      const op = await followOperation(await territories.apply(), setStep) as Operation & { batch?: string | null }
      invalidateObject('account')
      void query.refetch()
      undoToast(main, t('forecast.terr.moved', { n: Number((op.result as { moved?: number } | null)?.moved ?? 0) }), op.batch ?? '')
    } catch (e) { toastError(e) } finally { setStep(null) }
  }
  const data = query.data, isToday = !day || day === fmt.today()
  return (
    <div className="page page-scroll">
      <PageHead title={t('forecast.terr.title')} actions={
        <>
          <LinkButton icon={MapIcon} href="/o/territories">{t('forecast.terr.list')}</LinkButton>
          {!!data?.moved && isToday && !step && <Button kind="solid" icon={MoveRight} onPress={() => void apply()}>{t('forecast.terr.apply', { n: data.moved })}</Button>}
        </>
      } />
      <div className="page-pad forecast">
        <div className="forecast-bar"><DatePicker className="forecast-day" label={t('forecast.terr.day')} value={day || fmt.today()} onChange={(d) => setSp(d && d !== fmt.today() ? { day: d } : {})} /></div>
        {step && <Progress label={t('forecast.terr.moving')} value={step.total ? step.done / step.total : undefined} />}
        {query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : !data ? <SkeletonRows rows={8} /> : !data.moved ? (
          <EmptyState title={t('forecast.terr.none')} body={t('forecast.terr.none_body')} action={<LinkButton href="/o/territories">{t('forecast.terr.list')}</LinkButton>} />
        ) : (
          <>
            <p className="dim">{t('forecast.terr.body')}</p>
            <Panel flush>
              <div className="forecast-scroll" tabIndex={0} role="region" aria-label={t('forecast.terr.count')}>
                <table className="forecast-table">
                  <thead><tr><th scope="col">{t('forecast.terr.from')}</th><th scope="col">{t('forecast.terr.to')}</th><th scope="col" className="forecast-num">{t('forecast.terr.count')}</th></tr></thead>
                  <tbody>{data.summary.map((s, i) => <tr key={i}><td>{name(s.from)}</td><td>{name(s.to)}</td><td className="forecast-num num">{fmt.number(s.count)}</td></tr>)}</tbody>
                </table>
              </div>
            </Panel>
            <Panel flush>
              <div className="forecast-scroll" tabIndex={0} role="region" aria-label={t('forecast.terr.account')}>
                <table className="forecast-table">
                  <thead><tr><th scope="col">{t('forecast.terr.account')}</th><th scope="col">{t('forecast.terr.from')}</th><th scope="col"><span className="sr">→</span></th><th scope="col">{t('forecast.terr.to')}</th></tr></thead>
                  <tbody>{data.data.map((m) => <tr key={m.account.id}><th scope="row">{name(m.account)}</th><td>{name(m.from)}</td><td><ArrowRight size={14} aria-hidden className="dim" /></td><td>{name(m.to)}</td></tr>)}</tbody>
                </table>
              </div>
            </Panel>
          </>
        )}
      </div>
    </div>
  )
}
