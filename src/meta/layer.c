/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Layers: a later file that begins with `extend: deal` changes the tree of an earlier one by explicit operations, each
 * with its own line, never by guessing how two trees merge.  Works on trees before they are decoded, so every key of the
 * format can be changed and the result is checked like any other file.
 *
 *   set:    {fields.amount.label.en: Value}           puts a value at a path whose parent exists
 *   add:    {fields: {x: {...}}, columns: [x]}         new keys of a map, new items of a list
 *   remove: [views.open, columns.amount]
 *   move:   {fields.x: before amount, columns.x: first}   before N, after N, first, last
 *
 * A step of a path into a list is an item's `key`, `name` or `object`, or the text itself. */

#include "meta/decl.h"

typedef struct Place {
    Yaml *parent;
    size_t i; /* == parent->n when the last step does not exist */
    Str last;
} Place;

static Str item_name(const Yaml *item)
{
    static const Str KEYS[] = {S_INIT("key"), S_INIT("name"), S_INIT("object")};

    if (item->kind == YAML_TEXT) return item->text;
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        const Yaml *v = yaml_get(item, KEYS[i]);

        if (v && v->kind == YAML_TEXT) return v->text;
    }
    return (Str){0};
}

static size_t step_find(const Yaml *node, Str step)
{
    for (size_t i = 0; i < node->n; i++) {
        if (str_eq(node->kind == YAML_MAP ? node->keys[i] : item_name(node->items[i]), step)) return i;
    }
    return node->n;
}

/* Finds the place of `path`; false (and a problem at `at`) when a step before the last does not exist. */
static bool path_find(Load *ld, Yaml *root, Str path, const Yaml *at, Place *out)
{
    Str rest = path;

    *out = (Place){.parent = root};
    for (;;) {
        Str step = str_cut(&rest, '.');

        if (out->parent->kind == YAML_TEXT) break;
        out->last = step;
        out->i = step_find(out->parent, step);
        if (!rest.p) return true;
        if (out->i == out->parent->n) break;
        out->parent = out->parent->items[out->i];
    }
    PROBLEM(ld, at, "error.meta.layer", "\"%.*s\" leads nowhere: there is no \"%.*s\"", SFMT(path),
            SFMT(out->last));
    return false;
}

static bool must_exist(Load *ld, const Place *pl, Str path, const Yaml *at)
{
    if (pl->i < pl->parent->n) return true;
    PROBLEM(ld, at, "error.meta.layer", "there is no \"%.*s\"", SFMT(path));
    return false;
}

static void node_append(Load *ld, Yaml *node, Str key, Yaml *val)
{
    Yaml **items = NEW_N(ld->mem, Yaml *, node->n + 1);
    Str *keys = NEW_N(ld->mem, Str, node->n + 1);

    for (size_t i = 0; i < node->n; i++) {
        items[i] = node->items[i];
        if (node->keys) keys[i] = node->keys[i];
    }
    items[node->n] = val;
    keys[node->n] = key;
    node->items = items;
    node->keys = node->kind == YAML_MAP ? keys : NULL;
    node->n++;
}

static void node_remove(Yaml *node, size_t i)
{
    for (size_t j = i + 1; j < node->n; j++) {
        node->items[j - 1] = node->items[j];
        if (node->keys) node->keys[j - 1] = node->keys[j];
    }
    node->n--;
}

/* Takes the item at `from` and puts it so that it stands at `to` of the list without it. */
static void node_move(Yaml *node, size_t from, size_t to)
{
    Yaml *item = node->items[from];
    Str key = node->keys ? node->keys[from] : (Str){0};

    node_remove(node, from);
    for (size_t j = node->n; j > to; j--) {
        node->items[j] = node->items[j - 1];
        if (node->keys) node->keys[j] = node->keys[j - 1];
    }
    node->items[to] = item;
    if (node->keys) node->keys[to] = key;
    node->n++;
}

static void do_set(Load *ld, Yaml *root, const Yaml *op)
{
    for (size_t i = 0; i < op->n; i++) {
        Place pl;

        if (!path_find(ld, root, op->keys[i], op->items[i], &pl)) continue;
        if (pl.i < pl.parent->n)
            pl.parent->items[pl.i] = op->items[i];
        else if (pl.parent->kind == YAML_MAP)
            node_append(ld, pl.parent, pl.last, op->items[i]);
        else
            must_exist(ld, &pl, op->keys[i], op->items[i]);
    }
}

static void add_to(Load *ld, Yaml *node, Str key, Yaml *val, Str path)
{
    size_t i = step_find(node, key);
    Yaml *there = i < node->n ? node->items[i] : NULL;

    if (!there && node->kind == YAML_MAP) {
        node_append(ld, node, key, val);
    } else if (there && there->kind == YAML_MAP && val->kind == YAML_MAP) {
        for (size_t j = 0; j < val->n; j++) {
            Str inner = str_fmt(ld->mem, "%.*s.%.*s", SFMT(path), SFMT(val->keys[j]));

            add_to(ld, there, val->keys[j], val->items[j], inner);
        }
    } else if (there && there->kind == YAML_LIST && val->kind == YAML_LIST) {
        for (size_t j = 0; j < val->n; j++) node_append(ld, there, (Str){0}, val->items[j]);
    } else {
        PROBLEM(ld, val, "error.meta.layer", "\"%.*s\" is already there: use set", SFMT(path));
    }
}

