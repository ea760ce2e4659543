/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of bank statements.  Whose money came and for what is proposed from the invoice numbers in the purpose, else from the
   payer's tax number; only `accept` makes it a payment, so that a wrong guess costs nothing. */
#include "mod/sales/sales_impl.h"

#include "base/decimal.h"
#include "base/text.h"
#include "core/write.h"

#define TOKENS_MAX 40
#define TOKEN_MAX  40

typedef struct Guess {
    Id invoice, account;
    bool is_exact; /* the open amount is what was paid */
} Guess;

static bool is_breaking(char c)
{
    return (unsigned char)c <= ' ' || strchr(",;:()\"'|", c) != NULL;
}

/* Words of the purpose that may be numbers of invoices: they hold a digit.  "№15" and "№ 15" are 15. */
static size_t number_words(Str text, Str out[TOKENS_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < text.n && n < TOKENS_MAX;) {
        while (i < text.n && is_breaking(text.p[i])) i++;
        size_t from = i;
        bool has_digit = false;
        for (; i < text.n && !is_breaking(text.p[i]); i++)
            has_digit = has_digit || (text.p[i] >= '0' && text.p[i] <= '9');
        Str word = str_sub(text, from, i - from);
        if (str_starts(word, S("№"))) word = str_from(word, S("№").n);
        while (word.n && (word.p[word.n - 1] == '.' || word.p[word.n - 1] == '/')) word.n--;
        if (has_digit && word.n && word.n <= TOKEN_MAX) out[n++] = word;
    }
    return n;
}

/* Appends the open invoices in the currency of `amount`. */
static void open_invoices(Sql *q, Val amount)
{
    char code[4];

    currency_unpack(amount.aux, code);
    sql_text(
        q,
        "SELECT id, account, open FROM \"invoice\" WHERE open_due IS NOT NULL AND deleted_at IS NULL AND open_currency = ");
    sql_bind(q, val_text(str_copy(q->mem, str_c(code))));
}

/* The only row; of several the only one whose open amount is `amount`.  Nothing when that does not decide. */
static Err *decide(Ctx *cx, Sql *q, Val amount, Guess *out)
{
    DbRows *rows = NULL;
    size_t n = 0, n_exact = 0;
    Guess first = {0}, exact = {0};
    int64_t paid = 0;
    bool has = false;

    sql_text(q, " ORDER BY id LIMIT 100");
    TRY(sql_query(cx->mem, cx->db, q, &rows));
    if (!decimal_rescale(amount.i, amount.places, 4, &paid)) return NULL;
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        Guess g = {db_i64(rows, 0), db_i64(rows, 1), db_i64(rows, 2) == paid};
        if (!n++) first = g;
        if (g.is_exact && !n_exact++) exact = g;
    }
    *out = n_exact == 1 ? exact : n == 1 ? first : (Guess){0};
    return NULL;
}

static Err *by_number(Ctx *cx, const Record *rec, Val amount, Guess *out)
{
    Str words[TOKENS_MAX];
    size_t n = number_words(text_in(rec, "purpose"), words);
    Sql q = sql_new(cx->mem);

    if (text_in(rec, "number").n && n < TOKENS_MAX) words[n++] = text_in(rec, "number");
    if (!n) return NULL;
    open_invoices(&q, amount);
    sql_text(&q, " AND number IN (");
    for (size_t i = 0; i < n; i++) {
        if (i) sql_text(&q, ", ");
        sql_bind(&q, val_text(words[i]));
    }
    sql_text(&q, ")");
    return decide(cx, &q, amount, out);
}

/* The one account that has the tax number, itself or in its legal details; 0 none or several. */
static Err *account_by_identifier(Ctx *cx, Str identifier, Id *out)
{
    Val binds[] = {val_text(identifier), val_int(meta_object(cx->meta, S("account"))->number),
                   val_int(meta_object(cx->meta, S("requisite"))->number)};
    DbRows *rows = NULL;
    bool has = false;
    Id found[2] = {0};

    *out = 0;
    if (!identifier.n) return NULL;
    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT a.id FROM \"account\" a WHERE a.deleted_at IS NULL AND (a.id IN (SELECT record FROM item WHERE "
          "norm = ?1 AND object = ?2) OR a.id IN (SELECT r.account FROM \"requisite\" r WHERE r.deleted_at IS NULL "
          "AND r.id IN (SELECT record FROM item WHERE norm = ?1 AND object = ?3))) ORDER BY a.id LIMIT 2"),
        binds, 3, &rows));
    for (size_t i = 0; i < 2; i++) {
        TRY(db_next(rows, &has));
        if (!has) break;
        found[i] = db_i64(rows, 0);
    }
    *out = found[1] ? 0 : found[0];
    return NULL;
}

