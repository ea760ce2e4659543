/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identifiers: numbers the registers have given out, the same with a digit changed, and how people write them. */
#include "base/ident.h"
#include "base/tap.h"

typedef struct Case {
    const char *country, *kind, *raw, *normal; /* NULL: the check fails; "": the form */
} Case;

static void check_case(Arena *mem, const Case *c)
{
    Str out = {0};
    Err *e = ident_normalize(mem, str_c(c->country), str_c(c->kind), str_c(c->raw), &out);
    Str said = str_fmt(mem, "%s %s %s", c->country, c->kind, c->raw);

    if (!c->normal || !*c->normal) {
        const char *key = c->normal ? "error.ident.format" : "error.ident.checksum";
        if (!CHECK(e && str_eq_c(e->key, key))) CHECK_STR(said, "");
        return;
    }
    if (!CHECK(e == NULL)) CHECK_STR(said, "");
    if (!e) CHECK_STR(out, c->normal);
}

static void check_cases(Arena *mem, const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) check_case(mem, &cases[i]);
}

#define CHECK_CASES(...)                                       \
    do {                                                       \
        static const Case cases[] = {__VA_ARGS__};             \
        check_cases(mem, cases, sizeof cases / sizeof *cases); \
    } while (0)

TEST(russian_numbers)
{
    CHECK_CASES({"RU", "INN", "7707083893", "7707083893"}, {"RU", "INN", "7707083894", NULL},
                {"RU", "INN", "500100732259", "500100732259"}, {"RU", "INN", "500100732258", NULL},
                {"RU", "INN", "500100732269", NULL}, {"RU", "INN", "ИНН 7707-083-893", "7707083893"},
                {"RU", "INN", "77 07 08 38 93", "7707083893"}, {"RU", "INN", "0000000000", NULL},
                {"RU", "INN", "770708389", ""}, {"RU", "INN", "7707o83893", ""}, {"RU", "INN", "", ""},
                {"RU", "inn", "inn7707083893", "7707083893"}, {"RU", "INN", "7707#083893", ""});
    CHECK_CASES({"RU", "OGRN", "1027700132195", "1027700132195"},
                {"RU", "OGRN", "1037739010891", "1037739010891"}, {"RU", "OGRN", "1027700132194", NULL},
                {"RU", "OGRN", "ОГРН: 1027700132195", "1027700132195"},
                {"RU", "OGRNIP", "304500116000157", "304500116000157"},
                {"RU", "OGRNIP", "304500116000158", NULL}, {"RU", "OGRNIP", "1027700132195", ""},
                {"RU", "KPP", "770101001", "770101001"}, {"RU", "KPP", "7701AB001", "7701AB001"},
                {"RU", "KPP", "770101ab1", ""}, {"RU", "KPP", "77010100", ""},
                {"RU", "BIK", "044525225", "044525225"}, {"RU", "BIK", "БИК 044525225", "044525225"},
                {"RU", "BIK", "144525225", NULL}, {"RU", "BIK", "017501500", "017501500"},
                {"RU", "ACCOUNT", "40702810138250123017", "40702810138250123017"},
                {"RU", "ACCOUNT", "р/с 40702 810 1 38250123017", "40702810138250123017"},
                {"RU", "ACCOUNT", "4070281013825012301", ""},
                {"RU", "CORR_ACCOUNT", "30101810400000000225", "30101810400000000225"},
                {"RU", "SNILS", "112-233-445 95", "11223344595"}, {"RU", "SNILS", "112-233-445 96", NULL},
                {"RU", "OKPO", "00032537", "00032537"}, {"RU", "OKPO", "00032538", NULL});
    CHECK(ident_account_fits(S("044525225"), S("40702810138250123017")));
    CHECK(ident_account_fits(S("044525225"), S("30101810400000000225")));
    CHECK(!ident_account_fits(S("044525225"), S("30101810965770000413")));
    CHECK(!ident_account_fits(S("044525225"), S("40702810138250123018")));
    CHECK(!ident_account_fits(S("044525226"), S("40702810138250123017")));
    CHECK(!ident_account_fits(S("04452522"), S("40702810138250123017")));
}

