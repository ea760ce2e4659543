// SPDX-License-Identifier: GPL-3.0-or-later
/* Taking the list out as a file: format, columns and rows are chosen, long work is followed, the file is fetched when it is there. */
import { useRef, useState } from 'react'
import { Download } from 'lucide-react'
import { api, type Operation } from '@/api'
import { useI18n, type Key } from '@/i18n'
import type { ObjectMeta } from '@/meta'
import { Button, Dialog, Progress, Select, toast, toastError } from '@/ui'
import { target, type Selection } from '@/views/gridModel'
import { fetchFile, followOperation, type Made } from '../start/operation'

interface Props { object: ObjectMeta; filter: string; order: string; q: string; asOf: string; deleted: boolean; columns: string[]; selection: Selection; onClose: () => void }

/* More ids than this do not fit into one request; then the rows are those of the filter. */
const IDS = 900
const FORMATS = ['xlsx', 'csv', 'pdf', 'vcard', 'json'] as const
type Format = typeof FORMATS[number]

export default function ExportDialog({ object, filter, order, q, asOf, deleted, columns, selection, onClose }: Props) {
  const { t } = useI18n(), [format, setFormat] = useState<Format>('xlsx'), [all, setAll] = useState(false), [step, setStep] = useState<Operation | null>(null), [busy, setBusy] = useState(false)
  const picked = !selection.all && selection.ids.size > 0 && selection.ids.size <= IDS, [some, setSome] = useState(picked), open = useRef(true)
  const hasCards = object.fields.some(f => f.type === 'phones' || f.type === 'emails')
  const close = () => { open.current = false; onClose() }
  const run = async () => {
    setBusy(true)
    try {
      const whole = { filter: filter || undefined, q: q || undefined }
      const rows = !some ? whole : { ...whole, ...target(selection, filter) }
      const first = await api.exportList(object.plural, {
        ...rows, format, order_by: order || undefined, as_of: asOf || undefined, deleted: deleted || undefined, bom: format === 'csv' || undefined,
        columns: format === 'vcard' ? undefined : all ? '*' : columns.join(','),
      })
      const made = (await followOperation(first, setStep)).result as unknown as Made
      fetchFile(made)
      toast({ text: t('export.done', { n: made.rows }), action: { label: t('export.again'), onAction: () => fetchFile(made) } })
      if (open.current) close()
    } catch (e) {
      toastError(e)
      setBusy(false)
      setStep(null)
    }
  }
  return (
    <Dialog isOpen onClose={close} size="small" title={t('export.title_of', { objects: object.label_plural })} footer={
      <><Button onPress={close}>{t(busy ? 'ui.close' : 'ui.cancel')}</Button><Button kind="solid" icon={Download} isDisabled={busy} onPress={() => void run()}>{t('export.go')}</Button></>
    }>
      <div className="stack">
        <Select label={t('export.format')} value={format} onChange={v => v && setFormat(v as Format)} choices={FORMATS.filter(f => f !== 'vcard' || hasCards).map(f => ({ value: f, label: t(`export.format.${f}` as Key) }))} />
        {picked && <Select label={t('export.rows')} value={some ? 'some' : 'all'} onChange={v => setSome(v === 'some')} choices={[{ value: 'some', label: t('export.rows_selected', { n: selection.ids.size }) }, { value: 'all', label: t('export.rows_all') }]} />}
        {format !== 'vcard' && <Select label={t('list.columns')} value={all ? 'all' : 'shown'} onChange={v => setAll(v === 'all')} choices={[{ value: 'shown', label: t('export.columns_shown') }, { value: 'all', label: t('export.columns_all') }]} />}
        {busy && <Progress label={t('export.working')} value={step?.total ? step.done / step.total : undefined} />}
        {busy && <p className="dim">{t('export.may_close')}</p>}
      </div>
    </Dialog>
  )
}
