/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists against brute force, under random rights, filters, orders and page sizes, on both databases: the pages one after
   another are every record that may be seen and fits, once, in order; totals and aggregates are theirs. */
#include "core/compile.h"
#include "core/query.h"
#include "core/rights.h"
#include "core/test_prop.h"

#include "base/decimal.h"
#include "base/text.h"
#include "base/time.h"
#include "core/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS 60
#define MILLIS  15000
#define SUM_MAX INT64_C(999999999999999999)

static const char *const OBJECTS[] = {"account", "contact", "deal", "deal_line", "lead", "activity"};
/* Hidden wherever they are: a filter or order that names one must be refused. */
static const char *const HIDDEN[] = {"weighted",  "annual_revenue", "industry",
                                     "job_title", "close_date",     "budget"};

typedef struct World {
    Store *store;
    PropPool pool;
    Prop p;
    Id role;
    unsigned lists, refused, hidden, denied, kept, aggregates, live;
} World;

static Err *fill(Ctx *cx, void *arg)
{
    World *world = arg;
    Prop p = world->p;
    PropPool *pool = NEW(cx->mem, PropPool);
    const Object *role = meta_object(cx->meta, S("role")), *user = meta_object(cx->meta, S("user"));
    Record *rec = record_new(cx->mem, role);

    TRY(prop_world(cx, &p, pool, RECORDS));
    record_set(rec, "name", val_text(S("Random")));
    TRY(record_create(cx, rec, NULL));
    for (size_t i = 0; i < pool->ids[user->number].n; i++) {
        Record *who = record_new(cx->mem, user);
        who->id = pool->ids[user->number].p[i];
        record_set(who, "role", val_ref(role->number, rec->id));
        TRY(record_update(cx, who, NULL));
    }
    world->pool = *pool;
    world->role = rec->id;
    return NULL;
}

/* --- random rights --------------------------------------------------------------------------------------------------- */

static void add_rule(Buf *b, Arena *mem, Prop *p, const Object *obj, const char *name)
{
    if (!prop_one_in(p, 3)) return;
    Str rule = prop_condition(mem, p, obj, 1);
    buf_add(b, str_fmt(mem, ",\"%s\":\"", name));
    for (size_t i = 0; i < rule.n; i++) {
        if (rule.p[i] == '\\') buf_add_c(b, '\\');
        buf_add_c(b, rule.p[i]);
    }
    buf_add(b, S("\""));
}

static Str random_role(Arena *mem, Prop *p, const Meta *meta, const char **hidden)
{
    static const char *const LEVELS[] = {"own", "team", "all", "all", "none", "team"};
    Buf b = buf_new(mem, 64u << 10);

    *hidden = HIDDEN[prop_below(p, sizeof HIDDEN / sizeof *HIDDEN)];
    buf_add(&b, S("{\"masked\":true"));
    for (size_t i = 0; i < meta->n_objects;
         i++) { /* a path may end in any of them: hidden is hidden everywhere */
        bool is_own = false;
        for (size_t k = 0; k < sizeof OBJECTS / sizeof *OBJECTS; k++)
            is_own = is_own || str_eq_c(meta->objects[i]->name, OBJECTS[k]);
        if (is_own) continue;
        buf_add(&b, str_fmt(mem, ",\"%.*s\":{\"read\":\"all\",\"fields\":{\"%s\":\"hidden\"}}",
                            SFMT(meta->objects[i]->name), *hidden));
    }
    for (size_t i = 0; i < sizeof OBJECTS / sizeof *OBJECTS; i++) {
        const Object *obj = meta_object(meta, str_c(OBJECTS[i]));
        buf_add(&b, str_fmt(mem, ",\"%s\":{\"read\":\"%s\",\"update\":\"all\",\"fields\":{\"%s\":\"hidden\"}",
                            OBJECTS[i], LEVELS[prop_below(p, 6)], *hidden));
        add_rule(&b, mem, p, obj, "limit");
        add_rule(&b, mem, p, obj, "also");
        buf_add(&b, S("}"));
    }
    buf_add(&b, S("}"));
    return buf_str(&b);
}

