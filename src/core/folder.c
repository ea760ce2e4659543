/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What backups need of the file system.  Hashes come from GnuTLS, which uses the processor's own instructions: seven times
 * as fast as the portable code, and a backup would otherwise wait for them. */

#include "core/folder.h"

#include "base/buf.h"
#include "base/fd.h"
#include "base/map.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART ((size_t)1 << 20)

Err *folder_error(Arena *mem, const char *what, Str path)
{
    int code = errno;

    if (code == ENOSPC || code == EDQUOT)
        FAIL(mem, ERR_LIMIT, "error.db.full", "%s %.*s: %s", what, SFMT(path), strerrordesc_np(code));
    FAIL(mem, ERR_UNAVAILABLE, "error.backup.disk", "%s %.*s: %s", what, SFMT(path), strerrordesc_np(code));
}

bool folder_has(Arena *mem, Str path)
{
    return access(str_to_c(mem, path), F_OK) == 0;
}

Err *folder_make(Arena *mem, Str path)
{
    if (mkdir(str_to_c(mem, path), 0700) == 0 || errno == EEXIST) return NULL;
    return folder_error(mem, "make", path);
}

static Err *sync_by(Arena *mem, Str path, int (*how)(int fd))
{
    int fd = open(str_to_c(mem, path), O_RDONLY | O_CLOEXEC);

    if (fd < 0) return folder_error(mem, "open", path);
    int rc = how(fd);
    Err *e = rc ? folder_error(mem, "sync", path) : NULL;
    close(fd);
    return e;
}

Err *folder_sync(Arena *mem, Str path)
{
    return sync_by(mem, path, fsync);
}

Err *folder_sync_all(Arena *mem, Str path)
{
    return sync_by(mem, path, syncfs);
}

Err *folder_rename(Arena *mem, Str from, Str to)
{
    return rename(str_to_c(mem, from), str_to_c(mem, to)) ? folder_error(mem, "rename", from) : NULL;
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

Err *folder_names(Arena *mem, Str path, Str **out, size_t *n)
{
    struct dirent **found = NULL;
    int count = scandir(str_to_c(mem, path), &found, is_entry, alphasort);

    *n = 0;
    if (count < 0) return errno == ENOENT ? NULL : folder_error(mem, "read", path);
    *out = NEW_N(mem, Str, (size_t)count + 1);
    for (int i = 0; i < count; i++) {
        (*out)[(*n)++] = str_copy(mem, str_c(found[i]->d_name));
        free(found[i]);
    }
    free(found);
    return NULL;
}

static bool is_folder(Arena *mem, Str path)
{
    struct stat st;

    return lstat(str_to_c(mem, path), &st) == 0 && S_ISDIR(st.st_mode);
}

Err *folder_remove(Arena *mem, Str path)
{
    Str *names = NULL;
    size_t n = 0;

    if (!is_folder(mem, path))
        return unlink(str_to_c(mem, path)) && errno != ENOENT ? folder_error(mem, "remove", path) : NULL;
    TRY(folder_names(mem, path, &names, &n));
    for (size_t i = 0; i < n; i++)
        TRY(folder_remove(mem, str_fmt(mem, "%.*s/%.*s", SFMT(path), SFMT(names[i]))));
    return rmdir(str_to_c(mem, path)) ? folder_error(mem, "remove", path) : NULL;
}

typedef VEC(Str) Paths;

static Err *add_files(Arena *mem, Str top, Str below, Paths *out)
{
    Str here = below.n ? str_fmt(mem, "%.*s/%.*s", SFMT(top), SFMT(below)) : top, *names = NULL;
    size_t n = 0;

    TRY(folder_names(mem, here, &names, &n));
    for (size_t i = 0; i < n; i++) {
        Str path = below.n ? str_fmt(mem, "%.*s/%.*s", SFMT(below), SFMT(names[i])) : names[i];
        if (is_folder(mem, str_fmt(mem, "%.*s/%.*s", SFMT(top), SFMT(path))))
            TRY(add_files(mem, top, path, out));
        else
            *vec_push(mem, out) = path;
    }
    return NULL;
}

Err *folder_files(Arena *mem, Str path, Str **out, size_t *n)
{
    Paths paths = {0};

    TRY(add_files(mem, path, (Str){0}, &paths));
    *out = paths.p;
    *n = paths.n;
    return NULL;
}

Err *folder_write(Arena *mem, Str path, Str text)
{
    int fd = open(str_to_c(mem, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0) return folder_error(mem, "create", path);
    bool is_good = fd_write(fd, text) && fsync(fd) == 0;
    Err *e = is_good ? NULL : folder_error(mem, "write", path);
    close(fd);
    return e;
}

Err *folder_read(Arena *mem, Str path, size_t max, Str *out)
{
    Buf b = buf_new(mem, max);
    char part[16384];
    ssize_t n;
    int fd = open(str_to_c(mem, path), O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        FAIL(mem, ERR_NOT_FOUND, "error.backup.missing", "%.*s: %s", SFMT(path), strerrordesc_np(errno));
    while ((n = read(fd, part, sizeof part)) > 0) buf_add_n(&b, part, (size_t)n);
    Err *e = n < 0 ? folder_error(mem, "read", path) : NULL;
    close(fd);
    if (!e && b.is_over) e = err_new(mem, ERR_INVALID, "error.backup.disk", "%.*s is too large", SFMT(path));
    *out = buf_str(&b);
    return e;
}

static Err *pump(Arena *mem, int in, int out, Str path, FileSum *sum, FolderProgress progress, void *arg)
{
    unsigned char digest[32];
    char hex[65], *part = arena_alloc(mem, PART);
    gnutls_hash_hd_t hash;
    ssize_t n = 0;
    Err *e = NULL;

    REQUIRE(gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) == 0);
    while (!e && (n = read(in, part, PART)) > 0) {
        gnutls_hash(hash, part, (size_t)n);
        sum->size += n;
        if (out >= 0 && !fd_write(out, (Str){part, (size_t)n})) e = folder_error(mem, "write", path);
        if (!e && progress) e = progress(arg, n);
    }
    if (!e && n < 0) e = folder_error(mem, "read", path);
    gnutls_hash_deinit(hash, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    sum->sha256 = str_copy(mem, str_c(hex));
    return e;
}

Err *folder_copy(Arena *mem, Str from, Str to, FileSum *out, FolderProgress progress, void *arg)
{
    Arena *tmp = arena_new(0);
    int in = open(str_to_c(tmp, from), O_RDONLY | O_CLOEXEC), copy = -1;
    Err *e = NULL;

    *out = (FileSum){0};
    if (in < 0)
        e = err_new(mem, ERR_NOT_FOUND, "error.backup.missing", "%.*s: %s", SFMT(from),
                    strerrordesc_np(errno));
    if (!e && to.n) {
        copy = open(str_to_c(tmp, to), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (copy < 0) e = folder_error(mem, "create", to);
    }
    if (!e) e = pump(tmp, in, copy, to.n ? to : from, out, progress, arg);
    if (copy >= 0 && close(copy) && !e) e = folder_error(mem, "close", to);
    if (in >= 0) close(in);
    if (e) e = err_new(mem, e->code, str_to_c(mem, e->key), "%.*s", SFMT(e->detail));
    out->sha256 = str_copy(mem, out->sha256);
    arena_free(tmp);
    return e;
}
