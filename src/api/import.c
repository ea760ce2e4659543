/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Imports by HTTP: a file is sent, looked at, mapped, previewed and brought in by a job; the run is an ordinary record. */
#include "api/import.h"

#include "api/mass.h"
#include "base/limits.h"
#include "core/file.h"
#include "core/job.h"
#include "core/rights.h"

typedef struct ImportIn {
    Str name, sha256, encoding, separator;
    Id run;
    Val mapping;
} ImportIn;

static const Object *run_object(const Ctx *cx)
{
    return meta_object(cx->meta, S("import_run"));
}

/* Run `id`, which is its owner's alone: what is in the files of others, and bringing them in, is not for who may see the record of
   it.  Administrators go on where somebody has left. */
static Err *own_run(const Req *rq, Ctx *cx, Id id, Record **out)
{
    TRY(record_get(cx, run_object(cx), id, 0, out));
    if ((*out)->vals[SYS_OWNER].i == cx->actor->user || rq_is_administrator(rq)) return NULL;
    FAIL(cx->mem, ERR_NOT_FOUND, "error.record.none", "a run of somebody else");
}

/* --- sending ------------------------------------------------------------------------------------------------------------- */

static Err *parse_upload(Req *rq, Ctx *cx)
{
    ImportIn *in = NEW(rq->mem, ImportIn);
    Str run = http_query(rq->http, "run");

    (void)cx;
    rq->in = in;
    in->name = http_query(rq->http, "name");
    in->encoding = http_query(rq->http, "encoding");
    in->separator = http_query(rq->http, "separator");
    if (!in->name.n || in->name.n > LIMIT_TEXT || !utf8_is_valid(in->name))
        FAIL_FIELD(rq->mem, S("name"), "error.file.name", "parameter name");
    if (run.n && !id_parse(run, &in->run)) FAIL(rq->mem, ERR_NOT_FOUND, "error.record.none", "no such run");
    return NULL;
}

static Err *store_on_disk(Req *rq, Ctx *cx)
{
    ImportIn *in = rq->in;

    return upload_keep(rq, cx, false, &in->sha256);
}

static Err *file_record(Req *rq, Ctx *cx, Id *out)
{
    const ImportIn *in = rq->in;
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("file")));

    record_set(rec, "name", val_text(in->name));
    record_set(rec, "size", val_int((int64_t)rq->http->file_size));
    record_set(rec, "hash", val_text(in->sha256));
    cx->may_write_readonly = true;
    Err *e = record_create(cx, rec, NULL);
    cx->may_write_readonly = false;
    *out = rec->id;
    return e;
}

static Val with_file(Arena *mem, Val files, Id id, const ImportIn *in)
{
    uint32_t n = files.kind == VAL_LIST ? files.n : 0;
    Val *list = NEW_N(mem, Val, n + 1);
    ValPair *pairs = NEW_N(mem, ValPair, 5);

    for (uint32_t i = 0; i < n; i++) list[i] = files.list[i];
    pairs[0] = (ValPair){val_text(S("id")), val_text(id_text(mem, id))};
    pairs[1] = (ValPair){val_text(S("name")), val_text(in->name)};
    pairs[2] = (ValPair){val_text(S("hash")), val_text(in->sha256)};
    pairs[3] = (ValPair){val_text(S("encoding")), val_text(in->encoding)};
    pairs[4] = (ValPair){val_text(S("separator")), val_text(in->separator)};
    list[n] = val_map(pairs, 5);
    return val_list(list, n + 1);
}

