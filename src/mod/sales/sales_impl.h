/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/query.h"
#include "mod/sales/sales.h"

/* What the files of this module share: hooks (core/module.h says when they run) and functions of actions, which
   sales.c puts into its tables. */

/** Whether a write gives `field` another value than it had; a creation changes every field. */
bool sales_changed(const Record *rec, const Record *before, const char *field);

Err *stage_fill(Ctx *cx, Record *rec, const Record *before);
Err *deal_before(Ctx *cx, Record *rec, const Record *before);
Err *deal_after(Ctx *cx, Record *rec, const Record *before);
Err *line_before(Ctx *cx, Record *rec, const Record *before);
Err *lead_before(Ctx *cx, Record *rec, const Record *before);
Err *quota_before(Ctx *cx, Record *rec, const Record *before);
Err *forecast_change_before(Ctx *cx, Record *rec, const Record *before);

/** Parameters: account, create_deal, deal_name, amount. */
Err *lead_convert(Ctx *cx, Record *lead, const Val *params, Val *out);
