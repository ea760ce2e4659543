// SPDX-License-Identifier: GPL-3.0-or-later
import { FileUp } from 'lucide-react'
import type { AppModule } from '@/shell/module'

const load = () => import('./ImportPage')

export const module: AppModule = {
  name: 'import',
  routes: [{ path: '/import', load }, { path: '/import/:id', load }],
  commands: ({ t, meta, navigate }) => meta.objects.some(o => o.rights.create)
    ? [{ id: 'import', label: t('list.import'), icon: FileUp, group: 'create', words: 'import csv xlsx vcard', run: () => navigate('/import') }] : [],
}
