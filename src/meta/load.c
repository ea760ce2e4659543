/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From files to an immutable snapshot: read, merge layers, decode by the tables of keys, look up names, check
 * expressions, order what is computed.  Each phase runs over all objects, so that the order of files means nothing, and
 * notes its problems; a phase that would stand on broken ground is not begun. */

#include "base/embed.h"
#include "meta/decl.h"

static void read_files(Load *ld, const MetaSource *files, size_t n, Yaml **roots)
{
    for (size_t i = 0; i < n; i++) {
        Err *e = yaml_read(ld->mem, files[i].path, files[i].text, &roots[i]);

        if (!e && roots[i]->kind != YAML_MAP) {
            e = yaml_problem_at(ld->mem, files[i].path, 1, "error.meta.yaml",
                                "an object file is a map of keys");
        }
        if (!e) continue;
        roots[i] = NULL;
        load_problem(ld, e);
    }
}

static void decode(Load *ld, Yaml **objects, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ObjectDecl *d = decl_read(ld, &object_keys, objects[i]);

        if (d->object) *vec_push(ld->mem, &ld->decls) = d;
    }
}

static Err *problems_of(Load *ld)
{
    unsigned more = ld->n_problems > META_MAX_PROBLEMS ? ld->n_problems - META_MAX_PROBLEMS : 0;

    if (more) {
        Err *e = err_new(ld->mem, ERR_INVALID, "error.meta.more", "and %u more problems", more);

        err_add(&ld->problems, err_arg(e, 0, str_fmt(ld->mem, "%u", more)));
    }
    return ld->problems;
}

Err *meta_load(Arena *mem, const MetaSource *files, size_t n, Meta **out)
{
    return meta_load_site(mem, files, n, NULL, 0, out);
}

Err *meta_load_site(Arena *mem, const MetaSource *files, size_t n, const SiteOption *options,
                    size_t n_options, Meta **out)
{
    Load ld = {.mem = mem, .meta = NEW(mem, Meta)};
    Yaml **roots = NEW_N(mem, Yaml *, n ? n : 1), **objects = NULL;
    size_t n_objects = 0;

    *out = NULL;
    ld.meta->mem = mem;
    ld.meta->generation = 1;
    read_files(&ld, files, n, roots);
    parts_expand(&ld, roots, n);
    layers_merge(&ld, roots, n, &objects, &n_objects);
    decode(&ld, objects, n_objects);
    options_merge(&ld, options, n_options);
    options_share(&ld);
    link_objects(&ld);
    link_names(&ld);
    if (ld.n_problems) return problems_of(&ld);
    link_types(&ld);
    link_expressions(&ld);
    if (ld.n_problems) return problems_of(&ld);
    link_dependencies(&ld);
    link_columns(&ld);
    if (ld.n_problems) return problems_of(&ld);
    *out = ld.meta;
    return NULL;
}

const MetaSource *meta_builtin(Arena *mem, size_t *n)
{
    VEC(MetaSource) found = {0};
    size_t n_files = 0;
    const Embed *files = embed_all(&n_files);

    for (size_t i = 0; i < n_files; i++) {
        Str path = str_c(files[i].path);

        if (!str_starts(path, S("mod/")) || !str_ends(path, S(".yaml"))) continue;
        *vec_push(mem, &found) = (MetaSource){
            .path = path, .text = {(const char *)files[i].data, files[i].size}, .layer = S("built-in")};
    }
    *n = found.n;
    return found.p;
}
