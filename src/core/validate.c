/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold of a record before it is stored.  All problems are collected: a form shows them together.  Values have
   been checked by themselves at the door (value.c); here stand the checks that need the whole record or the database. */
#include "core/compile.h"
#include "core/read.h"
#include "core/seen.h"
#include "core/store.h"
#include "core/write.h"

typedef struct Check {
    Ctx *cx;
    const Record *rec, *before;
    Err *problems;
} Check;

/* What a key says, for the log and the command line. */
static const char *in_words(Str key)
{
    static const struct {
        const char *key, *words;
    } WORDS[] = {
        {"error.required", "is needed"},
        {"error.number.small", "is too small"},
        {"error.number.large", "is too large"},
        {"error.reference.none", "names a record that is not there"},
        {"error.reference.object", "cannot refer to such a record"},
        {"error.reference.cycle", "would lead back to the record itself"},
        {"error.state.guard", "cannot take this step yet"},
        {"error.state.transition", "cannot change this way"},
    };

    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (str_eq_c(key, WORDS[i].key)) return WORDS[i].words;
    return "breaks a rule:";
}

static void problem(Check *c, const Field *f, const char *key, Str arg)
{
    Str said = str_eq_c(S("error.rule"), key) ? arg : (Str){0};
    Err *e = err_new(c->cx->mem, ERR_INVALID, key, "%.*s of %.*s %s%s%.*s", SFMT(f ? f->name : S("record")),
                     SFMT(c->rec->obj->name), in_words(str_c(key)), said.n ? " " : "", SFMT(said));

    if (f) err_field(e, f->name);
    err_arg(e, 0, arg);
    err_add(&c->problems, e);
}

static bool is_touched(const Check *c, const Field *f)
{
    return !c->before || !val_same(c->before->vals[f->index], c->rec->vals[f->index]);
}

static bool is_true(Check *c, const CelNode *tree, bool on_error)
{
    Ctx system = ctx_as_system(c->cx);
    Actor who = *system.actor;
    RecordScope inner = {&system, c->rec};
    Val v;

    who.user = c->cx->actor->user;
    who.team = c->cx->actor->team;
    system.actor = &who;
    CelScope scope = record_scope(&inner);
    if (cel_eval(c->cx->mem, tree, &scope, &v)) return on_error;
    return v.kind == VAL_BOOL && v.b;
}

static bool is_empty(Val v)
{
    return val_is_null(v) || ((v.kind == VAL_LIST || v.kind == VAL_MAP) && v.n == 0);
}

static void check_required(Check *c, const Field *f)
{
    bool is_needed = f->is_required || (f->required_if.tree && is_true(c, f->required_if.tree, false));

    if (is_needed && !f->is_computed && f->type != FIELD_AUTONUMBER && is_empty(c->rec->vals[f->index]) &&
        (is_touched(c, f) || !c->before))
        problem(c, f, "error.required", f->name);
}

static void check_bounds(Check *c, const Field *f)
{
    Val v = c->rec->vals[f->index];

    if (v.kind != VAL_INT && v.kind != VAL_DECIMAL && v.kind != VAL_MONEY) return;
    if (f->has_min && v.i < f->min_value) problem(c, f, "error.number.small", f->name);
    if (f->has_max && v.i > f->max_value) problem(c, f, "error.number.large", f->name);
}

static Err *is_there(Ctx *cx, const Object *obj, Id id, bool may_be_gone, bool *out)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;

    *out = seen_has(cx, obj, id);
    if (*out || !rights_may(cx, obj, VERB_READ)) return NULL;
    sql_text(&q, "SELECT 1 FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " t0 WHERE t0.id = ");
    sql_bind(&q, val_int(id));
    if (!may_be_gone) sql_text(&q, " AND t0.deleted_at IS NULL");
    TRY(rights_where(cx, &q, obj, 0, VERB_READ));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    TRY(db_next(rows, out));
    bool has_more = *out;
    if (*out && !may_be_gone) seen_add(cx, obj, id);
    return has_more ? db_next(rows, &has_more) : NULL;
}

