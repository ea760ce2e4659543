/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything before the shell: the first page of a new installation, sign-in, a new password by a link. */
import { useQuery } from '@tanstack/react-query'
import { Languages } from 'lucide-react'
import { api, keys } from '@/api'
import { LANGUAGE_NAMES, LANGUAGES, useI18n } from '@/i18n'
import { Button, ErrorState, Menu } from '@/ui'
import { Reset } from './Reset'
import { Setup } from './Setup'
import { SignIn } from './SignIn'
import './start.css'

export default function Start({ reset }: { reset: boolean }) {
  const { t, language, setLanguage } = useI18n()
  const setup = useQuery({ queryKey: keys.setup, queryFn: api.setup, staleTime: Infinity, enabled: !reset })
  const hasToken = new URLSearchParams(location.search).has('token')
  const inside = reset ? <Reset />
    : setup.isError ? <ErrorState error={setup.error} onRetry={() => void setup.refetch()} />
    : !setup.data ? <div className="start-card" aria-busy />
    : setup.data.needed && !hasToken ? <div className="start-card"><h1>{t('setup.no_token')}</h1><p className="dim">{t('setup.no_token_body')}</p></div>
    : setup.data.needed ? <Setup setup={setup.data} />
    : <SignIn />
  return (
    <main className="start">
      <div className="start-brand"><span className="logo" aria-hidden />Kith</div>
      {inside}
      {!(setup.data?.needed && hasToken) && (
        <footer>
        <Menu label={t('user.language')} placement="top start" trigger={<Button kind="ghost" icon={Languages}>{LANGUAGE_NAMES[language]}</Button>}
          items={LANGUAGES.map((l) => ({ id: l, label: LANGUAGE_NAMES[l], checked: l === language, onAction: () => setLanguage(l) }))} />
        </footer>
      )}
    </main>
  )
}
