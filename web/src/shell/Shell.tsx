/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frame around every page of a signed-in user. */
import { lazy, Suspense, useEffect, useMemo, useState, type ComponentType } from 'react'
import { Menu as MenuIcon, Plus, Search, Undo2 } from 'lucide-react'
import { Route, Switch, useLocation } from 'wouter'
import { startFeed } from '@/api/feed'
import { useT } from '@/i18n'
import { findObject, useMeta } from '@/meta'
import { BareModal, EmptyState, ErrorBoundary, IconButton, iconOf, LinkButton, SkeletonRows } from '@/ui'
import { Banner } from './Banner'
import { useCommands } from './commands'
import { HotKeys } from './HotKeys'
import type { Command, RouteDef } from './module'
import { buildNav, navObjects } from './nav'
import { openRecordForm, RecordFormHost } from './recordform'
import { useRemember } from './recent'
import { modules } from './registry'
import { Brand, Corner, Sidebar } from './Sidebar'
import { undoLast } from './undo'

const Palette = lazy(() => import('./Palette'))
const KeysDialog = lazy(() => import('./KeysDialog'))

type Page = ComponentType<{ params: Record<string, string> }>
const pages = modules.flatMap((m) => m.routes ?? []).map((r: RouteDef) => ({ path: r.path, load: r.load, Page: lazy(r.load) as Page }))

function PageSkeleton() {
  return (
    <div className="page" aria-busy>
      <div className="page-head"><span className="skeleton" style={{ width: 180, height: 20 }} /></div>
      <div className="page-pad"><SkeletonRows rows={10} /></div>
    </div>
  )
}

function NotFound() {
  const t = useT()
  return <EmptyState page title={t('shell.not_found')} body={t('shell.not_found_body')} action={<LinkButton href="/">{t('nav.today')}</LinkButton>} />
}

/** Focuses the search box of the page; false when it has none. */
function focusPageSearch(): boolean {
  const box = document.querySelector<HTMLInputElement>('main [data-hotkey-search]')
  box?.focus()
  box?.select()
  return box !== null
}

function useShellCommands(open: { palette: () => void; keys: () => void }): void {
  const t = useT()
  const meta = useMeta()
  const [path, navigate] = useLocation()
  const here = findObject(meta, /^\/o\/([^/]+)/.exec(path)?.[1])
  const makeable = navObjects(meta).filter((o) => o.rights.create)
  const first = here?.rights.create ? here : makeable.find((o) => o.name === 'deal') ?? makeable[0]
  const { groups, bottom } = buildNav(meta, t)
  const go = [...groups.flatMap((g) => g.items), ...bottom].map((i): Command => ({
    id: 'go:' + i.href, label: i.label, icon: i.icon, keys: i.goKey && 'G ' + i.goKey, group: 'go', run: () => navigate(i.href),
  }))
  const create = makeable.map((o): Command => ({
    id: 'create:' + o.name, label: t('command.create', { object: o.label }), icon: iconOf(o.icon), keys: o === first ? 'C' : undefined, group: 'create', run: () => openRecordForm({ object: o }),
  }))
  const own: Command[] = [
    { id: 'palette', label: t('palette.title'), keys: 'Ctrl K', icon: Search, inFields: true, hidden: true, run: open.palette },
    { id: 'search', label: t('command.search'), keys: '/', icon: Search, hidden: true, run: () => focusPageSearch() || open.palette() },
    { id: 'keys', label: t('keys.title'), keys: '?', run: open.keys },
    { id: 'undo', label: t('command.undo'), keys: 'Ctrl Z', icon: Undo2, run: () => void undoLast(t) },
  ]
  const extra = modules.flatMap((m) => m.commands?.({ t, meta, navigate }) ?? [])
  useCommands([...own, ...create, ...go, ...extra])
}

export default function Shell() {
  const t = useT()
  const meta = useMeta()
  const [path] = useLocation()
  const [shown, setShown] = useState<'palette' | 'keys' | null>(null)
  const [drawer, setDrawer] = useState(false)
  const open = useMemo(() => ({ palette: () => setShown((s) => (s === 'palette' ? null : 'palette')), keys: () => setShown('keys') }), [])
  useShellCommands(open)
  useRemember(path)
  useEffect(startFeed, [])
  useEffect(() => setDrawer(false), [path])
  useEffect(() => {
    const idle = window.requestIdleCallback ?? ((f: () => void) => window.setTimeout(f, 1500))
    idle(() => pages.slice(0, 4).forEach((p) => void p.load().catch(() => {})))
  }, [])
  useEffect(() => {
    document.title = meta.company.name ? `${meta.company.name} · Kith` : 'Kith'
  }, [meta.company.name])
  const side = <Sidebar onSearch={() => { setDrawer(false); open.palette() }} onKeys={open.keys} />
  return (
    <div className="app">
      <a className="skip" href="#main">{t('shell.skip')}</a>
      <div className="side-fixed">{side}</div>
      <header className="phone-bar">
        <IconButton icon={MenuIcon} size={18} label={t('nav.main')} onPress={() => setDrawer(true)} />
        <Brand />
        <span className="grow" />
        <Corner />
        <IconButton icon={Plus} size={18} label={t('command.new')} onPress={() => { const o = findObject(meta, /^\/o\/([^/]+)/.exec(path)?.[1]) ?? findObject(meta, 'deal'); if (o?.rights.create) openRecordForm({ object: o }); else open.palette() }} />
        <IconButton icon={Search} size={18} label={t('ui.search')} onPress={open.palette} />
      </header>
      <main id="main" tabIndex={-1}>
        <Banner />
        <ErrorBoundary resetKey={path}>
          <Suspense fallback={<PageSkeleton />}>
            <Switch>
              {pages.map(({ path: pattern, Page }) => <Route key={pattern} path={pattern}>{(params) => <Page params={params as Record<string, string>} />}</Route>)}
              <Route><NotFound /></Route>
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </main>
      <BareModal isOpen={drawer} onClose={() => setDrawer(false)} label={t('nav.main')} className="sheet sheet-left" overlayClassName="overlay-sheet">{side}</BareModal>
      <Suspense fallback={null}>
        {shown === 'palette' && <Palette onClose={() => setShown(null)} />}
        {shown === 'keys' && <KeysDialog onClose={() => setShown(null)} />}
      </Suspense>
      <RecordFormHost />
      <HotKeys />
    </div>
  )
}
