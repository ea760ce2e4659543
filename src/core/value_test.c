/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of every type of field: what the door takes and refuses, what goes out, what the log gives back. */
#include "base/tap.h"
#include "core/rights.h"
#include "core/snapshot.h"
#include "core/store.h"
#include "core/value.h"

static const char TEAM[] = "object: user\nnumber: 20\nplural: users\nlabel: {en: U, ru: U, pl: U}\n"
                           "label_plural: {en: U, ru: U, pl: U}\nlabel_field: name\nfields:\n"
                           "  name: {type: text, label: {en: N, ru: N, pl: N}}\n";
static const char FILES[] = "object: file\nnumber: 23\nplural: files\nlabel: {en: F, ru: F, pl: F}\n"
                            "label_plural: {en: F, ru: F, pl: F}\nlabel_field: name\nfields:\n"
                            "  name: {type: text, label: {en: N, ru: N, pl: N}}\n";
static const char GROUP[] = "object: team\nnumber: 21\nplural: teams\nlabel: {en: T, ru: T, pl: T}\n"
                            "label_plural: {en: T, ru: T, pl: T}\nlabel_field: name\nfields:\n"
                            "  name: {type: text, label: {en: N, ru: N, pl: N}}\n";
#define L "label: {en: X, ru: X, pl: X}"
static const char THING[] =
    "object: thing\nnumber: 900\nplural: things\nlabel: {en: Thing, ru: Вещь, pl: Rzecz}\n"
    "label_plural: {en: Things, ru: Вещи, pl: Rzeczy}\nlabel_field: name\nfields:\n"
    "  name: {type: text, max_length: 20, " L "}\n"
    "  notes: {type: longtext, " L "}\n"
    "  count: {type: integer, min: 0, max: 100, " L "}\n"
    "  weight: {type: decimal, places: 3, " L "}\n"
    "  share: {type: percent, " L "}\n"
    "  amount: {type: money, " L "}\n"
    "  price: {type: money, unit_price: true, " L "}\n"
    "  is_hot: {type: boolean, " L "}\n"
    "  day: {type: date, " L "}\n"
    "  hour: {type: time, " L "}\n"
    "  at: {type: timestamp, " L "}\n"
    "  took: {type: duration, " L "}\n"
    "  class: {type: choice, options: [{key: A, label: {en: First, ru: Первый, pl: Pierwszy}}, {key: B, label: {en: B, ru: B, pl: B}}], " L
    "}\n"
    "  kinds: {type: multichoice, options: [{key: a, label: {en: Aa, ru: Аа, pl: Aa}}, {key: b, label: {en: Bb, ru: Бб, pl: Bb}}], " L
    "}\n"
    "  person: {type: person_name, " L "}\n"
    "  emails: {type: emails, masked: true, " L "}\n"
    "  phones: {type: phones, masked: true, " L "}\n"
    "  handles: {type: handles, " L "}\n"
    "  addresses: {type: addresses, " L "}\n"
    "  site: {type: url, " L "}\n"
    "  ids: {type: identifier, " L "}\n"
    "  inn: {type: identifier, country: RU, kind: INN, " L "}\n"
    "  parent: {type: reference, to: thing, inverse: parts, " L "}\n"
    "  about: {type: any_reference, " L "}\n"
    "  boss: {type: user, inverse: bossed, " L "}\n"
    "  photo: {type: file, " L "}\n"
    "  tags: {type: tags, " L "}\n"
    "  number: {type: autonumber, format: 'D-{0}', " L "}\n"
    "  extra: {type: json, " L "}\n"
    "  secret: {type: text, secret: true, " L "}\n";

static Ctx context(Arena *mem, const char *country, const char *currency, const char *locale)
{
    MetaSource files[] = {{S("user.yaml"), str_c(TEAM), S("built-in")},
                          {S("team.yaml"), str_c(GROUP), S("built-in")},
                          {S("file.yaml"), str_c(FILES), S("built-in")},
                          {S("thing.yaml"), str_c(THING), S("built-in")}};
    Store *store = NEW(mem, Store);
    Meta *meta = NULL;

    for (Err *e = meta_load(mem, files, 4, &meta); e; e = e->next) printf("# %.*s\n", SFMT(e->detail));
    NEED(meta);
    store->mem = mem;
    Arena *own = arena_new(0);
    arena_defer(mem, snapshots_free, store);
    REQUIRE(meta_put(store, meta, own));
    Company *company = NEW(mem, Company);
    *company = (Company){.currency = str_c(currency),
                         .country = str_c(country),
                         .locale = str_c(locale),
                         .currency_code = currency_pack(str_c(currency))};
    store->company = company;
    return ctx_system(store, mem, NULL);
}

