/* SPDX-License-Identifier: GPL-3.0-or-later */
/* user, key, role, schema, version: what an administrator does from the command line. */
#include "app/command.h"
#include "core/factor.h"
#include "core/record.h"
#include "core/session.h"
#include "meta/schema.h"
#include "json/json.h"

#include <stdio.h>

/* --- users ----------------------------------------------------------------------------------------------------------- */

typedef struct UserArgs {
    Str email, name, role, team, hash;
    bool is_locked; /* may not sign in */
    bool is_weak;   /* the password */
    Id id;
} UserArgs;

static Err *find_id(Ctx *cx, Str sql, Str text, const char *what, Id *out)
{
    Val bind = val_text(text), v;

    TRY(db_one(cx->mem, cx->db, sql, &bind, 1, &v));
    if (v.kind != VAL_INT)
        return err_arg(err_new(cx->mem, ERR_NOT_FOUND, "error.cli.none", "no %s %.*s", what, SFMT(text)), 0,
                       text);
    *out = v.i;
    return NULL;
}

static Err *find_user(Ctx *cx, Str email, Id *out)
{
    return find_id(cx, S("SELECT id FROM \"user\" WHERE email = ?1 AND deleted_at IS NULL"),
                   str_lower_ascii(cx->mem, email), "user", out);
}

static Err *find_role(Ctx *cx, Str key, Id *out)
{
    return find_id(cx, S("SELECT id FROM \"role\" WHERE (key = ?1 OR name = ?1) AND deleted_at IS NULL"), key,
                   "role", out);
}

static Err *add_user(Ctx *cx, void *arg)
{
    UserArgs *in = arg;
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("user")));
    Id role = 0, team = 0;

    TRY(find_role(cx, in->role.n ? in->role : S("sales"), &role));
    record_set(rec, "name", val_text(in->name.n ? in->name : in->email));
    record_set(rec, "email", val_text(str_lower_ascii(cx->mem, in->email)));
    record_set(rec, "role", val_ref(meta_object(cx->meta, S("role"))->number, role));
    record_set(rec, "may_sign_in", val_bool(!in->is_locked));
    if (in->team.n) {
        TRY(find_id(cx, S("SELECT id FROM \"team\" WHERE name = ?1 AND deleted_at IS NULL"), in->team, "team",
                    &team));
        record_set(rec, "team", val_ref(meta_object(cx->meta, S("team"))->number, team));
    }
    TRY(record_create(cx, rec, NULL));
    in->id = rec->id;
    return in->hash.n ? user_set_password(cx, rec->id, in->hash) : NULL;
}

static Err *first_line(Run *run, Str *out)
{
    Str rest = run->input;

    *out = str_cut(&rest, '\n');
    if (str_ends(*out, S("\r"))) out->n--;
    if (out->n == 0) FAIL(run->mem, ERR_INVALID, "error.usage", "the password is read from standard input");
    return NULL;
}

static Err *need_email(Run *run, Str email)
{
    ptrdiff_t at = str_find_char(email, '@');

    if (email.n == 0) FAIL(run->mem, ERR_INVALID, "error.usage", "--email is needed");
    if (at <= 0 || (size_t)at + 1 >= email.n)
        FAIL(run->mem, ERR_INVALID, "error.usage", "%.*s is not an e-mail address", SFMT(email));
    return NULL;
}

/* Who may run commands here may set any password; he is told when people could not have chosen it. */
static Err *read_password(Run *run, UserArgs *in)
{
    Str password = {0};

    TRY(first_line(run, &password));
    TRY(password_hash(run->mem, password, &in->hash));
    in->is_weak = password_check(run->mem, password) != NULL;
    return NULL;
}

static const char *weak_note(const UserArgs *in)
{
    return in->is_weak ? "; its password is easy to guess" : "";
}

