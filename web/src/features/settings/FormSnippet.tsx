/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useQuery } from '@tanstack/react-query'
import { Copy, ExternalLink } from 'lucide-react'
import { api, type Rec } from '@/api'
import { useTexts } from '@/features/import/texts'
import { Button, Dialog, ErrorState, SkeletonRows, toast, toastError } from '@/ui'

/** The address of a form, and its HTML for a page of one's own. */
export function Snippet({ form, onClose }: { form: Rec; onClose: () => void }) {
  const { t } = useTexts()
  const made = useQuery({ queryKey: ['forms', 'snippet', form.id, form.version], queryFn: () => api.formSnippet(form.id) })
  const copy = (text: string) => navigator.clipboard.writeText(text).then(() => toast(t('secret.copied')), toastError)
  return (
    <Dialog isOpen onClose={onClose} size="large" title={t('forms.put_title', { name: form.label ?? '' })} footer={<Button onPress={onClose}>{t('ui.close')}</Button>}>
      {made.isError ? <ErrorState error={made.error} onRetry={() => void made.refetch()} /> : !made.data ? <SkeletonRows rows={4} /> : (
        <div className="stack">
          <p>{t('forms.put_link')}</p>
          <code className="secret">{made.data.url}</code>
          <div className="row form-put">
            <Button icon={Copy} onPress={() => void copy(made.data.url)}>{t('forms.copy_link')}</Button>
            <Button icon={ExternalLink} onPress={() => window.open(made.data.url, '_blank', 'noopener')}>{t('forms.open')}</Button>
          </div>
          <p>{t('forms.put_html')}</p>
          <pre className="secret form-html" tabIndex={0} aria-label={t('forms.html')}>{made.data.html}</pre>
          <div className="row"><Button icon={Copy} onPress={() => void copy(made.data.html)}>{t('forms.copy_html')}</Button></div>
          {!form.origins && <p className="dim small">{t('forms.put_sites')}</p>}
        </div>
      )}
    </Dialog>
  )
}
