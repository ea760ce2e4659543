/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first records of an installation, written through the ordinary write path so that they have history like any other. */
#include "core/seed.h"

#include "base/decimal.h"
#include "base/embed.h"
#include "base/text.h"
#include "base/time.h"
#include "core/record.h"
#include "core/seed_impl.h"
#include "core/write.h"
#include "json/json.h"

#define TEXTS(en, ru, pl) \
    {                     \
        en, ru, pl        \
    }

Record *seed_start(Ctx *cx, const char *object)
{
    const Object *obj = meta_object(cx->meta, str_c(object));

    REQUIRE(obj != NULL);
    return record_new(cx->mem, obj);
}

static void set_text(Record *rec, const char *field, const char *text)
{
    record_set(rec, field, val_text(str_c(text)));
}

/* --- currencies and company ------------------------------------------------------------------------------------------ */

typedef struct SeedCurrency {
    const char *code, *symbol;
    const char *name[LANG_COUNT];
} SeedCurrency;

static const SeedCurrency CURRENCIES[] = {
    {"EUR", "€", TEXTS("Euro", "Евро", "Euro")},
    {"PLN", "zł", TEXTS("Polish zloty", "Польский злотый", "Złoty polski")},
    {"RUB", "₽", TEXTS("Russian rouble", "Российский рубль", "Rubel rosyjski")},
    {"USD", "$", TEXTS("US dollar", "Доллар США", "Dolar amerykański")},
};

/* Made only where the company counts in them. */
static const SeedCurrency OTHERS[] = {
    {"AMD", "֏", TEXTS("Armenian dram", "Армянский драм", "Dram armeński")},
    {"BYN", "Br", TEXTS("Belarusian rouble", "Белорусский рубль", "Rubel białoruski")},
    {"CAD", "CA$", TEXTS("Canadian dollar", "Канадский доллар", "Dolar kanadyjski")},
    {"CHF", "CHF", TEXTS("Swiss franc", "Швейцарский франк", "Frank szwajcarski")},
    {"CNY", "¥", TEXTS("Chinese yuan", "Китайский юань", "Juan chiński")},
    {"CZK", "Kč", TEXTS("Czech koruna", "Чешская крона", "Korona czeska")},
    {"GBP", "£", TEXTS("Pound sterling", "Фунт стерлингов", "Funt szterling")},
    {"GEL", "₾", TEXTS("Georgian lari", "Грузинский лари", "Lari gruzińskie")},
    {"KZT", "₸", TEXTS("Kazakhstani tenge", "Казахстанский тенге", "Tenge kazachskie")},
    {"UAH", "₴", TEXTS("Ukrainian hryvnia", "Украинская гривна", "Hrywna ukraińska")},
};

static Err *add_currency(Ctx *cx, const char *code, const char *name, const char *symbol, bool is_company,
                         Id *out)
{
    Record *rec = seed_start(cx, "currency");
    int places = currency_places(str_c(code));

    set_text(rec, "code", code);
    set_text(rec, "name", name);
    if (symbol) set_text(rec, "symbol", symbol);
    record_set(rec, "places", val_int(places < 0 || places > 4 ? 2 : places));
    record_set(rec, "is_company", val_bool(is_company));
    TRY(record_create(cx, rec, NULL));
    if (is_company) *out = rec->id;
    return NULL;
}

static Err *seed_currencies(Ctx *cx, const InitOptions *init, Lang lang, Id *company)
{
    bool is_known = false;

    for (size_t i = 0; i < sizeof CURRENCIES / sizeof *CURRENCIES; i++) {
        bool is_company = str_eq_c(init->currency, CURRENCIES[i].code);
        is_known = is_known || is_company;
        TRY(add_currency(cx, CURRENCIES[i].code, CURRENCIES[i].name[lang], CURRENCIES[i].symbol, is_company,
                         company));
    }
    if (is_known) return NULL;
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (str_eq_c(init->currency, OTHERS[i].code))
            return add_currency(cx, OTHERS[i].code, OTHERS[i].name[lang], OTHERS[i].symbol, true, company);
    const char *code = str_to_c(cx->mem, init->currency);
    return add_currency(cx, code, code, NULL, true, company);
}

