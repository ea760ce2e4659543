/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices: who is told of what, and how.  Rules here make them from writes (a record is given to somebody, a permission is
   asked or answered, an import ends); jobs of this folder make those of time.  A notice is written by the system in a batch
   of its own, so that taking back what caused it takes back that alone. */
#include "mod/activity/notice.h"

#include "mod/activity/letter.h"

static const char *const CHANNELS[] = {"browser", "mail", "digest"};
enum { BROWSER, MAIL, DIGEST, N_CHANNELS };
/* What holds for who has chosen nothing: everything in the browser and the digest, by mail what waits for him alone. */
static const char *const USUAL[] = {NULL, "approval_asked escalated", NULL};

static bool has_text(Val v, const char *text)
{
    return v.kind == VAL_TEXT && str_eq_c(val_str(v), text);
}

static bool has_changed(const Record *rec, const Record *before, const char *field)
{
    return !before || !val_same(record_get_val(rec, field), record_get_val(before, field));
}

/* At most `max` characters. */
static Str shorten(Str s, size_t max)
{
    size_t at = 0;

    for (size_t n = 0; at < s.n && n < max; n++) utf8_next(s, &at);
    return str_sub(s, 0, at);
}

static Id id_of(Val v)
{
    return v.kind == VAL_REF ? v.i : 0;
}

Err *manager_of(Ctx *cx, Id user, Id *out)
{
    Val bind = val_int(user), id = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT coalesce(u.manager, t.manager) FROM \"user\" u LEFT JOIN \"team\" t ON t.id = u.team_id AND "
          "t.deleted_at IS NULL WHERE u.id = ?1"),
        &bind, 1, &id));
    *out = id.kind == VAL_INT ? id.i : 0;
    return NULL;
}

/* --- what a person has chosen ---------------------------------------------------------------------------------------- */

static bool is_usual(int channel, const char *kind)
{
    Str rest = str_c(USUAL[channel]);

    if (!USUAL[channel]) return true;
    while (rest.n)
        if (str_eq_c(str_cut(&rest, ' '), kind)) return true;
    return false;
}

static bool wants(const Val *chosen, int channel, const char *kind)
{
    const Val *list = chosen->kind == VAL_MAP ? val_get(chosen, str_c(CHANNELS[channel])) : NULL;

    if (!list || list->kind != VAL_LIST) return is_usual(channel, kind);
    for (uint32_t i = 0; i < list->n; i++)
        if (has_text(list->list[i], kind)) return true;
    return false;
}

static Err *refuse(Ctx *cx, Str word)
{
    return err_arg(
        err_field(err_new(cx->mem, ERR_INVALID, "error.choice", "notices: unknown %.*s", SFMT(word)),
                  S("notices")),
        0, word);
}

static bool is_option(const Field *f, Val v)
{
    for (size_t i = 0; v.kind == VAL_TEXT && i < f->n_options; i++)
        if (str_eq(f->options[i].key, val_str(v))) return true;
    return false;
}

static Err *check_channel(Ctx *cx, Str channel, const Val *list)
{
    const Field *kind = object_field(meta_object(cx->meta, S("notice")), S("kind"));
    bool is_known = false;

    for (size_t i = 0; i < N_CHANNELS; i++) is_known = is_known || str_eq_c(channel, CHANNELS[i]);
    if (!is_known || list->kind != VAL_LIST) return refuse(cx, channel);
    for (uint32_t i = 0; i < list->n; i++)
        if (!is_option(kind, list->list[i]))
            return refuse(cx, list->list[i].kind == VAL_TEXT ? val_str(list->list[i]) : channel);
    return NULL;
}

Err *user_notices_before(Ctx *cx, Record *rec, const Record *before)
{
    Val chosen = record_get_val(rec, "notices");

    (void)before;
    if (val_is_null(chosen)) return NULL;
    if (chosen.kind != VAL_MAP) return refuse(cx, S("notices"));
    for (uint32_t i = 0; i < chosen.n; i++)
        TRY(check_channel(cx, val_str(chosen.map[i].key), &chosen.map[i].val));
    return NULL;
}

/* Who comes, or wants it again, has his digest from the next morning on. */
Err *user_notices_after(Ctx *cx, Record *rec, const Record *before)
{
    bool is_wanted = digest_is_wanted(rec), was = before && digest_is_wanted(before);

    return is_wanted && !was ? digest_plan(cx, rec->id) : NULL;
}

/* --- making one ------------------------------------------------------------------------------------------------------ */

/* NULL when he works here no longer. */
static Err *read_person(Ctx *cx, Id user, Record **out)
{
    Ctx system = ctx_as_system(cx);
    Record *rec = NULL;

    *out = NULL;
    Err *e = record_get(&system, meta_object(cx->meta, S("user")), user, 0, &rec);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    Val here = record_get_val(rec, "is_active");
    if (here.kind == VAL_BOOL && here.b) *out = rec;
    return NULL;
}

