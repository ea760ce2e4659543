/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements of banks as tables: 1CClientBankExchange, MT940 and camt.053.  A statement is read whole when it is opened,
   because its sums are checked before its first row is believed. */
#include "core/import/bank.h"

#include "base/decimal.h"
#include "base/ident.h"
#include "base/text_charset.h"
#include "base/time.h"
#include "core/import/feed.h"

#include <fcntl.h>
#include <unistd.h>

static const char *const HEADS[] = {"Key",     "Date",      "Direction", "Amount",     "Currency",
                                    "Number",  "Reference", "Name",      "Identifier", "KPP",
                                    "Account", "Bank",      "Purpose",   "Own account"};
#define COLUMNS (sizeof HEADS / sizeof *HEADS)

typedef struct BankReader {
    BankFile file;
    StrMap keys; /* of the rows given so far: how often */
    size_t at;
} BankReader;

Err *bank_problem(Arena *errs, const char *key, Str value)
{
    return err_arg(err_new(errs, ERR_INVALID, key, "bank statement: %.*s", SFMT(str_sub(value, 0, 200))), 0,
                   str_copy(errs, str_sub(value, 0, 200)));
}

bool bank_amount(Str s, int64_t *out)
{
    char text[32];
    int64_t scaled;
    uint8_t places;

    s = str_trim(s);
    if (s.n && (s.p[s.n - 1] == ',' || s.p[s.n - 1] == '.')) s.n--;
    if (!s.n || s.n >= sizeof text || s.p[0] == '-') return false;
    for (size_t i = 0; i < s.n; i++) {
        text[i] = s.p[i] == ',' ? '.' : s.p[i];
        if (text[i] != '.' && (text[i] < '0' || text[i] > '9')) return false;
    }
    size_t from = 0;
    while (from + 1 < s.n && text[from] == '0' && text[from + 1] != '.') from++;
    if (!decimal_parse((Str){text + from, s.n - from}, &scaled, &places)) return false;
    if (!decimal_rescale(scaled, places, 2, out)) return false;
    return decimal_cmp(*out, 2, scaled, places) == 0;
}

/* --- what is said inside other texts ----------------------------------------------------------------------------------- */

static Str digits_at(Str s)
{
    size_t n = 0;

    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9') n++;
    return str_sub(s, 0, n);
}

/* "ИНН 7707083893 КПП 770701001 ООО Ромашка": takes label and digits off the front. */
static bool take_label(Str *name, Str label, Str *out)
{
    if (!str_starts(*name, label)) return false;
    Str rest = str_trim(str_from(*name, label.n));
    Str digits = digits_at(rest);
    if (digits.n < 9) return false;
    *out = digits;
    *name = str_trim(str_from(rest, digits.n));
    return true;
}

static Str after_tag(Str purpose, Str tag)
{
    ptrdiff_t at = str_find(purpose, tag);
    Str rest = at < 0 ? (Str){0} : str_from(purpose, (size_t)at + tag.n);

    return rest;
}

void bank_tell_more(BankEntry *e)
{
    Str inn = {0}, kpp = {0}, invoice = after_tag(e->purpose, S("/INV/")),
        buyer = after_tag(e->purpose, S("/IDC/"));

    if (take_label(&e->name, S("ИНН"), &inn) && take_label(&e->name, S("КПП"), &kpp) && !e->kpp.n)
        e->kpp = kpp;
    if (inn.n && !e->identifier.n) e->identifier = inn;
    if (buyer.n && !e->identifier.n) e->identifier = str_cut(&buyer, '/');
    ptrdiff_t end = str_find(invoice, S("/TXT"));
    if (invoice.n && !e->number.n) e->number = str_trim(end < 0 ? invoice : str_sub(invoice, 0, (size_t)end));
}

/* --- the file ------------------------------------------------------------------------------------------------------------ */

static Err *read_whole(Source *src, Str *out)
{
    int fd = open(src->path, O_RDONLY | O_CLOEXEC);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    size_t n = 0;

    if (size > BANK_FILE_MAX) {
        close(fd);
        return bank_problem(src->errs, "error.source.bank_size", S("64 MB"));
    }
    char *bytes = size > 0 ? arena_alloc(src->mem, (size_t)size) : NULL;
    while (bytes && n < (size_t)size) {
        ssize_t got = pread(fd, bytes + n, (size_t)size - n, (off_t)n);
        if (got <= 0) break;
        n += (size_t)got;
    }
    if (fd >= 0) close(fd);
    if (!bytes || n < (size_t)size) return bank_problem(src->errs, "error.source.read", src->file_name);
    src->size = size;
    *out = (Str){bytes, n};
    return NULL;
}

static Str decoded(Source *src, Str bytes, Str encoding)
{
    Charset *cs = charset_open(src->mem, encoding);
    size_t room = 3 * bytes.n + 16, n = 0;
    char *out = arena_alloc(src->mem, room);

    if (!cs) return source_clean(src->mem, bytes);
    while (bytes.n) n += charset_decode(cs, &bytes, true, out + n, room - n);
    src->encoding = str_copy(src->mem, encoding);
    return (Str){out, n};
}

