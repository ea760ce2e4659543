/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* Users, teams, roles, keys: what the settings hold. */
extern const Module mod_system;
