/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes through the door of the HTTP server: what is let in is valid text without a NUL, and no longer than it was.
 * Also the lists and headers that strangers send. */

#include "http/http_impl.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *mem = arena_new(0);
    Str s = {(const char *)data, size}, out;
    Net *nets;
    size_t n;

    if (door_decode(mem, s, &out)) {
        REQUIRE(out.n <= size && utf8_is_valid(out));
        REQUIRE(out.n == 0 || !memchr(out.p, 0, out.n));
        gzip_is_accepted(out);
        if (net_parse_list(mem, out, &nets, &n) == NULL) net_holds(nets, n, S("10.1.2.3"));
        net_holds(&(Net){.bits = 0}, 1, out);
    }
    gzip_unpack(mem, s, 1 << 20, &out);
    arena_free(mem);
    return 0;
}
