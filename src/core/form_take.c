/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An answer to a web form becomes a record: the fields that are asked, the form's own values, and where it came from, by
   the ordinary write path as the system.  What fails is rolled back by itself, so that the unit still counts the answer: a
   stranger who sends nonsense is slowed like any other.  Somebody who is known already keeps what he has. */
#include "core/form.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/item.h"
#include "core/session.h"
#include "core/store.h"
#include "core/value.h"

#define HOUR_MS      INT64_C(3600000)
#define ADDRESS_FREE 30 /* answers of one address an hour before the waits begin */
#define FORM_FREE    600
#define NOTE_MAX     20000

/* --- how much may come ----------------------------------------------------------------------------------------------- */

static Str throttle_name(const Ctx *cx, const char *what, Str whose)
{
    return str_fmt(cx->mem, "form %s:%.*s:%lld", what, SFMT(str_sub(whose, 0, 64)),
                   (long long)(cx->now / HOUR_MS));
}

Err *form_may_come(Ctx *cx, const Form *form, Str peer)
{
    TRY(throttle_check(cx, throttle_name(cx, "address", peer)));
    return throttle_check(cx, throttle_name(cx, "whole", id_text(cx->mem, form->rec->id)));
}

static Err *count(Ctx *cx, const Form *form, const FormIn *in, bool is_taken)
{
    Val binds[] = {val_int(form->rec->id), val_int(is_taken), val_int(in->is_bot), val_int(cx->now)};

    TRY(throttle_count(cx, throttle_name(cx, "address", in->peer), ADDRESS_FREE));
    TRY(throttle_count(cx, throttle_name(cx, "whole", id_text(cx->mem, form->rec->id)), FORM_FREE));
    if (!is_taken && !in->is_bot) return NULL;
    return db_exec(
        cx->mem, cx->db,
        S("INSERT INTO form_count (form, taken, bots, last) VALUES (?1, ?2, ?3, CASE WHEN ?2 = 1 THEN ?4 ELSE 0 END) "
          "ON CONFLICT (form) DO UPDATE SET taken = form_count.taken + ?2, bots = form_count.bots + ?3, "
          "last = CASE WHEN ?2 = 1 THEN ?4 ELSE form_count.last END"),
        binds, 4, NULL);
}

/* --- taking ---------------------------------------------------------------------------------------------------------- */

typedef struct Taking {
    Ctx *cx;
    const Form *form;
    const FormIn *in;
    const Actor *actor;
    Record *rec;
    Ctx own;
} Taking;

static Str value_of(const FormValue *list, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].name, name)) return str_trim(list[i].value);
    return (Str){0};
}

/* On one line, or with plain ends of lines; other control characters are nothing a person types. */
static Str tidy(Arena *mem, Str s, bool is_long)
{
    Buf b = buf_new(mem, s.n + 1);

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_kept = is_long && (c == '\n' || c == '\t');
        if (c >= ' ' || is_kept)
            buf_add_c(&b, (char)c);
        else if (c != '\r')
            buf_add_c(&b, ' ');
    }
    return str_trim(buf_str(&b));
}

static Val several(Ctx *cx, const FormIn *in, Str name)
{
    Val *list = NEW_N(cx->mem, Val, in->n_values + 1);
    uint32_t n = 0;

    for (size_t i = 0; i < in->n_values; i++)
        if (str_eq(in->values[i].name, name) && in->values[i].value.n)
            list[n++] = val_text(str_trim(in->values[i].value));
    return n ? val_list(list, n) : val_null();
}

/* "1 234,5" as people type it. */
static Str number_text(Arena *mem, Str s)
{
    Buf b = buf_new(mem, s.n + 1);

    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ') buf_add_c(&b, s.p[i] == ',' ? '.' : s.p[i]);
    return buf_str(&b);
}

