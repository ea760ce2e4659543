/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rights: a role's JSON compiled for one user, and the conditions it puts on rows.

   A role says {"administrator":true} or, by object name with "*" as the default of business objects,
   {"deal":{"create":"all","read":"team","update":"own","delete":"none","export":true,"mass":true,
   "fields":{"amount":"hidden"},"limit":"CEL","also":"CEL"},"masked":true,"actions":["lead:convert"]}.
   Objects that are private are each one's own.  Objects of the group "settings" are readable unless named, and not writable.  `limit` narrows what the level gives,
   `also` widens what may be read (but not "none"); both are evaluated as the system.  Rights over an object with a parent are its parent's. */
#include "core/rights.h"

#include "core/compile.h"
#include "core/record.h"
#include "core/store.h"
#include "json/json.h"

static const char *const VERBS[] = {"create", "read", "update", "delete"};
static const char *const LEVELS[] = {"none", "own", "team", "all"};

/* --- compiling a role ------------------------------------------------------------------------------------------------ */

static bool level_from(Str s, uint8_t *out)
{
    for (uint8_t i = 0; i < 4; i++)
        if (str_eq_c(s, LEVELS[i])) {
            *out = i;
            return true;
        }
    return false;
}

static bool flag_of(const Val *entry, Str name, bool otherwise)
{
    const Val *v = val_get(entry, name);

    return v && v->kind == VAL_BOOL ? v->b : otherwise;
}

static bool is_system_object(const Object *obj)
{
    return str_eq(obj->group, S("settings"));
}

static void default_levels(const Object *obj, struct ObjectRights *out)
{
    bool is_key = str_eq(
        obj->name, S("api_key")); /* whose keys there are, and when they were used, is not everybody's */
    bool is_webhook = str_eq(obj->name, S("webhook")) ||
                      str_eq(obj->name, S("mail")); /* nor where what we know is sent to */

    out->level[VERB_READ] = is_key                                 ? LEVEL_OWN
                            : is_system_object(obj) && !is_webhook ? LEVEL_ALL
                                                                   : LEVEL_NONE;
}

/* What is addressed to one person is nobody else's, whatever a role says; he does not hand it on. */
static void private_levels(struct ObjectRights *out)
{
    out->level[VERB_READ] = out->level[VERB_UPDATE] = out->level[VERB_DELETE] = LEVEL_OWN;
    out->fields[SYS_OWNER] = out->fields[SYS_TEAM] = FIELD_READ;
    out->may_mass = true;
}

static uint8_t field_default(const Field *f)
{
    if (f->is_secret) return FIELD_HIDDEN;
    if (f->is_system) return f->index == SYS_OWNER || f->index == SYS_TEAM ? FIELD_WRITE : FIELD_READ;
    return f->is_computed || f->is_readonly ? FIELD_READ : FIELD_WRITE;
}

static void apply_fields(const Object *obj, const Val *fields, struct ObjectRights *out)
{
    for (uint32_t i = 0; i < fields->n && fields->kind == VAL_MAP; i++) {
        const Field *f = object_field(obj, val_str(fields->map[i].key));
        if (!f || fields->map[i].val.kind != VAL_TEXT) continue;
        Str how = val_str(fields->map[i].val);
        uint8_t right = str_eq(how, S("hidden")) ? FIELD_HIDDEN
                        : str_eq(how, S("read")) ? FIELD_READ
                                                 : FIELD_WRITE;
        if (right < out->fields[f->index]) out->fields[f->index] = right;
    }
}

static Err *rule_of(Arena *mem, const Object *obj, const Val *entry, Str name, CelNode **out)
{
    const Val *source = val_get(entry, name);
    CelEnv env = object_cel_env(obj);

    if (!source || source->kind != VAL_TEXT) return NULL;
    TRY(cel_parse(mem, val_str(*source), out));
    return cel_check(mem, &env, *out, &cel_bool);
}

