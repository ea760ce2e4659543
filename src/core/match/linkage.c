/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows that share a key are compared: a key is a feature's whole value, or the beginnings of two features, and one that too
 * many rows share is no key.  A pair is counted at the first key its rows share, so each is seen once.  Different values are
 * kept once and rows hold their numbers. */

#include "core/match/linkage.h"

#include "base/map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COMBINED   5  /* features whose beginnings are combined into keys */
#define START      3  /* bytes of a beginning */
#define BLOCK_MAX  60 /* rows a key may have */
#define KEYS_MAX   (FEATURES_MAX + COMBINED * (COMBINED - 1) / 2)
#define RANDOM_MAX 400000  /* pairs drawn for u */
#define LEARN_MAX  3000000 /* pairs looked at for m */
#define ROUNDS     40
#define PAIRS_MAX  (8u << 20)

typedef struct Value {
    Str text;
    uint32_t n; /* rows that have it */
} Value;

struct Linkage {
    Arena *mem;
    Weights start;
    size_t n, n_rows, n_keys;
    StrMap numbers[FEATURES_MAX]; /* text -> its number + 1, as a pointer */
    VEC(Value) values;            /* the first is "no value" */
    VEC(uint32_t) cells;          /* n a row */
    VEC(Id) ids;
    uint32_t *keys[KEYS_MAX]; /* of each row; 0: none */
};

/* --- rows ------------------------------------------------------------------------------------------------------------ */

Linkage *linkage_new(Arena *mem, const FeatureKind *kinds, size_t n)
{
    Linkage *l = NEW(mem, Linkage);

    l->mem = mem;
    l->n = n < FEATURES_MAX ? n : FEATURES_MAX;
    l->start.n = l->n;
    memcpy(l->start.kinds, kinds, l->n * sizeof *kinds);
    vec_push(mem, &l->values);
    return l;
}

static uint32_t number_of(Linkage *l, size_t feature, Str text)
{
    if (text.n == 0) return 0;
    uintptr_t at = (uintptr_t)strmap_get(&l->numbers[feature], text);
    if (!at) {
        Value *v = vec_push(l->mem, &l->values);
        v->text = str_copy(l->mem, text);
        at = l->values.n - 1;
        strmap_put(l->mem, &l->numbers[feature], v->text, (void *)at);
    }
    l->values.p[at].n++;
    return (uint32_t)at;
}

void linkage_add(Linkage *l, Id id, const Str *values)
{
    for (size_t i = 0; i < l->n; i++) *vec_push(l->mem, &l->cells) = number_of(l, i, values[i]);
    *vec_push(l->mem, &l->ids) = id;
    l->n_rows++;
}

Id linkage_id(const Linkage *l, uint32_t row)
{
    return l->ids.p[row];
}

static const uint32_t *row_of(const Linkage *l, size_t row)
{
    return l->cells.p + row * l->n;
}

/* --- weights --------------------------------------------------------------------------------------------------------- */

/* People have several phones and addresses: different ones say little. */
static const double SAME_START[][LIKE_COUNT] = {
    [FEATURE_TEXT] = {0.07, 0.05, 0.13, 0.75}, [FEATURE_TITLE] = {0.07, 0.05, 0.13, 0.75},
    [FEATURE_NAME] = {0.07, 0.05, 0.13, 0.75}, [FEATURE_CODE] = {0.07, 0.05, 0.13, 0.75},
    [FEATURE_LIST] = {0.40, 0.02, 0.03, 0.55}, [FEATURE_PLACE] = {0.07, 0.05, 0.13, 0.75},
    [FEATURE_POST] = {0.07, 0.05, 0.13, 0.75},
};

void weights_default(Weights *w, const FeatureKind *kinds, size_t n)
{
    static const double ANY[][LIKE_COUNT] = {
        [FEATURE_TEXT] = {0.93, 0.05, 0.01, 0.01},       [FEATURE_TITLE] = {0.9879, 0.01, 0.002, 0.0001},
        [FEATURE_NAME] = {0.95, 0.035, 0.01, 0.005},     [FEATURE_CODE] = {0.98, 0.015, 0.004, 0.001},
        [FEATURE_LIST] = {0.998, 0.001, 0.0009, 0.0001}, [FEATURE_PLACE] = {0.93, 0.05, 0.01, 0.01},
        [FEATURE_POST] = {0.98, 0.015, 0.004, 0.001},
    };

    *w = (Weights){.n = n, .prior = 0.001};
    for (size_t i = 0; i < n; i++) {
        w->kinds[i] = kinds[i];
        memcpy(w->m[i], SAME_START[kinds[i]], sizeof SAME_START[0]);
        memcpy(w->u[i], ANY[kinds[i]], sizeof ANY[0]);
    }
}

