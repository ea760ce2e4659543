/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person types and what must be found by it, on both databases, and what must not be found. */
#include "core/query.h"
#include "core/rights.h"
#include "core/search.h"
#include "core/snapshot.h"
#include "core/test_store.h"
#include "core/value.h"

/* One record from JSON. */
static Err *add(Ctx *cx, const char *object, const char *json, Id *id)
{
    const Object *obj = meta_object(cx->meta, str_c(object));
    Record *rec = record_new(cx->mem, obj);
    Val v = {0};

    TRY(json_parse(cx->mem, str_c(json), &v));
    TRY(record_from_json(cx, obj, &v, rec));
    TRY(record_create(cx, rec, NULL));
    if (id) *id = rec->id;
    return NULL;
}

static Err *add_all(Ctx *cx, void *arg)
{
    Id *ids = arg;

    TRY(add(cx, "account", "{\"name\":\"ООО «Ромашка»\"}", &ids[0]));
    TRY(add(cx, "account", "{\"name\":\"Zakład w Łodzi Łódź Sp. z o.o.\"}", &ids[1]));
    TRY(add(
        cx, "contact",
        "{\"name\":\"Иванов Пётр Ёлкин\",\"phones\":\"8 (916) 123-45-67\",\"emails\":\"petr.ivanov@romashka.ru\"}",
        &ids[2]));
    Str requisite = str_fmt(cx->mem,
                            "{\"name\":\"Ромашка\",\"account\":\"%.*s\",\"identifiers\":[{\"country\":\"RU\","
                            "\"kind\":\"INN\",\"value\":\"7707083893\"}]}",
                            SFMT(id_text(cx->mem, ids[0])));

    TRY(add(cx, "requisite", str_to_c(cx->mem, requisite), &ids[3]));
    return add(cx, "account", "{\"name\":\"Kaukaz 5261040828\"}", &ids[4]);
}

typedef struct Ask {
    const char *text, *only;
    Id want;
    const Actor *actor;
    bool is_found;
    size_t n;
    Hit *hits;
} Ask;

static Err *ask(Ctx *cx, void *arg)
{
    Ask *a = arg;
    const Object *only = a->only ? meta_object(cx->meta, str_c(a->only)) : NULL;

    if (a->actor) cx->actor = a->actor;
    TRY(search_find(cx, str_c(a->text), only, 20, &a->hits, &a->n));
    for (size_t i = 0; i < a->n; i++) a->is_found = a->is_found || a->hits[i].id == a->want;
    return NULL;
}

static bool finds_in(Store *store, Arena *mem, const char *text, const char *only, Id want)
{
    Ask a = {.text = text, .only = only, .want = want};

    CHECK_OK(test_read(store, mem, ask, &a));
    return a.is_found;
}

static bool finds(Store *store, Arena *mem, const char *text, Id want)
{
    return finds_in(store, mem, text, NULL, want);
}

TEST_STORE(found_however_typed)
{
    Id id[5] = {0};

    CHECK_OK(test_write(store, mem, add_all, id));
    CHECK(finds(store, mem, "ромашка", id[0]));
    CHECK(finds(store, mem, "Рома", id[0]));
    CHECK(finds(store, mem, "hjvfirf", id[0]));
    CHECK(finds(store, mem, "romashka", id[0]));
    CHECK(finds(store, mem, "Ромашка ООО", id[0]));
    CHECK(finds(store, mem, "ЗАО Ромашка", id[0]));
    CHECK(finds(store, mem, "lodz", id[1]));
    CHECK(finds(store, mem, "ŁÓDŹ", id[1]));
    CHECK(finds(store, mem, "Ivanov", id[2]));
    CHECK(finds(store, mem, "Иванов", id[2]));
    CHECK(finds(store, mem, "елк", id[2]));
    CHECK(finds(store, mem, "Ёлкин Петр", id[2]));
    CHECK(finds(store, mem, "bdfyjd", id[2]));
    CHECK(finds(store, mem, "4567", id[2]));
    CHECK(finds(store, mem, "+7 916 123-45-67", id[2]));
    CHECK(finds(store, mem, "89161234567", id[2]));
    CHECK(finds(store, mem, "8 916 123", id[2]));
    CHECK(finds(store, mem, "(916) 123", id[2]));
    CHECK(finds(store, mem, "123-45-67", id[2]));
    CHECK(finds(store, mem, "petr.ivanov@romashka.ru", id[2]));
    CHECK(finds(store, mem, "petr.ivanov@rom", id[2]));
    CHECK(finds(store, mem, "ivanov petr", id[2]));
    CHECK(finds(store, mem, "7707 083 893", id[3]));
    CHECK(finds(store, mem, "ИНН 7707083893", id[3]) || finds(store, mem, "7707083893", id[3]));
    CHECK(finds(store, mem, "526-10-40-828", id[4]));
    CHECK(!finds(store, mem, "ромашкин", id[0]));
    CHECK(!finds(store, mem, "Ромашка Люкс", id[0]));
    CHECK(!finds(store, mem, "", id[0]));
    CHECK(!finds(store, mem, "\" * ( OR -", id[0]));
    CHECK(!finds(store, mem, "'); DROP TABLE search", id[0]));
    CHECK(finds_in(store, mem, "ромашка", "account", id[0]));
    CHECK(!finds_in(store, mem, "ромашка", "contact", id[0]));
    CHECK(!finds(store, mem, "ǂ1", id[0]));
    CHECK(!finds(store, mem, "o1", id[0]));
}