static Str batch_text(const Ctx *cx)
{
    char id[ID_TEXT + 1];

    id_format(cx->batch, id);
    return str_copy(cx->mem, str_c(id));
}

static Err *is_told(Ctx *cx, Id to, const char *kind, bool *out)
{
    const Object *obj = meta_object(cx->meta, S("notice"));
    Val binds[] = {val_text(batch_text(cx)), val_int(to), val_text(str_c(kind))};
    DbRows *rows = NULL;
    bool has = false;

    *out = false;
    if (!cx->batch) return NULL;
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT id, several FROM \"notice\" WHERE batch = ?1 AND owner_id = ?2 AND kind = ?3 AND "
                   "deleted_at IS NULL ORDER BY id LIMIT 1"),
                 binds, 3, &rows));
    TRY(db_next(rows, &has));
    if (!has) return NULL;
    *out = true;
    Id id = db_i64(rows, 0);
    bool is_noted = db_i64(rows, 1) == 1;
    TRY(db_next(rows, &has));
    if (is_noted) return NULL;
    Record *rec = record_new(cx->mem, obj);
    rec->id = id;
    record_set(rec, "several", val_bool(true));
    return record_save_apart(cx, rec);
}

static Record *compose(Ctx *cx, Id to, const char *kind, Val about, Str subject, Str note)
{
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("notice")));
    uint16_t user = meta_object(cx->meta, S("user"))->number;

    record_set(rec, "kind", val_text(str_c(kind)));
    if (subject.n) record_set(rec, "subject", val_text(shorten(subject, 300)));
    record_set(rec, "about", about);
    if (cx->actor->user) record_set(rec, "by", val_ref(user, cx->actor->user));
    if (note.n) record_set(rec, "note", val_text(shorten(note, 1000)));
    if (cx->batch) record_set(rec, "batch", val_text(batch_text(cx)));
    record_set(rec, "owner", val_ref(user, to));
    return rec;
}

Err *notice_make(Ctx *cx, Id to, const char *kind, Val about, Str subject, Str note)
{
    Record *person = NULL;
    bool has = false;

    if (!to) return NULL;
    TRY(read_person(cx, to, &person));
    if (!person) return NULL;
    TRY(is_told(cx, to, kind, &has));
    if (has) return NULL;
    Record *rec = compose(cx, to, kind, about, subject, note);
    Val chosen = record_get_val(person, "notices");
    if (!wants(&chosen, BROWSER, kind)) record_set(rec, "read_at", val_from_ms(cx->now));
    TRY(record_save_apart(cx, rec));
    return wants(&chosen, MAIL, kind) ? letter_of_notice(cx, person, rec) : NULL;
}

/* --- what makes them ------------------------------------------------------------------------------------------------- */

static bool is_news(const Ctx *cx)
{
    return !cx->is_quiet && cx->channel != CHANNEL_UNDO && cx->channel != CHANNEL_IMPORT;
}

static Val ref_of(const Record *rec)
{
    return val_ref(rec->obj->number, rec->id);
}

/* Records people work on: those with a timeline, and what stands in it. */
static bool is_work(const Object *obj)
{
    return obj->has_owner && (obj->has_timeline || str_eq(obj->name, S("activity")));
}

Err *notice_after(Ctx *cx, Record *rec, const Record *before)
{
    Id owner = rec->obj->has_owner ? id_of(rec->vals[SYS_OWNER]) : 0;

    if (!is_work(rec->obj) || !is_news(cx) || !owner || owner == cx->actor->user) return NULL;
    if (before && id_of(before->vals[SYS_OWNER]) == owner) return NULL;
    return notice_make(cx, owner, "assigned", ref_of(rec), record_text(cx->mem, rec), (Str){0});
}

Err *notice_of_approval(Ctx *cx, Record *rec, const Record *before)
{
    Id asker = id_of(rec->vals[SYS_OWNER]), above = 0;
    Val state = record_get_val(rec, "state"), note = record_get_val(rec, before ? "answer" : "note");
    Str subject = record_text(cx->mem, rec), more = note.kind == VAL_TEXT ? val_str(note) : (Str){0};

    if (!is_news(cx) || !has_changed(rec, before, "state")) return NULL;
    if (has_text(state, "asked")) {
        TRY(manager_of(cx, asker, &above));
        return notice_make(cx, above, "approval_asked", ref_of(rec), subject, more);
    }
    return has_text(state, "withdrawn")
               ? NULL
               : notice_make(cx, asker, "approval_answered", ref_of(rec), subject, more);
}

/* Imports run in jobs, quietly: who has begun one is told all the same. */
Err *notice_of_import(Ctx *cx, Record *rec, const Record *before)
{
    Val state = record_get_val(rec, "state");
    bool is_over = has_text(state, "done") || has_text(state, "failed");

    if (!before || !is_over || !has_changed(rec, before, "state") ||
        has_text(record_get_val(before, "state"), "undone"))
        return NULL;
    return notice_make(cx, id_of(rec->vals[SYS_OWNER]), "import_done", ref_of(rec), record_text(cx->mem, rec),
                       (Str){0});
}
