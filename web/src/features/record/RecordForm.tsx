// SPDX-License-Identifier: GPL-3.0-or-later
/* The form that makes or changes a record, generated from the metadata.  Ctrl+Enter saves; what the server finds
   wrong stands beside its field; unsaved text is not lost by a stray press. */
import { lazy, Suspense, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useLocation } from 'wouter'
import { api, invalidateObject, Problem, type Rec } from '@/api'
import { FieldInput, isEditable, isEmpty } from '@/fields'
import { toWire } from '@/fields/wire'
import { useI18n } from '@/i18n'
import { fieldOf, recordHref, useMeta, type Field } from '@/meta'
import type { RecordFormProps } from '@/shell'
import { Button, confirm, Kbd, Sheet, toast } from '@/ui'
import { putRecord } from '@/views/cache'
import { sectionsOf } from './Details'
import { changes, firstValues, isRequired, isVisible, missing } from './form'
import './record.css'

const Likely = lazy(() => import('../duplicates/Likely'))

export default function RecordForm({ object, record, defaults, only, few, onClose, onSaved }: RecordFormProps) {
  const { t } = useI18n(), meta = useMeta(), [, navigate] = useLocation(), body = useRef<HTMLDivElement>(null)
  const sections = useMemo(() => only
    ? [{ label: '', fields: only.map(n => fieldOf(object, n)).filter((f): f is Field => f !== null && isEditable(f)) }]
    : sectionsOf(object).map(s => ({ ...s, fields: s.fields.filter(isEditable) })).filter(s => s.fields.length), [object, only])
  const fields = useMemo(() => {
    const listed = sections.flatMap(s => s.fields), rest = object.fields.filter(f => isEditable(f) && !listed.includes(f) && (f.required || f.name in (defaults ?? {})))
    return [...new Set([...listed, ...rest])]
  }, [sections, object, defaults])
  const [values, setValues] = useState(() => firstValues(fields, record, defaults)), [base, setBase] = useState<Rec | null | undefined>(record)
  const [errors, setErrors] = useState<Record<string, string>>({}), [general, setGeneral] = useState<string | null>(null), [busy, setBusy] = useState(false)
  const dirty = Object.keys(changes(fields, base ?? firstValues(fields, null, defaults), values)).length > 0

  useEffect(() => {
    if (!dirty) return
    const guard = (e: BeforeUnloadEvent) => e.preventDefault()
    addEventListener('beforeunload', guard)
    return () => removeEventListener('beforeunload', guard)
  }, [dirty])
  const close = async () => { if (!dirty || await confirm({ title: t('form.leave'), body: t('form.leave_body'), action: t('form.discard'), danger: true })) onClose() }
  const showFirst = (names: string[]) => requestAnimationFrame(() => {
    const first = fields.find(f => names.includes(f.name))
    body.current?.querySelector<HTMLElement>(`[data-field="${first?.name}"] :is(input, textarea, button, [tabindex])`)?.focus()
  })

  const refuse = (e: unknown) => {
    if (!(e instanceof Problem)) { setGeneral(String(e)); return }
    if (e.status === 409 && e.current) {
      setBase(e.current)
      setGeneral(t('form.conflict'))
      setErrors(Object.fromEntries(fields.filter(f => JSON.stringify(e.current?.[f.name]) !== JSON.stringify(base?.[f.name])).map(f => [f.name, t('form.changed_meanwhile')])))
      return
    }
    const known = e.errors.filter(x => fields.some(f => f.name === x.field))
    setErrors(e.byField)
    setGeneral(known.length === e.errors.length && known.length ? null : e.errors.find(x => !known.includes(x))?.message ?? e.message)
    showFirst(known.map(x => x.field))
  }
  const save = async (another: boolean) => {
    const gone = only && !few ? only.filter(n => isEmpty(values[n]) && sections[0]?.fields.some(f => f.name === n)) : missing(fields, values)
    if (gone.length) {
      setErrors(Object.fromEntries(gone.map(n => [n, t('form.required')])))
      showFirst(gone)
      return
    }
    const sent = toWire(object.fields, changes(fields, base, values))
    if (record && !Object.keys(sent).length) { onClose(); return }
    setBusy(true)
    setGeneral(null)
    try {
      const saved = record ? await api.patch(object.plural, record.id, sent, base?.version) : await api.create(object.plural, sent)
      putRecord(object.name, saved)
      invalidateObject(object.name, saved.id)
      onSaved?.(saved)
      if (!record) toast({ text: t('form.created', { name: saved.label ?? object.label }), action: { label: t('record.open'), onAction: () => navigate(recordHref(meta, { object: object.name, id: saved.id })) } })
      if (another) {
        setValues(firstValues(fields, null, defaults))
        setErrors({})
        showFirst(fields.map(f => f.name))
      } else onClose()
    } catch (e) { refuse(e) } finally { setBusy(false) }
  }
  const onKey = (e: KeyboardEvent) => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); void save(e.shiftKey && !record) } }
  const input = (f: (typeof fields)[number], first: boolean) => ((only && !few) || isVisible(f, values)) && (
    <div key={f.name} data-field={f.name}>
      <FieldInput field={f} label={f.label} description={f.help ?? undefined} isRequired={(!!only && !few) || isRequired(f, values)} value={values[f.name]} error={errors[f.name]} autoFocus={first}
        onChange={v => { setValues(now => ({ ...now, [f.name]: v })); if (errors[f.name]) setErrors(({ [f.name]: _, ...rest }) => rest) }} />
    </div>
  )
  const listed = sections.flatMap(s => s.fields), rest = fields.filter(f => !listed.includes(f))
  return (
    <Sheet isOpen onClose={() => void close()} isDismissable={!dirty} title={record ? t('form.edit', { name: record.label ?? object.label }) : t('form.new', { object: object.label })} footer={
      <>
        <span className="dim small form-hint"><Kbd keys="Ctrl ↵" /></span><span className="grow" />
        <Button onPress={() => void close()}>{t('ui.cancel')}</Button>
        {!record && <Button isDisabled={busy} onPress={() => void save(true)}>{t('form.save_and_new')}</Button>}
        <Button kind="solid" isDisabled={busy} onPress={() => void save(false)}>{t('ui.save')}</Button>
      </>
    }>
      <div ref={body} className="form" onKeyDownCapture={onKey}>
        {general && <p className="form-error" role="alert">{general}</p>}
        {object.duplicates && !only && <Suspense fallback={null}><Likely object={object} values={values} id={record?.id} /></Suspense>}
        {sections.map((s, i) => (
          <section key={s.label || i} className="form-section">
            {s.label && <h3>{s.label}</h3>}
            {s.fields.map((f, n) => input(f, i === 0 && n === 0))}
          </section>
        ))}
        {!only && rest.length > 0 && <section className="form-section">{rest.map(f => input(f, false))}</section>}
      </div>
    </Sheet>
  )
}
