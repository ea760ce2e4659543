/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The object files of this release load; each kind of mistake is told with its file and line; layers change what they say. */
#include "base/tap.h"
#include "meta/meta.h"

static Meta *load_builtin(Arena *mem)
{
    size_t n = 0;
    const MetaSource *files = meta_builtin(mem, &n);
    Meta *meta = NULL;

    for (Err *e = meta_load(mem, files, n, &meta); e; e = e->next) printf("# %.*s\n", SFMT(e->detail));
    NEED(meta);
    return meta;
}

TEST(builtin_files_load)
{
    Meta *meta = load_builtin(mem);
    Object *account = meta_object(meta, S("account"));

    CHECK(meta->n_objects >= 25);
    NEED(account);
    CHECK_EQ_INT(account->number, 1);
    CHECK(meta_plural(meta, S("accounts")) == account);
    CHECK(meta->by_number[43] == meta_object(meta, S("deal")));
    CHECK_STR(label_in(&account->label, LANG_RU), "Клиент");
    CHECK_STR(label_in(&account->label_plural, LANG_PL), "Kontrahenci");
}
