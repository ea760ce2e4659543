/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is there?  Asks the server once: signed in, the shell; else the first page, sign-in or a reset link. */
import { lazy, Suspense, useEffect } from 'react'
import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { api, isSignedOut, keys, queryClient } from '@/api'
import { setOfflineText, setWarningListener } from '@/api/http'
import { I18nProvider, LANGUAGES, useI18n, type Language } from '@/i18n'
import { useMetaQuery } from '@/meta'
import { ConfirmHost, ErrorBoundary, ErrorState, toast, ToastHost } from '@/ui'
import Shell from './Shell'
import { setTheme } from './theme'

const Start = lazy(() => import('@/features/start/Start'))

function Gate() {
  const { t, setLanguage, setZone } = useI18n()
  const [path] = useLocation()
  const me = useQuery({ queryKey: keys.me, queryFn: api.me, staleTime: Infinity })
  const meta = useMetaQuery(true)
  const own = me.data
  useEffect(() => setOfflineText(t('shell.unreachable')), [t])
  useEffect(() => setWarningListener((text) => toast({ text, timeout: 8000 })), [])
  useEffect(() => {
    if (!own) return
    if (own.language && LANGUAGES.includes(own.language as Language)) setLanguage(own.language as Language)
    if (own.zone) setZone(own.zone)
    if (own.theme) setTheme(own.theme)
  }, [own, setLanguage, setZone])
  if (path === '/reset' || isSignedOut(me.error) || (path === '/setup' && !own)) return <Start reset={path === '/reset'} />
  if (own && meta.data) return <Shell />
  const error = me.error ?? meta.error
  if (error) return <div className="center-page"><ErrorState page error={error} onRetry={() => { void me.refetch(); void meta.refetch() }} /></div>
  return <div className="app" aria-busy><div className="side-fixed" /><main /></div>
}

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <I18nProvider>
        <ErrorBoundary>
          <Suspense fallback={null}>
            <Gate />
          </Suspense>
        </ErrorBoundary>
        <ConfirmHost />
        <ToastHost />
      </I18nProvider>
    </QueryClientProvider>
  )
}
