/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of documents: amounts, discounts, tax, what recurs.  Intermediate products are 128 bits wide and rounded once.  Parts
   always sum to the whole: what belongs to the document (its discount, its tax by rate) is computed there first and then
   split by largest remainder.  Nothing depends on the order of lines: ties are broken by what lines hold. */
#include "mod/sales/line.h"

#include "base/decimal.h"
#include "base/err.h"

#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 Wide;

#define HUNDRED 1000000 /* percent, at its four places */

static const int64_t UNITS[] = {10000, 1000, 100, 10, 1};

/* `a` / `b` to a multiple of `unit`, half away from zero; false beyond 18 digits. */
static bool round_to(Wide a, Wide b, int64_t unit, int64_t *out)
{
    Wide by = b * unit, half = by / 2;
    Wide rest = a % by, whole = a / by;

    if (rest < 0 ? -rest > half || -rest == by - half : rest > half || rest == by - half)
        whole += a < 0 ? -1 : 1;
    whole *= unit;
    if (whole > DECIMAL_MAX || whole < -DECIMAL_MAX) return false;
    *out = (int64_t)whole;
    return true;
}

static bool add_up(int64_t *sum, int64_t v)
{
    return !__builtin_add_overflow(*sum, v, sum) && *sum <= DECIMAL_MAX && *sum >= -DECIMAL_MAX;
}

static bool has_rate(const LineIn *line)
{
    return line->tax == TAX_STANDARD || line->tax == TAX_REDUCED;
}

static int64_t rate_of(const LineIn *line)
{
    return has_rate(line) ? line->rate : 0;
}

static int64_t term_of(const LineIn *line)
{
    return line->period == CHARGE_ONCE || line->term <= 0 ? 1 : line->term;
}

/* --- splitting ------------------------------------------------------------------------------------------------------- */

typedef struct Part {
    Wide rest;
    int64_t weight, order;
    size_t at;
} Part;

