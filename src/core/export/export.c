/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way out: what a caller asks becomes columns and a question, and its pages are read one unit each and written outside the
   unit, so that neither memory nor a transaction grows with the list.  Rights are in every page's question; where they
   change meanwhile, the next page goes by the new ones. */
#include "core/export/impl.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "core/file.h"
#include "core/read.h"
#include "core/rights.h"
#include "core/session.h"
#include "core/store.h"
#include "json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CHUNK       1000
#define CHUNK_PHOTO 8
#define PHOTO_MAX   (4u << 20) /* what an import keeps */
#define BUDGET_MS   60000
#define DOUBLES_MAX 200000

static const struct {
    const char *name, *type, *ending;
    const Writer *writer;
} FORMATS[] = {
    [EXPORT_CSV] = {"csv", "text/csv; charset=utf-8", "csv", &csv_writer},
    [EXPORT_XLSX] = {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx",
                     &xlsx_writer},
    [EXPORT_JSON] = {"json", "application/json", "json", &json_writer_of_list},
    [EXPORT_VCARD] = {"vcard", "text/vcard; charset=utf-8", "vcf", &vcard_writer},
    [EXPORT_PDF] = {"pdf", "application/pdf", "pdf", &pdf_writer},
    [EXPORT_LINES] = {"lines", "application/x-ndjson", "jsonl", &lines_writer},
};

Err *export_format(Arena *mem, Str name, ExportFormat *out)
{
    for (*out = EXPORT_CSV; *out <= EXPORT_PDF; (*out)++)
        if (str_eq_c(name, FORMATS[*out].name)) return NULL;
    return err_arg(err_field(err_new(mem, ERR_INVALID, "error.export.format",
                                     "a format is csv, xlsx, json, vcard or pdf"),
                             S("format")),
                   0, name);
}

Str export_type(ExportFormat format)
{
    return str_c(FORMATS[format].type);
}

Str export_ending(ExportFormat format)
{
    return str_c(FORMATS[format].ending);
}

Str export_file_name(Arena *mem, const ExportSpec *spec, int64_t now)
{
    return str_fmt(mem, "%.*s %.*s.%s", SFMT(label_in(&spec->obj->label_plural, spec->lang)),
                   SFMT(date_text(mem, zone_date(spec->zone, now))), FORMATS[spec->format].ending);
}

Err *export_broken(Arena *mem, const char *path)
{
    FAIL(mem, ERR_UNAVAILABLE, "error.export.write", "%s: %s", path, strerror(errno));
}

Err *export_put(Export *x, Str s)
{
    return fwrite(s.p, 1, s.n, x->file) == s.n ? NULL : export_broken(x->mem, x->path);
}

/* --- columns --------------------------------------------------------------------------------------------------------- */

static bool is_head(const Field *f)
{
    return f->is_system && f->index <= SYS_VERSION;
}

static bool may_take(Ctx *cx, const Field *f)
{
    return !f->is_secret && !is_head(f) && rights_field(cx, f) != FIELD_HIDDEN;
}

static void add_column(Export *x, Field *f)
{
    for (size_t i = 0; i < x->n; i++)
        if (x->columns[i] == f) return;
    x->columns[x->n++] = f;
    x->only[f->index] = 1;
    x->has_links = x->has_links || f->type == FIELD_LINKS;
}

static Err *add_named(Export *x, Ctx *cx, Str name)
{
    Field *f = object_field(x->spec->obj, name);

    if (str_eq(name, S("id")) || str_eq(name, S("version")) || (!f && str_eq(name, S("label")))) return NULL;
    if (!f || !may_take(cx, f))
        return err_arg(
            err_field(err_new(cx->mem, ERR_INVALID, "error.field.unknown", "%.*s", SFMT(name)), S("columns")),
            0, name);
    add_column(x, f);
    return NULL;
}

static Err *set_columns(Export *x, Ctx *cx)
{
    const Object *obj = x->spec->obj;
    Str rest = x->spec->columns;
    bool is_whole = x->spec->format == EXPORT_LINES || x->spec->format == EXPORT_VCARD || !obj->n_columns;
    bool is_all = str_eq(rest, S("*")) || (!rest.n && is_whole);

    x->columns = NEW_N(x->mem, Field *, obj->n_fields);
    x->only = NEW_N(x->mem, uint8_t, obj->n_fields);
    for (size_t i = 0; is_all && i < obj->n_fields; i++)
        if (may_take(cx, &obj->fields[i])) add_column(x, &obj->fields[i]);
    for (size_t i = 0; !is_all && !rest.n && i < obj->n_columns; i++)
        if (may_take(cx, obj->columns[i])) add_column(x, obj->columns[i]);
    while (!is_all && rest.n) TRY(add_named(x, cx, str_trim(str_cut(&rest, ','))));
    if (obj->label_field) x->only[obj->label_field->index] = 1;
    return NULL;
}