static Val as_json(Ctx *cx, const Field *f, const FormIn *in)
{
    Str text = tidy(cx->mem, value_of(in->values, in->n_values, f->name), f->type == FIELD_LONGTEXT);
    int64_t number = 0;

    if (f->type == FIELD_MULTICHOICE) return several(cx, in, f->name);
    if (f->type == FIELD_BOOLEAN) return val_bool(text.n && !str_eq_c(text, "false") && !str_eq_c(text, "0"));
    if (!text.n) return val_null();
    switch (f->type) {
    case FIELD_INTEGER:
        return str_to_i64(number_text(cx->mem, text), &number) ? val_int(number) : val_text(text);
    case FIELD_DECIMAL:
    case FIELD_PERCENT: return val_text(number_text(cx->mem, text));
    case FIELD_MONEY: {
        ValPair *pairs = NEW_N(cx->mem, ValPair, 2);
        pairs[0] = (ValPair){val_text(S("amount")), val_text(number_text(cx->mem, text))};
        pairs[1] = (ValPair){val_text(S("currency")), val_text(cx->store->company->currency)};
        return val_map(pairs, 2);
    }
    default: return val_text(text);
    }
}

static void set(Record *rec, const Field *f, Val v)
{
    rec->vals[f->index] = v;
    rec->is_set[f->index] = 1;
}

static Err *missing(Ctx *cx, const char *key, Str field, Str label)
{
    return err_arg(err_field(err_new(cx->mem, ERR_INVALID, key, "form"), field), 0, label);
}

static void take_asked(Ctx *cx, const Form *form, const FormIn *in, Record *rec, Err **problems)
{
    for (size_t i = 0; i < form->n; i++) {
        const FormAsk *ask = &form->asks[i];
        Val given = as_json(cx, ask->field, in), v = val_null();
        bool is_empty = val_is_null(given) || (given.kind == VAL_BOOL && !given.b);
        Err *e = ask->is_required && is_empty ? missing(cx, "error.required", ask->field->name, ask->label)
                                              : value_from_json(cx, ask->field, given, &v);
        if (e)
            err_add(problems, err_field(e, ask->field->name));
        else if (!val_is_null(v))
            set(rec, ask->field, v);
    }
    if (form_text(form, "consent").n && form_flag(form, "consent_required") && !in->is_agreed)
        err_add(problems, missing(cx, "error.form.consent", S("_consent"), (Str){0}));
}

static Err *take_defaults(Ctx *cx, const Form *form, Record *rec)
{
    Val defaults = record_get_val(form->rec, "defaults");

    for (uint32_t i = 0; defaults.kind == VAL_MAP && i < defaults.n; i++) {
        const Field *f = object_field(form->obj, val_str(defaults.map[i].key));
        Val v;
        if (!f || rec->is_set[f->index]) continue;
        TRY(value_from_json(cx, f, defaults.map[i].val, &v));
        set(rec, f, v);
    }
    return NULL;
}

static const Field *free_field(const Record *rec, const char *name, FieldType type)
{
    const Field *f = object_field(rec->obj, str_c(name));

    return f && f->type == type && !rec->is_set[f->index] ? f : NULL;
}

static Str first_characters(Str s, size_t max)
{
    size_t at = 0;

    while (at < s.n && max--) (void)utf8_next(s, &at);
    return str_sub(s, 0, at);
}

static Str fitting(const Field *f, Str s)
{
    return first_characters(s, f->max > 0 ? (size_t)f->max : LIMIT_TEXT);
}

static void take_marks(Ctx *cx, const Form *form, const FormIn *in, Record *rec)
{
    static const char *const MARKS[] = {"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
                                        "gclid",      "yclid",      "landing_page", "referrer"};
    const Field *f;

    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++) {
        f = free_field(rec, MARKS[i], FIELD_TEXT);
        Str value = f ? tidy(cx->mem, value_of(in->marks, in->n_marks, f->name), false) : (Str){0};
        if (value.n) set(rec, f, val_text(fitting(f, value)));
    }
    f = free_field(rec, "source", FIELD_CHOICE);
    if (f && field_option(f, S("website"))) set(rec, f, val_text(S("website")));
    f = free_field(rec, "web_form", FIELD_REFERENCE);
    if (f && f->target == form->rec->obj) set(rec, f, val_ref(f->target->number, form->rec->id));
}

