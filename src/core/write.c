/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one write path.  Every create, update, delete and restore, from any door, goes through the same steps: right, merge,
   defaults, hooks, formulas, validation, row and past row, links, search entry, change, roll-ups.  It runs inside the caller's
   transaction and is a pure function of context and database, so that it can be replayed. */
#include "core/write.h"

#include "core/change.h"
#include "core/match/duplicates.h"
#include "core/module.h"
#include "core/read.h"
#include "core/search.h"
#include "core/seen.h"
#include "core/store.h"
#include "core/value.h"

#include <string.h>

static const WriteOptions NO_OPTIONS;

/* --- hooks ----------------------------------------------------------------------------------------------------------- */

typedef enum HookWhen { HOOK_BEFORE, HOOK_STORE, HOOK_AFTER, HOOK_DELETE, HOOK_FILL } HookWhen;

static HookFn hook_at(const Hook *hook, HookWhen when)
{
    switch (when) {
    case HOOK_BEFORE: return hook->before_write;
    case HOOK_STORE: return hook->before_store;
    case HOOK_AFTER: return hook->after_write;
    case HOOK_DELETE: return hook->before_delete;
    case HOOK_FILL: return hook->fill;
    }
    return NULL;
}

static Err *run_hooks(Ctx *cx, Record *rec, const Record *before, HookWhen when)
{
    for (size_t m = 0; m < cx->store->n_modules; m++) {
        const Module *mod = cx->store->modules[m];
        for (size_t i = 0; i < mod->n_hooks; i++) {
            const Hook *hook = &mod->hooks[i];
            HookFn fn = hook_at(hook, when);
            bool is_meant = hook->object[0] == '*' || str_eq_c(rec->obj->name, hook->object);
            if (fn && is_meant) TRY(fn(cx, rec, before));
        }
    }
    return NULL;
}

Err *hooks_fill(Ctx *cx, Record *rec, const Record *before)
{
    return run_hooks(cx, rec, before, HOOK_FILL);
}

Err *hooks_before(Ctx *cx, Record *rec, const Record *before)
{
    return run_hooks(cx, rec, before, HOOK_BEFORE);
}

Err *hooks_store(Ctx *cx, Record *rec, const Record *before)
{
    return run_hooks(cx, rec, before, HOOK_STORE);
}

Err *hooks_after(Ctx *cx, Record *rec, const Record *before)
{
    return run_hooks(cx, rec, before, HOOK_AFTER);
}

Err *hooks_delete(Ctx *cx, Record *rec)
{
    return run_hooks(cx, rec, NULL, HOOK_DELETE);
}

/* --- shared steps ---------------------------------------------------------------------------------------------------- */

static Val user_ref(const Ctx *cx, Id id)
{
    const Object *user = meta_object(cx->meta, S("user"));

    return id ? val_ref(user ? user->number : 0, id) : val_null();
}

static void relabel(Ctx *cx, Record *rec)
{
    const Field *f = rec->obj->label_field;

    rec->label = f && !val_is_null(rec->vals[f->index])
                     ? value_text(cx->mem, f, rec->vals[f->index], cx->actor->lang)
                     : (Str){0};
}

/* Names the field of a violated unique rule; who holds the value is told by the search, under his rights. */
static Err *explain_conflict(Ctx *cx, const Record *rec, Err *e)
{
    if (!e || e->code != ERR_CONFLICT || !str_eq(e->key, S("error.db.unique"))) return e;
    Err *told = err_new(cx->mem, ERR_CONFLICT, "error.unique", "another record has this value already");
    told->cause = e;
    for (size_t i = 0; i < rec->obj->n_indexes; i++) {
        const Index *index = &rec->obj->indexes[i];
        if (!index->is_unique || index->n == 0) continue;
        if (str_find(e->field, index->db_name) >= 0 || str_find(e->field, index->fields[0]->column) >= 0)
            return err_arg(err_field(told, index->fields[0]->name), 0,
                           label_in(&index->fields[0]->label, cx->actor->lang));
    }
    return told;
}

static Err *unit_end(Ctx *cx)
{
    return rollup_flush(cx);
}

