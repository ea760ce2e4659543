/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Amounts of lines and documents: known cases, and what must hold of any. */
#include "mod/sales/line.h"

#include "base/decimal.h"
#include "base/tap.h"

#include <stdlib.h>
#include <time.h>

__extension__ typedef __int128 Wide;

#define ROUNDS 3000
#define LINES  40

static LineIn line(int64_t quantity, int64_t price, TaxKind tax, int64_t rate)
{
    return (LineIn){.quantity = quantity * 1000, .price = price * 100, .tax = tax, .rate = rate * 10000};
}

TEST(a_price_without_tax_gets_it_and_one_with_tax_holds_it)
{
    LineIn in = line(3, 3333, TAX_STANDARD, 23); /* 33.33 */
    DocumentIn doc = {.places = 2};
    LineOut lines[1];
    DocumentOut out = {0};
    size_t bad = 0;

    CHECK_EQ_INT(document_calculate(mem, &doc, &in, 1, lines, &out, &bad), LINE_FINE);
    CHECK_EQ_INT(out.net, 999900);
    CHECK_EQ_INT(out.tax, 230000); /* 22.9977 */
    CHECK_EQ_INT(out.gross, 1229900);
    doc.is_with_tax = true;
    CHECK_EQ_INT(document_calculate(mem, &doc, &in, 1, lines, &out, &bad), LINE_FINE);
    CHECK_EQ_INT(out.gross, 999900);
    CHECK_EQ_INT(out.tax, 187000); /* 99.99 * 23 / 123 = 18.697 */
    CHECK_EQ_INT(out.net, 812900);
}

/* Three lines of 0.03 at 22 %: 0.0066 each. */
TEST(rounding_by_line_and_by_document_differ_as_the_law_lets_them)
{
    LineIn in[3] = {line(1, 3, TAX_STANDARD, 22), line(1, 3, TAX_STANDARD, 22), line(1, 3, TAX_STANDARD, 22)};
    DocumentIn doc = {.places = 2, .rounding = ROUND_LINE};
    LineOut lines[3];
    DocumentOut out = {0};
    size_t bad = 0;

    CHECK_EQ_INT(document_calculate(mem, &doc, in, 3, lines, &out, &bad), LINE_FINE);
    CHECK_EQ_INT(out.tax, 300);
    doc.rounding = ROUND_DOCUMENT;
    CHECK_EQ_INT(document_calculate(mem, &doc, in, 3, lines, &out, &bad), LINE_FINE);
    CHECK_EQ_INT(out.tax, 200); /* 0.0198 */
    CHECK_EQ_INT(lines[0].tax + lines[1].tax + lines[2].tax, 200);
}

TEST(nothing_taxed_at_zero_is_not_the_same_as_not_taxed)
{
    LineIn in[3] = {line(1, 10000, TAX_ZERO, 0), line(1, 10000, TAX_EXEMPT, 23),
                    line(1, 10000, TAX_REVERSE, 0)};
    DocumentIn doc = {.places = 2};
    LineOut lines[3];
    DocumentOut out = {0};
    size_t bad = 0;

    CHECK_EQ_INT(document_calculate(mem, &doc, in, 3, lines, &out, &bad), LINE_FINE);
    CHECK_EQ_INT(out.tax, 0);
    CHECK_EQ_INT(out.n_taxes, 3);
    CHECK_EQ_INT(out.taxes[0].tax, TAX_ZERO);
    CHECK_EQ_INT(out.taxes[1].tax, TAX_EXEMPT);
    CHECK_EQ_INT(out.taxes[1].rate, 0);
}

TEST(what_recurs_is_told_by_month_and_year)
{
    LineIn in[3] = {line(10, 5000, TAX_STANDARD, 20), line(1, 120000, TAX_STANDARD, 20),
                    line(1, 70000, TAX_STANDARD, 20)};
    DocumentIn doc = {.places = 2};
    LineOut lines[3];
    DocumentOut out = {0};
    size_t bad = 0;

    in[0].period = CHARGE_MONTH; /* 10 x 50.00 for 24 months */
    in[0].term = 24;
    in[1].period = CHARGE_YEAR; /* 1,200.00 for 2 years */
    in[1].term = 2;
    CHECK_EQ_INT(document_calculate(mem, &doc, in, 3, lines, &out, &bad), LINE_FINE);
    CHECK_EQ_INT(out.mrr, 6000000);
    CHECK_EQ_INT(out.arr, 72000000);
    CHECK_EQ_INT(out.once, 7000000);
    CHECK_EQ_INT(out.tcv, 120000000 + 24000000 + 7000000);
}

TEST(a_discount_of_the_document_goes_to_the_largest_remainders)
{
    int64_t parts[3] = {0}, weights[3] = {10, 10, 10};

    amount_split(mem, 10000, 100, weights, NULL, 3, parts);
    CHECK_EQ_INT(parts[0], 3400);
    CHECK_EQ_INT(parts[1], 3300);
    CHECK_EQ_INT(parts[2], 3300);
    amount_split(mem, -10000, 100, weights, NULL, 3, parts);
    CHECK_EQ_INT(parts[0] + parts[1] + parts[2], -10000);
}

