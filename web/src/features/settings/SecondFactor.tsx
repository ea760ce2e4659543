/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { ShieldCheck, ShieldOff } from 'lucide-react'
import { queryClient } from '@/api'
import { call, Problem } from '@/api/http'
import type { BeginSecondFactorReply, ConfirmSecondFactorReply, GetSecondFactorReply } from '@/api/schema.gen'
import { useTexts } from '@/features/import/texts'
import { Badge, Button, Dialog, ErrorState, Panel, SkeletonRows, TextField, toast } from '@/ui'
import { SecretDialog } from './Secret'

const KEY = ['second_factor']
const refresh = () => void queryClient.invalidateQueries()
const fields = (error: Error | null) => (error instanceof Problem ? error.byField : {})

/** The text of an error that stands at no field. */
function Rest({ error }: { error: Error | null }) {
  return error && Object.keys(fields(error)).length === 0 ? <p className="bad" role="alert">{error.message}</p> : null
}

/** First the password, then the secret and a code of it; `onDone` gets the codes for paper. */
function TurnOn({ onDone, onClose }: { onDone: (codes: string[]) => void; onClose: () => void }) {
  const { t } = useTexts()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const begin = useMutation({ mutationFn: () => call<BeginSecondFactorReply>('/second_factor', { method: 'POST', body: { current: password } }) })
  const confirm = useMutation({
    mutationFn: () => call<ConfirmSecondFactorReply>('/second_factor:confirm', { method: 'POST', body: { code } }),
    onSuccess: (reply) => { refresh(); onDone(reply.codes) },
  })
  const made = begin.data
  const next = () => (made ? confirm : begin).mutate()
  return (
    <Dialog isOpen onClose={onClose} title={t('factor.on')} size="small" footer={<><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={made ? code.trim() === '' || confirm.isPending : password === '' || begin.isPending} onPress={next}>{t('factor.next')}</Button></>}>
      <form className="settings-form" onSubmit={(e) => { e.preventDefault(); next() }}>
        {!made ? (
          <TextField label={t('password.current')} type="password" autoComplete="current-password" value={password} onChange={setPassword} autoFocus error={fields(begin.error).current} />
        ) : (
          <>
            <p>{t('factor.add')}</p>
            <code className="secret">{made.secret.match(/.{1,4}/g)?.join(' ')}</code>
            <a href={made.uri}>{t('factor.open')}</a>
            <TextField label={t('signin.code')} inputMode="numeric" autoComplete="one-time-code" value={code} onChange={setCode} autoFocus error={fields(confirm.error).code} />
          </>
        )}
        <Rest error={made ? confirm.error : begin.error} />
      </form>
    </Dialog>
  )
}

function TurnOff({ onClose }: { onClose: () => void }) {
  const { t } = useTexts()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const remove = useMutation({
    mutationFn: () => call<void>('/second_factor:remove', { method: 'POST', body: { current: password, code } }),
    onSuccess: () => { refresh(); toast(t('factor.is_off')); onClose() },
  })
  return (
    <Dialog isOpen onClose={onClose} title={t('factor.off')} size="small" footer={<><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="danger" isDisabled={!password || !code.trim() || remove.isPending} onPress={() => remove.mutate()}>{t('factor.off')}</Button></>}>
      <form className="settings-form" onSubmit={(e) => { e.preventDefault(); remove.mutate() }}>
        <TextField label={t('password.current')} type="password" autoComplete="current-password" value={password} onChange={setPassword} autoFocus error={fields(remove.error).current} />
        <TextField label={t('signin.code')} description={t('factor.paper_hint')} autoComplete="one-time-code" value={code} onChange={setCode} error={fields(remove.error).code} />
        <Rest error={remove.error} />
      </form>
    </Dialog>
  )
}

/** The second factor of signing in: an authenticator's code beside the password. */
export function SecondFactor() {
  const { t, fmt } = useTexts()
  const state = useQuery({ queryKey: KEY, queryFn: () => call<GetSecondFactorReply>('/second_factor') })
  const [open, setOpen] = useState<'on' | 'off' | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const now = state.data
  return (
    <Panel title={t('factor.title')} actions={now && (now.on ? <Button icon={ShieldOff} onPress={() => setOpen('off')}>{t('factor.off')}</Button> : <Button icon={ShieldCheck} onPress={() => setOpen('on')}>{t('factor.on')}</Button>)}>
      {state.isError ? <ErrorState error={state.error} onRetry={() => void state.refetch()} /> : !now ? <SkeletonRows rows={1} /> : now.on ? (
        <p><Badge hue="green">{t('factor.is_on')}</Badge> {t('factor.left', { n: now.codes_left, since: now.since ? fmt.dateTime(now.since) : '' })}</p>
      ) : <p className="dim">{t('factor.intro')}</p>}
      {open === 'on' && <TurnOn onClose={() => setOpen(null)} onDone={(made) => { setOpen(null); setCodes(made) }} />}
      {open === 'off' && <TurnOff onClose={() => setOpen(null)} />}
      {codes && <SecretDialog title={t('factor.paper')} body={t('factor.paper_body')} secret={codes.join('\n')} onClose={() => setCodes(null)} />}
    </Panel>
  )
}
