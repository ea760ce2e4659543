/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kind of file it is, and what all kinds share: headings and the form of errors.  The readers know nothing of objects
   and fields; whoever maps the columns knows nothing of files. */
#include "core/import/source_impl.h"

#include "base/buf.h"
#include "base/map.h"
#include "core/import/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define START_MAX 512

Err *source_problem(Arena *mem, const char *key, int64_t line, const char *detail)
{
    Err *e = err_new(mem, ERR_INVALID, key, "line %lld: %s", (long long)line, detail);

    return err_arg(e, 0, str_fmt(mem, "%lld", (long long)line));
}

/* Bytes of the UTF-8 character at the start of `s`; 0 when it is none. */
static size_t char_size(Str s)
{
    for (size_t n = 1; n <= 4 && n <= s.n; n++)
        if (utf8_is_valid(str_sub(s, 0, n))) return n;
    return 0;
}

Str source_clean(Arena *mem, Str s)
{
    Buf b = buf_new(mem, 3 * s.n + 1);

    for (size_t i = 0; i < s.n;) {
        size_t n = s.p[i] ? char_size(str_from(s, i)) : 0;
        buf_add(&b, n ? str_sub(s, i, n) : S("\xEF\xBF\xBD"));
        i += n ? n : 1;
    }
    return buf_str(&b);
}

const Str *source_heads(Arena *mem, const Str *names, size_t n)
{
    Str *heads = NEW_N(mem, Str, n);
    StrMap seen = {0};

    for (size_t i = 0; i < n; i++) {
        Str name = str_trim(names[i]);
        name = name.n ? str_copy(mem, name) : str_fmt(mem, "Column %zu", i + 1);
        heads[i] = name;
        for (size_t k = 2; strmap_get(&seen, heads[i]); k++)
            heads[i] = str_fmt(mem, "%.*s (%zu)", SFMT(name), k);
        strmap_put(mem, &seen, heads[i], heads);
    }
    return heads;
}

static Str last_part(Str path)
{
    for (size_t i = path.n; i > 0; i--)
        if (path.p[i - 1] == '/') return str_from(path, i);
    return path;
}

Str source_stem(const Source *src)
{
    Str name = last_part(src->file_name);

    for (size_t i = name.n; i > 1; i--)
        if (name.p[i - 1] == '.') return str_sub(name, 0, i - 1);
    return name;
}

static void close_source(void *arg)
{
    source_close(arg);
}

void source_close(Source *src)
{
    arena_free(src->mem);
    src->mem = NULL;
}

