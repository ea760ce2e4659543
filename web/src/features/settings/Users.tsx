/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { Link2, UserCheck, UserPlus, UserX } from 'lucide-react'
import { api, invalidateObject, type Rec } from '@/api'
import { useT } from '@/i18n'
import { useMe, useObject } from '@/meta'
import { openRecordForm, undoToast } from '@/shell'
import { Button, confirm, NoPermission, toastError, type MenuEntry } from '@/ui'
import { ObjectTable } from './ObjectTable'
import { activeField, isOff } from './people'
import { SecretDialog } from './Secret'

const COLUMNS = ['name', 'email', 'emails', 'role', 'roles', 'team', 'manager', 'active', 'is_active', 'may_sign_in', 'last_seen_at']

/** Who works here: invite, give a new password link, change, switch off. */
export default function Users() {
  const t = useT()
  const me = useMe()
  const object = useObject('user')
  const [link, setLink] = useState<{ name: string; url: string } | null>(null)
  if (!object) return <NoPermission />
  const active = activeField(object)
  const makeLink = async (user: Rec) => {
    try {
      const made = await api.resetLink(user.id)
      setLink({ name: user.label ?? '', url: new URL(made.link, location.origin).href })
    } catch (error) {
      toastError(error)
    }
  }
  const turn = async (user: Rec, on: boolean) => {
    const name = user.label ?? ''
    if (!on && !(await confirm({ title: t('users.deactivate_title', { name }), body: t('users.deactivate_body'), action: t('users.deactivate'), danger: true }))) return
    try {
      await api.patch(object.plural, user.id, { [active!.name]: on ? active!.on : active!.off }, user.version)
      invalidateObject('user', user.id)
      undoToast(t, on ? t('users.activated', { name }) : t('users.deactivated', { name }))
    } catch (error) {
      toastError(error)
    }
  }
  const actions = (user: Rec): MenuEntry[] => [
    { id: 'link', label: t('users.reset_link'), icon: Link2, onAction: () => void makeLink(user) },
    ...(active && user.id !== me.id
      ? [isOff(user, active)
        ? { id: 'on', label: t('users.activate'), icon: UserCheck, onAction: () => void turn(user, true) }
        : { id: 'off', label: t('users.deactivate'), icon: UserX, danger: true, onAction: () => void turn(user, false) }]
      : []),
  ]
  const invite = object.rights.create && (
    <Button kind="solid" icon={UserPlus} onPress={() => openRecordForm({ object, onSaved: (user) => void makeLink(user) })}>{t('users.invite')}</Button>
  )
  return (
    <>
      <ObjectTable object={object} title={t('settings.users')} columns={COLUMNS} query={{ order_by: object.label_field ?? undefined }} add={invite} actions={actions} isQuiet={(u) => isOff(u, active)} />
      {link && <SecretDialog title={t('users.link_title', { name: link.name })} body={t('users.link_body')} secret={link.url} onClose={() => setLink(null)} />}
    </>
  )
}
