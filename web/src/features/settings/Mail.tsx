/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server that takes the program's e-mail to people, and a letter to try it by. */
import { useState } from 'react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Send } from 'lucide-react'
import { Link } from 'wouter'
import { queryClient, type Operation } from '@/api'
import { call, Problem } from '@/api/http'
import { followOperation } from '@/features/start/operation'
import { Texts, useTexts } from '@/features/import/texts'
import { listHref, useMe, useObject } from '@/meta'
import { Button, ErrorState, NumberField, Panel, Select, SkeletonRows, TextField, toast } from '@/ui'

interface Server { host: string; port: number; security: 'none' | 'starttls' | 'tls'; user: string; has_password: boolean; from: string; name: string }
const KEY = ['mail_server']

function Form({ server }: { server: Server }) {
  const { t } = useTexts()
  const [draft, setDraft] = useState<Server>(server)
  const [password, setPassword] = useState('')
  const set = (part: Partial<Server>) => setDraft((d) => ({ ...d, ...part }))
  const save = useMutation({
    mutationFn: () => call<Server>('/mail_server', { method: 'PATCH', body: { host: draft.host, port: draft.port, security: draft.security, user: draft.user, from: draft.from, name: draft.name, ...(password && { password }) } }),
    onSuccess: (got) => { queryClient.setQueryData(KEY, got); setPassword(''); toast(t('mail.saved')) },
  })
  const wrong = save.error instanceof Problem ? save.error.byField : {}
  const other = save.isError && Object.keys(wrong).length === 0
  return (
    <form className="settings-form" onSubmit={(e) => { e.preventDefault(); save.mutate() }}>
      <TextField label={t('mail.host')} description={t('mail.host_hint')} value={draft.host} onChange={(host) => set({ host })} error={wrong.host} />
      <Select label={t('mail.security')} value={draft.security} choices={(['starttls', 'tls', 'none'] as const).map((x) => ({ value: x, label: t(`mail.security.${x}`) }))}
        onChange={(x) => x && set({ security: x as Server['security'], port: x === 'tls' ? 465 : draft.port === 465 ? 587 : draft.port })} error={wrong.security} />
      <NumberField label={t('mail.port')} places={0} value={String(draft.port)} onChange={(port) => set({ port: Number(port ?? 587) })} error={wrong.port} />
      <TextField label={t('mail.user')} autoComplete="off" value={draft.user} onChange={(user) => set({ user })} error={wrong.user} />
      <TextField label={t('mail.password')} type="password" autoComplete="new-password" description={server.has_password ? t('mail.password_kept') : undefined} value={password} onChange={setPassword} error={wrong.password} />
      <TextField label={t('mail.from')} description={t('mail.from_hint')} value={draft.from} onChange={(from) => set({ from })} error={wrong.from} />
      <TextField label={t('mail.name')} value={draft.name} onChange={(name) => set({ name })} error={wrong.name} />
      {other && <p className="bad" role="alert">{save.error.message}</p>}
      <div><Button type="submit" kind="solid" isDisabled={save.isPending}>{t('ui.save')}</Button></div>
    </form>
  )
}

function Try() {
  const { t } = useTexts()
  const me = useMe()
  const mails = useObject('mail')
  const [to, setTo] = useState(String(me.email ?? ''))
  const [op, setOp] = useState<Operation | null>(null)
  const send = useMutation({
    mutationFn: async () => followOperation(await call<Operation>('/mail_server:test', { method: 'POST', body: { to } }), setOp),
    onSuccess: () => toast(t('mail.test_sent', { to })),
  })
  const said = (op as (Operation & { result?: { said?: string } }) | null)?.result?.said
  return (
    <Panel title={t('mail.test')}>
      <form className="settings-form" onSubmit={(e) => { e.preventDefault(); send.mutate() }}>
        <TextField label={t('mail.test_to')} value={to} onChange={setTo} error={send.isError ? [send.error.message, said].filter(Boolean).join(': ') : null} />
        <div><Button type="submit" icon={Send} isDisabled={send.isPending}>{t('mail.test')}</Button></div>
      </form>
      {mails && <p className="mail-log"><Link href={listHref(mails)} className="link">{mails.label_plural}</Link></p>}
    </Panel>
  )
}

function Body() {
  const { t } = useTexts()
  const { data, isError, error, refetch } = useQuery({ queryKey: KEY, queryFn: ({ signal }) => call<Server>('/mail_server', { signal }), staleTime: 0 })
  if (isError) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <>
      <Panel title={t('settings.mail')}>{data ? <Form server={data} /> : <SkeletonRows rows={6} />}</Panel>
      {data?.host ? <Try key={data.host + data.port} /> : null}
    </>
  )
}

export default function Mail() {
  return <Texts waiting={<SkeletonRows rows={6} />}><Body /></Texts>
}

