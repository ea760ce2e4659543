/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A role's rights as the matrix edits them.  "*" is every object but those of the settings (which anybody may read);
   an object's own entry overrides it word by word. */

export const VERBS = ['create', 'read', 'update', 'delete'] as const
export const REACHES = ['none', 'own', 'team', 'all'] as const
export const FIELD_LEVELS = ['hidden', 'read', 'write'] as const
export const EXTRAS = ['export', 'mass'] as const

export type Verb = (typeof VERBS)[number]
export type Reach = (typeof REACHES)[number]
export type FieldLevel = (typeof FIELD_LEVELS)[number]
export type Extra = (typeof EXTRAS)[number]

export interface ObjectRule {
  create?: Reach
  read?: Reach
  update?: Reach
  delete?: Reach
  export?: boolean
  mass?: boolean
  fields?: Record<string, FieldLevel>
  /** Words the matrix does not edit (row rules), kept as they came. */
  rest?: Record<string, unknown>
}

export interface Rights {
  /** Rules by object name, "*" among them. */
  objects: Record<string, ObjectRule>
  /** Anything else of the role's rights, kept as it came. */
  rest: Record<string, unknown>
}

const reach = (v: unknown): Reach | undefined => (v === true ? 'all' : v === false ? 'none' : REACHES.find((r) => r === v))

/** Reads a role's JSON; what it does not know it keeps in `rest`. */
export function readRights(json: unknown): Rights {
  const rights: Rights = { objects: {}, rest: {} }
  if (typeof json !== 'object' || json === null) return rights
  for (const [name, value] of Object.entries(json)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      rights.rest[name] = value
      continue
    }
    const source = value as Record<string, unknown>
    const rule: ObjectRule = {}
    for (const verb of VERBS) {
      const r = reach(source[verb])
      if (r) rule[verb] = r
    }
    for (const extra of EXTRAS) if (typeof source[extra] === 'boolean') rule[extra] = source[extra]
    if (typeof source.fields === 'object' && source.fields !== null) rule.fields = { ...(source.fields as Record<string, FieldLevel>) }
    const known = new Set<string>([...VERBS, ...EXTRAS, 'fields'])
    const rest = Object.entries(source).filter(([k]) => !known.has(k))
    if (rest.length) rule.rest = Object.fromEntries(rest)
    rights.objects[name] = rule
  }
  return rights
}

/** The JSON to store; empty rules are left out. */
export function writeRights(rights: Rights): Record<string, unknown> {
  const json: Record<string, unknown> = { ...rights.rest }
  for (const [name, rule] of Object.entries(rights.objects)) {
    const { fields, rest, ...own } = rule
    const kept = { ...own, ...(fields && Object.keys(fields).length ? { fields } : {}), ...rest }
    if (Object.keys(kept).length) json[name] = kept
  }
  return json
}

/** What holds for an object without a word of its own. */
export const inherited = (rights: Rights, verb: Verb, isSetting = false): Reach =>
  isSetting ? (verb === 'read' ? 'all' : 'none') : (rights.objects['*']?.[verb] ?? 'none')
/** What holds for an object: its own word, else that of "*", else nothing. */
export const effective = (rights: Rights, object: string, verb: Verb, isSetting = false): Reach => rights.objects[object]?.[verb] ?? inherited(rights, verb, isSetting)
export const effectiveExtra = (rights: Rights, object: string, extra: Extra, isSetting = false): boolean =>
  rights.objects[object]?.[extra] ?? (isSetting ? false : (rights.objects['*']?.[extra] ?? false))
/** The role that may do everything; it has no matrix. */
export const isAdministrator = (rights: Rights) => rights.rest.administrator === true

/** The same rights with one word of one object changed; undefined takes the object's own word away. */
export function withRule<K extends keyof ObjectRule>(rights: Rights, object: string, key: K, value: ObjectRule[K] | undefined): Rights {
  const rule = { ...rights.objects[object] }
  if (value === undefined) delete rule[key]
  else rule[key] = value
  return { ...rights, objects: { ...rights.objects, [object]: rule } }
}

/** The same rights with one field's level changed; "write" is the rule without a word. */
export function withField(rights: Rights, object: string, field: string, level: FieldLevel): Rights {
  const fields = { ...rights.objects[object]?.fields }
  if (level === 'write') delete fields[field]
  else fields[field] = level
  return withRule(rights, object, 'fields', Object.keys(fields).length ? fields : undefined)
}