/* Rights of the actor over the row as it now stands: he may not make what he could not then touch. */
static Err *still_allowed(Ctx *cx, const Record *rec, Verb verb)
{
    Level level = rights_level(cx, rec->obj, verb);
    const Rights *rights = cx->actor->rights;

    if (level == LEVEL_ALL) return NULL;
    if (level == LEVEL_NONE)
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to write %.*s", SFMT(rec->obj->name));
    if (!rec->obj->has_owner || rec->obj->parent) return NULL;
    Id owner = val_is_null(rec->vals[SYS_OWNER]) ? 0 : rec->vals[SYS_OWNER].i;
    Id team = val_is_null(rec->vals[SYS_TEAM]) ? 0 : rec->vals[SYS_TEAM].i;
    if (owner == rights->user) return NULL;
    for (size_t i = 0; level == LEVEL_TEAM && i < rights->n_people; i++)
        if (rights->people[i] == owner) return NULL;
    for (size_t i = 0; level == LEVEL_TEAM && i < rights->n_teams; i++)
        if (rights->teams[i] == team) return NULL;
    FAIL(cx->mem, ERR_DENIED, "error.denied", "record would be outside the actor's rights");
}

/* A child is written under its parent's right to update. */
static Err *parent_allowed(Ctx *cx, const Record *rec)
{
    const Field *f = rec->obj->parent;
    Record *parent;

    if (cx->actor->is_system || !f || val_is_null(rec->vals[f->index]) || f->type != FIELD_REFERENCE)
        return NULL;
    return read_for(cx, f->target, rec->vals[f->index].i, 0, VERB_UPDATE, &parent);
}

/* --- create ---------------------------------------------------------------------------------------------------------- */

static void stamp_new(Ctx *cx, Record *rec, const WriteOptions *opt)
{
    if (!rec->id) rec->id = id_new(cx->now);
    rec->version = 1;
    rec->vals[SYS_ID] = val_id(rec->id);
    rec->vals[SYS_VERSION] = val_int(1);
    rec->vals[SYS_DELETED_AT] = val_null();
    bool keep = opt->keep_times;
    if (!keep || val_is_null(rec->vals[SYS_CREATED_AT])) rec->vals[SYS_CREATED_AT] = val_from_ms(cx->now);
    if (!keep || val_is_null(rec->vals[SYS_UPDATED_AT]))
        rec->vals[SYS_UPDATED_AT] = rec->vals[SYS_CREATED_AT];
    if (!keep || val_is_null(rec->vals[SYS_CREATED_BY]))
        rec->vals[SYS_CREATED_BY] = user_ref(cx, cx->actor->user);
    if (!keep || val_is_null(rec->vals[SYS_UPDATED_BY]))
        rec->vals[SYS_UPDATED_BY] = rec->vals[SYS_CREATED_BY];
}

static void zero_rollups(Ctx *cx, Record *rec)
{
    for (size_t i = 0; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        if (f->type == FIELD_ROLLUP) rec->vals[i] = rollup_of_none(cx, f);
    }
}

Err *record_create(Ctx *cx, Record *rec, const WriteOptions *opt)
{
    if (!opt) opt = &NO_OPTIONS;
    if (!rights_may(cx, rec->obj, VERB_CREATE))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to create %.*s", SFMT(rec->obj->name));
    zero_rollups(cx, rec);
    TRY(compute_defaults(cx, rec));
    stamp_new(cx, rec, opt);
    TRY(hooks_before(cx, rec, NULL));
    TRY(compute_formulas(cx, rec));
    TRY(validate_record(cx, rec, NULL));
    TRY(still_allowed(cx, rec, VERB_CREATE));
    TRY(parent_allowed(cx, rec));
    if (opt->check_only) return NULL;
    TRY(compute_numbers(cx, rec));
    TRY(hooks_store(cx, rec, NULL));
    relabel(cx, rec);
    TRY(explain_conflict(cx, rec, row_insert(cx, rec)));
    TRY(links_save(cx, rec, NULL));
    TRY(search_put(cx, rec, NULL));
    TRY(duplicates_put(cx, rec, NULL));
    TRY(change_add(cx, NULL, rec, CHANGE_CREATE, false));
    TRY(restate_note(cx, NULL, rec));
    TRY(hooks_after(cx, rec, NULL));
    settle_self(cx, rec);
    TRY(rollup_note(cx, NULL, rec));
    return unit_end(cx);
}

/* --- update ---------------------------------------------------------------------------------------------------------- */