static Err *run_upload(Req *rq, Ctx *cx)
{
    ImportIn *in = rq->in;
    Record *run;
    Id file, id = in->run;

    TRY(upload_keep(rq, cx, true, &in->sha256));
    TRY(file_record(rq, cx, &file));
    Val files = val_null();
    if (id) {
        TRY(own_run(rq, cx, id, &run));
        files = record_get_val(run, "files");
    }
    if (files.kind == VAL_LIST && files.n >= IMPORT_FILES_MAX)
        return err_arg(err_new(rq->mem, ERR_INVALID, "error.import.many", "too many files"), 0, S("20"));
    const RunField fields[] = {
        {"files", with_file(cx->mem, files, file, in)},
        {"name", val_text(in->name)},
        {"file", val_ref(meta_object(cx->meta, S("file"))->number, file)},
        {"batch", val_text(id_text(cx->mem, id_new(cx->now)))},
    };
    if (id)
        TRY(import_run_set(cx, id, fields, 1));
    else
        TRY(import_run_new(cx, cx->actor->user, fields, 4, &id));
    rq->id = id;
    return NULL;
}

/* --- looking -------------------------------------------------------------------------------------------------------------- */

static void write_guess(JsonWriter *w, const ImportGuess *g)
{
    json_open_obj(w);
    json_pair_str(w, "heading", g->heading);
    json_key_c(w, "samples");
    json_open_list(w);
    for (size_t i = 0; i < g->n_samples; i++) json_str(w, g->samples[i]);
    json_close_list(w);
    json_key_c(w, "field");
    json_text_or_null(w, g->path);
    json_key_c(w, "confidence");
    json_raw(w, str_fmt(w->b->mem, "%d.%02d", g->confidence / 100, g->confidence % 100));
    json_key_c(w, "alternatives");
    json_open_list(w);
    for (size_t i = 0; i < g->n_alternatives; i++) json_str(w, g->alternatives[i]);
    json_close_list(w);
    json_pair_str(w, "kind", g->kind);
    json_pair_bool(w, "is_left_out", g->is_known && !g->path.n);
    json_key_c(w, "unknown_values");
    json_val(w, g->unknown.kind == VAL_LIST ? g->unknown : val_list(NULL, 0));
    json_close_obj(w);
}

/* The key of what was recognised, and its name for people. */
static void write_profile(const Req *rq, JsonWriter *w, const ImportProfile *profile)
{
    json_key_c(w, "profile");
    json_text_or_null(w, profile ? profile->name : (Str){0});
    json_key_c(w, "profile_label");
    json_text_or_null(w, profile ? profile->label[rq->lang] : (Str){0});
}

static Err *write_table(Req *rq, Ctx *cx, JsonWriter *w, ImportTable *t, Str asked)
{
    ImportGuess *guesses = NULL;
    const ImportProfile *profile = NULL;
    const Val *mapping = NULL;
    int64_t rows = -1;

    TRY(import_profile_for(rq->mem, t->rows.table, NULL, (Str){0}, &profile, &mapping));
    const Val *name = mapping ? val_get(mapping, S("object")) : NULL;
    const Object *obj = asked.n ? meta_object(cx->meta, asked)
                        : name  ? meta_object(cx->meta, val_str(*name))
                                : import_guess_object(rq->mem, cx->meta, t->rows.table);
    json_open_obj(w);
    json_pair_str(w, "name", t->name);
    json_pair_str(w, "file", t->file);
    json_key_c(w, "object");
    json_text_or_null(w, obj ? obj->name : (Str){0});
    if (!obj) obj = meta_object(cx->meta, S("contact"));
    TRY(import_guess(cx, rq->mem, obj, &t->rows, &guesses, &rows));
    json_key_c(w, "rows");
    if (rows < 0)
        json_null(w);
    else
        json_i64(w, rows);
    write_profile(rq, w, profile);
    json_key_c(w, "mapping");
    json_val(w, mapping ? *mapping : val_null());
    json_key_c(w, "columns");
    json_open_list(w);
    for (size_t i = 0; i < t->rows.table->n_heads; i++) write_guess(w, &guesses[i]);
    json_close_list(w);
    json_close_obj(w);
    return NULL;
}

