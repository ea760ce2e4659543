/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of routes and what a path means.  Tables are const; a mistake in them refuses to start.  A pattern that begins
   with a word goes before those with {plural}; among equals the first that fits is the one meant.  Routes are looked for
   among those whose pattern begins with the same letter, which are listed once a process. */
#include "api/spine.h"
#include "core/snapshot.h"

#include <pthread.h>
#include <string.h>

static const Route *const TABLES[] = {
    system_routes,  setup_routes,  sign_routes,   me_routes,         meta_routes,     option_routes,
    openapi_routes, search_routes, today_routes,  undo_routes,       feed_routes,     file_routes,
    key_routes,     factor_routes, export_routes, duplicate_routes,  work_routes,     import_routes,
    backup_routes,  form_routes,   offer_routes,  drop_routes,       webhook_routes,  list_routes,
    board_routes,   figure_routes, batch_routes,  history_routes,    timeline_routes, clock_routes,
    record_routes,  action_routes, report_routes, receivable_routes, notice_routes,   mail_routes,
    NULL,
};
const Route *const *const all_routes = TABLES;

bool words_have(const char *words, Str word)
{
    Str rest = str_c(words);

    while (rest.n)
        if (str_eq(str_cut(&rest, ' '), word)) return true;
    return false;
}

/* --- matching -------------------------------------------------------------------------------------------------------- */

typedef struct Match {
    Str plural, id, object, name;
} Match;

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static size_t word_length(Str s)
{
    size_t n = 0;

    while (n < s.n && is_word(s.p[n])) n++;
    return n;
}

static bool match(const char *pattern, Str path, Match *out)
{
    while (*pattern) {
        if (*pattern != '{') {
            if (!path.n || *path.p != *pattern) return false;
            pattern++;
            path = str_from(path, 1);
            continue;
        }
        const char *end = strchr(pattern, '}');
        Str arg = str_sub(path, 0, word_length(path));
        if (!arg.n) return false;
        if (pattern[1] == 'p')
            out->plural = arg;
        else if (pattern[1] == 'i')
            out->id = arg;
        else if (pattern[1] == 'o')
            out->object = arg;
        else
            out->name = arg;
        path = str_from(path, arg.n);
        pattern = end + 1;
    }
    return path.n == 0;
}

static Err *no_route(Arena *mem, Str path)
{
    FAIL(mem, ERR_NOT_FOUND, "error.route", "no route %.*s", SFMT(path));
}

static Err *take_args(Req *rq, const Meta *meta, const Match *m, Str path)
{
    rq->name = m->name;
    if (m->plural.n) {
        rq->obj = meta_plural(meta, m->plural);
        if (!rq->obj || rq->obj->is_internal) return no_route(rq->mem, path);
    }
    if (m->object.n) { /* not a path of records: {object} is the plural too */
        rq->obj = meta_plural(meta, m->object);
        if (!rq->obj || rq->obj->is_internal) return no_route(rq->mem, path);
    }
    if (m->id.n && !id_parse(m->id, &rq->id))
        FAIL(rq->mem, ERR_NOT_FOUND, "error.record.none", "%.*s is no id", SFMT(m->id));
    return NULL;
}

typedef struct Found {
    const Route *route;
    Match args;
    bool is_other_method;
} Found;

static bool fits_method(const Route *r, Str method)
{
    return str_eq_c(method, r->method) || (str_eq(method, S("HEAD")) && strcmp(r->method, "GET") == 0);
}

#define ROUTES_MAX 400

/* Routes by the first letter of their pattern, in the order of the tables: those of letter c from begins[c] to
   begins[c + 1]. */
static const Route *by_letter[ROUTES_MAX];
static uint16_t begins[129];
static pthread_once_t sorted_once = PTHREAD_ONCE_INIT;

static void sort_routes(void)
{
    size_t n = 0;

    for (unsigned c = 0; c < 128; c++) {
        begins[c] = (uint16_t)n;
        for (size_t t = 0; TABLES[t]; t++)
            for (const Route *r = TABLES[t]; r->method; r++) {
                if ((unsigned char)r->pattern[1] != c) continue;
                REQUIRE(n < ROUTES_MAX && (c != '{' || strncmp(r->pattern, "/{plural}", 9) == 0));
                by_letter[n++] = r;
            }
    }
    begins[128] = (uint16_t)n;
}

