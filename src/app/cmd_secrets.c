/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith secrets: the key that secrets in the database are sealed with: looked at, exchanged, older ones forgotten; and what to
   do when it is lost. */
#include "app/command.h"
#include "core/secret.h"
#include "json/json.h"

typedef struct SecretArgs {
    Secrets all;
    int64_t n;
} SecretArgs;

static Err *look(Ctx *cx, void *arg)
{
    SecretArgs *in = arg;

    return secrets_look(cx, &in->all);
}

static Err *rotate(Ctx *cx, void *arg)
{
    (void)arg;
    return secrets_rotate(cx);
}

static Err *forget(Ctx *cx, void *arg)
{
    (void)arg;
    return secrets_forget(cx);
}

static Err *reset(Ctx *cx, void *arg)
{
    SecretArgs *in = arg;

    return secrets_reset(cx, &in->n);
}

static void show(Run *run, const Secrets *all)
{
    JsonWriter w = json_writer(&run->out);

    if (!run->is_json) {
        buf_addf(
            &run->out,
            "%.*s: key %.*s, %lld sealed, %lld of them by older keys, %lld that no key of the file opens\n",
            SFMT(run->store->secret_key), SFMT(all->key.n ? all->key : S("none yet")), (long long)all->n,
            (long long)all->n_older, (long long)all->n_foreign);
        return;
    }
    json_open_obj(&w);
    json_pair_str(&w, "file", run->store->secret_key);
    json_pair_str(&w, "key", all->key);
    json_pair_i64(&w, "sealed", all->n);
    json_pair_i64(&w, "older", all->n_older);
    json_pair_i64(&w, "foreign", all->n_foreign);
    json_close_obj(&w);
    buf_add_c(&run->out, '\n');
}

Err *cmd_secrets(Run *run)
{
    static const struct {
        Str verb;
        Err *(*fn)(Ctx *cx, void *arg);
    } VERBS[] = {{S_INIT("rotate"), rotate}, {S_INIT("forget"), forget}, {S_INIT("reset"), reset}};
    Str verb = run_positional(run);
    SecretArgs in = {0};
    bool is_known = !verb.n;

    TRY(run_no_more(run));
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++) {
        if (!str_eq(verb, VERBS[i].verb)) continue;
        is_known = true;
        TRY(run_write(run, VERBS[i].fn, &in));
    }
    if (!is_known) FAIL(run->mem, ERR_INVALID, "error.usage", "kith secrets, or rotate, forget, reset");
    if (in.n && !run->is_json) buf_addf(&run->out, "%lld values given up\n", (long long)in.n);
    TRY(run_read(run, look, &in));
    show(run, &in.all);
    return NULL;
}
