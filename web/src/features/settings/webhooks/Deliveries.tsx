/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of one webhook: what was sent, how it went, and sending it again. */
import { useState } from 'react'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { Repeat } from 'lucide-react'
import { queryClient, type Rec, type Ref } from '@/api'
import { RefLink } from '@/fields'
import { useMeta } from '@/meta'
import { Badge, Button, Dialog, ErrorState, Panel, SegmentedControl, SkeletonRows, toast, toastError } from '@/ui'
import { KEY, webhooks, type Delivery } from './calls'
import { KINDS, type Kind } from './events'
import { useTexts, type WebhookT } from './texts'

const HUES = { waiting: 'blue', sending: 'blue', sent: 'green', failed: 'red' }
const STATES = ['', 'sent', 'waiting', 'failed'] as const
const MONTH_MS = 30 * 86_400_000

/** "Deal: created" of "deal.created". */
function useEventName() {
  const { t } = useTexts()
  const meta = useMeta()
  return (event: string) => {
    const [object = '', kind = ''] = event.split('.')
    if (event === 'webhook.test' || !KINDS.includes(kind as Kind)) return t('webhooks.test_event')
    return t('webhooks.event', { object: meta.objects.find((o) => o.name === object)?.label ?? object, kind: t(`webhooks.kind.${kind as Kind}`).toLowerCase() })
  }
}

/** What came of the last attempt, in words. */
const outcome = (t: WebhookT, d: Delivery) =>
  d.error === null ? (d.status ? String(d.status) : '') : d.error === 'status' ? String(d.status) : t(`webhooks.error.${d.error as 'timeout'}`)

/** The last attempt of a delivery as a badge. */
export function Outcome({ delivery }: { delivery: Delivery }) {
  const { t } = useTexts()
  const text = outcome(t, delivery)
  return <Badge hue={HUES[delivery.state]}>{t(`webhooks.state.${delivery.state}`)}{text && ` · ${text}`}</Badge>
}

const pretty = (body: string) => {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

function Details({ id, onClose, onReplay }: { id: string; onClose: () => void; onReplay: () => void }) {
  const { t, fmt } = useTexts()
  const eventName = useEventName()
  const got = useQuery({ queryKey: [...KEY, id], queryFn: () => webhooks.delivery(id) })
  const d = got.data
  return (
    <Dialog isOpen onClose={onClose} size="large" title={d ? eventName(d.event) : t('webhooks.delivery')}
      footer={<><Button onPress={onClose}>{t('ui.close')}</Button><Button kind="solid" icon={Repeat} onPress={onReplay}>{t('webhooks.again')}</Button></>}>
      {got.isError ? <ErrorState error={got.error} /> : !d ? <SkeletonRows rows={4} /> : (
        <>
          <dl className="facts">
            <div><dt>{t('webhooks.outcome')}</dt><dd><Outcome delivery={d} /></dd></div>
            <div><dt>{t('webhooks.attempts')}</dt><dd>{d.attempts}{d.ms !== null && d.status !== null ? ` · ${t('webhooks.ms', { n: d.ms })}` : ''}</dd></div>
            <div><dt>{t('webhooks.message')}</dt><dd><code className="break">{d.message}</code></dd></div>
            <div><dt>{t('webhooks.tried')}</dt><dd>{d.tried_at ? fmt.dateTime(d.tried_at) : '—'}</dd></div>
            {d.next_at && <div><dt>{t('webhooks.next')}</dt><dd>{fmt.dateTime(d.next_at)}</dd></div>}
          </dl>
          {d.reply && <><h3 className="field-label">{t('webhooks.reply')}</h3><pre className="secret webhook-text" tabIndex={0}>{d.reply}</pre></>}
          <h3 className="field-label">{t('webhooks.body')}</h3>
          <pre className="secret webhook-text" tabIndex={0}>{pretty(d.body ?? '')}</pre>
        </>
      )}
    </Dialog>
  )
}

function Line({ delivery: d, onOpen }: { delivery: Delivery; onOpen: () => void }) {
  const { fmt } = useTexts()
  const eventName = useEventName()
  return (
    <tr>
      <td>
        <div className="strong truncate"><button type="button" className="table-open" onClick={onOpen}>{eventName(d.event)}</button></div>
        <div className="dim small" title={fmt.dateTime(d.at)}>{fmt.relative(d.at)}</div>
      </td>
      <td className="wide-only">{d.record?.label ? <RefLink value={d.record as Ref} /> : <span className="dim">—</span>}</td>
      <td><Outcome delivery={d} /></td>
      <td className="right num wide-only">{d.attempts}</td>
      <td className="right num wide-only">{d.status !== null && d.ms !== null ? d.ms : '—'}</td>
    </tr>
  )
}

export function Deliveries({ webhook }: { webhook: Rec }) {
  const { t } = useTexts()
  const [state, setState] = useState<(typeof STATES)[number]>('')
  const [open, setOpen] = useState<string | null>(null)
  const list = useInfiniteQuery({
    queryKey: [...KEY, webhook.id, 'list', state],
    queryFn: ({ pageParam, signal }) => webhooks.deliveries(webhook.id, state || null, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_page_token,
    refetchInterval: 3000,
  })
  const replay = useMutation({
    mutationFn: (what: { delivery: string } | { since: string }) => webhooks.replay(webhook.id, what),
    onSuccess: ({ count }) => { toast(t('webhooks.replayed', { n: count })); setOpen(null) },
    onError: toastError,
    onSettled: () => void queryClient.invalidateQueries({ queryKey: KEY }),
  })
  const rows = list.data?.pages.flatMap((p) => p.data) ?? []
  return (
    <Panel flush title={t('webhooks.log')} actions={<Button icon={Repeat} isDisabled={replay.isPending} onPress={() => replay.mutate({ since: new Date(Date.now() - MONTH_MS).toISOString() })}>{t('webhooks.again_failed')}</Button>}>
      <div className="table-pad webhook-states">
        <SegmentedControl label={t('webhooks.outcome')} value={state} onChange={setState} items={STATES.map((s) => ({ id: s, label: s ? t(`webhooks.state.${s}`) : t('webhooks.all') }))} />
      </div>
      {list.isError ? <ErrorState error={list.error} onRetry={() => void list.refetch()} /> : list.isPending ? <div className="table-pad"><SkeletonRows rows={4} /></div>
        : rows.length === 0 ? <p className="dim table-pad">{t('webhooks.log_empty')}</p> : (
        <div className="table-scroll" role="region" aria-label={t('webhooks.log')} tabIndex={0}>
          <table className="table">
            <thead><tr>
              <th>{t('webhooks.what')}</th><th className="wide-only">{t('webhooks.record')}</th><th>{t('webhooks.outcome')}</th>
              <th className="right wide-only">{t('webhooks.attempts')}</th><th className="right wide-only">{t('webhooks.took')}</th>
            </tr></thead>
            <tbody>{rows.map((d) => <Line key={d.id} delivery={d} onOpen={() => setOpen(d.id)} />)}</tbody>
          </table>
        </div>
      )}
      {list.hasNextPage && <div className="table-pad"><Button isDisabled={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>{t('webhooks.more')}</Button></div>}
      <p className="dim table-pad">{t('webhooks.kept')}</p>
      {open && <Details id={open} onClose={() => setOpen(null)} onReplay={() => replay.mutate({ delivery: open })} />}
    </Panel>
  )
}
