/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options an import adds: values of a choice nobody knows, where its mapping says so.  They are gathered while the file is
   scanned, added in one unit before the first row, as a part of the import's batch, and the plans are turned to the metadata
   that has them.  A preview does the same with a state of the metadata of its own, which nobody else sees. */
#include "base/text.h"
#include "core/import/parts.h"
#include "core/job.h"
#include "core/layer.h"
#include "core/option.h"
#include "core/rights.h"
#include "core/session.h"

#define NEW_MAX 200 /* a column with more different values is no choice */

/* --- gathering --------------------------------------------------------------------------------------------------------- */

static bool is_choice(const Field *f)
{
    return f && (f->type == FIELD_CHOICE || f->type == FIELD_MULTICHOICE);
}

void import_plan_options(ImportPlan *plan)
{
    for (size_t i = 0; i < plan->n_targets; i++)
        if (is_choice(plan->targets[i].field) && options_may_grow(plan->targets[i].field))
            plan->targets[i].is_new = true;
}

static bool is_wanted(Arena *mem, const Target *t, Str value)
{
    if (!t->only) return true;
    for (uint32_t i = 0; i < t->only->n; i++)
        if (t->only->list[i].kind == VAL_TEXT && same_word(mem, val_str(t->only->list[i]), value))
            return true;
    return false;
}

static void note_value(Arena *mem, Arena *tmp, ImportPlan *plan, const Target *t, Str value)
{
    const Val *to = t->values && t->values->kind == VAL_MAP ? val_get(t->values, value) : NULL;
    Str meant = !to ? value : to->kind == VAL_TEXT ? val_str(*to) : (Str){0};

    if (!meant.n || option_of(tmp, t->field, meant) || !is_wanted(tmp, t, value)) return;
    Str key = str_fmt(tmp, "%.*s %.*s", SFMT(t->field->name), SFMT(text_fold(tmp, meant)));
    NewOption *known = strmap_get(&plan->new_options, key);
    if (!known) {
        known = NEW(mem, NewOption);
        *known = (NewOption){t->field, str_copy(mem, meant), 0};
        strmap_put(mem, &plan->new_options, str_copy(mem, key), known);
    }
    known->rows++;
}

void options_learn(Arena *mem, Arena *tmp, ImportPlan *plan, const Target *t, Str cell)
{
    Str parts[50], trimmed = str_trim(cell);

    if (!t->is_new || !is_choice(t->field) || !trimmed.n || plan->new_options.n > NEW_MAX) return;
    bool is_whole = t->field->type == FIELD_CHOICE || option_of(tmp, t->field, trimmed);
    size_t n = is_whole ? 0 : split_cell(trimmed, marks_of(t->field), parts, 50);
    if (is_whole) note_value(mem, tmp, plan, t, trimmed);
    for (size_t i = 0; i < n; i++) note_value(mem, tmp, plan, t, str_trim(parts[i]));
}

Err *options_check(Arena *mem, const ImportPlan *plan)
{
    if (plan->new_options.n <= NEW_MAX) return NULL;
    const NewOption *first = plan->new_options.entries[0].val;
    return err_arg(
        err_arg(err_field(err_new(mem, ERR_INVALID, "error.import.options_many",
                                  "%.*s: more than %d new options", SFMT(first->field->name), NEW_MAX),
                          first->field->name),
                0, str_fmt(mem, "%d", NEW_MAX)),
        1, first->field->name);
}

Val import_options(Arena *mem, const ImportPlan *plan, Lang lang)
{
    Val *list = NEW_N(mem, Val, plan->new_options.n + 1);

    for (size_t i = 0; i < plan->new_options.n; i++) {
        const NewOption *o = plan->new_options.entries[i].val;
        ValPair *pairs = NEW_N(mem, ValPair, 4);
        pairs[0] = (ValPair){val_text(S("field")), val_text(o->field->name)};
        pairs[1] = (ValPair){val_text(S("label")), val_text(label_in(&o->field->label, lang))};
        pairs[2] = (ValPair){val_text(S("value")), val_text(o->text)};
        pairs[3] = (ValPair){val_text(S("rows")), val_int(o->rows)};
        list[i] = val_map(pairs, 4);
    }
    return val_list(list, (uint32_t)plan->new_options.n);
}

/* --- turning a plan to other metadata ------------------------------------------------------------------------------------ */