static Err *rename_and_delete(Ctx *cx, void *arg)
{
    Id *ids = arg;
    const Object *account = meta_object(cx->meta, S("account")),
                 *contact = meta_object(cx->meta, S("contact"));
    Record *rec = NULL;

    TRY(record_get(cx, account, ids[0], 0, &rec));
    record_set(rec, "name", val_text(S("Василёк")));
    TRY(record_update(cx, rec, NULL));
    return record_delete(cx, contact, ids[2], NULL);
}

static Err *restore(Ctx *cx, void *arg)
{
    return record_restore(cx, meta_object(cx->meta, S("contact")), ((Id *)arg)[2]);
}

TEST_STORE(index_follows_the_record)
{
    Id id[5] = {0};

    CHECK_OK(test_write(store, mem, add_all, id));
    CHECK_OK(test_write(store, mem, rename_and_delete, id));
    CHECK(!finds(store, mem, "ромашка", id[0]));
    CHECK(finds(store, mem, "василек", id[0]));
    CHECK(!finds(store, mem, "Ivanov", id[2]));
    CHECK_OK(test_write(store, mem, restore, id));
    CHECK(finds(store, mem, "Ivanov", id[2]));
    CHECK(finds(store, mem, "4567", id[2]));
}

static Err *count_items(Ctx *cx, void *arg)
{
    Val *counts = arg;
    Val phone = val_text(S("+79161234567")), name = val_text(S("romashka"));

    TRY(db_one(cx->mem, cx->db, S("SELECT count(*) FROM item WHERE norm = ?1"), &phone, 1, &counts[0]));
    return db_one(cx->mem, cx->db, S("SELECT count(*) FROM item WHERE norm = ?1 AND object = 1"), &name, 1,
                  &counts[1]);
}

TEST_STORE(items_are_kept_for_matching)
{
    Id id[5] = {0};
    Val counts[2] = {0};

    CHECK_OK(test_write(store, mem, add_all, id));
    CHECK_OK(test_read(store, mem, count_items, counts));
    CHECK_EQ_INT(counts[0].i, 1);
    CHECK_EQ_INT(counts[1].i, 1);
    CHECK_OK(test_write(store, mem, rename_and_delete, id));
    CHECK_OK(test_read(store, mem, count_items, counts));
    CHECK_EQ_INT(counts[0].i, 0);
    CHECK_EQ_INT(counts[1].i, 0);
}

/* Rights over everything but one field of contact. */
static Actor *clerk(Arena *mem, Store *store, const char *hidden)
{
    Rights *rights = NEW(mem, Rights);
    Actor *actor = NEW(mem, Actor);

    rights->user = 5;
    for (size_t i = 0; i < store_meta(store)->n_objects; i++) {
        const Object *obj = store_meta(store)->objects[i];
        struct ObjectRights *own = NEW(mem, struct ObjectRights);

        rights->objects[obj->number] = own;
        own->level[VERB_READ] = LEVEL_ALL;
        own->fields = NEW_N(mem, uint8_t, obj->n_fields);
        for (size_t k = 0; k < obj->n_fields; k++) {
            bool is_hidden = str_eq(obj->name, S("contact")) && str_eq_c(obj->fields[k].name, hidden);

            own->fields[k] = is_hidden ? FIELD_HIDDEN : FIELD_READ;
        }
    }
    *actor = (Actor){.user = 5, .rights = rights};
    return actor;
}

