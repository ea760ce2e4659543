// SPDX-License-Identifier: GPL-3.0-or-later
/* What the present stage asks to be done before it is left, point by point. */
import { useQuery } from '@tanstack/react-query'
import { api, invalidateObject, keys, type Rec, type Ref } from '@/api'
import { Texts, useTexts } from '@/features/import/texts'
import { fieldOf, findObject, useMeta, type ObjectMeta } from '@/meta'
import { Checkbox, Panel, toastError } from '@/ui'
import { optimistic } from '@/views/cache'

interface Props { object: ObjectMeta; rec: Rec; readOnly: boolean }

export default function Checklist(props: Props) {
  const meta = useMeta(), path = fieldOf(props.object, props.object.path?.field ?? ''), target = findObject(meta, path?.target), at = path && props.rec[path.name] as Ref | null
  const { data: stage } = useQuery({ queryKey: keys.record(target?.name ?? '', at?.id ?? ''), enabled: !!target && !!at, staleTime: 60_000, queryFn: ({ signal }) => api.get(target!.plural, at!.id, {}, signal) })
  const points = [...new Set(String(stage?.checklist ?? '').split('\n').map(p => p.trim()).filter(Boolean))]
  return points.length ? <Texts waiting={null}><Points {...props} stage={at!.label ?? ''} points={points} /></Texts> : null
}

function Points({ object, rec, readOnly, stage, points }: Props & { stage: string; points: string[] }) {
  const { t, fmt } = useTexts(), checked = (rec.checked as string[] | null) ?? [], done = points.filter(p => checked.includes(p)).length
  const set = async (point: string, on: boolean) => {
    const back = optimistic(object.name, rec.id, { checked: on ? [...checked, point] : checked.filter(p => p !== point) })
    try {
      await api.action(object.plural, rec.id, 'check', { point, done: on })
    } catch (e) { back(); toastError(e) } finally { invalidateObject(object.name, rec.id) }
  }
  return (
    <Panel className="checklist" title={t('gate.title', { stage })} count={t('gate.done', { done: fmt.number(done), all: fmt.number(points.length) })}>
      <ul>{points.map(p => <li key={p}><Checkbox isSelected={checked.includes(p)} isDisabled={readOnly} onChange={on => void set(p, on)}>{p}</Checkbox></li>)}</ul>
    </Panel>
  )
}