static Err *write_analysis(Req *rq, Ctx *cx, JsonWriter *w, Id id)
{
    ImportSet *set = NEW(rq->mem, ImportSet);
    const ImportProfile *profile = NULL;
    const Val *mapping = NULL;

    TRY(import_open(cx, rq->mem, id, set));
    db_set_budget(cx->db, 60000);
    json_open_obj(w);
    json_key_c(w, "tables");
    json_open_list(w);
    for (size_t i = 0; i < set->n; i++)
        TRY(write_table(rq, cx, w, &set->tables[i], http_query(rq->http, "object")));
    json_close_list(w);
    json_pair_str(w, "kind", source_kind(set->sources[0]));
    json_key_c(w, "encoding");
    json_text_or_null(w, source_encoding(set->sources[0]));
    json_key_c(w, "separator");
    json_text_or_null(w, source_separator(set->sources[0]));
    TRY(import_profile_for(rq->mem, set->tables[0].rows.table, NULL, (Str){0}, &profile, &mapping));
    write_profile(rq, w, profile);
    json_close_obj(w);
    return NULL;
}

static Err *run_analysis(Req *rq, Ctx *cx)
{
    Record *rec = NULL;

    TRY(own_run(rq, cx, rq->id, &rec));
    return write_analysis(rq, cx, reply_begin(rq, 200), rq->id);
}

/* The record with what its file looks like. */
static Err *reply_uploaded(Req *rq, Ctx *cx)
{
    JsonWriter *w = reply_begin(rq, 201);
    Record *rec;
    Labels *labels;

    TRY(record_get(cx, run_object(cx), rq->id, 0, &rec));
    TRY(labels_load(cx, &rec, 1, &labels));
    record_to_json(w, cx, rec, labels, NULL, 0);
    REQUIRE(rq->out.n && rq->out.p[rq->out.n - 1] == '}');
    rq->out.n--;
    buf_add(&rq->out, S(",\"analysis\":"));
    JsonWriter inner = json_writer(&rq->out);
    TRY(write_analysis(rq, cx, &inner, rq->id));
    buf_add_c(&rq->out, '}');
    return NULL;
}

/* --- planning and working ------------------------------------------------------------------------------------------------- */

static Err *state_allows(Req *rq, Ctx *cx, const char *states, Record **out)
{
    TRY(own_run(rq, cx, rq->id, out));
    Str state = val_str(record_get_val(*out, "state"));
    if (words_have(states, state)) return NULL;
    return err_arg(err_new(rq->mem, ERR_CONFLICT, "error.import.state", "the import is %.*s", SFMT(state)), 0,
                   value_text(rq->mem, object_field((*out)->obj, S("state")), val_text(state), rq->lang));
}

static Err *run_plan(Req *rq, Ctx *cx)
{
    const Val *mapping = val_get(&rq->body, S("mapping"));
    ImportSet *set = NEW(rq->mem, ImportSet);
    ImportStep *steps;
    Record *rec;
    Buf objects = buf_new(rq->mem, 4096);
    size_t n;

    TRY(state_allows(rq, cx, "draft ready failed", &rec));
    if (!mapping) FAIL_FIELD(rq->mem, S("mapping"), "error.required", "mapping");
    TRY(import_open(cx, rq->mem, rq->id, set));
    record_set(set->run, "mapping", *mapping);
    TRY(import_steps(cx, rq->mem, set, &steps, &n));
    for (size_t i = 0; i < n; i++) buf_addf(&objects, "%s%.*s", i ? ", " : "", SFMT(steps[i].obj->name));
    const RunField fields[] = {{"mapping", *mapping},
                               {"object", val_text(str_sub(buf_str(&objects), 0, 200))},
                               {"state", val_text(S("ready"))}};
    TRY(import_run_set(cx, rq->id, fields, 3));
    TRY(record_get(cx, run_object(cx), rq->id, 0, &rec));
    return reply_record(rq, cx, rec, 200);
}

