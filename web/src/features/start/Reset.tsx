/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { api } from '@/api'
import { useT } from '@/i18n'
import { Button, TextField } from '@/ui'
import { passwordProblem, SHORTEST } from './password'

/** A new password with the token of a link an administrator made. */
export function Reset() {
  const t = useT()
  const token = new URLSearchParams(location.search).get('token') ?? ''
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const save = useMutation({ mutationFn: () => api.setPassword(token, password) })
  const problem = passwordProblem(password, again)
  if (save.isSuccess) {
    return (
      <div className="start-card">
        <CircleCheck size={24} aria-hidden className="good" />
        <h1>{t('reset.done')}</h1>
        <Button kind="solid" autoFocus onPress={() => location.assign('/')}>{t('signin.title')}</Button>
      </div>
    )
  }
  return (
    <form className="start-card" onSubmit={(e) => { e.preventDefault(); setTried(true); if (!problem) save.mutate() }}>
      <h1>{t('reset.title')}</h1>
      <TextField label={t('password.new')} description={t('password.hint', { n: SHORTEST })} type="password" autoComplete="new-password" value={password} onChange={setPassword} autoFocus error={tried && problem === 'password.too_short' ? t(problem, { n: SHORTEST }) : null} />
      <TextField label={t('password.again')} type="password" autoComplete="new-password" value={again} onChange={setAgain} error={tried && problem === 'password.differ' ? t(problem) : null} />
      {!token && <p className="bad" role="alert">{t('reset.no_token')}</p>}
      {save.isError && <p className="bad" role="alert">{save.error.message}</p>}
      <Button kind="solid" type="submit" isDisabled={save.isPending || !token}>{t('reset.save')}</Button>
    </form>
  )
}
