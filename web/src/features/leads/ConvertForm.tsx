// SPDX-License-Identifier: GPL-3.0-or-later
/* Turning a lead into account, contact and deal.  Whoever is known already stands beside what the lead says, and is taken
   instead of a new record by one press. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { api, Problem, queryClient, type Rec, type Ref } from '@/api'
import { isEmpty, Value } from '@/fields'
import { Texts, useTexts } from '@/features/import/texts'
import { useI18n } from '@/i18n'
import { fieldOf, recordHref, useMeta, type ActionDef, type Field, type ObjectMeta } from '@/meta'
import { undoToast } from '@/shell'
import { Button, Checkbox, cx, Dialog, ErrorState, NumberField, SkeletonRows, TextField, toastError } from '@/ui'
import './leads.css'

interface Match { object: string; id: string; label: string; score: string; fields: string[] }
interface Found { accounts: Match[]; contacts: Match[]; records: Record<string, Rec> }
interface Props { action: ActionDef; rec: Rec; onClose: () => void; onRun?: unknown }

/* What is compared, and where the lead has it. */
const ROWS: Record<'account' | 'contact', [string, string][]> = {
  account: [['name', 'company'], ['phones', 'phones'], ['emails', 'emails'], ['website', 'website'], ['country', 'country'], ['region', 'region'], ['owner', 'owner']],
  contact: [['name', 'name'], ['account', 'company'], ['job_title', 'job_title'], ['phones', 'phones'], ['emails', 'emails'], ['owner', 'owner']],
}
const SHOWN = 3

async function look(id: string, person: boolean): Promise<Found> {
  const found = await api.action('leads', id, 'matches', { as_person: person }) as unknown as Found
  const accounts = found.accounts.slice(0, SHOWN), contacts = found.contacts.slice(0, SHOWN), records: Record<string, Rec> = {}
  for (const r of await Promise.all([...accounts.map(m => api.get('accounts', m.id)), ...contacts.map(m => api.get('contacts', m.id))])) records[r.id] = r
  for (const m of contacts) {
    const of = records[m.id]?.account as Ref | null
    if (!of || accounts.some(a => a.id === of.id)) continue
    records[of.id] = await api.get('accounts', of.id)
    accounts.push({ object: 'account', id: of.id, label: of.label ?? '', score: m.score, fields: [] })
  }
  return { accounts, contacts, records }
}

export default function ConvertForm(props: Props) {
  return <Texts waiting={null}><Body {...props} /></Texts>
}

function Body({ action, rec, onClose }: Props) {
  const { t } = useTexts(), plain = useI18n().t, meta = useMeta(), [, navigate] = useLocation()
  const [person, setPerson] = useState(isEmpty(rec.company)), [account, setAccount] = useState(''), [contact, setContact] = useState('')
  const budget = rec.budget as { amount: string; currency: string } | null
  const [deal, setDeal] = useState(true), [name, setName] = useState(String(rec.title ?? '')), [amount, setAmount] = useState<string | null>(budget?.amount ?? null)
  const [problem, setProblem] = useState<Problem | null>(null), [busy, setBusy] = useState(false)
  const found = useQuery({ queryKey: ['matches', rec.id, rec.version, person], queryFn: () => look(rec.id, person), staleTime: 0 })
  const hasContact = !person && !isEmpty(rec.name)
  const go = async () => {
    setBusy(true)
    try {
      const money = amount ? { amount, currency: budget?.currency ?? meta.company.currency } : null
      const made = await api.action('leads', rec.id, 'convert', {
        as_person: person, account: account || null, contact: hasContact && contact ? contact : null, create_deal: deal, ...(deal && { deal_name: name || null, amount: money }),
      }) as Record<string, Ref> & { batch: string }
      onClose()
      void queryClient.invalidateQueries()
      undoToast(plain, t('leads.done'), made.batch)
      navigate(recordHref(meta, made.deal ?? made.account!))
    } catch (e) {
      if (e instanceof Problem) setProblem(e)
      else toastError(e)
    } finally { setBusy(false) }
  }
  const pickContact = (id: string) => {
    setContact(id)
    const of = found.data?.records[id]?.account as Ref | null | undefined
    if (of) setAccount(of.id)
  }
  const object = (n: string) => meta.objects.find(o => o.name === n)
  return (
    <Dialog isOpen onClose={onClose} size="large" isDismissable={false} title={t('leads.title', { name: String(rec.label ?? '') })} footer={
      <><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={busy} onPress={() => void go()}>{action.label}</Button></>
    }>
      <div className="stack">
        {problem && <p className="field-error" role="alert">{problem.errors[0]?.message ?? problem.message}</p>}
        {!isEmpty(rec.company) && !isEmpty(rec.name) && <Checkbox isSelected={person} onChange={on => { setPerson(on); setAccount(''); setContact('') }}>{t('leads.person')}</Checkbox>}
        {found.isError ? <ErrorState error={found.error} onRetry={() => void found.refetch()} /> : !found.data ? <SkeletonRows rows={6} /> : (
          <>
            <Side kind="account" title={t('leads.account')} lead={rec} person={person} object={object('account')} found={found.data} matches={found.data.accounts} value={account} onPick={setAccount} />
            {hasContact && <Side kind="contact" title={t('leads.contact')} lead={rec} person={false} object={object('contact')} found={found.data} matches={found.data.contacts} value={contact} onPick={pickContact} />}
          </>
        )}
        <Checkbox isSelected={deal} onChange={setDeal}>{t('leads.deal')}</Checkbox>
        {deal && <div className="lead-deal"><TextField label={t('leads.deal_name')} value={name} onChange={setName} /><NumberField label={t('leads.amount')} unit={budget?.currency ?? meta.company.currency} value={amount} onChange={setAmount} /></div>}
      </div>
    </Dialog>
  )
}

