// SPDX-License-Identifier: GPL-3.0-or-later
/* Title with totals, views, search, filter, columns, layout, and the rarer things behind "more". */
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Ellipsis, Kanban, Plus, Table2 } from 'lucide-react'
import { Link } from 'wouter'
import { api, keys, type Money } from '@/api'
import { useI18n } from '@/i18n'
import type { Field, ObjectMeta } from '@/meta'
import { Button, cx, IconButton, PageHead, SearchField, SegmentedControl, Tooltip } from '@/ui'
import type { Selection } from '@/views/gridModel'
import { FilterPanel } from '../filter/FilterPanel'
import { ColumnsChooser } from './ColumnsChooser'
import { writeState, type Effective, type ListState, type ListView } from './state'

const SaveView = lazy(() => import('../views/SaveView').then(m => ({ default: m.SaveView })))
const ListDialog = lazy(() => import('./ListDialog'))
const ListMore = lazy(() => import('./ListMore'))

const MANY = 10_000

interface HeadProps { object: ObjectMeta; filter: string; q: string; asOf: string; total: number | undefined; deleted: boolean; onCreate: (() => void) | null }

/** How many, and how much. */
export function ListHead({ object, filter, q, asOf, total, deleted, onCreate }: HeadProps) {
  const { t, fmt } = useI18n(), sum = object.board?.sum
  const query = { measures: ['count()', ...(sum ? [`sum(${sum})`] : [])], filter: filter || undefined, q: q || undefined, as_of: asOf || undefined }
  const { data } = useQuery({
    queryKey: keys.aggregate(object.name, query), queryFn: ({ signal }) => api.aggregate(object.plural, query, signal), enabled: !deleted, placeholderData: keepPreviousData,
  })
  const row = deleted ? undefined : data?.data[0], n = row ? Number(row['count()']) : total, money = sum ? row?.[`sum(${sum})`] as Money | null | undefined : null
  const count = n === undefined ? null : t(n >= MANY && !row ? 'list.total_many' : 'list.total', { n })
  const summary = count === null ? undefined : <span className="num">{money ? t('list.total_sum', { count, sum: fmt.money(money, 'compact') }) : count}</span>
  return (
    <PageHead title={object.label_plural} summary={summary} actions={onCreate && object.rights.create && (
      <Tooltip text={t('list.new')} keys="C"><Button kind="solid" icon={Plus} onPress={onCreate}>{t('list.new')}</Button></Tooltip>
    )} />
  )
}

export interface BarProps {
  object: ObjectMeta; state: ListState; now: Effective; view: ListView | undefined; views: ListView[]; changed: boolean; canSave: boolean; board: boolean; fields: Field[]; selection: Selection
  set: (change: Partial<ListState>, replace?: boolean) => void; filterError: string | null; filterOpen: boolean; onFilterOpen: (o: boolean) => void
}

export function ListToolbar(p: BarProps) {
  const { t } = useI18n(), { object, state, set } = p
  const [which, setWhich] = useState(''), [isAsked, setAsked] = useState(false)
  return (
    <div className="list-bar">
      <Views {...p} />
      <Suspense>
        {p.canSave && <SaveView object={object} view={p.view} now={p.now} changed={p.changed} onSaved={key => set({ view: key, filter: null, sort: null, cols: null, layout: null })} />}
        {which && <ListDialog {...p} which={which} onClose={() => setWhich('')} />}
      </Suspense>
      <span className="grow" />
      <Search value={state.q} onChange={q => set({ q }, true)} label={t('list.search')} hint={t('ui.search')} />
      <FilterPanel object={object} value={state.filter ?? p.view?.filter ?? ''} onChange={filter => set({ filter }, true)} error={p.filterError} isOpen={p.filterOpen} onOpen={p.onFilterOpen} />
      {!p.board && <ColumnsChooser object={object} shown={p.fields.map(f => f.name)} onChange={cols => set({ cols }, true)} onReset={() => set({ cols: null }, true)} />}
      {object.board && (
        <SegmentedControl label={t('list.layout')} value={p.board ? 'board' : 'list'} onChange={layout => set({ layout: layout as 'list' | 'board' })}
          items={[{ id: 'list', label: t('list.as_table'), icon: Table2 }, { id: 'board', label: t('list.as_board'), icon: Kanban }]} />
      )}
      {/* Pressed before its code has come, it opens when it has. */}
      <Suspense fallback={<IconButton icon={Ellipsis} label={t('list.more')} onPress={() => setAsked(true)} />}><ListMore object={object} state={state} set={set} onDialog={setWhich} isAsked={isAsked} /></Suspense>
    </div>
  )
}

function Views({ object, state, views, view }: BarProps) {
  const { t } = useI18n()
  return (
    <nav className="views" aria-label={t('list.views')}>
      {views.map((v, i) => (
        <Link key={v.key} href={`/o/${object.plural}${suffix(writeState({ view: i ? v.key : '', q: state.q, asOf: state.asOf }))}`} className={cx('view-tab', v === view && 'on')} aria-current={v === view ? 'page' : undefined}
          title={v.saved?.shared ? t('views.shared_by_someone', { name: v.label }) : undefined}>{v.label}</Link>
      ))}
    </nav>
  )
}

const suffix = (sp: URLSearchParams) => sp.size ? '?' + sp.toString() : ''

/* Typing goes to the address a moment later, so that each letter is not a request. */
function Search({ value, onChange, label, hint }: { value: string; onChange: (q: string) => void; label: string; hint: string }) {
  const [text, setText] = useState(value), timer = useRef<ReturnType<typeof setTimeout>>(undefined), sent = useRef(value)
  useEffect(() => { if (value !== sent.current) { sent.current = value; setText(value) } }, [value])
  const put = (s: string) => {
    setText(s)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => { sent.current = s.trim(); onChange(s.trim()) }, 250)
  }
  return <SearchField placeholder={hint} label={label} value={text} onChange={put} keys="/" className="list-search" />
}