static int by_rest(const void *a, const void *b)
{
    const Part *x = a, *y = b;

    if (x->rest != y->rest) return x->rest > y->rest ? -1 : 1;
    if (x->weight != y->weight) return x->weight > y->weight ? -1 : 1;
    if (x->order != y->order) return x->order < y->order ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

void amount_split(Arena *mem, int64_t amount, int64_t unit, const int64_t *weights, const int64_t *order,
                  size_t n, int64_t *parts)
{
    Part *rests = NEW_N(mem, Part, n + 1);
    Wide sum = 0, units = amount / unit, left = units;

    REQUIRE(amount % unit == 0);
    for (size_t i = 0; i < n; i++) sum += weights[i];
    if (sum <= 0) {
        memset(parts, 0, n * sizeof *parts);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        Wide exact = (units < 0 ? -units : units) * weights[i];
        Wide whole = exact / sum;

        rests[i] = (Part){exact % sum, weights[i], order ? order[i] : 0, i};
        parts[i] = (int64_t)(units < 0 ? -whole : whole);
        left -= parts[i];
    }
    qsort(rests, n, sizeof *rests, by_rest);
    for (size_t i = 0; left; i++, left += units < 0 ? 1 : -1) parts[rests[i % n].at] += units < 0 ? -1 : 1;
    for (size_t i = 0; i < n; i++) parts[i] *= unit;
}

/* --- one line -------------------------------------------------------------------------------------------------------- */

static LineProblem line_amount(const LineIn *in, int64_t unit, LineOut *out)
{
    Wide exact = (Wide)in->quantity * in->price;
    int64_t percent = 0;

    if (__builtin_mul_overflow(exact, (Wide)term_of(in), &exact)) return LINE_TOO_LARGE;
    if (!round_to(exact, 1000, unit, &out->list)) return LINE_TOO_LARGE;
    if (!round_to((Wide)out->list * in->discount, HUNDRED, unit, &percent)) return LINE_TOO_LARGE;
    if (!round_to(in->discount_amount, 1, unit, &out->discount)) return LINE_TOO_LARGE;
    if (!add_up(&out->discount, percent)) return LINE_TOO_LARGE;
    if (out->list >= 0 ? out->discount > out->list : out->discount < out->list) return LINE_DISCOUNT;
    return LINE_FINE;
}

static int64_t line_total(const LineOut *line)
{
    return line->list - line->discount - line->share;
}

/* `tax` is in what the price mode holds. */
static LineProblem line_take_tax(const DocumentIn *doc, LineOut *line, int64_t tax)
{
    int64_t total = line_total(line);

    line->tax = tax;
    line->net = line->gross = total;
    if (doc->is_with_tax) {
        line->net = total - tax;
        return LINE_FINE;
    }
    return add_up(&line->gross, tax) ? LINE_FINE : LINE_TOO_LARGE;
}

static bool tax_on(const DocumentIn *doc, int64_t total, int64_t rate, int64_t unit, int64_t *out)
{
    return round_to((Wide)total * rate, doc->is_with_tax ? HUNDRED + rate : HUNDRED, unit, out);
}

static LineProblem line_recurs(const LineIn *in, int64_t unit, LineOut *line)
{
    int64_t term = term_of(in);
    Wide yearly = in->period == CHARGE_MONTH ? 12 : 1;

    line->mrr = line->arr = 0;
    if (in->period == CHARGE_ONCE) return LINE_FINE;
    if (!round_to((Wide)line->net * yearly, term, unit, &line->arr)) return LINE_TOO_LARGE;
    return round_to((Wide)line->net * yearly, (Wide)term * 12, unit, &line->mrr) ? LINE_FINE : LINE_TOO_LARGE;
}

/* --- the document ---------------------------------------------------------------------------------------------------- */

/* What sorts lines however they came: so that a tie in a split falls the same way. */
static int64_t content_order(const LineIn *in)
{
    return (((int64_t)in->tax * 2 * HUNDRED + in->rate) * 4 + in->period) * 1000 + term_of(in) % 1000;
}

static LineProblem share_discount(Arena *mem, const DocumentIn *doc, const LineIn *lines, size_t n,
                                  int64_t unit, LineOut *out)
{
    int64_t *weights = NEW_N(mem, int64_t, n + 1), *order = NEW_N(mem, int64_t, n + 1);
    int64_t *parts = NEW_N(mem, int64_t, n + 1), sum = 0, all = 0, percent = 0;

    for (size_t i = 0; i < n; i++) {
        weights[i] = line_total(&out[i]) > 0 ? line_total(&out[i]) : 0;
        order[i] = content_order(&lines[i]);
        if (!add_up(&sum, weights[i])) return LINE_TOO_LARGE;
    }
    if (!round_to((Wide)sum * doc->discount, HUNDRED, unit, &percent)) return LINE_TOO_LARGE;
    if (!round_to(doc->discount_amount, 1, unit, &all) || !add_up(&all, percent)) return LINE_TOO_LARGE;
    if (all > sum || all < 0) return n ? LINE_DISCOUNT : LINE_FINE;
    amount_split(mem, all, unit, weights, order, n, parts);
    for (size_t i = 0; i < n; i++) out[i].share = parts[i];
    return LINE_FINE;
}

static TaxTotal *total_of(DocumentOut *out, const LineIn *line)
{
    for (size_t i = 0; i < out->n_taxes; i++)
        if (out->taxes[i].tax == line->tax && out->taxes[i].rate == rate_of(line)) return &out->taxes[i];
    out->taxes[out->n_taxes] = (TaxTotal){.tax = line->tax, .rate = rate_of(line)};
    return &out->taxes[out->n_taxes++];
}

static LineProblem tax_by_line(const DocumentIn *doc, const LineIn *lines, size_t n, int64_t unit,
                               LineOut *out, size_t *bad)
{
    for (size_t i = 0; i < n; i++) {
        int64_t tax = 0;

        *bad = i;
        if (!tax_on(doc, line_total(&out[i]), rate_of(&lines[i]), unit, &tax)) return LINE_TOO_LARGE;
        if (line_take_tax(doc, &out[i], tax)) return LINE_TOO_LARGE;
    }
    return LINE_FINE;
}

/* The tax of one rate over the whole document, split among its lines. */
static LineProblem tax_of_group(Arena *mem, const DocumentIn *doc, const LineIn *lines, size_t n,
                                const TaxTotal *group, int64_t unit, LineOut *out)
{
    int64_t *weights = NEW_N(mem, int64_t, n + 1), *order = NEW_N(mem, int64_t, n + 1);
    int64_t *parts = NEW_N(mem, int64_t, n + 1), sum = 0, tax = 0;
    bool is_in = false;

    for (size_t i = 0; i < n; i++) {
        is_in = lines[i].tax == group->tax && rate_of(&lines[i]) == group->rate;
        weights[i] = is_in ? line_total(&out[i]) : 0;
        order[i] = content_order(&lines[i]);
        if (!add_up(&sum, weights[i])) return LINE_TOO_LARGE;
        if (weights[i] < 0) weights[i] = 0;
    }
    if (!tax_on(doc, sum, group->rate, unit, &tax)) return LINE_TOO_LARGE;
    amount_split(mem, tax, unit, weights, order, n, parts);
    for (size_t i = 0; i < n; i++) {
        is_in = lines[i].tax == group->tax && rate_of(&lines[i]) == group->rate;
        if (is_in && line_take_tax(doc, &out[i], parts[i])) return LINE_TOO_LARGE;
    }
    return LINE_FINE;
}

static LineProblem tax_by_document(Arena *mem, const DocumentIn *doc, const LineIn *lines, size_t n,
                                   int64_t unit, LineOut *out, const DocumentOut *totals, size_t *bad)
{
    *bad = n;
    for (size_t g = 0; g < totals->n_taxes; g++)
        if (tax_of_group(mem, doc, lines, n, &totals->taxes[g], unit, out)) return LINE_TOO_LARGE;
    return LINE_FINE;
}

static bool sum_line(DocumentOut *out, const LineIn *in, const LineOut *line)
{
    TaxTotal *tax = total_of(out, in);

    if (!add_up(&out->discount, line->discount) || !add_up(&out->discount, line->share)) return false;
    if (!add_up(&out->net, line->net) || !add_up(&out->tax, line->tax) || !add_up(&out->gross, line->gross))
        return false;
    if (!add_up(&out->mrr, line->mrr) || !add_up(&out->arr, line->arr)) return false;
    if (in->period == CHARGE_ONCE && !add_up(&out->once, line->net)) return false;
    tax->net += line->net;
    tax->amount += line->tax;
    tax->gross += line->gross;
    return true;
}

static int by_rate(const void *a, const void *b)
{
    const TaxTotal *x = a, *y = b;

    if (x->tax != y->tax) return x->tax < y->tax ? -1 : 1;
    return (x->rate < y->rate) - (x->rate > y->rate);
}

LineProblem document_calculate(Arena *mem, const DocumentIn *doc, const LineIn *lines, size_t n,
                               LineOut *lines_out, DocumentOut *out, size_t *bad)
{
    int64_t unit = UNITS[doc->places <= 4 ? doc->places : 4];
    LineProblem problem = LINE_FINE;

    *out = (DocumentOut){.taxes = NEW_N(mem, TaxTotal, n + 1)};
    memset(lines_out, 0, n * sizeof *lines_out);
    for (*bad = 0; *bad < n; ++*bad) {
        problem = line_amount(&lines[*bad], unit, &lines_out[*bad]);
        if (problem) return problem;
        (void)total_of(out, &lines[*bad]);
    }
    problem = share_discount(mem, doc, lines, n, unit, lines_out);
    if (problem) return problem;
    problem = doc->rounding == ROUND_LINE ? tax_by_line(doc, lines, n, unit, lines_out, bad)
                                          : tax_by_document(mem, doc, lines, n, unit, lines_out, out, bad);
    if (problem) return problem;
    for (*bad = 0; *bad < n; ++*bad) {
        if (line_recurs(&lines[*bad], unit, &lines_out[*bad])) return LINE_TOO_LARGE;
        if (!sum_line(out, &lines[*bad], &lines_out[*bad])) return LINE_TOO_LARGE;
    }
    out->tcv = out->net;
    if (out->n_taxes) qsort(out->taxes, out->n_taxes, sizeof *out->taxes, by_rate);
    return LINE_FINE;
}
