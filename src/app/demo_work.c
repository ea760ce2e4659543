/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activities of the demo: what was said and done on deals, leads and accounts, and what is still to do. */
#include "app/demo_impl.h"

#include "base/text.h"

typedef struct Doing {
    Demo *d;
    Ctx *cx;
    Rng *rng;
    const char *object; /* deal, lead or account */
    Id about, contact;
    Str phone;
    size_t user;
    int64_t from, till; /* when something may have happened */
} Doing;

static void on_account(Doing *m, size_t i)
{
    const DemoAccount *a = &m->d->accounts[i];
    size_t k = a->n_contacts ? rng_below(m->rng, a->n_contacts) : 0;

    m->object = "account";
    m->about = a->id;
    m->contact = a->n_contacts ? a->contacts[k] : 0;
    m->phone = a->n_contacts ? a->phones[k] : a->phone;
    m->user = a->user;
    m->from = a->made + HOUR_MS;
    m->till = m->d->now;
}

static void on_deal(Doing *m, size_t i)
{
    const DemoDeal *deal = &m->d->deals[i];

    on_account(m, deal->account);
    m->object = "deal";
    m->about = deal->id;
    m->contact = 0;
    m->user = deal->user;
    m->from = deal->opened + HOUR_MS;
    m->till = deal->ended ? deal->ended : m->d->now;
}

static void on_lead(Doing *m, size_t i)
{
    const DemoLead *lead = &m->d->leads[i];

    *m = (Doing){.d = m->d,
                 .cx = m->cx,
                 .rng = m->rng,
                 .object = "lead",
                 .about = lead->id,
                 .phone = lead->phone,
                 .user = lead->user};
    m->from = lead->from;
    m->till = lead->till ? lead->till : m->d->now;
}

/* Something with a history, or with a future when `is_open`; accounts always have both. */
static void pick_target(Doing *m, bool is_open)
{
    Demo *d = m->d;
    size_t at = rng_below(m->rng, 100);

    for (int i = 0; at < 62 && i < 20; i++) {
        size_t k = rng_below(m->rng, d->n_deals);
        if (is_open && (d->deals[k].ended || k % 4 == 0)) continue; /* some are left without a next step */
        on_deal(m, k);
        return;
    }
    for (int i = 0; at < 76 && i < 20; i++) {
        size_t k = rng_below(m->rng, d->n_leads);
        if (!d->leads[k].from || (is_open && d->leads[k].till)) continue;
        on_lead(m, k);
        return;
    }
    size_t k = d->n_accounts > 8 ? 7 + rng_below(m->rng, d->n_accounts - 7) : d->n_accounts - 1;
    on_account(m, k);
}

static Record *begin(Doing *m, const char *kind, int64_t ms)
{
    Record *rec = demo_record(m->d, m->cx, "activity", m->user, ms);

    demo_choice(rec, "kind", kind);
    demo_ref(m->cx, rec, m->object, m->object, m->about);
    demo_ref(m->cx, rec, "about", m->object, m->about);
    demo_ref(m->cx, rec, "contact", "contact", m->contact);
    demo_owner(m->d, m->cx, rec, m->user);
    return rec;
}

/* --- done ------------------------------------------------------------------------------------------------------------ */

static void talk(Doing *m, Record *rec, int64_t ms)
{
    static const char *const OUTCOMES[] = {"reached",   "agreed",  "agreed",
                                           "call_back", "reached", "left_message"};
    const Yaml *calls = words_list(m->d->words, "calls");
    size_t at = rng_below(m->rng, calls->n);
    int64_t seconds = rng_between(m->rng, 40, 900);

    demo_text(rec, "subject", words_part(calls->items[at]->text, 0));
    demo_text(rec, "body", words_part(calls->items[at]->text, 1));
    demo_choice(rec, "outcome", at == 6 ? "no_answer" : OUTCOMES[rng_below(m->rng, 6)]);
    demo_choice(rec, "direction", at != 6 && rng_chance(m->rng, 35) ? "incoming" : "outgoing");
    demo_text(rec, "phone", m->phone);
    demo_ms(rec, "start_at", ms);
    demo_ms(rec, "end_at", ms + seconds * 1000);
    record_set(rec, "duration", val_duration(seconds, 0));
}

