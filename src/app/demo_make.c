/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all makers of demo records share: a record with its author and time, values in the form of their fields, people,
   companies, places. */
#include "app/demo_impl.h"

#include "base/text.h"
#include "base/time.h"
#include "core/value.h"

/* --- records --------------------------------------------------------------------------------------------------------- */

Record *demo_record(Demo *d, Ctx *cx, const char *object, size_t user, int64_t ms)
{
    Actor *who = NEW(cx->mem, Actor);

    *who = *cx->actor;
    who->is_system = true;
    who->user = user < DEMO_USERS ? d->users[user].id : 0;
    cx->actor = who;
    cx->now = ms < d->now ? ms : d->now; /* nothing is written in the future: ids follow the clock */
    return record_new(cx->mem, meta_object(cx->meta, str_c(object)));
}

void demo_text(Record *rec, const char *field, Str text)
{
    if (text.n) record_set(rec, field, val_text(text));
}

void demo_choice(Record *rec, const char *field, const char *key)
{
    record_set(rec, field, val_text(str_c(key)));
}

void demo_ref(Ctx *cx, Record *rec, const char *field, const char *object, Id id)
{
    if (id) record_set(rec, field, val_ref(meta_object(cx->meta, str_c(object))->number, id));
}

void demo_owner(Demo *d, Ctx *cx, Record *rec, size_t user)
{
    demo_ref(cx, rec, "owner", "user", d->users[user].id);
}

void demo_money(Demo *d, Record *rec, const char *field, int64_t scaled)
{
    record_set(rec, field, val_money(scaled, 4, d->currency));
}

void demo_ms(Record *rec, const char *field, int64_t ms)
{
    record_set(rec, field, val_from_ms(ms));
}

Err *demo_json(Ctx *cx, Record *rec, const char *field, Val json)
{
    const Field *f = object_field(rec->obj, str_c(field));
    Val v;

    REQUIRE(f != NULL);
    TRY(value_from_json(cx, f, json, &v));
    record_set(rec, field, v);
    return NULL;
}

Val demo_map(Ctx *cx, const char *const *keys, const Str *values, size_t n)
{
    ValPair *pairs = NEW_N(cx->mem, ValPair, n);
    size_t used = 0;

    for (size_t i = 0; i < n; i++)
        if (values[i].n) pairs[used++] = (ValPair){val_text(str_c(keys[i])), val_text(values[i])};
    return val_map(pairs, used);
}

/* --- time ------------------------------------------------------------------------------------------------------------ */

int64_t demo_hour(const Demo *d, Rng *rng, int64_t day)
{
    int weekday = date_weekday(day);

    if (weekday == 6 && day != d->today) day--;
    if (weekday == 0 && day != d->today) day++;
    return zone_day_start(d->zone, day) + 9 * HOUR_MS + rng_between(rng, 0, 17 * 30) * MINUTE_MS;
}

int64_t demo_moment(const Demo *d, Rng *rng, int64_t day)
{
    int64_t ms = demo_hour(d, rng, day), first = zone_day_start(d->zone, day);

    if (ms < d->now) return ms;
    ms = d->now - rng_between(rng, 2, 90) * MINUTE_MS;
    return ms < first && first < d->now ? first : ms;
}

/* --- people ---------------------------------------------------------------------------------------------------------- */

size_t demo_seller(const Demo *d, Rng *rng)
{
    static const uint8_t SELLERS[] = {1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 7, 9};

    if (d->n_users > DEMO_USERS && rng_chance(rng, 9)) return DEMO_USERS;
    return SELLERS[rng_below(rng, sizeof SELLERS)];
}

static Str pick_family(Demo *d, Rng *rng, bool is_female)
{
    Str line = words_pick(d->words, "family", rng);
    Str form = words_part(line, is_female ? 1 : 0);

    return form.n ? form : words_part(line, 0);
}

static Str family_of(Demo *d, const DemoPerson *relative, bool is_female)
{
    const Yaml *list = words_list(d->words, "family");

    for (size_t i = 0; i < list->n; i++) {
        Str his = words_part(list->items[i]->text, 0), hers = words_part(list->items[i]->text, 1);
        if (!hers.n) hers = his;
        if (str_eq(relative->family, his) || str_eq(relative->family, hers)) return is_female ? hers : his;
    }
    return relative->family;
}

DemoPerson demo_person(Demo *d, Ctx *cx, Rng *rng, const DemoPerson *relative)
{
    DemoPerson who = {.is_female = relative ? !relative->is_female : rng_chance(rng, 48)};
    bool has_middle = yaml_get(d->words, S("middle_male")) != NULL;

    who.family = relative ? family_of(d, relative, who.is_female) : pick_family(d, rng, who.is_female);
    who.given = words_pick(d->words, who.is_female ? "given_female" : "given_male", rng);
    if (has_middle) who.middle = words_pick(d->words, who.is_female ? "middle_female" : "middle_male", rng);
    who.full = has_middle
                   ? str_fmt(cx->mem, "%.*s %.*s %.*s", SFMT(who.family), SFMT(who.given), SFMT(who.middle))
                   : str_fmt(cx->mem, "%.*s %.*s", SFMT(who.given), SFMT(who.family));
    who.mail = str_fmt(cx->mem, "%.*s.%.*s", SFMT(words_latin(cx->mem, who.given, 0)),
                       SFMT(words_latin(cx->mem, who.family, 0)));
    return who;
}

