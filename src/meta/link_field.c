/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Looks up what fields name (targets, link objects, roll-ups) and checks that the keys given make sense for the field's
 * type, so that nothing that would be ignored can be written. */

#include "meta/decl.h"
#include "meta/field.h"
#include "meta/link.h"

Object *find_object(Load *ld, const Yaml *name)
{
    Object *found = meta_object(ld->meta, name->text);
    VEC(Str) all = {0};

    if (found) return found;
    for (size_t i = 0; i < ld->meta->n_objects; i++) *vec_push(ld->mem, &all) = ld->meta->objects[i]->name;
    Str hint = nearest_hint(ld->mem, name->text, all.p, all.n);

    PROBLEM(ld, name, "error.meta.reference", "there is no object \"%.*s\"%.*s", SFMT(name->text),
            SFMT(hint));
    return NULL;
}

Field *find_field(Load *ld, const Object *obj, const Yaml *name)
{
    Field *found = object_field(obj, name->text);
    VEC(Str) all = {0};

    if (found) return found;
    for (size_t i = 0; i < obj->n_fields; i++) *vec_push(ld->mem, &all) = obj->fields[i].name;
    Str hint = nearest_hint(ld->mem, name->text, all.p, all.n);

    PROBLEM(ld, name, "error.meta.reference", "%.*s has no field \"%.*s\"%.*s", SFMT(obj->name),
            SFMT(name->text), SFMT(hint));
    return NULL;
}

Field **find_fields(Load *ld, const Object *obj, const DeclList *names, size_t *n)
{
    Field **out = NEW_N(ld->mem, Field *, names->n ? names->n : 1);

    *n = 0;
    for (size_t i = 0; i < names->n; i++) {
        Field *f = find_field(ld, obj, decl_name(names, i));
        size_t j = 0;

        if (!f) continue;
        while (j < *n && out[j] != f) j++;
        if (j < *n) {
            PROBLEM(ld, decl_name(names, i), "error.meta.duplicate", "\"%.*s\" is listed twice",
                    SFMT(f->name));
        } else {
            out[(*n)++] = f;
        }
    }
    return out;
}

#define ROLLUP_DEPTH 4
#define T(type)      (UINT64_C(1) << (FIELD_##type))
#define NUMBERS      (T(INTEGER) | T(DECIMAL) | T(MONEY) | T(PERCENT))

/* Keys that only some types take; whether the type cannot do without. */
static const struct {
    const char *key;
    uint64_t may, must;
} TYPE_KEYS[] = {
    {"options", T(CHOICE) | T(MULTICHOICE) | T(FORMULA), T(CHOICE) | T(MULTICHOICE)},
    {"to", T(REFERENCE) | T(ANY_REFERENCE), T(REFERENCE)},
    {"on_delete", T(REFERENCE) | T(USER) | T(FILE), 0},
    {"inverse", T(REFERENCE) | T(USER), 0},
    {"through", T(LINKS), T(LINKS)},
    {"near", T(LINKS), T(LINKS)},
    {"far", T(LINKS), T(LINKS)},
    {"formula", T(FORMULA), T(FORMULA)},
    {"result", T(FORMULA) | T(ROLLUP), T(FORMULA)},
    {"op", T(ROLLUP), T(ROLLUP)},
    {"of", T(ROLLUP), T(ROLLUP)},
    {"via", T(ROLLUP), T(ROLLUP)},
    {"value", T(ROLLUP), 0},
    {"filter", T(ROLLUP), 0},
    {"format", T(AUTONUMBER), 0},
    {"country", T(IDENTIFIER), 0},
    {"kind", T(IDENTIFIER), 0},
    {"places", T(DECIMAL) | T(PERCENT) | T(FORMULA) | T(ROLLUP), 0},
    {"unit_price", T(MONEY) | T(FORMULA), 0},
    {"plain", T(INTEGER), 0},
    {"min", NUMBERS, 0},
    {"max", NUMBERS, 0},
    {"max_length", T(TEXT) | T(LONGTEXT) | T(URL), 0},
    {"masked", T(EMAILS) | T(PHONES) | T(IDENTIFIER), 0},
    {"unique", T(TEXT) | T(INTEGER) | T(URL) | T(REFERENCE) | T(USER) | T(AUTONUMBER) | T(DATE) | T(CHOICE),
     0},
    {"default", ~(T(FORMULA) | T(ROLLUP) | T(AUTONUMBER) | T(LINKS)), 0},
    {"required", ~(T(FORMULA) | T(ROLLUP) | T(AUTONUMBER) | T(BOOLEAN)), 0},
};

