/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mapping understood: each column with the place it goes to.  Every word of it is checked here, once, so that rows need not
   ask again; what the columns' values say (dates, thousands) is learnt by one reading of the file. */
#include "core/export/guard.h"
#include "core/import/parts.h"
#include "core/option.h"
#include "core/store.h"

static const char KEYS[] =
    "table object columns defaults match mode values scale dates new_options restore rest unread clear zone skip "
    "file files rows name label recognise";

/* --- trees ----------------------------------------------------------------------------------------------------------- */

Val val_from_yaml(Arena *mem, const Yaml *node)
{
    if (!node) return val_null();
    if (node->kind == YAML_TEXT) {
        bool is_null = node->is_plain &&
                       (node->text.n == 0 || str_eq(node->text, S("null")) || str_eq(node->text, S("~")));
        bool is_flag = node->is_plain && (str_eq(node->text, S("true")) || str_eq(node->text, S("false")));
        if (is_flag) return val_bool(node->text.p[0] == 't');
        return is_null ? val_null() : val_text(node->text);
    }
    if (node->kind == YAML_LIST) {
        Val *items = NEW_N(mem, Val, node->n + 1);
        for (size_t i = 0; i < node->n; i++) items[i] = val_from_yaml(mem, node->items[i]);
        return val_list(items, node->n);
    }
    ValPair *pairs = NEW_N(mem, ValPair, node->n + 1);
    for (size_t i = 0; i < node->n; i++)
        pairs[i] = (ValPair){val_text(node->keys[i]), val_from_yaml(mem, node->items[i])};
    return val_map(pairs, node->n);
}

static const Val *part_of(const Val *mapping, const char *key)
{
    const Val *v = mapping->kind == VAL_MAP ? val_get(mapping, str_c(key)) : NULL;

    return v && !val_is_null(*v) ? v : NULL;
}

