/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith import: one CSV file into one object, or a folder of files by a recipe that knows them. */
#include "app/command.h"
#include "base/embed.h"
#include "base/limits.h"
#include "core/csv.h"
#include "core/import.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define REFUSALS_SHOWN 20

static Err *read_file(Run *run, Str path, Str *out)
{
    char *name = str_to_c(run->mem, run_path(run, path));
    Buf b = buf_new(run->mem, LIMIT_REQUEST_MEM / 4);
    char part[65536];
    size_t n;
    FILE *f = fopen(name, "rbe");

    if (!f) FAIL(run->mem, ERR_NOT_FOUND, "error.cli.file", "%s: %s", name, strerror(errno));
    while ((n = fread(part, 1, sizeof part, f)) > 0) buf_add_n(&b, part, n);
    fclose(f);
    if (b.is_over) FAIL(run->mem, ERR_LIMIT, "error.cli.file", "%s is too large", name);
    *out = buf_str(&b);
    return NULL;
}

static bool has_file(Run *run, Str dir, Str name)
{
    struct stat st;

    return stat(str_to_c(run->mem, run_path(run, str_fmt(run->mem, "%.*s/%.*s", SFMT(dir), SFMT(name)))),
                &st) == 0;
}

/* --- reports --------------------------------------------------------------------------------------------------------- */

static void show_json(Run *run, const Object *obj, const ImportReport *r)
{
    JsonWriter w = json_writer(&run->out);

    json_open_obj(&w);
    json_pair_str(&w, "object", obj->name);
    json_pair_str(&w, "run", id_text(run->mem, r->run));
    json_pair_i64(&w, "created", r->created);
    json_pair_i64(&w, "updated", r->updated);
    json_pair_i64(&w, "unchanged", r->unchanged);
    json_pair_i64(&w, "refused", r->refused);
    json_key(&w, S("notes"));
    json_open_list(&w);
    for (size_t i = 0; i < r->n_notes; i++) {
        json_open_obj(&w);
        json_pair_str(&w, "text", r->notes[i].text);
        json_pair_i64(&w, "rows", r->notes[i].n);
        json_close_obj(&w);
    }
    json_close_list(&w);
    json_key(&w, S("refusals"));
    json_open_list(&w);
    for (size_t i = 0; i < r->n_refusals; i++) {
        json_open_obj(&w);
        json_pair_i64(&w, "line", (int64_t)r->refusals[i].line);
        json_pair_str(&w, "reason", r->refusals[i].reason);
        json_close_obj(&w);
    }
    json_close_list(&w);
    json_close_obj(&w);
    buf_add_c(&run->out, '\n');
}

static void show(Run *run, const Object *obj, const ImportReport *r)
{
    if (r->refused) run->code = EXIT_PARTLY;
    if (run->is_json) {
        show_json(run, obj, r);
        return;
    }
    buf_addf(&run->out,
             "%-10.*s %lld rows: %lld created, %lld updated, %lld unchanged, %lld refused   (run %.*s)\n",
             SFMT(obj->plural), (long long)r->total, (long long)r->created, (long long)r->updated,
             (long long)r->unchanged, (long long)r->refused, SFMT(id_text(run->mem, r->run)));
    for (size_t i = 0; i < r->n_notes; i++)
        buf_addf(&run->out, "    %lld x %.*s\n", (long long)r->notes[i].n, SFMT(r->notes[i].text));
    for (size_t i = 0; i < r->n_refusals && i < REFUSALS_SHOWN; i++)
        buf_addf(&run->out, "    line %zu: %.*s\n", r->refusals[i].line, SFMT(r->refusals[i].reason));
    if (r->n_refusals > REFUSALS_SHOWN)
        buf_addf(&run->out, "    ... and %zu more\n", r->n_refusals - REFUSALS_SHOWN);
}

/* --- one step -------------------------------------------------------------------------------------------------------- */

typedef struct Options {
    Str date_order, match, mode;
    bool is_dry;
} Options;