static Err *user_add(Run *run)
{
    UserArgs in = {.email = run_option(run, "email"),
                   .name = run_option(run, "name"),
                   .role = run_option(run, "role"),
                   .team = run_option(run, "team"),
                   .is_locked = run_flag(run, "no-sign-in")};
    bool has_password = run_flag(run, "password-stdin");

    TRY(run_no_more(run));
    TRY(need_email(run, in.email));
    if (has_password) TRY(read_password(run, &in));
    TRY(run_write(run, add_user, &in));
    session_cache_drop(run->store);
    if (run->is_json)
        buf_addf(&run->out, "{\"id\":\"%.*s\"}\n", SFMT(id_text(run->mem, in.id)));
    else
        buf_addf(&run->out, "user %.*s added%s\n", SFMT(in.email), weak_note(&in));
    return NULL;
}

static Err *set_password(Ctx *cx, void *arg)
{
    UserArgs *in = arg;

    TRY(find_user(cx, in->email, &in->id));
    return user_set_password(cx, in->id, in->hash);
}

static Err *user_password(Run *run)
{
    UserArgs in = {.email = run_option(run, "email")};

    (void)run_flag(run, "password-stdin");
    TRY(run_no_more(run));
    TRY(need_email(run, in.email));
    TRY(read_password(run, &in));
    TRY(run_write(run, set_password, &in));
    session_cache_drop(run->store);
    buf_addf(&run->out, "password of %.*s set%s\n", SFMT(in.email), weak_note(&in));
    return NULL;
}

static Err *make_link(Ctx *cx, void *arg)
{
    UserArgs *in = arg;

    TRY(find_user(cx, in->email, &in->id));
    return link_add(cx, S("reset"), in->id, 24, &in->hash);
}

static Err *user_reset(Run *run)
{
    UserArgs in = {.email = run_option(run, "email")};

    TRY(run_no_more(run));
    TRY(need_email(run, in.email));
    TRY(run_write(run, make_link, &in));
    Str link = str_fmt(run->mem, "%.*s/reset?token=%.*s", SFMT(run->store->public_url), SFMT(in.hash));
    if (run->is_json)
        buf_addf(&run->out, "{\"link\":\"%.*s\"}\n", SFMT(link));
    else
        buf_addf(&run->out, "%.*s\n", SFMT(link));
    return NULL;
}

static Err *factor_off(Ctx *cx, void *arg)
{
    UserArgs *in = arg;

    TRY(find_user(cx, in->email, &in->id));
    return factor_remove(cx, in->id);
}

static Err *user_factor_off(Run *run)
{
    UserArgs in = {.email = run_option(run, "email")};

    TRY(run_no_more(run));
    TRY(need_email(run, in.email));
    TRY(run_write(run, factor_off, &in));
    buf_addf(&run->out, "%.*s signs in with the password alone\n", SFMT(in.email));
    return NULL;
}

static Err *list_users(Ctx *cx, void *arg)
{
    Run *run = arg;
    DbRows *rows;
    bool has;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT u.id, u.email, u.name, r.name, u.may_sign_in FROM \"user\" u LEFT JOIN \"role\" r ON "
          "r.id = u.role WHERE u.deleted_at IS NULL ORDER BY u.id"),
        NULL, 0, &rows));
    JsonWriter w = json_writer(&run->out);
    if (run->is_json) json_open_list(&w);
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        if (run->is_json) {
            json_open_obj(&w);
            json_pair_str(&w, "id", id_text(cx->mem, db_i64(rows, 0)));
            json_pair_str(&w, "email", db_str(rows, 1));
            json_pair_str(&w, "name", db_str(rows, 2));
            json_pair_str(&w, "role", db_str(rows, 3));
            json_pair_bool(&w, "may_sign_in", db_i64(rows, 4) != 0);
            json_close_obj(&w);
        } else {
            buf_addf(&run->out, "%-32.*s %-28.*s %.*s\n", SFMT(db_str(rows, 1)), SFMT(db_str(rows, 2)),
                     SFMT(db_str(rows, 3)));
        }
    }
    if (run->is_json) {
        json_close_list(&w);
        buf_add_c(&run->out, '\n');
    }
    return NULL;
}

