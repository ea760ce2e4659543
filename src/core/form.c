/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a web form asks, checked when it is saved and read when it is used.  Only plain values can be asked, of objects that
   stand in the navigation: never of people, roles or keys, and never a reference, which would tell what there is. */
#include "core/form.h"

#include "core/session.h"
#include "core/store.h"
#include "core/value.h"

#include <sodium.h>

#define KEY_SETTING "form_key"

Str form_text(const Form *form, const char *name)
{
    Val v = record_get_val(form->rec, name);

    return v.kind == VAL_TEXT ? val_str(v) : (Str){0};
}

bool form_flag(const Form *form, const char *name)
{
    Val v = record_get_val(form->rec, name);

    return v.kind == VAL_BOOL && v.b;
}

/* --- what it asks ---------------------------------------------------------------------------------------------------- */

static bool is_askable(const Field *f)
{
    if (f->is_system || f->is_computed || f->is_readonly || f->is_secret) return false;
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_LONGTEXT:
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
    case FIELD_MONEY:
    case FIELD_PERCENT:
    case FIELD_BOOLEAN:
    case FIELD_DATE:
    case FIELD_CHOICE:
    case FIELD_MULTICHOICE:
    case FIELD_PERSON_NAME:
    case FIELD_EMAILS:
    case FIELD_PHONES:
    case FIELD_URL: return true;
    default: return false;
    }
}

static Str text_in(const Val *map, const char *key)
{
    const Val *v = map->kind == VAL_MAP ? val_get(map, str_c(key)) : NULL;

    return v && v->kind == VAL_TEXT ? str_trim(str_sub(val_str(*v), 0, 1000)) : (Str){0};
}

static Err *wrong(Ctx *cx, const char *key, const char *field, Str what)
{
    return err_arg(err_field(err_new(cx->mem, ERR_INVALID, key, "form: %.*s", SFMT(what)), str_c(field)), 0,
                   what);
}

static Err *read_ask(Ctx *cx, const Form *form, const Val *v, FormAsk *out)
{
    Str name = text_in(v, "field");
    const Val *required = v->kind == VAL_MAP ? val_get(v, S("required")) : NULL;
    const Field *f = name.n ? object_field(form->obj, name) : NULL;

    if (!f || !is_askable(f)) return wrong(cx, "error.form.ask", "fields", name);
    for (size_t i = 0; i < form->n; i++)
        if (form->asks[i].field == f) return wrong(cx, "error.form.twice", "fields", name);
    *out = (FormAsk){.field = f,
                     .label = text_in(v, "label"),
                     .hint = text_in(v, "hint"),
                     .is_required = required && required->kind == VAL_BOOL && required->b};
    if (!out->label.n) out->label = label_in(&f->label, form->lang);
    return NULL;
}

Err *form_of(Ctx *cx, Record *rec, Form *out)
{
    Val asks = record_get_val(rec, "fields");

    *out = (Form){.rec = rec};
    out->lang = lang_from(form_text(out, "language"));
    out->obj = meta_object(cx->meta, form_text(out, "object"));
    if (!out->obj || !out->obj->in_nav || out->obj->is_internal)
        return wrong(cx, "error.form.object", "object", form_text(out, "object"));
    if (asks.kind != VAL_LIST || !asks.n || asks.n > FORM_ASKS_MAX)
        return wrong(cx, "error.form.fields", "fields", (Str){0});
    for (uint32_t i = 0; i < asks.n; i++) {
        TRY(read_ask(cx, out, &asks.list[i], &out->asks[i]));
        out->n++;
    }
    return NULL;
}

Err *form_find(Ctx *cx, Str token, Form *out)
{
    const Object *obj = meta_object(cx->meta, S("web_form"));
    Ctx system = ctx_as_system(cx);
    Val bind = val_text(str_sub(token, 0, 64)), id = {0};
    Record *rec = NULL;

    TRY(db_one(cx->mem, cx->db,
               S("SELECT id FROM \"web_form\" WHERE token = ?1 AND deleted_at IS NULL AND active = 1"), &bind,
               1, &id));
    if (id.kind != VAL_INT || token.n > 64)
        FAIL(cx->mem, ERR_NOT_FOUND, "error.form.none", "no active form of this token");
    TRY(record_get(&system, obj, id.i, 0, &rec));
    Err *e = form_of(&system, rec, out);
    if (e && e->code == ERR_INVALID) FAIL(cx->mem, ERR_NOT_FOUND, "error.form.none", "%.*s", SFMT(e->detail));
    return e;
}

bool form_allows(const Form *form, Str origin)
{
    Str lines = form_text(form, "origins");

    while (lines.n) {
        Str line = str_trim(str_cut(&lines, '\n'));
        while (line.n && line.p[line.n - 1] == '/') line.n--;
        if (line.n && (str_eq_c(line, "*") || str_eq_nocase(line, origin))) return true;
    }
    return false;
}

/* --- saving a form --------------------------------------------------------------------------------------------------- */

static bool is_address(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || str_find_char(S("\"'<>\\;,"), s.p[i]) >= 0) return false;
    return str_starts(s, S("https://")) || str_starts(s, S("http://"));
}

