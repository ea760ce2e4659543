/* SPDX-License-Identifier: GPL-3.0-or-later */

/* File contents by their SHA-256.  Beside SQLite they are files in `files/ab/cdef...`, written whole under another name,
 * synced and renamed, so that a name that exists always means the whole content; on PostgreSQL they are chunks in a
 * table, so that every process, replica and backup has them.  Who may see a file is a matter of its record. */

#include "core/file.h"

#include "base/fd.h"
#include "base/limits.h"
#include "core/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)256 << 10)
#define SHA_TEXT    64

Str file_hash(Arena *mem, Str bytes)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char *hex = arena_alloc(mem, SHA_TEXT + 1);

    crypto_hash_sha256(digest, (const unsigned char *)(bytes.p ? bytes.p : ""), bytes.n);
    sodium_bin2hex(hex, SHA_TEXT + 1, digest, sizeof digest);
    return str_c(hex);
}

static bool is_sha256(Str s)
{
    if (s.n != SHA_TEXT) return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f'))) return false;
    return true;
}

static bool is_in_table(const Ctx *cx)
{
    return db_can(cx->store->db, DB_CAP_SHARED);
}

/* --- files of the data folder ------------------------------------------------------------------------------------------- */

static Err *disk_error(Arena *mem, const char *what, const char *path)
{
    int code = errno;
    bool is_full = code == ENOSPC || code == EDQUOT;

    return err_new(mem, is_full ? ERR_LIMIT : ERR_UNAVAILABLE, "error.file.write", "%s %s: %s", what, path,
                   strerror(code));
}

static Err *sync_folder(Arena *mem, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) return disk_error(mem, "open", path);
    int rc = fsync(fd);
    Err *e = rc ? disk_error(mem, "fsync", path) : NULL;

    close(fd);
    return e;
}

/* Creates `path` unless it is there; a new one is synced into `parent`. */
static Err *make_folder(Arena *mem, const char *parent, const char *path)
{
    if (mkdir(path, 0700) == 0) return sync_folder(mem, parent);
    return errno == EEXIST ? NULL : disk_error(mem, "mkdir", path);
}

/* What is to be kept: bytes, or a file. */
typedef struct Content {
    Str bytes;
    int fd; /* -1: bytes */
    uint64_t size;
} Content;

static ssize_t read_at(int fd, char *into, size_t room, uint64_t at)
{
    ssize_t n;

    do n = pread(fd, into, room, (off_t)at);
    while (n < 0 && errno == EINTR);
    return n;
}

/* True when all of `from` stands in `fd`, synced. */
static bool copy_all(Arena *mem, int fd, const Content *from)
{
    char *part = arena_alloc(mem, CHUNK_BYTES);
    uint64_t at = 0;

    while (at < from->size) {
        ssize_t n = read_at(from->fd, part, CHUNK_BYTES, at);
        if (n <= 0 || !fd_write(fd, (Str){part, (size_t)n})) return false;
        at += (uint64_t)n;
    }
    return fsync(fd) == 0;
}

static Err *write_new(Arena *mem, const char *temp, const Content *content)
{
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0) return disk_error(mem, "create", temp);
    bool is_good =
        content->fd >= 0 ? copy_all(mem, fd, content) : fd_write(fd, content->bytes) && fsync(fd) == 0;
    Err *e = is_good ? NULL : disk_error(mem, "write", temp);

    if (close(fd) && !e) e = disk_error(mem, "close", temp);
    if (e) (void)unlink(temp);
    return e;
}

static bool has_size(const char *path, uint64_t size)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_size >= 0 && (uint64_t)st.st_size == size;
}

