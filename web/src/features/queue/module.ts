/* SPDX-License-Identifier: GPL-3.0-or-later */
import { ListStart } from 'lucide-react'
import type { AppModule } from '@/shell/module'

export const module: AppModule = {
  name: 'queue',
  routes: [{ path: '/queue', load: () => import('./QueuePage') }],
  commands: ({ t, navigate }) => [{ id: 'queue', label: t('today.queue'), icon: ListStart, keys: 'Q', group: 'go', run: () => navigate('/queue') }],
}
