/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folding, words, layouts, Latin forms, company names, sort keys, zones. */
#include "base/tap.h"
#include "base/text.h"
#include "base/time.h"

#include <string.h>

#define HOUR INT64_C(3600000)

static Str fold(Arena *mem, const char *s)
{
    return text_fold(mem, str_c(s));
}

TEST(folds_case_marks_and_space)
{
    CHECK_STR(fold(mem, ""), "");
    CHECK_STR(fold(mem, "  Hello,\t\nWORLD  "), "hello, world");
    CHECK_STR(fold(mem, "Ёлка"), "елка");
    CHECK_STR(fold(mem, "ЁЛКА"), "елка");
    CHECK_STR(fold(mem, "Мой Йод"), "мой йод");
    CHECK_STR(fold(mem, "и\xCC\x86од \xD0\x98\xCC\x86"), "йод й");
    CHECK_STR(fold(mem, "Київ ґанок Ўладзімір"), "киів ганок уладзімір");
    CHECK_STR(fold(mem, "Zażółć gęślą jaźń"), "zazolc gesla jazn");
    CHECK_STR(fold(mem, "ŁÓDŹ"), "lodz");
    CHECK_STR(fold(mem, "Straße STRAẞE Ærøskøbing Œuvre Đorđe İstanbul ıssız Þór"),
              "strasse strasse aeroskobing oeuvre dorde istanbul issiz thor");
    CHECK_STR(fold(mem, "e\xCC\x81\xCC\xA7t\xC3\xA9"), "ete");
    CHECK_STR(fold(mem, "ﬁn № ５ ½"), "fin no 5 1⁄2");
    CHECK_STR(fold(mem, "a\xC2\xA0\xC2\xA0\xE2\x80\x89z\xC2\xAD\xE2\x80\x8Bx"), "a zx");
    CHECK_STR(fold(mem, "«Ромашка» „X” O’Brien — a–b"), "\"ромашка\" \"x\" o'brien - a-b");
    CHECK_STR(fold(mem, "\xC2\xA0x\xC2\xA0"), "x");
    CHECK_STR(fold(mem, "ΣΊΣΥΦΟΣ"), "σισυφοσ");
    CHECK_STR(fold(mem, "한국 東京 हिन्दी"), "한국 東京 हिन्दी");
    CHECK_STR(fold(mem, "Ǆ ŉ"), "dz 'n");
}

TEST(folding_twice_changes_nothing)
{
    char bytes[5] = {0};

    for (uint32_t c = 1; c < 0x11000; c++) {
        if (c >= 0xd800 && c < 0xe000) continue;
        Str once = text_fold(mem, (Str){bytes, utf8_put(bytes, c)}), twice = text_fold(mem, once);
        if (!str_eq(once, twice)) CHECK_STR(str_fmt(mem, "U+%04X %.*s", c, SFMT(once)), "");
        if (!utf8_is_valid(once)) CHECK_EQ_INT(c, 0);
    }
}

static Str words(Arena *mem, const char *s)
{
    StrList list = text_words(mem, str_c(s));

    return str_join(mem, list.p, list.n, S("|"));
}

TEST(cuts_words)
{
    CHECK_STR(words(mem, ""), "");
    CHECK_STR(words(mem, " ... "), "");
    CHECK_STR(words(mem, "ООО «Ромашка-Плюс», г. Орёл"), "ооо|ромашка|плюс|г|орел");
    CHECK_STR(words(mem, "iPhone15 Pro, +7 (916) 123-45-67 pro"), "iphone15|pro|7|916|123|45|67");
    CHECK_STR(words(mem, "東京 x"), "東|京|x");
    Str long_text = S("");
    for (int i = 0; i < 100; i++) long_text = str_fmt(mem, "%.*s w%d x", SFMT(long_text), i % 60);
    CHECK_EQ_INT(text_words(mem, long_text).n, 61);
}

TEST(reads_the_other_layout)
{
    CHECK_STR(text_other_layout(mem, S("hjvfirf")), "ромашка");
    CHECK_STR(text_other_layout(mem, S("ромашка")), "hjvfirf");
    CHECK_STR(text_other_layout(mem, S("руддщ цщкдв")), "hello world");
    CHECK_STR(text_other_layout(mem, S("[fhbnjyjd 25")), "харитонов 25");
    CHECK_STR(text_other_layout(mem, text_fold(mem, S("Gthdjdf"))), "первова");
    CHECK_STR(text_other_layout(mem, S("`krf")), "елка");
    CHECK_STR(text_other_layout(mem, S("щтд\xD1\x96ту")), "onlsne");
}

