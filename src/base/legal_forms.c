/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists of legal forms.  Dots, quotes and capitals are gone when they are asked: "Sp. z o.o." is "sp z o o".  A form
   that is also a word or a person's name is taken only on the side where it stands in practice ("PT Astra", but no
   company loses a leading "SA").  Russian and Kazakh forms are listed in Latin letters too: "OOO Romashka". */
#include "base/legal_forms.h"

#include <pthread.h>
#include <string.h>

#define F(words) S_INIT(words)

/* On either side. */
static const Str either[] = {
    /* Russia, Belarus, Kazakhstan, Ukraine */
    F("ооо"), F("о о о"), F("ао"), F("пао"), F("оао"), F("зао"), F("нао"), F("ип"), F("чп"), F("одо"),
    F("чуп"), F("чтуп"), F("уп"), F("руп"), F("тоо"), F("ктоо"), F("тов"), F("тзов"), F("прат"), F("пп"),
    F("фоп"), F("фгуп"), F("гуп"), F("муп"), F("фгбу"), F("фгау"), F("фку"), F("фгбоу во"), F("фгбоу"),
    F("гбу"), F("гау"), F("гку"), F("гбоу"), F("гбуз"), F("мбу"), F("мау"), F("мку"), F("мбоу"), F("мбдоу"),
    F("маоу"), F("ано"), F("ано дпо"), F("нко"), F("тсж"), F("тсн"), F("снт"), F("днп"), F("гск"), F("жск"),
    F("спк"), F("кфх"), F("чоу"), F("чоп"), F("чуз"), F("ноу"), F("мкпао"), F("мкао"), F("мкооо"), F("осоо"),
    F("мчж"), F("скпк"), F("общество с ограниченной ответственностью"),
    F("общество с дополнительной ответственностью"), F("товарищество с ограниченной ответственностью"),
    F("товариство з обмеженою відповідальністю"), F("таварыства з абмежаванай адказнасцю"),
    F("акционерное общество"), F("публичное акционерное общество"), F("открытое акционерное общество"),
    F("закрытое акционерное общество"), F("непубличное акционерное общество"),
    F("приватне акціонерне товариство"), F("публічне акціонерне товариство"), F("акціонерне товариство"),
    F("індивідуальний підприємець"), F("фізична особа підприємець"), F("индивидуальный предприниматель"),
    F("частное унитарное предприятие"), F("унитарное предприятие"), F("частное предприятие"),
    F("приватне підприємство"), F("федеральное государственное унитарное предприятие"),
    F("государственное унитарное предприятие"), F("муниципальное унитарное предприятие"),
    F("автономная некоммерческая организация"), F("некоммерческое партнерство"),
    F("производственный кооператив"), F("ooo"), F("oao"), F("zao"),
    /* Poland */
    F("sp z o o"), F("sp zoo"), F("sp z oo"), F("spzoo"), F("spolka z o o"), F("sp z o o sp k"),
    F("sp z o o spolka komandytowa"), F("sp z o o s k a"), F("sp z o o sk"), F("sp z o o sp j"),
    F("spolka z ograniczona odpowiedzialnoscia"),
    F("spolka z ograniczona odpowiedzialnoscia spolka komandytowa"), F("spolka z oo"), F("spolka jawna"),
    F("spolka komandytowa"), F("spolka komandytowo akcyjna"), F("spolka partnerska"), F("spolka cywilna"),
    F("prosta spolka akcyjna"), F("spolka akcyjna"), F("p p h u"), F("pphu"), F("phu"), F("p h u"), F("fhu"),
    F("f h u"), F("przedsiebiorstwo handlowo uslugowe"), F("przedsiebiorstwo produkcyjno handlowo uslugowe"),
    F("firma handlowo uslugowa"),
    /* English */
    F("llc"),
    /* Germany, Austria, Switzerland */
    F("gmbh"),
    /* France, Belgium, Netherlands, Luxembourg */
    F("sarl"), F("sci"), F("societe anonyme"), F("societe a responsabilite limitee"), F("asbl"),
    /* Nordic and Baltic */
    F("ab"), F("aktiebolag"), F("as"), F("oy"), F("ou"), F("osauhing"), F("sia"), F("uab"), F("mb"), F("vsi"),
    F("aktsiaselts"),
    /* Central and south-eastern Europe, Turkey, Caucasus */
    F("еоод"), F("оод"), F("еад"), F("mmc"),
    /* Asia */
    F("jsc"), F("cjsc"), F("ojsc"), F("pjsc")};

/* Only before the name. */
static const Str leading[] = {
    /* Russia, Belarus, Kazakhstan, Ukraine */
    F("ат"), F("пат"), F("мп"), F("нп"), F("пк"), F("кх"), F("нпо"), F("нпп"), F("тд"), F("гк"), F("ук"),
    F("гп"), F("ку"), F("оо"), F("торговый дом"), F("группа компаний"), F("управляющая компания"), F("pao"),
    F("ao"), F("too"), F("tov"), F("odo"), F("fgup"),
    /* Poland */
    F("pph"),
    /* Italy, Spain, Portugal, Romania, Latin America */
    F("sc"),
    /* Nordic and Baltic */
    F("ii"), F("ik"),
    /* Central and south-eastern Europe, Turkey, Caucasus */
    F("et"), F("ет"),
    /* Asia */
    F("pt"), F("jv")};

