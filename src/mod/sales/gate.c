/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gates between stages: what must be so before a record leaves one and comes to another.  They stand in the write path,
   so the API meets them as the browser does.  All that is missing is told at once, each under its field.  A loss is never
   held up by the stage that is left.  Imports, undo and the demo pass: what happened, happened. */
#include "mod/sales/sales_impl.h"

#include "core/compile.h"
#include "core/rights.h"

typedef struct Gate {
    Ctx *cx, system;
    Record *rec;
    const Field *path;
    Record *from, *to, *pipeline; /* `from` NULL when the record is new or came from nowhere */
    bool is_loss;
    Err *problems;
} Gate;

static Err *problem(Gate *g, Str field, const char *key, Str first, Str second)
{
    Err *e = err_new(g->cx->mem, ERR_INVALID, key, "%.*s: %.*s", SFMT(first), SFMT(second));

    err_add(&g->problems, err_arg(err_arg(err_field(e, field), 0, first), 1, second));
    return NULL;
}

static bool is_empty(Val v)
{
    return val_is_null(v) || ((v.kind == VAL_LIST || v.kind == VAL_MAP) && v.n == 0);
}

static bool is_text(const Record *rec, const char *field, Str text)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_TEXT && str_eq(val_str(v), text);
}

static bool is_on(const Record *rec, const char *field)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_BOOL && v.b;
}

static Val own(const Gate *g, const char *field)
{
    return object_field(g->rec->obj, str_c(field)) ? record_get_val(g->rec, field) : val_null();
}

static void need(Gate *g, const char *name, Str stage)
{
    const Field *f = object_field(g->rec->obj, str_c(name));

    if (f && is_empty(g->rec->vals[f->index]))
        (void)problem(g, f->name, "error.stage.needs", label_in(&f->label, g->cx->actor->lang), stage);
}

static void check_fields(Gate *g, const Record *stage, const char *list)
{
    Val names = record_get_val(stage, list);

    for (uint32_t i = 0; names.kind == VAL_LIST && i < names.n; i++)
        need(g, str_to_c(g->cx->mem, val_str(names.list[i])), record_text(g->cx->mem, stage));
}

/* What errs is not so. */
static bool holds(Gate *g, Str condition)
{
    RecordScope inner = {&g->system, g->rec};
    CelScope scope = record_scope(&inner);
    CelEnv env = object_cel_env(g->rec->obj);
    CelNode *tree = NULL;
    Val v = {0};

    Err *e = cel_parse(g->cx->mem, condition, &tree);
    if (!e) e = cel_check(g->cx->mem, &env, tree, &cel_bool);
    if (!e) e = cel_eval(g->cx->mem, tree, &scope, &v);
    return !e && v.kind == VAL_BOOL && v.b;
}

static void check_condition(Gate *g, const Record *stage, const char *name, const char *message)
{
    Val condition = record_get_val(stage, name), said = record_get_val(stage, message);

    if (condition.kind != VAL_TEXT || holds(g, val_str(condition))) return;
    (void)problem(g, g->path->name, "error.stage.rule",
                  said.kind == VAL_TEXT ? val_str(said) : val_str(condition), record_text(g->cx->mem, stage));
}

static bool is_checked(Val checked, Str point)
{
    for (uint32_t i = 0; checked.kind == VAL_LIST && i < checked.n; i++)
        if (str_eq(val_str(checked.list[i]), point)) return true;
    return false;
}

static void check_list(Gate *g)
{
    Val list = record_get_val(g->from, "checklist"), checked = own(g, "checked");
    Buf missing = buf_new(g->cx->mem, 65536);
    Str rest = list.kind == VAL_TEXT ? val_str(list) : (Str){0};

    if (!object_field(g->rec->obj, S("checked"))) return;
    while (rest.n) {
        Str point = str_trim(str_cut(&rest, '\n'));
        if (!point.n || is_checked(checked, point)) continue;
        if (missing.n) buf_add(&missing, S(", "));
        buf_add(&missing, point);
    }
    if (missing.n)
        (void)problem(g, g->path->name, "error.stage.checklist", buf_str(&missing),
                      record_text(g->cx->mem, g->from));
}

/* Where stages are named to go on to, only those; a loss is always possible. */
static Err *check_next(Gate *g)
{
    Val binds[] = {val_int(g->from->id), val_int(g->to->id)};
    Val all = {0}, fits = {0};

    TRY(db_one(g->cx->mem, g->cx->db,
               S("SELECT count(*) FROM \"stage_move\" WHERE from_stage = ?1 AND deleted_at IS NULL"), binds,
               1, &all));
    if (all.i == 0) return NULL;
    TRY(db_one(
        g->cx->mem, g->cx->db,
        S("SELECT count(*) FROM \"stage_move\" WHERE from_stage = ?1 AND to_stage = ?2 AND deleted_at IS NULL"),
        binds, 2, &fits));
    if (fits.i) return NULL;
    return problem(g, g->path->name, "error.stage.next", record_text(g->cx->mem, g->from),
                   record_text(g->cx->mem, g->to));
}

