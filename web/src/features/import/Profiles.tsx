// SPDX-License-Identifier: GPL-3.0-or-later
/* Mappings kept under a name: one is recognised by its columns, chosen from the list, or saved. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Save } from 'lucide-react'
import { queryClient } from '@/api'
import { useMeta, type ObjectMeta } from '@/meta'
import { Badge, Button, Dialog, Select, TextField, toast, toastError } from '@/ui'
import { imports, type Mapping } from './calls'
import { toMapping, type Draft } from './model'
import { useTexts } from './texts'

export function ProfileBar({ draft, object, recognised, onLoad }: { draft: Draft; object: ObjectMeta; recognised: string | null; onLoad: (mapping: Mapping) => void }) {
  const { t } = useTexts(), [chosen, setChosen] = useState<string | null>(null), [saving, setSaving] = useState(false), meta = useMeta()
  const list = useQuery({ queryKey: ['imports', 'profiles'], queryFn: ({ signal }) => imports.profiles(signal), retry: false })
  const fit = (list.data ?? []).filter(p => p.mapping?.object === draft.object), mayKeep = meta.objects.find(o => o.name === 'import_profile')?.rights.create
  const choose = (id: string | null) => {
    const profile = fit.find(p => p.id === id)
    setChosen(id)
    if (profile) onLoad(profile.mapping)
  }
  return (
    <>
      {fit.length > 0 && <Select label={t('import.profile')} value={chosen ?? fit.find(p => p.name === recognised)?.id ?? null} placeholder={t('import.profile_none')} onChange={choose} choices={fit.map(p => ({ value: p.id, label: p.name }))} />}
      <div className="imp-profile">
        {recognised && <Badge hue="green">{t('import.profile_known', { name: recognised })}</Badge>}
        {mayKeep && <Button kind="ghost" icon={Save} onPress={() => setSaving(true)}>{t('import.profile_save')}</Button>}
      </div>
      {saving && <SaveProfile mapping={toMapping(draft, object)} onClose={() => setSaving(false)} />}
    </>
  )
}

function SaveProfile({ mapping, onClose }: { mapping: Mapping; onClose: () => void }) {
  const { t } = useTexts(), [name, setName] = useState(''), [busy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    try {
      await imports.saveProfile(name.trim(), mapping)
      void queryClient.invalidateQueries({ queryKey: ['imports', 'profiles'] })
      toast(t('import.profile_saved'))
      onClose()
    } catch (e) {
      toastError(e)
      setBusy(false)
    }
  }
  return (
    <Dialog isOpen onClose={onClose} size="small" title={t('import.profile_save')} footer={
      <><Button onPress={onClose}>{t('ui.cancel')}</Button><Button kind="solid" isDisabled={busy || !name.trim()} onPress={() => void save()}>{t('import.save')}</Button></>
    }>
      <div className="stack">
        <TextField label={t('import.profile_name')} value={name} onChange={setName} autoFocus />
        <p className="dim small">{t('import.profile_body')}</p>
      </div>
    </Dialog>
  )
}
