/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import: rows to records.  Columns are decided first (what each holds, how its dates are written), then rows go through the
   write path in units of a few hundred, each row in an attempt of its own, so that a refused one takes nothing with it. */
#include "core/import.h"

#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "core/csv.h"
#include "core/store.h"
#include "core/value.h"
#include "core/write.h"

#define CHUNK       200
#define TARGETS_MAX 200000

typedef struct Target {
    Id id;
    Str text; /* as the record has it */
} Target;

/* Ways to find a record by what a cell says, in the order they are tried. */
typedef struct Finder {
    StrMap exact, fold, squeezed, name;
    bool is_loaded;
} Finder;

typedef struct Mapped {
    const ImportColumn *in;
    size_t cell;
    DateOrder order;
    char
        grouping; /* of numbers: the mark that parts thousands in this column; 0: told by each number itself */
    Finder *finder;
} Mapped;

typedef struct Import {
    Store *store;
    Arena *mem, *tmp; /* of the import; of the chunk at work */
    const ImportSpec *spec;
    const Csv *csv;
    ImportReport *out;
    Mapped *columns;
    Finder match;
    StrMap notes; /* text -> ImportNote * */
    VEC(ImportRefusal) refusals;
    size_t from, tried;
    ImportReport chunk;
    bool is_self; /* a column refers to the same object: rows may refer to later ones */
} Import;

/* --- notes ----------------------------------------------------------------------------------------------------------- */

static void note(Import *im, Str text)
{
    ImportNote *n = strmap_get(&im->notes, text);

    if (!n) {
        n = NEW(im->mem, ImportNote);
        n->text = str_copy(im->mem, text);
        strmap_put(im->mem, &im->notes, n->text, n);
    }
    n->n++;
}

/* --- the map file ---------------------------------------------------------------------------------------------------- */

static bool is_same_word(Arena *mem, Str a, Str b)
{
    return str_eq(text_fold(mem, a), text_fold(mem, b));
}

/* By name, then by label in any language. */
static Field *field_for(Arena *mem, const Object *obj, Str heading)
{
    Field *f = object_field(obj, heading);

    for (size_t i = 0; !f && i < obj->n_fields; i++)
        for (int lang = 0; !f && lang < LANG_COUNT; lang++)
            if (is_same_word(mem, obj->fields[i].label.text[lang], heading)) f = &obj->fields[i];
    return f && !f->is_secret ? f : NULL;
}

/* "field", "reference.field" or "name.family". */
static Err *set_target(Arena *mem, const Object *obj, const Yaml *at, Str path, ImportColumn *out)
{
    Str rest = path, name = str_cut(&rest, '.');

    out->field = object_field(obj, name);
    if (!out->field) return yaml_problem(mem, at, "error.import.field", "no field %.*s", SFMT(name));
    if (rest.n && out->field->type == FIELD_PERSON_NAME)
        out->part = rest;
    else
        out->by = rest;
    return NULL;
}

static Err *add_target(Arena *mem, const Object *obj, const Yaml *node, Str path, const Yaml *map,
                       ImportColumn *out)
{
    const Yaml *values = yaml_get(map, S("values")), *scale = yaml_get(yaml_get(map, S("scale")), path);

    TRY(set_target(mem, obj, node, path, out));
    out->values = yaml_get(values, path);
    if (scale && !str_to_i64(scale->text, &out->scale))
        return yaml_problem(mem, scale, "error.import.field", "scale is a number");
    return NULL;
}

static Err *spec_from_map(Arena *mem, const Object *obj, const Yaml *map, ImportSpec *out)
{
    const Yaml *columns = yaml_get(map, S("columns")), *match = yaml_get(map, S("match"));
    size_t n = 0;

    for (size_t i = 0; columns && i < columns->n; i++)
        n += columns->items[i]->kind == YAML_LIST ? columns->items[i]->n : 1;
    out->columns = NEW_N(mem, ImportColumn, n);
    for (size_t i = 0; columns && i < columns->n; i++) {
        const Yaml *to = columns->items[i];
        for (size_t k = 0; k < (to->kind == YAML_LIST ? to->n : 1); k++) {
            const Yaml *one = to->kind == YAML_LIST ? to->items[k] : to;
            ImportColumn *col = &out->columns[out->n_columns++];
            col->heading = columns->keys[i];
            TRY(add_target(mem, obj, one, one->text, map, col));
        }
    }
    out->defaults = yaml_get(map, S("defaults"));
    if (!match) return NULL;
    out->match = object_field(obj, match->text);
    out->mode = IMPORT_UPSERT;
    return out->match ? NULL
                      : yaml_problem(mem, match, "error.import.field", "no field %.*s", SFMT(match->text));
}

