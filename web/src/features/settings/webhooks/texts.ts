/* SPDX-License-Identifier: GPL-3.0-or-later */
export { Texts, useTexts, type ImportT as WebhookT } from '@/features/import/texts'
