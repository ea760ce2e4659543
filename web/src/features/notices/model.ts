/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a notice says. */
import type { Rec } from '@/api'
import { fieldOf, type ObjectMeta } from '@/meta'
import type { Hue } from '@/ui'

const option = (object: ObjectMeta, rec: Rec) => fieldOf(object, 'kind')?.options?.find((o) => o.value === rec.kind)

/** What has happened, in the user's language. */
export const kindLabel = (object: ObjectMeta, rec: Rec): string => option(object, rec)?.label ?? String(rec.kind ?? '')
export const kindHue = (object: ObjectMeta, rec: Rec): Hue => (option(object, rec)?.color ?? 'slate') as Hue

/** Whether `id` came after the page was opened, when `before` was the newest (undefined: nothing is known yet). */
export const isNews = (before: string | null | undefined, id: string): boolean => before !== undefined && (before === null || id > before)