/* Every spelling of a row gives the same form. */
TEST(writes_names_in_one_latin_form)
{
    static const char *const rows[][7] = {
        {"ivanov", "Иванов", "Ivanov", "IWANOW", "Іванов"},
        {"romashka", "ромашка", "Romashka", "romaszka"},
        {"iulia", "Юлия", "Yuliya", "Iuliia", "Julia", "Yulia", "Juliya"},
        {"sherbakov", "Щербаков", "Shcherbakov", "Scherbakov", "Szczerbakow"},
        {"kuznecov", "Кузнецов", "Kuznetsov", "Kuznecov", "Kuznietsov", "Kuzniecow"},
        {"harkov", "Харьков", "Kharkov", "Harkov"},
        {"zhukov", "Жуков", "Zhukov"},
        {"ian", "Ян", "Yan", "Jan", "Ian"},
        {"dmitri", "Дмитрий", "Dmitry", "Dmitriy", "Dmitrii", "Dmitrij"},
        {"sergei", "Сергей", "Sergey", "Sergei", "Siergiej"},
        {"aleksandr", "Александр", "Alexandr", "Aleksandr"},
        {"ekaterina", "Екатерина", "Ekaterina", "Yekaterina", "Jekaterina"},
        {"aleksev", "Алексеев", "Alekseev", "Alekseyev", "Alexeev", "Alekseiev"},
        {"vasilev", "Васильев", "Vasilyev", "Vasiliev", "Vasil'ev", "Vasilev"},
        {"fedorov", "Фёдоров", "Fedorov", "Fyodorov"},
        {"natalia", "Наталья", "Natalya", "Natalia", "Natalja"},
        {"mihail", "Михаил", "Mikhail", "Mihail"},
        {"shmidt", "Шмидт", "Schmidt", "Szmidt"},
        {"chaikovski", "Чайковский", "Tchaikovsky", "Chaykovskiy", "Czajkowski"},
        {"grazhina", "Гражина"},
        {"lodz", "Łódź"},
        {"toiota", "Тойота", "Toyota"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t k = 1; k < 7 && rows[i][k]; k++)
            if (!CHECK_STR(text_latin(mem, str_c(rows[i][k])), rows[i][0])) CHECK_STR(str_c(rows[i][k]), "");
}

static Str name_key(Arena *mem, const char *s)
{
    return text_name_key(mem, str_c(s));
}

TEST(names_of_one_company_agree)
{
    static const char *const rows[][9] = {
        {"romashka", "ООО «Ромашка»", "Ромашка ООО", "romashka", "ООО \"РОМАШКА\"", "OOO Romashka",
         "Общество с ограниченной ответственностью «Ромашка»", "Ромашка, ООО", "О.О.О. Ромашка"},
        {"gazprom", "ПАО «Газпром»", "ОАО Газпром", "Gazprom PJSC", "Gazprom",
         "публичное акционерное общество ГАЗПРОМ"},
        {"ivanovip", "ИП Иванов И. П.", "Индивидуальный предприниматель Иванов И.П.", "Иванов И.П. (ИП)"},
        {"zazolk", "Zażółć Sp. z o.o.", "ZAZOLC sp. z o. o.",
         "Zażółć spółka z ograniczoną odpowiedzialnością", "\"Zażółć\" Sp. z o.o. Sp. k.", "Zażółć Sp.j.",
         "Zażółć S.A.", "Zażółć sp zoo", "P.P.H.U. Zażółć s.c."},
        {"akme", "Acme Inc.", "ACME, LLC", "Acme Ltd.", "Acme Co., Ltd", "Acme plc", "Acme Corp",
         "Acme GmbH & Co. KG"},
        {"miuler", "Müller AG", "Muller GmbH", "MÜLLER KG", "Müller e.K."},
        {"tele2", "Tele2 AB", "SIA Tele2", "UAB \"Tele2\"", "Tele2 OÜ", "Tele2 Oy"},
        {"medamarkt", "Media Markt", "MediaMarkt", "MEDIA-MARKT GmbH"},
    };

    for (size_t i = 0; i < 5; i++)
        for (size_t k = 1; k < 9 && rows[i][k]; k++)
            if (!CHECK_STR(name_key(mem, rows[i][k]), rows[i][0])) CHECK_STR(str_c(rows[i][k]), "");
    for (size_t i = 5; i < 8; i++)
        for (size_t k = 2; k < 9 && rows[i][k]; k++)
            if (!CHECK(str_eq(name_key(mem, rows[i][k]), name_key(mem, rows[i][1]))))
                CHECK_STR(str_c(rows[i][k]), "");
    CHECK_STR(name_key(mem, "ООО"), "o"); /* nothing but a form: it stays */
    CHECK(name_key(mem, "東京ガス").n > 0);
    CHECK_STR(name_key(mem, " «» "), "");
    CHECK(!str_eq(name_key(mem, "ООО Ромашка"), name_key(mem, "ООО Ромашка Плюс")));
    CHECK_STR(name_key(mem, "Johnson and Johnson"), "iohnsoniohnson");
    CHECK_STR(name_key(mem, "Johnson & Johnson Inc"), "iohnsoniohnson");
}

static int order(Arena *mem, const char *a, const char *b, const char *locale)
{
    return str_cmp(text_sort_key(mem, str_c(a), str_c(locale)), text_sort_key(mem, str_c(b), str_c(locale)));
}

TEST(sorts_by_language)
{
    CHECK(order(mem, "а", "Б", "ru") < 0);
    CHECK(order(mem, "Б", "а", "ru") > 0);
    CHECK(order(mem, "ежик", "ёлка", "ru") < 0);
    CHECK(order(mem, "ёлка", "жук", "ru") < 0);
    CHECK(order(mem, "lody", "łąka", "pl") < 0);
    CHECK(order(mem, "łąka", "lody", "en") < 0);
    CHECK(order(mem, "łąka", "mak", "pl") < 0);
    CHECK(order(mem, "z", "ä", "sv") < 0);
    CHECK(order(mem, "z", "ä", "de") > 0);
    CHECK(order(mem, "x", "x", "pl") == 0);
    CHECK_EQ_INT(text_sort_key(mem, S(""), S("pl")).n, 0);
    CHECK(text_collator_version(mem, S("ru")).n > 4);
    char *big = arena_alloc(mem, 5000);
    memset(big, 'b', 5000);
    CHECK(str_cmp(text_sort_key(mem, (Str){big, 5000}, S("en")),
                  text_sort_key(mem, (Str){big, 4999}, S("en"))) > 0);
    static const char *const many[] = {"en", "de", "fr", "es", "it", "nl",
                                       "cs", "uk", "be", "lt", "pl", "ru"};
    for (int i = 0; i < 36; i++) CHECK(order(mem, "a", "b", many[i % 12]) < 0);
}

/* More of them than a thread keeps: what was closed is opened again, what is unknown stands for the root or UTC. */
TEST(forgets_and_learns_again)
{
    static const char *const LANGS[] = {"en", "ru", "pl", "de", "fr", "cs", "sv", "da", "fi", "et",
                                        "lv", "lt", "uk", "be", "hu", "ro", "bg", "el", "tr", "es"};
    static const char *const LONG = "en-a-locale-whose-name-is-longer-than-any-that-could-be-kept";
    int64_t utc = date_from_civil(2026, 1, 15) * 24 * HOUR;
    Str swedish = text_sort_key(mem, S("Ärlig"), S("sv"));

    for (int n = 0; n < 3; n++)
        for (int i = 0; i < 20; i++) {
            Str zone = str_fmt(mem, "Etc/GMT%+d", i % 13);
            CHECK_EQ_INT(zone_offset(zone, utc), -3600 * (i % 13));
            CHECK_EQ_INT(zone_offset(str_fmt(mem, "Etc/GMT-%d", 1 + i % 14), utc), 3600 * (1 + i % 14));
            CHECK(text_sort_key(mem, S("Ärlig"), str_c(LANGS[i])).n > 0);
            CHECK(str_eq(text_sort_key(mem, S("Ärlig"), S("sv")), swedish));
        }
    CHECK_EQ_INT(zone_offset(S("Europe/Nowhere"), utc), 0);
    CHECK(str_eq(text_sort_key(mem, S("a"), str_c(LONG)), text_sort_key(mem, S("a"), S(""))));
}

TEST(knows_zones)
{
    Str warsaw = S("Europe/Warsaw"), moscow = S("Europe/Moscow");
    int64_t day = date_from_civil(2026, 11, 21), utc = day * 24 * HOUR;

    CHECK(zone_is_valid(warsaw) && zone_is_valid(S("UTC")) && zone_is_valid(S("Asia/Kolkata")));
    CHECK(!zone_is_valid(S("")) && !zone_is_valid(S("Europe/Nowhere")) && !zone_is_valid(S("GMT+3x")));
    CHECK_EQ_INT(zone_offset(warsaw, utc), 3600);
    CHECK_EQ_INT(zone_offset(moscow, utc), 10800);
    CHECK_EQ_INT(zone_offset(S("Asia/Kolkata"), utc), 19800);
    CHECK_EQ_INT(zone_offset(S("UTC"), utc), 0);
    CHECK_EQ_INT(zone_date(moscow, utc - 3 * HOUR), day);
    CHECK_EQ_INT(zone_date(moscow, utc - 3 * HOUR - 1), day - 1);
    CHECK_EQ_INT(zone_date(S("America/New_York"), utc), day - 1);
    CHECK_EQ_INT(zone_time_of_day(moscow, utc), 10800);
    CHECK_EQ_INT(zone_time_of_day(S("America/New_York"), utc), 19 * 3600);
    CHECK_EQ_INT(zone_day_start(warsaw, day), utc - HOUR);
    CHECK_EQ_INT(zone_day_start(moscow, day), utc - 3 * HOUR);
    CHECK_EQ_INT(zone_date(moscow, -1), 0);
}

TEST(days_begin_right_when_clocks_change)
{
    Str warsaw = S("Europe/Warsaw");
    int64_t spring = date_from_civil(2026, 3, 29), autumn = date_from_civil(2026, 10, 25);

    CHECK_EQ_INT(zone_day_start(warsaw, spring + 1) - zone_day_start(warsaw, spring), 23 * HOUR);
    CHECK_EQ_INT(zone_day_start(warsaw, autumn + 1) - zone_day_start(warsaw, autumn), 25 * HOUR);
    /* Sao Paulo, 4 November 2018: midnight did not exist, the day began at one. */
    int64_t day = date_from_civil(2018, 11, 4), start = zone_day_start(S("America/Sao_Paulo"), day);
    CHECK_EQ_INT(start, day * 24 * HOUR + 3 * HOUR);
    CHECK_EQ_INT(zone_time_of_day(S("America/Sao_Paulo"), start), 3600);
    /* Samoa left out 30 December 2011. */
    day = date_from_civil(2011, 12, 30);
    CHECK_EQ_INT(zone_day_start(S("Pacific/Apia"), day), zone_day_start(S("Pacific/Apia"), day + 1));
    for (int64_t d = date_from_civil(2018, 1, 1); d < date_from_civil(2019, 12, 31); d++) {
        int64_t at = zone_day_start(S("America/Sao_Paulo"), d);
        if (zone_date(S("America/Sao_Paulo"), at) != d || zone_date(S("America/Sao_Paulo"), at - 1) != d - 1)
            CHECK_EQ_INT(d, 0);
    }
}

TEST(names_countries_and_currencies)
{
    CHECK_STR(text_country_name(mem, S("PL"), S("en")), "Poland");
    CHECK_STR(text_country_name(mem, S("PL"), S("ru")), "Польша");
    CHECK_STR(text_country_name(mem, S("DE"), S("pl")), "Niemcy");
    CHECK_EQ_INT(text_country_name(mem, S("QX"), S("en")).n, 0);
    CHECK_EQ_INT(text_country_name(mem, S("POL"), S("en")).n, 0);
    CHECK_EQ_INT(currency_places(S("PLN")), 2);
    CHECK_EQ_INT(currency_places(S("RUB")), 2);
    CHECK_EQ_INT(currency_places(S("JPY")), 0);
    CHECK_EQ_INT(currency_places(S("KWD")), 3);
    CHECK_EQ_INT(currency_places(S("HUF")), 2);
    CHECK_EQ_INT(currency_places(S("AMD")), 2);
    CHECK_EQ_INT(currency_places(S("CLF")), 4);
    CHECK_EQ_INT(currency_places(S("QQQ")), -1);
    CHECK_EQ_INT(currency_places(S("pln")), -1);
    CHECK_EQ_INT(currency_places(S("")), -1);
}
