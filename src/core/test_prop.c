/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random records for property tests.  Everything follows from the state of the generator and the metadata, so that two
   databases get the same world; only ids of what a new company starts with differ and are taken by their order. */
#include "core/test_prop.h"

#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>

Prop prop_start(void)
{
    const char *given = getenv("KITH_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)(clock_now_ms() / 86400000);

    printf("# seed %llu (KITH_SEED)\n", (unsigned long long)seed);
    return (Prop){seed * 0x9E3779B97F4A7C15u + 1};
}

unsigned prop_below(Prop *p, unsigned n)
{
    uint64_t z = p->state += 0x9E3779B97F4A7C15u; /* splitmix64 (Steele, Lea, Flood 2014) */

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (unsigned)((z ^ (z >> 31)) % n);
}

bool prop_one_in(Prop *p, unsigned n)
{
    return prop_below(p, n) == 0;
}

void prop_pool_add(Arena *mem, PropPool *pool, const Object *obj, Id id)
{
    *vec_push(mem, &pool->ids[obj->number]) = id;
}

Err *prop_pool_load(Ctx *cx, PropPool *pool, const char *object, size_t max)
{
    const Object *obj = meta_object(cx->meta, str_c(object));
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT id FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " WHERE deleted_at IS NULL ORDER BY id LIMIT ");
    sql_i64(&q, (int64_t)max);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        prop_pool_add(cx->mem, pool, obj, db_i64(rows, 0));
    }
}

/* --- values ---------------------------------------------------------------------------------------------------------- */

static const char *const TEXTS[] = {"Anna",    "anna",         "ANNA", "a",     "Łódź Trading", "łodz",
                                    "Ромашка", "ромашка ёлка", "B 2",  "100%",  "a_b",          "O'Brien",
                                    "x|y",     "Zażółć",       "Ж",    "zz top"};
static const char *const CODES[] = {"RU", "PL", "US", "ru"};
static const char *const TAGS[] = {"vip", "old", "a", "ab", "b"};
static const int64_t STEPS[] = {0, 1, -1, 2, -7, 7, 30, -30, -365, 400};

#define COUNT(a)        (sizeof(a) / sizeof *(a))
#define PICK(p, a)      ((a)[prop_below((p), (unsigned)COUNT(a))])
#define PICK_TEXT(p, a) val_text(str_c(PICK(p, a)))

static Val number(Prop *p, const Field *f)
{
    static const int64_t SMALL[] = {0, 1, 2, 3, 5, 10, 25, 100, 1000, 2020, -1, -7};
    static const int64_t PARTS[] = {0, 0, 5, 25, 3333};
    int64_t scale = 1, v;

    for (int i = 0; i < f->places; i++) scale *= 10;
    v = PICK(p, SMALL) * scale;
    if (f->places >= 2) v += PICK(p, PARTS) * (scale / 100) % scale;
    if (f->has_min && v < f->min_value) v = f->min_value;
    if (f->has_max && v > f->max_value) v = f->max_value;
    if (f->type == FIELD_INTEGER)
        return prop_one_in(p, 40) && !f->has_max ? val_int(INT64_C(1) << 52) : val_int(v);
    return val_decimal(v, f->places);
}

static Val money(Prop *p, const Field *f)
{
    static const int64_t AMOUNTS[] = {0, 1, 50, 99, 100, 1000, 12500, 999999};
    static const char *const CURRENCIES[] = {"RUB", "RUB", "USD", "EUR"};
    int64_t v = PICK(p, AMOUNTS) * 10000 + (prop_one_in(p, 3) ? 3300 : 0);
    Str currency = str_c(PICK(p, CURRENCIES));

    if (prop_one_in(p, 30) && str_eq_c(f->object->name, "account"))
        return val_money(INT64_C(999999999999990000), 4, currency_pack(S("RUB")));
    return val_money(v, 4, currency_pack(currency));
}

static Val pairs(Arena *mem, const char *const *keys, const Val *vals, size_t n)
{
    ValPair *out = NEW_N(mem, ValPair, n);

    for (size_t i = 0; i < n; i++) out[i] = (ValPair){val_text(str_c(keys[i])), vals[i]};
    return val_map(out, n);
}

static Val labelled(Arena *mem, Prop *p, const Field *f)
{
    static const char *const KEYS[] = {"value", "label", "main"};
    static const char *const LABELS[] = {"work", "home", "mobile"};
    static const char *const PHONES[] = {"+79161234567", "+48601234567", "+74951234567", "+12025550123"};
    static const char *const EMAILS[] = {"anna@example.com", "office@example.pl", "info@example.ru"};
    size_t n = 1 + prop_below(p, 3);
    Val *items = NEW_N(mem, Val, n);

    for (size_t i = 0; i < n; i++) {
        Val value = f->type == FIELD_PHONES ? val_text(str_c(PHONES[(i + prop_below(p, 2)) % 4]))
                                            : PICK_TEXT(p, EMAILS);
        Val label = prop_one_in(p, 3) ? val_null() : PICK_TEXT(p, LABELS);
        items[i] = pairs(mem, KEYS, (Val[]){value, label, val_bool(i == 0)}, 3);
    }
    return val_list(items, n);
}

