// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest'
import { ahead, firstBook, nextStep, runOf, saidText, type Book, type Run, type Said, type Step } from './model'

const step = (key: string, ...answers: [string, string | null][]): Step => ({ key, kind: 'say', text: key.toUpperCase(), required: false, task: null, answers: answers.map(([k, to]) => ({ key: k, label: k + '!', to })) })
const book: Book = { id: 'b', name: 'B', goal: null, is_offered: true, steps: [step('one'), step('two', ['Yes', 'four'], ['No', null], ['Stop', 'end']), step('three', ['Back', 'two']), step('four')] }
const run = (id: string, playbook: string, status: Run['status']): Run => ({ id, playbook, status, step: null, by: null, last_by: null, started_at: '', touched_at: '', finished_at: null, answers: [] })
const said = (s: string, answer: string | null): Said => ({ step: s, text: 'as it was', answer, note: null, skipped: false, by: null, at: '' })

describe('a playbook', () => {
  it('goes where an answer leads, else on, else ends', () => {
    const [one, two] = book.steps as [Step, Step]
    expect(nextStep(book, one, null)?.key).toBe('two')
    expect(two.answers.map(a => nextStep(book, two, a)?.key)).toEqual(['four', 'three', undefined])
    expect(nextStep(book, book.steps[3]!, null)).toBeNull()
  })
  it('looks ahead without going round and round', () => {
    expect(ahead(book, book.steps[0]!).map(s => s.key)).toEqual(['two', 'four'])
    expect(ahead(book, book.steps[2]!, 2).map(s => s.key)).toEqual(['two', 'four'])
  })
  it('shows what is under way before what is offered', () => {
    const other = { ...book, id: 'c', is_offered: false }, state = { playbooks: [book, other], runs: [run('2', 'c', 'going'), run('1', 'b', 'finished')] }
    expect([firstBook(state)?.id, runOf(state, book)?.id, firstBook({ ...state, runs: [] })?.id]).toEqual(['c', '1', 'b'])
    expect(firstBook({ playbooks: [], runs: [] })).toBeNull()
  })
  it('says an answer in the reader’s words, or as it was written', () => {
    expect(saidText(book, said('two', 'No'))).toEqual({ text: 'TWO', answer: 'No!' })
    expect(saidText(book, said('gone', 'Perhaps'))).toEqual({ text: 'as it was', answer: 'Perhaps' })
  })
})