static const Field *field_of(Ctx *cx, const char *name)
{
    const Field *f = object_field(meta_object(cx->meta, S("thing")), str_c(name));

    NEED(f);
    return f;
}

static Val parse(Ctx *cx, const char *json)
{
    Val v = {0};

    CHECK_OK(json_parse(cx->mem, str_c(json), &v));
    return v;
}

static Str out_text(Ctx *cx, const Field *f, Val v)
{
    Buf b = buf_new(cx->mem, 1u << 20);
    JsonWriter w = json_writer(&b);

    value_to_json(&w, f, v, NULL, cx->meta);
    return buf_str(&b);
}

/* JSON in, value, JSON out; an error gives its key.  Every value must come back whole from the log, through text too. */
static Str through(Ctx *cx, const char *field, const char *json)
{
    const Field *f = field_of(cx, field);
    Val v = {0}, back = {0};
    Err *e = value_from_json(cx, f, parse(cx, json), &v);

    if (e) return CHECK(str_eq(e->field, f->name)) ? e->key : S("no field");
    Val logged = value_to_log(cx->mem, f, v);

    CHECK(val_same(value_from_log(cx->mem, f, logged), v));
    CHECK_OK(json_parse(cx->mem, json_text(cx->mem, logged), &back));
    CHECK(val_same(value_from_log(cx->mem, f, back), v));
    return out_text(cx, f, v);
}

#define GIVES(field_, json_, out_) CHECK_STR(through(&cx, (field_), (json_)), (out_))

TEST(text)
{
    Ctx cx = context(mem, "US", "USD", "en");

    GIVES("name", "\"  two  words \"", "\"two  words\"");
    GIVES("name", "\"   \"", "null");
    GIVES("name", "null", "null");
    GIVES("name", "5", "error.text.type");
    GIVES("name", "\"a\\tb\"", "error.text.control");
    GIVES("name", "\"\\u0085\"", "error.text.control");
    GIVES("name", "\"12345678901234567890\"", "\"12345678901234567890\"");
    GIVES("name", "\"ЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁ\"", "\"ЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁЁ\"");
    GIVES("name", "\"123456789012345678901\"", "error.text.long");
    GIVES("notes", "\"a\\r\\nb\\rc\\n\\n\"", "\"a\\nb\\nc\"");
    GIVES("notes", "\"a\\u0001\"", "error.text.control");
    GIVES("site", "\"example.com/a\"", "\"https://example.com/a\"");
    GIVES("site", "\"localhost:8080\"", "\"https://localhost:8080\"");
    GIVES("site", "\"HTTP://x.pl\"", "\"HTTP://x.pl\"");
    GIVES("site", "\"javascript:alert(1)\"", "error.url");
    GIVES("site", "\"ftp://x.pl\"", "error.url");
    GIVES("site", "\"https://\"", "error.url");
    GIVES("site", "\"https://a b\"", "error.url");
}

TEST(numbers)
{
    Ctx cx = context(mem, "US", "USD", "en");

    GIVES("count", "42", "42");
    GIVES("count", "\"42\"", "42");
    GIVES("count", "42.0", "42");
    GIVES("count", "42.5", "error.integer");
    GIVES("count", "101", "error.number.max");
    GIVES("count", "-1", "error.number.min");
    GIVES("count", "true", "error.number.type");
    GIVES("weight", "1.5", "\"1.5\"");
    GIVES("weight", "\"-1.0005\"", "\"-1.001\"");
    GIVES("weight", "\"123456789012345.678\"", "\"123456789012345.678\"");
    GIVES("weight", "\"1234567890123456.7\"", "error.number.digits");
    GIVES("weight", "\"x\"", "error.number.type");
    GIVES("share", "12.5", "\"12.5\"");
    GIVES("is_hot", "true", "true");
    GIVES("is_hot", "\"yes\"", "error.boolean");
    GIVES("number", "17", "\"D-17\"");
}

