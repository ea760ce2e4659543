/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups and measures over a list.  Money is measured in company currency.  Days, weeks, months are those of the viewer's
   zone: their boundaries are computed here and bound as a list, so that no zone arithmetic is done on a column and both
   databases agree. */
#include "base/decimal.h"
#include "base/text.h"
#include "base/time.h"
#include "core/asof.h"
#include "core/compile.h"
#include "core/query_impl.h"
#include "core/read.h"
#include "core/store.h"
#include "core/value.h"

#define BUCKETS_MAX 400

/* --- parsing --------------------------------------------------------------------------------------------------------- */

/* "name(inner)" or a bare word. */
static bool split_call(Str s, Str *fn, Str *inner)
{
    ptrdiff_t open = str_find_char(s, '(');

    if (open < 0 || !str_ends(s, S(")"))) return false;
    *fn = str_sub(s, 0, (size_t)open);
    *inner = str_trim(str_sub(s, (size_t)open + 1, s.n - (size_t)open - 2));
    return true;
}

/* account.industry: a field of the record that a reference of its own leads to. */
static Err *parse_path(Ctx *cx, const Object *obj, Str text, Group *out)
{
    ptrdiff_t dot = str_find_char(text, '.');
    Field *step = NULL;

    TRY(query_field(cx, obj, str_sub(text, 0, (size_t)dot), "group_by", &step));
    if ((step->result != FIELD_REFERENCE && step->result != FIELD_USER) || !step->target)
        FAIL_FIELD(cx->mem, S("group_by"), "error.group", "%.*s", SFMT(text));
    TRY(query_field(cx, step->target, str_from(text, (size_t)dot + 1), "group_by", &out->field));
    if (!out->field->is_groupable || out->field->result == FIELD_ANY_REFERENCE ||
        out->field->result == FIELD_DATE || out->field->result == FIELD_TIMESTAMP)
        FAIL_FIELD(cx->mem, S("group_by"), "error.group.field", "%.*s cannot be grouped by", SFMT(text));
    return query_expr(cx, obj, text, NULL, "group_by", &out->path);
}

static Err *parse_group(Ctx *cx, const Object *obj, Str text, Group *out)
{
    static const char *const NAMES[] = {"", "day", "week", "month", "quarter", "year"};
    Str fn = {0}, name = text;

    out->text = text;
    if (split_call(text, &fn, &name)) {
        for (int i = 1; i < 6; i++)
            if (str_eq_c(fn, NAMES[i])) out->bucket = (Bucket)i;
        if (out->bucket == BUCKET_NONE)
            FAIL_FIELD(cx->mem, S("group_by"), "error.group", "unknown %.*s", SFMT(fn));
    }
    if (out->bucket == BUCKET_NONE && str_find_char(name, '.') >= 0) return parse_path(cx, obj, name, out);
    TRY(query_field(cx, obj, name, "group_by", &out->field));
    bool is_time = out->field->result == FIELD_DATE || out->field->result == FIELD_TIMESTAMP;
    if ((out->bucket != BUCKET_NONE) != is_time &&
        (out->bucket != BUCKET_NONE || out->field->result == FIELD_TIMESTAMP))
        FAIL_FIELD(cx->mem, S("group_by"), "error.group", "%.*s", SFMT(text));
    if (!out->field->is_groupable && !out->field->is_system && !is_time)
        FAIL_FIELD(cx->mem, S("group_by"), "error.group.field", "%.*s cannot be grouped by", SFMT(name));
    return NULL;
}

static bool is_number(const Field *f)
{
    return f->result == FIELD_INTEGER || f->result == FIELD_DECIMAL || f->result == FIELD_MONEY ||
           f->result == FIELD_PERCENT || f->result == FIELD_DURATION || f->result == FIELD_AUTONUMBER;
}

static Err *parse_measure(Ctx *cx, const Object *obj, Str text, Measure *out)
{
    static const char *const NAMES[] = {"", "count", "sum", "avg", "min", "max"};
    Str fn, name;

    out->text = text;
    if (!split_call(text, &fn, &name))
        FAIL_FIELD(cx->mem, S("measures"), "error.measure", "%.*s", SFMT(text));
    for (int i = 1; i < 6; i++)
        if (str_eq_c(fn, NAMES[i])) out->op = (MeasureOp)i;
    if (!out->op || (out->op == MEASURE_COUNT) != (name.n == 0))
        FAIL_FIELD(cx->mem, S("measures"), "error.measure", "%.*s", SFMT(text));
    if (out->op == MEASURE_COUNT) return NULL;
    TRY(query_field(cx, obj, name, "measures", &out->field));
    bool is_ordered =
        is_number(out->field) || out->field->result == FIELD_DATE || out->field->result == FIELD_TIMESTAMP;
    bool fits = out->op == MEASURE_MIN || out->op == MEASURE_MAX ? is_ordered : is_number(out->field);
    if (!fits || (out->field->is_computed && !out->field->is_stored))
        FAIL_FIELD(cx->mem, S("measures"), "error.measure", "%.*s", SFMT(text));
    return NULL;
}

