/* SPDX-License-Identifier: GPL-3.0-or-later */
import {
  LayoutDashboard, Square,
  AlarmClock, Archive, ArrowRight, Ban, BookMarked, BookUser, Boxes, Briefcase, Building, CalendarX, ChartColumn, ChartLine, Check, CheckCheck,
  CirclePercent, CircleQuestionMark, CircleUser, ClipboardList, Clock, Coins, CopyPlus, Database, Download, Eye, Factory, File, FileCheck,
  FileCog, FilePen, FileX, Flag, FlaskConical, Folder, FolderDown, Footprints, Gauge, GitBranch, Globe, Handshake, HeartHandshake, History, KeyRound,
  Layers, Lightbulb, Link, List, ListPlus, ListTodo, Lock, LockOpen, MapPin, MessageSquare, Navigation, Network, Pencil, Percent, Play,
  Printer, RefreshCw, Repeat, RotateCcw, Route, ScrollText, Search, Send, Settings, Shield, ShoppingCart, Shuffle, Signature, Siren, Split,
  SquareActivity, SquareCheck, Stamp, Star, StickyNote, Swords, Tag, Tags, TextCursorInput, ThumbsDown, ThumbsUp, Trash2, TrendingDown, Trophy,
  Undo2, Upload, User, UserCheck, UserCog, UserX, UsersRound, Wallet, Webhook, X, Zap,
} from 'lucide-react'
import type { Icon } from './cx'

/** Icons of actions, settings and objects that are not in the navigation, by the names the metadata uses. */
export const MORE_ICONS: Record<string, Icon> = {
  'layout-dashboard': LayoutDashboard, square: Square,
  'activity-square': SquareActivity, 'alarm-clock': AlarmClock, archive: Archive, 'arrow-right': ArrowRight, ban: Ban,
  'book-marked': BookMarked, 'book-user': BookUser, boxes: Boxes, briefcase: Briefcase, building: Building, 'calendar-x': CalendarX,
  cart: ShoppingCart, 'chart-column': ChartColumn, 'chart-line': ChartLine, check: Check, 'check-check': CheckCheck,
  'circle-help': CircleQuestionMark, 'circle-user': CircleUser, 'clipboard-list': ClipboardList, clock: Clock, coins: Coins,   'copy-plus': CopyPlus, database: Database, download: Download, eye: Eye, factory: Factory, file: File, 'file-check': FileCheck,
  'file-cog': FileCog, 'file-signature': FilePen, 'file-x': FileX, flag: Flag, flask: FlaskConical, folder: Folder, 'folder-down': FolderDown,
  footprints: Footprints, 'form-input': TextCursorInput, gauge: Gauge, 'git-branch': GitBranch, globe: Globe, handshake: Handshake,
  'heart-handshake': HeartHandshake, history: History, key: KeyRound, layers: Layers, lightbulb: Lightbulb, link: Link, list: List,
  'list-plus': ListPlus, 'list-todo': ListTodo, lock: Lock, map: MapPin, 'map-pin': MapPin, 'message-square': MessageSquare,
  navigation: Navigation, network: Network, note: StickyNote, pencil: Pencil, percent: Percent, 'percent-circle': CirclePercent,   play: Play, printer: Printer, 'refresh-cw': RefreshCw, repeat: Repeat, 'rotate-ccw': RotateCcw, route: Route, 'scroll-text': ScrollText,
  search: Search, send: Send, settings: Settings, shield: Shield, shuffle: Shuffle, signature: Signature, siren: Siren, split: Split, stamp: Stamp,
  star: Star, swords: Swords, tag: Tag, tags: Tags, task: SquareCheck, 'thumbs-down': ThumbsDown, 'thumbs-up': ThumbsUp, 'trash-2': Trash2,
  'trending-down': TrendingDown, trophy: Trophy, 'undo-2': Undo2, unlock: LockOpen, upload: Upload, user: User, 'user-check': UserCheck,
  'user-cog': UserCog, 'user-x': UserX, 'users-round': UsersRound, wallet: Wallet, webhook: Webhook, x: X, zap: Zap,
}
