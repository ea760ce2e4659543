/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that exports leave: kept a day in a folder only we read, or, where several processes share the database, as its rows,
   since another process may be asked for them.  Who may fetch one is the operation's business. */
#include "core/export/impl.h"

#include "base/fd.h"
#include "base/time.h"
#include "core/store.h"
#include "core/value.h"
#include "core/write.h"
#include "json/json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES (1u << 20)
#define GONE        "error.export.gone"

static Err *folder(Arena *mem, const Store *store, char **out)
{
    *out = str_to_c(mem, str_fmt(mem, "%.*s/exports", SFMT(store->dir)));
    return mkdir(*out, 0700) == 0 || errno == EEXIST ? NULL : export_broken(mem, *out);
}

Err *export_path(Arena *mem, const Store *store, Id id, char **out)
{
    char *dir;

    TRY(folder(mem, store, &dir));
    *out = str_to_c(mem, str_fmt(mem, "%s/%.*s", dir, SFMT(id_text(mem, id))));
    return NULL;
}

static Str key_of(Arena *mem, Id id)
{
    return str_fmt(mem, "export:%.*s", SFMT(id_text(mem, id)));
}

/* --- rows of the database ---------------------------------------------------------------------------------------------- */

static Err *put_chunk(Arena *mem, DbConn *db, Id id, int64_t n, Str bytes)
{
    Val binds[] = {val_text(key_of(mem, id)), val_int(n), val_bytes(bytes)};

    return db_exec(
        mem, db,
        S("INSERT INTO file_chunk (sha256, n, bytes) VALUES (?1, ?2, ?3) ON CONFLICT (sha256, n) DO UPDATE "
          "SET bytes = excluded.bytes"),
        binds, 3, NULL);
}

typedef struct Upload {
    Store *store;
    DbConn *db; /* of the unit that asks; NULL: each chunk in one of its own */
    Arena *mem; /* of the chunk */
    Id id;
    int64_t n;
    Str bytes;
} Upload;

static Err *unit_put(DbConn *db, void *arg)
{
    Upload *u = arg;

    return put_chunk(u->mem, db, u->id, u->n, u->bytes);
}

static Err *upload_from(Upload *u, Arena *mem, FILE *file, const char *path)
{
    char *room = arena_alloc(mem, CHUNK_BYTES);

    for (u->n = 0;; u->n++) {
        size_t got = fread(room, 1, CHUNK_BYTES, file);
        if (ferror(file)) return export_broken(mem, path);
        if (got == 0 && u->n > 0) return NULL;
        u->bytes = (Str){room, got};
        u->mem = arena_new(0);
        Err *e = u->db ? unit_put(u->db, u) : db_write(u->store->db, u->mem, unit_put, u);
        if (e) e = err_copy(mem, e);
        arena_free(u->mem);
        if (e) return e;
    }
}

static Err *upload(Upload *u, Arena *mem, const char *path)
{
    FILE *file;

    if (!db_can(u->store->db, DB_CAP_SHARED)) return NULL;
    file = fopen(path, "rbe");
    if (!file) return export_broken(mem, path);
    Err *e = upload_from(u, mem, file, path);
    fclose(file);
    if (!e) (void)unlink(path);
    return e;
}

Err *export_keep(Ctx *cx, Id id, const char *path)
{
    return upload(&(Upload){.store = cx->store, .db = cx->db, .id = id}, cx->mem, path);
}

Err *export_keep_apart(Store *store, Arena *mem, Id id, const char *path)
{
    return upload(&(Upload){.store = store, .id = id}, mem, path);
}

/* The rows as an unnamed file, chunk by chunk. */
static Err *download(Ctx *cx, Id id, int fd)
{
    bool has = true;

    for (int64_t n = 0; has; n++) {
        Arena *mem = arena_new(0);
        Val binds[] = {val_text(key_of(mem, id)), val_int(n)}, bytes;
        Err *e = db_one(mem, cx->db, S("SELECT bytes FROM file_chunk WHERE sha256 = ?1 AND n = ?2"), binds, 2,
                        &bytes);
        has = !e && bytes.kind == VAL_BYTES;
        if (!e && !has && n == 0) e = err_new(cx->mem, ERR_NOT_FOUND, GONE, "no rows of this export");
        if (has && !fd_write(fd, val_str(bytes))) e = export_broken(cx->mem, "exports");
        if (e) e = err_copy(cx->mem, e);
        arena_free(mem);
        if (e) return e;
    }
    return NULL;
}

static Err *spool(Ctx *cx, Id id, int *fd)
{
    char *dir;

    TRY(folder(cx->mem, cx->store, &dir));
    *fd = fd_nameless(cx->mem, str_c(dir));
    if (*fd < 0) return export_broken(cx->mem, dir);
    Err *e = download(cx, id, *fd);
    if (e) close(*fd);
    return e;
}

/* --- fetching ---------------------------------------------------------------------------------------------------------- */

Err *export_open(Ctx *cx, Id id, int *fd, int64_t *size)
{
    struct stat st;
    char *path;

    if (db_can(cx->store->db, DB_CAP_SHARED)) {
        TRY(spool(cx, id, fd));
    } else {
        TRY(export_path(cx->mem, cx->store, id, &path));
        *fd = open(path, O_RDONLY | O_CLOEXEC);
        if (*fd < 0) FAIL(cx->mem, ERR_NOT_FOUND, GONE, "%s: %s", path, strerror(errno));
    }
    if (fstat(*fd, &st)) {
        close(*fd);
        return export_broken(cx->mem, "exports");
    }
    *size = st.st_size;
    return NULL;
}

