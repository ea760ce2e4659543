// SPDX-License-Identifier: GPL-3.0-or-later
import { LayoutDashboard } from 'lucide-react'
import type { AppModule } from '@/shell/module'

export const module: AppModule = {
  name: 'dashboard',
  routes: [
    { path: '/dashboard/:id?', load: () => import('./DashboardPage') },
    { path: '/reports/:name', load: () => import('./ReportPage') },
  ],
  nav: [{ href: '/dashboard', label: 'nav.dashboard', icon: LayoutDashboard, goKey: 'B', place: 'top' }],
}
