/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { ArrowLeft, Ellipsis, Pause, Pencil, Play, Plus, RotateCw, Send, Trash2 } from 'lucide-react'
import { api, invalidateObject, queryClient, type Rec, type Ref } from '@/api'
import { RefFace } from '@/fields'
import { fieldOf, useMeta, useObject, type ObjectMeta } from '@/meta'
import { undoToast } from '@/shell'
import { Badge, Button, confirm, EmptyState, ErrorState, IconButton, Menu, NoPermission, Panel, SkeletonRows, toast, toastError, type MenuEntry } from '@/ui'
import { useRecords } from './records'
import { SecretDialog } from './Secret'
import { KEY, webhooks, type Overview } from './webhooks/calls'
import { Deliveries, Outcome } from './webhooks/Deliveries'
import { KINDS, readEvents } from './webhooks/events'
import { Texts, useTexts } from './webhooks/texts'
import { WebhookForm } from './webhooks/WebhookForm'
import './webhooks/webhooks.css'

const SECTION = '/settings/webhooks'

/** Active, or paused and why. */
function State({ object, webhook }: { object: ObjectMeta; webhook: Rec }) {
  const option = (name: string) => fieldOf(object, name)?.options?.find((o) => o.value === webhook[name])
  const state = option('state'), reason = option('reason')
  const isTrouble = reason && reason.value !== 'person'
  return <Badge hue={isTrouble ? 'red' : state?.color}>{isTrouble ? reason.label : state?.label}</Badge>
}

/** "Deals: created, changed; Contacts: everything". */
function useEventsText() {
  const { t } = useTexts()
  const meta = useMeta()
  return (events: unknown) => {
    const wanted = readEvents((events as string[] | null) ?? [])
    if (wanted.everything) return t('webhooks.everything')
    const kinds = (of: (typeof KINDS)[number][]) => (of.length === KINDS.length ? t('webhooks.all_kinds') : of.map((k) => t(`webhooks.kind.${k}`)).join(', ')).toLowerCase()
    return wanted.rows.map((r) => `${meta.objects.find((o) => o.name === r.object)?.label_plural ?? r.object}: ${kinds(r.kinds)}`).join('; ')
  }
}

/** What may be done with a webhook. */
function useActions(onEdit: (webhook: Rec) => void, onSecret: (secret: string) => void, onGone?: () => void) {
  const { t } = useTexts()
  const run = async (webhook: Rec, work: () => Promise<string | void>) => {
    try {
      const said = await work()
      if (said) toast(said)
    } catch (error) {
      toastError(error)
    }
    invalidateObject('webhook', webhook.id)
    void queryClient.invalidateQueries({ queryKey: KEY })
  }
  const test = (w: Rec) => run(w, async () => { await webhooks.test(w.id); return t('webhooks.tested') })
  const turn = (w: Rec, state: string) => run(w, async () => { await api.patch('webhooks', w.id, { state }, w.version); return t(state === 'active' ? 'webhooks.resumed' : 'webhooks.paused') })
  const rotate = async (w: Rec) => {
    if (!(await confirm({ title: t('webhooks.rotate_title'), body: t('webhooks.rotate_body'), action: t('webhooks.rotate') }))) return
    await run(w, async () => onSecret((await webhooks.rotate(w.id)).secret))
  }
  const remove = async (w: Rec) => {
    const name = w.label ?? ''
    if (!(await confirm({ title: t('webhooks.delete_title', { name }), body: t('webhooks.delete_body'), action: t('settings.delete'), danger: true }))) return
    await run(w, async () => { await api.remove('webhooks', w.id); undoToast(t as never, t('webhooks.deleted', { name })); onGone?.() })
  }
  return (w: Rec): MenuEntry[] => [
    { id: 'test', label: t('webhooks.test'), icon: Send, onAction: () => void test(w) },
    { id: 'edit', label: t('settings.edit'), icon: Pencil, onAction: () => onEdit(w) },
    w.state === 'paused' ? { id: 'resume', label: t('webhooks.resume'), icon: Play, onAction: () => void turn(w, 'active') } : { id: 'pause', label: t('webhooks.pause'), icon: Pause, onAction: () => void turn(w, 'paused') },
    { id: 'rotate', label: t('webhooks.rotate'), icon: RotateCw, onAction: () => void rotate(w) },
    { id: 'delete', label: t('settings.delete'), icon: Trash2, danger: true, onAction: () => void remove(w) },
  ]
}

function ActionMenu({ webhook, items }: { webhook: Rec; items: MenuEntry[] }) {
  const { t } = useTexts()
  const label = t('settings.actions_of', { name: webhook.label ?? '' })
  return <Menu label={label} placement="bottom end" items={items} trigger={<IconButton icon={Ellipsis} size={15} label={label} />} />
}

