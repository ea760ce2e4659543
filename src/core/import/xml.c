/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expat over a stream of a zip.  A document type is refused before anything in it is read, so entities cannot expand; a tag or
   comment that never ends is refused after TOKEN_MAX bytes, since Expat has to hold it. */
#include "core/import/xml.h"

#include <expat.h>

#define PIECE     (16 << 10)
#define TOKEN_MAX (1 << 20)
#define DEPTH_MAX 100

struct Xml {
    XML_Parser parser;
    Part *part; /* NULL: what is left of `bytes` */
    Str bytes;
    const XmlHandler *handler;
    void *arg;
    Arena *errs;
    Err *failed;
    int depth;
    size_t silent; /* bytes read since something was told */
    bool is_paused, is_last;
};

static Str local_name(const char *name)
{
    const char *colon = strchr(name, ':');

    return str_c(colon ? colon + 1 : name);
}

static Err *xml_problem(Arena *errs, const char *why)
{
    return err_arg(err_new(errs, ERR_INVALID, "error.source.xml", "XML: %s", why), 0, str_c(why));
}

static void on_start(void *arg, const char *name, const char **attrs)
{
    Xml *x = arg;

    x->silent = 0;
    if (++x->depth > DEPTH_MAX) {
        xml_fail(x, xml_problem(x->errs, "too deep"));
        return;
    }
    if (x->handler->start) x->handler->start(x, x->arg, local_name(name), attrs);
}

static void on_end(void *arg, const char *name)
{
    Xml *x = arg;

    x->silent = 0;
    x->depth--;
    if (x->handler->end) x->handler->end(x, x->arg, local_name(name));
}

static void on_text(void *arg, const char *text, int n)
{
    Xml *x = arg;

    x->silent = 0;
    if (x->handler->text) x->handler->text(x, x->arg, (Str){text, (size_t)n});
}

static void on_doctype(void *arg, const char *name, const char *sysid, const char *pubid, int has_subset)
{
    Xml *x = arg;

    (void)name, (void)sysid, (void)pubid, (void)has_subset;
    xml_fail(x, xml_problem(x->errs, "a document type is not allowed"));
}

static void free_parser(void *arg)
{
    XML_ParserFree(arg);
}

static Xml *new_parser(Arena *mem, const XmlHandler *handler, void *arg)
{
    Xml *x = NEW(mem, Xml);

    *x = (Xml){.parser = XML_ParserCreate(NULL), .handler = handler, .arg = arg};
    REQUIRE(x->parser != NULL);
    arena_defer(mem, free_parser, x->parser);
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    return x;
}

Err *xml_open(Archive *a, Arena *mem, Arena *errs, size_t i, const XmlHandler *handler, void *arg, Xml **out)
{
    Xml *x = new_parser(mem, handler, arg);

    *out = x;
    return part_open(a, mem, errs, i, &x->part);
}

static Err *next_bytes(Xml *x, void *room, size_t *n)
{
    if (x->part) return part_read(x->part, x->errs, room, PIECE, n);
    Str piece = str_sub(x->bytes, 0, PIECE);
    if (piece.n) memcpy(room, piece.p, piece.n);
    x->bytes = str_from(x->bytes, piece.n);
    *n = piece.n;
    return NULL;
}

static Err *parse_piece(Xml *x, enum XML_Status *status)
{
    void *room = XML_GetBuffer(x->parser, PIECE);
    size_t n = 0;

    REQUIRE(room != NULL);
    TRY(next_bytes(x, room, &n));
    x->silent += n;
    if (x->silent > TOKEN_MAX) return xml_problem(x->errs, "a token is too long");
    x->is_last = n == 0;
    *status = XML_ParseBuffer(x->parser, (int)n, x->is_last);
    return NULL;
}

Err *xml_run(Xml *x, Arena *errs, bool *is_over)
{
    enum XML_Status status = XML_STATUS_OK;

    x->errs = errs;
    *is_over = false;
    do {
        if (x->is_paused) {
            x->is_paused = false;
            status = XML_ResumeParser(x->parser);
        } else if (x->is_last) {
            *is_over = true;
            return NULL;
        } else {
            TRY(parse_piece(x, &status));
        }
        if (x->failed) return x->failed;
        if (status == XML_STATUS_ERROR)
            return xml_problem(errs, XML_ErrorString(XML_GetErrorCode(x->parser)));
    } while (status == XML_STATUS_OK);
    return NULL;
}

void xml_pause(Xml *x)
{
    if (x->failed) return;
    x->is_paused = true;
    XML_StopParser(x->parser, XML_TRUE);
}

void xml_fail(Xml *x, Err *e)
{
    if (x->failed) return;
    x->failed = e;
    x->is_paused = false;
    XML_StopParser(x->parser, XML_FALSE);
}

Arena *xml_errs(const Xml *x)
{
    return x->errs;
}

Str xml_attr(const char **attrs, const char *name)
{
    for (size_t i = 0; attrs[i]; i += 2)
        if (str_eq_c(local_name(attrs[i]), name)) return str_c(attrs[i + 1]);
    return (Str){0};
}

const Part *xml_part(const Xml *x)
{
    return x->part;
}

Err *xml_read(Archive *a, Arena *errs, size_t i, const XmlHandler *handler, void *arg)
{
    Arena *tmp = arena_new(0);
    bool is_over;
    Xml *x;
    Err *e = xml_open(a, tmp, errs, i, handler, arg, &x);

    if (!e) e = xml_run(x, errs, &is_over);
    arena_free(tmp);
    return e;
}

Err *xml_read_text(Arena *errs, Str text, const XmlHandler *handler, void *arg)
{
    Arena *tmp = arena_new(0);
    Xml *x = new_parser(tmp, handler, arg);
    bool is_over;

    x->bytes = text;
    Err *e = xml_run(x, errs, &is_over);
    arena_free(tmp);
    return e;
}
