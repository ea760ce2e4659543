/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random expressions that fit the types of an object: its fields, steps through references, lists of what refers to it.
   Literals come from the same small sets as the values of random records, so that comparisons hold now and then. */
#include "core/test_prop.h"

#define COUNT(a)   (sizeof(a) / sizeof *(a))
#define PICK(p, a) ((a)[prop_below((p), (unsigned)COUNT(a))])

/* What names mean: the root, or the variable of an exists(). */
typedef struct Reach {
    Str prefix;        /* "" or "v1." */
    const Object *obj; /* NULL: an item of phones, e-mails */
    const struct Reach *up;
} Reach;

typedef struct Gen {
    Arena *mem;
    Prop *p;
    unsigned vars;
} Gen;

static Str condition(Gen *g, const Reach *at, unsigned depth);
static Str scalar(Gen *g, const Reach *at, CelKind kind, unsigned depth);

#define FMT(...) str_fmt(g->mem, __VA_ARGS__)

/* --- literals -------------------------------------------------------------------------------------------------------- */

static Str literal(Gen *g, CelKind kind)
{
    static const char *const INTS[] = {"0", "1", "2", "-1", "3", "10", "100", "2020", "1000000000000000"};
    static const char *const DECIMALS[] = {"0.0",   "1.5",   "0.25",  "10.05",
                                           "100.0", "-1.25", "33.33", "0.0001"};
    static const char *const MONEYS[] = {"0", "100", "12500", "99.33", "1000.33", "50"};
    static const char *const TEXTS[] = {
        "'Anna'", "'anna'",      "'a'",  "'A'",  "''",     "'ромашка'", "'Łódź Trading'", "'Ж'", "'%'",
        "'_b'",   "'O\\'Brien'", "'RU'", "'PL'", "'work'", "'|'",       "'zz top'",       "'+7'"};
    static const char *const DATES[] = {"today()",           "date('2026-11-04')", "date('2026-11-05')",
                                        "today() - days(7)", "today() + days(30)", "date(now)"};
    static const char *const STAMPS[] = {"now",
                                         "timestamp('2026-11-04T22:45:00Z')",
                                         "now - duration('168h')",
                                         "now + duration('24h')",
                                         "timestamp(today())",
                                         "now - duration('1500ms')"};
    static const char *const DURATIONS[] = {"duration('0s')", "duration('3600s')", "days(7)",
                                            "duration('-30m')", "duration('1500ms')"};

    switch (kind) {
    case CEL_T_INT: return str_c(PICK(g->p, INTS));
    case CEL_T_DECIMAL: return str_c(PICK(g->p, DECIMALS));
    case CEL_T_MONEY: return str_c(PICK(g->p, MONEYS));
    case CEL_T_STRING: return str_c(PICK(g->p, TEXTS));
    case CEL_T_DATE: return str_c(PICK(g->p, DATES));
    case CEL_T_TIMESTAMP: return str_c(PICK(g->p, STAMPS));
    case CEL_T_DURATION: return str_c(PICK(g->p, DURATIONS));
    case CEL_T_BOOL: return prop_one_in(g->p, 2) ? S("true") : S("false");
    default: return S("null");
    }
}

/* --- fields ---------------------------------------------------------------------------------------------------------- */

static bool is_usable(const Field *f)
{
    return !f->is_secret && f->type != FIELD_JSON && f->type != FIELD_ANY_REFERENCE && f->type != FIELD_FILE;
}

static const Field *pick_field(Gen *g, const Object *obj, CelKind kind)
{
    const Field *found = NULL;
    unsigned n = 0;

    for (size_t i = 0; i < obj->n_fields; i++) {
        const Field *f = &obj->fields[i];
        if (!is_usable(f) || !f->cel || f->cel->kind != kind || (kind == CEL_T_ID && !f->target)) continue;
        if (prop_one_in(g->p, ++n)) found = f;
    }
    return found;
}

static const Reach *pick_reach(Gen *g, const Reach *at)
{
    while (at->up && prop_one_in(g->p, 4)) at = at->up;
    return at;
}

