/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Object trees as Salesforce's tools export them: a plan that names files in order, files of records with `attributes` (type,
   referenceId), fields, and children within their parent.  Each type is a table; the column "referenceId" holds the name others
   refer to as "@name".  A child gets a column "<type of the parent>.referenceId" with such a reference; a record within a
   record that is no child list ("Owner": {"Name": ...}) gives columns "Owner.Name", and so does "@name" of a record in the files.  Files are small by the tools' own limits,
   so they are held whole, within FILE_MAX and TREE_MAX. */
#include "base/buf.h"
#include "base/decimal.h"
#include "base/map.h"
#include "core/import/archive.h"
#include "core/import/source_impl.h"
#include "json/json.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX   (64u << 20)
#define TREE_MAX   (256u << 20)
#define FILES_MAX  1000
#define TABLES_MAX 1000
#define REFERENCE  S("referenceId")

typedef struct Record {
    const Val *fields;
    Str reference, parent_column, parent; /* "Account.referenceId" and "@..." of a child */
} Record;

typedef struct Kind {
    Str name;
    StrMap columns; /* heading -> its number + 1, as a pointer */
    VEC(Str) heads;
    VEC(Record) records;
} Kind;

typedef struct File {
    Str name;
    ptrdiff_t part; /* in the archive */
    bool is_done;
    Val *json; /* once read */
} File;

typedef struct Reader {
    Source *src;
    Archive *zip;
    Str folder;
    VEC(File) files;
    StrMap kinds, names; /* names: reference -> Str *, what the record is called */
    size_t size;         /* bytes read */
    size_t table, row;
} Reader;

/* --- files ------------------------------------------------------------------------------------------------------------ */

static Str last_part(Str path)
{
    for (size_t i = path.n; i > 0; i--)
        if (path.p[i - 1] == '/') return str_from(path, i);
    return path;
}

static Err *json_problem(Reader *r, Str name, const Err *why)
{
    Arena *errs = r->src->errs;
    Err *e = err_new(errs, ERR_INVALID, "error.source.json", "%.*s: %.*s", SFMT(name), SFMT(why->detail));

    return err_arg(err_arg(e, 0, str_copy(errs, name)), 1, str_copy(errs, why->detail));
}

static Err *read_path(Reader *r, const char *path, Str *out)
{
    Arena *errs = r->src->errs;
    Buf b = buf_new(r->src->mem, FILE_MAX);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 1;

    while (n > 0 && !b.is_over) {
        char piece[1 << 14];
        n = read(fd, piece, sizeof piece);
        if (n > 0) buf_add_n(&b, piece, (size_t)n);
    }
    if (fd >= 0) close(fd);
    if (n < 0)
        return err_arg(err_new(errs, ERR_INVALID, "error.source.read", "%s", path), 0,
                       str_copy(errs, last_part(str_c(path))));
    if (b.is_over) FAIL(errs, ERR_INVALID, "error.source.bomb", "a file is over 64 MB");
    *out = buf_str(&b);
    return NULL;
}

static Err *read_file(Reader *r, File *file)
{
    Source *src = r->src;
    Str text = {0};

    if (file->json) return NULL;
    if (file->part >= 0)
        TRY(part_text(r->zip, src->mem, src->errs, (size_t)file->part, FILE_MAX, &text));
    else
        TRY(read_path(r, str_to_c(src->mem, str_cat(src->mem, r->folder, file->name)), &text));
    r->size += text.n;
    if (r->size > TREE_MAX) FAIL(src->errs, ERR_INVALID, "error.source.bomb", "the files are over 256 MB");
    if (str_starts(text, S("\xEF\xBB\xBF"))) text = str_from(text, 3);
    Val *json = NEW(src->mem, Val);
    Err *e = json_parse(src->mem, text, json);
    if (e) return json_problem(r, file->name, e);
    file->json = json;
    return NULL;
}

static Err *add_file(Reader *r, Str name, ptrdiff_t part)
{
    if (r->files.n == FILES_MAX) FAIL(r->src->errs, ERR_INVALID, "error.source.bomb", "too many files");
    *vec_push(r->src->mem, &r->files) = (File){.name = str_copy(r->src->mem, name), .part = part};
    return NULL;
}

static File *find_file(Reader *r, Str name)
{
    for (size_t i = 0; i < r->files.n; i++)
        if (str_eq(last_part(r->files.p[i].name), name)) return &r->files.p[i];
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const File *)a)->name, ((const File *)b)->name);
}

static bool is_json_name(Str name)
{
    return name.n > 5 && name.p[0] != '.' && str_eq_nocase(str_from(name, name.n - 5), S(".json"));
}