Err *import_spec(Arena *mem, const Object *obj, const Yaml *map, const Str *heads, size_t n, ImportSpec *out)
{
    Buf unknown = buf_new(mem, 4096);

    *out = (ImportSpec){.obj = obj};
    if (map) return spec_from_map(mem, obj, map, out);
    out->columns = NEW_N(mem, ImportColumn, n);
    for (size_t i = 0; i < n; i++) {
        Field *f = field_for(mem, obj, heads[i]);
        if (f)
            out->columns[out->n_columns++] = (ImportColumn){.heading = heads[i], .field = f};
        else if (heads[i].n)
            buf_addf(&unknown, "%s%.*s", unknown.n ? ", " : "", SFMT(heads[i]));
    }
    if (unknown.n)
        return err_arg(err_new(mem, ERR_INVALID, "error.import.columns", "nobody knows the columns %.*s",
                               SFMT(buf_str(&unknown))),
                       0, buf_str(&unknown));
    return NULL;
}

/* --- finding records ------------------------------------------------------------------------------------------------- */

static Str squeeze(Arena *mem, Str s)
{
    Str folded = text_fold(mem, s);
    char *p = str_to_c(mem, folded);
    size_t n = 0;

    for (size_t i = 0; i < folded.n; i++)
        if ((unsigned char)p[i] > ' ' && p[i] != '-' && p[i] != '.' && p[i] != '_') p[n++] = p[i];
    return (Str){p, n};
}

static void finder_put(Import *im, Finder *f, Str text, Id id)
{
    Target *kept = NEW(im->mem, Target);
    Str fold = text_fold(im->mem, text), squeezed = squeeze(im->mem, text),
        name = text_name_key(im->mem, text);

    *kept = (Target){id, str_copy(im->mem, text)};
    if (!strmap_get(&f->exact, text)) strmap_put(im->mem, &f->exact, kept->text, kept);
    if (!strmap_get(&f->fold, fold)) strmap_put(im->mem, &f->fold, fold, kept);
    if (!strmap_get(&f->squeezed, squeezed)) strmap_put(im->mem, &f->squeezed, squeezed, kept);
    if (name.n && !strmap_get(&f->name, name)) strmap_put(im->mem, &f->name, name, kept);
}

