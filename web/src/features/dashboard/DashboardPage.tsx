// SPDX-License-Identifier: GPL-3.0-or-later
/* A dashboard: live tiles over a period.  While it is edited each tile has the means to change, move and remove it. */
import { lazy, Suspense, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { ArrowLeft, ArrowRight, LayoutDashboard, Ellipsis, Pencil, Plus, TableProperties, Trash2 } from 'lucide-react'
import { useLocation, useSearchParams } from 'wouter'
import { api, invalidateObject, keys, useWatch } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { findObject, useMe, useMeta } from '@/meta'
import { openRecordForm } from '@/shell'
import { Button, confirm, cx, EmptyState, ErrorState, IconButton, Menu, NativeSelect, NoPermission, PageHead, SkeletonRows, ToggleButton, toastError } from '@/ui'
import type { PeriodInfo, Tile } from './calls'
import { moved } from './model'
import { PeriodBar } from './PeriodBar'
import { TileFace } from './TileFace'
import { usePeriod } from './useFigures'
import './dashboard.css'

const TileForm = lazy(() => import('./TileForm'))

export default function DashboardPage({ params }: { params: Record<string, string> }) {
  return <Texts><Body id={params.id} /></Texts>
}

function Body({ id }: { id: string | undefined }) {
  const { t } = useTexts(), meta = useMeta(), me = useMe(), [, navigate] = useLocation(), [sp, setSp] = useSearchParams()
  const object = findObject(meta, 'dashboard'), period = usePeriod(sp.get('period') ?? ''), [editing, setEditing] = useState(false)
  useWatch('dashboard')
  const query = { page_size: 100, order_by: 'position,name' }
  const all = useQuery({ queryKey: keys.list('dashboard', query), enabled: object !== null, queryFn: ({ signal }) => api.list('dashboards', query, signal) })
  if (!object?.rights.read) return <NoPermission page />
  if (all.isError) return <ErrorState page error={all.error} onRetry={() => void all.refetch()} />
  if (!all.data) return <div className="page" aria-busy><div className="page-pad"><SkeletonRows rows={8} /></div></div>
  const list = all.data.data, shown = list.find((d) => d.id === id) ?? (id ? null : list[0]), to = (d: string) => navigate(`/dashboard/${d}${sp.size ? '?' + sp.toString() : ''}`)
  const make = () => openRecordForm({ object, onSaved: (d) => { to(d.id); setEditing(true) } })
  if (!shown) return <EmptyState page title={t(id ? 'dash.gone' : 'dash.none')} body={t('dash.none_body')} action={object.rights.create && <Button kind="solid" icon={Plus} onPress={make}>{t('dash.new')}</Button>} />
  const mayEdit = object.rights.update && ((me.rights as { administrator?: boolean } | undefined)?.administrator === true || (shown.owner as { id?: string } | null)?.id === me.id)
  const remove = async () => {
    if (!(await confirm({ title: t('dash.remove', { name: String(shown.name) }), action: t('dash.delete'), danger: true }))) return
    try {
      await api.remove('dashboards', shown.id)
      invalidateObject('dashboard')
      navigate('/dashboard')
    } catch (e) { toastError(e) }
  }
  return (
    <div className="page page-scroll">
      <PageHead title={String(shown.name)} actions={
        <>
          {list.length > 1 && <NativeSelect label={t('dash.which')} value={shown.id} choices={list.map((d) => ({ value: d.id, label: String(d.name) }))} onChange={to} />}
          {mayEdit && <ToggleButton icon={Pencil} isSelected={editing} onChange={setEditing}>{t('dash.edit')}</ToggleButton>}
          <Menu label={t('dash.menu')} placement="bottom end" trigger={<IconButton icon={Ellipsis} label={t('dash.menu')} />} items={[
            ...(object.rights.create ? [{ id: 'new', label: t('dash.new'), icon: Plus, onAction: make }] : []),
            ...(mayEdit ? [
              { id: 'name', label: t('dash.settings'), icon: LayoutDashboard, onAction: () => openRecordForm({ object, record: shown }) },
              { id: 'remove', label: t('dash.delete'), icon: Trash2, danger: true, onAction: () => void remove() },
            ] : []),
          ]} />
        </>
      } />
      <div className="page-pad dashboard">
        <div className="dash-bar">{period && <PeriodBar period={period} onChange={(p) => { const next = new URLSearchParams(sp); if (p) next.set('period', p); else next.delete('period'); setSp(next) }} />}</div>
        <Tiles dashboard={shown.id} period={period} editing={editing && mayEdit} onEdit={() => setEditing(true)} mayEdit={mayEdit} />
      </div>
    </div>
  )
}

function Tiles({ dashboard, period, editing, mayEdit, onEdit }: { dashboard: string; period: PeriodInfo | null; editing: boolean; mayEdit: boolean; onEdit: () => void }) {
  const { t } = useTexts(), [form, setForm] = useState<{ tile: Tile | null } | null>(null)
  const query = { filter: `dashboard == '${dashboard}'`, order_by: 'position', page_size: 100 }
  useWatch('tile')
  const { data, error, refetch } = useQuery({ queryKey: keys.list('tile', query), queryFn: ({ signal }) => api.list('tiles', query, signal) })
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <SkeletonRows rows={8} />
  const tiles = data.data as unknown as Tile[]
  const run = (work: () => Promise<unknown>) => void work().catch(toastError).finally(() => invalidateObject('tile'))
  const move = (tile: Tile, by: -1 | 1) => run(async () => {
    for (const m of moved(tiles, tile.id, by)) await api.patch('tiles', m.id, { position: m.position })
  })
  const add = () => { onEdit(); setForm({ tile: null }) }
  return (
    <>
      {tiles.length === 0 && <EmptyState title={t('dash.no_tiles')} body={t('dash.no_tiles_body')} action={mayEdit && <Button kind="solid" icon={Plus} onPress={add}>{t('dash.add')}</Button>} />}
      <div className="tiles">
        {tiles.map((tile, i) => (
          <TileBox key={tile.id} tile={tile} period={period} tools={editing && (
            <>
              <IconButton icon={ArrowLeft} size={14} label={t('dash.earlier', { name: tile.name })} isDisabled={i === 0} onPress={() => move(tile, -1)} />
              <IconButton icon={ArrowRight} size={14} label={t('dash.later', { name: tile.name })} isDisabled={i === tiles.length - 1} onPress={() => move(tile, 1)} />
              <IconButton icon={Pencil} size={14} label={t('dash.change', { name: tile.name })} onPress={() => setForm({ tile })} />
              <IconButton icon={Trash2} size={14} label={t('dash.take_away', { name: tile.name })} onPress={() => run(() => api.remove('tiles', tile.id))} />
            </>
          )} />
        ))}
        {editing && tiles.length > 0 && <button type="button" className="tile tile-add" onClick={add}><Plus size={16} aria-hidden />{t('dash.add')}</button>}
      </div>
      {form && (
        <Suspense fallback={null}>
          <TileForm dashboard={dashboard} tile={form.tile} position={(tiles.length + 1) * 10} period={period} onClose={() => setForm(null)} onSaved={() => invalidateObject('tile')} />
        </Suspense>
      )}
    </>
  )
}

function TileBox({ tile, period, tools }: { tile: Tile; period: PeriodInfo | null; tools: React.ReactNode }) {
  const { t } = useTexts(), [asTable, setAsTable] = useState(false), isChart = tile.kind !== 'number' && tile.kind !== 'table'
  return (
    <section className={cx('panel tile', `tile-${tile.width}`)} aria-label={tile.name}>
      <header>
        <h2 className="truncate" title={tile.name}>{tile.name}</h2>
        <span className="grow" />
        {tools}
        {isChart && <IconButton icon={TableProperties} size={14} label={t(asTable ? 'dash.as_chart' : 'dash.as_table', { name: tile.name })} onPress={() => setAsTable(!asTable)} />}
      </header>
      <div className="panel-body"><TileFace tile={tile} period={period} asTable={asTable} /></div>
    </section>
  )
}
