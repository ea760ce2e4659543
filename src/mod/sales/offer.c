/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of a quote.  What a stranger sees is what stands in the document he was sent; what he does is noted with the time,
   his address and the fingerprint of the file, so that it can be shown later what he agreed to.  A wrong token and a token of
   something that is gone answer alike. */
#include "mod/sales/offer.h"

#include "mod/sales/sales_impl.h"

#include "base/text.h"
#include "base/words.h"
#include "core/file.h"
#include "core/session.h"
#include "core/shown.h"
#include "core/store.h"

#define LINES_SHOWN   500
#define TEXT_MOST     4000
#define NAME_MOST     200
#define STROKES_MOST  20000
#define HOUR_MS       INT64_C(3600000)
#define ADDRESS_FREE  240             /* looks of one address an hour before the waits begin */
#define VIEW_EVERY_MS INT64_C(600000) /* another look of the same reader counts again */
#define LINK_DAYS     90              /* after the last day of validity */

/* --- what happened --------------------------------------------------------------------------------------------------- */

static Str first_characters(Str s, size_t max)
{
    size_t at = 0;

    while (at < s.n && max--) (void)utf8_next(s, &at);
    return str_sub(s, 0, at);
}

static void set_some(Record *rec, const char *field, Str s, size_t most)
{
    if (s.n) record_set(rec, field, val_text(first_characters(s, most)));
}

Err *offer_note(Ctx *cx, const Record *doc, const char *kind, const Witness *who)
{
    Record *event = record_new(cx->mem, meta_object(cx->meta, S("document_event")));

    record_set(event, "document", val_ref(doc->obj->number, doc->id));
    record_set(event, "at", val_from_ms(cx->now));
    record_set(event, "kind", val_text(str_c(kind)));
    record_set(event, "hash", record_get_val(doc, "hash"));
    set_some(event, "name", who->name.n ? who->name : who->address, NAME_MOST);
    set_some(event, "text", who->text, TEXT_MOST);
    set_some(event, "address", who->address, 64);
    set_some(event, "agent", who->agent, 400);
    set_some(event, "signature", who->signature, STROKES_MOST);
    return sales_save(cx, event);
}

static Record *change_of(Ctx *cx, const Record *doc)
{
    Record *next = record_new(cx->mem, doc->obj);

    next->id = doc->id;
    return next;
}

static Witness actor_of(const Ctx *cx)
{
    return (Witness){.name = cx->actor->is_system ? (Str){0} : cx->actor->name};
}

Err *offer_link(Ctx *cx, const Record *doc, Str *url)
{
    Record *next = change_of(cx, doc);
    Str token = token_new(cx->mem);
    Witness who = actor_of(cx);

    if (val_is_null(record_get_val(doc, "sent_at"))) record_set(next, "sent_at", val_from_ms(cx->now));
    if (str_eq(text_in(doc, "status"), S("made"))) record_set(next, "status", val_text(S("sent")));
    TRY(sales_save(cx, next));
    Val binds[] = {val_int(doc->id),
                   val_text(file_hash(cx->mem, token))}; /* a secret is no part of the record's log */
    TRY(db_exec(cx->mem, cx->db, S("UPDATE \"document\" SET link_hash = ?2 WHERE id = ?1"), binds, 2, NULL));
    *url = str_fmt(cx->mem, "/q/%.*s", SFMT(token));
    return offer_note(cx, doc, "sent", &who);
}

static Err *set_answer(Ctx *cx, const Record *doc, const char *status, const Witness *who)
{
    Record *next = change_of(cx, doc);

    record_set(next, "status", val_text(str_c(status)));
    record_set(next, "answered_at", val_from_ms(cx->now));
    set_some(next, "answered_by", who->name, NAME_MOST);
    TRY(sales_save(cx, next));
    return offer_note(cx, doc, status, who);
}

Err *offer_answered(Ctx *cx, const Record *quote, const char *kind, const Witness *who)
{
    Ctx system = ctx_as_system(cx);
    Witness own = actor_of(cx);
    Record *doc = NULL;
    Val bind = val_int(quote->id), id = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT id FROM \"document\" WHERE quote = ?1 AND deleted_at IS NULL AND link_hash IS NOT NULL ORDER BY "
          "id DESC LIMIT 1"),
        &bind, 1, &id));
    if (id.kind != VAL_INT) return NULL;
    TRY(record_get(&system, meta_object(cx->meta, S("document")), id.i, 0, &doc));
    return set_answer(cx, doc, kind, who ? who : &own);
}

