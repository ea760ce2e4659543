/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zip files from outside (libzip).  Sizes that are written in the file are not believed: what counts is what comes out.  Names
   are only compared with those we look for, nothing is written anywhere, a zip within the zip is a part like any other. */
#include "core/import/archive.h"

#include "base/buf.h"

#include <fcntl.h>
#include <unistd.h>
#include <zip.h>

#define END_SIZE 22 /* bytes of the record at the end of a zip, without its comment */

struct Archive {
    zip_t *zip;
    size_t count;
};

struct Part {
    zip_file_t *file;
    int64_t at, size, packed;
    bool has_size;
};

static Err *zip_problem(Arena *errs, const char *why)
{
    return err_arg(err_new(errs, ERR_INVALID, "error.source.zip", "zip: %s", why), 0,
                   str_copy(errs, str_c(why)));
}

static Err *bomb(Arena *errs, const char *why)
{
    return err_new(errs, ERR_INVALID, "error.source.bomb", "%s", why);
}

/* How many parts the last record of the file says there are, before libzip makes a table of them. */
static size_t announced(const char *path)
{
    size_t room = END_SIZE + 0xFFFF, most = 0;
    Arena *tmp = arena_new(0);
    unsigned char *bytes = arena_alloc(tmp, room);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

    ssize_t n = size <= 0 ? 0 : pread(fd, bytes, room, size > (off_t)room ? size - (off_t)room : 0);
    for (ssize_t i = 0; i + END_SIZE <= n; i++) {
        if (memcmp(bytes + i, "PK\5\6", 4) != 0) continue;
        size_t count = (size_t)bytes[i + 10] | (size_t)bytes[i + 11] << 8;
        most = count > most ? count : most;
    }
    if (fd >= 0) close(fd);
    arena_free(tmp);
    return most;
}

static void close_zip(void *arg)
{
    zip_discard(arg);
}

Err *archive_open(Arena *mem, Arena *errs, const char *path, Archive **out)
{
    int code = 0;

    if (announced(path) > ARCHIVE_PARTS_MAX) return bomb(errs, "too many parts");
    zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
    if (!zip) {
        zip_error_t why;
        zip_error_init_with_code(&why, code);
        Err *e = zip_problem(errs, zip_error_strerror(&why));
        zip_error_fini(&why);
        return e;
    }
    arena_defer(mem, close_zip, zip);
    *out = NEW(mem, Archive);
    **out = (Archive){zip, (size_t)zip_get_num_entries(zip, 0)};
    return (*out)->count > ARCHIVE_PARTS_MAX ? bomb(errs, "too many parts") : NULL;
}

size_t archive_count(const Archive *a)
{
    return a->count;
}

Str archive_name(const Archive *a, size_t i)
{
    Str name = str_c(zip_get_name(a->zip, i, ZIP_FL_ENC_GUESS));

    return utf8_is_valid(name) ? name : S("");
}

ptrdiff_t archive_find(const Archive *a, Str name)
{
    for (size_t i = 0; i < a->count; i++)
        if (str_eq_nocase(archive_name(a, i), name)) return (ptrdiff_t)i;
    return -1;
}

static void close_part(void *arg)
{
    zip_fclose(arg);
}

Err *part_open(Archive *a, Arena *mem, Arena *errs, size_t i, Part **out)
{
    zip_stat_t st;

    if (zip_stat_index(a->zip, i, 0, &st) < 0) return zip_problem(errs, zip_strerror(a->zip));
    zip_file_t *file = zip_fopen_index(a->zip, i, 0);
    if (!file) return zip_problem(errs, zip_strerror(a->zip));
    arena_defer(mem, close_part, file);
    *out = NEW(mem, Part);
    **out = (Part){.file = file,
                   .has_size = (st.valid & ZIP_STAT_SIZE) != 0,
                   .size = st.valid & ZIP_STAT_SIZE ? (int64_t)st.size : 0,
                   .packed = st.valid & ZIP_STAT_COMP_SIZE ? (int64_t)st.comp_size : 0};
    return NULL;
}

Err *part_read(Part *p, Arena *errs, void *into, size_t room, size_t *n)
{
    zip_int64_t got = zip_fread(p->file, into, room);

    if (got < 0) return zip_problem(errs, zip_file_strerror(p->file));
    p->at += got;
    *n = (size_t)got;
    if (p->has_size && (p->at > p->size || (got == 0 && p->at != p->size)))
        return zip_problem(errs, "a part is not as large as it says");
    if (p->at > ARCHIVE_PART_MAX) return bomb(errs, "a part is too large");
    if (p->at > ARCHIVE_RATIO_MIN && p->at / ARCHIVE_RATIO_MAX > p->packed)
        return bomb(errs, "a part grows out of proportion");
    return NULL;
}

int64_t part_position(const Part *p)
{
    return p->at;
}

int64_t part_size(const Part *p)
{
    return p->size;
}

Err *part_text(Archive *a, Arena *mem, Arena *errs, size_t i, size_t max, Str *out)
{
    Arena *tmp = arena_new(0);
    Buf b = buf_new(mem, max);
    Part *part = NULL;
    size_t n = 1;
    char *piece = arena_alloc(tmp, 1 << 16);
    Err *e = part_open(a, tmp, errs, i, &part);

    while (!e && n && !b.is_over) {
        e = part_read(part, errs, piece, 1 << 16, &n);
        if (!e) buf_add_n(&b, piece, n);
    }
    arena_free(tmp);
    if (!e && b.is_over) e = bomb(errs, "a part is too large");
    *out = buf_str(&b);
    return e;
}
