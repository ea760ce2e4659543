/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useMutation, useQuery } from '@tanstack/react-query'
import { LogOut } from 'lucide-react'
import { queryClient } from '@/api'
import { call } from '@/api/http'
import type { EndOtherSessionsReply, ListSessionsReply } from '@/api/schema.gen'
import { useTexts } from '@/features/import/texts'
import { Badge, Button, ErrorState, Panel, SkeletonRows, toast, toastError } from '@/ui'

const KEY = ['sessions']

/** Where one is signed in: each session can be ended, and all others at once. */
export function Sessions() {
  const { t, fmt } = useTexts()
  const list = useQuery({ queryKey: KEY, queryFn: () => call<ListSessionsReply>('/sessions') })
  const end = useMutation({
    mutationFn: async (id: string | null) => { await (id ? call<void>(`/sessions/${id}`, { method: 'DELETE' }) : call<EndOtherSessionsReply>('/sessions:endOthers', { method: 'POST' })) },
    onSuccess: () => toast(t('sessions.ended')),
    onError: toastError,
    onSettled: () => void queryClient.invalidateQueries({ queryKey: KEY }),
  })
  const rows = list.data?.data
  return (
    <Panel flush title={t('sessions.title')} actions={<Button isDisabled={!rows?.some((s) => !s.current) || end.isPending} onPress={() => end.mutate(null)}>{t('sessions.end_others')}</Button>}>
      {list.isError ? <ErrorState error={list.error} onRetry={() => void list.refetch()} /> : !rows ? <SkeletonRows rows={2} /> : (
        <div className="table-scroll" role="region" aria-label={t('sessions.title')} tabIndex={0}>
          <table className="table">
            <thead><tr><th>{t('sessions.since')}</th><th>{t('sessions.address')}</th><th className="wide-only">{t('sessions.until')}</th><th><span className="sr">{t('settings.actions')}</span></th></tr></thead>
            <tbody>{rows.map((s) => (
              <tr key={s.id}>
                <td className="strong">{fmt.dateTime(s.created_at)}</td>
                <td>{s.address ?? '—'}</td>
                <td className="wide-only">{fmt.dateTime(s.expires_at)}</td>
                <td className="right">{s.current ? <Badge hue="green">{t('sessions.this')}</Badge> : <Button icon={LogOut} isDisabled={end.isPending} onPress={() => end.mutate(s.id)}>{t('sessions.end')}</Button>}</td>
              </tr>
            ))}</tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}
