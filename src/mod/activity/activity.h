/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* Tasks, calls, meetings, notes. */
extern const Module mod_activity;

/** Arranges what comes by the clock; when the program starts. */
MUST_CHECK Err *activity_schedule(Store *store, Arena *mem);
