/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/config.h"
#include "core/store.h"

/** Opens the store (an empty database gets its tables; the browser asks the rest), answers HTTP and the socket until SIGTERM
    or SIGINT, finishes running requests and returns. */
MUST_CHECK Err *serve(Arena *mem, StoreOptions *opt, const Config *config);
