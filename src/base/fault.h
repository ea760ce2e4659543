/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>

#define FAULT_DIES (-1)

/* Failures a test asks for, in a program it did not start inside itself.  KITH_TEST_FAULTS names a file of FAULT_COUNT
   times three 64-bit words, shared with the test: the first call that fails, the last one (FAULT_DIES: the process is
   killed by that call), and how many there have been.  In a release build none of it exists. */
typedef enum Fault {
    FAULT_STEP,   /* a statement, row or commit of any database */
    FAULT_WRITE,  /* SQLite writes into a file: an input/output error */
    FAULT_SYNC,   /* SQLite makes a file durable: an input/output error */
    FAULT_FULL,   /* SQLite writes into a file: no space left */
    FAULT_CHUNK,  /* an arena asks for memory: there is none */
    FAULT_MALLOC, /* SQLite asks for memory: there is none */
    FAULT_COUNT
} Fault;

#if KITH_TEST_HOOKS
/** Counts a call; true when it is one that has to fail. */
bool fault_now(Fault f);
/** True when a test has named such a file. */
bool fault_is_on(void);
#else
#define fault_now(f) false
#endif
