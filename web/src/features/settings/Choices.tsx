/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of choices: added, named in three languages, coloured, ordered and hidden, for everybody from then on. */
import { useState } from 'react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { ArrowDown, ArrowUp, Ellipsis, Eye, EyeOff, Pencil, Plus, Undo2 } from 'lucide-react'
import { api, Problem, queryClient, useWatch, type ChoiceOption, type ChoiceOptions } from '@/api'
import type { UpdateOptionsBody } from '@/api/schema.gen'
import { Texts, useTexts } from '@/features/import/texts'
import { useT } from '@/i18n'
import { useMeta, type Field, type ObjectMeta } from '@/meta'
import { undoToast } from '@/shell'
import { Badge, Button, Dialog, EmptyState, ErrorState, IconButton, Menu, Panel, Select, SkeletonRows, TextField, toastError } from '@/ui'
import { moved } from './formModel'

const HUES = ['slate', 'blue', 'violet', 'amber', 'green', 'red'] as const
const LANGUAGES = ['en', 'ru', 'pl'] as const
type Edit = NonNullable<UpdateOptionsBody['options']>[number]

const growing = (object: ObjectMeta): Field[] => object.fields.filter((f) => f.new_options)

/** Sends changes of one choice; what comes back is the whole of it. */
function useChange(object: ObjectMeta, field: Field, onDone?: () => void) {
  const { t } = useTexts()
  const main = useT()
  return useMutation({
    mutationFn: (body: UpdateOptionsBody) => api.changeChoice(object.plural, field.name, body),
    onSuccess: (reply) => {
      queryClient.setQueryData(['choice', object.name, field.name], reply)
      void queryClient.invalidateQueries({ queryKey: ['meta'] })
      undoToast(main, t('choices.changed'), reply.batch)
      onDone?.()
    },
  })
}

function Editor({ object, field, option, onClose }: { object: ObjectMeta; field: Field; option: ChoiceOption | null; onClose: () => void }) {
  const { t } = useTexts()
  const was: Record<string, string> = option?.labels ?? {}
  const [labels, setLabels] = useState<Record<string, string>>(was)
  const [color, setColor] = useState<string>(option?.color ?? 'slate')
  const change = useChange(object, field, onClose)
  const changed = Object.fromEntries(LANGUAGES.map((l) => [l, (labels[l] ?? '').trim()]).filter(([l = '', text]) => text && text !== was[l]))
  const edit = { ...(option && { value: option.value }), ...(Object.keys(changed).length > 0 && { label: changed }), ...(color !== (option?.color ?? 'slate') && { color }) } as Edit
  const ready = option ? 'label' in edit || 'color' in edit : 'label' in edit
  const wrong = change.error instanceof Problem ? change.error.errors[0]?.message ?? change.error.message : change.error?.message
  const save = () => ready && !change.isPending && change.mutate({ options: [option ? edit : { color: color as Edit['color'], ...edit }] })
  return (
    <Dialog isOpen onClose={onClose} title={t(option ? 'choices.edit' : 'choices.new')} size="small"
      footer={<><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={!ready || change.isPending} onPress={save}>{t('ui.save')}</Button></>}>
      <div className="stack">
        {LANGUAGES.map((l, i) => (
          <TextField key={l} label={t(`choices.label.${l}`)} value={labels[l] ?? ''} maxLength={100} autoFocus={i === 0} onChange={(text) => setLabels({ ...labels, [l]: text })} error={i === 0 ? wrong : null}
            description={i === 2 ? t('choices.label_hint') : undefined} onKeyDown={(e) => e.key === 'Enter' && save()} />
        ))}
        <Select label={t('choices.color')} value={color} choices={HUES.map((h) => ({ value: h, label: t(`choices.hue.${h}`), hue: h }))} onChange={(h) => h && setColor(h)} />
      </div>
    </Dialog>
  )
}

