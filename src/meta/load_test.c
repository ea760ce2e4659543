/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The object files of this release load; what follows from them; each kind of mistake is told with its file and line. */
#include "base/tap.h"
#include "meta/meta.h"

#define L(en) "{en: " en ", ru: " en ", pl: " en "}"
#define HEAD(name, number) \
    "object: " name "\n"   \
    "number: " number "\nplural: " name "s\nlabel: " L("X") "\nlabel_plural: " L("X") "\nfields:\n"
#define NAME              "  name: {type: text, label: " L("Name") "}\n"
#define FIELD(name, rest) "  " name ": {label: " L("F") ", " rest "}\n"

static Meta *load_builtin(Arena *mem)
{
    size_t n = 0;
    const MetaSource *files = meta_builtin(mem, &n);
    Meta *meta = NULL;

    for (Err *e = meta_load(mem, files, n, &meta); e; e = e->next) printf("# %.*s\n", SFMT(e->detail));
    NEED(meta);
    return meta;
}

static Err *load_texts(Arena *mem, const char *a, const char *b, Meta **out)
{
    const MetaSource files[] = {{.path = S("a.yaml"), .text = str_c(a), .layer = S("built-in")},
                                {.path = S("b.yaml"), .text = str_c(b), .layer = S("site")}};

    return meta_load(mem, files, b ? 2 : 1, out);
}

static Field *field_of(const Meta *meta, const char *object, const char *name)
{
    Object *obj = meta_object(meta, str_c(object));

    NEED(obj);
    Field *f = object_field(obj, str_c(name));

    NEED(f);
    return f;
}

/* "name family ..." of the columns. */
static Str columns_text(Arena *mem, const Field *f)
{
    Column columns[FIELD_COLUMNS_MAX];
    Str names[FIELD_COLUMNS_MAX];
    size_t n = field_columns(f, columns);

    for (size_t i = 0; i < n; i++) names[i] = columns[i].name;
    return str_join(mem, names, n, S(" "));
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
    CHECK(meta_object(meta, S("nothing")) == NULL);
    CHECK_STR(label_in(&account->label, LANG_RU), "Клиент");
    CHECK_STR(label_in(&account->label_plural, LANG_PL), "Kontrahenci");
    CHECK(account->label_field == object_field(account, S("name")));
}

TEST(every_object_has_its_system_fields)
{
    Meta *meta = load_builtin(mem);

    for (size_t i = 0; i < meta->n_objects; i++) {
        Object *obj = meta->objects[i];

        CHECK_STR(obj->fields[0].name, "id");
        CHECK(obj->fields[0].target == obj);
        CHECK_STR(object_field(obj, S("owner"))->column, "owner_id");
        CHECK(object_field(obj, S("owner"))->target == meta_object(meta, S("user")));
        CHECK(object_field(obj, S("team"))->target == meta_object(meta, S("team")));
        for (size_t j = 0; j < obj->n_fields; j++) {
            CHECK(obj->fields[j].object == obj && obj->fields[j].index == j && obj->fields[j].cel);
        }
    }
}

TEST(columns_follow_the_type)
{
    Meta *meta = load_builtin(mem);

    CHECK_STR(columns_text(mem, field_of(meta, "account", "name")), "name name_fold name_key");
    CHECK_STR(columns_text(mem, field_of(meta, "deal", "amount")), "amount amount_currency amount_base");
    CHECK_STR(columns_text(mem, field_of(meta, "contact", "name")),
              "name name_family name_given name_middle name_prefix name_fold name_key");
    CHECK_STR(columns_text(mem, field_of(meta, "activity", "about")), "about about_object");
    CHECK_STR(columns_text(mem, field_of(meta, "deal", "account")), "account");
    CHECK_STR(columns_text(mem, field_of(meta, "deal", "contacts")), "");
    CHECK_STR(columns_text(mem, field_of(meta, "lead", "waiting")), "");
    CHECK_STR(columns_text(mem, field_of(meta, "account", "utm_term")), "utm_term");
    CHECK_STR(columns_text(mem, field_of(meta, "industry", "name_ru")), "name_ru name_ru_fold");
    CHECK_STR(columns_text(mem, field_of(meta, "account", "won_amount")),
              "won_amount won_amount_currency won_amount_base");
    CHECK_STR(field_sort_column(field_of(meta, "account", "name")), "name_key");
    CHECK_STR(field_sort_column(field_of(meta, "deal", "amount")), "amount_base");
    CHECK_STR(field_sort_column(field_of(meta, "deal", "close_date")), "close_date");
    CHECK(field_in_past(field_of(meta, "deal", "amount")));
    CHECK(!field_in_past(field_of(meta, "deal", "description")));
    CHECK(!field_in_past(field_of(meta, "user", "password_hash")));
    CHECK(!field_in_past(field_of(meta, "saved_view", "columns")));
}