/* A nameless file of the same file system only gets its name, once it is on the disk. */
static bool is_named(Arena *mem, const Content *content, const char *path)
{
    const char *link_path = str_to_c(mem, str_fmt(mem, "/proc/self/fd/%d", content->fd));

    return content->fd >= 0 && fsync(content->fd) == 0 &&
           linkat(AT_FDCWD, link_path, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

static Err *put_in_folder(Arena *mem, Str top, const Content *content, Str sha)
{
    const char *dir = str_to_c(mem, top), *files = str_to_c(mem, str_cat(mem, top, S("/files")));
    const char *folder = str_to_c(mem, str_fmt(mem, "%s/%.2s", files, sha.p));
    const char *path = str_to_c(mem, str_fmt(mem, "%s/%.*s", folder, SFMT(str_from(sha, 2))));
    const char *temp =
        str_to_c(mem, str_fmt(mem, "%s/new-%08x%08x", folder, randombytes_random(), randombytes_random()));

    if (has_size(path, content->size)) return NULL;
    TRY(make_folder(mem, dir, files));
    TRY(make_folder(mem, files, folder));
    if (is_named(mem, content, path)) return sync_folder(mem, folder);
    TRY(write_new(mem, temp, content));
    if (rename(temp, path)) {
        Err *e = disk_error(mem, "rename", temp);

        (void)unlink(temp);
        return e;
    }
    return sync_folder(mem, folder);
}

/* The folder of shipped changes has the content before any shipped row names it. */
static Err *put_on_disk(Ctx *cx, const Content *content, Str sha)
{
    if (cx->store->ship.n) TRY(put_in_folder(cx->mem, cx->store->ship, content, sha));
    return put_in_folder(cx->mem, cx->store->dir, content, sha);
}

static Err *no_file(Arena *mem)
{
    FAIL(mem, ERR_NOT_FOUND, "error.file.none", "no content under this hash");
}

static Err *read_all(Arena *mem, int fd, size_t size, Str *out)
{
    char *p = arena_alloc(mem, size ? size : 1);
    size_t n = 0;

    while (n < size) {
        ssize_t got = read(fd, p + n, size - n);

        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) FAIL(mem, ERR_INTERNAL, "error.file.none", "the file is shorter than it was");
        n += (size_t)got;
    }
    *out = (Str){p, n};
    return NULL;
}

static Err *open_on_disk(Ctx *cx, Str sha, int *fd, uint64_t *size)
{
    const char *path = str_to_c(cx->mem, str_fmt(cx->mem, "%.*s/files/%.2s/%.*s", SFMT(cx->store->dir), sha.p,
                                                 SFMT(str_from(sha, 2))));
    struct stat st;

    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0) return no_file(cx->mem);
    if (fstat(*fd, &st) || st.st_size < 0) {
        close(*fd);
        return no_file(cx->mem);
    }
    *size = (uint64_t)st.st_size;
    return NULL;
}

static Err *get_from_disk(Ctx *cx, Str sha, Str *bytes)
{
    uint64_t size = 0;
    int fd = -1;

    TRY(open_on_disk(cx, sha, &fd, &size));
    Err *e = size <= LIMIT_FILE ? read_all(cx->mem, fd, (size_t)size, bytes) : no_file(cx->mem);

    close(fd);
    return e;
}

/* --- chunks of the table -------------------------------------------------------------------------------------------------- */

static Err *put_chunk(Ctx *cx, Arena *mem, Str sha, int64_t n, Str bytes)
{
    Val binds[] = {val_text(sha), val_int(n), val_bytes(bytes)};

    return db_exec(
        mem, cx->db,
        S("INSERT INTO file_chunk (sha256, n, bytes) VALUES (?1, ?2, ?3) ON CONFLICT (sha256, n) DO NOTHING"),
        binds, 3, NULL);
}

static Err *put_in_table(Ctx *cx, const Content *content, Str sha)
{
    char *part = content->fd >= 0 ? arena_alloc(cx->mem, CHUNK_BYTES) : NULL;
    uint64_t at = 0;
    Err *e = NULL;

    for (int64_t n = 0; !e && (at < content->size || n == 0); n++, at += CHUNK_BYTES) {
        Arena *tmp = arena_new(0);
        uint64_t left = content->size - at;
        size_t size = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
        bool is_read = !part || read_at(content->fd, part, size, at) == (ssize_t)size;
        if (!is_read)
            e = disk_error(cx->mem, "read", "an upload");
        else if ((e = put_chunk(cx, tmp, sha, n,
                                part ? (Str){part, size} : str_sub(content->bytes, at, size))))
            e = err_copy(cx->mem, e);
        arena_free(tmp);
    }
    return e;
}