typedef struct Question {
    World *world;
    Str role, filter, order, group, measures;
    const char *hidden;
    const Object *obj;
    Id user;
    size_t page;
    Str what; /* is wrong */
} Question;

static Err *set_role(Ctx *cx, void *arg)
{
    Question *ask = arg;
    Val binds[] = {val_text(ask->role), val_int(ask->world->role)};

    return db_exec(cx->mem, cx->db, S("UPDATE role SET rights = ?1 WHERE id = ?2"), binds, 2, NULL);
}

/* --- brute force ----------------------------------------------------------------------------------------------------- */

static bool holds_of(Ctx *cx, const Record *rec, const CelNode *tree)
{
    RecordScope scope = {cx, rec};
    CelScope s = record_scope(&scope);
    Val v;

    return !cel_eval(cx->mem, tree, &s, &v) && v.kind == VAL_BOOL && v.b;
}

static bool is_among(const Id *ids, size_t n, Val ref)
{
    for (size_t i = 0; i < n; i++)
        if (!val_is_null(ref) && ids[i] == ref.i) return true;
    return false;
}

static bool may_see(Ctx *cx, const Actor *actor, const Record *rec)
{
    const Rights *rights = actor->rights;
    const Object *obj = rec->obj;
    Ctx system = ctx_as_system(cx);
    Actor rule = *system.actor;
    Val owner = rec->vals[SYS_OWNER], team = rec->vals[SYS_TEAM];
    Record *parent;

    if (obj->parent) {
        Err *e = record_get(&system, obj->parent->target, rec->vals[obj->parent->index].i, 0, &parent);
        return !e && may_see(cx, actor, parent);
    }
    rule.user = actor->user;
    rule.team = actor->team;
    system.actor = &rule;
    if (!rights->objects[obj->number]) return false;
    Level level = (Level)rights->objects[obj->number]->level[VERB_READ];
    bool sees = level == LEVEL_ALL;
    if (level == LEVEL_OWN) sees = !val_is_null(owner) && owner.i == actor->user;
    if (level == LEVEL_TEAM)
        sees = is_among(rights->people, rights->n_people, owner) ||
               is_among(rights->teams, rights->n_teams, team);
    if (!sees && level > LEVEL_NONE && rights->objects[obj->number]->row_rule)
        sees = holds_of(&system, rec, rights->objects[obj->number]->row_rule);
    if (sees && rights->objects[obj->number]->limit)
        sees = holds_of(&system, rec, rights->objects[obj->number]->limit);
    return sees;
}

typedef struct Row {
    Id id;
    Val keys[4];
} Row;

static const Query *sorting; /* of qsort */

