/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One look into the drop folders.  A file that has not changed since the last look is moved to working/, kept like an upload,
   and imported by the ordinary job; a later look finds the import ended and moves the file on.  What a kill leaves is found
   again: a file in working/ without a row of drop_file is taken anew, one with a row has its run already, and a row without
   its file has been settled.  So no file comes twice, and none is forgotten. */
#include "api/drop.h"

#include "api/api.h"
#include "api/import.h"
#include "api/mass.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/time.h"
#include "core/file.h"
#include "core/job.h"
#include "core/session.h"

typedef struct Folder {
    Id id, profile, user;
    Str name, path, mode, match;
    bool is_active;
} Folder;

typedef struct Noted {
    Id folder, run;
    bool is_taken;
    Str name;
    int64_t size, changed, since;
} Noted;

typedef struct Look {
    Store *store;
    Arena *mem;
    Id job;
    Folder *folders;
    size_t n_folders;
    Noted *rows;
    size_t n_rows;
} Look;

/* Work on one folder, or on one file of it. */
typedef struct Place {
    Look *look;
    const Folder *folder;
    DropDirs dirs;
    Arena *mem; /* of the file at hand */
    Str name, sha256, error;
    int fd;
    uint64_t size;
    Lang lang;
    Noted *seen;
    size_t n_seen;
} Place;

/* --- what the database knows ----------------------------------------------------------------------------------------- */

static Err *read_folders(Ctx *cx, Look *l)
{
    VEC(Folder) list = {0};
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT id, name, path, profile, \"user\", mode, \"match\", active FROM \"drop_folder\" f WHERE "
          "(deleted_at IS NULL AND active = 1) OR EXISTS (SELECT 1 FROM drop_file d WHERE d.folder = f.id AND "
          "d.is_taken = 1) ORDER BY id"),
        NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &list) = (Folder){.id = db_i64(rows, 0),
                                             .name = db_str(rows, 1),
                                             .path = db_str(rows, 2),
                                             .profile = db_i64(rows, 3),
                                             .user = db_i64(rows, 4),
                                             .mode = db_str(rows, 5),
                                             .match = db_str(rows, 6),
                                             .is_active = db_i64(rows, 7) == 1};
    }
    l->folders = list.p;
    l->n_folders = list.n;
    return NULL;
}

static Err *read_rows(Ctx *cx, Look *l)
{
    VEC(Noted) list = {0};
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT folder, is_taken, name, size, changed, since, run FROM drop_file ORDER BY folder, name"),
        NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &list) = (Noted){.folder = db_i64(rows, 0),
                                            .is_taken = db_i64(rows, 1) == 1,
                                            .name = db_str(rows, 2),
                                            .size = db_i64(rows, 3),
                                            .changed = db_i64(rows, 4),
                                            .since = db_i64(rows, 5),
                                            .run = db_i64(rows, 6)};
    }
    l->rows = list.p;
    l->n_rows = list.n;
    return NULL;
}

static Err *read_all(DbConn *c, void *arg)
{
    Look *l = arg;
    Ctx cx = ctx_system(l->store, l->mem, c);

    TRY(read_folders(&cx, l));
    return read_rows(&cx, l);
}

static const Noted *row_of(const Look *l, Id folder, bool is_taken, Str name)
{
    for (size_t i = 0; i < l->n_rows; i++)
        if (l->rows[i].folder == folder && l->rows[i].is_taken == is_taken && str_eq(l->rows[i].name, name))
            return &l->rows[i];
    return NULL;
}

static Err *forget_row(DbConn *c, void *arg)
{
    const Place *p = arg;
    Val binds[] = {val_int(p->folder->id), val_text(p->name)};

    return db_exec(p->mem, c, S("DELETE FROM drop_file WHERE folder = ?1 AND is_taken = 1 AND name = ?2"),
                   binds, 2, NULL);
}

/* --- what has ended -------------------------------------------------------------------------------------------------- */

typedef struct Ended {
    Place *place;
    Id run;
    Str state, error, job_error, csv;
    int64_t created, updated, unchanged, refused, at;
    bool is_ended, has_died;
} Ended;

