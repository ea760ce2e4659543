/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and amounts in words: forms after counts, genders, groups, and the ends of the range. */
#include "base/words.h"

#include "base/decimal.h"
#include "base/tap.h"

static Val money(int64_t scaled, uint8_t places, const char *code)
{
    return val_money(scaled, places, currency_pack(str_c(code)));
}

TEST(forms_follow_the_count)
{
    static const struct {
        uint64_t n;
        int ru, pl, en;
    } CASES[] = {{0, 2, 2, 2},    {1, 0, 0, 0},      {2, 1, 1, 2},   {4, 1, 1, 2},   {5, 2, 2, 2},
                 {11, 2, 2, 2},   {12, 2, 2, 2},     {14, 2, 2, 2},  {21, 0, 2, 2},  {22, 1, 1, 2},
                 {25, 2, 2, 2},   {101, 0, 2, 2},    {111, 2, 2, 2}, {112, 2, 2, 2}, {122, 1, 1, 2},
                 {1001, 0, 2, 2}, {1000000, 2, 2, 2}};

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        CHECK_EQ_INT(words_plural(CASES[i].n, S("ru")), CASES[i].ru);
        CHECK_EQ_INT(words_plural(CASES[i].n, S("pl")), CASES[i].pl);
        CHECK_EQ_INT(words_plural(CASES[i].n, S("en")), CASES[i].en);
    }
}

TEST(numbers_in_russian)
{
    CHECK_STR(words_number(mem, 0, S("ru")), "ноль");
    CHECK_STR(words_number(mem, 21, S("ru")), "двадцать один");
    CHECK_STR(words_number(mem, 1001, S("ru")), "одна тысяча один");
    CHECK_STR(words_number(mem, 2000, S("ru")), "две тысячи");
    CHECK_STR(words_number(mem, 11011, S("ru")), "одиннадцать тысяч одиннадцать");
    CHECK_STR(words_number(mem, 1000000, S("ru")), "один миллион");
    CHECK_STR(
        words_number(mem, -5432198765, S("ru")),
        "минус пять миллиардов четыреста тридцать два миллиона сто девяносто восемь тысяч семьсот шестьдесят пять");
}

TEST(numbers_in_polish)
{
    CHECK_STR(words_number(mem, 1000, S("pl")), "tysiąc");
    CHECK_STR(words_number(mem, 1001, S("pl")), "tysiąc jeden");
    CHECK_STR(words_number(mem, 21000, S("pl")), "dwadzieścia jeden tysięcy");
    CHECK_STR(words_number(mem, 2222, S("pl")), "dwa tysiące dwieście dwadzieścia dwa");
    CHECK_STR(words_number(mem, 1234567, S("pl")),
              "milion dwieście trzydzieści cztery tysiące pięćset sześćdziesiąt siedem");
}

TEST(numbers_in_english)
{
    CHECK_STR(words_number(mem, 42, S("en")), "forty-two");
    CHECK_STR(words_number(mem, 1700, S("de")), "one thousand seven hundred");
    CHECK_STR(words_number(mem, 100020003, S("en")), "one hundred million twenty thousand three");
}

TEST(the_ends_of_the_range_have_words)
{
    CHECK(str_starts(words_number(mem, INT64_MIN, S("ru")),
                     S("минус девять квинтиллионов двести двадцать три")));
    CHECK(str_ends(words_number(mem, INT64_MAX, S("pl")),
                   S("siedemset siedemdziesiąt pięć tysięcy osiemset siedem")));
    CHECK(str_ends(words_number(mem, INT64_MIN, S("en")), S("eight hundred eight")));
}

TEST(amounts_in_russian)
{
    CHECK_STR(words_money(mem, money(12105, 2, "RUB"), S("ru")), "Сто двадцать один рубль 05 копеек");
    CHECK_STR(words_money(mem, money(200, 2, "RUB"), S("ru")), "Два рубля 00 копеек");
    CHECK_STR(words_money(mem, money(1101, 2, "RUB"), S("ru")), "Одиннадцать рублей 01 копейка");
    CHECK_STR(words_money(mem, money(4200000, 2, "CZK"), S("ru")),
              "Сорок две тысячи чешских крон 00 геллеров");
    CHECK_STR(words_money(mem, money(102, 2, "UAH"), S("ru")), "Одна гривна 02 копейки");
    CHECK_STR(words_money(mem, money(1, 0, "EUR"), S("ru")), "Одно евро 00 центов");
    CHECK_STR(words_money(mem, money(0, 2, "RUB"), S("ru")), "Ноль рублей 00 копеек");
    CHECK_STR(words_money(mem, money(-150, 2, "RUB"), S("ru")), "Минус один рубль 50 копеек");
}

TEST(amounts_in_polish)
{
    CHECK_STR(words_money(mem, money(12345, 2, "PLN"), S("pl")), "Sto dwadzieścia trzy złote 45/100");
    CHECK_STR(words_money(mem, money(100, 2, "PLN"), S("pl")), "Jeden złoty 00/100");
    CHECK_STR(words_money(mem, money(2100, 2, "PLN"), S("pl")), "Dwadzieścia jeden złotych 00/100");
    CHECK_STR(words_money(mem, money(100, 2, "CZK"), S("pl")), "Jedna korona czeska 00/100");
    CHECK_STR(words_money(mem, money(2200, 2, "CZK"), S("pl")), "Dwadzieścia dwie korony czeskie 00/100");
    CHECK_STR(words_money(mem, money(100, 2, "EUR"), S("pl")), "Jedno euro 00/100");
}

TEST(amounts_in_english)
{
    CHECK_STR(words_money(mem, money(12105, 2, "USD"), S("en")), "One hundred twenty-one dollars and 05/100");
    CHECK_STR(words_money(mem, money(100, 2, "GBP"), S("en")), "One pound sterling and 00/100");
}

TEST(an_amount_too_large_for_its_currency_keeps_its_places)
{
    CHECK_STR(
        words_money(mem, money(DECIMAL_MAX, 0, "KWD"), S("en")),
        "Nine hundred ninety-nine quadrillion nine hundred ninety-nine trillion nine hundred ninety-nine billion nine "
        "hundred ninety-nine million nine hundred ninety-nine thousand nine hundred ninety-nine KWD");
}

TEST(amounts_are_rounded_to_their_currency)
{
    CHECK_STR(words_money(mem, money(99995, 4, "RUB"), S("ru")), "Десять рублей 00 копеек");
    CHECK_STR(words_money(mem, money(15, 1, "JPY"), S("en")), "Two JPY");
    CHECK_STR(words_money(mem, money(1234567, 3, "KWD"), S("ru")),
              "Одна тысяча двести тридцать четыре KWD 567/1000");
    CHECK_STR(words_money(mem, val_money(150, 2, 0), S("pl")), "Jeden 50/100");
}
