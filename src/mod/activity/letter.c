/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters to our own people, as plain text in their language.  The digest comes when a person's working day begins, by his
   calendar, and only when there is something to say; each has a job that arranges the next. */
#include "mod/activity/letter.h"

#include "base/text.h"
#include "base/time.h"
#include "core/calendar.h"
#include "core/job.h"
#include "core/mail.h"
#include "core/query.h"
#include "core/store.h"

#define LINES_MAX 15
#define TEXT_MAX  (256u << 10)

enum { BY, FOOT, OVERDUE, TODAY, NEWS, COLD, MORE };
static const char *const WORDS[][LANG_COUNT] = {
    [BY] = {"From", "От кого", "Od"},
    [FOOT] = {"What you are told of by e-mail is set in your profile",
              "Какие письма получать, выбирается в вашем профиле",
              "O czym informować Cię e-mailem, ustawisz w swoim profilu"},
    [OVERDUE] = {"Overdue", "Просрочено", "Po terminie"},
    [TODAY] = {"Today", "На сегодня", "Na dziś"},
    [NEWS] = {"Unread notices", "Непрочитанные уведомления", "Nieprzeczytane powiadomienia"},
    [COLD] = {"Not touched in time", "Давно не было контакта", "Bez kontaktu w terminie"},
    [MORE] = {"and others", "и другие", "i inne"},
};
static const char *const SUBJECT[LANG_COUNT] = {"Your day", "Ваш день", "Twój dzień"};

static Str text_of(const Record *rec, const char *field)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_TEXT ? val_str(v) : (Str){0};
}

static Lang lang_of(const Ctx *cx, const Record *person)
{
    Str code = text_of(person, "language");

    return lang_from(code.n ? code : cx->store->company->locale);
}

static void add_foot(const Ctx *cx, Buf *b, Lang lang)
{
    Str url = cx->store->public_url;

    buf_addf(b, "\n-- \n%s", WORDS[FOOT][lang]);
    if (url.n) buf_addf(b, ": %.*s/settings/profile", SFMT(url));
    buf_add_c(b, '\n');
}

static void add_link(const Ctx *cx, Buf *b, Val about)
{
    const Object *obj = about.kind == VAL_REF ? cx->meta->by_number[about.aux] : NULL;
    Str url = cx->store->public_url;

    if (obj && url.n)
        buf_addf(b, "%.*s/o/%.*s/%.*s\n", SFMT(url), SFMT(obj->plural), SFMT(id_text(cx->mem, about.i)));
}

static Str kind_text(const Record *notice, Lang lang)
{
    const Field *f = object_field(notice->obj, S("kind"));
    Str kind = text_of(notice, "kind");

    for (size_t i = 0; i < f->n_options; i++)
        if (str_eq(f->options[i].key, kind)) return label_in(&f->options[i].label, lang);
    return kind;
}

Err *letter_of_notice(Ctx *cx, const Record *person, const Record *notice)
{
    Lang lang = lang_of(cx, person);
    Str kind = kind_text(notice, lang), subject = text_of(notice, "subject"), note = text_of(notice, "note");
    Buf b = buf_new(cx->mem, TEXT_MAX);
    Str head = str_fmt(cx->mem, "%.*s%s%.*s", SFMT(kind), subject.n ? ": " : "", SFMT(subject));

    buf_addf(&b, "%.*s\n", SFMT(head));
    if (cx->actor->name.n) buf_addf(&b, "%s: %.*s\n", WORDS[BY][lang], SFMT(cx->actor->name));
    if (note.n) buf_addf(&b, "\n%.*s\n", SFMT(note));
    buf_add_c(&b, '\n');
    add_link(cx, &b, record_get_val(notice, "about"));
    add_foot(cx, &b, lang);
    return mail_add(cx, text_of(person, "email"), head, buf_str(&b));
}

/* --- the digest ------------------------------------------------------------------------------------------------------ */