/* A reference must lead to a live record the actor may see; a record he may not see is as good as none. */
static Err *check_reference(Check *c, const Field *f)
{
    Val v = c->rec->vals[f->index];
    bool is_found;

    if (v.kind != VAL_REF || !is_touched(c, f)) return NULL;
    const Object *obj = v.aux < 1024 ? c->cx->meta->by_number[v.aux] : NULL;
    if (!obj || (f->target && f->target != obj)) {
        problem(c, f, "error.reference.object", f->name);
        return NULL;
    }
    /* A reference to anything stays when its target is deleted, so an undo may put such a one back. */
    bool may_be_gone = c->cx->channel == CHANNEL_UNDO && f->type == FIELD_ANY_REFERENCE;
    TRY(is_there(c->cx, obj, v.i, may_be_gone, &is_found));
    if (!is_found) problem(c, f, "error.reference.none", f->name);
    return NULL;
}

static void check_state(Check *c)
{
    const Field *f = c->rec->obj->state;

    if (!f || !c->before || !is_touched(c, f) || c->cx->is_quiet) return;
    Val from = c->before->vals[f->index], to = c->rec->vals[f->index];
    bool is_declared = false;
    for (size_t i = 0; i < c->rec->obj->n_transitions; i++) {
        const Transition *t = &c->rec->obj->transitions[i];
        bool fits = t->n_from == 0;
        if (to.kind != VAL_TEXT || !str_eq(t->to, val_str(to))) continue;
        for (size_t k = 0; k < t->n_from; k++)
            fits = fits || (from.kind == VAL_TEXT && str_eq(t->from[k], val_str(from)));
        if (!fits) continue;
        is_declared = true;
        if (!t->guard.tree || is_true(c, t->guard.tree, false)) return;
    }
    problem(c, f, is_declared ? "error.state.guard" : "error.state.transition", f->name);
}

/* A rule that errs is refused: the message names the field the rule is about. */
static void check_rules(Check *c)
{
    for (size_t i = 0; i < c->rec->obj->n_rules; i++) {
        const Rule *rule = &c->rec->obj->rules[i];
        if (!rule->check.tree || is_true(c, rule->check.tree, false)) continue;
        problem(c, rule->field, "error.rule", label_in(&rule->message, c->cx->actor->lang));
    }
}

/* A record may not be its own ancestor: account.parent, team.parent. */
static Err *check_cycle(Check *c, const Field *f)
{
    Id at = c->rec->vals[f->index].kind == VAL_REF ? c->rec->vals[f->index].i : 0;
    Sql q = sql_new(c->cx->mem);

    if (f->type != FIELD_REFERENCE || f->target != c->rec->obj || !is_touched(c, f) || !c->rec->id)
        return NULL;
    sql_text(&q, "SELECT ");
    sql_ident(&q, f->column);
    sql_text(&q, " FROM ");
    sql_ident(&q, f->target->table);
    sql_text(&q, " WHERE id = ?1");
    for (unsigned depth = 0; at && depth < 100; depth++) {
        Val bind = val_int(at), up;
        if (at == c->rec->id) {
            problem(c, f, "error.reference.cycle", f->name);
            return NULL;
        }
        TRY(db_one(c->cx->mem, c->cx->db, buf_str(&q.text), &bind, 1, &up));
        at = up.kind == VAL_INT ? up.i : 0;
    }
    return NULL;
}

Err *validate_record(Ctx *cx, const Record *rec, const Record *before)
{
    Check c = {.cx = cx, .rec = rec, .before = before};

    for (size_t i = SYS_OWNER; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        check_required(&c, f);
        check_bounds(&c, f);
        TRY(check_reference(&c, f));
        TRY(check_cycle(&c, f));
    }
    check_state(&c);
    check_rules(&c);
    return c.problems;
}
