/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sign-in: passwords, sessions, one-time links, keys, and the waits that grow with every failure.  A token is 256 random
 * bits; the database holds its hash only, so a copy of it opens nothing.  What is slow on purpose (argon2) is done by
 * the caller between two short units of work, on a worker; at most two at a time, because each takes 19 MiB. */

#include "core/session.h"

#include "base/text.h"
#include "core/record.h"
#include "core/session_impl.h"
#include "core/store.h"

#include <pthread.h>
#include <sodium.h>

#define PASSWORD_MEMORY   ((size_t)19 << 20)
#define PASSWORD_PASSES   2
#define PASSWORD_MIN      8    /* characters, whoever sets it */
#define PASSWORD_CHOSEN   12   /* when people choose it */
#define PASSWORD_MAX      1000 /* bytes */
#define PASSWORDS_AT_ONCE 2

#define ACCOUNT_FREE 5 /* failures before the waits begin */
#define ADDRESS_FREE 20
#define WAIT_MAX     900 /* seconds */
#define FORGIVEN_MS  INT64_C(3600000)
#define DAY_MS       INT64_C(86400000)

/* --- passwords ----------------------------------------------------------------------------------------------------------- */

static pthread_mutex_t hashing_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t hashing_free = PTHREAD_COND_INITIALIZER;
static int hashing;

static void hashing_begin(void)
{
    pthread_mutex_lock(&hashing_lock);
    while (hashing == PASSWORDS_AT_ONCE) pthread_cond_wait(&hashing_free, &hashing_lock);
    hashing++;
    pthread_mutex_unlock(&hashing_lock);
}

static void hashing_end(void)
{
    pthread_mutex_lock(&hashing_lock);
    hashing--;
    pthread_cond_signal(&hashing_free);
    pthread_mutex_unlock(&hashing_lock);
}

static bool hash_into(Str password, char out[crypto_pwhash_STRBYTES])
{
    hashing_begin();
    int rc = crypto_pwhash_str(out, password.p, password.n, PASSWORD_PASSES, PASSWORD_MEMORY);

    hashing_end();
    return rc == 0;
}

static Err *check_length(Arena *mem, Str password, size_t least)
{
    if (utf8_count(password) < least)
        FAIL_FIELD(mem, S("password"), "error.password.short", "below %zu characters", least);
    return NULL;
}

Err *password_check(Arena *mem, Str password)
{
    TRY(check_length(mem, password, PASSWORD_CHOSEN));
    if (password_is_easy(mem, password))
        FAIL_FIELD(mem, S("password"), "error.password.common", "among the first to be guessed");
    return NULL;
}

Err *password_hash(Arena *mem, Str password, Str *out)
{
    char *hash = arena_alloc(mem, crypto_pwhash_STRBYTES);

    TRY(check_length(mem, password, PASSWORD_MIN));
    if (password.n > PASSWORD_MAX)
        FAIL_FIELD(mem, S("password"), "error.password.long", "over %d bytes", PASSWORD_MAX);
    REQUIRE(sodium_init() >= 0);
    if (!hash_into(password, hash))
        FAIL(mem, ERR_UNAVAILABLE, "error.password.memory", "no memory for argon2");
    *out = str_c(hash);
    return NULL;
}

static char nobody_hash[crypto_pwhash_STRBYTES];
static pthread_once_t nobody_once = PTHREAD_ONCE_INIT;

static void make_nobody(void)
{
    REQUIRE(sodium_init() >= 0);
    REQUIRE(hash_into(S("nobody has this password"), nobody_hash));
}

bool password_fits(Str password, Str hash)
{
    char text[crypto_pwhash_STRBYTES] = {0};

    pthread_once(&nobody_once, make_nobody);
    bool is_hash = hash.n > 0 && hash.n < sizeof text;

    if (is_hash) memcpy(text, hash.p, hash.n);
    if (password.n > PASSWORD_MAX) password.n = PASSWORD_MAX + 1;
    hashing_begin();
    int rc = crypto_pwhash_str_verify(is_hash ? text : nobody_hash, password.p ? password.p : "", password.n);

    hashing_end();
    return is_hash && rc == 0 && password.n <= PASSWORD_MAX;
}

/* --- tokens ---------------------------------------------------------------------------------------------------------------- */

