/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules that ask for a manager's consent before a quote is sent.  Consent is to figures: when they change it has to be asked for
   again.  What a condition cannot be computed for does not fall under it. */
#include "mod/sales/sales_impl.h"

#include "base/decimal.h"
#include "core/compile.h"
#include "core/rights.h"

#define RULES_MAX 50

/* A quote and the two figures that rules are about. */
typedef struct Terms {
    RecordScope own;
    Val discount, margin; /* percents; margin null while a cost is not known */
    Str figures;
} Terms;

/* --- figures --------------------------------------------------------------------------------------------------------- */

static Val percent(int64_t part, int64_t whole)
{
    Val out = val_null();

    if (whole <= 0 || !decimal_div(val_decimal(part, 4), val_decimal(whole, 4), &out)) return val_null();
    return decimal_mul(out, val_decimal(100, 0), &out) ? out : val_null();
}

/* False when it is not known. */
static bool cost_of(const Record *line, int64_t *out)
{
    Val cost = record_get_val(line, "cost"), quantity = record_get_val(line, "quantity");
    Val term = record_get_val(line, "term");
    bool recurs = !str_eq(text_in(line, "period"), S("once")) && term.kind == VAL_INT;

    if (cost.kind != VAL_MONEY || !decimal_times(cost.i, quantity.i, 3, out)) return false;
    return !recurs || !__builtin_mul_overflow(*out, term.i, out);
}

static Err *read_terms(Ctx *cx, const Record *quote, Terms *out)
{
    int64_t net = record_get_val(quote, "net").i, gross = record_get_val(quote, "gross").i, cost = 0;
    int64_t discount = record_get_val(quote, "discount_total").i;
    Val with_tax = record_get_val(quote, "with_tax");
    bool is_known = true;
    Record **lines = NULL;
    size_t n = 0;

    TRY(lines_of(cx, lines_object(cx, quote->obj), quote->id, &lines, &n));
    for (size_t i = 0; i < n; i++) {
        int64_t one = 0;
        is_known = is_known && cost_of(lines[i], &one) && !__builtin_add_overflow(cost, one, &cost);
    }
    out->discount = percent(discount, (with_tax.kind == VAL_BOOL && with_tax.b ? gross : net) + discount);
    out->margin = is_known ? percent(net - cost, net) : val_null();
    out->figures = str_fmt(cx->mem, "%lld %lld %lld %lld", (long long)net, (long long)gross,
                           (long long)discount, is_known ? (long long)cost : -1LL);
    return NULL;
}

/* --- conditions ------------------------------------------------------------------------------------------------------ */

static bool is_figure(Str name)
{
    return str_eq(name, S("discount_percent")) || str_eq(name, S("margin_percent"));
}

static const CelType *env_ident(void *arg, Str name)
{
    CelEnv own = object_cel_env(arg);

    return is_figure(name) ? &cel_decimal : own.ident(own.arg, name);
}

static Err *read_condition(Ctx *cx, Str text, CelNode **out)
{
    CelEnv env = object_cel_env(meta_object(cx->meta, S("quote")));

    env.ident = env_ident;
    TRY(cel_parse(cx->mem, text, out));
    return cel_check(cx->mem, &env, *out, &cel_bool);
}

static bool scope_ident(void *arg, Arena *mem, Str name, Val *out)
{
    Terms *terms = arg;
    CelScope own = record_scope(&terms->own);

    if (!is_figure(name)) return own.ident(own.arg, mem, name, out);
    *out = str_eq(name, S("margin_percent")) ? terms->margin : terms->discount;
    return true;
}

static bool scope_field(void *arg, Arena *mem, Val object, Str name, Val *out)
{
    Terms *terms = arg;
    CelScope own = record_scope(&terms->own);

    return own.field(own.arg, mem, object, name, out);
}

static bool applies(Ctx *cx, const Record *rule, Terms *terms)
{
    CelScope scope = record_scope(&terms->own);
    CelNode *tree = NULL;
    Val v = {0};

    if (read_condition(cx, text_in(rule, "condition"), &tree)) return false;
    scope.arg = terms;
    scope.ident = scope_ident;
    scope.field = scope_field;
    return !cel_eval(cx->mem, tree, &scope, &v) && v.kind == VAL_BOOL && v.b;
}

Err *approval_rule_before(Ctx *cx, Record *rec, const Record *before)
{
    bool may = cx->actor->is_system || (cx->actor->rights && cx->actor->rights->is_administrator);
    CelNode *tree = NULL;

    (void)before;
    if (!may) FAIL(cx->mem, ERR_DENIED, "error.denied", "rules of approval are the administrator's");
    Err *e = read_condition(cx, text_in(rec, "condition"), &tree);
    return e ? err_field(e, S("condition")) : NULL;
}

/* --- quotes ---------------------------------------------------------------------------------------------------------- */

/* Names of the rules the quote falls under, empty when it falls under none. */
static Err *rules_of(Ctx *cx, const Record *quote, Str *names, Str *figures)
{
    Ctx system = ctx_as_system(cx);
    Terms terms = {.own = {&system, quote}};
    Str found[RULES_MAX];
    Query q = {.limit = RULES_MAX};
    Page page = {0};
    size_t n = 0;

    *names = *figures = (Str){0};
    TRY(query_parse(&system, meta_object(cx->meta, S("approval_rule")), S("is_active"), S("name"), &q));
    TRY(record_list(&system, &q, &page));
    if (!page.n) return NULL;
    TRY(read_terms(cx, quote, &terms));
    for (size_t i = 0; i < page.n; i++)
        if (applies(&system, page.recs[i], &terms)) found[n++] = text_in(page.recs[i], "name");
    *names = str_join(cx->mem, found, n, S(", "));
    *figures = terms.figures;
    return NULL;
}

Err *quote_allowed(Ctx *cx, const Record *quote)
{
    Str names = {0}, figures = {0};
    Val n = {0};

    TRY(rules_of(cx, quote, &names, &figures));
    if (!names.n) return NULL;
    Val binds[] = {val_int(quote->obj->number), val_int(quote->id), val_text(figures)};
    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT count(*) FROM \"approval\" WHERE about_object = ?1 AND about = ?2 AND figures = ?3 AND kind = "
          "'terms' AND state = 'granted' AND deleted_at IS NULL"),
        binds, 3, &n));
    if (n.i) return NULL;
    return err_arg(err_new(cx->mem, ERR_CONFLICT, "error.quote.approval", "falls under %.*s", SFMT(names)), 0,
                   names);
}

Err *quote_ask_approval(Ctx *cx, Record *quote, const Val *params, Val *out)
{
    Str names = {0}, figures = {0};

    TRY(rules_of(cx, quote, &names, &figures));
    if (!names.n) FAIL(cx->mem, ERR_CONFLICT, "error.quote.no_approval", "it falls under no rule");
    return approval_ask(cx, quote,
                        str_fmt(cx->mem, "%.*s: %.*s", SFMT(text_in(quote, "number")), SFMT(names)), figures,
                        params[0], out);
}
