/* SPDX-License-Identifier: GPL-3.0-or-later */
export { api } from './client'
export { connection, isDenied, isMissing, isSignedOut, Problem, written, type FieldProblem } from './http'
export { keys } from './keys'
export { invalidateObject, queryClient } from './query'
export { useWatch } from './feed'
export type * from './types'