/* --- who asks -------------------------------------------------------------------------------------------------------- */

static Str arg(const Val *args, const char *name)
{
    const Val *v = val_get(args, str_c(name));

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

static Err *count(Ctx *cx, Str peer)
{
    Str name =
        str_fmt(cx->mem, "offer %.*s:%lld", SFMT(str_sub(peer, 0, 64)), (long long)(cx->now / HOUR_MS));

    TRY(throttle_check(cx, name));
    return throttle_count(cx, name, ADDRESS_FREE);
}

typedef struct Offer {
    Ctx system;
    Record *doc, *quote;
    const char *state;
} Offer;

static const char *state_of(const Ctx *cx, const Record *quote)
{
    Str status = text_in(quote, "status");
    Val until = record_get_val(quote, "expires_on");

    if (str_eq(status, S("accepted"))) return "accepted";
    if (str_eq(status, S("declined"))) return "declined";
    if (!str_eq(status, S("sent"))) return "superseded";
    return until.kind == VAL_DATE && until.i < sales_today(cx) ? "expired" : "open";
}

static bool is_over(const Ctx *cx, const Record *quote)
{
    Val until = record_get_val(quote, "expires_on");

    return until.kind == VAL_DATE && until.i + LINK_DAYS < sales_today(cx);
}

static Err *find(Ctx *cx, Str token, Offer *out)
{
    Val bind = val_text(file_hash(cx->mem, str_sub(token, 0, 100))), id = {0};

    *out = (Offer){.system = ctx_as_system(cx), .state = "missing"};
    if (!token.n || token.n > 100) return NULL;
    TRY(db_one(cx->mem, cx->db, S("SELECT id FROM \"document\" WHERE link_hash = ?1 AND deleted_at IS NULL"),
               &bind, 1, &id));
    if (id.kind != VAL_INT) return NULL;
    TRY(record_get(&out->system, meta_object(cx->meta, S("document")), id.i, READ_LOCK, &out->doc));
    Val quote = record_get_val(out->doc, "quote");
    if (val_is_null(quote)) return NULL;
    Err *e = record_get(&out->system, meta_object(cx->meta, S("quote")), quote.i, READ_LOCK, &out->quote);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    if (!is_over(cx, out->quote)) out->state = state_of(cx, out->quote);
    return NULL;
}

static bool is_there(const Offer *o)
{
    return strcmp(o->state, "missing") != 0;
}

/* --- what is shown --------------------------------------------------------------------------------------------------- */

typedef VEC(ValPair) Pairs;

static void put(Ctx *cx, Pairs *pairs, const char *name, Str s)
{
    *vec_push(cx->mem, pairs) = (ValPair){val_text(str_c(name)), val_text(s)};
}

static Str shown(Paper *p, const Record *rec, const char *field, const char *form)
{
    CelNode nothing = {0};
    Val v = record_get_val(rec, field);

    return val_is_null(v) ? (Str){0} : paper_value(p, &nothing, v, str_c(form));
}

static Val line_shown(Paper *p, const Record *line)
{
    Pairs pairs = {0};
    Str quantity = shown(p, line, "quantity", ""), unit = text_in(line, "unit");

    put(p->cx, &pairs, "name", text_in(line, "name"));
    put(p->cx, &pairs, "note", text_in(line, "note"));
    put(p->cx, &pairs, "quantity",
        str_fmt(p->cx->mem, "%.*s%s%.*s", SFMT(quantity), unit.n ? " " : "", SFMT(unit)));
    put(p->cx, &pairs, "price", shown(p, line, "price", "amount"));
    put(p->cx, &pairs, "total", shown(p, line, "total", "amount"));
    return val_map(pairs.p, pairs.n);
}

static Err *show(Offer *o, Pairs *out)
{
    Ctx *cx = &o->system;
    Paper p = {0};
    Str name = {0};

    TRY(paper_open(cx, o->quote, text_in(o->doc, "kind"), lang_from(text_in(o->doc, "language")), &p));
    if (p.own) name = text_in(p.own_bank ? p.own_bank : p.own, "full_name");
    if (p.own && !name.n) name = text_in(p.own, "name");
    Val *lines = NEW_N(cx->mem, Val, p.n_lines + 1);
    size_t n = p.n_lines < LINES_SHOWN ? p.n_lines : LINES_SHOWN;
    for (size_t i = 0; i < n; i++) lines[i] = line_shown(&p, p.lines[i]);
    put(cx, out, "language", text_in(o->doc, "language"));
    put(cx, out, "title", text_in(o->doc, "name"));
    put(cx, out, "hash", text_in(o->doc, "hash"));
    put(cx, out, "seller", name);
    put(cx, out, "buyer", p.account ? text_in(p.account, "name") : (Str){0});
    put(cx, out, "date", shown(&p, o->quote, "date", "long"));
    put(cx, out, "until", shown(&p, o->quote, "expires_on", "long"));
    put(cx, out, "answered", shown(&p, o->doc, "answered_at", "long"));
    put(cx, out, "answered_by", text_in(o->doc, "answered_by"));
    put(cx, out, "net", shown(&p, o->quote, "net", ""));
    put(cx, out, "tax", shown(&p, o->quote, "tax", ""));
    put(cx, out, "gross", shown(&p, o->quote, "gross", ""));
    put(cx, out, "words", shown(&p, o->quote, "gross", "words"));
    put(cx, out, "terms", text_in(o->quote, "terms"));
    *vec_push(cx->mem, out) = (ValPair){val_text(S("lines")), val_list(lines, n)};
    return NULL;
}

/* A reader who comes back soon is one look. */
static Err *was_here(Ctx *cx, const Record *doc, const Witness *who, bool *out)
{
    Val binds[] = {val_int(doc->id), val_int(cx->now - VIEW_EVERY_MS), val_text(who->address)}, n = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT count(*) FROM \"document_event\" WHERE document = ?1 AND at > ?2 AND address = ?3 AND kind = "
          "'viewed' AND deleted_at IS NULL"),
        binds, 3, &n));
    *out = n.i > 0;
    return NULL;
}