static void close_dir(void *arg)
{
    closedir(arg);
}

static Err *list_folder(Reader *r)
{
    DIR *dir = opendir(r->src->path);
    struct dirent *entry;

    if (!dir) FAIL(r->src->errs, ERR_INVALID, "error.source.read", "the folder cannot be read");
    arena_defer(r->src->mem, close_dir, dir);
    while ((entry = readdir(dir)))
        if (is_json_name(str_c(entry->d_name))) TRY(add_file(r, str_c(entry->d_name), -1));
    if (r->files.n) qsort(r->files.p, r->files.n, sizeof *r->files.p, by_name);
    return NULL;
}

static Err *list_zip(Reader *r)
{
    for (size_t i = 0; i < archive_count(r->zip); i++) {
        Str name = archive_name(r->zip, i);
        if (is_json_name(last_part(name)) && !str_starts(name, S("__MACOSX/")))
            TRY(add_file(r, name, (ptrdiff_t)i));
    }
    if (r->files.n) qsort(r->files.p, r->files.n, sizeof *r->files.p, by_name);
    return NULL;
}

/* --- records ---------------------------------------------------------------------------------------------------------- */

static Err *kind_of(Reader *r, Str name, Kind **out)
{
    Arena *mem = r->src->mem;

    if ((*out = strmap_get(&r->kinds, name)) != NULL) return NULL;
    if (r->kinds.n == TABLES_MAX)
        FAIL(r->src->errs, ERR_INVALID, "error.source.bomb", "too many kinds of record");
    *out = NEW(mem, Kind);
    (*out)->name = name;
    strmap_put(mem, &r->kinds, name, *out);
    return NULL;
}

static void add_column(Reader *r, Kind *kind, Str name)
{
    if (strmap_get(&kind->columns, name)) return;
    *vec_push(r->src->mem, &kind->heads) = name;
    strmap_put(r->src->mem, &kind->columns, name, (void *)(uintptr_t)kind->heads.n);
}

static Str text_of(const Val *map, Str key)
{
    const Val *v = map && map->kind == VAL_MAP ? val_get(map, key) : NULL;

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

/* The list under "records" of a file or of a field with children; NULL when there is none. */
static const Val *records_of(const Val *v)
{
    const Val *list = v->kind == VAL_MAP ? val_get(v, S("records")) : NULL;

    if (!list && v->kind == VAL_MAP && val_get(v, S("result"))) return records_of(val_get(v, S("result")));
    return list && list->kind == VAL_LIST ? list : NULL;
}

static bool is_attributes(Str key)
{
    return str_eq(key, S("attributes"));
}

/* What people call a record. */
static Str name_of(Arena *mem, const Val *fields)
{
    Str name = text_of(fields, S("Name")), given = text_of(fields, S("FirstName")),
        family = text_of(fields, S("LastName"));

    if (!name.n) name = text_of(fields, S("name"));
    if (name.n || !family.n) return name;
    return given.n ? str_fmt(mem, "%.*s %.*s", SFMT(given), SFMT(family)) : family;
}

/* The name behind "@reference"; empty when no record of the files is called so. */
static Str name_behind(const Reader *r, const Val *v)
{
    Str text = v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
    const Str *name = text.n > 1 && text.p[0] == '@' ? strmap_get(&r->names, str_from(text, 1)) : NULL;

    return name ? *name : (Str){0};
}

static Str name_column(Arena *mem, Str column)
{
    return str_fmt(mem, "%.*s.Name", SFMT(column));
}

/* Columns of a record's fields; those of a record within it under its name. */
static void add_columns(Reader *r, Kind *kind, const Val *map, Str prefix)
{
    for (size_t i = 0; i < map->n; i++) {
        const Val *v = &map->map[i].val;
        Str key = val_str(map->map[i].key);
        if (is_attributes(key) || records_of(v)) continue;
        Str name = prefix.n ? str_fmt(r->src->mem, "%.*s.%.*s", SFMT(prefix), SFMT(key)) : key;
        if (v->kind == VAL_MAP)
            add_columns(r, kind, v, name);
        else
            add_column(r, kind, name);
    }
}

static Err *add_records(Reader *r, const Val *list, Str type, const Record *parent, Str parent_type);

static Err *add_record(Reader *r, const Val *v, Str type, const Record *parent, Str parent_type)
{
    const Val *attributes = val_get(v, S("attributes"));
    Str own = text_of(attributes, S("type"));
    Arena *mem = r->src->mem;
    Kind *kind;

    TRY(kind_of(r, own.n ? own : type.n ? type : S("records"), &kind));
    add_column(r, kind, REFERENCE);
    Record rec = {.fields = v, .reference = text_of(attributes, REFERENCE)};
    if (!rec.reference.n) rec.reference = str_fmt(mem, "%.*s#%zu", SFMT(kind->name), kind->records.n + 1);
    if (parent) {
        rec.parent_column = str_fmt(mem, "%.*s.referenceId", SFMT(parent_type));
        rec.parent = str_fmt(mem, "@%.*s", SFMT(parent->reference));
        add_column(r, kind, rec.parent_column);
    }
    add_columns(r, kind, v, (Str){0});
    Str *name = NEW(mem, Str);
    *name = name_of(mem, v);
    if (name->n) strmap_put(mem, &r->names, rec.reference, name);
    *vec_push(mem, &kind->records) = rec;
    for (size_t i = 0; i < v->n; i++) {
        const Val *children = records_of(&v->map[i].val);
        if (children) TRY(add_records(r, children, val_str(v->map[i].key), &rec, kind->name));
    }
    return NULL;
}

static Err *add_records(Reader *r, const Val *list, Str type, const Record *parent, Str parent_type)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->list[i].kind == VAL_MAP) TRY(add_record(r, &list->list[i], type, parent, parent_type));
    return NULL;
}

