/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/store.h"

/** What a new company starts with, in its language: currencies, own company, roles, a pipeline, industries. */
MUST_CHECK Err *seed_all(Ctx *cx, const InitOptions *init);
