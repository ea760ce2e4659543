/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any text as a template and as marked text: it is refused or filled, and what it becomes is read as blocks whose texts lose
   their marks. */

#include "core/paper/markup.h"
#include "core/paper/template.h"

static const CelType *any_ident(void *arg, Str name)
{
    (void)arg, (void)name;
    return &cel_dyn;
}

static const CelType *any_field(void *arg, const CelType *object, Str name)
{
    (void)arg, (void)object, (void)name;
    return &cel_dyn;
}

static bool ident(void *arg, Arena *mem, Str name, Val *out)
{
    (void)arg;
    *out = val_text(name);
    if (name.n > 1) return true;
    Val *list = NEW_N(mem, Val, 2);
    list[0] = list[1] = val_text(name);
    *out = val_list(list, 2);
    return true;
}

static bool no_field(void *arg, Arena *mem, Val object, Str name, Val *out)
{
    (void)arg, (void)mem, (void)object, (void)name;
    *out = val_null();
    return true;
}

static bool is_form(Str form)
{
    return form.n < 6;
}

static Err *put(void *arg, Buf *out, const CelNode *node, Val v, Str form)
{
    (void)arg, (void)node, (void)form;
    if (v.kind == VAL_TEXT) markup_escape(out, val_str(v));
    return NULL;
}

static void read_marks(Arena *mem, Str text)
{
    Markup m;
    Plain plain;

    markup_parse(mem, text, &m);
    for (size_t i = 0; i < m.n; i++) {
        const Table *t = m.blocks[i].table;
        markup_plain(mem, m.blocks[i].piece.text, &plain);
        for (size_t k = 0; t && k < t->n_rows * t->n_columns; k++) {
            markup_plain(mem, t->cells[k].text, &plain);
            REQUIRE(plain.text.n <= t->cells[k].text.n);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const CelEnv env = {.ident = any_ident, .field = any_field};
    const CelScope scope = {.ident = ident, .field = no_field};
    const TemplateFill how = {.scope = &scope, .put = put, .max = 20000};
    Str source = {.p = (const char *)data, .n = size}, out = {0};
    Arena *mem = arena_new(0);
    Template *t = NULL;

    if (utf8_is_valid(source)) {
        read_marks(mem, source);
        if (!template_parse(mem, source, &t) && !template_check(mem, t, &env, is_form) &&
            !template_fill(mem, t, &how, &out)) {
            REQUIRE(utf8_is_valid(out));
            read_marks(mem, out);
        }
    }
    arena_free(mem);
    return 0;
}
