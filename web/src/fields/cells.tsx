// SPDX-License-Identifier: GPL-3.0-or-later
/* How values look, one component per shape.  In a cell everything is one line; on a record it is shown in full,
   and references, phones and addresses can be followed. */
import { Check, ExternalLink, Mail, Minus, Paperclip, Phone } from 'lucide-react'
import { Link } from 'wouter'
import { api } from '@/api'
import { useI18n } from '@/i18n'
import { recordHref, useMeta } from '@/meta'
import { Avatar, Badge } from '@/ui'
import { hasHue, linkColumns, useHues } from './data'
import { addressText, isEmpty, mainOf, optionOf, personText, phoneText, shownType, valueText } from './text'
import type { CellProps, FileRef, Identifier, LinkRef, Listed, ListedAddress, PersonName, Ref } from './types'

const PEOPLE = new Set(['user', 'contact'])

/** A thing or a person by name, with its initials. */
export function RefFace({ value, size = 18 }: { value: Ref; size?: number }) {
  const name = value.label ?? value.id
  return (
    <span className="ref-face">
      <Avatar name={name} size={size} shape={PEOPLE.has(value.object) ? 'round' : 'square'} />
      <span className="truncate">{name}</span>
    </span>
  )
}

/** A reference that leads to its record. */
export function RefLink({ value }: { value: Ref }) {
  const meta = useMeta()
  return <Link href={recordHref(meta, value)} className="ref-link"><RefFace value={value} /></Link>
}

/* A reference to something that has a colour of its own (a stage) looks like a choice. */
function HueRef({ value }: { value: Ref }) {
  return <Badge hue={useHues(value.object)[value.id]}>{value.label ?? value.id}</Badge>
}

function RefCell({ value, density }: CellProps) {
  const v = value as Ref, meta = useMeta()
  if (hasHue(meta, v.object)) return <HueRef value={v} />
  return density === 'cell' || !v.label ? <RefFace value={v} /> : <RefLink value={v} />
}

function TextCell({ value, field, density }: CellProps) {
  const x = useI18n()
  const text = valueText(field, value, x)
  return density === 'cell' ? <span className="truncate">{text}</span> : <span className="long-text">{text}</span>
}

function NumberCell({ value, field }: CellProps) {
  const x = useI18n()
  return <span className="num truncate">{valueText(field, value, x)}</span>
}

function PercentCell({ value, field, density }: CellProps) {
  const x = useI18n()
  const share = Math.max(0, Math.min(100, Number(value)))
  return (
    <span className="percent">
      <span className="num">{valueText(field, value, x)}</span>
      {density === 'cell' && <i aria-hidden><b style={{ width: share + '%' }} /></i>}
    </span>
  )
}

function DateCell({ value, field, brief }: CellProps) {
  const x = useI18n()
  const iso = String(value), kind = shownType(field)
  const text = brief && kind === 'date' ? x.fmt.date(iso, 'short') : brief && kind === 'timestamp' ? x.fmt.day(iso) : valueText(field, value, x)
  return <time className="num truncate" dateTime={iso} title={shownType(field) === 'timestamp' ? x.fmt.relative(iso) : x.fmt.relativeDay(iso)}>{text}</time>
}

function BooleanCell({ value }: CellProps) {
  const { t } = useI18n()
  return value ? <span className="bool"><Check size={14} aria-hidden />{t('field.yes')}</span> : <span className="bool dim"><Minus size={14} aria-hidden />{t('field.no')}</span>
}

function ChoiceCell({ value, field }: CellProps) {
  const o = optionOf(field, value)
  return <Badge hue={o?.color ?? 'slate'}>{o?.label ?? String(value)}</Badge>
}

function ChoicesCell({ value, field, density }: CellProps) {
  return (
    <span className={density === 'cell' ? 'badges' : 'badges badges-wrap'}>
      {(value as string[]).map(k => <Badge key={k} hue={optionOf(field, k)?.color ?? 'slate'}>{optionOf(field, k)?.label ?? k}</Badge>)}
    </span>
  )
}

function PersonCell({ value }: CellProps) {
  const { language } = useI18n()
  return <span className="truncate">{personText(value as PersonName, language)}</span>
}

