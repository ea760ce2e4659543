/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identifiers of companies and persons: one table of kinds.  What people type (spaces, dashes, a label before it, a country
   prefix) is cleaned to capitals and digits; the form is looked at first, then the check digit, so that the message says
   which of them is wrong. */
#include "base/ident.h"

#include "base/buf.h"
#include "base/ident_check.h"
#include "base/text.h"

#include <string.h>

#define NO_CHECK NULL

/* country, kind, personal, form a guess wants ("": any, NULL: none without its label), label people write before it
   (folded), form, check */
#define KINDS(K)                                                                     \
    K("RU", "INN", false, "", "инн", "dddddddddd|dddddddddddd", check_ru_inn)        \
    K("RU", "OGRN", false, "", "огрн", "ddddddddddddd", check_ru_ogrn)               \
    K("RU", "OGRNIP", false, "", "огрнип", "ddddddddddddddd", check_ru_ogrnip)       \
    K("RU", "BIK", false, "", "бик", "ddddddddd", check_ru_bik)                      \
    K("RU", "KPP", false, "", "кпп", "ddddXXddd", NO_CHECK)                          \
    K("RU", "ACCOUNT", false, "", "р/с", "dddddXXXdddddddddddd", NO_CHECK)           \
    K("RU", "CORR_ACCOUNT", false, NULL, "к/с", "301ddddddddddddddddd", NO_CHECK)    \
    K("RU", "OKPO", false, NULL, "окпо", "dddddddd|dddddddddd", check_ru_okpo)       \
    K("RU", "SNILS", true, NULL, "снилс", "ddddddddddd", check_ru_snils)             \
    K("PL", "NIP", false, "", "nip", "dddddddddd", check_pl_nip)                     \
    K("PL", "REGON", false, "", "regon", "ddddddddd|dddddddddddddd", check_pl_regon) \
    K("PL", "KRS", false, "000ddddddd", "krs", "dddddddddd", NO_CHECK)               \
    K("PL", "PESEL", true, "", "pesel", "ddddddddddd", check_pl_pesel)               \
    K("UA", "EDRPOU", false, "", "едрпоу", "dddddddd", check_ua_edrpou)              \
    K("UA", "RNTRC", true, NULL, "рнокпп", "dddddddddd", check_ua_rntrc)             \
    K("BY", "UNP", false, "", "унп", "ddddddddd|AAddddddd", check_by_unp)            \
    K("KZ", "BIN", false, "", "бин", "dddddddddddd", check_kz_bin)                   \
    K("KZ", "IIN", true, NULL, "иин", "dddddddddddd", check_kz_bin)                  \
    K("CZ", "ICO", false, NULL, "ico", "dddddddd", check_cz_ico)                     \
    K("SK", "ICO", false, NULL, "ico", "dddddddd", check_cz_ico)                     \
    K("FR", "SIREN", false, NULL, "siren", "ddddddddd", check_fr_siren)              \
    K("FR", "SIRET", false, NULL, "siret", "dddddddddddddd", check_fr_siret)         \
    K("GB", "CRN", false, NULL, "crn", "dddddddd|AAdddddd", NO_CHECK)                \
    K("CH", "UID", false, "", "uid", "CHEddddddddd", check_ch_uid)                   \
    K("NO", "ORGNR", false, NULL, "orgnr", "ddddddddd", check_no_orgnr)              \
    K("TR", "VKN", false, NULL, "vkn", "dddddddddd", check_tr_vkn)                   \
    K("US", "EIN", false, NULL, "ein", "ddddddddd", NO_CHECK)                        \
    K("", "VAT", false, "", "vat", "", NO_CHECK)                                     \
    K("", "IBAN", false, "", "iban", "", check_iban)                                 \
    K("", "BIC", false, NULL, "bic", "AAAAAAXX|AAAAAAXXXXX", NO_CHECK)               \
    K("", "LEI", false, "", "lei", "XXXXXXXXXXXXXXXXXXdd", check_lei)                \
    K("", "DUNS", false, NULL, "duns", "ddddddddd", NO_CHECK)

typedef struct Rule {
    const char *label, *pattern;
    IdentCheck *check;
    const char *guess;
} Rule;

#define AS_KIND(country, kind, personal, guessed, label, pattern, check) {country, kind, personal},
#define AS_RULE(country, kind, personal, guessed, label, pattern, check) {label, pattern, check, guessed},

