/* SPDX-License-Identifier: GPL-3.0-or-later */
/* camt.053 (ISO 20022, bank to customer statement), every version from 001.02 on: elements are known by the end of their path,
   whatever the prefix and the version.  A booking of many payments gives one row a payment when their amounts make up its
   own. */
#include "base/buf.h"
#include "base/time.h"
#include "core/import/bank.h"
#include "core/import/xml.h"

#define PATH_MAX_BYTES 4096

typedef struct Party {
    Str name, account, identifier, bank;
} Party;

/* One payment, or what is told of a booking as a whole. */
typedef struct Details {
    int64_t amount; /* -1: not told */
    Str mark, purpose, number, reference;
    Party debtor, creditor;
} Details;

typedef struct Reader {
    BankFile *f;
    Buf path, text;
    Str account, currency; /* of the statement */
    Str amount_currency;   /* of the amount at hand */
    uint64_t sum;          /* of the entries; sums wrap, which equality does not mind */
    int64_t opening, closing;
    bool has_opening, has_closing;
    Str balance_kind, balance_mark, balance_amount;
    Details entry, part; /* the booking and the payment at work */
    VEC(Details) parts;
    Str status, day;
    bool is_part;
    int64_t number; /* of the entry */
    bool has_statement;
} Reader;

static bool at(const Reader *r, const char *end)
{
    return str_ends(buf_str(&r->path), str_c(end));
}

static void on_start(Xml *x, void *arg, Str name, const char **attrs)
{
    Reader *r = arg;

    buf_add_c(&r->path, '/');
    buf_add(&r->path, name);
    r->text.n = 0;
    if (r->path.is_over) {
        xml_fail(x, bank_problem(r->f->errs, "error.source.xml", name));
        return;
    }
    if (at(r, "Amt")) r->amount_currency = str_copy(r->f->mem, str_sub(xml_attr(attrs, "Ccy"), 0, 3));
    if (at(r, "/Stmt")) {
        r->account = r->currency = (Str){0};
        r->sum = 0;
        r->has_opening = r->has_closing = false;
        r->has_statement = true;
    }
    if (at(r, "/Stmt/Ntry")) {
        r->entry = (Details){.amount = -1};
        r->parts.n = 0;
        r->status = r->day = (Str){0};
        r->number++;
    }
    if (at(r, "/NtryDtls/TxDtls")) {
        r->part = (Details){.amount = -1};
        r->is_part = true;
    }
}

static void on_text(Xml *x, void *arg, Str text)
{
    (void)x;
    buf_add(&((Reader *)arg)->text, text);
}

static Str either(Str a, Str b)
{
    return a.n ? a : b;
}

static Str kept(Reader *r)
{
    return str_copy(r->f->mem, str_trim(buf_str(&r->text)));
}

static void add_purpose(Reader *r, Str *purpose)
{
    Str more = kept(r);

    if (!more.n || purpose->n + more.n > BANK_TEXT_MAX) return;
    *purpose = purpose->n ? str_fmt(r->f->mem, "%.*s %.*s", SFMT(*purpose), SFMT(more)) : more;
}

typedef struct PartyNames {
    Str party, account, agent;
} PartyNames;

/* One of the two sides: "Dbtr/Nm", and "Dbtr/Pty/Nm" of later versions. */
static void take_party(Reader *r, Party *p, const PartyNames *names)
{
    Str path = buf_str(&r->path);
    bool is_party = str_find(path, names->party) >= 0, is_agent = str_find(path, names->agent) >= 0;
    bool is_account = str_find(path, names->account) >= 0;

    if (is_party && at(r, "/Nm") && !p->name.n) p->name = kept(r);
    if (is_party && (at(r, "/OrgId/Othr/Id") || at(r, "/PrvtId/Othr/Id"))) p->identifier = kept(r);
    if (is_account && (at(r, "/IBAN") || at(r, "/Othr/Id"))) p->account = kept(r);
    if (is_agent && (at(r, "/BIC") || at(r, "/BICFI") || at(r, "/MmbId")) && !p->bank.n) p->bank = kept(r);
}

