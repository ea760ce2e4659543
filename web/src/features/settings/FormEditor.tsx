/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One web form: what it asks in which order and words, and what becomes of the answers. */
import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { ArrowDown, ArrowUp, ExternalLink, X } from 'lucide-react'
import { api, invalidateObject, Problem, type Rec } from '@/api'
import { useTexts } from '@/features/import/texts'
import { fieldOf, findObject, useMeta, useObject, type Field, type ObjectMeta } from '@/meta'
import { Button, Checkbox, IconButton, NumberField, Panel, Select, Switch, TextArea, TextField, toast, toastError } from '@/ui'
import { askable, fromDraft, makeable, moved, newDraft, settable, toDraft, type Ask, type Draft } from './formModel'
import { useRecords } from './records'

type Set = (change: Partial<Draft>) => void
interface Part { draft: Draft; set: Set; wrong: Record<string, string> }

function AskRow({ ask, field, place, count, onChange, onMove, onRemove }: { ask: Ask; field: Field | null; place: number; count: number; onChange: (a: Ask) => void; onMove: (step: number) => void; onRemove: () => void }) {
  const { t } = useTexts()
  const name = field?.label ?? ask.field
  return (
    <li className="ask" aria-label={name}>
      <div className="ask-head">
        <strong className="grow truncate">{name}</strong>
        <Checkbox isSelected={ask.required} onChange={(required) => onChange({ ...ask, required })}>{t('forms.required')}</Checkbox>
        <IconButton icon={ArrowUp} size={15} label={t('forms.up', { field: name })} isDisabled={place === 0} onPress={() => onMove(-1)} />
        <IconButton icon={ArrowDown} size={15} label={t('forms.down', { field: name })} isDisabled={place === count - 1} onPress={() => onMove(1)} />
        <IconButton icon={X} size={15} label={t('ui.remove_named', { name })} onPress={onRemove} />
      </div>
      <div className="ask-words">
        <TextField label={t('forms.label_of', { field: name })} hideLabel placeholder={t('forms.label')} value={ask.label} maxLength={200} onChange={(label) => onChange({ ...ask, label })} />
        <TextField label={t('forms.hint_of', { field: name })} hideLabel placeholder={t('forms.hint')} value={ask.hint} maxLength={300} onChange={(hint) => onChange({ ...ask, hint })} />
      </div>
    </li>
  )
}

function Asks({ draft, set, wrong, object }: Part & { object: ObjectMeta }) {
  const { t } = useTexts()
  const free = askable(object).filter((f) => !draft.fields.some((a) => a.field === f.name))
  const change = (i: number, ask: Ask) => set({ fields: draft.fields.map((a, k) => (k === i ? ask : a)) })
  return (
    <Panel title={t('forms.fields')} count={draft.fields.length}>
      <ul className="asks">
        {draft.fields.map((ask, i) => (
          <AskRow key={ask.field} ask={ask} field={fieldOf(object, ask.field)} place={i} count={draft.fields.length} onChange={(a) => change(i, a)}
            onMove={(step) => set({ fields: moved(draft.fields, i, step) })} onRemove={() => set({ fields: draft.fields.filter((_, k) => k !== i) })} />
        ))}
      </ul>
      {wrong.fields && <p className="field-error" role="alert">{wrong.fields}</p>}
      <Select label={t('forms.add_field')} value={null} placeholder={t('forms.add_field')} isDisabled={free.length === 0} choices={free.map((f) => ({ value: f.name, label: f.label }))}
        onChange={(field) => field && set({ fields: [...draft.fields, { field, required: false, label: '', hint: '' }] })} />
    </Panel>
  )
}

