// SPDX-License-Identifier: GPL-3.0-or-later
import { CopyCheck } from 'lucide-react'
import type { AppModule } from '@/shell/module'

export const module: AppModule = {
  name: 'duplicates',
  routes: [{ path: '/duplicates', load: () => import('./DuplicatesPage') }],
  nav: [{ href: '/duplicates', label: 'dup.title', icon: CopyCheck, place: 'bottom' }],
}