/* "v1.account.class": a field of `kind`, half of the time over a reference. */
static Str path(Gen *g, const Reach *at, CelKind kind, const Field **out)
{
    const Reach *r = pick_reach(g, at);
    Str prefix = r->prefix;
    const Object *obj = r->obj;

    *out = NULL;
    if (!obj) {
        if (kind == CEL_T_BOOL) return FMT("%.*smain", SFMT(prefix));
        if (kind == CEL_T_STRING)
            return FMT("%.*s%s", SFMT(prefix), prop_one_in(g->p, 3) ? "label" : "value");
        return (Str){0};
    }
    for (int steps = 0; steps < 2 && prop_one_in(g->p, 3); steps++) {
        const Field *ref = pick_field(g, obj, CEL_T_ID);
        if (!ref) break;
        prefix = FMT("%.*s%.*s.", SFMT(prefix), SFMT(ref->name));
        obj = ref->target;
    }
    *out = pick_field(g, obj, kind);
    if (*out) return FMT("%.*s%.*s", SFMT(prefix), SFMT((*out)->name));
    const Field *name = kind == CEL_T_STRING ? object_field(obj, S("name")) : NULL;
    return name && name->type == FIELD_PERSON_NAME ? FMT("%.*sname.family", SFMT(prefix)) : (Str){0};
}

static Str leaf(Gen *g, const Reach *at, CelKind kind)
{
    const Field *f;
    Str found = prop_one_in(g->p, 8) ? (Str){0} : path(g, at, kind, &f);

    return found.n ? found : literal(g, kind);
}

/* --- scalars --------------------------------------------------------------------------------------------------------- */

static Str binary(Gen *g, const Reach *at, CelKind a, const char *op, CelKind b, unsigned depth)
{
    Str left = scalar(g, at, a, depth), right = scalar(g, at, b, depth);

    return FMT("(%.*s %s %.*s)", SFMT(left), op, SFMT(right));
}

static Str number(Gen *g, const Reach *at, CelKind kind, unsigned depth)
{
    static const char *const OPS[] = {"+", "-", "*", "/"};
    CelKind other = kind == CEL_T_DECIMAL && prop_one_in(g->p, 3) ? CEL_T_INT : kind;

    if (prop_one_in(g->p, 6)) {
        Str of = scalar(g, at, kind, depth);
        return FMT("-(%.*s)", SFMT(of));
    }
    if (kind == CEL_T_INT && prop_one_in(g->p, 6)) {
        Str of = scalar(g, at, CEL_T_STRING, depth);
        return FMT("size(%.*s)", SFMT(of));
    }
    if (kind == CEL_T_INT && prop_one_in(g->p, 6)) return binary(g, at, kind, "%", kind, depth);
    if (kind == CEL_T_DECIMAL && prop_one_in(g->p, 5)) {
        const Field *f;
        Str of = path(g, at, CEL_T_MONEY, &f);
        if (of.n) return FMT("amount(%.*s)", SFMT(of));
    }
    return binary(g, at, kind, PICK(g->p, OPS), other, depth);
}

static Str money(Gen *g, const Reach *at, unsigned depth)
{
    static const char *const OPS[] = {"+", "-"};
    const Field *f;
    Str base = path(g, at, CEL_T_MONEY, &f);

    if (!base.n) return literal(g, CEL_T_MONEY);
    switch (prop_below(g->p, 4)) {
    case 0: return binary(g, at, CEL_T_MONEY, PICK(g->p, OPS), CEL_T_MONEY, depth);
    case 1: {
        Str by = scalar(g, at, prop_one_in(g->p, 2) ? CEL_T_INT : CEL_T_DECIMAL, depth);
        return FMT("%.*s * %.*s", SFMT(base), SFMT(by));
    }
    case 2: {
        Str by = scalar(g, at, prop_one_in(g->p, 2) ? CEL_T_INT : CEL_T_DECIMAL, depth);
        return FMT("%.*s / %.*s", SFMT(base), SFMT(by));
    }
    default: return base;
    }
}

static Str text(Gen *g, const Reach *at, unsigned depth)
{
    const Field *f;
    Str of = scalar(g, at, CEL_T_STRING, depth);

    switch (prop_below(g->p, 5)) {
    case 0: return FMT("fold(%.*s)", SFMT(of));
    case 1: return FMT("%.*s.lowerAscii()", SFMT(of));
    case 2: return binary(g, at, CEL_T_STRING, "+", CEL_T_STRING, depth);
    case 3: {
        Str amount = path(g, at, CEL_T_MONEY, &f);
        return amount.n ? FMT("currency(%.*s)", SFMT(amount)) : of;
    }
    default: return of;
    }
}

static Str moved(Gen *g, const Reach *at, CelKind kind, unsigned depth)
{
    static const char *const BY[] = {"+ days(7)", "- days(30)", "+ days(1)"};
    static const char *const SPAN[] = {"+ duration('90m')", "- duration('24h')", "+ duration('1ms')"};
    Str of = scalar(g, at, kind, depth);

    return FMT("(%.*s %s)", SFMT(of), kind == CEL_T_DATE ? PICK(g->p, BY) : PICK(g->p, SPAN));
}

