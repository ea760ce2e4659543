/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stages: what a record takes from the stage it comes to, whatever object it is of; what a stage's own rules must be; and
   what stages of older versions mean.  Once a stage had two marks, closed and won, in place of `category`; where the schema
   has hidden their columns each stage is told from them, once, as a derived change. */
#include "mod/sales/sales_impl.h"

#include "core/compile.h"
#include "core/store.h"

/* --- what a record takes from its stage ------------------------------------------------------------------------------ */

const Field *stage_path(const Object *obj)
{
    const Field *f = obj->path;

    return f && f->type == FIELD_REFERENCE && str_eq(f->target_name, S("stage")) ? f : NULL;
}

static void set_if_there(Record *rec, const char *name, Val v)
{
    if (object_field(rec->obj, str_c(name))) record_set(rec, name, v);
}

static bool is_given(const Record *rec, const Record *before, const char *name)
{
    if (!object_field(rec->obj, str_c(name))) return true;
    return before ? sales_changed(rec, before, name) : !val_is_null(record_get_val(rec, name));
}

Err *stage_follow(Ctx *cx, Record *rec, const Record *before)
{
    const Field *path = stage_path(rec->obj);
    Ctx system = ctx_as_system(cx);
    Record *stage = NULL;

    if (!path || val_is_null(rec->vals[path->index])) return NULL;
    if (before && val_same(rec->vals[path->index], before->vals[path->index])) return NULL;
    Err *e = record_get(&system, path->target, rec->vals[path->index].i, 0, &stage);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e; /* validation names the missing stage */
    set_if_there(rec, "pipeline", record_get_val(stage, "pipeline"));
    if (!is_given(rec, before, "probability"))
        record_set(rec, "probability", record_get_val(stage, "probability"));
    set_if_there(rec, "category", record_get_val(stage, "category"));
    if (before && cx->channel != CHANNEL_UNDO && !is_given(rec, before, "stage_since"))
        set_if_there(rec, "stage_since", val_from_ms(cx->now));
    return NULL;
}

/* Objects that have stages and no hook of their own. */
Err *staged_before(Ctx *cx, Record *rec, const Record *before)
{
    if (!stage_path(rec->obj) || str_eq(rec->obj->name, S("deal"))) return NULL;
    TRY(stage_follow(cx, rec, before));
    return gate_check(cx, rec, before);
}

/* --- the rules of a stage -------------------------------------------------------------------------------------------- */

static const Object *object_of(Ctx *cx, const Record *pipeline)
{
    Val name = record_get_val(pipeline, "object");
    const Object *obj = name.kind == VAL_TEXT ? meta_object(cx->meta, val_str(name)) : NULL;

    return obj ? obj : meta_object(cx->meta, S("deal"));
}

/* A field by its name, or by what people call it in any language. */
static const Field *field_called(const Object *obj, Str word)
{
    const Field *f = object_field(obj, word);

    for (size_t i = SYS_OWNER; !f && i < obj->n_fields; i++)
        for (int lang = 0; lang < LANG_COUNT; lang++)
            if (str_eq(obj->fields[i].label.text[lang], word)) f = &obj->fields[i];
    return f && !f->is_secret && f->type != FIELD_LINKS ? f : NULL;
}

static void read_fields(Ctx *cx, const Object *obj, Record *rec, const char *name, Err **problems)
{
    Val words = record_get_val(rec, name);
    Val *names = NEW_N(cx->mem, Val, words.n + 1);

    if (words.kind != VAL_LIST) return;
    for (uint32_t i = 0; i < words.n; i++) {
        const Field *f = field_called(obj, str_trim(val_str(words.list[i])));
        if (!f)
            err_add(problems, err_arg(err_field(err_new(cx->mem, ERR_INVALID, "error.field.unknown", "%.*s",
                                                        SFMT(val_str(words.list[i]))),
                                                str_c(name)),
                                      0, val_str(words.list[i])));
        names[i] = val_text(f ? f->name : val_str(words.list[i]));
    }
    record_set(rec, name, val_list(names, words.n));
}

