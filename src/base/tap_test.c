/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The harness itself: what the checks say about true things, and that each test has its own empty arena. */

#include "base/tap.h"

TEST(checks_are_true_when_they_hold)
{
    CHECK(CHECK(true));
    CHECK(CHECK_EQ_INT(-3, -3));
    CHECK(CHECK_STR(S("a"), "a"));
    CHECK(CHECK_ERR(err_new(mem, ERR_INVALID, "test.key", "detail"), ERR_INVALID));
    CHECK_OK(NULL);
    NEED(mem);
}

TEST(arena_is_fresh)
{
    CHECK_EQ_INT(arena_used(mem), 0);
    CHECK(NEW(mem, TapTest)->run == NULL);
}