Err *export_result(Ctx *cx, const ExportSpec *spec, Id id, Str name, int64_t size, int64_t rows, Val *out)
{
    Arena *mem = cx->mem;
    ValPair *file = NEW_N(mem, ValPair, 6), *result = NEW_N(mem, ValPair, 2);

    file[0] = (ValPair){val_text(S("id")), val_id(id)};
    file[1] = (ValPair){val_text(S("name")), val_text(name)};
    file[2] = (ValPair){val_text(S("size")), val_int(size)};
    file[3] =
        (ValPair){val_text(S("type")), val_text(spec ? export_type(spec->format) : S("application/zip"))};
    file[4] = (ValPair){val_text(S("url")),
                        val_text(str_fmt(mem, "/api/v1/operations/%.*s/content", SFMT(id_text(mem, id))))};
    file[5] = (ValPair){val_text(S("expires_at")), val_from_ms(cx->now + EXPORT_KEPT_MS)};
    result[0] = (ValPair){val_text(S("file")), val_map(file, 6)};
    result[1] = (ValPair){val_text(S("rows")), val_int(rows)};
    *out = val_map(result, 2);
    return NULL;
}

/* --- the record of it -------------------------------------------------------------------------------------------------- */

/* The caller stays its author, whatever he may write. */
static Ctx as_writer(const Ctx *cx, Actor *who)
{
    Ctx writer = *cx;

    *who = *cx->actor;
    who->is_system = true;
    writer.actor = who;
    writer.cache = NULL;
    writer.may_write_readonly = true;
    writer.as_of = 0;
    return writer;
}

static void set_text(Record *rec, const char *field, Str s)
{
    if (s.n) record_set(rec, field, val_text(s));
}

Err *export_note(Ctx *cx, const ExportSpec *spec, Str name, int64_t rows, Id *out)
{
    static const char *const FORMATS[] = {"all", "csv", "xlsx", "json", "vcard", "pdf", "json"};
    Actor who;
    Ctx writer = as_writer(cx, &who);
    const Object *obj = meta_object(cx->meta, S("export_run"));
    Record *rec = record_new(cx->mem, obj);

    set_text(rec, "name", name);
    set_text(rec, "format", str_c(FORMATS[spec ? spec->format : 0]));
    if (who.user) record_set(rec, "owner", val_ref(meta_object(cx->meta, S("user"))->number, who.user));
    if (rows >= 0) record_set(rec, "rows", val_int(rows));
    if (spec) {
        set_text(rec, "object", spec->obj->name);
        set_text(rec, "filter", spec->filter);
        set_text(rec, "search", spec->search);
        set_text(rec, "columns", spec->columns);
        if (spec->as_of) record_set(rec, "as_of", val_from_ms(spec->as_of));
        if (spec->n_ids) record_set(rec, "selected", val_int((int64_t)spec->n_ids));
    }
    TRY(record_create(&writer, rec, NULL));
    ctx_join(cx, &writer);
    *out = rec->id;
    return NULL;
}

Err *export_note_rows(Ctx *cx, Id note, int64_t rows)
{
    Actor who;
    Ctx writer = as_writer(cx, &who);
    Record *rec;

    Err *e = record_get(&writer, meta_object(cx->meta, S("export_run")), note, 0, &rec);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    rec = record_copy(cx->mem, rec);
    record_set(rec, "rows", val_int(rows));
    TRY(record_update(&writer, rec, NULL));
    ctx_join(cx, &writer);
    return NULL;
}

/* --- sweeping ---------------------------------------------------------------------------------------------------------- */

static void sweep_folder(const char *dir, int64_t now)
{
    DIR *d = opendir(dir);
    const struct dirent *entry;
    struct stat st;

    if (!d) return;
    while ((entry = readdir(d))) {
        bool is_old = fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                      S_ISREG(st.st_mode) && (int64_t)st.st_mtime * 1000 + EXPORT_KEPT_MS < now;
        if (is_old) (void)unlinkat(dirfd(d), entry->d_name, 0);
    }
    closedir(d);
}

static Err *sweep_rows(Ctx *cx)
{
    Val binds[] = {val_int(cx->now - EXPORT_KEPT_MS)};
    VEC(Id) ids = {0};
    DbRows *rows;
    bool has;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT id FROM job WHERE kind IN ('export.list', 'export.all') AND result IS NOT NULL AND at < ?1 "
          "AND EXISTS (SELECT 1 FROM file_chunk WHERE sha256 LIKE 'export:%')"),
        binds, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &ids) = db_i64(rows, 0);
    }
    for (size_t i = 0; i < ids.n; i++) {
        Val key = val_text(key_of(cx->mem, ids.p[i]));
        TRY(db_exec(cx->mem, cx->db, S("DELETE FROM file_chunk WHERE sha256 = ?1"), &key, 1, NULL));
    }
    return NULL;
}

Err *export_sweep(Ctx *cx)
{
    char *dir;

    TRY(folder(cx->mem, cx->store, &dir));
    sweep_folder(dir, cx->now);
    return db_can(cx->store->db, DB_CAP_SHARED) ? sweep_rows(cx) : NULL;
}
