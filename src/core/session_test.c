/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signing in and out, keys, links, the waits after failures, and that nothing outlives its end. */
#include "core/session_impl.h"
#include "core/test_store.h"

static Str strong; /* the hash of the password below, made once */
#define PASSWORD "a long enough one"

static Err *add_user(Ctx *cx, void *arg)
{
    Id *id = arg, role = 0;
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("user")));
    Val v = {0};

    TRY(db_one(cx->mem, cx->db, S("SELECT id FROM \"role\" WHERE key = 'sales'"), NULL, 0, &v));
    role = v.i;
    record_set(rec, "name", val_text(S("Анна")));
    record_set(rec, "email", val_text(S("Anna@Example.org")));
    record_set(rec, "role", val_ref(meta_object(cx->meta, S("role"))->number, role));
    record_set(rec, "language", val_text(S("pl")));
    TRY(record_create(cx, rec, NULL));
    *id = rec->id;
    return user_set_password(cx, rec->id, strong);
}

static Id new_user(Store *store, Arena *mem)
{
    Id id = 0;

    if (!strong.n) {
        static char kept[200];

        CHECK_OK(password_hash(mem, S(PASSWORD), &strong));
        memcpy(kept, strong.p, strong.n);
        strong.p = kept;
    }
    CHECK_OK(test_write(store, mem, add_user, &id));
    return id;
}

/* --- signing in as the server does it ------------------------------------------------------------------------------------ */

typedef struct Try {
    SignIn in;
    Id user;
    Str hash, token;
    bool fits;
} Try;

static Err *prepare(Ctx *cx, void *arg)
{
    Try *t = arg;

    return signin_prepare(cx, &t->in, &t->user, &t->hash);
}

static Err *finish(Ctx *cx, void *arg)
{
    Try *t = arg;

    return signin_finish(cx, &t->in, t->user, t->fits, &t->token);
}

static Err *sign_in(Store *store, Arena *mem, const char *email, const char *password, const char *peer,
                    Str *token)
{
    Try t = {.in = {str_c(email), str_c(password), str_c(peer)}};

    *token = (Str){0};
    TRY(test_read(store, mem, prepare, &t));
    t.fits = password_fits(t.in.password, t.hash);
    TRY(test_write(store, mem, finish, &t));
    *token = t.token;
    return t.token.n ? NULL : signin_refused(mem);
}

typedef struct Who {
    Str token;
    Id user;
    Str name;
    Lang lang;
} Who;

static Err *who_by_session(Ctx *cx, void *arg)
{
    Who *w = arg;
    Actor *actor = NULL;

    TRY(actor_of_session(cx, w->token, &actor));
    *w = (Who){w->token, actor->user, str_copy(cx->mem, actor->name), actor->lang};
    return NULL;
}

static Err *who_by_key(Ctx *cx, void *arg)
{
    Who *w = arg;
    Actor *actor = NULL;

    TRY(actor_of_key(cx, w->token, &actor));
    w->user = actor->user;
    return NULL;
}

static Err *end(Ctx *cx, void *arg)
{
    return session_end(cx, ((Who *)arg)->token);
}

TEST_STORE(session_from_begin_to_end)
{
    Id id = new_user(store, mem);
    Who who = {0};

    CHECK_OK(sign_in(store, mem, "anna@example.ORG", PASSWORD, "10.0.0.1", &who.token));
    CHECK_EQ_INT(who.token.n, 43);
    CHECK_OK(test_read(store, mem, who_by_session, &who));
    CHECK_EQ_INT(who.user, id);
    CHECK_STR(who.name, "Анна");
    CHECK_EQ_INT(who.lang, LANG_PL);
    CHECK_OK(test_read(store, mem, who_by_session, &who));
    CHECK_OK(test_write(store, mem, end, &who));
    session_cache_drop(store);
    CHECK_ERR(test_read(store, mem, who_by_session, &who), ERR_DENIED);
    who.token = S("nonsense");
    CHECK_ERR(test_read(store, mem, who_by_session, &who), ERR_DENIED);
}

static Err *let_go(Ctx *cx, void *arg)
{
    Val bind = val_int(*(Id *)arg);

    return db_exec(cx->mem, cx->db, S("UPDATE \"user\" SET is_active = 0 WHERE id = ?1"), &bind, 1, NULL);
}

TEST_STORE(one_who_left_is_out)
{
    Id id = new_user(store, mem);
    Who who = {0};
    Str again = {0};

    CHECK_OK(sign_in(store, mem, "anna@example.org", PASSWORD, "", &who.token));
    CHECK_OK(test_read(store, mem, who_by_session, &who));
    CHECK_OK(test_write(store, mem, let_go, &id));
    session_cache_drop(store);
    CHECK_ERR(test_read(store, mem, who_by_session, &who), ERR_DENIED);
    CHECK_ERR(sign_in(store, mem, "anna@example.org", PASSWORD, "", &again), ERR_DENIED);
}

