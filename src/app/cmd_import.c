/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith import: files into one object, a folder of files by a recipe that knows them, and taking an import back. */
#include "app/command.h"
#include "base/embed.h"
#include "base/limits.h"
#include "core/change.h"
#include "core/import/import.h"
#include "core/snapshot.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define REFUSALS_SHOWN 20
#define REFUSALS_JSON  1000

typedef struct Options {
    Str date_order, match, mode, profile, separator, encoding, table;
    const Val *map;
    bool is_dry, adds_options;
} Options;

/* One import on its way: a file, or rows of a recipe. */
typedef struct Step {
    Run *run;
    const Object *obj;
    const Options *opt;
    ImportRows rows;
    const Val *mapping;
    Str name; /* of the file */
    ImportPlan *plan;
    ImportReport report;
    Id id, batch;
    Str profile, refused_file;
    ImportRefusal *refusals;
    size_t n_refusals;
    ImportGuess *guesses;
    int64_t n_rows, total; /* total: rows there were when a run that goes on was begun */
} Step;

/* --- files ------------------------------------------------------------------------------------------------------------ */

static Err *read_file(Run *run, Str path, Str *out)
{
    char *name = str_to_c(run->mem, run_path(run, path));
    Buf b = buf_new(run->mem, YAML_MAX_BYTES + 1);
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

static Err *open_file(Run *run, Str path, const Options *opt, Source **out)
{
    SourceOptions options = {.encoding = opt->encoding, .separator = opt->separator, .table = opt->table};
    char *name = str_to_c(run->mem, run_path(run, path));
    struct stat st;

    if (stat(name, &st)) FAIL(run->mem, ERR_NOT_FOUND, "error.cli.file", "%s: %s", name, strerror(errno));
    Err *e = source_open(run->mem, name, (Str){0}, &options, out);
    if (e && !str_starts(e->detail, path))
        e->detail = str_fmt(run->mem, "%.*s: %.*s", SFMT(path), SFMT(e->detail));
    return e;
}

/* --- reports --------------------------------------------------------------------------------------------------------- */

static void json_notes(JsonWriter *w, const ImportReport *r)
{
    json_key(w, S("notes"));
    json_open_list(w);
    for (size_t i = 0; i < r->n_notes; i++) {
        json_open_obj(w);
        json_pair_str(w, "text", r->notes[i].text);
        json_pair_i64(w, "rows", r->notes[i].n);
        json_close_obj(w);
    }
    json_close_list(w);
}

static void json_refusals(JsonWriter *w, const Step *s)
{
    json_key(w, S("refusals"));
    json_open_list(w);
    for (size_t i = 0; i < s->n_refusals; i++) {
        json_open_obj(w);
        json_pair_i64(w, "line", s->refusals[i].line);
        json_pair_str(w, "reason", s->refusals[i].reason);
        json_close_obj(w);
    }
    json_close_list(w);
}

static void show_json(const Step *s)
{
    Run *run = s->run;
    JsonWriter w = json_writer(&run->out);
    const ImportReport *r = &s->report;
    size_t n_left;
    const Str *left = import_plan_left(s->plan, &n_left);

    json_open_obj(&w);
    json_pair_str(&w, "object", s->obj->name);
    json_pair_val(&w, "run", s->id ? val_id(s->id) : val_null());
    json_pair_i64(&w, "created", r->created);
    json_pair_i64(&w, "updated", r->updated);
    json_pair_i64(&w, "unchanged", r->unchanged);
    json_pair_i64(&w, "refused", r->refused + r->conflicts);
    json_pair_val(&w, "refused_file", s->refused_file.n ? val_text(s->refused_file) : val_null());
    json_pair_i64(&w, "restored", r->restored);
    json_pair_i64(&w, "rows", r->total);
    json_pair_val(&w, "profile", s->profile.n ? val_text(s->profile) : val_null());
    json_key_c(&w, "left_out");
    json_open_list(&w);
    for (size_t i = 0; i < n_left; i++) json_str(&w, left[i]);
    json_close_list(&w);
    json_notes(&w, r);
    json_refusals(&w, s);
    json_close_obj(&w);
    buf_add_c(&run->out, '\n');
}

static void show_text(const Step *s)
{
    Run *run = s->run;
    const ImportReport *r = &s->report;
    size_t n_left;
    const Str *left = import_plan_left(s->plan, &n_left);

    buf_addf(&run->out,
             "%-10.*s %lld rows: %lld created, %lld updated, %lld unchanged, %lld refused   (run %.*s)\n",
             SFMT(s->obj->plural), (long long)r->total, (long long)r->created, (long long)r->updated,
             (long long)r->unchanged, (long long)r->refused + (long long)r->conflicts,
             SFMT(id_text(run->mem, s->id)));
    for (size_t i = 0; i < n_left; i++) buf_addf(&run->out, "    column left out: %.*s\n", SFMT(left[i]));
    for (size_t i = 0; i < r->n_notes; i++)
        buf_addf(&run->out, "    %lld x %.*s\n", (long long)r->notes[i].n, SFMT(r->notes[i].text));
    for (size_t i = 0; i < s->n_refusals && i < REFUSALS_SHOWN; i++)
        buf_addf(&run->out, "    line %lld: %.*s\n", (long long)s->refusals[i].line,
                 SFMT(s->refusals[i].reason));
    if (r->refused > REFUSALS_SHOWN)
        buf_addf(&run->out, "    ... and %lld more\n", (long long)r->refused - REFUSALS_SHOWN);
    if (s->refused_file.n) buf_addf(&run->out, "    refused rows: %.*s\n", SFMT(s->refused_file));
}

static void show(const Step *s)
{
    if (s->report.refused + s->report.conflicts) s->run->code = EXIT_PARTLY;
    if (s->run->is_json) {
        show_json(s);
        return;
    }
    if (s->opt->is_dry) buf_add(&s->run->out, S("dry run, nothing is written: "));
    show_text(s);
}

/* --- refused rows ------------------------------------------------------------------------------------------------------ */

typedef struct Refused {
    Step *s;
    Buf csv;
} Refused;

static Err *read_refused(Ctx *cx, void *arg)
{
    Refused *r = arg;
    const Table *table = r->s->rows.table;

    TRY(import_refusals(cx, r->s->id, -1, 0, REFUSALS_JSON, &r->s->refusals, &r->s->n_refusals));
    r->csv = buf_new(r->s->run->mem, LIMIT_REPLY);
    if (!r->s->name.n || !r->s->n_refusals) return NULL;
    return import_refused_csv(cx, r->s->id, 0, table->heads, table->n_heads, S("Reason"), &r->csv);
}

/* Beside the file, so that it can be mended and dropped again; in the data folder where that cannot be written. */
static Err *write_refused(Step *s)
{
    Run *run = s->run;
    Refused r = {.s = s};

    TRY(run_read(run, read_refused, &r));
    if (!r.csv.n) return NULL;
    Str paths[] = {
        run_path(run, str_fmt(run->mem, "%.*s.refused.csv", SFMT(s->name))),
        str_fmt(run->mem, "%.*s/refused-%.*s.csv", SFMT(run->store->dir), SFMT(id_text(run->mem, s->id)))};
    for (size_t i = 0; i < 2; i++) {
        FILE *f =
            str_starts(s->name, S("/dev/")) && i == 0 ? NULL : fopen(str_to_c(run->mem, paths[i]), "wbe");
        if (!f) continue;
        bool is_good = fwrite(r.csv.p, 1, r.csv.n, f) == r.csv.n;
        is_good = fclose(f) == 0 && is_good;
        if (!is_good) continue;
        s->refused_file = paths[i];
        return NULL;
    }
    return NULL;
}

/* --- one step -------------------------------------------------------------------------------------------------------- */

static Err *check_options(Run *run, const Options *opt)
{
    static const char *const ORDERS[] = {"", "dmy", "mdy", "ymd"}, *const MODES[] = {"", "create", "update",
                                                                                     "upsert"};
    bool is_order = false, is_mode = false;

    for (size_t i = 0; i < 4; i++) {
        is_order = is_order || str_eq_c(opt->date_order, ORDERS[i]);
        is_mode = is_mode || str_eq_c(opt->mode, MODES[i]);
    }
    if (!is_order) FAIL(run->mem, ERR_INVALID, "error.usage", "--date-order is dmy, mdy or ymd");
    if (!is_mode) FAIL(run->mem, ERR_INVALID, "error.usage", "--mode is create, update or upsert");
    return NULL;
}

static Err *set_options(Step *s)
{
    const Options *opt = s->opt;

    if (opt->adds_options) import_plan_options(s->plan);
    if (opt->match.n) {
        Err *e = import_plan_match(s->run->mem, s->plan, opt->match);
        if (e) FAIL(s->run->mem, ERR_INVALID, "error.usage", "--match: %.*s", SFMT(e->detail));
    }
    if (opt->mode.n)
        import_plan_mode(s->plan, str_eq(opt->mode, S("create"))   ? IMPORT_CREATE
                                  : str_eq(opt->mode, S("update")) ? IMPORT_UPDATE
                                                                   : IMPORT_UPSERT);
    return NULL;
}

static Err *told(void *arg, int64_t done, int64_t total)
{
    Run *run = arg;

    if (run->progress) run->progress(run, done, total);
    return NULL;
}

/* The mapping with what the command line says beside it, so that the run can go on without being told again. */
static Val kept_mapping(const Step *s)
{
    const Options *opt = s->opt;
    const struct {
        const char *key;
        Str value;
    } SAID[] = {{"mode", opt->mode},
                {"match", opt->match},
                {"dates", opt->date_order},
                {"table", opt->table},
                {"new_options", opt->adds_options ? S("true") : (Str){0}}};
    size_t n_said = sizeof SAID / sizeof *SAID;
    const Val *m = s->mapping;
    ValPair *pairs = NEW_N(s->run->mem, ValPair, (m ? m->n : 0) + n_said);
    size_t n = 0;

    for (uint32_t i = 0; m && m->kind == VAL_MAP && i < m->n; i++) {
        bool is_said = false;
        for (size_t k = 0; k < n_said; k++)
            is_said = is_said || (SAID[k].value.n && str_eq_c(val_str(m->map[i].key), SAID[k].key));
        if (!is_said) pairs[n++] = m->map[i];
    }
    for (size_t k = 0; k < n_said; k++)
        if (SAID[k].value.n) pairs[n++] = (ValPair){val_text(str_c(SAID[k].key)), val_text(SAID[k].value)};
    Val all = val_map(pairs, n);
    return json_text(s->run->mem, all).n < LIMIT_LONG_TEXT / 2 ? all : val_null();
}

static Err *begin_run(Ctx *cx, void *arg)
{
    Step *s = arg;
    size_t n_left;
    const Str *left = import_plan_left(s->plan, &n_left);
    Val *names = NEW_N(cx->mem, Val, n_left + 1);

    for (size_t i = 0; i < n_left; i++) names[i] = val_text(left[i]);
    const RunField fields[] = {
        {"name",
         val_text(s->name.n ? str_sub(s->name, s->name.n > 250 ? s->name.n - 250 : 0, 250) : s->obj->plural)},
        {"object", val_text(s->obj->name)},
        {"state", val_text(S("running"))},
        {"mapping", kept_mapping(s)},
        {"total", val_int(s->n_rows)},
        {"left_out", val_list(names, n_left)},
        {"batch", val_text(id_text(cx->mem, s->batch))},
        {"started_at", val_from_ms(cx->now)},
    };
    TRY(import_run_new(cx, 0, fields, sizeof fields / sizeof *fields, &s->id));
    return s->profile.n ? import_run_set(cx, s->id, &(RunField){"profile", val_text(s->profile)}, 1) : NULL;
}

typedef struct Ending {
    Step *s;
    Err *e;
} Ending;

static Err *end_run(Ctx *cx, void *arg)
{
    Ending *end = arg;

    if (end->e) {
        const RunField failed[] = {{"error", val_text(err_text(cx->mem, end->e))}};
        TRY(import_run_set(cx, end->s->id, failed, 1));
    }
    return import_run_done(cx, end->s->id, &end->s->report, end->e ? S("failed") : S("done"));
}

static Err *apply(Step *s)
{
    Run *run = s->run;
    if (!s->batch) s->batch = id_new(store_now(run->store));
    ImportJob job = {.store = run->store,
                     .plan = s->plan,
                     .feed = &s->rows,
                     .batch = s->batch,
                     .progress = told,
                     .arg = run,
                     .total = s->n_rows,
                     .coming = s->opt->is_dry ? import_coming(run->mem) : NULL};
    TRY(import_grow(&job, run->mem, &s->plan, 1, s->opt->is_dry));
    if (s->opt->is_dry) return import_preview(&job, run->mem, &s->report);
    if (!s->id) TRY(run_write(run, begin_run, s));
    job.run = s->id;
    Err *e = import_apply(&job, run->mem, &s->report);
    Ending end = {s, e};
    TRY(run_write(run, end_run, &end));
    if (e) return e;
    return s->report.refused ? write_refused(s) : NULL;
}

static Err *import_step(Step *s)
{
    Arena *mem = s->run->mem;

    TRY(import_plan(mem, meta_now(s->run->store, s->run->mem), s->obj, s->mapping, s->rows.table, &s->plan));
    TRY(set_options(s));
    Err *e = import_scan(mem, s->plan, &s->rows, s->opt->date_order, &s->n_rows);
    if (e && (str_eq(e->key, S("error.import.dates")) || str_eq(e->key, S("error.import.dates_mixed"))))
        e->detail = str_fmt(mem, "%.*s; say --date-order dmy or mdy", SFMT(e->detail));
    if (e) return e;
    if (s->id && s->n_rows != s->total)
        FAIL(mem, ERR_CONFLICT, "error.usage", "%.*s has %lld rows now, and had %lld: it cannot go on",
             SFMT(s->name), (long long)s->n_rows, (long long)s->total);
    TRY(apply(s));
    show(s);
    return NULL;
}

/* --- finding the mapping --------------------------------------------------------------------------------------------- */

static Err *guess(Ctx *cx, void *arg)
{
    Step *s = arg;

    return import_guess(cx, s->run->mem, s->obj, &s->rows, &s->guesses, &s->n_rows);
}

static Err *guess_mapping(Step *s)
{
    Val *mapping = NEW(s->run->mem, Val);

    TRY(run_read(s->run, guess, s));
    Err *e = import_guess_mapping(s->run->mem, s->obj, s->guesses, s->rows.table->n_heads, mapping);
    if (e)
        e->detail = str_fmt(
            s->run->mem,
            "%.*s: headings are names or labels of fields of %.*s; --map FILE says where other columns go",
            SFMT(e->detail), SFMT(s->obj->name));
    s->mapping = mapping;
    return e;
}

typedef struct Saved {
    Str name;
    const Val *mapping;
} Saved;

static Err *read_saved(Ctx *cx, void *arg)
{
    Saved *saved = arg;
    Val bind = val_text(saved->name), id;
    Record *rec;

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT id FROM \"import_profile\" WHERE name = ?1 AND deleted_at IS NULL ORDER BY id LIMIT 1"),
        &bind, 1, &id));
    if (id.kind != VAL_INT) return NULL;
    TRY(record_get(cx, meta_object(cx->meta, S("import_profile")), id.i, 0, &rec));
    Val *mapping = NEW(cx->mem, Val);
    *mapping = record_get_val(rec, "mapping");
    saved->mapping = mapping;
    return NULL;
}