/* Whether both have names, and no part of one is like the same part of the other. */
static bool has_other_name(const Weights *w, const Likeness *alike)
{
    bool is_other = false;

    for (size_t i = 0; i < w->n; i++) {
        if (w->kinds[i] != FEATURE_TITLE && w->kinds[i] != FEATURE_NAME) continue;
        if (alike[i] > LIKE_NOT) return false;
        is_other = is_other || alike[i] == LIKE_NOT;
    }
    return is_other;
}

double weights_score(const Weights *w, const Likeness *alike, const double *rarity)
{
    double bits = log2(w->prior / (1 - w->prior)), place = 0;

    for (size_t i = 0; i < w->n; i++) {
        if (alike[i] == LIKE_UNKNOWN) continue;
        double u = w->u[i][alike[i]];
        if (alike[i] == LIKE_SAME && rarity && rarity[i] > 0) u = rarity[i];
        bool is_place = w->kinds[i] == FEATURE_PLACE || w->kinds[i] == FEATURE_POST;
        *(is_place ? &place : &bits) += log2(w->m[i][alike[i]] / u);
    }
    if (place < 0 || !has_other_name(w, alike)) bits += place;
    return 1 / (1 + exp2(-bits));
}

static Likeness compare(FeatureKind kind, Str a, Str b)
{
    switch (kind) {
    case FEATURE_CODE:
    case FEATURE_POST: return similar_codes(a, b);
    case FEATURE_LIST: return similar_lists(a, b);
    case FEATURE_TEXT:
    case FEATURE_PLACE:
    case FEATURE_TITLE:
    case FEATURE_NAME: break;
    }
    return similar_texts(a, b);
}

/* Values in each other's place ("Anna Nowak", "Nowak Anna"): a slip like another. */
static void compare_crossed(const Weights *w, const Str *a, const Str *b, Likeness *out)
{
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = i + 1; k < w->n; k++) {
            bool is_alike =
                w->kinds[i] == w->kinds[k] &&
                (w->kinds[i] == FEATURE_NAME || w->kinds[i] == FEATURE_TEXT || w->kinds[i] == FEATURE_PLACE);
            if (!is_alike || out[i] != LIKE_NOT || out[k] != LIKE_NOT) continue;
            Likeness one = similar_texts(a[i], b[k]), other = similar_texts(a[k], b[i]);
            if (one < LIKE_CLOSELY || other < LIKE_CLOSELY) continue;
            out[i] = out[k] = LIKE_CLOSELY;
        }
}

void rows_compare(const Weights *w, const Str *a, const Str *b, Likeness *out)
{
    for (size_t i = 0; i < w->n; i++) out[i] = compare(w->kinds[i], a[i], b[i]);
    compare_crossed(w, a, b, out);
}

static void compare_rows(const Linkage *l, uint32_t a, uint32_t b, Likeness *out)
{
    const uint32_t *left = row_of(l, a), *right = row_of(l, b);
    Str x[FEATURES_MAX] = {0}, y[FEATURES_MAX] = {0};

    for (size_t i = 0; i < l->n; i++) {
        x[i] = l->values.p[left[i]].text;
        y[i] = l->values.p[right[i]].text;
    }
    rows_compare(&l->start, x, y, out);
}

/* --- keys ------------------------------------------------------------------------------------------------------------ */

static uint32_t mix(uint64_t x)
{
    x *= UINT64_C(0x9e3779b97f4a7c15);
    x ^= x >> 32;
    return (uint32_t)x ? (uint32_t)x : 1;
}

static uint64_t beginning(Str s)
{
    uint64_t x = 0;

    for (size_t i = 0; i < START && i < s.n; i++) x = x << 8 | (unsigned char)s.p[i];
    return x;
}

/* The features that tell most rows apart: most different values. */
static size_t telling(const Linkage *l, size_t out[COMBINED])
{
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++) {
        size_t at = n < COMBINED ? n++ : COMBINED;
        while (at > 0 && l->numbers[out[at - 1]].n < l->numbers[i].n) {
            if (at < COMBINED) out[at] = out[at - 1];
            at--;
        }
        if (at < COMBINED) out[at] = i;
    }
    return n;
}

