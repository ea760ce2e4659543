/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ctrl+K: any record, page or action from one line.  Records come from the server's search; commands are those
   of what is on screen; before anything is typed the records opened last are offered. */
import { useDeferredValue, useEffect, useState, type ReactNode } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { CornerDownLeft, Search } from 'lucide-react'
import { useLocation } from 'wouter'
import { api, keys } from '@/api'
import { useT, type Key } from '@/i18n'
import { findObject, recordHref, useMeta } from '@/meta'
import { Avatar, BareModal, Kbd, useListNav } from '@/ui'
import { useCurrentCommands } from './commands'
import { score } from './match'
import { recents } from './recent'

interface Row {
  key: string
  section: string
  label: string
  mark: ReactNode
  detail?: string | null
  keys?: string
  run: () => void
}

function useDelayed(text: string, ms: number): string {
  const [value, setValue] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setValue(text), ms)
    return () => clearTimeout(timer)
  }, [text, ms])
  return value
}

function useRows(text: string, go: (href: string) => void): { rows: Row[]; busy: boolean; failed: boolean } {
  const t = useT()
  const meta = useMeta()
  const commands = useCurrentCommands()
  const asked = useDelayed(text.trim(), 120)
  const found = useQuery({
    queryKey: keys.search(asked),
    queryFn: ({ signal }) => api.search(asked, { limit: 12 }, signal),
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
  })
  /* What has a page in the navigation comes before what only belongs to it (legal details, lines). */
  const side = (object: string) => Number(!findObject(meta, object)?.nav)
  const hits = asked ? [...(found.data ?? [])].sort((a, b) => side(a.object) - side(b.object)) : []
  const record = (object: string, id: string, label: string, detail: string | null | undefined, section: string): Row => ({
    key: `${section}:${object}:${id}`,
    section,
    label,
    detail: (!side(object) && detail) || findObject(meta, object)?.label,
    mark: <Avatar name={label} size={18} shape={object === 'user' || object === 'contact' ? 'round' : 'square'} />,
    run: () => go(recordHref(meta, { object, id })),
  })
  const records = hits.map((h) => record(h.object, h.id, h.label, h.detail, t('palette.records')))
  const recent = text.trim() ? [] : recents().filter((r) => findObject(meta, r.object)).map((r) => record(r.object, r.id, r.label, null, t('palette.recent')))
  const actions = commands
    .filter((c) => !c.hidden)
    .map((c) => ({ c, s: text.trim() ? score(`${c.label} ${c.words ?? ''}`, text) : 1 }))
    .filter((x) => x.s > 0)
    .sort((a, b) => b.s - a.s)
    .map(({ c }): Row => ({
      key: 'c:' + c.id,
      section: t(`keys.group.${c.group ?? 'general'}` as Key),
      label: c.label,
      keys: c.keys,
      mark: c.icon ? <c.icon size={15} aria-hidden /> : <CornerDownLeft size={15} aria-hidden />,
      run: c.run,
    }))
  const grouped = [...new Set(actions.map((a) => a.section))].flatMap((s) => actions.filter((a) => a.section === s))
  const strong = text.trim() && actions.length > 0 && actions.length <= 3
  const rows = strong ? [...grouped, ...records] : [...recent, ...records, ...grouped]
  return { rows, busy: found.isFetching || asked !== text.trim(), failed: found.isError }
}

export default function Palette({ onClose }: { onClose: () => void }) {
  const t = useT()
  const [, navigate] = useLocation()
  const [text, setText] = useState('')
  const { rows, busy, failed } = useRows(useDeferredValue(text), (href) => navigate(href))
  const nav = useListNav(rows.length, (i) => {
    const row = rows[i]
    onClose()
    if (row) setTimeout(row.run)
  })
  const note = failed ? t('palette.failed') : rows.length ? null : busy ? t('ui.searching') : t('ui.nothing_found')
  return (
    <BareModal isOpen onClose={onClose} label={t('palette.title')} className="palette">
      <div className="palette-in">
        <Search size={16} aria-hidden />
        <input {...nav.inputProps} aria-expanded aria-label={t('palette.title')} autoFocus placeholder={t('palette.placeholder')} value={text} onKeyDown={nav.onKeyDown}
          onChange={(e) => {
            setText(e.target.value)
            nav.setIndex(0)
          }} />
        <Kbd keys="Esc" />
      </div>
      <div {...nav.listProps} className="palette-list" aria-label={t('palette.results')}>
        {rows.map((row, i) => (
          <div key={row.key} role="presentation">
            {row.section !== rows[i - 1]?.section && <div className="palette-section" role="presentation">{row.section}</div>}
            <div {...nav.rowProps(i)} className="menu-item">
              {row.mark}
              <span className="truncate">{row.label}</span>
              <span className="grow" />
              {row.detail && <span className="dim truncate palette-detail">{row.detail}</span>}
              {row.keys && <Kbd keys={row.keys} />}
              <CornerDownLeft size={14} aria-hidden className="palette-enter" />
            </div>
          </div>
        ))}
        {note && <div className="menu-note" role="option" aria-selected={false} aria-disabled>{note}</div>}
      </div>
    </BareModal>
  )
}
