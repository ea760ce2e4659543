/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections of the settings and who may open them: a section of an object needs the right to change it. */
import { Bell, Building2, CalendarClock, CalendarDays, Coins, DatabaseBackup, FileDown, FileInput, FileText, FileUp, FlaskConical, Gauge, Info, KeyRound, ListChecks, Mail, Network, RefreshCw, ShieldCheck, Shuffle, Signpost, Siren, Stamp, UserCog, Users, Webhook } from 'lucide-react'
import type { Key } from '@/i18n'
import type { ObjectMeta } from '@/meta'
import type { Icon } from '@/ui'

export interface Section {
  id: string
  label: Key
  icon: Icon
  /** The object whose change makes the section; none is for everybody. */
  object?: string
  /** Where it is, when that is the object's own list. */
  href?: string
}

export const hrefOf = (s: Section): string => s.href ?? '/settings/' + s.id

export const SECTIONS: Section[] = [
  { id: 'profile', label: 'settings.profile', icon: UserCog },
  { id: 'company', label: 'settings.company', icon: Building2, object: 'own_company' },
  { id: 'users', label: 'settings.users', icon: Users, object: 'user' },
  { id: 'teams', label: 'settings.teams', icon: Network, object: 'team' },
  { id: 'roles', label: 'settings.roles', icon: ShieldCheck, object: 'role' },
  { id: 'calendars', label: 'settings.calendars', icon: CalendarDays, object: 'calendar', href: '/o/calendars' },
  { id: 'assignment', label: 'settings.assignment', icon: Shuffle, object: 'assignment_rule', href: '/o/assignment_rules' },
  { id: 'scores', label: 'settings.scores', icon: Gauge, object: 'score_rule', href: '/o/score_rules' },
  { id: 'choices', label: 'settings.choices', icon: ListChecks, object: 'choice_option' },
  { id: 'playbooks', label: 'settings.playbooks', icon: Signpost, object: 'playbook', href: '/o/playbooks' },
  { id: 'rhythm', label: 'settings.rhythm', icon: CalendarClock, object: 'contact_rhythm', href: '/o/contact_rhythms' },
  { id: 'escalation', label: 'settings.escalation', icon: Siren, object: 'escalation_rule', href: '/o/escalation_rules' },
  { id: 'life', label: 'settings.life', icon: RefreshCw, object: 'life_rule', href: '/o/life_rules' },
  { id: 'signals', label: 'settings.signals', icon: Bell, object: 'signal_rule', href: '/o/signal_rules' },
  { id: 'templates', label: 'settings.templates', icon: FileText, object: 'document_template', href: '/o/document_templates' },
  { id: 'approvals', label: 'settings.approvals', icon: Stamp, object: 'approval_rule', href: '/o/approval_rules' },
  { id: 'currencies', label: 'settings.currencies', icon: Coins, object: 'rate' },
  { id: 'keys', label: 'settings.keys', icon: KeyRound },
  { id: 'forms', label: 'settings.forms', icon: FileInput, object: 'web_form' },
  { id: 'drops', label: 'settings.drops', icon: FileUp, object: 'drop_folder' },
  { id: 'webhooks', label: 'settings.webhooks', icon: Webhook, object: 'webhook' },
  { id: 'mail', label: 'settings.mail', icon: Mail, object: 'role' },
  { id: 'backups', label: 'settings.backups', icon: DatabaseBackup, object: 'role' },
  { id: 'exports', label: 'settings.exports', icon: FileDown, object: 'role' },
  { id: 'demo', label: 'settings.demo', icon: FlaskConical, object: 'role' },
  { id: 'about', label: 'settings.about', icon: Info },
]

/** Sections the user may open. */
export const openSections = (find: (name: string) => ObjectMeta | null): Section[] =>
  SECTIONS.filter((s) => {
    if (!s.object) return true
    const rights = find(s.object)?.rights
    return !!rights?.read && (rights.update || rights.create)
  })
