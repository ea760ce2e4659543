/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { api, invalidateObject, type Rec } from '@/api'
import { useT } from '@/i18n'
import { useObject } from '@/meta'
import { Button, confirm, Dialog, NoPermission, TextField, toast, toastError } from '@/ui'
import { ObjectTable } from './ObjectTable'
import { SecretDialog } from './Secret'

function NewKey({ plural, labelField, onMade, onClose }: { plural: string; labelField: string; onMade: (key: string) => void; onClose: () => void }) {
  const t = useT()
  const [name, setName] = useState('')
  const make = useMutation({
    mutationFn: () => api.create(plural, { [labelField]: name.trim() }),
    onSuccess: (rec) => {
      invalidateObject('api_key')
      onMade(String(rec.key ?? rec.secret ?? rec.token ?? ''))
    },
  })
  return (
    <Dialog isOpen onClose={onClose} title={t('keys_api.new')} size="small" footer={<><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={!name.trim() || make.isPending} onPress={() => make.mutate()}>{t('keys_api.make')}</Button></>}>
      <TextField label={t('keys_api.name')} description={t('keys_api.name_hint')} value={name} onChange={setName} autoFocus isRequired error={make.isError ? make.error.message : null} onKeyDown={(e) => e.key === 'Enter' && name.trim() && make.mutate()} />
    </Dialog>
  )
}

/** Keys with which programs call the interface, under the rights of the user who made them: everybody has his own. */
export default function ApiKeys() {
  const t = useT()
  const object = useObject('api_key')
  const [making, setMaking] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  if (!object) return <NoPermission />
  const revoke = async (key: Rec) => {
    if (!(await confirm({ title: t('keys_api.revoke_title', { name: key.label ?? '' }), body: t('keys_api.revoke_body'), action: t('keys_api.revoke'), danger: true }))) return
    try {
      await api.remove(object.plural, key.id)
      invalidateObject('api_key', key.id)
      toast(t('keys_api.revoked'))
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <>
      <p className="dim">{t('keys_api.intro')}</p>
      <ObjectTable object={object} title={t('settings.keys')} canEdit={false} emptyBody={t('keys_api.empty')}
        query={object.rights.update ? {} : { filter: 'user == me()' }}
        add={<Button kind="solid" icon={Plus} onPress={() => setMaking(true)}>{t('keys_api.new')}</Button>}
        actions={(key) => [{ id: 'revoke', label: t('keys_api.revoke'), icon: Trash2, danger: true, onAction: () => void revoke(key) }]} />
      {making && <NewKey plural={object.plural} labelField={object.label_field ?? 'name'} onClose={() => setMaking(false)} onMade={(key) => { setMaking(false); setSecret(key) }} />}
      {secret && <SecretDialog title={t('keys_api.made')} body={t('keys_api.once')} secret={secret} onClose={() => setSecret(null)} />}
    </>
  )
}