static bool clerk_finds(Store *store, Arena *mem, const Actor *actor, const char *text, Id want)
{
    Ask a = {.text = text, .want = want, .actor = actor};

    CHECK_OK(test_read(store, mem, ask, &a));
    return a.is_found;
}

typedef struct ListAsk {
    const Actor *actor;
    const char *text;
    size_t n;
} ListAsk;

static Err *list(Ctx *cx, void *arg)
{
    ListAsk *a = arg;
    Query q = {.obj = meta_object(cx->meta, S("contact")), .search = str_c(a->text), .limit = 10};
    Page page = {0};

    if (a->actor) cx->actor = a->actor;
    TRY(record_list(cx, &q, &page));
    a->n = page.n;
    return NULL;
}

static size_t listed(Store *store, Arena *mem, const Actor *actor, const char *text)
{
    ListAsk a = {.actor = actor, .text = text};

    CHECK_OK(test_read(store, mem, list, &a));
    return a.n;
}

TEST_STORE(hidden_fields_find_nothing)
{
    Id id[5] = {0};

    CHECK_OK(test_write(store, mem, add_all, id));
    const Actor *no_phones = clerk(mem, store, "phones"), *no_contacts = clerk(mem, store, "");

    CHECK(clerk_finds(store, mem, no_phones, "Ivanov", id[2]));
    CHECK(!clerk_finds(store, mem, no_phones, "4567", id[2]));
    CHECK(clerk_finds(store, mem, clerk(mem, store, "emails"), "4567", id[2]));
    CHECK_EQ_INT(listed(store, mem, NULL, "4567"), 1);
    CHECK_EQ_INT(listed(store, mem, NULL, "bdfyjd"), 1);
    CHECK_EQ_INT(listed(store, mem, NULL, "!!!"), 0);
    CHECK_EQ_INT(listed(store, mem, no_phones, "4567"), 0);
    CHECK_EQ_INT(listed(store, mem, no_phones, "иванов"), 1);
    no_contacts->rights->objects[2]->level[VERB_READ] = LEVEL_NONE;
    CHECK(!clerk_finds(store, mem, no_contacts, "Ivanov", id[2]));
}

/* Two accounts of one name, of two people; the second is in a team. */
typedef struct Owned {
    Id users[2], team, accounts[2];
    CelNode *rule;
} Owned;

static Err *add_owned(Ctx *cx, void *arg)
{
    Owned *o = arg;
    Val role;
    Query q = {0};

    TRY(db_one(cx->mem, cx->db, S("SELECT id FROM \"role\" WHERE key = 'administrator'"), NULL, 0, &role));
    TRY(add(cx, "team", "{\"name\":\"North\"}", &o->team));
    for (int i = 0; i < 2; i++) {
        Str user =
            str_fmt(cx->mem, "{\"name\":\"User %d\",\"email\":\"u%d@example.com\",\"role\":\"%.*s\"%s%.*s%s}",
                    i, i, SFMT(id_text(cx->mem, role.i)), i ? ",\"team\":\"" : "",
                    SFMT(i ? id_text(cx->mem, o->team) : S("")), i ? "\"" : "");
        TRY(add(cx, "user", str_to_c(cx->mem, user), &o->users[i]));
        Str account = str_fmt(cx->mem, "{\"name\":\"Orion %d\",\"owner\":\"%.*s\"}", i,
                              SFMT(id_text(cx->mem, o->users[i])));
        TRY(add(cx, "account", str_to_c(cx->mem, account), &o->accounts[i]));
    }
    TRY(query_parse(cx, meta_object(cx->meta, S("account")), S("name == 'Orion 1'"), (Str){0}, &q));
    o->rule = q.filter;
    return NULL;
}

static Err *hand_over(Ctx *cx, void *arg)
{
    Owned *o = arg;
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("account")));

    rec->id = o->accounts[1];
    record_set(rec, "owner", val_ref(meta_object(cx->meta, S("user"))->number, o->users[0]));
    return record_update(cx, rec, NULL);
}