function Words({ draft, set, wrong }: Part) {
  const { t } = useTexts()
  return (
    <Panel title={t('forms.words')}>
      <div className="stack">
        <TextField label={t('forms.title')} description={t('forms.title_hint')} value={draft.title} onChange={(title) => set({ title })} error={wrong.title} />
        <TextArea label={t('forms.text')} value={draft.intro} onChange={(intro) => set({ intro })} error={wrong.intro} />
        <TextField label={t('forms.button')} placeholder={t('forms.button_own')} maxLength={60} value={draft.button} onChange={(button) => set({ button })} error={wrong.button} />
        <TextArea label={t('forms.thanks')} description={t('forms.thanks_hint')} rows={2} value={draft.thanks} onChange={(thanks) => set({ thanks })} error={wrong.thanks} />
        <TextField label={t('forms.redirect')} placeholder="https://" type="url" value={draft.redirect} onChange={(redirect) => set({ redirect })} error={wrong.redirect} />
      </div>
    </Panel>
  )
}

function Consent({ draft, set, wrong }: Part) {
  const { t } = useTexts()
  const purposes = fieldOf(useObject('web_form')!, 'consent_purpose')?.options ?? []
  return (
    <Panel title={t('forms.consent')}>
      <div className="stack">
        <TextArea label={t('forms.consent_text')} description={t('forms.consent_hint')} value={draft.consent} onChange={(consent) => set({ consent })} error={wrong.consent} />
        {draft.consent.trim() !== '' && (
          <>
            <Select label={t('forms.consent_purpose')} value={draft.consent_purpose} choices={purposes.map((o) => ({ value: o.value, label: o.label }))} onChange={(v) => v && set({ consent_purpose: v })} />
            <Checkbox isSelected={draft.consent_required} onChange={(consent_required) => set({ consent_required })}>{t('forms.consent_required')}</Checkbox>
          </>
        )}
      </div>
    </Panel>
  )
}

function Values({ draft, set, object }: Part & { object: ObjectMeta }) {
  const { t } = useTexts()
  const fields = settable(object, draft)
  const given = fields.filter((f) => typeof draft.defaults[f.name] === 'string'), free = fields.filter((f) => !given.includes(f))
  const change = (name: string, value: string | null) => {
    const defaults = { ...draft.defaults }
    if (value === null) delete defaults[name]
    else defaults[name] = value
    set({ defaults })
  }
  return (
    <>
      {given.map((f) => <Select key={f.name} label={f.label} isClearable value={String(draft.defaults[f.name])} choices={(f.options ?? []).map((o) => ({ value: o.value, label: o.label, hue: o.color }))} onChange={(v) => change(f.name, v)} />)}
      {free.length > 0 && <Select label={t('forms.add_value')} placeholder={t('forms.add_value')} value={null} choices={free.map((f) => ({ value: f.name, label: f.label }))} onChange={(name) => { const first = name && fieldOf(object, name)?.options?.[0]; if (first) change(name, first.value) }} />}
    </>
  )
}

function People({ draft, set, wrong, object }: Part & { object: ObjectMeta }) {
  const { t } = useTexts()
  const form = useObject('web_form')!
  const users = useRecords(useObject('user')!, { filter: 'is_active == true', order_by: 'name' }), teams = useRecords(useObject('team')!)
  const choices = (list?: Rec[]) => (list ?? []).map((r) => ({ value: r.id, label: r.label ?? '' }))
  return (
    <Panel title={t('forms.becomes')}>
      <div className="stack">
        <Select label={t('forms.responsible')} isClearable value={draft.responsible} choices={choices(users.data)} onChange={(responsible) => set({ responsible })} error={wrong.responsible} />
        {(teams.data?.length ?? 0) > 0 && <Select label={t('forms.team')} isClearable value={draft.responsible_team} choices={choices(teams.data)} onChange={(responsible_team) => set({ responsible_team })} error={wrong.responsible_team} />}
        <Values draft={draft} set={set} wrong={wrong} object={object} />
        {wrong.defaults && <p className="field-error" role="alert">{wrong.defaults}</p>}
        <Select label={t('forms.on_match')} value={draft.on_match} choices={(fieldOf(form, 'on_match')?.options ?? []).map((o) => ({ value: o.value, label: o.label }))} onChange={(v) => v && set({ on_match: v })} />
      </div>
    </Panel>
  )
}