function UrlCell({ value, density }: CellProps) {
  const url = String(value), safe = /^https?:\/\//i.test(url) ? url : 'https://' + url.replace(/^[a-z][a-z0-9+.-]*:/i, '')
  const shown = url.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '')
  if (density === 'cell') return <span className="truncate">{shown}</span>
  return <a className="link out-link" href={safe} target="_blank" rel="noreferrer noopener"><span className="truncate">{shown}</span><ExternalLink size={12} aria-hidden /></a>
}

type Follow = { href: (v: string) => string | null; text: (v: string) => string; icon: typeof Phone | null }

const FOLLOW: Record<string, Follow> = {
  phones: { href: v => 'tel:' + v, text: phoneText, icon: Phone },
  emails: { href: v => 'mailto:' + v, text: v => v, icon: Mail },
  handles: { href: () => null, text: v => v, icon: null },
}

function ListedCell({ value, field, density }: CellProps) {
  const list = value as Listed[], kind = FOLLOW[field.type] ?? FOLLOW.handles!
  const main = mainOf(list)
  if (!main) return null
  if (density === 'cell') {
    return <span className="truncate num">{kind.text(main.value)}{list.length > 1 && <span className="dim more-count">+{list.length - 1}</span>}</span>
  }
  return (
    <ul className="listed">
      {list.map((x, i) => {
        const href = kind.href(x.value)
        return (
          <li key={i} className={x.main && list.length > 1 ? 'main-value' : undefined}>
            {href ? <a className="link num" href={href}>{kind.text(x.value)}</a> : <span>{x.value}</span>}
            {x.label && <span className="dim small">{x.label}</span>}
          </li>
        )
      })}
    </ul>
  )
}

function AddressCell({ value, density }: CellProps) {
  const list = value as ListedAddress[], main = mainOf(list)
  if (!main) return null
  if (density === 'cell') return <span className="truncate">{addressText(main.value)}</span>
  return (
    <ul className="listed">
      {list.map((x, i) => <li key={i}><span className="long-text">{addressText(x.value)}</span>{x.label && <span className="dim small">{x.label}</span>}</li>)}
    </ul>
  )
}

function IdentifierCell({ value, density }: CellProps) {
  const list = value as Identifier[]
  const one = (x: Identifier) => <><span className="dim">{x.kind.toUpperCase()}</span> <span className="num">{x.value}</span></>
  if (density === 'cell') return <span className="truncate">{list[0] && one(list[0])}{list.length > 1 && <span className="dim more-count">+{list.length - 1}</span>}</span>
  return <ul className="listed">{list.map((x, i) => <li key={i}>{one(x)}<span className="dim small">{x.country}</span></li>)}</ul>
}

function LinksCell({ value, density, field }: CellProps) {
  const x = useI18n(), columns = linkColumns(useMeta(), field), list = value as LinkRef[]
  if (density === 'cell') return <span className="truncate">{valueText(field, value, x)}</span>
  return (
    <ul className="listed">
      {list.map(r => (
        <li key={r.id}>
          <RefLink value={r} />
          <span className="dim small">{columns.filter(c => !isEmpty(r.link?.[c.name])).map(c => valueText(c, r.link?.[c.name], x)).join(', ')}</span>
        </li>
      ))}
    </ul>
  )
}

function FileCell({ value, density }: CellProps) {
  const f = value as FileRef
  const mark = f.type?.startsWith('image/') ? <Avatar name={f.name} size={18} shape="square" src={api.fileHref(f.id)} /> : <Paperclip size={13} aria-hidden />
  const face = <>{mark}<span className="truncate">{f.name}</span></>
  return density === 'cell' ? <span className="ref-face">{face}</span> : <a className="ref-face link" href={api.fileHref(f.id)} download={f.name}>{face}</a>
}

function JsonCell({ value, density }: CellProps) {
  return density === 'cell' ? <code className="truncate small">{JSON.stringify(value)}</code> : <pre className="json small">{JSON.stringify(value, null, 2)}</pre>
}

export const CELLS = {
  TextCell, NumberCell, PercentCell, DateCell, BooleanCell, ChoiceCell, ChoicesCell, PersonCell, UrlCell, ListedCell, AddressCell, IdentifierCell,
  RefCell, LinksCell, FileCell, JsonCell,
}
