/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ICU's converters as a stream of bytes into UTF-8.  ICU puts several substitutes for what it cannot read, by the table of the
   encoding; here it is always U+FFFD, so that whoever reads the text can tell. */
#include "base/text_charset.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>

#define PIVOT 2048

struct Charset {
    UConverter *from, *utf8;
    UChar pivot[PIVOT], *read, *write;
};

static void substitute(const void *context, UConverterToUnicodeArgs *args, const char *bytes, int32_t n,
                       UConverterCallbackReason reason, UErrorCode *ec)
{
    static const UChar UNKNOWN[] = {0xFFFD};

    (void)context, (void)bytes, (void)n;
    if (reason > UCNV_IRREGULAR) return;
    *ec = U_ZERO_ERROR;
    ucnv_cbToUWriteUChars(args, UNKNOWN, 1, 0, ec);
}

static void charset_close(void *arg)
{
    Charset *cs = arg;

    ucnv_close(cs->from);
    ucnv_close(cs->utf8);
}

/* What browsers and spreadsheets mean by the name. */
static const char *icu_name(Str name)
{
    static const char *const OTHER[][2] = {
        {"shift-jis", "windows-31j"}, {"shift_jis", "windows-31j"}, {"iso-8859-1", "windows-1252"}};

    for (size_t i = 0; i < sizeof OTHER / sizeof *OTHER; i++)
        if (str_eq_nocase(name, str_c(OTHER[i][0]))) return OTHER[i][1];
    return NULL;
}

Charset *charset_open(Arena *mem, Str name)
{
    UErrorCode ec = U_ZERO_ERROR;
    const char *icu = icu_name(name);

    if (!name.n || name.n > UCNV_MAX_CONVERTER_NAME_LENGTH) return NULL;
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] <= ' ' || (unsigned char)name.p[i] > '~') return NULL;
    UConverter *from = ucnv_open(icu ? icu : str_to_c(mem, name), &ec);
    if (U_FAILURE(ec)) return NULL;
    Charset *cs = NEW(mem, Charset);
    cs->from = from;
    cs->utf8 = ucnv_open("UTF-8", &ec);
    ucnv_setToUCallBack(from, substitute, NULL, NULL, NULL, &ec);
    arena_defer(mem, charset_close, cs);
    if (U_FAILURE(ec)) return NULL;
    charset_reset(cs);
    return cs;
}

void charset_reset(Charset *cs)
{
    ucnv_reset(cs->from);
    ucnv_reset(cs->utf8);
    cs->read = cs->write = cs->pivot;
}

size_t charset_decode(Charset *cs, Str *in, bool is_last, char *out, size_t room)
{
    UErrorCode ec = U_ZERO_ERROR;
    const char *from = in->n ? in->p : "", *end = from + in->n;
    char *to = out;

    ucnv_convertEx(cs->utf8, cs->from, &to, out + room, &from, end, cs->pivot, &cs->read, &cs->write,
                   cs->pivot + PIVOT, 0, is_last, &ec);
    *in = U_FAILURE(ec) && ec != U_BUFFER_OVERFLOW_ERROR ? (Str){0} : (Str){from, (size_t)(end - from)};
    return (size_t)(to - out);
}