static int64_t number_of(const Record *rec, const char *field)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_INT ? v.i : 0;
}

static Str words_of(const Record *rec, const char *field)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_TEXT ? val_str(v) : (Str){0};
}

static Err *look_at_job(Ctx *cx, Ended *d, const Record *run)
{
    Id id = 0;
    Job job = {0};

    if (!id_parse(words_of(run, "job"), &id)) return NULL;
    Err *e = job_get(cx, id, &job);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    d->has_died = str_eq_c(job.state, "failed");
    d->job_error = job.error;
    return NULL;
}

static Err *read_run(DbConn *c, void *arg)
{
    Ended *d = arg;
    Ctx cx = ctx_system(d->place->look->store, d->place->mem, c);
    Record *run = NULL;
    Actor *actor = NULL;
    Err *e = record_get(&cx, meta_object(cx.meta, S("import_run")), d->run, READ_DELETED, &run);

    d->is_ended = true;
    d->state = S("failed");
    d->at = cx.now;
    if (!actor_of_user(&cx, d->place->folder->user, &actor)) d->place->lang = actor->lang;
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    d->state = words_of(run, "state");
    d->error = words_of(run, "error");
    d->created = number_of(run, "created");
    d->updated = number_of(run, "updated");
    d->unchanged = number_of(run, "unchanged");
    d->refused = number_of(run, "refused");
    Val at = record_get_val(run, "finished_at");
    if (!val_is_null(at)) d->at = val_ms(at);
    if (str_eq_c(d->state, "running")) TRY(look_at_job(&cx, d, run));
    d->is_ended = d->has_died || str_eq_c(d->state, "done") || str_eq_c(d->state, "failed") ||
                  str_eq_c(d->state, "undone");
    return NULL;
}

static Err *mark_dead(DbConn *c, void *arg)
{
    Ended *d = arg;
    Ctx cx = ctx_system(d->place->look->store, d->place->mem, c);
    const RunField fields[] = {{"state", val_text(S("failed"))},
                               {"error", val_text(d->job_error)},
                               {"finished_at", val_from_ms(cx.now)}};

    return import_run_set(&cx, d->run, fields, 3);
}

static Err *read_refused(DbConn *c, void *arg)
{
    Ended *d = arg;
    Place *p = d->place;
    Ctx cx = ctx_system(p->look->store, p->mem, c);
    Buf out = buf_new(p->mem, LIMIT_REPLY);
    Err *e = import_refused_text(&cx, p->mem, d->run, lang_text(p->mem, p->lang, S("import.reason"), NULL, 0),
                                 &out);

    d->csv = buf_str(&out);
    return e && e->code == ERR_INVALID ? NULL : e; /* it could not be read at all: the report says why */
}

/* "20261122-061530-leads.csv" */
static Str dated(const Place *p, int64_t at)
{
    int64_t second = at / 1000 % 86400;
    CivilDate d = date_to_civil(at / 86400000);

    return str_fmt(p->mem, "%04d%02d%02d-%02lld%02lld%02lld-%.*s", d.year, d.month, d.day,
                   (long long)(second / 3600), (long long)(second / 60 % 60), (long long)(second % 60),
                   SFMT(p->name));
}

static Str report_text(const Ended *d)
{
    const Place *p = d->place;
    int64_t counts[] = {d->created, d->updated, d->unchanged, d->refused};
    Str args[4];

    for (size_t i = 0; i < 4; i++) args[i] = str_fmt(p->mem, "%lld", (long long)counts[i]);
    Str text = lang_text(p->mem, p->lang, S("api.drop.report"), args, 4);
    return str_fmt(p->mem, "%.*s\n%.*s%s%.*s%s", SFMT(p->name), SFMT(text), d->error.n ? "\n" : "",
                   SFMT(d->error), "\n");
}

