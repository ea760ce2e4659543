// SPDX-License-Identifier: GPL-3.0-or-later
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { draggable } from '@atlaskit/pragmatic-drag-and-drop/element/adapter'
import { MoreHorizontal } from 'lucide-react'
import { Link } from 'wouter'
import type { Rec, Ref } from '@/api'
import { isEmpty, typeOf, Value } from '@/fields'
import { useI18n } from '@/i18n'
import type { Field } from '@/meta'
import { Avatar } from '@/ui'

interface Props { index: number; measure: (el: HTMLElement | null) => void; rec: Rec; name: string; column: string; fields: Field[]; href: string; tab: boolean; movable: boolean; mark?: string; onMenu: (id: string, at: HTMLElement) => void; onOpen: (href: string) => void }

const isPerson = (f: Field) => f.type === 'user' || f.target === 'user'

/* Each on a line of its own: they are too long to stand beside others. */
const WORDS = ['text', 'longtext', 'phones', 'emails', 'handles']

/** A record on the board: its name, what it belongs to, then small facts; the owner is an avatar. */
export const BoardCard = memo(function BoardCard({ index, measure, rec, name, column, fields, href, tab, movable, mark, onMenu, onOpen }: Props) {
  const { t } = useI18n(), ref = useRef<HTMLLIElement>(null), [drag, setDrag] = useState(false)
  useEffect(() => {
    if (!ref.current || !movable) return
    return draggable({ element: ref.current, getInitialData: () => ({ id: rec.id, column }), onDragStart: () => setDrag(true), onDrop: () => setDrag(false) })
  }, [rec.id, column, movable])
  useLayoutEffect(() => measure(ref.current), [measure, index, rec])
  const shown = fields.filter(f => !isEmpty(rec[f.name]))
  const line = shown.filter(f => f.type === 'reference' && !isPerson(f)), people = shown.filter(isPerson)
  const words = shown.filter(f => WORDS.includes(f.type))
  const facts = shown.filter(f => !line.includes(f) && !people.includes(f) && !words.includes(f)).sort((a, b) => Number(typeOf(b).align === 'right') - Number(typeOf(a).align === 'right'))
  return (
    <li ref={ref} className="board-card" tabIndex={tab ? 0 : -1} data-id={rec.id} data-index={index} data-dragging={drag || undefined} data-hue={mark ? 'amber' : undefined} aria-label={mark ? `${name}, ${mark}` : name}
      onDoubleClick={() => onOpen(href)}>
      <Link href={href} className="card-title" tabIndex={-1} draggable={false}>{name}</Link>
      {mark && <div className="card-mark small">{mark}</div>}
      {line.map(f => <div key={f.name} className="card-line truncate">{(rec[f.name] as Ref).label}</div>)}
      {words.map(f => <div key={f.name} className="card-line truncate" title={f.label}><Value field={f} value={rec[f.name]} /></div>)}
      {(facts.length > 0 || people.length > 0) && (
        <div className="card-foot">
          {facts.map((f, i) => <span key={f.name} className={i ? 'small dim truncate' : 'truncate'} title={f.label}><Value field={f} value={rec[f.name]} density={typeOf(f).align === 'right' ? 'full' : 'cell'} brief /></span>)}
          {!facts.length && <span />}
          {people.map(f => { const who = (rec[f.name] as Ref).label ?? ''; return <span key={f.name} title={`${f.label}: ${who}`}><Avatar name={who} size={20} /></span> })}
        </div>
      )}
      {movable && (
        <button type="button" className="btn btn-ghost btn-icon card-more" tabIndex={-1} aria-haspopup="menu" aria-label={t('board.move')} title={t('board.move') + ' (M)'} onClick={e => onMenu(rec.id, e.currentTarget)}>
          <MoreHorizontal size={14} aria-hidden />
        </button>
      )}
    </li>
  )
})
