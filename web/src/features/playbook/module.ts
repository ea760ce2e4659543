// SPDX-License-Identifier: GPL-3.0-or-later
import type { AppModule } from '@/shell/module'

const PLAYED = ['deal', 'lead', 'activity']

export const module: AppModule = {
  name: 'playbook',
  recordTabs: [
    { id: 'playbook', label: 'record.playbook', shows: (o) => PLAYED.includes(o.name), load: () => import('./PlaybookTab') },
    { id: 'use', label: 'record.playbook_use', shows: (o) => o.name === 'playbook', load: () => import('./UseTab') },
  ],
}
