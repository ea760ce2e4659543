/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The full export as one archive for the browser: a folder is made, packed and taken away. */
#include "core/export/impl.h"

#include "base/text.h"
#include "base/time.h"
#include "core/store.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

Str export_all_name(Arena *mem, const Store *store)
{
    return str_fmt(mem, "kith %.*s.zip", SFMT(date_text(mem, zone_date(S("UTC"), store_now(store)))));
}

/* Calls `fn` for each entry of `dir`, folders after what they hold. */
typedef Err *(*EntryFn)(void *arg, const char *path, Str name, bool is_folder);

static Err *each(Arena *mem, Str dir, Str prefix, EntryFn fn, void *arg)
{
    DIR *d = opendir(str_to_c(mem, dir));
    const struct dirent *entry;
    Err *e = NULL;

    if (!d) return export_broken(mem, str_to_c(mem, dir));
    while (!e && (entry = readdir(d))) {
        Str name = str_fmt(mem, "%.*s%s", SFMT(prefix), entry->d_name);
        Str path = str_fmt(mem, "%.*s/%s", SFMT(dir), entry->d_name);
        struct stat st;
        bool is_dot = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        if (is_dot || lstat(str_to_c(mem, path), &st)) continue;
        if (S_ISDIR(st.st_mode)) e = each(mem, path, str_cat(mem, name, S("/")), fn, arg);
        if (!e) e = fn(arg, str_to_c(mem, path), name, S_ISDIR(st.st_mode));
    }
    closedir(d);
    return e;
}

static Err *remove_entry(void *arg, const char *path, Str name, bool is_folder)
{
    (void)arg;
    (void)name;
    (void)(is_folder ? rmdir(path) : unlink(path));
    return NULL;
}

static void remove_folder(Arena *mem, Str dir)
{
    if (each(mem, dir, (Str){0}, remove_entry, NULL)) return;
    (void)rmdir(str_to_c(mem, dir));
}

typedef struct Pack {
    Arena *mem;
    zip_t *zip;
} Pack;

static Err *add_entry(void *arg, const char *path, Str name, bool is_folder)
{
    Pack *p = arg;

    if (is_folder) return NULL;
    zip_source_t *source = zip_source_file(p->zip, path, 0, -1);
    zip_int64_t at = source ? zip_file_add(p->zip, str_to_c(p->mem, name), source, ZIP_FL_ENC_UTF_8) : -1;
    if (at >= 0) return NULL;
    if (source) zip_source_free(source);
    FAIL(p->mem, ERR_UNAVAILABLE, "error.export.write", "%s: %s", path, zip_strerror(p->zip));
}

static Err *pack(Arena *mem, Str dir, const char *path)
{
    int code = 0;
    Pack p = {.mem = mem, .zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code)};

    if (!p.zip) FAIL(mem, ERR_UNAVAILABLE, "error.export.write", "%s: zip error %d", path, code);
    Err *e = each(mem, dir, (Str){0}, add_entry, &p);
    if (!e && zip_close(p.zip) == 0) return chmod(path, 0600) ? export_broken(mem, path) : NULL;
    if (!e) e = err_new(mem, ERR_UNAVAILABLE, "error.export.write", "%s: %s", path, zip_strerror(p.zip));
    zip_discard(p.zip);
    return e;
}

Err *export_all_packed(const ExportJob *job, Arena *mem, const char *path, int64_t *rows)
{
    Str dir = str_fmt(mem, "%s.folder", path);

    remove_folder(mem, dir); /* left by a process that died */
    Err *e = export_all(job, mem, dir, rows);
    if (!e) e = pack(mem, dir, path);
    remove_folder(mem, dir);
    return e;
}
