/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nightly look for signals.  What every rule finds is compared with the signals that stand: what is new is made, what is found no more
   ends, the rest stays as it was said (a signal is not rewritten every night, so its history is what people did).  Reading comes first, in
   one read; the writes follow in small units.  Dismissed signals stand as well until their cause has gone, so that nobody is told twice. */
#include "mod/sales/sales_impl.h"
#include "mod/sales/signal.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/text.h"
#include "base/time.h"
#include "core/store.h"

#include <stdlib.h>

#define FOUND_MAX 2000 /* by one rule */
#define CHUNK     50

__extension__ typedef __int128 Wide;

typedef struct Standing { /* a signal that has not ended */
    Id id, owner, account;
    Str kind, family, status, result;
    bool is_found;
    Id new_owner;
} Standing;

typedef struct Search {
    Store *store;
    Arena *mem, *chunk_mem;
    int64_t day;
    Buyer *customers, *families;
    size_t n_customers, n_families;
    StrMap by_account; /* Buyer by id of his account */
    VEC(Standing *) standing;
    StrMap by_key;
    VEC(Finding) found;
    size_t at;
} Search;

static Str id_key(Arena *mem, Id id)
{
    Id *copy = NEW(mem, Id);

    *copy = id;
    return (Str){(const char *)copy, sizeof *copy};
}

static Str key_of(Arena *mem, Id rule, uint16_t object, Id about, Str family)
{
    return str_fmt(mem, "%lld:%u:%lld:%.*s", (long long)rule, object, (long long)about, SFMT(family));
}

/* --- what stands ----------------------------------------------------------------------------------------------------- */

static Err *read_standing(Ctx *cx, Search *s)
{
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT id, owner_id, account, kind, COALESCE(family, ''), status, COALESCE(result, ''), rule, "
          "about_object, about FROM \"signal\" WHERE ended_at IS NULL AND deleted_at IS NULL"),
        NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Standing *st = NEW(cx->mem, Standing);
        *st = (Standing){.id = db_i64(rows, 0),
                         .owner = db_i64(rows, 1),
                         .account = db_i64(rows, 2),
                         .kind = str_copy(cx->mem, db_str(rows, 3)),
                         .family = str_copy(cx->mem, db_str(rows, 4)),
                         .status = str_copy(cx->mem, db_str(rows, 5)),
                         .result = str_copy(cx->mem, db_str(rows, 6))};
        st->new_owner = st->owner;
        *vec_push(cx->mem, &s->standing) = st;
        strmap_put(cx->mem, &s->by_key,
                   key_of(cx->mem, db_i64(rows, 7), (uint16_t)db_i64(rows, 8), db_i64(rows, 9), st->family),
                   st);
    }
}

static void found(Search *s, Finding f)
{
    Standing *st;
    Str key = key_of(s->mem, f.rule->id, f.about_object, f.about, f.family);

    if ((st = strmap_get(&s->by_key, key))) {
        st->is_found = true;
        if (f.owner) st->new_owner = f.owner;
        return;
    }
    strmap_put(s->mem, &s->by_key, key, NEW(s->mem, Standing)); /* one record is found by one rule once */
    *vec_push(s->mem, &s->found) = f;
}

/* --- by purchases ---------------------------------------------------------------------------------------------------- */

static const Buyer *buyer_of(const Search *s, Id account)
{
    return strmap_get(&s->by_account, (Str){(const char *)&account, sizeof account});
}

static bool is_gone(const Search *s, Id account)
{
    const Buyer *b = buyer_of(s, account);

    return b && b->state == BUY_LOST;
}

/* Whether what was bought lately is `percent` more (or less) than in the time before. */
static bool has_moved(const Buyer *b, const SignalRule *r, bool is_up)
{
    const int64_t whole = 1000000; /* a hundred percent of 4 places */
    Wide now = (Wide)b->recent * whole, bar = (Wide)b->earlier * (whole + (is_up ? r->percent : -r->percent));

    if (b->earlier <= 0 || b->purchases < BUY_LEAST) return false;
    return is_up ? now >= bar : now > 0 && now <= bar;
}

