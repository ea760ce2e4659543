// SPDX-License-Identifier: GPL-3.0-or-later
/* What a playbook and its runs say, as `:playbook` and `:play` answer. */
import type { Ref } from '@/api'

export interface Answer { key: string; label: string; to: string | null }
export interface Step { key: string; kind: string; text: string; required: boolean; task: string | null; answers: Answer[] }
export interface Book { id: string; name: string; goal: string | null; is_offered: boolean; steps: Step[] }
export interface Said { step: string; text: string; answer: string | null; note: string | null; skipped: boolean; by: Ref | null; at: string }
export interface Run { id: string; playbook: string; status: 'going' | 'finished' | 'left'; step: string | null; by: Ref | null; last_by: Ref | null; started_at: string; touched_at: string; finished_at: string | null; answers: Said[] }
export interface State { playbooks: Book[]; runs: Run[] }
export interface Share { won: number; lost: number; rate: string | null }
export interface Use { runs: number; going: number; finished: number; left: number; with: Share | null; without: Share | null }

/** The step after `at` when `answer` is given; none at the end. */
export function nextStep(book: Book, at: Step, answer: Answer | null): Step | null {
  if (answer?.to === 'end') return null
  const to = answer?.to ? book.steps.find(s => s.key === answer.to) : undefined
  return to ?? book.steps[book.steps.indexOf(at) + 1] ?? null
}

/** What comes after `at` if each first answer is given: at most `most` steps, none twice. */
export function ahead(book: Book, at: Step, most = 3): Step[] {
  const seen = [at]
  for (let s: Step | null = at; s && seen.length <= most;) {
    s = nextStep(book, s, s.answers[0] ?? null)
    if (!s || seen.includes(s)) break
    seen.push(s)
  }
  return seen.slice(1)
}

/** The runs come newest first: the one under way, else the last. */
export const runOf = (state: State, book: Book): Run | null => state.runs.find(r => r.playbook === book.id && r.status === 'going') ?? state.runs.find(r => r.playbook === book.id) ?? null

/** What to show first: what is under way, else what is offered, else what there was. */
export function firstBook(state: State): Book | null {
  const going = state.runs.find(r => r.status === 'going')
  return state.playbooks.find(b => b.id === going?.playbook) ?? state.playbooks.find(b => b.is_offered) ?? state.playbooks[0] ?? null
}

/** The words of an answer in the reader's language, even when the step has changed since. */
export function saidText(book: Book, said: Said): { text: string; answer: string | null } {
  const step = book.steps.find(s => s.key === said.step)
  return { text: step?.text ?? said.text, answer: step?.answers.find(a => a.key === said.answer)?.label ?? said.answer }
}
