/* SPDX-License-Identifier: GPL-3.0-or-later */
import { Settings } from 'lucide-react'
import type { AppModule } from '@/shell/module'
import { findObject } from '@/meta'
import { hrefOf, openSections } from './sections'

const load = () => import('./SettingsPage')

export const module: AppModule = {
  name: 'settings',
  routes: [{ path: '/settings', load }, { path: '/settings/:section', load }],
  nav: [{ href: '/settings', label: 'settings.title', icon: Settings, goKey: 'S', place: 'bottom' }],
  commands: ({ t, meta, navigate }) => openSections((name) => findObject(meta, name)).map((s) => ({
    id: 'settings:' + s.id, label: t('settings.command', { section: t(s.label) }), icon: s.icon, group: 'go' as const, run: () => navigate(hrefOf(s)),
  })),
}