static bool tells(const Search *s, const SignalRule *r, const Buyer *b)
{
    if (str_eq(r->kind, S("silent"))) return b->state == BUY_LOST;
    if (str_eq(r->kind, S("next_sale"))) return b->state == BUY_DUE;
    if (str_eq(r->kind, S("orders_falling"))) return b->state != BUY_LOST && has_moved(b, r, false);
    if (is_gone(s, b->account) || !b->family.n) return false;
    return str_eq(r->kind, S("family_lost")) ? b->state == BUY_LOST : has_moved(b, r, true);
}

static Err *by_purchases(Ctx *cx, Search *s, const SignalRule *r)
{
    bool by_family = str_eq(r->kind, S("family_lost")) || str_eq(r->kind, S("family_growing"));
    Buyer *all = by_family ? s->families : s->customers;
    size_t n = by_family ? s->n_families : s->n_customers, told = 0;
    uint16_t account = meta_object(cx->meta, S("account"))->number;

    if (r->days != 180) { /* a window of the rule's own */
        BuyAsk ask = {.day = s->day, .window = r->days, .by_family = by_family};
        TRY(buyers_read(cx, &ask, &all, &n));
    }
    for (size_t i = 0; i < n && told < FOUND_MAX; i++) {
        const Buyer *b = &all[i];
        if (!tells(s, r, b)) continue;
        found(s, (Finding){.rule = r,
                           .account = b->account,
                           .owner = b->owner,
                           .about = b->account,
                           .about_object = account,
                           .family = b->family,
                           .buyer = b,
                           .value = b->net});
        told++;
    }
    return NULL;
}

/* --- by other means -------------------------------------------------------------------------------------------------- */

static Err *by_debt(Ctx *cx, Search *s, const SignalRule *r)
{
    Val binds[] = {val_int(s->day - r->days), val_int(FOUND_MAX)};
    uint16_t account = meta_object(cx->meta, S("account"))->number;
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(cx->mem, cx->db,
                 S("SELECT id, owner_id, owed_since, owed_base FROM \"account\" WHERE deleted_at IS NULL AND "
                   "owed_since <= ?1 ORDER BY owed_since, id LIMIT ?2"),
                 binds, 2, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        found(s, (Finding){.rule = r,
                           .account = db_i64(rows, 0),
                           .owner = db_i64(rows, 1),
                           .about = db_i64(rows, 0),
                           .about_object = account,
                           .day = db_i64(rows, 2),
                           .value = db_i64(rows, 3)});
    }
}

/* The day after the last period that was paid for. */
static int64_t end_of(int64_t from, Str period, int64_t term)
{
    CivilDate d = date_to_civil(from);
    int64_t months = (str_eq(period, S("year")) ? 12 : 1) * term + d.month - 1;
    int year = d.year + (int)(months / 12), month = (int)(months % 12) + 1, day = d.day;

    while (day > 28 && !date_is_valid(year, month, day)) day--;
    return date_from_civil(year, month, day);
}

static Err *by_subscription(Ctx *cx, Search *s, const SignalRule *r)
{
    uint16_t order = meta_object(cx->meta, S("order"))->number;
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT o.id, o.account, COALESCE(a.owner_id, o.owner_id), o.date, o.number, l.period, l.term, "
          "o.tcv_base FROM \"order_line\" l JOIN \"order\" o ON o.id = l.\"order\" JOIN \"account\" a ON "
          "a.id = o.account WHERE l.period IN ('month', 'year') AND l.term IS NOT NULL AND l.deleted_at IS "
          "NULL AND o.deleted_at IS NULL AND a.deleted_at IS NULL AND o.status IN ('confirmed', "
          "'delivered', 'closed') ORDER BY o.id, l.id"),
        NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        int64_t end = end_of(db_i64(rows, 3), db_str(rows, 5), db_i64(rows, 6));
        if (end < s->day || end > s->day + r->days) continue;
        found(s, (Finding){.rule = r,
                           .account = db_i64(rows, 1),
                           .owner = db_i64(rows, 2),
                           .about = db_i64(rows, 0),
                           .about_object = order,
                           .day = end,
                           .record = str_copy(cx->mem, db_str(rows, 4)),
                           .value = db_i64(rows, 7)});
    }
}

