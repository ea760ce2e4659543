/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding, renaming, colouring, ordering and hiding options.  All of it is writing records of choice_option, so that rights,
   history, undo, the feed and the API are those of any record; what a record may say is checked by a hook.  An option is
   never removed while records may hold it: one taken back stays in the metadata, hidden. */
#include "core/option.h"

#include "base/text.h"
#include "core/store.h"
#include "json/json.h"

#include <string.h>

#define KEY_MAX 60

static const char *const LABELS[LANG_COUNT] = {"label_en", "label_ru", "label_pl"};

static Err *wrong(Ctx *cx, const char *key, const char *field, Str what)
{
    return err_arg(err_field(err_new(cx->mem, ERR_INVALID, key, "option: %.*s", SFMT(what)), str_c(field)), 0,
                   what);
}

bool options_may_grow(const Field *f)
{
    bool is_choice = f->type == FIELD_CHOICE || f->type == FIELD_MULTICHOICE;

    return is_choice && f != f->object->state && !f->is_readonly && !f->is_secret &&
           !str_eq(f->object->group, S("settings")) && !f->object->is_internal;
}

/* --- keys ------------------------------------------------------------------------------------------------------------ */

static bool is_key(Str s)
{
    if (!s.n || s.n > KEY_MAX || s.p[0] < 'a' || s.p[0] > 'z') return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

/* As it is written where that is Latin, else as it sounds. */
static Str latin_of(Arena *mem, Str label)
{
    Str folded = text_fold(mem, label);

    for (size_t i = 0; i < folded.n; i++)
        if ((unsigned char)folded.p[i] > 127) return text_latin(mem, folded);
    return folded;
}

static Str slug(Arena *mem, Str label)
{
    Str latin = latin_of(mem, label);
    Buf b = buf_new(mem, latin.n + 16);

    for (size_t i = 0; i < latin.n && b.n < KEY_MAX - 10; i++) {
        char c = latin.p[i];
        bool is_letter = (c >= 'a' && c <= 'z'), is_digit = c >= '0' && c <= '9';
        if (is_digit && !b.n) buf_add(&b, S("o_"));
        if (is_letter || is_digit)
            buf_add_c(&b, c);
        else if (b.n && b.p[b.n - 1] != '_')
            buf_add_c(&b, '_');
    }
    while (b.n && b.p[b.n - 1] == '_') b.n--;
    return b.n ? buf_str(&b) : S("option");
}

Str option_key(Arena *mem, const Field *f, Str label, const StrMap *taken)
{
    Str base = slug(mem, label), key = base;

    for (int i = 2; field_option(f, key) || (taken && strmap_get(taken, key)); i++)
        key = str_fmt(mem, "%.*s_%d", SFMT(base), i);
    return key;
}

/* --- writing --------------------------------------------------------------------------------------------------------- */

static Err *find_record(Ctx *cx, const Field *f, Str key, Id *out)
{
    Val binds[] = {val_text(f->object->name), val_text(f->name), val_text(key)}, v = val_null();

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT id FROM \"choice_option\" WHERE \"object\" = ?1 AND \"field\" = ?2 AND \"key\" = ?3 AND "
          "deleted_at IS NULL"),
        binds, 3, &v));
    *out = v.kind == VAL_INT ? v.i : 0;
    return NULL;
}

static void set_parts(Record *rec, const OptionEdit *edit)
{
    for (int i = 0; i < LANG_COUNT; i++)
        if (edit->label.text[i].n) record_set(rec, LABELS[i], val_text(edit->label.text[i]));
    if (edit->color.n) record_set(rec, "color", val_text(edit->color));
    if (edit->position) record_set(rec, "position", val_int(edit->position));
    if (edit->hidden) record_set(rec, "hidden", val_bool(edit->hidden > 0));
}

static Str first_label(const Label *label)
{
    for (int i = 0; i < LANG_COUNT; i++)
        if (label->text[i].n) return label->text[i];
    return (Str){0};
}

/* A key nobody has: neither this state of the metadata nor what was written since. */
static Err *free_key(Ctx *cx, const Field *f, Str label, Str *out)
{
    StrMap taken = {0};
    Id id = 1;

    while (id) {
        *out = option_key(cx->mem, f, label, &taken);
        strmap_put(cx->mem, &taken, *out, cx);
        TRY(find_record(cx, f, *out, &id));
    }
    return NULL;
}

