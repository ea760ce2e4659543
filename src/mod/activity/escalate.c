/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escalation: a round every quarter of an hour asks each rule for records that have shown no sign of life for long enough.
   The database finds those by the wall clock; the working hours of who is responsible then say which it really is.  A record
   is acted on once for each time it falls idle: what was done is written down under that moment. */
#include "base/time.h"
#include "core/calendar.h"
#include "core/job.h"
#include "core/query.h"
#include "core/store.h"
#include "mod/activity/notice.h"
#include "mod/activity/work.h"

#define ROUND_MS INT64_C(900000)
#define HOUR_MS  INT64_C(3600000)
#define PAGE     200
#define MOST     5000 /* records looked at for one rule in one round */

/* What an idle record of each kind is, and the fields that say since when: the later of the two. */
static const struct {
    const char *object, *filter, *since, *touched;
} KINDS[] = {
    {"deal", "category == 'open' && owner != null", "alive_at", NULL},
    {"lead", "(status == 'new' || status == 'working') && owner != null", "received_at", "last_activity_at"},
    {"activity", "status == 'open' && kind != 'note' && owner != null", "due_at", NULL},
    {"account", "owner != null", "created_at", "last_activity_at"},
};

static Str text_of(const Record *rec, const char *field)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_TEXT ? val_str(v) : (Str){0};
}

static size_t kind_of(Str object)
{
    size_t i = 0;

    while (i + 1 < sizeof KINDS / sizeof *KINDS && !str_eq_c(object, KINDS[i].object)) i++;
    return i;
}

Err *escalation_rule_before(Ctx *cx, Record *rec, const Record *before)
{
    const Object *obj = meta_object(cx->meta, text_of(rec, "object"));
    Str text = text_of(rec, "condition");
    CelNode *tree = NULL;

    (void)before;
    if (!obj || !str_trim(text).n) return NULL;
    CelEnv env = object_cel_env(obj);
    Err *e = cel_parse(cx->mem, text, &tree);
    if (!e) e = cel_check(cx->mem, &env, tree, &cel_bool);
    return e ? err_field(e, S("condition")) : NULL;
}

/* --- one record ------------------------------------------------------------------------------------------------------ */

typedef struct Owner {
    Id id, above;
    WorkCalendar cal;
} Owner;

typedef struct Round {
    Store *store;
    Arena *mem;
    Record **rules;
    size_t n_rules, at;
    Str token, next; /* of the page that is looked at and the one after it; empty: the rule is done */
    size_t seen, n;
    VEC(Owner) owners; /* of one unit */
    Ctx *cx;
} Round;

static Err *owner_of(Round *r, Id id, Owner **out)
{
    for (size_t i = 0; i < r->owners.n; i++)
        if (r->owners.p[i].id == id) {
            *out = &r->owners.p[i];
            return NULL;
        }
    *out = vec_push(r->mem, &r->owners);
    **out = (Owner){.id = id};
    TRY(manager_of(r->cx, id, &(*out)->above));
    return calendar_of_user(r->cx, id, &(*out)->cal);
}

static Err *was_done(Ctx *cx, Str key, bool *out)
{
    Val bind = val_text(key), n = {0};

    TRY(db_one(cx->mem, cx->db,
               S("SELECT count(*) FROM \"escalation\" WHERE key = ?1 AND deleted_at IS NULL"), &bind, 1, &n));
    *out = n.i > 0;
    return NULL;
}

static Err *note_done(Ctx *cx, const Record *rule, const Record *rec, Val since, Id to, Str key)
{
    Record *row = record_new(cx->mem, meta_object(cx->meta, S("escalation")));
    uint16_t user = meta_object(cx->meta, S("user"))->number;

    record_set(row, "rule", val_ref(rule->obj->number, rule->id));
    record_set(row, "about", val_ref(rec->obj->number, rec->id));
    record_set(row, "idle_since", since);
    record_set(row, "responsible", rec->vals[SYS_OWNER]);
    record_set(row, "told", val_ref(user, to));
    record_set(row, "key", val_text(key));
    return record_create(cx, row, NULL);
}

/* Quietly: who is told of the escalation need not be told of its task as well. */
static Err *act(Ctx *cx, const Record *rule, const Record *rec, Id to)
{
    Ctx quiet = *cx;
    Str does = text_of(rule, "does");
    Val user = val_ref(meta_object(cx->meta, S("user"))->number, to);
    Record *row = NULL;
    Err *e = NULL;

    quiet.is_quiet = true;
    if (str_eq(does, S("task"))) {
        row = record_new(cx->mem, meta_object(cx->meta, S("activity")));
        record_set(row, "kind", val_text(S("task")));
        record_set(row, "subject",
                   val_text(str_fmt(cx->mem, "%.*s: %.*s", SFMT(text_of(rule, "name")),
                                    SFMT(record_text(cx->mem, rec)))));
        record_set(row, "about", val_ref(rec->obj->number, rec->id));
        record_set(row, "due_at", val_from_ms(cx->now));
        record_set(row, "owner", user);
        e = record_create(&quiet, row, NULL);
    } else if (str_eq(does, S("hand_over"))) {
        row = record_new(cx->mem, rec->obj);
        row->id = rec->id;
        record_set(row, "owner", user);
        e = record_update(&quiet, row, NULL);
    }
    ctx_join(cx, &quiet);
    return e;
}