TEST_STORE(sessions_run_out)
{
    Who who = {0};

    (void)new_user(store, mem);
    CHECK_OK(sign_in(store, mem, "anna@example.org", PASSWORD, "", &who.token));
    CHECK_OK(test_read(store, mem, who_by_session, &who));
    store->clock_ms = store_now(store) + (SESSION_DAYS * INT64_C(86400000)) + 1;
    CHECK_ERR(test_read(store, mem, who_by_session, &who), ERR_DENIED);
}

/* --- failures ---------------------------------------------------------------------------------------------------------------- */

TEST_STORE(waits_grow_with_failures)
{
    Str token = {0};
    Try t = {.in = {S("anna@example.org"), {0}, S("10.0.0.2")}};
    Err *e = NULL;

    (void)new_user(store, mem);
    store->clock_ms = INT64_C(1900000000000);
    t.fits = false;
    for (int i = 0; i < 5; i++) CHECK_OK(test_write(store, mem, finish, &t));
    e = test_read(store, mem, prepare, &t);
    CHECK_ERR(e, ERR_LIMIT);
    CHECK_STR(e->args[0], "1");
    store->clock_ms += 1000;
    CHECK_OK(test_read(store, mem, prepare, &t));
    CHECK_OK(test_write(store, mem, finish, &t));
    e = test_read(store, mem, prepare, &t);
    CHECK_ERR(e, ERR_LIMIT);
    CHECK_STR(e->args[0], "2");
    store->clock_ms += 2000;
    CHECK_OK(sign_in(store, mem, "anna@example.org", PASSWORD, "10.0.0.2", &token));
    CHECK_ERR(sign_in(store, mem, "anna@example.org", "wrong", "10.0.0.2", &token), ERR_DENIED);
    CHECK_OK(sign_in(store, mem, "anna@example.org", PASSWORD, "10.0.0.2", &token));
}

TEST_STORE(an_address_is_slowed_whatever_account)
{
    Try t = {.in = {S(""), {0}, S("10.0.0.3")}};

    store->clock_ms = INT64_C(1900000000000);
    for (int i = 0; i < 20; i++) {
        t.in.email = str_fmt(mem, "u%d@example.org", i);
        CHECK_OK(test_write(store, mem, finish, &t));
    }
    t.in.email = S("other@example.org");
    CHECK_ERR(test_read(store, mem, prepare, &t), ERR_LIMIT);
    t.in.peer = S("10.0.0.4");
    CHECK_OK(test_read(store, mem, prepare, &t));
}

TEST(passwords)
{
    Str hash = {0};

    CHECK_ERR(password_hash(mem, S("short"), &hash), ERR_INVALID);
    CHECK_ERR(password_hash(mem, S("Пароль"), &hash), ERR_INVALID);
    CHECK_ERR(password_check(mem, S("eleven char")), ERR_INVALID);
    CHECK_ERR(password_check(mem, S("Password1234")), ERR_INVALID);
    CHECK_ERR(password_check(mem, S("aaaaaaaaaaaaaa")), ERR_INVALID);
    CHECK_OK(password_check(mem, S("длинный пароль")));
    CHECK_OK(password_hash(mem, S("длинный пароль"), &hash));
    CHECK(str_starts(hash, S("$argon2id$")));
    CHECK(str_find(hash, S("m=19456,")) > 0);
    CHECK(password_fits(S("длинный пароль"), hash));
    CHECK(!password_fits(S("длинный парольь"), hash));
    CHECK(!password_fits(S("nobody has this password"), (Str){0}));
    CHECK(!password_fits(S(""), S("no hash")));
}

/* --- keys and links ------------------------------------------------------------------------------------------------------------ */

typedef struct Keys {
    Id user;
    Str key;
    Who who;
} Keys;

static Err *make_key(Ctx *cx, void *arg)
{
    Keys *k = arg;

    return key_add(cx, k->user, S("Import"), &k->key);
}

static Err *revoke(Ctx *cx, void *arg)
{
    Val now = val_int(cx->now);

    (void)arg;
    return db_exec(cx->mem, cx->db, S("UPDATE api_key SET revoked_at = ?1"), &now, 1, NULL);
}

static Err *count_plain(Ctx *cx, void *arg)
{
    Keys *k = arg;
    Val bind = val_text(k->key), n = {0};

    TRY(db_one(cx->mem, cx->db, S("SELECT count(*) FROM change WHERE kith_contains(body, ?1) = 1"), &bind, 1,
               &n));
    CHECK_EQ_INT(n.i, 0);
    TRY(db_one(cx->mem, cx->db, S("SELECT count(*) FROM api_key WHERE hash = ?1"), &bind, 1, &n));
    CHECK_EQ_INT(n.i, 0);
    return NULL;
}

