/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contents come back whole by their hash, on disk and in chunks, and only by a hash. */
#include "core/file.h"
#include "core/test_store.h"
#include "core/value.h"

#include <sys/stat.h>

typedef struct Blob {
    Str bytes, sha, back;
} Blob;

static Err *put(Ctx *cx, void *arg)
{
    Blob *b = arg;

    return file_put(cx, b->bytes, &b->sha);
}

static Err *get(Ctx *cx, void *arg)
{
    Blob *b = arg;

    return file_get(cx, b->sha, &b->back);
}

static Str pattern(Arena *mem, size_t n)
{
    char *p = arena_alloc(mem, n + 1);

    for (size_t i = 0; i < n; i++) p[i] = (char)(i * 31 + i / 251);
    return (Str){p, n};
}

TEST_STORE(comes_back_whole)
{
    size_t sizes[] = {0, 1, 262144, 262145, 700001};

    for (size_t i = 0; i < 5; i++) {
        Blob b = {.bytes = pattern(mem, sizes[i])};

        CHECK_OK(test_write(store, mem, put, &b));
        CHECK_EQ_INT(b.sha.n, 64);
        CHECK_OK(test_write(store, mem, put, &b));
        CHECK_OK(test_read(store, mem, get, &b));
        CHECK(str_eq(b.back, b.bytes));
    }
}

TEST_STORE(only_by_hash)
{
    Blob b = {.bytes = S("abc")};

    CHECK_OK(test_write(store, mem, put, &b));
    CHECK_STR(b.sha, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    b.sha = S("aa7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_ERR(test_read(store, mem, get, &b), ERR_NOT_FOUND);
    b.sha = S("../../../../../../../../../../../../../../../../etc/passwd......");
    CHECK_ERR(test_read(store, mem, get, &b), ERR_NOT_FOUND);
    b.sha = S("");
    CHECK_ERR(test_read(store, mem, get, &b), ERR_NOT_FOUND);
}

TEST(stands_in_the_data_folder)
{
    Store *store = test_store(mem, false, NULL, 0);
    Blob b = {.bytes = S("abc")};
    struct stat st;

    CHECK_OK(test_write(store, mem, put, &b));
    Str path = str_fmt(mem, "%.*s/files/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                       SFMT(store->dir));

    CHECK(stat(str_to_c(mem, path), &st) == 0 && st.st_size == 3 && (st.st_mode & 077) == 0);
}

/* What a record says of a file it refers to. */
static Err *describe(Ctx *cx, void *arg)
{
    const Object *files = meta_object(cx->meta, S("file")), *contacts = meta_object(cx->meta, S("contact"));
    Record *file = record_new(cx->mem, files), *contact = record_new(cx->mem, contacts);
    Buf b = buf_new(cx->mem, 1u << 20);
    JsonWriter w = json_writer(&b);
    Field *photo = object_field(contacts, S("photo"));
    Labels *labels = NULL;

    record_set(file, "name", val_text(S("face.png")));
    record_set(file, "type", val_text(S("image/png")));
    record_set(file, "size", val_int(321));
    cx->may_write_readonly = true;
    TRY(record_create(cx, file, NULL));
    contact->vals[photo->index] = val_ref(files->number, file->id);
    TRY(labels_load(cx, &contact, 1, &labels));
    value_to_json(&w, photo, contact->vals[photo->index], labels, cx->meta);
    *(Str *)arg = buf_str(&b);
    return NULL;
}

TEST_STORE(shown_with_size_and_type)
{
    Str json = {0};

    CHECK_OK(test_write(store, mem, describe, &json));
    CHECK(str_find(json, S("\"name\":\"face.png\",\"size\":321,\"type\":\"image/png\"}")) > 0);
}
