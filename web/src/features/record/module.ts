// SPDX-License-Identifier: GPL-3.0-or-later
import type { AppModule } from '@/shell'

export const module: AppModule = {
  name: 'record',
  routes: [{ path: '/o/:plural/:id', load: () => import('./RecordPage') }],
  recordForm: () => import('./RecordForm'),
}
