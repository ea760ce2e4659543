/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 1CClientBankExchange 1.02 and 1.03: lines "Key=Value" in sections.  Which way money went is told by the accounts, not by the
   kind of document; what has no day of arrival or debit has not happened yet. */
#include "base/time.h"
#include "core/import/bank.h"

typedef struct Side {
    Str account, account2, name, name1, name2, inn, kpp, bank, bik;
} Side;

typedef struct Order {
    int64_t line;
    Str number, date, amount, arrived, debited, purpose;
    Str more[6]; /* НазначениеПлатежа1 .. 6 */
    Side payer, receiver;
} Order;

typedef struct Balance {
    Str account;
    Str opening, in, out, closing;
} Balance;

typedef struct Reader {
    BankFile *f;
    StrMap own; /* our accounts */
    Balance balance;
    Order order;
    bool is_balance, is_order, is_over;
} Reader;

static bool parse_day(Str s, int64_t *out)
{
    int64_t day, month, year;

    s = str_trim(s);
    if (s.n < 10 || s.p[2] != '.' || s.p[5] != '.' || !str_to_i64(str_sub(s, 0, 2), &day) ||
        !str_to_i64(str_sub(s, 3, 2), &month) || !str_to_i64(str_sub(s, 6, 4), &year) ||
        !date_is_valid((int)year, (int)month, (int)day))
        return false;
    *out = date_from_civil((int)year, (int)month, (int)day);
    return true;
}

/* Where a key of one side is kept; `rest` is the key without "Плательщик" or "Получатель". */
static Str *side_place(Side *s, Str rest)
{
    const struct {
        const char *key;
        Str *to;
    } places[] = {{"", &s->name},   {"Счет", &s->account}, {"РасчСчет", &s->account2},  {"ИНН", &s->inn},
                  {"КПП", &s->kpp}, {"1", &s->name1},      {"Наименование", &s->name2}, {"Банк1", &s->bank},
                  {"БИК", &s->bik}};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (str_eq_c(rest, places[i].key)) return places[i].to;
    return NULL;
}

static Str *order_place(Order *o, Str key)
{
    const struct {
        const char *key;
        Str *to;
    } places[] = {{"Номер", &o->number},        {"Дата", &o->date},
                  {"Сумма", &o->amount},        {"ДатаПоступило", &o->arrived},
                  {"ДатаСписано", &o->debited}, {"НазначениеПлатежа", &o->purpose}};
    Str payer = S("Плательщик"), receiver = S("Получатель"), purpose = S("НазначениеПлатежа");

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (str_eq_c(key, places[i].key)) return places[i].to;
    if (str_starts(key, payer)) return side_place(&o->payer, str_from(key, payer.n));
    if (str_starts(key, receiver)) return side_place(&o->receiver, str_from(key, receiver.n));
    if (str_starts(key, purpose) && key.n == purpose.n + 1) {
        char last = key.p[purpose.n];
        if (last >= '1' && last <= '6') return &o->more[last - '1'];
    }
    return NULL;
}

static Str *balance_place(Balance *b, Str key)
{
    const struct {
        const char *key;
        Str *to;
    } places[] = {{"РасчСчет", &b->account},
                  {"НачальныйОстаток", &b->opening},
                  {"ВсегоПоступило", &b->in},
                  {"ВсегоСписано", &b->out},
                  {"КонечныйОстаток", &b->closing}};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (str_eq_c(key, places[i].key)) return places[i].to;
    return NULL;
}

/* A balance may be below zero. */
static bool parse_balance(Str s, int64_t *out)
{
    bool is_minus = s.n && s.p[0] == '-';

    if (!bank_amount(is_minus ? str_from(s, 1) : s, out)) return false;
    if (is_minus) *out = -*out;
    return true;
}

/* Where a bank tells all four, they must agree. */
static Err *end_balance(Reader *r)
{
    const Balance *b = &r->balance;
    int64_t opening, in, out, closing;

    r->is_balance = false;
    if (b->account.n) strmap_put(r->f->mem, &r->own, b->account, r);
    if (!parse_balance(b->opening, &opening) || !parse_balance(b->in, &in) || !parse_balance(b->out, &out) ||
        !parse_balance(b->closing, &closing))
        return NULL;
    if ((uint64_t)opening + (uint64_t)in - (uint64_t)out != (uint64_t)closing)
        return bank_problem(r->f->errs, "error.source.bank_sum", b->account);
    return NULL;
}

