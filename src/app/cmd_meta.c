/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith meta: the choices of objects and their options, looked at and changed as in the settings. */
#include "app/command.h"
#include "core/option.h"
#include "core/record.h"
#include "json/json.h"

typedef struct MetaArgs {
    Run *run;
    Str verb, object, field, values;
    OptionEdit edit;
} MetaArgs;

/* "account.size", or "accounts.size". */
static Err *find_choice(const MetaArgs *in, const Meta *meta, const Field **out)
{
    Arena *mem = in->run->mem;
    const Object *obj = meta_object(meta, in->object);

    for (size_t i = 0; !obj && i < meta->n_objects; i++)
        if (str_eq(meta->objects[i]->plural, in->object)) obj = meta->objects[i];
    const Field *f = obj ? object_field(obj, in->field) : NULL;
    if (!f || !f->n_options)
        FAIL(mem, ERR_INVALID, "error.usage", "there is no choice %.*s.%.*s: `kith meta` lists them",
             SFMT(in->object), SFMT(in->field));
    *out = f;
    return NULL;
}

static Err *list(Ctx *cx, void *arg)
{
    MetaArgs *in = arg;
    Run *run = in->run;

    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        const Object *obj = cx->meta->objects[i];
        for (size_t k = 0; k < obj->n_fields; k++) {
            const Field *f = &obj->fields[k];
            if (!options_may_grow(f)) continue;
            if (run->is_json)
                buf_addf(&run->out, "{\"object\":\"%.*s\",\"field\":\"%.*s\",\"options\":%zu}\n",
                         SFMT(obj->name), SFMT(f->name), f->n_options);
            else
                buf_addf(&run->out, "%.*s.%.*s  %zu options\n", SFMT(obj->name), SFMT(f->name), f->n_options);
        }
    }
    return NULL;
}

static void show_json(Run *run, const Option *o)
{
    JsonWriter w = json_writer(&run->out);

    json_open_obj(&w);
    json_pair_str(&w, "value", o->key);
    for (int i = 0; i < LANG_COUNT; i++) {
        json_key(&w, lang_code((Lang)i));
        json_str(&w, o->label.text[i]);
    }
    json_pair_str(&w, "color", o->color);
    json_pair_bool(&w, "hidden", o->is_hidden);
    json_pair_bool(&w, "own", o->is_own);
    json_close_obj(&w);
    buf_add_c(&run->out, '\n');
}

static Err *show(Ctx *cx, void *arg)
{
    MetaArgs *in = arg;
    const Field *f = NULL;

    TRY(find_choice(in, cx->meta, &f));
    for (size_t i = 0; i < f->n_options; i++) {
        const Option *o = &f->options[i];
        if (in->run->is_json) {
            show_json(in->run, o);
            continue;
        }
        buf_addf(&in->run->out, "%-24.*s %-8.*s", SFMT(o->key), SFMT(o->color));
        for (int k = 0; k < LANG_COUNT; k++)
            buf_addf(&in->run->out, "%s%.*s", k ? " | " : "", SFMT(o->label.text[k]));
        buf_addf(&in->run->out, "%s%s\n", o->is_hidden ? "  (hidden)" : "", o->is_own ? "  (own)" : "");
    }
    return NULL;
}

static Err *change(Ctx *cx, void *arg)
{
    MetaArgs *in = arg;
    const Field *f = NULL;
    Str key = {0}, rest = in->values;

    TRY(find_choice(in, cx->meta, &f));
    if (!str_eq(in->verb, S("order"))) return option_edit(cx, f, &in->edit, &key);
    for (int64_t place = 1000; rest.n; place += 1000) {
        OptionEdit edit = {.key = str_trim(str_cut(&rest, ',')), .position = place};
        TRY(option_edit(cx, f, &edit, &key));
    }
    return NULL;
}

static void read_edit(Run *run, OptionEdit *edit)
{
    static const char *const LABELS[LANG_COUNT] = {"en", "ru", "pl"};

    for (int i = 0; i < LANG_COUNT; i++) edit->label.text[i] = run_option(run, LABELS[i]);
    edit->color = run_option(run, "color");
    if (run_flag(run, "hide")) edit->hidden = 1;
    if (run_flag(run, "show")) edit->hidden = -1;
    edit->is_reset = run_flag(run, "reset");
}

Err *cmd_meta(Run *run)
{
    MetaArgs in = {.run = run};

    read_edit(run, &in.edit);
    in.verb = run_positional(run);
    Str path = run_positional(run);
    in.object = str_cut(&path, '.');
    in.field = path;
    in.values = run_positional(run);
    bool is_add = str_eq(in.verb, S("add")), is_set = str_eq(in.verb, S("set")),
         is_order = str_eq(in.verb, S("order"));
    TRY(run_no_more(run));
    if (!in.verb.n) return run_read(run, list, &in);
    if ((is_set || is_order) != (in.values.n > 0) ||
        !(is_add || is_set || is_order || str_eq(in.verb, S("show"))))
        FAIL(
            run->mem, ERR_INVALID, "error.usage",
            "kith meta; show OBJECT.FIELD; add OBJECT.FIELD --en LABEL; set OBJECT.FIELD VALUE ...; order OBJECT.FIELD "
            "a,b,c");
    if (is_set) in.edit.key = in.values;
    if (!str_eq(in.verb, S("show"))) TRY(run_write(run, change, &in));
    return run_read(run, show, &in);
}
