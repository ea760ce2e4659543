/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes that begin as a zip are a workbook as they are.  Others are the parts of one, parted by "\n--\n" (sheet, shared texts,
 * styles, book), put into a zip here, since no random bytes have a right checksum. */

#include "base/buf.h"
#include "fuzz_source.h"

#include <zlib.h>

static const char RELS[] =
    "<Relationships><Relationship Id=\"r1\" Type=\"/worksheet\" Target=\"a\"/></Relationships>";
static const char BOOK[] =
    "<workbook><sheets><sheet name=\"S\" r:id=\"r1\" xmlns:r=\"r\"/></sheets></workbook>";

static void add_number(Buf *b, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++) buf_add_c(b, (char)(v >> (8 * i)));
}

/* The fields the header before a part and its entry in the directory have in common. */
static void add_common(Buf *b, Str name, Str part)
{
    add_number(b, 20, 2);
    add_number(b, 0, 2);
    add_number(b, 0, 2);
    add_number(b, 0x210000, 4);
    add_number(b, (uint32_t)crc32(0, (const Bytef *)part.p, (uInt)part.n), 4);
    add_number(b, (uint32_t)part.n, 4);
    add_number(b, (uint32_t)part.n, 4);
    add_number(b, (uint32_t)name.n, 2);
    add_number(b, 0, 2);
}

static void add_part(Buf *zip, Buf *directory, Str name, Str part)
{
    uint32_t at = (uint32_t)zip->n;

    buf_add(zip, S("PK\3\4"));
    add_common(zip, name, part);
    buf_add(zip, name);
    buf_add(zip, part);
    buf_add(directory, S("PK\1\2\24\0"));
    add_common(directory, name, part);
    for (int i = 0; i < 5; i++) add_number(directory, 0, 2);
    add_number(directory, at, 4);
    buf_add(directory, name);
}

static Str cut_part(Str *rest)
{
    ptrdiff_t at = str_find(*rest, S("\n--\n"));
    Str part = at < 0 ? *rest : str_sub(*rest, 0, (size_t)at);

    *rest = at < 0 ? (Str){0} : str_from(*rest, (size_t)at + 4);
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str rest = {(const char *)data, size};
    Arena *mem = arena_new(0);
    Buf zip = buf_new(mem, 2 * size + 10000), directory = buf_new(mem, 10000);
    static const Str NAMES[] = {S_INIT("xl/a"), S_INIT("xl/sharedStrings.xml"), S_INIT("xl/styles.xml"),
                                S_INIT("xl/workbook.xml"), S_INIT("xl/_rels/workbook.xml.rels")};

    if (str_starts(rest, S("PK"))) {
        fuzz_source(data, size, "x.xlsx");
        arena_free(mem);
        return 0;
    }
    for (size_t i = 0; i < 5; i++) {
        Str part = cut_part(&rest);
        if (i >= 3 && !part.n) part = i == 3 ? str_c(BOOK) : str_c(RELS);
        add_part(&zip, &directory, NAMES[i], part);
    }
    uint32_t at = (uint32_t)zip.n;
    buf_add(&zip, buf_str(&directory));
    buf_add(&zip, S("PK\5\6\0\0\0\0\5\0\5\0"));
    add_number(&zip, (uint32_t)directory.n, 4);
    add_number(&zip, at, 4);
    add_number(&zip, 0, 2);
    fuzz_source(zip.p, zip.n, "x.xlsx");
    arena_free(mem);
    return 0;
}