/* UTF-8 when the bytes are UTF-8; then what the file of 1C says of itself; then what the letters say. */
static Str encoding_of(Source *src, Str bytes)
{
    if (src->options.encoding.n) return src->options.encoding;
    if (utf8_is_valid(bytes)) return S("utf-8");
    if (str_find(str_sub(bytes, 0, 1024), S("=DOS")) >= 0) return S("cp866");
    if (str_starts(bytes, S("1CClientBankExchange"))) return S("windows-1251");
    Guess *g = guess_new(src->mem);
    guess_add(g, bytes);
    return guess_result(g);
}

static Str as_text(Source *src, Str bytes)
{
    Str encoding = encoding_of(src, bytes);

    if (str_starts(bytes, S("\xEF\xBB\xBF"))) bytes = str_from(bytes, 3);
    src->encoding = str_copy(src->mem, encoding);
    if (str_eq_nocase(encoding, S("utf-8"))) return source_clean(src->mem, bytes);
    return source_clean(src->mem, decoded(src, bytes, encoding));
}

/* --- rows ---------------------------------------------------------------------------------------------------------------- */

/* What tells one payment from another, also in a statement that overlaps: the same twice in one file is two payments. */
static Str key_of(BankReader *r, Arena *tmp, const BankEntry *e)
{
    Str date = date_text(tmp, e->day);
    Str key = str_fmt(tmp, "%.*s|%.*s|%s|%lld|%.*s|%.*s|%.*s", SFMT(e->own_account), SFMT(date),
                      e->is_in ? "in" : "out", (long long)e->amount, SFMT(str_sub(e->number, 0, 40)),
                      SFMT(str_sub(e->reference, 0, 40)), SFMT(str_sub(e->account, 0, 40)));
    size_t *seen = strmap_get(&r->keys, key);

    if (!seen) {
        seen = NEW(r->file.mem, size_t);
        strmap_put(r->file.mem, &r->keys, str_copy(r->file.mem, key), seen);
    }
    return ++*seen == 1 ? key : str_fmt(tmp, "%.*s|%zu", SFMT(key), *seen);
}

static Err *bank_next(Source *src, Arena *tmp, Row *out, bool *has)
{
    BankReader *r = src->reader;
    Str *cells = NEW_N(tmp, Str, COLUMNS);

    if (r->at >= r->file.entries.n) return NULL;
    const BankEntry *e = &r->file.entries.p[r->at++];
    const Str row[COLUMNS] = {key_of(r, tmp, e),
                              date_text(tmp, e->day),
                              e->is_in ? S("in") : S("out"),
                              decimal_text(tmp, e->amount, 2),
                              e->currency,
                              e->number,
                              e->reference,
                              e->name,
                              e->identifier,
                              e->kpp,
                              e->account,
                              e->bank,
                              e->purpose,
                              e->own_account};
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = source_clean(tmp, row[i]); /* what was cut may end inside a letter */
    *out = (Row){.line = e->line, .cells = cells, .n = COLUMNS};
    *has = true;
    return NULL;
}

static Err *bank_rewind(Source *src, size_t table)
{
    BankReader *r = src->reader;

    (void)table;
    r->at = 0;
    r->keys = (StrMap){0};
    return NULL;
}

static int64_t bank_position(const Source *src)
{
    const BankReader *r = src->reader;

    return r->file.entries.n ? src->size / (int64_t)r->file.entries.n * (int64_t)r->at : src->size;
}

static Err *read_entries(Source *src, BankFile *f)
{
    Str bytes = {0};

    TRY(read_whole(src, &bytes));
    if (str_find(str_sub(bytes, 0, 4096), S("<?xml")) >= 0 ||
        str_find(str_sub(bytes, 0, 4096), S("<Document")) >= 0)
        return bank_read_camt(f, bytes);
    Str text = as_text(src, bytes);
    return str_starts(text, S("1CClientBankExchange")) ? bank_read_1c(f, text) : bank_read_mt940(f, text);
}

Err *bank_open(Source *src)
{
    static const SourceKind KIND = {"bank", bank_rewind, bank_next, bank_position};
    BankReader *r = NEW(src->mem, BankReader);
    Str *heads = NEW_N(src->mem, Str, COLUMNS);

    src->kind = &KIND;
    src->reader = r;
    r->file = (BankFile){.mem = src->mem, .errs = src->errs};
    TRY(read_entries(src, &r->file));
    for (size_t i = 0; i < r->file.entries.n; i++) bank_tell_more(&r->file.entries.p[i]);
    for (size_t i = 0; i < COLUMNS; i++) heads[i] = str_c(HEADS[i]);
    src->tables = NEW(src->mem, Table);
    src->tables[0] = (Table){source_stem(src), heads, COLUMNS, (int64_t)r->file.entries.n};
    src->n_tables = 1;
    return NULL;
}