/* What stands before `skip` is the same in all patterns of the letter, and found in `args` already. */
static void look(Str method, Str path, bool is_api, unsigned char letter, size_t skip, Match args, Found *out)
{
    for (size_t i = begins[letter]; i < begins[letter + 1]; i++) {
        const Route *r = by_letter[i];
        Match m = args;
        if (r->is_root == is_api || !match(r->pattern + skip, path, &m)) continue;
        out->is_other_method = true;
        if (!fits_method(r, method)) continue;
        out->route = r;
        out->args = m;
        return;
    }
}

Err *route_find(Req *rq, const Meta *meta, Str method, Str path)
{
    bool is_api = str_starts(path, S("/api/v1/"));
    Str rest = is_api ? str_from(path, 7) : path;
    Found found = {0};

    pthread_once(&sorted_once, sort_routes);
    Match plural = {.plural = str_sub(rest, 1, word_length(str_from(rest, 1)))};
    if (!plural.plural.n) return no_route(rq->mem, path);
    look(method, rest, is_api, (unsigned char)rest.p[1], 0, (Match){0}, &found);
    if (!found.route)
        look(method, str_from(rest, 1 + plural.plural.n), is_api, '{', strlen("/{plural}"), plural, &found);
    if (!found.route && !found.is_other_method) return no_route(rq->mem, path);
    if (found.route) {
        rq->route = found.route;
        return take_args(rq, meta, &found.args, path);
    }
    Err *e = err_new(rq->mem, ERR_INVALID, "error.method", "%.*s is not possible here", SFMT(method));
    e->status = 405;
    return err_arg(e, 0, method);
}

/* --- checking the tables --------------------------------------------------------------------------------------------- */

/* The pattern with its arguments' names dropped: what two routes must not share. */
static Str shape(Arena *mem, const Route *r)
{
    Buf b = buf_new(mem, 1000);

    buf_add(&b, str_c(r->method));
    buf_add(&b, r->is_root ? S(" root") : S(" "));
    for (const char *p = r->pattern; *p; p++) {
        buf_add_c(&b, *p);
        if (*p == '{') p = strchr(p, '}');
        if (*p == '}') buf_add_c(&b, '}');
    }
    return buf_str(&b);
}

static Err *check_route(Arena *mem, const Route *r, StrMap *seen)
{
    Str key = shape(mem, r);

    if (!r->right) FAIL(mem, ERR_INTERNAL, "error.internal", "route %.*s has no right", SFMT(key));
    if (!r->name || !r->steps[0].run)
        FAIL(mem, ERR_INTERNAL, "error.internal", "route %.*s has no step", SFMT(key));
    if (strmap_get(seen, key)) FAIL(mem, ERR_INTERNAL, "error.internal", "two routes %.*s", SFMT(key));
    strmap_put(mem, seen, key, (void *)(uintptr_t)r);
    return NULL;
}

static Err *check_action(Arena *mem, const Store *store, const Action *a, StrMap *seen)
{
    Str key = str_fmt(mem, "%s:%s", a->object, a->name);

    if (!a->right) FAIL(mem, ERR_INTERNAL, "error.internal", "action %.*s has no right", SFMT(key));
    if (!meta_object(store_meta(store), str_c(a->object)))
        FAIL(mem, ERR_INTERNAL, "error.internal", "action %.*s of no object", SFMT(key));
    if (strmap_get(seen, key)) FAIL(mem, ERR_INTERNAL, "error.internal", "two actions %.*s", SFMT(key));
    strmap_put(mem, seen, key, (void *)(uintptr_t)a);
    return NULL;
}

Err *routes_check(Arena *mem, const Store *store)
{
    StrMap seen = {0};

    for (size_t t = 0; TABLES[t]; t++)
        for (const Route *r = TABLES[t]; r->method; r++) TRY(check_route(mem, r, &seen));
    for (size_t m = 0; store && m < store->n_modules; m++)
        for (size_t i = 0; i < store->modules[m]->n_actions; i++)
            TRY(check_action(mem, store, &store->modules[m]->actions[i], &seen));
    return NULL;
}
