/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MT940 (SWIFT, customer statement message): fields ":NN:" of one or several lines.  What banks write into field 86 differs:
   parts numbered after a separator of the bank's choice ("?20", "<20", "~20"), tags ("/NAME/…"), or plain text. */
#include "base/buf.h"
#include "base/time.h"
#include "core/import/bank.h"

#define PART_MAX   27 /* characters of a full part; a word goes on in the next one */
#define PARTS_MAX  100
#define CENTURY_70 70

typedef struct Reader {
    BankFile *f;
    Str account, currency;
    uint64_t sum;     /* opening balance and what followed; sums wrap, which equality does not mind */
    bool has_opening; /* of the statement at work */
    bool is_entry;    /* field 86 belongs to the last entry */
    size_t at;        /* first entry of the statement */
} Reader;

/* YYMMDD. */
static bool parse_day(Str s, int64_t *out)
{
    int64_t n;

    if (s.n != 6 || !str_to_i64(s, &n) || n < 0) return false;
    int year = (int)(n / 10000), month = (int)(n / 100 % 100), day = (int)(n % 100);
    year += year < CENTURY_70 ? 2000 : 1900;
    if (!date_is_valid(year, month, day)) return false;
    *out = date_from_civil(year, month, day);
    return true;
}

/* "C260115PLN1234,56": the sign, and what stands after the date. */
static bool parse_balance(Str s, int64_t *out, Str *currency)
{
    if (s.n < 11 || (s.p[0] != 'C' && s.p[0] != 'D')) return false;
    *currency = str_sub(s, 7, 3);
    if (!bank_amount(str_from(s, 10), out)) return false;
    if (s.p[0] == 'D') *out = -*out;
    return true;
}

static Err *open_balance(Reader *r, Str value)
{
    int64_t amount;

    if (!parse_balance(value, &amount, &r->currency))
        return bank_problem(r->f->errs, "error.source.bank_amount", value);
    r->sum = (uint64_t)amount;
    r->has_opening = true;
    return NULL;
}