TEST(money)
{
    Ctx cx = context(mem, "US", "USD", "en");

    GIVES("amount", "1054", "{\"amount\":\"1054.00\",\"currency\":\"USD\"}");
    GIVES("amount", "\"1054.005\"", "{\"amount\":\"1054.01\",\"currency\":\"USD\"}");
    GIVES("amount", "{\"amount\":\"-7.5\",\"currency\":\"PLN\"}",
          "{\"amount\":\"-7.50\",\"currency\":\"PLN\"}");
    GIVES("amount", "{\"amount\":1000.4,\"currency\":\"JPY\"}", "{\"amount\":\"1000\",\"currency\":\"JPY\"}");
    GIVES("amount", "{\"amount\":null,\"currency\":\"PLN\"}", "null");
    GIVES("amount", "{\"amount\":1}", "{\"amount\":\"1.00\",\"currency\":\"USD\"}");
    GIVES("amount", "{\"amount\":1,\"currency\":\"XQX\"}", "error.currency");
    GIVES("amount", "{\"amount\":1,\"currency\":\"usd\"}", "error.currency");
    GIVES("amount", "{\"amount\":1,\"curency\":\"USD\"}", "error.value.key");
    GIVES("amount", "\"100000000000000.00\"", "error.number.digits");
    GIVES("price", "0.1234", "{\"amount\":\"0.1234\",\"currency\":\"USD\"}");
    GIVES("price", "\"2.50\"", "{\"amount\":\"2.50\",\"currency\":\"USD\"}");
}

TEST(time)
{
    Ctx cx = context(mem, "US", "USD", "en");

    GIVES("day", "\"2024-02-29\"", "\"2024-02-29\"");
    GIVES("day", "\"2023-02-29\"", "error.date");
    GIVES("day", "20240229", "error.date");
    GIVES("hour", "\"09:30\"", "\"09:30\"");
    GIVES("hour", "\"24:30\"", "error.time");
    GIVES("at", "\"2024-01-01T01:00:00.1239+01:00\"", "\"2024-01-01T00:00:00.123Z\"");
    GIVES("at", "\"2024-01-01\"", "error.timestamp");
    GIVES("took", "\"1h30m\"", "\"5400s\"");
    GIVES("took", "\"1.5s\"", "\"2s\"");
    GIVES("took", "\"soon\"", "error.duration");
}

TEST(choices)
{
    Ctx cx = context(mem, "US", "USD", "en");

    GIVES("class", "\"A\"", "\"A\"");
    GIVES("class", "\"\"", "null");
    GIVES("class", "\"C\"", "error.choice");
    GIVES("kinds", "[\"b\",\"a\",\"b\"]", "[\"a\",\"b\"]");
    GIVES("kinds", "\"b\"", "[\"b\"]");
    GIVES("kinds", "[]", "null");
    GIVES("kinds", "[\"c\"]", "error.choice");
    GIVES("tags", "[\" vip \",\"north\",\"vip\"]", "[\"vip\",\"north\"]");
    GIVES("tags", "[\"a|b\"]", "error.tag");
    GIVES("tags", "[1]", "error.text.type");
    GIVES("extra", "{\"a\":[1,2.50,\"x\",null],\"b\":{}}", "{\"a\":[1,2.50,\"x\",null],\"b\":{}}");
    GIVES("extra", "1.10", "1.10");
}