/* Chunk by chunk into `fd`. */
static Err *copy_chunks(Ctx *cx, int fd, Str sha, uint64_t *size)
{
    bool has = true;
    Err *e = NULL;

    *size = 0;
    for (int64_t n = 0; has && !e; n++) {
        Arena *tmp = arena_new(0);
        Val binds[] = {val_text(sha), val_int(n)}, chunk = val_null();
        e = db_one(tmp, cx->db, S("SELECT bytes FROM file_chunk WHERE sha256 = ?1 AND n = ?2"), binds, 2,
                   &chunk);
        if (e) e = err_copy(cx->mem, e);
        has = !e && !val_is_null(chunk);
        if (has && !fd_write(fd, val_str(chunk))) e = disk_error(cx->mem, "write", "a copy");
        if (has) *size += val_str(chunk).n;
        if (!has && !e && n == 0) e = no_file(cx->mem);
        arena_free(tmp);
    }
    return e;
}

static Err *open_copy(Ctx *cx, Str sha, int *fd, uint64_t *size)
{
    *fd = fd_nameless(cx->mem, cx->store->dir);
    if (*fd < 0) return disk_error(cx->mem, "create", str_to_c(cx->mem, cx->store->dir));
    Err *e = copy_chunks(cx, *fd, sha, size);
    if (e) close(*fd);
    return e;
}

static Err *get_from_table(Ctx *cx, Str sha, Str *bytes)
{
    Val bind = val_text(sha);
    Buf b = buf_new(cx->mem, LIMIT_FILE);
    DbRows *rows = NULL;
    bool has = false, is_there = false;

    TRY(db_query(cx->mem, cx->db, S("SELECT bytes FROM file_chunk WHERE sha256 = ?1 ORDER BY n"), &bind, 1,
                 &rows));
    TRY(db_next(rows, &has));
    while (has) {
        is_there = true;
        buf_add(&b, db_str(rows, 0));
        TRY(db_next(rows, &has));
    }
    if (!is_there) return no_file(cx->mem);
    *bytes = buf_str(&b);
    return NULL;
}

/* --- the calls --------------------------------------------------------------------------------------------------------- */

Err *file_put(Ctx *cx, Str bytes, Str *sha256)
{
    if (bytes.n > LIMIT_FILE) FAIL(cx->mem, ERR_LIMIT, "error.file.size", "%zu bytes", bytes.n);
    REQUIRE(sodium_init() >= 0);
    *sha256 = file_hash(cx->mem, bytes);
    const Content content = {.bytes = bytes, .fd = -1, .size = bytes.n};
    return is_in_table(cx) ? put_in_table(cx, &content, *sha256) : put_on_disk(cx, &content, *sha256);
}

Err *file_put_open(Ctx *cx, int fd, uint64_t size, Str sha256)
{
    const Content content = {.fd = fd, .size = size};

    REQUIRE(is_sha256(sha256));
    return is_in_table(cx) ? put_in_table(cx, &content, sha256) : put_on_disk(cx, &content, sha256);
}

Err *file_open(Ctx *cx, Str sha256, int *fd, uint64_t *size)
{
    *fd = -1;
    *size = 0;
    if (!is_sha256(sha256)) return no_file(cx->mem);
    return is_in_table(cx) ? open_copy(cx, sha256, fd, size) : open_on_disk(cx, sha256, fd, size);
}

Err *file_get(Ctx *cx, Str sha256, Str *bytes)
{
    *bytes = (Str){0};
    if (!is_sha256(sha256)) return no_file(cx->mem);
    return is_in_table(cx) ? get_from_table(cx, sha256, bytes) : get_from_disk(cx, sha256, bytes);
}
