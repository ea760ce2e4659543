/* SPDX-License-Identifier: GPL-3.0-or-later */
import type { AppModule } from '@/shell/module'

export const module: AppModule = {
  name: 'notices',
  corner: () => import('./Bell'),
}