static Err *finder_load(Import *im, Ctx *cx, const Object *obj, const Field *by, Finder *f)
{
    Sql q = sql_new(im->mem);
    DbRows *rows;
    bool has;

    if (f->is_loaded || !by) return NULL;
    f->is_loaded = true;
    sql_text(&q, "SELECT id, ");
    sql_ident(&q, by->column);
    sql_text(&q, " FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " WHERE deleted_at IS NULL AND ");
    sql_ident(&q, by->column);
    sql_text(&q, " IS NOT NULL ORDER BY id LIMIT ");
    sql_i64(&q, TARGETS_MAX);
    TRY(sql_query(im->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Val v = db_val(rows, 1);
        finder_put(im, f, v.kind == VAL_TEXT ? val_str(v) : str_fmt(im->mem, "%lld", (long long)v.i),
                   db_i64(rows, 0));
    }
}

/* `how` says by which rule it was found when not exactly. */
static const Target *finder_get(Import *im, Finder *f, Str text, const char **how)
{
    const Target *found = strmap_get(&f->exact, text);

    *how = NULL;
    if (!found && (found = strmap_get(&f->fold, text_fold(im->tmp, text)))) *how = "letters";
    if (!found && (found = strmap_get(&f->squeezed, squeeze(im->tmp, text)))) *how = "spaces";
    if (!found && (found = strmap_get(&f->name, text_name_key(im->tmp, text)))) *how = "legal form";
    return found;
}

/* --- cells ----------------------------------------------------------------------------------------------------------- */

static Str replaced(Import *im, const Mapped *col, Str cell)
{
    const Yaml *to = col->in->values ? yaml_get(col->in->values, cell) : NULL;

    if (!to) return cell;
    note(im, str_fmt(im->tmp, "%.*s: %.*s -> %.*s", SFMT(col->in->heading), SFMT(cell), SFMT(to->text)));
    return to->text;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Between the first and the last digit of a number stand digits, points, commas, apostrophes and blanks (in UTF-8 also those that
   do not break a line): "12-15", "1e3" and "3 of 4" are no numbers. */
static bool is_number_like(Str s)
{
    size_t first = 0, last = s.n;

    while (first < last && !is_digit(s.p[first])) first++;
    while (last > first && !is_digit(s.p[last - 1])) last--;
    for (size_t i = first; i < last; i++) {
        Str rest = str_from(s, i);
        if (str_starts(rest, S("\xc2\xa0")))
            i += 1;
        else if (str_starts(rest, S("\xe2\x80\xaf")) || str_starts(rest, S("\xe2\x80\x89")))
            i += 2;
        else if (!is_digit(s.p[i]) && str_find_char(S(" .,'"), s.p[i]) < 0)
            return false;
    }
    return first < last && str_find_char(str_sub(s, 0, first), '(') < 0;
}

/* Whether each `mark` of the number is followed by three digits and then no digit, and stands before any other mark. */
static bool is_grouped(Str s, char mark, bool *has)
{
    bool is_after_other = false;

    for (size_t i = 0; i < s.n; i++) {
        bool is_mark = s.p[i] == mark, is_other = !is_mark && (s.p[i] == '.' || s.p[i] == ',');
        size_t digits = 0;
        while (is_mark && i + 1 + digits < s.n && is_digit(s.p[i + 1 + digits])) digits++;
        if (is_mark && (digits != 3 || is_after_other)) return false;
        is_after_other = is_after_other || is_other;
        *has = *has || is_mark;
    }
    return true;
}

/* How a column parts thousands, decided from all its values: "1,234" is a thousand unless another value says "0,5".  A point
   counts as such a mark only where whole numbers are expected: "1.234" is else a fraction. */
static char grouping_of(const Import *im, const Mapped *col)
{
    static const char MARKS[] = ",.";
    bool is_whole = col->in->field->type == FIELD_INTEGER;

    for (size_t m = 0; m < (is_whole ? 2 : 1); m++) {
        bool has = false, is_all = true;
        for (size_t i = 0; is_all && i < im->csv->n_rows; i++)
            is_all = is_grouped(im->csv->rows[i][col->cell], MARKS[m], &has);
        if (is_all && has) return MARKS[m];
    }
    return 0;
}

/* "1 234,56", "$1,234.50": the last of point and comma parts the fraction; the rest is grouping. */
static Str plain_number(Arena *mem, Str s, char grouping)
{
    ptrdiff_t point = -1;
    size_t marks = 0;
    Buf b = buf_new(mem, s.n + 2);

    for (size_t i = 0; i < s.n; i++) {
        bool is_mark = (s.p[i] == '.' || s.p[i] == ',') && s.p[i] != grouping;
        if (is_mark) marks = point >= 0 && s.p[i] == s.p[point] ? marks + 1 : 0;
        if (is_mark) point = (ptrdiff_t)i;
    }
    if (marks) point = -1; /* "1.234.567" */
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (is_digit(c) || (c == '-' && b.n == 0))
            buf_add_c(&b, c);
        else if ((ptrdiff_t)i == point)
            buf_add_c(&b, '.');
    }
    return buf_str(&b);
}

static Err *bad_cell(Import *im, const Mapped *col, const char *key, Str cell)
{
    return err_arg(err_field(err_new(im->tmp, ERR_INVALID, key, "%.*s: \"%.*s\" cannot be read",
                                     SFMT(col->in->heading), SFMT(cell)),
                             col->in->field->name),
                   0, cell);
}

static Err *number_cell(Import *im, const Mapped *col, Str cell, Val *out)
{
    uint8_t places;
    int64_t v;

    if (!is_number_like(cell) || !decimal_parse(plain_number(im->tmp, cell, col->grouping), &v, &places))
        return bad_cell(im, col, "error.import.number", cell);
    *out = val_decimal(v, places);
    if (col->in->scale && !decimal_mul(*out, val_decimal(col->in->scale, 0), out))
        return bad_cell(im, col, "error.import.number", cell);
    if (col->in->field->type == FIELD_INTEGER) {
        if (!decimal_rescale(out->i, out->places, 0, &v))
            return bad_cell(im, col, "error.import.number", cell);
        *out = val_int(v);
    }
    return NULL;
}

static Err *reference_cell(Import *im, Ctx *cx, const Mapped *col, Str cell, Val *out)
{
    const Field *f = col->in->field;
    const Field *by = col->in->by.n ? object_field(f->target, col->in->by) : f->target->label_field;
    const char *how;

    TRY(finder_load(im, cx, f->target, by, col->finder));
    const Target *found = finder_get(im, col->finder, cell, &how);
    if (!found) return bad_cell(im, col, "error.import.reference", cell);
    if (how)
        note(im, str_fmt(im->tmp, "%.*s: \"%.*s\" taken as \"%.*s\", the same but for %s",
                         SFMT(col->in->heading), SFMT(cell), SFMT(found->text), how));
    *out = val_text(id_text(im->tmp, found->id));
    return NULL;
}

static Err *choice_cell(Import *im, const Mapped *col, Str cell, Val *out)
{
    const Field *f = col->in->field;

    for (size_t i = 0; i < f->n_options; i++) {
        bool fits = is_same_word(im->tmp, f->options[i].key, cell);
        for (int lang = 0; lang < LANG_COUNT; lang++)
            fits = fits || is_same_word(im->tmp, f->options[i].label.text[lang], cell);
        if (!fits) continue;
        *out = val_text(f->options[i].key);
        return NULL;
    }
    return bad_cell(im, col, "error.import.choice", cell);
}

static Err *boolean_cell(Import *im, const Mapped *col, Str cell, Val *out)
{
    static const char *const YES[] = {"1", "true", "yes", "y", "да", "tak", "x"}, *const NO[] = {
                                                                                      "0", "false", "no",
                                                                                      "n", "нет",   "nie"};

    for (size_t i = 0; i < sizeof YES / sizeof *YES; i++)
        if (is_same_word(im->tmp, str_c(YES[i]), cell)) *out = val_bool(true);
    for (size_t i = 0; i < sizeof NO / sizeof *NO; i++)
        if (is_same_word(im->tmp, str_c(NO[i]), cell)) *out = val_bool(false);
    return val_is_null(*out) ? bad_cell(im, col, "error.import.boolean", cell) : NULL;
}

static Err *cell_json(Import *im, Ctx *cx, const Mapped *col, Str cell, Val *out)
{
    int64_t days;

    *out = val_null();
    cell = replaced(im, col, str_trim(cell));
    if (cell.n == 0) return NULL;
    switch (col->in->field->type) {
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
    case FIELD_PERCENT:
    case FIELD_MONEY: return number_cell(im, col, cell, out);
    case FIELD_BOOLEAN: return boolean_cell(im, col, cell, out);
    case FIELD_DATE:
        if (!date_read(cell, col->order, &days)) return bad_cell(im, col, "error.import.date", cell);
        *out = val_text(date_text(im->tmp, days));
        return NULL;
    case FIELD_REFERENCE:
    case FIELD_USER: return reference_cell(im, cx, col, cell, out);
    case FIELD_CHOICE: return choice_cell(im, col, cell, out);
    case FIELD_TAGS:
    case FIELD_MULTICHOICE: {
        Val *items = NEW_N(im->tmp, Val, 1);
        items[0] = val_text(cell);
        *out = val_list(items, 1);
        return NULL;
    }
    default: *out = val_text(cell); return NULL;
    }
}

/* "{product} for {account}" with the row's cells. */
static Str filled(Import *im, Str text, Str *const row)
{
    Buf b = buf_new(im->tmp, 64u << 10);

    while (text.p && text.n) {
        buf_add(&b, str_cut(&text, '{'));
        if (!text.p) break;
        Str name = str_cut(&text, '}');
        for (size_t i = 0; i < im->csv->n_heads; i++)
            if (str_eq(im->csv->heads[i], name)) buf_add(&b, str_trim(row[i]));
    }
    return str_trim(buf_str(&b));
}

static Err *set_value(Ctx *cx, Record *rec, const Field *f, Val json)
{
    Val v;

    TRY(value_from_json(cx, f, json, &v));
    rec->vals[f->index] = v;
    rec->is_set[f->index] = 1;
    return NULL;
}

static Err *set_defaults(Import *im, Ctx *cx, Record *rec, Str *const row)
{
    const Yaml *defaults = im->spec->defaults;

    for (size_t i = 0; defaults && i < defaults->n; i++) {
        ImportColumn in = {.heading = defaults->keys[i]};
        Finder finder = {0};
        Mapped col = {.in = &in, .order = DATE_ISO, .finder = &finder};
        Val json;
        TRY(set_target(im->tmp, rec->obj, defaults, defaults->keys[i], &in));
        Field *f = in.field;
        if (rec->is_set[f->index] && !val_is_null(rec->vals[f->index])) continue;
        TRY(cell_json(im, cx, &col, filled(im, defaults->items[i]->text, row), &json));
        TRY(set_value(cx, rec, f, json));
    }
    return NULL;
}

/* --- rows ------------------------------------------------------------------------------------------------------------ */

typedef struct RowJob {
    Import *im;
    Ctx *cx;
    size_t row;
    bool only_self; /* second pass: references to the same object */
    int outcome;    /* 1 created, 2 updated, 3 unchanged */
} RowJob;

static bool is_self_reference(const Import *im, const Field *f)
{
    return f->type == FIELD_REFERENCE && f->target == im->spec->obj;
}

static Err *fill_record(RowJob *job, Record *rec)
{
    Import *im = job->im;
    Str *row = im->csv->rows[job->row];
    Err *problems = NULL;

    for (size_t i = 0; i < im->spec->n_columns; i++) {
        const Mapped *col = &im->columns[i];
        Val json;
        if (is_self_reference(im, col->in->field) != job->only_self &&
            !(job->only_self && col->in->field == im->spec->match))
            continue;
        Err *e = cell_json(im, job->cx, col, row[col->cell], &json);
        if (!e) e = set_value(job->cx, rec, col->in->field, json);
        if (e) err_add(&problems, e);
    }
    if (!problems && !job->only_self) TRY(set_defaults(im, job->cx, rec, row));
    return problems;
}

static Id find_match(Import *im, const Record *rec)
{
    const Field *f = im->spec->match;
    const char *how;

    if (!f || rec->vals[f->index].kind != VAL_TEXT) return 0;
    const Target *found = finder_get(im, &im->match, val_str(rec->vals[f->index]), &how);
    return !found || (how && str_eq_c(str_c(how), "spaces")) ? 0 : found->id;
}

static Err *run_row(DbConn *c, void *arg)
{
    RowJob *job = arg;
    Import *im = job->im;
    Record *rec = record_new(im->tmp, im->spec->obj);

    (void)c;
    TRY(fill_record(job, rec));
    rec->id = find_match(im, rec);
    if (rec->id) {
        Record *before;
        TRY(record_get(job->cx, rec->obj, rec->id, 0, &before));
        TRY(record_update(job->cx, rec, NULL));
        job->outcome = rec->version == before->version ? 3 : 2;
        return NULL;
    }
    if (job->only_self) return NULL;
    if (im->spec->mode == IMPORT_UPDATE)
        FAIL(im->tmp, ERR_INVALID, "error.import.none", "no record to update");
    TRY(record_create(job->cx, rec, NULL));
    const Field *match = im->spec->match;
    if (match && rec->vals[match->index].kind == VAL_TEXT)
        finder_put(im, &im->match, val_str(rec->vals[match->index]), rec->id);
    job->outcome = 1;
    return NULL;
}

static void refuse_row(Import *im, size_t row, const Err *e)
{
    Buf b = buf_new(im->tmp, 4096);

    for (const Err *p = e; p; p = p->next) {
        buf_addf(&b, "%s%.*s", p == e ? "" : "; ", SFMT(p->detail.n ? p->detail : p->key));
        if (p->field.n && str_find(p->detail, p->field) < 0) buf_addf(&b, " (%.*s)", SFMT(p->field));
    }
    *vec_push(im->mem, &im->refusals) = (ImportRefusal){im->csv->lines[row], str_copy(im->mem, buf_str(&b))};
    im->chunk.refused++;
}

static bool is_fatal(const Err *e)
{
    return e->code == ERR_INTERNAL || e->code == ERR_UNAVAILABLE || e->code == ERR_LIMIT ||
           str_eq(e->key, S("error.db.serialization"));
}

static Err *do_row(Import *im, Ctx *cx, size_t row, bool only_self)
{
    RowJob job = {.im = im, .cx = cx, .row = row, .only_self = only_self};

    struct Pending *saved = rollup_save(cx);
    Err *e = db_attempt(im->tmp, cx->db, run_row, &job);
    if (e && is_fatal(e)) return e;
    if (e) cx->pending = saved;
    if (e)
        refuse_row(im, row, e);
    else if (!only_self && job.outcome == 1)
        im->chunk.created++;
    else if (!only_self && job.outcome == 2)
        im->chunk.updated++;
    else if (!only_self)
        im->chunk.unchanged++;
    return NULL;
}

typedef struct Chunk {
    Import *im;
    bool only_self;
} Chunk;

static Err *run_chunk(DbConn *c, void *arg)
{
    Chunk *chunk = arg;
    Import *im = chunk->im;
    arena_free(im->tmp); /* of the chunk before, or of a try before this one */
    im->tmp = arena_new(LIMIT_REQUEST_MEM);
    Ctx cx = ctx_system(im->store, im->tmp, c);
    size_t end = im->from + CHUNK < im->csv->n_rows ? im->from + CHUNK : im->csv->n_rows;

    if (im->tried == im->from + 1) im->match = (Finder){0}; /* a try before this one was rolled back */
    im->tried = im->from + 1;
    im->chunk = (ImportReport){0};
    cx.channel = CHANNEL_IMPORT;
    cx.batch = im->out->run;
    cx.is_quiet = true;
    if (im->spec->match) TRY(finder_load(im, &cx, im->spec->obj, im->spec->match, &im->match));
    cx.hold++;
    for (size_t i = im->from; i < end; i++) TRY(do_row(im, &cx, i, chunk->only_self));
    cx.hold--;
    TRY(rollup_flush(&cx));
    if (im->spec->is_dry) FAIL(im->mem, ERR_CONFLICT, "import.dry", "a dry run writes nothing");
    return NULL;
}

static Err *pass(Import *im, bool only_self, void (*progress)(void *, int64_t, int64_t), void *arg)
{
    Chunk chunk = {im, only_self};

    im->tried = 0;
    for (im->from = 0; im->from < im->csv->n_rows; im->from += CHUNK) {
        size_t refusals = im->refusals.n;
        Err *e = db_write(im->store->db, im->mem, run_chunk, &chunk);
        if (e && !(im->spec->is_dry && str_eq(e->key, S("import.dry")))) {
            im->refusals.n = refusals;
            return err_new(im->mem, e->code, str_to_c(im->mem, e->key), "%.*s", SFMT(err_text(im->mem, e)));
        }
        im->out->created += im->chunk.created;
        im->out->updated += im->chunk.updated;
        im->out->unchanged += im->chunk.unchanged;
        im->out->refused += im->chunk.refused;
        if (progress) progress(arg, (int64_t)im->from, (int64_t)im->csv->n_rows);
    }
    return NULL;
}

static Err *bind_columns(Import *im)
{
    im->columns = NEW_N(im->mem, Mapped, im->spec->n_columns);
    for (size_t i = 0; i < im->spec->n_columns; i++) {
        const ImportColumn *in = &im->spec->columns[i];
        Mapped *col = &im->columns[i];
        *col = (Mapped){.in = in, .cell = im->csv->n_heads, .finder = NEW(im->mem, Finder)};
        for (size_t k = 0; k < im->csv->n_heads; k++)
            if (str_eq(im->csv->heads[k], in->heading)) col->cell = k;
        if (col->cell == im->csv->n_heads)
            return err_arg(err_new(im->mem, ERR_INVALID, "error.import.heading",
                                   "the file has no column %.*s", SFMT(in->heading)),
                           0, in->heading);
        im->is_self = im->is_self || is_self_reference(im, in->field);
        col->grouping = grouping_of(im, col);
        if (in->field->type != FIELD_DATE) continue;
        Str *values = NEW_N(im->mem, Str, im->csv->n_rows);
        for (size_t k = 0; k < im->csv->n_rows; k++) values[k] = im->csv->rows[k][col->cell];
        Err *e = date_order_of(im->mem, values, im->csv->n_rows, im->spec->date_order, &col->order);
        if (e) return err_arg(err_field(e, in->heading), 1, in->heading);
    }
    return NULL;
}

Err *import_run(Store *store, Arena *mem, const ImportSpec *spec, const Csv *csv, ImportReport *out,
                void (*progress)(void *arg, int64_t done, int64_t total), void *arg)
{
    Import im = {.store = store, .mem = mem, .spec = spec, .csv = csv, .out = out};

    *out = (ImportReport){.run = id_new(store_now(store)), .total = (int64_t)csv->n_rows};
    TRY(bind_columns(&im));
    Err *e = pass(&im, false, progress, arg);
    if (!e && im.is_self && !spec->is_dry) {
        for (size_t i = 0; i < spec->n_columns; i++) *im.columns[i].finder = (Finder){0};
        e = pass(&im, true, NULL, NULL);
    }
    arena_free(im.tmp);
    if (e) return e;
    out->refusals = im.refusals.p;
    out->n_refusals = im.refusals.n;
    out->notes = NEW_N(mem, ImportNote, im.notes.n);
    for (size_t i = 0; i < im.notes.n; i++)
        out->notes[out->n_notes++] = *(ImportNote *)im.notes.entries[i].val;
    return NULL;
}