TEST_STORE(keys)
{
    Keys k = {.user = new_user(store, mem)};

    CHECK_OK(test_write(store, mem, make_key, &k));
    CHECK(str_starts(k.key, S("kith_")));
    k.who.token = k.key;
    CHECK_OK(test_read(store, mem, who_by_key, &k.who));
    CHECK_EQ_INT(k.who.user, k.user);
    CHECK_OK(test_read(store, mem, count_plain, &k));
    CHECK_OK(test_write(store, mem, revoke, NULL));
    session_cache_drop(store);
    CHECK_ERR(test_read(store, mem, who_by_key, &k.who), ERR_DENIED);
    CHECK_ERR(test_read(store, mem, who_by_session, &k.who), ERR_DENIED);
}

typedef struct LinkTry {
    Id user, taken;
    Str token, purpose;
} LinkTry;

static Err *make_link(Ctx *cx, void *arg)
{
    LinkTry *l = arg;

    return link_add(cx, S("reset"), l->user, 1, &l->token);
}

static Err *take_link(Ctx *cx, void *arg)
{
    LinkTry *l = arg;

    return link_take(cx, l->purpose, l->token, &l->taken);
}

TEST_STORE(links_work_once)
{
    LinkTry l = {.user = new_user(store, mem), .purpose = S("setup")};

    CHECK_OK(test_write(store, mem, make_link, &l));
    CHECK_ERR(test_write(store, mem, take_link, &l), ERR_NOT_FOUND);
    l.purpose = S("reset");
    CHECK_OK(test_write(store, mem, take_link, &l));
    CHECK_EQ_INT(l.taken, l.user);
    CHECK_ERR(test_write(store, mem, take_link, &l), ERR_NOT_FOUND);
    CHECK_OK(test_write(store, mem, make_link, &l));
    store->clock_ms = store_now(store) + 3600001;
    CHECK_ERR(test_write(store, mem, take_link, &l), ERR_NOT_FOUND);
}

static Err *set_other(Ctx *cx, void *arg)
{
    Keys *k = arg;

    return user_set_password(cx, k->user, k->key);
}

TEST_STORE(a_new_password_ends_sessions)
{
    Keys k = {.user = new_user(store, mem)};
    Str token = {0};

    CHECK_OK(sign_in(store, mem, "anna@example.org", PASSWORD, "", &k.who.token));
    CHECK_OK(password_hash(mem, S("another long one"), &k.key));
    CHECK_OK(test_write(store, mem, set_other, &k));
    session_cache_drop(store);
    CHECK_ERR(test_read(store, mem, who_by_session, &k.who), ERR_DENIED);
    CHECK_ERR(sign_in(store, mem, "anna@example.org", PASSWORD, "", &token), ERR_DENIED);
    CHECK_OK(sign_in(store, mem, "anna@example.org", "another long one", "", &token));
}

static Err *sweep(Ctx *cx, void *arg)
{
    Val n = {0};

    (void)arg;
    TRY(session_sweep(cx));
    TRY(db_one(cx->mem, cx->db, S("SELECT count(*) FROM session"), NULL, 0, &n));
    CHECK_EQ_INT(n.i, 0);
    return NULL;
}

TEST_STORE(sweep_removes_what_is_over)
{
    Str token = {0};

    (void)new_user(store, mem);
    CHECK_OK(sign_in(store, mem, "anna@example.org", PASSWORD, "", &token));
    store->clock_ms = store_now(store) + (SESSION_DAYS * INT64_C(86400000)) + 1;
    CHECK_OK(test_write(store, mem, sweep, NULL));
}

TEST(passwords_of_few_parts_are_easy)
{
    static const char *const EASY[] = {
        "password1234",  "P@ssw0rd2025!", "123456789012",   "qwertyuiop123",   "1q2w3e4r5t6y", "йцукенгшщзхъ",
        "пароль123456",  "iloveyou2024",  "Summer2025!!!!", "abcabcabcabcab",  "drowssap4321", "zaq12wsxcde3",
        "Haslo12345678", "ффффффффффффф", "Administrator1", "xkcdxkcdxkcdxkcd"};
    static const char *const HARD[] = {"correct horse battery", "correct horse 7",  "bardzo dobre hasło",
                                       "длинный пароль",        "another good one", "a brand new one",
                                       "kX7!mw2Lp0qZ",          "582047193650"};

    for (size_t i = 0; i < sizeof EASY / sizeof *EASY; i++)
        if (!password_is_easy(mem, str_c(EASY[i]))) CHECK_STR(str_c(EASY[i]), "is easy");
    for (size_t i = 0; i < sizeof HARD / sizeof *HARD; i++)
        if (password_is_easy(mem, str_c(HARD[i]))) CHECK_STR(str_c(HARD[i]), "is not easy");
}