/* One that was taken back comes again as it was called. */
static void revive(Record *rec, const Option *gone)
{
    for (int i = 0; i < LANG_COUNT; i++) record_set(rec, LABELS[i], val_text(gone->label.text[i]));
    if (gone->color.n) record_set(rec, "color", val_text(gone->color));
}

Err *option_edit(Ctx *cx, const Field *f, const OptionEdit *edit, Str *key)
{
    const Object *obj = meta_object(cx->meta, S("choice_option"));
    const Option *known = edit->key.n ? field_option(f, edit->key) : NULL;
    Record *rec = record_new(cx->mem, obj);

    *key = edit->key;
    if (!key->n) TRY(free_key(cx, f, first_label(&edit->label), key));
    TRY(find_record(cx, f, *key, &rec->id));
    if (edit->is_reset) return rec->id ? record_delete(cx, obj, rec->id, NULL) : NULL;
    bool is_gone = known && known->is_own && !rec->id;
    if (is_gone && edit->position) return NULL; /* the order of what is there */
    if (is_gone) revive(rec, known);
    set_parts(rec, edit);
    if (rec->id) return record_update(cx, rec, NULL);
    record_set(rec, "object", val_text(f->object->name));
    record_set(rec, "field", val_text(f->name));
    record_set(rec, "key", val_text(*key));
    return record_create(cx, rec, NULL);
}

/* --- checking -------------------------------------------------------------------------------------------------------- */

static Str text_in(const Record *rec, const char *name)
{
    Val v = record_get_val(rec, name);

    return v.kind == VAL_TEXT ? val_str(v) : (Str){0};
}

static Err *check_fixed(Ctx *cx, const Record *rec, const Record *before)
{
    static const char *const FIXED[] = {"object", "field", "key"};

    for (size_t i = 0; i < sizeof FIXED / sizeof *FIXED; i++)
        if (!str_eq(text_in(rec, FIXED[i]), text_in(before, FIXED[i])))
            return wrong(cx, "error.option.fixed", FIXED[i], text_in(before, FIXED[i]));
    return NULL;
}

/* Two of one name would be one word for people and for imports. */
static Err *check_labels(Ctx *cx, const Record *rec, const Field *f, Str key)
{
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        Str own = text_in(rec, LABELS[lang]);
        for (size_t i = 0; own.n && i < f->n_options; i++) {
            const Option *o = &f->options[i];
            bool is_same = str_eq(text_fold(cx->mem, o->label.text[lang]), text_fold(cx->mem, own));
            if (is_same && !o->is_hidden && !str_eq(o->key, key))
                return wrong(cx, "error.option.taken", LABELS[lang], own);
        }
    }
    return NULL;
}

static Err *check_new(Ctx *cx, const Record *rec, const Field *f, Str key)
{
    bool has_label = text_in(rec, "label_en").n || text_in(rec, "label_ru").n || text_in(rec, "label_pl").n;

    if (!options_may_grow(f)) return wrong(cx, "error.option.field", "field", f->name);
    if (!is_key(key)) return wrong(cx, "error.option.key", "key", key);
    if (!has_label) return wrong(cx, "error.option.label", "label_en", key);
    if (f->n_options >= OPTIONS_MAX)
        return wrong(cx, "error.option.many", "field", str_fmt(cx->mem, "%d", OPTIONS_MAX));
    return NULL;
}

static Err *check_color(Ctx *cx, const Record *rec)
{
    Str color = text_in(rec, "color");
    bool is_known = !color.n || field_option(object_field(rec->obj, S("color")), color);

    return is_known ? NULL : wrong(cx, "error.choice", "color", color);
}

static Err *option_before(Ctx *cx, Record *rec, const Record *before)
{
    Str object = text_in(rec, "object"), field = text_in(rec, "field"), key = text_in(rec, "key");
    const Object *obj = meta_object(cx->meta, object);
    const Field *f = obj ? object_field(obj, field) : NULL;

    if (!object.n || !field.n || !key.n) return NULL; /* validation says so */
    if (before) TRY(check_fixed(cx, rec, before));
    TRY(check_color(cx, rec));
    if (!obj) return wrong(cx, "error.object.unknown", "object", object);
    if (!f || (f->type != FIELD_CHOICE && f->type != FIELD_MULTICHOICE))
        return wrong(cx, "error.option.field", "field", field);
    const Option *o = field_option(f, key);
    if (!o || o->is_own) TRY(check_new(cx, rec, f, key));
    return check_labels(cx, rec, f, key);
}

static const Hook HOOKS[] = {{.object = "choice_option", .before_write = option_before}};

const Module mod_option = {.name = "option", .hooks = HOOKS, .n_hooks = 1};
