// SPDX-License-Identifier: GPL-3.0-or-later
/* Somebody else has changed the same field meanwhile: both sides, and the user decides. */
import type { Rec } from '@/api'
import { Value } from '@/fields'
import { useI18n } from '@/i18n'
import { fieldOf, type ObjectMeta } from '@/meta'
import { Button, Dialog } from '@/ui'

interface Props { object: ObjectMeta; current: Rec; values: Record<string, unknown>; onDecide: (mine: boolean) => void }

export default function ConflictDialog({ object, current, values, onDecide }: Props) {
  const { t } = useI18n()
  return (
    <Dialog isOpen onClose={() => onDecide(false)} title={t('record.conflict')} footer={
      <>
        <Button onPress={() => onDecide(false)}>{t('record.keep_theirs')}</Button>
        <Button kind="solid" autoFocus onPress={() => onDecide(true)}>{t('record.use_mine')}</Button>
      </>
    }>
      <p>{t('record.conflict_body')}</p>
      <table className="conflict">
        <thead><tr><th>{t('record.field')}</th><th>{t('record.theirs')}</th><th>{t('record.mine')}</th></tr></thead>
        <tbody>
          {Object.entries(values).map(([name, v]) => {
            const field = fieldOf(object, name)
            return field && (
              <tr key={name}><th scope="row">{field.label}</th><td><Value field={field} value={current[name]} density="full" /></td><td><Value field={field} value={v} density="full" /></td></tr>
            )
          })}
        </tbody>
      </table>
    </Dialog>
  )
}
