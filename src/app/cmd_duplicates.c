/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith duplicates: which records of an object are likely the same, a cluster a line. */
#include "app/command.h"
#include "core/match/duplicates.h"
#include "core/value.h"
#include "json/json.h"

#include <stdlib.h>

typedef struct Listing {
    Run *run;
    const Field *key;
    DuplicateScan *scan;
} Listing;

static Err *show_progress(void *arg, int64_t done, int64_t total)
{
    Run *run = arg;

    if (run->progress) run->progress(run, done, total);
    return NULL;
}

static Err *key_of(Ctx *cx, const Listing *l, Id id, Str *out)
{
    Record *rec;

    TRY(record_get(cx, l->scan->obj, id, 0, &rec));
    *out = l->key ? value_text(cx->mem, l->key, rec->vals[l->key->index], LANG_EN) : id_text(cx->mem, id);
    return NULL;
}

static Err *show_cluster(Ctx *cx, const Listing *l, const Cluster *cluster)
{
    JsonWriter w = json_writer(&l->run->out);

    if (l->run->is_json) {
        json_open_obj(&w);
        json_key(&w, S("score"));
        json_raw(&w, str_fmt(cx->mem, "%.4f", (double)cluster->score));
        json_key(&w, S("keys"));
        json_open_list(&w);
    } else {
        buf_addf(&l->run->out, "%.2f ", (double)cluster->score);
    }
    for (size_t i = 0; i < cluster->n; i++) {
        Str key;
        TRY(key_of(cx, l, cluster->ids[i], &key));
        if (l->run->is_json)
            json_str(&w, key);
        else
            buf_addf(&l->run->out, " %.*s", SFMT(key));
    }
    if (l->run->is_json) {
        json_close_list(&w);
        json_close_obj(&w);
    }
    buf_add_c(&l->run->out, '\n');
    return NULL;
}

static Err *show_clusters(Ctx *cx, void *arg)
{
    const Listing *l = arg;

    db_set_budget(cx->db, 0);
    for (size_t i = 0; i < l->scan->n; i++) TRY(show_cluster(cx, l, &l->scan->clusters[i]));
    return NULL;
}

static Err *read_least(Run *run, Str least, double *out)
{
    char *end;

    if (!least.n) return NULL;
    *out = strtod(str_to_c(run->mem, least), &end);
    if (*end || *out <= 0 || *out > 1)
        FAIL(run->mem, ERR_INVALID, "error.usage", "--least is above 0 and at most 1");
    return NULL;
}

Err *cmd_duplicates(Run *run)
{
    DuplicateScan scan = {.store = run->store,
                          .mem = run->mem,
                          .least = DUPLICATE_LEAST,
                          .progress = show_progress,
                          .arg = run};
    Str key = run_option(run, "key"), least = run_option(run, "least"), name = run_positional(run);
    Listing l = {.run = run, .scan = &scan};

    scan.keeps = run_flag(run, "keep");
    TRY(run_no_more(run));
    TRY(read_least(run, least, &scan.least));
    TRY(run_object(run, name, &scan.obj));
    if (key.n && !(l.key = object_field(scan.obj, key)))
        FAIL(run->mem, ERR_INVALID, "error.usage", "no field %.*s", SFMT(key));
    TRY(duplicates_scan(&scan));
    return run_read(run, show_clusters, &l);
}