/* Who brings in rows changes many records. */
static Err *may_import(Ctx *cx, const Record *run)
{
    Val mapping = record_get_val(run, "mapping");
    uint32_t n = mapping.kind == VAL_LIST ? mapping.n : 1;

    for (uint32_t i = 0; i < n; i++) {
        const Val *name = val_get(mapping.kind == VAL_LIST ? &mapping.list[i] : &mapping, S("object"));
        const Object *obj = name && name->kind == VAL_TEXT ? meta_object(cx->meta, val_str(*name)) : NULL;
        if (!obj) FAIL(cx->mem, ERR_INVALID, "error.import.map", "no object");
        TRY(mass_allowed(cx, obj, VERB_CREATE, 2));
    }
    return NULL;
}

static Err *queue(Req *rq, Ctx *cx, const char *what, const char *state)
{
    ValPair pairs[] = {
        {val_text(S("run")), val_id(rq->id)},
        {val_text(S("user")), val_id(cx->actor->user)},
        {val_text(S("lang")), val_text(lang_code(rq->lang))},
        {val_text(S("do")), val_text(str_c(what))},
    };
    Id job;

    TRY(job_add(cx, S("import.run"), val_map(pairs, 4), cx->now, &job));
    const RunField fields[] = {{"job", val_text(id_text(cx->mem, job))},
                               {"state", state ? val_text(str_c(state)) : val_null()}};
    TRY(import_run_set(cx, rq->id, fields, state ? 2 : 1));
    return operation_to_json(rq, cx, job, 202);
}

static Err *run_preview(Req *rq, Ctx *cx)
{
    Record *rec;

    TRY(state_allows(rq, cx, "ready failed done undone", &rec));
    return queue(rq, cx, "preview", NULL);
}

static Err *run_start(Req *rq, Ctx *cx)
{
    Record *rec;

    TRY(state_allows(rq, cx, "ready failed", &rec));
    TRY(may_import(cx, rec));
    TRY(import_ask_pause(cx, rq->id, false));
    const RunField begun = {"started_at", val_from_ms(cx->now)};
    TRY(import_run_set(cx, rq->id, &begun, 1));
    return queue(rq, cx, "start", "running");
}

static Err *run_resume(Req *rq, Ctx *cx)
{
    Record *rec;

    TRY(state_allows(rq, cx, "paused failed", &rec));
    TRY(may_import(cx, rec));
    TRY(import_ask_pause(cx, rq->id, false));
    return queue(rq, cx, "start", "running");
}

static Err *run_pause(Req *rq, Ctx *cx)
{
    Record *rec;
    Id job = 0;

    TRY(state_allows(rq, cx, "running", &rec));
    TRY(import_ask_pause(cx, rq->id, true));
    (void)id_parse(val_str(record_get_val(rec, "job")), &job);
    return operation_to_json(rq, cx, job, 202);
}

static Err *run_back(Req *rq, Ctx *cx, bool is_redo)
{
    Record *rec;
    Id batch, number;

    TRY(state_allows(rq, cx, is_redo ? "undone" : "done paused failed", &rec));
    TRY(import_run_batch(cx, rq->id, is_redo, &batch, &number));
    return queue(rq, cx, is_redo ? "redo" : "undo", NULL);
}

static Err *run_undo(Req *rq, Ctx *cx)
{
    return run_back(rq, cx, false);
}

static Err *run_redo(Req *rq, Ctx *cx)
{
    return run_back(rq, cx, true);
}

/* --- what was refused ------------------------------------------------------------------------------------------------------- */

