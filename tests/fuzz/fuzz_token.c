/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A page token as a stranger may make it up: the first byte picks object and order, the rest is the token as it is, and once
 * more what follows the mark of the question in a sound token, so that it gets beyond the first check. */

#include "fuzz_store.h"
#include "json/json.h"

#include <sodium.h>

typedef struct Ask {
    FuzzStore *fs;
    size_t object;
    bool is_past;
    Str order, tail;
} Ask;

static Str pack(Arena *mem, Str s)
{
    size_t n = sodium_base64_encoded_len(s.n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *out = arena_alloc(mem, n);

    return str_c(
        sodium_bin2base64(out, n, (const unsigned char *)s.p, s.n, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
}

/* `["mark"` of a sound token, and the tail of our own. */
static Str forge(Arena *mem, Str sound, Str tail)
{
    char *text = arena_alloc(mem, sound.n + 1);
    size_t n = 0;

    REQUIRE(sodium_base642bin((unsigned char *)text, sound.n, sound.p, sound.n, NULL, &n, NULL,
                              sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0);
    ptrdiff_t comma = str_find_char((Str){text, n}, ',');
    REQUIRE(comma > 0);
    return pack(mem, str_cat(mem, (Str){text, (size_t)comma + 1}, tail));
}

static Err *ask_page(Ctx *cx, const Ask *ask, Str token, Page *page)
{
    Query q = {.limit = 3, .page_token = token};

    if (ask->is_past) cx->as_of = PROP_NOW + 1;
    TRY(query_parse(cx, ask->fs->objects[ask->object], S(""), ask->order, &q));
    TRY(record_list(cx, &q, page));
    for (size_t i = 0; i < page->n; i++) REQUIRE(fuzz_may_see(ask->fs, ask->object, page->recs[i]->id));
    return NULL;
}

static Err *ask_as_is(Ctx *cx, void *arg)
{
    const Ask *ask = arg;
    Page page = {0};

    return ask_page(cx, ask, ask->tail, &page);
}

static Err *ask_forged(Ctx *cx, void *arg)
{
    const Ask *ask = arg;
    Page page = {0};

    TRY(ask_page(cx, ask, (Str){0}, &page));
    return page.next_token.n ? ask_page(cx, ask, forge(cx->mem, page.next_token, ask->tail), &page) : NULL;
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
    static const char *const ORDERS[] = {"", "id", "-created_at", "name", "-owner,name", "updated_at,-id"};
    FuzzStore *fs = fuzz_store();

    if (size < 2 || size > 4096) return 0;
    Arena *mem = arena_new(0);
    Ask ask = {.fs = fs, .object = data[0] % FUZZ_OBJECTS, .is_past = data[0] >> 7};
    ask.order = str_c(ORDERS[data[0] / FUZZ_OBJECTS % (sizeof ORDERS / sizeof *ORDERS)]);
    ask.tail = (Str){(const char *)data + 1, size - 1};
    fuzz_check_error(fuzz_ask(fs, mem, ask_forged, &ask));
    if (utf8_is_valid(ask.tail)) fuzz_check_error(fuzz_ask(fs, mem, ask_as_is, &ask));
    arena_free(mem);
    return 0;
}
