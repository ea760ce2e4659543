// SPDX-License-Identifier: GPL-3.0-or-later
import { Undo2 } from 'lucide-react'
import type { AppModule } from '@/shell/module'

export const module: AppModule = {
  name: 'customers',
  routes: [{ path: '/customers', load: () => import('./BuyingPage') }],
  nav: [{ href: '/customers', label: 'nav.buying', icon: Undo2, place: 'top' }],
  recordTabs: [{ id: 'plan', label: 'record.plan', shows: (o) => o.name === 'account', load: () => import('./PlanTab') }],
}