static Str span(Gen *g, const Reach *at, unsigned depth)
{
    CelKind kind = prop_one_in(g->p, 2) ? CEL_T_DATE : CEL_T_TIMESTAMP;

    if (prop_one_in(g->p, 3))
        return binary(g, at, CEL_T_DURATION, prop_one_in(g->p, 2) ? "+" : "-", CEL_T_DURATION, depth);
    return binary(g, at, kind, "-", kind, depth);
}

static Str scalar(Gen *g, const Reach *at, CelKind kind, unsigned depth)
{
    if (depth == 0 || prop_one_in(g->p, 3)) return leaf(g, at, kind);
    depth--;
    if (prop_one_in(g->p, 6)) {
        Str of = leaf(g, at, kind), otherwise = scalar(g, at, kind, depth);
        return FMT("orValue(%.*s, %.*s)", SFMT(of), SFMT(otherwise));
    }
    if (prop_one_in(g->p, 8)) {
        Str when = condition(g, at, depth), yes = scalar(g, at, kind, depth), no = scalar(g, at, kind, depth);
        return FMT("(%.*s ? %.*s : %.*s)", SFMT(when), SFMT(yes), SFMT(no));
    }
    switch (kind) {
    case CEL_T_INT:
    case CEL_T_DECIMAL: return number(g, at, kind, depth);
    case CEL_T_MONEY: return money(g, at, depth);
    case CEL_T_STRING: return text(g, at, depth);
    case CEL_T_DATE:
    case CEL_T_TIMESTAMP: return moved(g, at, kind, depth);
    case CEL_T_DURATION: return span(g, at, depth);
    case CEL_T_BOOL: return condition(g, at, depth);
    default: return leaf(g, at, kind);
    }
}

/* --- conditions ------------------------------------------------------------------------------------------------------ */

static const CelKind KINDS[] = {CEL_T_INT,    CEL_T_DECIMAL, CEL_T_MONEY,     CEL_T_STRING,
                                CEL_T_STRING, CEL_T_DATE,    CEL_T_TIMESTAMP, CEL_T_DURATION};

static Str comparison(Gen *g, const Reach *at, unsigned depth)
{
    static const char *const OPS[] = {"==", "!=", "<", "<=", ">", ">="};
    CelKind kind = PICK(g->p, KINDS);

    return binary(g, at, kind, PICK(g->p, OPS), kind, depth);
}

static Str null_test(Gen *g, const Reach *at)
{
    const Field *f;
    Str of = path(g, at, prop_one_in(g->p, 3) ? CEL_T_ID : PICK(g->p, KINDS), &f);

    if (!of.n) return S("1 == 1");
    if (str_find_char(of, '.') >= 0 && prop_one_in(g->p, 3)) return FMT("has(%.*s)", SFMT(of));
    return FMT("%.*s %s null", SFMT(of), prop_one_in(g->p, 2) ? "==" : "!=");
}

static Str in_list(Gen *g, const Reach *at, unsigned depth)
{
    CelKind kind = PICK(g->p, KINDS);
    Str of = scalar(g, at, kind, depth), a = literal(g, kind), b = leaf(g, at, kind);

    return FMT("%.*s in [%.*s, %.*s]", SFMT(of), SFMT(a), SFMT(b));
}

/* 'vip' in tags, and choices against their keys. */
static Str choice(Gen *g, const Reach *at)
{
    static const char *const TAGS[] = {"'vip'", "'a'", "'ab'", "''", "'customer'", "'price'"};
    const Field *f;
    Str of = path(g, at, prop_one_in(g->p, 3) ? CEL_T_LIST : CEL_T_STRING, &f);

    if (!f || !of.n) return null_test(g, at);
    if (f->type == FIELD_TAGS || f->type == FIELD_MULTICHOICE)
        return FMT("%s in %.*s", PICK(g->p, TAGS), SFMT(of));
    if (f->type != FIELD_CHOICE) return null_test(g, at);
    Str a = f->options[prop_below(g->p, (unsigned)f->n_options)].key,
        b = f->options[prop_below(g->p, (unsigned)f->n_options)].key;
    if (prop_one_in(g->p, 2)) return FMT("%.*s in ['%.*s', '%.*s']", SFMT(of), SFMT(a), SFMT(b));
    return FMT("%.*s %s '%.*s'", SFMT(of), prop_one_in(g->p, 2) ? "==" : "!=", SFMT(a));
}

static Str text_test(Gen *g, const Reach *at, unsigned depth)
{
    static const char *const TESTS[] = {"contains", "startsWith", "endsWith"};
    Str of = scalar(g, at, CEL_T_STRING, depth), by = leaf(g, at, CEL_T_STRING);

    if (prop_one_in(g->p, 2)) by = literal(g, CEL_T_STRING);
    if (prop_one_in(g->p, 3)) return FMT("fold(%.*s).%s(fold(%.*s))", SFMT(of), PICK(g->p, TESTS), SFMT(by));
    return FMT("%.*s.%s(%.*s)", SFMT(of), PICK(g->p, TESTS), SFMT(by));
}

