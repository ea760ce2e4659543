/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures against the example of the specification. */
#include "svc/sign.h"

#include "base/tap.h"

/* The example of the specification's own libraries. */
TEST(signs_as_the_reference_does)
{
    const Str secret = S("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    Str got = {0};

    CHECK_OK(webhook_signature(mem, S("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
                               S("{\"test\": 2432232314}"), &secret, 1, &got));
    CHECK_STR(got, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(two_secrets_give_two_signatures)
{
    const Str secrets[] = {webhook_secret_new(mem), S("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")};
    Str got = {0};

    CHECK_OK(webhook_signature(mem, S("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
                               S("{\"test\": 2432232314}"), secrets, 2, &got));
    CHECK(str_ends(got, S(" v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")));
    CHECK_EQ_INT(got.n, 2 * 47 + 1);
}

TEST(secrets_are_random_and_long)
{
    Str a = webhook_secret_new(mem), b = webhook_secret_new(mem);

    CHECK(str_starts(a, S("whsec_")));
    CHECK_EQ_INT(a.n, 6 + 44);
    CHECK(!str_eq(a, b));
}

TEST(what_is_no_secret_signs_nothing)
{
    const Str bad[] = {S(""), S("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), S("whsec_not base64!")};
    Str got = {0};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_ERR(webhook_signature(mem, S("m"), 1, S("{}"), &bad[i], 1, &got), ERR_INTERNAL);
}