bool digest_is_wanted(const Record *person)
{
    Val chosen = record_get_val(person, "notices"), here = record_get_val(person, "is_active");
    const Val *list = chosen.kind == VAL_MAP ? val_get(&chosen, S("digest")) : NULL;
    bool is_off = list && list->kind == VAL_LIST && list->n == 0;

    return here.kind == VAL_BOOL && here.b && !is_off && text_of(person, "email").n;
}

typedef struct Digest {
    Store *store;
    Arena *mem;
    Id user;
    Ctx *cx;
    const Record *person;
    Lang lang;
    Str zone;
    Buf body;
    size_t n;
} Digest;

static Err *find(Digest *d, const char *object, Str filter, const char *order, Page *out)
{
    Query q = {.limit = LINES_MAX + 1};

    TRY(query_parse(d->cx, meta_object(d->cx->meta, str_c(object)), filter, str_c(order), &q));
    return record_list(d->cx, &q, out);
}

static void add_head(Digest *d, int word)
{
    buf_addf(&d->body, "%s%s\n", d->n ? "\n" : "", WORDS[word][d->lang]);
}

static void add_line(Digest *d, const Record *rec, const char *moment)
{
    Val at = moment ? record_get_val(rec, moment) : val_null();
    Str name = record_text(d->mem, rec), when = {0};

    if (!val_is_null(at)) {
        int64_t ms = val_ms(at);
        when = str_fmt(d->mem, "%.*s %.*s  ", SFMT(date_text(d->mem, zone_date(d->zone, ms))),
                       SFMT(str_sub(time_of_day_text(d->mem, zone_time_of_day(d->zone, ms)), 0, 5)));
    }
    if (str_eq(rec->obj->name, S("notice")))
        name = str_fmt(d->mem, "%.*s: %.*s", SFMT(kind_text(rec, d->lang)), SFMT(name));
    buf_addf(&d->body, "  %.*s%.*s\n", SFMT(when), SFMT(name));
    d->n++;
}

static Err *add_list(Digest *d, int word, const char *object, Str filter, const char *order,
                     const char *moment)
{
    Page page = {0};

    TRY(find(d, object, filter, order, &page));
    if (page.n) add_head(d, word);
    for (size_t i = 0; i < page.n && i < LINES_MAX; i++) add_line(d, page.recs[i], moment);
    if (page.n > LINES_MAX) buf_addf(&d->body, "  ... %s\n", WORDS[MORE][d->lang]);
    return NULL;
}

static Str kinds_filter(const Digest *d)
{
    Val chosen = record_get_val(d->person, "notices");
    const Val *list = chosen.kind == VAL_MAP ? val_get(&chosen, S("digest")) : NULL;
    Buf b = buf_new(d->mem, 4096);

    buf_add(&b, S("owner == me() && read_at == null"));
    for (uint32_t i = 0; list && list->kind == VAL_LIST && i < list->n; i++)
        if (list->list[i].kind == VAL_TEXT)
            buf_addf(&b, "%s kind == '%.*s'", i ? " ||" : " && (", SFMT(val_str(list->list[i])));
    if (list && list->kind == VAL_LIST && list->n) buf_add_c(&b, ')');
    return buf_str(&b);
}

static Err *compose(Digest *d)
{
    int64_t now = d->cx->now, day = zone_date(d->zone, now);
    Str begins = timestamp_text(d->mem, val_from_ms(zone_day_start(d->zone, day))),
        ends = timestamp_text(d->mem, val_from_ms(zone_day_start(d->zone, day + 1)));
    Str mine = S("owner == me() && status == 'open' && kind != 'note'");

    TRY(add_list(d, OVERDUE, "activity",
                 str_fmt(d->mem, "%.*s && due_at < timestamp('%.*s')", SFMT(mine), SFMT(begins)), "due_at",
                 "due_at"));
    TRY(add_list(d, TODAY, "activity",
                 str_fmt(d->mem, "%.*s && due_at >= timestamp('%.*s') && due_at < timestamp('%.*s')",
                         SFMT(mine), SFMT(begins), SFMT(ends)),
                 "due_at", "due_at"));
    TRY(add_list(d, COLD, "account", S("owner == me() && touch_due < now"), "touch_due", NULL));
    TRY(add_list(d, NEWS, "notice", kinds_filter(d), "-created_at", NULL));
    return NULL;
}