Str token_new(Arena *mem)
{
    unsigned char bytes[32];
    size_t size = sodium_base64_ENCODED_LEN(sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *out = arena_alloc(mem, size);

    REQUIRE(sodium_init() >= 0);
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(out, size, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_c(out);
}

void token_digest(Str token, unsigned char out[TOKEN_DIGEST])
{
    crypto_generichash(out, TOKEN_DIGEST, (const unsigned char *)(token.p ? token.p : ""), token.n, NULL, 0);
}

Str token_hash(Arena *mem, Str token)
{
    unsigned char digest[TOKEN_DIGEST];
    char *hex = arena_alloc(mem, 2 * sizeof digest + 1);

    token_digest(token, digest);
    sodium_bin2hex(hex, 2 * sizeof digest + 1, digest, sizeof digest);
    return str_c(hex);
}

/* --- throttling -------------------------------------------------------------------------------------------------------------- */

typedef struct Throttle {
    Str name;
    int64_t free;
} Throttle;

/* The account and the address a sign-in counts against. */
static size_t throttles(Arena *mem, const SignIn *in, Throttle *out)
{
    out[0] =
        (Throttle){str_cat(mem, S("account:"), text_fold(mem, str_sub(in->email, 0, 254))), ACCOUNT_FREE};
    out[1] = (Throttle){str_cat(mem, S("address:"), str_sub(in->peer, 0, 64)), ADDRESS_FREE};
    return in->peer.n ? 2 : 1;
}

static int64_t wait_seconds(int64_t failures, int64_t free)
{
    int64_t over = failures - free;

    if (over < 0) return 0;
    return over > 9 ? WAIT_MAX : INT64_C(1) << over;
}

Err *throttle_check(Ctx *cx, Str name)
{
    Val bind = val_text(name), until = {0};

    TRY(db_one(cx->mem, cx->db, S("SELECT until FROM throttle WHERE name = ?1"), &bind, 1, &until));
    if (val_is_null(until) || until.i <= cx->now) return NULL;
    int64_t seconds = (until.i - cx->now + 999) / 1000;

    return err_arg(err_new(cx->mem, ERR_LIMIT, "error.signin.throttled", "too many failures"), 0,
                   str_fmt(cx->mem, "%lld", (long long)seconds));
}

Err *throttle_count(Ctx *cx, Str name, int64_t free)
{
    Val binds[] = {val_text(name), val_int(cx->now), val_int(cx->now - FORGIVEN_MS)};
    Val failures = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("INSERT INTO throttle (name, failures, until, at) VALUES (?1, 1, 0, ?2) ON CONFLICT (name) DO UPDATE SET "
          "failures = CASE WHEN throttle.at < ?3 THEN 1 ELSE throttle.failures + 1 END, at = ?2 "
          "RETURNING failures"),
        binds, 3, &failures));
    int64_t seconds = wait_seconds(failures.i, free);
    Val wait[] = {val_text(name), val_int(cx->now + 1000 * seconds)};

    if (!seconds) return NULL;
    return db_exec(cx->mem, cx->db, S("UPDATE throttle SET until = ?2 WHERE name = ?1"), wait, 2, NULL);
}

/* --- signing in -------------------------------------------------------------------------------------------------------------- */

Err *signin_prepare(Ctx *cx, const SignIn *in, Id *user, Str *hash)
{
    Throttle t[2];
    size_t n = throttles(cx->mem, in, t);
    Val bind = val_text(text_fold(cx->mem, in->email));
    DbRows *rows = NULL;
    bool has = false;

    *user = 0;
    *hash = (Str){0};
    for (size_t i = 0; i < n; i++) TRY(throttle_check(cx, t[i].name));
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT id, password_hash FROM \"user\" WHERE email_fold = ?1 AND deleted_at IS NULL AND "
                   "is_active = 1 AND may_sign_in = 1"),
                 &bind, 1, &rows));
    TRY(db_next(rows, &has));
    if (!has) return NULL;
    *user = db_i64(rows, 0);
    *hash = db_str(rows, 1);
    return db_next(rows, &has);
}

static Err *may_sign_in(Ctx *cx, Id user, bool *out)
{
    Val bind = val_int(user), found = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT id FROM \"user\" WHERE id = ?1 AND deleted_at IS NULL AND is_active = 1 AND may_sign_in = 1"),
        &bind, 1, &found));
    *out = !val_is_null(found);
    return NULL;
}

int64_t session_seconds(const Store *store)
{
    return store->session_hours ? store->session_hours * INT64_C(3600) : SESSION_DAYS * (DAY_MS / 1000);
}

static Err *session_add(Ctx *cx, Id user, Str peer, Str *token)
{
    *token = token_new(cx->mem);
    Val binds[] = {val_text(token_hash(cx->mem, *token)), val_int(user), val_int(cx->now),
                   val_int(cx->now + session_seconds(cx->store) * 1000),
                   peer.n ? val_text(peer) : val_null()};

    return db_exec(
        cx->mem, cx->db,
        S("INSERT INTO session (hash, user_id, created, seen, expires, peer) VALUES (?1, ?2, ?3, ?3, ?4, ?5)"),
        binds, 5, NULL);
}

