/* SPDX-License-Identifier: GPL-3.0-or-later */
import { Fragment, useState } from 'react'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useT, type Key } from '@/i18n'
import { useMeta, type ObjectMeta } from '@/meta'
import { Checkbox, cx, NativeSelect } from '@/ui'
import { effective, effectiveExtra, EXTRAS, inherited, FIELD_LEVELS, REACHES, VERBS, withField, withRule, type FieldLevel, type Reach, type Rights } from './rights'

interface Props {
  rights: Rights
  onChange: (rights: Rights) => void
  isReadOnly: boolean
}

function FieldLevels({ object, rights, onChange, isReadOnly }: Props & { object: ObjectMeta }) {
  const t = useT()
  return (
    <div className="matrix-fields">
      {object.fields.filter((f) => !f.system).map((f) => (
        <label key={f.name} className="matrix-field">
          <span className="truncate">{f.label}</span>
          <NativeSelect label={t('roles.field_of', { field: f.label, object: object.label })} isDisabled={isReadOnly} value={rights.objects[object.name]?.fields?.[f.name] ?? 'write'}
            choices={FIELD_LEVELS.map((l) => ({ value: l, label: t(`roles.field_${l}` as Key) }))} onChange={(l) => onChange(withField(rights, object.name, f.name, l as FieldLevel))} />
        </label>
      ))}
    </div>
  )
}

function Row({ name, label, object, rights, onChange, isReadOnly }: Props & { name: string; label: string; object?: ObjectMeta }) {
  const t = useT()
  const [open, setOpen] = useState(false)
  const rule = rights.objects[name]
  const isSetting = object?.group === 'settings'
  const limited = Object.keys(rule?.fields ?? {}).length
  return (
    <>
      <tr className={cx(name === '*' && 'matrix-all')}>
        <th scope="row">
          {object ? (
            <button type="button" className="matrix-open" aria-expanded={open} onClick={() => setOpen(!open)}>
              {open ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
              <span className="truncate">{label}</span>
              {limited > 0 && <span className="count num" title={t('roles.limited', { n: limited })}>{limited}</span>}
            </button>
          ) : label}
        </th>
        {VERBS.map((verb) => (
          <td key={verb}>
            <NativeSelect label={`${label}: ${t(`roles.${verb}`)}`} isDisabled={isReadOnly} value={rule?.[verb] ?? (name === '*' ? 'none' : '')} face={t(`roles.reach_${effective(rights, name, verb, isSetting)}`)}
              isQuiet={name !== '*' && rule?.[verb] === undefined} hue={{ none: 'red', own: 'amber', team: 'blue', all: 'green' }[effective(rights, name, verb, isSetting)]}
              choices={[...(name === '*' ? [] : [{ value: '', label: t('roles.inherits', { reach: t(`roles.reach_${inherited(rights, verb, isSetting)}`) }) }]), ...REACHES.map((r) => ({ value: r as string, label: t(`roles.reach_${r}`) }))]}
              onChange={(v) => onChange(withRule(rights, name, verb, v === '' ? undefined : (v as Reach)))} />
          </td>
        ))}
        {EXTRAS.map((extra) => (
          <td key={extra} className="matrix-tick">
            <Checkbox label={`${label}: ${t(`roles.${extra}`)}`} isReadOnly={isReadOnly} isSelected={effectiveExtra(rights, name, extra, isSetting)} onChange={(on) => onChange(withRule(rights, name, extra, on))} />
          </td>
        ))}
      </tr>
      {open && object && (
        <tr>
          <td colSpan={VERBS.length + EXTRAS.length + 1}><FieldLevels object={object} rights={rights} onChange={onChange} isReadOnly={isReadOnly} /></td>
        </tr>
      )}
    </>
  )
}

/** Objects down, verbs across; a row opens to the rights on its fields. */
export function RightsMatrix(p: Props) {
  const t = useT()
  const meta = useMeta()
  return (
    <div className="table-scroll" role="region" aria-label={t('roles.matrix')} tabIndex={0}>
      <table className="table matrix">
        <thead>
          <tr>
            <th scope="col">{t('roles.object')}</th>
            {VERBS.map((v) => <th scope="col" key={v}>{t(`roles.${v}`)}</th>)}
            {EXTRAS.map((x) => <th scope="col" key={x}>{t(`roles.${x}`)}</th>)}
          </tr>
        </thead>
        <tbody>
          <Row {...p} name="*" label={t('roles.all_objects')} />
          {meta.objects.map((o) => <Fragment key={o.name}><Row {...p} name={o.name} label={o.label_plural} object={o} /></Fragment>)}
        </tbody>
      </table>
    </div>
  )
}