/* Two columns of one label would be told apart by nobody: the second is called by its name. */
static void set_heads(Export *x)
{
    const Object *obj = x->spec->obj;
    bool has_names = x->spec->has_names;

    x->id_head = has_names ? S("id") : label_in(&obj->fields[SYS_ID].label, x->spec->lang);
    x->heads = NEW_N(x->mem, Str, x->n + 1);
    for (size_t i = 0; i < x->n; i++) {
        Str label = label_in(&x->columns[i]->label, x->spec->lang);
        bool is_taken = str_eq(label, x->id_head);
        for (size_t k = 0; k < i; k++) is_taken = is_taken || str_eq(label, x->heads[k]);
        x->heads[i] = has_names || is_taken || !label.n ? x->columns[i]->name : label;
    }
}

/* --- labels that several records share -------------------------------------------------------------------------------- */

static Str fold_column(const Field *f)
{
    Column columns[FIELD_COLUMNS_MAX];
    size_t n = field_columns(f, columns);
    Str value = {0};

    for (size_t i = 0; i < n; i++) {
        if (columns[i].role == COLUMN_FOLD) return columns[i].name;
        if (columns[i].role == COLUMN_VALUE && columns[i].type == COLUMN_TEXT) value = columns[i].name;
    }
    return value;
}

