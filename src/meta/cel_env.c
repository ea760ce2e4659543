/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What expressions see of an object: its fields by name, a step through a reference, lists of records that refer here,
 * and the parts of values that have parts.  All types are made once at load, so checking allocates none. */

#include "meta/decl.h"
#include "meta/field.h"

typedef struct Part {
    const char *name;
    const CelType *type;
} Part;

static const CelType ADDRESS = {.kind = CEL_T_OBJECT, .object = S_INIT("address")};
static const CelType PERSON_NAME = {.kind = CEL_T_OBJECT, .object = S_INIT("person_name")};
static const CelType LABELLED = {.kind = CEL_T_OBJECT, .object = S_INIT("labelled")};
static const CelType LABELLED_ADDRESS = {.kind = CEL_T_OBJECT, .object = S_INIT("labelled_address")};
static const CelType IDENTIFIER = {.kind = CEL_T_OBJECT, .object = S_INIT("identifier")};
static const CelType LABELLED_LIST = {.kind = CEL_T_LIST, .elem = &LABELLED};
static const CelType ADDRESS_LIST = {.kind = CEL_T_LIST, .elem = &LABELLED_ADDRESS};
static const CelType IDENTIFIER_LIST = {.kind = CEL_T_LIST, .elem = &IDENTIFIER};
static const CelType TEXT_LIST = {.kind = CEL_T_LIST, .elem = &cel_string};

static const Part ADDRESS_PARTS[] = {{"street", &cel_string},
                                     {"city", &cel_string},
                                     {"region", &cel_string},
                                     {"postcode", &cel_string},
                                     {"country", &cel_string},
                                     {"settlement", &cel_string},
                                     {0}};
static const Part PERSON_NAME_PARTS[] = {
    {"family", &cel_string}, {"given", &cel_string}, {"middle", &cel_string}, {"prefix", &cel_string}, {0}};
static const Part LABELLED_PARTS[] = {
    {"value", &cel_string}, {"label", &cel_string}, {"main", &cel_bool}, {0}};
static const Part LABELLED_ADDRESS_PARTS[] = {
    {"value", &ADDRESS}, {"label", &cel_string}, {"main", &cel_bool}, {0}};
static const Part IDENTIFIER_PARTS[] = {
    {"country", &cel_string}, {"kind", &cel_string}, {"value", &cel_string}, {0}};

static const struct {
    const CelType *type;
    const Part *parts;
} STRUCTS[] = {{&ADDRESS, ADDRESS_PARTS},
               {&PERSON_NAME, PERSON_NAME_PARTS},
               {&LABELLED, LABELLED_PARTS},
               {&LABELLED_ADDRESS, LABELLED_ADDRESS_PARTS},
               {&IDENTIFIER, IDENTIFIER_PARTS}};

static const CelType *part_type(const CelType *object, Str name)
{
    for (size_t i = 0; i < sizeof STRUCTS / sizeof *STRUCTS; i++) {
        if (!str_eq(STRUCTS[i].type->object, object->object)) continue;
        for (const Part *part = STRUCTS[i].parts; part->name; part++) {
            if (str_eq_c(name, part->name)) return part->type;
        }
    }
    return NULL;
}

static const CelType *object_member(const Object *obj, Str name)
{
    const Field *f = object_field(obj, name);
    const Inverse *inverse = f ? NULL : object_inverse(obj, name);

    if (f) return f->is_secret ? NULL : f->cel;
    return inverse ? inverse->cel : NULL;
}

static const CelType *env_ident(void *arg, Str name)
{
    return object_member(arg, name);
}

static const CelType *env_field(void *arg, const CelType *object, Str name)
{
    (void)arg;
    return object->tag ? object_member(object->tag, name) : part_type(object, name);
}

CelEnv object_cel_env(const Object *obj)
{
    return (CelEnv){.arg = (void *)(uintptr_t)obj, .ident = env_ident, .field = env_field};
}

const CelType *field_cel_type(const Field *f)
{
    return f->cel;
}

static const CelType *type_new(Arena *mem, CelKind kind, const Object *obj)
{
    CelType *t = NEW(mem, CelType);

    t->kind = kind;
    t->object = obj->name;
    t->tag = obj;
    return t;
}

/* A number people see as "D-17" may be written so in an expression too. */
static const CelType *number_type(Load *ld, const Field *f)
{
    CelType *t = NEW(ld->mem, CelType);

    t->kind = CEL_T_INT;
    t->object = f->number_format;
    return t;
}

static const CelType *cel_of_result(Load *ld, const Field *f)
{
    switch (f->result) {
    case FIELD_EMAILS:
    case FIELD_PHONES:
    case FIELD_HANDLES: return &LABELLED_LIST;
    case FIELD_ADDRESSES: return &ADDRESS_LIST;
    case FIELD_IDENTIFIER: return &IDENTIFIER_LIST;
    case FIELD_MULTICHOICE:
    case FIELD_TAGS: return &TEXT_LIST;
    case FIELD_PERSON_NAME: return &PERSON_NAME;
    case FIELD_REFERENCE:
    case FIELD_USER:
    case FIELD_FILE: return f->target ? f->target->ref_type : &cel_id;
    case FIELD_AUTONUMBER: return f->number_format.n ? number_type(ld, f) : &cel_int;
    case FIELD_LINKS:
        return f->far && f->far->target ? cel_list_of(ld->mem, f->far->target->row_type) : &cel_dyn;
    default: return type_info(f->result)->cel ? type_info(f->result)->cel : &cel_dyn;
    }
}

/* How many declared references of `from` point to `to`. */
static size_t references_to(const Object *from, const Object *to)
{
    size_t n = 0;

    for (size_t i = 0; i < from->n_fields; i++) {
        const Field *f = &from->fields[i];

        n += !f->is_system && (f->type == FIELD_REFERENCE || f->type == FIELD_USER) && f->target == to;
    }
    return n;
}

static void add_inverse(Load *ld, Field *f)
{
    Object *to = f->target;
    Str name = f->inverse.n ? f->inverse : f->object->plural;
    Inverse *inverse = NULL;

    if (!f->inverse.n && (references_to(f->object, to) > 1 || object_field(to, name))) return;
    if (object_field(to, name) || object_inverse(to, name)) {
        load_problem(ld, yaml_problem_at(ld->mem, f->file, f->line, "error.meta.reference",
                                         "inverse \"%.*s\" of \"%.*s\" is already a name of %.*s", SFMT(name),
                                         SFMT(f->name), SFMT(to->name)));
        return;
    }
    inverse = NEW(ld->mem, Inverse);
    *inverse = (Inverse){
        .name = name, .object = f->object, .field = f, .cel = cel_list_of(ld->mem, f->object->row_type)};
    strmap_put(ld->mem, &to->inverses, name, inverse);
}

void link_types(Load *ld)
{
    Meta *meta = ld->meta;

    for (size_t i = 0; i < meta->n_objects; i++) {
        meta->objects[i]->ref_type = type_new(ld->mem, CEL_T_ID, meta->objects[i]);
        meta->objects[i]->row_type = type_new(ld->mem, CEL_T_OBJECT, meta->objects[i]);
    }
    for (size_t i = 0; i < meta->n_objects; i++) {
        Object *obj = meta->objects[i];

        for (size_t j = 0; j < obj->n_fields; j++) {
            Field *f = &obj->fields[j];

            f->cel = cel_of_result(ld, f);
            if (!f->is_system && f->target && (f->type == FIELD_REFERENCE || f->type == FIELD_USER))
                add_inverse(ld, f);
        }
    }
}
