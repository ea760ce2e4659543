/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as a file that is called .json. */

#include "fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_source(data, size, "x.json");
    return 0;
}
