/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phone numbers as people write them, to E.164 and back.  The text is cut into number and extension, the number into digits
   and what stood before them; then every reading that is usual in the country is tried against its plan, the plainest
   first: as it stands, without the trunk digit, with the country's own code but no plus. */
#include "base/phone.h"

#include "base/buf.h"
#include "base/phone_plans.h"
#include "base/text.h"

#include <string.h>

#define E164_MAX 15

/* Folded, the longer first; a number may follow each. */
static const char *const extension_words[] = {
    ";ext=", "extension",  "ext",  "добавочный", "добавоч",     "доб",       "внутренний", "внутр",
    "вн",    "wewnetrzny", "wewn", "wew",        "nebenstelle", "durchwahl", "poste",      "interno",
    "linka", "vid",        "w",    "x",          "#",           ",",         ";"};

static const char *const labels[] = {"tel:",  "tel", "telefon", "phone", "mobile", "mob",
                                     "kom",   "моб", "телефон", "тел",   "fax",    "факс",
                                     "handy", "т",   "t",       "m",     "м"};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t count_digits(Str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) n += is_digit(s.p[i]);
    return n;
}

/* "tel. ", "моб.: " before the number. */
static Str skip_label(Str s)
{
    size_t best = 0;

    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (strlen(labels[i]) > best && str_starts(s, str_c(labels[i]))) best = strlen(labels[i]);
    s = str_from(s, best);
    while (best && s.n && (s.p[0] == '.' || s.p[0] == ':' || s.p[0] == ' ')) s = str_from(s, 1);
    return s;
}

/* Length of the extension word that `s` begins with. */
static size_t extension_word(Str s)
{
    for (size_t i = 0; i < sizeof extension_words / sizeof *extension_words; i++)
        if (str_starts(s, str_c(extension_words[i]))) return strlen(extension_words[i]);
    return 0;
}

/* The digits of an extension, at most 8, with nothing else but signs around them. */
static bool read_extension(Arena *mem, Str s, Str *ext)
{
    Buf b = buf_new(mem, 16);

    for (size_t i = 0; i < s.n; i++) {
        if (is_digit(s.p[i]))
            buf_add_c(&b, s.p[i]);
        else if (!strchr(" .:()=-", s.p[i]))
            return false;
    }
    *ext = buf_str(&b);
    return b.n > 0 && b.n <= 8;
}

/* Cuts the extension off the number; false when what follows the number is none. */
static bool cut_extension(Arena *mem, Str *number, Str *ext)
{
    for (size_t i = 0; i < number->n; i++) {
        if (is_digit(number->p[i]) || strchr(" -.()/+", number->p[i])) continue;
        Str rest = str_from(*number, i);
        size_t word = extension_word(rest);
        if (!word || count_digits(str_sub(*number, 0, i)) < 5) continue;
        rest = str_trim(str_from(rest, word));
        rest = str_from(rest, extension_word(rest)); /* ", ext. 5" */
        if (!read_extension(mem, rest, ext)) return false;
        *number = str_trim(str_sub(*number, 0, i));
        while (number->n && (number->p[number->n - 1] == '(' || number->p[number->n - 1] == ' ')) number->n--;
        return true;
    }
    return true;
}

/* Digits of the number; "(0)" after a country code is left out.  False when another sign is among them. */
static bool read_digits(Arena *mem, Str s, bool *has_plus, Str *digits)
{
    Buf b = buf_new(mem, 64);

    *has_plus = s.n && s.p[0] == '+';
    for (size_t i = *has_plus ? 1 : 0; i < s.n; i++) {
        if (*has_plus && str_starts(str_from(s, i), S("(0)"))) {
            i += 2;
            continue;
        }
        if (is_digit(s.p[i]))
            buf_add_c(&b, s.p[i]);
        else if (!strchr(" -.()/[]~", s.p[i]))
            return false;
    }
    *digits = buf_str(&b);
    return !b.is_over && b.n > 0;
}

static const PhonePlan *plan_of_country(Str country)
{
    size_t n;
    const PhonePlan *plans = phone_plans(&n);

    /* The North American plan is listed as that of the United States. */
    if (str_eq_nocase(country, S("CA")) || str_eq_nocase(country, S("PR"))) country = S("US");
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(country, str_c(plans[i].country))) return &plans[i];
    return NULL;
}

/* The plan a number with its country code belongs to, and whether the code has a plan at all. */
static const PhonePlan *plan_of_number(Str digits, bool *is_known)
{
    size_t n;
    const PhonePlan *plans = phone_plans(&n);

    *is_known = false;
    for (size_t i = 0; i < n; i++) {
        Str code = str_c(plans[i].code);
        if (!str_starts(digits, code)) continue;
        *is_known = true;
        if (phone_plan_holds(&plans[i], str_from(digits, code.n))) return &plans[i];
    }
    return NULL;
}

/* Cuts a trunk prefix of the plan when what remains is a number. */
static bool cut_trunk(const PhonePlan *plan, Str digits, Str *national)
{
    Str rest = str_c(plan->trunk);

    while (rest.n) {
        Str trunk = str_cut(&rest, '|');
        *national = str_from(digits, trunk.n);
        if (str_starts(digits, trunk) && phone_plan_holds(plan, *national)) return true;
    }
    return false;
}

