/* SPDX-License-Identifier: GPL-3.0-or-later */
import { Copy } from 'lucide-react'
import { useT } from '@/i18n'
import { Button, Dialog, toast, toastError } from '@/ui'

/** A link or key that is shown once, with a button that copies it. */
export function SecretDialog({ title, body, secret, onClose }: { title: string; body: string; secret: string; onClose: () => void }) {
  const t = useT()
  const copy = () => navigator.clipboard.writeText(secret).then(() => toast(t('secret.copied')), toastError)
  return (
    <Dialog isOpen onClose={onClose} title={title} isDismissable={false} footer={<><Button icon={Copy} kind="solid" autoFocus onPress={() => void copy()}>{t('secret.copy')}</Button><Button onPress={onClose}>{t('ui.close')}</Button></>}>
      <p>{body}</p>
      <code className="secret">{secret}</code>
    </Dialog>
  )
}
