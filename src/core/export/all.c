/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything in open formats: what a company takes with it when it goes.  Each object twice (lines of JSON hold it whole, CSV is for
   spreadsheets), the contents of files, the whole log of changes, and what it all means. */
#include "core/export/impl.h"

#include "base/text.h"
#include "base/time.h"
#include "core/change.h"
#include "core/file.h"
#include "core/snapshot.h"
#include "core/store.h"
#include "core/value.h"
#include "json/json.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 500

typedef struct Dump {
    const ExportJob *job;
    Arena *mem, *tmp; /* of the dump; of the page at work */
    Str dir;
    FILE *file;
    int64_t *counts; /* by object */
    int64_t rows, done, total;
    Id after;
    Cursor cursor;
    size_t n;
} Dump;

static char *path_in(Arena *mem, Str dir, const char *folder, Str name)
{
    return str_to_c(mem, str_fmt(mem, "%.*s/%s%.*s", SFMT(dir), folder, SFMT(name)));
}

static Err *make_folder(Arena *mem, Str dir)
{
    char *path = str_to_c(mem, dir);
    const struct dirent *entry;
    bool is_empty = true;
    DIR *d;

    if (mkdir(path, 0700) && errno != EEXIST) return export_broken(mem, path);
    d = opendir(path);
    if (!d) return export_broken(mem, path);
    while ((entry = readdir(d)))
        is_empty = is_empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    closedir(d);
    if (!is_empty)
        return err_arg(err_new(mem, ERR_CONFLICT, "error.export.folder", "the folder %s is not empty", path),
                       0, dir);
    return mkdir(path_in(mem, dir, "files", (Str){0}), 0700) ? export_broken(mem, path) : NULL;
}

static Err *step(Dump *d)
{
    d->done++;
    if (d->job->progress) d->job->progress(d->job->arg, d->done, d->total);
    return d->job->check ? d->job->check(d->job->arg, d->done, d->total) : NULL;
}

/* --- objects ----------------------------------------------------------------------------------------------------------- */

static Err *dump_object(Dump *d, const Object *obj, ExportFormat format, bool is_deleted, int64_t *rows)
{
    ExportJob job = *d->job;
    char *path = path_in(d->mem, d->dir, "",
                         str_fmt(d->mem, "%.*s%s.%.*s", SFMT(obj->plural), is_deleted ? ".deleted" : "",
                                 SFMT(export_ending(format))));

    job.progress = NULL;
    job.check = NULL;
    job.spec = (ExportSpec){.obj = obj,
                            .format = format,
                            .order_by = S("id"),
                            .columns = S("*"),
                            .is_deleted = is_deleted,
                            .has_names = true,
                            .separator = ',',
                            .zone = S("UTC")};
    TRY(export_to_file(&job, d->mem, path, rows));
    if (is_deleted && *rows == 0) (void)unlink(path);
    return NULL;
}

static Err *dump_objects(Dump *d, const Meta *meta)
{
    for (size_t i = 0; i < meta->n_objects; i++) {
        int64_t live = 0, deleted = 0, again = 0;
        TRY(dump_object(d, meta->objects[i], EXPORT_LINES, false, &live));
        TRY(dump_object(d, meta->objects[i], EXPORT_LINES, true, &deleted));
        TRY(dump_object(d, meta->objects[i], EXPORT_CSV, false, &again));
        d->counts[i] = live;
        d->rows += live + deleted;
        TRY(step(d));
    }
    return NULL;
}

/* --- files ------------------------------------------------------------------------------------------------------------- */

/* A name that is one on every system: what may mean something there is an underline. */
static Str safe_name(Arena *mem, Str name)
{
    Buf b = buf_new(mem, 1024);

    for (size_t i = 0; i < name.n && b.n < 150; i++) {
        bool is_bad = (unsigned char)name.p[i] < ' ' || name.p[i] == 0x7F ||
                      str_find_char(S("/\\:*?\"<>|"), name.p[i]) >= 0;
        buf_add_c(&b, is_bad ? '_' : name.p[i]);
    }
    while (b.n && ((unsigned char)b.p[b.n - 1] & 0xC0) == 0x80 && !utf8_is_valid(buf_str(&b))) b.n--;
    while (b.n && !utf8_is_valid(buf_str(&b))) b.n--;
    return buf_str(&b);
}

static Err *write_whole(Arena *mem, const char *path, Str bytes)
{
    FILE *f = fopen(path, "wbe");
    bool is_good = f && fwrite(bytes.p ? bytes.p : "", 1, bytes.n, f) == bytes.n;

    if (f && fclose(f)) is_good = false;
    return is_good ? NULL : export_broken(mem, path);
}

