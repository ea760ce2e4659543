/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which index a list is read by.  A page of a sorted list is quick in two ways: along the index of the order, when a good
   part of what it meets fits; or from the index of a condition that few rows meet, sorted then.  SQLite cannot tell which
   (it keeps no counts of single values), and the wrong one is a thousand times slower.  So we count, at most `few`
   entries of each index a condition names, which takes microseconds a hundred; the answer is no more than a hint, the
   conditions are the same.

   Where a condition is met by n of N rows, its index leads to n looks, the order's to about N / n for each line of the page:
   they are even at the square root of N times the lines.  Rarer other conditions only make the first way better. */
#include "core/path.h"

#include "core/asof.h"
#include "core/compile.h"
#include "core/plan.h"
#include "core/rights.h"

#define FEW_MIN       1000
#define CONJUNCTS_MAX 32
#define NAME_BYTES    50 /* longer names of indexes are shortened by meta: no hint */

typedef struct Chooser {
    Ctx *cx;
    const Query *q;
    const CelNode *parts[CONJUNCTS_MAX];
    const Field *fields[CONJUNCTS_MAX]; /* what parts[i] compares with a constant; NULL another condition */
    const Field *steps[CONJUNCTS_MAX];  /* the reference whose target's field it compares instead */
    size_t n;
    int64_t best;
    Path *out;
} Chooser;

/* --- conditions ------------------------------------------------------------------------------------------------------ */

static bool is_compare(const CelNode *node)
{
    return node->op == CEL_EQ || node->op == CEL_LT || node->op == CEL_LE || node->op == CEL_GT ||
           node->op == CEL_GE;
}

static bool is_constant(const CelNode *node)
{
    if (node->op == CEL_LITERAL) return true;
    if (node->op != CEL_CALL) return false;
    for (unsigned i = 0; i < node->n; i++)
        if (!is_constant(node->args[i])) return false;
    return true;
}

static bool is_plain_reference(const Field *f)
{
    return f->type == FIELD_REFERENCE || f->type == FIELD_USER;
}

static void collect(Chooser *c, const CelNode *node)
{
    if (node->op == CEL_AND) {
        for (unsigned i = 0; i < node->n; i++) collect(c, node->args[i]);
        return;
    }
    if (c->n == CONJUNCTS_MAX) return;
    c->parts[c->n] = node;
    const CelNode *left = is_compare(node) && is_constant(node->args[1]) ? node->args[0] : NULL;
    if (left && left->op == CEL_IDENT) c->fields[c->n] = object_field(c->q->obj, left->name);
    if (left && left->op == CEL_SELECT && !left->is_test && left->args[0]->op == CEL_IDENT) {
        const Field *f = object_field(c->q->obj, left->args[0]->name);
        if (f && is_plain_reference(f)) c->steps[c->n] = f;
    }
    c->n++;
}

static bool is_indexed_alone(const Field *f)
{
    if (f->is_system)
        return f->index == SYS_UPDATED_AT ||
               (f->object->has_owner && (f->index == SYS_OWNER || f->index == SYS_TEAM));
    return f->is_indexed || f->object->label_field == f || f->type == FIELD_REFERENCE ||
           f->type == FIELD_USER;
}

/* The column lists sorted by `f` are indexed by: its collation key or its amount in company currency where it has them. */
static Str order_column(const Field *f)
{
    bool is_plain = is_plain_reference(f) || f->is_system;

    return is_plain ? f->column : field_sort_column(f);
}

static Str index_on(Ctx *cx, const Field *f, Str column)
{
    Str name = str_fmt(cx->mem, "ix_%.*s_%.*s", SFMT(f->object->table), SFMT(column));

    return is_indexed_alone(f) && name.n <= NAME_BYTES ? name : (Str){0};
}

static bool is_ordered_by_value(const Field *f)
{
    return str_eq(order_column(f), f->column);
}

/* The index conditions on `f` can use: amounts have one as they are written beside the one that sorts them. */
static Str condition_index(Ctx *cx, const Field *f)
{
    bool has_own = is_ordered_by_value(f) || (f->result == FIELD_MONEY && f->is_indexed);

    return has_own ? index_on(cx, f, f->column) : (Str){0};
}

/* --- counting -------------------------------------------------------------------------------------------------------- */

static void open_count(Sql *sql, const Object *obj, Str index)
{
    sql_text(sql, "SELECT count(*) FROM (SELECT 1 FROM ");
    sql_ident(sql, obj->table);
    sql_text(sql, " t0 INDEXED BY ");
    sql_ident(sql, index);
    sql_text(sql, " WHERE t0.deleted_at IS NULL");
}

