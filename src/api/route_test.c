/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The route tables are sound and described, and the texts for people are found. */
#include "api/openapi_text.h"
#include "api/state.h"
#include "base/tap.h"

TEST(no_two_routes_are_equal_and_none_lacks_its_right)
{
    CHECK_OK(routes_check(mem, NULL));
}

static bool is_described(Str name)
{
    for (const ParamDoc *p = param_docs; p->name; p++)
        if (str_eq_c(name, p->name)) return true;
    return false;
}

TEST(every_route_and_parameter_is_described)
{
    for (size_t t = 0; all_routes[t]; t++)
        for (const Route *r = all_routes[t]; r->method; r++) {
            CHECK(route_doc(r->name) != NULL);
            bool takes_any = r->params && strcmp(r->params, "*") == 0;
            for (Str rest = str_c(takes_any ? NULL : r->params); rest.n;)
                CHECK(is_described(str_cut(&rest, ' ')));
        }
}

static Err *find(Arena *mem, const char *method, const char *path, Req *rq)
{
    Meta meta = {0};
    Object deal = {.name = S("deal")};

    *rq = (Req){.mem = mem};
    strmap_put(mem, &meta.by_plural, S("deals"), &deal);
    return route_find(rq, &meta, str_c(method), str_c(path));
}

TEST(paths_lead_where_they_should)
{
    Req rq;

    CHECK_OK(find(mem, "GET", "/api/v1/deals", &rq));
    CHECK_STR(str_c(rq.route->name), "list");
    CHECK_OK(find(mem, "GET", "/api/v1/changes", &rq));
    CHECK_STR(str_c(rq.route->name), "listChanges");
    CHECK_OK(find(mem, "POST", "/api/v1/deals/0000000000001:restore", &rq));
    CHECK_STR(str_c(rq.route->name), "restore");
    CHECK_OK(find(mem, "POST", "/api/v1/deals/0000000000001:win", &rq));
    CHECK_STR(rq.name, "win");
    CHECK_EQ_INT(rq.id, 1);
    CHECK_OK(find(mem, "HEAD", "/health", &rq));
    CHECK_STR(str_c(rq.route->name), "getHealth");
}

TEST(other_paths_are_refused)
{
    Req rq;

    CHECK_ERR(find(mem, "GET", "/api/v1/nothings", &rq), ERR_NOT_FOUND);
    CHECK_ERR(find(mem, "GET", "/api/v1/deals/nonsense", &rq), ERR_NOT_FOUND);
    CHECK_ERR(find(mem, "GET", "/api/v1/deals/", &rq), ERR_NOT_FOUND);
    CHECK_ERR(find(mem, "GET", "/api/v1/health", &rq), ERR_NOT_FOUND);
    Err *e = find(mem, "PUT", "/api/v1/deals", &rq);
    CHECK_ERR(e, ERR_INVALID);
    CHECK_EQ_INT(e->status, 405);
}

TEST(words_of_a_list)
{
    CHECK(words_have("a bc d", S("bc")));
    CHECK(!words_have("a bc d", S("b")));
    CHECK(!words_have(NULL, S("a")));
}

TEST(texts_for_people)
{
    Str args[] = {S("Name")};

    lang_load();
    CHECK_STR(lang_text(mem, LANG_EN, S("error.required"), args, 1), "“Name” is needed");
    CHECK(!str_eq(lang_text(mem, LANG_RU, S("error.required"), args, 1),
                  lang_text(mem, LANG_EN, S("error.required"), args, 1)));
    CHECK_STR(lang_text(mem, LANG_EN, S("no.such.key"), NULL, 0), "no.such.key");
}

TEST(the_language_asked_for)
{
    CHECK_EQ_INT(lang_accepted(S("de, pl;q=0.9, en;q=0.5"), LANG_EN), LANG_PL);
    CHECK_EQ_INT(lang_accepted(S("ru-RU"), LANG_EN), LANG_RU);
    CHECK_EQ_INT(lang_accepted(S(""), LANG_RU), LANG_RU);
}