static Err *set_options(Run *run, const Options *opt, ImportSpec *spec)
{
    static const char *const ORDERS[] = {"", "dmy", "mdy", "ymd"};
    bool is_known = false;

    for (size_t i = 0; i < 4; i++) is_known = is_known || str_eq_c(opt->date_order, ORDERS[i]);
    if (!is_known) FAIL(run->mem, ERR_INVALID, "error.usage", "--date-order is dmy, mdy or ymd");
    spec->date_order = opt->date_order;
    spec->is_dry = opt->is_dry;
    if (opt->match.n && !(spec->match = object_field(spec->obj, opt->match)))
        FAIL(run->mem, ERR_INVALID, "error.usage", "no field %.*s", SFMT(opt->match));
    if (opt->match.n) spec->mode = IMPORT_UPSERT;
    if (str_eq(opt->mode, S("create")))
        spec->mode = IMPORT_CREATE;
    else if (str_eq(opt->mode, S("update")))
        spec->mode = IMPORT_UPDATE;
    else if (str_eq(opt->mode, S("upsert")))
        spec->mode = IMPORT_UPSERT;
    else if (opt->mode.n)
        FAIL(run->mem, ERR_INVALID, "error.usage", "--mode is create, update or upsert");
    return NULL;
}

static void report_progress(void *arg, int64_t done, int64_t total)
{
    Run *run = arg;

    if (run->progress) run->progress(run, done, total);
}

static Err *import_rows(Run *run, const Object *obj, const Yaml *map, const Csv *csv, const Options *opt)
{
    ImportSpec spec;
    ImportReport report;

    Err *e = import_spec(run->mem, obj, map, csv->heads, csv->n_heads, &spec);
    if (e && str_eq(e->key, S("error.import.columns")))
        e->detail = str_fmt(
            run->mem,
            "%.*s: headings are names or labels of fields of %.*s; --map FILE says where other columns go",
            SFMT(e->detail), SFMT(obj->name));
    if (e) return e;
    TRY(set_options(run, opt, &spec));
    e = import_run(run->store, run->mem, &spec, csv, &report, report_progress, run);
    if (e && str_eq(e->key, S("error.import.dates")))
        e->detail = str_fmt(run->mem, "%.*s; say --date-order dmy or mdy", SFMT(e->detail));
    if (e) return e;
    if (run->store->on_commit) run->store->on_commit(run->store);
    if (opt->is_dry && !run->is_json) buf_add(&run->out, S("dry run, nothing is written: "));
    show(run, obj, &report);
    return NULL;
}

/* --- recipes --------------------------------------------------------------------------------------------------------- */

/* Rows written in the recipe itself, as a file would hold them; headings are the keys of the first. */
static Csv inline_rows(Arena *mem, const Yaml *rows)
{
    Csv csv = {.separator = ','};

    if (rows->n == 0) return csv;
    csv.heads = rows->items[0]->keys;
    csv.n_heads = rows->items[0]->n;
    csv.n_rows = rows->n;
    csv.rows = NEW_N(mem, Str *, rows->n);
    csv.lines = NEW_N(mem, size_t, rows->n);
    for (size_t i = 0; i < rows->n; i++) {
        csv.lines[i] = (size_t)rows->items[i]->line;
        csv.rows[i] = NEW_N(mem, Str, csv.n_heads);
        for (size_t k = 0; k < csv.n_heads; k++) {
            const Yaml *cell = yaml_get(rows->items[i], csv.heads[k]);
            if (cell) csv.rows[i][k] = cell->text;
        }
    }
    return csv;
}

/* A heading the recipe does not map goes to the field of its name. */
static Yaml *full_map(Arena *mem, const Yaml *step, const Csv *csv)
{
    const Yaml *given = yaml_get(step, S("columns"));
    Yaml *columns = NEW(mem, Yaml), *map = NEW(mem, Yaml);

    *columns = (Yaml){.kind = YAML_MAP, .line = step->line, .file = step->file, .n = csv->n_heads};
    columns->keys = csv->heads;
    columns->items = NEW_N(mem, Yaml *, csv->n_heads);
    for (size_t i = 0; i < csv->n_heads; i++) {
        Yaml *to = yaml_get(given, csv->heads[i]), *own = NEW(mem, Yaml);
        *own = (Yaml){.kind = YAML_TEXT, .line = step->line, .file = step->file, .text = csv->heads[i]};
        columns->items[i] = to ? to : own;
    }
    *map = *step;
    map->keys = NEW_N(mem, Str, step->n + 1);
    map->items = NEW_N(mem, Yaml *, step->n + 1);
    map->n = 0;
    for (size_t i = 0; i < step->n; i++) {
        if (str_eq(step->keys[i], S("columns"))) continue;
        map->keys[map->n] = step->keys[i];
        map->items[map->n++] = step->items[i];
    }
    map->keys[map->n] = S("columns");
    map->items[map->n++] = columns;
    return map;
}

