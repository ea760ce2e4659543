// SPDX-License-Identifier: GPL-3.0-or-later
/* What else can be done with a list: the menu behind its three dots. */
import { BarChart3, Ellipsis, FileUp, History, Printer, Table2, Trash2, UserX } from 'lucide-react'
import { useLocation } from 'wouter'
import { useI18n } from '@/i18n'
import { IconButton, Menu } from '@/ui'
import { groupable } from './groupable'
import type { BarProps } from './ListToolbar'

export default function ListMore({ object, state, set, onDialog, isAsked }: Pick<BarProps, 'object' | 'state' | 'set'> & { onDialog: (which: string) => void; isAsked: boolean }) {
  const { t } = useI18n(), [, navigate] = useLocation()
  const more = [
    { items: [
      ...(object.fields.some(f => f.name === 'owner') ? [{ id: 'without', label: t('list.without_owner'), icon: UserX, checked: state.without, onAction: () => set({ without: !state.without }) }] : []),
      { id: 'as_of', label: t('list.as_of'), icon: History, onAction: () => onDialog('as_of') },
      ...(object.rights.delete ? [{ id: 'bin', label: t('list.bin'), icon: Trash2, checked: state.deleted, onAction: () => set({ deleted: !state.deleted, layout: 'list' }) }] : []),
      ...(object.rights.create ? [{ id: 'import', label: t('list.import'), icon: FileUp, onAction: () => navigate('/import') }] : []),
      ...(object.rights.export ? [{ id: 'export', label: t('export.title'), icon: Table2, onAction: () => onDialog('export') }] : []),
      { id: 'print', label: t('list.print'), icon: Printer, onAction: () => { setTimeout(() => print(), 200) } },
    ] },
    { label: t('list.summary'), items: groupable(object).map(f => ({ id: 'group:' + f.name, label: t('list.by', { field: f.label }), icon: BarChart3, checked: state.group === f.name, onAction: () => set({ group: state.group === f.name ? '' : f.name }) })) },
  ].filter(g => g.items.length)
  return <Menu label={t('list.more')} isOpenFirst={isAsked} placement="bottom end" trigger={<IconButton icon={Ellipsis} label={t('list.more')} />} items={more} />
}