interface SideProps { kind: 'account' | 'contact'; title: string; lead: Rec; person: boolean; object: ObjectMeta | undefined; found: Found; matches: Match[]; value: string; onPick: (id: string) => void }

/** The lead's values, and beside them those of each record they may belong to. */
function Side({ kind, title, lead, person, object, found, matches, value, onPick }: SideProps) {
  const { t, fmt } = useTexts(), meta = useMeta(), leads = meta.objects.find(o => o.name === 'lead')
  if (!object) return null
  const from = (f: string, own: string) => (kind === 'account' && person && f === 'name' ? 'name' : own)
  const rows = ROWS[kind].map(([f, own]) => ({ field: fieldOf(object, f), own: leads ? fieldOf(leads, from(f, own)) : null })).filter((r): r is { field: Field; own: Field | null } => r.field !== null)
    .filter(({ field, own }) => (own && !isEmpty(lead[own.name])) || matches.some(m => !isEmpty(found.records[m.id]?.[field.name])))
  const cell = (field: Field | null, v: unknown) => (!field || isEmpty(v) ? <span className="dim">—</span> : <Value field={field} value={v} />)
  const radio = (id: string, label: string, hint: string) => (
    <label><input type="radio" name={'convert-' + kind} checked={value === id} onChange={() => onPick(id)} /><span><strong>{label}</strong><span className="dim small">{hint}</span></span></label>
  )
  const names = (m: Match) => m.fields.map(n => fieldOf(object, n)?.label ?? n).join(', ')
  const score = (m: Match) => t('leads.match', { percent: fmt.number(Math.round(Number(m.score) * 100)) + ' %' }) + (m.fields.length ? ' · ' + t('leads.same', { fields: names(m) }) : '')
  return (
    <section className="lead-side">
      <h3>{title}</h3>
      {!matches.length && <p className="dim small">{t('leads.no_matches')}</p>}
      <div className="lead-scroll">
        <table>
          <thead><tr><td />
            <th scope="col" className={cx(value === '' && 'lead-taken')}>{radio('', t('leads.new'), t('leads.new_hint'))}</th>
            {matches.map(m => <th scope="col" key={m.id} className={cx(value === m.id && 'lead-taken')}>{radio(m.id, m.label, score(m))}</th>)}
          </tr></thead>
          <tbody>
            {rows.map(({ field, own }) => (
              <tr key={field.name}>
                <th scope="row" className="dim">{field.label}</th>
                <td className={cx(value === '' && 'lead-taken')}>{cell(own, own && lead[own.name])}</td>
                {matches.map(m => <td key={m.id} className={cx(value === m.id && 'lead-taken', m.fields.includes(field.name) && 'lead-same')}>{cell(field, found.records[m.id]?.[field.name])}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {value && <p className="dim small">{t('leads.existing')}</p>}
    </section>
  )
}
