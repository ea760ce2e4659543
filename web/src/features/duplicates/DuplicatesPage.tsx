// SPDX-License-Identifier: GPL-3.0-or-later
/* The desk where records that are likely the same are looked at, merged, told apart and parted again. */
import { useState } from 'react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Merge, ScanSearch } from 'lucide-react'
import { useSearchParams } from 'wouter'
import { isDenied, queryClient, type Operation } from '@/api'
import { useI18n } from '@/i18n'
import { useMeta, type ObjectMeta } from '@/meta'
import { Button, confirm, EmptyState, ErrorState, NoPermission, Progress, Select, SkeletonRows, Tabs, toast, toastError } from '@/ui'
import { followOperation } from '../start/operation'
import { duplicates, type State } from './calls'
import { GroupCard } from './GroupCard'
import './duplicates.css'

const SURE = '0.95'
const STATES: State[] = ['open', 'dismissed', 'merged']

export default function DuplicatesPage() {
  const { t } = useI18n(), meta = useMeta(), [sp, setSp] = useSearchParams()
  const objects = meta.objects.filter(o => o.duplicates && o.rights.read)
  const object = objects.find(o => o.name === sp.get('object')) ?? objects.find(o => o.name === 'contact') ?? objects[0]
  if (!object) return <NoPermission page />
  const state = STATES.find(s => s === sp.get('state')) ?? 'open'
  const go = (next: { object?: string; state?: string }) => setSp({ object: object.name, state, ...next })
  return (
    <div className="page page-scroll">
      <div className="page-head dup-page-head">
        <h1>{t('dup.title')}</h1>
        <div className="dup-object"><Select label={t('dup.object')} hideLabel value={object.name} onChange={v => v && go({ object: v })} choices={objects.map(o => ({ value: o.name, label: o.label_plural }))} /></div>
        <span className="grow" />
        {object.rights.mass && object.rights.update && <Work key={object.name} object={object} canMerge={object.rights.delete} />}
      </div>
      <div className="page-pad">
        <Tabs label={t('dup.title')} value={state} onChange={s => go({ state: s })} items={STATES.map(s => ({ id: s, label: t(`dup.state.${s}`) }))} />
        <GroupList key={object.name + state} object={object} state={state} />
      </div>
    </div>
  )
}

const refresh = () => void queryClient.invalidateQueries({ queryKey: ['duplicates'] })

/** Long work: looking through all records, merging all that are sure. */
function Work({ object, canMerge }: { object: ObjectMeta; canMerge: boolean }) {
  const { t } = useI18n(), [step, setStep] = useState<Operation | null>(null)
  const run = async (start: () => Promise<Operation>, done: (op: Operation) => string) => {
    try {
      const op = await followOperation(await start(), setStep)
      refresh()
      toast(done(op))
    } catch (e) { toastError(e) } finally { setStep(null) }
  }
  const figure = (op: Operation, key: string) => Number((op.result as Record<string, number> | null)?.[key] ?? 0)
  const scan = () => run(() => duplicates.scan(object.name), op => t('dup.scanned', { n: figure(op, 'groups') }))
  const mergeAll = async () => {
    if (!(await confirm({ title: t('dup.merge_all'), body: t('dup.merge_all_body'), action: t('dup.merge') }))) return
    await run(() => duplicates.mergeAll(object.name, SURE), op => t('dup.merged_all', { n: figure(op, 'merged') }))
  }
  if (step) return <div className="dup-progress"><Progress label={t('dup.working')} value={step.total ? step.done / step.total : undefined} /></div>
  return (
    <>
      <Button icon={ScanSearch} onPress={() => void scan()}>{t('dup.scan')}</Button>
      {canMerge && <Button icon={Merge} onPress={() => void mergeAll()}>{t('dup.merge_all')}</Button>}
    </>
  )
}

function GroupList({ object, state }: { object: ObjectMeta; state: State }) {
  const { t, fmt } = useI18n()
  const pages = useInfiniteQuery({
    queryKey: ['duplicates', object.name, state],
    queryFn: ({ pageParam, signal }) => duplicates.list(object.name, state, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: last => last.next_page_token,
  })
  if (pages.isError) return isDenied(pages.error) ? <NoPermission /> : <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />
  if (!pages.data) return <SkeletonRows rows={8} />
  const first = pages.data.pages[0]!, groups = pages.data.pages.flatMap(p => p.data)
  return (
    <div className="dup-list">
      <p className="dim small">
        {t('dup.groups', { n: first.total })}
        {' · '}{first.scanned_at ? t('dup.scanned_at', { at: fmt.dateTime(first.scanned_at) }) : t('dup.never_scanned')}
      </p>
      {groups.map(g => <GroupCard key={g.records.map(r => r.id + r.version).join()} object={object} group={g} state={state} onDone={refresh} />)}
      {!groups.length && <EmptyState title={t(`dup.none.${state}`)} body={state === 'open' ? t('dup.none_body') : undefined} />}
      {pages.hasNextPage && <Button isDisabled={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>{t('dup.more')}</Button>}
    </div>
  )
}
