/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists, sets and optional values. */

#include "cel/bodies.h"

BODY(cel_size_list)
{
    (void)run, (void)n;
    *out = val_int(args[0].n);
    return NULL;
}

BODY(cel_slice)
{
    int64_t from = args[1].i, to = args[2].i;
    (void)n;
    if (from < 0 || to < from || to > args[0].n) return cel_fail(run, "a slice outside the list");
    *out = val_list(args[0].list + from, (size_t)(to - from));
    return NULL;
}

/* Items of `v` with lists opened `depth` times; `to` NULL only counts. */
static Err *flatten(CelRun *run, Val v, int64_t depth, Val *to, size_t *count)
{
    TRY(cel_spend(run, v.n + 1u));
    for (uint32_t i = 0; i < v.n; i++) {
        if (v.list[i].kind == VAL_LIST && depth > 0) {
            TRY(flatten(run, v.list[i], depth - 1, to, count));
        } else {
            if (to) to[*count] = v.list[i];
            (*count)++;
        }
    }
    return NULL;
}

BODY(cel_flatten)
{
    int64_t depth = n > 1 ? args[1].i : 1;
    size_t count = 0, again = 0;
    Val *items = NULL;
    if (depth < 0) return cel_fail(run, "a negative depth");
    if (depth > CEL_VALUE_DEPTH) depth = CEL_VALUE_DEPTH;
    TRY(flatten(run, args[0], depth, NULL, &count));
    TRY(cel_items(run, count, &items));
    TRY(flatten(run, args[0], depth, items, &again));
    *out = val_list(items, count);
    return NULL;
}

static bool has_item(CelRun *run, const Val *items, size_t n, Val v)
{
    for (size_t i = 0; i < n && run->left >= 0; i++)
        if (cel_equal(run, items[i], v)) return true;
    return false;
}

BODY(cel_distinct)
{
    Val *items = NULL;
    size_t count = 0;
    (void)n;
    TRY(cel_items(run, args[0].n, &items));
    for (uint32_t i = 0; i < args[0].n; i++) {
        TRY(cel_spend(run, 1));
        if (!has_item(run, items, count, args[0].list[i])) items[count++] = args[0].list[i];
    }
    *out = val_list(items, count);
    return cel_spend(run, 1);
}

/* Merges two sorted halves of `p` through `tmp`. */
static Err *merge(CelRun *run, Val *p, size_t half, size_t n, Val *tmp)
{
    size_t a = 0, b = half, to = 0;
    while (a < half && b < n) {
        int order = 0;
        TRY(cel_compare(run, p[a], p[b], &order));
        tmp[to++] = order == 1 ? p[b++] : p[a++];
    }
    while (a < half) tmp[to++] = p[a++];
    while (b < n) tmp[to++] = p[b++];
    for (size_t i = 0; i < n; i++) p[i] = tmp[i];
    return NULL;
}

static Err *merge_sort(CelRun *run, Val *p, size_t n, Val *tmp)
{
    TRY(cel_spend(run, n + 1));
    if (n < 2) return NULL;
    TRY(merge_sort(run, p, n / 2, tmp));
    TRY(merge_sort(run, p + n / 2, n - n / 2, tmp));
    return merge(run, p, n / 2, n, tmp);
}

BODY(cel_sort)
{
    Val *items = NULL, *tmp = NULL;
    int order = 0;
    (void)n;
    TRY(cel_items(run, args[0].n, &items));
    TRY(cel_items(run, args[0].n, &tmp));
    for (uint32_t i = 0; i < args[0].n; i++) items[i] = args[0].list[i];
    if (args[0].n == 1) TRY(cel_compare(run, items[0], items[0], &order));
    TRY(merge_sort(run, items, args[0].n, tmp));
    *out = val_list(items, args[0].n);
    return NULL;
}

BODY(cel_range)
{
    Val *items = NULL;
    size_t count = args[0].i > 0 ? (size_t)args[0].i : 0;
    (void)n;
    TRY(cel_items(run, count, &items));
    for (size_t i = 0; i < count; i++) items[i] = val_int((int64_t)i);
    *out = val_list(items, count);
    return NULL;
}