static Str stem(Str name)
{
    name = last_part(name);
    return is_json_name(name) ? str_sub(name, 0, name.n - 5) : name;
}

/* Records of a file, whose type is `type` unless they say another.  A file of something else gives none. */
static Err *take_file(Reader *r, File *file, Str type)
{
    if (file->is_done) return NULL;
    file->is_done = true;
    TRY(read_file(r, file));
    const Val *list = file->json->kind == VAL_LIST ? file->json : records_of(file->json);
    return list ? add_records(r, list, type.n ? type : stem(file->name), NULL, (Str){0}) : NULL;
}

/* --- plans ------------------------------------------------------------------------------------------------------------ */

static bool is_plan(const Val *json)
{
    const Val *first = json->kind == VAL_LIST && json->n ? &json->list[0] : NULL;

    return first && first->kind == VAL_MAP && val_get(first, S("sobject")) && val_get(first, S("files"));
}

/* A name in a plan is that of a file beside it. */
static Err *file_of_plan(Reader *r, Str name, File **out)
{
    Arena *errs = r->src->errs;

    *out = find_file(r, last_part(name));
    if (*out) return NULL;
    bool is_beside = !r->zip && r->folder.n && is_json_name(name) && str_find_char(name, '/') < 0;
    if (is_beside) TRY(add_file(r, name, -1));
    if (is_beside && (*out = find_file(r, name)) != NULL) return NULL;
    return err_arg(err_new(errs, ERR_INVALID, "error.source.plan", "the plan names %.*s", SFMT(name)), 0,
                   str_copy(errs, name));
}

static Err *take_plan(Reader *r, const Val *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        const Val *step = &plan->list[i], *files = step->kind == VAL_MAP ? val_get(step, S("files")) : NULL;
        for (size_t k = 0; files && files->kind == VAL_LIST && k < files->n; k++) {
            File *file;
            if (files->list[k].kind != VAL_TEXT) continue;
            TRY(file_of_plan(r, val_str(files->list[k]), &file));
            TRY(take_file(r, file, text_of(step, S("sobject"))));
        }
    }
    return NULL;
}

/* Plans first, in their order; then what no plan names. */
static Err *take_all(Reader *r)
{
    for (size_t i = 0, n = r->files.n; i < n; i++) {
        TRY(read_file(r, &r->files.p[i]));
        if (!is_plan(r->files.p[i].json)) continue;
        r->files.p[i].is_done = true;
        TRY(take_plan(r, r->files.p[i].json));
    }
    for (size_t i = 0; i < r->files.n; i++) TRY(take_file(r, &r->files.p[i], (Str){0}));
    return NULL;
}

/* --- rows ------------------------------------------------------------------------------------------------------------- */

static Str cell_text(Arena *mem, Val v)
{
    switch (v.kind) {
    case VAL_NULL: return (Str){0};
    case VAL_TEXT: return str_copy(mem, val_str(v));
    case VAL_BOOL: return v.b ? S("true") : S("false");
    case VAL_INT: return str_fmt(mem, "%lld", (long long)v.i);
    case VAL_DECIMAL: return decimal_text(mem, v.i, v.places);
    default: return json_text(mem, v);
    }
}

static void put(const Kind *kind, Row *row, Arena *mem, Str column, Val v)
{
    size_t at = (uintptr_t)strmap_get(&kind->columns, column);
    Str text = cell_text(mem, v);

    if (text.n > SOURCE_CELL_MAX)
        row->problem = source_problem(mem, "error.source.cell", row->line, "a value is over 1 MB");
    else if (at)
        ((Str *)(uintptr_t)row->cells)[at - 1] = text;
}

