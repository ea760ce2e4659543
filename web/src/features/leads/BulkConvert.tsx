// SPDX-License-Identifier: GPL-3.0-or-later
/* Many leads turned into customers at once: each by itself, so that one that is refused holds up none of the others. */
import { useRef, useState } from 'react'
import { Link } from 'wouter'
import { api, queryClient, written, type Rec } from '@/api'
import { call } from '@/api/http'
import { allOf } from '@/fields/filterKit'
import { Texts, useTexts } from '@/features/import/texts'
import { recordHref, useMeta, type ObjectMeta } from '@/meta'
import { Button, Checkbox, Dialog, Progress, toastError } from '@/ui'
import './leads.css'

type Target = { ids: string[] } | { filter: string }
interface Reply { data: { id: string; error: { message: string } | null }[]; done: number; batch: string }
interface Refused { rec: Pick<Rec, 'id' | 'label'>; why: string }
interface Outcome { done: number; refused: Refused[]; batches: string[] }
interface Props { object: ObjectMeta; target: Target; n: number; onClose: () => void; onDone: () => void }

const AT_ONCE = 50

export default function BulkConvert(props: Props) {
  return <Texts waiting={null}><Body {...props} /></Texts>
}

/** The leads that are meant, with their names for the report. */
async function meant(object: ObjectMeta, target: Target): Promise<Rec[]> {
  const all: Rec[] = []
  const filters = 'filter' in target ? [target.filter] : Array.from({ length: Math.ceil(target.ids.length / 100) }, (_, i) => `id in [${target.ids.slice(i * 100, i * 100 + 100).map(x => `'${x}'`).join(', ')}]`)
  for (const filter of filters)
    for (let token: string | null = null, more = true; more;) {
      const page: Awaited<ReturnType<typeof api.list>> = await api.list(object.plural, { filter: allOf(filter, 'converted_at == null'), page_size: 200, page_token: token, fields: ['id', ...(object.label_field ? [object.label_field] : [])] })
      all.push(...page.data)
      token = page.next_page_token
      more = token !== null
    }
  return all
}

function Body({ object, target, n, onClose, onDone }: Props) {
  const { t } = useTexts(), meta = useMeta(), [deal, setDeal] = useState(true), [share, setShare] = useState<number | null>(null), [outcome, setOutcome] = useState<Outcome | null>(null)
  const stopped = useRef(false)
  const go = async () => {
    const sum: Outcome = { done: 0, refused: [], batches: [] }
    setShare(0)
    try {
      const leads = await meant(object, target)
      for (let i = 0; i < leads.length && !stopped.current; i += AT_ONCE) {
        const part = leads.slice(i, i + AT_ONCE)
        const reply = await call<Reply>(`/${object.plural}:batchAct`, { method: 'POST', body: { action: 'convert', ids: part.map(l => l.id), params: { create_deal: deal } } })
        sum.done += reply.done
        if (reply.done) sum.batches.push(reply.batch)
        for (const r of reply.data) if (r.error) sum.refused.push({ rec: part.find(l => l.id === r.id) ?? { id: r.id, label: r.id }, why: r.error.message })
        setShare((i + part.length) / leads.length)
      }
    } catch (e) { toastError(e) }
    setShare(null)
    setOutcome(sum)
    void queryClient.invalidateQueries()
  }
  const undo = async () => {
    try {
      await written()
      for (const batch of [...outcome!.batches].reverse()) await api.undoBatch(batch)
      void queryClient.invalidateQueries()
      onDone()
    } catch (e) { toastError(e) }
  }
  const close = () => { if (outcome) onDone(); else onClose() }
  return (
    <Dialog isOpen onClose={close} isDismissable={false} title={t('leads.bulk_title', { n })} footer={
      outcome ? <>{outcome.batches.length > 0 && <Button onPress={() => void undo()}>{t('undo.action')}</Button>}<Button kind="solid" autoFocus onPress={onDone}>{t('ui.close')}</Button></>
        : <><Button onPress={() => { if (share === null) onClose(); else stopped.current = true }}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={share !== null} onPress={() => void go()}>{t('leads.bulk_go')}</Button></>
    }>
      <div className="stack">
        {!outcome && <p className="dim">{t('leads.bulk_body')}</p>}
        {!outcome && <Checkbox isSelected={deal} isDisabled={share !== null} onChange={setDeal}>{t('leads.deal')}</Checkbox>}
        {share !== null && <Progress value={share || undefined} label={t('leads.bulk_go')} />}
        {outcome && (
          <div role="status" className="stack">
            <p>{t('leads.bulk_done', { n: outcome.done })}</p>
            {outcome.refused.length > 0 && <p>{t('leads.bulk_refused', { n: outcome.refused.length })}</p>}
            {outcome.refused.length > 0 && <ul className="lead-samples">{outcome.refused.map(r => <li key={r.rec.id}><Link href={recordHref(meta, { object: object.name, id: r.rec.id })} className="link">{r.rec.label ?? r.rec.id}</Link> <span className="dim">{r.why}</span></li>)}</ul>}
          </div>
        )}
      </div>
    </Dialog>
  )
}
