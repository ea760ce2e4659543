/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { FlaskConical, Trash2 } from 'lucide-react'
import { api, queryClient, type DemoSize, type Operation } from '@/api'
import { followOperation } from '@/features/start/operation'
import { useT } from '@/i18n'
import { Button, confirm, Panel, Progress, Select, toast, toastError } from '@/ui'

const SIZES = ['small', 'medium', 'large'] as const

/** The demo company: put it in, or take it out and leave what people made. */
export default function Demo() {
  const t = useT()
  const [size, setSize] = useState<DemoSize>('small')
  const [step, setStep] = useState<Operation | null>(null)
  const run = useMutation({
    mutationFn: async (what: 'add' | 'remove') => followOperation(await (what === 'add' ? api.startDemo(size) : api.removeDemo()), setStep),
    onSuccess: (_, what) => {
      void queryClient.invalidateQueries()
      toast(what === 'add' ? t('demo.added') : t('demo.removed'))
    },
    onError: toastError,
    onSettled: () => setStep(null),
  })
  const remove = async () => {
    if (await confirm({ title: t('demo.remove_title'), body: t('demo.remove_body'), action: t('demo.remove'), danger: true })) run.mutate('remove')
  }
  return (
    <Panel title={t('settings.demo')}>
      <div className="settings-form">
        <p className="dim">{t('demo.intro')}</p>
        <Select label={t('demo.size')} value={size} onChange={(s) => s && setSize(s as DemoSize)} choices={SIZES.map((s) => ({ value: s, label: t(`demo.size.${s}`) }))} />
        {run.isPending && <Progress label={t('settings.demo')} value={step?.total ? step.done / step.total : undefined} />}
        <div className="row wrap">
          <Button icon={FlaskConical} isDisabled={run.isPending} onPress={() => run.mutate('add')}>{t('demo.add')}</Button>
          <Button kind="danger" icon={Trash2} isDisabled={run.isPending} onPress={() => void remove()}>{t('demo.remove')}</Button>
        </div>
      </div>
    </Panel>
  )
}
