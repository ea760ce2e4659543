/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates, times and moments.  Values are the API's strings; zones are those of the user. */
import {
  Button as AriaButton,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  DateInput,
  DatePicker as AriaDatePicker,
  DateSegment,
  Group,
  Heading,
  Popover,
  TimeField as AriaTimeField,
} from 'react-aria-components'
import { parseAbsolute, parseDate, parseTime, toCalendarDateTime, type CalendarDate, type DateValue, type ZonedDateTime } from '@internationalized/date'
import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react'
import { useI18n } from '@/i18n'
import { ariaField, FieldFrame, type FieldProps } from './field'

export interface DateFieldProps extends FieldProps {
  /** YYYY-MM-DD or null. */
  value: string | null
  onChange: (value: string | null) => void
  onBlur?: () => void
}

const attempt = <T,>(f: () => T): T | null => {
  try {
    return f()
  } catch {
    return null
  }
}

function CalendarBox({ label }: { label: string }) {
  return (
    <Popover className="pop" offset={4} aria-label={label}>
      <div className="pop-body">
        <Calendar className="calendar">
          <div className="calendar-head">
            <AriaButton slot="previous" className="btn btn-ghost btn-icon"><ChevronLeft size={15} aria-hidden /></AriaButton>
            <Heading />
            <AriaButton slot="next" className="btn btn-ghost btn-icon"><ChevronRight size={15} aria-hidden /></AriaButton>
          </div>
          <CalendarGrid weekdayStyle="short">
            <CalendarGridHeader>{(day) => <CalendarHeaderCell>{day}</CalendarHeaderCell>}</CalendarGridHeader>
            <CalendarGridBody>{(date) => <CalendarCell date={date} />}</CalendarGridBody>
          </CalendarGrid>
        </Calendar>
      </div>
    </Popover>
  )
}

function PickerBody({ p }: { p: FieldProps }) {
  const { t } = useI18n()
  return (
    <FieldFrame p={p}>
      <Group className="input-box date-box">
        <DateInput className="date-input">{(segment) => <DateSegment segment={segment} className="date-segment" />}</DateInput>
        <AriaButton className="search-x" aria-label={t('ui.open_calendar')}><CalendarDays size={14} aria-hidden /></AriaButton>
      </Group>
      <CalendarBox label={p.label} />
    </FieldFrame>
  )
}

/** A calendar day, typed or picked. */
export function DatePicker(p: DateFieldProps) {
  const value = p.value ? attempt(() => parseDate(p.value!)) : null
  return (
    <AriaDatePicker<CalendarDate> {...ariaField(p)} value={value} onBlur={p.onBlur} onChange={(v) => p.onChange(v ? v.toString() : null)}>
      <PickerBody p={p} />
    </AriaDatePicker>
  )
}

/** A moment: RFC 3339 UTC outside, the user's zone inside. */
export function DateTimePicker(p: DateFieldProps) {
  const { fmt } = useI18n()
  const zoned = p.value ? attempt(() => parseAbsolute(p.value!, fmt.zone)) : null
  const change = (v: DateValue | null) => {
    if (!v) return p.onChange(null)
    const moment = 'timeZone' in v ? (v as ZonedDateTime).toDate() : toCalendarDateTime(v).toDate(fmt.zone)
    p.onChange(moment.toISOString().replace('.000Z', 'Z'))
  }
  return (
    <AriaDatePicker<DateValue> {...ariaField(p)} value={zoned ? toCalendarDateTime(zoned) : null} granularity="minute" onBlur={p.onBlur} onChange={change}>
      <PickerBody p={p} />
    </AriaDatePicker>
  )
}

/** A time of day, "HH:MM". */
export function TimeField(p: DateFieldProps) {
  const value = p.value ? attempt(() => parseTime(p.value!)) : null
  return (
    <AriaTimeField {...ariaField(p)} value={value} onBlur={p.onBlur} onChange={(v) => p.onChange(v ? v.toString().slice(0, 5) : null)}>
      <FieldFrame p={p}>
        <DateInput className="input date-input">{(segment) => <DateSegment segment={segment} className="date-segment" />}</DateInput>
      </FieldFrame>
    </AriaTimeField>
  )
}
