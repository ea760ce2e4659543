/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values a write computes: defaults, stored formulas, amounts in company currency. */
#include "base/decimal.h"
#include "base/text.h"
#include "core/compile.h"
#include "core/seen.h"
#include "core/store.h"
#include "core/write.h"

#include <string.h>

static bool eval(Ctx *cx, const Record *rec, const CelNode *tree, Val *out)
{
    Ctx system = ctx_as_system(cx);
    Actor who = *system.actor;
    RecordScope inner = {&system, rec};

    who.user = cx->actor->user;
    who.team = cx->actor->team;
    system.actor = &who;
    system.cache = cx->cache;
    CelScope scope = record_scope(&inner);
    Err *e = cel_eval(cx->mem, tree, &scope, out);
    cx->cache = system.cache;
    return e == NULL;
}

static Val fit_decimal(const Field *f, Val v)
{
    int64_t fit;

    if (v.kind == VAL_INT) v = val_decimal(v.i, 0);
    if (v.kind != VAL_DECIMAL && v.kind != VAL_MONEY) return val_null();
    return decimal_rescale(v.i, v.places, f->places, &fit) ? val_decimal(fit, f->places) : val_null();
}

static Val fit_money(Ctx *cx, const Field *f, Val v)
{
    int64_t fit, rounded;
    uint16_t currency = v.kind == VAL_MONEY && v.aux ? v.aux : cx->store->company->currency_code;
    char code[4];

    if (v.kind == VAL_INT) v = val_decimal(v.i, 0);
    if (v.kind != VAL_DECIMAL && v.kind != VAL_MONEY) return val_null();
    if (!decimal_rescale(v.i, v.places, 4, &fit)) return val_null();
    currency_unpack(currency, code);
    int places = currency_places(str_c(code));
    if (!f->is_unit_price && places >= 0 && places < 4 && decimal_rescale(fit, 4, (uint8_t)places, &rounded))
        fit = decimal_rescale(rounded, (uint8_t)places, 4, &rounded) ? rounded : fit;
    return val_money(fit, 4, currency);
}

Val compute_fit(Ctx *cx, const Field *f, Val v)
{
    if (val_is_null(v)) return v;
    switch (f->result) {
    case FIELD_INTEGER: return v.kind == VAL_INT ? v : val_null();
    case FIELD_DECIMAL:
    case FIELD_PERCENT: return fit_decimal(f, v);
    case FIELD_MONEY: return fit_money(cx, f, v);
    case FIELD_BOOLEAN: return v.kind == VAL_BOOL ? v : val_null();
    case FIELD_DATE: return v.kind == VAL_DATE ? v : val_null();
    case FIELD_TIMESTAMP: return v.kind == VAL_TIMESTAMP ? val_from_ms(val_ms(v)) : val_null();
    case FIELD_DURATION: return v.kind == VAL_DURATION ? val_duration(v.i, 0) : val_null();
    case FIELD_REFERENCE:
    case FIELD_USER:
        return v.kind == VAL_REF || v.kind == VAL_ID ? val_ref(f->target ? f->target->number : 0, v.i)
                                                     : val_null();
    case FIELD_TEXT:
    case FIELD_LONGTEXT:
    case FIELD_URL:
    case FIELD_CHOICE: return v.kind == VAL_TEXT && v.n ? v : val_null();
    default: return v;
    }
}

Err *compute_team(Ctx *cx, Record *rec)
{
    Val bind = val_int(rec->vals[SYS_OWNER].i), v;

    if (seen_team(cx, bind.i, &rec->vals[SYS_TEAM])) return NULL;
    TRY(db_one(cx->mem, cx->db, S("SELECT team_id FROM \"user\" WHERE id = ?1"), &bind, 1, &v));
    const Object *team = meta_object(cx->meta, S("team"));
    rec->vals[SYS_TEAM] = v.kind == VAL_INT && team ? val_ref(team->number, v.i) : val_null();
    seen_add_team(cx, bind.i, rec->vals[SYS_TEAM]);
    return NULL;
}

