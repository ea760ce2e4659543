/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures that come with rows (photos of address books) become files of their own.  What a picture is its first bytes say, never its
   name; only kinds that are pixels and nothing else.  One that cannot be kept is left out with the reason: the person still
   comes in.  The same picture again changes nothing. */
#include "core/file.h"
#include "core/import/parts.h"

/* The kind of a picture by its first bytes; empty for anything else (SVG carries programs). */
static Str picture_type(Str bytes)
{
    if (str_starts(bytes, S("\xFF\xD8\xFF"))) return S("image/jpeg");
    if (str_starts(bytes, S("\x89PNG\r\n\x1A\n"))) return S("image/png");
    if (str_starts(bytes, S("GIF87a")) || str_starts(bytes, S("GIF89a"))) return S("image/gif");
    if (str_starts(bytes, S("RIFF")) && str_eq(str_sub(bytes, 8, 4), S("WEBP"))) return S("image/webp");
    return (Str){0};
}

static const SourceBlob *blob_of(const Row *row, Str heading)
{
    for (size_t i = 0; i < row->n_blobs; i++)
        if (str_eq(row->blobs[i].column, heading)) return &row->blobs[i];
    return NULL;
}

static void leave_out(RowWork *rw, const Target *t, Str why)
{
    Err *e = err_new(rw->w->tmp, ERR_INVALID, "import.note.photo", "%.*s: \"%.*s\" was left out",
                     SFMT(t->heading), SFMT(why));

    work_note(rw->w, err_arg(err_arg(e, 0, t->heading), 1, why));
}

static Str why_of(const Work *w, const Err *e)
{
    return w->job->reason ? w->job->reason(w->tmp, NULL, e, w->job->lang) : e->detail;
}

/* The record has that very picture. */
static Err *is_standing(RowWork *rw, const Field *f, Str sha256, bool *out)
{
    Work *w = rw->w;
    Val v = rw->before ? rw->before->vals[f->index] : val_null();
    Ctx system = ctx_as_system(w->cx);
    Record *file = NULL;

    *out = false;
    if (v.kind != VAL_REF) return NULL;
    TRY(record_get(&system, f->target, v.i, READ_DELETED, &file));
    Val hash = record_get_val(file, "hash");
    *out = hash.kind == VAL_TEXT && str_eq(val_str(hash), sha256);
    return NULL;
}

static Err *make_file(RowWork *rw, const Target *t, const SourceBlob *blob, Str type, Val *out)
{
    Work *w = rw->w;
    Record *file = record_new(w->tmp, t->field->target);
    bool may = w->cx->may_write_readonly;
    Str sha256 = {0};

    TRY(file_put(w->cx, blob->data, &sha256));
    record_set(file, "name", val_text(str_fmt(w->tmp, "photo.%.*s", SFMT(str_from(type, 6)))));
    record_set(file, "type", val_text(type));
    record_set(file, "size", val_int((int64_t)blob->data.n));
    record_set(file, "hash", val_text(sha256));
    w->cx->may_write_readonly = true;
    Err *e = record_create(w->cx, file, NULL);
    w->cx->may_write_readonly = may;
    if (!e) *out = val_text(id_text(w->tmp, file->id));
    return e;
}

Err *photo_value(RowWork *rw, const Target *t, Str cell, Val *out)
{
    const SourceBlob *blob = blob_of(rw->row, t->heading);
    bool is_same = false;
    Id id;

    *out = val_null();
    if (!blob) {
        if (id_parse(cell, &id))
            *out = val_text(cell);
        else
            leave_out(rw, t, cell); /* an address or a name: nothing is fetched */
        return NULL;
    }
    Str type = picture_type(blob->data);
    if (blob->problem || !type.n) {
        leave_out(rw, t,
                  blob->problem ? why_of(rw->w, blob->problem)
                                : why_of(rw->w, err_new(rw->w->tmp, ERR_INVALID, "error.import.photo",
                                                        "no JPEG, PNG, GIF or WebP")));
        return NULL;
    }
    TRY(is_standing(rw, t->field, file_hash(rw->w->tmp, blob->data), &is_same));
    rw->has_photo = !is_same;
    return is_same || rw->w->is_preview ? NULL : make_file(rw, t, blob, type, out);
}