static Err *seed_company(Ctx *cx, const InitOptions *init, Id currency, Id *out)
{
    Record *rec = seed_start(cx, "own_company");
    const Object *obj = meta_object(cx->meta, S("currency"));

    record_set(rec, "name", val_text(init->company));
    record_set(rec, "country", val_text(init->country));
    record_set(rec, "language", val_text(init->language));
    record_set(rec, "currency", val_ref(obj->number, currency));
    if (init->zone.n) record_set(rec, "zone", val_text(init->zone));
    record_set(rec, "is_main", val_bool(true));
    TRY(record_create(cx, rec, NULL));
    *out = rec->id;
    return NULL;
}

/* --- roles ----------------------------------------------------------------------------------------------------------- */

#define OWN_OR_SHARED \
    "{\"create\":\"all\",\"read\":\"own\",\"update\":\"own\",\"delete\":\"own\",\"also\":\"shared == true\"}"
#define OWN_VIEWS "\"saved_view\":" OWN_OR_SHARED ",\"dashboard\":" OWN_OR_SHARED

static const struct {
    const char *key;
    const char *name[LANG_COUNT];
    const char *rights;
} ROLES[] = {
    {"administrator", TEXTS("Administrator", "Администратор", "Administrator"), "{\"administrator\":true}"},
    {"manager", TEXTS("Sales manager", "Руководитель продаж", "Kierownik sprzedaży"),
     "{\"*\":{\"create\":\"all\",\"read\":\"all\",\"update\":\"all\",\"delete\":\"team\",\"export\":true,\"mass\":true}," OWN_VIEWS
     ",\"masked\":true}"},
    {"sales", TEXTS("Salesperson", "Менеджер по продажам", "Handlowiec"),
     "{\"*\":{\"create\":\"all\",\"read\":\"team\",\"update\":\"own\",\"delete\":\"own\",\"export\":false,\"mass\":false},"
     "\"deal\":{\"also\":\"splits.exists(s, s.person == me())\"},"
     "\"product\":{\"create\":\"none\",\"read\":\"all\",\"update\":\"none\",\"delete\":\"none\"}," OWN_VIEWS
     ",\"masked\":true}"},
    {"viewer", TEXTS("Observer", "Наблюдатель", "Obserwator"),
     "{\"*\":{\"create\":\"none\",\"read\":\"all\",\"update\":\"none\",\"delete\":\"none\"}," OWN_VIEWS
     ",\"masked\":false}"},
};

static Err *seed_roles(Ctx *cx, Lang lang)
{
    for (size_t i = 0; i < sizeof ROLES / sizeof *ROLES; i++) {
        Record *rec = seed_start(cx, "role");
        Val rights;
        TRY(json_parse(cx->mem, str_c(ROLES[i].rights), &rights));
        set_text(rec, "key", ROLES[i].key);
        set_text(rec, "name", ROLES[i].name[lang]);
        record_set(rec, "rights", rights);
        TRY(record_create(cx, rec, NULL));
    }
    return NULL;
}