static Err *dump_file(Dump *d, Ctx *cx, Id id, Str name, Str hash)
{
    Str bytes;

    Err *e = file_get(cx, hash, &bytes);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    return write_whole(
        cx->mem,
        path_in(cx->mem, d->dir, "files/",
                str_fmt(cx->mem, "%.*s %.*s", SFMT(id_text(cx->mem, id)), SFMT(safe_name(cx->mem, name)))),
        bytes);
}

/* One file a unit: its bytes are in memory. */
static Err *next_file(DbConn *db, void *arg)
{
    Dump *d = arg;
    Ctx cx = ctx_system(d->job->store, d->tmp, db);
    Val bind = val_int(d->after);
    DbRows *rows;
    bool has, more;

    TRY(db_query(
        d->tmp, db,
        S("SELECT id, name, hash FROM \"file\" WHERE id > ?1 AND hash IS NOT NULL ORDER BY id LIMIT 1"),
        &bind, 1, &rows));
    TRY(db_next(rows, &has));
    d->n = has;
    if (!has) return NULL;
    Id id = db_i64(rows, 0);
    Str name = db_str(rows, 1), hash = db_str(rows, 2);
    TRY(db_next(rows, &more));
    TRY(dump_file(d, &cx, id, name, hash));
    d->after = id;
    return NULL;
}

/* --- the log ----------------------------------------------------------------------------------------------------------- */

static void change_line(Dump *d, const Change *change, Buf *b)
{
    static const char *const KINDS[] = {"", "create", "update", "delete", "restore"};
    JsonWriter w = json_writer(b);

    json_open_obj(&w);
    json_pair_str(&w, "cursor", cursor_text(d->tmp, change->cursor));
    json_pair_val(&w, "at", val_from_ms(change->at));
    json_pair_str(&w, "object", change->obj->name);
    json_pair_val(&w, "id", val_id(change->record));
    json_pair_i64(&w, "version", change->version);
    json_pair_str(&w, "kind", str_c(KINDS[change->kind]));
    json_pair_val(&w, "actor", change->actor ? val_id(change->actor) : val_null());
    json_pair_val(&w, "batch", change->batch ? val_id(change->batch) : val_null());
    json_key_c(&w, "changes");
    json_open_list(&w);
    for (size_t i = 0; i < change->n; i++) {
        const FieldChange *f = &change->fields[i];
        json_open_obj(&w);
        json_pair_str(&w, "field", f->field->name);
        json_pair_val(&w, "before", value_to_log(d->tmp, f->field, f->before));
        json_pair_val(&w, "after", value_to_log(d->tmp, f->field, f->after));
        json_close_obj(&w);
    }
    json_close_list(&w);
    json_close_obj(&w);
    buf_add_c(b, '\n');
}

static Err *next_changes(DbConn *db, void *arg)
{
    Dump *d = arg;
    Ctx cx = ctx_system(d->job->store, d->tmp, db);
    Buf b = buf_new(d->tmp, 128u << 20);
    Cursor last = d->cursor;
    Change *changes;
    size_t n;

    TRY(change_feed(&cx, d->cursor, PAGE, &changes, &n, &last));
    for (size_t i = 0; i < n; i++) change_line(d, &changes[i], &b);
    d->n = last.epoch != d->cursor.epoch || last.tx != d->cursor.tx || last.seq != d->cursor.seq;
    d->cursor = last;
    bool is_good = !b.is_over && fwrite(b.p ? b.p : "", 1, b.n, d->file) == b.n;

    return is_good ? NULL : export_broken(d->tmp, "changes.jsonl");
}

static Err *pages(Dump *d, DbWork work)
{
    do {
        d->tmp = arena_new(0);
        Err *e = db_read(d->job->store->db, d->tmp, work, d);
        if (e) e = err_copy(d->mem, e);
        arena_free(d->tmp);
        if (e) return e;
    } while (d->n);
    return NULL;
}

static Err *dump_log(Dump *d)
{
    char *path = path_in(d->mem, d->dir, "", S("changes.jsonl"));

    d->file = fopen(path, "wbe");
    if (!d->file) return export_broken(d->mem, path);
    Err *e = pages(d, next_changes);
    if (fclose(d->file) && !e) e = export_broken(d->mem, path);
    return e;
}

/* --- what it means ----------------------------------------------------------------------------------------------------- */

static void labels_to_json(JsonWriter *w, const Label *label)
{
    json_open_obj(w);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        json_key(w, lang_code((Lang)lang));
        json_str(w, label->text[lang]);
    }
    json_close_obj(w);
}

