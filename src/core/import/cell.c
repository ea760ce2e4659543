/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One cell of text to a value as the API takes it: numbers, dates and choices as people write them.  What several cells make of
   one field is row.c's business. */
#include "base/decimal.h"
#include "base/text.h"
#include "base/time.h"
#include "core/import/parts.h"
#include "core/store.h"

Err *bad_cell(Work *w, const Target *t, const char *key, Str cell)
{
    return err_arg(err_field(err_new(w->tmp, ERR_INVALID, key, "%.*s: \"%.*s\" cannot be read",
                                     SFMT(t->heading), SFMT(cell)),
                             t->field->name),
                   0, cell);
}

bool same_word(Arena *mem, Str a, Str b)
{
    return str_eq(text_fold(mem, a), text_fold(mem, b));
}

/* What the mapping says the cell means. */
Str cell_meaning(Work *w, const Target *t, Str cell)
{
    const Val *to = t->values && t->values->kind == VAL_MAP ? val_get(t->values, cell) : NULL;

    if (!to) return cell;
    Str meant = to->kind == VAL_TEXT ? val_str(*to) : val_is_null(*to) ? (Str){0} : json_text(w->tmp, *to);
    work_note(w,
              err_arg(err_arg(err_arg(err_new(w->tmp, ERR_INVALID, "import.note.value", "%.*s: %.*s -> %.*s",
                                              SFMT(t->heading), SFMT(cell), SFMT(meant)),
                                      0, t->heading),
                              1, cell),
                      2, meant));
    return meant;
}

/* --- numbers --------------------------------------------------------------------------------------------------------- */

static Err *number_cell(Work *w, const Target *t, Str cell, Val *out)
{
    uint8_t places;
    int64_t v;

    if (!is_number_like(cell) || !decimal_parse(plain_number(w->tmp, cell, t->grouping), &v, &places))
        return bad_cell(w, t, "error.import.number", cell);
    *out = val_decimal(v, places);
    if (t->scale && !decimal_mul(*out, val_decimal(t->scale, 0), out))
        return bad_cell(w, t, "error.import.number", cell);
    if (t->field->result != FIELD_INTEGER) return NULL;
    if (!decimal_rescale(out->i, out->places, 0, &v)) return bad_cell(w, t, "error.import.number", cell);
    *out = val_int(v);
    return NULL;
}

/* The code beside the number: "12 EUR", "€12", "12 zł"; empty when none is there. */
Str currency_in(Str cell)
{
    static const struct {
        const char *sign, *code;
    } SIGNS[] = {{"€", "EUR"}, {"zł", "PLN"},  {"₽", "RUB"}, {"руб", "RUB"}, {"£", "GBP"},
                 {"₴", "UAH"}, {"грн", "UAH"}, {"Kč", "CZK"},  {"₸", "KZT"},   {"¥", "JPY"}};

    for (size_t i = 0; i + 3 <= cell.n; i++) {
        Str code = str_sub(cell, i, 3);
        bool is_word =
            (i == 0 || cell.p[i - 1] == ' ' || (cell.p[i - 1] >= '0' && cell.p[i - 1] <= '9')) &&
            (i + 3 == cell.n || cell.p[i + 3] == ' ' || (cell.p[i + 3] >= '0' && cell.p[i + 3] <= '9'));
        if (is_word && currency_pack(code) && currency_places(code) >= 0) return code;
    }
    for (size_t i = 0; i < sizeof SIGNS / sizeof *SIGNS; i++)
        if (str_find(cell, str_c(SIGNS[i].sign)) >= 0) return str_c(SIGNS[i].code);
    return (Str){0};
}

/* A sign of a currency without a rate is taken for the company's own, and that is told; a code is always what it says. */
static Err *known_currency(Work *w, const Target *t, Str cell, Str *code)
{
    Val bind = val_text(*code), n;
    bool is_code = str_find(cell, *code) >= 0;

    if (!code->n || is_code || str_eq(*code, w->cx->store->company->currency)) return NULL;
    TRY(db_one(
        w->tmp, w->cx->db,
        S("SELECT count(*) FROM \"rate\" r JOIN \"currency\" c ON c.id = r.currency WHERE c.code = ?1 AND "
          "r.deleted_at IS NULL"),
        &bind, 1, &n));
    if (n.i) return NULL;
    work_note(w, err_arg(err_arg(err_arg(err_new(w->tmp, ERR_INVALID, "import.note.currency",
                                                 "%.*s: %.*s taken for %.*s, there is no rate of it",
                                                 SFMT(t->heading), SFMT(*code),
                                                 SFMT(w->cx->store->company->currency)),
                                         0, t->heading),
                                 1, *code),
                         2, w->cx->store->company->currency));
    *code = (Str){0};
    return NULL;
}