static Err *close_count(Chooser *c, Sql *sql, int64_t *out)
{
    DbRows *rows;
    bool has;

    sql_text(sql, " LIMIT ");
    sql_bind(sql, val_int(c->best)); /* more would not be chosen */
    sql_text(sql, ")");
    TRY(sql_query(c->cx->mem, c->cx->db, sql, &rows));
    TRY(db_next(rows, &has));
    *out = has ? db_i64(rows, 0) : 0;
    return has ? db_next(rows, &has) : NULL;
}

/* Counts what meets the conditions of `which` (a bit for each) in `index`; it is the way when nothing is fewer. */
static Err *try_index(Chooser *c, Str index, uint32_t which)
{
    Sql sql = sql_new(c->cx->mem);
    int64_t n;

    if (!index.n || !which) return NULL;
    open_count(&sql, c->q->obj, index);
    for (size_t i = 0; i < c->n; i++) {
        if (!(which & 1u << i)) continue;
        sql_text(&sql, " AND ");
        TRY(compile_filter(c->cx, &sql, c->q->obj, 0, c->parts[i], false));
    }
    TRY(close_count(c, &sql, &n));
    if (n >= c->best) return NULL;
    c->best = n;
    *c->out = (Path){.index = index, .is_few = true};
    return NULL;
}

static uint32_t conditions_on(const Chooser *c, const Field *f, bool only_equal)
{
    uint32_t which = 0;

    for (size_t i = 0; i < c->n; i++)
        if (c->fields[i] == f && (!only_equal || c->parts[i]->op == CEL_EQ)) which |= 1u << i;
    return which;
}

/* account.region == 'Ural': few accounts in the index of their field, and then few rows that refer to them. */
static Err *try_step(Chooser *c, size_t i)
{
    const CelNode *step = c->parts[i]->args[0];
    const Object *target = c->steps[i]->target;
    const Field *f = target ? object_field(target, step->name) : NULL;
    Str index = f ? condition_index(c->cx, f) : (Str){0};
    CelNode same = *c->parts[i], field = *step;
    CelNode *args[2] = {&field, same.args[1]};
    Sql sql = sql_new(c->cx->mem);
    int64_t n, had = c->best;

    if (!index.n) return NULL;
    field.op = CEL_IDENT;
    field.args = NULL;
    field.n = 0;
    same.args = args;
    open_count(&sql, target, index);
    sql_text(&sql, " AND ");
    TRY(compile_filter(c->cx, &sql, target, 0, &same, false));
    TRY(close_count(c, &sql, &n));
    if (n >= c->best) return NULL;
    TRY(try_index(c, index_on(c->cx, c->steps[i], c->steps[i]->column), 1u << i));
    if (c->best < had) c->out->set = c->parts[i];
    return NULL;
}

static Err *try_conditions(Chooser *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (c->fields[i])
            TRY(try_index(c, condition_index(c->cx, c->fields[i]), conditions_on(c, c->fields[i], false)));
        if (c->steps[i]) TRY(try_step(c, i));
    }
    for (size_t i = 0; i < c->q->obj->n_indexes; i++) {
        const Index *ix = &c->q->obj->indexes[i];
        bool is_pair = ix->n > 1 && !ix->is_unique && is_ordered_by_value(ix->fields[0]) &&
                       is_ordered_by_value(ix->fields[1]);
        uint32_t first = is_pair ? conditions_on(c, ix->fields[0], true) : 0;
        uint32_t second = first ? conditions_on(c, ix->fields[1], false) : 0;
        if (second) TRY(try_index(c, ix->db_name, first | second));
    }
    return NULL;
}

/* --- rights ---------------------------------------------------------------------------------------------------------- */

static void add_ids(Sql *sql, const char *column, const Id *ids, size_t n)
{
    size_t size = 1;

    while (size < n) size *= 2;
    sql_text(sql, " AND t0.");
    sql_ident(sql, str_c(column));
    sql_text(sql, " IN (");
    for (size_t i = 0; i < size; i++) {
        if (i) sql_text(sql, ", ");
        sql_bind(sql, val_int(ids[i < n ? i : n - 1]));
    }
    sql_text(sql, ")");
}

static Err *count_people(Chooser *c, const char *column, const Id *ids, size_t n, int64_t *out)
{
    Sql sql = sql_new(c->cx->mem);
    Str index = str_fmt(c->cx->mem, "ix_%.*s_%s", SFMT(c->q->obj->table), column);

    *out = 0;
    if (!n) return NULL;
    open_count(&sql, c->q->obj, index);
    add_ids(&sql, column, ids, n);
    return close_count(c, &sql, out);
}

