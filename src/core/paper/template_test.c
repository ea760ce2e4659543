/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Templates: tags, lines of their own, loops within loops, forms, mistakes told by their line; marks of documents. */
#include "core/paper/markup.h"
#include "core/paper/paper.h"
#include "core/paper/template.h"

#include "base/tap.h"

static const CelType *any_ident(void *arg, Str name)
{
    (void)arg;
    return str_eq(name, S("nobody")) ? NULL : &cel_dyn;
}

static const CelType *any_field(void *arg, const CelType *object, Str name)
{
    (void)arg;
    (void)object;
    (void)name;
    return &cel_dyn;
}

static bool ident(void *arg, Arena *mem, Str name, Val *out)
{
    (void)arg;
    *out = val_null();
    if (str_eq(name, S("name"))) *out = val_text(S("Ada | # *"));
    if (str_eq(name, S("yes"))) *out = val_bool(true);
    if (str_eq(name, S("rows"))) {
        Val *rows = NEW_N(mem, Val, 2);
        rows[0] = val_int(7);
        rows[1] = val_int(8);
        *out = val_list(rows, 2);
    }
    return true;
}

static bool no_field(void *arg, Arena *mem, Val object, Str name, Val *out)
{
    (void)arg;
    (void)mem;
    (void)object;
    (void)name;
    *out = val_null();
    return true;
}

static bool is_form(Str form)
{
    return str_eq(form, S("loud"));
}

static Err *put(void *arg, Buf *out, const CelNode *node, Val v, Str form)
{
    (void)arg;
    (void)node;
    if (v.kind == VAL_TEXT) markup_escape(out, val_str(v));
    if (v.kind == VAL_INT) buf_add_i64(out, v.i);
    if (form.n) buf_add(out, S("!"));
    return NULL;
}

static Err *fill(Arena *mem, Str source, size_t max, Str *out)
{
    const CelEnv env = {.ident = any_ident, .field = any_field};
    const CelScope scope = {.ident = ident, .field = no_field};
    const TemplateFill how = {.scope = &scope, .put = put, .max = max};
    Template *t = NULL;

    TRY(template_parse(mem, source, &t));
    TRY(template_check(mem, t, &env, is_form));
    return template_fill(mem, t, &how, out);
}

static Str filled(Arena *mem, const char *source)
{
    Str out = {0};

    CHECK_OK(fill(mem, str_c(source), 10000, &out));
    return out;
}

TEST(values_are_put_and_escaped)
{
    CHECK_STR(filled(mem, "Dear {{ name }}, {{ rows.size() }}{{ missing }}."), "Dear Ada \\| \\# \\*, 2.");
    CHECK_STR(filled(mem, "{{ '}}' }} {{ name == 'a' || yes ? 1 : 2 }} {{ 3 | loud }}"), "}} 1 3!");
}

TEST(loops_and_conditions)
{
    CHECK_STR(filled(mem, "a\n{{for r in rows}}\n| {{ index }} | {{ r }} |\n{{end}}\nb"),
              "a\n| 1 | 7 |\n| 2 | 8 |\nb");
    CHECK_STR(filled(mem, "{{if missing}}x{{else}}y{{end}}{{if yes}}z{{end}}"), "yz");
    CHECK_STR(filled(mem, "{{for a in rows}}{{for b in rows}}{{ a * 10 + b }},{{end}}{{ index }};{{end}}"),
              "77,78,1;87,88,2;");
}

static int wrong_line(Arena *mem, const char *source, const char *key)
{
    Str out = {0};
    Err *e = fill(mem, str_c(source), 10000, &out);

    CHECK(e && str_eq_c(e->key, key));
    return e ? (int)e->at : 0;
}

TEST(mistakes_are_told_by_their_line)
{
    CHECK_EQ_INT(wrong_line(mem, "a\n{{ 1 + }}", "error.template.line"), 2);
    CHECK_EQ_INT(wrong_line(mem, "a\n\n{{ nobody }}", "error.template.line"), 3);
    CHECK_EQ_INT(wrong_line(mem, "{{ x", "error.template.open"), 1);
    CHECK_EQ_INT(wrong_line(mem, "\n{{if x}}\n{{for y in z}}{{end}}", "error.template.end"), 2);
    CHECK_EQ_INT(wrong_line(mem, "{{end}}", "error.template.end"), 1);
    CHECK_EQ_INT(wrong_line(mem, "{{for 1 in x}}{{end}}", "error.template.tag"), 1);
    CHECK_EQ_INT(wrong_line(mem, "{{ 1 | quiet }}", "error.template.form"), 1);
    CHECK_EQ_INT(wrong_line(mem, "\n{{ 1 | Ab }}", "error.template.form"), 2);
}