TEST(computed_fields_are_stored_in_order)
{
    Meta *meta = load_builtin(mem);
    Object *deal = meta_object(meta, S("deal")), *line = meta_object(meta, S("deal_line"));

    CHECK(field_of(meta, "deal", "weighted")->is_stored);
    CHECK(field_of(meta, "activity", "happened_at")->is_stored);
    CHECK(field_of(meta, "lead", "answer_time")->is_stored);
    CHECK(!field_of(meta, "lead", "waiting")->is_stored);
    CHECK_EQ_INT(field_of(meta, "account", "won_amount")->result, FIELD_MONEY);
    CHECK_EQ_INT(field_of(meta, "account", "open_deals")->result, FIELD_INTEGER);
    CHECK_EQ_INT(field_of(meta, "account", "last_won_on")->result, FIELD_DATE);
    CHECK_EQ_INT(field_of(meta, "deal", "lines_total")->result, FIELD_MONEY);
    CHECK(deal->n_formulas >= 4);
    NEED(line->n_formulas == 1);
    CHECK_STR(line->formulas[0]->name, "margin");
    CHECK_EQ_INT(line->n_rollups, 2);
}

TEST(expressions_see_references_and_lists)
{
    Meta *meta = load_builtin(mem);
    Object *account = meta_object(meta, S("account"));
    CelEnv env = object_cel_env(account);
    static const char *const GOOD[] = {
        "industry.code == 'C'",
        "parent.parent.name == 'x'",
        "deals.exists(d, d.amount > 100 && d.stage.name == 'Won')",
        "contacts.all(c, c.name.family != null)",
        "people.exists(p, p.job_title == 'x')",
        "account_contacts.exists(l, l.role == 'director')",
        "phones.exists(p, p.main && p.value.startsWith('+7'))",
        "addresses.exists(a, a.value.city == 'Gdynia')",
        "identifiers.exists(i, i.kind == 'NIP')",
        "roles.exists(r, r == 'customer')",
        "owner == me() && owner.team.name == 'x'",
        "subsidiaries.exists(s, s.won_amount > 0)",
        "created_at < now",
    };
    static const char *const BAD[] = {"deals.exists(d, d.nothing == 1)", "industry.code > 1", "nothing == 1",
                                      "name.family == 'x'", "owner.password_hash == 'x'"};

    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        CelNode *tree = NULL;
        Err *e = cel_parse(mem, str_c(GOOD[i]), &tree);

        if (!e) e = cel_check(mem, &env, tree, &cel_bool);
        if (e) printf("# %s: %.*s\n", GOOD[i], SFMT(e->detail));
        CHECK(!e);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        CelNode *tree = NULL;

        CHECK_OK(cel_parse(mem, str_c(BAD[i]), &tree));
        CHECK_ERR(cel_check(mem, &env, tree, &cel_bool), ERR_INVALID);
    }
    NEED(object_inverse(account, S("deals")));
    CHECK_STR(object_inverse(account, S("deals"))->field->name, "account");
    CHECK(object_inverse(account, S("competing_deals")) != NULL);
}

TEST(options_and_states)
{
    Meta *meta = load_builtin(mem);
    Object *lead = meta_object(meta, S("lead"));
    const Option *won = field_option(field_of(meta, "deal", "category"), S("won"));

    NEED(won);
    CHECK(won->is_closed && won->is_won);
    CHECK(field_option(field_of(meta, "account", "class"), S("A")) != NULL);
    CHECK(field_option(field_of(meta, "account", "class"), S("a")) == NULL);
    CHECK(lead->state == object_field(lead, S("status")));
    NEED(lead->n_transitions == 6);
    CHECK_STR(lead->transitions[5].name, "reopen");
    CHECK_EQ_INT(lead->transitions[5].n_from, 2);
    CHECK(lead->transitions[5].guard.tree != NULL);
}

TEST(languages_by_code)
{
    CHECK_EQ_INT(lang_from(S("ru-RU")), LANG_RU);
    CHECK_EQ_INT(lang_from(S("PL")), LANG_PL);
    CHECK_EQ_INT(lang_from(S("de")), LANG_EN);
    CHECK_STR(lang_code(LANG_PL), "pl");
    CHECK_STR(S("a"), "a");
    CHECK_STR(str_c(field_type_name(FIELD_ROLLUP)), "rollup");
}

/* --- mistakes -------------------------------------------------------------------------------------------------------- */

typedef struct Mistake {
    const char *text, *problem;
} Mistake;

