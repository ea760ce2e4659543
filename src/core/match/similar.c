/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Likeness of two values in four degrees.  A degree is what evidence is counted by, so what matters is not the exact figure
 * but that slips of the pen, initials and words left out come out apart from other names. */

#include "core/match/similar.h"

#include <string.h>

#define BYTES_MAX 64
#define WORDS_MAX 12

static size_t cut(Str s)
{
    return s.n < BYTES_MAX ? s.n : BYTES_MAX;
}

/* --- Jaro and Winkler ------------------------------------------------------------------------------------------------ */

typedef struct Jaro {
    Str a, b;
    bool in_a[BYTES_MAX], in_b[BYTES_MAX];
} Jaro;

static size_t common_bytes(Jaro *j)
{
    size_t longest = j->a.n > j->b.n ? j->a.n : j->b.n, reach = longest / 2 > 0 ? longest / 2 - 1 : 0, n = 0;

    for (size_t i = 0; i < j->a.n; i++) {
        size_t from = i > reach ? i - reach : 0, until = i + reach + 1 < j->b.n ? i + reach + 1 : j->b.n;
        for (size_t k = from; k < until && !j->in_a[i]; k++) {
            if (j->in_b[k] || j->a.p[i] != j->b.p[k]) continue;
            j->in_a[i] = j->in_b[k] = true;
            n++;
        }
    }
    return n;
}

static size_t out_of_order(const Jaro *j)
{
    size_t k = 0, n = 0;

    for (size_t i = 0; i < j->a.n; i++) {
        if (!j->in_a[i]) continue;
        while (!j->in_b[k]) k++;
        n += j->a.p[i] != j->b.p[k++];
    }
    return n / 2;
}

int similar_jaro_winkler(Str a, Str b)
{
    Jaro j = {.a = {a.p, cut(a)}, .b = {b.p, cut(b)}};
    size_t n = common_bytes(&j), start = 0;

    if (n == 0) return 0;
    double m = (double)n, swaps = (double)out_of_order(&j);
    double jaro = (m / (double)j.a.n + m / (double)j.b.n + (m - swaps) / m) / 3;
    while (start < 4 && start < j.a.n && start < j.b.n && a.p[start] == b.p[start]) start++;
    return (int)((jaro + (double)start * 0.1 * (1 - jaro)) * 1000 + 0.5);
}

/* --- edits ----------------------------------------------------------------------------------------------------------- */

static int least(int a, int b)
{
    return a < b ? a : b;
}

int similar_edits(Str a, Str b, int limit)
{
    int rows[3][BYTES_MAX + 1], n = (int)cut(a), m = (int)cut(b);

    if (n - m > limit || m - n > limit) return limit + 1;
    for (int k = 0; k <= m; k++) rows[0][k] = k;
    for (int i = 1; i <= n; i++) {
        int *now = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        now[0] = i;
        for (int k = 1; k <= m; k++) {
            bool is_same = a.p[i - 1] == b.p[k - 1];
            now[k] = least(least(above[k], now[k - 1]) + 1, above[k - 1] + !is_same);
            if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] && a.p[i - 2] == b.p[k - 1])
                now[k] = least(now[k], two_above[k - 2] + 1);
        }
    }
    return least(rows[n % 3][m], limit + 1);
}

/* --- texts ----------------------------------------------------------------------------------------------------------- */

static size_t words_of(Str s, Str words[WORDS_MAX])
{
    size_t n = 0;

    while (s.p && s.n && n < WORDS_MAX) {
        Str word = str_cut(&s, ' ');
        if (word.n) words[n++] = word;
    }
    return n;
}

/* Whether every word of `a` stands in `b`, whole, with a slip or begun by its initial. */
static bool is_within(const Str *a, size_t n, const Str *b, size_t m)
{
    bool is_used[WORDS_MAX] = {false};

    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < m && (is_used[k] || !(str_eq(a[i], b[k]) || (a[i].n == 1 && a[i].p[0] == b[k].p[0]) ||
                                         (a[i].n > 3 && similar_edits(a[i], b[k], 1) <= 1))))
            k++;
        if (k == m) return false;
        is_used[k] = true;
    }
    return true;
}

static Likeness similar_words(Str a, Str b)
{
    Str left[WORDS_MAX], right[WORDS_MAX];
    size_t n = words_of(a, left), m = words_of(b, right);

    if (n == m && n > 1 && is_within(left, n, right, m)) return LIKE_CLOSELY;
    if (n == 0 || m == 0 || n == m) return LIKE_NOT;
    return (n < m ? is_within(left, n, right, m) : is_within(right, m, left, n)) ? LIKE_SOMEWHAT : LIKE_NOT;
}

static bool has_digit(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= '0' && s.p[i] <= '9') return true;
    return false;
}

/* Which letters and digits stand in `s`, a bit each. */
static uint64_t letters_of(Str s)
{
    uint64_t set = 0;

    for (size_t i = 0; i < s.n; i++) set |= UINT64_C(1) << (s.p[i] & 63);
    return set;
}

/* Most pairs share too few letters for any likeness: told cheaply. */
static bool may_be_alike(Str a, Str b)
{
    uint64_t x = letters_of(a), y = letters_of(b);
    int n = __builtin_popcountll(x), m = __builtin_popcountll(y);

    return 2 * __builtin_popcountll(x & y) >= (n < m ? n : m);
}

Likeness similar_texts(Str a, Str b)
{
    if (a.n == 0 || b.n == 0) return LIKE_UNKNOWN;
    if (str_eq(a, b)) return LIKE_SAME;
    if ((a.n == 1 || b.n == 1) && a.p[0] == b.p[0]) return LIKE_CLOSELY;
    if (!may_be_alike(a, b)) return LIKE_NOT;
    int alike = similar_jaro_winkler(a, b);
    if (alike >= 920 || (alike > 600 && a.n > 3 && b.n > 3 && similar_edits(a, b, 1) <= 1))
        return LIKE_CLOSELY;
    Likeness words = similar_words(a, b);
    return words == LIKE_NOT && alike >= 830 ? LIKE_SOMEWHAT : words;
}

Likeness similar_codes(Str a, Str b)
{
    if (a.n == 0 || b.n == 0) return LIKE_UNKNOWN;
    if (str_eq(a, b)) return LIKE_SAME;
    int edits = similar_edits(a, b, 2);
    if (edits <= 1) return a.n > 3 ? LIKE_CLOSELY : LIKE_SOMEWHAT;
    return edits == 2 && a.n > 6 ? LIKE_SOMEWHAT : LIKE_NOT;
}

Likeness similar_lists(Str a, Str b)
{
    Likeness best = a.n == 0 || b.n == 0 ? LIKE_UNKNOWN : LIKE_NOT;

    for (Str left = a; left.p && left.n && best < LIKE_SAME;) {
        Str one = str_cut(&left, '\n');
        for (Str right = b; right.p && right.n && best < LIKE_SAME;) {
            Str other = str_cut(&right, '\n');
            Likeness l = has_digit(one) ? similar_codes(one, other) : similar_texts(one, other);
            if (l > best) best = l;
        }
    }
    return best;
}