/* --- pipeline -------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name[LANG_COUNT];
    const char *color;
    int probability;
    const char *category;
} STAGES[] = {
    {TEXTS("New", "Новая", "Nowa"), "slate", 10, "open"},
    {TEXTS("Qualified", "Квалификация", "Kwalifikacja"), "blue", 30, "open"},
    {TEXTS("Proposal", "Предложение", "Oferta"), "violet", 50, "open"},
    {TEXTS("Negotiation", "Переговоры", "Negocjacje"), "amber", 75, "open"},
    {TEXTS("Won", "Выиграна", "Wygrana"), "green", 100, "won"},
    {TEXTS("Lost", "Проиграна", "Przegrana"), "red", 0, "lost"},
};

static Err *add_stage(Ctx *cx, size_t i, Lang lang, Id pipeline)
{
    Record *rec = seed_start(cx, "stage");

    set_text(rec, "name", STAGES[i].name[lang]);
    set_text(rec, "color", STAGES[i].color);
    record_set(rec, "pipeline", val_ref(meta_object(cx->meta, S("pipeline"))->number, pipeline));
    record_set(rec, "position", val_int((int64_t)i + 1));
    record_set(rec, "probability", val_decimal(STAGES[i].probability * INT64_C(10000), 4));
    set_text(rec, "category", STAGES[i].category);
    return record_create(cx, rec, NULL);
}

static const char *const PIPELINE[LANG_COUNT] = TEXTS("Sales", "Продажи", "Sprzedaż");

static Err *seed_pipeline(Ctx *cx, Lang lang)
{
    Record *rec = seed_start(cx, "pipeline");

    set_text(rec, "name", PIPELINE[lang]);
    record_set(rec, "is_default", val_bool(true));
    TRY(record_create(cx, rec, NULL));
    for (size_t i = 0; i < sizeof STAGES / sizeof *STAGES; i++) TRY(add_stage(cx, i, lang, rec->id));
    return NULL;
}

static Err *seed_rhythm(Ctx *cx)
{
    static const struct {
        const char *class;
        int days;
    } RHYTHM[] = {{"A", 14}, {"B", 30}, {"C", 90}};

    for (size_t i = 0; i < sizeof RHYTHM / sizeof *RHYTHM; i++) {
        Record *rec = seed_start(cx, "contact_rhythm");
        set_text(rec, "class", RHYTHM[i].class);
        record_set(rec, "days", val_int(RHYTHM[i].days));
        TRY(record_create(cx, rec, NULL));
    }
    return NULL;
}

/* --- industries ------------------------------------------------------------------------------------------------------ */

/* A line of our own file: fields split by commas, quoted where they hold one. */
size_t seed_split(Arena *mem, Str line, Str *cells)
{
    size_t n = 0;

    while (line.p && n < SEED_COLUMNS) {
        if (line.n && line.p[0] == '"') {
            line = str_from(line, 1);
            ptrdiff_t end = str_find_char(line, '"');
            REQUIRE(end >= 0);
            cells[n++] = str_copy(mem, str_sub(line, 0, (size_t)end));
            line = str_from(line, (size_t)end + 1);
            (void)str_cut(&line, ',');
        } else {
            cells[n++] = str_cut(&line, ',');
        }
    }
    return n;
}

typedef struct Branches {
    StrMap ids; /* code -> Id * */
} Branches;

static Err *add_industry(Ctx *cx, const Str *heads, const Str *cells, size_t n, Lang lang, Branches *done)
{
    Record *rec = seed_start(cx, "industry");
    Str own = str_fmt(cx->mem, "name_%.*s", SFMT(lang_code(lang)));
    Str code = {0};

    for (size_t i = 0; i < n; i++) {
        const Field *f = object_field(rec->obj, heads[i]);
        if (str_eq(heads[i], S("code"))) code = cells[i];
        if (str_eq(heads[i], own)) record_set(rec, "name", val_text(cells[i]));
        if (!f || cells[i].n == 0) continue;
        Id *up = f->type == FIELD_REFERENCE ? strmap_get(&done->ids, cells[i]) : NULL;
        if (f->type != FIELD_REFERENCE)
            record_set(rec, str_to_c(cx->mem, heads[i]), val_text(cells[i]));
        else if (up)
            record_set(rec, str_to_c(cx->mem, heads[i]), val_ref(rec->obj->number, *up));
    }
    TRY(record_create(cx, rec, NULL));
    Id *id = NEW(cx->mem, Id);
    *id = rec->id;
    strmap_put(cx->mem, &done->ids, code, id);
    return NULL;
}

static Err *seed_industries(Ctx *cx, Lang lang)
{
    const Embed *file = embed_find(S("mod/party/industry.csv"));
    Str heads[SEED_COLUMNS], cells[SEED_COLUMNS];
    Branches done = {0};

    if (!file) return NULL;
    Str text = {(const char *)file->data, file->size};
    size_t n_heads = seed_split(cx->mem, str_trim(str_cut(&text, '\n')), heads);
    while (text.p) {
        Str line = str_trim(str_cut(&text, '\n'));
        if (line.n == 0 || line.p[0] == '#') continue;
        size_t n = seed_split(cx->mem, line, cells);
        TRY(add_industry(cx, heads, cells, n < n_heads ? n : n_heads, lang, &done));
    }
    return NULL;
}

/* --- tax rates ------------------------------------------------------------------------------------------------------- */