static int compare_vals(Val a, Val b)
{
    if (a.kind == VAL_INT) return a.i < b.i ? -1 : a.i > b.i;
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

static int by_keys(const void *x, const void *y)
{
    const Row *a = x, *b = y;
    bool is_down = sorting->n_order && sorting->order[0].is_descending;

    for (size_t i = 0; i < sorting->n_order; i++) {
        bool a_null = val_is_null(a->keys[i]), b_null = val_is_null(b->keys[i]);
        if (a_null != b_null) return a_null ? 1 : -1;
        int order = a_null ? 0 : compare_vals(a->keys[i], b->keys[i]);
        if (order) return sorting->order[i].is_descending ? -order : order;
    }
    int order = a->id < b->id ? -1 : a->id > b->id;
    return is_down ? -order : order;
}

/* Sorted by the name of what it refers to. */
static bool is_named(const Field *f)
{
    return (f->result == FIELD_REFERENCE || f->result == FIELD_USER) && f->target && f->target->label_field &&
           f->index != SYS_ID;
}

/* `column` of record `id`, or the sort key of what it refers to. */
static Err *raw(Ctx *cx, const Field *f, Str column, Id id, Val *out)
{
    Sql q = sql_new(cx->mem);

    sql_text(&q, "SELECT ");
    if (!column.n) {
        sql_text(&q, "(SELECT o.");
        sql_ident(&q, field_sort_column(f->target->label_field));
        sql_text(&q, " FROM ");
        sql_ident(&q, f->target->table);
        sql_text(&q, " o WHERE o.id = t.");
        sql_ident(&q, f->column);
        sql_text(&q, ")");
    } else {
        sql_ident(&q, column);
    }
    sql_text(&q, " FROM ");
    sql_ident(&q, f->object->table);
    sql_text(&q, " t WHERE t.id = ");
    sql_bind(&q, val_int(id));
    return db_one(cx->mem, cx->db, buf_str(&q.text), q.binds, q.n, out);
}

/* What one may not see cannot be told by its place either. */
static Err *named_key(Ctx *cx, const Field *f, const Record *rec, Val *out)
{
    Ctx system = ctx_as_system(cx);
    Val ref = rec->vals[f->index];
    Record *target;

    *out = val_null();
    if (val_is_null(ref)) return NULL;
    TRY(record_get(&system, f->target, ref.i, READ_DELETED, &target));
    if (rights_field(cx, f->target->label_field) == FIELD_HIDDEN || !may_see(cx, cx->actor, target))
        return NULL;
    return raw(cx, f, (Str){0}, rec->id, out);
}

static bool is_live(const Field *f)
{
    return f->is_computed && !f->is_stored;
}

/* A formula over the clock has no column: its value now. */
static Val live_key(Ctx *cx, const Field *f, const Record *rec)
{
    Ctx system = ctx_as_system(cx);
    RecordScope scope = {&system, rec};
    CelScope s = record_scope(&scope);
    Val v;

    REQUIRE(f->result == FIELD_DURATION);
    return cel_eval(cx->mem, f->formula.tree, &s, &v) || val_is_null(v) ? val_null() : val_int(val_ms(v));
}

static Err *brute(Ctx *cx, const Question *ask, const Query *q, Row **out, size_t *n)
{
    const struct PropIds *ids = &ask->world->pool.ids[ask->obj->number];
    Ctx system = ctx_as_system(cx);
    Ctx own = *cx;

    *out = NEW_N(cx->mem, Row, ids->n);
    *n = 0;
    own.cache = NULL;
    for (size_t i = 0; i < ids->n; i++) {
        Record *rec;
        TRY(record_get(&system, ask->obj, ids->p[i], 0, &rec));
        if (!may_see(cx, cx->actor, rec) || (q->filter && !holds_of(&own, rec, q->filter))) continue;
        Row *row = &(*out)[(*n)++];
        row->id = rec->id;
        for (size_t k = 0; k < q->n_order; k++) {
            const Field *f = q->order[k].field;
            if (is_live(f)) row->keys[k] = live_key(cx, f, rec);
            if (is_live(f)) continue;
            TRY(is_named(f) ? named_key(cx, f, rec, &row->keys[k])
                            : raw(cx, f, field_sort_column(f), rec->id, &row->keys[k]));
        }
    }
    sorting = q;
    qsort(*out, *n, sizeof **out, by_keys);
    return NULL;
}

/* --- asking ---------------------------------------------------------------------------------------------------------- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool has_word(Str text, const char *word)
{
    Str w = str_c(word);

    for (size_t i = 0; i + w.n <= text.n; i++) {
        bool starts = i == 0 || !is_word(text.p[i - 1]);
        bool ends = i + w.n == text.n || !is_word(text.p[i + w.n]);
        if (starts && ends && memcmp(text.p + i, w.p, w.n) == 0) return true;
    }
    return false;
}

static Err *all_pages(Ctx *cx, Question *ask, const Row *rows, size_t n)
{
    Str token = {0};
    size_t at = 0;

    for (size_t pages = 0; pages < RECORDS + 2; pages++) {
        Query q = {.limit = ask->page, .page_token = token, .total = TOTAL_EXACT};
        Page page;
        TRY(query_parse(cx, ask->obj, ask->filter, ask->order, &q));
        TRY(record_list(cx, &q, &page));
        if (page.total != (int64_t)n)
            ask->what = str_fmt(cx->mem, "total %lld, not %zu", (long long)page.total, n);
        for (size_t i = 0; i < page.n; i++, at++)
            if (at >= n || page.recs[i]->id != rows[at].id) {
                ask->what = str_fmt(cx->mem, "record %zu of %zu differs", at, n);
                return NULL;
            }
        token = page.next_token;
        if (!token.n) break;
        if (page.n != ask->page) ask->what = S("a short page that is not the last");
    }
    if (at != n) ask->what = str_fmt(cx->mem, "%zu records, not %zu", at, n);
    return NULL;
}

static bool is_key(const Err *e, const char *key)
{
    return e && e->code == ERR_INVALID && str_eq_c(e->key, key);
}

static Err *with_actor(Ctx *cx, Question *ask, Actor *actor)
{
    Rights *rights;

    TRY(rights_load(cx, ask->user, &rights));
    *actor = (Actor){.user = ask->user, .zone = S("Europe/Moscow"), .lang = LANG_EN, .rights = rights};
    Val bind = val_int(ask->user), team;
    TRY(db_one(cx->mem, cx->db, S("SELECT team_id FROM \"user\" WHERE id = ?1"), &bind, 1, &team));
    actor->team = val_is_null(team) ? 0 : team.i;
    cx->actor = actor;
    return NULL;
}

static Err *ask_list(Ctx *cx, void *arg)
{
    Question *ask = arg;
    World *world = ask->world;
    Actor *actor = NEW(cx->mem, Actor);
    Query q = {0};
    Row *rows;
    size_t n;

    TRY(with_actor(cx, ask, actor));
    Err *e = query_parse(cx, ask->obj, ask->filter, ask->order, &q);
    bool names_hidden = has_word(ask->filter, ask->hidden) || has_word(ask->order, ask->hidden);
    if (is_key(e, "error.cel.type")) return NULL;
    if (is_key(e, "error.cel.unknown") || is_key(e, "error.field.unknown")) {
        world->hidden++;
        if (!names_hidden) ask->what = S("refused without naming what is hidden");
        return NULL;
    }
    TRY(e);
    if (names_hidden) ask->what = S("names a hidden field");
    TRY(brute(cx, ask, &q, &rows, &n));
    e = all_pages(cx, ask, rows, n);
    if (e && e->code == ERR_DENIED && rights_level(cx, ask->obj, VERB_READ) == LEVEL_NONE) {
        world->denied++;
        return NULL;
    }
    if (is_key(e, "error.cel.sql")) {
        world->refused++;
        return NULL;
    }
    world->live += n > 1 && has_word(ask->order, "waiting");
    world->kept += (unsigned)n;
    world->lists++;
    return e;
}

static bool is_orderable(const Field *f)
{
    return (f->is_sortable || f->is_system) && !is_live(f) && !f->is_secret;
}

static Str random_order(Arena *mem, Prop *p, const Object *obj)
{
    size_t n = 1 + prop_below(p, 3);
    Str out = {0};

    for (size_t i = 0; i < n; i++) {
        const Field *f = NULL;
        unsigned seen = 0;
        for (size_t k = 0; k < obj->n_fields; k++)
            if (is_orderable(&obj->fields[k]) && prop_one_in(p, ++seen)) f = &obj->fields[k];
        out = str_fmt(mem, "%.*s%s%s%.*s", SFMT(out), i ? "," : "", prop_one_in(p, 2) ? "-" : "",
                      SFMT(f->name));
        if (f->index == SYS_ID) break;
    }
    return out;
}

static void judge(Question *ask, Err *e, Arena *mem)
{
    bool is_right = CHECK(e == NULL && ask->what.n == 0);

    if (is_right) return;
    Str why = e ? err_text(mem, e) : ask->what;
    printf("# %.*s where %.*s order %.*s page %zu user %lld group %.*s: %.*s\n#   role %.*s\n",
           SFMT(ask->obj->name), SFMT(ask->filter), SFMT(ask->order), ask->page, (long long)ask->user,
           SFMT(ask->group), SFMT(why), SFMT(ask->role));
}

static int64_t run_until(void)
{
    const char *given = getenv("KITH_PROP_MS");

    return clock_now_ms() + (given ? strtoll(given, NULL, 10) : MILLIS);
}

static void open_world(Arena *mem, World *world, Store *store)
{
    world->store = store;
    world->p = prop_start();
    store->clock_ms = PROP_NOW;
    CHECK_OK(test_write(store, mem, fill, world));
}

static Question question(Arena *mem, World *world)
{
    Prop *p = &world->p;
    const Meta *meta = store_meta(world->store);
    const struct PropIds *users = &world->pool.ids[meta_object(meta, S("user"))->number];
    Question ask = {.world = world};

    ask.obj = meta_object(meta, str_c(OBJECTS[prop_below(p, sizeof OBJECTS / sizeof *OBJECTS)]));
    ask.role = random_role(mem, p, meta, &ask.hidden);
    ask.user = users->p[prop_below(p, (unsigned)users->n)];
    ask.filter = prop_one_in(p, 3) ? S("") : prop_condition(mem, p, ask.obj, prop_below(p, 3));
    ask.order = random_order(mem, p, ask.obj);
    ask.page = 1 + prop_below(p, 17);
    return ask;
}

/* Leads by how long they wait, then by anything. */
static void ask_live(Arena *mem, World *world, Question *ask)
{
    Prop *p = &world->p;

    ask->obj = meta_object(store_meta(world->store), S("lead"));
    ask->filter = prop_one_in(p, 2) ? S("") : prop_condition(mem, p, ask->obj, prop_below(p, 3));
    Str rest = random_order(mem, p, ask->obj);
    ask->order = str_fmt(mem, "%swaiting,%.*s", prop_one_in(p, 2) ? "-" : "", SFMT(rest));
}

TEST_STORE(pages_are_the_list)
{
    World world = {0};
    int64_t until = run_until();

    open_world(mem, &world, store);
    for (int i = 0; clock_now_ms() < until || (world.lists < 10 && i < 300); i++) {
        Arena *scratch = arena_new(0);
        Question ask = question(scratch, &world);
        if (i % 4 == 3) ask_live(scratch, &world, &ask);
        Err *e = test_write(store, scratch, set_role, &ask);
        if (!e) e = test_read(store, scratch, ask_list, &ask);
        if (is_key(e, "error.cel.type")) e = NULL; /* a rule of the role that does not fit its types */
        judge(&ask, e, scratch);
        arena_free(scratch);
    }
    printf("# %u lists of %u records, %u by a live formula, %u refused, %u named what is hidden, %u denied\n",
           world.lists, world.kept, world.live, world.refused, world.hidden, world.denied);
    CHECK(world.lists > 5);
    CHECK(world.lists > world.refused);
}

/* --- aggregates ------------------------------------------------------------------------------------------------------ */

typedef struct Bin {
    Val groups[2];
    int64_t count, sum, n, min, max;
} Bin;

static bool is_measurable(const Field *f)
{
    bool is_number = f->result == FIELD_INTEGER || f->result == FIELD_DECIMAL || f->result == FIELD_MONEY ||
                     f->result == FIELD_PERCENT;

    return is_number && !(f->is_computed && !f->is_stored) && !f->is_secret;
}

static bool is_day(const Field *f)
{
    return (f->result == FIELD_DATE || f->result == FIELD_TIMESTAMP) && !(f->is_computed && !f->is_stored);
}

static const Field *pick(Prop *p, const Object *obj, bool (*fits)(const Field *f))
{
    const Field *found = NULL;
    unsigned seen = 0;

    for (size_t i = 0; i < obj->n_fields; i++)
        if (fits(&obj->fields[i]) && prop_one_in(p, ++seen)) found = &obj->fields[i];
    return found;
}

static bool is_plain_group(const Field *f)
{
    return f->is_groupable && !is_day(f) && f->type != FIELD_ANY_REFERENCE &&
           !(f->is_computed && !f->is_stored);
}

static Str random_group(Arena *mem, Prop *p, const Object *obj)
{
    static const char *const BUCKETS[] = {"day", "week", "month", "quarter", "year"};
    const Field *plain = pick(p, obj, is_plain_group), *day = pick(p, obj, is_day);
    Str a = plain ? plain->name : S("owner"),
        b = str_fmt(mem, "%s(%.*s)", BUCKETS[prop_below(p, 5)], SFMT(day->name));

    switch (prop_below(p, 4)) {
    case 0: return S("");
    case 1: return a;
    case 2: return b;
    default: return str_fmt(mem, "%.*s,%.*s", SFMT(a), SFMT(b));
    }
}

static int64_t bucket_of(const Group *g, Val v)
{
    int64_t day = g->field->result == FIELD_DATE ? v.i : zone_date(S("Europe/Moscow"), v.i);
    CivilDate d = date_to_civil(day);

    switch (g->bucket) {
    case BUCKET_YEAR: return date_from_civil(d.year, 1, 1);
    case BUCKET_QUARTER: return date_from_civil(d.year, d.month - (d.month - 1) % 3, 1);
    case BUCKET_MONTH: return date_from_civil(d.year, d.month, 1);
    case BUCKET_WEEK:
        while (date_weekday(day) != 1) day--;
        return day;
    default: return day;
    }
}

static Err *group_key(Ctx *cx, const Group *g, Id id, Val *out)
{
    TRY(raw(cx, g->field, g->field->column, id, out));
    if (g->bucket != BUCKET_NONE && !val_is_null(*out)) *out = val_int(bucket_of(g, *out));
    return NULL;
}

static Bin *bin_of(Bin *bins, size_t *n, const Val *groups)
{
    for (size_t i = 0; i < *n; i++)
        if (val_same(bins[i].groups[0], groups[0]) && val_same(bins[i].groups[1], groups[1])) return &bins[i];
    bins[*n] = (Bin){.groups = {groups[0], groups[1]}};
    return &bins[(*n)++];
}

static void put(Bin *bin, Val v)
{
    bin->count++;
    if (val_is_null(v)) return;
    bin->min = bin->n == 0 || v.i < bin->min ? v.i : bin->min;
    bin->max = bin->n == 0 || v.i > bin->max ? v.i : bin->max;
    bin->sum += v.i;
    bin->n++;
}

/* The value a reply gives, as its column would hold it. */
static Val plain(Val v)
{
    return v.kind == VAL_NULL || v.kind == VAL_TEXT || v.kind == VAL_BYTES ? v : val_int(v.i);
}

__extension__ typedef __int128 Wide;

static int64_t mean(const Bin *bin, bool is_integer)
{
    Wide sum = (Wide)bin->sum * (is_integer ? 100 : 1);
    Wide half = bin->n / 2;

    return (int64_t)((sum < 0 ? sum - half : sum + half) / bin->n);
}

static bool is_row(const AggregateRow *row, const Bin *bin, const Aggregate *a)
{
    bool is_empty = bin->n == 0;
    Val sum = plain(row->measures[1]);

    for (size_t i = 0; i < a->n_groups; i++)
        if (!val_same(plain(row->groups[i]), plain(bin->groups[i]))) return false;
    if (row->measures[0].i != bin->count) return false;
    if (is_empty)
        return val_is_null(row->measures[2]) && val_is_null(row->measures[3]) &&
               (val_is_null(sum) || sum.i == 0);
    bool fits = bin->sum <= SUM_MAX && bin->sum >= -SUM_MAX; /* beyond 18 digits there is no sum */
    return (fits ? sum.kind == VAL_INT && sum.i == bin->sum : val_is_null(sum)) &&
           row->measures[2].i == mean(bin, a->measures[2].field->result == FIELD_INTEGER) &&
           row->measures[3].i == bin->min && row->measures[4].i == bin->max;
}

static Err *compare_bins(Ctx *cx, Question *ask, Aggregate *a, const Row *rows, size_t n)
{
    Bin *bins = NEW_N(cx->mem, Bin, n + 1);
    AggregateRow *got;
    size_t n_bins = 0, n_got;

    for (size_t i = 0; i < n; i++) {
        const Field *f = a->measures[1].field;
        Val groups[2] = {0}, v;
        for (size_t k = 0; k < a->n_groups; k++) TRY(group_key(cx, &a->groups[k], rows[i].id, &groups[k]));
        TRY(raw(cx, f, f->result == FIELD_MONEY ? f->role_columns[COLUMN_BASE] : f->column, rows[i].id, &v));
        put(bin_of(bins, &n_bins, groups), v);
    }
    if (a->n_groups == 0 && n == 0) n_bins = 1; /* one row of nothing */
    TRY(record_aggregate(cx, a, &got, &n_got));
    if (n_got != n_bins) ask->what = str_fmt(cx->mem, "%zu groups, not %zu", n_got, n_bins);
    for (size_t i = 0; i < n_bins && !ask->what.n; i++) {
        bool found = false;
        for (size_t k = 0; k < n_got; k++) found = found || is_row(&got[k], &bins[i], a);
        if (!found)
            ask->what = str_fmt(cx->mem, "group %zu: count %lld sum %lld n %lld min %lld max %lld", i,
                                (long long)bins[i].count, (long long)bins[i].sum, (long long)bins[i].n,
                                (long long)bins[i].min, (long long)bins[i].max);
    }
    ask->world->aggregates++;
    return NULL;
}

static Err *ask_aggregate(Ctx *cx, void *arg)
{
    Question *ask = arg;
    Actor *actor = NEW(cx->mem, Actor);
    Aggregate a = {.query = {.obj = ask->obj}};
    Row *rows;
    size_t n;

    TRY(with_actor(cx, ask, actor));
    if (has_word(ask->group, ask->hidden) || has_word(ask->measures, ask->hidden) ||
        has_word(ask->filter, ask->hidden))
        return NULL;
    if (rights_level(cx, ask->obj, VERB_READ) == LEVEL_NONE) return NULL;
    TRY(query_parse(cx, ask->obj, ask->filter, S("id"), &a.query));
    TRY(aggregate_parse(cx, &a, ask->group, ask->measures));
    TRY(brute(cx, ask, &a.query, &rows, &n));
    Err *e = compare_bins(cx, ask, &a, rows, n);
    return is_key(e, "error.group.buckets") ? NULL : e;
}

TEST_STORE(aggregates_are_of_the_list)
{
    World world = {0};
    int64_t until = run_until();

    open_world(mem, &world, store);
    for (int i = 0; clock_now_ms() < until || (world.aggregates < 10 && i < 300); i++) {
        Arena *scratch = arena_new(0);
        Question ask = question(scratch, &world);
        const Field *f = pick(&world.p, ask.obj, is_measurable);
        ask.group = random_group(scratch, &world.p, ask.obj);
        ask.measures = str_fmt(scratch, "count(),sum(%.*s),avg(%.*s),min(%.*s),max(%.*s)", SFMT(f->name),
                               SFMT(f->name), SFMT(f->name), SFMT(f->name));
        Err *e = test_write(store, scratch, set_role, &ask);
        if (!e) e = test_read(store, scratch, ask_aggregate, &ask);
        if (is_key(e, "error.cel.type") || is_key(e, "error.cel.sql")) e = NULL;
        judge(&ask, e, scratch);
        arena_free(scratch);
    }
    printf("# %u aggregates\n", world.aggregates);
    CHECK(world.aggregates > 5);
}
