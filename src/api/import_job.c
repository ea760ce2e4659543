/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The work of an import as a job: preview, writing, taking back.  It may be run again after a crash: the run's own state says
   where it stood. */
#include "api/import.h"

#include "api/api.h"
#include "base/time.h"
#include "core/change.h"
#include "core/file.h"
#include "core/job.h"
#include "core/session.h"
#include "core/snapshot.h"

#include <unistd.h>

#define TELL_US 250000

/* --- files ------------------------------------------------------------------------------------------------------------- */

static void close_content(void *arg)
{
    close(*(const int *)arg);
}

/* The content under a name that is good as long as `mem` lives; nothing is copied where it is a file already. */
static Err *to_disk(Ctx *cx, Arena *mem, Str hash, char **out)
{
    int *fd = NEW(mem, int);
    uint64_t size = 0;

    TRY(file_open(cx, hash, fd, &size));
    arena_defer(mem, close_content, fd);
    *out = str_to_c(mem, str_fmt(mem, "/proc/self/fd/%d", *fd));
    return NULL;
}

static Str text_in(const Val *map, const char *key)
{
    const Val *v = map && map->kind == VAL_MAP ? val_get(map, str_c(key)) : NULL;

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

static bool has_table(const ImportSet *set, Str name)
{
    for (size_t i = 0; i < set->n; i++)
        if (str_eq(set->tables[i].name, name)) return true;
    return false;
}

static void add_tables(Arena *mem, ImportSet *set, Source *src, Str file)
{
    size_t n;
    const Table *tables = source_tables(src, &n);

    for (size_t i = 0; i < n && set->n < IMPORT_TABLES_MAX; i++) {
        Str name = tables[i].name.n ? tables[i].name : file;
        if (has_table(set, name)) name = str_fmt(mem, "%.*s/%.*s", SFMT(file), SFMT(name));
        set->tables[set->n++] = (ImportTable){name, file, rows_of(src, i)};
    }
}

Err *import_open(Ctx *cx, Arena *mem, Id id, ImportSet *set)
{
    *set = (ImportSet){0};
    TRY(record_get(cx, meta_object(cx->meta, S("import_run")), id, 0, &set->run));
    Val files = record_get_val(set->run, "files");
    for (uint32_t i = 0; files.kind == VAL_LIST && i < files.n && i < IMPORT_FILES_MAX; i++) {
        const Val *file = &files.list[i];
        SourceOptions options = {.encoding = text_in(file, "encoding"),
                                 .separator = text_in(file, "separator")};
        char *path = NULL;
        TRY(to_disk(cx, mem, text_in(file, "hash"), &path));
        TRY(source_open(mem, path, text_in(file, "name"), &options, &set->sources[set->n_sources]));
        add_tables(mem, set, set->sources[set->n_sources++], text_in(file, "name"));
    }
    if (!set->n) FAIL(mem, ERR_INVALID, "error.import.map", "a run without files");
    return NULL;
}

/* --- mappings ------------------------------------------------------------------------------------------------------------ */

static Err *wrong_map(Arena *mem, Str what)
{
    return err_arg(
        err_field(err_new(mem, ERR_INVALID, "error.import.map", "mapping: %.*s", SFMT(what)), S("mapping")),
        0, what);
}

static Err *step_of(Ctx *cx, Arena *mem, ImportSet *set, const Val *mapping, ImportStep *out)
{
    Str table = text_in(mapping, "table"), object = text_in(mapping, "object");

    *out = (ImportStep){.mapping = mapping, .obj = meta_object(cx->meta, object)};
    if (!out->obj || out->obj->is_internal) return wrong_map(mem, object.n ? object : S("object"));
    for (size_t i = 0; i < set->n; i++)
        if (!table.n || str_eq(set->tables[i].name, table)) {
            out->table = &set->tables[i];
            return NULL;
        }
    return wrong_map(mem, table);
}

/* Whom step `at` needs is not among the steps from `from` on, itself aside. */
static bool is_ready(const ImportStep *steps, ImportPlan *const *plans, size_t from, size_t n, size_t at)
{
    for (size_t i = from; i < n; i++)
        if (steps[i].obj != steps[at].obj && import_plan_refers(plans[at], steps[i].obj)) return false;
    return true;
}

/* What others refer to comes first, whatever the order of the files; those that refer to each other stay as they are. */
static void order_steps(ImportStep *steps, ImportPlan **plans, size_t n)
{
    for (size_t done = 0; done + 1 < n; done++) {
        size_t next = done;
        while (next < n && !is_ready(steps, plans, done, n, next)) next++;
        if (next == n) continue;
        ImportStep step = steps[next];
        ImportPlan *plan = plans[next];
        for (size_t i = next; i > done; i--) {
            steps[i] = steps[i - 1];
            plans[i] = plans[i - 1];
        }
        steps[done] = step;
        plans[done] = plan;
    }
}

Err *import_steps(Ctx *cx, Arena *mem, ImportSet *set, ImportStep **out, size_t *n)
{
    Val *mapping = NEW(mem, Val);
    ImportPlan **plans;

    *mapping = record_get_val(set->run, "mapping");
    bool is_list = mapping->kind == VAL_LIST;
    *n = is_list ? mapping->n : 1;
    *out = NEW_N(mem, ImportStep, *n + 1);
    plans = NEW_N(mem, ImportPlan *, *n + 1);
    if (val_is_null(*mapping) || !*n) return wrong_map(mem, S("columns"));
    for (size_t i = 0; i < *n; i++) {
        ImportStep *step = &(*out)[i];
        TRY(step_of(cx, mem, set, is_list ? &mapping->list[i] : mapping, step));
        TRY(import_plan(mem, cx->meta, step->obj, step->mapping, step->table->rows.table, &plans[i]));
    }
    order_steps(*out, plans, *n);
    return NULL;
}

Str import_reason(Arena *mem, const Object *obj, const Err *e, Lang lang)
{
    const Field *f = obj && e->field.n ? object_field(obj, e->field) : NULL;
    Str args[ERR_ARGS];

    for (int i = 0; i < ERR_ARGS; i++)
        args[i] = f && i == 0 && str_eq(e->args[0], e->field) ? label_in(&f->label, lang) : e->args[i];
    Str text = lang_text(mem, lang, e->key, args, ERR_ARGS);
    return f ? str_fmt(mem, "%.*s: %.*s", SFMT(label_in(&f->label, lang)), SFMT(text)) : text;
}

/* --- the job ------------------------------------------------------------------------------------------------------------- */

typedef struct Task {
    Store *store;
    Arena *mem;
    Id job, run, user, batch;
    Lang lang;
    bool is_preview;
    ImportSet set;
    ImportStep *steps;
    size_t n;
    ImportReport sum;
    Val *samples, *reasons, *options;
    Str state, error;
    int64_t told; /* when the progress was last told, us */
} Task;

static Err *begin(Task *t, DbConn *c, Ctx *cx)
{
    Actor *actor;

    *cx = ctx_system(t->store, t->mem, c);
    TRY(actor_of_user(cx, t->user, &actor));
    cx->actor = actor;
    t->lang = actor->lang;
    return NULL;
}

static Err *open_run(DbConn *c, void *arg)
{
    Task *t = arg;
    Ctx cx;

    TRY(begin(t, c, &cx));
    TRY(import_open(&cx, t->mem, t->run, &t->set));
    (void)id_parse(val_str(record_get_val(t->set.run, "batch")), &t->batch);
    return import_steps(&cx, t->mem, &t->set, &t->steps, &t->n);
}

/* A few times a second: each telling is a commit. */
static Err *progress(void *arg, int64_t done, int64_t total)
{
    Task *t = arg;
    int64_t now = clock_mono_us();

    if (done < total && done && now - t->told < TELL_US) return NULL;
    t->told = now;
    Arena *tmp = arena_new(0);
    Err *e = job_progress(t->store, tmp, t->job, done, total);

    if (e) e = err_copy(t->mem, e);
    arena_free(tmp);
    return e;
}

static void add_report(Task *t, const ImportReport *r)
{
    t->sum.created += r->created;
    t->sum.updated += r->updated;
    t->sum.unchanged += r->unchanged;
    t->sum.refused += r->refused;
    t->sum.conflicts += r->conflicts;
    t->sum.deleted += r->deleted;
    t->sum.duplicates += r->duplicates;
    t->sum.restored += r->restored;
    t->sum.total += r->total;
    t->sum.is_paused = t->sum.is_paused || r->is_paused;
    ImportNote *notes = NEW_N(t->mem, ImportNote, t->sum.n_notes + r->n_notes + 1);
    for (size_t i = 0; i < t->sum.n_notes; i++) notes[i] = t->sum.notes[i];
    for (size_t i = 0; i < r->n_notes; i++) notes[t->sum.n_notes + i] = r->notes[i];
    t->sum.notes = notes;
    t->sum.n_notes += r->n_notes;
}

static Err *scan_all(Task *t, ImportPlan **plans, int64_t *rows, int64_t *total)
{
    *total = 0;
    for (size_t i = 0; i < t->n; i++) {
        ImportRows *feed = &t->steps[i].table->rows;
        TRY(import_plan(t->mem, meta_now(t->store, t->mem), t->steps[i].obj, t->steps[i].mapping, feed->table,
                        &plans[i]));
        Err *e = import_scan(t->mem, plans[i], feed, (Str){0}, &rows[i]);
        if (e) return e;
        *total += rows[i];
    }
    return progress(t, 0, *total);
}

static Err *run_steps(Task *t)
{
    ImportPlan **plans = NEW_N(t->mem, ImportPlan *, t->n);
    int64_t *rows = NEW_N(t->mem, int64_t, t->n), total, before = 0;
    ImportComing *coming = t->is_preview ? import_coming(t->mem) : NULL;

    const ImportJob whole = {
        .store = t->store, .user = t->user, .batch = t->batch, .lang = t->lang, .reason = import_reason};

    TRY(scan_all(t, plans, rows, &total));
    TRY(import_grow(&whole, t->mem, plans, t->n, t->is_preview));
    for (size_t i = 0; i < t->n && !t->sum.is_paused; i++) {
        ImportReport report;
        ImportJob job = {.store = t->store,
                         .plan = plans[i],
                         .feed = &t->steps[i].table->rows,
                         .run = t->run,
                         .part = (int64_t)i,
                         .user = t->user,
                         .batch = t->batch,
                         .lang = t->lang,
                         .reason = import_reason,
                         .progress = progress,
                         .arg = t,
                         .before = before,
                         .total = total,
                         .coming = coming};
        t->options[i] = import_options(t->mem, plans[i], t->lang);
        TRY(t->is_preview ? import_preview(&job, t->mem, &report) : import_apply(&job, t->mem, &report));
        add_report(t, &report);
        t->samples[i] = report.samples;
        t->reasons[i] = report.reasons;
        before += rows[i];
    }
    return NULL;
}

/* Lists of the parts in one. */
static Val joined(Arena *mem, const Val *lists, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) count += lists[i].n;
    Val *all = NEW_N(mem, Val, count + 1);
    count = 0;
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < lists[i].n; k++) all[count++] = lists[i].list[k];
    return val_list(all, count);
}