static Val keys(Arena *mem, Prop *p, const Field *f)
{
    Val *items = NEW_N(mem, Val, 3);
    size_t n = 0;

    for (size_t i = 0; i < 3; i++) {
        Str key = f->n_options ? f->options[prop_below(p, (unsigned)f->n_options)].key : str_c(PICK(p, TAGS));
        bool is_new = true;
        for (size_t k = 0; k < n; k++) is_new = is_new && !str_eq(val_str(items[k]), key);
        if (is_new) items[n++] = val_text(key);
    }
    return val_list(items, n);
}

static Val person(Arena *mem, Prop *p)
{
    static const char *const KEYS[] = {"family", "given", "middle", "prefix"};
    Val parts[4] = {PICK_TEXT(p, TEXTS)};

    for (size_t i = 1; i < 4; i++) parts[i] = prop_one_in(p, 2) ? val_null() : PICK_TEXT(p, TEXTS);
    return pairs(mem, KEYS, parts, 4);
}

static Val reference(Prop *p, const PropPool *pool, const Object *target)
{
    const struct PropIds *ids = target ? &pool->ids[target->number] : NULL;

    return ids && ids->n ? val_ref(target->number, ids->p[prop_below(p, (unsigned)ids->n)]) : val_null();
}

static Val links(Arena *mem, Prop *p, const PropPool *pool, const Field *f)
{
    static const char *const KEYS[] = {"object", "id", "link"};
    Val *items = NEW_N(mem, Val, 3);
    size_t n = 0;

    for (size_t i = 0; i < 3; i++) {
        Val ref = reference(p, pool, f->far->target);
        bool is_new = !val_is_null(ref);
        for (size_t k = 0; k < n; k++) is_new = is_new && items[k].map[1].val.i != ref.i;
        if (is_new)
            items[n++] = pairs(mem, KEYS, (Val[]){val_text(f->far->target->name), ref, val_map(NULL, 0)}, 3);
    }
    return n ? val_list(items, n) : val_null();
}

static Val text(Prop *p, const Field *f)
{
    if (f->max && f->max < 10) return PICK_TEXT(p, CODES);
    return PICK_TEXT(p, TEXTS);
}

static Val any_value(Arena *mem, Prop *p, const PropPool *pool, const Field *f)
{
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_LONGTEXT: return f->is_unique ? val_null() : text(p, f);
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
    case FIELD_PERCENT: return number(p, f);
    case FIELD_MONEY: return money(p, f);
    case FIELD_BOOLEAN: return val_bool(prop_one_in(p, 2));
    case FIELD_DATE: return val_date(PROP_NOW / 86400000 + PICK(p, STEPS));
    case FIELD_TIME: return val_time_of_day(3600 * (int64_t)prop_below(p, 24));
    case FIELD_TIMESTAMP: return val_from_ms(PROP_NOW + PICK(p, STEPS) * 86400000 + PICK(p, STEPS) * 1500);
    case FIELD_DURATION: return val_duration(PICK(p, STEPS) * 1800, 0);
    case FIELD_CHOICE: return val_text(f->options[prop_below(p, (unsigned)f->n_options)].key);
    case FIELD_MULTICHOICE:
    case FIELD_TAGS: return keys(mem, p, f);
    case FIELD_PERSON_NAME: return person(mem, p);
    case FIELD_PHONES:
    case FIELD_EMAILS: return labelled(mem, p, f);
    case FIELD_URL: return val_text(S("https://example.com/"));
    case FIELD_REFERENCE:
    case FIELD_USER: return reference(p, pool, f->target);
    case FIELD_ANY_REFERENCE:
        return reference(p, pool, f->n_targets ? f->targets[prop_below(p, (unsigned)f->n_targets)] : NULL);
    case FIELD_LINKS: return links(mem, p, pool, f);
    default: return val_null();
    }
}

Val prop_value(Arena *mem, Prop *p, const PropPool *pool, const Field *f, bool is_needed)
{
    return !is_needed && prop_one_in(p, 3) ? val_null() : any_value(mem, p, pool, f);
}

void prop_fill(Arena *mem, Prop *p, const PropPool *pool, Record *rec, unsigned share)
{
    for (size_t i = SYS_OWNER; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        bool is_settable = f->is_system ? i == SYS_OWNER && rec->obj->has_owner
                                        : !f->is_computed && f->type != FIELD_AUTONUMBER;
        if (!is_settable || f->is_secret || f->type == FIELD_JSON || prop_below(p, 8) >= share) continue;
        rec->vals[i] = prop_value(mem, p, pool, f, f->is_required);
        rec->is_set[i] = 1;
    }
}

/* --- the world ------------------------------------------------------------------------------------------------------- */

#define FIRST_ID (INT64_C(900) << 42)

