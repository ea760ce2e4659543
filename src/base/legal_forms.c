/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists of legal forms.  Dots, quotes and capitals are gone when they are asked: "Sp. z o.o." is "sp z o o".  A form
   that is also a word or a person's name is taken only on the side where it stands in practice ("PT Astra", but no
   company loses a leading "SA").  Russian and Kazakh forms are listed in Latin letters too: "OOO Romashka". */
#include "base/legal_forms.h"

#include <string.h>

/* On either side. */
static const char *const either[] = {
    /* Russia, Belarus, Kazakhstan, Ukraine */
    "ооо", "о о о", "ао", "пао", "оао", "зао", "нао", "ип", "чп", "одо", "чуп", "чтуп", "уп", "руп", "тоо",
    "ктоо", "тов", "тзов", "прат", "пп", "фоп", "фгуп", "гуп", "муп", "фгбу", "фгау", "фку", "фгбоу во",
    "фгбоу", "гбу", "гау", "гку", "гбоу", "гбуз", "мбу", "мау", "мку", "мбоу", "мбдоу", "маоу", "ано",
    "ано дпо", "нко", "тсж", "тсн", "снт", "днп", "гск", "жск", "спк", "кфх", "чоу", "чоп", "чуз", "ноу",
    "мкпао", "мкао", "мкооо", "осоо", "мчж", "скпк", "общество с ограниченной ответственностью",
    "общество с дополнительной ответственностью", "товарищество с ограниченной ответственностью",
    "товариство з обмеженою відповідальністю", "таварыства з абмежаванай адказнасцю", "акционерное общество",
    "публичное акционерное общество", "открытое акционерное общество", "закрытое акционерное общество",
    "непубличное акционерное общество", "приватне акціонерне товариство", "публічне акціонерне товариство",
    "акціонерне товариство", "індивідуальний підприємець", "фізична особа підприємець",
    "индивидуальный предприниматель", "частное унитарное предприятие", "унитарное предприятие",
    "частное предприятие", "приватне підприємство", "федеральное государственное унитарное предприятие",
    "государственное унитарное предприятие", "муниципальное унитарное предприятие",
    "автономная некоммерческая организация", "некоммерческое партнерство", "производственный кооператив",
    "ooo", "oao", "zao",
    /* Poland */
    "sp z o o", "sp zoo", "sp z oo", "spzoo", "spolka z o o", "sp z o o sp k", "sp z o o spolka komandytowa",
    "sp z o o s k a", "sp z o o sk", "sp z o o sp j", "spolka z ograniczona odpowiedzialnoscia",
    "spolka z ograniczona odpowiedzialnoscia spolka komandytowa", "spolka z oo", "spolka jawna",
    "spolka komandytowa", "spolka komandytowo akcyjna", "spolka partnerska", "spolka cywilna",
    "prosta spolka akcyjna", "spolka akcyjna", "p p h u", "pphu", "phu", "p h u", "fhu", "f h u",
    "przedsiebiorstwo handlowo uslugowe", "przedsiebiorstwo produkcyjno handlowo uslugowe",
    "firma handlowo uslugowa",
    /* English */
    "llc",
    /* Germany, Austria, Switzerland */
    "gmbh",
    /* France, Belgium, Netherlands, Luxembourg */
    "sarl", "sci", "societe anonyme", "societe a responsabilite limitee", "asbl",
    /* Nordic and Baltic */
    "ab", "aktiebolag", "as", "oy", "ou", "osauhing", "sia", "uab", "mb", "vsi", "aktsiaselts",
    /* Central and south-eastern Europe, Turkey, Caucasus */
    "еоод", "оод", "еад", "mmc",
    /* Asia */
    "jsc", "cjsc", "ojsc", "pjsc"};

/* Only before the name. */
static const char *const leading[] = {
    /* Russia, Belarus, Kazakhstan, Ukraine */
    "ат", "пат", "мп", "нп", "пк", "кх", "нпо", "нпп", "тд", "гк", "ук", "гп", "ку", "оо", "торговый дом",
    "группа компаний", "управляющая компания", "pao", "ao", "too", "tov", "odo", "fgup",
    /* Poland */
    "pph",
    /* Italy, Spain, Portugal, Romania, Latin America */
    "sc",
    /* Nordic and Baltic */
    "ii", "ik",
    /* Central and south-eastern Europe, Turkey, Caucasus */
    "et", "ет",
    /* Asia */
    "pt", "jv"};

