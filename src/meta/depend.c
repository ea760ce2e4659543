/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What computed fields read.  Decides which formulas are stored (own stored fields only: no other record, no clock, no
 * caller), gives each object the order in which its stored formulas and roll-ups are computed, and refuses a cycle,
 * across objects too, with its path. */

#include "meta/decl.h"
#include "meta/field.h"

typedef enum Mark { MARK_NONE, MARK_OPEN, MARK_DONE } Mark;

typedef struct Reads {
    Arena *mem;
    const Object *obj;
    VEC(Field *) fields; /* of any object */
    bool is_live;        /* another record, the clock or the caller */
} Reads;

typedef struct Visit {
    Load *ld;
    Mark *marks;   /* by field_number */
    size_t *first; /* first field number of an object, by place in meta->objects */
    VEC(const Field *) path;
} Visit;

typedef struct Var {
    Str name;
    const struct Var *up;
} Var;

static bool is_var(const Var *vars, Str name)
{
    for (; vars; vars = vars->up) {
        if (str_eq(vars->name, name)) return true;
    }
    return false;
}

static void read_field(Reads *r, const Object *obj, Str name)
{
    Field *f = object_field(obj, name);

    if (obj != r->obj || !f || f->type == FIELD_LINKS) r->is_live = true;
    if (f) *vec_push(r->mem, &r->fields) = f;
}

/* Functions whose answer depends on more than their arguments. */
static bool is_outside(Str name)
{
    static const Str NAMES[] = {S_INIT("today"), S_INIT("me"), S_INIT("my_team"), S_INIT("my_teams")};

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (str_eq(name, NAMES[i])) return true;
    }
    return false;
}

static void collect(Reads *r, const CelNode *node, const Var *vars);

static void collect_args(Reads *r, const CelNode *node, const Var *vars)
{
    for (size_t i = 0; i < node->n; i++) {
        if (node->args[i]) collect(r, node->args[i], vars);
    }
}

static void collect_comprehension(Reads *r, const CelNode *node, const Var *vars)
{
    Var first = {.name = node->var, .up = vars}, second = {.name = node->var2, .up = &first};

    collect(r, node->args[0], vars);
    for (size_t i = 1; i < node->n; i++) {
        if (node->args[i]) collect(r, node->args[i], &second);
    }
}

static void collect_select(Reads *r, const CelNode *node, const Var *vars)
{
    const CelType *from = node->args[0]->type;

    collect(r, node->args[0], vars);
    if (!from || !from->tag) return;
    r->is_live = true;
    read_field(r, from->tag, node->name);
}

static void collect(Reads *r, const CelNode *node, const Var *vars)
{
    switch (node->op) {
    case CEL_IDENT:
        if (is_var(vars, node->name)) return;
        read_field(r, r->obj, node->name);
        break;
    case CEL_SELECT: collect_select(r, node, vars); break;
    case CEL_COMPREHENSION: collect_comprehension(r, node, vars); break;
    case CEL_CALL:
        if (is_outside(node->name)) r->is_live = true;
        collect_args(r, node, vars);
        break;
    default: collect_args(r, node, vars); break;
    }
}

static Reads reads_of(Load *ld, const Object *obj, const CelNode *tree)
{
    Reads r = {.mem = ld->mem, .obj = obj};

    if (tree) collect(&r, tree, NULL);
    return r;
}

static bool is_kept(const Field *f)
{
    return f->type != FIELD_LINKS && (!f->is_computed || f->is_stored);
}

static Mark *mark_of(const Visit *v, const Field *f)
{
    size_t i = 0;

    while (v->ld->meta->objects[i] != f->object) i++;
    return &v->marks[v->first[i] + f->index];
}

static void report_cycle(const Visit *v, const Field *f)
{
    size_t i = 0;
    Buf b = buf_new(v->ld->mem, 4096);

    while (v->path.p[i] != f) i++;
    for (; i < v->path.n; i++) {
        buf_addf(&b, "%.*s.%.*s -> ", SFMT(v->path.p[i]->object->name), SFMT(v->path.p[i]->name));
    }
    buf_addf(&b, "%.*s.%.*s", SFMT(f->object->name), SFMT(f->name));
    load_problem(v->ld, yaml_problem_at(v->ld->mem, f->file, f->line, "error.meta.cycle",
                                        "computed from itself: %.*s", SFMT(buf_str(&b))));
}

static void visit(Visit *v, Field *f);

static void visit_all(Visit *v, const Reads *r)
{
    for (size_t i = 0; i < r->fields.n; i++) {
        if (r->fields.p[i]->is_computed) visit(v, r->fields.p[i]);
    }
}

static void finish_formula(Visit *v, Field *f)
{
    Reads r = reads_of(v->ld, f->object, f->formula.tree);

    visit_all(v, &r);
    f->is_stored = !r.is_live;
    for (size_t i = 0; i < r.fields.n; i++) f->is_stored &= is_kept(r.fields.p[i]);
}

static void finish_rollup(Visit *v, Field *f)
{
    Reads r = reads_of(v->ld, f->rollup_object, f->rollup_filter.tree);

    if (f->rollup_value) *vec_push(v->ld->mem, &r.fields) = f->rollup_value;
    visit_all(v, &r);
    for (size_t i = 0; i < r.fields.n; i++) r.is_live |= !is_kept(r.fields.p[i]);
    if (!r.is_live) return;
    load_problem(v->ld, yaml_problem_at(v->ld->mem, f->file, f->line, "error.meta.expression",
                                        "\"%.*s\": a roll-up reads only stored fields of %.*s itself",
                                        SFMT(f->name), SFMT(f->rollup_object->name)));
}

static void visit(Visit *v, Field *f)
{
    Mark *mark = mark_of(v, f);
    Object *obj = f->object;

    if (*mark == MARK_DONE) return;
    if (*mark == MARK_OPEN) {
        report_cycle(v, f);
        return;
    }
    *mark = MARK_OPEN;
    *vec_push(v->ld->mem, &v->path) = f;
    if (f->type == FIELD_FORMULA)
        finish_formula(v, f);
    else if (f->rollup_object)
        finish_rollup(v, f);
    v->path.n--;
    *mark = MARK_DONE;
    if (!f->is_stored) return;
    obj->formulas = arena_grow(v->ld->mem, obj->formulas, obj->n_formulas * sizeof(Field *),
                               (obj->n_formulas + 1) * sizeof(Field *));
    obj->formulas[obj->n_formulas++] = f;
}

void link_dependencies(Load *ld)
{
    const Meta *meta = ld->meta;
    Visit v = {.ld = ld, .first = NEW_N(ld->mem, size_t, meta->n_objects + 1)};
    size_t n = 0;

    for (size_t i = 0; i < meta->n_objects; i++) {
        v.first[i] = n;
        n += meta->objects[i]->n_fields;
    }
    v.marks = NEW_N(ld->mem, Mark, n ? n : 1);
    for (size_t i = 0; i < meta->n_objects; i++) {
        Object *obj = meta->objects[i];

        for (size_t j = 0; j < obj->n_fields; j++) {
            if (obj->fields[j].is_computed) visit(&v, &obj->fields[j]);
        }
    }
}
