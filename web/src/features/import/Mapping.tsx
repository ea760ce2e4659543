// SPDX-License-Identifier: GPL-3.0-or-later
/* Where the columns go: for each table of the file the object, for each column the field. */
import { useEffect, useMemo, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { ArrowRight } from 'lucide-react'
import { zonesLike, zoneChoices } from '@/features/settings/zones'
import { useI18n } from '@/i18n'
import { useMeta } from '@/meta'
import { Badge, Button, Checkbox, ComboBox, ErrorState, MultiSelect, Panel, Select, SkeletonRows, toastError } from '@/ui'
import { imports, type Analysis, type Mapping as Map, type Profile, type Run, type Table } from './calls'
import ColumnRow from './ColumnRow'
import { canMake, draftOf, fieldOf, fromMapping, hasMoment, importable, mappedCount, matchFields, profileFor, toMapping, unknownOf, type Draft } from './model'
import { ProfileBar } from './Profiles'
import { DropZone } from './Start'
import { useTexts } from './texts'

/* Zones are the browser's; a profile says its own. */
function ZoneChoice({ draft, onDraft }: { draft: Draft; onDraft: (next: Partial<Draft>) => void }) {
  const { t } = useTexts(), { language } = useI18n(), zones = useMemo(() => zoneChoices(language), [language])
  const id = typeof draft.more.zone === 'string' ? draft.more.zone : null, zone = id ? zones.find(z => z.id === id) ?? { id, label: id, detail: '' } : null
  return (
    <ComboBox label={t('import.zone')} placeholder={t('import.zone_company')} value={zone} load={q => Promise.resolve(zonesLike(zones, q))}
      onChange={z => { const { zone: _, ...more } = draft.more; onDraft({ more: z ? { ...more, zone: z.id } : more }) }} />
  )
}

interface Item { table: Table; draft: Draft | null; profile: string | null }

/** What each table begins with: what was planned before, a profile that knows its columns, or the guess. */
function begin(analysis: Analysis, run: Run, profiles: Profile[]): Item[] {
  const planned = run.mapping ? [run.mapping].flat() : null
  return analysis.tables.map(table => {
    const before = planned?.find(m => m.table === table.name), kept = profileFor(profiles, table)
    if (before) return { table, draft: fromMapping(before, table, before.object), profile: null }
    if (kept) return { table, draft: fromMapping(kept.mapping, table, kept.mapping.object), profile: kept.name }
    return { table, draft: table.object && !planned ? draftOf(table, table.object) : null, profile: table.profile_label }
  })
}

export default function Mapping({ run, onPlanned }: { run: Run; onPlanned: () => void }) {
  const { t } = useTexts(), meta = useMeta(), [items, setItems] = useState<Item[] | null>(null), [busy, setBusy] = useState(false)
  const analysis = useQuery({ queryKey: ['imports', run.id, 'analysis'], queryFn: ({ signal }) => imports.analysis(run.id, undefined, signal), staleTime: Infinity })
  const profiles = useQuery({ queryKey: ['imports', 'profiles'], queryFn: ({ signal }) => imports.profiles(signal), retry: false })
  const kept = profiles.data ?? (profiles.isError ? [] : undefined), data = analysis.data
  useEffect(() => { if (data && kept && !items) setItems(begin(data, run, kept)) }, [data, kept, items, run])
  if (analysis.isError) return <ErrorState error={analysis.error} onRetry={() => void analysis.refetch()} />
  if (!items || !data) return <SkeletonRows rows={10} />
  const set = (at: number, next: Partial<Item>) => setItems(items.map((x, i) => i === at ? { ...x, ...next } : x))
  const toObject = async (at: number, name: string | null) => {
    if (!name) return set(at, { draft: null })
    try {
      const looked = (await imports.analysis(run.id, name)).tables[at]
      if (looked) set(at, { table: looked, draft: draftOf({ ...looked, mapping: null }, name), profile: null })
    } catch (e) { toastError(e) }
  }
  const more = async () => {
    const next = await analysis.refetch()
    if (next.data) setItems([...items, ...begin(next.data, { ...run, mapping: null }, kept ?? []).slice(items.length)])
  }
  const drafts = items.flatMap(i => i.draft ? [i.draft] : [])
  const isLost = drafts.some(d => d.mode !== 'create' && !d.match.length), isEmpty = !drafts.some(mappedCount)
  const plan = async () => {
    setBusy(true)
    try {
      const list = drafts.filter(mappedCount).map(d => toMapping(d, meta.objects.find(o => o.name === d.object)!))
      await imports.plan(run.id, list.length === 1 ? list[0]! : list)
      onPlanned()
    } catch (e) { toastError(e) } finally { setBusy(false) }
  }
  return (
    <>
      <p className="dim small imp-about">
        <Badge>{data.kind.toUpperCase()}</Badge>{data.encoding && <Badge>{data.encoding}</Badge>}{data.separator && <Badge>{data.separator === '\t' ? 'TAB' : data.separator}</Badge>}
      </p>
      {items.map((item, i) => <TablePanel key={item.table.name} item={item} isOnly={items.length === 1} onObject={name => void toObject(i, name)} onDraft={draft => set(i, { draft })} />)}
      <div className="imp-bar">
        <DropZone isSmall run={run.id} onSent={() => void more()} />
        <span className="grow bad small">{isEmpty ? t('import.nothing_mapped') : isLost ? t('import.match_none') : ''}</span>
        <Button kind="solid" icon={ArrowRight} isDisabled={busy || isEmpty || isLost} onPress={() => void plan()}>{t('import.preview')}</Button>
      </div>
    </>
  )
}

function TablePanel({ item, isOnly, onObject, onDraft }: { item: Item; isOnly: boolean; onObject: (name: string | null) => void; onDraft: (draft: Draft) => void }) {
  const { t } = useTexts(), meta = useMeta(), { table, draft } = item
  const object = meta.objects.find(o => o.name === draft?.object)
  const change = (next: Partial<Draft>) => draft && onDraft({ ...draft, ...next })
  const load = (mapping: Map) => onDraft(fromMapping(mapping, table, mapping.object))
  return (
    <Panel className="imp-table" title={isOnly ? table.file : table.name} count={table.rows === null ? undefined : t('import.rows', { n: table.rows })}>
      <div className="imp-options">
        <Select label={t('import.table_as')} value={draft?.object ?? ''} onChange={v => onObject(v || null)} choices={[{ value: '', label: t('import.nowhere') }, ...importable(meta).map(o => ({ value: o.name, label: o.label_plural }))]} />
        {draft && object && (
          <>
            <Select label={t('import.mode')} value={draft.mode} onChange={v => v && change({ mode: v as Draft['mode'] })} choices={(['create', 'upsert', 'update'] as const).map(m => ({ value: m, label: t(`import.mode.${m}`) }))} />
            {draft.mode !== 'create' && <MultiSelect label={t('import.match')} value={draft.match} onChange={match => change({ match })} choices={matchFields(object, draft).map(f => ({ value: f.name, label: f.label }))} />}
            {hasMoment(object, draft) && <ZoneChoice draft={draft} onDraft={change} />}
            <ProfileBar draft={draft} object={object} recognised={item.profile} onLoad={load} />
          </>
        )}
      </div>
      {draft && object && (
        <>
          <div className="imp-cols" role="group" aria-label={t('import.step.map')}>
            <div className="imp-cols-head small dim" aria-hidden><span>{t('import.column')}</span><span>{t('import.field')}</span></div>
            {table.columns.map(c => (
              <ColumnRow key={c.heading} column={c} object={object} draft={draft} onChange={change}
                unknown={unknownOf(c, draft)} canMake={canMake(fieldOf(object, [draft.columns[c.heading]].flat()[0]))} />
            ))}
          </div>
          <div className="imp-checks">
            {object.timeline && <Checkbox isSelected={draft.rest} onChange={rest => change({ rest })}>{t('import.rest')}</Checkbox>}
            {!!draft.more.skip && <Checkbox isSelected={draft.skip} onChange={skip => change({ skip })}>{t('import.skip')}</Checkbox>}
            <Checkbox isSelected={draft.restore} onChange={restore => change({ restore })}>{t('import.restore')}</Checkbox>
          </div>
        </>
      )}
      {!draft && <p className="dim small">{table.columns.map(c => c.heading).slice(0, 12).join(' · ')}</p>}
    </Panel>
  )
}