static Err *is_there(Ctx *cx, Val ref, const char *object, bool *out)
{
    Record *rec;

    *out = false;
    if (val_is_null(ref)) return NULL;
    Err *e = record_get(cx, meta_object(cx->meta, str_c(object)), ref.i, 0, &rec);
    *out = !e;
    return e && e->code != ERR_NOT_FOUND ? e : NULL;
}

static Err *take_people(Ctx *cx, const Form *form, Record *rec)
{
    Val user = record_get_val(form->rec, "responsible"), team = record_get_val(form->rec, "responsible_team");
    bool has_user, has_team;

    TRY(is_there(cx, user, "user", &has_user));
    TRY(is_there(cx, team, "team", &has_team));
    if (has_user && rec->obj->has_owner) set(rec, &rec->obj->fields[SYS_OWNER], user);
    if (has_team && rec->obj->has_owner) set(rec, &rec->obj->fields[SYS_TEAM], team);
    return NULL;
}

/* Records are called by who wrote when nothing better is asked. */
static void take_name(Ctx *cx, const Form *form, Record *rec)
{
    static const char *const WHO[] = {"name", "company", "emails", "phones"};
    const Field *f = rec->obj->label_field;
    Str name = form_text(form, "name"), who = {0};

    if (!f || f->type != FIELD_TEXT || (rec->is_set[f->index] && !val_is_null(rec->vals[f->index]))) return;
    for (size_t i = 0; i < sizeof WHO / sizeof *WHO && !who.n; i++) {
        const Field *g = object_field(rec->obj, str_c(WHO[i]));
        if (g && g != f && rec->is_set[g->index])
            who = value_text(cx->mem, g, rec->vals[g->index], form->lang);
    }
    set(rec, f, val_text(fitting(f, who.n ? str_fmt(cx->mem, "%.*s: %.*s", SFMT(name), SFMT(who)) : name)));
}

/* --- somebody known -------------------------------------------------------------------------------------------------- */

typedef struct Known {
    Id id;
    size_t n; /* how many different ones */
} Known;

static Err *look_up(Ctx *cx, const Record *rec, const char *field, Known *known)
{
    const Field *f = object_field(rec->obj, str_c(field));
    Val v = f && rec->is_set[f->index] ? rec->vals[f->index] : val_null();

    for (uint32_t i = 0; v.kind == VAL_LIST && i < v.n; i++) {
        const Val *value = val_get(&v.list[i], S("value"));
        if (!value || value->kind != VAL_TEXT) continue;
        Val binds[] = {val_text(item_norm(cx->mem, f, val_str(*value))), val_int(rec->obj->number),
                       val_text(f->column)};
        DbRows *rows = NULL;
        bool has = false;
        TRY(db_query(
            cx->mem, cx->db,
            S("SELECT DISTINCT record FROM item WHERE norm = ?1 AND object = ?2 AND field = ?3 LIMIT 2"),
            binds, 3, &rows));
        for (;;) {
            TRY(db_next(rows, &has));
            if (!has) break;
            known->n += known->id != db_i64(rows, 0);
            known->id = db_i64(rows, 0);
        }
    }
    return NULL;
}

/* The one record with this e-mail or phone; NULL when there is none, or more than one. */
static Err *find_known(Ctx *cx, const Form *form, const Record *rec, Record **out)
{
    Known known = {0};

    *out = NULL;
    if (!str_eq_c(form_text(form, "on_match"), "fill")) return NULL;
    TRY(look_up(cx, rec, "emails", &known));
    TRY(look_up(cx, rec, "phones", &known));
    if (known.n != 1) return NULL;
    Err *e = record_get(cx, form->obj, known.id, 0, out);
    if (!e) return NULL;
    *out = NULL;
    return e->code == ERR_NOT_FOUND ? NULL : e;
}

