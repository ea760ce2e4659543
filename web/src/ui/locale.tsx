/* SPDX-License-Identifier: GPL-3.0-or-later */
import type { ReactNode } from 'react'
import { I18nProvider } from 'react-aria-components'

const TAGS: Record<string, string> = { en: 'en-US', ru: 'ru-RU', pl: 'pl-PL' }

/** Gives date fields, calendars and announcements of the kit their language. */
export function LocaleProvider({ language, children }: { language: string; children: ReactNode }) {
  return <I18nProvider locale={TAGS[language] ?? 'en-US'}>{children}</I18nProvider>
}