/* The report stands before the file moves: it is written again when the move did not come about. */
static Err *settle(Ended *d)
{
    Place *p = d->place;
    bool is_good = !str_eq_c(d->state, "failed") && !d->refused, moved = false;
    bool is_gone = str_eq(drop_free_name(p->mem, p->dirs.working, p->name), p->name);
    int to = is_good ? p->dirs.done : p->dirs.refused;

    if (is_gone) return job_unit(p->look->store, p->mem, forget_row, p);
    Str as = drop_free_name(p->mem, to, dated(p, d->at));
    if (!is_good) {
        if (d->refused) TRY(job_read(p->look->store, p->mem, read_refused, d));
        if (d->csv.n) TRY(drop_write(p->mem, to, str_cat(p->mem, as, S(".refused.csv")), d->csv));
        TRY(drop_write(p->mem, to, str_cat(p->mem, as, S(".report.txt")), report_text(d)));
    }
    TRY(drop_move(p->mem, p->dirs.working, p->name, to, as, &moved));
    log_line(LOG_INFO, "dropped file", "folder=%.*s state=%.*s created=%lld updated=%lld refused=%lld",
             SFMT(id_text(p->mem, p->folder->id)), SFMT(d->state), (long long)d->created,
             (long long)d->updated, (long long)d->refused);
    return job_unit(p->look->store, p->mem, forget_row, p);
}

static Err *follow(Place *p, const Noted *row)
{
    Ended d = {.place = p, .run = row->run};

    TRY(job_read(p->look->store, p->mem, read_run, &d));
    if (!d.is_ended) return NULL;
    if (d.has_died) {
        TRY(job_unit(p->look->store, p->mem, mark_dead, &d));
        d.state = S("failed");
        d.error = d.job_error;
    }
    return settle(&d);
}

/* --- taking a file --------------------------------------------------------------------------------------------------- */

static Err *note_taken(Ctx *cx, const Place *p, Id run, bool *is_ours)
{
    Val binds[] = {val_int(p->folder->id), val_text(p->name), val_int((int64_t)p->size), val_int(cx->now),
                   val_int(run)};
    int64_t n = 0;

    TRY(db_exec(
        cx->mem, cx->db,
        S("INSERT INTO drop_file (folder, is_taken, name, size, changed, since, run) VALUES (?1, 1, ?2, ?3, "
          "0, ?4, ?5) ON CONFLICT (folder, is_taken, name) DO NOTHING"),
        binds, 5, &n));
    *is_ours = n > 0;
    return NULL;
}

/* The profile's mapping with what the folder says of it. */
static Err *mapping_of(Ctx *cx, const Folder *f, Val *out, Str *name)
{
    Record *profile = NULL;
    size_t n = 0;

    TRY(record_get(cx, meta_object(cx->meta, S("import_profile")), f->profile, 0, &profile));
    Val kept = record_get_val(profile, "mapping");
    if (kept.kind != VAL_MAP) FAIL(cx->mem, ERR_INVALID, "error.import.map", "the profile maps nothing");
    ValPair *pairs = NEW_N(cx->mem, ValPair, kept.n + 3);
    for (uint32_t i = 0; i < kept.n; i++) {
        Str key = val_str(kept.map[i].key);
        bool is_ours =
            str_eq_c(key, "mode") || str_eq_c(key, "table") || (str_eq_c(key, "match") && f->match.n);
        if (!is_ours) pairs[n++] = kept.map[i];
    }
    if (f->mode.n) pairs[n++] = (ValPair){val_text(S("mode")), val_text(f->mode)};
    if (f->match.n) {
        Val *list = NEW_N(cx->mem, Val, 20);
        uint32_t count = 0;
        for (Str rest = f->match; rest.n && count < 20;) {
            Str one = str_trim(str_cut(&rest, ','));
            if (one.n) list[count++] = val_text(one);
        }
        pairs[n++] = (ValPair){val_text(S("match")), val_list(list, count)};
    }
    *out = val_map(pairs, n);
    *name = record_text(cx->mem, profile);
    return NULL;
}

