/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker and evaluator against an environment like a record's: typed names, references with fields, nulls. */

#include "base/tap.h"
#include "cel/functions.h"

static const CelType user = {.kind = CEL_T_ID, .object = S_INIT("user")};

static const CelType *ident_type(void *arg, Str name)
{
    (void)arg;
    if (str_eq(name, S("owner")) || str_eq(name, S("nobody"))) return &user;
    if (str_eq(name, S("amount"))) return &cel_money;
    if (str_eq(name, S("note"))) return &cel_string;
    return NULL;
}

static const CelType *field_type(void *arg, const CelType *object, Str name)
{
    (void)arg;
    if (!str_eq(object->object, S("user"))) return NULL;
    if (str_eq(name, S("name"))) return &cel_string;
    return str_eq(name, S("boss")) ? &user : NULL;
}

static bool ident_value(void *arg, Arena *mem, Str name, Val *out)
{
    (void)arg, (void)mem;
    *out = val_null();
    if (str_eq(name, S("owner"))) *out = val_ref(7, 42);
    if (str_eq(name, S("amount"))) *out = val_money(1000000, 4, currency_pack(S("EUR")));
    return true;
}

static bool field_value(void *arg, Arena *mem, Val object, Str name, Val *out)
{
    (void)arg, (void)mem;
    *out = val_null();
    if (object.i == 42 && str_eq(name, S("name"))) *out = val_text(S("Anna"));
    return true;
}

static Err *run(Arena *mem, const char *source, const CelType *wanted, Val *out)
{
    CelEnv env = {.ident = ident_type, .field = field_type};
    CelScope scope = {.ident = ident_value, .field = field_value, .me = 42};
    CelNode *root = NULL;
    TRY(cel_parse(mem, str_c(source), &root));
    TRY(cel_check(mem, &env, root, wanted));
    return cel_eval(mem, root, &scope, out);
}

static bool is_true(Arena *mem, const char *source)
{
    Val v;
    Err *e = run(mem, source, &cel_bool, &v);
    return !e && v.kind == VAL_BOOL && v.b;
}

TEST(reference_has_fields_and_equals_its_id)
{
    CHECK(is_true(mem, "owner.name == 'Anna'"));
    CHECK(is_true(mem, "owner == me()"));
    CHECK(is_true(mem, "has(owner.name)"));
    CHECK(is_true(mem, "!has(owner.boss)"));
}

TEST(step_through_a_null_reference_is_null)
{
    CHECK(is_true(mem, "owner.boss.name == null"));
    CHECK(is_true(mem, "nobody.boss.boss == null"));
    CHECK(is_true(mem, "!has(nobody.name)"));
    CHECK(is_true(mem, "orValue(nobody.name, 'x') == 'x'"));
}

TEST(unknown_field_is_found_before_running)
{
    Val v;
    Err *e = run(mem, "owner.salary == 1", NULL, &v);
    CHECK_ERR(e, ERR_INVALID);
    CHECK_STR(e->key, "error.cel.unknown");
    CHECK_EQ_INT(e->at, 6);
}

TEST(wanted_type_is_checked_and_given_to_literals)
{
    Val v = val_null();
    CHECK_OK(run(mem, "1.50", &cel_decimal, &v));
    CHECK_EQ_INT(v.kind, VAL_DECIMAL);
    CHECK_EQ_INT(v.i, 150);
    CHECK_OK(run(mem, "amount > 50 ? '2026-01-02' : '2026-01-01'", &cel_date, &v));
    CHECK_EQ_INT(v.kind, VAL_DATE);
    CHECK_ERR(run(mem, "note", &cel_bool, &v), ERR_INVALID);
    CHECK_ERR(run(mem, "'x'", &cel_date, &v), ERR_INVALID);
}

TEST(checker_chooses_the_overload)
{
    CelEnv env = {.ident = ident_type, .field = field_type};
    CelNode *root = NULL;
    CHECK_OK(cel_parse(mem, S("note.size()"), &root));
    CHECK_OK(cel_check(mem, &env, root, NULL));
    NEED(root->function != NULL);
    CHECK_EQ_INT(root->function->args[0], CEL_T_STRING);
    CHECK_EQ_INT(root->type->kind, CEL_T_INT);
}

TEST(checking_twice_gives_the_same)
{
    CelEnv env = {.ident = ident_type, .field = field_type};
    CelNode *root = NULL;
    CHECK_OK(cel_parse(mem, S("amount > 10.5 && timestamp('2026-01-01T00:00:00Z') > '2026-01-01'"), &root));
    CHECK_OK(cel_check(mem, &env, root, NULL));
    Str once = cel_text(mem, root);
    CHECK_OK(cel_check(mem, &env, root, NULL));
    CHECK(str_eq(cel_text(mem, root), once));
}

TEST(budget_is_never_absorbed)
{
    Val v;
    CHECK_ERR(run(mem, "lists.range(1000000000).size() > 0 || true", NULL, &v), ERR_LIMIT);
    CHECK_ERR(run(mem, "lists.range(3000).all(a, lists.range(3000).all(b, a + b >= 0))", NULL, &v),
              ERR_LIMIT);
}

TEST(every_function_is_documented_and_names_stand_together)
{
    size_t n = 0;
    const CelFunction *f = cel_functions(&n);
    for (size_t i = 0; i < n; i++) {
        CHECK(f[i].doc && f[i].body && f[i].n <= CEL_ARGS_MAX);
        for (const CelFunction *o = cel_function_find(str_c(f[i].name)); o != &f[i]; o = cel_function_next(o))
            NEED(o != NULL);
    }
}