static Err *apply_entry(Arena *mem, const Object *obj, const Val *entry, struct ObjectRights *out)
{
    if (!entry || entry->kind != VAL_MAP) return NULL;
    for (int v = 0; v < VERB_COUNT; v++) {
        const Val *level = val_get(entry, str_c(VERBS[v]));
        if (level && level->kind == VAL_BOOL) out->level[v] = level->b ? LEVEL_ALL : LEVEL_NONE;
        if (level && level->kind == VAL_TEXT && !level_from(val_str(*level), &out->level[v]))
            FAIL_FIELD(mem, S("rights"), "error.role.level", "unknown level %.*s", SFMT(val_str(*level)));
    }
    out->may_export = flag_of(entry, S("export"), out->may_export);
    out->may_mass = flag_of(entry, S("mass"), out->may_mass);
    const Val *fields = val_get(entry, S("fields"));
    if (fields) apply_fields(obj, fields, out);
    TRY(rule_of(mem, obj, entry, S("also"), &out->row_rule));
    return rule_of(mem, obj, entry, S("limit"), &out->limit);
}

static Err *compile_object(Arena *mem, const Object *obj, const Val *role, Rights *rights)
{
    struct ObjectRights *out = NEW(mem, struct ObjectRights);

    out->fields = NEW_N(mem, uint8_t, obj->n_fields);
    for (size_t i = 0; i < obj->n_fields; i++) out->fields[i] = field_default(&obj->fields[i]);
    rights->objects[obj->number] = out;
    if (obj->is_private) {
        private_levels(out);
        return NULL;
    }
    if (rights->is_administrator) {
        for (int v = 0; v < VERB_COUNT; v++) out->level[v] = LEVEL_ALL;
        out->may_export = out->may_mass = true;
        return NULL;
    }
    default_levels(obj, out);
    const Val *named = val_get(role, obj->name);
    if (!is_system_object(obj)) TRY(apply_entry(mem, obj, val_get(role, S("*")), out));
    return apply_entry(mem, obj, named, out);
}

static Err *load_ids(Ctx *cx, Str sql, Id start, Id **out, size_t *n)
{
    VEC(Id) ids = {0};
    DbRows *rows;
    bool has;
    Val bind = val_int(start);

    TRY(db_query(cx->mem, cx->db, sql, &bind, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &ids) = db_i64(rows, 0);
    }
    *out = ids.p;
    *n = ids.n;
    return NULL;
}

static Err *load_reach(Ctx *cx, Id team, Rights *out)
{
    if (team)
        TRY(load_ids(
            cx,
            S("WITH RECURSIVE r(id) AS (SELECT id FROM \"team\" WHERE id = ?1 UNION SELECT t.id FROM \"team\" t "
              "JOIN r ON t.parent = r.id WHERE t.deleted_at IS NULL) SELECT id FROM r"),
            team, &out->teams, &out->n_teams));
    return load_ids(
        cx,
        S("WITH RECURSIVE r(id) AS (SELECT id FROM \"user\" WHERE id = ?1 UNION SELECT u.id FROM \"user\" u "
          "JOIN r ON u.manager = r.id WHERE u.deleted_at IS NULL) SELECT id FROM r"),
        out->user, &out->people, &out->n_people);
}

static Err *load_actions(Ctx *cx, const Val *role, Rights *out)
{
    const Val *list = val_get(role, S("actions"));

    if (!list || list->kind != VAL_LIST) return NULL;
    out->actions = NEW_N(cx->mem, Str, list->n);
    for (uint32_t i = 0; i < list->n; i++)
        if (list->list[i].kind == VAL_TEXT) out->actions[out->n_actions++] = val_str(list->list[i]);
    return NULL;
}