Err *aggregate_parse(Ctx *cx, Aggregate *a, Str group_by, Str measures)
{
    while (group_by.p && str_trim(group_by).n) {
        Str text = str_trim(str_cut(&group_by, ','));
        if (a->n_groups == 3) FAIL_FIELD(cx->mem, S("group_by"), "error.group.many", "at most three");
        TRY(parse_group(cx, a->query.obj, text, &a->groups[a->n_groups++]));
    }
    if (!measures.n) measures = S("count()");
    while (measures.p && str_trim(measures).n) {
        Str text = str_trim(str_cut(&measures, ','));
        if (a->n_measures == 8) FAIL_FIELD(cx->mem, S("measures"), "error.measure.many", "at most eight");
        TRY(parse_measure(cx, a->query.obj, text, &a->measures[a->n_measures++]));
    }
    return NULL;
}

/* --- buckets --------------------------------------------------------------------------------------------------------- */

static int64_t bucket_start(int64_t day, Bucket bucket)
{
    CivilDate d = date_to_civil(day);

    switch (bucket) {
    case BUCKET_WEEK: return day - (date_weekday(day) + 6) % 7; /* Monday */
    case BUCKET_MONTH: return date_from_civil(d.year, d.month, 1);
    case BUCKET_QUARTER: return date_from_civil(d.year, (d.month - 1) / 3 * 3 + 1, 1);
    case BUCKET_YEAR: return date_from_civil(d.year, 1, 1);
    default: return day;
    }
}

static int64_t bucket_next(int64_t start, Bucket bucket)
{
    CivilDate d = date_to_civil(start);
    int months = bucket == BUCKET_MONTH ? 1 : bucket == BUCKET_QUARTER ? 3 : bucket == BUCKET_YEAR ? 12 : 0;

    if (!months) return start + (bucket == BUCKET_WEEK ? 7 : 1);
    int month = d.month - 1 + months;
    return date_from_civil(d.year + month / 12, month % 12 + 1, 1);
}

static Err *range_of(Ctx *cx, const Aggregate *a, const Field *f, Val *low, Val *high)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT min(t0.");
    sql_ident(&q, f->column);
    sql_text(&q, "), max(t0.");
    sql_ident(&q, f->column);
    sql_text(&q, ") FROM ");
    TRY(asof_source(cx, &q, a->query.obj, 0));
    TRY(query_where(cx, &q, &a->query));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    TRY(db_next(rows, &has));
    *low = has ? db_val(rows, 0) : val_null();
    *high = has ? db_val(rows, 1) : val_null();
    return has ? db_next(rows, &has) : NULL;
}

static int64_t day_of(const Ctx *cx, const Field *f, int64_t v)
{
    return f->result == FIELD_DATE ? v : zone_date(cx->actor->zone, v);
}

static int64_t boundary(const Ctx *cx, const Field *f, int64_t day)
{
    return f->result == FIELD_DATE ? day : zone_day_start(cx->actor->zone, day);
}

/* CASE WHEN col < b1 THEN start0 WHEN col < b2 THEN start1 ... END over the range the rows have. */
static Err *add_bucket(Ctx *cx, Sql *q, const Aggregate *a, const Group *g)
{
    Val low, high;
    int64_t n = 0;

    TRY(range_of(cx, a, g->field, &low, &high));
    if (val_is_null(low)) {
        sql_text(q, "CAST(NULL AS BIGINT)");
        return NULL;
    }
    int64_t start = bucket_start(day_of(cx, g->field, low.i), g->bucket), last = day_of(cx, g->field, high.i);
    sql_text(q, "CASE");
    for (; start <= last; start = bucket_next(start, g->bucket)) {
        if (++n > BUCKETS_MAX)
            FAIL_FIELD(cx->mem, S("group_by"), "error.group.buckets", "more than %d groups", BUCKETS_MAX);
        sql_text(q, " WHEN t0.");
        sql_ident(q, g->field->column);
        sql_text(q, " < ");
        sql_bind(q, val_int(boundary(cx, g->field, bucket_next(start, g->bucket))));
        sql_text(q, " THEN ");
        sql_i64(q, start);
    }
    sql_text(q, " END");
    return NULL;
}

/* --- statement ------------------------------------------------------------------------------------------------------- */

static Str measured_column(const Field *f)
{
    Column columns[FIELD_COLUMNS_MAX];
    size_t n = field_columns(f, columns), pick = 0;

    for (size_t i = 0; i < n; i++)
        if (columns[i].role == COLUMN_BASE) pick = i;
    return columns[pick].name;
}

