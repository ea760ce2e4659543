/* SPDX-License-Identifier: GPL-3.0-or-later */
import { CalendarClock, Phone, SquareCheck, StickyNote } from 'lucide-react'

/** The sign of each kind of activity. */
export const KIND_ICON = { note: StickyNote, call: Phone, meeting: CalendarClock, task: SquareCheck }