static Err *by_identifier(Ctx *cx, const Record *rec, Val amount, Guess *out)
{
    Id account = 0;
    Sql q = sql_new(cx->mem);
    Guess g = {0};

    TRY(account_by_identifier(cx, text_in(rec, "identifier"), &account));
    if (!account) return NULL;
    open_invoices(&q, amount);
    sql_text(&q, " AND account = ");
    sql_bind(&q, val_int(account));
    TRY(decide(cx, &q, amount, &g));
    *out = g.is_exact ? g : (Guess){.account = account};
    return NULL;
}

static Err *propose(Ctx *cx, Record *rec, Val amount)
{
    const Object *account = meta_object(cx->meta, S("account")),
                 *invoice = meta_object(cx->meta, S("invoice"));
    Guess g = {0};
    const char *how = "number";

    TRY(by_number(cx, rec, amount, &g));
    if (!g.account) {
        TRY(by_identifier(cx, rec, amount, &g));
        how = g.invoice ? "amount" : "identifier";
    }
    if (!g.account) return NULL;
    record_set(rec, "account", val_ref(account->number, g.account));
    if (g.invoice) record_set(rec, "invoice", val_ref(invoice->number, g.invoice));
    record_set(rec, "found_by", val_text(str_c(how)));
    return NULL;
}

/* Whose account it is. */
static Err *find_own_company(Ctx *cx, Record *rec)
{
    Val own = record_get_val(rec, "own_account"), id;

    if (val_is_null(own) || !val_is_null(record_get_val(rec, "own_company"))) return NULL;
    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT own_company FROM \"requisite\" WHERE bank_account = ?1 AND own_company IS NOT NULL AND "
          "deleted_at IS NULL ORDER BY is_main DESC, id LIMIT 1"),
        &own, 1, &id));
    if (id.kind == VAL_INT)
        record_set(rec, "own_company", val_ref(meta_object(cx->meta, S("own_company"))->number, id.i));
    return NULL;
}

Err *bank_entry_before(Ctx *cx, Record *rec, const Record *before)
{
    Val amount = record_get_val(rec, "amount");

    TRY(find_own_company(cx, rec));
    if (before || amount.kind != VAL_MONEY || !str_eq(text_in(rec, "direction"), S("in")) ||
        !val_is_null(record_get_val(rec, "account")) || !val_is_null(record_get_val(rec, "invoice")))
        return NULL;
    return propose(cx, rec, amount);
}

static Err *new_payment(Ctx *cx, const Record *entry, Val account, Record **out)
{
    static const char *const SAME[] = {"date", "amount", "number", "purpose", "own_company", "outside_id"};
    Record *payment = record_new(cx->mem, meta_object(cx->meta, S("payment")));

    record_set(payment, "account", account);
    record_set(payment, "method", val_text(S("bank")));
    for (size_t i = 0; i < sizeof SAME / sizeof *SAME; i++) {
        Val v = record_get_val(entry, SAME[i]);
        if (!val_is_null(v)) record_set(payment, SAME[i], v);
    }
    *out = payment;
    return record_create(cx, payment, NULL);
}

static Err *keep(Ctx *cx, const Record *entry, Val account, const Record *payment)
{
    Record *rec = record_new(cx->mem, entry->obj);
    bool might = cx->may_write_readonly;

    rec->id = entry->id;
    record_set(rec, "payment", val_ref(payment->obj->number, payment->id));
    record_set(rec, "account", account);
    cx->may_write_readonly = true;
    Err *e = record_update(cx, rec, NULL);
    cx->may_write_readonly = might;
    return e;
}

/* Parameters: invoice, account (those proposed).  What is not owed stays to the customer's credit. */
Err *bank_entry_accept(Ctx *cx, Record *entry, const Val *params, Val *out)
{
    Val invoice = val_is_null(params[0]) ? record_get_val(entry, "invoice") : params[0];
    Val account = val_is_null(params[1]) ? record_get_val(entry, "account") : params[1];
    Record *payment = NULL, *owed = NULL;

    if (!str_eq(text_in(entry, "direction"), S("in")))
        FAIL(cx->mem, ERR_CONFLICT, "error.bank.out", "money that was sent");
    if (!val_is_null(record_get_val(entry, "payment")))
        FAIL(cx->mem, ERR_CONFLICT, "error.bank.accepted", "a payment has been made of it");
    if (!val_is_null(invoice)) {
        TRY(record_get(cx, meta_object(cx->meta, S("invoice")), invoice.i, 0, &owed));
        account = record_get_val(owed, "account");
    }
    if (val_is_null(account))
        FAIL_FIELD(cx->mem, S("account"), "error.bank.whose", "whose money it is is not known");
    TRY(new_payment(cx, entry, account, &payment));
    if (owed) TRY(payment_allot_to(cx, payment, owed));
    TRY(keep(cx, entry, account, payment));
    *out = sales_reply(cx, payment);
    return NULL;
}