function Table({ object, records, overview, actions, onOpen }: { object: ObjectMeta; records: Rec[]; overview?: Overview; actions: (w: Rec) => MenuEntry[]; onOpen: (w: Rec) => void }) {
  const { t, fmt } = useTexts()
  const eventsText = useEventsText()
  const of = (w: Rec) => overview?.data.find((o) => o.webhook === w.id)
  return (
    <div className="table-scroll" role="region" aria-label={t('settings.webhooks')} tabIndex={0}>
      <table className="table">
        <thead><tr>
          <th>{t('webhooks.name')}</th><th className="wide-only">{t('webhooks.events')}</th><th>{fieldOf(object, 'state')?.label}</th><th className="wide-only">{t('webhooks.last')}</th>
          <th className="table-actions"><span className="sr">{t('settings.actions')}</span></th>
        </tr></thead>
        <tbody>{records.map((w) => {
          const last = of(w)?.last
          return (
            <tr key={w.id}>
              <td>
                <div className="strong truncate"><button type="button" className="table-open" onClick={() => onOpen(w)}>{w.label}</button></div>
                <div className="dim small truncate">{String(w.url)}</div>
              </td>
              <td className="wide-only" title={eventsText(w.events)}>{eventsText(w.events)}</td>
              <td><State object={object} webhook={w} /></td>
              <td className="wide-only">{last ? <><Outcome delivery={last} /> <span className="dim small">{last.tried_at && fmt.relative(last.tried_at)}</span></> : <span className="dim">{t('webhooks.never')}</span>}</td>
              <td className="table-actions"><ActionMenu webhook={w} items={actions(w)} /></td>
            </tr>
          )
        })}</tbody>
      </table>
    </div>
  )
}

/** One webhook: what it is, why it is paused, its log. */
function One({ object, webhook: w, actions, onBack }: { object: ObjectMeta; webhook: Rec; actions: MenuEntry[]; onBack: () => void }) {
  const { t, fmt } = useTexts()
  const eventsText = useEventsText()
  const [test, , turn] = actions
  const reason = fieldOf(object, 'reason')?.options?.find((o) => o.value === w.reason)?.label.replace(/^./, (c) => c.toLowerCase())
  return (
    <>
      <div><Button icon={ArrowLeft} onPress={onBack}>{t('webhooks.back')}</Button></div>
      <Panel title={w.label} actions={<><Button icon={Send} onPress={test!.onAction}>{t('webhooks.test')}</Button><ActionMenu webhook={w} items={actions.slice(1)} /></>}>
        {w.state === 'paused' && (
          <div className="webhook-notice" role="status">
            <p>{t('webhooks.paused_since', { time: w.paused_at ? fmt.dateTime(String(w.paused_at)) : '—', reason: reason ?? '—' })}</p>
            <Button kind="solid" icon={Play} onPress={turn!.onAction}>{t('webhooks.resume')}</Button>
          </div>
        )}
        <dl className="facts">
          <div><dt>{fieldOf(object, 'state')?.label}</dt><dd><State object={object} webhook={w} /></dd></div>
          <div><dt>{t('webhooks.url')}</dt><dd className="break">{String(w.url)}</dd></div>
          <div><dt>{t('webhooks.events')}</dt><dd>{eventsText(w.events)}</dd></div>
          {w.filter != null && <div><dt>{t('webhooks.filter')}</dt><dd><code className="break">{String(w.filter)}</code></dd></div>}
          <div><dt>{fieldOf(object, 'owner')?.label}</dt><dd>{w.owner ? <RefFace value={w.owner as Ref} /> : '—'}</dd></div>
          {w.rotated_at != null && <div><dt>{fieldOf(object, 'rotated_at')?.label}</dt><dd>{fmt.dateTime(String(w.rotated_at))}</dd></div>}
        </dl>
      </Panel>
      <Deliveries webhook={w} />
    </>
  )
}

function Page({ object }: { object: ObjectMeta }) {
  const { t } = useTexts()
  const records = useRecords(object, { order_by: 'name' })
  const overview = useQuery({ queryKey: [...KEY, 'overview'], queryFn: webhooks.overview, refetchInterval: 5000 })
  const [openId, setOpenId] = useState<string | null>(() => new URLSearchParams(location.search).get('id'))
  const [form, setForm] = useState<{ record: Rec | null } | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const open = (w: Rec | null) => {
    history.replaceState(history.state, '', w ? `${SECTION}?id=${w.id}` : SECTION)
    setOpenId(w?.id ?? null)
  }
  const actions = useActions((record) => setForm({ record }), setSecret, () => open(null))
  if (records.isError) return <ErrorState error={records.error} onRetry={() => void records.refetch()} />
  if (!records.data) return <SkeletonRows rows={5} />
  const one = records.data.find((w) => w.id === openId)
  const add = <Button kind="solid" icon={Plus} onPress={() => setForm({ record: null })}>{t('webhooks.new')}</Button>
  return (
    <>
      {overview.data?.jobs_paused_at && <Panel title={t('settings.webhooks')}><p>{t('backups.paused')}</p></Panel>}
      {one ? <One object={object} webhook={one} actions={actions(one)} onBack={() => open(null)} /> : (
        <>
          <p className="dim">{t('webhooks.intro')}</p>
          <Panel flush title={t('settings.webhooks')} count={records.data.length} actions={records.data.length > 0 && add}>
            {records.data.length === 0 ? <EmptyState title={t('webhooks.empty')} body={t('webhooks.empty_body')} action={add} />
              : <Table object={object} records={records.data} overview={overview.data} actions={actions} onOpen={open} />}
          </Panel>
        </>
      )}
      {form && <WebhookForm object={object} record={form.record} onClose={() => setForm(null)} onSaved={(made) => { setForm(null); setSecret(made) }} />}
      {secret && <SecretDialog title={t('webhooks.secret')} body={t('webhooks.secret_body')} secret={secret} onClose={() => setSecret(null)} />}
    </>
  )
}

/** Changes told to other programs: where to, which, how it went. */
export default function Webhooks() {
  const object = useObject('webhook')
  return object ? <Texts><Page object={object} /></Texts> : <NoPermission />
}