static Err *by_contract(Ctx *cx, Search *s, const SignalRule *r)
{
    Val binds[] = {val_int(s->day), val_int(s->day + r->days), val_int(FOUND_MAX)};
    uint16_t contract = meta_object(cx->meta, S("contract"))->number;
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT c.id, c.account, COALESCE(a.owner_id, c.owner_id), c.ends_on, COALESCE(c.number, c.subject), "
          "c.amount_base FROM \"contract\" c JOIN \"account\" a ON a.id = c.account WHERE c.status = 'active' AND "
          "c.ends_on >= ?1 AND c.ends_on <= ?2 AND c.deleted_at IS NULL AND a.deleted_at IS NULL ORDER BY "
          "c.ends_on, c.id LIMIT ?3"),
        binds, 3, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        found(s, (Finding){.rule = r,
                           .account = db_i64(rows, 1),
                           .owner = db_i64(rows, 2),
                           .about = db_i64(rows, 0),
                           .about_object = contract,
                           .day = db_i64(rows, 3),
                           .record = str_copy(cx->mem, db_str(rows, 4)),
                           .value = db_i64(rows, 5)});
    }
}

static int64_t worth_of(const Record *rec)
{
    static const char *const FIELDS[] = {"amount", "gross", "open_amount"};

    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
        const Field *f = object_field(rec->obj, str_c(FIELDS[i]));
        if (f && rec->vals[f->index].kind == VAL_MONEY) return rec->vals[f->index].i;
    }
    return 0;
}

static Err *by_condition(Ctx *cx, Search *s, const SignalRule *r)
{
    const Object *obj = meta_object(cx->meta, r->object);
    Query q = {.obj = obj, .filter = r->condition};
    Id *ids = NULL;
    size_t n = 0;

    if (!obj || !r->condition) return NULL;
    TRY(record_ids(cx, &q, FOUND_MAX, &ids, &n));
    for (size_t i = 0; i < n; i++) {
        Record *rec = NULL;
        TRY(record_get(cx, obj, ids[i], 0, &rec));
        bool is_account = str_eq(obj->name, S("account"));
        Val account = is_account ? val_id(rec->id) : record_get_val(rec, "account"),
            owner = rec->vals[SYS_OWNER];
        if (val_is_null(account)) continue;
        found(s, (Finding){.rule = r,
                           .account = account.i,
                           .owner = val_is_null(owner) ? 0 : owner.i,
                           .about = rec->id,
                           .about_object = obj->number,
                           .record = record_text(cx->mem, rec),
                           .value = worth_of(rec)});
    }
    return NULL;
}

static Err *ask_rule(Ctx *cx, Search *s, const SignalRule *r)
{
    if (str_eq(r->kind, S("overdue"))) return by_debt(cx, s, r);
    if (str_eq(r->kind, S("contract_ending"))) {
        TRY(by_contract(cx, s, r));
        return by_subscription(cx, s, r);
    }
    return str_eq(r->kind, S("condition")) ? by_condition(cx, s, r) : by_purchases(cx, s, r);
}

/* --- the look -------------------------------------------------------------------------------------------------------- */

/* What people have taken up themselves has no rule: it stands while it is so. */
static void keep_said(Search *s)
{
    for (size_t i = 0; i < s->standing.n; i++) {
        Standing *st = s->standing.p[i];
        if (st->is_found || !str_eq(st->status, S("taken"))) continue;
        if (str_eq(st->kind, S("silent"))) st->is_found = is_gone(s, st->account);
        for (size_t k = 0; str_eq(st->kind, S("family_lost")) && k < s->n_families; k++)
            if (s->families[k].account == st->account && str_eq(s->families[k].family, st->family))
                st->is_found = s->families[k].state == BUY_LOST;
    }
}

static Err *look(DbConn *c, void *arg)
{
    Search *s = arg;
    Ctx cx = ctx_system(s->store, s->mem, c);
    SignalRule *rules = NULL;
    size_t n = 0;

    s->day = sales_today(&cx);
    BuyAsk whole = {.day = s->day}, parts = {.day = s->day, .by_family = true};
    TRY(buyers_read(&cx, &whole, &s->customers, &s->n_customers));
    TRY(buyers_read(&cx, &parts, &s->families, &s->n_families));
    for (size_t i = 0; i < s->n_customers; i++)
        strmap_put(s->mem, &s->by_account, id_key(s->mem, s->customers[i].account), &s->customers[i]);
    TRY(read_standing(&cx, s));
    TRY(signal_rules(&cx, (Str){0}, &rules, &n));
    for (size_t i = 0; i < n; i++) TRY(ask_rule(&cx, s, &rules[i]));
    keep_said(s);
    return NULL;
}

