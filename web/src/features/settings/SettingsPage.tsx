/* SPDX-License-Identifier: GPL-3.0-or-later */
import { lazy, Suspense, useEffect, useRef, type ComponentType } from 'react'
import { Link, useLocation } from 'wouter'
import { useT } from '@/i18n'
import { findObject, useMeta } from '@/meta'
import { cx, ErrorBoundary, NoPermission, SkeletonRows } from '@/ui'
import { hrefOf, openSections, SECTIONS } from './sections'
import './settings.css'

const PAGES: Record<string, ComponentType> = {
  profile: lazy(() => import('./Profile')),
  company: lazy(() => import('./Company')),
  users: lazy(() => import('./Users')),
  teams: lazy(() => import('./Teams')),
  roles: lazy(() => import('./Roles')),
  choices: lazy(() => import('./Choices')),
  currencies: lazy(() => import('./Currencies')),
  keys: lazy(() => import('./ApiKeys')),
  forms: lazy(() => import('./Forms')),
  drops: lazy(() => import('./Drops')),
  webhooks: lazy(() => import('./Webhooks')),
  mail: lazy(() => import('./Mail')),
  backups: lazy(() => import('./Backups')),
  exports: lazy(() => import('./Exports')),
  demo: lazy(() => import('./Demo')),
  about: lazy(() => import('./About')),
}

export default function SettingsPage({ params }: { params: Record<string, string> }) {
  const t = useT()
  const meta = useMeta()
  const [path] = useLocation()
  const open = openSections((name) => findObject(meta, name))
  const id = params.section ?? 'profile'
  const section = SECTIONS.find((s) => s.id === id)
  const Page = PAGES[id]
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [id])
  const allowed = open.some((s) => s.id === id)
  return (
    <div className="page page-scroll">
      <div className="page-head"><h1>{t('settings.title')}</h1></div>
      <div className="settings page-pad">
        <nav ref={nav} aria-label={t('settings.title')} className="settings-nav">
          {open.map((s) => (
            <Link key={s.id} href={hrefOf(s)} className={cx('nav', s.id === id && 'nav-on')} aria-current={s.id === id ? 'page' : undefined}>
              <s.icon size={16} aria-hidden />
              <span className="truncate">{t(s.label)}</span>
            </Link>
          ))}
        </nav>
        <div className="settings-body">
          {!allowed || !Page || !section ? (
            <NoPermission />
          ) : (
            <ErrorBoundary resetKey={path}>
              <Suspense fallback={<SkeletonRows rows={6} />}><Page /></Suspense>
            </ErrorBoundary>
          )}
        </div>
      </div>
    </div>
  )
}
