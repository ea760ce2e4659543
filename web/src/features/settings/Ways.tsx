/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of what the user is told, and by which ways. */
import { useMutation } from '@tanstack/react-query'
import { api, keys, queryClient } from '@/api'
import { useTexts } from '@/features/import/texts'
import { fieldOf, useMe, useObject } from '@/meta'
import { Checkbox, Panel, toastError } from '@/ui'

const WAYS = ['browser', 'mail', 'digest'] as const
type Way = (typeof WAYS)[number]
export type Chosen = Partial<Record<Way, string[]>>

/** What holds where nothing is chosen: the server's own rule. */
const BY_MAIL = ['approval_asked', 'escalated']

/** Kinds told by `way`. */
export const kindsBy = (chosen: Chosen | null, way: Way, kinds: string[]): string[] => chosen?.[way] ?? (way === 'mail' ? kinds.filter((k) => BY_MAIL.includes(k)) : kinds)

/** The choice with `kind` told by `way` or not. */
export function withKind(chosen: Chosen | null, way: Way, kind: string, on: boolean, kinds: string[]): Chosen {
  const now = kindsBy(chosen, way, kinds)
  return { ...chosen, [way]: kinds.filter((k) => (k === kind ? on : now.includes(k))) }
}

export function Ways() {
  const { t } = useTexts()
  const me = useMe()
  const notice = useObject('notice')
  const options = (notice && fieldOf(notice, 'kind')?.options) ?? []
  const kinds = options.map((o) => o.value)
  const chosen = (me.notices ?? null) as Chosen | null
  const save = useMutation({
    mutationFn: (notices: Chosen) => api.patchMe({ notices }),
    onMutate: (notices) => queryClient.setQueryData(keys.me, { ...me, notices }),
    onSuccess: (got) => queryClient.setQueryData(keys.me, got),
    onError: (error) => { toastError(error); void queryClient.invalidateQueries({ queryKey: keys.me }) },
  })
  if (!options.length) return null
  return (
    <Panel title={t('notices.ways')} flush>
      <div className="table-scroll" role="region" aria-label={t('notices.ways')} tabIndex={0}>
        <table className="table">
          <thead><tr><th>{t('notices.kind')}</th>{WAYS.map((w) => <th key={w} className="matrix-tick">{t(`notices.way.${w}`)}</th>)}</tr></thead>
          <tbody>
            {options.map((o) => (
              <tr key={o.value}>
                <td>{o.label}</td>
                {WAYS.map((w) => (
                  <td key={w} className="matrix-tick">
                    <Checkbox label={`${o.label}, ${t(`notices.way.${w}`)}`} isSelected={kindsBy(chosen, w, kinds).includes(o.value)} onChange={(on) => save.mutate(withKind(chosen, w, o.value, on, kinds))} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="dim small table-pad">{t('notices.digest_hint')}</p>
    </Panel>
  )
}
