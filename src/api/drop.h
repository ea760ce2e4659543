/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/drop.h"
#include "core/store.h"

/* Inside api: drop folders at work. */

/** The job "drop.look": one look into every folder, and the next one planned. */
Err *drop_job(Store *store, Arena *mem, Id job, const Val *arg);
