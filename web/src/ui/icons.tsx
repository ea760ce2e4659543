/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Icons the metadata may name.  One table, so that only these are in the bundle. */
import {
  Banknote, BookUser, Box, Briefcase, Building, Building2, CalendarDays, CircleUser, Coins, Columns3, Contact, Database, Eye, Factory, File,
  FileText, Flag, Folder, GitBranch, Globe, Handshake, KeyRound, Layers, List, ListChecks, Mail, MapPin, Package, Percent, Phone, ReceiptText, Shield,
  ShoppingCart, SquareCheck, StickyNote, Tag, Target, Trophy, User, UserPlus, Users, Wallet, Zap,
} from 'lucide-react'
import type { Icon } from './cx'

const ICONS: Record<string, Icon> = {
  banknote: Banknote, 'book-user': BookUser, box: Box, briefcase: Briefcase, building: Building, 'building-2': Building2, calendar: CalendarDays,
  'circle-user': CircleUser, coins: Coins, columns: Columns3, contact: Contact, database: Database, eye: Eye, factory: Factory, file: File,
  'file-text': FileText, flag: Flag, folder: Folder, 'git-branch': GitBranch, globe: Globe, handshake: Handshake, key: KeyRound, layers: Layers, list: List,
  'list-checks': ListChecks, activity: ListChecks, mail: Mail, map: MapPin, package: Package, percent: Percent, phone: Phone, receipt: ReceiptText,
  shield: Shield, cart: ShoppingCart, check: SquareCheck, task: SquareCheck, note: StickyNote, tag: Tag, target: Target, trophy: Trophy, user: User,
  'user-plus': UserPlus, lead: UserPlus, users: Users, wallet: Wallet, zap: Zap,
}

/** The icon of a name from the metadata; a box when the name is not in the table. */
export const iconOf = (name: string | null | undefined): Icon => ICONS[name ?? ''] ?? Box