/* Only after the name. */
static const char *const trailing[] = {
    /* Poland */
    "sp j", "spj", "sp k", "spk", "s k a", "ska", "sp p", "s c", "sc", "p s a", "psa", "s a", "sa",
    /* English */
    "ltd", "limited", "co ltd", "company limited", "pty ltd", "pvt ltd", "private limited", "pte ltd",
    "l l c", "llp", "l l p", "lp", "inc", "incorporated", "corp", "corporation", "co", "company", "plc",
    "p l c", "pllc", "pc", "cic", "fze", "fz llc", "dmcc",
    /* Germany, Austria, Switzerland */
    "g m b h", "gmbh co kg", "gmbh und co kg", "gmbh co kgaa", "ggmbh", "mbh", "ag", "ag co kg", "kg", "kgaa",
    "ohg", "og", "gbr", "ug", "ug haftungsbeschrankt", "e k", "ek", "e v", "ev", "eg", "se", "se co kg",
    "e u", "co kg", "gesellschaft mit beschrankter haftung", "aktiengesellschaft",
    /* France, Belgium, Netherlands, Luxembourg */
    "s a r l", "sas", "s a s", "sasu", "eurl", "snc", "scop", "bv", "b v", "nv", "n v", "vof", "v o f",
    "bvba", "sprl", "srl", "cv", "cvba", "vzw", "sca",
    /* Italy, Spain, Portugal, Romania, Latin America */
    "s r l", "srls", "s r l s", "spa", "s p a", "sapa", "s n c", "s a s di", "sl", "s l", "slu", "s l u",
    "sau", "sociedad limitada", "sociedad anonima", "lda", "ltda", "unipessoal lda", "s a de c v", "sa de cv",
    "s de r l de c v", "pfa",
    /* Nordic and Baltic */
    "ab publ", "hb", "a s", "asa", "aps", "i s", "k s", "ivs", "oyj", "oy ab", "osakeyhtio", "ky", "ehf",
    "hf", "fie",
    /* Central and south-eastern Europe, Turkey, Caucasus */
    "s r o", "sro", "spol s r o", "spol sro", "v o s", "z s", "o p s", "akciova spolecnost", "kft", "bt",
    "zrt", "nyrt", "rt", "kkt", "d o o", "doo", "d d", "dd", "j d o o", "jdoo", "a d", "ad", "eood", "ood",
    "ead", "ад", "дооел", "доо", "dooel", "a e", "ae", "epe", "ike", "αε", "επε", "ικε", "anonim sirketi",
    "limited sirketi", "ltd sti", "sti", "asc", "qsc",
    /* Asia */
    "kk", "k k", "gk", "sdn bhd", "bhd", "tbk"};

typedef struct Name {
    const Str *words;
    size_t n;
    bool is_before; /* looked at from its start, else from its end */
} Name;

/* Most forms end here: the word at the edge is another. */
static bool may_be(Str form, const Name *name)
{
    Str edge = name->words[name->is_before ? 0 : name->n - 1];

    return name->is_before ? str_starts(form, edge) : str_ends(form, edge);
}

/* How many words the form has when they stand at the edge of the name, else 0. */
static size_t form_size(Str form, const Name *name)
{
    size_t n = 1;

    for (size_t i = 0; i < form.n; i++) n += form.p[i] == ' ';
    if (n > name->n) return 0;
    const Str *words = name->is_before ? name->words : name->words + name->n - n;
    while (form.p)
        if (!str_eq(str_cut(&form, ' '), *words++)) return 0;
    return n;
}

static size_t longest(const char *const *forms, size_t n_forms, const Name *name)
{
    size_t best = 0;

    for (size_t i = 0; i < n_forms; i++) {
        Str form = str_c(forms[i]);
        size_t size = may_be(form, name) ? form_size(form, name) : 0;
        if (size > best) best = size;
    }
    return best;
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

size_t legal_form_before(const Str *words, size_t n)
{
    Name name = {words, n, true};
    size_t a = n ? longest(either, COUNT(either), &name) : 0,
           b = n ? longest(leading, COUNT(leading), &name) : 0;

    return a > b ? a : b;
}

size_t legal_form_after(const Str *words, size_t n)
{
    Name name = {words, n, false};
    size_t a = n ? longest(either, COUNT(either), &name) : 0,
           b = n ? longest(trailing, COUNT(trailing), &name) : 0;

    return a > b ? a : b;
}