static Err *money_cell(Work *w, const Target *t, Str cell, Val *out)
{
    Str code = currency_in(cell);
    ValPair *pairs = NEW_N(w->tmp, ValPair, 2);

    TRY(known_currency(w, t, cell, &code));
    TRY(number_cell(w, t, cell, out));
    if (!code.n) return NULL;
    pairs[0] = (ValPair){val_text(S("amount")), *out};
    pairs[1] = (ValPair){val_text(S("currency")), val_text(code)};
    *out = val_map(pairs, 2);
    return NULL;
}

/* --- words ----------------------------------------------------------------------------------------------------------- */

const Option *option_of(Arena *mem, const Field *f, Str cell)
{
    for (size_t i = 0; i < f->n_options; i++) {
        bool fits = same_word(mem, f->options[i].key, cell);
        for (int lang = 0; lang < LANG_COUNT; lang++)
            fits = fits || same_word(mem, f->options[i].label.text[lang], cell);
        if (fits) return &f->options[i];
    }
    return NULL;
}

static Err *choice_cell(Work *w, const Target *t, Str cell, Val *out)
{
    const Option *option = option_of(w->tmp, t->field, cell);

    if (!option) return bad_cell(w, t, "error.import.choice", cell);
    *out = val_text(option->key);
    return NULL;
}

int boolean_word(Arena *mem, Str cell)
{
    static const char *const YES[] = {"1", "true", "yes", "y", "да", "tak", "x", "t", "+"},
                             *const NO[] = {"0", "false", "no", "n", "нет", "nie", "f", "-"};

    for (size_t i = 0; i < sizeof YES / sizeof *YES; i++)
        if (same_word(mem, str_c(YES[i]), cell)) return 1;
    for (size_t i = 0; i < sizeof NO / sizeof *NO; i++)
        if (same_word(mem, str_c(NO[i]), cell)) return 0;
    return -1;
}

static Err *boolean_cell(Work *w, const Target *t, Str cell, Val *out)
{
    int word = boolean_word(w->tmp, cell);

    if (word < 0) return bad_cell(w, t, "error.import.boolean", cell);
    *out = val_bool(word == 1);
    return NULL;
}

/* What people write that no list of countries has; folded. */
static const char *const ALSO[][2] = {
    {"usa", "US"},
    {"u.s.a.", "US"},
    {"u.s.", "US"},
    {"united states of america", "US"},
    {"uk", "GB"},
    {"u.k.", "GB"},
    {"great britain", "GB"},
    {"england", "GB"},
    {"scotland", "GB"},
    {"holland", "NL"},
    {"czech republic", "CZ"},
    {"russian federation", "RU"},
    {"российская федерация", "RU"},
    {"рф", "RU"},
    {"рб", "BY"},
    {"белоруссия", "BY"},
    {"сша", "US"},
    {"rzeczpospolita polska", "PL"},
    {"rp", "PL"},
};

/* Names of countries in the three languages. */
static void load_countries(Work *w)
{
    for (size_t i = 0; i < sizeof ALSO / sizeof *ALSO; i++)
        strmap_put(w->mem, &w->countries, text_fold(w->mem, str_c(ALSO[i][0])),
                   (void *)(uintptr_t)ALSO[i][1]);
    for (int a = 'A'; a <= 'Z'; a++)
        for (int b = 'A'; b <= 'Z'; b++) {
            char code[3] = {(char)a, (char)b, 0};
            for (int lang = 0; lang < LANG_COUNT; lang++) {
                Str name = text_country_name(w->mem, str_c(code), lang_code((Lang)lang));
                if (name.n && !str_eq_c(name, code) && !strmap_get(&w->countries, text_fold(w->mem, name)))
                    strmap_put(w->mem, &w->countries, text_fold(w->mem, name), str_to_c(w->mem, str_c(code)));
            }
        }
}