/* --- writing --------------------------------------------------------------------------------------------------------- */

static Err *make_chunk(DbConn *c, void *arg)
{
    Search *s = arg;
    Ctx cx = ctx_system(s->store, s->chunk_mem, c);

    cx.batch = id_new(cx.now);
    cx.may_write_readonly = true;
    for (size_t i = s->at; i < s->found.n && i < s->at + CHUNK; i++)
        TRY(record_create(&cx, signal_made(&cx, &s->found.p[i]), NULL));
    return NULL;
}

/* How it ended by itself. */
static const char *result_of(const Search *s, const Standing *st)
{
    const Buyer *b = buyer_of(s, st->account);

    if (str_eq(st->kind, S("overdue"))) return "settled";
    if (str_eq(st->kind, S("silent"))) return b && b->state != BUY_LOST ? "returned" : "passed";
    if (str_eq(st->kind, S("next_sale"))) return b && b->state == BUY_ON ? "returned" : "passed";
    for (size_t k = 0; str_eq(st->kind, S("family_lost")) && k < s->n_families; k++)
        if (s->families[k].account == st->account && str_eq(s->families[k].family, st->family))
            return s->families[k].state != BUY_LOST ? "returned" : "passed";
    return "passed";
}

static Err *bring_up(Ctx *cx, const Search *s, const Standing *st)
{
    Record *next = record_new(cx->mem, meta_object(cx->meta, S("signal")));
    bool is_open = str_eq(st->status, S("open")) || str_eq(st->status, S("taken"));

    if (st->is_found && (!is_open || st->new_owner == st->owner)) return NULL;
    next->id = st->id;
    if (st->is_found) {
        record_set(next, "owner", val_ref(meta_object(cx->meta, S("user"))->number, st->new_owner));
    } else {
        record_set(next, "ended_at", val_from_ms(cx->now));
        if (is_open) {
            record_set(next, "status", val_text(S("done")));
            record_set(next, "closed_at", val_from_ms(cx->now));
            if (!st->result.n) record_set(next, "result", val_text(str_c(result_of(s, st))));
        }
    }
    Err *e = record_update(cx, next, NULL);
    return e && e->code == ERR_NOT_FOUND ? NULL : e;
}

static Err *end_chunk(DbConn *c, void *arg)
{
    Search *s = arg;
    Ctx cx = ctx_system(s->store, s->chunk_mem, c);

    cx.batch = id_new(cx.now);
    cx.may_write_readonly = true;
    for (size_t i = s->at; i < s->standing.n && i < s->at + CHUNK; i++)
        TRY(bring_up(&cx, s, s->standing.p[i]));
    return NULL;
}

static Err *in_chunks(Search *s, Id job, DbWork work, size_t n)
{
    for (s->at = 0; s->at < n; s->at += CHUNK) {
        s->chunk_mem = arena_new(LIMIT_REQUEST_MEM);
        Err *e = job_unit(s->store, s->chunk_mem, work, s);
        if (e) e = err_copy(s->mem, e);
        arena_free(s->chunk_mem);
        if (e) return e;
        TRY(job_progress(s->store, s->mem, job, (int64_t)(s->at + CHUNK < n ? s->at + CHUNK : n),
                         (int64_t)n));
    }
    return NULL;
}

static Err *tomorrow(DbConn *c, void *arg)
{
    Search *s = arg;
    Ctx cx = ctx_system(s->store, s->mem, c);

    return sales_again(&cx, S("sales.signals"));
}

Err *signal_find(Store *store, Arena *mem, Id job, const Val *arg)
{
    Search s = {.store = store, .mem = mem};

    (void)arg;
    TRY(job_read(store, mem, look, &s));
    TRY(in_chunks(&s, job, end_chunk, s.standing.n));
    TRY(in_chunks(&s, job, make_chunk, s.found.n));
    return job_unit(store, mem, tomorrow, &s);
}