static const Object *object_in(const Meta *meta, const Object *obj)
{
    return obj ? meta_object(meta, obj->name) : NULL;
}

static const Field *field_in(const Meta *meta, const Field *f)
{
    return f ? object_field(object_in(meta, f->object), f->name) : NULL;
}

/* The metadata has only grown: whatever the plan names is there. */
static void turn(ImportPlan *plan, const Meta *meta)
{
    plan->meta = meta;
    plan->obj = object_in(meta, plan->obj);
    for (size_t i = 0; i < plan->n_targets; i++) {
        Target *t = &plan->targets[i];
        t->field = field_in(meta, t->field);
        t->to = object_in(meta, t->to);
        t->by = field_in(meta, t->by);
        t->by2 = field_in(meta, t->by2);
    }
    for (size_t i = 0; i < plan->n_groups; i++) plan->groups[i].field = field_in(meta, plan->groups[i].field);
    for (size_t i = 0; i < plan->n_match; i++) plan->match[i] = field_in(meta, plan->match[i]);
}

/* --- adding -------------------------------------------------------------------------------------------------------------- */

typedef struct Growth {
    const ImportJob *job;
    Arena *mem;
    ImportPlan **plans;
    size_t n;
    bool is_preview;
    VEC(SiteOption) coming;
    StrMap done; /* "object field value": two tables may ask for the same */
    const Meta *meta;
} Growth;

static Err *check_right(Ctx *cx)
{
    if (rights_may(cx, meta_object(cx->meta, S("choice_option")), VERB_CREATE)) return NULL;
    FAIL(cx->mem, ERR_DENIED, "error.import.options_right", "no right to add options");
}

static Err *add_one(Ctx *cx, Growth *g, const NewOption *o)
{
    OptionEdit edit = {.label = {.text = {{0}}}};
    Str key = str_fmt(g->mem, "%.*s %.*s %.*s", SFMT(o->field->object->name), SFMT(o->field->name),
                      SFMT(text_fold(g->mem, o->text)));

    if (strmap_get(&g->done, key)) return NULL;
    strmap_put(g->mem, &g->done, key, g);

    edit.label.text[g->job->lang] = o->text;
    if (!g->is_preview) return option_edit(cx, field_in(cx->meta, o->field), &edit, &key);
    *vec_push(g->mem, &g->coming) =
        (SiteOption){.object = o->field->object->name,
                     .field = o->field->name,
                     .key = str_fmt(g->mem, "new_%zu", g->coming.n + 1),
                     .label = {.text = {[LANG_EN] = o->text, [LANG_RU] = o->text, [LANG_PL] = o->text}}};
    return NULL;
}

static Err *add_all(DbConn *c, void *arg)
{
    Growth *g = arg;
    Ctx cx = ctx_system(g->job->store, g->mem, c);
    Actor *actor = NULL;

    cx.channel = CHANNEL_IMPORT;
    cx.batch = g->job->batch;
    if (g->job->user) {
        TRY(actor_of_user(&cx, g->job->user, &actor));
        cx.actor = actor;
    }
    TRY(check_right(&cx));
    g->coming.n = 0; /* the unit may be run again */
    g->done = (StrMap){0};
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < g->plans[i]->new_options.n; k++) {
            const NewOption *o = g->plans[i]->new_options.entries[k].val;
            const Field *now = field_in(cx.meta, o->field);
            if (!option_of(g->mem, now, o->text)) TRY(add_one(&cx, g, o));
        }
    if (g->is_preview) return layer_preview(g->job->store, g->mem, c, g->coming.p, g->coming.n, &g->meta);
    return NULL;
}

Err *import_grow(const ImportJob *job, Arena *mem, ImportPlan **plans, size_t n, bool is_preview)
{
    Growth g = {.job = job, .mem = mem, .plans = plans, .n = n, .is_preview = is_preview};
    size_t found = 0;

    for (size_t i = 0; i < n; i++) found += plans[i]->new_options.n;
    if (!found) return NULL;
    TRY(is_preview ? job_read(job->store, mem, add_all, &g) : job_unit(job->store, mem, add_all, &g));
    if (!is_preview) {
        TRY(layer_refresh(job->store, mem, true));
        g.meta = meta_now(job->store, mem);
    }
    for (size_t i = 0; i < n; i++) turn(plans[i], g.meta);
    return NULL;
}