static void meet(Doing *m, Record *rec, int64_t ms, bool is_done)
{
    Str line = words_pick(m->d->words, "meetings", m->rng);
    int64_t minutes = 30 * rng_between(m->rng, 1, 4);

    demo_text(rec, "subject", words_part(line, 0));
    if (is_done) demo_text(rec, "body", words_part(line, 1));
    if (is_done) demo_choice(rec, "outcome", rng_chance(m->rng, 70) ? "agreed" : "reached");
    demo_text(rec, "location", words_pick(m->d->words, "meeting_places", m->rng));
    demo_ms(rec, "start_at", ms);
    demo_ms(rec, "end_at", ms + minutes * MINUTE_MS);
    if (is_done) record_set(rec, "duration", val_duration(minutes * 60, 0));
}

static Err *make_done(Doing *m, int64_t ms)
{
    static const char *const KINDS[] = {"call", "note", "task", "meeting"};
    size_t at = rng_below(m->rng, 100), kind = at < 38 ? 0 : at < 64 ? 1 : at < 89 ? 2 : 3;
    Record *rec = begin(m, KINDS[kind], ms);

    if (kind == 0) talk(m, rec, ms);
    if (kind == 1) demo_text(rec, "body", words_pick(m->d->words, "notes", m->rng));
    if (kind == 3) meet(m, rec, ms, true);
    if (kind == 2) {
        demo_text(rec, "subject", words_pick(m->d->words, "done_tasks", m->rng));
        demo_ms(rec, "due_at", ms + rng_between(m->rng, -20, 40) * HOUR_MS);
    }
    demo_choice(rec, "status", "done");
    demo_ms(rec, "done_at", ms);
    return record_create(m->cx, rec, NULL);
}

/* --- to do ----------------------------------------------------------------------------------------------------------- */

static int64_t due_day(Doing *m, size_t i)
{
    size_t at = i < 14 ? i * 7 : rng_below(m->rng, 100);

    if (at < 20) return m->d->today - rng_between(m->rng, 1, 7);
    if (at < 48) return m->d->today;
    return m->d->today + rng_between(m->rng, 1, 18);
}

static Err *make_open(Doing *m, size_t i)
{
    static const char *const PRIORITIES[] = {"high", "normal", "normal", "normal", "low"};
    size_t at = rng_below(m->rng, 100);
    int64_t due = demo_hour(m->d, m->rng, due_day(m, i)),
            made = m->d->now - rng_between(m->rng, 30, 3000) * MINUTE_MS;
    const char *kind = at < 70 ? "task" : at < 85 ? "call" : "meeting";

    if (made >= due) made = due - DAY_MS;
    Record *rec = begin(m, kind, made);
    if (at >= 85)
        meet(m, rec, due, false);
    else
        demo_text(rec, "subject", words_pick(m->d->words, "open_tasks", m->rng));
    if (at >= 70 && at < 85) demo_text(rec, "phone", m->phone);
    if (at >= 70 && at < 85) demo_choice(rec, "direction", "outgoing");
    demo_ms(rec, "due_at", due);
    if (at < 70) demo_choice(rec, "priority", PRIORITIES[rng_below(m->rng, 5)]);
    if (at < 20 && due > m->d->now) demo_ms(rec, "remind_at", due - HOUR_MS);
    return record_create(m->cx, rec, NULL);
}

/* Something done today by everybody, so that the day does not begin empty. */
static int64_t today_moment(Doing *m)
{
    int64_t first = zone_day_start(m->d->zone, m->d->today),
            ms = m->d->now - rng_between(m->rng, 4, 240) * MINUTE_MS;

    return ms < first ? first + (m->d->now - first) / 2 : ms;
}

Err *demo_make_activity(Demo *d, Ctx *cx, size_t i)
{
    Rng rng = rng_new(d->seed, "activity", i);
    Doing m = {.d = d, .cx = cx, .rng = &rng};
    size_t n_open = d->n_activities / 4 < 500 ? d->n_activities / 4 : 500;
    bool is_today = i >= n_open && i < n_open + 26;

    pick_target(&m, i < n_open || is_today);
    if (i < 14 && d->n_users > DEMO_USERS) m.user = DEMO_USERS;
    if (is_today) m.user = 1 + i % (d->n_users - 1);
    if (i < n_open) return make_open(&m, i);
    if (is_today) return make_done(&m, today_moment(&m));
    int64_t ms = m.from + rng_between(&rng, 0, (m.till - m.from) / MINUTE_MS) * MINUTE_MS;
    int64_t hour = demo_hour(d, &rng, zone_date(d->zone, ms));
    return make_done(&m, hour > m.from && hour < d->now ? hour : ms < d->now ? ms : d->now);
}