function Guard({ draft, set, wrong }: Part) {
  const { t } = useTexts()
  return (
    <Panel title={t('forms.guard')}>
      <div className="stack">
        <TextArea label={t('forms.origins')} description={t('forms.origins_hint')} placeholder="https://www.example.com" rows={2} value={draft.origins} onChange={(origins) => set({ origins })} error={wrong.origins} />
        <NumberField label={t('forms.min_seconds')} description={t('forms.min_seconds_hint')} places={0} value={String(draft.min_seconds)} onChange={(v) => set({ min_seconds: Number(v ?? 0) })} error={wrong.min_seconds} />
      </div>
    </Panel>
  )
}

function Head({ draft, set, wrong, isNew }: Part & { isNew: boolean }) {
  const { t, fmt } = useTexts()
  const meta = useMeta()
  const objects = makeable(meta.objects), form = useObject('web_form')!
  const pick = (name: string | null) => {
    const object = findObject(meta, name)
    if (object) set({ object: object.name, fields: newDraft(object, fmt.language).fields, defaults: {} })
  }
  return (
    <Panel title={isNew ? t('forms.new') : t('forms.form')}>
      <div className="form-head">
        <TextField label={t('forms.name')} description={t('forms.name_hint')} isRequired autoFocus={isNew} value={draft.name} onChange={(name) => set({ name })} error={wrong.name} />
        <Select label={t('forms.makes')} value={draft.object} choices={objects.map((o) => ({ value: o.name, label: o.label }))} onChange={pick} error={wrong.object} />
        <Select label={t('forms.language')} value={draft.language} choices={(fieldOf(form, 'language')?.options ?? []).map((o) => ({ value: o.value, label: o.label }))} onChange={(v) => v && set({ language: v })} />
        <Switch isSelected={draft.active} onChange={(active) => set({ active })}>{t('forms.takes')}</Switch>
      </div>
    </Panel>
  )
}

/** Edits `form`, or makes one; `onClose` gets what was saved. */
export function Editor({ object, form, onClose }: { object: ObjectMeta; form: Rec | null; onClose: (saved: Rec | null) => void }) {
  const { t, fmt } = useTexts()
  const meta = useMeta()
  const [draft, setDraft] = useState<Draft>(() => (form ? toDraft(form) : newDraft(findObject(meta, 'lead') ?? makeable(meta.objects)[0]!, fmt.language)))
  const target = findObject(meta, draft.object)
  const save = useMutation({
    mutationFn: () => (form ? api.patch(object.plural, form.id, fromDraft(draft), form.version) : api.create(object.plural, fromDraft(draft))),
    onSuccess: (saved) => {
      invalidateObject('web_form', saved.id)
      toast(t('forms.saved'))
      onClose(saved)
    },
    onError: (error) => { if (!(error instanceof Problem) || error.errors.length === 0) toastError(error) },
  })
  const wrong = save.error instanceof Problem ? save.error.byField : {}
  const part: Part = { draft, wrong, set: (change) => setDraft((d) => ({ ...d, ...change })) }
  return (
    <form className="form-editor" onSubmit={(e) => { e.preventDefault(); save.mutate() }}>
      <Head {...part} isNew={!form} />
      {target && <Asks {...part} object={target} />}
      <Words {...part} />
      <Consent {...part} />
      {target && <People {...part} object={target} />}
      <Guard {...part} />
      {Object.keys(wrong).length > 0 && <p className="field-error" role="alert">{t('forms.mend')}</p>}
      <div className="row form-foot">
        <Button kind="solid" type="submit" isDisabled={!draft.name.trim() || draft.fields.length === 0 || save.isPending}>{t('ui.save')}</Button>
        <Button onPress={() => onClose(null)}>{t('ui.cancel')}</Button>
        {form && <Button kind="ghost" icon={ExternalLink} onPress={() => window.open('/f/' + String(form.token), '_blank', 'noopener')}>{t('forms.open')}</Button>}
      </div>
    </form>
  )
}
