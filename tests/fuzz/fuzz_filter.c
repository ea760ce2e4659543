/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A list as a stranger may ask for it: the first byte picks the object, then filter, order and words of the search, parted by
 * zero bytes.  It is compiled to SQL with the rights of a person and executed: it is refused with a reason, or gives only
 * what he may see. */

#include "base/limits.h"
#include "fuzz_store.h"

typedef struct Ask {
    FuzzStore *fs;
    size_t object;
    bool is_past;
    Str filter, order, search;
} Ask;

static Err *ask_list(Ctx *cx, void *arg)
{
    const Ask *ask = arg;
    Query q = {.limit = 5, .search = ask->search};
    Page page = {0};
    Id *ids = NULL;
    size_t n = 0;

    if (ask->is_past) cx->as_of = PROP_NOW + 1;
    db_set_budget(cx->db, 1000);
    TRY(query_parse(cx, ask->fs->objects[ask->object], ask->filter, ask->order, &q));
    TRY(record_list(cx, &q, &page));
    for (size_t i = 0; i < page.n; i++) REQUIRE(fuzz_may_see(ask->fs, ask->object, page.recs[i]->id));
    if (ask->is_past) return NULL;
    TRY(record_ids(cx, &q, 0, &ids, &n));
    for (size_t i = 0; i < n; i++) REQUIRE(fuzz_may_see(ask->fs, ask->object, ids[i]));
    return NULL;
}

/* Before the clock of the first input runs. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    (void)fuzz_store();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzStore *fs = fuzz_store();
    Str rest = {(const char *)data + 1, size - 1};

    if (size < 2 || size > 8192 || !utf8_is_valid(rest)) return 0;
    Arena *mem = arena_new(LIMIT_REQUEST_MEM); /* going over it would end the server */
    Ask ask = {.fs = fs, .object = (data[0] & 0x7f) % FUZZ_OBJECTS, .is_past = data[0] >> 7};
    ask.filter = str_cut(&rest, '\0');
    ask.order = str_cut(&rest, '\0');
    ask.search = str_trim(str_cut(&rest, '\0'));
    fuzz_check_error(fuzz_ask(fs, mem, ask_list, &ask));
    arena_free(mem);
    return 0;
}
