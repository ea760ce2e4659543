/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { api, keys, Problem, queryClient } from '@/api'
import { useT } from '@/i18n'
import { Button, TextField } from '@/ui'

export function SignIn() {
  const t = useT()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<string>()
  const enter = useMutation({
    mutationFn: () => api.signIn(email.trim(), password, code),
    onError: (e) => { if (e instanceof Problem && e.byField.code && code === undefined) setCode('') },
    onSuccess: async () => {
      if (location.pathname === '/setup' || location.pathname === '/reset') history.replaceState(null, '', '/')
      await queryClient.resetQueries({ queryKey: ['meta'] })
      await queryClient.resetQueries({ queryKey: keys.me })
    },
  })
  return (
    <form className="start-card" aria-labelledby="start-title" onSubmit={(e) => { e.preventDefault(); enter.mutate() }}>
      <h1 id="start-title">{t('signin.title')}</h1>
      <TextField label={t('signin.email')} type="email" autoComplete="username" value={email} onChange={setEmail} autoFocus />
      <TextField label={t('signin.password')} type="password" autoComplete="current-password" value={password} onChange={setPassword} />
      {code !== undefined && <TextField label={t('signin.code')} autoComplete="one-time-code" value={code} onChange={setCode} autoFocus />}
      {enter.isError && <p className="bad" role="alert">{enter.error.message}</p>}
      <Button kind="solid" type="submit" isDisabled={enter.isPending}>{t('signin.enter')}</Button>
      <p className="dim small">{t('signin.forgot')}</p>
    </form>
  )
}
