/* SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON to values: the door through which everything a person or a program writes comes in.  One function a type of
 * field, chosen by the field; a value is normalised here once (text trimmed, numbers at the field's places, money at
 * its currency's) so that nothing below has to ask again.  Only what the value alone tells is checked: existence of
 * what it refers to, rules and rights are for the write path. */

#include "core/value_impl.h"

#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "core/store.h"

#define INTEGER_MAX (INT64_C(1) << 53)

Val pairs_val(Arena *mem, const char *const *keys, const Val *vals, size_t n)
{
    ValPair *pairs = NEW_N(mem, ValPair, n);

    for (size_t i = 0; i < n; i++) pairs[i] = (ValPair){val_text(str_c(keys[i])), vals[i]};
    return val_map(pairs, n);
}

Val pair_get(Val map, const char *key)
{
    const Val *found = val_get(&map, str_c(key));

    return found ? *found : val_null();
}

Val text_or_null(Str s)
{
    return s.n ? val_text(s) : val_null();
}

Err *check_keys(Ctx *cx, const Field *f, Val in, const char *const *keys)
{
    for (uint32_t i = 0; i < in.n; i++) {
        Str key = val_str(in.map[i].key);
        size_t j = 0;

        while (keys[j] && !str_eq_c(key, keys[j])) j++;
        if (!keys[j]) {
            return err_arg(
                err_field(err_new(cx->mem, ERR_INVALID, "error.value.key", "unknown key \"%.*s\"", SFMT(key)),
                          f->name),
                0, key);
        }
    }
    return NULL;
}

/* --- text ------------------------------------------------------------------------------------------------------------ */

static bool has_control(Str s, bool is_long)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_space = c == '\n' || c == '\t';

        if ((c < 0x20 && !(is_long && is_space)) || c == 0x7F) return true;
        if (c == 0xC2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xA0) return true;
    }
    return false;
}

/* CR LF and lone CR become LF. */
static Str unix_lines(Arena *mem, Str s)
{
    if (str_find_char(s, '\r') < 0) return s;
    Buf b = buf_new(mem, s.n);

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\r')
            buf_add_c(&b, s.p[i]);
        else if (i + 1 == s.n || s.p[i + 1] != '\n')
            buf_add_c(&b, '\n');
    }
    return buf_str(&b);
}

static Err *checked_text(Ctx *cx, const Field *f, Str s, int64_t max, bool is_long, Val *out)
{
    if (has_control(s, is_long)) FAIL_FIELD(cx->mem, f->name, "error.text.control", "control character");
    if ((int64_t)s.n > max && (int64_t)utf8_count(s) > max) {
        return err_arg(err_field(err_new(cx->mem, ERR_INVALID, "error.text.long", "more than %lld characters",
                                         (long long)max),
                                 f->name),
                       0, str_fmt(cx->mem, "%lld", (long long)max));
    }
    *out = text_or_null(s);
    return NULL;
}

Err *line_from_json(Ctx *cx, const Field *f, Val in, int64_t max, Val *out)
{
    *out = val_null();
    if (val_is_null(in)) return NULL;
    if (in.kind != VAL_TEXT) FAIL_FIELD(cx->mem, f->name, "error.text.type", "text expected");
    return checked_text(cx, f, str_trim(val_str(in)), max, false, out);
}

static Err *long_text(Ctx *cx, const Field *f, Val in, Val *out)
{
    if (in.kind != VAL_TEXT) FAIL_FIELD(cx->mem, f->name, "error.text.type", "text expected");
    Str s = unix_lines(cx->mem, val_str(in));

    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\t')) s.n--;
    return checked_text(cx, f, s, f->max ? f->max : LIMIT_LONG_TEXT, true, out);
}

/* http and https only; what has no scheme gets https. */
static Err *url_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    TRY(line_from_json(cx, f, in, f->max ? f->max : LIMIT_URL, out));
    if (val_is_null(*out)) return NULL;
    Str s = val_str(*out);
    bool has_scheme = str_find(s, S("://")) >= 0;
    ptrdiff_t colon = str_find_char(s, ':');
    bool is_port = colon >= 0 && (size_t)colon + 1 < s.n && s.p[colon + 1] >= '0' && s.p[colon + 1] <= '9';

    if (!has_scheme && (colon < 0 || is_port)) s = str_cat(cx->mem, S("https://"), s);
    Str host = str_from(s, (size_t)str_find(s, S("://")) + 3);
    bool is_http =
        str_eq_nocase(str_sub(s, 0, 7), S("http://")) || str_eq_nocase(str_sub(s, 0, 8), S("https://"));
    bool is_clean = str_find_char(s, ' ') < 0 && str_find_char(s, '<') < 0 && str_find_char(s, '>') < 0 &&
                    str_find_char(s, '"') < 0 && str_find_char(s, '\\') < 0;

    if (!is_http || !is_clean || !host.n || host.p[0] == '/' || host.p[0] == '.') {
        FAIL_FIELD(cx->mem, f->name, "error.url", "not an http or https address");
    }
    *out = val_text(s);
    return NULL;
}