static Err *find_mapping(Step *s)
{
    Arena *mem = s->run->mem;
    Saved saved = {.name = s->opt->profile};
    const ImportProfile *known = NULL;

    s->mapping = s->opt->map;
    if (s->mapping) return NULL;
    TRY(import_profile_for(mem, s->rows.table, s->obj, s->opt->profile, &known, &s->mapping));
    if (known) s->profile = known->name;
    if (s->mapping) return NULL;
    if (!s->opt->profile.n) return guess_mapping(s);
    TRY(run_read(s->run, read_saved, &saved));
    s->mapping = saved.mapping;
    s->profile = saved.name;
    if (s->mapping) return NULL;
    FAIL(mem, ERR_INVALID, "error.usage", "no profile %.*s knows these headings for %.*s",
         SFMT(s->opt->profile), SFMT(s->obj->name));
}

/* --- files of one object ----------------------------------------------------------------------------------------------- */

/* Of several tables the one of that name, else the one whose headings are the object's. */
static size_t pick_table(Step *s, const Table *tables, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(tables[i].name, s->obj->name) || str_eq_nocase(tables[i].name, s->obj->plural))
            return i;
    for (size_t i = 0; n > 1 && i < n; i++)
        if (import_guess_object(s->run->mem, meta_now(s->run->store, s->run->mem), &tables[i]) == s->obj)
            return i;
    return 0;
}

