/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is asking, by token: what every request needs first, so it is kept in memory for seconds.  Two bounded tables a
 * process: token to user, and user to actor with his rights in an arena of its own.  An actor is counted: a request
 * holds it until its arena ends, so forgetting one never frees what is in use.  The generation keeps a reader that
 * began before a change from putting back what it had read. */

#include "core/session_impl.h"

#include "core/rights.h"
#include "core/snapshot.h"

#include <pthread.h>

#define TOKENS_MAX     1024
#define ACTORS_MAX     64
#define KEEP_MS        INT64_C(60000)
#define KEEP_SHARED_MS INT64_C(3000) /* other processes do not tell us */

typedef struct Kept {
    const Store *store;
    const Meta *meta;
    Id user;
    int64_t until;
    unsigned refs; /* the table's own and the borrowers' */
    Arena *mem;
    Actor actor;
} Kept;

typedef struct KeptToken {
    const Store *store;
    unsigned char digest[TOKEN_DIGEST];
    Id user;
    int64_t until;
} KeptToken;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static KeptToken tokens[TOKENS_MAX];
static Kept *actors[ACTORS_MAX];
static unsigned next_actor;
static uint64_t generation;

static int64_t keep_ms(const Ctx *cx)
{
    return db_conn_can(cx->db, DB_CAP_SHARED) ? KEEP_SHARED_MS : KEEP_MS;
}

static uint64_t generation_now(void)
{
    pthread_mutex_lock(&lock);
    uint64_t now = generation;

    pthread_mutex_unlock(&lock);
    return now;
}

/* --- actors -------------------------------------------------------------------------------------------------------------- */

/* Under the lock. */
static Arena *unref(Kept *kept)
{
    return --kept->refs == 0 ? kept->mem : NULL;
}

static void give_back(void *arg)
{
    pthread_mutex_lock(&lock);
    Arena *mem = unref(arg);

    pthread_mutex_unlock(&lock);
    arena_free(mem);
}

static Kept *borrow(const Ctx *cx, Id user)
{
    Kept *found = NULL;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < ACTORS_MAX && !found; i++) {
        Kept *k = actors[i];

        if (k && k->user == user && k->store == cx->store && k->meta == cx->meta && cx->now < k->until)
            found = k;
    }
    if (found) found->refs++;
    pthread_mutex_unlock(&lock);
    return found;
}

/* Takes the next place in the table; the caller keeps a reference of its own. */
static void keep(Kept *kept, uint64_t read_at)
{
    Arena *old = NULL;

    pthread_mutex_lock(&lock);
    bool is_current = kept->meta->generation == atomic_load(&kept->store->generation);
    if (read_at == generation && is_current) {
        Kept **place = &actors[next_actor++ % ACTORS_MAX];

        if (*place) old = unref(*place);
        kept->refs++;
        *place = kept;
    }
    pthread_mutex_unlock(&lock);
    arena_free(old);
}

static Err *signin_needed(Arena *mem)
{
    FAIL(mem, ERR_DENIED, "error.signin.needed", "nobody is signed in");
}

static Err *read_user(Ctx *cx, Id user, Actor *out)
{
    Val bind = val_int(user);
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(cx->mem, cx->db,
                 S("SELECT name, email, language, zone, team_id, role FROM \"user\" WHERE id = ?1 AND "
                   "deleted_at IS NULL AND is_active = 1"),
                 &bind, 1, &rows));
    TRY(db_next(rows, &has));
    if (!has) return signin_needed(cx->mem);
    Str language = db_str(rows, 2), zone = db_str(rows, 3);

    *out = (Actor){.user = user,
                   .team = db_i64(rows, 4),
                   .role = db_i64(rows, 5),
                   .name = db_str(rows, 0),
                   .email = db_str(rows, 1)};
    out->lang = lang_from(language.n ? language : cx->store->company->locale);
    out->zone = str_copy(cx->mem, zone.n ? zone : cx->store->company->zone);
    return db_next(rows, &has);
}

static Err *load_actor(Ctx *cx, Id user, Kept *kept)
{
    Ctx own = *cx;
    Rights *rights = NULL;

    own.mem = kept->mem;
    own.cache = NULL;
    own.as_of = 0;
    TRY(read_user(&own, user, &kept->actor));
    TRY(rights_load(&own, user, &rights));
    kept->actor.rights = rights;
    return NULL;
}