static Val result_of(Task *t)
{
    const ImportReport *r = &t->sum;
    Arena *mem = t->mem;
    const struct {
        const char *key;
        int64_t n;
    } COUNTS[] = {{t->is_preview ? "new" : "created", r->created},
                  {t->is_preview ? "changed" : "updated", r->updated},
                  {"unchanged", r->unchanged},
                  {"refused", r->refused},
                  {"conflicts", r->conflicts},
                  {"deleted", r->deleted},
                  {"duplicates", r->duplicates},
                  {"restored", r->restored},
                  {"rows", r->total}};
    size_t n = sizeof COUNTS / sizeof *COUNTS;
    ValPair *pairs = NEW_N(mem, ValPair, n + 4);
    Val *notes = NEW_N(mem, Val, r->n_notes + 1);

    for (size_t i = 0; i < n; i++) pairs[i] = (ValPair){val_text(str_c(COUNTS[i].key)), val_int(COUNTS[i].n)};
    for (size_t i = 0; i < r->n_notes; i++) {
        ValPair *note = NEW_N(mem, ValPair, 2);
        note[0] = (ValPair){val_text(S("text")), val_text(r->notes[i].text)};
        note[1] = (ValPair){val_text(S("rows")), val_int(r->notes[i].n)};
        notes[i] = val_map(note, 2);
    }
    pairs[n++] = (ValPair){val_text(S("notes")), val_list(notes, r->n_notes)};
    pairs[n++] = (ValPair){val_text(S("new_options")), joined(mem, t->options, t->n)};
    pairs[n++] = (ValPair){val_text(S("samples")), joined(mem, t->samples, t->n)};
    pairs[n++] = (ValPair){val_text(S("reasons")), joined(mem, t->reasons, t->n)};
    return val_map(pairs, n);
}

