/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Passwords that are guessed first.  A list of leaked ones would be megabytes and out of date; nearly all of them are made of few
 * parts: a common word, a walk over the keyboard, a year, a character or a part said again.  A password is cut into the
 * longest such parts, anything else counts character by character, and one of too few pieces is refused.  Letters' look-alikes
 * (p@ssw0rd) are read as the letters. */

#include "base/text.h"
#include "core/session_impl.h"

#define PIECES_MIN 8
#define PART_MIN   3 /* characters */

/* Rows of keyboards, alphabets, years, and the words leaked lists begin with in English, Russian and Polish; each is found
   forwards and backwards, also a part of it. */
static const char KNOWN[] =
    "qwertyuiop asdfghjkl zxcvbnm qwertzuiop azertyuiop 12345678901234567890 1q2w3e4r5t6y7u8i9o0p q1w2e3r4t5y6u7i8o9p0 "
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm qazwsxedcrfvtgbyhnujm zaq12wsxcde34rfv qweasdzxc abcdefghijklmnopqrstuvwxyz "
    "йцукенгшщзхъ фывапролджэ ячсмитьбю абвгдежзийклмнопрстуфхцчшщъыьэюя "
    "1970 1975 1980 1985 1986 1987 1988 1989 1990 1991 1992 1993 1994 1995 1996 1997 1998 1999 2000 2001 2002 2003 2004 "
    "2005 2010 2015 2016 2017 2018 2019 2020 2021 2022 2023 2024 2025 2026 2027 2028 2029 2030 "
    "password passwort passport welcome letmein administrator administracja admin root login user guest test demo default "
    "changeme secret master access server system company business office sales manager customer kith crm "
    "iloveyou love lovely monkey dragon shadow sunshine princess football baseball basketball hockey soccer superman batman "
    "spiderman pokemon starwars trustno hello whatever freedom michael jennifer jessica charlie jordan thomas daniel andrew "
    "matthew ashley nicole hunter killer pepper ginger cookie computer internet samsung google facebook microsoft windows "
    "apple iphone android summer winter spring autumn monday friday january february march april june july august september "
    "october november december london paris berlin moscow warsaw america england chelsea liverpool arsenal barcelona "
    "flower angel baby purple orange yellow silver golden diamond qwerty zaqxsw asdf "
    "пароль любовь люблю привет солнышко наташа марина сергей андрей максим дмитрий александр елена россия москва спартак "
    "зенит котенок админ директор менеджер компания лето зима весна осень "
    "parol lubov privet natasha marina sergey andrey maksim dmitriy aleksandr rossiya moskva spartak "
    "haslo polska warszawa krakow kocham kochanie misiek mateusz bartek kasia agnieszka natalia karolina marcin monika "
    "lato zima wiosna jesien legia lech qwerty";

static size_t character(Str s, size_t at)
{
    size_t next = at;

    utf8_next(s, &next);
    return next - at;
}

/* How many bytes at `at` of `s` stand in `text`, as whole characters; 0 below PART_MIN characters. */
static size_t match(Str s, size_t at, Str text)
{
    size_t best = 0;

    for (size_t start = 0; start < text.n; start += character(text, start)) {
        size_t n = 0, characters = 0;
        while (at + n < s.n && start + n < text.n && text.p[start + n] != ' ') {
            size_t one = character(s, at + n);
            if (start + n + one > text.n || memcmp(s.p + at + n, text.p + start + n, one) != 0) break;
            n += one;
            characters++;
        }
        if (characters >= PART_MIN && n > best) best = n;
    }
    return best;
}

static size_t run(Str s, size_t at)
{
    size_t one = character(s, at), n = one;

    while (at + n + one <= s.n && memcmp(s.p + at + n, s.p + at, one) == 0) n += one;
    return n;
}

static Str reversed(Arena *mem, Str s)
{
    char *out = arena_alloc(mem, s.n + 1);

    for (size_t at = 0, one; at < s.n; at += one) {
        one = character(s, at);
        memcpy(out + s.n - at - one, s.p + at, one);
    }
    return (Str){out, s.n};
}

/* Folded, with the letters that look-alikes stand for. */
static Str plain(Arena *mem, Str folded)
{
    static const char FROM[] = "@4310$57!", TO[] = "aaeiossti";
    char *out = arena_alloc(mem, folded.n + 1);

    for (size_t i = 0; i < folded.n; i++) {
        const char *found = folded.p[i] ? strchr(FROM, folded.p[i]) : NULL;
        out[i] = found ? TO[found - FROM] : folded.p[i];
    }
    return (Str){out, folded.n};
}

static size_t longest(size_t a, size_t b)
{
    return a > b ? a : b;
}

bool password_is_easy(Arena *mem, Str password)
{
    Str folded = text_fold(mem, str_sub(password, 0, 200)), letters = plain(mem, folded);
    Str known = str_c(KNOWN), back = reversed(mem, known);
    unsigned pieces = 0;

    for (size_t at = 0; at < folded.n && pieces < PIECES_MIN; pieces++) {
        size_t n = longest(character(folded, at), run(folded, at));
        n = longest(n, longest(match(folded, at, known), match(folded, at, back)));
        n = longest(n, longest(match(letters, at, known), match(letters, at, back)));
        at += longest(n, match(folded, at, str_sub(folded, 0, at)));
    }
    return pieces < PIECES_MIN;
}