Err *actor_of_user(Ctx *cx, Id user, Actor **out)
{
    uint64_t read_at = generation_now();
    Kept *kept = borrow(cx, user);

    if (!kept) {
        Arena *mem = arena_new(0);

        kept = NEW(mem, Kept);
        *kept = (Kept){.store = cx->store,
                       .meta = cx->meta,
                       .user = user,
                       .until = cx->now + keep_ms(cx),
                       .refs = 1,
                       .mem = mem};
        arena_defer(cx->mem, give_back, kept);
        meta_hold(cx->meta, mem); /* rights are trees of its types */
        TRY(load_actor(cx, user, kept));
        keep(kept, read_at);
    } else {
        arena_defer(cx->mem, give_back, kept);
    }
    *out = &kept->actor;
    return NULL;
}

/* --- tokens ---------------------------------------------------------------------------------------------------------------- */

static KeptToken *token_place(const unsigned char digest[TOKEN_DIGEST])
{
    return &tokens[(digest[0] << 8 | digest[1]) % TOKENS_MAX];
}

static Id user_of_kept(const Ctx *cx, const unsigned char digest[TOKEN_DIGEST])
{
    Id user = 0;

    pthread_mutex_lock(&lock);
    const KeptToken *t = token_place(digest);

    if (t->store == cx->store && cx->now < t->until && memcmp(t->digest, digest, TOKEN_DIGEST) == 0)
        user = t->user;
    pthread_mutex_unlock(&lock);
    return user;
}

static void keep_token(const Ctx *cx, const unsigned char digest[TOKEN_DIGEST], Id user, int64_t expires,
                       uint64_t read_at)
{
    int64_t until = cx->now + keep_ms(cx);

    pthread_mutex_lock(&lock);
    if (read_at == generation) {
        KeptToken *t = token_place(digest);

        *t = (KeptToken){.store = cx->store, .user = user, .until = expires < until ? expires : until};
        memcpy(t->digest, digest, TOKEN_DIGEST);
    }
    pthread_mutex_unlock(&lock);
}

/* `sql` gives user and expiry of hash ?1 at time ?2. */
static Err *actor_of_token(Ctx *cx, Str token, Str sql, Actor **out)
{
    unsigned char digest[TOKEN_DIGEST];
    uint64_t read_at = generation_now();
    DbRows *rows = NULL;
    bool has = false;

    token_digest(token, digest);
    Id user = user_of_kept(cx, digest);
    if (user) return actor_of_user(cx, user, out);
    Val binds[] = {val_text(token_hash(cx->mem, token)), val_int(cx->now)};
    TRY(db_query(cx->mem, cx->db, sql, binds, 2, &rows));
    TRY(db_next(rows, &has));
    if (!has) return signin_needed(cx->mem);
    user = db_i64(rows, 0);
    int64_t expires = val_is_null(db_val(rows, 1)) ? INT64_MAX : db_i64(rows, 1);

    TRY(db_next(rows, &has));
    TRY(actor_of_user(cx, user, out));
    keep_token(cx, digest, user, expires, read_at);
    return NULL;
}

Err *actor_of_session(Ctx *cx, Str token, Actor **out)
{
    return actor_of_token(cx, token,
                          S("SELECT user_id, expires FROM session WHERE hash = ?1 AND expires > ?2"), out);
}

Err *actor_of_key(Ctx *cx, Str key, Actor **out)
{
    return actor_of_token(
        cx, key,
        S("SELECT \"user\", expires_at FROM api_key WHERE hash = ?1 AND deleted_at IS NULL AND "
          "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)"),
        out);
}

/* --- forgetting ------------------------------------------------------------------------------------------------------------ */

void session_cache_drop(const Store *store)
{
    Arena *old[ACTORS_MAX];
    size_t n = 0;

    pthread_mutex_lock(&lock);
    generation++;
    for (size_t i = 0; i < TOKENS_MAX; i++)
        if (tokens[i].store == store) tokens[i] = (KeptToken){0};
    for (size_t i = 0; i < ACTORS_MAX; i++) {
        if (!actors[i] || actors[i]->store != store) continue;
        Arena *mem = unref(actors[i]);

        if (mem) old[n++] = mem;
        actors[i] = NULL;
    }
    pthread_mutex_unlock(&lock);
    for (size_t i = 0; i < n; i++) arena_free(old[i]);
}