Err *demo_name(Ctx *cx, Record *rec, const char *field, const DemoPerson *who)
{
    static const char *const KEYS[] = {"family", "given", "middle"};
    const Str values[] = {who->family, who->given, who->middle};

    return demo_json(cx, rec, field, demo_map(cx, KEYS, values, 3));
}

/* --- companies and places -------------------------------------------------------------------------------------------- */

Str demo_company(Demo *d, Ctx *cx, size_t i, Str *industry)
{
    const Yaml *begin = words_list(d->words, "company_begin"), *end = words_list(d->words, "company_end");
    size_t all = begin->n * end->n, at = (i * 607 + (size_t)(d->seed % 997)) % all, round = i / all;
    Str last = end->items[at % end->n]->text;
    Str first = begin->items[(at / end->n + at) % begin->n]->text;

    *industry = words_part(last, 1);
    Str name = str_fmt(cx->mem, "%.*s%.*s%.*s", SFMT(first), SFMT(words_text(d->words, "company_join")),
                       SFMT(words_part(last, 0)));
    if (round == 0) return name;
    const Yaml *cities = words_list(d->words, "cities");
    return str_fmt(cx->mem, "%.*s %.*s", SFMT(name),
                   SFMT(words_part(cities->items[round % cities->n]->text, 0)));
}

Err *demo_address(Demo *d, Ctx *cx, Record *rec, Rng *rng, Str city, bool is_office)
{
    static const char *const KEYS[] = {"street", "city", "region", "postcode", "country"};
    size_t digits = str_eq(d->country, S("US")) ? 5 : 6;
    Str form = words_text(d->words, is_office ? "office_form" : "street_form"), code = words_part(city, 4);

    form = words_put(cx->mem, form, "street", words_pick(d->words, "streets", rng));
    form = words_put(cx->mem, form, "n", str_fmt(cx->mem, "%d", 1 + (int)rng_below(rng, 120)));
    form = words_put(cx->mem, form, "m", str_fmt(cx->mem, "%d", 1 + (int)rng_below(rng, 400)));
    code = str_cat(cx->mem, code, words_digits(cx->mem, rng, digits - code.n));
    const Str values[] = {form, words_part(city, 0), words_part(city, 1), code, d->country};
    demo_text(rec, "country", d->country);
    demo_text(rec, "region", words_part(city, 1));
    demo_choice(rec, "settlement", rng_chance(rng, 85) ? "urban" : "suburban");
    demo_text(rec, "language", words_text(d->words, "language"));
    return demo_json(cx, rec, "addresses", demo_map(cx, KEYS, values, 5));
}

Err *demo_industry(Ctx *cx, Record *rec, Str code)
{
    Val bind = val_text(code), id;

    TRY(db_one(cx->mem, cx->db, S("SELECT id FROM \"industry\" WHERE code = ?1 AND deleted_at IS NULL"),
               &bind, 1, &id));
    if (id.kind == VAL_INT) demo_ref(cx, rec, "industry", "industry", id.i);
    return NULL;
}

void demo_tags(Demo *d, Ctx *cx, Record *rec, Rng *rng, unsigned percent)
{
    Val *tags = NEW_N(cx->mem, Val, 2);
    size_t n = 0;

    while (n < 2 && rng_chance(rng, percent)) {
        tags[n] = val_text(words_pick(d->words, "tags", rng));
        if (n == 0 || !val_same(tags[0], tags[1])) n++;
    }
    if (n) record_set(rec, "tags", val_list(tags, n));
}

/* --- sources --------------------------------------------------------------------------------------------------------- */

static const char *const SOURCES[] = {"website",     "incoming_call", "email",    "messenger", "social",
                                      "advertising", "event",         "referral", "partner",   "outreach"};

/* The lower half tells the source, the upper the campaign. */
uint8_t demo_pick_source(Rng *rng)
{
    static const uint8_t OFTEN[] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 5, 6, 7, 7, 7, 8, 9, 9};

    return (uint8_t)(OFTEN[rng_below(rng, sizeof OFTEN)] | rng_below(rng, 6) << 4);
}

void demo_source(Demo *d, Record *rec, uint8_t source)
{
    const Yaml *utm = words_list(d->words, "utm");
    size_t at = source & 15;
    Str line = utm->items[(source >> 4) % utm->n]->text;

    demo_choice(rec, "source", SOURCES[at]);
    if (at != 0 && at != 4 && at != 5) return;
    demo_text(rec, "utm_source", words_part(line, 0));
    demo_text(rec, "utm_medium", words_part(line, 1));
    demo_text(rec, "utm_campaign", words_part(line, 2));
}
