/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The timeline of a record: its notes, calls, meetings and tasks and what was changed, newest first, in one request.  An
   account's gathers everything of its contacts, deals and subsidiaries.  Two streams in order of time are merged; the
   token holds the place in each.  Every part is read under the viewer's rights. */
#include "api/spine.h"

#include "base/limits.h"
#include "core/change.h"
#include "core/read.h"
#include "core/rights.h"

#define RELATED_MAX 500

typedef struct Ids {
    Id *p;
    size_t n, cap;
} Ids;

typedef struct Timeline {
    Req *rq;
    Ctx *cx;
    const Object *activity;
    Str kinds;
    bool has_kinds, has_changes, has_activities;
    size_t limit;
    Ids accounts, contacts, deals; /* what the record gathers; of an account */
    Ids all;                       /* records whose changes are shown */
    int64_t before_at;
    Id before_id;
    Cursor before;
    Record **recs;
    size_t n_recs;
    Change *changes;
    size_t n_changes;
} Timeline;

/* --- what belongs to the record -------------------------------------------------------------------------------------- */

static Err *collect(Ctx *cx, const Sql *q, Ids *out)
{
    DbRows *rows;
    bool has;

    TRY(sql_query(cx->mem, cx->db, q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        *vec_push(cx->mem, out) = db_i64(rows, 0);
    }
}

/* Records of `obj` the viewer may see whose reference `field` leads to one of `ids`. */
static Err *referrers(Ctx *cx, const Object *obj, const char *field, const Ids *ids, Ids *out)
{
    Sql q = sql_new(cx->mem);

    if (!ids->n || !rights_may(cx, obj, VERB_READ)) return NULL;
    sql_text(&q, "SELECT t0.id FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " t0 WHERE t0.deleted_at IS NULL AND t0.");
    sql_ident(&q, object_field(obj, str_c(field))->column);
    sql_ids(&q, ids->p, ids->n);
    TRY(rights_where(cx, &q, obj, 0, VERB_READ));
    sql_text(&q, " ORDER BY t0.id DESC LIMIT ");
    sql_i64(&q, RELATED_MAX);
    return collect(cx, &q, out);
}

static bool has_id(const Ids *ids, Id id)
{
    for (size_t i = 0; i < ids->n; i++)
        if (ids->p[i] == id) return true;
    return false;
}

static void add_all(Ctx *cx, Ids *to, const Ids *from)
{
    for (size_t i = 0; i < from->n && to->n < RELATED_MAX; i++)
        if (!has_id(to, from->p[i])) *vec_push(cx->mem, to) = from->p[i];
}

/* The account and its subsidiaries at any depth. */
static Err *find_accounts(Timeline *t, const Object *account)
{
    Ids level = {0};

    *vec_push(t->cx->mem, &t->accounts) = t->rq->id;
    add_all(t->cx, &level, &t->accounts);
    for (int depth = 0; level.n && depth < 10; depth++) {
        Ids below = {0};
        TRY(referrers(t->cx, account, "parent", &level, &below));
        size_t had = t->accounts.n;
        add_all(t->cx, &t->accounts, &below);
        if (t->accounts.n == had) return NULL;
        level = below;
    }
    return NULL;
}

/* People who act for the accounts by a role, besides those who mainly work there. */
static Err *find_linked(Timeline *t, const Object *contact)
{
    Sql q = sql_new(t->cx->mem);
    Ids found = {0};

    if (!rights_may(t->cx, contact, VERB_READ)) return NULL;
    sql_text(&q, "SELECT t0.id FROM ");
    sql_ident(&q, contact->table);
    sql_text(
        &q,
        " t0 WHERE t0.deleted_at IS NULL AND t0.id IN (SELECT l.contact FROM account_contact l WHERE l.deleted_at IS NULL AND l.account");
    sql_ids(&q, t->accounts.p, t->accounts.n);
    sql_text(&q, ")");
    TRY(rights_where(t->cx, &q, contact, 0, VERB_READ));
    sql_text(&q, " LIMIT ");
    sql_i64(&q, RELATED_MAX);
    TRY(collect(t->cx, &q, &found));
    add_all(t->cx, &t->contacts, &found);
    return NULL;
}

static Err *find_related(Timeline *t)
{
    const Meta *meta = t->cx->meta;
    const Object *contact = meta_object(meta, S("contact")), *deal = meta_object(meta, S("deal"));

    *vec_push(t->cx->mem, &t->all) = t->rq->id;
    if (!str_eq(t->rq->obj->name, S("account"))) return NULL;
    TRY(find_accounts(t, t->rq->obj));
    TRY(referrers(t->cx, contact, "account", &t->accounts, &t->contacts));
    TRY(find_linked(t, contact));
    TRY(referrers(t->cx, deal, "account", &t->accounts, &t->deals));
    add_all(t->cx, &t->all, &t->accounts);
    add_all(t->cx, &t->all, &t->contacts);
    add_all(t->cx, &t->all, &t->deals);
    return NULL;
}

/* --- activities ------------------------------------------------------------------------------------------------------ */

static void add_arm(Sql *q, const Object *activity, Str column, const Ids *ids)
{
    sql_text(q, " UNION SELECT id FROM ");
    sql_ident(q, activity->table);
    sql_text(q, " WHERE ");
    sql_ident(q, column);
    sql_ids(q, ids->p, ids->n);
}

static Str about_column(const Field *about, ColumnRole role)
{
    Column columns[FIELD_COLUMNS_MAX];
    size_t n = field_columns(about, columns);

    for (size_t i = 0; i < n; i++)
        if (columns[i].role == role) return columns[i].name;
    return (Str){0}; /* sql_ident refuses an empty name: activity.about lost a column */
}

/* " t0.id IN (those about the record UNION those of what it gathers)" */
static void add_scope(Timeline *t, Sql *q)
{
    const Field *about = object_field(t->activity, S("about")),
                *own = object_field(t->activity, t->rq->obj->name);
    Ids self = {.p = &t->rq->id, .n = 1};

    sql_text(q, " t0.id IN (SELECT id FROM ");
    sql_ident(q, t->activity->table);
    sql_text(q, " WHERE ");
    sql_ident(q, about_column(about, COLUMN_VALUE));
    sql_text(q, " = ");
    sql_bind(q, val_int(t->rq->id));
    sql_text(q, " AND ");
    sql_ident(q, about_column(about, COLUMN_OBJECT));
    sql_text(q, " = ");
    sql_bind(q, val_int(t->rq->obj->number));
    if (own && own->type == FIELD_REFERENCE && own->target == t->rq->obj)
        add_arm(q, t->activity, own->column, t->accounts.n ? &t->accounts : &self);
    if (t->contacts.n) add_arm(q, t->activity, S("contact"), &t->contacts);
    if (t->deals.n) add_arm(q, t->activity, S("deal"), &t->deals);
    sql_text(q, ")");
}

static void add_kinds(Timeline *t, Sql *q)
{
    Str rest = t->kinds;

    if (!t->has_kinds) return;
    sql_text(q, " AND t0.kind IN (");
    for (bool is_first = true; rest.n; is_first = false) {
        if (!is_first) sql_text(q, ", ");
        sql_bind(q, val_text(str_trim(str_cut(&rest, ','))));
    }
    sql_text(q, ")");
}

static Err *read_activities(Timeline *t)
{
    Sql q = sql_new(t->cx->mem);
    Select sel = {.obj = t->activity};
    DbRows *rows;
    bool has;

    t->recs = NEW_N(t->cx->mem, Record *, t->limit + 1);
    if (!t->has_activities || !rights_may(t->cx, t->activity, VERB_READ)) return NULL;
    sql_text(&q, "SELECT ");
    read_select(t->cx, &q, 0, &sel);
    sql_text(&q, " FROM ");
    sql_ident(&q, t->activity->table);
    sql_text(&q, " t0 WHERE t0.deleted_at IS NULL AND");
    add_scope(t, &q);
    add_kinds(t, &q);
    if (t->before_id) {
        sql_text(&q, " AND (t0.happened_at, t0.id) < (");
        sql_bind(&q, val_int(t->before_at));
        sql_text(&q, ", ");
        sql_bind(&q, val_int(t->before_id));
        sql_text(&q, ")");
    }
    TRY(rights_where(t->cx, &q, t->activity, 0, VERB_READ));
    sql_text(&q, " ORDER BY t0.happened_at DESC, t0.id DESC LIMIT ");
    sql_i64(&q, (int64_t)t->limit + 1);
    TRY(sql_query(t->cx->mem, t->cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        t->recs[t->n_recs++] = read_row(t->cx, rows, 0, &sel);
    }
}

/* --- changes --------------------------------------------------------------------------------------------------------- */

/* Fields the caller may not read are left out; an update of nothing else is no entry. */
static bool is_entry(Timeline *t, Change *change)
{
    size_t n = 0;

    for (size_t i = 0; i < change->n; i++) {
        const Field *f = change->fields[i].field;
        bool is_told = !f->is_system || f->index == SYS_OWNER || f->index == SYS_TEAM;
        if (is_told && rights_field(t->cx, f) != FIELD_HIDDEN) change->fields[n++] = change->fields[i];
    }
    change->n = change->kind == CHANGE_CREATE ? 0 : n; /* what a new record held is on its page */
    return n > 0 || change->kind != CHANGE_UPDATE;
}

static Err *read_changes(Timeline *t)
{
    size_t kept = 0;

    if (!t->has_changes) return NULL;
    TRY(change_of(t->cx, t->all.p, t->all.n, t->before.seq ? &t->before : NULL, t->limit + 1, &t->changes,
                  &t->n_changes));
    for (size_t i = 0; i < t->n_changes; i++)
        if (is_entry(t, &t->changes[i])) t->changes[kept++] = t->changes[i];
    t->n_changes = kept;
    return NULL;
}

/* --- counters -------------------------------------------------------------------------------------------------------- */

static Err *count_kinds(Timeline *t, int64_t *counts)
{
    static const char *const KINDS[] = {"note", "call", "meeting", "task"};
    Sql q = sql_new(t->cx->mem);
    DbRows *rows;
    bool has;

    if (!rights_may(t->cx, t->activity, VERB_READ)) return NULL;
    sql_text(
        &q,
        "SELECT t0.kind, count(*), sum(CASE WHEN t0.status = 'open' AND t0.kind <> 'note' THEN 1 ELSE 0 END) FROM ");
    sql_ident(&q, t->activity->table);
    sql_text(&q, " t0 WHERE t0.deleted_at IS NULL AND");
    add_scope(t, &q);
    TRY(rights_where(t->cx, &q, t->activity, 0, VERB_READ));
    sql_text(&q, " GROUP BY t0.kind");
    TRY(sql_query(t->cx->mem, t->cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        for (int i = 0; i < 4; i++)
            if (str_eq_c(db_str(rows, 0), KINDS[i])) counts[i] = db_i64(rows, 1);
        counts[4] += db_i64(rows, 2);
    }
}

static Err *count_open_deals(Timeline *t, int64_t *out)
{
    Sql q = sql_new(t->cx->mem);
    DbRows *rows;
    bool has;

    if (!t->deals.n) return NULL;
    sql_text(&q, "SELECT count(*) FROM deal WHERE status = 'open' AND id");
    sql_ids(&q, t->deals.p, t->deals.n);
    TRY(sql_query(t->cx->mem, t->cx->db, &q, &rows));
    TRY(db_next(rows, &has));
    *out = has ? db_i64(rows, 0) : 0;
    return has ? db_next(rows, &has) : NULL;
}

static Err *write_counters(Timeline *t, JsonWriter *w)
{
    static const char *const NAMES[] = {"note", "call", "meeting", "task", "open_tasks"};
    int64_t counts[5] = {0}, open_deals = 0;

    TRY(count_kinds(t, counts));
    TRY(count_open_deals(t, &open_deals));
    json_key_c(w, "counters");
    json_open_obj(w);
    for (int i = 0; i < 5; i++) {
        json_key(w, str_c(NAMES[i]));
        json_i64(w, counts[i]);
    }
    json_pair_i64(w, "deals", (int64_t)t->deals.n);
    json_pair_i64(w, "open_deals", open_deals);
    json_pair_i64(w, "contacts", (int64_t)t->contacts.n);
    json_close_obj(w);
    return NULL;
}

/* --- merging --------------------------------------------------------------------------------------------------------- */

static int64_t happened(const Record *rec)
{
    Val at = record_get_val(rec, "happened_at");

    return val_is_null(at) ? val_ms(rec->vals[SYS_CREATED_AT]) : val_ms(at);
}

static void write_activity(Timeline *t, JsonWriter *w, const Record *rec, const Labels *labels)
{
    Val about = record_get_val(rec, "about"), kind = record_get_val(rec, "kind"),
        actor = rec->vals[SYS_CREATED_BY];

    json_open_obj(w);
    json_pair_str(w, "type", S("activity"));
    json_pair_val(w, "at", val_from_ms(happened(rec)));
    json_key_c(w, "record");
    record_to_json(w, t->cx, rec, labels, NULL, 0);
    json_key_c(w, "source");
    json_ref(w, t->cx->meta, labels, about.aux, val_is_null(about) ? 0 : about.i);
    json_key_c(w, "actor");
    json_ref(w, t->cx->meta, labels, actor.aux, val_is_null(actor) ? 0 : actor.i);
    json_pair_str(w, "kind", kind.kind == VAL_TEXT ? val_str(kind) : S("task"));
    json_key_c(w, "changes");
    json_open_list(w);
    json_close_list(w);
    json_close_obj(w);
}

static void write_change(Timeline *t, JsonWriter *w, const Change *change, const Labels *labels)
{
    json_open_obj(w);
    json_pair_str(w, "type", S("change"));
    json_pair_val(w, "at", val_from_ms(change->at));
    json_key_c(w, "record");
    json_null(w);
    json_key_c(w, "source");
    json_ref(w, t->cx->meta, labels, change->obj->number, change->record);
    json_key_c(w, "actor");
    json_ref(w, t->cx->meta, labels, meta_object(t->cx->meta, S("user"))->number, change->actor);
    json_pair_str(w, "kind", str_c(change_kind_name(change)));
    changes_to_json(w, t->cx, change, labels);
    json_close_obj(w);
}

static Str token_of(Timeline *t)
{
    return str_fmt(t->cx->mem, "%lld.%lld.%.*s", (long long)t->before_at, (long long)t->before_id,
                   SFMT(cursor_text(t->cx->mem, t->before)));
}

static bool read_token(Timeline *t, Str text)
{
    Str rest = text, at = str_cut(&rest, '.'), id = str_cut(&rest, '.');

    return str_to_i64(at, &t->before_at) && str_to_i64(id, &t->before_id) && cursor_parse(rest, &t->before);
}

static void merge(Timeline *t, JsonWriter *w, const Labels *labels)
{
    size_t a = 0, c = 0;

    json_key_c(w, "data");
    json_open_list(w);
    while (a + c < t->limit && (a < t->n_recs || c < t->n_changes)) {
        bool is_activity = c == t->n_changes || (a < t->n_recs && happened(t->recs[a]) >= t->changes[c].at);
        if (is_activity) {
            write_activity(t, w, t->recs[a], labels);
            t->before_at = happened(t->recs[a]);
            t->before_id = t->recs[a++]->id;
        } else {
            write_change(t, w, &t->changes[c], labels);
            t->before = t->changes[c++].cursor;
        }
    }
    json_close_list(w);
    bool has_more = a < t->n_recs || c < t->n_changes;
    json_key_c(w, "next_page_token");
    json_text_or_null(w, has_more ? token_of(t) : (Str){0});
}

/* --- the route ------------------------------------------------------------------------------------------------------- */

/* "note,call,change": which activities, and whether changes. */
static Err *read_kinds(Timeline *t)
{
    Str text = rq_arg(t->rq, "kinds"), rest = text;
    Buf b = buf_new(t->cx->mem, 200);

    t->has_changes = t->has_activities = text.n == 0;
    while (rest.n) {
        Str kind = str_trim(str_cut(&rest, ','));
        bool is_activity = words_have("note call meeting task", kind);
        if (!is_activity && !str_eq(kind, S("change")))
            return err_arg(err_field(err_new(t->cx->mem, ERR_INVALID, "error.choice", "kinds"), S("kinds")),
                           0, kind);
        t->has_changes = t->has_changes || !is_activity;
        t->has_activities = t->has_activities || is_activity;
        if (is_activity && b.n) buf_add_c(&b, ',');
        if (is_activity) buf_add(&b, kind);
    }
    t->has_kinds = b.n > 0;
    t->kinds = buf_str(&b);
    return NULL;
}

static Err *run_timeline(Req *rq, Ctx *cx)
{
    Timeline t = {.rq = rq, .cx = cx, .activity = meta_object(cx->meta, S("activity"))};
    Str token = rq_arg(rq, "page_token");
    int64_t size = LIMIT_PAGE_DEFAULT;
    Record *rec;
    Labels *labels;

    TRY(rq_number(rq, "page_size", 1, LIMIT_PAGE, &size));
    if (token.n && !read_token(&t, token)) FAIL_FIELD(rq->mem, S("page_token"), "error.page_token", "token");
    TRY(read_kinds(&t));
    TRY(record_get(cx, rq->obj, rq->id, 0, &rec));
    t.limit = (size_t)size;
    TRY(find_related(&t));
    TRY(read_activities(&t));
    TRY(read_changes(&t));
    TRY(links_load(cx, t.recs, t.n_recs));
    TRY(labels_load(cx, t.recs, t.n_recs, &labels));
    TRY(changes_labels(cx, t.changes, t.n_changes, labels));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    merge(&t, w, labels);
    TRY(write_counters(&t, w));
    json_close_obj(w);
    return NULL;
}

const Route timeline_routes[] = {
    {.method = "GET",
     .pattern = "/{plural}/{id}/timeline",
     .name = "getTimeline",
     .right = RIGHT_USER,
     .params = "kinds page_token page_size",
     .steps = {{WHERE_READ, run_timeline}}},
    {0},
};