BODY(cel_reverse_list)
{
    Val *items = NULL;
    (void)n;
    TRY(cel_items(run, args[0].n, &items));
    for (uint32_t i = 0; i < args[0].n; i++) items[i] = args[0].list[args[0].n - 1 - i];
    *out = val_list(items, args[0].n);
    return NULL;
}

BODY(cel_first)
{
    (void)n;
    *out = args[0].n ? cel_some(run, args[0].list[0]) : cel_none();
    return NULL;
}

BODY(cel_last)
{
    (void)n;
    *out = args[0].n ? cel_some(run, args[0].list[args[0].n - 1]) : cel_none();
    return NULL;
}

/* --- sets -------------------------------------------------------------------------------------------------------------------- */

static bool contains_all(CelRun *run, Val a, Val b)
{
    for (uint32_t i = 0; i < b.n; i++)
        if (!has_item(run, a.list, a.n, b.list[i])) return false;
    return true;
}

BODY(cel_sets_contains)
{
    (void)n;
    *out = val_bool(contains_all(run, args[0], args[1]));
    return cel_spend(run, 1);
}

BODY(cel_sets_equivalent)
{
    (void)n;
    *out = val_bool(contains_all(run, args[0], args[1]) && contains_all(run, args[1], args[0]));
    return cel_spend(run, 1);
}

BODY(cel_sets_intersects)
{
    bool found = false;
    (void)n;
    for (uint32_t i = 0; i < args[1].n && !found; i++)
        found = has_item(run, args[0].list, args[0].n, args[1].list[i]);
    *out = val_bool(found);
    return cel_spend(run, 1);
}

/* --- values that may be missing ------------------------------------------------------------------------------------------------ */

BODY(cel_or_value)
{
    (void)run, (void)n;
    *out = args[0].kind == VAL_NULL ? args[1] : args[0];
    return NULL;
}

BODY(cel_optional_of_value)
{
    (void)n;
    *out = cel_some(run, args[0]);
    return NULL;
}

static bool is_zero(Val v)
{
    switch (v.kind) {
    case VAL_NULL: return true;
    case VAL_BOOL: return !v.b;
    case VAL_DOUBLE: return v.d == 0;
    case VAL_TEXT:
    case VAL_BYTES:
    case VAL_LIST:
    case VAL_MAP:
    case CEL_VAL_OPTIONAL: return v.n == 0;
    case VAL_TIMESTAMP:
    case VAL_DURATION: return v.i == 0 && v.n == 0;
    case VAL_TYPE: return false;
    default: return v.i == 0;
    }
}

BODY(cel_optional_of_non_zero)
{
    (void)n;
    *out = is_zero(args[0]) ? cel_none() : cel_some(run, args[0]);
    return NULL;
}

BODY(cel_optional_none)
{
    (void)run, (void)args, (void)n;
    *out = cel_none();
    return NULL;
}

/* What is inside the optionals of a list, the empty ones left out. */
BODY(cel_optional_unwrap)
{
    Val *items = NULL;
    size_t count = 0;
    (void)n;
    TRY(cel_items(run, args[0].n, &items));
    for (uint32_t i = 0; i < args[0].n; i++) {
        Val v = args[0].list[i];
        if (v.kind != CEL_VAL_OPTIONAL) return cel_fail(run, "an optional value is wanted");
        if (v.n) items[count++] = v.list[0];
    }
    *out = val_list(items, count);
    return NULL;
}

BODY(cel_optional_value)
{
    (void)n;
    if (args[0].n == 0) return cel_fail(run, "the optional value is missing");
    *out = args[0].list[0];
    return NULL;
}

BODY(cel_optional_has_value)
{
    (void)run, (void)n;
    *out = val_bool(args[0].n > 0);
    return NULL;
}

BODY(cel_optional_or)
{
    (void)run, (void)n;
    *out = args[0].n ? args[0] : args[1];
    return NULL;
}

BODY(cel_optional_or_value)
{
    (void)run, (void)n;
    *out = args[0].n ? args[0].list[0] : args[1];
    return NULL;
}