static void do_add(Load *ld, Yaml *root, const Yaml *op)
{
    for (size_t i = 0; i < op->n; i++) {
        Place pl;

        if (!path_find(ld, root, op->keys[i], op->items[i], &pl)) continue;
        add_to(ld, pl.parent, pl.last, op->items[i], op->keys[i]);
    }
}

static void do_remove(Load *ld, Yaml *root, const Yaml *op)
{
    for (size_t i = 0; i < op->n; i++) {
        Place pl;

        if (!path_find(ld, root, op->items[i]->text, op->items[i], &pl)) continue;
        if (must_exist(ld, &pl, op->items[i]->text, op->items[i])) node_remove(pl.parent, pl.i);
    }
}

/* Where "before x", "after x", "first" or "last" is among the siblings of item `from`, counted without it. */
static bool target_place(Load *ld, const Place *pl, const Yaml *at, size_t *to)
{
    Str rest = at->kind == YAML_TEXT ? str_trim(at->text) : (Str){0};
    Str how = str_cut(&rest, ' ');
    size_t other = rest.n ? step_find(pl->parent, str_trim(rest)) : pl->parent->n;

    if (str_eq(how, S("first")) && !rest.p)
        *to = 0;
    else if (str_eq(how, S("last")) && !rest.p)
        *to = pl->parent->n - 1;
    else if (other < pl->parent->n && other != pl->i &&
             (str_eq(how, S("before")) || str_eq(how, S("after")))) {
        *to = other - (other > pl->i) + str_eq(how, S("after"));
    } else {
        PROBLEM(ld, at, "error.meta.layer", "\"%.*s\" is no place: before NAME, after NAME, first or last",
                SFMT(at->text));
        return false;
    }
    return true;
}

static void move_one(Load *ld, Yaml *root, Str path, const Yaml *at)
{
    Place pl;
    size_t to = 0;

    if (!path_find(ld, root, path, at, &pl) || !must_exist(ld, &pl, path, at)) return;
    if (target_place(ld, &pl, at, &to)) node_move(pl.parent, pl.i, to);
}

static void do_move(Load *ld, Yaml *root, const Yaml *op)
{
    for (size_t i = 0; i < op->n; i++) {
        const Yaml *val = op->items[i];

        if (val->kind == YAML_TEXT) move_one(ld, root, op->keys[i], val);
        for (size_t j = 0; val->kind == YAML_MAP && j < val->n; j++) {
            move_one(ld, root, str_fmt(ld->mem, "%.*s.%.*s", SFMT(op->keys[i]), SFMT(val->keys[j])),
                     val->items[j]);
        }
    }
}

typedef struct Operation {
    const char *name;
    YamlKind kind;
    void (*run)(Load *ld, Yaml *root, const Yaml *op);
} Operation;

static const Operation OPERATIONS[] = {{"set", YAML_MAP, do_set},
                                       {"add", YAML_MAP, do_add},
                                       {"remove", YAML_LIST, do_remove},
                                       {"move", YAML_MAP, do_move}};
enum { N_OPERATIONS = sizeof OPERATIONS / sizeof *OPERATIONS };

static void run_operation(Load *ld, Yaml *root, Str name, const Yaml *op)
{
    Str names[N_OPERATIONS];

    for (size_t k = 0; k < N_OPERATIONS; k++) {
        names[k] = str_c(OPERATIONS[k].name);
        if (!str_eq(name, names[k])) continue;
        if (op->kind == OPERATIONS[k].kind)
            OPERATIONS[k].run(ld, root, op);
        else
            PROBLEM(ld, op, "error.meta.layer", "\"%s\" must be a %s", OPERATIONS[k].name,
                    OPERATIONS[k].kind == YAML_MAP ? "map" : "list");
        return;
    }
    Str hint = nearest_hint(ld->mem, name, names, N_OPERATIONS);

    PROBLEM(ld, op, "error.meta.layer", "a layer has no operation \"%.*s\"%.*s", SFMT(name), SFMT(hint));
}

static Yaml *root_of(Yaml **objects, size_t n, const Yaml *name)
{
    for (size_t i = 0; name->kind == YAML_TEXT && i < n; i++) {
        const Yaml *own = yaml_get(objects[i], S("object"));

        if (own && str_eq(own->text, name->text)) return objects[i];
    }
    return NULL;
}

static void extend_one(Load *ld, Yaml **objects, size_t n, const Yaml *layer, const Yaml *name)
{
    Yaml *root = root_of(objects, n, name);

    if (!root) {
        PROBLEM(ld, name, "error.meta.layer", "extends \"%.*s\", which is no object", SFMT(name->text));
        return;
    }
    for (size_t i = 0; i < layer->n; i++) {
        if (layer->items[i] != name) run_operation(ld, root, layer->keys[i], layer->items[i]);
    }
}

void layers_merge(Load *ld, Yaml **roots, size_t n, Yaml ***objects, size_t *n_objects)
{
    *objects = NEW_N(ld->mem, Yaml *, n ? n : 1);
    *n_objects = 0;
    for (size_t i = 0; i < n; i++) {
        if (roots[i] && !yaml_get(roots[i], S("extend"))) (*objects)[(*n_objects)++] = roots[i];
    }
    for (size_t i = 0; i < n; i++) {
        const Yaml *name = yaml_get(roots[i], S("extend"));

        if (name) extend_one(ld, *objects, *n_objects, roots[i], name);
    }
}