static Err *note_look(Offer *o, Str what, const Witness *who)
{
    Ctx *cx = &o->system;
    Record *next = change_of(cx, o->doc);
    Val views = record_get_val(o->doc, "views");
    bool was = false;

    if (str_eq(what, S("file"))) return offer_note(cx, o->doc, "downloaded", who);
    TRY(was_here(cx, o->doc, who, &was));
    if (was) return NULL;
    record_set(next, "views", val_int(views.kind == VAL_INT ? views.i + 1 : 1));
    if (val_is_null(record_get_val(o->doc, "viewed_at"))) record_set(next, "viewed_at", val_from_ms(cx->now));
    if (str_eq(text_in(o->doc, "status"), S("sent"))) record_set(next, "status", val_text(S("viewed")));
    TRY(sales_save(cx, next));
    return offer_note(cx, o->doc, "viewed", who);
}

static Witness witness_of(const Val *args)
{
    return (Witness){.name = str_trim(arg(args, "name")),
                     .text = str_trim(arg(args, "text")),
                     .address = arg(args, "peer"),
                     .agent = arg(args, "agent"),
                     .signature = arg(args, "signature")};
}

Err *offer_open(Ctx *cx, const Val *args, Val *out)
{
    Witness who = witness_of(args);
    Pairs pairs = {0};
    Offer o;

    TRY(count(cx, who.address));
    TRY(find(cx, arg(args, "token"), &o));
    if (is_there(&o) && arg(args, "what").n) {
        cx->batch = id_new(cx->now);
        o.system.batch = cx->batch;
        TRY(note_look(&o, arg(args, "what"), &who));
    }
    put(cx, &pairs, "state", str_c(o.state));
    if (is_there(&o)) TRY(show(&o, &pairs));
    ctx_join(cx, &o.system);
    *out = val_map(pairs.p, pairs.n);
    return NULL;
}

/* --- the answer ------------------------------------------------------------------------------------------------------ */

/* "x,y x,y;x,y ...": nothing else is kept of what a browser says was drawn. */
static bool is_drawing(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!(s.p[i] >= '0' && s.p[i] <= '9') && str_find_char(S(", ;"), s.p[i]) < 0) return false;
    return s.n <= STROKES_MOST;
}

static const char *problem_of(const Offer *o, Str answer, const Witness *who)
{
    bool is_comment = str_eq(answer, S("comment"));

    if (str_eq(answer, S("accept")) && !who->name.n && !who->signature.n) return "api.offer.need_name";
    if (!is_drawing(who->signature)) return "api.offer.need_name";
    if (is_comment && !who->text.n) return "api.offer.need_text";
    return is_comment || strcmp(o->state, "open") == 0 ? NULL : "api.offer.too_late";
}