static Err *add_file(Ctx *cx, const Place *p, Id *out)
{
    const Object *obj = meta_object(cx->meta, S("file")), *people = meta_object(cx->meta, S("user"));
    Record *rec = record_new(cx->mem, obj);

    if (db_can(cx->store->db, DB_CAP_SHARED)) TRY(file_put_open(cx, p->fd, p->size, p->sha256));
    record_set(rec, "name", val_text(p->name));
    record_set(rec, "size", val_int((int64_t)p->size));
    record_set(rec, "hash", val_text(p->sha256));
    record_set(rec, "owner", val_ref(people->number, p->folder->user));
    Err *e = record_create(cx, rec, NULL);
    *out = rec->id;
    return e;
}

static Val one_file(Arena *mem, const Place *p, Id file)
{
    Val *list = NEW(mem, Val);
    ValPair *pairs = NEW_N(mem, ValPair, 3);

    pairs[0] = (ValPair){val_text(S("id")), val_text(id_text(mem, file))};
    pairs[1] = (ValPair){val_text(S("name")), val_text(p->name)};
    pairs[2] = (ValPair){val_text(S("hash")), val_text(p->sha256)};
    *list = val_map(pairs, 3);
    return val_list(list, 1);
}

static Err *queue_run(Ctx *cx, const Place *p, Id run)
{
    ValPair pairs[] = {
        {val_text(S("run")), val_id(run)},
        {val_text(S("user")), val_id(p->folder->user)},
        {val_text(S("lang")), val_text(lang_code(cx->actor->lang))},
        {val_text(S("do")), val_text(S("start"))},
    };
    Id job = 0;

    TRY(job_add(cx, S("import.run"), val_map(pairs, 4), cx->now, &job));
    const RunField fields[] = {{"job", val_text(id_text(cx->mem, job))}, {"state", val_text(S("running"))}};
    return import_run_set(cx, run, fields, 2);
}

static Err *may_bring_in(Ctx *cx, const Val *mapping, const Object **obj)
{
    const Val *name = val_get(mapping, S("object"));

    *obj = name && name->kind == VAL_TEXT ? meta_object(cx->meta, val_str(*name)) : NULL;
    if (!*obj) FAIL(cx->mem, ERR_INVALID, "error.import.map", "no object");
    return mass_allowed(cx, *obj, VERB_CREATE, 2);
}

/* One unit: the run, its job and the row that says the file is taken. */
static Err *take(DbConn *c, void *arg)
{
    Place *p = arg;
    Ctx cx = ctx_system(p->look->store, p->mem, c), own = cx;
    const Object *folders = meta_object(cx.meta, S("drop_folder")), *obj = NULL;
    Actor *actor = NULL;
    Val mapping = {0};
    Str profile = {0};
    Id run = 0, file = 0;
    bool is_ours = false;

    TRY(actor_of_user(&cx, p->folder->user, &actor));
    own.actor = actor;
    p->lang = actor->lang;
    TRY(mapping_of(&cx, p->folder, &mapping, &profile));
    TRY(may_bring_in(&own, &mapping, &obj));
    TRY(add_file(&cx, p, &file));
    own = cx; /* with its place in the log */
    own.actor = actor;
    const RunField fields[] = {
        {"name", val_text(p->name)},
        {"object", val_text(obj->name)},
        {"files", one_file(cx.mem, p, file)},
        {"file", val_ref(meta_object(cx.meta, S("file"))->number, file)},
        {"batch", val_text(id_text(cx.mem, id_new(cx.now)))},
        {"mapping", mapping},
        {"profile", val_text(profile)},
        {"folder", val_ref(folders->number, p->folder->id)},
        {"started_at", val_from_ms(cx.now)},
    };
    TRY(import_run_new(&own, p->folder->user, fields, sizeof fields / sizeof *fields, &run));
    TRY(note_taken(&own, p, run, &is_ours));
    if (!is_ours) FAIL(p->mem, ERR_CONFLICT, "error.drop.gone", "another process has it");
    return queue_run(&own, p, run);
}