/* What a rate is called: by its kind, else by its percent. */
static const struct {
    const char *kind;
    const char *name[LANG_COUNT];
} TAX_NAMES[] = {
    {"exempt", TEXTS("Exempt from VAT", "Без НДС", "Zwolnione z VAT")},
    {"reverse", TEXTS("Reverse charge", "НДС исчисляет покупатель", "Odwrotne obciążenie")},
    {"outside", TEXTS("Outside VAT", "Не облагается НДС", "Nie podlega VAT")},
};

static Str tax_name(Arena *mem, Str kind, Str rate, Str country, Lang lang)
{
    static const char *const VAT[] = {"VAT", "НДС", "VAT"};
    Str name = str_fmt(mem, "%s %.*s%s", VAT[lang], SFMT(rate), lang == LANG_RU ? " %" : "%");

    for (size_t i = 0; i < sizeof TAX_NAMES / sizeof *TAX_NAMES; i++)
        if (str_eq_c(kind, TAX_NAMES[i].kind)) name = str_c(TAX_NAMES[i].name[lang]);
    return country.n ? str_fmt(mem, "%.*s (%.*s)", SFMT(name), SFMT(country)) : name;
}

enum { TAX_COUNTRY, TAX_CODE, TAX_KIND, TAX_RATE, TAX_FROM, TAX_UNTIL, TAX_COLUMNS };

static Err *add_tax_rate(Ctx *cx, const Str *cells, Lang lang, Id *out)
{
    Record *rec = seed_start(cx, "tax_rate");
    int64_t percent = 0, day = 0;
    uint8_t places = 0;

    record_set(rec, "name",
               val_text(tax_name(cx->mem, cells[TAX_KIND], cells[TAX_RATE], cells[TAX_COUNTRY], lang)));
    if (cells[TAX_COUNTRY].n) record_set(rec, "country", val_text(cells[TAX_COUNTRY]));
    record_set(rec, "code", val_text(cells[TAX_CODE]));
    record_set(rec, "kind", val_text(cells[TAX_KIND]));
    if (decimal_parse(cells[TAX_RATE], &percent, &places) && decimal_rescale(percent, places, 4, &percent))
        record_set(rec, "rate", val_decimal(percent, 4));
    if (date_parse(cells[TAX_FROM], &day)) record_set(rec, "starts_on", val_date(day));
    if (date_parse(cells[TAX_UNTIL], &day)) record_set(rec, "ends_on", val_date(day));
    TRY(record_create(cx, rec, NULL));
    *out = rec->id;
    return NULL;
}

/* The company sells at the standard rate of its country unless it is told otherwise. */
static Err *set_usual_rate(Ctx *cx, Id company, Id rate)
{
    Record *rec = seed_start(cx, "own_company");

    rec->id = company;
    record_set(rec, "tax_rate", val_ref(meta_object(cx->meta, S("tax_rate"))->number, rate));
    return record_update(cx, rec, NULL);
}

static Err *seed_tax_rates(Ctx *cx, const InitOptions *init, Lang lang, Id company)
{
    const Embed *file = embed_find(S("mod/sales/tax_rate.csv"));
    Str text = file ? (Str){(const char *)file->data, file->size} : (Str){0};
    Id id = 0, usual = 0;
    bool is_head = true;

    while (text.p) {
        Str line = str_trim(str_cut(&text, '\n')), cells[SEED_COLUMNS] = {0};
        if (line.n == 0 || line.p[0] == '#') continue;
        (void)seed_split(cx->mem, line, cells);
        if (!is_head) TRY(add_tax_rate(cx, cells, lang, &id));
        bool is_usual = str_eq(cells[TAX_COUNTRY], init->country) && str_eq(cells[TAX_KIND], S("standard"));
        if (!is_head && is_usual && !cells[TAX_UNTIL].n) usual = id;
        is_head = false;
    }
    return usual ? set_usual_rate(cx, company, usual) : NULL;
}