static Err *check_if_version(Ctx *cx, const Record *stored, int64_t wanted)
{
    if (!wanted || wanted == stored->version) return NULL;
    Err *e = err_new(cx->mem, ERR_CONFLICT, "error.version", "version is %lld", (long long)stored->version);
    e->status = 412;
    return e;
}

/* Did `f` change after version `base`?  Then somebody else's value stands there. */
static Err *changed_since(Ctx *cx, const Record *stored, int64_t base, uint8_t *is_changed)
{
    Change *changes;
    Ctx system = ctx_as_system(cx);
    size_t n;

    TRY(change_history(&system, stored->obj, stored->id, NULL, 200, &changes, &n));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < changes[i].n; k++)
            if (changes[i].version > base && !changes[i].is_derived)
                is_changed[changes[i].fields[k].field->index] = 1;
    return NULL;
}

static Err *check_base_version(Ctx *cx, const Record *stored, const Record *given, int64_t base)
{
    uint8_t *is_changed = NEW_N(cx->mem, uint8_t, stored->obj->n_fields);
    Err *problems = NULL;

    if (!base || base == stored->version) return NULL;
    if (base > stored->version)
        FAIL_FIELD(cx->mem, S("version"), "error.version", "version %lld has not been yet", (long long)base);
    TRY(changed_since(cx, stored, base, is_changed));
    for (size_t i = 0; i < stored->obj->n_fields; i++) {
        if (!given->is_set[i] || !is_changed[i] || val_same(given->vals[i], stored->vals[i])) continue;
        const Field *f = &stored->obj->fields[i];
        err_add(&problems,
                err_arg(err_field(err_new(cx->mem, ERR_CONFLICT, "error.conflict", "changed by another"),
                                  f->name),
                        0, label_in(&f->label, cx->actor->lang)));
    }
    return problems;
}

static bool may_set(const Ctx *cx, const Field *f)
{
    if (f->is_system && f->index != SYS_OWNER && f->index != SYS_TEAM) return false;
    return !f->is_computed && (!f->is_readonly || cx->may_write_readonly || cx->actor->is_system);
}

static bool apply_given(const Ctx *cx, Record *next, const Record *given)
{
    bool has_links = false;

    for (size_t i = 0; i < next->obj->n_fields; i++) {
        const Field *f = &next->obj->fields[i];
        if (!given->is_set[i] || !may_set(cx, f)) continue;
        next->vals[i] = given->vals[i];
        next->is_set[i] = 1;
        has_links = has_links || f->type == FIELD_LINKS;
    }
    return has_links;
}

static bool is_same_record(const Record *a, const Record *b)
{
    for (size_t i = 0; i < a->obj->n_fields; i++)
        if (!val_same(a->vals[i], b->vals[i])) return false;
    return true;
}

static bool is_version_free(const Record *before, const Record *rec)
{
    for (size_t i = SYS_OWNER; i < rec->obj->n_fields; i++)
        if (!rec->obj->fields[i].is_computed && rec->obj->fields[i].type != FIELD_LINKS &&
            !val_same(before->vals[i], rec->vals[i]))
            return false;
    return true;
}

/* What the record is found by. */
static Err *index_update(Ctx *cx, const Record *before, const Record *next)
{
    if (val_is_null(next->vals[SYS_DELETED_AT])) {
        TRY(search_put(cx, next, before));
        return duplicates_put(cx, next, before);
    }
    TRY(search_remove(cx, next));
    return duplicates_remove(cx, next);
}

static Err *save_update(Ctx *cx, const Record *before, Record *next, ChangeKind kind)
{
    seen_forget(cx);
    next->version = before->version + 1;
    next->vals[SYS_VERSION] = val_int(next->version);
    next->vals[SYS_UPDATED_AT] = val_from_ms(cx->now);
    next->vals[SYS_UPDATED_BY] = user_ref(cx, cx->actor->user);
    relabel(cx, next);
    TRY(explain_conflict(cx, next, row_update(cx, before, next)));
    TRY(index_update(cx, kind == CHANGE_RESTORE ? NULL : before, next));
    TRY(change_add(cx, before, next, kind, false));
    TRY(restate_note(cx, before, next));
    settle_self(cx, next);
    return rollup_note(cx, before, next);
}

