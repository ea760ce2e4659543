/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/worktime.h"
#include "core/record.h"

/* Whose working calendar is whose: objects calendar and calendar_day. */

/** Fields of a calendar that hold the hours, from Sunday. */
extern const char *const CALENDAR_DAYS[7];

/** What `user` works by: his own calendar, else that of his team or the nearest above it, else the default one, else Monday to
    Friday from nine to six in the company's zone and country; less his absences.  `user` 0: the company. */
MUST_CHECK Err *calendar_of_user(Ctx *cx, Id user, WorkCalendar *out);

/* Where a client is, as far as it can be told. */
typedef struct ClientTime {
    WorkCalendar work; /* usual hours there, less public holidays */
    bool has_zone;     /* the zone is known: otherwise only the date in the company's zone is */
    bool is_guessed;   /* it follows from the country */
} ClientTime;

/** From zone, country and phones of `rec`, else of the account or contact it refers to. */
MUST_CHECK Err *calendar_of_client(Ctx *cx, const Record *rec, ClientTime *out);