static void check_type_keys(Load *ld, const FieldDecl *d)
{
    uint64_t type = UINT64_C(1) << d->type;

    for (size_t i = 0; d->type && i < sizeof TYPE_KEYS / sizeof *TYPE_KEYS; i++) {
        bool is_given = yaml_get(d->head.at, str_c(TYPE_KEYS[i].key)) != NULL || (i == 0 && d->options_of);

        if (is_given && !(TYPE_KEYS[i].may & type)) {
            PROBLEM(ld, d->head.at, "error.meta.key", "\"%.*s\": a field of type %s takes no \"%s\"",
                    SFMT(d->head.name), field_type_name((FieldType)d->type), TYPE_KEYS[i].key);
        } else if (!is_given && (TYPE_KEYS[i].must & type)) {
            PROBLEM(ld, d->head.at, "error.meta.key", "\"%.*s\": a field of type %s needs \"%s\"",
                    SFMT(d->head.name), field_type_name((FieldType)d->type), TYPE_KEYS[i].key);
        }
    }
}

static Object *named_object(Load *ld, const FieldDecl *d, Str name)
{
    Object *found = meta_object(ld->meta, name);

    if (!found) PROBLEM(ld, d->head.at, "error.meta.reference", "there is no object \"%.*s\"", SFMT(name));
    return found;
}

static void link_target(Load *ld, const FieldDecl *d, Field *f)
{
    f->targets = NEW_N(ld->mem, Object *, d->to.n ? d->to.n : 1);
    for (size_t i = 0; i < d->to.n; i++) {
        Object *found = find_object(ld, decl_name(&d->to, i));

        if (found) f->targets[f->n_targets++] = found;
    }
    if (f->type == FIELD_REFERENCE) {
        if (d->to.n > 1)
            PROBLEM(ld, d->head.at, "error.meta.value", "a reference has one target; see any_reference");
        f->target = f->n_targets ? f->targets[0] : NULL;
    }
    if (f->type == FIELD_USER) f->target = named_object(ld, d, S("user"));
    if (f->type == FIELD_FILE) f->target = named_object(ld, d, S("file"));
    if (f->target) f->target_name = f->target->name;
    if (f->is_required && f->on_delete == ON_DELETE_CLEAR && d->on_delete) {
        PROBLEM(ld, d->head.at, "error.meta.value", "\"%.*s\" is required: on_delete cannot clear it",
                SFMT(f->name));
    }
}

static Field *link_side(Load *ld, const Field *f, const Yaml *name)
{
    Field *side = name ? find_field(ld, f->through, name) : NULL;

    if (side && side->type != FIELD_REFERENCE && side->type != FIELD_USER) {
        PROBLEM(ld, name, "error.meta.reference", "\"%.*s\" of %.*s is no reference", SFMT(name->text),
                SFMT(f->through->name));
        return NULL;
    }
    return side;
}

static void link_links(Load *ld, const FieldDecl *d, Field *f)
{
    f->through = d->through ? find_object(ld, d->through) : NULL;
    if (!f->through) return;
    if (!f->through->is_link) {
        PROBLEM(ld, d->through, "error.meta.reference", "%.*s is no link object (link: true)",
                SFMT(f->through->name));
    }
    f->near = link_side(ld, f, d->near);
    f->far = link_side(ld, f, d->far);
}

/* After all targets are known: the near side must come home, and the far one leads to the records listed. */
static void check_links(Load *ld, const FieldDecl *d, Field *f)
{
    if (f->far && f->far->target) {
        f->target = f->far->target;
        f->target_name = f->target->name;
    }
    if (f->near && f->near->target != f->object) {
        PROBLEM(ld, d->near, "error.meta.reference", "\"%.*s\" of %.*s does not refer to %.*s",
                SFMT(f->near->name), SFMT(f->through->name), SFMT(f->object->name));
    }
}

static void rollup_result(Load *ld, const FieldDecl *d, Field *f)
{
    const Field *value = f->rollup_value;
    FieldType result = FIELD_INTEGER;

    if (value) result = value->result;
    if (f->rollup == ROLLUP_AVG && result == FIELD_INTEGER) result = FIELD_DECIMAL;
    if (d->result && (FieldType)d->result != result) {
        PROBLEM(ld, d->head.at, "error.meta.value", "the result of \"%.*s\" is %s, not %s", SFMT(f->name),
                field_type_name(result), field_type_name((FieldType)d->result));
    }
    f->result = result;
    if (!yaml_get(d->head.at, S("places"))) {
        f->places = value && value->result == result ? value->places : type_info(result)->places;
    }
    if (value) {
        f->target = value->target;
        f->options = value->options;
        f->n_options = value->n_options;
        f->is_unit_price = value->is_unit_price;
    }
    field_settle(d, f);
}

static void check_rollup_value(Load *ld, const FieldDecl *d, Field *f)
{
    bool is_sum = f->rollup == ROLLUP_SUM || f->rollup == ROLLUP_AVG;
    const Field *value = f->rollup_value;

    if ((f->rollup == ROLLUP_COUNT) != !d->value) {
        PROBLEM(ld, d->head.at, "error.meta.key",
                "\"%.*s\": sum, avg, min and max need \"value\", count takes none", SFMT(f->name));
    } else if (value && !type_info(value->result)->is_scalar) {
        PROBLEM(ld, d->value, "error.meta.value", "\"%.*s\" cannot be rolled up", SFMT(value->name));
    } else if (value && is_sum && !type_info(value->result)->is_number) {
        PROBLEM(ld, d->value, "error.meta.value", "\"%.*s\" is no number", SFMT(value->name));
    }
}

