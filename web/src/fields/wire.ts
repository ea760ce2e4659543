// SPDX-License-Identifier: GPL-3.0-or-later
/* Values as they are sent: what the server works out itself (labels, names of files) stays here. */
import type { FileRef, LinkRef, Ref, Values } from './types'

function one(type: string, v: unknown): unknown {
  if (v === null || v === undefined || v === '') return null
  switch (type) {
    case 'reference': case 'user': case 'any_reference': {
      const r = v as Ref
      return { object: r.object, id: r.id }
    }
    case 'links': return (v as LinkRef[]).map(x => ({ object: x.object, id: x.id, link: x.link ?? {} }))
    case 'file': return { id: (v as FileRef).id }
    default: return v
  }
}

/** The fields named in `values`, ready to be sent. */
export function toWire(fields: { name: string; type: string }[], values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, v]) => [name, one(fields.find(f => f.name === name)?.type ?? '', v)]))
}

/** True when two values are the same thing for a form: labels do not matter. */
export function sameValue(type: string, a: unknown, b: unknown): boolean {
  return JSON.stringify(one(type, a)) === JSON.stringify(one(type, b))
}