static Err *take_amount(Reader *r, int64_t *out)
{
    Str text = kept(r);

    if (!bank_amount(text, out)) return bank_problem(r->f->errs, "error.source.bank_amount", text);
    return NULL;
}

static Err *take_detail(Reader *r, Details *d)
{
    static const PartyNames DEBTOR = {S_INIT("/RltdPties/Dbtr/"), S_INIT("/RltdPties/DbtrAcct/Id/"),
                                      S_INIT("/RltdAgts/DbtrAgt/")},
                            CREDITOR = {S_INIT("/RltdPties/Cdtr/"), S_INIT("/RltdPties/CdtrAcct/Id/"),
                                        S_INIT("/RltdAgts/CdtrAgt/")};

    if (at(r, "/TxDtls/Amt") || (at(r, "/AmtDtls/TxAmt/Amt") && r->is_part && d->amount < 0))
        TRY(take_amount(r, &d->amount));
    if (at(r, "/TxDtls/CdtDbtInd")) d->mark = kept(r);
    if (at(r, "/RmtInf/Ustrd")) add_purpose(r, &d->purpose);
    if (at(r, "/CdtrRefInf/Ref")) add_purpose(r, &d->purpose);
    if (at(r, "/Refs/EndToEndId")) d->number = kept(r);
    if (at(r, "/Refs/AcctSvcrRef") || (at(r, "/Refs/TxId") && !d->reference.n)) d->reference = kept(r);
    if (at(r, "/AddtlTxInf") && !d->purpose.n) add_purpose(r, &d->purpose);
    take_party(r, &d->debtor, &DEBTOR);
    take_party(r, &d->creditor, &CREDITOR);
    return NULL;
}

static Err *take_entry(Reader *r)
{
    if (at(r, "/Ntry/Amt")) TRY(take_amount(r, &r->entry.amount));
    if (at(r, "/Ntry/CdtDbtInd")) r->entry.mark = kept(r);
    if (at(r, "/Ntry/Sts") || at(r, "/Ntry/Sts/Cd")) r->status = either(kept(r), r->status);
    if (at(r, "/Ntry/BookgDt/Dt") || at(r, "/Ntry/BookgDt/DtTm")) r->day = kept(r);
    if (at(r, "/Ntry/ValDt/Dt") && !r->day.n) r->day = kept(r);
    if (at(r, "/Ntry/AcctSvcrRef")) r->entry.reference = kept(r);
    if (at(r, "/Ntry/NtryRef")) r->entry.number = kept(r);
    if (at(r, "/Ntry/AddtlNtryInf")) add_purpose(r, &r->entry.purpose);
    return NULL;
}

/* A reversal is marked with its own direction. */
static bool is_money_in(Str mark)
{
    return str_eq(mark, S("CRDT"));
}

static Err *add_entry(Reader *r, const Details *d, int64_t amount, int64_t day)
{
    bool is_in = is_money_in(either(d->mark, r->entry.mark));
    const Party *other = is_in ? &d->debtor : &d->creditor;

    if (amount == 0) return NULL;
    *vec_push(r->f->mem, &r->f->entries) = (BankEntry){
        .line = r->number,
        .day = day,
        .is_in = is_in,
        .amount = amount,
        .own_account = r->account,
        .currency = either(r->currency, r->amount_currency),
        .number = str_eq(d->number, S("NOTPROVIDED")) ? (Str){0} : d->number,
        .reference = either(d->reference, r->entry.reference),
        .name = other->name,
        .identifier = other->identifier,
        .account = other->account,
        .bank = other->bank,
        .purpose = either(d->purpose, r->entry.purpose),
    };
    return NULL;
}