static void link_source(Load *ld, const FieldDecl *d, Field *f)
{
    Object *from = d->of ? find_object(ld, d->of) : NULL;

    if (!from) return;
    f->rollup_object = from;
    f->rollup_via = d->via ? find_field(ld, from, d->via) : NULL;
    f->rollup_value = d->value ? find_field(ld, from, d->value) : NULL;
    if (f->rollup_via && (f->rollup_via->target != f->object)) {
        PROBLEM(ld, d->via, "error.meta.reference", "\"%.*s\" of %.*s does not refer to %.*s",
                SFMT(f->rollup_via->name), SFMT(from->name), SFMT(f->object->name));
    }
    from->rollups = arena_grow(ld->mem, from->rollups, from->n_rollups * sizeof(Field *),
                               (from->n_rollups + 1) * sizeof(Field *));
    from->rollups[from->n_rollups++] = f;
}

static bool converts(const Field *from, const Field *to)
{
    return from->type == to->type && !to->is_computed && !to->is_system && from->target == to->target;
}

static void link_conversions(Load *ld, const FieldDecl *d, Field *f)
{
    const ConversionDecl *list = d->converts_to.p;

    f->converts_to = d->converts_to.n ? NEW_N(ld->mem, Field *, d->converts_to.n) : NULL;
    for (size_t i = 0; i < d->converts_to.n; i++) {
        const Object *obj = list[i].object ? find_object(ld, list[i].object) : NULL;
        const Yaml *name = list[i].field;
        Field *to = NULL;

        if (!obj) continue;
        if (name)
            to = find_field(ld, obj, name);
        else if (!(to = object_field(obj, f->name)))
            PROBLEM(ld, list[i].head.at, "error.meta.reference", "%.*s has no field \"%.*s\"",
                    SFMT(obj->name), SFMT(f->name));
        if (to && !converts(f, to))
            PROBLEM(ld, list[i].head.at, "error.meta.value",
                    "\"%.*s\" cannot become \"%.*s\" of %.*s: their types differ", SFMT(f->name),
                    SFMT(to->name), SFMT(obj->name));
        else if (to)
            f->converts_to[f->n_converts_to++] = to;
    }
}

static void link_system_targets(Load *ld, Object *obj)
{
    Object *user = meta_object(ld->meta, S("user")), *team = meta_object(ld->meta, S("team"));

    for (size_t i = 0; i < obj->n_fields && obj->fields[i].is_system; i++) {
        Field *f = &obj->fields[i];

        if (f->type == FIELD_USER)
            f->target = user;
        else if (f->type == FIELD_REFERENCE)
            f->target = str_eq(f->name, S("id")) ? obj : team;
        if (f->target) f->target_name = f->target->name;
    }
}

typedef void (*FieldLink)(Load *ld, const FieldDecl *d, Field *f);

static void each_field(Load *ld, uint64_t types, FieldLink link)
{
    for (size_t i = 0; i < ld->decls.n; i++) {
        ObjectDecl *d = ld->decls.p[i];
        FieldDecl *fields = d->fields.p;
        Field *own = d->obj->fields + (d->obj->n_fields - d->fields.n);

        for (size_t j = 0; j < d->fields.n; j++) {
            if (types & (UINT64_C(1) << own[j].type)) link(ld, &fields[j], &own[j]);
        }
    }
}

/* A roll-up of a roll-up takes its result from it, so it waits for a later round. */
static void settle_rollup(Load *ld, const FieldDecl *d, Field *f)
{
    if (!f->result && f->rollup_object && (!f->rollup_value || f->rollup_value->result))
        rollup_result(ld, d, f);
}

static void check_field(Load *ld, const FieldDecl *d, Field *f)
{
    (void)f;
    check_type_keys(ld, d);
}

void link_fields(Load *ld)
{
    for (size_t i = 0; i < ld->meta->n_objects; i++) link_system_targets(ld, ld->meta->objects[i]);
    each_field(ld, UINT64_MAX, check_field);
    each_field(ld, T(REFERENCE) | T(USER) | T(FILE) | T(ANY_REFERENCE), link_target);
    each_field(ld, T(LINKS), link_links);
    each_field(ld, T(LINKS), check_links);
    each_field(ld, T(ROLLUP), link_source);
    for (int round = 0; round < ROLLUP_DEPTH; round++) each_field(ld, T(ROLLUP), settle_rollup);
    each_field(ld, T(ROLLUP), check_rollup_value);
    each_field(ld, UINT64_MAX, link_conversions);
}
