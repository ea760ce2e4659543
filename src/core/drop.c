/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The side of the disk of drop folders.  Everything is reached from the open root by one part of the path at a time, never
   through a link, so that an administrator of the program reads no file of the server but those put there to be read.  A
   move never replaces anything, and is done by one process only. */
#include "core/drop.h"

#include "base/fd.h"
#include "core/rights.h"
#include "core/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 200
#define NAME_BYTES 180
#define FILES_MAX  10000
#define PART_BYTES ((size_t)256 << 10)

/* --- names ----------------------------------------------------------------------------------------------------------- */

static bool is_text(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 127 || s.p[i] == '/' || s.p[i] == '\\') return false;
    return s.n > 0 && utf8_is_valid(s);
}

bool drop_path_is_good(Str path)
{
    if (!path.n || path.n > PATH_BYTES) return false;
    for (Str rest = path; rest.p;) {
        Str part = str_cut(&rest, '/');
        bool is_ours = str_eq_c(part, "working") || str_eq_c(part, "done") || str_eq_c(part, "refused");
        if (!is_text(part) || part.p[0] == '.' || is_ours) return false;
    }
    return true;
}

static bool name_is_good(Str name)
{
    static const char *const KINDS[] = {".csv", ".tsv", ".txt", ".xlsx", ".vcf", ".json", ".zip"};
    Str low;
    char room[NAME_BYTES];

    if (!is_text(name) || name.n > NAME_BYTES || name.p[0] == '.' || name.p[0] == '~') return false;
    for (size_t i = 0; i < name.n; i++)
        room[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] + 32 : name.p[i]);
    low = (Str){room, name.n};
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        if (str_ends(low, str_c(KINDS[i]))) return true;
    return false;
}

/* --- folders --------------------------------------------------------------------------------------------------------- */

static void close_it(void *arg)
{
    close(*(const int *)arg);
}

static int kept(Arena *mem, int fd)
{
    int *room = NEW(mem, int);

    *room = fd;
    if (fd >= 0) arena_defer(mem, close_it, room);
    return fd;
}

static Err *trouble(Arena *mem, Str path)
{
    int code = errno;
    const char *key = code == EACCES || code == EPERM || code == EROFS    ? "error.drop.denied"
                      : code == ELOOP || code == ENOTDIR || code == ENXIO ? "error.drop.link"
                      : code == ENOENT                                    ? "error.drop.missing"
                      : code == ENOSPC || code == EDQUOT                  ? "error.drop.full"
                                                                          : "error.drop.folder";

    return err_arg(err_new(mem, ERR_UNAVAILABLE, key, "%.*s: %s", SFMT(path), strerrordesc_np(code)), 0,
                   path);
}

static int step_into(Arena *mem, int dir, Str name)
{
    const char *c = str_to_c(mem, name);
    int fd = openat(dir, c, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT && mkdirat(dir, c, 0770) == 0)
        fd = openat(dir, c, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return kept(mem, fd);
}

Err *drop_open(Arena *mem, Str root, Str path, DropDirs *out)
{
    int dir = kept(mem, open(str_to_c(mem, root), O_RDONLY | O_DIRECTORY | O_CLOEXEC));

    REQUIRE(drop_path_is_good(path));
    if (dir < 0) return trouble(mem, root);
    for (Str rest = path; rest.p;) {
        dir = step_into(mem, dir, str_cut(&rest, '/'));
        if (dir < 0) return trouble(mem, path);
    }
    *out = (DropDirs){.top = dir,
                      .working = step_into(mem, dir, S("working")),
                      .done = step_into(mem, dir, S("done")),
                      .refused = step_into(mem, dir, S("refused"))};
    return out->working < 0 || out->done < 0 || out->refused < 0 ? trouble(mem, path) : NULL;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const DropFile *)a)->name, ((const DropFile *)b)->name);
}

Err *drop_list(Arena *mem, int dir, DropFile **out, size_t *n, size_t *odd)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = copy < 0 ? NULL : fdopendir(copy);
    VEC(DropFile) list = {0};
    size_t passed = 0;

    if (!d && copy >= 0) close(copy);
    if (!d) return trouble(mem, S("."));
    for (const struct dirent *entry; (entry = readdir(d)) && list.n < FILES_MAX;) {
        Str name = str_c(entry->d_name);
        struct stat st;
        bool is_there = fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0;
        if (!is_there || S_ISDIR(st.st_mode)) continue;
        if (!S_ISREG(st.st_mode) || !name_is_good(name)) {
            passed++;
            continue;
        }
        *vec_push(mem, &list) =
            (DropFile){str_copy(mem, name), st.st_size,
                       (int64_t)st.st_mtim.tv_sec * 1000000000 + (int64_t)st.st_mtim.tv_nsec};
    }
    closedir(d);
    if (list.n) qsort(list.p, list.n, sizeof *list.p, by_name);
    *out = list.p;
    *n = list.n;
    if (odd) *odd = passed;
    return NULL;
}

/* --- files ----------------------------------------------------------------------------------------------------------- */

Str drop_free_name(Arena *mem, int dir, Str name)
{
    size_t dot = name.n;
    Str free = name;

    while (dot > 0 && name.p[dot - 1] != '.') dot--;
    Str stem = dot > 1 ? str_sub(name, 0, dot - 1) : name,
        ending = dot > 1 ? str_from(name, dot - 1) : (Str){0};
    for (int i = 2; faccessat(dir, str_to_c(mem, free), F_OK, AT_SYMLINK_NOFOLLOW) == 0; i++)
        free = str_fmt(mem, "%.*s-%d%.*s", SFMT(stem), i, SFMT(ending));
    return free;
}

