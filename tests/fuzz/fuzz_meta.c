/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as object files: two, parted by a zero byte, beside a sound pair of user and team.  What loads must give
 * columns and indexes without a crash, and what does not must say where. */

#include "meta/index.h"
#include "meta/meta.h"

#define LABELS "label: {en: U, ru: U, pl: U}\nlabel_plural: {en: U, ru: U, pl: U}\n"
#define TEXT   "{type: text, label: {en: N, ru: N, pl: N}}\n"

#define USER "object: user\nnumber: 20\nplural: users\n" LABELS "fields:\n  name: " TEXT
#define TEAM "object: team\nnumber: 21\nplural: teams\n" LABELS "fields:\n  name: " TEXT

static void look(Arena *mem, const Meta *meta)
{
    Column columns[FIELD_COLUMNS_MAX];

    for (size_t i = 0; i < meta->n_objects; i++) {
        const Object *obj = meta->objects[i];

        for (size_t j = 0; j < obj->n_fields; j++) (void)field_columns(&obj->fields[j], columns);
        (void)object_indexes(mem, obj);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *mem = arena_new(0);
    Str rest = {(const char *)data, size};
    Str first = str_cut(&rest, '\0');
    const MetaSource files[] = {{.path = S("user.yaml"), .text = S(USER)},
                                {.path = S("team.yaml"), .text = S(TEAM)},
                                {.path = S("a.yaml"), .text = first},
                                {.path = S("b.yaml"), .text = rest}};
    Meta *meta = NULL;
    const Err *e = meta_load(mem, files, rest.n ? 4 : 3, &meta);

    if (!e) look(mem, meta);
    for (; e; e = e->next)
        REQUIRE(str_find(e->detail, S(".yaml:")) > 0 || str_ends(e->detail, S("more problems")));
    arena_free(mem);
    return 0;
}