static const Mistake MISTAKES[] = {
    {"object: [", "a.yaml:2: not valid YAML: did not find expected node content"},
    {"object: a\nobject: b\n", "a.yaml:2: key \"object\" is given twice"},
    {"object: &x a\n", "a.yaml:1: anchors are not taken"},
    {"object: !!str a\n", "a.yaml:1: tags are not taken"},
    {"a: 1\n---\nb: 1\n", "a.yaml:2: a second document in the file"},
    {"a\n", "a.yaml:1: an object file is a map of keys"},
    {HEAD("a", "1") NAME "columnz: [name]\n",
     "a.yaml:8: an object has no key \"columnz\", did you mean \"columns\"?"},
    {HEAD("a", "1") "  name: {type: text}\n", "a.yaml:7: a field lacks \"label\""},
    {HEAD("a", "1") "  name: {type: text, label: {en: N, ru: N}}\n",
     "a.yaml:7: \"label\" has no text in \"pl\""},
    {HEAD("a", "1") "  name: {type: text, label: {en: N, ru: N, pl: N, de: N}}\n",
     "a.yaml:7: \"label\": unknown language \"de\""},
    {HEAD("a", "1") FIELD("name", "type: txt"),
     "a.yaml:7: \"type\": unknown value \"txt\", did you mean \"text\"?"},
    {HEAD("a", "1") FIELD("name", "type: text, required: yes"),
     "a.yaml:7: \"required\" must be true or false"},
    {HEAD("a", "1") FIELD("1x", "type: text"), "a.yaml:7: \"1x\" is not a name"},
    {HEAD("a", "1") FIELD("Name", "type: text"), "a.yaml:7: field \"Name\" must be in lower case"},
    {HEAD("a", "1") FIELD("now", "type: text"), "a.yaml:7: field \"now\" is a reserved word"},
    {HEAD("a", "1") FIELD("owner", "type: text"), "a.yaml:7: \"owner\" is a system field"},
    {HEAD("a", "0") NAME, "a.yaml:1: \"number\" must be 1 to 1023"},
    {HEAD("a", "1") NAME "columns: name\n", "a.yaml:8: \"columns\" must be a list of names"},
    {HEAD("a", "1") NAME "columns: [namx]\n", "a.yaml:8: a has no field \"namx\", did you mean \"name\"?"},
    {HEAD("a", "1") NAME "columns: [name, name]\n", "a.yaml:8: \"name\" is listed twice"},
    {HEAD("a", "1") NAME "order_by: -nothing\n", "a.yaml:8: a has no field \"nothing\""},
    {HEAD("a", "1") NAME "order_by: name\n", "a.yaml:8: \"name\" is not sortable"},
    {HEAD("a", "1") NAME "color: pink\n", "a.yaml:8: \"color\": unknown value \"pink\""},
    {HEAD("a", "1") FIELD("b", "type: reference"), "a.yaml:7: \"b\": a field of type reference needs \"to\""},
    {HEAD("a", "1") FIELD("b", "type: reference, to: c"),
     "a.yaml:7: there is no object \"c\", did you mean \"a\"?"},
    {HEAD("a", "1") FIELD("b", "type: text, to: a"), "a.yaml:7: \"b\": a field of type text takes no \"to\""},
    {HEAD("a", "1") FIELD("b", "type: reference, to: a, required: true, on_delete: clear"),
     "a.yaml:7: \"b\" is required: on_delete cannot clear it"},
    {HEAD("a", "1") FIELD("b", "type: links, through: a, near: c, far: c")
         FIELD("c", "type: reference, to: a"),
     "a.yaml:7: a is no link object (link: true)"},
    {HEAD("a", "1") FIELD("b", "type: rollup, op: sum, of: a, via: c") FIELD("c", "type: reference, to: a"),
     "a.yaml:7: \"b\": sum, avg, min and max need \"value\", count takes none"},
    {HEAD("a", "1") FIELD("b", "type: rollup, op: count, of: a, via: name") NAME,
     "a.yaml:7: \"name\" of a does not refer to a"},
    {HEAD("a", "1") FIELD("b", "type: formula, result: integer, formula: 1 +"),
     "a.yaml:7: in \"1 +\": the expression ends too early at 3"},
    {HEAD("a", "1") FIELD("b", "type: formula, result: integer, formula: nothing + 1"),
     "a.yaml:7: in \"nothing + 1\": unknown name nothing at 0"},
    {HEAD("a", "1") FIELD("b", "type: formula, result: integer, formula: name") NAME,
     "a.yaml:7: in \"name\": string does not go with int at 0"},
    {HEAD("a", "1") FIELD("b", "type: integer, default: name") NAME,
     "a.yaml:7: in \"name\": unknown name name at 0"},
    {HEAD("a", "1") FIELD("b", "type: formula, result: integer, formula: c + 1")
         FIELD("c", "type: formula, result: integer, formula: b + 1"),
     "a.yaml:7: computed from itself: a.b -> a.c -> a.b"},
    {HEAD("a", "1") FIELD("p", "type: reference, to: a")
         FIELD("b", "type: rollup, op: sum, of: a, via: p, value: b2")
             FIELD("b2", "type: formula, result: integer, formula: b + 1"),
     "a.yaml:8: computed from itself: a.b -> a.b2 -> a.b"},
    {HEAD("a", "1") FIELD("p", "type: reference, to: a")
         FIELD("b", "type: rollup, op: count, of: a, via: p, filter: p.p == null"),
     "a.yaml:8: \"b\": a roll-up reads only stored fields of a itself"},
    {HEAD("a", "1") FIELD("k", "type: choice, options: [{key: x, label: " L(
                                   "X") "}]") "views:\n  - {key: v, label: " L("V") ", filter: k == 'y'}\n",
     "a.yaml:9: \"k\" has no option 'y' (at 5)"},
    {HEAD("a", "1") FIELD("k", "type: choice, default: \"'y'\", options: [{key: x, label: " L("X") "}]"),
     "a.yaml:7: \"k\" has no option 'y' (at 0)"},
    {HEAD("a", "1") FIELD("k", "type: choice, options_of: a.c"), "a.yaml:7: \"a.c\" has no options to share"},
    {HEAD("a", "1") FIELD(
         "k",
         "type: choice, options: [{key: x, label: " L(
             "X") "}]") "state:\n  field: k\n  transitions:\n    - {from: x, to: z, label: " L("Z") "}\n",
     "a.yaml:11: \"k\" has no option \"z\", did you mean \"x\"?"},
    {HEAD("a", "1") FIELD("b", "type: money") FIELD("b_currency", "type: text"),
     "a.yaml:8: column \"b_currency\" already belongs to \"b\""},
    {HEAD("a", "1") NAME "unique:\n  - {name: u, fields: [name], filter: name.startsWith('x')}\n",
     "a.yaml:9: a unique rule's filter only compares own fields with constants, joined by &&"},
    {HEAD("a", "1") NAME "rules:\n  - {name: r, check: name, message: " L("M") "}\n",
     "a.yaml:9: in \"name\": string does not go with bool at 0"},
};

