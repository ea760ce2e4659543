// SPDX-License-Identifier: GPL-3.0-or-later
import { TrendingUp } from 'lucide-react'
import type { AppModule } from '@/shell/module'

export const module: AppModule = {
  name: 'forecast',
  routes: [
    { path: '/forecast', load: () => import('./ForecastPage') },
    { path: '/territories', load: () => import('./TerritoriesPage') },
  ],
  nav: [{ href: '/forecast', label: 'nav.forecast', icon: TrendingUp, goKey: 'F', place: 'top' }],
  recordTabs: [{ id: 'group', label: 'record.group_of_companies', shows: (o) => o.name === 'account', load: () => import('./GroupTab') }],
}