Err *seed_all(Ctx *cx, const InitOptions *init)
{
    Lang lang = lang_from(init->language);
    Id currency = 0, company = 0;

    cx->batch = id_new(cx->now);
    TRY(seed_currencies(cx, init, lang, &currency));
    TRY(seed_company(cx, init, currency, &company));
    TRY(seed_tax_rates(cx, init, lang, company));
    TRY(seed_roles(cx, lang));
    TRY(seed_pipeline(cx, lang));
    TRY(seed_rhythm(cx));
    TRY(seed_dashboard(cx, lang));
    TRY(seed_rules(cx, lang));
    TRY(seed_playbooks(cx, lang));
    return seed_industries(cx, lang);
}

/* --- in another language --------------------------------------------------------------------------------------------- */

typedef struct Naming {
    Id id;
    Str name;
} Naming;
typedef VEC(Naming) Namings;

#define SEEDED(rows) (i < sizeof(rows) / sizeof *(rows) ? (rows)[i].name : NULL)

/* Names of seed `i` of `object` in all languages; NULL after the last. */
static const char *const *seed_names(Str object, size_t i)
{
    size_t n = sizeof CURRENCIES / sizeof *CURRENCIES;

    if (str_eq(object, S("role"))) return SEEDED(ROLES);
    if (str_eq(object, S("stage"))) return SEEDED(STAGES);
    if (str_eq(object, S("playbook"))) return seed_playbook_names(i);
    if (str_eq(object, S("pipeline"))) return i == 0 ? PIPELINE : NULL;
    if (str_eq(object, S("dashboard")) || str_eq(object, S("tile")))
        return seed_dashboard_names(str_eq(object, S("tile")), i);
    if (!str_eq(object, S("currency"))) return NULL;
    if (i < n) return CURRENCIES[i].name;
    i -= n;
    return SEEDED(OTHERS);
}

/* What a seed named `name` is called in `lang`; empty for a name of people's own. */
static Str seed_named(Str object, Str name, Lang lang)
{
    const char *const *names;

    for (size_t i = 0; (names = seed_names(object, i)) != NULL; i++)
        for (size_t k = 0; k < LANG_COUNT; k++)
            if (str_eq_c(name, names[k])) return str_c(names[lang]);
    return (Str){0};
}

/* An industry carries its names itself, in the order of Lang. */
static Str industry_named(Arena *mem, DbRows *rows, Str name, Lang lang)
{
    for (size_t k = 0; k < LANG_COUNT; k++)
        if (str_eq(name, db_str(rows, 2 + k))) return str_copy(mem, db_str(rows, 2 + (size_t)lang));
    return (Str){0};
}

static Err *namings_find(Ctx *cx, const Object *obj, Lang lang, Id only, Namings *out)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has, is_industry = str_eq(obj->name, S("industry"));

    sql_text(&q, "SELECT id, name");
    if (is_industry) sql_text(&q, ", name_en, name_ru, name_pl");
    sql_text(&q, " FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " WHERE deleted_at IS NULL");
    if (only) {
        sql_text(&q, " AND id IN (SELECT record FROM change WHERE kind = 2 AND derived = 0 AND batch = ");
        sql_bind(&q, val_int(only));
        sql_text(&q, ")");
    }
    sql_text(&q, " ORDER BY id");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Str name = db_str(rows, 1);
        Str own = is_industry ? industry_named(cx->mem, rows, name, lang) : seed_named(obj->name, name, lang);
        if (own.n && !str_eq(own, name)) *vec_push(cx->mem, out) = (Naming){db_i64(rows, 0), own};
    }
}

Err *seed_rename(Ctx *cx, Lang lang, Id only)
{
    static const char *const OBJECTS[] = {"currency", "role",      "pipeline", "stage",
                                          "playbook", "dashboard", "tile",     "industry"};

    for (size_t i = 0; i < sizeof OBJECTS / sizeof *OBJECTS; i++) {
        const Object *obj = meta_object(cx->meta, str_c(OBJECTS[i]));
        Namings namings = {0};
        if (!obj) continue;
        TRY(namings_find(cx, obj, lang, only, &namings));
        for (size_t k = 0; k < namings.n; k++) {
            Record *rec = record_new(cx->mem, obj);
            rec->id = namings.p[k].id;
            record_set(rec, "name", val_text(namings.p[k].name));
            TRY(record_update(cx, rec, NULL));
        }
    }
    return NULL;
}
