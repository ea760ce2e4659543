/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first page: language, country, company, the first administrator.  It needs the one-time link that `serve` prints
   while there is nobody, so that only who started the program can take it. */
#include "api/me.h"
#include "api/sign.h"

#include "base/text.h"
#include "core/session.h"

static const struct {
    const char *code, *currency, *zone;
} COUNTRIES[] = {
    {"AM", "AMD", "Asia/Yerevan"},      {"AT", "EUR", "Europe/Vienna"},     {"AU", "AUD", "Australia/Sydney"},
    {"AZ", "AZN", "Asia/Baku"},         {"BE", "EUR", "Europe/Brussels"},   {"BG", "EUR", "Europe/Sofia"},
    {"BY", "BYN", "Europe/Minsk"},      {"CA", "CAD", "America/Toronto"},   {"CH", "CHF", "Europe/Zurich"},
    {"CY", "EUR", "Asia/Nicosia"},      {"CZ", "CZK", "Europe/Prague"},     {"DE", "EUR", "Europe/Berlin"},
    {"DK", "DKK", "Europe/Copenhagen"}, {"EE", "EUR", "Europe/Tallinn"},    {"ES", "EUR", "Europe/Madrid"},
    {"FI", "EUR", "Europe/Helsinki"},   {"FR", "EUR", "Europe/Paris"},      {"GB", "GBP", "Europe/London"},
    {"GE", "GEL", "Asia/Tbilisi"},      {"GR", "EUR", "Europe/Athens"},     {"HR", "EUR", "Europe/Zagreb"},
    {"HU", "HUF", "Europe/Budapest"},   {"IE", "EUR", "Europe/Dublin"},     {"IL", "ILS", "Asia/Jerusalem"},
    {"IN", "INR", "Asia/Kolkata"},      {"IT", "EUR", "Europe/Rome"},       {"JP", "JPY", "Asia/Tokyo"},
    {"KG", "KGS", "Asia/Bishkek"},      {"KZ", "KZT", "Asia/Almaty"},       {"LT", "EUR", "Europe/Vilnius"},
    {"LU", "EUR", "Europe/Luxembourg"}, {"LV", "EUR", "Europe/Riga"},       {"MD", "MDL", "Europe/Chisinau"},
    {"MT", "EUR", "Europe/Malta"},      {"NL", "EUR", "Europe/Amsterdam"},  {"NO", "NOK", "Europe/Oslo"},
    {"PL", "PLN", "Europe/Warsaw"},     {"PT", "EUR", "Europe/Lisbon"},     {"RO", "RON", "Europe/Bucharest"},
    {"RS", "RSD", "Europe/Belgrade"},   {"RU", "RUB", "Europe/Moscow"},     {"SE", "SEK", "Europe/Stockholm"},
    {"SI", "EUR", "Europe/Ljubljana"},  {"SK", "EUR", "Europe/Bratislava"}, {"TJ", "TJS", "Asia/Dushanbe"},
    {"TR", "TRY", "Europe/Istanbul"},   {"UA", "UAH", "Europe/Kyiv"},       {"US", "USD", "America/New_York"},
    {"UZ", "UZS", "Asia/Tashkent"},
};
#define N_COUNTRIES (sizeof COUNTRIES / sizeof *COUNTRIES)

typedef struct SetupIn {
    Str token, language, company, email, name, password, hash, session;
    size_t country;
    Id user;
} SetupIn;

/* --- what is asked --------------------------------------------------------------------------------------------------- */

static Err *is_needed(Ctx *cx, bool *out)
{
    Val v;

    TRY(db_one(cx->mem, cx->db,
               S("SELECT id FROM \"user\" WHERE deleted_at IS NULL AND may_sign_in = 1 LIMIT 1"), NULL, 0,
               &v));
    *out = val_is_null(v);
    return NULL;
}

static void write_countries(JsonWriter *w, Lang lang)
{
    json_key_c(w, "countries");
    json_open_list(w);
    for (size_t i = 0; i < N_COUNTRIES; i++) {
        json_open_obj(w);
        json_pair_str(w, "code", str_c(COUNTRIES[i].code));
        json_pair_str(w, "label", text_country_name(w->b->mem, str_c(COUNTRIES[i].code), lang_code(lang)));
        json_pair_str(w, "currency", str_c(COUNTRIES[i].currency));
        json_close_obj(w);
    }
    json_close_list(w);
}

static Err *run_ask(Req *rq, Ctx *cx)
{
    Str lang = rq_arg(rq, "lang");
    bool needed;

    TRY(is_needed(cx, &needed));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_bool(w, "needed", needed);
    json_key_c(w, "languages");
    json_open_list(w);
    for (int i = 0; i < LANG_COUNT; i++) json_str(w, lang_code((Lang)i));
    json_close_list(w);
    write_countries(w, lang.n ? lang_from(lang) : rq->lang);
    json_close_obj(w);
    return NULL;
}

/* --- doing it -------------------------------------------------------------------------------------------------------- */