TEST(person)
{
    Ctx cx = context(mem, "RU", "RUB", "ru");
    const Field *f = field_of(&cx, "person");
    Val v = {0};

#define NAMED(in_, family_, given_, middle_, prefix_) \
    GIVES("person", "\"" in_ "\"",                    \
          "{\"family\":" family_ ",\"given\":" given_ ",\"middle\":" middle_ ",\"prefix\":" prefix_ "}")
    NAMED("Иванов Иван Иванович", "\"Иванов\"", "\"Иван\"", "\"Иванович\"", "null");
    NAMED("Анна Петровна Сергеева", "\"Сергеева\"", "\"Анна\"", "\"Петровна\"", "null");
    NAMED("Иван Иванов", "\"Иванов\"", "\"Иван\"", "null", "null");
    NAMED("Иванов Иван", "\"Иванов\"", "\"Иван\"", "null", "null");
    NAMED("Анна Петровна", "null", "\"Анна\"", "\"Петровна\"", "null");
    NAMED("г-н Ким", "\"Ким\"", "null", "null", "\"г-н\"");
    NAMED("Jan Maria Kowalski", "\"Kowalski\"", "\"Jan\"", "\"Maria\"", "null");
    NAMED("Dr. Anna Nowak", "\"Nowak\"", "\"Anna\"", "null", "\"Dr.\"");
    NAMED("Smith, John", "\"Smith\"", "\"John\"", "null", "null");
    NAMED("Cher", "\"Cher\"", "null", "null", "null");
    GIVES("person", "{\"family\":\" Ким \"}",
          "{\"family\":\"Ким\",\"given\":null,\"middle\":null,\"prefix\":null}");
    GIVES("person", "{\"family\":\"\"}", "null");
    GIVES("person", "{\"last\":\"x\"}", "error.value.key");
    GIVES("person", "7", "error.person_name");
    CHECK_OK(value_from_json(&cx, f, parse(&cx, "\"Иванов Иван Иванович\""), &v));
    CHECK_STR(person_name_text(mem, v, LANG_RU), "Иванов Иван Иванович");
    CHECK_STR(person_name_text(mem, v, LANG_PL), "Иван Иванов");
}

TEST(emails)
{
    Ctx cx = context(mem, "RU", "RUB", "ru");

    GIVES("emails", "\"Ivan@Mail.RU\"", "[{\"value\":\"Ivan@mail.ru\",\"label\":null,\"main\":true}]");
    GIVES(
        "emails",
        "[{\"value\":\"a@b.co\",\"label\":\"work\"},{\"value\":\"c@d.co\",\"main\":true},\"a@B.co\"]",
        "[{\"value\":\"a@b.co\",\"label\":\"work\",\"main\":false},{\"value\":\"c@d.co\",\"label\":null,\"main\":true}]");
    GIVES("emails", "[]", "null");
    GIVES("emails", "[{\"value\":\"\"}]", "null");
    GIVES("emails", "\"a@b\"", "error.email");
    GIVES("emails", "\"a b@c.de\"", "error.email");
    GIVES("emails", "\"@c.de\"", "error.email");
    GIVES("emails", "\"a@-c.de\"", "error.email");
    GIVES("emails", "\"a@c..de\"", "error.email");
    GIVES("emails", "\"иван@почта.рф\"", "[{\"value\":\"иван@почта.рф\",\"label\":null,\"main\":true}]");
    GIVES("emails", "7", "error.list");
    GIVES("emails", "[{\"mail\":\"a@b.co\"}]", "error.value.key");
}

TEST(phones_and_handles)
{
    Ctx cx = context(mem, "RU", "RUB", "ru");

    GIVES("phones", "\"8 (916) 123-45-67 доб. 12\"",
          "[{\"value\":\"+79161234567\",\"label\":null,\"main\":true,\"ext\":\"12\"}]");
    GIVES("phones", "[\"+7 916 123 45 67\",{\"value\":\"89161234567\",\"main\":true},\"+48 601 100 200\"]",
          "[{\"value\":\"+79161234567\",\"label\":null,\"main\":true},"
          "{\"value\":\"+48601100200\",\"label\":null,\"main\":false}]");
    GIVES("phones", "\"12\"", "error.phone");
    GIVES("handles", "{\"value\":\"@ivanov\",\"label\":\"telegram\"}",
          "[{\"value\":\"@ivanov\",\"label\":\"telegram\",\"main\":true}]");
}

TEST(addresses)
{
    Ctx cx = context(mem, "PL", "PLN", "pl");

#define PARTS(street_, city_, country_)                        \
    "[{\"value\":{\"street\":" street_ ",\"city\":" city_      \
    ",\"region\":null,\"postcode\":null,\"country\":" country_ \
    ",\"settlement\":null},\"label\":null,\"main\":true}]"
    GIVES("addresses", "\"Piotrkowska 1\"", PARTS("\"Piotrkowska 1\"", "null", "null"));
    GIVES("addresses", "{\"city\":\"Łódź\",\"country\":\"PL\"}", PARTS("null", "\"Łódź\"", "\"PL\""));
    GIVES("addresses", "[{\"value\":{\"city\":\"Łódź\"}}]", PARTS("null", "\"Łódź\"", "null"));
    GIVES("addresses", "[{\"value\":{\"town\":\"Łódź\"}}]", "error.value.key");
    GIVES("addresses", "[{\"value\":{\"country\":\"ZZ\"}}]", "error.country");
    GIVES("addresses", "[{\"value\":{}}]", "null");
}