TEST_STORE(rights_narrow_what_is_found)
{
    Owned *o = NEW(mem, Owned);

    CHECK_OK(test_write(store, mem, add_owned, o));
    Actor *actor = clerk(mem, store, "");
    Rights *rights = (Rights *)actor->rights;
    struct ObjectRights *account = rights->objects[meta_object(store_meta(store), S("account"))->number];

    actor->user = rights->user = o->users[0];
    CHECK(clerk_finds(store, mem, actor, "orion", o->accounts[1]));
    account->level[VERB_READ] = LEVEL_OWN;
    CHECK(clerk_finds(store, mem, actor, "orion", o->accounts[0]));
    CHECK(clerk_finds(store, mem, actor, "or", o->accounts[0]));
    CHECK(!clerk_finds(store, mem, actor, "orion", o->accounts[1]));
    account->row_rule = o->rule;
    CHECK(clerk_finds(store, mem, actor, "orion", o->accounts[1]));
    account->row_rule = NULL;
    account->level[VERB_READ] = LEVEL_TEAM;
    rights->people = &o->users[0];
    rights->n_people = 1;
    CHECK(!clerk_finds(store, mem, actor, "orion", o->accounts[1]));
    rights->teams = &o->team;
    rights->n_teams = 1;
    CHECK(clerk_finds(store, mem, actor, "orion", o->accounts[1]));
    account->level[VERB_READ] = LEVEL_OWN;
    CHECK_OK(test_write(store, mem, hand_over, o));
    CHECK(clerk_finds(store, mem, actor, "orion", o->accounts[1]));
}

static Err *rebuild(Ctx *cx, void *arg)
{
    const Object *obj = meta_object(cx->meta, S("account"));
    Id last = 0;

    (void)arg;
    TRY(db_exec(cx->mem, cx->db, S("DELETE FROM search"), NULL, 0, NULL));
    do {
        TRY(search_rebuild(cx, obj, last, 2, &last));
    } while (last);
    return NULL;
}

TEST_STORE(rebuilt_from_records)
{
    Id id[5] = {0};

    CHECK_OK(test_write(store, mem, add_all, id));
    CHECK_OK(test_write(store, mem, rebuild, NULL));
    CHECK(finds(store, mem, "ромашка", id[0]));
    CHECK(finds(store, mem, "lodz", id[1]));
    CHECK(!finds(store, mem, "Ivanov", id[2]));
}

TEST_STORE(the_exact_name_comes_first)
{
    Id id[5] = {0};
    Ask a = {.text = "ооо «ромашка»"};

    CHECK_OK(test_write(store, mem, add_all, id));
    CHECK_OK(test_read(store, mem, ask, &a));
    NEED(a.n >= 1);
    CHECK_EQ_INT(a.hits[0].id, id[0]);
    CHECK_STR(a.hits[0].label, "ООО «Ромашка»");
}

/* Six thousand newer entries of the same name without records: what is asked for stands behind them. */
static Err *crowd(Ctx *cx, void *arg)
{
    Val binds[] = {val_int(*(Id *)arg)};
    Str sql =
        db_conn_can(cx->db, DB_CAP_FTS5)
            ? S("WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 6000) "
                "INSERT INTO search (rowid, tokens, object) SELECT ?1 + i, 'ǂ2 иванов ivanov', 2 FROM r")
            : S("INSERT INTO search (rowid, tokens, object) SELECT ?1 + i, "
                "CAST('ǂ2 иванов ivanov' AS tsvector), 2 FROM generate_series(1, 6000) i");

    return db_exec(cx->mem, cx->db, sql, binds, 1, NULL);
}

TEST_STORE(found_in_a_crowd)
{
    Id id[5] = {0};

    CHECK_OK(test_write(store, mem, add_all, id));
    CHECK_OK(test_write(store, mem, crowd, &id[4]));
    CHECK(finds(store, mem, "Ivanov", id[2]));
    CHECK(finds(store, mem, "ив", id[2]));
    CHECK(finds(store, mem, "иван петр", id[2]));
    CHECK(finds_in(store, mem, "bdfyjd", "contact", id[2]));
    CHECK_EQ_INT(listed(store, mem, NULL, "Ivanov"), 1);
    CHECK_EQ_INT(listed(store, mem, NULL, "bdfy"), 1);
    CHECK_EQ_INT(listed(store, mem, NULL, "ив"), 1);
    CHECK_EQ_INT(listed(store, mem, NULL, "иванова"), 0);
}