static Err *send(DbConn *c, void *arg)
{
    Digest *d = arg;
    Ctx cx = ctx_system(d->store, d->mem, c);
    Actor who = *cx.actor;
    Record *person = NULL;

    Err *e = record_get(&cx, meta_object(cx.meta, S("user")), d->user, 0, &person);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    if (!digest_is_wanted(person)) return NULL; /* who wants it again is planned for then */
    WorkCalendar cal = {0};
    TRY(calendar_of_user(&cx, d->user, &cal));
    who.user = d->user;
    who.zone = cal.zone;
    cx.actor = &who;
    d->cx = &cx;
    d->person = person;
    d->lang = who.lang = lang_of(&cx, person);
    d->zone = cal.zone;
    d->body = buf_new(d->mem, TEXT_MAX);
    d->n = 0;
    TRY(compose(d));
    if (d->n) {
        add_foot(&cx, &d->body, d->lang);
        TRY(mail_add(&cx, text_of(person, "email"),
                     str_fmt(d->mem, "%s, %.*s", SUBJECT[d->lang],
                             SFMT(date_text(d->mem, zone_date(d->zone, cx.now)))),
                     buf_str(&d->body)));
    }
    return digest_plan(&cx, d->user);
}

Err *digest_job(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *user = val_get(arg, S("user"));
    Digest d = {.store = store, .mem = mem};

    (void)job;
    if (!user || user->kind != VAL_TEXT || !id_parse(val_str(*user), &d.user)) return NULL;
    return job_unit(store, mem, send, &d);
}

/* --- when ------------------------------------------------------------------------------------------------------------ */

/* When his next working day begins; -1 when there is none in sight. */
static int64_t next_morning(WorkCalendar *cal, int64_t now)
{
    int64_t day = zone_date(cal->zone, now), at = work_opens(cal, zone_day_start(cal->zone, day));

    while (at >= 0 && at <= now) at = work_opens(cal, zone_day_start(cal->zone, ++day));
    return at;
}

Err *digest_plan(Ctx *cx, Id user)
{
    ValPair pair = {val_text(S("user")), val_text(id_text(cx->mem, user))};
    WorkCalendar cal = {0};

    TRY(calendar_of_user(cx, user, &cal));
    int64_t at = next_morning(&cal, cx->now);
    return at < 0 ? NULL : job_add_once(cx, S("notice.digest"), val_map(&pair, 1), at);
}

static Err *plan_all(DbConn *c, void *arg)
{
    Digest *d = arg;
    Ctx cx = ctx_system(d->store, d->mem, c);
    Query q = {0};
    Id *ids = NULL;
    size_t n = 0;

    if (!cx.store->company->currency.n) return NULL; /* not set up yet */
    TRY(query_parse(&cx, meta_object(cx.meta, S("user")), S("is_active == true && email != null"), (Str){0},
                    &q));
    TRY(record_ids(&cx, &q, 0, &ids, &n));
    TRY(db_exec(d->mem, c,
                S("DELETE FROM job WHERE kind = 'notice.digest' AND state = 'waiting' AND due > ?1"),
                &(Val){.kind = VAL_INT, .i = cx.now}, 1, NULL));
    for (size_t i = 0; i < n; i++) TRY(digest_plan(&cx, ids[i]));
    return NULL;
}

Err *digests_plan(Store *store, Arena *mem)
{
    Digest d = {.store = store, .mem = mem};

    return db_write(store->db, mem, plan_all, &d);
}