/* The code of a country that is named; as it stands when nobody knows it. */
Str country_code(Work *w, Str text)
{
    Str upper = text;

    if (text.n == 2) {
        char *p = str_to_c(w->tmp, text);
        for (size_t i = 0; i < 2; i++)
            if (p[i] >= 'a' && p[i] <= 'z') p[i] = (char)(p[i] - 32);
        upper = (Str){p, 2};
    }
    if (!w->countries.n) load_countries(w);
    const char *code = strmap_get(&w->countries, text_fold(w->tmp, text));
    return code ? str_c(code) : upper;
}

/* One line: what would break it becomes a space. */
Str one_line(Arena *mem, Str s)
{
    char *p = str_to_c(mem, s);

    for (size_t i = 0; i < s.n; i++)
        if (p[i] == '\n' || p[i] == '\r' || p[i] == '\t') p[i] = ' ';
    return (Str){p, s.n};
}

/* --- time ------------------------------------------------------------------------------------------------------------ */

static Err *date_cell(Work *w, const Target *t, Str cell, Val *out)
{
    int64_t days, seconds;
    int32_t offset;

    if (!date_read(cell, t->order, &days, &seconds, &offset))
        return bad_cell(w, t, "error.import.date", cell);
    *out = val_text(date_text(w->tmp, days));
    return NULL;
}

static Err *moment_cell(Work *w, const Target *t, Str cell, Val *out)
{
    Str zone = w->plan->zone.n ? w->plan->zone : w->cx->store->company->zone;
    int64_t days, seconds;
    int32_t offset;

    if (timestamp_parse(cell, out)) return NULL;
    if (cell.n == 23 && cell.p[19] == '.' && timestamp_parse(str_cat(w->tmp, cell, S("Z")), out)) {
        out->i -= zone_offset(zone, out->i * 1000); /* of a workbook: local, to the millisecond */
        return NULL;
    }
    if (!date_read(cell, t->order, &days, &seconds, &offset))
        return bad_cell(w, t, "error.import.date", cell);
    if (seconds < 0) {
        *out = val_from_ms(zone_day_start(zone, days));
        return NULL;
    }
    int64_t local = days * 86400 + seconds;
    *out = val_timestamp(local - (offset != INT32_MIN ? offset : zone_offset(zone, local * 1000)), 0);
    return NULL;
}

/* "1:30:00", "90" (seconds), "1h30m". */
static Err *duration_cell(Work *w, const Target *t, Str cell, Val *out)
{
    int64_t parts[3] = {0}, n = 0;
    Str rest = cell;

    *out = val_text(cell);
    if (str_find_char(cell, ':') < 0 && !str_to_i64(cell, &parts[0])) return NULL;
    if (str_find_char(cell, ':') < 0) {
        *out = val_duration(parts[0], 0);
        return NULL;
    }
    while (rest.n && n < 3)
        if (!str_to_i64(str_cut(&rest, ':'), &parts[n++])) return bad_cell(w, t, "error.import.number", cell);
    *out = val_duration(n == 3 ? parts[0] * 3600 + parts[1] * 60 + parts[2] : parts[0] * 60 + parts[1], 0);
    return NULL;
}

static Err *json_cell(Work *w, Str cell, Val *out)
{
    if (json_parse(w->tmp, cell, out)) *out = val_text(cell);
    return NULL;
}

Err *read_cell(Work *w, const Target *t, Str cell, Val *out)
{
    const Field *f = t->field;

    switch (f->result) {
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
    case FIELD_PERCENT: return number_cell(w, t, cell, out);
    case FIELD_MONEY: return money_cell(w, t, cell, out);
    case FIELD_BOOLEAN: return boolean_cell(w, t, cell, out);
    case FIELD_DATE: return date_cell(w, t, cell, out);
    case FIELD_TIMESTAMP: return moment_cell(w, t, cell, out);
    case FIELD_DURATION: return duration_cell(w, t, cell, out);
    case FIELD_CHOICE: return choice_cell(w, t, cell, out);
    case FIELD_JSON: return json_cell(w, cell, out);
    case FIELD_LONGTEXT: *out = val_text(plain_text(w->tmp, cell)); return NULL;
    default: break;
    }
    *out = val_text(f->max == 2 && str_eq(f->name, S("country")) ? country_code(w, cell)
                                                                 : one_line(w->tmp, cell));
    return NULL;
}
