/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encodings told from content alone, and text that comes out as it went in. */
#include "base/buf.h"
#include "base/tap.h"
#include "core/import/test_source.h"

#define NO_HEADS             \
    &(SourceOptions)         \
    {                        \
        .has_no_heads = true \
    }

/* Heads and rows as they would stand in a file with semicolons. */
static Str table_text(Arena *mem, Source *src)
{
    Rows rows = test_rows(mem, src, 0);
    Buf b = buf_new(mem, 1 << 20);

    for (size_t i = 0; i < rows.n; i++) {
        CHECK(rows.p[i].problem == NULL);
        for (size_t k = 0; k < rows.p[i].n; k++) {
            if (k) buf_add_c(&b, ';');
            buf_add(&b, rows.p[i].cells[k]);
        }
        buf_add_c(&b, '\n');
    }
    return buf_str(&b);
}

TEST(encodings_are_told_from_content)
{
    static const struct {
        const char *encoding;
        Str bytes;
        const char *text;
    } CASES[] = {
        {"windows-1250",
         S_INIT(
             "Imi\352;Miasto\n\243ukasz Zi\352ba;Krak\363w\n\257aneta Gda\361ska;\214wi\352toch\263owice\n"),
         "Imię;Miasto\nŁukasz Zięba;Kraków\nŻaneta Gdańska;Świętochłowice\n"},
        {"iso-8859-2",
         S_INIT(
             "Imi\352;Miasto\n\243ukasz Zi\352ba;Krak\363w\n\257aneta Gda\361ska;\246wi\352toch\263owice\n"),
         "Imię;Miasto\nŁukasz Zięba;Kraków\nŻaneta Gdańska;Świętochłowice\n"},
        {"windows-1250",
         S_INIT(
             "Jm\351no;M\354sto\nTom\341\232 Dvo\370\341k;Plze\362\nJi\370\355 \212\235astn\375;Hradec Kr\341lov\351\n"),
         "Jméno;Město\nTomáš Dvořák;Plzeň\nJiří Šťastný;Hradec Králové\n"},
        {"windows-1251",
         S_INIT(
             "\310\354\377;\303\356\360\356\344\n\317\270\362\360 \310\342\340\355\356\342;\314\356\361\352\342\340\n\306\340\355\355\340 \331\345\360\341\340\352\356\342\340;\315\350\346\355\350\351 \315\356\342\343\356\360\356\344\n"),
         "Имя;Город\nПётр Иванов;Москва\nЖанна Щербакова;Нижний Новгород\n"},
        {"windows-1251", S_INIT("name;city\nOOO;\316\360\270\353\n"), "name;city\nOOO;Орёл\n"},
        {"koi8-r",
         S_INIT(
             "\351\315\321;\347\317\322\317\304\n\360\243\324\322 \351\327\301\316\317\327;\355\317\323\313\327\301\n\366\301\316\316\301 \375\305\322\302\301\313\317\327\301;\356\311\326\316\311\312 \356\317\327\307\317\322\317\304\n"),
         "Имя;Город\nПётр Иванов;Москва\nЖанна Щербакова;Нижний Новгород\n"},
        {"iso-8859-1", S_INIT("Name;Stadt\nJ\374rgen M\374ller;K\366ln\nGro\337;D\374sseldorf\n"),
         "Name;Stadt\nJürgen Müller;Köln\nGroß;Düsseldorf\n"},
        {"iso-8859-1",
         S_INIT("Pr\351nom;Ville\nH\351l\350ne Lef\350vre;Orl\351ans\nFran\347ois C\364t\351;Besan\347on\n"),
         "Prénom;Ville\nHélène Lefèvre;Orléans\nFrançois Côté;Besançon\n"},
        {"iso-8859-1",
         S_INIT("Nombre;Ciudad\nJos\351 Mu\361oz;M\341laga\nBego\361a Ib\341\361ez;A Coru\361a\n"),
         "Nombre;Ciudad\nJosé Muñoz;Málaga\nBegoña Ibáñez;A Coruña\n"},
        {"windows-1252",
         S_INIT("Pr\351nom;Prix\nH\351l\350ne \226 \340 c\364t\351;5 \200\n\347a;\223\351\224\n"),
         "Prénom;Prix\nHélène – à côté;5 €\nça;“é”\n"},
        {"shift-jis",
         S_INIT(
             "\226\274\221O;\223s\216s\n\216R\223c\221\276\230Y;\202\306\202\244\202\253\202\345\202\244\n\203J\203i;\221\345\215\343\n"),
         "名前;都市\n山田太郎;とうきょう\nカナ;大阪\n"},
        {"windows-1250", S_INIT("name;city\nAnna Zi\352ba;Krak\363w\n"), "name;city\nAnna Zięba;Kraków\n"},
        {"utf-16le",
         S_INIT(
             "n\000a\000m\000e\000;\000c\000i\000t\000y\000\n\000A\001u\000k\000a\000s\000z\000;\000K\000r\000a\000k\000\363\000w\000\n\000\037\004Q\004B\004@\004;\000\034\004>\004A\004:\0042\0040\004\n\000"),
         "name;city\nŁukasz;Kraków\nПётр;Москва\n"},
        {"utf-16be",
         S_INIT(
             "\000n\000a\000m\000e\000;\000c\000i\000t\000y\000\n\001A\000u\000k\000a\000s\000z\000;\000K\000r\000a\000k\000\363\000w\000\n\004\037\004Q\004B\004@\000;\004\034\004>\004A\004:\0042\0040\000\n"),
         "name;city\nŁukasz;Kraków\nПётр;Москва\n"},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Source *src = test_source(mem, "x.csv", CASES[i].bytes, NO_HEADS);
        CHECK_STR(source_encoding(src), CASES[i].encoding);
        CHECK_STR(table_text(mem, src), CASES[i].text);
    }
}