/* --- numbers ----------------------------------------------------------------------------------------------------------- */

static bool is_number(Val in, int64_t *scaled, uint8_t *places)
{
    *places = in.kind == VAL_DECIMAL ? in.places : 0;
    *scaled = in.i;
    if (in.kind == VAL_TEXT) return decimal_parse(str_trim(val_str(in)), scaled, places);
    return in.kind == VAL_INT || in.kind == VAL_DECIMAL;
}

static Err *check_range(Ctx *cx, const Field *f, int64_t scaled)
{
    uint8_t places = f->places;

    if (f->has_min && scaled < f->min_value) {
        return err_arg(
            err_field(err_new(cx->mem, ERR_INVALID, "error.number.min", "below the least allowed"), f->name),
            0, decimal_text(cx->mem, f->min_value, places));
    }
    if (f->has_max && scaled > f->max_value) {
        return err_arg(
            err_field(err_new(cx->mem, ERR_INVALID, "error.number.max", "above the most allowed"), f->name),
            0, decimal_text(cx->mem, f->max_value, places));
    }
    return NULL;
}

/* `in` at `places`, rounded. */
static Err *scaled_number(Ctx *cx, const Field *f, Val in, uint8_t places, int64_t *out)
{
    int64_t scaled = 0;
    uint8_t from = 0;

    if (!is_number(in, &scaled, &from)) FAIL_FIELD(cx->mem, f->name, "error.number.type", "number expected");
    if (!decimal_rescale(scaled, from, places, out) || *out > DECIMAL_MAX || *out < -DECIMAL_MAX) {
        FAIL_FIELD(cx->mem, f->name, "error.number.digits", "more than 18 digits at %d places", places);
    }
    return NULL;
}

static Err *integer_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    int64_t scaled = 0, whole = 0, back = 0;
    uint8_t places = 0;

    if (!is_number(in, &scaled, &places))
        FAIL_FIELD(cx->mem, f->name, "error.number.type", "number expected");
    if (!decimal_rescale(scaled, places, 0, &whole) || !decimal_rescale(whole, 0, places, &back) ||
        back != scaled) {
        FAIL_FIELD(cx->mem, f->name, "error.integer", "whole number expected");
    }
    if (whole > INTEGER_MAX || whole < -INTEGER_MAX) {
        FAIL_FIELD(cx->mem, f->name, "error.number.digits", "beyond 2^53");
    }
    TRY(check_range(cx, f, whole));
    *out = val_int(whole);
    return NULL;
}

static Err *decimal_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    int64_t scaled = 0;

    TRY(scaled_number(cx, f, in, f->places, &scaled));
    TRY(check_range(cx, f, scaled));
    *out = val_decimal(scaled, f->places);
    return NULL;
}

static Err *currency_from_json(Ctx *cx, const Field *f, Val in, uint16_t *out)
{
    *out = cx->store->company->currency_code;
    if (val_is_null(in)) return NULL;
    *out = in.kind == VAL_TEXT ? currency_pack(val_str(in)) : 0;
    if (!*out || currency_places(val_str(in)) < 0) {
        FAIL_FIELD(cx->mem, f->name, "error.currency", "unknown currency");
    }
    return NULL;
}

static uint8_t places_of(uint16_t currency)
{
    char code[4];

    currency_unpack(currency, code);
    int places = currency_places(str_c(code));

    return places < 0 || places > MONEY_PLACES ? MONEY_PLACES : (uint8_t)places;
}

static Err *money_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    static const char *const KEYS[] = {"amount", "currency", NULL};
    uint16_t currency = cx->store->company->currency_code;
    int64_t scaled = 0;

    *out = val_null();
    if (in.kind == VAL_MAP) {
        TRY(check_keys(cx, f, in, KEYS));
        TRY(currency_from_json(cx, f, pair_get(in, "currency"), &currency));
        in = pair_get(in, "amount");
        if (val_is_null(in)) return NULL;
    } else if (in.kind == VAL_MONEY) {
        currency = in.aux ? in.aux : currency;
        in = val_decimal(in.i, in.places);
    }
    TRY(scaled_number(cx, f, in, f->is_unit_price ? MONEY_PLACES : places_of(currency), &scaled));
    if (!f->is_unit_price && !decimal_rescale(scaled, places_of(currency), MONEY_PLACES, &scaled)) {
        FAIL_FIELD(cx->mem, f->name, "error.number.digits", "more than 18 digits");
    }
    TRY(check_range(cx, f, scaled));
    *out = val_money(scaled, MONEY_PLACES, currency);
    return NULL;
}

