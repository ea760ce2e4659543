/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a workbook (ECMA-376) that its sheets share: names and places of the sheets, the formats that make numbers dates,
   the texts cells refer to. */
#include "core/import/xlsx_impl.h"

#include "base/buf.h"

#define SHEETS_MAX 1000
#define STYLES_MAX 200000

typedef struct Loader {
    Arena *mem;
    Book *book;
    StrMap rels;    /* id -> Str *, the place of a worksheet */
    StrMap formats; /* id of a format -> Str *, its code */
    bool is_in_styles, is_in_text, is_in_phonetic;
    Buf text; /* of the string at work */
    size_t strings_size;
} Loader;

static Str *keep(Arena *mem, Str s)
{
    Str *p = NEW(mem, Str);

    *p = str_copy(mem, s);
    return p;
}

/* --- relations and sheets --------------------------------------------------------------------------------------------- */

static void rel_start(Xml *x, void *arg, Str name, const char **attrs)
{
    Loader *l = arg;

    (void)x;
    if (!str_eq(name, S("Relationship")) || !str_ends(xml_attr(attrs, "Type"), S("/worksheet"))) return;
    if (l->rels.n < SHEETS_MAX)
        strmap_put(l->mem, &l->rels, *keep(l->mem, xml_attr(attrs, "Id")),
                   keep(l->mem, xml_attr(attrs, "Target")));
}

static bool is_true(Str s)
{
    return str_eq(s, S("1")) || str_eq(s, S("true"));
}

static void book_start(Xml *x, void *arg, Str name, const char **attrs)
{
    Loader *l = arg;

    if (str_eq(name, S("workbookPr"))) l->book->is_1904 = is_true(xml_attr(attrs, "date1904"));
    if (!str_eq(name, S("sheet"))) return;
    if (l->book->sheets.n == SHEETS_MAX) {
        xml_fail(x, err_new(xml_errs(x), ERR_INVALID, "error.source.bomb", "too many sheets"));
        return;
    }
    Str state = xml_attr(attrs, "state");
    *vec_push(l->mem, &l->book->sheets) = (Sheet){.name = str_copy(l->mem, xml_attr(attrs, "name")),
                                                  .rel = str_copy(l->mem, xml_attr(attrs, "id")),
                                                  .is_hidden = state.n && !str_eq(state, S("visible"))};
}

/* Place of a sheet from its relation: "worksheets/sheet1.xml" is within xl/, "/xl/..." is whole. */
static Str place_of(Arena *mem, Str target)
{
    if (target.n && target.p[0] == '/') return str_from(target, 1);
    if (str_starts(target, S("./"))) target = str_from(target, 2);
    return str_cat(mem, S("xl/"), target);
}

/* Sheets that have a part with rows; a chart is a sheet too, but none of ours. */
static void find_parts(Loader *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->book->sheets.n; i++) {
        Sheet *sheet = &l->book->sheets.p[i];
        Str *target = strmap_get(&l->rels, sheet->rel);
        ptrdiff_t part = target ? archive_find(l->book->zip, place_of(l->mem, *target)) : -1;
        if (part < 0) continue;
        sheet->part = (size_t)part;
        l->book->sheets.p[n++] = *sheet;
    }
    l->book->sheets.n = n;
}

/* --- styles ----------------------------------------------------------------------------------------------------------- */

static void style_start(Xml *x, void *arg, Str name, const char **attrs)
{
    Loader *l = arg;
    int64_t id = 0;

    (void)x;
    if (str_eq(name, S("cellXfs"))) l->is_in_styles = true;
    if (str_eq(name, S("numFmt")) && l->formats.n < STYLES_MAX)
        strmap_put(l->mem, &l->formats, *keep(l->mem, xml_attr(attrs, "numFmtId")),
                   keep(l->mem, xml_attr(attrs, "formatCode")));
    if (!str_eq(name, S("xf")) || !l->is_in_styles || l->book->kinds.n >= STYLES_MAX) return;
    Str key = xml_attr(attrs, "numFmtId");
    Str *code = strmap_get(&l->formats, key);
    if (!str_to_i64(key, &id)) id = 0;
    *vec_push(l->mem, &l->book->kinds) = (uint8_t)number_kind(code ? -1 : id, code ? *code : S(""));
    *vec_push(l->mem, &l->book->currencies) = code ? number_currency(*code) : 0;
}

static void style_end(Xml *x, void *arg, Str name)
{
    Loader *l = arg;

    (void)x;
    if (str_eq(name, S("cellXfs"))) l->is_in_styles = false;
}

/* --- shared texts ----------------------------------------------------------------------------------------------------- */

static void string_start(Xml *x, void *arg, Str name, const char **attrs)
{
    Loader *l = arg;

    (void)x, (void)attrs;
    if (str_eq(name, S("si"))) l->text.n = 0;
    if (str_eq(name, S("rPh"))) l->is_in_phonetic = true;
    l->is_in_text = str_eq(name, S("t")) && !l->is_in_phonetic;
}

static void string_add(Xml *x, void *arg, Str text)
{
    Loader *l = arg;

    if (!l->is_in_text) return;
    buf_add(&l->text, text);
    if (l->text.is_over)
        xml_fail(x, err_new(xml_errs(x), ERR_INVALID, "error.source.bomb", "a text is over 1 MB"));
}

static void string_end(Xml *x, void *arg, Str name)
{
    Loader *l = arg;

    l->is_in_text = false;
    if (str_eq(name, S("rPh"))) l->is_in_phonetic = false;
    if (!str_eq(name, S("si"))) return;
    Str s = string_text(l->mem, buf_str(&l->text));
    *vec_push(l->mem, &l->book->strings) = s.p == l->text.p ? str_copy(l->mem, s) : s;
    l->strings_size += s.n + 64;
    if (l->strings_size > BOOK_STRINGS_MAX)
        xml_fail(x, err_new(xml_errs(x), ERR_INVALID, "error.source.bomb", "the texts are over 256 MB"));
}

/* ---------------------------------------------------------------------------------------------------------------------- */

static Err *load(Loader *l, Arena *errs, Str name, const XmlHandler *handler)
{
    ptrdiff_t part = archive_find(l->book->zip, name);

    return part < 0 ? NULL : xml_read(l->book->zip, errs, (size_t)part, handler, l);
}

Err *book_open(Arena *mem, Arena *errs, Archive *zip, Book *out)
{
    static const XmlHandler RELS = {rel_start, NULL, NULL}, BOOK = {book_start, NULL, NULL},
                            STYLES = {style_start, style_end, NULL},
                            STRINGS = {string_start, string_end, string_add};
    Loader l = {.mem = mem, .book = out, .text = buf_new(mem, 1 << 20)};

    *out = (Book){.zip = zip};
    TRY(load(&l, errs, S("xl/_rels/workbook.xml.rels"), &RELS));
    TRY(load(&l, errs, S("xl/workbook.xml"), &BOOK));
    find_parts(&l);
    TRY(load(&l, errs, S("xl/styles.xml"), &STYLES));
    return load(&l, errs, S("xl/sharedStrings.xml"), &STRINGS);
}
