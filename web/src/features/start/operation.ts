/* SPDX-License-Identifier: GPL-3.0-or-later */
import { api, type Operation } from '@/api'

const RUNNING = ['running', 'queued', 'pending', 'waiting']

/** Whether an operation still works. */
export const isRunning = (op: Operation) => RUNNING.includes(op.state)

/** Asks after a long operation until it ends; throws when it failed. */
export async function followOperation(first: Operation, onStep: (op: Operation) => void): Promise<Operation> {
  let op = first
  onStep(op)
  while (isRunning(op)) {
    await new Promise((resolve) => setTimeout(resolve, 600))
    op = await api.operation(op.id)
    onStep(op)
  }
  if (op.state === 'failed') throw new Error((op as Operation & { error?: string }).error ?? op.state)
  return op
}

/** What an export answers: the file stays for a day. */
export interface Made { file: { name: string; url: string; size: number }; rows: number }

/** Lets the browser save the file of an export. */
export function fetchFile(made: Made) {
  const a = document.createElement('a')
  a.href = made.file.url
  a.download = made.file.name
  document.body.append(a)
  a.click()
  a.remove()
}
