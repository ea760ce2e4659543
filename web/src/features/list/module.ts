// SPDX-License-Identifier: GPL-3.0-or-later
import type { AppModule } from '@/shell'

export const module: AppModule = {
  name: 'list',
  routes: [{ path: '/o/:plural', load: () => import('./ListPage') }],
}