TEST(what_takes_too_much_is_refused)
{
    Buf b = buf_new(mem, 10000);
    Str out = {0};

    for (int i = 0; i < 13; i++) buf_add(&b, S("{{if yes}}"));
    CHECK_ERR(fill(mem, buf_str(&b), 100, &out), ERR_INVALID);
    CHECK_ERR(fill(mem, S("{{for r in rows}}123456{{end}}"), 10, &out), ERR_LIMIT);
}

TEST(marks_of_a_document)
{
    Markup m;

    markup_parse(
        mem,
        S("# One\ntext **bold**\nmore\n- item\n| a | b \\| c |\n|--|---:|\n| 1 | 2 |\n|-|-|\n| @right x | "
          "@logo 9 |\n@footer foot\n@line\n@space 7\n@nothing"),
        &m);
    CHECK_EQ_INT(m.n, 8);
    CHECK_STR(m.footer, "foot");
    CHECK_EQ_INT(m.blocks[0].level, 1);
    CHECK_STR(m.blocks[1].piece.text, "text **bold**\nmore");
    CHECK_EQ_INT(m.blocks[2].kind, BLOCK_ITEM);
    const Table *t = m.blocks[3].table, *u = m.blocks[4].table;
    CHECK(t->has_head && t->n_rows == 2 && t->n_columns == 2 && t->widths[1] == 3);
    CHECK_EQ_INT(t->aligns[1], ALIGN_RIGHT);
    CHECK_STR(t->cells[1].text, "b \\| c");
    CHECK(!u->has_head && u->n_rows == 1 && u->cells[0].align == ALIGN_RIGHT);
    CHECK(u->cells[1].picture == PICTURE_LOGO && u->cells[1].mm == 9);
    CHECK_EQ_INT(m.blocks[6].mm, 7);
    CHECK_STR(m.blocks[7].piece.text, "@nothing");
}

TEST(text_without_its_marks)
{
    Plain plain;

    markup_plain(mem, S("a **b<br>c** \\*\\* d**e"), &plain);
    CHECK_STR(plain.text, "a b\nc ** de");
    CHECK_EQ_INT(plain.n, 2);
    CHECK(plain.bold[0][0] == 2 && plain.bold[0][1] == 5 && plain.bold[1][1] == plain.text.n);
}

TEST(escaped_text_comes_back)
{
    static const char *const TEXTS[] = {"# a", "| b |", "**c**", "\\ @qr 9", "<br>", "- d", "ż ё → 😀"};

    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        Buf b = buf_new(mem, 1000);
        Plain plain;
        Markup m;
        markup_escape(&b, str_c(TEXTS[i]));
        markup_parse(mem, buf_str(&b), &m);
        CHECK(m.n == 1 && m.blocks[0].kind == BLOCK_TEXT && !m.blocks[0].piece.picture);
        markup_plain(mem, m.blocks[0].piece.text, &plain);
        CHECK_STR(plain.text, TEXTS[i]);
    }
}

TEST(a_long_document_has_its_head_on_each_page)
{
    Buf b = buf_new(mem, 1u << 20);
    PaperIn in = {
        .title = S("Long"), .lang = LANG_PL, .logo = S("no picture at all, only some text of some length")};
    Str pdf = {0};

    buf_add(&b, S("@logo 10\n@qr 20\n| a | b |\n|-|-|\n"));
    for (int i = 0; i < 120; i++) buf_addf(&b, "| %d | row |\n", i);
    CHECK_OK(paper_pdf(mem, buf_str(&b), &in, &pdf));
    CHECK(str_starts(pdf, S("%PDF-")) && pdf.n < 200000);
    b = buf_new(mem, 1u << 20);
    for (int i = 0; i < 600; i++) buf_add(&b, S("@page\n"));
    CHECK_ERR(paper_pdf(mem, buf_str(&b), &in, &pdf), ERR_LIMIT);
}
