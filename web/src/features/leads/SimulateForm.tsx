// SPDX-License-Identifier: GPL-3.0-or-later
/* What an assignment rule would have done with the leads of past days: counts by person, who would have nobody, what differs. */
import { useState } from 'react'
import { Link } from 'wouter'
import { api, type Rec, type Ref } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { recordHref, useMeta } from '@/meta'
import { Button, DatePicker, Dialog, Progress, toastError } from '@/ui'
import { followOperation } from '../start/operation'
import './leads.css'

interface Person { user: Ref; count: number; is_fallback: boolean }
interface Result { leads: number; changed: number; unassigned: number; rules: { rule: Ref; matched: number; people: Person[] }[]; samples: { lead: Ref; would_be: Ref; why: string }[] }
interface Props { rec: Rec; onClose: () => void }

const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)

export default function SimulateForm(props: Props) {
  return <Texts waiting={null}><Body {...props} /></Texts>
}

function Body({ rec, onClose }: Props) {
  const { t } = useTexts(), [from, setFrom] = useState<string | null>(day(30)), [to, setTo] = useState<string | null>(day(0))
  const [result, setResult] = useState<Result | null>(null), [busy, setBusy] = useState(false)
  const go = async () => {
    setBusy(true)
    try {
      const { operation } = await api.action('assignment_rules', rec.id, 'simulate', { from, to }) as { operation: string }
      const op = await followOperation(await api.operation(operation), () => {})
      setResult(op.result as unknown as Result)
    } catch (e) { toastError(e) } finally { setBusy(false) }
  }
  return (
    <Dialog isOpen onClose={onClose} size="large" title={t('leads.simulate', { name: String(rec.label ?? '') })} footer={
      <><Button onPress={onClose}>{t('ui.close')}</Button><Button kind="solid" isDisabled={busy} onPress={() => void go()}>{t('leads.run')}</Button></>
    }>
      <div className="stack">
        <p className="dim">{t('leads.simulate_body')}</p>
        <div className="lead-deal"><DatePicker label={t('leads.from')} value={from} onChange={setFrom} /><DatePicker label={t('leads.to')} value={to} onChange={setTo} /></div>
        {busy && <Progress label={t('leads.simulate', { name: '' })} />}
        {result && !busy && <Outcome result={result} />}
      </div>
    </Dialog>
  )
}

function Outcome({ result }: { result: Result }) {
  const { t, fmt } = useTexts(), meta = useMeta()
  return (
    <div className="lead-outcome" role="status">
      <p>{t('leads.leads', { n: result.leads })} · {t('leads.changed', { n: result.changed })} · {t('leads.unassigned', { n: result.unassigned })}</p>
      {result.rules.map(r => (
        <section key={r.rule.id} className="lead-side">
          <h3>{r.rule.label} <span className="dim">{fmt.number(r.matched)}</span></h3>
          {r.people.length > 0 && <div className="lead-scroll">
            <table className="lead-counts">
              <thead><tr><th scope="col">{t('leads.who')}</th><th scope="col" className="num">{t('leads.count')}</th></tr></thead>
              <tbody>{r.people.map(p => <tr key={p.user.id + p.is_fallback}><td>{p.user.label}{p.is_fallback && <span className="dim"> ({t('leads.fallback')})</span>}</td><td className="num">{fmt.number(p.count)}</td></tr>)}</tbody>
            </table>
          </div>}
        </section>
      ))}
      {result.samples.length > 0 && (
        <section className="lead-side">
          <h3>{t('leads.sample')}</h3>
          <ul className="lead-samples">{result.samples.map(s => <li key={s.lead.id}><Link href={recordHref(meta, s.lead)} className="link">{s.lead.label}</Link> <span className="dim">{s.why}</span></li>)}</ul>
        </section>
      )}
    </div>
  )
}
