/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The navigation as data: Today and other features' entries, then objects by group from the metadata. */
import type { T, Key } from '@/i18n'
import type { Meta, ObjectMeta } from '@/meta'
import { iconOf, type Icon } from '@/ui'
import { modules } from './registry'

export interface NavItem {
  href: string
  label: string
  icon: Icon
  goKey?: string
}

export interface NavGroup {
  label: string | null
  items: NavItem[]
}

/** A free letter for each object, out of its name, so that G and the letter opens its list. */
export function goKeys(names: string[], taken: string[]): Map<string, string> {
  const used = new Set(taken.map((k) => k.toUpperCase()))
  const result = new Map<string, string>()
  for (const name of names) {
    const free = [...name.toUpperCase()].find((c) => /[A-Z]/.test(c) && !used.has(c))
    if (!free) continue
    used.add(free)
    result.set(name, free)
  }
  return result
}

const GROUPS = ['work', 'sales', 'customers', 'crm', 'service', 'marketing', 'catalog', 'insights']

function groupLabel(t: T, group: string): string {
  const key = `nav.group.${group}`
  const text = t(key as Key)
  return text === key ? group : text
}

const place = (o: ObjectMeta) => o.nav_order ?? Infinity

/** Objects the navigation shows, in the order they say. */
export const navObjects = (meta: Meta): ObjectMeta[] => meta.objects.filter((o) => o.nav && o.rights.read).sort((a, b) => place(a) === place(b) ? 0 : place(a) - place(b))

/** Groups of the navigation, top to bottom; the last is for the foot. */
export function buildNav(meta: Meta, t: T): { groups: NavGroup[]; bottom: NavItem[] } {
  const entries = modules.flatMap((m) => m.nav ?? [])
  const letters = goKeys(navObjects(meta).map((o) => o.name), entries.flatMap((e) => e.goKey ?? []))
  const own = (place: 'top' | 'bottom') =>
    entries.filter((e) => e.place === place).map((e) => ({ href: e.href, label: t(e.label), icon: e.icon, goKey: e.goKey }))
  const byGroup = new Map<string, NavItem[]>()
  for (const o of navObjects(meta)) {
    const group = o.group ?? 'work'
    const items = byGroup.get(group) ?? byGroup.set(group, []).get(group)!
    items.push({ href: `/o/${o.plural}`, label: o.label_plural, icon: iconOf(o.icon), goKey: letters.get(o.name) })
  }
  const order = (g: string) => (GROUPS.indexOf(g) + GROUPS.length + 1) % (GROUPS.length + 1)
  const groups = [...byGroup].sort((a, b) => order(a[0]) - order(b[0])).map(([g, items]) => ({ label: groupLabel(t, g), items }))
  return { groups: [{ label: null, items: own('top') }, ...groups], bottom: own('bottom') }
}