static uint32_t *new_key(Linkage *l)
{
    return l->keys[l->n_keys++] = NEW_N(l->mem, uint32_t, l->n_rows);
}

static void make_keys(Linkage *l)
{
    size_t best[COMBINED], n = telling(l, best);

    if (l->n_keys) return;
    for (size_t i = 0; i < l->n; i++) {
        uint32_t *key = new_key(l);
        for (size_t r = 0; r < l->n_rows; r++) {
            uint32_t v = row_of(l, r)[i];
            key[r] = v && l->values.p[v].n > 1 && l->values.p[v].n <= BLOCK_MAX ? v : 0;
        }
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            uint32_t *key = new_key(l);
            for (size_t r = 0; r < l->n_rows; r++) {
                Str a = l->values.p[row_of(l, r)[best[i]]].text, b = l->values.p[row_of(l, r)[best[k]]].text;
                key[r] = a.n && b.n ? mix(beginning(a) << 24 ^ beginning(b)) : 0;
            }
        }
}

typedef struct Keyed {
    uint32_t key, row;
} Keyed;

static int by_key(const void *a, const void *b)
{
    const Keyed *x = a, *y = b;

    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static bool is_seen(const Linkage *l, size_t key, uint32_t a, uint32_t b)
{
    for (size_t k = 0; k < key; k++)
        if (l->keys[k][a] && l->keys[k][a] == l->keys[k][b]) return true;
    return false;
}

/* Calls `see` for each pair of rows with a key in common, once; false from it ends. */
typedef bool (*SeeFn)(Linkage *l, uint32_t a, uint32_t b, void *arg);

static bool see_block(Linkage *l, size_t key, const Keyed *block, size_t n, SeeFn see, void *arg)
{
    if (n > BLOCK_MAX) {
        for (size_t i = 0; i < n; i++) l->keys[key][block[i].row] = 0;
        return true;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            if (!is_seen(l, key, block[i].row, block[k].row) && !see(l, block[i].row, block[k].row, arg))
                return false;
    return true;
}

static void each_pair(Linkage *l, SeeFn see, void *arg)
{
    Keyed *list = NEW_N(l->mem, Keyed, l->n_rows);
    bool goes_on = true;

    make_keys(l);
    for (size_t key = 0; key < l->n_keys && goes_on; key++) {
        size_t n = 0;
        for (size_t r = 0; r < l->n_rows; r++)
            if (l->keys[key][r]) list[n++] = (Keyed){l->keys[key][r], (uint32_t)r};
        qsort(list, n, sizeof *list, by_key);
        for (size_t from = 0, to; from < n && goes_on; from = to) {
            for (to = from; to < n && list[to].key == list[from].key;) to++;
            goes_on = see_block(l, key, list + from, to - from, see, arg);
        }
    }
}

/* --- learning -------------------------------------------------------------------------------------------------------- */

/* How often each combination of likenesses was seen: three bits a feature. */
typedef struct Pattern {
    uint64_t bits;
    double n;
} Pattern;

typedef struct Patterns {
    Arena *mem;
    Pattern *p;
    size_t n, cap;
    uint64_t seen;
} Patterns;

static uint64_t bits_of(const Likeness *alike, size_t n)
{
    uint64_t bits = 1;

    for (size_t i = 0; i < n; i++) bits = bits << 3 | (uint64_t)(alike[i] + 1);
    return bits;
}

static Likeness like_in(uint64_t bits, size_t feature, size_t n)
{
    return (Likeness)(bits >> (3 * (n - 1 - feature)) & 7) - 1;
}

static Pattern *pattern_at(Patterns *ps, uint64_t bits)
{
    size_t at = mix(bits) & (ps->cap - 1);

    while (ps->p[at].bits && ps->p[at].bits != bits) at = (at + 1) & (ps->cap - 1);
    return &ps->p[at];
}

static void grow(Patterns *ps)
{
    Patterns old = *ps;

    ps->cap = old.cap ? old.cap * 2 : 1u << 12;
    ps->p = NEW_N(ps->mem, Pattern, ps->cap);
    for (size_t i = 0; i < old.cap; i++)
        if (old.p[i].bits) *pattern_at(ps, old.p[i].bits) = old.p[i];
}

static bool count_pair(Linkage *l, uint32_t a, uint32_t b, void *arg)
{
    Patterns *ps = arg;
    Likeness alike[FEATURES_MAX];

    compare_rows(l, a, b, alike);
    if (ps->n * 2 >= ps->cap) grow(ps);
    Pattern *p = pattern_at(ps, bits_of(alike, l->n));
    ps->n += p->bits == 0;
    p->bits = bits_of(alike, l->n);
    p->n++;
    return ++ps->seen < LEARN_MAX;
}

/* Any two rows: all pairs of a small table, else pairs drawn at random. */
static void learn_any(Linkage *l, Weights *w)
{
    double all = (double)l->n_rows * (double)(l->n_rows - 1) / 2;
    uint64_t draw = 1, n = all < RANDOM_MAX ? (uint64_t)all : RANDOM_MAX;
    size_t a = 0, b = 0;

    for (size_t i = 0; i < l->n; i++)
        for (size_t k = 0; k < LIKE_COUNT; k++) w->u[i][k] *= 100;
    for (uint64_t i = 0; i < n; i++) {
        Likeness alike[FEATURES_MAX];
        if (all < RANDOM_MAX) {
            if (++b == l->n_rows) b = ++a + 1;
        } else {
            a = (draw = draw * UINT64_C(6364136223846793005) + 1442695040888963407u) >> 33;
            b = (draw = draw * UINT64_C(6364136223846793005) + 1442695040888963407u) >> 33;
            a %= l->n_rows;
            b %= l->n_rows;
        }
        if (a == b || a >= l->n_rows || b >= l->n_rows) continue;
        compare_rows(l, (uint32_t)a, (uint32_t)b, alike);
        for (size_t f = 0; f < l->n; f++)
            if (alike[f] != LIKE_UNKNOWN) w->u[f][alike[f]]++;
    }
    for (size_t i = 0; i < l->n; i++) {
        double sum = 0;
        for (size_t k = 0; k < LIKE_COUNT; k++) sum += w->u[i][k];
        for (size_t k = 0; k < LIKE_COUNT; k++) w->u[i][k] /= sum;
    }
}

/* A closer likeness never speaks less for a match: degrees that do are taken together (pool adjacent violators). */
static void make_monotone(Weights *w, size_t i)
{
    for (size_t k = 1; k < LIKE_COUNT; k++) {
        size_t from = k;
        double m = w->m[i][k], u = w->u[i][k];
        while (from > 0 && m / u < w->m[i][from - 1] / w->u[i][from - 1]) {
            from--;
            m += w->m[i][from];
            u += w->u[i][from];
        }
        for (size_t j = from; j < k + 1 && from < k; j++) w->m[i][j] = m * w->u[i][j] / u;
    }
}

/* One round: who is how likely the same, then how the same are alike.  Returns how many pairs are. */
static double learn_round(const Patterns *ps, Weights *w)
{
    double sums[FEATURES_MAX][LIKE_COUNT] = {{0}}, matches = 0;

    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < LIKE_COUNT; k++) sums[i][k] = SAME_START[w->kinds[i]][k] * 10;
    for (size_t at = 0; at < ps->cap; at++) {
        Likeness alike[FEATURES_MAX] = {0};
        if (!ps->p[at].bits) continue;
        for (size_t i = 0; i < w->n; i++) alike[i] = like_in(ps->p[at].bits, i, w->n);
        double share = weights_score(w, alike, NULL) * ps->p[at].n;
        if (share < ps->p[at].n / 2) continue;
        matches += share;
        for (size_t i = 0; i < w->n; i++)
            if (alike[i] != LIKE_UNKNOWN) sums[i][alike[i]] += share;
    }
    for (size_t i = 0; i < w->n; i++) {
        double sum = 0;
        for (size_t k = 0; k < LIKE_COUNT; k++) sum += sums[i][k];
        for (size_t k = 0; k < LIKE_COUNT; k++) w->m[i][k] = sums[i][k] / sum;
        make_monotone(w, i);
    }
    return matches;
}

void linkage_learn(Linkage *l, Weights *out)
{
    double all = (double)l->n_rows * (double)(l->n_rows - 1) / 2;
    Patterns ps = {.mem = l->mem};

    weights_default(out, l->start.kinds, l->n);
    if (l->n_rows < 50) return;
    learn_any(l, out);
    grow(&ps);
    each_pair(l, count_pair, &ps);
    for (int i = 0; i < ROUNDS; i++) {
        double matches = learn_round(&ps, out);
        out->prior = fmin(fmax(matches, 1), (double)l->n_rows / 2) / all;
    }
}

/* --- pairs ----------------------------------------------------------------------------------------------------------- */

typedef struct Found {
    const Weights *w;
    double least;
    VEC(Pair) pairs;
} Found;

static bool score_pair(Linkage *l, uint32_t a, uint32_t b, void *arg)
{
    Found *f = arg;
    Likeness alike[FEATURES_MAX];
    double rarity[FEATURES_MAX] = {0};

    compare_rows(l, a, b, alike);
    for (size_t i = 0; i < l->n; i++)
        if (row_of(l, a)[i] == row_of(l, b)[i])
            rarity[i] = (double)l->values.p[row_of(l, a)[i]].n / (double)(l->n_rows + 100);
    double score = weights_score(f->w, alike, rarity);
    if (score >= f->least) *vec_push(l->mem, &f->pairs) = (Pair){a, b, (float)score};
    return f->pairs.n < PAIRS_MAX;
}

static int by_score(const void *a, const void *b)
{
    const Pair *x = a, *y = b;

    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    if (x->a != y->a) return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

Err *linkage_pairs(Linkage *l, const Weights *w, double least, Pair **out, size_t *n)
{
    Found f = {.w = w, .least = least};

    each_pair(l, score_pair, &f);
    if (f.pairs.n >= PAIRS_MAX)
        FAIL(l->mem, ERR_LIMIT, "error.duplicates.many", "more than %u pairs look the same", PAIRS_MAX);
    if (f.pairs.n) qsort(f.pairs.p, f.pairs.n, sizeof *f.pairs.p, by_score);
    *out = f.pairs.p;
    *n = f.pairs.n;
    return NULL;
}

/* --- clusters -------------------------------------------------------------------------------------------------------- */

/* Rows of one cluster form a ring: next[row]; the first of each is its name. */
typedef struct Rings {
    uint32_t *name, *next, *size;
    float *score;
} Rings;

static void join(Rings *r, uint32_t a, uint32_t b, float score)
{
    uint32_t name = r->name[a], other = r->name[b], at = b, next = r->next[a];

    r->score[name] = score;
    r->size[name] += r->size[other];
    do r->name[at] = name;
    while ((at = r->next[at]) != b);
    r->next[a] = r->next[b];
    r->next[b] = next;
}

/* Counts of pairs between clusters that did not join yet, under both names; too few pairs to be worth a map of their own. */
static bool is_close(const Rings *r, const Pair *pairs, size_t at)
{
    uint32_t a = r->name[pairs[at].a], b = r->name[pairs[at].b];
    size_t wanted = ((size_t)r->size[a] * r->size[b] + 1) / 2, n = 0;

    if (wanted <= 1) return true;
    for (size_t i = at + 1; i-- > 0 && n < wanted;) {
        uint32_t x = r->name[pairs[i].a], y = r->name[pairs[i].b];
        n += (x == a && y == b) || (x == b && y == a);
    }
    return n >= wanted;
}

static int by_strength(const void *a, const void *b)
{
    const Cluster *x = a, *y = b;

    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return x->ids[0] < y->ids[0] ? -1 : x->ids[0] > y->ids[0];
}

static void collect(Linkage *l, const Rings *r, Cluster **out, size_t *n_out)
{
    VEC(Cluster) list = {0};

    for (uint32_t i = 0; i < l->n_rows; i++) {
        if (r->name[i] != i || r->size[i] < 2) continue;
        Cluster *c = vec_push(l->mem, &list);
        Id *ids = NEW_N(l->mem, Id, r->size[i]);
        uint32_t at = i;
        do ids[c->n++] = l->ids.p[at];
        while ((at = r->next[at]) != i);
        c->ids = ids;
        c->score = r->score[i];
    }
    if (list.n) qsort(list.p, list.n, sizeof *list.p, by_strength);
    *out = list.p;
    *n_out = list.n;
}

void linkage_clusters(Linkage *l, const Pair *pairs, size_t n, Cluster **out, size_t *n_out)
{
    Rings r = {NEW_N(l->mem, uint32_t, l->n_rows), NEW_N(l->mem, uint32_t, l->n_rows),
               NEW_N(l->mem, uint32_t, l->n_rows), NEW_N(l->mem, float, l->n_rows)};

    for (uint32_t i = 0; i < l->n_rows; i++) {
        r.name[i] = r.next[i] = i;
        r.size[i] = 1;
    }
    for (size_t i = 0; i < n; i++)
        if (r.name[pairs[i].a] != r.name[pairs[i].b] && is_close(&r, pairs, i))
            join(&r, pairs[i].a, pairs[i].b, pairs[i].score);
    collect(l, &r, out, n_out);
}
