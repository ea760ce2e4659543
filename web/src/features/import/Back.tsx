// SPDX-License-Identifier: GPL-3.0-or-later
/* Taking an import back as a whole, and bringing it in again. */
import { useState } from 'react'
import { Redo2, Undo2 } from 'lucide-react'
import { type Operation } from '@/api'
import { Button, confirm, Progress, toast, toastError } from '@/ui'
import { followOperation } from '../start/operation'
import { imports, type Run, type UndoResult } from './calls'
import { useTexts } from './texts'

export const isAtWork = (run: Run) => ['running', 'undoing', 'redoing'].includes(run.state)

export function Back({ run, onDone, isQuiet }: { run: Run; onDone: (result?: UndoResult) => void; isQuiet?: boolean }) {
  const { t } = useTexts(), [step, setStep] = useState<Operation | null>(null)
  const isUndone = run.state === 'undone'
  if (!isUndone && !['done', 'paused', 'failed'].includes(run.state)) return null
  if (!isUndone && !run.created && !run.updated) return null
  const go = async () => {
    if (!isUndone && !(await confirm({ title: t('import.undo'), body: t('import.undo_body'), action: t('import.undo') }))) return
    try {
      const op = await followOperation(await (isUndone ? imports.redo : imports.undo)(run.id), setStep), result = op.result as UndoResult
      if (!isUndone) toast(t('import.undone_n', { n: result.undone }))
      onDone(isUndone ? undefined : result)
    } catch (e) {
      toastError(e)
      onDone()
    } finally { setStep(null) }
  }
  if (step) return <div className="imp-backing"><Progress label={t(isUndone ? 'import.redoing' : 'import.undoing')} value={step.total ? step.done / step.total : undefined} /></div>
  return <Button kind={isQuiet ? 'ghost' : 'outline'} icon={isUndone ? Redo2 : Undo2} onPress={() => void go()}>{t(isUndone ? 'import.redo' : 'import.undo')}</Button>
}
