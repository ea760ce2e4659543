/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { api, invalidateObject, Problem, type Rec } from '@/api'
import { FieldInput } from '@/fields'
import { fieldOf, useMe, useMeta, type ObjectMeta } from '@/meta'
import { Button, Checkbox, Dialog, IconButton, Select, TextArea, TextField, toastError } from '@/ui'
import { webhooks } from './calls'
import { KINDS, onlyObject, readEvents, writeEvents, type Kind, type Wanted } from './events'
import { useTexts } from './texts'

/** A row an object, a tick a kind of change. */
function Events({ wanted, onChange, error }: { wanted: Wanted; onChange: (wanted: Wanted) => void; error?: string }) {
  const { t } = useTexts()
  const meta = useMeta()
  const label = (name: string) => meta.objects.find((o) => o.name === name)?.label_plural ?? name
  const put = (object: string, kinds: Kind[] | null) =>
    onChange({ ...wanted, rows: kinds === null ? wanted.rows.filter((r) => r.object !== object) : wanted.rows.map((r) => (r.object === object ? { object, kinds } : r)) })
  const free = meta.objects.filter((o) => !wanted.rows.some((r) => r.object === o.name)).sort((a, b) => a.label_plural.localeCompare(b.label_plural))
  return (
    <div className="field" role="group" aria-label={t('webhooks.events')}>
      <span className="field-label" aria-hidden>{t('webhooks.events')}<i className="bad"> *</i></span>
      <Checkbox isSelected={wanted.everything} onChange={(everything) => onChange({ ...wanted, everything })}>{t('webhooks.everything')}</Checkbox>
      {!wanted.everything && wanted.rows.map((r) => (
        <div key={r.object} className="webhook-row" role="group" aria-label={label(r.object)}>
          <b className="truncate">{label(r.object)}</b>
          <IconButton icon={X} size={14} label={t('ui.remove_named', { name: label(r.object) })} onPress={() => put(r.object, null)} />
          <span className="webhook-kinds">
            {KINDS.map((k) => (
              <Checkbox key={k} isSelected={r.kinds.includes(k)} onChange={(on) => put(r.object, KINDS.filter((x) => (x === k ? on : r.kinds.includes(x))))}>{t(`webhooks.kind.${k}`)}</Checkbox>
            ))}
          </span>
        </div>
      ))}
      {!wanted.everything && (
        <Select label={t('webhooks.add_object')} hideLabel placeholder={t('webhooks.add_object')} value={null}
          choices={free.map((o) => ({ value: o.name, label: o.label_plural }))}
          onChange={(object) => object && onChange({ ...wanted, rows: [...wanted.rows, { object, kinds: ['created', 'updated', 'deleted'] }] })} />
      )}
      {error && <span className="field-error">{error}</span>}
    </div>
  )
}

/** Makes a webhook, or changes `record`.  A new one's secret is given to `onSaved`. */
export function WebhookForm({ object, record, onClose, onSaved }: { object: ObjectMeta; record: Rec | null; onClose: () => void; onSaved: (secret: string | null) => void }) {
  const { t } = useTexts()
  const me = useMe()
  const [values, setValues] = useState<Record<string, unknown>>({
    name: record?.name ?? '', url: record?.url ?? '', filter: record?.filter ?? '', plain_http: record?.plain_http ?? false,
    owner: record ? record.owner : { object: 'user', id: me.id, label: me.name },
  })
  const [wanted, setWanted] = useState(() => readEvents((record?.events as string[] | null) ?? []))
  const put = (name: string) => (value: unknown) => setValues((v) => ({ ...v, [name]: value }))
  const [name, url, filter] = [String(values.name), String(values.url), String(values.filter)]
  const only = onlyObject(wanted)
  const save = useMutation({
    mutationFn: async () => {
      const owner = values.owner as { id: string } | null
      const body = { name: name.trim(), url: url.trim(), events: writeEvents(wanted), filter: only && filter.trim() ? filter.trim() : null, plain_http: values.plain_http, owner: owner && { object: 'user', id: owner.id } }
      if (!record) return (await webhooks.create(body)).secret
      await api.patch('webhooks', record.id, body, record.version)
      return null
    },
    onSuccess: (secret) => { invalidateObject('webhook', record?.id); onSaved(secret) },
    onError: (error) => { if (!(error instanceof Problem) || error.errors.length === 0) toastError(error) },
  })
  const wrong = save.error instanceof Problem ? save.error.byField : {}
  const owner = fieldOf(object, 'owner')
  const isComplete = name.trim() !== '' && url.trim() !== '' && writeEvents(wanted).length > 0
  const isPlain = /^http:/i.test(url.trim()) || values.plain_http === true
  return (
    <Dialog isOpen onClose={onClose} isDismissable={false} title={t(record ? 'webhooks.edit' : 'webhooks.new')}
      footer={<><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={!isComplete || save.isPending} onPress={() => save.mutate()}>{t(record ? 'ui.save' : 'webhooks.make')}</Button></>}>
      <div className="webhook-form">
        <TextField label={t('webhooks.name')} description={t('webhooks.name_hint')} value={name} onChange={put('name')} isRequired autoFocus error={wrong.name} />
        <TextField label={t('webhooks.url')} description={t('webhooks.url_hint')} type="url" inputMode="url" placeholder="https://" value={url} onChange={put('url')} isRequired error={wrong.url} />
        {isPlain && <Checkbox isSelected={values.plain_http === true} onChange={put('plain_http')}>{t('webhooks.plain_http')}</Checkbox>}
        <Events wanted={wanted} onChange={setWanted} error={wrong.events} />
        {only && <TextArea label={t('webhooks.filter')} description={t('webhooks.filter_hint')} rows={2} value={filter} onChange={put('filter')} error={wrong.filter} />}
        {owner && <FieldInput field={owner} label={owner.label} description={t('webhooks.owner_hint')} value={values.owner} onChange={put('owner')} error={wrong.owner} isRequired />}
      </div>
    </Dialog>
  )
}