TEST(polish_numbers)
{
    CHECK_CASES({"PL", "NIP", "5265877635", "5265877635"}, {"PL", "NIP", "1220781342", "1220781342"},
                {"PL", "NIP", "PL 526-58-77-635", "5265877635"},
                {"PL", "NIP", "NIP: 526-587-76-35", "5265877635"}, {"PL", "NIP", "5265877636", NULL},
                {"PL", "NIP", "0265877635", NULL}, {"PL", "NIP", "1000000035", NULL},
                {"PL", "NIP", "52658776", ""}, {"PL", "NIP", "DE5265877635", ""},
                {"PL", "REGON", "730295378", "730295378"}, {"PL", "REGON", "730295379", NULL},
                {"PL", "REGON", "12345678512347", "12345678512347"}, {"PL", "REGON", "12345678512348", NULL},
                {"PL", "REGON", "7302953781", ""}, {"PL", "KRS", "0000028860", "0000028860"},
                {"PL", "KRS", "KRS 28860", "0000028860"}, {"PL", "KRS", "00000288601", ""},
                {"PL", "PESEL", "44051401359", "44051401359"}, {"PL", "PESEL", "44051401358", NULL},
                {"PL", "PESEL", "44133101359", NULL}, {"PL", "PESEL", "4405140135", ""});
}

TEST(neighbours)
{
    CHECK_CASES({"UA", "EDRPOU", "32855961", "32855961"}, {"UA", "EDRPOU", "32855968", NULL},
                {"UA", "RNTRC", "1759013776", "1759013776"}, {"UA", "RNTRC", "1759013770", NULL},
                {"BY", "UNP", "200988541", "200988541"}, {"BY", "UNP", "УНП 200988541", "200988541"},
                {"BY", "UNP", "MA1953684", "MA1953684"}, {"BY", "UNP", "200988542", NULL},
                {"KZ", "BIN", "971240001315", "971240001315"}, {"KZ", "BIN", "941240000193", "941240000193"},
                {"KZ", "BIN", "971240001316", NULL}, {"CZ", "ICO", "25123891", "25123891"},
                {"CZ", "ICO", "25123890", NULL}, {"TR", "VKN", "4540536920", "4540536920"},
                {"TR", "VKN", "4540536921", NULL}, {"CH", "UID", "CHE-100.155.212", "CHE100155212"},
                {"CH", "UID", "CHE-100.155.212 MWST", "CHE100155212"}, {"CH", "UID", "CHE-100.155.213", NULL},
                {"NO", "ORGNR", "988 077 917", "988077917"}, {"NO", "ORGNR", "988077918", NULL},
                {"FR", "SIREN", "552 008 443", "552008443"}, {"FR", "SIREN", "552008442", NULL},
                {"FR", "SIRET", "73282932000074", "73282932000074"}, {"FR", "SIRET", "73282932000079", NULL},
                {"US", "EIN", "91-1144442", "911144442"}, {"GB", "CRN", "sc123456", "SC123456"});
}