/* Everything that was said, for the note: what stood there already is not written over. */
static Str said(Ctx *cx, const Form *form, const Record *rec)
{
    Buf b = buf_new(cx->mem, NOTE_MAX);

    for (size_t i = 0; i < form->n; i++) {
        const FormAsk *ask = &form->asks[i];
        if (!rec->is_set[ask->field->index]) continue;
        buf_add(&b, ask->label);
        buf_add(&b, S(": "));
        buf_add(&b, value_text(cx->mem, ask->field, rec->vals[ask->field->index], form->lang));
        buf_add_c(&b, '\n');
    }
    return str_trim(buf_str(&b));
}

static Err *add_note(Ctx *cx, const Form *form, const Record *about, Str text)
{
    const Object *obj = meta_object(cx->meta, S("activity"));

    if (!obj || !text.n) return NULL;
    Record *note = record_new(cx->mem, obj);
    record_set(note, "kind", val_text(S("note")));
    record_set(note, "subject", record_get_val(form->rec, "name"));
    record_set(note, "body", val_text(text));
    record_set(note, "about", val_ref(about->obj->number, about->id));
    if (!val_is_null(about->vals[SYS_OWNER])) set(note, &obj->fields[SYS_OWNER], about->vals[SYS_OWNER]);
    return record_create(cx, note, NULL);
}

static bool is_empty(Val v)
{
    return val_is_null(v) || (v.kind == VAL_TEXT && !v.n) || (v.kind == VAL_LIST && !v.n);
}

static Err *fill_known(Ctx *cx, const Form *form, const Record *came, const Record *stored)
{
    Record *rec = record_copy(cx->mem, stored);
    bool has_news = false;

    for (size_t i = SYS_COUNT; i < rec->obj->n_fields; i++) {
        rec->is_set[i] = 0;
        if (!came->is_set[i] || !is_empty(stored->vals[i]) || is_empty(came->vals[i])) continue;
        set(rec, &rec->obj->fields[i], came->vals[i]);
        has_news = true;
    }
    if (has_news) TRY(record_update(cx, rec, NULL));
    return add_note(cx, form, stored, said(cx, form, came));
}

/* --- consent --------------------------------------------------------------------------------------------------------- */

static Err *add_consent(Ctx *cx, const Form *form, const FormIn *in, const Record *whose)
{
    const Object *obj = meta_object(cx->meta, S("consent"));
    const Field *f = obj ? object_field(obj, whose->obj->name) : NULL;
    Str text = form_text(form, "consent"), page = value_of(in->marks, in->n_marks, S("landing_page"));

    if (!text.n || !in->is_agreed || !f || f->type != FIELD_REFERENCE || f->target != whose->obj) return NULL;
    Record *rec = record_new(cx->mem, obj);
    Str proof = str_fmt(cx->mem, "%.*s\n\n%.*s\n%.*s", SFMT(text), SFMT(first_characters(page, 1000)),
                        SFMT(str_sub(in->peer, 0, 64)));
    set(rec, f, val_ref(whose->obj->number, whose->id));
    record_set(rec, "purpose", record_get_val(form->rec, "consent_purpose"));
    record_set(rec, "basis", val_text(S("consent")));
    record_set(rec, "given_at", val_from_ms(cx->now));
    record_set(rec, "proof", val_text(S("web_form")));
    record_set(rec, "proof_note", val_text(proof));
    return record_create(cx, rec, NULL);
}

/* --- the whole ------------------------------------------------------------------------------------------------------- */