static void read_condition(Ctx *cx, const Object *obj, Record *rec, const char *name, Err **problems)
{
    Val text = record_get_val(rec, name);
    CelEnv env = object_cel_env(obj);
    CelNode *tree = NULL;

    if (text.kind != VAL_TEXT) return;
    Err *e = cel_parse(cx->mem, val_str(text), &tree);
    if (!e) e = cel_check(cx->mem, &env, tree, &cel_bool);
    if (e) err_add(problems, err_field(e, str_c(name)));
}

Err *stage_before(Ctx *cx, Record *rec, const Record *before)
{
    Val ref = record_get_val(rec, "pipeline");
    Ctx system = ctx_as_system(cx);
    Record *pipeline = NULL;
    Err *problems = NULL;

    (void)before;
    if (val_is_null(ref)) return NULL;
    Err *e = record_get(&system, meta_object(cx->meta, S("pipeline")), ref.i, READ_DELETED, &pipeline);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    const Object *obj = object_of(cx, pipeline);
    read_fields(cx, obj, rec, "enter_fields", &problems);
    read_fields(cx, obj, rec, "leave_fields", &problems);
    read_condition(cx, obj, rec, "enter_if", &problems);
    read_condition(cx, obj, rec, "leave_if", &problems);
    return problems;
}

Err *pipeline_before(Ctx *cx, Record *rec, const Record *before)
{
    Val name = record_get_val(rec, "object");

    (void)before;
    if (name.kind != VAL_TEXT) return NULL;
    const Object *obj = meta_object(cx->meta, str_trim(val_str(name)));
    for (size_t i = 0; obj && i < obj->n_fields; i++)
        if (str_eq(obj->fields[i].target_name, S("stage")) && obj->fields[i].type == FIELD_REFERENCE)
            return NULL;
    return err_arg(err_field(err_new(cx->mem, ERR_INVALID, "error.pipeline.object", "%.*s has no stages",
                                     SFMT(val_str(name))),
                             S("object")),
                   0, val_str(name));
}

/* --- older versions -------------------------------------------------------------------------------------------------- */

static Err *has_marks(Ctx *cx, bool *out)
{
    Val n = {0};

    if (db_conn_can(cx->db, DB_CAP_STRICT_TABLES))
        TRY(db_one(
            cx->mem, cx->db,
            S("SELECT count(*) FROM pragma_table_info('stage') WHERE name IN ('hidden_is_closed', 'hidden_is_won')"),
            NULL, 0, &n));
    else
        TRY(db_one(
            cx->mem, cx->db,
            S("SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND "
              "table_name = 'stage' AND column_name IN ('hidden_is_closed', 'hidden_is_won')"),
            NULL, 0, &n));
    *out = n.i == 2;
    return NULL;
}

Err *stage_fill(Ctx *cx, Record *rec, const Record *before)
{
    Val id = val_int(rec->id), word = val_text(S("open"));
    bool has = false;

    (void)before;
    if (!val_is_null(record_get_val(rec, "category"))) return NULL;
    TRY(has_marks(cx, &has));
    if (has)
        TRY(db_one(
            cx->mem, cx->db,
            S("SELECT CASE WHEN hidden_is_won = 1 THEN 'won' WHEN hidden_is_closed = 1 THEN 'lost' ELSE 'open' END "
              "FROM \"stage\" WHERE id = ?1"),
            &id, 1, &word));
    record_set(rec, "category", word);
    return NULL;
}

/* The choice is new and not empty: what it was until now. */
Err *pipeline_fill(Ctx *cx, Record *rec, const Record *before)
{
    (void)cx, (void)before;
    if (val_is_null(record_get_val(rec, "going_back"))) record_set(rec, "going_back", val_text(S("free")));
    if (val_is_null(record_get_val(rec, "object"))) record_set(rec, "object", val_text(S("deal")));
    return NULL;
}
