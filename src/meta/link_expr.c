/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every expression of an object file is parsed and type-checked when the file is loaded, and a choice compared with a
 * key it does not have is refused: nothing is left to fail in front of a user. */

#include "meta/decl.h"
#include "meta/field.h"
#include "meta/index.h"

typedef struct KeyCheck {
    Load *ld;
    const Object *obj;
    const Yaml *source;
} KeyCheck;

/* The choice field a node stands for: `kind`, `account.kind`, `d.kind` of a list; NULL otherwise. */
static const Field *choice_of(const KeyCheck *kc, const CelNode *node)
{
    const Field *f = NULL;

    if (node->op == CEL_IDENT && node->type && node->type->kind != CEL_T_DYN)
        f = object_field(kc->obj, node->name);
    if (node->op == CEL_SELECT && !node->is_test && node->args[0]->type && node->args[0]->type->tag) {
        f = object_field(node->args[0]->type->tag, node->name);
    }
    return f && f->n_options ? f : NULL;
}

static void check_key(const KeyCheck *kc, const Field *f, const CelNode *lit)
{
    if (lit->op == CEL_LIST) {
        for (size_t i = 0; i < lit->n; i++) check_key(kc, f, lit->args[i]);
    }
    if (lit->op != CEL_LITERAL || lit->lit.kind != VAL_TEXT || field_option(f, val_str(lit->lit))) return;
    PROBLEM(kc->ld, kc->source, "error.meta.expression", "\"%.*s\" has no option '%.*s' (at %u)",
            SFMT(f->name), SFMT(val_str(lit->lit)), lit->at);
}

static void check_node_keys(CelNode *node, void *arg)
{
    const KeyCheck *kc = arg;
    bool is_comparison = node->op == CEL_EQ || node->op == CEL_NE || node->op == CEL_IN;

    for (int side = 0; is_comparison && node->n == 2 && side < 2; side++) {
        const Field *f = choice_of(kc, node->args[side]);

        if (f) check_key(kc, f, node->args[1 - side]);
    }
}

static void note(Load *ld, const Yaml *source, const Err *e)
{
    Str at = e->at >= 0 && str_find(e->detail, S(" at ")) < 0 ? str_fmt(ld->mem, " at %td", e->at) : (Str){0};

    PROBLEM(ld, source, "error.meta.expression", "in \"%.*s\": %.*s%.*s", SFMT(source->text), SFMT(e->detail),
            SFMT(at));
}

static bool compile(Load *ld, const CelEnv *env, const Yaml *source, const CelType *wanted, Expr *out)
{
    Err *e = cel_parse(ld->mem, source->text, &out->tree);

    out->source = source->text;
    if (!e) e = cel_check(ld->mem, env, out->tree, wanted);
    if (!e) return true;
    note(ld, source, e);
    out->tree = NULL;
    return false;
}

void load_expr(Load *ld, const Object *obj, const Yaml *source, const CelType *wanted, Expr *out)
{
    CelEnv env = object_cel_env(obj);
    KeyCheck kc = {.ld = ld, .obj = obj, .source = source};

    if (source && compile(ld, &env, source, wanted, out)) cel_walk(out->tree, check_node_keys, &kc);
}

/* A default is computed before there is a record, so it reads no fields. */
static void load_default(Load *ld, const FieldDecl *d, Field *f)
{
    CelEnv env = {0};
    KeyCheck kc = {.ld = ld, .obj = f->object, .source = d->default_value};

    if (!d->default_value || !compile(ld, &env, d->default_value, f->cel, &f->default_value)) return;
    if (f->n_options) check_key(&kc, f, f->default_value.tree);
}

/* A formula whose result is a choice gives one of its keys: literals in the arms of ?: are checked. */
static void check_result_keys(const KeyCheck *kc, const Field *f, const CelNode *node)
{
    if (node->op == CEL_LITERAL) check_key(kc, f, node);
    for (size_t i = 1; node->op == CEL_COND && i < node->n; i++) check_result_keys(kc, f, node->args[i]);
}

static void field_expressions(Load *ld, const FieldDecl *d, Field *f)
{
    KeyCheck kc = {.ld = ld, .obj = f->object, .source = d->formula};

    load_expr(ld, f->object, d->formula, f->cel, &f->formula);
    load_default(ld, d, f);
    load_expr(ld, f->object, d->visible, &cel_bool, &f->visible);
    load_expr(ld, f->object, d->required_if, &cel_bool, &f->required_if);
    if (f->rollup_object) load_expr(ld, f->rollup_object, d->filter, &cel_bool, &f->rollup_filter);
    if (f->formula.tree && f->n_options) check_result_keys(&kc, f, f->formula.tree);
}

static void unique_filters(Load *ld, const ObjectDecl *d, Object *obj)
{
    const IndexDecl *unique = d->unique.p;

    for (size_t i = 0; i < d->unique.n; i++) {
        Index *ix = &obj->indexes[d->indexes.n + i];
        Str sql = {0};

        load_expr(ld, obj, unique[i].filter, &cel_bool, &ix->filter);
        if (ix->filter.tree && !index_filter_sql(ld->mem, obj, ix->filter.tree, &sql)) {
            PROBLEM(ld, unique[i].filter, "error.meta.expression",
                    "a unique rule's filter only compares own fields with constants, joined by &&");
        }
    }
}

static void layout_expressions(Load *ld, const ObjectDecl *d, Object *obj)
{
    const SectionDecl *sections = d->layout ? d->layout->sections.p : NULL;
    const ViewDecl *views = d->views.p;

    for (size_t i = 0; i < obj->n_sections; i++) {
        load_expr(ld, obj, sections[i].visible, &cel_bool, &obj->sections[i].visible);
    }
    for (size_t i = 0; i < obj->n_views; i++)
        load_expr(ld, obj, views[i].filter, &cel_bool, &obj->views[i].filter);
}

static void object_expressions(Load *ld, const ObjectDecl *d, Object *obj)
{
    const FieldDecl *fields = d->fields.p;
    const RuleDecl *rules = d->rules.p;
    const TransitionDecl *moves = d->state ? d->state->transitions.p : NULL;

    for (size_t i = 0; i < d->fields.n; i++) {
        field_expressions(ld, &fields[i], &obj->fields[obj->n_fields - d->fields.n + i]);
    }
    for (size_t i = 0; i < obj->n_rules; i++)
        load_expr(ld, obj, rules[i].check, &cel_bool, &obj->rules[i].check);
    for (size_t i = 0; i < obj->n_transitions; i++) {
        load_expr(ld, obj, moves[i].guard, &cel_bool, &obj->transitions[i].guard);
    }
    load_expr(ld, obj, d->hand_over, &cel_bool, &obj->hand_over);
    unique_filters(ld, d, obj);
    layout_expressions(ld, d, obj);
}

void link_expressions(Load *ld)
{
    for (size_t i = 0; i < ld->decls.n; i++) object_expressions(ld, ld->decls.p[i], ld->decls.p[i]->obj);
}