static Err *run_step(Run *run, Str dir, const Yaml *step, const Options *opt)
{
    const Yaml *name = yaml_get(step, S("object")), *file = yaml_get(step, S("file")),
               *rows = yaml_get(step, S("rows"));
    const Object *obj = name ? meta_object(run->store->meta, name->text) : NULL;
    Str text = {0};
    Csv csv = {0};

    if (!obj) return yaml_problem(run->mem, step, "error.import.field", "no such object");
    if (rows) {
        csv = inline_rows(run->mem, rows);
        return import_rows(run, obj, full_map(run->mem, step, &csv), &csv, opt);
    }
    TRY(read_file(run, str_fmt(run->mem, "%.*s/%.*s", SFMT(dir), SFMT(file->text)), &text));
    Err *e = csv_read(run->mem, text, &csv);
    if (e) FAIL(run->mem, e->code, "error.cli.file", "%.*s: %.*s", SFMT(file->text), SFMT(e->detail));
    return import_rows(run, obj, step, &csv, opt);
}

static bool fits(Run *run, Str dir, const Yaml *recipe)
{
    const Yaml *files = yaml_get(recipe, S("files"));

    for (size_t i = 0; files && i < files->n; i++)
        if (!has_file(run, dir, files->items[i]->text)) return false;
    return files && files->n;
}

static Err *import_folder(Run *run, Str dir, const Options *opt)
{
    size_t n;
    const Embed *all = embed_all(&n);

    for (size_t i = 0; i < n; i++) {
        Yaml *recipe;
        Str path = str_c(all[i].path);
        if (!str_starts(path, S("app/recipes/"))) continue;
        TRY(yaml_read(run->mem, path, (Str){(const char *)all[i].data, all[i].size}, &recipe));
        if (!fits(run, dir, recipe)) continue;
        const Yaml *steps = yaml_get(recipe, S("steps"));
        for (size_t k = 0; steps && k < steps->n; k++) TRY(run_step(run, dir, steps->items[k], opt));
        return NULL;
    }
    FAIL(run->mem, ERR_INVALID, "error.usage",
         "no recipe knows the files in %.*s; import them one by one: kith import OBJECT FILE", SFMT(dir));
}

static Err *import_file(Run *run, Str name, Str path, Str map_path, const Options *opt)
{
    const Object *obj = meta_object(run->store->meta, name);
    Yaml *map = NULL;
    Str text = {0}, map_text = {0};
    Csv csv = {0};

    if (!obj) obj = meta_plural(run->store->meta, name);
    if (!obj) FAIL(run->mem, ERR_INVALID, "error.usage", "no object %.*s", SFMT(name));
    TRY(read_file(run, path, &text));
    TRY(csv_read(run->mem, text, &csv));
    if (map_path.n) {
        TRY(read_file(run, map_path, &map_text));
        TRY(yaml_read(run->mem, map_path, map_text, &map));
    }
    return import_rows(run, obj, map, &csv, opt);
}

Err *cmd_import(Run *run)
{
    Options opt = {.date_order = run_option(run, "date-order"),
                   .match = run_option(run, "match"),
                   .mode = run_option(run, "mode"),
                   .is_dry = run_flag(run, "dry-run")};
    Str map = run_option(run, "map"), first = run_positional(run), second = run_positional(run);

    TRY(run_no_more(run));
    if (!first.n)
        FAIL(run->mem, ERR_INVALID, "error.usage", "kith import OBJECT FILE, or kith import FOLDER");
    return second.n ? import_file(run, first, second, map, &opt) : import_folder(run, first, &opt);
}
