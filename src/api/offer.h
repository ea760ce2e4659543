/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/html.h"

/* Inside api: the page of a quote. */

/** Replies with the page: `offer` is what report openOffer gave, `said` a key of lang, or empty. */
void offer_page(Req *rq, const Val *offer, Str said, int status);
/** A page of one text, in the visitor's language. */
void offer_message(Req *rq, Str title, Str words, int status);
/** Text `name` of the map, empty when there is none. */
Str offer_text(const Val *offer, const char *name);
