/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith export: a list to a file, or everything to a folder. */
#include "app/command.h"
#include "base/time.h"
#include "core/export/export.h"
#include "json/json.h"

#include <string.h>

typedef struct Options {
    Str object, file;
    Val asked; /* as the API is asked */
    Str lang;
} Options;

/* "-o FILE", which is shorter than the options others have. */
static Str output_of(Run *run)
{
    Str *args = (Str *)(uintptr_t)run->args;

    for (size_t i = 0; i + 1 < run->n; i++) {
        if (!str_eq(args[i], S("-o"))) continue;
        Str file = args[i + 1];
        args[i] = args[i + 1] = (Str){0};
        return file;
    }
    return run_option(run, "output");
}

static void take_text(Run *run, const char *option, const char *key, ValPair *pairs, size_t *n)
{
    Str value = run_option(run, option);

    if (value.p) pairs[(*n)++] = (ValPair){val_text(str_c(key)), val_text(value)};
}

static void take_flag(Run *run, const char *option, const char *key, ValPair *pairs, size_t *n)
{
    if (run_flag(run, option)) pairs[(*n)++] = (ValPair){val_text(str_c(key)), val_bool(true)};
}

static void take_options(Run *run, Options *opt)
{
    ValPair *pairs = NEW_N(run->mem, ValPair, 16);
    size_t n = 0;

    take_text(run, "format", "format", pairs, &n);
    take_text(run, "filter", "filter", pairs, &n);
    take_text(run, "columns", "columns", pairs, &n);
    take_text(run, "order-by", "order_by", pairs, &n);
    take_text(run, "q", "q", pairs, &n);
    take_text(run, "as-of", "as_of", pairs, &n);
    take_text(run, "separator", "separator", pairs, &n);
    take_text(run, "vcard-version", "vcard_version", pairs, &n);
    take_flag(run, "names", "names", pairs, &n);
    take_flag(run, "no-id", "no_id", pairs, &n);
    take_flag(run, "bom", "bom", pairs, &n);
    take_flag(run, "deleted", "deleted", pairs, &n);
    opt->asked = val_map(pairs, n);
    opt->lang = run_option(run, "lang");
    opt->file = output_of(run);
}

static void report_progress(void *arg, int64_t done, int64_t total)
{
    Run *run = arg;

    if (run->progress) run->progress(run, done, total);
}

typedef struct Ask {
    const Object *obj;
    const Options *opt;
    ExportJob *job;
    Str name;
    int64_t rows;
    Id note;
} Ask;

static Err *understand(Ctx *cx, void *arg)
{
    Ask *ask = arg;
    ExportSpec *spec = &ask->job->spec;
    const Company *company = atomic_load(&cx->store->company);

    TRY(export_parse(cx, ask->obj, &ask->opt->asked, spec));
    spec->lang = lang_from(ask->opt->lang.n ? ask->opt->lang : company->locale);
    spec->zone = company->zone;
    return NULL;
}

static Err *note(Ctx *cx, void *arg)
{
    Ask *ask = arg;

    return export_note(cx, ask->obj ? &ask->job->spec : NULL, ask->name, ask->rows, &ask->note);
}

static void show(Run *run, int64_t rows, Str file)
{
    JsonWriter w = json_writer(&run->out);

    if (!run->is_json) {
        buf_addf(&run->out, "%lld records -> %.*s\n", (long long)rows, SFMT(file));
        return;
    }
    json_open_obj(&w);
    json_pair_i64(&w, "rows", rows);
    json_pair_str(&w, "file", file);
    json_close_obj(&w);
    buf_add_c(&run->out, '\n');
}

static Str last_part(Str path)
{
    while (str_find_char(path, '/') >= 0) path = str_from(path, (size_t)str_find_char(path, '/') + 1);
    return path;
}

static Err *export_list(Run *run, const Options *opt, ExportJob *job)
{
    Ask ask = {.opt = opt, .job = job};
    const char *path = str_to_c(run->mem, run_path(run, opt->file));

    TRY(run_object(run, opt->object, &ask.obj));
    if (!opt->file.n) FAIL(run->mem, ERR_INVALID, "error.usage", "-o FILE says where it goes");
    ask.name = last_part(opt->file);
    TRY(run_read(run, understand, &ask));
    TRY(export_to_file(job, run->mem, path, &ask.rows));
    TRY(run_write(run, note, &ask));
    show(run, ask.rows, opt->file);
    return NULL;
}

static Err *export_whole(Run *run, Str dir, ExportJob *job)
{
    Ask ask = {.job = job, .name = dir};

    if (!dir.n) FAIL(run->mem, ERR_INVALID, "error.usage", "kith export --all DIR");
    TRY(export_all(job, run->mem, run_path(run, dir), &ask.rows));
    TRY(run_write(run, note, &ask));
    show(run, ask.rows, dir);
    return NULL;
}

Err *cmd_export(Run *run)
{
    ExportJob job = {.store = run->store, .progress = report_progress, .arg = run};
    bool is_all = run_flag(run, "all");
    Options opt = {0};

    take_options(run, &opt);
    opt.object = run_positional(run);
    TRY(run_no_more(run));
    if (is_all) return export_whole(run, opt.object, &job);
    if (!opt.object.n)
        FAIL(run->mem, ERR_INVALID, "error.usage",
             "kith export OBJECT --format F -o FILE, or kith export --all DIR");
    return export_list(run, &opt, &job);
}