/* Whoever is responsible for the quote is to read what was said. */
static Err *add_task(Ctx *cx, const Offer *o, Str words, const Witness *who)
{
    Record *task = record_new(cx->mem, meta_object(cx->meta, S("activity")));

    record_set(task, "kind", val_text(S("task")));
    record_set(task, "subject",
               val_text(first_characters(
                   str_fmt(cx->mem, "%.*s: %.*s", SFMT(text_in(o->doc, "name")), SFMT(words)), NAME_MOST)));
    if (who->text.n) record_set(task, "body", val_text(first_characters(who->text, TEXT_MOST)));
    record_set(task, "about", val_ref(o->quote->obj->number, o->quote->id));
    record_set(task, "account", record_get_val(o->quote, "account"));
    record_set(task, "owner", record_get_val(o->quote, "owner"));
    record_set(task, "due_at", val_from_ms(cx->now + HOUR_MS));
    return sales_save(cx, task);
}

static Str words_of(const Ctx *cx, const char *kind)
{
    const Field *f = object_field(meta_object(cx->meta, S("document_event")), S("kind"));

    return label_in(&field_option(f, str_c(kind))->label, lang_from(cx->store->company->locale));
}

static Err *answer_quote(Ctx *cx, Offer *o, bool accepts, const Witness *who)
{
    static const char *const NAMES[] = {"status", "answered_at", "decline_reason"};
    const char *kind = accepts ? "accepted" : "declined";
    Val vals[] = {val_text(str_c(kind)), val_from_ms(cx->now),
                  accepts || !who->text.n ? val_null() : val_text(first_characters(who->text, 500))};

    TRY(sales_set(cx, o->quote, NAMES, vals, accepts ? 2 : 3));
    TRY(set_answer(cx, o->doc, kind, who));
    return add_task(cx, o, words_of(cx, kind), who);
}

static Err *do_answer(Ctx *cx, Offer *o, Str answer, const Witness *who)
{
    if (!str_eq(answer, S("comment"))) return answer_quote(cx, o, str_eq(answer, S("accept")), who);
    TRY(offer_note(cx, o->doc, "commented", who));
    return add_task(cx, o, words_of(cx, "commented"), who);
}

Err *offer_answer(Ctx *cx, const Val *args, Val *out)
{
    Witness who = witness_of(args);
    Str answer = arg(args, "answer");
    Pairs pairs = {0};
    Offer o;

    TRY(count(cx, who.address));
    TRY(find(cx, arg(args, "token"), &o));
    const char *problem = is_there(&o) ? problem_of(&o, answer, &who) : NULL;
    if (is_there(&o) && !problem) {
        cx->batch = id_new(cx->now);
        o.system.batch = cx->batch;
        TRY(do_answer(&o.system, &o, answer, &who));
    }
    put(cx, &pairs, "state", str_c(o.state));
    if (problem) put(cx, &pairs, "problem", str_c(problem));
    if (is_there(&o)) TRY(show(&o, &pairs));
    ctx_join(cx, &o.system);
    *out = val_map(pairs.p, pairs.n);
    return NULL;
}

/* --- actions --------------------------------------------------------------------------------------------------------- */

/* A new link, in place of the one that was sent. */
Err *document_link(Ctx *cx, Record *doc, const Val *params, Val *out)
{
    ValPair *pair = NEW(cx->mem, ValPair);
    Str url = {0};

    (void)params;
    if (val_is_null(record_get_val(doc, "quote")))
        FAIL(cx->mem, ERR_CONFLICT, "error.document.no_link", "only quotes have a page");
    TRY(offer_link(cx, doc, &url));
    *pair = (ValPair){val_text(S("url")), val_text(url)};
    *out = val_map(pair, 1);
    return NULL;
}

/* The signed original has come.  Parameters: date. */
Err *document_receive(Ctx *cx, Record *doc, const Val *params, Val *out)
{
    Record *next = change_of(cx, doc);
    Witness who = actor_of(cx);

    record_set(next, "status", val_text(S("original_received")));
    record_set(next, "received_on", val_is_null(params[0]) ? val_date(sales_today(cx)) : params[0]);
    TRY(sales_save(cx, next));
    *out = sales_reply(cx, doc);
    return offer_note(cx, doc, "received", &who);
}
