/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of features, written by hand, where a search finds it. */
import type { AppModule } from './module'
import { module as customers } from '@/features/customers/module'
import { module as dashboard } from '@/features/dashboard/module'
import { module as duplicates } from '@/features/duplicates/module'
import { module as forecast } from '@/features/forecast/module'
import { module as imports } from '@/features/import/module'
import { module as list } from '@/features/list/module'
import { module as notices } from '@/features/notices/module'
import { module as playbook } from '@/features/playbook/module'
import { module as queue } from '@/features/queue/module'
import { module as record } from '@/features/record/module'
import { module as settings } from '@/features/settings/module'
import { module as today } from '@/features/today/module'

export const modules: AppModule[] = [today, dashboard, forecast, customers, list, record, duplicates, imports, settings, notices, playbook, queue]