Err *signin_finish(Ctx *cx, const SignIn *in, Id user, bool fits, Str *token)
{
    Throttle t[2];
    size_t n = throttles(cx->mem, in, t);
    bool may = false;

    *token = (Str){0};
    if (fits && user) TRY(may_sign_in(cx, user, &may));
    if (!may) {
        for (size_t i = 0; i < n; i++) TRY(throttle_count(cx, t[i].name, t[i].free));
        return NULL;
    }
    Val name = val_text(t[0].name), seen[] = {val_int(user), val_int(cx->now)};

    TRY(db_exec(cx->mem, cx->db, S("DELETE FROM throttle WHERE name = ?1"), &name, 1, NULL));
    TRY(db_exec(cx->mem, cx->db, S("UPDATE \"user\" SET last_seen_at = ?2 WHERE id = ?1"), seen, 2, NULL));
    return session_add(cx, user, in->peer, token);
}

Err *signin_refused(Arena *mem)
{
    FAIL(mem, ERR_DENIED, "error.signin", "wrong e-mail or password");
}

Err *session_end(Ctx *cx, Str token)
{
    Val bind = val_text(token_hash(cx->mem, token));

    return db_exec(cx->mem, cx->db, S("DELETE FROM session WHERE hash = ?1"), &bind, 1, NULL);
}

Err *session_end_all(Ctx *cx, Id user)
{
    Val bind = val_int(user);

    return db_exec(cx->mem, cx->db, S("DELETE FROM session WHERE user_id = ?1"), &bind, 1, NULL);
}

Err *session_sweep(Ctx *cx)
{
    Val now = val_int(cx->now), day = val_int(cx->now - DAY_MS);

    TRY(db_exec(cx->mem, cx->db, S("DELETE FROM session WHERE expires <= ?1"), &now, 1, NULL));
    TRY(db_exec(cx->mem, cx->db, S("DELETE FROM link WHERE expires <= ?1"), &now, 1, NULL));
    return db_exec(cx->mem, cx->db, S("DELETE FROM throttle WHERE at <= ?1"), &day, 1, NULL);
}

/* --- keys, links, passwords of users ----------------------------------------------------------------------------------------- */

Err *key_add(Ctx *cx, Id user, Str name, Str *key)
{
    const Object *obj = meta_object(cx->meta, S("api_key"));
    Actor actor = *cx->actor;
    Ctx system = *cx;

    REQUIRE(obj);
    actor.is_system = true;
    system.actor = &actor;
    system.may_write_readonly = true;
    Str token = str_cat(cx->mem, S("kith_"), token_new(cx->mem));
    Record *rec = record_new(cx->mem, obj);

    record_set(rec, "name", val_text(name));
    record_set(rec, "user", val_ref(object_field(obj, S("user"))->target->number, user));
    record_set(rec, "prefix", val_text(str_sub(token, 0, 10)));
    TRY(record_create(&system, rec, NULL));
    ctx_join(cx, &system);
    *key = token;
    Val binds[] = {val_int(rec->id), val_text(token_hash(cx->mem, token))};

    return db_exec(cx->mem, cx->db, S("UPDATE api_key SET hash = ?2 WHERE id = ?1"), binds, 2, NULL);
}

Err *link_add(Ctx *cx, Str purpose, Id user, int hours, Str *token)
{
    *token = token_new(cx->mem);
    Val binds[] = {val_text(token_hash(cx->mem, *token)), val_text(purpose),
                   user ? val_int(user) : val_null(), val_int(cx->now + hours * (DAY_MS / 24))};

    return db_exec(cx->mem, cx->db,
                   S("INSERT INTO link (hash, purpose, user_id, expires) VALUES (?1, ?2, ?3, ?4)"), binds, 4,
                   NULL);
}

Err *link_take(Ctx *cx, Str purpose, Str token, Id *user)
{
    Val binds[] = {val_text(token_hash(cx->mem, token)), val_text(purpose), val_int(cx->now)};
    DbRows *rows = NULL;
    bool has = false;

    *user = 0;
    TRY(db_query(cx->mem, cx->db,
                 S("DELETE FROM link WHERE hash = ?1 AND purpose = ?2 AND expires > ?3 RETURNING user_id"),
                 binds, 3, &rows));
    TRY(db_next(rows, &has));
    if (!has) FAIL(cx->mem, ERR_NOT_FOUND, "error.link.expired", "no such link, or its time is over");
    *user = db_i64(rows, 0);
    return db_next(rows, &has);
}

Err *user_set_password(Ctx *cx, Id user, Str hash)
{
    Val binds[] = {val_int(user), hash.n ? val_text(hash) : val_null()};

    TRY(db_exec(cx->mem, cx->db, S("UPDATE \"user\" SET password_hash = ?2 WHERE id = ?1"), binds, 2, NULL));
    return session_end_all(cx, user);
}
