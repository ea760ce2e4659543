/* SPDX-License-Identifier: GPL-3.0-or-later */
import { House } from 'lucide-react'
import type { AppModule } from '@/shell/module'

export const module: AppModule = {
  name: 'today',
  routes: [{ path: '/', load: () => import('./TodayPage') }],
  nav: [{ href: '/', label: 'nav.today', icon: House, goKey: 'T', place: 'top' }],
}
