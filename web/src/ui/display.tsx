/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts that only show: badges, avatars, keys, progress, skeletons, breadcrumbs, panels. */
import { Fragment, useState, type CSSProperties, type ReactNode } from 'react'
import { Link } from 'wouter'
import { ChevronRight, X } from 'lucide-react'
import { cx, type Hue, type Icon } from './cx'

/** A coloured word: an option's value.  `hue` is a name from the metadata; unknown names are slate. */
export function Badge({ hue = 'slate', children, className }: { hue?: Hue | string | null; children: ReactNode; className?: string }) {
  return <span className={cx('badge', className)} data-hue={hue ?? 'slate'}>{children}</span>
}

/** A small grey number beside a title. */
export const Count = ({ children }: { children: ReactNode }) => <span className="count num">{children}</span>

/** A round dot of a hue, for column heads and legends. */
export const Dot = ({ hue }: { hue?: Hue | string | null }) => <span className="dot" data-hue={hue ?? 'slate'} aria-hidden />

/** A condition or tag that can be opened and taken away. */
export function Chip(p: { children: ReactNode; onPress?: () => void; onRemove?: () => void; removeLabel?: string; hue?: Hue | string }) {
  return (
    <span className="chip" data-hue={p.hue ?? 'accent'}>
      {p.onPress ? <button type="button" onClick={p.onPress}>{p.children}</button> : <span>{p.children}</span>}
      {p.onRemove && (
        <button type="button" className="chip-x" aria-label={p.removeLabel} title={p.removeLabel} onClick={p.onRemove}>
          <X size={12} aria-hidden />
        </button>
      )}
    </span>
  )
}

/** A hue angle that is always the same for the same name. */
export const nameHue = (name: string) => [...name].reduce((h, c) => (h * 31 + (c.codePointAt(0) ?? 0)) % 360, 7)

/** First letters of the first two words, as avatars show them. */
export function initials(name: string, most = 2): string {
  const words = name.replace(/[«»"'„”()]/g, ' ').split(/[\s—–-]+/).filter((w) => /[\p{L}\p{N}]/u.test(w))
  return words.slice(0, most).map((w) => [...w][0]?.toUpperCase() ?? '').join('')
}

/** A person (round) or a thing (square) by its initials. */
export function Avatar({ name, size = 20, shape = 'round', src }: { name: string; size?: number; shape?: 'round' | 'square'; src?: string }) {
  const [broken, setBroken] = useState('')
  const style = { '--h': nameHue(name), width: size, height: size, fontSize: Math.max(9, size * (size < 24 ? 0.5 : 0.38)) }
  return (
    <span aria-hidden className={cx('avatar', shape === 'square' && 'avatar-square')} style={style as CSSProperties}>
      {src && src !== broken ? <img alt="" src={src} onError={() => setBroken(src)} /> : initials(name, size < 24 ? 1 : 2)}
    </span>
  )
}

/** Keys of a hot key, one box each: "Ctrl K". */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="keys" aria-hidden>
      {keys.split(' ').map((k, i) => <kbd key={i}>{k}</kbd>)}
    </span>
  )
}

/** How far something is, 0 to 1; without a value it only says that something runs. */
export function Progress({ value, label }: { value?: number; label: string }) {
  const percent = value === undefined ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100)
  return (
    <div className={cx('progress', percent === undefined && 'progress-busy')} role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
      <i style={percent === undefined ? undefined : { width: percent + '%' }} />
    </div>
  )
}

/** A grey bar where a text will be; give it the width of that text. */
export const Skeleton = ({ width = 120, height = 10 }: { width?: number | string; height?: number }) => (
  <span className="skeleton" style={{ width, height }} aria-hidden />
)

/** `rows` skeleton lines of varying width, for panels and simple lists. */
export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div className="skeleton-rows" aria-hidden>
      {Array.from({ length: rows }, (_, i) => <div key={i}><Skeleton width={`${40 + ((i * 37) % 45)}%`} /></div>)}
    </div>
  )
}

/** The way here: every crumb but the last is a link. */
export function Breadcrumbs({ items, label }: { items: { label: string; href?: string }[]; label?: string }) {
  return (
    <nav className="crumbs" aria-label={label ?? items.map((i) => i.label).join(', ')}>
      {items.map((item, i) => (
        <Fragment key={i}>
          {i > 0 && <ChevronRight size={13} aria-hidden />}
          {item.href ? <Link href={item.href}>{item.label}</Link> : <span aria-current="page">{item.label}</span>}
        </Fragment>
      ))}
    </nav>
  )
}

/** A box with a hairline, a heading and optional actions at its right. */
export function Panel(p: { title?: ReactNode; count?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string; flush?: boolean }) {
  return (
    <section className={cx('panel', p.flush && 'panel-flush', p.className)}>
      {(p.title || p.actions) && (
        <header>
          {p.title && <h2>{p.title}</h2>}
          {p.count !== undefined && <Count>{p.count}</Count>}
          <span className="grow" />
          {p.actions}
        </header>
      )}
      <div className="panel-body">{p.children}</div>
    </section>
  )
}

/** The head of a page: title, a grey summary beside it, actions at the right. */
export function PageHead(p: { title: ReactNode; summary?: ReactNode; icon?: Icon; actions?: ReactNode }) {
  return (
    <div className="page-head">
      <h1>{p.title}</h1>
      {p.summary && <span className="dim truncate">{p.summary}</span>}
      <span className="grow" />
      {p.actions && <div className="page-actions">{p.actions}</div>}
    </div>
  )
}