static Err *boolean_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    if (in.kind != VAL_BOOL) FAIL_FIELD(cx->mem, f->name, "error.boolean", "true or false expected");
    *out = in;
    return NULL;
}

/* --- time -------------------------------------------------------------------------------------------------------------- */

static Err *date_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    int64_t days = in.i;

    if (in.kind != VAL_DATE && (in.kind != VAL_TEXT || !date_parse(str_trim(val_str(in)), &days))) {
        FAIL_FIELD(cx->mem, f->name, "error.date", "not a date YYYY-MM-DD");
    }
    *out = val_date(days);
    return NULL;
}

static Err *time_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    int64_t seconds = in.i;

    if (in.kind != VAL_TIME && (in.kind != VAL_TEXT || !time_of_day_parse(str_trim(val_str(in)), &seconds))) {
        FAIL_FIELD(cx->mem, f->name, "error.time", "not a time of day HH:MM");
    }
    *out = val_time_of_day(seconds);
    return NULL;
}

static Err *timestamp_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    Val ts = in;

    if (in.kind != VAL_TIMESTAMP && (in.kind != VAL_TEXT || !timestamp_parse(str_trim(val_str(in)), &ts))) {
        FAIL_FIELD(cx->mem, f->name, "error.timestamp", "not a time RFC 3339");
    }
    *out = val_from_ms(val_ms(ts));
    return NULL;
}

static Err *duration_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    Val d = in;

    if (in.kind != VAL_DURATION && (in.kind != VAL_TEXT || !duration_parse(str_trim(val_str(in)), &d))) {
        FAIL_FIELD(cx->mem, f->name, "error.duration", "not a duration such as \"5400s\"");
    }
    *out = val_duration(d.i + (d.n >= 500000000), 0);
    return NULL;
}

/* --- choice, JSON, dispatch ---------------------------------------------------------------------------------------------- */

static Err *choice_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    TRY(line_from_json(cx, f, in, LIMIT_TEXT, out));
    if (!val_is_null(*out) && !field_option(f, val_str(*out))) {
        return err_arg(err_field(err_new(cx->mem, ERR_INVALID, "error.choice", "unknown key"), f->name), 0,
                       val_str(*out));
    }
    return NULL;
}

static Err *any_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    if (json_plain_text(cx->mem, in).n > LIMIT_LONG_TEXT) {
        FAIL_FIELD(cx->mem, f->name, "error.json.long", "JSON of more than %d bytes", LIMIT_LONG_TEXT);
    }
    *out = in;
    return NULL;
}

typedef Err *(*FromJson)(Ctx *cx, const Field *f, Val in, Val *out);

static Err *text_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    return line_from_json(cx, f, in, f->max ? f->max : LIMIT_TEXT, out);
}

static const FromJson READERS[] = {
    [FIELD_TEXT] = text_from_json,
    [FIELD_LONGTEXT] = long_text,
    [FIELD_INTEGER] = integer_from_json,
    [FIELD_DECIMAL] = decimal_from_json,
    [FIELD_MONEY] = money_from_json,
    [FIELD_PERCENT] = decimal_from_json,
    [FIELD_BOOLEAN] = boolean_from_json,
    [FIELD_DATE] = date_from_json,
    [FIELD_TIME] = time_from_json,
    [FIELD_TIMESTAMP] = timestamp_from_json,
    [FIELD_DURATION] = duration_from_json,
    [FIELD_CHOICE] = choice_from_json,
    [FIELD_MULTICHOICE] = keys_from_json,
    [FIELD_PERSON_NAME] = person_from_json,
    [FIELD_EMAILS] = labelled_from_json,
    [FIELD_PHONES] = labelled_from_json,
    [FIELD_HANDLES] = labelled_from_json,
    [FIELD_ADDRESSES] = labelled_from_json,
    [FIELD_URL] = url_from_json,
    [FIELD_IDENTIFIER] = identifiers_from_json,
    [FIELD_REFERENCE] = reference_from_json,
    [FIELD_LINKS] = links_from_json,
    [FIELD_ANY_REFERENCE] = reference_from_json,
    [FIELD_USER] = reference_from_json,
    [FIELD_FILE] = reference_from_json,
    [FIELD_TAGS] = keys_from_json,
    [FIELD_AUTONUMBER] = integer_from_json,
    [FIELD_JSON] = any_json,
};

Err *value_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    size_t type = (size_t)f->result;

    *out = val_null();
    if (val_is_null(in)) return NULL;
    REQUIRE(type < sizeof READERS / sizeof *READERS && READERS[type]);
    return READERS[type](cx, f, in, out);
}