/* `digits` with a country code: as they stand, or with a trunk digit that does not belong there ("+7 8 916 ..."). */
static bool read_international(Arena *mem, Str digits, Str *e164)
{
    size_t n;
    bool is_known;
    const PhonePlan *plans = phone_plans(&n);

    if (plan_of_number(digits, &is_known) ||
        (!is_known && digits.n >= 8 && digits.n <= E164_MAX && digits.p[0] != '0')) {
        *e164 = str_cat(mem, S("+"), digits);
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        Str code = str_c(plans[i].code), national;
        if (!str_starts(digits, code) || !cut_trunk(&plans[i], str_from(digits, code.n), &national)) continue;
        *e164 = str_fmt(mem, "+%s%.*s", plans[i].code, SFMT(national));
        return true;
    }
    return false;
}

static bool read_national(Arena *mem, const PhonePlan *plan, Str digits, Str *e164)
{
    Str code = str_c(plan->code), national = digits;
    bool holds = phone_plan_holds(plan, national) || cut_trunk(plan, digits, &national);

    if (!holds && str_starts(digits, code)) {
        national = str_from(digits, code.n);
        holds = phone_plan_holds(plan, national);
    }
    if (holds) *e164 = str_fmt(mem, "+%s%.*s", plan->code, SFMT(national));
    return holds;
}

/* Russia and Kazakhstan are one plan: from either, the other is dialled as at home.  After a plus only the trunk digit can
   be meant ("+8 916 ..."). */
static bool read_at_home(Arena *mem, const PhonePlan *home, Str digits, bool has_plus, Str *e164)
{
    size_t n;
    const PhonePlan *plans = phone_plans(&n);

    if (!has_plus && read_national(mem, home, digits, e164)) return true;
    for (size_t i = 0; i < n; i++) {
        Str national;
        if (!str_eq_c(str_c(plans[i].code), home->code)) continue;
        if (!has_plus && read_national(mem, &plans[i], digits, e164)) return true;
        if (!has_plus || !cut_trunk(&plans[i], digits, &national)) continue;
        *e164 = str_fmt(mem, "+%s%.*s", plans[i].code, SFMT(national));
        return true;
    }
    return false;
}

static bool starts_abroad(const PhonePlan *home, Str *digits)
{
    Str own = str_c(home ? home->abroad : "");

    if (own.n && digits->n > own.n + 9 && str_starts(*digits, own))
        *digits = str_from(*digits, own.n);
    else if (str_starts(*digits, S("00")))
        *digits = str_from(*digits, 2);
    else
        return false;
    return true;
}

/* After a plus or what stands for it.  "+8 916 ...": of a code that does not exist, the trunk digit was meant. */
static bool read_abroad(Arena *mem, const PhonePlan *home, Str digits, Str *e164)
{
    bool is_known;

    if (!plan_of_number(digits, &is_known) && !is_known && home &&
        read_at_home(mem, home, digits, true, e164))
        return true;
    return read_international(mem, digits, e164);
}

bool phone_parse(Arena *mem, Str raw, Str country, Str *e164, Str *ext)
{
    Str text = skip_label(text_fold(mem, raw)), digits;
    const PhonePlan *home = plan_of_country(country);
    bool has_plus;

    *e164 = *ext = (Str){0};
    if (text.n > 200 || !cut_extension(mem, &text, ext) || !read_digits(mem, text, &has_plus, &digits))
        return false;
    if (!has_plus && home && read_at_home(mem, home, digits, false, e164)) return true;
    if (!has_plus && !starts_abroad(home, &digits)) return false;
    return read_abroad(mem, home, digits, e164);
}

static const char *groups_of(const PhonePlan *plan, Str national, Str *groups)
{
    Str rest = str_c(plan->groups);

    while (rest.p) {
        Str value = str_cut(&rest, '|'), prefix = str_cut(&value, '=');
        if (!phone_prefix_fits(prefix, national)) continue;
        *groups = value;
        return value.p;
    }
    return NULL;
}

static void add_groups(Buf *b, Str groups, Str national)
{
    for (size_t i = 0; i < groups.n && national.n; i++) {
        char c = groups.p[i];
        if (!is_digit(c) && c != '*') {
            buf_add_c(b, c);
            continue;
        }
        size_t n = c == '*' || i + 1 == groups.n ? national.n : (size_t)(c - '0');
        buf_add(b, str_sub(national, 0, n));
        national = str_from(national, n);
    }
}

/* By threes, the last group of two to four. */
static void add_threes(Buf *b, Str national)
{
    while (national.n > 4) {
        buf_add(b, str_sub(national, 0, 3));
        buf_add_c(b, ' ');
        national = str_from(national, 3);
    }
    buf_add(b, national);
}

Str phone_format(Arena *mem, Str e164)
{
    bool is_known;
    Str groups, digits = str_starts(e164, S("+")) ? str_from(e164, 1) : (Str){0};
    const PhonePlan *plan = digits.n ? plan_of_number(digits, &is_known) : NULL;

    if (!plan) return e164;
    Str national = str_from(digits, strlen(plan->code));
    Buf b = buf_new(mem, 128);
    buf_addf(&b, "+%s ", plan->code);
    if (groups_of(plan, national, &groups))
        add_groups(&b, groups, national);
    else
        add_threes(&b, national);
    return buf_str(&b);
}

Str phone_country(Str e164)
{
    bool is_known;
    Str digits = str_starts(e164, S("+")) ? str_from(e164, 1) : (Str){0};
    const PhonePlan *plan = digits.n ? plan_of_number(digits, &is_known) : NULL;

    if (!plan) return (Str){0};
    if (str_eq_c(S("US"), plan->country))
        return str_sub(str_c(phone_nanp_country(str_from(digits, 1))), 0, 2);
    return str_c(plan->country);
}