Err *drop_move(Arena *mem, int from, Str name, int to, Str as, bool *moved)
{
    const char *a = str_to_c(mem, name), *b = str_to_c(mem, as);
    int rc = renameat2(from, a, to, b, RENAME_NOREPLACE);

    /* Some network file systems know no such thing. */
    if (rc && errno == EINVAL && faccessat(to, b, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        rc = renameat(from, a, to, b);
    *moved = rc == 0;
    if (rc && errno != ENOENT && errno != EEXIST) return trouble(mem, name);
    if (*moved && (fsync(to) || fsync(from))) return trouble(mem, name);
    return NULL;
}

static Err *check_file(Arena *mem, int fd, Str name, uint64_t max)
{
    struct stat st;

    if (fstat(fd, &st)) return trouble(mem, name);
    if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
        return err_arg(err_new(mem, ERR_INVALID, "error.drop.odd", "%.*s is no plain file", SFMT(name)), 0,
                       name);
    if ((uint64_t)st.st_size > max)
        return err_arg(err_new(mem, ERR_INVALID, "error.drop.large", "%.*s is larger than %llu bytes",
                               SFMT(name), (unsigned long long)max),
                       0, str_fmt(mem, "%llu", (unsigned long long)(max >> 20)));
    return NULL;
}

static Err *pump(Arena *mem, int from, int to, Str name, uint64_t max, uint64_t *size, Str *sha256)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char *part = arena_alloc(mem, PART_BYTES), *hex = arena_alloc(mem, 2 * sizeof digest + 1);
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    for (*size = 0;;) {
        ssize_t n = read(from, part, PART_BYTES);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 || (n && !fd_write(to, (Str){part, (size_t)n}))) return trouble(mem, name);
        if (!n) break;
        *size += (uint64_t)n;
        if (*size > max) FAIL(mem, ERR_INVALID, "error.drop.large", "it grows");
        crypto_hash_sha256_update(&state, (const unsigned char *)part, (unsigned long long)n);
    }
    crypto_hash_sha256_final(&state, digest);
    *sha256 = str_c(sodium_bin2hex(hex, 2 * sizeof digest + 1, digest, sizeof digest));
    return NULL;
}

Err *drop_copy(Arena *mem, int dir, Str name, Str folder, uint64_t max, int *fd, uint64_t *size, Str *sha256)
{
    int from = openat(dir, str_to_c(mem, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (from < 0 && errno == ENOENT) FAIL(mem, ERR_NOT_FOUND, "error.drop.gone", "%.*s", SFMT(name));
    if (from < 0 && (errno == ELOOP || errno == ENXIO))
        return err_arg(err_new(mem, ERR_INVALID, "error.drop.odd", "%.*s is no plain file", SFMT(name)), 0,
                       name);
    if (from < 0) return trouble(mem, name);
    Err *e = check_file(mem, from, name, max);
    *fd = e ? -1 : kept(mem, fd_nameless(mem, folder));
    if (!e && *fd < 0) e = trouble(mem, folder);
    if (!e) e = pump(mem, from, *fd, name, max, size, sha256);
    close(from);
    return e;
}

Err *drop_write(Arena *mem, int dir, Str name, Str text)
{
    int fd = openat(dir, str_to_c(mem, name), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);

    if (fd < 0) return trouble(mem, name);
    bool is_good = fd_write(fd, text) && fsync(fd) == 0;
    Err *e = is_good ? NULL : trouble(mem, name);
    close(fd);
    return e;
}

/* --- the record ------------------------------------------------------------------------------------------------------ */

static Err *wrong(Ctx *cx, const char *key, const char *field, Str what)
{
    return err_arg(
        err_field(err_new(cx->mem, ERR_INVALID, key, "drop folder: %.*s", SFMT(what)), str_c(field)), 0,
        what);
}

/* One path is one folder: two would take each other's files. */
static Err *check_alone(Ctx *cx, const Record *rec, Str path)
{
    Val binds[] = {val_text(path), val_int(rec->id)}, v = {0};

    TRY(db_one(cx->mem, cx->db,
               S("SELECT id FROM \"drop_folder\" WHERE path = ?1 AND id <> ?2 AND deleted_at IS NULL"), binds,
               2, &v));
    return v.kind == VAL_INT ? wrong(cx, "error.drop.taken", "path", path) : NULL;
}

static Err *drop_before(Ctx *cx, Record *rec, const Record *before)
{
    const Actor *actor = cx->actor;
    bool may = actor->is_system || (actor->rights && actor->rights->is_administrator);
    Val path = record_get_val(rec, "path"), ref = record_get_val(rec, "profile");
    Ctx system = ctx_as_system(cx);
    Record *profile = NULL;

    (void)before;
    if (!may) FAIL(cx->mem, ERR_DENIED, "error.denied", "drop folders are for administrators");
    if (path.kind != VAL_TEXT) return NULL; /* validation says so */
    if (!drop_path_is_good(val_str(path))) return wrong(cx, "error.drop.path", "path", val_str(path));
    TRY(check_alone(cx, rec, val_str(path)));
    if (val_is_null(ref)) return NULL;
    Err *e = record_get(&system, meta_object(cx->meta, S("import_profile")), ref.i, 0, &profile);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    record_set(rec, "object", record_get_val(profile, "object"));
    return NULL;
}

static const Hook HOOKS[] = {{.object = "drop_folder", .before_write = drop_before}};

const Module mod_drop = {.name = "drop", .hooks = HOOKS, .n_hooks = 1};