static Err *import_one(Run *run, const Object *obj, Str path, const Options *opt)
{
    Step s = {.run = run, .obj = obj, .opt = opt, .name = path};
    Source *src = NULL;
    size_t n;

    TRY(open_file(run, path, opt, &src));
    const Table *tables = source_tables(src, &n);
    s.rows = rows_of(src, pick_table(&s, tables, n));
    Err *e = find_mapping(&s);
    if (!e) e = import_step(&s);
    source_close(src);
    return e;
}

/* --- recipes --------------------------------------------------------------------------------------------------------- */

/* Rows written in the recipe itself, as a file would hold them; headings are the keys of the first. */
static ImportRows inline_rows(Arena *mem, const Yaml *given)
{
    Table *table = NEW(mem, Table);
    Row *rows = NEW_N(mem, Row, given->n + 1);

    if (given->n) table->heads = given->items[0]->keys;
    if (given->n) table->n_heads = given->items[0]->n;
    for (size_t i = 0; i < given->n; i++) {
        Str *cells = NEW_N(mem, Str, table->n_heads + 1);
        for (size_t k = 0; k < table->n_heads; k++) {
            const Yaml *cell = yaml_get(given->items[i], table->heads[k]);
            if (cell) cells[k] = cell->text;
        }
        rows[i] = (Row){.line = given->items[i]->line, .cells = cells, .n = table->n_heads};
    }
    return (ImportRows){.table = table, .rows = rows, .n_rows = given->n};
}

