/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

/** Brings what is derived from the records' values (stored formulas and roll-ups, folded texts, sort keys, search entries) up
    to the metadata it was last made by, of the objects where that has changed.  Called when a store is opened, before anybody
    asks; in units of its own. */
MUST_CHECK Err *fill_all(Store *store);
/** In a write unit: everything stored now was made by the present metadata. */
MUST_CHECK Err *fill_mark(Ctx *cx);