static Err *make(Ctx *cx, PropPool *pool, Record *rec)
{
    TRY(record_create(cx, rec, NULL));
    prop_pool_add(cx->mem, pool, rec->obj, rec->id);
    return NULL;
}

static Record *start(Ctx *cx, const char *object, Id id)
{
    Record *rec = record_new(cx->mem, meta_object(cx->meta, str_c(object)));

    rec->id = id;
    return rec;
}

static Err *make_rates(Ctx *cx, PropPool *pool)
{
    const Object *currency = meta_object(cx->meta, S("currency"));

    TRY(prop_pool_load(cx, pool, "currency", 10));
    for (unsigned i = 0; i < pool->ids[currency->number].n; i++)
        for (int64_t back = 0; back < 3; back++) {
            Record *rate = start(cx, "rate", FIRST_ID + 10 * i + back);
            record_set(rate, "currency", val_ref(currency->number, pool->ids[currency->number].p[i]));
            record_set(rate, "date", val_date(PROP_NOW / 86400000 - back * back * 500));
            record_set(rate, "rate", val_decimal(INT64_C(725000000000) + 12345678 * back, 10));
            TRY(record_create(cx, rate, NULL));
        }
    return NULL;
}

static Err *make_people(Ctx *cx, PropPool *pool)
{
    const Object *team = meta_object(cx->meta, S("team")), *user = meta_object(cx->meta, S("user"));

    for (unsigned i = 0; i < 3; i++) {
        Record *rec = start(cx, "team", FIRST_ID + 100 + i);
        record_set(rec, "name", val_text(str_fmt(cx->mem, "Team %u", i)));
        if (i == 1) record_set(rec, "parent", val_ref(team->number, FIRST_ID + 100));
        TRY(make(cx, pool, rec));
    }
    for (unsigned i = 0; i < 6; i++) {
        Record *rec = start(cx, "user", FIRST_ID + 200 + i);
        record_set(rec, "name", val_text(str_fmt(cx->mem, "User %c", "FBDACE"[i])));
        record_set(rec, "email", val_text(str_fmt(cx->mem, "u%u@example.com", i)));
        if (i < 5) record_set(rec, "team", val_ref(team->number, FIRST_ID + 100 + i % 3));
        if (i == 1) record_set(rec, "manager", val_ref(user->number, FIRST_ID + 200));
        TRY(make(cx, pool, rec));
    }
    return NULL;
}

typedef struct Throw {
    Ctx *cx;
    PropPool *pool;
    Record *rec;
} Throw;

static Err *try_make(DbConn *c, void *arg)
{
    Throw *t = arg;

    (void)c;
    return make(t->cx, t->pool, t->rec);
}

/* A refused record leaves a gap in the numbers of PostgreSQL and none in those of SQLite. */
static void number_by_id(Record *rec)
{
    for (size_t i = SYS_COUNT; i < rec->obj->n_fields; i++)
        if (rec->obj->fields[i].type == FIELD_AUTONUMBER) rec->vals[i] = val_int(rec->id - FIRST_ID);
}

/* A record whose rules, or those of its links, refuse it is thrown again. */
static Err *make_random(Ctx *cx, Prop *p, PropPool *pool, const char *object, Id id)
{
    Err *e = NULL;

    for (int tries = 0; tries < 50; tries++) {
        Throw t = {cx, pool, start(cx, object, id)};
        prop_fill(cx->mem, p, pool, t.rec, 8);
        number_by_id(t.rec);
        e = db_attempt(cx->mem, cx->db, try_make, &t);
        if (!e || e->code != ERR_INVALID) return e;
        cx->pending = NULL;
    }
    return e;
}

/* What a new company starts with was made at the real time, which differs. */
static Err *same_times(Ctx *cx)
{
    Val bind = val_int(PROP_NOW - 86400000);

    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        Sql q = sql_new(cx->mem);
        sql_text(&q, "UPDATE ");
        sql_ident(&q, cx->meta->objects[i]->table);
        sql_text(&q, " SET created_at = ?1, updated_at = ?1, valid_from = ?1");
        TRY(db_exec(cx->mem, cx->db, buf_str(&q.text), &bind, 1, NULL));
    }
    return NULL;
}

Err *prop_world(Ctx *cx, Prop *p, PropPool *pool, size_t per_object)
{
    static const char *const OBJECTS[] = {"product",   "account", "contact", "deal",
                                          "deal_line", "lead",    "activity"};
    Id id = FIRST_ID + 10000;

    cx->may_write_readonly = true;
    TRY(same_times(cx));
    TRY(make_rates(cx, pool));
    TRY(make_people(cx, pool));
    TRY(prop_pool_load(cx, pool, "industry", 12));
    TRY(prop_pool_load(cx, pool, "pipeline", 5));
    TRY(prop_pool_load(cx, pool, "stage", 12));
    for (size_t i = 0; i < COUNT(OBJECTS); i++)
        for (size_t k = 0; k < per_object; k++, id += 1 + prop_below(p, 9))
            TRY(make_random(cx, p, pool, OBJECTS[i], id));
    return NULL;
}
