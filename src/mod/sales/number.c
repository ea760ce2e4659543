/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of documents: by own company, kind and year, without gaps or doubles.  The count is a row that is locked until the
   unit that took from it ends: a unit that is rolled back has taken nothing.  A form says how a number looks: {yyyy}, {yy},
   {mm} of the document's date, {n} or {nnnn} the count, padded to as many digits. */
#include "mod/sales/sales_impl.h"

#include "base/time.h"

static const struct {
    const char *kind, *field, *form;
} FORMS[] = {
    {"quote", "quote_number", "Q-{yyyy}-{nnnn}"},
    {"order", "order_number", "O-{yyyy}-{nnnn}"},
    {"invoice", "invoice_number", "{yyyy}-{nnnn}"},
    {"proforma", "proforma_number", "PF-{yyyy}-{nnnn}"},
    {"credit_note", "credit_note_number", "CN-{yyyy}-{nnnn}"},
    {"contract", "contract_number", "C-{yyyy}-{nnnn}"},
};

static Err *count(Ctx *cx, Str name, int64_t *out)
{
    Val bind = val_text(name), v = {0};
    int64_t changed = 0;

    TRY(db_exec(cx->mem, cx->db, S("UPDATE counter SET value = value + 1 WHERE name = ?1"), &bind, 1,
                &changed));
    if (!changed)
        TRY(db_exec(cx->mem, cx->db,
                    S("INSERT INTO counter (name, value) VALUES (?1, 0) ON CONFLICT (name) DO NOTHING"),
                    &bind, 1, NULL));
    if (!changed)
        TRY(db_exec(cx->mem, cx->db, S("UPDATE counter SET value = value + 1 WHERE name = ?1"), &bind, 1,
                    NULL));
    TRY(db_one(cx->mem, cx->db, S("SELECT value FROM counter WHERE name = ?1"), &bind, 1, &v));
    *out = v.i;
    return NULL;
}

static void put_part(Buf *b, Str part, CivilDate date, int64_t n)
{
    size_t width = 0;

    while (width < part.n && part.p[width] == 'n') width++;
    if (str_eq(part, S("yyyy")))
        buf_addf(b, "%04d", date.year);
    else if (str_eq(part, S("yy")))
        buf_addf(b, "%02d", date.year % 100);
    else if (str_eq(part, S("mm")))
        buf_addf(b, "%02d", date.month);
    else if (width && width == part.n && width < 10)
        buf_addf(b, "%0*lld", (int)width, (long long)n);
    else
        buf_addf(b, "{%.*s}", SFMT(part));
}

Str number_form(Arena *mem, Str form, int64_t day, int64_t n)
{
    Buf b = buf_new(mem, 256);
    CivilDate date = date_to_civil(day);
    Str rest = form;

    while (rest.n) {
        ptrdiff_t from = str_find_char(rest, '{');
        ptrdiff_t to = from < 0 ? -1 : str_find_char(str_from(rest, (size_t)from), '}');

        if (to < 0) break;
        buf_add(&b, str_sub(rest, 0, (size_t)from));
        put_part(&b, str_sub(rest, (size_t)from + 1, (size_t)to - 1), date, n);
        rest = str_from(rest, (size_t)(from + to) + 1);
    }
    buf_add(&b, rest);
    return buf_str(&b);
}

/* A form without a count would give every document the same number. */
static Str form_of(const Record *company, size_t kind)
{
    Val own = company ? record_get_val(company, FORMS[kind].field) : val_null();
    bool counts = own.kind == VAL_TEXT && str_find(val_str(own), S("n}")) >= 0;

    return counts ? val_str(own) : str_c(FORMS[kind].form);
}

Err *number_take(Ctx *cx, Record *rec, Str kind)
{
    Val company = record_get_val(rec, "own_company"), date = record_get_val(rec, "date");
    Record *own = NULL;
    int64_t n = 0;
    size_t k = 0;

    while (k < sizeof FORMS / sizeof *FORMS && !str_eq_c(kind, FORMS[k].kind)) k++;
    REQUIRE(k < sizeof FORMS / sizeof *FORMS);
    TRY(sales_read(cx, rec, "own_company", &own));
    CivilDate day = date_to_civil(date.i);
    TRY(count(cx, str_fmt(cx->mem, "%.*s:%lld:%d", SFMT(kind), (long long)company.i, day.year), &n));
    record_set(rec, "number", val_text(number_form(cx->mem, form_of(own, k), date.i, n)));
    record_set(rec, "year", val_int(day.year));
    return NULL;
}
