/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rhythm of contacts: an account has the days of its class written down, so that when it is to be touched again is a stored
   formula over its last touch, current after every write and found by an index. */
#include "core/job.h"
#include "core/query.h"
#include "core/store.h"
#include "mod/activity/work.h"

#define CHUNK 200

/* What holds until somebody says otherwise. */
static const struct {
    const char *class;
    int64_t days;
} USUAL[] = {{"A", 14}, {"B", 30}, {"C", 90}};

static Val usual(Str class)
{
    for (size_t i = 0; i < sizeof USUAL / sizeof *USUAL; i++)
        if (str_eq_c(class, USUAL[i].class)) return val_int(USUAL[i].days);
    return val_null();
}

static Err *days_of(Ctx *cx, Val class, Val *out)
{
    *out = val_null();
    if (class.kind != VAL_TEXT) return NULL;
    TRY(db_one(cx->mem, cx->db,
               S("SELECT days FROM \"contact_rhythm\" WHERE class = ?1 AND deleted_at IS NULL"), &class, 1,
               out));
    if (out->kind != VAL_INT) *out = usual(val_str(class));
    return NULL;
}

Err *rhythm_of_account(Ctx *cx, Record *rec, const Record *before)
{
    Val class = record_get_val(rec, "class"), days = {0}, had = record_get_val(rec, "rhythm_days");
    bool is_same = before && val_same(class, record_get_val(before, "class")) && !val_is_null(had);

    if (is_same || (val_is_null(class) && val_is_null(had))) return NULL;
    TRY(days_of(cx, class, &days));
    record_set(rec, "rhythm_days", days);
    return NULL;
}

Err *rhythm_after(Ctx *cx, Record *rec, const Record *before)
{
    Val class = record_get_val(rec, "class");
    ValPair pair = {val_text(S("class")), class};

    if (before && val_same(record_get_val(rec, "days"), record_get_val(before, "days")) &&
        val_same(class, record_get_val(before, "class")))
        return NULL;
    return job_add(cx, S("rhythm.spread"), val_map(&pair, 1), cx->now, NULL);
}

typedef struct Spread {
    Store *store;
    Arena *mem;
    Str class;
    size_t n;
} Spread;

static Err *spread(DbConn *c, void *arg)
{
    Spread *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);
    const Object *obj = meta_object(cx.meta, S("account"));
    Query q = {0};
    Id *ids = NULL;
    Val days = {0};

    run->n = 0;
    cx.is_quiet = true;
    TRY(days_of(&cx, val_text(run->class), &days));
    if (days.kind != VAL_INT) return NULL;
    TRY(query_parse(&cx, obj,
                    str_fmt(run->mem, "class == '%.*s' && (rhythm_days == null || rhythm_days != %lld)",
                            SFMT(run->class), (long long)days.i),
                    (Str){0}, &q));
    TRY(record_ids(&cx, &q, CHUNK, &ids, &run->n));
    for (size_t i = 0; i < run->n; i++) {
        Record *rec = record_new(run->mem, obj);
        rec->id = ids[i];
        record_set(rec, "rhythm_days", days);
        TRY(record_update(&cx, rec, NULL));
    }
    return NULL;
}

static bool is_key(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\'' || s.p[i] == '\\' || (unsigned char)s.p[i] < ' ') return false;
    return s.n > 0;
}

Err *rhythm_job(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *class = val_get(arg, S("class"));
    Spread run = {.store = store, .mem = mem};
    int64_t done = 0;

    if (!class || class->kind != VAL_TEXT || !is_key(val_str(*class))) return NULL;
    run.class = val_str(*class);
    do {
        TRY(job_unit(store, mem, spread, &run));
        done += (int64_t)run.n;
        TRY(job_progress(store, mem, job, done, done));
    } while (run.n == CHUNK);
    return NULL;
}