TEST(what_cannot_be_is_told_with_its_line)
{
    LineIn in[2] = {line(1, 100, TAX_ZERO, 0), line(1, 100, TAX_ZERO, 0)};
    DocumentIn doc = {.places = 2};
    LineOut lines[2];
    DocumentOut out = {0};
    size_t bad = 0;

    in[1].discount_amount = 10100;
    CHECK_EQ_INT(document_calculate(mem, &doc, in, 2, lines, &out, &bad), LINE_DISCOUNT);
    CHECK_EQ_INT(bad, 1);
    in[1].discount_amount = 0;
    in[1].quantity = in[1].price = DECIMAL_MAX;
    CHECK_EQ_INT(document_calculate(mem, &doc, in, 2, lines, &out, &bad), LINE_TOO_LARGE);
    CHECK_EQ_INT(bad, 1);
    in[1] = in[0];
    doc.discount_amount = 20100;
    CHECK_EQ_INT(document_calculate(mem, &doc, in, 2, lines, &out, &bad), LINE_DISCOUNT);
    CHECK_EQ_INT(bad, 2);
}

/* --- any document ---------------------------------------------------------------------------------------------------- */

static uint64_t state;

static int64_t below(int64_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int64_t)(state % (uint64_t)n);
}

static void seed(void)
{
    const char *given = getenv("KITH_SEED");

    state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) / 86400;
    printf("# KITH_SEED=%llu\n", (unsigned long long)state);
    state = state * 2654435761u + 88172645463325252u;
}

static LineIn any_line(void)
{
    static const int64_t RATES[] = {220000, 200000, 100000, 230000, 80000, 50000, 70000};
    LineIn in = {.quantity = 1 + below(9999), .price = below(2000000), .tax = (TaxKind)below(TAX_KINDS)};

    if (below(3) == 0) in.discount = below(1000001);
    if (below(5) == 0) in.discount = 0, in.discount_amount = below(in.quantity * in.price / 1000 / 2 + 1);
    in.rate = RATES[below(7)];
    if (below(3) == 0) in.period = (Charge)below(3);
    in.term = in.period == CHARGE_ONCE ? 0 : below(37);
    return in;
}

static void check_sums(const DocumentIn *doc, const LineIn *in, const LineOut *lines, size_t n,
                       const DocumentOut *out)
{
    int64_t net = 0, tax = 0, gross = 0, off = 0, taxes = 0, once = 0, recurring = 0;
    static const int64_t UNIT[] = {10000, 1000, 100, 10, 1};

    for (size_t i = 0; i < n; i++) {
        NEED(lines[i].net + lines[i].tax == lines[i].gross);
        NEED(lines[i].list - lines[i].discount - lines[i].share ==
             (doc->is_with_tax ? lines[i].gross : lines[i].net));
        NEED(lines[i].net % UNIT[doc->places] == 0 && lines[i].tax % UNIT[doc->places] == 0);
        net += lines[i].net;
        tax += lines[i].tax;
        gross += lines[i].gross;
        off += lines[i].discount + lines[i].share;
        if (in[i].period == CHARGE_ONCE)
            once += lines[i].net;
        else
            recurring += lines[i].net;
    }
    for (size_t i = 0; i < out->n_taxes; i++) taxes += out->taxes[i].amount;
    NEED(net == out->net && tax == out->tax && gross == out->gross && off == out->discount);
    NEED(out->net + out->tax == out->gross && taxes == out->tax);
    NEED(once == out->once && once + recurring == out->tcv);
}

/* Of each rate the tax is that of its base, to half a unit. */
static void check_by_document(const DocumentIn *doc, const DocumentOut *out)
{
    static const int64_t UNIT[] = {10000, 1000, 100, 10, 1};

    for (size_t i = 0; i < out->n_taxes; i++) {
        const TaxTotal *t = &out->taxes[i];
        Wide base = doc->is_with_tax ? t->gross : t->net, by = doc->is_with_tax ? 1000000 + t->rate : 1000000;
        Wide off = (Wide)t->amount * by - base * t->rate;

        NEED(2 * (off < 0 ? -off : off) <= by * UNIT[doc->places]);
    }
}

static void same_totals(const DocumentOut *a, const DocumentOut *b)
{
    NEED(a->net == b->net && a->tax == b->tax && a->gross == b->gross && a->discount == b->discount);
    NEED(a->mrr == b->mrr && a->arr == b->arr && a->once == b->once && a->n_taxes == b->n_taxes);
    for (size_t i = 0; i < a->n_taxes; i++)
        NEED(a->taxes[i].tax == b->taxes[i].tax && a->taxes[i].amount == b->taxes[i].amount &&
             a->taxes[i].net == b->taxes[i].net);
}

static void shuffle(LineIn *lines, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)below((int64_t)i);
        LineIn t = lines[i - 1];

        lines[i - 1] = lines[k];
        lines[k] = t;
    }
}

TEST(parts_sum_to_the_whole_whatever_the_order)
{
    seed();
    for (int round = 0; round < ROUNDS; round++) {
        Arena *tmp = arena_new(0);
        size_t n = 1 + (size_t)below(LINES), bad = 0;
        LineIn in[LINES];
        LineOut lines[LINES];
        DocumentOut out = {0}, again = {0};
        DocumentIn doc = {
            .places = (uint8_t)below(5), .is_with_tax = below(2), .rounding = (Rounding)below(2)};

        for (size_t i = 0; i < n; i++) in[i] = any_line();
        if (below(2)) doc.discount = below(500001);
        if (document_calculate(tmp, &doc, in, n, lines, &out, &bad) == LINE_FINE) {
            check_sums(&doc, in, lines, n, &out);
            if (doc.rounding == ROUND_DOCUMENT) check_by_document(&doc, &out);
            shuffle(in, n);
            NEED(document_calculate(tmp, &doc, in, n, lines, &again, &bad) == LINE_FINE);
            same_totals(&out, &again);
        }
        arena_free(tmp);
    }
}