TEST(european_vat_numbers)
{
    CHECK_CASES({"", "VAT", "ATU13585627", "ATU13585627"}, {"", "VAT", "ATU13585626", NULL},
                {"", "VAT", "BE 0428.759.497", "BE0428759497"}, {"BE", "VAT", "428759497", "BE0428759497"},
                {"", "VAT", "BE0431150351", NULL}, {"", "VAT", "BG 175 074 752", "BG175074752"},
                {"", "VAT", "BG175074751", NULL}, {"", "VAT", "BG7523169263", "BG7523169263"},
                {"", "VAT", "CY-10259033P", "CY10259033P"}, {"", "VAT", "CY10259033Z", NULL},
                {"", "VAT", "CZ 25123891", "CZ25123891"}, {"", "VAT", "CZ25123890", NULL},
                {"", "VAT", "CZ7103192745", "CZ7103192745"}, {"", "VAT", "CZ640903926", "CZ640903926"},
                {"", "VAT", "CZ640903925", NULL}, {"DE", "VAT", "136,695 976", ""},
                {"DE", "VAT", "136 695 976", "DE136695976"}, {"", "VAT", "DE136695978", NULL},
                {"", "VAT", "DK 13585628", "DK13585628"}, {"", "VAT", "DK13585627", NULL},
                {"", "VAT", "EE 100 931 558", "EE100931558"}, {"", "VAT", "EE100594102", "EE100594102"},
                {"", "VAT", "EE100594103", NULL}, {"GR", "VAT", "094259216", "EL094259216"},
                {"", "VAT", "EL 094259216", "EL094259216"}, {"", "VAT", "GR094259216", "EL094259216"},
                {"", "VAT", "EL123456781", NULL}, {"", "VAT", "ES54362315K", "ES54362315K"},
                {"", "VAT", "ESX2482300W", "ESX2482300W"}, {"", "VAT", "ESX2482300A", NULL},
                {"", "VAT", "ESJ99216582", "ESJ99216582"}, {"", "VAT", "ESJ99216583", NULL},
                {"", "VAT", "FI 20774740", "FI20774740"}, {"", "VAT", "FI20774741", NULL});
    CHECK_CASES({"", "VAT", "Fr 40 303 265 045", "FR40303265045"},
                {"", "VAT", "FR83404833048", "FR83404833048"}, {"", "VAT", "FRK7399859412", "FRK7399859412"},
                {"", "VAT", "FR84323140391", NULL}, {"", "VAT", "GB 980 7806 84", "GB980780684"},
                {"", "VAT", "GB802311781", NULL}, {"GB", "VAT", "XI980780684", "XI980780684"},
                {"", "VAT", "HR33392005961", "HR33392005961"}, {"", "VAT", "HR33392005962", NULL},
                {"", "VAT", "HU-12892312", "HU12892312"}, {"", "VAT", "HU12892313", NULL},
                {"", "VAT", "IE 6433435F", "IE6433435F"}, {"", "VAT", "IE6433435OA", "IE6433435OA"},
                {"", "VAT", "IE8D79739I", "IE8D79739I"}, {"", "VAT", "IE6433435E", NULL},
                {"", "VAT", "IT 00743110157", "IT00743110157"}, {"", "VAT", "IT00743110158", NULL},
                {"", "VAT", "LT119511515", "LT119511515"}, {"", "VAT", "LT 100001919017", "LT100001919017"},
                {"", "VAT", "LT100004801610", "LT100004801610"}, {"", "VAT", "LT100001919018", NULL},
                {"", "VAT", "LU 150 274 42", "LU15027442"}, {"", "VAT", "LU15027443", NULL},
                {"", "VAT", "LV 4000 3521 600", "LV40003521600"}, {"", "VAT", "LV40003521601", NULL},
                {"", "VAT", "LV16117519997", "LV16117519997"}, {"", "VAT", "MT 1167-9112", "MT11679112"},
                {"", "VAT", "MT11679113", NULL}, {"", "VAT", "NL004495445B01", "NL004495445B01"},
                {"", "VAT", "NL123456789B13", "NL123456789B13"}, {"", "VAT", "NL123456789B90", NULL});
    CHECK_CASES({"", "VAT", "PL 8567346215", "PL8567346215"}, {"PL", "VAT", "526-587-76-35", "PL5265877635"},
                {"", "VAT", "PL8567346216", NULL}, {"", "VAT", "PT 501 964 843", "PT501964843"},
                {"", "VAT", "PT501964842", NULL}, {"", "VAT", "RO 185 472 90", "RO18547290"},
                {"", "VAT", "RO18547291", NULL}, {"", "VAT", "SE123456789701", "SE123456789701"},
                {"", "VAT", "SE123456789101", NULL}, {"", "VAT", "SI 5022 3054", "SI50223054"},
                {"", "VAT", "SI50223055", NULL}, {"", "VAT", "SK 202 274 96 19", "SK2022749619"},
                {"", "VAT", "SK2022749618", NULL}, {"", "VAT", "US123456789", ""},
                {"", "VAT", "123456789", ""}, {"PL", "VAT", "DE136695976", ""});
}

