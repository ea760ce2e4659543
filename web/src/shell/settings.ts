/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Language and theme are chosen in this browser at once and kept with the user for the next one. */
import { useQueryClient } from '@tanstack/react-query'
import { api, keys, type Me } from '@/api'
import { useI18n, type Language } from '@/i18n'
import { toastError } from '@/ui'
import { setTheme, type Theme } from './theme'

/** Setters of the user's own settings, each taking effect at once. */
export function useOwnSettings() {
  const { setLanguage, setZone } = useI18n()
  const client = useQueryClient()
  const keep = async (values: Record<string, unknown>) => {
    try {
      client.setQueryData<Me>(keys.me, await api.patchMe(values))
    } catch (error) {
      toastError(error)
    }
  }
  return {
    chooseLanguage: (language: Language) => {
      setLanguage(language)
      void keep({ language })
    },
    chooseTheme: (theme: Theme) => {
      setTheme(theme)
      void keep({ theme })
    },
    chooseZone: (zone: string) => {
      setZone(zone)
      void keep({ zone })
    },
  }
}