static Str same_reference(Gen *g, const Reach *at)
{
    const Field *a, *b;
    Str one = path(g, at, CEL_T_ID, &a), two;

    for (int tries = 0; tries < 5 && one.n; tries++) {
        two = path(g, at, CEL_T_ID, &b);
        if (two.n && a && b && a->target == b->target)
            return FMT("%.*s %s %.*s", SFMT(one), prop_one_in(g->p, 2) ? "==" : "!=", SFMT(two));
    }
    return null_test(g, at);
}

typedef struct ListPick {
    Gen *g;
    unsigned n;
    Str name;
    const Object *obj;
} ListPick;

static void consider(ListPick *pick, Str name, const Object *obj)
{
    if (!prop_one_in(pick->g->p, ++pick->n)) return;
    pick->name = name;
    pick->obj = obj;
}

static Str quantified(Gen *g, const Reach *at, unsigned depth)
{
    const Reach *r = pick_reach(g, at);
    ListPick pick = {.g = g};

    if (!r->obj || (at->up && at->up->up)) return comparison(g, at, depth);
    for (size_t i = 0; i < r->obj->n_fields; i++) {
        const Field *f = &r->obj->fields[i];
        if (f->type == FIELD_PHONES || f->type == FIELD_EMAILS) consider(&pick, f->name, NULL);
        if (f->type == FIELD_LINKS) consider(&pick, f->name, f->far->target);
    }
    for (size_t i = 0; i < r->obj->inverses.n; i++) {
        const Inverse *via = r->obj->inverses.entries[i].val;
        if (!via->object->is_internal) consider(&pick, via->name, via->object);
    }
    if (!pick.name.n) return comparison(g, at, depth);
    Str var = FMT("v%u", ++g->vars);
    Reach inner = {.prefix = FMT("%.*s.", SFMT(var)), .obj = pick.obj, .up = at};
    Str body = condition(g, &inner, depth > 0 ? depth - 1 : 0);
    return FMT("%.*s%.*s.%s(%.*s, %.*s)", SFMT(r->prefix), SFMT(pick.name),
               prop_one_in(g->p, 3) ? "all" : "exists", SFMT(var), SFMT(body));
}

static Str simple(Gen *g, const Reach *at, unsigned depth)
{
    const Field *f;
    Str flag;

    switch (prop_below(g->p, 10)) {
    case 0: return null_test(g, at);
    case 1: return in_list(g, at, depth);
    case 2: return choice(g, at);
    case 3: return text_test(g, at, depth);
    case 4: return same_reference(g, at);
    case 5:
    case 6: return quantified(g, at, depth);
    case 7: flag = path(g, at, CEL_T_BOOL, &f); return flag.n ? flag : choice(g, at);
    default: return comparison(g, at, depth);
    }
}

static Str condition(Gen *g, const Reach *at, unsigned depth)
{
    Str a, b, c;

    if (depth == 0 || prop_one_in(g->p, 3)) return simple(g, at, depth);
    depth--;
    switch (prop_below(g->p, 6)) {
    case 0:
    case 1:
        a = condition(g, at, depth), b = condition(g, at, depth);
        return FMT("(%.*s && %.*s)", SFMT(a), SFMT(b));
    case 2:
    case 3:
        a = condition(g, at, depth), b = condition(g, at, depth);
        return FMT("(%.*s || %.*s)", SFMT(a), SFMT(b));
    case 4:
        a = condition(g, at, depth), b = condition(g, at, depth), c = condition(g, at, depth);
        return FMT("(%.*s ? %.*s : %.*s)", SFMT(a), SFMT(b), SFMT(c));
    default: a = condition(g, at, depth); return FMT("!(%.*s)", SFMT(a));
    }
}

Str prop_condition(Arena *mem, Prop *p, const Object *obj, unsigned depth)
{
    Gen g = {.mem = mem, .p = p};
    Reach root = {.prefix = S(""), .obj = obj};
    Str made = condition(&g, &root, depth);

    return prop_one_in(p, 2) ? made : str_fmt(mem, "!(%.*s)", SFMT(made));
}

Str prop_scalar(Arena *mem, Prop *p, const Object *obj, CelKind kind, unsigned depth)
{
    Gen g = {.mem = mem, .p = p};
    Reach root = {.prefix = S(""), .obj = obj};

    return scalar(&g, &root, kind, depth);
}
