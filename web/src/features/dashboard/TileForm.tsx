// SPDX-License-Identifier: GPL-3.0-or-later
/* Making and changing a tile, with the tile itself below as it will look. */
import { lazy, Suspense, useState } from 'react'
import { SlidersHorizontal } from 'lucide-react'
import { api, Problem } from '@/api'
import { useTexts } from '@/features/import/texts'
import { useMeta } from '@/meta'
import { Button, Select, Sheet, TextField, toastError } from '@/ui'
import '../filter/filter.css'
import { KINDS, REPORTS, TAKES, WIDTHS, type PeriodInfo, type Tile, type TileDef, type TileKind } from './calls'
import { groupChoices, measureChoices } from './model'
import { useReportGroups } from './reportGroups'
import { TileFace } from './TileFace'
import { useFigures, useFigureTexts } from './useFigures'

const FilterBody = lazy(() => import('../filter/FilterBody'))
const FilterChips = lazy(() => import('../filter/FilterChips').then((m) => ({ default: m.FilterChips })))

interface Props { dashboard: string; tile: Tile | null; position: number; period: PeriodInfo | null; onClose: () => void; onSaved: () => void }

const NEW: TileDef = { name: '', kind: 'bar', width: 'third', report: null, object: 'deal', filter: null, group_by: null, measure: 'count()', period_field: null, drill: null }
const FIELDS = Object.keys(NEW) as (keyof TileDef)[]
export default function TileForm({ dashboard, tile, position, period, onClose, onSaved }: Props) {
  const { t } = useTexts(), meta = useMeta(), text = useFigureTexts()
  const [def, setDef] = useState<TileDef>(() => (tile ? (Object.fromEntries(FIELDS.map((f) => [f, tile[f] ?? null])) as unknown as TileDef) : NEW))
  const [problems, setProblems] = useState<Record<string, string>>({}), [busy, setBusy] = useState(false), [filterOpen, setFilterOpen] = useState(false)
  const set = (change: Partial<TileDef>) => setDef((d) => ({ ...d, ...change }))
  const object = meta.objects.find((o) => o.name === def.object) ?? null, reportGroups = useReportGroups(def.report ?? 'sales')
  const source = def.report ? 'report:' + def.report : def.object ?? ''
  const sources = [...REPORTS.map((r) => ({ value: 'report:' + r, label: t(`dash.report.${r}`), detail: t('dash.report') })), ...meta.objects.filter((o) => o.rights.read && (o.nav || o.timeline || o.group)).map((o) => ({ value: o.name, label: o.label_plural }))]
  const pickSource = (v: string | null) => {
    const report = REPORTS.find((r) => 'report:' + r === v) ?? null
    set({ report, object: report ? null : v, filter: null, group_by: null, period_field: null, measure: report ? null : 'count()', ...(report && { kind: 'table' as const }) })
  }
  const dates = object?.fields.filter((f) => ['date', 'timestamp'].includes(f.result ?? f.type) && f.filterable !== false) ?? []
  const measures = object ? measureChoices(object).map((m) => ({ value: m.value, label: text.measure(object.name, m.value, false) })) : []
  const save = async () => {
    setBusy(true)
    try {
      if (tile) await api.patch('tiles', tile.id, { ...def })
      else await api.create('tiles', { ...def, dashboard, position })
      onSaved()
      onClose()
    } catch (e) {
      if (e instanceof Problem && e.errors.length) setProblems(e.byField)
      else toastError(e)
    } finally { setBusy(false) }
  }
  return (
    <Sheet isOpen onClose={onClose} isDismissable={false} title={t(tile ? 'dash.change_tile' : 'dash.add')} footer={
      <><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={busy || !def.name.trim() || (!def.report && !object)} onPress={() => void save()}>{t('ui.save')}</Button></>
    }>
      <div className="stack tile-form">
        <TextField label={t('dash.title')} value={def.name} onChange={(name) => set({ name })} error={problems.name} isRequired autoFocus maxLength={120} />
        <Select label={t('dash.source')} value={source} choices={sources} onChange={pickSource} error={problems.object ?? problems.report} />
        <div className="tile-pair">
          <Select label={t('dash.kind')} value={def.kind} choices={KINDS.map((k) => ({ value: k, label: t(`dash.kind.${k}`) }))} onChange={(v) => set({ kind: (v ?? 'bar') as TileKind })} />
          <Select label={t('dash.width')} value={def.width} choices={WIDTHS.map((w) => ({ value: w, label: t(`dash.width.${w}`) }))} onChange={(v) => set({ width: (v ?? 'third') as TileDef['width'] })} />
        </div>
        {object && (
          <>
            <div className="row"><Button icon={SlidersHorizontal} onPress={() => setFilterOpen(!filterOpen)}>{t('filter.title')}</Button></div>
            {filterOpen && <Suspense fallback={null}><FilterBody object={object} value={def.filter ?? ''} onChange={(filter) => set({ filter: filter || null })} error={problems.filter ?? null} isOpen onOpen={setFilterOpen} close={() => setFilterOpen(false)} /></Suspense>}
            {def.filter && !filterOpen && <Suspense fallback={null}><FilterChips object={object} value={def.filter} onChange={(filter) => set({ filter: filter || null })} onOpen={() => setFilterOpen(true)} /></Suspense>}
            <Select label={t('dash.measure')} value={def.measure} choices={measures} onChange={(measure) => set({ measure })} error={problems.measure} />
            {def.kind !== 'number' && <Select label={t('dash.group')} value={def.group_by} choices={groupChoices(meta, object)} onChange={(group_by) => set({ group_by })} error={problems.group_by} />}
            <Select label={t('dash.period_field')} value={def.period_field} isClearable choices={dates.map((f) => ({ value: f.name, label: f.label }))} onChange={(period_field) => set({ period_field })} />
          </>
        )}
        {def.report && TAKES[def.report].group && def.kind !== 'number' && <Select label={t('dash.group')} value={def.group_by} isClearable choices={reportGroups} onChange={(group_by) => set({ group_by })} />}
        {def.report && def.kind !== 'table' && <ReportMeasure def={def} period={period} onChange={(measure) => set({ measure })} />}
        {(def.report || (object && (def.kind === 'number' || def.group_by))) && (
          <section className="panel tile" aria-label={t('dash.preview')}><header><h2>{def.name || t('dash.preview')}</h2></header><div className="panel-body"><TileFace tile={def} period={period} most={5} /></div></section>
        )}
      </div>
    </Sheet>
  )
}

/* The column of a report that a number or a chart shows. */
function ReportMeasure({ def, period, onChange }: { def: TileDef; period: PeriodInfo | null; onChange: (key: string | null) => void }) {
  const { t } = useTexts(), text = useFigureTexts(), { data, object } = useFigures(def, period)
  if (!data) return null
  return <Select label={t('dash.measure')} value={def.measure} choices={data.columns.map((c) => ({ value: c.key, label: text.measure(object, c.key, true) }))} onChange={onChange} />
}
