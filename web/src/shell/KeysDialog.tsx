/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "?": every hot key there is now, by group. */
import { useT, type Key } from '@/i18n'
import { Dialog, Kbd } from '@/ui'
import { useCurrentCommands } from './commands'

const ORDER = ['general', 'go', 'create', 'page', 'record'] as const
/** Keys that lists and boards handle themselves. */
const FIXED: { keys: string; text: Key }[] = [
  { keys: 'J K', text: 'keys.grid_move' },
  { keys: 'X', text: 'keys.grid_select' },
  { keys: 'E', text: 'keys.grid_open' },
  { keys: 'F2', text: 'keys.grid_edit' },
  { keys: 'M', text: 'keys.board_menu' },
  { keys: 'Alt ←→', text: 'keys.board_move' },
]

export default function KeysDialog({ onClose }: { onClose: () => void }) {
  const t = useT()
  const commands = useCurrentCommands().filter((c) => c.keys)
  const row = (keys: string, text: string) => (
    <div className="keys-row" key={keys + text}>
      <span>{text}</span>
      <Kbd keys={keys} />
    </div>
  )
  return (
    <Dialog isOpen onClose={onClose} title={t('keys.title')} size="large">
      <div className="keys-groups">
        {ORDER.map((group) => {
          const list = commands.filter((c) => (c.group ?? 'general') === group)
          if (!list.length) return null
          return (
            <section key={group}>
              <h3>{t(`keys.group.${group}` as Key)}</h3>
              {list.map((c) => row(c.keys!, c.label))}
            </section>
          )
        })}
        <section>
          <h3>{t('keys.group.grid')}</h3>
          {FIXED.map((f) => row(f.keys, t(f.text)))}
        </section>
      </div>
    </Dialog>
  )
}