/* The team is the responsible person's: a new one brings his. */
static Err *team_follows(Ctx *cx, Record *next, const Record *before)
{
    if (!next->obj->has_owner || next->is_set[SYS_TEAM] ||
        val_same(next->vals[SYS_OWNER], before->vals[SYS_OWNER]))
        return NULL;
    next->vals[SYS_TEAM] = val_null();
    return val_is_null(next->vals[SYS_OWNER]) ? NULL : compute_team(cx, next);
}

Err *record_update(Ctx *cx, Record *rec, const WriteOptions *opt)
{
    Record *stored, *next;

    if (!opt) opt = &NO_OPTIONS;
    TRY(read_for(cx, rec->obj, rec->id, READ_LOCK, VERB_UPDATE, &stored));
    TRY(check_if_version(cx, stored, opt->if_version));
    TRY(check_base_version(cx, stored, rec, opt->base_version));
    next = record_copy(cx->mem, stored);
    memset(next->is_set, 0, next->obj->n_fields);
    bool has_links = apply_given(cx, next, rec);
    if (!has_links && is_same_record(stored, next)) {
        *rec = *next;
        return NULL;
    }
    TRY(team_follows(cx, next, stored));
    TRY(hooks_before(cx, next, stored));
    TRY(compute_formulas(cx, next));
    TRY(validate_record(cx, next, stored));
    if (opt->check_only) return NULL;
    TRY(hooks_store(cx, next, stored));
    if (!is_version_free(stored, next)) TRY(save_update(cx, stored, next, CHANGE_UPDATE));
    TRY(links_save(cx, next, stored));
    TRY(hooks_after(cx, next, stored));
    *rec = *next;
    return unit_end(cx);
}

/* --- links ----------------------------------------------------------------------------------------------------------- */

static const Val *link_for(Val links, Id far)
{
    for (uint32_t i = 0; i < links.n; i++) {
        const Val *id = val_get(&links.list[i], S("id"));
        if (id && id->i == far) return &links.list[i];
    }
    return NULL;
}

static void set_link_fields(Record *link, const Val *item)
{
    const Val *own = item ? val_get(item, S("link")) : NULL;

    for (uint32_t i = 0; own && own->kind == VAL_MAP && i < own->n; i++) {
        const Field *f = object_field(link->obj, val_str(own->map[i].key));
        if (!f || f->is_system || f->is_computed) continue;
        link->vals[f->index] = own->map[i].val;
        link->is_set[f->index] = 1;
    }
}

static Err *stored_links(Ctx *cx, const Field *f, Id near, Id **links, Id **fars, size_t *n)
{
    Sql q = sql_new(cx->mem);
    VEC(Id) ids = {0}, far = {0};
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT id, ");
    sql_ident(&q, f->far->column);
    sql_text(&q, " FROM ");
    sql_ident(&q, f->through->table);
    sql_text(&q, " WHERE deleted_at IS NULL AND ");
    sql_ident(&q, f->near->column);
    sql_text(&q, " = ");
    sql_bind(&q, val_int(near));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &ids) = db_i64(rows, 0);
        *vec_push(cx->mem, &far) = db_i64(rows, 1);
    }
    *links = ids.p;
    *fars = far.p;
    *n = ids.n;
    return NULL;
}

static Err *put_link(Ctx *cx, const Field *f, Id near, Id far, Id link_id, const Val *item)
{
    Record *link = record_new(cx->mem, f->through);

    link->id = link_id;
    link->vals[f->near->index] = val_ref(f->object->number, near);
    link->vals[f->far->index] = val_ref(f->target->number, far);
    link->is_set[f->near->index] = link->is_set[f->far->index] = 1;
    set_link_fields(link, item);
    return link_id ? record_update(cx, link, NULL) : record_create(cx, link, NULL);
}

static Err *save_links(Ctx *cx, const Field *f, const Record *rec)
{
    Val wanted = rec->vals[f->index];
    Id *links, *fars;
    size_t n;

    TRY(stored_links(cx, f, rec->id, &links, &fars, &n));
    for (size_t i = 0; i < n; i++) {
        const Val *item = link_for(wanted, fars[i]);
        if (item)
            TRY(put_link(cx, f, rec->id, fars[i], links[i], item));
        else
            TRY(record_delete(cx, f->through, links[i], NULL));
    }
    for (uint32_t i = 0; wanted.kind == VAL_LIST && i < wanted.n; i++) {
        const Val *id = val_get(&wanted.list[i], S("id"));
        bool is_new = id != NULL;
        for (size_t k = 0; is_new && k < n; k++) is_new = fars[k] != id->i;
        if (is_new) TRY(put_link(cx, f, rec->id, id->i, 0, &wanted.list[i]));
    }
    return NULL;
}