static Err *close_balance(Reader *r, Str value)
{
    int64_t amount;
    Str currency;

    r->is_entry = false;
    if (!parse_balance(value, &amount, &currency))
        return bank_problem(r->f->errs, "error.source.bank_amount", value);
    if (r->has_opening && r->sum != (uint64_t)amount)
        return bank_problem(r->f->errs, "error.source.bank_sum", r->account);
    r->has_opening = false;
    return NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The account without the bank before a slash. */
static Str account_of(Str value)
{
    for (size_t i = value.n; i > 0; i--)
        if (value.p[i - 1] == '/') return str_trim(str_from(value, i));
    return str_trim(value);
}

/* Mark of field 61 at `*at`: C and D, and their reversals, which go the other way. */
static bool take_mark(Str v, size_t *at, bool *is_in)
{
    bool is_reversal = *at < v.n && v.p[*at] == 'R';

    *at += is_reversal;
    if (*at >= v.n || (v.p[*at] != 'C' && v.p[*at] != 'D')) return false;
    *is_in = (v.p[(*at)++] == 'C') != is_reversal;
    if (*at < v.n && v.p[*at] >= 'A' && v.p[*at] <= 'Z') (*at)++; /* last letter of the currency */
    return true;
}

/* YYMMDD[MMDD]mark[letter]amount type reference[//reference of the bank]. */
static Err *add_entry(Reader *r, Str value, int64_t line)
{
    BankEntry e = {.line = line, .own_account = r->account, .currency = r->currency};
    Str first = str_cut(&value, '\n');
    size_t at = 6, from;

    if (!parse_day(str_sub(first, 0, 6), &e.day))
        return bank_problem(r->f->errs, "error.source.bank_date", first);
    if (at + 4 <= first.n && is_digit(first.p[at])) at += 4;
    if (!take_mark(first, &at, &e.is_in)) return bank_problem(r->f->errs, "error.source.bank_amount", first);
    for (from = at; at < first.n && (is_digit(first.p[at]) || first.p[at] == ',');) at++;
    if (!bank_amount(str_sub(first, from, at - from), &e.amount) || !e.amount)
        return bank_problem(r->f->errs, "error.source.bank_amount", first);
    Str rest = str_from(first, at + 4); /* after the type: N and three characters */
    ptrdiff_t slashes = str_find(rest, S("//"));
    e.reference = slashes < 0 ? (Str){0} : str_trim(str_from(rest, (size_t)slashes + 2));
    e.number = str_trim(slashes < 0 ? rest : str_sub(rest, 0, (size_t)slashes));
    if (str_eq(e.number, S("NONREF"))) e.number = (Str){0};
    r->sum += (uint64_t)(e.is_in ? e.amount : -e.amount);
    *vec_push(r->f->mem, &r->f->entries) = e;
    r->is_entry = true;
    return NULL;
}

/* --- field 86 ------------------------------------------------------------------------------------------------------------ */

static bool is_separator(char c)
{
    return c && strchr("?<>^~+@", c) != NULL;
}

/* Where the numbered parts begin: after three digits of a code or at once; 0 for none. */
static char separator_of(Str v, size_t *at)
{
    size_t i = v.n >= 3 && is_digit(v.p[0]) && is_digit(v.p[1]) && is_digit(v.p[2]) ? 3 : 0;

    if (i + 3 > v.n || !is_separator(v.p[i]) || !is_digit(v.p[i + 1]) || !is_digit(v.p[i + 2])) return 0;
    *at = i;
    return v.p[i];
}

static void cut_parts(Str v, size_t at, char separator, Str parts[PARTS_MAX])
{
    while (at + 3 <= v.n) {
        unsigned number = (unsigned)(v.p[at + 1] - '0') * 10 + (unsigned)(v.p[at + 2] - '0');
        size_t end = at + 3;
        while (end < v.n &&
               !(v.p[end] == separator && end + 2 < v.n && is_digit(v.p[end + 1]) && is_digit(v.p[end + 2])))
            end++;
        if (!parts[number].n) parts[number] = str_sub(v, at + 3, end - at - 3);
        at = end;
    }
}

/* Parts of one text: a full one goes on in the next. */
static Str join_parts(Arena *mem, const Str parts[PARTS_MAX], const uint8_t *numbers, size_t n)
{
    Buf b = buf_new(mem, BANK_TEXT_MAX);

    for (size_t i = 0; i < n; i++) {
        Str part = parts[numbers[i]];
        if (!str_trim(part).n) continue;
        buf_add(&b, part);
        if (utf8_count(part) < PART_MAX) buf_add_c(&b, ' ');
    }
    return str_trim(buf_str(&b));
}

static void take_parts(Reader *r, BankEntry *e, Str v, size_t at, char separator)
{
    static const uint8_t PURPOSE[] = {20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 60, 61, 62, 63},
                         SHORT[] = {20, 21, 22, 23, 24, 25, 26}, NAME[] = {32, 33}, OTHER_NAME[] = {27, 28};
    Str parts[PARTS_MAX] = {{0}};

    cut_parts(v, at, separator, parts);
    bool has_name = str_trim(parts[32]).n > 0;
    e->purpose = has_name ? join_parts(r->f->mem, parts, PURPOSE, sizeof PURPOSE)
                          : join_parts(r->f->mem, parts, SHORT, sizeof SHORT);
    e->name = has_name ? join_parts(r->f->mem, parts, NAME, sizeof NAME)
                       : join_parts(r->f->mem, parts, OTHER_NAME, sizeof OTHER_NAME);
    e->bank = str_trim(parts[30]);
    e->account = str_trim(parts[38].n ? parts[38] : parts[31]);
    ptrdiff_t text = str_find(e->purpose, S("SVWZ+"));
    if (text >= 0) e->purpose = str_trim(str_from(e->purpose, (size_t)text + 5));
}

/* "/NAME/Jan Kowalski/REMI/FV 1": what stands between the tag and the next slash that begins one. */
static Str tagged(Str v, Str tag)
{
    ptrdiff_t at = str_find(v, tag);
    Str rest = at < 0 ? (Str){0} : str_from(v, (size_t)at + tag.n);

    for (size_t i = 0; i < rest.n; i++) {
        if (rest.p[i] != '/') continue;
        size_t end = i + 1;
        while (end < rest.n && rest.p[end] >= 'A' && rest.p[end] <= 'Z') end++;
        if (end - i > 3 && end < rest.n && rest.p[end] == '/') return str_trim(str_sub(rest, 0, i));
    }
    return str_trim(rest);
}

static Str without_breaks(Arena *mem, Str v, bool is_spaced)
{
    Buf b = buf_new(mem, BANK_TEXT_MAX);

    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] != '\n')
            buf_add_c(&b, v.p[i]);
        else if (is_spaced)
            buf_add_c(&b, ' ');
    }
    return str_trim(buf_str(&b));
}

