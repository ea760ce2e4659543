// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks why a customer (or a family) was lost and makes the task that is to bring it back. */
import { lazy, Suspense, useState } from 'react'
import { Undo2 } from 'lucide-react'
import { useLocation } from 'wouter'
import { api, queryClient, type Rec, type Ref } from '@/api'
import { useTexts } from '@/features/import/texts'
import { findObject, recordHref, useMeta } from '@/meta'
import { Button, toast } from '@/ui'

const ActionForm = lazy(() => import('../record/ActionForm'))

export function WinBack({ account, family }: { account: Ref; family?: string | null }) {
  const { t } = useTexts(), meta = useMeta(), [, navigate] = useLocation(), [asking, setAsking] = useState(false)
  const object = findObject(meta, 'account'), action = object?.actions?.find((a) => a.name === 'win_back')
  if (!object || !action) return null
  const form = { ...action, params: action.params?.map((p) => (p.name === 'family' ? { ...p, default: family ?? null } : p)) }
  const run = async (values: Record<string, unknown>) => {
    const made = await api.action(object.plural, account.id, 'win_back', values) as { task: Ref }
    void queryClient.invalidateQueries()
    toast({ text: t('owner.task_made', { name: account.label ?? '' }), action: { label: t('record.open'), onAction: () => navigate(recordHref(meta, made.task)) } })
  }
  return (
    <>
      <Button kind="ghost" icon={Undo2} aria-label={t('owner.win_back_named', { name: account.label ?? '' })} onPress={() => setAsking(true)}>{t('owner.win_back')}</Button>
      {asking && <Suspense fallback={null}><ActionForm action={form} rec={account as unknown as Rec} onClose={() => setAsking(false)} onRun={run} /></Suspense>}
    </>
  )
}
