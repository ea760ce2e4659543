/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* The jobs that send what waits (object mail), and a test. */
extern const Module svc_mail;