function Row({ option, place, count, isBusy, onMove, onEdit, onSend }: { option: ChoiceOption; place: number; count: number; isBusy: boolean; onMove: (step: number) => void; onEdit: () => void; onSend: (e: Edit) => void }) {
  const { t } = useTexts()
  const name = option.label
  return (
    <tr className={option.hidden ? 'quiet' : undefined}>
      <td className="choice-name"><button type="button" className="table-open" onClick={onEdit}><Badge hue={option.color}>{name}</Badge></button> {option.hidden && <span className="dim small">{t('choices.hidden')}</span>} {option.own && <span className="dim small">{t('choices.own')}</span>}</td>
      <td className="wide-only dim">{option.value}</td>
      <td className="choice-acts">
        <IconButton icon={ArrowUp} size={15} label={t('choices.up', { name })} isDisabled={place === 0 || isBusy} onPress={() => onMove(-1)} />
        <IconButton icon={ArrowDown} size={15} label={t('choices.down', { name })} isDisabled={place === count - 1 || isBusy} onPress={() => onMove(1)} />
        <Menu label={t('settings.actions_of', { name })} placement="bottom end" trigger={<IconButton icon={Ellipsis} size={15} label={t('settings.actions_of', { name })} />}
          items={[
            { id: 'edit', label: t('settings.edit'), icon: Pencil, onAction: onEdit },
            option.hidden ? { id: 'show', label: t('choices.show'), icon: Eye, onAction: () => onSend({ value: option.value, hidden: false }) }
              : { id: 'hide', label: t('choices.hide'), icon: EyeOff, onAction: () => onSend({ value: option.value, hidden: true }) },
            { id: 'reset', label: t(option.own ? 'choices.take_back' : 'choices.reset'), icon: Undo2, danger: option.own, onAction: () => onSend({ value: option.value, reset: true }) },
          ]} />
      </td>
    </tr>
  )
}

function Options({ object, field, choice }: { object: ObjectMeta; field: Field; choice: ChoiceOptions }) {
  const { t } = useTexts()
  const [editing, setEditing] = useState<ChoiceOption | 'new' | null>(null)
  const change = useChange(object, field)
  const send = (body: UpdateOptionsBody) => change.mutate(body, { onError: toastError })
  const values = choice.options.map((o) => o.value)
  return (
    <Panel title={field.label} count={choice.options.length} flush actions={choice.write && choice.add && <Button kind="solid" icon={Plus} onPress={() => setEditing('new')}>{t('choices.new')}</Button>}>
      <div className="table-scroll" role="region" aria-label={field.label} tabIndex={0}>
        <table className="table">
          <thead><tr><th>{t('choices.option')}</th><th className="wide-only">{t('choices.key')}</th><th className="choice-acts"><span className="sr">{t('settings.actions')}</span></th></tr></thead>
          <tbody>
            {choice.options.map((o, i) => (
              <Row key={o.value} option={o} place={i} count={values.length} isBusy={change.isPending} onEdit={() => setEditing(o)} onSend={(e) => send({ options: [e] })} onMove={(step) => send({ order: moved(values, i, step) })} />
            ))}
          </tbody>
        </table>
      </div>
      {editing && <Editor object={object} field={field} option={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </Panel>
  )
}

function Choice({ object, field }: { object: ObjectMeta; field: Field }) {
  useWatch('choice_option')
  const choice = useQuery({ queryKey: ['choice', object.name, field.name], queryFn: () => api.choice(object.plural, field.name) })
  if (choice.isError) return <ErrorState error={choice.error} onRetry={() => void choice.refetch()} />
  return choice.data ? <Options object={object} field={field} choice={choice.data} /> : <SkeletonRows rows={5} />
}

function Inside() {
  const { t } = useTexts()
  const objects = useMeta().objects.filter((o) => growing(o).length > 0)
  const [at, setAt] = useState<{ object: string; field?: string }>({ object: 'account' })
  const object = objects.find((o) => o.name === at.object) ?? objects[0]
  if (!object) return <EmptyState title={t('choices.none')} />
  const fields = growing(object)
  const field = fields.find((f) => f.name === at.field) ?? fields[0]!
  return (
    <>
      <p className="dim">{t('choices.intro')}</p>
      <div className="form-head">
        <Select label={t('choices.object')} value={object.name} choices={objects.map((o) => ({ value: o.name, label: o.label }))} onChange={(name) => name && setAt({ object: name })} />
        <Select label={t('choices.field')} value={field.name} choices={fields.map((f) => ({ value: f.name, label: f.label }))} onChange={(name) => name && setAt({ object: object.name, field: name })} />
      </div>
      <Choice key={object.name + '.' + field.name} object={object} field={field} />
    </>
  )
}

/** The lists people choose from. */
export default function Choices() {
  return <Texts><Inside /></Texts>
}