static void add_measure(Sql *q, const Measure *m)
{
    switch (m->op) {
    case MEASURE_COUNT: sql_text(q, "count(*)"); return;
    case MEASURE_SUM: sql_text(q, "kith_sum(t0."); break;
    case MEASURE_AVG: sql_text(q, "kith_avg(t0."); break;
    case MEASURE_MIN: sql_text(q, "min(t0."); break;
    case MEASURE_MAX: sql_text(q, "max(t0."); break;
    }
    sql_ident(q, measured_column(m->field));
    if (m->op == MEASURE_AVG) { /* integers gain two places */
        sql_text(q, ", ");
        sql_i64(q, m->field->result == FIELD_INTEGER ? 2 : 0);
    }
    sql_text(q, ")");
}

Err *aggregate_group(Ctx *cx, Sql *q, const Aggregate *a, const Group *g)
{
    uint8_t places = 0;

    if (g->bucket != BUCKET_NONE) return add_bucket(cx, q, a, g);
    if (g->path) return compile_value(cx, q, a->query.obj, 0, g->path, &places);
    sql_text(q, "t0.");
    sql_ident(q, g->field->column);
    bool is_id = g->field->result == FIELD_REFERENCE || g->field->result == FIELD_USER;
    if (g->field->result == FIELD_ANY_REFERENCE || (is_id && a->is_narrow)) sql_text(q, " + 0");
    return NULL;
}

static Err *build(Ctx *cx, Sql *q, const Aggregate *a)
{
    sql_text(q, "SELECT ");
    for (size_t i = 0; i < a->n_groups; i++) {
        TRY(aggregate_group(cx, q, a, &a->groups[i]));
        sql_text(q, " AS g");
        sql_i64(q, (int64_t)i);
        sql_text(q, ", ");
    }
    for (size_t i = 0; i < a->n_measures; i++) {
        if (i) sql_text(q, ", ");
        add_measure(q, &a->measures[i]);
    }
    sql_text(q, " FROM ");
    TRY(asof_source(cx, q, a->query.obj, 0));
    TRY(query_where(cx, q, &a->query));
    for (size_t i = 0; i < a->n_groups; i++) {
        if (i)
            sql_text(q, ", ");
        else
            sql_text(q, " GROUP BY ");
        sql_i64(q, (int64_t)i + 1);
    }
    for (size_t i = 0; i < a->n_groups; i++) {
        if (i)
            sql_text(q, ", ");
        else
            sql_text(q, " ORDER BY ");
        sql_i64(q, (int64_t)i + 1);
    }
    sql_text(q, " LIMIT 10001");
    return NULL;
}

Val aggregate_group_value(const Group *g, Val v)
{
    const Field *f = g->field;

    if (val_is_null(v)) return v;
    if (g->bucket != BUCKET_NONE) return val_date(v.i);
    switch (f->result) {
    case FIELD_REFERENCE:
    case FIELD_USER: return val_ref(f->target ? f->target->number : 0, v.i);
    case FIELD_BOOLEAN: return val_bool(v.i != 0);
    case FIELD_DATE: return val_date(v.i);
    case FIELD_DECIMAL:
    case FIELD_PERCENT: return val_decimal(v.i, f->places);
    default: return v;
    }
}

static Val measure_value(const Ctx *cx, const Measure *m, Val v)
{
    if (m->op == MEASURE_COUNT) return v;
    if (val_is_null(v)) return v;
    switch (m->field->result) {
    case FIELD_MONEY: return val_money(v.i, 4, cx->store->company->currency_code);
    case FIELD_DECIMAL:
    case FIELD_PERCENT: return val_decimal(v.i, m->field->places);
    case FIELD_DATE: return val_date(v.i);
    case FIELD_TIMESTAMP: return val_from_ms(v.i);
    case FIELD_DURATION: return val_duration(v.i, 0);
    default: return m->op == MEASURE_AVG ? val_decimal(v.i, 2) : v;
    }
}

Err *record_aggregate(Ctx *cx, Aggregate *a, AggregateRow **out, size_t *n)
{
    Sql q = sql_new(cx->mem);
    VEC(AggregateRow) found = {0};
    DbRows *rows;
    bool has;

    if (!rights_may(cx, a->query.obj, VERB_READ))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to read %.*s", SFMT(a->query.obj->name));
    TRY(build(cx, &q, a));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        AggregateRow *row = vec_push(cx->mem, &found);
        for (size_t i = 0; i < a->n_groups; i++)
            row->groups[i] = aggregate_group_value(&a->groups[i], db_val(rows, i));
        for (size_t i = 0; i < a->n_measures; i++)
            row->measures[i] = measure_value(cx, &a->measures[i], db_val(rows, a->n_groups + i));
    }
    *out = found.p;
    *n = found.n;
    return NULL;
}