static void field_to_json(JsonWriter *w, const Field *f)
{
    json_open_obj(w);
    json_pair_str(w, "name", f->name);
    json_pair_str(w, "type", str_c(field_type_name(f->type)));
    json_key_c(w, "label");
    labels_to_json(w, &f->label);
    if (f->target) json_pair_str(w, "target", f->target->name);
    json_pair_bool(w, "required", f->is_required);
    json_pair_bool(w, "computed", f->is_computed);
    if (f->n_options) {
        json_key_c(w, "options");
        json_open_list(w);
        for (size_t i = 0; i < f->n_options; i++) {
            json_open_obj(w);
            json_pair_str(w, "value", f->options[i].key);
            json_key_c(w, "label");
            labels_to_json(w, &f->options[i].label);
            json_close_obj(w);
        }
        json_close_list(w);
    }
    json_close_obj(w);
}

static void object_to_json(JsonWriter *w, const Object *obj)
{
    json_open_obj(w);
    json_pair_str(w, "name", obj->name);
    json_pair_str(w, "plural", obj->plural);
    json_key_c(w, "label");
    labels_to_json(w, &obj->label);
    json_key_c(w, "fields");
    json_open_list(w);
    for (size_t i = 0; i < obj->n_fields; i++)
        if (!obj->fields[i].is_secret) field_to_json(w, &obj->fields[i]);
    json_close_list(w);
    json_close_obj(w);
}

static Err *dump_schema(Dump *d, const Meta *meta)
{
    Buf b = buf_new(d->mem, 64u << 20);
    JsonWriter w = json_writer(&b);

    json_open_obj(&w);
    json_pair_str(&w, "version", S(KITH_VERSION));
    json_key_c(&w, "objects");
    json_open_list(&w);
    for (size_t i = 0; i < meta->n_objects; i++) object_to_json(&w, meta->objects[i]);
    json_close_list(&w);
    json_close_obj(&w);
    buf_add_c(&b, '\n');
    return write_whole(d->mem, path_in(d->mem, d->dir, "", S("schema.json")), buf_str(&b));
}

static Err *dump_readme(Dump *d, const Meta *meta)
{
    Buf b = buf_new(d->mem, 1u << 20);

    buf_addf(&b, "# %.*s, %.*s\n\n", SFMT(d->job->store->company->name),
             SFMT(timestamp_text(d->mem, val_from_ms(store_now(d->job->store)))));
    buf_add(
        &b,
        S("Everything this database holds, as written by `kith export --all`.\n\n"
          "* `OBJECT.jsonl`: one record a line, in the form the API gives it; the whole truth.\n"
          "* `OBJECT.deleted.jsonl`: records in the bin, where there are any.\n"
          "* `OBJECT.csv`: the same records for a spreadsheet; UTF-8, comma, headings are names of fields. An apostrophe before\n"
          "  `=`, `+`, `-` or `@` keeps a text from being run as a formula; `kith import` takes it away again.\n"
          "* `files/`: contents of files, each called by its id and name.\n"
          "* `changes.jsonl`: the log, oldest first: who changed what and when. Before it `value`, after it `value`;\n"
          "  references are written `object:id`.\n"
          "* `schema.json`: objects, fields, labels in three languages, options of choices.\n\n"
          "Passwords, hashes of keys and other secrets are left out.\n\n"
          "| object | file | records |\n|---|---|---|\n"));
    for (size_t i = 0; i < meta->n_objects; i++)
        buf_addf(&b, "| %.*s | %.*s.jsonl | %lld |\n", SFMT(label_in(&meta->objects[i]->label, LANG_EN)),
                 SFMT(meta->objects[i]->plural), (long long)d->counts[i]);
    return write_whole(d->mem, path_in(d->mem, d->dir, "", S("README.md")), buf_str(&b));
}

Err *export_all(const ExportJob *job, Arena *mem, Str dir, int64_t *rows)
{
    const Meta *meta = meta_now(job->store, mem);
    Dump d = {.job = job,
              .mem = mem,
              .dir = dir,
              .counts = NEW_N(mem, int64_t, meta->n_objects),
              .total = (int64_t)meta->n_objects + 3,
              .cursor = {.epoch = 0}};

    TRY(make_folder(mem, dir));
    TRY(dump_objects(&d, meta));
    TRY(pages(&d, next_file));
    TRY(step(&d));
    TRY(dump_log(&d));
    TRY(step(&d));
    TRY(dump_schema(&d, meta));
    TRY(dump_readme(&d, meta));
    *rows = d.rows;
    return step(&d);
}
