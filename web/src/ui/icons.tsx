/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Icons the metadata may name.  One table, so that only these are in the bundle: those of the navigation and those every
   list has; what is seldom looked at comes in a piece of its own when first shown. */
import { lazy, Suspense } from 'react'
import {
  ArrowUp, Banknote, Bell, Box, Building2, CalendarDays, Columns3, Contact, Ellipsis, ExternalLink, EyeOff, FileText, Landmark, ListChecks, Mail, Package, Phone, ReceiptText, BookOpen, ShoppingCart, Target, UserPlus, Users,
} from 'lucide-react'
import type { Icon } from './cx'

const ICONS: Record<string, Icon> = {
  activity: ListChecks, 'arrow-up': ArrowUp, banknote: Banknote, bell: Bell, 'book-open': BookOpen, box: Box, 'building-2': Building2, calendar: CalendarDays, columns: Columns3, contact: Contact, ellipsis: Ellipsis, 'external-link': ExternalLink, 'eye-off': EyeOff, 'file-text': FileText,
  landmark: Landmark, 'list-checks': ListChecks, mail: Mail, package: Package, phone: Phone, receipt: ReceiptText, 'shopping-cart': ShoppingCart, target: Target, 'user-plus': UserPlus, users: Users,
}

const later = new Map<string, Icon>()

function laterIcon(name: string): Icon {
  const Late = lazy(() => import('./moreicons').then((m) => ({ default: m.MORE_ICONS[name] ?? Box })))
  const icon = ((p: { size?: number }) => <Suspense fallback={<svg width={p.size} height={p.size} aria-hidden />}><Late {...p} /></Suspense>) as Icon
  later.set(name, icon)
  return icon
}

/** The names that are in the first piece. */
export const firstIcons = Object.keys(ICONS)

/** The icon of a name from the metadata; a box when nobody knows it. */
export const iconOf = (name: string | null | undefined): Icon => ICONS[name ?? 'box'] ?? later.get(name!) ?? laterIcon(name!)