/* Only after the name. */
static const Str trailing[] = {
    /* Poland */
    F("sp j"), F("spj"), F("sp k"), F("spk"), F("s k a"), F("ska"), F("sp p"), F("s c"), F("sc"), F("p s a"),
    F("psa"), F("s a"), F("sa"),
    /* English */
    F("ltd"), F("limited"), F("co ltd"), F("company limited"), F("pty ltd"), F("pvt ltd"),
    F("private limited"), F("pte ltd"), F("l l c"), F("llp"), F("l l p"), F("lp"), F("inc"),
    F("incorporated"), F("corp"), F("corporation"), F("co"), F("company"), F("plc"), F("p l c"), F("pllc"),
    F("pc"), F("cic"), F("fze"), F("fz llc"), F("dmcc"),
    /* Germany, Austria, Switzerland */
    F("g m b h"), F("gmbh co kg"), F("gmbh und co kg"), F("gmbh co kgaa"), F("ggmbh"), F("mbh"), F("ag"),
    F("ag co kg"), F("kg"), F("kgaa"), F("ohg"), F("og"), F("gbr"), F("ug"), F("ug haftungsbeschrankt"),
    F("e k"), F("ek"), F("e v"), F("ev"), F("eg"), F("se"), F("se co kg"), F("e u"), F("co kg"),
    F("gesellschaft mit beschrankter haftung"), F("aktiengesellschaft"),
    /* France, Belgium, Netherlands, Luxembourg */
    F("s a r l"), F("sas"), F("s a s"), F("sasu"), F("eurl"), F("snc"), F("scop"), F("bv"), F("b v"), F("nv"),
    F("n v"), F("vof"), F("v o f"), F("bvba"), F("sprl"), F("srl"), F("cv"), F("cvba"), F("vzw"), F("sca"),
    /* Italy, Spain, Portugal, Romania, Latin America */
    F("s r l"), F("srls"), F("s r l s"), F("spa"), F("s p a"), F("sapa"), F("s n c"), F("s a s di"), F("sl"),
    F("s l"), F("slu"), F("s l u"), F("sau"), F("sociedad limitada"), F("sociedad anonima"), F("lda"),
    F("ltda"), F("unipessoal lda"), F("s a de c v"), F("sa de cv"), F("s de r l de c v"), F("pfa"),
    /* Nordic and Baltic */
    F("ab publ"), F("hb"), F("a s"), F("asa"), F("aps"), F("i s"), F("k s"), F("ivs"), F("oyj"), F("oy ab"),
    F("osakeyhtio"), F("ky"), F("ehf"), F("hf"), F("fie"),
    /* Central and south-eastern Europe, Turkey, Caucasus */
    F("s r o"), F("sro"), F("spol s r o"), F("spol sro"), F("v o s"), F("z s"), F("o p s"),
    F("akciova spolecnost"), F("kft"), F("bt"), F("zrt"), F("nyrt"), F("rt"), F("kkt"), F("d o o"), F("doo"),
    F("d d"), F("dd"), F("j d o o"), F("jdoo"), F("a d"), F("ad"), F("eood"), F("ood"), F("ead"), F("ад"),
    F("дооел"), F("доо"), F("dooel"), F("a e"), F("ae"), F("epe"), F("ike"), F("αε"), F("επε"), F("ικε"),
    F("anonim sirketi"), F("limited sirketi"), F("ltd sti"), F("sti"), F("asc"), F("qsc"),
    /* Asia */
    F("kk"), F("k k"), F("gk"), F("sdn bhd"), F("bhd"), F("tbk")};

typedef struct Name {
    const Str *words;
    size_t n;
    bool is_before; /* looked at from its start, else from its end */
} Name;

/* The word at the edge may be the form's. */
static bool may_be(Str form, const Name *name)
{
    Str edge = name->words[name->is_before ? 0 : name->n - 1];

    if (form.n < edge.n) return false;
    return memcmp(name->is_before ? form.p : form.p + form.n - edge.n, edge.p, edge.n) == 0;
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

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Forms of one side by the byte at their edge: every name is looked at, and few end with the byte of a form. */
typedef struct Side {
    const Str *forms[2];
    size_t n[2];
    uint16_t first[256], next[COUNT(either) + COUNT(leading) + COUNT(trailing)]; /* places, from 1 */
} Side;

static Side before = {{either, leading}, {COUNT(either), COUNT(leading)}, {0}, {0}};
static Side after = {{either, trailing}, {COUNT(either), COUNT(trailing)}, {0}, {0}};
static pthread_once_t sides_once = PTHREAD_ONCE_INIT;

static Str form_at(const Side *side, size_t place)
{
    return place <= side->n[0] ? side->forms[0][place - 1] : side->forms[1][place - 1 - side->n[0]];
}

static void prepare_side(Side *side, bool is_before)
{
    for (size_t place = 1; place <= side->n[0] + side->n[1]; place++) {
        Str form = form_at(side, place);
        uint16_t *first = &side->first[(unsigned char)form.p[is_before ? 0 : form.n - 1]];
        side->next[place - 1] = *first;
        *first = (uint16_t)place;
    }
}

static void prepare_sides(void)
{
    prepare_side(&before, true);
    prepare_side(&after, false);
}

static size_t longest(const Side *side, const Name *name)
{
    Str edge = name->words[name->is_before ? 0 : name->n - 1];
    size_t best = 0;

    if (!edge.n) return 0;
    for (size_t place = side->first[(unsigned char)edge.p[name->is_before ? 0 : edge.n - 1]]; place;
         place = side->next[place - 1]) {
        Str form = form_at(side, place);
        size_t size = may_be(form, name) ? form_size(form, name) : 0;
        if (size > best) best = size;
    }
    return best;
}

size_t legal_form_before(const Str *words, size_t n)
{
    Name name = {words, n, true};

    pthread_once(&sides_once, prepare_sides);
    return n ? longest(&before, &name) : 0;
}

size_t legal_form_after(const Str *words, size_t n)
{
    Name name = {words, n, false};

    pthread_once(&sides_once, prepare_sides);
    return n ? longest(&after, &name) : 0;
}