TEST(international_numbers)
{
    CHECK_CASES({"", "IBAN", "PL61109010140000071219812874", "PL61109010140000071219812874"},
                {"PL", "IBAN", "61 1090 1014 0000 0712 1981 2874", "PL61109010140000071219812874"},
                {"", "IBAN", "PL61109010140000071219812875", NULL},
                {"", "IBAN", "GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"},
                {"", "IBAN", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"},
                {"", "IBAN", "FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606"},
                {"", "IBAN", "NL91 ABNA 0417 1643 00", "NL91ABNA0417164300"},
                {"", "IBAN", "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "MT84MALT011000012345MTLCAST001S"},
                {"", "IBAN", "NO93 8601 1117 947", "NO9386011117947"},
                {"", "IBAN", "DE8937040044053201300", NULL}, {"", "IBAN", "ZZ82WEST12345698765432", NULL},
                {"", "IBAN", "61109010140000071219812874", ""},
                {"", "IBAN", "GB82 WEST 1234 5698 7654 3?", ""},
                {"", "LEI", "213800KUD8LAJWSQ9D15", "213800KUD8LAJWSQ9D15"},
                {"", "LEI", "213800KUD8LXJWSQ9D15", NULL}, {"", "BIC", "deut de ff 500", "DEUTDEFF500"},
                {"", "BIC", "SABRRUMM", "SABRRUMM"}, {"", "BIC", "DEUTDEF", ""});
    Str out;
    Err *e = ident_normalize(mem, S("PL"), S("INN"), S("1"), &out);
    CHECK(e && str_eq_c(e->key, "error.ident.kind"));
}

static Str guess(Arena *mem, const char *raw, const char *home)
{
    const IdentKind *kind;
    Str normal;

    if (!ident_guess(mem, str_c(raw), str_c(home), &kind, &normal)) return S("nothing");
    return str_fmt(mem, "%s %s %.*s", kind->country, kind->kind, SFMT(normal));
}

TEST(guesses_what_a_number_is)
{
    CHECK_STR(guess(mem, "7707083893", "RU"), "RU INN 7707083893");
    CHECK_STR(guess(mem, "7707083893", "PL"), "RU INN 7707083893");
    CHECK_STR(guess(mem, "526-587-76-35", "PL"), "PL NIP 5265877635");
    CHECK_STR(guess(mem, "526-587-76-35", "RU"), "PL NIP 5265877635");
    CHECK_STR(guess(mem, "1027700132195", "RU"), "RU OGRN 1027700132195");
    CHECK_STR(guess(mem, "044525225", "RU"), "RU BIK 044525225");
    CHECK_STR(guess(mem, "770101001", "RU"), "RU KPP 770101001");
    CHECK_STR(guess(mem, "кпп 770101001", "PL"), "RU KPP 770101001");
    CHECK_STR(guess(mem, "PL61109010140000071219812874", "RU"), " IBAN PL61109010140000071219812874");
    CHECK_STR(guess(mem, "DE136695976", "RU"), " VAT DE136695976");
    CHECK_STR(guess(mem, "213800KUD8LAJWSQ9D15", "PL"), " LEI 213800KUD8LAJWSQ9D15");
    CHECK_STR(guess(mem, "Иванов", "RU"), "nothing");
    CHECK_STR(guess(mem, "", "RU"), "nothing");
    CHECK_STR(guess(mem, "12345", ""), "nothing");
    CHECK_STR(guess(mem, "0000028860", "PL"), "PL KRS 0000028860");
    CHECK_STR(guess(mem, "ИНН № 7707083893", ""), "RU INN 7707083893");
}

TEST(lists_its_kinds)
{
    size_t n, personal = 0;
    const IdentKind *kinds = ident_kinds(&n);

    for (size_t i = 0; i < n; i++) personal += kinds[i].is_personal;
    CHECK(n > 25);
    CHECK_EQ_INT(personal, 4);
}