Err *rights_load(Ctx *cx, Id user, Rights **out)
{
    Rights *rights = NEW(cx->mem, Rights);
    Val role = val_map(NULL, 0), bind = val_int(user);
    DbRows *rows;
    bool has;

    rights->user = user;
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT u.team_id, r.rights FROM \"user\" u LEFT JOIN \"role\" r ON r.id = u.role AND "
                   "r.deleted_at IS NULL WHERE u.id = ?1"),
                 &bind, 1, &rows));
    TRY(db_next(rows, &has));
    Id team = has ? db_i64(rows, 0) : 0;
    Str text = has ? db_str(rows, 1) : (Str){0};
    if (has) TRY(db_next(rows, &has));
    if (text.n) TRY(json_parse(cx->mem, text, &role));
    rights->is_administrator = flag_of(&role, S("administrator"), false);
    rights->may_see_masked = rights->is_administrator || flag_of(&role, S("masked"), true);
    TRY(load_actions(cx, &role, rights));
    TRY(load_reach(cx, team, rights));
    for (size_t i = 0; i < cx->meta->n_objects; i++)
        TRY(compile_object(cx->mem, cx->meta->objects[i], &role, rights));
    *out = rights;
    return NULL;
}

/* --- asking ---------------------------------------------------------------------------------------------------------- */

static const struct ObjectRights *rights_of(const Ctx *cx, const Object *obj)
{
    const Rights *rights = cx->actor->rights;

    return rights ? rights->objects[obj->number] : NULL;
}

/* A child's verbs are its parent's: what is written to a line is an update of its deal. */
static Verb parent_verb(Verb verb)
{
    return verb == VERB_READ ? VERB_READ : VERB_UPDATE;
}

Level rights_level(const Ctx *cx, const Object *obj, Verb verb)
{
    if (cx->actor->is_system) return LEVEL_ALL;
    const struct ObjectRights *rights = rights_of(cx, obj);
    if (!rights) return LEVEL_NONE;
    if (obj->parent && obj->parent->target) return rights_level(cx, obj->parent->target, parent_verb(verb));
    return (Level)rights->level[verb];
}

FieldRight rights_field(const Ctx *cx, const Field *f)
{
    if (f->is_secret) return FIELD_HIDDEN;
    if (cx->actor->is_system) return FIELD_WRITE;
    const struct ObjectRights *rights = rights_of(cx, f->object);
    return rights ? (FieldRight)rights->fields[f->index] : FIELD_HIDDEN;
}

bool rights_may(const Ctx *cx, const Object *obj, Verb verb)
{
    return rights_level(cx, obj, verb) > LEVEL_NONE;
}

/* --- conditions on rows ---------------------------------------------------------------------------------------------- */

static void add_col(Sql *q, unsigned alias, const char *col)
{
    sql_text(q, "t");
    sql_i64(q, alias);
    sql_text(q, ".");
    sql_ident(q, str_c(col));
}

/* "tN.col IN (?, ?, ...)": the list is filled up to a power of two by its last id, so that few statements are prepared. */
static void add_in(Sql *q, unsigned alias, const char *col, const Id *ids, size_t n)
{
    size_t size = 1;

    while (size < n) size *= 2;
    add_col(q, alias, col);
    sql_text(q, " IN (");
    for (size_t i = 0; i < size; i++) {
        if (i) sql_text(q, ", ");
        sql_bind(q, val_int(ids[i < n ? i : n - 1]));
    }
    sql_text(q, ")");
}

static void add_level(const Ctx *cx, Sql *q, const Object *obj, unsigned alias, Level level)
{
    const Rights *rights = cx->actor->rights;

    if (!obj->has_owner) { /* nobody owns it: own means made by me */
        add_col(q, alias, "created_by");
        sql_text(q, " = ");
        sql_bind(q, val_int(rights->user));
        return;
    }
    if (level == LEVEL_OWN) {
        add_col(q, alias, "owner_id");
        sql_text(q, " = ");
        sql_bind(q, val_int(rights->user));
        return;
    }
    add_in(q, alias, "owner_id", rights->people, rights->n_people);
    if (rights->n_teams) {
        sql_text(q, " OR ");
        add_in(q, alias, "team_id", rights->teams, rights->n_teams);
    }
}