static Err *mark(DbConn *c, void *arg)
{
    Task *t = arg;
    Ctx cx = ctx_system(t->store, t->mem, c);
    const RunField error = {"error", t->error.n ? val_text(t->error) : val_null()};

    TRY(import_run_set(&cx, t->run, &error, 1));
    return import_run_done(&cx, t->run, &t->sum, t->state);
}

static Err *end_run(Task *t, Err *e)
{
    bool is_again = e && (e->code == ERR_UNAVAILABLE || e->code == ERR_INTERNAL || e->code == ERR_LIMIT);

    if (is_again) return e; /* the job is tried again, from where it stood */
    t->state = e ? S("failed") : t->sum.is_paused ? S("paused") : S("done");
    if (e) t->error = import_reason(t->mem, NULL, e, t->lang);
    TRY(db_write(t->store->db, t->mem, mark, t));
    return e;
}

static Err *run_rows(Task *t)
{
    Err *e = db_read(t->store->db, t->mem, open_run, t);

    t->samples = NEW_N(t->mem, Val, t->n + 1);
    t->reasons = NEW_N(t->mem, Val, t->n + 1);
    t->options = NEW_N(t->mem, Val, t->n + 1);
    if (!e) e = run_steps(t);
    if (!t->is_preview) e = end_run(t, e);
    return e ? e : job_result(t->store, t->mem, t->job, result_of(t));
}

