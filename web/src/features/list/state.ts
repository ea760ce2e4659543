// SPDX-License-Identifier: GPL-3.0-or-later
/* The list's state is its address: reading it, writing it, and the request it stands for. */
import { allOf } from '../../fields/filterKit'

export interface ListState {
  view: string; q: string; filter: string | null; sort: string | null; cols: string[] | null
  layout: 'list' | 'board' | null; asOf: string; group: string; deleted: boolean; without: boolean
}

export interface ListView {
  key: string; label: string; filter: string; order_by: string; columns: string[] | null; layout: 'list' | 'board'
  saved?: { id: string; version: number; shared: boolean; mine: boolean }
}

export function readState(sp: URLSearchParams): ListState {
  const layout = sp.get('layout')
  return {
    view: sp.get('view') ?? '', q: sp.get('q') ?? '', filter: sp.get('filter'), sort: sp.get('order_by'),
    cols: sp.has('cols') ? sp.get('cols')!.split(',').filter(Boolean) : null,
    layout: layout === 'board' || layout === 'list' ? layout : null,
    asOf: sp.get('as_of') ?? '', group: sp.get('group') ?? '', deleted: sp.get('deleted') === '1', without: sp.get('without') === '1',
  }
}

/** The address of a state; what equals its default is left out. */
export function writeState(s: Partial<ListState>): URLSearchParams {
  const sp = new URLSearchParams()
  if (s.view) sp.set('view', s.view)
  if (s.q) sp.set('q', s.q)
  if (s.filter !== null && s.filter !== undefined) sp.set('filter', s.filter)
  if (s.sort !== null && s.sort !== undefined) sp.set('order_by', s.sort)
  if (s.cols) sp.set('cols', s.cols.join(','))
  if (s.layout) sp.set('layout', s.layout)
  if (s.asOf) sp.set('as_of', s.asOf)
  if (s.group) sp.set('group', s.group)
  if (s.deleted) sp.set('deleted', '1')
  if (s.without) sp.set('without', '1')
  return sp
}

export interface Effective { filter: string; order: string; columns: string[] | null; layout: 'list' | 'board' }

/** What is asked: the view's settings, replaced by what the address says. */
export function effective(s: ListState, view: ListView | undefined): Effective {
  const own = s.filter ?? view?.filter ?? ''
  return {
    filter: allOf(own, s.without ? 'owner == null' : null),
    order: s.sort ?? view?.order_by ?? '',
    columns: s.cols ?? view?.columns ?? null,
    layout: s.layout ?? view?.layout ?? 'list',
  }
}

/** True when the address changes what the view itself says: then "save view" has something to save. */
export function isChanged(s: ListState, view: ListView | undefined): boolean {
  const same = (a: string[] | null, b: string[] | null | undefined) => a === null || (a.join() === (b ?? []).join())
  return (s.filter !== null && s.filter !== (view?.filter ?? '')) || (s.sort !== null && s.sort !== (view?.order_by ?? ''))
    || !same(s.cols, view?.columns) || (s.layout !== null && s.layout !== (view?.layout ?? 'list'))
}
