// SPDX-License-Identifier: GPL-3.0-or-later
/* The dialogs of a list's menu, fetched when first asked for. */
import AsOfDialog from './AsOfDialog'
import ExportDialog from './ExportDialog'
import type { BarProps } from './ListToolbar'

export default function ListDialog({ which, onClose, ...p }: BarProps & { which: string; onClose: () => void }) {
  const { state, now } = p
  if (which === 'as_of') return <AsOfDialog value={state.asOf} onClose={onClose} onChange={v => p.set({ asOf: v })} />
  return <ExportDialog object={p.object} filter={now.filter} order={now.order} q={state.q} asOf={state.asOf} deleted={state.deleted} columns={p.fields.map(f => f.name)} selection={p.selection} onClose={onClose} />
}
