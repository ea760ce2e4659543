// SPDX-License-Identifier: GPL-3.0-or-later
/* How figures are drawn: every mark is a link to the list behind it, so each chart can be walked by the keyboard and read aloud; the
   table says the same in rows. */
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { isEmpty, Value } from '@/fields'
import { useTexts } from '@/features/import/texts'
import { cx } from '@/ui'
import type { Cell, Figures, Group, Row } from './model'
import { useFigureTexts } from './useFigures'

const MOST = 8

function To({ href, children, className, title, label }: { href: string | null; children: ReactNode; className?: string; title?: string; label?: string }) {
  return href ? <Link href={href} className={className} title={title} aria-label={label}>{children}</Link> : <span className={className} title={title}>{children}</span>
}

export function NumberFace({ cell }: { cell: Cell | undefined }) {
  const text = useFigureTexts()
  return <To href={cell?.href ?? null} className="tile-number num" title={cell && text.cell(cell)}>{cell ? text.cell(cell, 'compact') : '—'}</To>
}

interface Props { data: Figures; column: number }

export function Bars({ data, column }: Props) {
  const text = useFigureTexts(), { t } = useTexts()
  const rows = data.isDated ? data.rows : [...data.rows].sort((a, b) => (b.cells[column]?.number ?? 0) - (a.cells[column]?.number ?? 0))
  const most = Math.max(0, ...rows.map((r) => Math.abs(r.cells[column]?.number ?? 0))) || 1
  return (
    <>
      <ul className="tile-bars">
        {rows.slice(0, MOST).map((r, i) => {
          const c = r.cells[column]!, name = text.row(r)
          return (
            <li key={i}>
              <To href={c.href} className="tile-bar" title={`${name}: ${text.cell(c)}`}>
                <span className="truncate">{name}</span>
                <span className="tile-track" aria-hidden><i className={(c.number ?? 0) < 0 ? 'is-less' : undefined} style={{ width: `${Math.abs(c.number ?? 0) / most * 100}%` }} /></span>
                <span className="num">{text.cell(c, 'compact')}</span>
              </To>
            </li>
          )
        })}
      </ul>
      {rows.length > MOST && <p className="dim small tile-more">{t('dash.more', { n: rows.length - MOST })}</p>}
    </>
  )
}

export function Funnel({ data, column }: Props) {
  const text = useFigureTexts(), { fmt } = useTexts(), first = data.rows[0]?.cells[column]?.number || 1
  return (
    <ul className="tile-funnel">
      {data.rows.map((r, i) => {
        const c = r.cells[column]!, n = c.number ?? 0, before = i ? data.rows[i - 1]!.cells[column]!.number ?? 0 : 0, name = text.row(r)
        return (
          <li key={i}>
            <To href={c.href} className="tile-bar" title={`${name}: ${text.cell(c)}`}>
              <span className="truncate">{name}</span>
              <span className="tile-step" aria-hidden><i style={{ width: `${Math.max(n ? 2 : 0, n / first * 100)}%` }} /></span>
              <span className="num">{text.cell(c, 'compact')}</span>
              <span className="num dim tile-part">{i && before ? fmt.percent(Math.round(n / before * 100)) : ''}</span>
            </To>
          </li>
        )
      })}
    </ul>
  )
}

const WIDTH = 600, HEIGHT = 150

export function Line({ data, column }: Props) {
  const text = useFigureTexts(), rows = data.rows, values = rows.map((r) => r.cells[column]?.number ?? 0)
  const most = Math.max(...values, 0), least = Math.min(...values, 0), span = most - least || 1
  const x = (i: number) => (rows.length < 2 ? WIDTH / 2 : (i + 0.5) / rows.length * WIDTH), y = (v: number) => HEIGHT - 6 - (v - least) / span * (HEIGHT - 14)
  const points = values.map((v, i) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`)
  const shown = new Set([0, rows.length - 1, values.indexOf(most)])
  return (
    <div className="tile-line">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
        <polygon points={`${x(0)},${y(least)} ${points.join(' ')} ${x(rows.length - 1)},${y(least)}`} />
        <polyline points={points.join(' ')} />
      </svg>
      <ol>
        {rows.map((r, i) => <Point key={i} row={r} cell={r.cells[column]!} top={y(values[i]!) / HEIGHT} name={text.row(r)} value={text.cell(r.cells[column]!)} brief={shown.has(i) ? text.cell(r.cells[column]!, 'compact') : ''} edge={i === 0 ? 'first' : i === rows.length - 1 ? 'last' : ''} />)}
      </ol>
      <p className="tile-axis dim small" aria-hidden><span>{rows[0] && text.row(rows[0])}</span><span>{rows.length > 1 && text.row(rows.at(-1)!)}</span></p>
    </div>
  )
}

function Point({ cell, top, name, value, brief, edge }: { row: Row; cell: Cell; top: number; name: string; value: string; brief: string; edge: string }) {
  return (
    <li>
      <To href={cell.href} className={cx('tile-point', edge && 'is-' + edge)} title={`${name}: ${value}`} label={`${name}: ${value}`}>
        <i aria-hidden style={{ top: `${top * 100}%` }} />
        {brief && <span className="num" aria-hidden style={{ top: `${top * 100}%` }}>{brief}</span>}
      </To>
    </li>
  )
}

/* What a row is about, as it stands in lists. */
function Face({ group, value }: { group: Group; value: unknown }) {
  const text = useFigureTexts()
  return group.field && !group.bucket && !isEmpty(value) ? <Value field={group.field} value={value} /> : text.value(group, value)
}

/** Rows and columns; `name` of the table is read aloud. */
export function FigureTable({ data, name, object, report, most }: { data: Figures; name: string; object: string; report: boolean; most?: number }) {
  const text = useFigureTexts(), { t } = useTexts(), rows = most ? data.rows.slice(0, most) : data.rows
  const cells = (list: Cell[]) => list.map((c, i) => <td key={i} className="num"><To href={c.number ? c.href : null} className={c.href && c.number ? 'link' : cx(!c.number && 'dim')}>{text.cell(c)}</To></td>)
  return (
    <div className="tile-scroll" tabIndex={0} role="group" aria-label={name}>
      <table className="tile-table">
        <thead>
          <tr>
            {data.groups.map((g, i) => <th key={i} scope="col">{text.group(g)}</th>)}
            {data.columns.map((c) => <th key={c.key} scope="col" className="num">{text.measure(object, c.key, report)}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((r, i) => (
            <tr key={i}>
              {r.values.map((v, k) => k === 0 ? <th key={k} scope="row">{r.href && report ? <Link href={r.href} className="link">{text.value(v.group, v.value)}</Link> : <Face {...v} />}</th> : <td key={k}><Face {...v} /></td>)}
              {cells(r.cells)}
            </tr>
          ))}
        </tbody>
        {data.total && data.groups.length > 0 && <tfoot><tr><th scope="row" colSpan={data.groups.length}>{t('forecast.total')}</th>{cells(data.total)}</tr></tfoot>}
      </table>
      {most !== undefined && data.rows.length > most && <p className="dim small tile-more">{t('dash.more', { n: data.rows.length - most })}</p>}
    </div>
  )
}