Err *links_save(Ctx *cx, const Record *rec, const Record *before)
{
    (void)before;
    for (size_t i = SYS_COUNT; i < rec->obj->n_fields; i++)
        if (rec->obj->fields[i].type == FIELD_LINKS && rec->is_set[i])
            TRY(save_links(cx, &rec->obj->fields[i], rec));
    return NULL;
}

/* --- delete and restore ---------------------------------------------------------------------------------------------- */

#define REFERRERS_MAX 10000

static Err *referrers(Ctx *cx, const Field *f, const Record *target, size_t max, Id **out, size_t *n)
{
    Sql q = sql_new(cx->mem);
    VEC(Id) ids = {0};
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT id FROM ");
    sql_ident(&q, f->object->table);
    sql_text(&q, " WHERE deleted_at IS NULL AND ");
    sql_ident(&q, f->column);
    sql_text(&q, " = ");
    sql_bind(&q, val_int(target->id));
    sql_text(&q, " LIMIT ");
    sql_i64(&q, f->on_delete == ON_DELETE_FORBID ? 1 : (int64_t)max);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &ids) = db_i64(rows, 0);
    }
    *out = ids.p;
    *n = ids.n;
    return NULL;
}

static Err *clear_reference(Ctx *system, const Field *f, Id id)
{
    Record *rec = record_new(system->mem, f->object);

    rec->id = id;
    rec->is_set[f->index] = 1;
    return record_update(system, rec, NULL);
}

static Err *follow_one(Ctx *system, const Field *f, Id id)
{
    return f->on_delete == ON_DELETE_CLEAR ? clear_reference(system, f, id)
                                           : record_delete(system, f->object, id, NULL);
}

/* What refers to the record follows the rule of its reference, at most `max` of it.  It runs as the system in the actor's
   name: the rule is the administrator's. */
static Err *follow_references(Ctx *cx, const Field *f, const Record *target, size_t max, size_t *done)
{
    Ctx system = ctx_as_system(cx);
    Actor who = *system.actor;
    Id *ids;
    size_t n;

    TRY(referrers(cx, f, target, max, &ids, &n));
    *done += n;
    if (n == 0) return NULL;
    if (f->on_delete == ON_DELETE_FORBID)
        return err_arg(
            err_new(cx->mem, ERR_CONFLICT, "error.delete.used", "%.*s refers to it", SFMT(f->object->name)),
            0, label_in(&f->object->label_plural, cx->actor->lang));
    who.user = cx->actor->user;
    system.actor = &who;
    system.hold++;
    for (size_t i = 0; i < n; i++) TRY(follow_one(&system, f, ids[i]));
    ctx_join(cx, &system);
    return NULL;
}

static bool refers_to(const Field *f, const Object *target)
{
    return (f->type == FIELD_REFERENCE || f->type == FIELD_USER) && !f->is_system && f->target == target;
}

/* Those that forbid first: nothing is cleared for a record that then stays. */
static Err *follow_all(Ctx *cx, const Record *target, bool is_forbidding, size_t max, size_t *done)
{
    for (size_t i = 0; i < cx->meta->n_objects; i++)
        for (size_t k = SYS_COUNT; k < cx->meta->objects[i]->n_fields; k++) {
            const Field *f = &cx->meta->objects[i]->fields[k];
            if (!refers_to(f, target->obj) || (f->on_delete == ON_DELETE_FORBID) != is_forbidding) continue;
            if (*done < max) TRY(follow_references(cx, f, target, max - *done, done));
        }
    return NULL;
}

Err *delete_follow(Ctx *cx, const Object *obj, Id id, size_t max, size_t *done)
{
    Record *stored;
    size_t none = 0;

    *done = 0;
    TRY(read_for(cx, obj, id, READ_LOCK, VERB_DELETE, &stored));
    TRY(follow_all(cx, stored, true, 1, &none));
    TRY(follow_all(cx, stored, false, max, done));
    return unit_end(cx);
}

