/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first day: nothing is there yet, and each way to begin is one press away. */
import { useQuery } from '@tanstack/react-query'
import { FlaskConical, Upload, UserPlus } from 'lucide-react'
import { api, keys } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { findObject, useMe, useMeta } from '@/meta'
import { openRecordForm } from '@/shell'
import { Button, LinkButton, Panel } from '@/ui'

export default function FirstSteps() {
  const account = findObject(useMeta(), 'account')
  const { data } = useQuery({ queryKey: keys.list('account', { page_size: 1 }), enabled: account !== null, queryFn: ({ signal }) => api.list(account!.plural, { page_size: 1 }, signal) })
  return account?.rights.create && data && data.data.length === 0 ? <Texts waiting={null}><Steps /></Texts> : null
}

function Steps() {
  const { t } = useTexts(), meta = useMeta(), account = findObject(meta, 'account')!, rights = useMe().rights as { administrator?: boolean }
  return (
    <Panel title={t('first.title')} className="first-steps">
      <p className="dim">{t('first.body')}</p>
      <div className="first-buttons">
        <LinkButton kind="solid" icon={Upload} href="/import">{t('first.import')}</LinkButton>
        <Button icon={UserPlus} onPress={() => openRecordForm({ object: account })}>{t('first.add')}</Button>
        {rights.administrator && <LinkButton icon={FlaskConical} href="/settings/demo">{t('first.demo')}</LinkButton>}
      </div>
    </Panel>
  )
}
