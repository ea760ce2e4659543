// SPDX-License-Identifier: GPL-3.0-or-later
import { TrendingUp } from 'lucide-react'
import type { AppModule } from '@/shell/module'

export const module: AppModule = {
  name: 'forecast',
  routes: [{ path: '/forecast', load: () => import('./ForecastPage') }],
  nav: [{ href: '/forecast', label: 'nav.forecast', icon: TrendingUp, goKey: 'F', place: 'top' }],
}
