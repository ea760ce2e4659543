// SPDX-License-Identifier: GPL-3.0-or-later
/* The texts of the import arrive with its page, so that no other page carries them. */
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import { makeT, useI18n, type Format, type Key, type Language, type Message } from '@/i18n'
import type { ImportKey } from '@/i18n/keys.gen'

type Args = Record<string, string | number>
export type ImportT = (key: Key | ImportKey, args?: Args) => string

const catalogues: Record<Language, () => Promise<{ default: Record<string, Message> }>> = {
  en: () => import('virtual:lang/import/en'),
  ru: () => import('virtual:lang/import/ru'),
  pl: () => import('virtual:lang/import/pl'),
}

const Context = createContext<{ t: ImportT; fmt: Format } | null>(null)

export function Texts({ children, waiting }: { children: ReactNode; waiting?: ReactNode }) {
  const { t, fmt, language } = useI18n(), [loaded, setLoaded] = useState<{ language: Language; texts: Record<string, Message> }>()
  useEffect(() => {
    let current = true
    void catalogues[language]().then(m => current && setLoaded({ language, texts: m.default }))
    return () => { current = false }
  }, [language])
  const value = useMemo(() => {
    if (!loaded) return null
    const own = makeT(loaded.texts, loaded.language)
    return { fmt, t: ((key, args) => key in loaded.texts ? own(key as Key, args) : t(key as Key, args)) as ImportT }
  }, [loaded, t, fmt])
  return value ? <Context value={value}>{children}</Context> : waiting === undefined ? <div className="page" aria-busy /> : waiting
}

/** Texts and formats inside the import. */
export function useTexts() {
  const value = useContext(Context)
  if (!value) throw new Error('useTexts outside Texts')
  return value
}