TEST(mistakes_are_told_with_file_and_line)
{
    for (size_t i = 0; i < sizeof MISTAKES / sizeof *MISTAKES; i++) {
        Meta *meta = NULL;
        Err *e = load_texts(mem, MISTAKES[i].text, NULL, &meta);

        CHECK(meta == NULL);
        NEED(e);
        if (!CHECK(str_eq_c(e->detail, MISTAKES[i].problem))) {
            printf("# case %zu: %.*s\n#  wanted: %s\n", i, SFMT(e->detail), MISTAKES[i].problem);
        }
        CHECK(e->code == ERR_INVALID && str_starts(e->key, S("error.meta.")) &&
              str_eq(e->args[0], e->detail));
    }
}

TEST(all_mistakes_come_at_once)
{
    Meta *meta = NULL;
    Err *e = load_texts(mem, HEAD("a", "1") FIELD("x", "type: txt") NAME "columns: [namx]\niconn: x\n", NULL,
                        &meta);
    size_t n = 0;

    for (; e; e = e->next) n++;
    CHECK_EQ_INT(n, 3);
}

TEST(two_files_may_not_claim_one_name_or_number)
{
    Meta *meta = NULL;

    CHECK_STR(load_texts(mem, HEAD("a", "1") NAME, HEAD("b", "1") NAME, &meta)->detail,
              "b.yaml:1: number 1 belongs to \"a\"");
    CHECK_STR(load_texts(mem, HEAD("a", "1") NAME, HEAD("a", "2") NAME, &meta)->detail,
              "b.yaml:1: object \"a\" is declared twice");
}

TEST(deep_and_large_files_are_refused)
{
    Buf deep = buf_new(mem, 4096), large = buf_new(mem, 2u << 20);
    Meta *meta = NULL;

    buf_add(&deep, S("x: "));
    for (int i = 0; i < 40; i++) buf_add_c(&deep, '[');
    for (int i = 0; i < 40; i++) buf_add_c(&deep, ']');
    CHECK_STR(load_texts(mem, str_to_c(mem, buf_str(&deep)), NULL, &meta)->detail,
              "a.yaml:1: nested too deeply");
    for (int i = 0; i < 600000; i++) buf_add_c(&large, '#');
    CHECK_STR(load_texts(mem, str_to_c(mem, buf_str(&large)), NULL, &meta)->detail,
              "a.yaml:1: larger than 524288 bytes");
}