/* A run that could not begin: it stands in the list with its reason, and the next look moves the file to refused/. */
static Err *take_failed(DbConn *c, void *arg)
{
    Place *p = arg;
    Ctx cx = ctx_system(p->look->store, p->mem, c);
    const Object *folders = meta_object(cx.meta, S("drop_folder"));
    Id run = 0;
    bool is_ours = false;
    const RunField fields[] = {
        {"name", val_text(p->name)},         {"state", val_text(S("failed"))},
        {"error", val_text(p->error)},       {"folder", val_ref(folders->number, p->folder->id)},
        {"started_at", val_from_ms(cx.now)}, {"finished_at", val_from_ms(cx.now)},
    };

    TRY(import_run_new(&cx, p->folder->user, fields, sizeof fields / sizeof *fields, &run));
    TRY(note_taken(&cx, p, run, &is_ours));
    if (!is_ours) FAIL(p->mem, ERR_CONFLICT, "error.drop.gone", "another process has it");
    return NULL;
}

static bool is_for_good(const Err *e)
{
    return e->code == ERR_INVALID || e->code == ERR_DENIED || e->code == ERR_NOT_FOUND;
}

static Err *take_copy(Place *p)
{
    Store *store = p->look->store;
    Ctx cx = ctx_system(store, p->mem, NULL);

    TRY(drop_copy(p->mem, p->dirs.working, p->name, store->dir, store->limit_import, &p->fd, &p->size,
                  &p->sha256));
    if (!db_can(store->db, DB_CAP_SHARED)) TRY(file_put_open(&cx, p->fd, p->size, p->sha256));
    return job_unit(store, p->mem, take, p);
}

/* A file in working/ that has no run yet. */
static Err *take_file(Place *p)
{
    Err *e = take_copy(p);

    if (!e || e->code == ERR_CONFLICT || str_eq(e->key, S("error.drop.gone"))) return NULL;
    if (!is_for_good(e)) return e;
    log_line(LOG_WARN, "a dropped file is refused", "folder=%.*s error=%.*s",
             SFMT(id_text(p->mem, p->folder->id)), SFMT(log_quote(p->mem, err_text(p->mem, e))));
    p->error = import_reason(p->mem, NULL, e, p->lang);
    e = job_unit(p->look->store, p->mem, take_failed, p);
    return e && e->code == ERR_CONFLICT ? NULL : e;
}

/* --- what lies there ------------------------------------------------------------------------------------------------- */

static Err *write_seen(DbConn *c, void *arg)
{
    const Place *p = arg;
    Val id = val_int(p->folder->id);

    TRY(db_exec(p->mem, c, S("DELETE FROM drop_file WHERE folder = ?1 AND is_taken = 0"), &id, 1, NULL));
    for (size_t i = 0; i < p->n_seen; i++) {
        const Noted *row = &p->seen[i];
        Val binds[] = {id, val_text(row->name), val_int(row->size), val_int(row->changed),
                       val_int(row->since)};
        TRY(db_exec(
            p->mem, c,
            S("INSERT INTO drop_file (folder, is_taken, name, size, changed, since, run) VALUES (?1, 0, ?2, "
              "?3, ?4, ?5, 0)"),
            binds, 5, NULL));
    }
    return NULL;
}

static size_t count_watched(const Look *l, Id folder)
{
    size_t n = 0;

    for (size_t i = 0; i < l->n_rows; i++) n += l->rows[i].folder == folder && !l->rows[i].is_taken;
    return n;
}

/* Files that are as they were long enough go to working/; the others are noted for the next look. */
static Err *watch(Place *p)
{
    const Look *l = p->look;
    int64_t now = store_now(l->store), still = l->store->drop_every;
    bool has_news = false;
    DropFile *files = NULL;
    size_t n = 0;

    TRY(drop_list(p->mem, p->dirs.top, &files, &n, NULL));
    p->seen = NEW_N(p->mem, Noted, n + 1);
    for (size_t i = 0; i < n; i++) {
        const DropFile *f = &files[i];
        const Noted *row = row_of(l, p->folder->id, false, f->name);
        bool is_same = row && row->size == f->size && row->changed == f->changed, moved = false;
        if (is_same && now - row->since >= still) {
            Str as = drop_free_name(p->mem, p->dirs.working, f->name);
            TRY(drop_move(p->mem, p->dirs.top, f->name, p->dirs.working, as, &moved));
            continue;
        }
        has_news = has_news || !is_same;
        p->seen[p->n_seen++] = (Noted){
            .name = f->name, .size = f->size, .changed = f->changed, .since = is_same ? row->since : now};
    }
    if (!has_news && count_watched(l, p->folder->id) == p->n_seen) return NULL;
    return job_unit(l->store, p->mem, write_seen, p);
}