static Err *check_origins(Ctx *cx, Str lines)
{
    while (lines.n) {
        Str line = str_trim(str_cut(&lines, '\n'));
        Str host = str_from(line, str_starts(line, S("https://")) ? 8 : 7);
        while (host.n && host.p[host.n - 1] == '/') host.n--;
        bool is_good = is_address(line) && host.n && str_find_char(host, '/') < 0;
        if (line.n && !is_good && !str_eq_c(line, "*")) return wrong(cx, "error.form.site", "origins", line);
    }
    return NULL;
}

static bool is_asked(const Form *form, const Field *f)
{
    for (size_t i = 0; i < form->n; i++)
        if (form->asks[i].field == f && form->asks[i].is_required) return true;
    return false;
}

/* What the object demands is asked, given, or found by the program itself. */
static Err *check_demanded(Ctx *cx, const Form *form)
{
    Val defaults = record_get_val(form->rec, "defaults");

    for (size_t i = 0; i < form->obj->n_fields; i++) {
        const Field *f = &form->obj->fields[i];
        bool is_given = defaults.kind == VAL_MAP && val_get(&defaults, f->name);
        bool is_found = f->default_value.tree || f->is_system || f->is_computed ||
                        (f == form->obj->label_field && f->type == FIELD_TEXT);
        if (f->is_required && !is_given && !is_found && !is_asked(form, f))
            return wrong(cx, "error.form.demanded", "fields", label_in(&f->label, cx->actor->lang));
    }
    return NULL;
}

static Err *check_defaults(Ctx *cx, const Form *form)
{
    Val defaults = record_get_val(form->rec, "defaults");

    if (val_is_null(defaults)) return NULL;
    if (defaults.kind != VAL_MAP) return wrong(cx, "error.form.default", "defaults", (Str){0});
    for (uint32_t i = 0; i < defaults.n; i++) {
        Str name = val_str(defaults.map[i].key);
        const Field *f = object_field(form->obj, name);
        bool is_good = f && !f->is_system && !f->is_computed && !f->is_readonly && !f->is_secret;
        Val v;
        if (!is_good || value_from_json(cx, f, defaults.map[i].val, &v))
            return wrong(cx, "error.form.default", "defaults", name);
    }
    return NULL;
}

static Err *make_key(Ctx *cx)
{
    Str key;

    TRY(setting_get(cx, S(KEY_SETTING), &key));
    return key.n ? NULL : setting_set(cx, S(KEY_SETTING), token_new(cx->mem));
}

static Err *form_before(Ctx *cx, Record *rec, const Record *before)
{
    Form form;
    Str redirect;

    if (!before || val_is_null(record_get_val(rec, "token"))) {
        record_set(rec, "token", val_text(token_new(cx->mem)));
        TRY(make_key(cx));
    }
    TRY(form_of(cx, rec, &form));
    redirect = form_text(&form, "redirect");
    if (redirect.n && !is_address(redirect)) return wrong(cx, "error.form.site", "redirect", redirect);
    TRY(check_origins(cx, form_text(&form, "origins")));
    TRY(check_defaults(cx, &form));
    return check_demanded(cx, &form);
}

/* --- what has come ---------------------------------------------------------------------------------------------------- */

Err *form_counts(Ctx *cx, FormCount **out, size_t *n)
{
    VEC(FormCount) list = {0};
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(cx->mem, cx->db, S("SELECT form, taken, bots, last FROM form_count ORDER BY form"), NULL, 0,
                 &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &list) =
            (FormCount){db_i64(rows, 0), db_i64(rows, 1), db_i64(rows, 2), db_i64(rows, 3)};
    }
    *out = list.p;
    *n = list.n;
    return NULL;
}

/* --- stamps ---------------------------------------------------------------------------------------------------------- */

static Err *seal(Ctx *cx, const Form *form, Str ms, Str *out)
{
    unsigned char digest[crypto_generichash_BYTES];
    char *hex = arena_alloc(cx->mem, 2 * sizeof digest + 1);
    Str key = {0};

    TRY(setting_get(cx, S(KEY_SETTING), &key));
    Str text = str_fmt(cx->mem, "%.*s %.*s", SFMT(id_text(cx->mem, form->rec->id)), SFMT(ms));
    REQUIRE(sodium_init() >= 0);
    crypto_generichash(digest, sizeof digest, (const unsigned char *)text.p, text.n,
                       (const unsigned char *)key.p, key.n < 64 ? key.n : 64);
    *out = str_c(sodium_bin2hex(hex, 2 * sizeof digest + 1, digest, sizeof digest));
    return NULL;
}

Err *form_stamp(Ctx *cx, const Form *form, Str *out)
{
    Str ms = str_fmt(cx->mem, "%lld", (long long)cx->now), mac = {0};

    TRY(seal(cx, form, ms, &mac));
    *out = str_fmt(cx->mem, "%.*s.%.*s", SFMT(ms), SFMT(mac));
    return NULL;
}

Err *form_stamp_age(Ctx *cx, const Form *form, Str stamp, int64_t *out)
{
    Str mac = stamp, ms = str_cut(&mac, '.'), ours = {0};
    int64_t at = 0;

    *out = -1;
    TRY(seal(cx, form, ms, &ours));
    bool is_ours = mac.n == ours.n && sodium_memcmp(mac.p, ours.p, ours.n) == 0;
    if (is_ours && str_to_i64(ms, &at) && at <= cx->now) *out = cx->now - at;
    return NULL;
}

static const Hook HOOKS[] = {{.object = "web_form", .before_write = form_before}};

const Module mod_form = {.name = "form", .hooks = HOOKS, .n_hooks = 1};
