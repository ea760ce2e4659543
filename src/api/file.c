/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files: bytes come raw with their name in a header, and go out as an attachment, never to be run by a browser.  Beside
   SQLite the bytes are synced on a worker before the row's unit; on PostgreSQL they are rows of the same transaction. */
#include "core/file.h"

#include "api/spine.h"
#include "base/limits.h"
#include "core/rights.h"

#include <unistd.h>

typedef struct FileIn {
    Str name, type, sha256;
    Val about;
    Record *rec;
    int fd;
    uint64_t size;
} FileIn;

static Str unescape(Arena *mem, Str s)
{
    Buf b = buf_new(mem, s.n + 1);

    for (size_t i = 0; i < s.n; i++) {
        bool is_escape =
            s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 && hex_digit(s.p[i + 2]) >= 0;
        if (!is_escape) {
            buf_add_c(&b, s.p[i]);
            continue;
        }
        buf_add_c(&b, (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2])));
        i += 2;
    }
    return buf_str(&b);
}

static Err *parse_about(Req *rq, FileIn *in)
{
    Str rest = http_query(rq->http, "about"), name;
    Id id;

    if (!rest.n) return NULL;
    name = str_cut(&rest, ':');
    const Object *obj = meta_object(rq->cx.meta, name);
    if (!obj || obj->is_internal || !id_parse(rest, &id))
        FAIL_FIELD(rq->mem, S("about"), "error.reference", "about");
    in->about = val_ref(obj->number, id);
    return NULL;
}

static Err *parse_upload(Req *rq, Ctx *cx)
{
    FileIn *in = NEW(rq->mem, FileIn);

    (void)cx;
    rq->in = in;
    in->name = unescape(rq->mem, http_header(rq->http, "X-File-Name"));
    in->type = http_header(rq->http, "Content-Type");
    if (!in->type.n || in->type.n > 127) in->type = S("application/octet-stream");
    if (!in->name.n || in->name.n > LIMIT_TEXT || !utf8_is_valid(in->name))
        FAIL_FIELD(rq->mem, S("X-File-Name"), "error.file.name", "header X-File-Name");
    return parse_about(rq, in);
}

Err *upload_keep(Req *rq, Ctx *cx, bool is_in_unit, Str *sha256)
{
    if (!rq->http->has_file) FAIL(rq->mem, ERR_DENIED, "error.signin.needed", "an upload of nobody");
    *sha256 = rq->http->file_sha256;
    if (db_can(cx->store->db, DB_CAP_SHARED) != is_in_unit) return NULL;
    return file_put_open(cx, rq->http->file, rq->http->file_size, *sha256);
}

static Err *store_on_disk(Req *rq, Ctx *cx)
{
    FileIn *in = rq->in;

    return upload_keep(rq, cx, false, &in->sha256);
}

static Err *run_upload(Req *rq, Ctx *cx)
{
    FileIn *in = rq->in;
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("file")));

    TRY(upload_keep(rq, cx, true, &in->sha256));
    record_set(rec, "name", val_text(in->name));
    record_set(rec, "type", val_text(in->type));
    record_set(rec, "size", val_int((int64_t)rq->http->file_size));
    record_set(rec, "hash", val_text(in->sha256));
    if (!val_is_null(in->about)) record_set(rec, "about", in->about);
    cx->may_write_readonly = true;
    TRY(record_create(cx, rec, NULL));
    return reply_record(rq, cx, rec, 201);
}

/* --- content --------------------------------------------------------------------------------------------------------- */

/* Unless the reply took it over. */
static void close_content(void *arg)
{
    const FileIn *in = arg;

    if (in->fd >= 0) close(in->fd);
}

static bool has_it_already(const Req *rq, const FileIn *in)
{
    Str quoted = str_fmt(rq->mem, "\"%.*s\"", SFMT(in->sha256));

    return str_find(http_header(rq->http, "If-None-Match"), quoted) >= 0;
}

/* A photo belongs to its person, an attachment to its note: who may see that field there may see the file. */
static Err *is_seen_elsewhere(Req *rq, Ctx *cx, bool *out)
{
    *out = false;
    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        const Object *obj = cx->meta->objects[i];
        for (size_t k = SYS_COUNT; k < obj->n_fields; k++) {
            const Field *f = &obj->fields[k];
            Page page = {0};
            if (f->type != FIELD_FILE || obj->is_internal || !rights_may(cx, obj, VERB_READ) ||
                rights_field(cx, f) == FIELD_HIDDEN)
                continue;
            Str filter = str_fmt(rq->mem, "%.*s == '%.*s'", SFMT(f->name), SFMT(id_text(rq->mem, rq->id)));
            TRY(list_of(cx, obj, filter, (Str){0}, 1, &page));
            *out = *out || page.n > 0;
        }
    }
    return NULL;
}

static Err *find_file(Req *rq, Ctx *cx, Record **out)
{
    const Object *obj = meta_object(cx->meta, S("file"));
    Err *e = record_get(cx, obj, rq->id, 0, out);
    bool is_seen = false;

    if (!e || e->code != ERR_NOT_FOUND) return e;
    TRY(is_seen_elsewhere(rq, cx, &is_seen));
    if (!is_seen) return e;
    Ctx system = ctx_as_system(cx);
    return record_get(&system, obj, rq->id, 0, out);
}

static Err *read_content(Req *rq, Ctx *cx)
{
    FileIn *in = NEW(rq->mem, FileIn);

    rq->in = in;
    TRY(find_file(rq, cx, &in->rec));
    in->sha256 = val_str(record_get_val(in->rec, "hash"));
    if (!in->sha256.n) FAIL(rq->mem, ERR_NOT_FOUND, "error.file.none", "a file without content");
    in->fd = -1;
    if (!db_can(cx->store->db, DB_CAP_SHARED) || has_it_already(rq, in)) return NULL;
    arena_defer(rq->mem, close_content, in);
    return file_open(cx, in->sha256, &in->fd, &in->size);
}

static Err *send_content(Req *rq, Ctx *cx)
{
    FileIn *in = rq->in;

    if (in->fd < 0 && !has_it_already(rq, in)) TRY(file_open(cx, in->sha256, &in->fd, &in->size));
    Val type = record_get_val(in->rec, "type");
    rq->rp = (HttpReply){.status = 200,
                         .type = type.kind == VAL_TEXT ? val_str(type) : S("application/octet-stream"),
                         .has_file = in->fd >= 0,
                         .file = in->fd,
                         .file_size = in->size};
    if (reply_if_none_match(rq, in->sha256)) rq->rp.has_file = false;
    if (rq->rp.has_file) in->fd = -1;
    reply_attachment(rq, val_str(record_get_val(in->rec, "name")));
    return NULL;
}

const Route file_routes[] = {
    {.method = "POST",
     .pattern = "/files",
     .name = "uploadFile",
     .right = RIGHT_USER,
     .params = "about",
     .is_raw = true,
     .parse = parse_upload,
     .is_record_write = true,
     .steps = {{WHERE_PLAIN, store_on_disk}, {WHERE_WRITE, run_upload}}},
    {.method = "GET",
     .pattern = "/files/{id}/content",
     .name = "getFileContent",
     .right = RIGHT_USER,
     .steps = {{WHERE_READ, read_content}, {WHERE_PLAIN, send_content}}},
    {0},
};