static const IdentKind kinds[] = {KINDS(AS_KIND)};
static const Rule rules[] = {KINDS(AS_RULE)};

#define KIND_COUNT (sizeof kinds / sizeof *kinds)

const IdentKind *ident_kinds(size_t *n)
{
    *n = KIND_COUNT;
    return kinds;
}

/* The rule of the country, else the international one. */
static ptrdiff_t find_kind(Str country, Str kind)
{
    ptrdiff_t found = -1;

    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (!str_eq_nocase(kind, str_c(kinds[i].kind))) continue;
        if (str_eq_nocase(country, str_c(kinds[i].country))) return (ptrdiff_t)i;
        if (!*kinds[i].country) found = (ptrdiff_t)i;
    }
    return found;
}

/* A label is a word of its own, or digits follow: "BICOYOYB" is a bank, not "OYOYB". */
static Str skip_label(Str s, Str label)
{
    Str rest = str_from(s, label.n);

    if (!str_eq_nocase(str_sub(s, 0, label.n), label)) return s;
    return rest.n && rest.p[0] >= 'a' && rest.p[0] <= 'z' ? s : str_trim(rest);
}

/* Capitals and digits of folded `s`, without label and the signs people group by.  Any other sign stays, and fits no form. */
static Str clean(Arena *mem, Str s, size_t i)
{
    Buf b = buf_new(mem, s.n + 1);

    s = skip_label(skip_label(s, str_c(rules[i].label)), str_c(kinds[i].kind));
    for (size_t k = 0; k < s.n; k++) {
        char c = s.p[k];
        if (strchr(" -./:_'", c)) continue;
        buf_add_c(&b, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
    return buf_str(&b);
}

typedef enum Verdict { FITS, BAD_FORM, BAD_CHECK } Verdict;

/* Greece writes EL; a number without its prefix takes that of `country`. */
static Verdict read_vat(Arena *mem, Str country, Str *s)
{
    Str prefix = str_eq_c(country, "GR") ? S("EL") : country;
    bool has_prefix = s->n > 4 && vat_country_is_known(str_sub(*s, 0, 2));

    if (str_starts(*s, S("GR"))) *s = str_cat(mem, S("EL"), str_from(*s, 2));
    if (has_prefix && (!prefix.n || str_starts(*s, prefix) || str_starts(*s, S("XI")))) {
        prefix = str_sub(*s, 0, 2);
        *s = str_from(*s, 2);
    }
    if (!prefix.n) return BAD_FORM;
    if (str_eq_c(prefix, "BE") && s->n == 9) *s = str_cat(mem, S("0"), *s);
    if (!vat_form_fits(prefix, *s)) return BAD_FORM;
    if (!vat_check_holds(prefix, *s)) return BAD_CHECK;
    *s = str_cat(mem, prefix, *s);
    return FITS;
}

static bool is_alnum(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!pattern_fits("X", str_sub(s, i, 1))) return false;
    return true;
}

static Verdict read_iban(Arena *mem, Str country, Str *s)
{
    if (str_eq_c(country, "PL") && s->n == 26 && pattern_fits("d", str_sub(*s, 0, 1)))
        *s = str_cat(mem, S("PL"), *s);
    if (s->n < 15 || s->n > 34 || !pattern_fits("AAdd", str_sub(*s, 0, 4)) || !is_alnum(*s)) return BAD_FORM;
    return check_iban(*s) ? FITS : BAD_CHECK;
}

/* What a country lets people leave out or add. */
static Str adapt(Arena *mem, const IdentKind *kind, Str s)
{
    if (str_eq_c(S("NIP"), kind->kind) && s.n == 12 && str_starts(s, S("PL"))) return str_from(s, 2);
    if (str_eq_c(S("KRS"), kind->kind) && s.n >= 4 && s.n < 10)
        return str_cat(mem, str_sub(S("000000"), 0, 10 - s.n), s);
    if (str_eq_c(S("ICO"), kind->kind) && s.n >= 6 && s.n < 8)
        return str_cat(mem, str_sub(S("00"), 0, 8 - s.n), s);
    if (str_eq_c(S("CRN"), kind->kind) && s.n == 7) return str_cat(mem, S("0"), s);
    if (str_eq_c(S("UID"), kind->kind) && s.n == 9) return str_cat(mem, S("CHE"), s);
    if (str_eq_c(S("UID"), kind->kind) && s.n > 12) return str_sub(s, 0, 12); /* MWST, TVA, IVA follow */
    return s;
}

/* "№" folds to "no", which may also begin a Norwegian IBAN: it is taken out first. */
static Str fold_number(Arena *mem, Str raw)
{
    ptrdiff_t at = str_find(raw, S("№"));

    if (at >= 0) raw = str_cat(mem, str_sub(raw, 0, (size_t)at), str_from(raw, (size_t)at + strlen("№")));
    return text_fold(mem, raw);
}

static Verdict read_kind(Arena *mem, size_t i, Str country, Str folded, Str *out)
{
    const Rule *rule = &rules[i];

    *out = clean(mem, folded, i);
    if (str_eq_c(S("VAT"), kinds[i].kind)) return read_vat(mem, country, out);
    if (str_eq_c(S("IBAN"), kinds[i].kind)) return read_iban(mem, country, out);
    *out = adapt(mem, &kinds[i], *out);
    if (!pattern_fits(rule->pattern, *out)) return BAD_FORM;
    return !rule->check || rule->check(*out) ? FITS : BAD_CHECK;
}

Err *ident_normalize(Arena *mem, Str country, Str kind, Str raw, Str *out)
{
    ptrdiff_t i = find_kind(country, kind);

    if (i < 0)
        return err_arg(err_new(mem, ERR_INVALID, "error.ident.kind", "no identifier %.*s in %.*s", SFMT(kind),
                               SFMT(country)),
                       0, kind);
    Verdict verdict = read_kind(mem, (size_t)i, country, fold_number(mem, raw), out);
    if (verdict == FITS) return NULL;
    const char *message = verdict == BAD_FORM ? "error.ident.format" : "error.ident.checksum";
    const char *why = verdict == BAD_FORM ? "form" : "check digit";
    return err_arg(err_new(mem, ERR_INVALID, message, "%s of %s", why, kinds[i].kind), 0,
                   str_c(kinds[i].kind));
}

/* Without a check digit only the home country's forms and labelled numbers are believed. */
static bool may_guess(size_t i, Str folded, Str normal, bool is_home)
{
    const Rule *rule = &rules[i];

    if (str_starts(folded, str_c(rule->label))) return true;
    if (!rule->guess || (*rule->guess && !pattern_fits(rule->guess, normal))) return false;
    return is_home || rule->check || !*kinds[i].country;
}

bool ident_guess(Arena *mem, Str raw, Str home, const IdentKind **kind, Str *normal)
{
    Str folded = fold_number(mem, raw);
    bool has_digit = false;

    for (size_t i = 0; i < folded.n; i++) has_digit |= folded.p[i] >= '0' && folded.p[i] <= '9';
    if (!has_digit) return false;
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < KIND_COUNT; i++) {
            bool is_home = home.n && str_eq_nocase(home, str_c(kinds[i].country)),
                 is_world = !*kinds[i].country;
            if ((pass == 0) != is_home || (pass == 1) != is_world) continue;
            Str country = str_c(kinds[i].country);
            if (read_kind(mem, i, country, folded, normal) != FITS || !may_guess(i, folded, *normal, is_home))
                continue;
            *kind = &kinds[i];
            return true;
        }
    }
    return false;
}

/* The key is over three digits of the bank and the account: of a correspondent account, or of one held at the central
   bank itself, "0" and digits 5 and 6 of the BIK, else its last three. */
bool ident_account_fits(Str bik, Str account)
{
    char key[23];
    int sum = 0;

    if (!pattern_fits("ddddddddd", bik) || !pattern_fits("dddddddddddddddddddd", account)) return false;
    Str last = str_from(bik, 6);
    bool is_central = str_starts(account, S("301")) || str_eq_c(last, "000") || str_eq_c(last, "001") ||
                      str_eq_c(last, "002");
    memcpy(key, last.p, 3);
    if (is_central) memcpy(key, (char[]){'0', bik.p[4], bik.p[5]}, 3);
    memcpy(key + 3, account.p, 20);
    for (size_t i = 0; i < sizeof key; i++) sum += (key[i] - '0') * ((const int[]){7, 1, 3})[i % 3];
    return sum % 10 == 0;
}
