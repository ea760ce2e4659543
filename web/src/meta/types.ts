/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata that arrives at run time from GET /meta. */

export type FieldType =
  | 'text' | 'longtext' | 'integer' | 'decimal' | 'money' | 'percent' | 'boolean' | 'date' | 'time' | 'timestamp' | 'duration'
  | 'choice' | 'multichoice' | 'person_name' | 'emails' | 'phones' | 'handles' | 'addresses' | 'url' | 'identifier' | 'reference'
  | 'links' | 'any_reference' | 'user' | 'file' | 'tags' | 'autonumber' | 'formula' | 'rollup' | 'json'

export interface FieldOption {
  value: string
  label: string
  color?: string | null
  /** No longer offered; records keep it. */
  hidden?: boolean
}

export interface Field {
  name: string
  label: string
  help?: string | null
  type: FieldType
  /** The type a formula or roll-up gives. */
  result?: FieldType | null
  required?: boolean
  readonly?: boolean
  computed?: boolean
  system?: boolean
  places?: number | null
  options?: FieldOption[] | null
  /** The caller may add options. */
  new_options?: boolean
  /** The object a reference points to. */
  target?: string | null
  /** The objects a reference to anything may point to; none listed: any. */
  targets?: string[] | null
  /** The object that holds the columns of a many-to-many link. */
  through?: string | null
  /** The caller may write it. */
  write?: boolean
  /** CEL: shown only when true. */
  visible?: string | null
  /** CEL: required when true. */
  required_if?: string | null
  searchable?: boolean
  sortable?: boolean
  filterable?: boolean
  groupable?: boolean
  unique?: boolean
  default?: unknown
  max?: number | null
  /** A number that names something, as a year: written without grouping. */
  plain?: boolean
}

export interface ObjectRights {
  create: boolean
  read: boolean
  update: boolean
  delete: boolean
  mass: boolean
  export: boolean
}

export interface ViewDef {
  key: string
  label: string
  filter?: string | null
  order_by?: string | null
  columns?: string[] | null
}

export interface ActionDef {
  name: string
  label: string
  icon?: string | null
  params?: Field[] | null
  danger?: boolean
  confirm?: string | null
  /** Offered while this is true of the record. */
  visible?: string | null
}

export interface RelatedDef {
  object: string
  field: string
  label: string
  columns?: string[] | null
}

export interface ObjectMeta {
  name: string
  plural: string
  label: string
  label_plural: string
  icon?: string | null
  color?: string | null
  group?: string | null
  nav?: boolean
  /** Its place in its group; none: after those that have one. */
  nav_order?: number
  label_field?: string | null
  /** Records that are likely the same are looked for. */
  duplicates?: boolean
  timeline?: boolean
  rights: ObjectRights
  fields: Field[]
  path?: { field: string; kind: 'reference' | 'choice' } | null
  state?: { field: string; transitions: { from: string[]; to: string; label: string }[] } | null
  layout?: { highlights?: string[]; sections?: { label: string; fields: string[] }[]; related?: RelatedDef[] } | null
  columns?: string[] | null
  board?: { by: string; card: string[]; sum?: string | null; weighted?: string | null; mark?: string | null } | null
  views?: ViewDef[] | null
  actions?: ActionDef[] | null
}

export interface Meta {
  generation: number
  language: string
  company: { name: string; currency: string }
  objects: ObjectMeta[]
}