static bool is_back(const Gate *g)
{
    Val from = record_get_val(g->from, "position"), to = record_get_val(g->to, "position");

    if (!is_text(g->to, "category", S("open"))) return false;
    if (!val_same(record_get_val(g->from, "pipeline"), record_get_val(g->to, "pipeline"))) return false;
    return to.i < from.i || !is_text(g->from, "category", S("open"));
}

static Err *check_back(Gate *g)
{
    Str back = record_text(g->cx->mem, g->to);

    if (is_text(g->pipeline, "going_back", S("never")))
        return problem(g, g->path->name, "error.stage.back", record_text(g->cx->mem, g->from), back);
    if (!is_text(g->pipeline, "going_back", S("ask")) || g->cx->actor->is_system) return NULL;
    if (rights_level(g->cx, g->rec->obj, VERB_UPDATE) == LEVEL_ALL)
        return NULL; /* he would be asked himself */
    return problem(g, g->path->name, "error.stage.ask", record_text(g->cx->mem, g->from), back);
}

static void check_leaving(Gate *g)
{
    if (g->is_loss) return;
    check_fields(g, g->from, "leave_fields");
    check_condition(g, g->from, "leave_if", "leave_message");
    check_list(g);
}

/* An open task is a next step too. */
static void check_next_step(Gate *g)
{
    Val tasks = own(g, "open_tasks");
    bool is_wanted = is_on(g->pipeline, "needs_next_step") || is_on(g->to, "needs_next_step");

    if (is_wanted && is_text(g->to, "category", S("open")) && !(tasks.kind == VAL_INT && tasks.i > 0))
        need(g, "next_step_at", record_text(g->cx->mem, g->to));
}

static void check_coming(Gate *g)
{
    Str stage = record_text(g->cx->mem, g->to);

    check_fields(g, g->to, "enter_fields");
    check_condition(g, g->to, "enter_if", "enter_message");
    if (g->is_loss) {
        need(g, "lost_reason", stage);
        if (is_on(g->pipeline, "needs_lost_note")) need(g, "lost_note", stage);
    }
    if (g->from) check_next_step(g);
}

static Err *read_stages(Gate *g, const Record *before)
{
    Val to = g->rec->vals[g->path->index], from = before ? before->vals[g->path->index] : val_null();

    TRY(record_get(&g->system, g->path->target, to.i, 0, &g->to));
    if (from.kind == VAL_REF) TRY(record_get(&g->system, g->path->target, from.i, READ_DELETED, &g->from));
    Val pipeline = record_get_val(g->to, "pipeline");
    g->is_loss = is_text(g->to, "category", S("lost"));
    return record_get(&g->system, meta_object(g->cx->meta, S("pipeline")), pipeline.i, READ_DELETED,
                      &g->pipeline);
}

/* Who stays where a next step is wanted does not take it away. */
static bool drops_step(const Record *rec, const Record *before)
{
    const Field *f = object_field(rec->obj, S("next_step_at"));

    return before && f && is_empty(rec->vals[f->index]) && !is_empty(before->vals[f->index]);
}

/* The roles a deal lacks are those of the stage whose rules are asked. */
static Err *cover(Gate *g, const Record *stage)
{
    if (!object_field(g->rec->obj, S("missing_roles"))) return NULL;
    return cover_at(g->cx, g->rec, stage->id, NULL);
}

static Err *check_move(Gate *g)
{
    bool goes_back = g->from && is_back(g);

    if (goes_back) TRY(check_back(g));
    if (g->from && !goes_back) {
        TRY(cover(g, g->from));
        check_leaving(g);
        if (!g->is_loss) TRY(check_next(g));
    }
    TRY(cover(g, g->to));
    if (!goes_back) check_coming(g);
    return NULL;
}

Err *gate_check(Ctx *cx, Record *rec, const Record *before)
{
    Gate g = {.cx = cx, .system = ctx_as_system(cx), .rec = rec, .path = stage_path(rec->obj)};

    if (cx->is_quiet || !g.path || rec->vals[g.path->index].kind != VAL_REF) return NULL;
    bool stays = before && val_same(rec->vals[g.path->index], before->vals[g.path->index]);
    if (stays && !drops_step(rec, before)) return NULL;
    Err *e = read_stages(&g, before);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    if (stays)
        check_next_step(&g);
    else
        TRY(check_move(&g));
    return g.problems;
}
