/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests to a manager.  Who asks owns the request; the answer is given by who stands above him: his manager or one above
   that, the head of his team, who may change every record of the kind, an administrator.  What was asked for is done with
   the answer, in the same transaction, so that nobody has to come back for it. */
#include "mod/sales/sales_impl.h"

#include "core/rights.h"
#include "mod/activity/notice.h"

#define LEVELS_MAX 32

static Err *is_above(Ctx *cx, const Object *obj, Id asker, bool *out)
{
    Id user = asker, me = cx->actor->user;

    *out = cx->actor->is_system || (cx->actor->rights && cx->actor->rights->is_administrator);
    if (!*out && me != asker && obj) *out = rights_level(cx, obj, VERB_UPDATE) == LEVEL_ALL;
    for (int i = 0; !*out && user && me != asker && i < LEVELS_MAX; i++) {
        TRY(manager_of(cx, user, &user));
        *out = user == me;
    }
    return NULL;
}

static Err *must_wait(Ctx *cx, const Record *request)
{
    Val state = record_get_val(request, "state");

    if (state.kind == VAL_TEXT && str_eq(val_str(state), S("asked"))) return NULL;
    FAIL(cx->mem, ERR_CONFLICT, "error.approval.answered", "the request has been answered");
}

Err *sales_save(Ctx *cx, Record *rec)
{
    Ctx system = ctx_as_system(cx);
    Actor who = *system.actor;

    who.user = cx->actor->user;
    system.actor = &who;
    Err *e = rec->id ? record_update(&system, rec, NULL) : record_create(&system, rec, NULL);
    ctx_join(cx, &system);
    return e;
}

static Err *answer(Ctx *cx, const Record *request, const char *state, Val text)
{
    Record *next = record_new(cx->mem, request->obj);

    next->id = request->id;
    record_set(next, "state", val_text(str_c(state)));
    if (!val_is_null(text)) record_set(next, "answer", text);
    record_set(next, "answered_by",
               cx->actor->user ? val_ref(meta_object(cx->meta, S("user"))->number, cx->actor->user)
                               : val_null());
    record_set(next, "answered_at", val_from_ms(cx->now));
    return sales_save(cx, next);
}

static Err *may_answer(Ctx *cx, const Record *request)
{
    Val about = record_get_val(request, "about"), owner = record_get_val(request, "owner");
    const Object *obj = about.kind == VAL_REF ? cx->meta->by_number[about.aux] : NULL;
    bool may = false;

    TRY(must_wait(cx, request));
    TRY(is_above(cx, obj, owner.kind == VAL_REF ? owner.i : 0, &may));
    if (!may) FAIL(cx->mem, ERR_DENIED, "error.approval.above", "only a manager of who asks may answer");
    return NULL;
}

/* The record goes where it was asked to go. */
static Err *carry_out(Ctx *cx, const Record *request)
{
    Val about = record_get_val(request, "about"), wanted = record_get_val(request, "wanted");
    const Object *obj = about.kind == VAL_REF ? cx->meta->by_number[about.aux] : NULL;
    const Field *path = obj ? stage_path(obj) : NULL;

    if (!path || wanted.kind != VAL_REF) return NULL;
    Record *next = record_new(cx->mem, obj);
    next->id = about.i;
    record_set(next, str_to_c(cx->mem, path->name), wanted);
    return sales_save(cx, next);
}

Err *approval_grant(Ctx *cx, Record *request, const Val *params, Val *out)
{
    TRY(may_answer(cx, request));
    TRY(carry_out(cx, request));
    *out = val_map(NULL, 0);
    return answer(cx, request, "granted", params[0]);
}

Err *approval_refuse(Ctx *cx, Record *request, const Val *params, Val *out)
{
    TRY(may_answer(cx, request));
    *out = val_map(NULL, 0);
    return answer(cx, request, "refused", params[0]);
}

Err *approval_withdraw(Ctx *cx, Record *request, const Val *params, Val *out)
{
    Val owner = record_get_val(request, "owner");

    (void)params;
    TRY(must_wait(cx, request));
    if (owner.kind != VAL_REF || owner.i != cx->actor->user)
        FAIL(cx->mem, ERR_DENIED, "error.approval.own", "only who asked may withdraw");
    *out = val_map(NULL, 0);
    return answer(cx, request, "withdrawn", val_null());
}

static Err *is_asked(Ctx *cx, const Record *deal, bool *out)
{
    Val binds[] = {val_int(deal->obj->number), val_int(deal->id)}, n = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT count(*) FROM \"approval\" WHERE about_object = ?1 AND about = ?2 AND state = 'asked' AND "
          "deleted_at IS NULL"),
        binds, 2, &n));
    *out = n.i > 0;
    return NULL;
}

Err *deal_ask_back(Ctx *cx, Record *deal, const Val *params, Val *out)
{
    Record *request = record_new(cx->mem, meta_object(cx->meta, S("approval"))), *stage = NULL;
    Ctx system = ctx_as_system(cx);
    ValPair *pair = NEW(cx->mem, ValPair);
    bool has = false;

    TRY(is_asked(cx, deal, &has));
    if (has) FAIL(cx->mem, ERR_CONFLICT, "error.approval.asked", "a request is waiting already");
    TRY(record_get(&system, meta_object(cx->meta, S("stage")), params[0].i, 0, &stage));
    record_set(request, "subject",
               val_text(str_fmt(cx->mem, "%.*s → %.*s", SFMT(record_text(cx->mem, deal)),
                                SFMT(record_text(cx->mem, stage)))));
    record_set(request, "kind", val_text(S("stage_back")));
    record_set(request, "about", val_ref(deal->obj->number, deal->id));
    record_set(request, "wanted", params[0]);
    record_set(request, "note", params[1]);
    if (cx->actor->user)
        record_set(request, "owner", val_ref(meta_object(cx->meta, S("user"))->number, cx->actor->user));
    TRY(sales_save(cx, request));
    *pair = (ValPair){val_text(S("approval")), val_ref(request->obj->number, request->id)};
    *out = val_map(pair, 1);
    return NULL;
}

Err *approval_ask(Ctx *cx, const Record *about, Str subject, Str figures, Val note, Val *out)
{
    Record *request = record_new(cx->mem, meta_object(cx->meta, S("approval")));
    ValPair *pair = NEW(cx->mem, ValPair);
    bool has = false;

    TRY(is_asked(cx, about, &has));
    if (has) FAIL(cx->mem, ERR_CONFLICT, "error.approval.asked", "a request is waiting already");
    record_set(request, "subject", val_text(str_sub(subject, 0, 250)));
    record_set(request, "kind", val_text(S("terms")));
    record_set(request, "about", val_ref(about->obj->number, about->id));
    record_set(request, "figures", val_text(figures));
    record_set(request, "note", note);
    if (cx->actor->user)
        record_set(request, "owner", val_ref(meta_object(cx->meta, S("user"))->number, cx->actor->user));
    TRY(sales_save(cx, request));
    *pair = (ValPair){val_text(S("approval")), val_ref(request->obj->number, request->id)};
    *out = val_map(pair, 1);
    return NULL;
}
