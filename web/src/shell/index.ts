/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What features may use of the shell. */
export { useCommands } from './commands'
export { openRecordForm } from './recordform'
export { undoToast, undoLast } from './undo'
export type * from './module'