/* The first bytes of the file, without byte order mark and white space; UTF-16 loses its zeros. */
static Err *read_start(Source *src, char out[START_MAX], Str *start)
{
    char raw[START_MAX];
    int fd = open(src->path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : pread(fd, raw, sizeof raw, 0);
    size_t n = 0;

    if (fd >= 0) close(fd);
    if (got < 0)
        return err_arg(err_new(src->errs, ERR_INVALID, "error.source.read", "%s", strerror(errno)), 0,
                       str_copy(src->errs, str_c(strerror(errno))));
    for (ssize_t i = 0; i < got; i++)
        if (raw[i] && !strchr("\xEF\xBB\xBF\xFE\xFF", raw[i])) out[n++] = raw[i];
    *start = str_trim((Str){out, n});
    return NULL;
}

static bool has_ending(const Source *src, const char *ending)
{
    Str name = src->file_name, e = str_c(ending);

    return name.n > e.n && str_eq_nocase(str_from(name, name.n - e.n), e);
}

/* What is no table in text: other formats by their first bytes. */
static bool is_foreign(Str start)
{
    static const char *const MARKS[] = {"\xD0\xCF\x11\xE0", "%PDF-",          "\x89PNG", "\x1F\x8B",  "Rar!",
                                        "7z\xBC",           "\177ELF",        "<html",   "<!DOCTYPE", "<?xml",
                                        "{\\rtf",           "SQLite format 3"};

    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
        if (str_eq_nocase(str_sub(start, 0, strlen(MARKS[i])), str_c(MARKS[i]))) return true;
    return false;
}

static Err *open_zip(Source *src)
{
    struct stat st;
    Archive *zip;

    TRY(archive_open(src->mem, src->errs, src->path, &zip));
    if (stat(src->path, &st) == 0) src->size = st.st_size;
    if (archive_find(zip, S("xl/workbook.xml")) >= 0) return xlsx_open(src, zip);
    for (size_t i = 0; i < archive_count(zip); i++)
        if (str_ends(archive_name(zip, i), S(".json"))) return tree_open(src, zip);
    FAIL(src->errs, ERR_INVALID, "error.source.kind", "a zip of another kind");
}

/* 1CClientBankExchange, MT940 with or without its envelope, camt.053. */
static bool is_statement(Str start)
{
    bool is_swift = str_starts(start, S("{1:")) && str_find(start, S("940")) >= 0;
    bool is_camt = (start.n && start.p[0] == '<') && str_find(start, S("camt.053.")) >= 0;

    return str_starts(start, S("1CClientBankExchange")) || is_swift || is_camt ||
           str_starts(start, S(":20:"));
}

static Err *open_kind(Source *src)
{
    char bytes[START_MAX];
    struct stat st;
    Str start = {0};

    if (stat(src->path, &st) == 0 && S_ISDIR(st.st_mode)) return tree_open(src, NULL);
    TRY(read_start(src, bytes, &start));
    if (str_starts(start, S("PK\3\4")) || str_starts(start, S("PK\5\6"))) return open_zip(src);
    if (str_eq_nocase(str_sub(start, 0, 11), S("BEGIN:VCARD"))) return vcard_open(src);
    if (is_statement(start)) return bank_open(src);
    bool is_json = start.n && (start.p[0] == '{' || start.p[0] == '[');
    if (has_ending(src, ".json") || (is_json && !has_ending(src, ".csv"))) return tree_open(src, NULL);
    if (is_foreign(start)) FAIL(src->errs, ERR_INVALID, "error.source.kind", "a file of another kind");
    return has_ending(src, ".vcf") ? vcard_open(src) : csv_open(src);
}

/* The one table that was asked for, the others being left out. */
static Err *keep_table(Source *src)
{
    Str wanted = src->options.table;

    src->shown = src->tables;
    for (size_t i = 0; wanted.n && i < src->n_tables; i++) {
        if (!str_eq(src->tables[i].name, wanted)) continue;
        src->shown = &src->tables[i];
        src->n_shown = 1;
        return NULL;
    }
    if (wanted.n)
        return err_arg(
            err_new(src->errs, ERR_INVALID, "error.source.table", "the file has no table %.*s", SFMT(wanted)),
            0, str_copy(src->errs, wanted));
    src->n_shown = src->n_tables;
    return NULL;
}

Err *source_open(Arena *mem, const char *path, Str file_name, const SourceOptions *options, Source **out)
{
    Source *src = NEW(mem, Source);

    src->mem = arena_new(0);
    src->errs = mem;
    arena_defer(mem, close_source, src);
    src->path = str_to_c(src->mem, str_c(path));
    src->file_name = str_copy(src->mem, file_name.n ? file_name : last_part(str_c(path)));
    if (options) src->options = *options;
    Err *e = open_kind(src);
    if (!e) e = keep_table(src);
    src->options = (SourceOptions){.has_no_heads = src->options.has_no_heads};
    if (e) source_close(src);
    *out = e ? NULL : src;
    return e;
}

const Table *source_tables(const Source *src, size_t *n)
{
    *n = src->n_shown;
    return src->shown;
}

Str source_kind(const Source *src)
{
    return str_c(src->kind->name);
}

Str source_encoding(const Source *src)
{
    return src->encoding;
}

Str source_separator(const Source *src)
{
    return src->separator;
}

Err *source_rewind(Source *src, size_t table)
{
    REQUIRE(table < src->n_shown);
    src->errs = src->mem;
    return src->kind->rewind(src, (size_t)(src->shown - src->tables) + table);
}

Err *source_next(Source *src, Arena *tmp, Row *out, bool *has)
{
    *out = (Row){0};
    *has = false;
    src->errs = tmp;
    return src->kind->next(src, tmp, out, has);
}

int64_t source_position(const Source *src)
{
    return src->kind->position(src);
}

int64_t source_size(const Source *src)
{
    return src->size;
}
