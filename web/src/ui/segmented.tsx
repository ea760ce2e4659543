/* SPDX-License-Identifier: GPL-3.0-or-later */
import { Button } from 'react-aria-components'
import { Tooltip } from './button'
import type { Icon } from './cx'

/** Two to four ways of showing the same thing; icons get their label as a tooltip. */
export function SegmentedControl<V extends string>(p: { label: string; items: { id: V; label: string; icon?: Icon; keys?: string }[]; value: V; onChange: (id: V) => void }) {
  return (
    <div role="group" aria-label={p.label} className="seg">
      {p.items.map((x) => {
        const props = { 'aria-pressed': x.id === p.value, onPress: () => x.id !== p.value && p.onChange(x.id) }
        return x.icon ? (
          <Tooltip key={x.id} text={x.label} keys={x.keys}>
            <Button {...props} aria-label={x.label} className="seg-item seg-icon"><x.icon size={15} aria-hidden /></Button>
          </Tooltip>
        ) : (
          <Button key={x.id} {...props} className="seg-item">{x.label}</Button>
        )
      })}
    </div>
  )
}