static Err *write_it(DbConn *c, void *arg)
{
    Taking *t = arg;
    Record *known = NULL, *rec = record_copy(t->cx->mem, t->rec);

    t->own = *t->cx;
    t->own.db = c;
    t->own.actor = t->actor;
    t->own.channel = CHANNEL_FORM;
    TRY(find_known(&t->own, t->form, rec, &known));
    if (known)
        TRY(fill_known(&t->own, t->form, rec, known));
    else
        TRY(record_create(&t->own, rec, NULL));
    return add_consent(&t->own, t->form, t->in, known ? known : rec);
}

/* A record that may be there once only is there already: what was said is kept as a task, and the answer stays the same. */
static Err *set_aside(DbConn *c, void *arg)
{
    Taking *t = arg;
    const Object *obj = meta_object(t->cx->meta, S("activity"));

    t->own = *t->cx;
    t->own.db = c;
    t->own.actor = t->actor;
    t->own.channel = CHANNEL_FORM;
    if (!obj) return NULL;
    Record *task = record_new(t->own.mem, obj);
    record_set(task, "kind", val_text(S("task")));
    record_set(task, "subject", record_get_val(t->form->rec, "name"));
    record_set(task, "body", val_text(said(&t->own, t->form, t->rec)));
    if (t->rec->is_set[SYS_OWNER]) set(task, &obj->fields[SYS_OWNER], t->rec->vals[SYS_OWNER]);
    return record_create(&t->own, task, NULL);
}

static bool is_asked_of(const Form *form, Str field)
{
    for (size_t i = 0; i < form->n; i++)
        if (str_eq(form->asks[i].field->name, field)) return true;
    return false;
}

/* What the sender can mend stands at its field.  The rest is the form's fault: he hears so, the log hears why. */
static void explain(Ctx *cx, const Form *form, const Err *e, Err **problems)
{
    for (const Err *p = e; p; p = p->next)
        if (p->code == ERR_INVALID && is_asked_of(form, p->field)) {
            Err *one = err_copy(cx->mem, p);
            one->next = NULL;
            err_add(problems, one);
        }
    if (*problems) return;
    log_line(LOG_WARN, "a web form cannot be taken", "form=%.*s error=%.*s",
             SFMT(id_text(cx->mem, form->rec->id)), SFMT(log_quote(cx->mem, err_text(cx->mem, e))));
    err_add(problems, err_new(cx->mem, ERR_INVALID, "error.form.broken", "the form is at fault"));
}

/* The error of the unit itself: it is run again, or fails as a whole. */
static bool is_of_unit(const Err *e)
{
    return e->code == ERR_UNAVAILABLE || e->code == ERR_INTERNAL || e->code == ERR_LIMIT ||
           str_starts(e->key, S("error.db.serialization"));
}

Err *form_take(Ctx *cx, const Form *form, const FormIn *in, Err **problems)
{
    Actor actor = *cx->actor;
    Ctx system = *cx;
    Taking t = {
        .cx = &system, .form = form, .in = in, .actor = &actor, .rec = record_new(cx->mem, form->obj)};

    *problems = NULL;
    actor.is_system = true;
    actor.lang = form->lang;
    system.actor = &actor;
    take_asked(&system, form, in, t.rec, problems);
    if (!*problems && !in->is_bot) {
        TRY(take_defaults(&system, form, t.rec));
        take_marks(&system, form, in, t.rec);
        TRY(take_people(&system, form, t.rec));
        take_name(&system, form, t.rec);
        Err *e = db_attempt(cx->mem, cx->db, write_it, &t);
        if (e && e->code == ERR_CONFLICT && !is_of_unit(e)) e = db_attempt(cx->mem, cx->db, set_aside, &t);
        if (e && is_of_unit(e)) return e;
        if (e)
            explain(cx, form, e, problems);
        else
            ctx_join(cx, &t.own);
    }
    return count(cx, form, in, !*problems && !in->is_bot);
}
