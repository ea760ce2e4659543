/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a feature may add to the application.  Each feature folder exports one `module` from its module.ts and
   registry.ts lists them; the shell knows nothing else about features. */
import type { ComponentType } from 'react'
import type { Rec } from '@/api'
import type { Icon } from '@/ui'
import type { Key, T } from '@/i18n'
import type { Meta, ObjectMeta } from '@/meta'

/** A page.  Parameters of the path ("/o/:plural/:id") come as `params`. */
export interface RouteDef {
  path: string
  load: () => Promise<{ default: ComponentType<{ params: Record<string, string> }> }>
}

/** An entry of the navigation that is not an object's list (those come from the metadata). */
export interface NavDef {
  href: string
  label: Key
  icon: Icon
  /** Letter after G. */
  goKey?: string
  place: 'top' | 'bottom'
}

/** Something the palette offers and a hot key may do.  Keys: "C", "G D", "Ctrl Z", "Alt ArrowUp". */
export interface Command {
  id: string
  label: string
  keys?: string
  icon?: Icon
  /** Heading in the palette and in the list of keys. */
  group?: 'page' | 'record' | 'create' | 'go' | 'general'
  /** Other words it is found by. */
  words?: string
  /** Also works while a text field has focus (only with Ctrl or Alt). */
  inFields?: boolean
  /** Only a hot key, not offered in the palette. */
  hidden?: boolean
  run: () => void
}

export interface CommandContext {
  t: T
  meta: Meta
  navigate: (href: string) => void
}

/** A tab of the record page beside the timeline. */
export interface RecordTabDef {
  id: string
  label: Key
  shows: (object: ObjectMeta) => boolean
  load: () => Promise<{ default: ComponentType<{ object: ObjectMeta; record: Rec }> }>
}

/** Properties of the dialog that makes or changes a record. */
export interface RecordFormProps {
  object: ObjectMeta
  /** The record to change; none makes a new one. */
  record?: Rec | null
  /** First values of a new one. */
  defaults?: Record<string, unknown>
  /** Asks for these fields alone: what a step that was refused still needs. */
  only?: string[]
  /** With `only`: these are no more needed than in the whole form. */
  few?: boolean
  onClose: () => void
  onSaved?: (record: Rec) => void
}

export interface AppModule {
  name: string
  routes?: RouteDef[]
  nav?: NavDef[]
  commands?: (context: CommandContext) => Command[]
  recordTabs?: RecordTabDef[]
  /** Something small beside the name of the company, on every page; loaded after the page. */
  corner?: () => Promise<{ default: ComponentType }>
  /** The dialog openRecordForm() shows; one module gives it. */
  recordForm?: () => Promise<{ default: ComponentType<RecordFormProps> }>
}
