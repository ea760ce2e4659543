/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A site's layer changes an object by explicit operations, and its mistakes are told at its own lines. */
#include "base/tap.h"
#include "meta/meta.h"

#define L(en) "{en: " en ", ru: " en ", pl: " en "}"

static const char BASE[] =
    "object: deal\n"
    "number: 1\nplural: deals\nlabel: " L("Deal") "\nlabel_plural: " L(
        "Deals") "\n"
                 "fields:\n"
                 "  name: {type: text, sortable: true, label: " L(
                     "Name") "}\n"
                             "  amount: {type: money, label: " L(
                                 "Amount") "}\n"
                                           "  stage: {type: choice, label: " L("Stage") ", options: [{key: new, label: " L(
                                               "New") "}, {key: won, label: " L("Won") "}]}\n"
                                                                                       "columns: [name, amount]\n"
                                                                                       "views:\n"
                                                                                       "  - {key: all, label: " L(
                                                                                           "All") "}\n"
                                                                                                  "  - {key: big, label: " L(
                                                                                                      "Big") ", filter: amount > 100}\n";

static Err *load(Arena *mem, const char *layer, Meta **out)
{
    const MetaSource files[] = {{.path = S("site.yaml"), .text = str_c(layer), .layer = S("site")},
                                {.path = S("deal.yaml"), .text = str_c(BASE), .layer = S("built-in")}};

    return meta_load(mem, files, 2, out);
}

static Object *load_deal(Arena *mem, const char *layer)
{
    Meta *meta = NULL;
    Err *e = load(mem, layer, &meta);

    if (e) printf("# %.*s\n", SFMT(e->detail));
    NEED(meta);
    return meta_object(meta, S("deal"));
}

TEST(set_changes_what_is_there_and_what_is_not)
{
    Object *deal =
        load_deal(mem, "extend: deal\nset:\n  fields.amount.label.en: Value\n  fields.amount.required: true\n"
                       "  views.big.filter: amount > 500\n  fields.stage.options.won.label.ru: Победа\n");
    Field *amount = object_field(deal, S("amount"));

    CHECK_STR(label_in(&amount->label, LANG_EN), "Value");
    CHECK_STR(label_in(&amount->label, LANG_RU), "Amount");
    CHECK(amount->is_required);
    CHECK_STR(deal->views[1].filter.source, "amount > 500");
    CHECK_STR(label_in(&field_option(object_field(deal, S("stage")), S("won"))->label, LANG_RU), "Победа");
}

TEST(add_makes_fields_views_columns_options)
{
    Object *deal = load_deal(mem, "extend: deal\nadd:\n"
                                  "  fields: {colour: {type: text, label: " L(
                                      "Colour") "}}\n"
                                                "  views: [{key: mine, label: " L(
                                                    "Mine") "}]\n"
                                                            "  columns: [colour]\n"
                                                            "  fields.stage.options: [{key: lost, label: " L(
                                                                "Lost") "}]\n"
                                                                        "  icon: target\n");

    NEED(object_field(deal, S("colour")));
    CHECK_STR(object_field(deal, S("colour"))->file, "site.yaml");
    CHECK_EQ_INT(object_field(deal, S("colour"))->line, 3);
    CHECK_EQ_INT(deal->n_views, 3);
    CHECK_STR(deal->columns[2]->name, "colour");
    CHECK(field_option(object_field(deal, S("stage")), S("lost")) != NULL);
    CHECK_STR(deal->icon, "target");
}

TEST(remove_takes_away)
{
    Object *deal = load_deal(mem, "extend: deal\nremove: [views.big, columns.amount, fields.amount]\n");

    CHECK_EQ_INT(deal->n_views, 1);
    CHECK_EQ_INT(deal->n_columns, 1);
    CHECK(object_field(deal, S("amount")) == NULL);
}

TEST(move_puts_in_order)
{
    Object *deal =
        load_deal(mem, "extend: deal\nmove:\n  fields: {stage: before amount}\n  columns.amount: first\n"
                       "  views.all: last\n");

    CHECK(object_field(deal, S("stage"))->index < object_field(deal, S("amount"))->index);
    CHECK_STR(deal->columns[0]->name, "amount");
    CHECK_STR(deal->views[1].key, "all");
    deal = load_deal(mem, "extend: deal\nmove: {fields.name: after stage}\n");
    CHECK(object_field(deal, S("name"))->index > object_field(deal, S("stage"))->index);
    deal = load_deal(mem, "extend: deal\nmove: {fields.amount: after name, fields.stage: first}\n");
    CHECK(object_field(deal, S("stage"))->index < object_field(deal, S("name"))->index);
    CHECK(object_field(deal, S("name"))->index < object_field(deal, S("amount"))->index);
}

