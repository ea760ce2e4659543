/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rights are data, and data can be misspelt: a role whose `limit` is written `limt` would limit nothing, and one whose
   rule cannot be read would lock its people out.  So a role is refused, whoever writes it, unless core/rights.c
   understands every word of it. */
#include "mod/system/system_impl.h"

static Err *refuse(Ctx *cx, const char *key, Str word)
{
    return err_arg(
        err_field(err_new(cx->mem, ERR_INVALID, key, "rights: unknown %.*s", SFMT(word)), S("rights")), 0,
        word);
}

static bool is_one_of(Str word, const char *list)
{
    Str rest = str_c(list);

    while (rest.n)
        if (str_eq(str_cut(&rest, ' '), word)) return true;
    return false;
}

static Err *check_fields(Ctx *cx, const Object *obj, Val fields)
{
    if (fields.kind != VAL_MAP) return refuse(cx, "error.role.word", S("fields"));
    for (uint32_t i = 0; i < fields.n; i++) {
        Str name = val_str(fields.map[i].key);
        Val how = fields.map[i].val;
        if (obj && !object_field(obj, name)) return refuse(cx, "error.role.word", name);
        if (how.kind != VAL_TEXT || !is_one_of(val_str(how), "hidden read write"))
            return refuse(cx, "error.role.level", name);
    }
    return NULL;
}

static Err *check_rule(Ctx *cx, const Object *obj, Val rule)
{
    CelEnv env;
    CelNode *tree;

    if (rule.kind != VAL_TEXT) return refuse(cx, "error.role.word", S("rule"));
    Err *e = cel_parse(cx->mem, val_str(rule), &tree);
    if (!e && obj) {
        env = object_cel_env(obj);
        e = cel_check(cx->mem, &env, tree, &cel_bool);
    }
    return e ? err_field(e, S("rights")) : NULL;
}

static Err *check_entry(Ctx *cx, const Object *obj, Val entry)
{
    if (entry.kind != VAL_MAP) return refuse(cx, "error.role.word", obj ? obj->name : S("*"));
    for (uint32_t i = 0; i < entry.n; i++) {
        Str word = val_str(entry.map[i].key);
        Val v = entry.map[i].val;
        bool is_verb = is_one_of(word, "create read update delete"), is_rule = is_one_of(word, "limit also");
        bool is_flag = is_one_of(word, "export mass"), is_fields = is_one_of(word, "fields");
        bool is_level =
            v.kind == VAL_BOOL || (v.kind == VAL_TEXT && is_one_of(val_str(v), "none own team all"));
        if (!is_verb && !is_rule && !is_flag && !is_fields) return refuse(cx, "error.role.word", word);
        if (is_verb && !is_level)
            return refuse(cx, "error.role.level", v.kind == VAL_TEXT ? val_str(v) : word);
        if (is_flag && v.kind != VAL_BOOL) return refuse(cx, "error.role.level", word);
        if (is_fields) TRY(check_fields(cx, obj, v));
        if (is_rule) TRY(check_rule(cx, obj, v));
    }
    return NULL;
}

static Err *check_word(Ctx *cx, Str word, Val v)
{
    const Object *obj = meta_object(cx->meta, word);

    if (is_one_of(word, "administrator masked"))
        return v.kind == VAL_BOOL ? NULL : refuse(cx, "error.role.level", word);
    if (is_one_of(word, "actions")) return v.kind == VAL_LIST ? NULL : refuse(cx, "error.role.word", word);
    if (!obj && !is_one_of(word, "*")) return refuse(cx, "error.role.word", word);
    return check_entry(cx, obj, v);
}

static Err *role_before(Ctx *cx, Record *rec, const Record *before)
{
    Val rights = record_get_val(rec, "rights");
    Err *problems = NULL;

    (void)before;
    if (val_is_null(rights)) return NULL;
    if (rights.kind != VAL_MAP) return refuse(cx, "error.role.word", S("rights"));
    for (uint32_t i = 0; i < rights.n; i++) {
        Err *e = check_word(cx, val_str(rights.map[i].key), rights.map[i].val);
        if (e) err_add(&problems, e);
    }
    return problems;
}

static const Hook HOOKS[] = {{.object = "role", .before_write = role_before},
                             {.object = "calendar", .before_write = calendar_before},
                             {.object = "calendar_day", .before_write = calendar_day_before}};

static const ActionParam HAND_OVER[] = {
    {.name = "to", .type = FIELD_USER, .is_required = true, .label = {"To whom", "Кому", "Komu"}},
    {.name = "stays",
     .type = FIELD_BOOLEAN,
     .label = {"The person stays here and may go on signing in",
               "Сотрудник остаётся и может входить, как раньше", "Osoba zostaje i nadal może się logować"}},
};

static const Action ACTIONS[] = {
    {.object = "user",
     .name = "hand_over",
     .icon = "users",
     .label = {"Hand over", "Передать дела", "Przekaż sprawy"},
     .right = "update",
     .params = HAND_OVER,
     .n_params = sizeof HAND_OVER / sizeof *HAND_OVER,
     .run = user_hand_over},
};

static const JobKind JOBS[] = {{.name = "system.hand_over", .run = hand_over_job}};

const Module mod_system = {.name = "system",
                           .actions = ACTIONS,
                           .n_actions = sizeof ACTIONS / sizeof *ACTIONS,
                           .hooks = HOOKS,
                           .n_hooks = sizeof HOOKS / sizeof *HOOKS,
                           .jobs = JOBS,
                           .n_jobs = sizeof JOBS / sizeof *JOBS};