TEST(byte_order_marks_and_the_word_of_the_user)
{
    Source *src = test_source(mem, "x.csv",
                              S("\xEF\xBB\xBF"
                                "a;b\n"),
                              NO_HEADS);
    CHECK_STR(source_encoding(src), "utf-8");
    CHECK_STR(table_text(mem, src), "a;b\n");
    src = test_source(mem, "x.csv",
                      S("\xFF\xFE"
                        "a\0;\0A\1\n\0"),
                      NO_HEADS);
    CHECK_STR(source_encoding(src), "utf-16le");
    CHECK_STR(table_text(mem, src), "a;Ł\n");
    src = test_source(mem, "x.csv",
                      S("\xFE\xFF"
                        "\0a\0;\1A\0\n"),
                      NO_HEADS);
    CHECK_STR(source_encoding(src), "utf-16be");
    CHECK_STR(table_text(mem, src), "a;Ł\n");
    src = test_source(mem, "x.csv", S("a;\xC6\n"),
                      &(SourceOptions){.encoding = S("ISO-8859-2"), .has_no_heads = true});
    CHECK_STR(table_text(mem, src), "a;Ć\n");
    src = test_source(mem, "x.csv", S("a;\xC6\n"),
                      &(SourceOptions){.encoding = S("KOI8-R"), .has_no_heads = true});
    CHECK_STR(table_text(mem, src), "a;ф\n");
}

/* The first byte past ASCII may stand far behind the start, and characters may be cut by the pieces of reading. */
TEST(letters_far_from_the_start)
{
    Buf b = buf_new(mem, 8 << 20);

    buf_add(&b, S("n;s\n"));
    for (int i = 0; i < 20000; i++) buf_addf(&b, "%d;plain text\n", i);
    size_t ascii = b.n;
    buf_add(&b, S("1;\xCF\xB8\xF2\xF0\n"));
    Source *src = test_source(mem, "x.csv", buf_str(&b), NULL);
    CHECK_STR(source_encoding(src), "windows-1251");
    Rows rows = test_rows(mem, src, 0);
    CHECK_STR(rows.p[rows.n - 1].cells[1], "Пётр");
    b.n = ascii;
    for (int i = 0; i < 20000; i++) buf_add(&b, S("x;Łódź 名前\n"));
    src = test_source(mem, "x.csv", buf_str(&b), NULL);
    CHECK_STR(source_encoding(src), "utf-8");
    rows = test_rows(mem, src, 0);
    NEED(rows.n == 40000);
    for (size_t i = 20000; i < 40000; i++)
        if (!CHECK_STR(rows.p[i].cells[1], "Łódź 名前") || !CHECK(!rows.p[i].problem)) return;
}

TEST(bytes_that_are_none_are_told_by_row)
{
    Source *src = test_source(mem, "x.csv", S("a;b\n1;\x81\x7F\n2;\x82\xA0\n"),
                              &(SourceOptions){.encoding = S("shift-jis")});
    Rows rows = test_rows(mem, src, 0);

    NEED(rows.n == 2 && rows.p[0].problem && !rows.p[1].problem);
    CHECK_STR(rows.p[0].problem->key, "error.source.bytes");
    CHECK_STR(rows.p[1].cells[1], "あ");
}