/* `also` is about reading: what everybody may see is not everybody's to change.  None is none. */
static Err *add_rules(Ctx *cx, Sql *q, const Object *obj, unsigned alias, Verb verb)
{
    const struct ObjectRights *rights = rights_of(cx, obj);
    Level level = (Level)rights->level[verb];
    Ctx system = ctx_as_system(cx);
    Actor me = *system.actor;

    me.user = cx->actor->user;
    me.team = cx->actor->team;
    me.zone = cx->store->company->zone;
    system.actor = &me;
    if (level < LEVEL_ALL) {
        sql_text(q, " AND (");
        if (level == LEVEL_NONE)
            sql_text(q, "1 = 0");
        else
            add_level(cx, q, obj, alias, level);
        if (rights->row_rule && verb == VERB_READ && level > LEVEL_NONE) {
            sql_text(q, " OR ");
            TRY(compile_filter(&system, q, obj, alias, rights->row_rule, false));
        }
        sql_text(q, ")");
    }
    if (!rights->limit) return NULL;
    sql_text(q, " AND ");
    return compile_filter(&system, q, obj, alias, rights->limit, false);
}

static Err *add_parent(Ctx *cx, Sql *q, const Object *obj, unsigned alias, Verb verb)
{
    const Object *parent = obj->parent->target;
    unsigned up = alias + 1000;

    sql_text(q, " AND EXISTS (SELECT 1 FROM ");
    sql_ident(q, parent->table);
    sql_text(q, " t");
    sql_i64(q, up);
    sql_text(q, " WHERE ");
    add_col(q, up, "id");
    sql_text(q, " = ");
    add_col(q, alias, str_to_c(cx->mem, obj->parent->column));
    sql_text(q, " AND ");
    add_col(q, up, "deleted_at");
    sql_text(q, " IS NULL");
    TRY(rights_where(cx, q, parent, up, parent_verb(verb)));
    sql_text(q, ")");
    return NULL;
}

bool rights_are_open(const Ctx *cx, const Object *obj, Verb verb)
{
    if (cx->actor->is_system || (cx->actor->rights->is_administrator && !obj->is_private)) return true;
    if (obj->parent && obj->parent->target)
        return rights_are_open(cx, obj->parent->target, parent_verb(verb));
    const struct ObjectRights *rights = rights_of(cx, obj);
    return rights && rights->level[verb] == LEVEL_ALL && !rights->limit;
}

Err *rights_where(Ctx *cx, Sql *q, const Object *obj, unsigned alias, Verb verb)
{
    if (rights_are_open(cx, obj, verb)) return NULL;
    if (!rights_of(cx, obj)) {
        sql_text(q, " AND 1 = 0");
        return NULL;
    }
    if (obj->parent && obj->parent->target) return add_parent(cx, q, obj, alias, verb);
    return add_rules(cx, q, obj, alias, verb);
}

Err *rights_explain(Ctx *cx, const Object *obj, Id id, Id user, Str *out)
{
    Ctx probe = *cx;
    Actor who = {.user = user, .zone = cx->store->company->zone, .lang = cx->actor->lang};
    Rights *rights;
    Record *rec;

    TRY(rights_load(cx, user, &rights));
    who.rights = rights;
    probe.actor = &who;
    Err *e = record_get(&probe, obj, id, 0, &rec);
    if (e && e->code != ERR_NOT_FOUND) return e;
    const struct ObjectRights *own = rights->objects[obj->number];
    if (e)
        *out = S("rights.why.nothing");
    else if (rights->is_administrator)
        *out = S("rights.why.administrator");
    else if (obj->parent && obj->parent->target)
        *out = S("rights.why.parent");
    else if (own->level[VERB_READ] == LEVEL_ALL)
        *out = S("rights.why.all");
    else if (obj->has_owner && rec->vals[SYS_OWNER].i == user)
        *out = S("rights.why.owner");
    else if (own->row_rule && own->level[VERB_READ] < LEVEL_TEAM)
        *out = S("rights.why.rule");
    else
        *out = S("rights.why.team");
    return NULL;
}
