/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* Leads, deals, products, pipelines. */
extern const Module mod_sales;