static void describe(Reader *r, Str value)
{
    BankEntry *e = &r->f->entries.p[r->f->entries.n - 1];
    Str joined = without_breaks(r->f->mem, value, false);
    size_t at;
    char separator = separator_of(joined, &at);

    r->is_entry = false;
    if (separator) {
        take_parts(r, e, joined, at, separator);
        return;
    }
    Str plain = without_breaks(r->f->mem, value, true);
    e->name = tagged(plain, S("/NAME/"));
    e->account = tagged(plain, S("/IBAN/"));
    e->purpose = tagged(plain, S("/REMI/"));
    if (!e->purpose.n) e->purpose = plain;
}

/* --- the file ------------------------------------------------------------------------------------------------------------ */

static Err *take_field(Reader *r, Str tag, Str value, int64_t line)
{
    Str mark = str_sub(tag, 0, 2);

    if (str_eq(mark, S("25"))) r->account = account_of(str_sub(value, 0, 64));
    if (str_eq(mark, S("60"))) return open_balance(r, str_trim(value));
    if (str_eq(mark, S("61"))) return add_entry(r, value, line);
    if (str_eq(mark, S("62"))) return close_balance(r, str_trim(value));
    if (str_eq(mark, S("86")) && r->is_entry) describe(r, str_sub(value, 0, BANK_TEXT_MAX));
    return NULL;
}

/* Tag of a line ":61:" or ":60F:"; its length, 0 when the line goes on with the field before. */
static size_t tag_of(Str line, Str *tag)
{
    if (line.n < 4 || line.p[0] != ':' || !is_digit(line.p[1]) || !is_digit(line.p[2])) return 0;
    size_t end = line.p[3] == ':' ? 3 : line.n > 4 && line.p[4] == ':' ? 4 : 0;
    if (end) *tag = str_sub(line, 1, end - 1);
    return end ? end + 1 : 0;
}

static bool ends_message(Str line)
{
    return str_eq(line, S("-")) || str_starts(line, S("-}"));
}

Err *bank_read_mt940(BankFile *f, Str text)
{
    Reader r = {.f = f};
    Buf value = buf_new(f->mem, BANK_TEXT_MAX);
    Str tag = {0};
    int64_t number = 1, began = 1;

    for (; text.p; number++) {
        Str line = str_cut(&text, '\n'), next = {0};
        if (line.n && line.p[line.n - 1] == '\r') line.n--;
        ptrdiff_t block = str_starts(line, S("{1:")) ? str_find(line, S("{4:")) : -1;
        if (block >= 0) line = str_from(line, (size_t)block + 3);
        size_t skip = tag_of(line, &next);
        if ((skip || ends_message(line)) && tag.n) {
            TRY(take_field(&r, tag, str_copy(f->mem, buf_str(&value)), began));
            tag = (Str){0};
        }
        if (skip) {
            tag = next;
            began = number;
            value.n = 0;
        } else if (tag.n) {
            buf_add_c(&value, '\n');
        }
        if (tag.n) buf_add(&value, str_from(line, skip));
    }
    if (tag.n) TRY(take_field(&r, tag, buf_str(&value), began));
    if (r.has_opening) return bank_problem(f->errs, "error.source.bank_end", S(":62F:"));
    return NULL;
}