static Str first_of(Str a, Str b, Str c)
{
    return a.n ? a : b.n ? b : c;
}

static Str purpose_of(Reader *r, const Order *o)
{
    Str parts[6];
    size_t n = 0;

    if (o->purpose.n) return o->purpose;
    for (size_t i = 0; i < 6; i++)
        if (o->more[i].n) parts[n++] = o->more[i];
    return str_join(r->f->mem, parts, n, S(" "));
}

static void add_entry(Reader *r, const Order *o, bool is_in, int64_t day, int64_t amount)
{
    const Side *other = is_in ? &o->payer : &o->receiver, *own = is_in ? &o->receiver : &o->payer;

    *vec_push(r->f->mem, &r->f->entries) =
        (BankEntry){.line = o->line,
                    .day = day,
                    .is_in = is_in,
                    .amount = amount,
                    .own_account = first_of(own->account2, own->account, S("")),
                    .currency = S("RUB"),
                    .number = o->number,
                    .name = first_of(other->name, other->name1, other->name2),
                    .identifier = other->inn,
                    .kpp = other->kpp,
                    .account = first_of(other->account2, other->account, S("")),
                    .bank = other->bik,
                    .purpose = purpose_of(r, o)};
}

static bool is_own(const Reader *r, const Side *s)
{
    return (s->account.n && strmap_get(&r->own, s->account)) ||
           (s->account2.n && strmap_get(&r->own, s->account2));
}

static Err *end_order(Reader *r)
{
    const Order *o = &r->order;
    bool comes = is_own(r, &o->receiver) && o->arrived.n, goes = is_own(r, &o->payer) && o->debited.n;
    int64_t amount, in_day = 0, out_day = 0;

    r->is_order = false;
    if (!comes && !goes) return NULL; /* not booked yet, or of another account */
    if (!bank_amount(o->amount, &amount) || amount == 0)
        return bank_problem(r->f->errs, "error.source.bank_amount", o->amount);
    if ((comes && !parse_day(o->arrived, &in_day)) || (goes && !parse_day(o->debited, &out_day)))
        return bank_problem(r->f->errs, "error.source.bank_date", comes ? o->arrived : o->debited);
    if (comes) add_entry(r, o, true, in_day, amount);
    if (goes) add_entry(r, o, false, out_day, amount);
    return NULL;
}

static Err *take_line(Reader *r, Str line, int64_t number)
{
    Str value = line, key = str_trim(str_cut(&value, '='));
    Str *place = NULL;

    value = str_trim(value);
    if (str_eq(key, S("КонецФайла"))) {
        r->is_over = true;
    } else if (str_eq(key, S("СекцияРасчСчет"))) {
        r->balance = (Balance){0};
        r->is_balance = true;
    } else if (str_eq(key, S("КонецРасчСчет"))) {
        return end_balance(r);
    } else if (str_eq(key, S("СекцияДокумент"))) {
        r->order = (Order){.line = number};
        r->is_order = true;
    } else if (str_eq(key, S("КонецДокумента"))) {
        return end_order(r);
    } else if (r->is_order) {
        place = order_place(&r->order, key);
    } else if (r->is_balance) {
        place = balance_place(&r->balance, key);
    } else if (str_eq(key, S("РасчСчет")) && value.n) {
        strmap_put(r->f->mem, &r->own, value, r);
    }
    if (place) *place = str_sub(value, 0, BANK_TEXT_MAX);
    return NULL;
}

Err *bank_read_1c(BankFile *f, Str text)
{
    Reader r = {.f = f};

    for (int64_t line = 1; text.p && !r.is_over; line++)
        TRY(take_line(&r, str_trim(str_cut(&text, '\n')), line));
    if (!r.is_over) return bank_problem(f->errs, "error.source.bank_end", S("КонецФайла"));
    return NULL;
}
