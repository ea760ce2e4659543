/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The site's own options: what the database says about the options of choices is taken into the declarations before they
   are linked.  What no longer fits (a field that has gone, a choice that has become a text) is left out: a new version of
   the program must start over what a site has said. */
#include "meta/decl.h"

#include <stdlib.h>
#include <string.h>

#define STEP 1000 /* between two options that have no position of their own */

static FieldDecl *find_field(const Load *ld, Str object, Str field)
{
    for (size_t i = 0; i < ld->decls.n; i++) {
        const ObjectDecl *d = ld->decls.p[i];
        FieldDecl *fields = d->fields.p;
        if (!str_eq(d->object->text, object)) continue;
        for (size_t k = 0; k < d->fields.n; k++)
            if (str_eq(fields[k].head.name, field)) return &fields[k];
    }
    return NULL;
}

static OptionDecl *find_option(const FieldDecl *f, Str key)
{
    OptionDecl *options = f->options.p;

    for (size_t i = 0; i < f->options.n; i++)
        if (options[i].key && str_eq(options[i].key->text, key)) return &options[i];
    return NULL;
}

static const Yaml *text_node(Arena *mem, Str text)
{
    Yaml *node = NEW(mem, Yaml);

    *node = (Yaml){.kind = YAML_TEXT, .text = text, .file = S("choice_option")};
    return node;
}

static OptionDecl *append(Load *ld, FieldDecl *f, Str key)
{
    OptionDecl *options = NEW_N(ld->mem, OptionDecl, f->options.n + 1);

    if (f->options.n) memcpy(options, f->options.p, f->options.n * sizeof *options);
    options[f->options.n] = (OptionDecl){.is_own = true};
    options[f->options.n].head.at = options[f->options.n].key = text_node(ld->mem, key);
    f->options.p = options;
    return &options[f->options.n++];
}

/* Every language says something: one that was not given what the first one says. */
static void fill_label(Label *label, const SiteOption *said)
{
    Str first = said->key;

    for (int i = LANG_COUNT - 1; i >= 0; i--)
        if (said->label.text[i].n) first = said->label.text[i];
    for (int i = 0; i < LANG_COUNT; i++) label->text[i] = said->label.text[i].n ? said->label.text[i] : first;
}

static void take(Load *ld, FieldDecl *f, const SiteOption *said)
{
    OptionDecl *o = find_option(f, said->key);

    if (o && said->is_gone) return;
    if (!o) {
        o = append(ld, f, said->key);
        fill_label(&o->label, said);
    }
    for (int i = 0; i < LANG_COUNT; i++)
        if (said->label.text[i].n) o->label.text[i] = said->label.text[i];
    if (said->color.n) o->color = text_node(ld->mem, said->color);
    if (said->has_position) o->position = said->position;
    o->is_hidden = said->is_hidden || said->is_gone;
}

static int by_position(const void *a, const void *b)
{
    const OptionDecl *x = a, *y = b;

    return (x->position > y->position) - (x->position < y->position);
}

/* Positions are made different first: the order of equal ones is that of the file. */
static void sort(FieldDecl *f)
{
    OptionDecl *options = f->options.p;

    for (size_t i = 0; i < f->options.n; i++) {
        int64_t at = options[i].position ? options[i].position : (int64_t)(i + 1) * STEP;
        options[i].position = at * 1024 + (int64_t)i;
    }
    qsort(options, f->options.n, sizeof *options, by_position);
}

static void share(Load *ld, FieldDecl *f)
{
    Str field = f->options_of->text, object = str_cut(&field, '.');
    const FieldDecl *from = find_field(ld, object, field);

    if (f->options.n || !from || from == f || from->options_of || !from->options.n)
        PROBLEM(ld, f->options_of, "error.meta.reference", "\"%.*s\" has no options to share",
                SFMT(f->options_of->text));
    else
        f->options = from->options;
}

void options_share(Load *ld)
{
    for (size_t i = 0; i < ld->decls.n; i++) {
        FieldDecl *fields = ld->decls.p[i]->fields.p;
        for (size_t k = 0; k < ld->decls.p[i]->fields.n; k++)
            if (fields[k].options_of) share(ld, &fields[k]);
    }
}

void options_merge(Load *ld, const SiteOption *options, size_t n)
{
    VEC(FieldDecl *) touched = {0};

    for (size_t i = 0; i < n; i++) {
        FieldDecl *f = find_field(ld, options[i].object, options[i].field);
        bool is_known = false;
        if (!f || (f->type != FIELD_CHOICE && f->type != FIELD_MULTICHOICE)) continue;
        take(ld, f, &options[i]);
        for (size_t k = 0; k < touched.n; k++) is_known = is_known || touched.p[k] == f;
        if (!is_known) *vec_push(ld->mem, &touched) = f;
    }
    for (size_t i = 0; i < touched.n; i++) sort(touched.p[i]);
}