TEST(identifiers)
{
    Ctx cx = context(mem, "RU", "RUB", "ru");

    GIVES("inn", "\"7707 083 893\"", "[{\"country\":\"RU\",\"kind\":\"INN\",\"value\":\"7707083893\"}]");
    GIVES("inn", "\"7707083894\"", "error.ident.checksum");
    GIVES("ids", "[{\"country\":\"PL\",\"kind\":\"NIP\",\"value\":\"526-10-40-828\"}]",
          "[{\"country\":\"PL\",\"kind\":\"NIP\",\"value\":\"5261040828\"}]");
    GIVES("ids", "\"7707083893\"", "[{\"country\":\"RU\",\"kind\":\"INN\",\"value\":\"7707083893\"}]");
    GIVES("ids", "\"abc\"", "error.identifier.kind");
    GIVES("inn", "[{\"kind\":\"KPP\",\"value\":\"773601001\"}]", "error.identifier.kind");
}

TEST(references)
{
    Ctx cx = context(mem, "US", "USD", "en");
    Str id = id_text(mem, 1234567890123);
    const char *plain = str_to_c(mem, str_fmt(mem, "\"%.*s\"", SFMT(id)));
    const char *full =
        str_to_c(mem, str_fmt(mem, "{\"object\":\"thing\",\"id\":\"%.*s\",\"label\":\"x\"}", SFMT(id)));
    const char *other = str_to_c(mem, str_fmt(mem, "{\"object\":\"team\",\"id\":\"%.*s\"}", SFMT(id)));
    const char *shown =
        str_to_c(mem, str_fmt(mem, "{\"object\":\"thing\",\"id\":\"%.*s\",\"label\":null}", SFMT(id)));

    GIVES("parent", plain, shown);
    GIVES("parent", full, shown);
    GIVES("parent", other, "error.reference.object");
    GIVES("parent", "\"nonsense\"", "error.reference");
    GIVES("parent", "\"\"", "null");
    GIVES("about", full, shown);
    GIVES("about", plain, "error.reference");
    GIVES("about", "{\"object\":\"nothing\",\"id\":\"0000000000001\"}", "error.reference");
    CHECK(str_find(through(&cx, "boss", plain), S("\"object\":\"user\"")) > 0);
    CHECK(str_starts(through(&cx, "photo", plain), S("{\"id\":")));
}

TEST(words_for_people)
{
    Ctx cx = context(mem, "RU", "RUB", "ru");
    Val v = {0};

#define READS(field_, json_, lang_, text_)                                                \
    do {                                                                                  \
        CHECK_OK(value_from_json(&cx, field_of(&cx, (field_)), parse(&cx, (json_)), &v)); \
        CHECK_STR(value_text(mem, field_of(&cx, (field_)), v, (lang_)), (text_));         \
    } while (0)
    READS("class", "\"A\"", LANG_RU, "Первый");
    READS("kinds", "[\"a\",\"b\"]", LANG_PL, "Aa, Bb");
    READS("is_hot", "false", LANG_RU, "Нет");
    READS("amount", "1054", LANG_EN, "1054.00 RUB");
    READS("price", "0.125", LANG_EN, "0.125 RUB");
    READS("number", "17", LANG_EN, "D-17");
    READS("emails", "[\"a@b.co\",\"c@d.co\"]", LANG_EN, "a@b.co, c@d.co");
    READS("addresses", "{\"city\":\"Łódź\",\"postcode\":\"90-001\"}", LANG_EN, "90-001, Łódź");
    READS("day", "\"2024-02-29\"", LANG_EN, "2024-02-29");
    CHECK_STR(value_text(mem, field_of(&cx, "day"), val_null(), LANG_EN), "");
}

