// SPDX-License-Identifier: GPL-3.0-or-later
/* The list of any object.  The address is the state: view, text, filter, order, columns, layout, moment. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import { useSearchParams } from 'wouter'
import { isDenied, Problem, useWatch, type Rec } from '@/api'
import { allOf } from '@/fields/filterKit'
import { useI18n } from '@/i18n'
import { fieldOf, useObject, type Field, type ObjectMeta } from '@/meta'
import { openRecordForm, useCommands } from '@/shell'
import { EmptyState, ErrorState, NoPermission } from '@/ui'
import { useRecords } from '@/views/cache'
import { chooseColumns, readPrefs, type ColumnPrefs } from '@/views/columns'
import { Grid } from '@/views/Grid'
import { NOTHING, type Selection } from '@/views/gridModel'
import { useSave } from '@/views/save'
import { useViews } from '../views/useViews'
import { ListHead, ListToolbar } from './ListToolbar'
import { effective, isChanged, readState, writeState, type ListState } from './state'
import type { NothingProps } from './Nothing'
import './list.css'

const AsOfBanner = lazy(() => import('./AsOf').then(m => ({ default: m.AsOfBanner })))
const FilterChips = lazy(() => import('../filter/FilterChips').then(m => ({ default: m.FilterChips })))
const SelectionBar = lazy(() => import('./SelectionBar').then(m => ({ default: m.SelectionBar })))
const Summary = lazy(() => import('./Summary').then(m => ({ default: m.Summary })))
const Nothing = lazy(() => import('./Nothing'))
const Board = lazy(() => import('@/views/Board').then(m => ({ default: m.Board })))

export default function ListPage({ params }: { params: Record<string, string> }) {
  const object = useObject(params.plural)
  const { t } = useI18n()
  if (!object) return <EmptyState page title={t('list.no_object')} />
  if (!object.rights.read) return <NoPermission page />
  return <List key={object.name} object={object} />
}

/* Widths and pins are this browser's own. */
function usePrefs(object: string): [ColumnPrefs, (p: ColumnPrefs) => void] {
  const key = 'kith.columns.' + object
  const [prefs, set] = useState(() => readPrefs(localStorage.getItem(key)))
  return [prefs, useCallback((p: ColumnPrefs) => { localStorage.setItem(key, JSON.stringify(p)); set(p) }, [key])]
}

const NO_FIELDS: Field[] = []

function List({ object }: { object: ObjectMeta }) {
  const { t } = useI18n(), [sp, setSp] = useSearchParams()
  const state = useMemo(() => readState(sp), [sp]), { views, canSave } = useViews(object)
  const view = views.find(v => v.key === state.view) ?? (state.view ? undefined : views[0])
  const now = effective(state, view), canBoard = !!object.board, board = now.layout === 'board' && canBoard
  const [prefs, setPrefs] = usePrefs(object.name), [selection, setSelection] = useState<Selection>(NOTHING), [filterOpen, setFilterOpen] = useState(false)
  const saver = useSave(object)
  useWatch(object.name)

  const set = useCallback((change: Partial<ListState>, replace = false) => setSp(prev => writeState({ ...readState(prev), ...change }), { replace }), [setSp])
  const label = object.label_field ?? ''
  const names = now.columns ?? object.columns
  const fields = useMemo(() => names?.length ? chooseColumns(object.fields, label, names) : chooseColumns(object.fields, label, object.fields.filter(f => !f.system).slice(0, 7).map(f => f.name)), [object, label, names?.join()])
  const asked = useMemo(() => ({
    filter: now.filter || undefined, order_by: now.order || undefined, q: state.q || undefined, as_of: state.asOf || undefined, deleted: state.deleted || undefined,
    fields: [...new Set([...fields.map(f => f.name), ...(fieldOf(object, label) ? [label] : [])])],
  }), [now.filter, now.order, state.q, state.asOf, state.deleted, fields, object, label])
  const records = useRecords(object, asked, !board)
  useEffect(() => setSelection(NOTHING), [asked.filter, asked.q, asked.as_of, asked.deleted])
  useEffect(() => { document.title = `${object.label_plural} · Kith` }, [object])

  const readOnly = !!state.asOf || state.deleted
  const create = () => openRecordForm({ object })
  useCommands([
    { id: 'list.filter', label: t('filter.title'), keys: 'F', group: 'page', run: () => setFilterOpen(true) },
    ...(canBoard ? [{ id: 'list.layout', label: t(board ? 'list.as_table' : 'list.as_board'), keys: 'V', group: 'page' as const, run: () => set({ layout: board ? 'list' : 'board' }) }] : []),
    { id: 'list.print', label: t('list.print'), group: 'page', run: () => print() },
  ])
  const bad = records.error instanceof Problem && records.error.status === 400 ? records.error.message : null
  const save = (rec: Rec, values: Record<string, unknown>) => void saver.save(rec, values)
  return (
    <div className="list-page">
      <ListHead object={object} filter={now.filter} q={state.q} asOf={state.asOf} total={board ? undefined : records.total} deleted={state.deleted} onCreate={readOnly ? null : create} />
      <ListToolbar object={object} state={state} now={now} view={view} views={views} changed={isChanged(state, view)} canSave={canSave} board={board} fields={fields} selection={selection} set={set}
        filterError={bad} filterOpen={filterOpen} onFilterOpen={setFilterOpen} />
      {(state.filter ?? view?.filter ?? '').trim() !== '' && <Suspense><FilterChips object={object} value={state.filter ?? view?.filter ?? ''} onChange={filter => set({ filter })} onOpen={() => setFilterOpen(true)} /></Suspense>}
      {(state.asOf || state.deleted) && <Suspense><AsOfBanner state={state} set={set} /></Suspense>}
      {state.group && <Suspense><Summary object={object} field={state.group} filter={now.filter} asOf={state.asOf} onClose={() => set({ group: '' })} onPick={cel => set({ filter: allOf(state.filter ?? view?.filter, cel) })} /></Suspense>}
      {board ? (
        <Suspense fallback={<div className="board" aria-busy />}>
          <Board object={object} readOnly={readOnly} empty={<Suspense fallback={null}><Nothing object={object} filter={now.filter} state={state} set={set} create={create} readOnly={readOnly} /></Suspense>} query={{ filter: now.filter || undefined, order_by: now.order || undefined, q: state.q || undefined, as_of: state.asOf || undefined }} />
        </Suspense>
      ) : <Table object={object} filter={now.filter} state={state} set={set} records={records} create={create} readOnly={readOnly}>
          <Grid object={object} fields={fields.length ? fields : NO_FIELDS} records={records} order={now.order} onOrder={sort => set({ sort })} prefs={prefs} onPrefs={setPrefs}
            onHide={f => set({ cols: fields.map(x => x.name).filter(n => n !== f) })} selection={selection} onSelect={readOnly || !(object.rights.mass || object.rights.delete) ? null : setSelection} onSave={readOnly ? null : save} />
        </Table>}
      {!board && <Suspense><SelectionBar object={object} selection={selection} total={records.total ?? records.rows.length} filter={now.filter} q={state.q} onClear={() => setSelection(NOTHING)} /></Suspense>}
      {saver.dialog}
    </div>
  )
}

/* The four states of the table; "empty" only once data has arrived. */
function Table({ records, ...p }: NothingProps & { records: ReturnType<typeof useRecords> }) {
  if (records.error) return isDenied(records.error) ? <NoPermission /> : <ErrorState error={records.error} onRetry={records.retry} />
  return records.isLoading || records.rows.length > 0 ? p.children : <Suspense fallback={p.children}><Nothing {...p} /></Suspense>
}