static Err *unknown(Run *run, const char *command, Str word)
{
    if (word.n == 0)
        FAIL(run->mem, ERR_INVALID, "error.usage", "say what to do; see kith %s --help", command);
    FAIL(run->mem, ERR_INVALID, "error.usage", "kith %s: unknown '%.*s'; see kith %s --help", command,
         SFMT(word), command);
}

Err *cmd_user(Run *run)
{
    Str verb = run_positional(run);

    if (str_eq(verb, S("add"))) return user_add(run);
    if (str_eq(verb, S("password"))) return user_password(run);
    if (str_eq(verb, S("reset"))) return user_reset(run);
    if (str_eq(verb, S("factor-off"))) return user_factor_off(run);
    if (str_eq(verb, S("list"))) {
        TRY(run_no_more(run));
        return run_read(run, list_users, run);
    }
    return unknown(run, "user", verb);
}

/* --- keys ------------------------------------------------------------------------------------------------------------ */

static Err *add_key(Ctx *cx, void *arg)
{
    UserArgs *in = arg;

    TRY(find_user(cx, in->email, &in->id));
    return key_add(cx, in->id, in->name.n ? in->name : S("command line"), &in->hash);
}

Err *cmd_key(Run *run)
{
    Str verb = run_positional(run);
    UserArgs in = {.email = run_option(run, "email"), .name = run_option(run, "name")};

    if (!str_eq(verb, S("add"))) return unknown(run, "key", verb);
    TRY(run_no_more(run));
    TRY(need_email(run, in.email));
    TRY(run_write(run, add_key, &in));
    buf_addf(&run->out, run->is_json ? "{\"key\":\"%.*s\"}\n" : "%.*s\n", SFMT(in.hash));
    return NULL;
}

/* --- roles ----------------------------------------------------------------------------------------------------------- */

typedef struct RoleArgs {
    Str key, name;
    Val rights;
    bool has_rights;
} RoleArgs;

static Err *set_role(Ctx *cx, void *arg)
{
    RoleArgs *in = arg;
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("role")));

    Err *e = find_role(cx, in->key, &rec->id);
    if (e && e->code != ERR_NOT_FOUND) return e;
    record_set(rec, "key", val_text(in->key));
    if (in->name.n || e) record_set(rec, "name", val_text(in->name.n ? in->name : in->key));
    if (in->has_rights) record_set(rec, "rights", in->rights);
    return e ? record_create(cx, rec, NULL) : record_update(cx, rec, NULL);
}

static void show_role(Run *run, DbRows *rows, size_t i)
{
    JsonWriter w = json_writer(&run->out);
    Str rights = db_str(rows, 2);

    if (i) buf_add_c(&run->out, ',');
    json_open_obj(&w);
    json_pair_str(&w, "key", db_str(rows, 0));
    json_pair_str(&w, "name", db_str(rows, 1));
    json_key(&w, S("rights"));
    json_raw(&w, rights.n ? rights : S("null"));
    json_close_obj(&w);
}

static Err *list_roles(Ctx *cx, void *arg)
{
    Run *run = arg;
    DbRows *rows;
    bool has;

    TRY(db_query(cx->mem, cx->db,
                 S("SELECT key, name, rights FROM \"role\" WHERE deleted_at IS NULL ORDER BY id"), NULL, 0,
                 &rows));
    if (run->is_json) buf_add_c(&run->out, '[');
    for (size_t i = 0;; i++) {
        TRY(db_next(rows, &has));
        if (!has) break;
        if (run->is_json)
            show_role(run, rows, i);
        else
            buf_addf(&run->out, "%-16.*s %-28.*s %.*s\n", SFMT(db_str(rows, 0)), SFMT(db_str(rows, 1)),
                     SFMT(db_str(rows, 2)));
    }
    if (run->is_json) buf_add(&run->out, S("]\n"));
    return NULL;
}

