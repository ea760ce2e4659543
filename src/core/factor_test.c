/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codes of time by the vectors of RFC 6238, base32 by those of RFC 4648, and that a code is good once. */
#include "core/factor.h"
#include "core/session.h"
#include "core/test_store.h"

TEST(codes_of_rfc_6238)
{
    static const struct {
        uint64_t seconds;
        unsigned code;
    } CASES[] = {{59, 287082},       {1111111109, 81804},  {1111111111, 50471},
                 {1234567890, 5924}, {2000000000, 279037}, {20000000000, 353130}};
    unsigned char secret[FACTOR_SECRET];

    (void)mem;
    for (size_t i = 0; i < FACTOR_SECRET; i++) secret[i] = (unsigned char)('0' + (i + 1) % 10);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        CHECK_EQ_INT(totp_code(secret, CASES[i].seconds / 30), CASES[i].code);
}

TEST(base32_of_rfc_4648)
{
    static const char *const CASES[][2] = {{"f", "MY"},           {"fo", "MZXQ"},
                                           {"foo", "MZXW6"},      {"foob", "MZXW6YQ"},
                                           {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"}};
    unsigned char back[8];

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        size_t n = strlen(CASES[i][0]);
        CHECK_STR(base32_text(mem, (const unsigned char *)CASES[i][0], n), CASES[i][1]);
        CHECK(base32_read(str_c(CASES[i][1]), back, n) && memcmp(back, CASES[i][0], n) == 0);
    }
    CHECK(base32_read(S("mzxw6ytboi"), back, 6));
    CHECK(!base32_read(S("MZXW6YTBO1"), back, 6));
    CHECK(!base32_read(S("MZXW6"), back, 6));
}

typedef struct Try {
    Id user;
    Str secret, code, *codes;
    FactorCheck check;
    Factor factor;
} Try;

static Err *find(Ctx *cx, void *arg)
{
    Try *t = arg;
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("user")));

    record_set(rec, "name", val_text(S("Анна")));
    record_set(rec, "email", val_text(S("anna@example.org")));
    TRY(record_create(cx, rec, NULL));
    t->user = rec->id;
    return factor_begin(cx, t->user, &t->secret);
}

static Err *confirm(Ctx *cx, void *arg)
{
    Try *t = arg;

    return factor_confirm(cx, t->user, t->code, &t->codes);
}

static Err *check(Ctx *cx, void *arg)
{
    Try *t = arg;

    TRY(factor_check(cx, t->user, t->code, &t->check));
    return factor_get(cx, t->user, &t->factor);
}

static Str code_at(Arena *mem, Str secret, int64_t ms)
{
    unsigned char bytes[FACTOR_SECRET];

    CHECK(base32_read(secret, bytes, sizeof bytes));
    return str_fmt(mem, "%06u", totp_code(bytes, (uint64_t)ms / 30000));
}

static FactorCheck checked(Store *store, Arena *mem, Try *t, Str code)
{
    t->code = code;
    CHECK_OK(test_write(store, mem, check, t));
    return t->check;
}

TEST_STORE(a_code_lets_in_once)
{
    Try t = {0};

    store->clock_ms = INT64_C(1800000000000);
    CHECK_OK(test_write(store, mem, find, &t));
    CHECK_EQ_INT(checked(store, mem, &t, S("")), FACTOR_NONE); /* one that only waits asks nothing */
    t.code = S("000000x");
    CHECK_OK(test_write(store, mem, confirm, &t));
    CHECK(!t.codes);
    t.code = code_at(mem, t.secret, store->clock_ms);
    CHECK_OK(test_write(store, mem, confirm, &t));
    NEED(t.codes);
    CHECK_EQ_INT(checked(store, mem, &t, S(" ")), FACTOR_MISSING);
    CHECK_EQ_INT(checked(store, mem, &t, code_at(mem, t.secret, store->clock_ms)),
                 FACTOR_WRONG); /* that of turning on */
    store->clock_ms += 90000;
    Str code = code_at(mem, t.secret, store->clock_ms + 30000); /* a clock that is ahead */
    CHECK_EQ_INT(checked(store, mem, &t, code), FACTOR_GOOD);
    CHECK_EQ_INT(checked(store, mem, &t, code), FACTOR_WRONG);
    CHECK_EQ_INT(checked(store, mem, &t, code_at(mem, t.secret, store->clock_ms)),
                 FACTOR_WRONG); /* an earlier step */
    store->clock_ms += 600000;
    CHECK_EQ_INT(checked(store, mem, &t, code_at(mem, t.secret, store->clock_ms - 90000)), FACTOR_WRONG);
    CHECK_EQ_INT(checked(store, mem, &t, str_cat(mem, S(" "), code_at(mem, t.secret, store->clock_ms))),
                 FACTOR_GOOD);
}

TEST_STORE(a_code_of_paper_goes)
{
    Try t = {0};

    store->clock_ms = INT64_C(1800000000000);
    CHECK_OK(test_write(store, mem, find, &t));
    t.code = code_at(mem, t.secret, store->clock_ms);
    CHECK_OK(test_write(store, mem, confirm, &t));
    NEED(t.codes);
    CHECK_EQ_INT(t.codes[0].n, 24);
    Str typed = str_fmt(mem, "%.4s-%.20s", t.codes[3].p, t.codes[3].p + 4);
    CHECK_EQ_INT(checked(store, mem, &t, typed), FACTOR_GOOD);
    CHECK_EQ_INT(t.factor.codes_left, FACTOR_CODES - 1);
    CHECK_EQ_INT(checked(store, mem, &t, t.codes[3]), FACTOR_WRONG);
    CHECK_EQ_INT(checked(store, mem, &t, S("AAAAAAAAAAAAAAAAAAAAAAAA")), FACTOR_WRONG);
    CHECK_EQ_INT(checked(store, mem, &t, t.codes[9]), FACTOR_GOOD);
    CHECK(t.factor.is_on && t.factor.codes_left == FACTOR_CODES - 2);
}