/* What the actor's level alone leaves of the rows, where nothing widens it. */
static Err *try_rights(Chooser *c)
{
    const Rights *rights = c->cx->actor->rights;
    const Object *obj = c->q->obj;
    Level level = rights_level(c->cx, obj, VERB_READ);
    int64_t own, team = 0;

    if (c->cx->actor->is_system || (level != LEVEL_OWN && level != LEVEL_TEAM) || !obj->has_owner ||
        obj->parent)
        return NULL;
    if (rights->objects[obj->number]->row_rule || obj->table.n + sizeof "ix__owner_id" > NAME_BYTES)
        return NULL;
    if (level == LEVEL_OWN)
        TRY(count_people(c, "owner_id", &rights->user, 1, &own));
    else
        TRY(count_people(c, "owner_id", rights->people, rights->n_people, &own));
    if (level == LEVEL_TEAM && own < c->best)
        TRY(count_people(c, "team_id", rights->teams, rights->n_teams, &team));
    if (own + team >= c->best) return NULL;
    c->best = own + team;
    *c->out = (Path){.is_people = true, .is_few = true};
    return NULL;
}

static void add_people(Sql *sql, const Query *q, const char *column, const Id *ids, size_t n)
{
    sql_text(sql, "SELECT t0.id FROM ");
    sql_ident(sql, q->obj->table);
    sql_text(sql, " t0 WHERE t0.deleted_at IS NULL");
    add_ids(sql, column, ids, n);
}

/* --- the way --------------------------------------------------------------------------------------------------------- */

/* The index the order follows: with the equal fields before it where one is declared so, else its own. */
static Str order_index(const Chooser *c)
{
    const Field *f = c->q->n_order == 1 ? c->q->order[0].field : NULL;

    if (!f || is_plain_reference(f) || f->index == SYS_OWNER || f->index == SYS_TEAM) return (Str){0};
    for (size_t i = 0; i < c->q->obj->n_indexes; i++) {
        const Index *ix = &c->q->obj->indexes[i];
        if (ix->n == 2 && !ix->is_unique && ix->fields[1] == f && is_ordered_by_value(ix->fields[0]) &&
            conditions_on(c, ix->fields[0], true))
            return ix->db_name;
    }
    return index_on(c->cx, f, order_column(f));
}

static Str past_column(const Chooser *c)
{
    const Field *f = c->q->n_order == 1 ? c->q->order[0].field : NULL;

    if (!f || f->is_system || is_plain_reference(f) || !field_in_past(f) ||
        !index_on(c->cx, f, order_column(f)).n)
        return (Str){0};
    return f->object->table.n + sizeof "ix__past_" + order_column(f).n <= NAME_BYTES ? order_column(f)
                                                                                     : (Str){0};
}

/* The square root of the rows of the table times the lines of a page. */
static Err *few_of(Ctx *cx, const Query *q, int64_t *out)
{
    int64_t n_rows, few = FEW_MIN;

    TRY(plan_rows(cx, q->obj, &n_rows));
    while (few * few < n_rows * (int64_t)(q->limit + 1)) few += few / 8;
    *out = few;
    return NULL;
}

Err *path_choose(Ctx *cx, const Query *q, Path *out)
{
    Chooser c = {.cx = cx, .q = q, .out = out};
    bool is_plain = !q->filter && rights_level(cx, q->obj, VERB_READ) == LEVEL_ALL;
    int64_t few = FEW_MIN;

    *out = (Path){0};
    if (!db_conn_can(cx->db, DB_CAP_INLINE_READ) || q->is_deleted || q->search.n) return NULL;
    if (!is_plain)
        TRY(few_of(cx, q, &few)); /* reads the table once in a while: not where nothing is chosen by it */
    c.best = few;
    if (q->filter) collect(&c, q->filter);
    TRY(try_rights(&c));
    TRY(try_conditions(&c));
    if (c.best == few)
        *out = cx->as_of ? (Path){.past = past_column(&c)} : (Path){.index = order_index(&c)};
    else if (cx->as_of)
        *out = (Path){0}; /* counted among the live: where few live ones fit, few past ones do */
    out->is_by_row = out->index.n || out->is_people;
    return NULL;
}

Err *path_source(Ctx *cx, Sql *sql, const Query *q, const Path *path)
{
    const Rights *rights = cx->actor->rights;
    bool is_own = path->is_people && rights_level(cx, q->obj, VERB_READ) == LEVEL_OWN;

    if (path->is_people) {
        sql_text(sql, "(");
        add_people(sql, q, "owner_id", is_own ? &rights->user : rights->people,
                   is_own ? 1 : rights->n_people);
        if (!is_own && rights->n_teams) {
            sql_text(sql, " UNION ");
            add_people(sql, q, "team_id", rights->teams, rights->n_teams);
        }
        sql_text(sql, ") w CROSS JOIN ");
    }
    if (path->past.n) return asof_source_by(cx, sql, q->obj, 0, path->past);
    TRY(asof_source(cx, sql, q->obj, 0));
    if (path->is_people) sql_text(sql, " ON t0.id = w.id");
    if (path->index.n) {
        sql_text(sql, " INDEXED BY ");
        sql_ident(sql, path->index);
    }
    return NULL;
}
