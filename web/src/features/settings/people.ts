/* SPDX-License-Identifier: GPL-3.0-or-later */
import type { Rec, Ref } from '@/api'
import type { ObjectMeta } from '@/meta'

/** The field that says whether a user may sign in, and the values for yes and no; null when there is none. */
export function activeField(user: ObjectMeta): { name: string; on: unknown; off: unknown } | null {
  for (const name of ['active', 'is_active', 'enabled']) if (user.fields.some((f) => f.name === name && f.type === 'boolean')) return { name, on: true, off: false }
  for (const name of ['disabled', 'blocked']) if (user.fields.some((f) => f.name === name && f.type === 'boolean')) return { name, on: false, off: true }
  const status = user.fields.find((f) => ['status', 'state'].includes(f.name) && f.options)
  const off = status?.options?.find((o) => ['inactive', 'disabled', 'blocked', 'deactivated'].includes(o.value))
  return status && off ? { name: status.name, on: 'active', off: off.value } : null
}

/** Whether a user is switched off. */
export function isOff(user: Rec, field: ReturnType<typeof activeField>): boolean {
  return field !== null && user[field.name] === field.off
}

export interface TreeRow {
  record: Rec
  depth: number
}

const refId = (v: unknown) => (typeof v === 'object' && v !== null && 'id' in v ? (v as Ref).id : null)

/** Records as a tree by their parent reference, depth first; a parent that is not in the list counts as none. */
export function treeRows(records: Rec[], parent: string): TreeRow[] {
  const known = new Set(records.map((r) => r.id))
  const children = new Map<string | null, Rec[]>()
  for (const r of records) {
    const id = refId(r[parent])
    const under = id !== null && known.has(id) && id !== r.id ? id : null
    children.set(under, [...(children.get(under) ?? []), r])
  }
  const rows: TreeRow[] = []
  const seen = new Set<string>()
  const walk = (under: string | null, depth: number) => {
    for (const record of children.get(under) ?? []) {
      if (seen.has(record.id)) continue
      seen.add(record.id)
      rows.push({ record, depth })
      walk(record.id, depth + 1)
    }
  }
  walk(null, 0)
  for (const record of records) if (!seen.has(record.id)) rows.push({ record, depth: 0 })
  return rows
}
