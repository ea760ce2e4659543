// SPDX-License-Identifier: GPL-3.0-or-later
/* Inputs that point to other records: a reference, a reference to anything, many-to-many links, a file. */
import { useRef, useState } from 'react'
import { Paperclip, Trash2, Upload } from 'lucide-react'
import { api } from '@/api'
import { useI18n } from '@/i18n'
import { findObject, useMeta } from '@/meta'
import { Button, ComboBox, IconButton, Progress } from '@/ui'
import { findRefs, linkColumns, refItem, type RefItem } from '../data'
import { RefFace } from '../cells'
import { FieldInput } from '../Value'
import type { FileRef, InputProps, LinkRef, Ref } from '../types'
import { frame } from './simple'

/** One record of the field's target; of any object when it has none. */
export function RefInput(p: InputProps) {
  const meta = useMeta(), v = (p.value ?? null) as Ref | null
  const target = p.field.type === 'user' ? 'user' : p.field.target
  return (
    <ComboBox<RefItem> {...frame(p)} value={v && refItem(v)} load={async (text, signal) => (await findRefs(meta, target, text, signal)).filter(i => !p.field.targets?.length || p.field.targets.includes(i.ref.object))} onChange={item => p.onChange(item?.ref ?? null)} />
  )
}

/** Several records, each with the columns of its link (a role, a date). */
export function LinksInput(p: InputProps) {
  const { t } = useI18n(), meta = useMeta()
  const list = (p.value ?? []) as LinkRef[], columns = linkColumns(meta, p.field)
  const put = (next: LinkRef[]) => p.onChange(next.length ? next : null)
  return (
    <div className="multi" role="group" aria-label={p.label}>
      {!p.hideLabel && <span className="group-label" aria-hidden>{p.label}{p.isRequired && <i className="bad"> *</i>}</span>}
      {list.map(x => (
        <div key={x.id} className="boxed">
          <div className="row"><span className="grow"><RefFace value={x} /></span>
            <IconButton icon={Trash2} size={14} label={t('field.remove', { name: x.label ?? x.id })} onPress={() => put(list.filter(y => y.id !== x.id))} /></div>
          {columns.length > 0 && (
            <div className="parts">
              {columns.map(c => (
                <FieldInput key={c.name} field={c} label={c.label} value={x.link?.[c.name] ?? null} isDisabled={p.isDisabled}
                  onChange={v => put(list.map(y => y.id === x.id ? { ...y, link: { ...y.link, [c.name]: v } } : y))} />
              ))}
            </div>
          )}
        </div>
      ))}
      <ComboBox<RefItem> {...frame(p)} hideLabel value={null} placeholder={t('field.add_link', { object: findObject(meta, p.field.target)?.label ?? '' })}
        load={async (text, signal) => (await findRefs(meta, p.field.target, text, signal)).filter(i => !list.some(x => x.id === i.ref.id))}
        onChange={item => item && put([...list, { ...item.ref, link: {} }])} />
    </div>
  )
}

/** One file: chosen or dropped, sent at once, kept by the record on save. */
export function FileInput(p: InputProps) {
  const { t } = useI18n(), input = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false), [over, setOver] = useState(false), [wrong, setWrong] = useState<string | null>(null)
  const file = (p.value ?? null) as FileRef | null
  const send = async (f: File | undefined) => {
    if (!f) return
    setBusy(true)
    setWrong(null)
    try {
      const r = await api.upload(f)
      p.onChange({ id: r.id, name: r.name ?? f.name, size: r.size ?? f.size, type: r.type ?? f.type })
    } catch (e) { setWrong(e instanceof Error ? e.message : String(e)) } finally { setBusy(false) }
  }
  return (
    <div className="field">
      <span className={p.hideLabel ? 'sr' : 'field-label'}>{p.label}{p.isRequired && <i className="bad" aria-hidden> *</i>}</span>
      <div className="file-drop" data-over={over || undefined} onDragOver={e => { e.preventDefault(); setOver(true) }} onDragLeave={() => setOver(false)}
        onDrop={e => { e.preventDefault(); setOver(false); void send(e.dataTransfer.files[0]) }}>
        {busy ? <Progress label={t('field.uploading')} /> : file ? (
          <><Paperclip size={14} aria-hidden /><span className="grow truncate">{file.name}</span>
            <IconButton icon={Trash2} size={14} label={t('field.remove', { name: file.name })} onPress={() => p.onChange(null)} /></>
        ) : <span className="grow dim">{t('field.drop')}</span>}
        <Button icon={Upload} isDisabled={busy || p.isDisabled} onPress={() => input.current?.click()}>{t('field.choose_file')}</Button>
        <input ref={input} type="file" hidden aria-label={p.label} onChange={e => { void send(e.target.files?.[0]); e.target.value = '' }} />
      </div>
      {(p.error ?? wrong) && <span className="field-error">{p.error ?? wrong}</span>}
    </div>
  )
}