Err *import_refused_text(Ctx *cx, Arena *mem, Id run, Str reason, Buf *out)
{
    ImportSet *set = NEW(mem, ImportSet);
    ImportStep *steps = NULL;
    size_t n = 0;

    TRY(import_open(cx, mem, run, set));
    TRY(import_steps(cx, mem, set, &steps, &n));
    for (size_t i = 0; i < n; i++) {
        const Table *table = steps[i].table->rows.table;
        ImportRefusal *some = NULL;
        size_t count = 0;
        TRY(import_refusals(cx, run, (int64_t)i, -1, 1, &some, &count));
        if ((!count || some[0].part != (int64_t)i) && n > 1) continue;
        TRY(import_refused_csv(cx, run, (int64_t)i, table->heads, table->n_heads, reason, out));
    }
    return NULL;
}

static Err *run_refused(Req *rq, Ctx *cx)
{
    Record *rec = NULL;

    TRY(own_run(rq, cx, rq->id, &rec));
    (void)reply_begin(rq, 200);
    rq->out.n = 0;
    TRY(import_refused_text(cx, rq->mem, rq->id, text_of(rq, "import.reason"), &rq->out));
    rq->rp = (HttpReply){.status = 200, .type = S("text/csv; charset=utf-8"), .body = buf_str(&rq->out)};
    reply_header(rq, S("Content-Disposition"), S("attachment; filename=\"refused.csv\""));
    return NULL;
}

/* --- profiles ---------------------------------------------------------------------------------------------------------------- */

static Err *run_profiles(Req *rq, Ctx *cx)
{
    JsonWriter *w = reply_begin(rq, 200);
    ImportProfile *list;
    size_t n;

    (void)cx;
    TRY(import_profiles(rq->mem, &list, &n));
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < n; i++) {
        json_open_obj(w);
        json_pair_str(w, "name", list[i].name);
        json_pair_str(w, "label", list[i].label[rq->lang]);
        json_key_c(w, "mappings");
        json_val(w, list[i].mappings);
        json_close_obj(w);
    }
    json_close_list(w);
    json_close_obj(w);
    return NULL;
}

#define ON_RUN(verb_, name_, fn_)                                                                    \
    {                                                                                                \
        .method = "POST", .pattern = "/import_runs/{id}:" verb_, .name = name_, .right = RIGHT_USER, \
        .keys = "", .steps = {                                                                       \
            {WHERE_WRITE, fn_}                                                                       \
        }                                                                                            \
    }

const Route import_routes[] = {
    {.method = "POST",
     .pattern = "/import_runs:upload",
     .name = "uploadImport",
     .right = RIGHT_USER,
     .params = "name run encoding separator object",
     .is_raw = true,
     .parse = parse_upload,
     .is_record_write = true,
     .steps = {{WHERE_PLAIN, store_on_disk}, {WHERE_WRITE, run_upload}, {WHERE_READ, reply_uploaded}}},
    {.method = "GET",
     .pattern = "/import_runs/{id}:analysis",
     .name = "analyseImport",
     .right = RIGHT_USER,
     .params = "object",
     .steps = {{WHERE_READ, run_analysis}}},
    {.method = "POST",
     .pattern = "/import_runs/{id}:plan",
     .name = "planImport",
     .right = RIGHT_USER,
     .keys = "mapping",
     .is_record_write = true,
     .steps = {{WHERE_WRITE, run_plan}}},
    ON_RUN("preview", "previewImport", run_preview),
    ON_RUN("start", "startImport", run_start),
    ON_RUN("pause", "pauseImport", run_pause),
    ON_RUN("resume", "resumeImport", run_resume),
    ON_RUN("undo", "undoImport", run_undo),
    ON_RUN("redo", "redoImport", run_redo),
    {.method = "GET",
     .pattern = "/import_runs/{id}:refused",
     .name = "getRefused",
     .right = RIGHT_USER,
     .steps = {{WHERE_READ, run_refused}}},
    {.method = "GET",
     .pattern = "/ready_profiles",
     .name = "listReadyProfiles",
     .right = RIGHT_USER,
     .steps = {{WHERE_READ, run_profiles}}},
    {0},
};
