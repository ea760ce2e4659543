/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* Tasks, calls, meetings, notes. */
extern const Module mod_activity;
