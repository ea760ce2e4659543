/* SPDX-License-Identifier: GPL-3.0-or-later */
import type { Key } from '@/i18n'

/** The shortest password the server takes. */
export const SHORTEST = 12

/** What is wrong with a new password, or null. */
export function passwordProblem(password: string, again: string): Key | null {
  if ([...password].length < SHORTEST) return 'password.too_short'
  return password === again ? null : 'password.differ'
}
