/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* Every business module, in order: one includes only earlier ones. */
extern const Module *const app_modules[];
extern const size_t app_modules_count;
