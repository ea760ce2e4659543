/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Payment codes: three national forms of the same few facts.  What an application would read wrongly is refused: a code that
   cannot be paid is worse than none. */
#include "mod/sales/payment_qr.h"

#include "base/buf.h"
#include "base/decimal.h"

#define GOST_MAX 300 /* bytes of the fields that must be there */
#define EPC_MAX  331 /* bytes of the whole code */
#define TEXT_MAX 4096

static Err *bad_field(Arena *mem, const char *what)
{
    return err_arg(err_new(mem, ERR_INVALID, "error.qr.field", "payment code: %s", what), 0, str_c(what));
}

static bool is_digits(Str s, size_t n)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n == n;
}

/* The first `n` characters. */
static Str first_chars(Str s, size_t n)
{
    size_t at = 0;

    while (n-- && at < s.n) utf8_next(s, &at);
    return str_sub(s, 0, at);
}

/* Line breaks and other control characters would end a field. */
static Str one_line(Arena *mem, Str s)
{
    char *out = arena_alloc(mem, s.n + 1);

    for (size_t i = 0; i < s.n; i++) out[i] = (unsigned char)s.p[i] < ' ' ? ' ' : s.p[i];
    return str_trim((Str){out, s.n});
}

/* --- Russia -------------------------------------------------------------------------------------------------------------- */

/* A separator that no value holds; 0 when there is none. */
static char separator_for(const Str *values, size_t n)
{
    static const char CANDIDATES[] = "|#;:^_~{}@$%&*";

    for (const char *c = CANDIDATES; *c; c++) {
        bool is_used = false;
        for (size_t i = 0; i < n; i++) is_used = is_used || str_find_char(values[i], *c) >= 0;
        if (!is_used) return *c;
    }
    return 0;
}

static void add_field(Buf *b, char separator, const char *name, Str value)
{
    if (!value.n) return;
    buf_add_c(b, separator);
    buf_add(b, str_c(name));
    buf_add_c(b, '=');
    buf_add(b, value);
}

static Err *check_gost(Arena *mem, const PaymentQr *q, Str name, Str bank)
{
    if (!name.n || utf8_count(name) > 160) return bad_field(mem, "Name");
    if (!is_digits(q->account, 20)) return bad_field(mem, "PersonalAcc");
    if (!bank.n || utf8_count(bank) > 45) return bad_field(mem, "BankName");
    if (!is_digits(q->bank_code, 9)) return bad_field(mem, "BIC");
    if (!is_digits(q->correspondent_account, 20)) return bad_field(mem, "CorrespAcc");
    if (q->tax_id.n && !is_digits(q->tax_id, 10) && !is_digits(q->tax_id, 12))
        return bad_field(mem, "PayeeINN");
    if (q->kpp.n && q->kpp.n != 9) return bad_field(mem, "KPP");
    return NULL;
}

static Err *gost(Arena *mem, const PaymentQr *q, int64_t amount, Str *out)
{
    Buf b = buf_new(mem, TEXT_MAX);
    Str name = one_line(mem, q->name), bank = one_line(mem, q->bank_name),
        purpose = first_chars(one_line(mem, q->purpose), 210);
    Str values[] = {name,      bank,   q->account, q->bank_code, q->correspondent_account,
                    q->tax_id, q->kpp, purpose};
    char c = separator_for(values, sizeof values / sizeof *values);

    TRY(check_gost(mem, q, name, bank));
    if (!c) return bad_field(mem, "Purpose");
    buf_add(&b, S("ST00012"));
    size_t begin = b.n;
    add_field(&b, c, "Name", name);
    add_field(&b, c, "PersonalAcc", q->account);
    add_field(&b, c, "BankName", bank);
    add_field(&b, c, "BIC", q->bank_code);
    add_field(&b, c, "CorrespAcc", q->correspondent_account);
    if (b.n - begin > GOST_MAX + 1) return bad_field(mem, "Name"); /* the first separator is of the head */
    if (amount) add_field(&b, c, "Sum", str_fmt(mem, "%lld", (long long)amount));
    add_field(&b, c, "PayeeINN", q->tax_id);
    add_field(&b, c, "KPP", q->kpp);
    add_field(&b, c, "Purpose", purpose);
    *out = buf_str(&b);
    return NULL;
}

/* --- Poland -------------------------------------------------------------------------------------------------------------- */

/* A field holds no separator. */
static Str without_bar(Arena *mem, Str s, size_t chars)
{
    Str line = one_line(mem, s);
    char *out = arena_alloc(mem, line.n + 1);

    for (size_t i = 0; i < line.n; i++) out[i] = line.p[i] == '|' ? ' ' : line.p[i];
    return str_trim(first_chars((Str){out, line.n}, chars));
}

static Err *zbp(Arena *mem, const PaymentQr *q, int64_t amount, Str *out)
{
    Str account = str_starts(q->account, S("PL")) ? str_from(q->account, 2) : q->account;
    Str name = without_bar(mem, q->name, 20), title = without_bar(mem, q->purpose, 32);

    if (!is_digits(account, 26)) return bad_field(mem, "IBAN");
    if (q->tax_id.n && !is_digits(q->tax_id, 10)) return bad_field(mem, "NIP");
    if (amount > 999999) return bad_field(mem, "PLN > 9999.99");
    if (!name.n) return bad_field(mem, "Name");
    *out = str_fmt(mem, "%.*s|PL|%.*s|%06lld|%.*s|%.*s|||", SFMT(q->tax_id), SFMT(account), (long long)amount,
                   SFMT(name), SFMT(title));
    return NULL;
}

/* --- the euro area ------------------------------------------------------------------------------------------------------- */

static Err *epc(Arena *mem, const PaymentQr *q, int64_t amount, Str *out)
{
    Str name = first_chars(one_line(mem, q->name), 70), text = first_chars(one_line(mem, q->purpose), 140);

    if (!name.n) return bad_field(mem, "Name");
    if (q->account.n < 15 || q->account.n > 34) return bad_field(mem, "IBAN");
    if (q->bank_code.n && q->bank_code.n != 8 && q->bank_code.n != 11) return bad_field(mem, "BIC");
    if (amount < 1 || amount > INT64_C(99999999999)) return bad_field(mem, "EUR");
    *out = str_fmt(mem, "BCD\n002\n1\nSCT\n%.*s\n%.*s\n%.*s\nEUR%.*s\n\n\n%.*s", SFMT(q->bank_code),
                   SFMT(name), SFMT(q->account), SFMT(decimal_text(mem, amount, 2)), SFMT(text));
    return out->n > EPC_MAX ? bad_field(mem, "Name") : NULL;
}

Err *payment_qr(Arena *mem, const PaymentQr *q, Str *out)
{
    char code[4] = "";
    int64_t amount = 0;

    *out = (Str){0};
    if (q->amount.kind == VAL_MONEY) currency_unpack(q->amount.aux, code);
    if (q->amount.kind != VAL_MONEY || q->amount.i < 0 ||
        !decimal_rescale(q->amount.i, q->amount.places, 2, &amount))
        return bad_field(mem, "Sum");
    if (str_eq_c(S("RUB"), code)) return gost(mem, q, amount, out);
    if (str_eq_c(S("PLN"), code)) return zbp(mem, q, amount, out);
    if (str_eq_c(S("EUR"), code)) return epc(mem, q, amount, out);
    return err_arg(err_new(mem, ERR_INVALID, "error.qr.currency", "no payment code for %s", code), 0,
                   str_copy(mem, str_c(code)));
}