static Err *default_owner(Ctx *cx, Record *rec)
{
    const Object *user = meta_object(cx->meta, S("user"));

    if (!rec->obj->has_owner || !user) return NULL;
    if (!rec->is_set[SYS_OWNER] && val_is_null(rec->vals[SYS_OWNER]) && cx->actor->user)
        rec->vals[SYS_OWNER] = val_ref(user->number, cx->actor->user);
    if (rec->is_set[SYS_TEAM] || val_is_null(rec->vals[SYS_OWNER]) || !val_is_null(rec->vals[SYS_TEAM]))
        return NULL;
    return compute_team(cx, rec);
}

/* SQLite's one writer counts in a row, by plain statements: RETURNING and DO UPDATE would make every run a savepoint, at whose
   begin the full-text index writes out what it holds.  On PostgreSQL a row would make every two creations collide: a sequence,
   which leaves gaps where a unit was rolled back. */
static Err *next_number(Ctx *cx, const Field *f, Val *out)
{
    int64_t changed = 0;

    if (db_conn_can(cx->db, DB_CAP_TX_ID)) {
        Val name = val_text(number_sequence(cx->mem, f));
        return db_one(cx->mem, cx->db, S("SELECT nextval(CAST(?1 AS regclass))"), &name, 1, out);
    }
    Val bind = val_text(str_fmt(cx->mem, "%.*s.%.*s", SFMT(f->object->name), SFMT(f->name)));
    TRY(db_exec(cx->mem, cx->db, S("UPDATE counter SET value = value + 1 WHERE name = ?1"), &bind, 1,
                &changed));
    if (!changed)
        TRY(db_exec(cx->mem, cx->db, S("INSERT INTO counter (name, value) VALUES (?1, 1)"), &bind, 1, NULL));
    return db_one(cx->mem, cx->db, S("SELECT value FROM counter WHERE name = ?1"), &bind, 1, out);
}

Str number_sequence(Arena *mem, const Field *f)
{
    return str_fmt(mem, "number_%.*s_%.*s", SFMT(f->object->name), SFMT(f->name));
}

Err *compute_defaults(Ctx *cx, Record *rec)
{
    for (size_t i = SYS_COUNT; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        Val v;
        if (rec->is_set[i] || !val_is_null(rec->vals[i]) || !f->default_value.tree) continue;
        if (eval(cx, rec, f->default_value.tree, &v))
            rec->vals[i] = f->type == FIELD_MULTICHOICE || f->type == FIELD_TAGS ? v : compute_fit(cx, f, v);
    }
    return default_owner(cx, rec);
}

Err *compute_numbers(Ctx *cx, Record *rec)
{
    bool is_counted = false;

    for (size_t i = SYS_COUNT; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        if (f->type != FIELD_AUTONUMBER || !val_is_null(rec->vals[i])) continue;
        TRY(next_number(cx, f, &rec->vals[i]));
        is_counted = true;
    }
    return is_counted ? compute_formulas(cx, rec) : NULL;
}

Err *compute_formulas(Ctx *cx, Record *rec)
{
    for (size_t i = 0; i < rec->obj->n_formulas; i++) {
        const Field *f = rec->obj->formulas[i];
        Val v;
        if (f->type != FIELD_FORMULA || !f->is_stored || !f->formula.tree) continue;
        rec->vals[f->index] = eval(cx, rec, f->formula.tree, &v) ? compute_fit(cx, f, v) : val_null();
    }
    return NULL;
}

Err *money_base(Ctx *cx, Val money, int64_t days, Val *out)
{
    char code[4];
    int64_t base;
    Val rate;

    *out = val_null();
    if (money.kind != VAL_MONEY) return NULL;
    if (money.aux == cx->store->company->currency_code || money.i == 0) {
        *out = val_int(money.i);
        return NULL;
    }
    currency_unpack(money.aux, code);
    Val binds[] = {val_text(str_copy(cx->mem, str_c(code))), val_int(days)};
    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT r.rate FROM \"rate\" r JOIN \"currency\" c ON c.id = r.currency WHERE c.code = ?1 AND "
          "r.date <= ?2 AND r.deleted_at IS NULL ORDER BY r.date DESC LIMIT 1"),
        binds, 2, &rate));
    if (val_is_null(rate))
        return err_arg(err_new(cx->mem, ERR_INVALID, "error.rate.missing", "no rate of %s", code), 0,
                       val_str(binds[0]));
    if (!decimal_times(money.i, rate.i, 10, &base))
        FAIL(cx->mem, ERR_INVALID, "error.number.large", "amount does not fit in company currency");
    *out = val_int(base);
    return NULL;
}