static void put_fields(const Kind *kind, Row *row, Arena *mem, const Val *map, Str prefix)
{
    for (size_t i = 0; i < map->n; i++) {
        const Val *v = &map->map[i].val;
        Str key = val_str(map->map[i].key);
        if (is_attributes(key) || records_of(v)) continue;
        Str name = prefix.n ? str_fmt(mem, "%.*s.%.*s", SFMT(prefix), SFMT(key)) : key;
        if (v->kind == VAL_MAP)
            put_fields(kind, row, mem, v, name);
        else
            put(kind, row, mem, name, *v);
    }
}

static Err *tree_rewind(Source *src, size_t table)
{
    Reader *r = src->reader;

    r->table = table;
    r->row = 0;
    return NULL;
}

static Err *tree_next(Source *src, Arena *tmp, Row *out, bool *has)
{
    Reader *r = src->reader;
    const Kind *kind = r->kinds.entries[r->table].val;

    *has = r->row < kind->records.n;
    if (!*has) return NULL;
    const Record *rec = &kind->records.p[r->row++];
    *out = (Row){.line = (int64_t)r->row, .cells = NEW_N(tmp, Str, kind->heads.n), .n = kind->heads.n};
    put_fields(kind, out, tmp, rec->fields, (Str){0});
    put(kind, out, tmp, REFERENCE, val_text(rec->reference));
    if (rec->parent.n) put(kind, out, tmp, rec->parent_column, val_text(rec->parent));
    for (size_t i = 0; i < rec->fields->n; i++) {
        Str name = name_behind(r, &rec->fields->map[i].val);
        if (name.n) put(kind, out, tmp, name_column(tmp, val_str(rec->fields->map[i].key)), val_text(name));
    }
    return NULL;
}

static int64_t tree_position(const Source *src)
{
    const Reader *r = src->reader;
    const Kind *kind = r->kinds.entries[r->table].val;

    return kind->records.n ? (int64_t)((double)src->size * (double)r->row / (double)kind->records.n)
                           : src->size;
}

/* Beside "Broker__c": "@Caroline" stands "Broker__c.Name": "Caroline Kingsley", wherever in the files she is. */
static void add_names(Reader *r)
{
    for (size_t i = 0; i < r->kinds.n; i++) {
        Kind *kind = r->kinds.entries[i].val;
        for (size_t k = 0; k < kind->records.n; k++) {
            const Val *map = kind->records.p[k].fields;
            for (size_t m = 0; m < map->n; m++)
                if (name_behind(r, &map->map[m].val).n)
                    add_column(r, kind, name_column(r->src->mem, val_str(map->map[m].key)));
        }
    }
}

static Err *make_tables(Reader *r)
{
    Source *src = r->src;

    src->tables = NEW_N(src->mem, Table, r->kinds.n);
    src->n_tables = r->kinds.n;
    for (size_t i = 0; i < r->kinds.n; i++) {
        Kind *kind = r->kinds.entries[i].val;
        if (kind->heads.n > SOURCE_COLUMNS_MAX) {
            Err *e = source_problem(src->errs, "error.source.columns", 1, "too many columns");
            return err_arg(err_arg(e, 1, str_fmt(src->errs, "%zu", kind->heads.n)), 2,
                           str_fmt(src->errs, "%d", SOURCE_COLUMNS_MAX));
        }
        src->tables[i] = (Table){kind->name, source_heads(src->mem, kind->heads.p, kind->heads.n),
                                 kind->heads.n, (int64_t)kind->records.n};
    }
    if (!src->n_tables) FAIL(src->errs, ERR_INVALID, "error.source.kind", "no records in it");
    return NULL;
}

Err *tree_open(Source *src, struct Archive *zip)
{
    static const SourceKind KIND = {"tree", tree_rewind, tree_next, tree_position};
    Reader *r = NEW(src->mem, Reader);
    Str path = str_c(src->path);
    struct stat st;

    *r = (Reader){.src = src, .zip = zip};
    src->kind = &KIND;
    src->reader = r;
    src->encoding = S("utf-8");
    if (zip) {
        TRY(list_zip(r));
    } else if (stat(src->path, &st) == 0 && S_ISDIR(st.st_mode)) {
        r->folder = str_cat(src->mem, path, S("/"));
        TRY(list_folder(r));
    } else {
        Str name = last_part(path);
        r->folder = str_sub(path, 0, path.n - name.n);
        TRY(add_file(r, name, -1));
    }
    TRY(take_all(r));
    add_names(r);
    src->size = (int64_t)r->size;
    return make_tables(r);
}