static Err *count_referrers(Ctx *cx, const Field *f, const Id *ids, size_t n, int64_t max, int64_t *out)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT count(*) FROM (SELECT 1 FROM ");
    sql_ident(&q, f->object->table);
    sql_text(&q, " WHERE deleted_at IS NULL AND ");
    sql_ident(&q, f->column);
    sql_ids(&q, ids, n);
    sql_text(&q, " LIMIT ");
    sql_i64(&q, max);
    sql_text(&q, ") r");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    TRY(db_next(rows, &has));
    *out += has ? db_i64(rows, 0) : 0;
    return has ? db_next(rows, &has) : NULL;
}

Err *delete_followers(Ctx *cx, const Object *obj, const Id *ids, size_t n, int64_t max, int64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < cx->meta->n_objects && n; i++)
        for (size_t k = SYS_COUNT; k < cx->meta->objects[i]->n_fields && *out < max; k++) {
            const Field *f = &cx->meta->objects[i]->fields[k];
            if (refers_to(f, obj) && f->on_delete != ON_DELETE_FORBID)
                TRY(count_referrers(cx, f, ids, n, max - *out, out));
        }
    return NULL;
}

static Err *mark_referred(Ctx *cx, const Field *f, const Id *ids, size_t n, uint8_t *is_referred)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT DISTINCT ");
    sql_ident(&q, f->column);
    sql_text(&q, " FROM ");
    sql_ident(&q, f->object->table);
    sql_text(&q, " WHERE deleted_at IS NULL AND ");
    sql_ident(&q, f->column);
    sql_ids(&q, ids, n);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        for (size_t i = 0; i < n; i++)
            if (ids[i] == db_i64(rows, 0)) is_referred[i] = 1;
    }
}

Err *delete_referred(Ctx *cx, const Object *obj, const Id *ids, size_t n, uint8_t *is_referred)
{
    for (size_t i = 0; i < cx->meta->n_objects && n; i++)
        for (size_t k = SYS_COUNT; k < cx->meta->objects[i]->n_fields; k++) {
            const Field *f = &cx->meta->objects[i]->fields[k];
            if (refers_to(f, obj)) TRY(mark_referred(cx, f, ids, n, is_referred));
        }
    return NULL;
}

/* All that follows, within this unit. */
static Err *follow_whole(Ctx *cx, const Record *target)
{
    size_t done = 0;

    TRY(follow_all(cx, target, true, 1, &done));
    for (done = REFERRERS_MAX; done == REFERRERS_MAX;) {
        done = 0;
        TRY(follow_all(cx, target, false, REFERRERS_MAX, &done));
    }
    return NULL;
}

Err *record_delete(Ctx *cx, const Object *obj, Id id, const WriteOptions *opt)
{
    Record *stored, *next;

    if (!opt) opt = &NO_OPTIONS;
    if (!cx->batch) cx->batch = id_new(cx->now); /* one undo for all that goes along */
    TRY(read_for(cx, obj, id, READ_LOCK, VERB_DELETE, &stored));
    TRY(check_if_version(cx, stored, opt->if_version));
    TRY(hooks_delete(cx, stored));
    if (!opt->is_alone) TRY(follow_whole(cx, stored));
    next = record_copy(cx->mem, stored);
    next->vals[SYS_DELETED_AT] = val_from_ms(cx->now);
    TRY(save_update(cx, stored, next, CHANGE_DELETE));
    return unit_end(cx);
}

Err *record_restore(Ctx *cx, const Object *obj, Id id)
{
    Record *stored, *next;

    TRY(read_for(cx, obj, id, READ_LOCK | READ_DELETED, VERB_DELETE, &stored));
    if (val_is_null(stored->vals[SYS_DELETED_AT])) return NULL;
    next = record_copy(cx->mem, stored);
    next->vals[SYS_DELETED_AT] = val_null();
    TRY(save_update(cx, stored, next, CHANGE_RESTORE));
    return unit_end(cx);
}

Err *record_save_apart(Ctx *cx, Record *rec)
{
    Ctx apart = ctx_as_system(cx);
    Id batch = cx->batch;
    bool has_row = cx->has_batch_row;

    apart.batch = 0;
    apart.has_batch_row = false;
    Err *e = rec->id ? record_update(&apart, rec, NULL) : record_create(&apart, rec, NULL);
    ctx_join(cx, &apart);
    cx->batch = batch;
    cx->has_batch_row = has_row;
    return e;
}
