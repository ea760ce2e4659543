/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers and words of the demo company: each identifier passes its own check, each phone is one of its plan, and
   each word list has the parts the makers take. */
#include "app/demo_words.h"
#include "base/ident.h"
#include "base/phone.h"
#include "base/tap.h"

static const char *const LOCALES[] = {"ru", "pl", "en"};

static void check_ident(Arena *mem, const char *country, const char *kind, Str value)
{
    Str normal;

    CHECK_OK(ident_normalize(mem, str_c(country), str_c(kind), value, &normal));
    CHECK(str_eq(normal, value));
}

TEST(identifiers)
{
    for (size_t i = 0; i < 500; i++) {
        Rng rng = rng_new(3, "ident", i);
        check_ident(mem, "RU", "INN", ident_inn(mem, &rng, S("77"), i % 2));
        check_ident(mem, "RU", i % 2 ? "OGRNIP" : "OGRN", ident_ogrn(mem, &rng, S("02"), i % 2));
        check_ident(mem, "RU", "KPP", ident_kpp(mem, &rng, S("54")));
        check_ident(mem, "PL", "NIP", ident_nip(mem, &rng));
        check_ident(mem, "PL", "REGON", ident_regon(mem, &rng));
        check_ident(mem, "PL", "KRS", ident_krs(mem, &rng));
        check_ident(mem, "US", "EIN", ident_ein(mem, &rng));
        check_ident(mem, "", "IBAN", ident_iban(mem, &rng, S("1010")));
        CHECK(ident_account_fits(S("044525101"), ident_account(mem, &rng, S("044525101"))));
    }
}

TEST(phones)
{
    for (size_t l = 0; l < 3; l++) {
        const Yaml *words;
        CHECK_OK(words_load(mem, str_c(LOCALES[l]), &words));
        Str country = words_text(words, "country");
        const Yaml *cities = words_list(words, "cities");
        for (size_t i = 0; i < 300; i++) {
            Rng rng = rng_new(1, "phone", i);
            Phone phone = words_phone(mem, &rng, country, words_part(cities->items[i % cities->n]->text, 2));
            Str told, ext;
            CHECK(phone_parse(mem, phone.mobile, (Str){0}, &told, &ext) && str_eq(told, phone.mobile));
            CHECK(phone_parse(mem, phone.fixed, (Str){0}, &told, &ext) && str_eq(told, phone.fixed));
            CHECK(str_eq(phone_country(phone.mobile), country));
        }
    }
}

TEST(words)
{
    static const struct {
        const char *list;
        unsigned parts;
    } LISTS[] = {{"cities", 6}, {"jobs", 4},        {"products", 7},     {"leads", 2},
                 {"calls", 2},  {"meetings", 2},    {"forms", 4},        {"users", 2},
                 {"banks", 2},  {"company_end", 2}, {"public_bodies", 2}};

    for (size_t l = 0; l < 3; l++) {
        const Yaml *words;
        CHECK_OK(words_load(mem, str_c(LOCALES[l]), &words));
        for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++) {
            const Yaml *list = words_list(words, LISTS[i].list);
            for (size_t k = 0; k < list->n; k++)
                CHECK(words_part(list->items[k]->text, LISTS[i].parts - 1).n > 0);
        }
    }
    CHECK_ERR(words_load(mem, S("fr"), &(const Yaml *){NULL}), ERR_INVALID);
}

TEST(chance)
{
    Rng a = rng_new(1, "deal", 5), b = rng_new(1, "deal", 5), c = rng_new(1, "deal", 6);

    CHECK(rng_next(&a) == rng_next(&b));
    CHECK(rng_next(&a) != rng_next(&c));
    for (int i = 0; i < 1000; i++) {
        int64_t n = rng_between(&a, -3, 4);
        CHECK(n >= -3 && n <= 4);
    }
}

TEST(latin)
{
    CHECK(str_eq(words_latin(mem, S("Щербаков Ёж"), '-'), S("shcherbakov-ezh")) ||
          str_eq(words_latin(mem, S("Щербаков Ёж"), '-'), S("scherbakov-ezh")));
    CHECK(str_eq(words_latin(mem, S("Łódź Sp. z o.o."), '-'), S("lodz-sp-z-o-o")));
}