static Err *take_new(const Place *p)
{
    DropFile *files = NULL;
    size_t n = 0;

    TRY(drop_list(p->mem, p->dirs.working, &files, &n, NULL));
    for (size_t i = 0; i < n; i++) {
        Place one = *p;
        if (row_of(p->look, p->folder->id, true, files[i].name)) continue;
        TRY(job_progress(p->look->store, p->look->mem, p->look->job, 0, 0));
        one.mem = arena_new(0);
        one.name = files[i].name;
        Err *e = take_file(&one);
        if (e) e = err_copy(p->mem, e);
        arena_free(one.mem);
        if (e) return e;
    }
    return NULL;
}

static Err *follow_rows(const Place *p)
{
    const Look *l = p->look;

    for (size_t i = 0; i < l->n_rows; i++) {
        Place one = *p;
        if (l->rows[i].folder != p->folder->id || !l->rows[i].is_taken) continue;
        one.mem = arena_new(0);
        one.name = l->rows[i].name;
        Err *e = follow(&one, &l->rows[i]);
        if (e) e = err_copy(p->mem, e);
        arena_free(one.mem);
        if (e) return e;
    }
    return NULL;
}

static Err *look_into(Look *l, const Folder *f, Arena *mem)
{
    Place p = {.look = l, .folder = f, .mem = mem, .fd = -1};

    if (!drop_path_is_good(f->path)) FAIL(mem, ERR_INVALID, "error.drop.path", "%.*s", SFMT(f->path));
    TRY(drop_open(mem, l->store->drop_root, f->path, &p.dirs));
    TRY(follow_rows(&p));
    if (!f->is_active) return NULL;
    TRY(watch(&p));
    return take_new(&p);
}

/* --- the job --------------------------------------------------------------------------------------------------------- */

typedef struct Plan {
    Store *store;
    Arena *mem;
} Plan;

static Err *plan_next(DbConn *c, void *arg)
{
    Plan *p = arg;
    Ctx cx = ctx_system(p->store, p->mem, c);

    TRY(db_exec(p->mem, c, S("DELETE FROM job WHERE kind = 'drop.look' AND state <> 'running'"), NULL, 0,
                NULL));
    if (!p->store->drop_root.n) return NULL;
    return job_add(&cx, S("drop.look"), val_map(NULL, 0), cx.now + p->store->drop_every, NULL);
}

Err *drop_schedule(Store *store, Arena *mem)
{
    Plan p = {store, mem};

    return db_write(store->db, mem, plan_next, &p);
}

/* What fails with one folder does not keep the others waiting. */
Err *drop_job(Store *store, Arena *mem, Id job, const Val *arg)
{
    Look l = {.store = store, .mem = mem, .job = job};
    Err *stopping = NULL;

    (void)arg;
    if (!store->drop_root.n) return NULL;
    TRY(job_read(store, mem, read_all, &l));
    for (size_t i = 0; i < l.n_folders && !stopping; i++) {
        Arena *own = arena_new(0);
        Err *e = look_into(&l, &l.folders[i], own);
        if (e && str_eq(e->key, S("error.job.stopping"))) stopping = err_copy(mem, e);
        if (e && !stopping)
            log_line(LOG_WARN, "a drop folder cannot be looked into", "folder=%.*s error=%.*s",
                     SFMT(id_text(own, l.folders[i].id)), SFMT(log_quote(own, err_text(own, e))));
        arena_free(own);
    }
    return stopping ? stopping : drop_schedule(store, mem);
}