static const struct {
    const char *text, *problem;
} MISTAKES[] = {
    {"extend: dxal\n", "site.yaml:1: extends \"dxal\", which is no object"},
    {"extend: deal\nsets: {a: b}\n", "site.yaml:2: a layer has no operation \"sets\", did you mean \"set\"?"},
    {"extend: deal\nset:\n  fields.nothing.label: x\n",
     "site.yaml:3: \"fields.nothing.label\" leads nowhere: there is no \"nothing\""},
    {"extend: deal\nadd: {fields: {name: {type: text}}}\n",
     "site.yaml:2: \"fields.name.type\" is already there: use set"},
    {"extend: deal\nremove: [views.none]\n", "site.yaml:2: there is no \"views.none\""},
    {"extend: deal\nmove: {fields.name: somewhere}\n",
     "site.yaml:2: \"somewhere\" is no place: before NAME, after NAME, first or last"},
    {"extend: deal\nmove: {fields.name: before nothing}\n",
     "site.yaml:2: \"before nothing\" is no place: before NAME, after NAME, first or last"},
    {"extend: deal\nremove: {a: b}\n", "site.yaml:2: \"remove\" must be a list"},
    {"extend: deal\nremove: [fields.amount]\n", "deal.yaml:10: deal has no field \"amount\""},
    {"extend: deal\nset: {fields.name.typ: text}\n",
     "site.yaml:2: a field has no key \"typ\", did you mean \"type\"?"},
};

TEST(mistakes_of_a_layer)
{
    for (size_t i = 0; i < sizeof MISTAKES / sizeof *MISTAKES; i++) {
        Meta *meta = NULL;
        Err *e = load(mem, MISTAKES[i].text, &meta);

        NEED(e);
        if (!CHECK(str_eq_c(e->detail, MISTAKES[i].problem))) {
            printf("# case %zu: %.*s\n#  wanted: %s\n", i, SFMT(e->detail), MISTAKES[i].problem);
        }
    }
}

#define PART                                                                                                \
    "part: marks\nfields:\n  source: {type: text, label: " L("Source") "}\n  term: {type: text, label: " L( \
        "Term") "}\n"
#define OBJECT_USING(name, number, used)                                                            \
    "object: " name "\nnumber: " number "\nplural: " name "s\nlabel: " L("X") "\nlabel_plural: " L( \
        "X") "\nfields:\n"                                                                          \
             "  name: {type: text, label: " L("Name") "}\n  marks: {use: " used                     \
                                                      "}\n  note: {type: text, label: " L("Note") "}\n"

static Err *load_using(Arena *mem, const char *part, const char *one, const char *site, Meta **out)
{
    const MetaSource files[] = {
        {.path = S("one.yaml"), .text = str_c(one), .layer = S("built-in")},
        {.path = S("two.yaml"), .text = S(OBJECT_USING("two", "2", "marks")), .layer = S("built-in")},
        {.path = S("marks.part.yaml"), .text = str_c(part), .layer = S("built-in")},
        {.path = S("site.yaml"), .text = str_c(site), .layer = S("site")}};

    return meta_load(mem, files, 4, out);
}

TEST(a_part_stands_where_it_is_used_and_a_layer_changes_it_in_one_object)
{
    Meta *meta = NULL;
    Object *one = NULL;

    CHECK_OK(load_using(mem, PART, OBJECT_USING("one", "1", "marks"),
                        "extend: one\nset:\n  fields.source.label.en: Whence\n", &meta));
    one = meta_object(meta, S("one"));
    CHECK_EQ_INT(object_field(one, S("source"))->index, object_field(one, S("name"))->index + 1);
    CHECK_EQ_INT(object_field(one, S("note"))->index, object_field(one, S("term"))->index + 1);
    CHECK(!object_field(one, S("marks")));
    CHECK_STR(label_in(&object_field(one, S("source"))->label, LANG_EN), "Whence");
    CHECK_STR(label_in(&object_field(meta_object(meta, S("two")), S("source"))->label, LANG_EN), "Source");
}

TEST(mistakes_about_parts_are_told)
{
    static const char NOTHING[] = "extend: one\nset: {fields.name.required: true}\n";
    Meta *meta = NULL;
    Err *e = load_using(mem, PART, OBJECT_USING("one", "1", "mark"), NOTHING, &meta);

    NEED(e);
    CHECK_STR(e->detail, "one.yaml:8: there is no part \"mark\"");
    e = load_using(mem, PART "labels: 1\n", OBJECT_USING("one", "1", "marks"), NOTHING, &meta);
    NEED(e);
    CHECK_STR(e->detail, "marks.part.yaml:5: a part has no key \"labels\"");
    e = load_using(mem, PART "  name: {type: text, label: " L("Name") "}\n",
                   OBJECT_USING("one", "1", "marks"), NOTHING, &meta);
    NEED(e);
    CHECK_STR(e->detail, "marks.part.yaml:5: field \"name\" is declared twice");
}