Err *cmd_role(Run *run)
{
    Str verb = run_positional(run);
    RoleArgs in = {.key = run_positional(run), .name = run_option(run, "name")};
    Str rights = run_option(run, "rights");

    if (!str_eq(verb, S("list")) && !str_eq(verb, S("set"))) return unknown(run, "role", verb);
    TRY(run_no_more(run));
    if (str_eq(verb, S("list")) && in.key.n) return unknown(run, "role", in.key);
    if (str_eq(verb, S("list"))) return run_read(run, list_roles, run);
    if (in.key.n == 0) FAIL(run->mem, ERR_INVALID, "error.usage", "kith role set KEY --rights JSON");
    if (str_eq(rights, S("-"))) rights = run->input;
    in.has_rights = rights.n > 0;
    if (in.has_rights) TRY(json_parse(run->mem, rights, &in.rights));
    if (in.has_rights && in.rights.kind != VAL_MAP)
        FAIL(run->mem, ERR_INVALID, "error.usage", "rights are a JSON object");
    TRY(run_write(run, set_role, &in));
    session_cache_drop(run->store);
    buf_addf(&run->out, "role %.*s set\n", SFMT(in.key));
    return NULL;
}

/* --- schema ---------------------------------------------------------------------------------------------------------- */

static void show_plan(Run *run, const SchemaPlan *plan)
{
    JsonWriter w = json_writer(&run->out);

    json_open_list(&w);
    for (size_t i = 0; i < plan->n; i++) {
        json_open_obj(&w);
        json_pair_str(&w, "step", str_c(step_kind_name(plan->steps[i].kind)));
        json_pair_str(&w, "table", plan->steps[i].table);
        json_pair_str(&w, "name", plan->steps[i].name);
        json_pair_str(&w, "cost", plan->steps[i].cost);
        json_pair_str(&w, "loss", plan->steps[i].loss);
        json_close_obj(&w);
    }
    json_close_list(&w);
    buf_add_c(&run->out, '\n');
}

static Err *plan_schema(Ctx *cx, void *arg)
{
    Run *run = arg;
    SchemaPlan plan;

    TRY(schema_plan(cx->mem, cx->db, cx->meta, &plan));
    if (run->is_json) {
        show_plan(run, &plan);
        return NULL;
    }
    for (size_t i = 0; i < plan.n; i++)
        buf_addf(&run->out, "%s %.*s %.*s %.*s %.*s\n", step_kind_name(plan.steps[i].kind),
                 SFMT(plan.steps[i].table), SFMT(plan.steps[i].name), SFMT(plan.steps[i].cost),
                 SFMT(plan.steps[i].loss));
    if (plan.n == 0) buf_add(&run->out, S("the database fits the object files\n"));
    return NULL;
}

static Err *apply_plan(Ctx *cx, void *arg)
{
    Run *run = arg;
    SchemaPlan plan;

    TRY(schema_plan(cx->mem, cx->db, cx->meta, &plan));
    TRY(schema_apply(cx->mem, cx->db, &plan));
    buf_addf(&run->out, "%zu steps done\n", plan.n);
    return NULL;
}

Err *cmd_schema(Run *run)
{
    Str verb = run_positional(run);

    TRY(run_no_more(run));
    if (str_eq(verb, S("plan"))) return run_read(run, plan_schema, run);
    if (str_eq(verb, S("apply"))) return run_write(run, apply_plan, run);
    return unknown(run, "schema", verb);
}

Err *cmd_version(Run *run)
{
    TRY(run_no_more(run));
    buf_addf(&run->out, run->is_json ? "{\"version\":\"%s\"}\n" : "kith %s\n", KITH_VERSION);
    return NULL;
}