static Err *run_back(Task *t, bool is_redo)
{
    const ImportBack back = {.store = t->store,
                             .run = t->run,
                             .user = t->user,
                             .is_redo = is_redo,
                             .progress = progress,
                             .arg = t};
    UndoResult r;

    TRY(import_take_back(&back, t->mem, &r));
    Val *list = NEW_N(t->mem, Val, r.n_skipped + 1);
    for (size_t i = 0; i < r.n_skipped; i++) {
        ValPair *p = NEW_N(t->mem, ValPair, 4);
        p[0] = (ValPair){val_text(S("object")), val_text(r.skipped[i].obj->name)};
        p[1] = (ValPair){val_text(S("id")), val_id(r.skipped[i].id)};
        p[2] = (ValPair){val_text(S("label")), val_text(r.skipped[i].label)};
        p[3] = (ValPair){val_text(S("reason")),
                         val_text(lang_text(t->mem, t->lang, r.skipped[i].reason, NULL, 0))};
        list[i] = val_map(p, 4);
    }
    ValPair pairs[] = {{val_text(S("undone")), val_int(r.undone)},
                       {val_text(S("skipped")), val_list(list, r.n_skipped)},
                       {val_text(S("batch")), val_id(r.batch)}};
    return job_result(t->store, t->mem, t->job, val_map(pairs, 3));
}

Err *import_job(Store *store, Arena *mem, Id job, const Val *arg)
{
    Task t = {.store = store, .mem = mem, .job = job};
    Str what = text_in(arg, "do");

    if (!id_parse(text_in(arg, "run"), &t.run) || !id_parse(text_in(arg, "user"), &t.user))
        FAIL(mem, ERR_INVALID, "error.job.run", "argument of an import");
    t.lang = lang_from(text_in(arg, "lang"));
    t.is_preview = str_eq(what, S("preview"));
    if (str_eq(what, S("undo")) || str_eq(what, S("redo"))) return run_back(&t, str_eq(what, S("redo")));
    return run_rows(&t);
}