static Err *end_entry(Reader *r)
{
    uint64_t total = 0;
    int64_t day;
    Str date = str_sub(r->day, 0, 10);
    bool is_told = r->parts.n > 1;

    if (r->status.n && !str_eq(r->status, S("BOOK"))) return NULL;
    if (r->entry.amount < 0) return bank_problem(r->f->errs, "error.source.bank_amount", S(""));
    if (!date_parse(date, &day)) return bank_problem(r->f->errs, "error.source.bank_date", date);
    r->sum += (uint64_t)(is_money_in(r->entry.mark) ? r->entry.amount : -r->entry.amount);
    for (size_t i = 0; i < r->parts.n; i++) {
        const Details *d = &r->parts.p[i];
        is_told = is_told && d->amount >= 0 && (!d->mark.n || str_eq(d->mark, r->entry.mark));
        total += (uint64_t)d->amount;
    }
    if (!is_told || total != (uint64_t)r->entry.amount)
        return add_entry(r, r->parts.n ? &r->parts.p[0] : &r->entry, r->entry.amount, day);
    for (size_t i = 0; i < r->parts.n; i++) TRY(add_entry(r, &r->parts.p[i], r->parts.p[i].amount, day));
    return NULL;
}

static Err *end_balance(Reader *r)
{
    bool is_opening = str_eq(r->balance_kind, S("OPBD")) || str_eq(r->balance_kind, S("PRCD"));
    bool is_closing = str_eq(r->balance_kind, S("CLBD"));
    int64_t amount;

    if (!is_opening && !is_closing) return NULL;
    if (!bank_amount(r->balance_amount, &amount))
        return bank_problem(r->f->errs, "error.source.bank_amount", r->balance_amount);
    if (str_eq(r->balance_mark, S("DBIT"))) amount = -amount;
    if (is_opening) r->opening = amount;
    if (is_closing) r->closing = amount;
    r->has_opening = r->has_opening || is_opening;
    r->has_closing = r->has_closing || is_closing;
    return NULL;
}

static Err *end_statement(Reader *r)
{
    if (r->has_opening && r->has_closing && (uint64_t)r->opening + r->sum != (uint64_t)r->closing)
        return bank_problem(r->f->errs, "error.source.bank_sum", r->account);
    return NULL;
}

static Err *end_element(Reader *r)
{
    if (at(r, "/Stmt/Acct/Id/IBAN") || at(r, "/Stmt/Acct/Id/Othr/Id")) r->account = kept(r);
    if (at(r, "/Stmt/Acct/Ccy")) r->currency = kept(r);
    if (at(r, "/Bal/Tp/CdOrPrtry/Cd")) r->balance_kind = kept(r);
    if (at(r, "/Bal/Amt")) r->balance_amount = kept(r);
    if (at(r, "/Bal/CdtDbtInd")) r->balance_mark = kept(r);
    if (at(r, "/Stmt/Bal")) return end_balance(r);
    if (str_find(buf_str(&r->path), S("/Stmt/Ntry")) < 0) return at(r, "/Stmt") ? end_statement(r) : NULL;
    if (r->is_part) TRY(take_detail(r, &r->part));
    if (at(r, "/NtryDtls/TxDtls")) {
        *vec_push(r->f->mem, &r->parts) = r->part;
        r->is_part = false;
    }
    return at(r, "/Stmt/Ntry") ? end_entry(r) : take_entry(r);
}

static void on_end(Xml *x, void *arg, Str name)
{
    Reader *r = arg;

    if (r->path.is_over) return; /* failed */
    Err *e = end_element(r);

    r->path.n -= name.n + 1;
    r->text.n = 0;
    if (e) xml_fail(x, e);
}

Err *bank_read_camt(BankFile *f, Str bytes)
{
    static const XmlHandler HANDLER = {on_start, on_end, on_text};
    Reader *r = NEW(f->mem, Reader);

    *r = (Reader){.f = f, .path = buf_new(f->mem, PATH_MAX_BYTES), .text = buf_new(f->mem, BANK_TEXT_MAX)};
    TRY(xml_read_text(f->errs, bytes, &HANDLER, r));
    if (!r->has_statement) return bank_problem(f->errs, "error.source.bank_end", S("camt.053"));
    return NULL;
}
