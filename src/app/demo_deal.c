/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the demo knows about its deals beside their amounts: what customers need, who else is in the race, who sells with whom, and
   playbooks that were gone through, which won deals were more often.  Its own chance, as of all that came later. */
#include "app/demo_impl.h"

#include "base/text.h"
#include "base/time.h"
#include "mod/sales/playbook.h"

typedef struct Detail {
    Demo *d;
    Ctx *cx;
    Rng *rng;
    const DemoDeal *deal;
    Record *rec; /* the deal */
} Detail;

static Record *part_of(Detail *m, const char *object, int64_t ms)
{
    Record *rec = demo_record(m->d, m->cx, object, m->deal->user, ms < m->d->now ? ms : m->d->now);

    demo_ref(m->cx, rec, "deal", "deal", m->deal->id);
    return rec;
}

static bool is_category(const Detail *m, const char *category)
{
    return str_eq_c(val_str(record_get_val(m->rec, "category")), category);
}

/* --- needs, competitors, team ---------------------------------------------------------------------------------------- */

static Err *make_need(Detail *m, size_t at, bool is_answered)
{
    static const char *const IMPORTANCE[] = {"must", "should", "nice"};
    const Yaml *needs = words_list(m->d->words, "needs");
    Str line = needs->items[at % needs->n]->text;
    Record *rec = part_of(m, "deal_need", m->deal->opened + DAY_MS);

    demo_text(rec, "name", words_part(line, 0));
    demo_choice(rec, "importance", IMPORTANCE[rng_below(m->rng, 3)]);
    if (is_answered) demo_text(rec, "answer", words_part(line, 1));
    if (is_answered && rng_chance(m->rng, 40)) demo_text(rec, "proof", words_part(line, 2));
    return record_create(m->cx, rec, NULL);
}

static Err *make_needs(Detail *m)
{
    size_t from = rng_below(m->rng, 1000), n = 1 + rng_below(m->rng, 3);

    for (size_t i = 0; i < n; i++) TRY(make_need(m, from + i, rng_chance(m->rng, 75)));
    return NULL;
}

/* The competitors stand first among the accounts. */
static Err *make_competitor(Detail *m)
{
    static const char *const THREATS[] = {"high", "medium", "medium", "low"};
    Record *rec = part_of(m, "deal_competitor", m->deal->opened + 2 * DAY_MS);

    demo_ref(m->cx, rec, "competitor", "account", m->d->accounts[rng_below(m->rng, 3)].id);
    demo_choice(rec, "threat", THREATS[rng_below(m->rng, 4)]);
    return record_create(m->cx, rec, NULL);
}

static Err *make_share(Detail *m, size_t user, const char *role, int percent)
{
    Record *rec = part_of(m, "deal_split", m->deal->opened + 2 * HOUR_MS);

    demo_ref(m->cx, rec, "person", "user", m->d->users[user].id);
    demo_choice(rec, "role", role);
    demo_choice(rec, "kind", "revenue");
    record_set(rec, "percent", val_decimal(percent * INT64_C(10000), 4));
    return record_create(m->cx, rec, NULL);
}

static Err *make_team(Detail *m)
{
    size_t mate = demo_seller(m->d, m->rng);
    int part = 10 * (int)rng_between(m->rng, 2, 5);

    if (mate == m->deal->user) return NULL;
    TRY(make_share(m, m->deal->user, "lead", 100 - part));
    return make_share(m, mate, "expert", part);
}

/* --- playbooks ------------------------------------------------------------------------------------------------------- */

static Err *find_book(Detail *m, Playbook *out)
{
    Record *book = NULL;
    Val id = {0};

    *out = (Playbook){0};
    TRY(db_one(
        m->cx->mem, m->cx->db,
        S("SELECT id FROM \"playbook\" WHERE object = 'deal' AND is_active = 1 AND deleted_at IS NULL ORDER BY "
          "position, id LIMIT 1"),
        NULL, 0, &id));
    if (id.kind != VAL_INT) return NULL;
    TRY(record_get(m->cx, meta_object(m->cx->meta, S("playbook")), id.i, 0, &book));
    return playbook_load(m->cx, book, out);
}

static Val said(Detail *m, const PlayStep *step, int64_t ms)
{
    static const char *const KEYS[] = {"step", "text", "answer", "note", "skipped", "by", "at"};
    Val values[] = {val_text(step->key),
                    val_text(step->text[LANG_EN]),
                    step->n_answers ? val_text(step->answers[0].label[LANG_EN]) : val_null(),
                    val_null(),
                    val_bool(false),
                    val_null(),
                    val_text(timestamp_text(m->cx->mem, val_from_ms(ms)))};
    ValPair *pairs = NEW_N(m->cx->mem, ValPair, 7);

    for (size_t i = 0; i < 7; i++) pairs[i] = (ValPair){val_text(str_c(KEYS[i])), values[i]};
    return val_map(pairs, 7);
}

/* Along the first answers: to the end, or to the step where somebody was called away. */
static Err *make_run(Detail *m, const Playbook *book, int64_t ms)
{
    bool is_done = m->deal->ended != 0;
    size_t stop = is_done ? book->n : 1 + rng_below(m->rng, 4), n = 0;
    Val *list = NEW_N(m->cx->mem, Val, book->n + 1);
    Record *run = part_of(m, "playbook_run", ms);
    int at = 0;

    for (; at >= 0 && n < stop && n < book->n; n++) {
        const PlayStep *step = &book->steps[at];
        list[n] = said(m, step, ms + (int64_t)n * MINUTE_MS);
        at = play_next(book, at, step->n_answers ? &step->answers[0] : NULL);
    }
    is_done = is_done || at < 0;
    demo_ref(m->cx, run, "playbook", "playbook", book->id);
    demo_ref(m->cx, run, "about", "deal", m->deal->id);
    demo_ref(m->cx, run, "last_by", "user", m->d->users[m->deal->user].id);
    demo_choice(run, "status", is_done ? "finished" : "going");
    if (!is_done) record_set(run, "step", val_text(book->steps[at].key));
    record_set(run, "answers", val_list(list, (uint32_t)n));
    record_set(run, "steps_done", val_int((int64_t)n));
    demo_ms(run, "started_at", ms);
    if (is_done) demo_ms(run, "finished_at", ms + (int64_t)n * MINUTE_MS);
    demo_owner(m->d, m->cx, run, m->deal->user);
    return record_create(m->cx, run, NULL);
}

static Err *make_play(Detail *m)
{
    unsigned percent = is_category(m, "won") ? 45 : is_category(m, "lost") ? 20 : 30;
    int64_t ms = m->deal->ended ? m->deal->ended - HOUR_MS : m->d->now - rng_between(m->rng, 1, 4) * DAY_MS;
    Playbook book = {0};

    if (!rng_chance(m->rng, percent) || ms < m->deal->opened) return NULL;
    TRY(find_book(m, &book));
    return book.n ? make_run(m, &book, ms) : NULL;
}

Err *demo_make_details(Demo *d, Ctx *cx, size_t i)
{
    Rng rng = rng_new(d->seed, "detail", i);
    Detail m = {.d = d, .cx = cx, .rng = &rng, .deal = &d->deals[i]};

    TRY(record_get(cx, meta_object(cx->meta, S("deal")), m.deal->id, 0, &m.rec));
    if (rng_chance(&rng, 60)) TRY(make_needs(&m));
    if (rng_chance(&rng, 30)) TRY(make_competitor(&m));
    if (rng_chance(&rng, 15)) TRY(make_team(&m));
    return make_play(&m);
}