static Val idle_since(const Record *rule, const Record *rec)
{
    size_t kind = kind_of(text_of(rule, "object"));
    Val since = record_get_val(rec, KINDS[kind].since),
        touched = KINDS[kind].touched ? record_get_val(rec, KINDS[kind].touched) : val_null();

    return !val_is_null(touched) && (val_is_null(since) || val_ms(touched) > val_ms(since)) ? touched : since;
}

static Err *look_at(Round *r, const Record *rule, const Record *rec)
{
    Val since = idle_since(rule, rec), person = record_get_val(rule, "person");
    bool is_person = str_eq(text_of(rule, "whom"), S("person")), has = false;
    Ctx *cx = r->cx;
    Owner *owner = NULL;

    if (val_is_null(since) || val_is_null(rec->vals[SYS_OWNER])) return NULL;
    TRY(owner_of(r, rec->vals[SYS_OWNER].i, &owner));
    Id to = !is_person ? owner->above : person.kind == VAL_REF ? person.i : 0;
    if (!to || to == owner->id) return NULL;
    if (work_between(&owner->cal, val_ms(since), cx->now) < record_get_val(rule, "idle_hours").i * HOUR_MS)
        return NULL;
    Str key = str_fmt(r->mem, "%.*s:%.*s:%lld", SFMT(id_text(r->mem, rule->id)),
                      SFMT(id_text(r->mem, rec->id)), (long long)val_ms(since));
    TRY(was_done(cx, key, &has));
    if (has) return NULL;
    TRY(act(cx, rule, rec, to));
    TRY(note_done(cx, rule, rec, since, to, key));
    return notice_make(cx, to, "escalated", val_ref(rec->obj->number, rec->id), record_text(r->mem, rec),
                       text_of(rule, "name"));
}

/* --- a rule, page by page -------------------------------------------------------------------------------------------- */

static Err *next_page(DbConn *c, void *arg)
{
    Round *r = arg;
    Ctx cx = ctx_system(r->store, r->mem, c);
    const Record *rule = r->rules[r->at];
    size_t kind = kind_of(text_of(rule, "object"));
    int64_t latest = cx.now - record_get_val(rule, "idle_hours").i * HOUR_MS;
    Str condition = str_trim(text_of(rule, "condition"));
    Query q = {.limit = PAGE, .page_token = r->token};
    Page page = {0};
    Str moment = str_fmt(r->mem, "timestamp('%.*s')", SFMT(timestamp_text(r->mem, val_from_ms(latest))));
    const char *since = KINDS[kind].since, *touched = KINDS[kind].touched;
    Str untouched = touched
                        ? str_fmt(r->mem, " && (%s == null || %s <= %.*s)", touched, touched, SFMT(moment))
                        : (Str){0};

    r->cx = &cx;
    r->owners.n = 0;
    TRY(query_parse(&cx, meta_object(cx.meta, str_c(KINDS[kind].object)),
                    str_fmt(r->mem, "%s && %s <= %.*s%.*s && (%.*s)", KINDS[kind].filter, since, SFMT(moment),
                            SFMT(untouched), SFMT(condition.n ? condition : S("true"))),
                    str_c(since), &q));
    TRY(record_list(&cx, &q, &page));
    for (size_t i = 0; i < page.n; i++) {
        cx.batch = 0;
        cx.has_batch_row = false;
        TRY(look_at(r, rule, page.recs[i]));
    }
    r->n = page.n;
    r->next = page.next_token;
    return NULL;
}

static Err *read_rules(DbConn *c, void *arg)
{
    Round *r = arg;
    Ctx cx = ctx_system(r->store, r->mem, c);
    Query q = {.limit = PAGE};
    Page page = {0};

    if (!r->store->company->currency.n) return NULL; /* not set up yet */
    TRY(query_parse(&cx, meta_object(cx.meta, S("escalation_rule")), S("is_active == true"), S("name"), &q));
    TRY(record_list(&cx, &q, &page));
    r->rules = page.recs;
    r->n_rules = page.n;
    return NULL;
}

static Err *plan_next(DbConn *c, void *arg)
{
    Round *r = arg;
    Ctx cx = ctx_system(r->store, r->mem, c);

    TRY(db_exec(r->mem, c, S("DELETE FROM job WHERE kind = 'escalation.round' AND state = 'waiting'"), NULL,
                0, NULL));
    return job_add(&cx, S("escalation.round"), val_map(NULL, 0), (cx.now / ROUND_MS + 1) * ROUND_MS, NULL);
}

Err *escalation_plan(Store *store, Arena *mem)
{
    Round r = {.store = store, .mem = mem};

    return db_write(store->db, mem, plan_next, &r);
}

/* A rule that fails does not keep the others waiting. */
Err *escalation_job(Store *store, Arena *mem, Id job, const Val *arg)
{
    Round r = {.store = store, .mem = mem};
    Err *first = NULL;

    (void)arg;
    TRY(escalation_plan(store, mem));
    TRY(job_read(store, mem, read_rules, &r));
    for (r.at = 0; r.at < r.n_rules; r.at++) {
        Err *e = NULL;
        r.token = (Str){0};
        r.seen = 0;
        TRY(job_progress(store, mem, job, (int64_t)r.at, (int64_t)r.n_rules));
        do {
            e = job_unit(store, mem, next_page, &r);
            r.seen += r.n;
            r.token = r.next;
        } while (!e && r.token.n && r.seen < MOST);
        if (!first) first = e;
    }
    return first;
}
