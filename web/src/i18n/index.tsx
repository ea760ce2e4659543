/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of the page: one catalogue is loaded at a time, messages are ICU MessageFormat, and formats
   follow the user's language and zone.  The language comes from the user, then this browser's last choice,
   then the browser's own. */
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import { IntlMessageFormat } from 'intl-messageformat'
import type { MessageFormatElement } from '@formatjs/icu-messageformat-parser'
import { LocaleProvider } from '@/ui/locale'
import { makeFormat, type Format } from './format'
import type { Key } from './keys.gen'

export type { Key } from './keys.gen'
export * from './format'

export const LANGUAGES = ['en', 'ru', 'pl'] as const
export type Language = (typeof LANGUAGES)[number]
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', ru: 'Русский', pl: 'Polski' }

/** A message of a catalogue: text without arguments, or parsed at build. */
export type Message = string | MessageFormatElement[]

type Args = Record<string, string | number | boolean | null | undefined>
/** The text of a key, with its arguments put in. */
export type T = (key: Key, args?: Args) => string

interface I18n {
  t: T
  fmt: Format
  language: Language
  setLanguage: (language: Language) => void
  setZone: (zone: string | null) => void
}

const catalogues: Record<Language, () => Promise<{ default: Record<string, Message> }>> = {
  en: () => import('virtual:lang/en'),
  ru: () => import('virtual:lang/ru'),
  pl: () => import('virtual:lang/pl'),
}

const KEY = 'kith.language'
const isLanguage = (s: unknown): s is Language => LANGUAGES.includes(s as Language)

/** The language to begin with, before anybody has signed in. */
export function firstLanguage(): Language {
  const kept = typeof localStorage === 'undefined' ? null : localStorage.getItem(KEY)
  if (isLanguage(kept)) return kept
  const own = navigator.languages.map((l) => l.slice(0, 2)).find(isLanguage)
  return own ?? 'en'
}

/** A translator over one catalogue.  A missing key shows itself, so that it is seen and mended. */
export function makeT(texts: Record<string, Message>, language: string): T {
  const made = new Map<string, IntlMessageFormat>()
  return (key, args) => {
    const text = texts[key]
    if (text === undefined) return key
    if (typeof text === 'string') return text
    let message = made.get(key)
    if (!message) made.set(key, (message = new IntlMessageFormat(text, language)))
    return String(message.format(args as Record<string, string>))
  }
}

const Context = createContext<I18n | null>(null)

/** Gives the tree its language; shows nothing until the first catalogue is here. */
export function I18nProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(firstLanguage)
  const [zone, setZone] = useState<string | null>(null)
  const [loaded, setLoaded] = useState<{ language: Language; texts: Record<string, Message> }>()
  useEffect(() => {
    let current = true
    void catalogues[language]().then((m) => {
      if (!current) return
      document.documentElement.lang = language
      localStorage.setItem(KEY, language)
      setLoaded({ language, texts: m.default })
    })
    return () => {
      current = false
    }
  }, [language])
  const value = useMemo<I18n | null>(() => {
    if (!loaded) return null
    const tz = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
    return {
      t: makeT(loaded.texts, loaded.language),
      fmt: makeFormat(loaded.language, tz),
      language: loaded.language,
      setLanguage,
      setZone,
    }
  }, [loaded, zone])
  if (!value) return null
  return (
    <Context value={value}>
      <LocaleProvider language={value.language}>{children}</LocaleProvider>
    </Context>
  )
}

/** Texts, formats and the language of the page. */
export function useI18n(): I18n {
  const value = useContext(Context)
  if (!value) throw new Error('useI18n outside I18nProvider')
  return value
}

/** Only the translator. */
export const useT = (): T => useI18n().t
/** Only the formats. */
export const useFormat = (): Format => useI18n().fmt
