/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as a statement of a bank: what its first bytes say it is. */

#include "fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_source(data, size, "x.txt");
    return 0;
}