static Err *parse_setup(Req *rq, Ctx *cx)
{
    SetupIn *in = NEW(rq->mem, SetupIn);
    Str country;

    (void)cx;
    rq->in = in;
    TRY(rq_text(rq, "token", true, &in->token));
    TRY(rq_text(rq, "language", true, &in->language));
    TRY(rq_text(rq, "country", true, &country));
    TRY(rq_text(rq, "company", true, &in->company));
    TRY(rq_text(rq, "email", true, &in->email));
    TRY(rq_text(rq, "name", true, &in->name));
    TRY(rq_text(rq, "password", true, &in->password));
    if (!str_eq(lang_code(lang_from(in->language)), in->language))
        FAIL_FIELD(rq->mem, S("language"), "error.choice", "language");
    while (in->country < N_COUNTRIES && !str_eq_c(country, COUNTRIES[in->country].code)) in->country++;
    if (in->country == N_COUNTRIES)
        return err_arg(err_field(err_new(rq->mem, ERR_INVALID, "error.country", "country"), S("country")), 0,
                       country);
    return NULL;
}

static Err *hash(Req *rq, Ctx *cx)
{
    SetupIn *in = rq->in;

    (void)cx;
    Err *e = password_check(rq->mem, in->password);
    if (!e) e = password_hash(rq->mem, in->password, &in->hash);
    return e ? err_field(e, S("password")) : NULL;
}

/* The first record of `filter`, which is ours; NULL when there is none. */
static Err *first(Ctx *cx, const char *object, Str filter, Record **out)
{
    Page page;

    TRY(list_of(cx, meta_object(cx->meta, str_c(object)), filter, (Str){0}, 1, &page));
    *out = page.n ? record_copy(cx->mem, page.recs[0]) : NULL;
    return NULL;
}

/* What a new company begins with; one that was made by the command line keeps its currency. */
static Err *set_company(Ctx *cx, const SetupIn *in)
{
    Arena *mem = cx->store->mem; /* the store keeps these texts */
    InitOptions init = {.currency = str_c(COUNTRIES[in->country].currency),
                        .country = str_c(COUNTRIES[in->country].code),
                        .language = str_copy(mem, in->language),
                        .company = str_copy(mem, in->company),
                        .zone = str_c(COUNTRIES[in->country].zone)};
    Record *rec;

    TRY(store_setup(cx, &init));
    TRY(first(cx, "own_company", (Str){0}, &rec));
    if (!rec) FAIL(cx->mem, ERR_INTERNAL, "error.internal", "no own company");
    record_set(rec, "name", val_text(init.company));
    record_set(rec, "country", val_text(init.country));
    record_set(rec, "language", val_text(init.language));
    record_set(rec, "zone", val_text(init.zone));
    return record_update(cx, rec, NULL);
}

static Err *add_administrator(Ctx *cx, SetupIn *in)
{
    Record *role, *user = record_new(cx->mem, meta_object(cx->meta, S("user")));

    TRY(first(cx, "role", S("key == 'administrator'"), &role));
    if (!role) FAIL(cx->mem, ERR_INTERNAL, "error.internal", "no role administrator");
    record_set(user, "name", val_text(in->name));
    record_set(user, "email", val_text(in->email));
    record_set(user, "language", val_text(in->language));
    record_set(user, "zone", val_text(str_c(COUNTRIES[in->country].zone)));
    record_set(user, "role", val_ref(role->obj->number, role->id));
    TRY(record_create(cx, user, NULL));
    in->user = user->id;
    return user_set_password(cx, user->id, in->hash);
}

static Err *run_setup(Req *rq, Ctx *cx)
{
    SetupIn *in = rq->in;
    SignIn sign = {.email = in->email, .password = in->password, .peer = rq->http->peer};
    Actor room;
    Ctx own = ctx_own(cx, &room);
    bool needed;
    Id nobody;

    TRY(is_needed(cx, &needed));
    if (!needed) FAIL(cx->mem, ERR_CONFLICT, "error.setup.done", "there are users already");
    TRY(link_take(cx, S("setup"), in->token, &nobody));
    own.may_write_readonly = true;
    TRY(set_company(&own, in));
    TRY(add_administrator(&own, in));
    ctx_join(cx, &own);
    return signin_finish(cx, &sign, in->user, true, &in->session);
}

/* After the commit the process works for the company it now is. */
static Err *answer(Req *rq, Ctx *cx)
{
    const SetupIn *in = rq->in;

    TRY(company_refresh(cx));
    return reply_signed_in(rq, cx, in->user, in->session);
}

const Route setup_routes[] = {
    {.method = "GET",
     .pattern = "/setup",
     .name = "getSetup",
     .right = RIGHT_OPEN,
     .params = "lang",
     .steps = {{WHERE_READ, run_ask}}},
    {.method = "POST",
     .pattern = "/setup",
     .name = "setUp",
     .is_secret = true,
     .right = RIGHT_OPEN,
     .parse = parse_setup,
     .is_record_write = true,
     .keys = "token language country company email name password",
     .drops_sessions = true,
     .steps = {{WHERE_PLAIN, hash}, {WHERE_WRITE, run_setup}, {WHERE_READ, answer}}},
    {0},
};