/* --- whole records ------------------------------------------------------------------------------------------------------- */

static Record *new_thing(Ctx *cx)
{
    return record_new(cx->mem, meta_object(cx->meta, S("thing")));
}

/* Keys of all problems, with their fields. */
static Str problems(Ctx *cx, const char *json, Record *rec)
{
    Val v = parse(cx, json);
    Buf b = buf_new(cx->mem, 1u << 16);

    for (Err *e = record_from_json(cx, rec->obj, &v, rec); e; e = e->next)
        buf_addf(&b, "%.*s:%.*s ", SFMT(e->field), SFMT(e->key));
    return buf_str(&b);
}

TEST(record_collects_all_problems)
{
    Ctx cx = context(mem, "US", "USD", "en");
    Record *rec = new_thing(&cx);

    CHECK_STR(
        problems(&cx, "{\"name\":\"ok\",\"count\":500,\"nope\":1,\"secret\":\"x\",\"class\":\"Z\"}", rec),
        "count:error.number.max nope:error.field.unknown secret:error.field.unknown class:error.choice ");
    CHECK_STR(problems(&cx, "{\"name\":\"ok\",\"count\":5}", rec), "");
    CHECK(rec->is_set[object_field(rec->obj, S("name"))->index]);
    CHECK(!rec->is_set[object_field(rec->obj, S("notes"))->index]);
    CHECK_STR(val_str(record_get_val(rec, "name")), "ok");
}

TEST(record_system_fields_must_equal)
{
    Ctx cx = context(mem, "US", "USD", "en");
    Record *rec = new_thing(&cx);

    CHECK_STR(problems(&cx, "{\"id\":null,\"created_at\":null,\"number\":null,\"label\":null}", rec), "");
    CHECK_STR(problems(&cx, "{\"created_at\":\"2024-01-01T00:00:00Z\",\"number\":5}", rec),
              "created_at:error.field.readonly number:error.field.readonly ");
    rec->id = 77;
    rec->version = 3;
    rec->label = S("Lamp");
    rec->vals[SYS_CREATED_AT] = val_from_ms(1704067200000);
    rec->vals[object_field(rec->obj, S("number"))->index] = val_int(5);
    Str good = str_fmt(
        mem,
        "{\"id\":\"%.*s\",\"version\":3,\"created_at\":\"2024-01-01T00:00:00Z\",\"number\":\"D-5\",\"label\":\"Lamp\"}",
        SFMT(id_text(mem, 77)));

    CHECK_STR(problems(&cx, str_to_c(mem, good), rec), "");
    CHECK_STR(
        problems(&cx, "{\"id\":\"0000000000001\",\"created_at\":null,\"number\":6,\"label\":\"Lump\"}", rec),
        "id:error.field.readonly created_at:error.field.readonly number:error.field.readonly label:error.field.readonly ");
}

static Ctx as_clerk(Ctx cx, bool may_see_masked)
{
    const Object *obj = meta_object(cx.meta, S("thing"));
    Rights *rights = NEW(cx.mem, Rights);
    Actor *actor = NEW(cx.mem, Actor);
    struct ObjectRights *own = NEW(cx.mem, struct ObjectRights);

    for (int v = 0; v < VERB_COUNT; v++) own->level[v] = LEVEL_ALL;
    own->fields = NEW_N(cx.mem, uint8_t, obj->n_fields);
    for (size_t i = 0; i < obj->n_fields; i++) own->fields[i] = FIELD_WRITE;
    own->fields[object_field(obj, S("amount"))->index] = FIELD_HIDDEN;
    own->fields[object_field(obj, S("weight"))->index] = FIELD_READ;
    rights->objects[obj->number] = own;
    rights->may_see_masked = may_see_masked;
    *actor = (Actor){.user = 5, .rights = rights};
    cx.actor = actor;
    return cx;
}

