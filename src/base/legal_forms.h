/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* Legal forms of companies as they stand around a name, in folded words ("sp z o o"). */

/** How many of the `n` words at the start of a name are its legal form: the longest that fits, 0 when none. */
size_t legal_form_before(const Str *words, size_t n);
/** The same for the words at the end of a name. */
size_t legal_form_after(const Str *words, size_t n);
