/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* The certificate of a server that speaks HTTPS itself, read again without a restart. */
typedef struct Tls Tls;

/** Reads chain and key (PEM).  INVALID{error.tls.files} when they cannot be read or do not fit, INVALID{error.tls.mode} for a
    key that everybody on the machine may read. */
MUST_CHECK Err *tls_open(Arena *mem, Str cert, Str key, Tls **out);
/** Reads the files again; the old certificate stays when they are not good. */
MUST_CHECK Err *tls_reload(Arena *mem, Tls *tls);
void tls_close(Tls *tls);
/** The callback for the library (gnutls_certificate_retrieve_function2) finds it here: one server a process. */
void *tls_callback(void);