static Err *add_doubles(Export *x, Ctx *cx, const Object *obj)
{
    Str column = obj->label_field ? fold_column(obj->label_field) : (Str){0};
    Doubles *d = &x->doubles[x->n_doubles];
    VEC(Id) ids = {0};
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    for (size_t i = 0; i < x->n_doubles; i++)
        if (x->doubles[i].obj == obj) return NULL;
    d->obj = obj;
    x->n_doubles++;
    if (!column.n) return NULL;
    sql_text(&q, "SELECT t0.id FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " t0 WHERE t0.deleted_at IS NULL AND t0.");
    sql_ident(&q, column);
    sql_text(&q, " IN (SELECT ");
    sql_ident(&q, column);
    sql_text(&q, " FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " t0 WHERE t0.deleted_at IS NULL");
    TRY(rights_where(cx, &q, obj, 0, VERB_READ));
    sql_text(&q, " GROUP BY 1 HAVING count(*) > 1) ORDER BY t0.id LIMIT ");
    sql_i64(&q, DOUBLES_MAX);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(x->mem, &ids) = db_i64(rows, 0);
    }
    d->ids = ids.p;
    d->n = ids.n;
    return NULL;
}

static const Object *target_of(const Field *f)
{
    if (f->type == FIELD_LINKS) return f->far->target;
    return f->type == FIELD_REFERENCE || f->type == FIELD_USER ? f->target : NULL;
}

static Err *find_doubles(Export *x, Ctx *cx)
{
    bool is_wanted = x->spec->format == EXPORT_CSV || x->spec->format == EXPORT_XLSX;

    x->doubles = NEW_N(x->mem, Doubles, x->n + 1);
    for (size_t i = 0; is_wanted && i < x->n; i++) {
        const Object *target = target_of(x->columns[i]);
        if (target && rights_may(cx, target, VERB_READ)) TRY(add_doubles(x, cx, target));
    }
    return NULL;
}

/* --- one chunk -------------------------------------------------------------------------------------------------------- */

static Err *may_export(Ctx *cx, const Object *obj)
{
    const Rights *rights = cx->actor->rights;
    bool may = cx->actor->is_system ||
               (rights && (rights->is_administrator ||
                           (rights->objects[obj->number] && rights->objects[obj->number]->may_export)));

    if (may) return NULL;
    return err_arg(
        err_new(cx->mem, ERR_DENIED, "error.export.denied", "no right to export %.*s", SFMT(obj->name)), 0,
        label_in(&obj->label_plural, cx->actor->lang));
}

/* The filter, and the ids when only these are asked for. */
static Str filter_text(Arena *mem, const ExportSpec *spec)
{
    Buf b = buf_new(mem, LIMIT_CEL_TEXT + 64);

    if (!spec->ids) return spec->filter;
    if (spec->filter.n) buf_addf(&b, "(%.*s) && ", SFMT(spec->filter));
    buf_add(&b, S("id in ["));
    for (size_t i = 0; i < spec->n_ids; i++)
        buf_addf(&b, "%s'%.*s'", i ? "," : "", SFMT(id_text(mem, spec->ids[i])));
    buf_add_c(&b, ']');
    return buf_str(&b);
}

static Err *question(Export *x, Ctx *cx, Query *q)
{
    const ExportSpec *spec = x->spec;

    TRY(may_export(cx, spec->obj));
    TRY(query_parse(cx, spec->obj, filter_text(cx->mem, spec), spec->order_by, q));
    q->search = spec->search;
    q->is_deleted = spec->is_deleted;
    q->only = x->only;
    q->limit = x->chunk;
    q->page_token = x->token;
    cx->as_of = spec->as_of;
    return NULL;
}

static const Field *photo_field(const Object *obj)
{
    const Field *f = object_field(obj, S("photo"));

    return f && f->type == FIELD_FILE && !f->is_secret ? f : NULL;
}

static Err *load_photo(Chunk *c, Id id)
{
    Ctx *cx = &c->cx;
    Record *file;
    Photo *photo = &c->photos[c->n_photos];

    Err *e = record_get(cx, meta_object(cx->meta, S("file")), id, 0, &file);
    if (e) return e->code == ERR_NOT_FOUND || e->code == ERR_DENIED ? NULL : e;
    Val size = record_get_val(file, "size"), type = record_get_val(file, "type"),
        hash = record_get_val(file, "hash");
    bool is_image = type.kind == VAL_TEXT && str_starts(val_str(type), S("image/"));
    if (!is_image || size.kind != VAL_INT || size.i > PHOTO_MAX || hash.kind != VAL_TEXT) return NULL;
    photo->file = id;
    photo->type = val_str(type);
    e = file_get(cx, val_str(hash), &photo->bytes);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    c->n_photos++;
    return NULL;
}

static Err *load_photos(Export *x, Chunk *c)
{
    const Field *f = photo_field(x->spec->obj);

    if (x->spec->format != EXPORT_VCARD || !f || rights_field(&c->cx, f) == FIELD_HIDDEN) return NULL;
    c->photos = NEW_N(c->mem, Photo, c->page.n + 1);
    for (size_t i = 0; i < c->page.n; i++) {
        Val v = c->page.recs[i]->vals[f->index];
        if (v.kind == VAL_REF) TRY(load_photo(c, v.i));
    }
    return NULL;
}

static Err *load(Export *x, Chunk *c)
{
    Query q = {0};

    db_set_budget(c->cx.db, BUDGET_MS);
    TRY(question(x, &c->cx, &q));
    TRY(record_list(&c->cx, &q, &c->page));
    if (x->has_links) TRY(links_load(&c->cx, c->page.recs, c->page.n));
    TRY(labels_load(&c->cx, c->page.recs, c->page.n, &c->labels));
    return load_photos(x, c);
}

static Err *write_chunk(Export *x, const Chunk *c)
{
    TRY(x->writer->rows(x, c));
    x->rows += (int64_t)c->page.n;
    x->token = str_copy(x->mem, c->page.next_token);
    return NULL;
}

/* --- beginning and end ----------------------------------------------------------------------------------------------- */

static Err *prepare(Export *x, Ctx *cx)
{
    x->now = cx->now;
    TRY(may_export(cx, x->spec->obj));
    TRY(set_columns(x, cx));
    set_heads(x);
    return find_doubles(x, cx);
}

static void close_file(void *arg)
{
    Export *x = arg;

    if (x->file) fclose(x->file);
    x->file = NULL;
}

static Err *open_file(Export *x)
{
    int fd = open(x->path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

    if (fd < 0) return export_broken(x->mem, x->path);
    x->file = fdopen(fd, "wb");
    REQUIRE(x->file != NULL);
    arena_defer(x->mem, close_file, x);
    return x->writer->begin(x);
}

static Err *finish(Export *x, int64_t *rows)
{
    TRY(x->writer->end(x));
    *rows = x->rows;
    if (!x->file) return NULL;
    bool is_good = fflush(x->file) == 0 && fsync(fileno(x->file)) == 0;

    return is_good ? NULL : export_broken(x->mem, x->path);
}

static Export *export_new(Arena *mem, const ExportSpec *spec, const char *path)
{
    Export *x = NEW(mem, Export);

    *x = (Export){.mem = mem,
                  .spec = spec,
                  .writer = FORMATS[spec->format].writer,
                  .path = path,
                  .has_id = !spec->has_no_id,
                  .chunk = spec->format == EXPORT_VCARD ? CHUNK_PHOTO : CHUNK};
    return x;
}

static Err *run_here(Export *x, Ctx *cx, int64_t *rows)
{
    Chunk c = {.mem = cx->mem, .cx = *cx};

    TRY(prepare(x, cx));
    TRY(open_file(x));
    do {
        TRY(load(x, &c));
        TRY(write_chunk(x, &c));
        c = (Chunk){.mem = cx->mem, .cx = *cx};
    } while (x->token.n);
    return finish(x, rows);
}

static Err *check(Ctx *cx, const ExportSpec *spec, Arena *own, int64_t max, int64_t *count)
{
    Export *x = export_new(own, spec, "");
    Query q = {0};
    Ctx asked = *cx;

    TRY(may_export(cx, spec->obj));
    TRY(set_columns(x, cx));
    TRY(question(x, &asked, &q));
    return count ? record_count(&asked, &q, max, count) : NULL;
}

Err *export_check(Ctx *cx, const ExportSpec *spec)
{
    return check(cx, spec, cx->mem, 0, NULL);
}

Err *export_count(Ctx *cx, const ExportSpec *spec, int64_t max, int64_t *out)
{
    return check(cx, spec, cx->mem, max, out);
}

/* The writers' handles end with an arena of this export. */
Err *export_here(Ctx *cx, const ExportSpec *spec, const char *path, int64_t *rows)
{
    Arena *own = arena_new(LIMIT_REQUEST_MEM);
    Err *e = run_here(export_new(own, spec, path), cx, rows);

    if (e) e = err_copy(cx->mem, e);
    arena_free(own);
    return e;
}

/* --- in many units ---------------------------------------------------------------------------------------------------- */

typedef struct Unit {
    const ExportJob *job;
    Export *x;
    Chunk *c;
    int64_t total;
} Unit;

static Err *enter(const ExportJob *job, Arena *mem, DbConn *db, Ctx *cx)
{
    Actor *actor;

    *cx = ctx_system(job->store, mem, db);
    if (!job->user) return NULL;
    TRY(actor_of_user(cx, job->user, &actor));
    cx->actor = actor;
    return NULL;
}

static Err *unit_prepare(DbConn *db, void *arg)
{
    Unit *u = arg;
    Export *x = u->x;
    Query q = {0};
    Ctx cx;

    TRY(enter(u->job, x->mem, db, &cx));
    db_set_budget(db, BUDGET_MS);
    x->n = x->n_doubles = 0;
    TRY(prepare(x, &cx));
    TRY(question(x, &cx, &q));
    return record_count(&cx, &q, 0, &u->total);
}

static Err *unit_load(DbConn *db, void *arg)
{
    Unit *u = arg;

    TRY(enter(u->job, u->c->mem, db, &u->c->cx));
    return load(u->x, u->c);
}

static Err *tell(const ExportJob *job, int64_t done, int64_t total)
{
    if (job->progress) job->progress(job->arg, done, total);
    return job->check ? job->check(job->arg, done, total) : NULL;
}

static Err *next_chunk(Unit *u)
{
    Arena *mem = arena_new(LIMIT_REQUEST_MEM);

    u->c = NEW(mem, Chunk);
    u->c->mem = mem;
    Err *e = db_read(u->job->store->db, mem, unit_load, u);
    if (!e) e = write_chunk(u->x, u->c);
    if (e) e = err_copy(u->x->mem, e);
    u->c = NULL;
    arena_free(mem);
    return e;
}

static Err *run_units(Unit *u, int64_t *rows)
{
    TRY(db_read(u->job->store->db, u->x->mem, unit_prepare, u));
    TRY(open_file(u->x));
    do {
        TRY(next_chunk(u));
        TRY(tell(u->job, u->x->rows, u->total > u->x->rows ? u->total : u->x->rows));
    } while (u->x->token.n);
    return finish(u->x, rows);
}

Err *export_to_file(const ExportJob *job, Arena *mem, const char *path, int64_t *rows)
{
    Arena *own = arena_new(0);
    Unit u = {.job = job, .x = export_new(own, &job->spec, path)};
    Err *e = run_units(&u, rows);

    if (e) e = err_copy(mem, e);
    arena_free(own);
    return e;
}