/* A heading the recipe does not map goes to the field of its name. */
static Val full_map(Arena *mem, Val map, const Table *table)
{
    const Val *given = val_get(&map, S("columns"));
    ValPair *columns = NEW_N(mem, ValPair, table->n_heads + 1), *pairs = NEW_N(mem, ValPair, map.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < table->n_heads; i++) {
        const Val *to = given && given->kind == VAL_MAP ? val_get(given, table->heads[i]) : NULL;
        columns[i] = (ValPair){val_text(table->heads[i]), to ? *to : val_text(table->heads[i])};
    }
    for (uint32_t i = 0; i < map.n; i++)
        if (!str_eq(val_str(map.map[i].key), S("columns"))) pairs[n++] = map.map[i];
    pairs[n++] = (ValPair){val_text(S("columns")), val_map(columns, table->n_heads)};
    return val_map(pairs, n);
}

static Err *run_step(Run *run, Str dir, const Yaml *step, const Options *opt)
{
    const Yaml *name = yaml_get(step, S("object")), *file = yaml_get(step, S("file")),
               *rows = yaml_get(step, S("rows"));
    Step s = {
        .run = run, .opt = opt, .obj = name ? meta_object(meta_now(run->store, run->mem), name->text) : NULL};
    Val *mapping = NEW(run->mem, Val);
    Source *src = NULL;

    if (!s.obj) return yaml_problem(run->mem, step, "error.import.field", "no such object");
    *mapping = val_from_yaml(run->mem, step);
    s.mapping = mapping;
    if (rows) {
        s.rows = inline_rows(run->mem, rows);
        *mapping = full_map(run->mem, *mapping, s.rows.table);
        return import_step(&s);
    }
    s.name = str_fmt(run->mem, "%.*s/%.*s", SFMT(dir), SFMT(file->text));
    TRY(open_file(run, s.name, opt, &src));
    s.rows = rows_of(src, 0);
    Err *e = import_step(&s);
    source_close(src);
    return e;
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

/* --- taking back --------------------------------------------------------------------------------------------------------- */

typedef struct Back {
    Id run;
    bool is_redo;
    UndoResult result;
} Back;

static void show_back(Run *run, const Back *back)
{
    const UndoResult *r = &back->result;
    JsonWriter w = json_writer(&run->out);

    if (!run->is_json) {
        buf_addf(&run->out, "%lld records %s, %zu skipped\n", (long long)r->undone,
                 back->is_redo ? "brought in again" : "taken back", r->n_skipped);
        for (size_t i = 0; i < r->n_skipped; i++)
            buf_addf(&run->out, "    %.*s %.*s %.*s: %.*s\n", SFMT(r->skipped[i].obj->name),
                     SFMT(id_text(run->mem, r->skipped[i].id)), SFMT(r->skipped[i].label),
                     SFMT(r->skipped[i].reason));
        return;
    }
    json_open_obj(&w);
    json_pair_val(&w, "run", val_id(back->run));
    json_pair_i64(&w, "undone", r->undone);
    json_key_c(&w, "skipped");
    json_open_list(&w);
    for (size_t i = 0; i < r->n_skipped; i++) {
        json_open_obj(&w);
        json_pair_str(&w, "object", r->skipped[i].obj->name);
        json_pair_val(&w, "id", val_id(r->skipped[i].id));
        json_pair_str(&w, "label", r->skipped[i].label);
        json_pair_str(&w, "reason", r->skipped[i].reason);
        json_close_obj(&w);
    }
    json_close_list(&w);
    json_pair_val(&w, "batch", val_id(r->batch));
    json_close_obj(&w);
    buf_add_c(&run->out, '\n');
}

static Err *import_back(Run *run, Str word)
{
    Back back = {.is_redo = str_eq(word, S("redo"))};
    Str id = run_positional(run);

    TRY(run_no_more(run));
    if (!id_parse(id, &back.run))
        FAIL(run->mem, ERR_INVALID, "error.usage", "kith import %.*s RUN", SFMT(word));
    const ImportBack taking = {
        .store = run->store, .run = back.run, .is_redo = back.is_redo, .progress = told, .arg = run};
    TRY(import_take_back(&taking, run->mem, &back.result));
    if (back.result.n_skipped) run->code = EXIT_PARTLY;
    show_back(run, &back);
    return NULL;
}

/* --- going on ------------------------------------------------------------------------------------------------------------ */

typedef struct Going {
    Step *s;
    Record *rec;
} Going;

static Err *read_run(Ctx *cx, void *arg)
{
    Going *g = arg;

    return record_get(cx, meta_object(cx->meta, S("import_run")), g->s->id, 0, &g->rec);
}

static Str text_in(const Record *rec, const char *name)
{
    Val v = record_get_val(rec, name);

    return v.kind == VAL_TEXT ? val_str(v) : (Str){0};
}

/* What the run keeps: its file, object and mapping.  One of the browser is resumed there: its file is the server's. */
static Err *take_up(Going *g, Str path)
{
    Step *s = g->s;
    Run *run = s->run;
    Str state = text_in(g->rec, "state");
    Val total = record_get_val(g->rec, "total"), *mapping = NEW(run->mem, Val);

    bool is_open = str_eq(state, S("running")) || str_eq(state, S("failed")) || str_eq(state, S("paused"));
    if (!is_open || text_in(g->rec, "job").n || !id_parse(text_in(g->rec, "batch"), &s->batch))
        FAIL(run->mem, ERR_CONFLICT, "error.usage", "no unfinished import of the command line: it is %.*s",
             SFMT(state));
    s->name = path.n ? path : text_in(g->rec, "name");
    s->profile = text_in(g->rec, "profile");
    s->total = total.kind == VAL_INT ? total.i : -1;
    *mapping = record_get_val(g->rec, "mapping");
    if (mapping->kind == VAL_MAP) s->mapping = mapping;
    return run_object(run, text_in(g->rec, "object"), &s->obj);
}

static Err *import_resume(Run *run, Options *opt)
{
    Step s = {.run = run, .opt = opt};
    Going g = {.s = &s};
    Str id = run_positional(run), path = run_positional(run);
    Source *src = NULL;
    size_t n = 0;

    TRY(run_no_more(run));
    if (!id_parse(id, &s.id)) FAIL(run->mem, ERR_INVALID, "error.usage", "kith import resume RUN [FILE]");
    TRY(run_read(run, read_run, &g));
    TRY(take_up(&g, path));
    TRY(open_file(run, s.name, opt, &src));
    const Table *tables = source_tables(src, &n);
    s.rows = rows_of(src, pick_table(&s, tables, n));
    Err *e = s.mapping ? NULL : find_mapping(&s);
    if (!e) e = import_step(&s);
    source_close(src);
    return e;
}

/* --- arguments ------------------------------------------------------------------------------------------------------------- */

static Err *read_map(Run *run, Str path, Options *opt)
{
    Str text = {0};
    Yaml *tree = NULL;
    Val *map = NEW(run->mem, Val);

    if (!path.n) return NULL;
    TRY(read_file(run, path, &text));
    TRY(yaml_read(run->mem, path, text, &tree));
    *map = val_from_yaml(run->mem, tree);
    opt->map = map;
    return NULL;
}

static Err *import_files(Run *run, Str name, Str path, const Options *opt)
{
    const Object *obj = NULL;

    TRY(run_object(run, name, &obj));
    while (path.p) {
        TRY(import_one(run, obj, path, opt));
        path = run_positional(run);
    }
    return NULL;
}

/* --- files of several objects --------------------------------------------------------------------------------------------- */

#define PARTS_MAX 64

typedef struct Part {
    Step s;
    Options opt;
    Source *src;
    ImportPlan *plan; /* for the references only */
    bool is_done;
} Part;

/* "account=companies.csv"; a map of several has one for each object. */
static Err *open_part(Run *run, Str arg, const Options *opt, Part *out)
{
    Str path = arg, name = str_cut(&path, '=');
    size_t n;

    out->opt = *opt;
    out->s = (Step){.run = run, .opt = &out->opt, .name = path};
    TRY(run_object(run, name, &out->s.obj));
    out->opt.map = opt->map ? val_get(opt->map, out->s.obj->name) : NULL;
    TRY(open_file(run, path, opt, &out->src));
    const Table *tables = source_tables(out->src, &n);
    out->s.rows = rows_of(out->src, pick_table(&out->s, tables, n));
    TRY(find_mapping(&out->s));
    return import_plan(run->mem, meta_now(run->store, run->mem), out->s.obj, out->s.mapping,
                       out->s.rows.table, &out->plan);
}

/* The first that refers to none of those that wait; of those that refer to each other, the first. */
static Part *next_part(Part *parts, size_t n)
{
    Part *any = NULL;

    for (size_t i = 0; i < n; i++) {
        bool waits = parts[i].is_done;
        for (size_t k = 0; k < n && !waits; k++)
            waits = !parts[k].is_done && parts[k].s.obj != parts[i].s.obj &&
                    import_plan_refers(parts[i].plan, parts[k].s.obj);
        if (!waits) return &parts[i];
        if (!any && !parts[i].is_done) any = &parts[i];
    }
    return any;
}

static Err *import_parts(Run *run, Str first, Str second, const Options *opt)
{
    Part *parts = NEW_N(run->mem, Part, PARTS_MAX), *part;
    Err *e = NULL;
    size_t n = 0;

    for (Str arg = first; !e && arg.p; arg = n == 1 ? second : run_positional(run)) {
        if (n == PARTS_MAX || str_find_char(arg, '=') < 1)
            e = err_new(run->mem, ERR_INVALID, "error.usage", "kith import OBJECT=FILE OBJECT=FILE ...");
        else
            e = open_part(run, arg, opt, &parts[n++]);
    }
    while (!e && (part = next_part(parts, n))) {
        part->is_done = true;
        e = import_step(&part->s);
    }
    for (size_t i = 0; i < n; i++)
        if (parts[i].src) source_close(parts[i].src);
    return e;
}

/* --- the command ----------------------------------------------------------------------------------------------------------- */

Err *cmd_import(Run *run)
{
    Options opt = {.date_order = run_option(run, "date-order"),
                   .match = run_option(run, "match"),
                   .mode = run_option(run, "mode"),
                   .profile = run_option(run, "profile"),
                   .separator = run_option(run, "separator"),
                   .encoding = run_option(run, "encoding"),
                   .table = run_option(run, "table"),
                   .is_dry = run_flag(run, "dry-run"),
                   .adds_options = run_flag(run, "add-options")};
    Str map = run_option(run, "map"), first = run_positional(run);

    TRY(check_options(run, &opt));
    for (size_t i = 0; i < run->n; i++)
        if (str_starts(run->args[i], S("--"))) return run_no_more(run);
    if (!first.n)
        FAIL(run->mem, ERR_INVALID, "error.usage", "kith import OBJECT FILE, or kith import FOLDER");
    if (str_eq(first, S("undo")) || str_eq(first, S("redo"))) return import_back(run, first);
    TRY(read_map(run, map, &opt));
    if (str_eq(first, S("resume"))) return import_resume(run, &opt);
    Str second = run_positional(run);
    if (str_find_char(first, '=') > 0) return import_parts(run, first, second, &opt);
    return second.n ? import_files(run, first, second, &opt) : import_folder(run, first, &opt);
}
