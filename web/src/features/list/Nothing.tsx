// SPDX-License-Identifier: GPL-3.0-or-later
/* What a list or a board shows when there is no record to show. */
import { useQuery } from '@tanstack/react-query'
import { api, keys } from '@/api'
import { useI18n } from '@/i18n'
import type { ObjectMeta } from '@/meta'
import { Button, EmptyState } from '@/ui'
import type { ListState } from './state'

export interface NothingProps { object: ObjectMeta; filter: string; state: ListState; set: (c: Partial<ListState>) => void; create: () => void; readOnly: boolean; children?: React.ReactNode }

/* No record to show: none yet, none that fits, none in the bin.  While that is being found out, what was there stays. */
export default function Nothing({ object, filter, state, set, create, readOnly, children = null }: NothingProps) {
  const { t } = useI18n(), narrowed = state.q !== '' || filter !== ''
  /* On the first day a view of its own would say "no match": is there any record at all? */
  const asIs = state.q === '' && state.filter === null && !state.asOf && !state.deleted && !state.without
  const any = useQuery({ queryKey: keys.list(object.name, { page_size: 1 }), queryFn: ({ signal }) => api.list(object.plural, { page_size: 1 }, signal), enabled: asIs && narrowed })
  if (state.deleted) return <EmptyState title={t('list.bin_empty')} action={<Button onPress={() => set({ deleted: false })}>{t('list.leave_bin')}</Button>} />
  if (any.isFetching) return children
  if (narrowed && any.data?.data.length !== 0) return <EmptyState title={t('list.none')} body={t('list.none_body')} action={<Button onPress={() => set({ q: '', filter: '', without: false })}>{t('list.show_everything')}</Button>} />
  return <EmptyState title={t('list.empty')} body={t('list.empty_body')} action={object.rights.create && !readOnly ? <Button kind="solid" onPress={create}>{t('list.new')}</Button> : undefined} />
}