static Str text_of(const Val *v)
{
    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

static bool is_true(const Val *v)
{
    return v && ((v->kind == VAL_BOOL && v->b) || (v->kind == VAL_TEXT && str_eq(val_str(*v), S("true"))));
}

static bool flag_of(const Val *mapping, const char *key)
{
    return is_true(part_of(mapping, key));
}

/* --- paths ----------------------------------------------------------------------------------------------------------- */

static Err *no_field(Arena *mem, Str path, Str name)
{
    return err_arg(err_field(err_new(mem, ERR_INVALID, "error.import.field", "%.*s: no field %.*s",
                                     SFMT(path), SFMT(name)),
                             path),
                   0, name);
}

static const Field *find_field(const Object *obj, Str name)
{
    const Field *f = object_field(obj, name);

    return f && !f->is_secret ? f : NULL;
}

/* The way a reference is found: "outside_id", "pipeline.name". */
static Err *set_by(Arena *mem, Target *t, Str rest)
{
    if (!rest.n || !t->to) return NULL;
    Str name = str_cut(&rest, '.');

    if (!(t->by = find_field(t->to, name))) return no_field(mem, t->path, name);
    if (rest.n && t->by->target && !(t->by2 = find_field(t->by->target, rest)))
        return no_field(mem, t->path, rest);
    return NULL;
}

static Err *set_part(Arena *mem, const Meta *meta, Target *t, Str rest)
{
    switch (t->field->result) {
    case FIELD_PERSON_NAME:
    case FIELD_EMAILS:
    case FIELD_PHONES:
    case FIELD_HANDLES:
    case FIELD_ADDRESSES:
    case FIELD_IDENTIFIER:
    case FIELD_MONEY:
        t->part = str_cut(&rest, '.');
        t->part2 = rest;
        return NULL;
    case FIELD_REFERENCE:
    case FIELD_USER: t->to = t->field->target; return set_by(mem, t, rest);
    case FIELD_LINKS: t->to = t->field->far->target; return set_by(mem, t, rest);
    case FIELD_ANY_REFERENCE: {
        Str name = str_cut(&rest, '.');
        t->to = meta_object(meta, name);
        if (!t->to) return no_field(mem, t->path, name.n ? name : t->field->name);
        return set_by(mem, t, rest);
    }
    default: return rest.n ? no_field(mem, t->path, rest) : NULL;
    }
}

static bool may_be_set(const Field *f)
{
    if (f->is_computed || f->result == FIELD_AUTONUMBER) return false;
    return !f->is_system || (f->index != SYS_VERSION && f->index != SYS_DELETED_AT);
}

static Err *set_path(Arena *mem, ImportPlan *plan, Target *t, Str path)
{
    Str rest = path, name = str_cut(&rest, '.');

    t->path = path;
    t->field = find_field(plan->obj, name);
    if (!t->field && str_eq(name, S("note"))) return NULL;
    if (!t->field && str_eq(name, S("consent")) && consent_path(plan->meta, plan->obj, t, rest)) return NULL;
    if (!t->field) return no_field(mem, path, name);
    if (!may_be_set(t->field))
        return err_arg(err_field(err_new(mem, ERR_INVALID, "error.import.readonly", "%.*s: cannot be written",
                                         SFMT(path)),
                                 path),
                       0, path);
    return set_part(mem, plan->meta, t, rest);
}

static bool has_word(const Val *list, Str word)
{
    if (!list) return false;
    if (list->kind == VAL_TEXT) return str_eq(val_str(*list), word);
    for (uint32_t i = 0; list->kind == VAL_LIST && i < list->n; i++)
        if (list->list[i].kind == VAL_TEXT && str_eq(val_str(list->list[i]), word)) return true;
    return false;
}

/* A list of fields; true for every choice; or by field which values. */
static void want_new(Target *t, const Val *wanted, bool may_grow)
{
    const Val *own = wanted->kind == VAL_MAP ? val_get(wanted, t->field->name) : NULL;

    t->is_new = has_word(wanted, t->path) || has_word(wanted, t->field->name) ||
                (own && !val_is_null(*own)) || (may_grow && is_true(wanted));
    t->only = own && own->kind == VAL_LIST ? own : NULL;
}

static Err *set_extras(Arena *mem, const Val *mapping, Target *t)
{
    const Val *values = part_of(mapping, "values"), *scale = part_of(mapping, "scale"),
              *wanted = part_of(mapping, "new_options");
    const Val *factor = scale && scale->kind == VAL_MAP ? val_get(scale, t->path) : NULL;

    t->values = values && values->kind == VAL_MAP ? val_get(values, t->path) : NULL;
    if (!t->values && t->field && values && values->kind == VAL_MAP)
        t->values = val_get(values, t->field->name);
    if (factor && factor->kind == VAL_INT) t->scale = factor->i;
    if (factor && factor->kind == VAL_TEXT && !str_to_i64(val_str(*factor), &t->scale))
        return no_field(mem, t->path, S("scale"));
    bool may_grow = t->field && options_may_grow(t->field);
    if (wanted && t->field) want_new(t, wanted, may_grow);
    if (t->is_new && !t->to && t->field->result != FIELD_TAGS && !may_grow)
        return err_arg(
            err_field(err_new(mem, ERR_INVALID, "error.import.options",
                              "%.*s: its options are declared with the object, map the values instead",
                              SFMT(t->path)),
                      t->path),
            0, t->path);
    return NULL;
}

/* --- columns --------------------------------------------------------------------------------------------------------- */

static size_t count_targets(const Val *columns)
{
    size_t n = 0;

    for (uint32_t i = 0; columns && columns->kind == VAL_MAP && i < columns->n; i++)
        n += columns->map[i].val.kind == VAL_LIST ? columns->map[i].val.n : 1;
    return n;
}

/* By heading; "#3" is the third column where none is called so. */
static ptrdiff_t cell_of(const Table *table, Str heading)
{
    int64_t place = 0;

    for (size_t i = 0; i < table->n_heads; i++)
        if (str_eq(table->heads[i], heading)) return (ptrdiff_t)i;
    if (str_starts(heading, S("#")) && str_to_i64(str_from(heading, 1), &place) && place >= 1 &&
        place <= (int64_t)table->n_heads)
        return (ptrdiff_t)place - 1;
    return -1;
}

static Err *add_target(Arena *mem, ImportPlan *plan, const Val *mapping, Str heading, ptrdiff_t cell,
                       const Val *path)
{
    Target *t = &plan->targets[plan->n_targets];

    if (path->kind != VAL_TEXT || !val_str(*path).n) return NULL;
    *t = (Target){.heading = heading, .cell = cell};
    TRY(set_path(mem, plan, t, val_str(*path)));
    TRY(set_extras(mem, mapping, t));
    plan->n_targets++;
    return NULL;
}

static Err *add_columns(Arena *mem, ImportPlan *plan, const Val *mapping, const Val *columns)
{
    for (uint32_t i = 0; columns && columns->kind == VAL_MAP && i < columns->n; i++) {
        Str heading = val_str(columns->map[i].key);
        const Val *to = &columns->map[i].val;
        ptrdiff_t cell = cell_of(plan->table, heading);
        if (val_is_null(*to)) continue;
        if (cell < 0)
            return err_arg(err_new(mem, ERR_INVALID, "error.import.heading", "the file has no column %.*s",
                                   SFMT(heading)),
                           0, heading);
        for (uint32_t k = 0; k < (to->kind == VAL_LIST ? to->n : 1); k++)
            TRY(add_target(mem, plan, mapping, heading, cell, to->kind == VAL_LIST ? &to->list[k] : to));
    }
    return NULL;
}

static Err *add_defaults(Arena *mem, ImportPlan *plan, const Val *mapping, const Val *defaults)
{
    for (uint32_t i = 0; defaults && defaults->kind == VAL_MAP && i < defaults->n; i++) {
        Val path = defaults->map[i].key, text = defaults->map[i].val;
        Target *t = &plan->targets[plan->n_targets];
        if (text.kind != VAL_TEXT) text = val_text(val_is_null(text) ? (Str){0} : json_text(mem, text));
        TRY(add_target(mem, plan, mapping, val_str(path), -1, &path));
        t->text = val_str(text);
    }
    return NULL;
}

/* A column that is not there leaves nothing out. */
static void add_skips(Arena *mem, ImportPlan *plan, const Val *skip)
{
    bool is_map = skip && skip->kind == VAL_MAP;

    plan->skips = NEW_N(mem, Skip, is_map ? skip->n : 0);
    for (uint32_t i = 0; is_map && i < skip->n; i++) {
        ptrdiff_t cell = cell_of(plan->table, val_str(skip->map[i].key));
        if (cell < 0 || skip->map[i].val.kind != VAL_LIST) continue;
        plan->skips[plan->n_skips++] = (Skip){val_str(skip->map[i].key), (size_t)cell, &skip->map[i].val};
    }
}

static FieldGroup *group_of(Arena *mem, ImportPlan *plan, const Field *f)
{
    for (size_t i = 0; i < plan->n_groups; i++)
        if (plan->groups[i].field == f) return &plan->groups[i];
    FieldGroup *g = &plan->groups[plan->n_groups++];
    g->field = f;
    g->targets = NEW_N(mem, Target *, plan->n_targets);
    g->defaults = NEW_N(mem, Target *, plan->n_targets);
    return g;
}

static void group_targets(Arena *mem, ImportPlan *plan)
{
    plan->groups = NEW_N(mem, FieldGroup, plan->n_targets + 1);
    for (size_t i = 0; i < plan->n_targets; i++) {
        Target *t = &plan->targets[i];
        FieldGroup *g = group_of(mem, plan, t->field);
        if (t->cell >= 0)
            g->targets[g->n++] = t;
        else
            g->defaults[g->n_defaults++] = t;
    }
}

static void note_left(Arena *mem, ImportPlan *plan)
{
    plan->left = NEW_N(mem, Str, plan->table->n_heads + 1);
    plan->left_cells = NEW_N(mem, size_t, plan->table->n_heads + 1);
    plan->left_says = NEW_N(mem, bool, plan->table->n_heads + 1);
    for (size_t i = 0; i < plan->table->n_heads; i++) {
        bool is_used = false;
        for (size_t k = 0; k < plan->n_targets; k++)
            is_used = is_used || plan->targets[k].cell == (ptrdiff_t)i;
        if (is_used) continue;
        plan->left[plan->n_left] = plan->table->heads[i];
        plan->left_cells[plan->n_left++] = i;
    }
}

bool import_plan_refers(const ImportPlan *plan, const Object *obj)
{
    for (size_t i = 0; i < plan->n_targets; i++)
        if (plan->targets[i].to == obj) return true;
    return false;
}

const Str *import_plan_left(const ImportPlan *plan, size_t *n)
{
    *n = plan->n_left;
    return plan->left;
}

/* --- the whole ------------------------------------------------------------------------------------------------------- */

Err *import_plan_match(Arena *mem, ImportPlan *plan, Str fields)
{
    Str rest = fields;

    plan->n_match = 0;
    plan->match = NEW_N(mem, const Field *, fields.n + 1);
    while (rest.n) {
        Str name = str_trim(str_cut(&rest, ','));
        const Field *f = find_field(plan->obj, name);
        if (!f) return no_field(mem, S("match"), name);
        plan->match[plan->n_match++] = f;
    }
    if (plan->n_match && plan->mode == IMPORT_CREATE) plan->mode = IMPORT_UPSERT;
    return NULL;
}

void import_plan_mode(ImportPlan *plan, ImportMode mode)
{
    plan->mode = mode;
}

static Err *set_match(Arena *mem, ImportPlan *plan, const Val *match)
{
    Buf b = buf_new(mem, 4096);

    if (!match) return NULL;
    if (match->kind == VAL_TEXT) return import_plan_match(mem, plan, val_str(*match));
    for (uint32_t i = 0; match->kind == VAL_LIST && i < match->n; i++)
        buf_addf(&b, "%s%.*s", i ? "," : "", SFMT(text_of(&match->list[i])));
    return import_plan_match(mem, plan, buf_str(&b));
}

static Err *set_mode(Arena *mem, ImportPlan *plan, Str mode)
{
    if (str_eq(mode, S("create")))
        plan->mode = IMPORT_CREATE;
    else if (str_eq(mode, S("update")))
        plan->mode = IMPORT_UPDATE;
    else if (str_eq(mode, S("upsert")))
        plan->mode = IMPORT_UPSERT;
    else if (mode.n)
        return err_arg(err_new(mem, ERR_INVALID, "error.import.map", "mode is create, update or upsert"), 0,
                       mode);
    return NULL;
}

static bool is_known_key(Str key)
{
    Str rest = str_c(KEYS);

    while (rest.n)
        if (str_eq(str_cut(&rest, ' '), key)) return true;
    return false;
}

static Err *check_keys_of(Arena *mem, const Val *mapping)
{
    if (mapping->kind != VAL_MAP) FAIL(mem, ERR_INVALID, "error.import.map", "a map of columns is expected");
    for (uint32_t i = 0; i < mapping->n; i++)
        if (!is_known_key(val_str(mapping->map[i].key)))
            return err_arg(err_new(mem, ERR_INVALID, "error.import.map", "unknown word %.*s",
                                   SFMT(val_str(mapping->map[i].key))),
                           0, val_str(mapping->map[i].key));
    return NULL;
}

Err *import_plan(Arena *mem, const Meta *meta, const Object *obj, const Val *mapping, const Table *table,
                 ImportPlan **out)
{
    ImportPlan *plan = NEW(mem, ImportPlan);

    *out = plan;
    TRY(check_keys_of(mem, mapping));
    const Val *columns = part_of(mapping, "columns"), *defaults = part_of(mapping, "defaults"),
              *dates = part_of(mapping, "dates");
    *plan = (ImportPlan){.meta = meta, .obj = obj, .table = table, .zone = text_of(part_of(mapping, "zone"))};
    plan->targets = NEW_N(
        mem, Target, count_targets(columns) + (defaults && defaults->kind == VAL_MAP ? defaults->n : 0) + 1);
    plan->dates = text_of(dates);
    plan->dates_by = dates && dates->kind == VAL_MAP ? dates : NULL;
    plan->restores = flag_of(mapping, "restore");
    plan->clears = flag_of(mapping, "clear");
    plan->keeps_rest = str_eq(text_of(part_of(mapping, "rest")), S("note"));
    plan->keeps_unread = str_eq(text_of(part_of(mapping, "unread")), S("note"));
    TRY(add_columns(mem, plan, mapping, columns));
    TRY(add_defaults(mem, plan, mapping, defaults));
    add_skips(mem, plan, part_of(mapping, "skip"));
    group_targets(mem, plan);
    note_left(mem, plan);
    TRY(set_match(mem, plan, part_of(mapping, "match")));
    return set_mode(mem, plan, text_of(part_of(mapping, "mode")));
}

/* --- feeds ----------------------------------------------------------------------------------------------------------- */

ImportRows rows_of(Source *src, size_t table)
{
    size_t n;

    return (ImportRows){.src = src, .index = table, .table = &source_tables(src, &n)[table]};
}

Err *rows_rewind(ImportRows *feed)
{
    feed->at = 0;
    return feed->src ? source_rewind(feed->src, feed->index) : NULL;
}

/* Only CSV carries the guard: in a workbook an apostrophe at the start of a text is the text's own. */
static void unguard_cells(Arena *tmp, Row *row)
{
    Str *cells = NEW_N(tmp, Str, row->n + 1);

    for (size_t i = 0; i < row->n; i++) cells[i] = csv_unguard(row->cells[i]);
    row->cells = cells;
}

Err *rows_next(ImportRows *feed, Arena *tmp, Row *out, bool *has)
{
    if (feed->src) {
        TRY(source_next(feed->src, tmp, out, has));
        if (*has && str_eq(source_kind(feed->src), S("csv"))) unguard_cells(tmp, out);
        return NULL;
    }
    *has = feed->at < feed->n_rows;
    if (*has) *out = feed->rows[feed->at++];
    return NULL;
}

Err *rows_each(Arena *mem, ImportRows *feed, RowFn fn, void *arg, int64_t *rows)
{
    Arena *tmp = arena_new(0);
    bool has = true;
    Err *e = rows_rewind(feed);

    for (*rows = 0; !e && has && (!feed->most || *rows < feed->most); *rows += has) {
        Row row = {0};
        arena_reset(tmp);
        e = rows_next(feed, tmp, &row, &has);
        if (!e && has) fn(arg, tmp, &row);
    }
    if (e) e = err_copy(mem, e);
    arena_free(tmp);
    return e;
}

/* --- what the values say --------------------------------------------------------------------------------------------- */

static bool is_dated(const Field *f)
{
    return f && (f->result == FIELD_DATE || f->result == FIELD_TIMESTAMP);
}

static bool is_numeric(const Field *f)
{
    return f && (f->result == FIELD_INTEGER || f->result == FIELD_DECIMAL || f->result == FIELD_PERCENT ||
                 f->result == FIELD_MONEY);
}

static void learn_row(Arena *mem, Arena *tmp, ImportPlan *plan, const Row *row)
{
    for (size_t i = 0; i < plan->n_targets; i++) {
        Target *t = &plan->targets[i];
        if (t->cell < 0 || (size_t)t->cell >= row->n) continue;
        Str cell = row->cells[t->cell];
        if (is_dated(t->field)) date_learn(mem, &t->dates, cell);
        if (is_numeric(t->field) && !t->part.n) number_learn(&t->numbers, cell);
        options_learn(mem, tmp, plan, t, cell);
    }
    for (size_t i = 0; i < plan->n_left; i++)
        if (!plan->left_says[i] && plan->left_cells[i] < row->n)
            plan->left_says[i] = str_trim(row->cells[plan->left_cells[i]]).n > 0;
}

static Err *decide(Arena *mem, ImportPlan *plan, Str order)
{
    for (size_t i = 0; i < plan->n_targets; i++) {
        Target *t = &plan->targets[i];
        const Val *own = plan->dates_by ? val_get(plan->dates_by, t->heading) : NULL;
        Str wanted = own ? text_of(own) : order.n ? order : plan->dates;
        t->order = DATE_ISO;
        t->grouping =
            is_numeric(t->field) ? number_grouping(&t->numbers, t->field->result == FIELD_INTEGER) : 0;
        if (!is_dated(t->field) || t->cell < 0) continue;
        Err *e = date_decide(mem, &t->dates, wanted, &t->order);
        if (e) return err_arg(err_field(e, t->heading), 1, t->heading);
    }
    return NULL;
}

typedef struct Scan {
    Arena *mem;
    ImportPlan *plan;
} Scan;

static void scan_row(void *arg, Arena *tmp, const Row *row)
{
    const Scan *scan = arg;

    if (!row->problem) learn_row(scan->mem, tmp, scan->plan, row);
}

Err *import_scan(Arena *mem, ImportPlan *plan, ImportRows *feed, Str order, int64_t *rows)
{
    Scan scan = {mem, plan};

    TRY(rows_each(mem, feed, scan_row, &scan, rows));
    TRY(options_check(mem, plan));
    return decide(mem, plan, order);
}