TEST(hidden_and_masked)
{
    Ctx system = context(mem, "RU", "RUB", "ru"), cx = as_clerk(system, false);
    Record *rec = new_thing(&system);
    Buf b = buf_new(mem, 1u << 20);
    JsonWriter w = json_writer(&b);

    CHECK_STR(
        problems(
            &system,
            "{\"name\":\"Lamp\",\"amount\":5,\"weight\":1,\"phones\":[\"+79161234567\",\"+48601100200\"],\"emails\":\"ivan@mail.ru\"}",
            rec),
        "");
    rec->id = 9;
    record_to_json(&w, &cx, rec, NULL, NULL, 0);
    CHECK(str_find(buf_str(&b), S("\"amount\"")) < 0);
    CHECK(str_find(buf_str(&b), S("\"secret\"")) < 0);
    CHECK(str_find(buf_str(&b), S("\"weight\":\"1\"")) > 0);
    CHECK(str_find(buf_str(&b), S("+7•••••4567")) > 0);
    CHECK(str_find(buf_str(&b), S("+48•••••0200")) > 0);
    CHECK(str_find(buf_str(&b), S("i•••••@mail.ru")) > 0);
    CHECK(str_find(buf_str(&b), S("\"tags\":null")) > 0);
    CHECK_STR(problems(&cx, "{\"amount\":6,\"weight\":2}", rec),
              "amount:error.field.unknown weight:error.field.readonly ");
    CHECK_STR(problems(&cx, "{\"weight\":\"1.0\"}", rec), "");
    CHECK_STR(problems(&cx, "{\"phones\":[{\"value\":\"+7•••••4567\"},{\"value\":\"+79160000000\"}]}", rec),
              "");
    CHECK_STR(val_str(record_get_val(rec, "phones").list[0].map[0].val), "+79161234567");
    CHECK_EQ_INT(record_get_val(rec, "phones").n, 2);
    CHECK_STR(problems(&cx, "{\"phones\":[\"+7•••••0000\"]}", new_thing(&system)), "phones:error.phone ");
}

TEST(record_fields_mask)
{
    Ctx cx = context(mem, "US", "USD", "en");
    Record *rec = new_thing(&cx);
    Field *fields[] = {object_field(rec->obj, S("count"))};
    Buf b = buf_new(mem, 1u << 16);
    JsonWriter w = json_writer(&b);

    rec->id = 1;
    rec->version = 2;
    rec->label = S("Lamp");
    record_to_json(&w, &cx, rec, NULL, fields, 1);
    CHECK_STR(buf_str(&b), "{\"id\":\"0000000000001\",\"version\":2,\"label\":\"Lamp\",\"count\":null}");
}

TEST(columns)
{
    Ctx cx = context(mem, "RU", "RUB", "ru");
    Val v = {0}, binds[FIELD_COLUMNS_MAX];

    CHECK_OK(value_from_json(&cx, field_of(&cx, "person"), parse(&cx, "\"Иван Ёлкин\""), &v));
    CHECK(value_binds(&cx, field_of(&cx, "person"), v, val_null(), binds) >= 5);
    CHECK_STR(val_str(binds[0]), "Ёлкин Иван");
    CHECK_OK(value_from_json(&cx, field_of(&cx, "amount"), parse(&cx, "7.5"), &v));
    CHECK_EQ_INT(
        value_binds(&cx, field_of(&cx, "amount"), v, val_money(150000, 4, currency_pack(S("USD"))), binds),
        3);
    CHECK_EQ_INT(binds[0].i, 75000);
    CHECK_STR(val_str(binds[1]), "RUB");
    CHECK_EQ_INT(binds[2].i, 150000);
    CHECK_OK(value_from_json(&cx, field_of(&cx, "kinds"), parse(&cx, "[\"b\",\"a\"]"), &v));
    value_binds(&cx, field_of(&cx, "kinds"), v, val_null(), binds);
    CHECK_STR(val_str(binds[0]), "|a|b|");
    CHECK_OK(value_from_json(&cx, field_of(&cx, "name"), parse(&cx, "\"Ёлка\""), &v));
    CHECK_EQ_INT(value_binds(&cx, field_of(&cx, "name"), v, val_null(), binds), 3);
    CHECK_STR(val_str(binds[1]), "елка");
    CHECK_EQ_INT(binds[2].kind, VAL_BYTES);
    CHECK_OK(value_from_json(&cx, field_of(&cx, "took"), parse(&cx, "\"90m\""), &v));
    value_binds(&cx, field_of(&cx, "took"), v, val_null(), binds);
    CHECK_EQ_INT(binds[0].i, 5400);
}
