/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/import/archive.h"

/* A part of an archive, or a text in memory, read as XML, element by element.  No document type, no entities of its own, bounded depth and tokens. */
typedef struct Xml Xml;

/* Names come without their prefix; `attrs` are name, value, name, value, ..., NULL. */
typedef struct XmlHandler {
    void (*start)(Xml *x, void *arg, Str name, const char **attrs);
    void (*end)(Xml *x, void *arg, Str name);
    void (*text)(Xml *x, void *arg, Str text);
} XmlHandler;

/** Begins to read part `i`; closes with `mem`. */
MUST_CHECK Err *xml_open(Archive *a, Arena *mem, Arena *errs, size_t i, const XmlHandler *handler, void *arg,
                         Xml **out);
/** Reads on until a handler pauses (`*is_over` false) or the document ends.  INVALID{error.source.xml} when it is no XML. */
MUST_CHECK Err *xml_run(Xml *x, Arena *errs, bool *is_over);
/** For handlers: stops after this element; reading goes on there. */
void xml_pause(Xml *x);
/** For handlers: ends the reading with an error. */
void xml_fail(Xml *x, Err *e);
/** Where handlers put their errors. */
Arena *xml_errs(const Xml *x);
/** Value of an attribute, empty when it is not there. */
Str xml_attr(const char **attrs, const char *name);
const Part *xml_part(const Xml *x);
/** Reads a whole part. */
MUST_CHECK Err *xml_read(Archive *a, Arena *errs, size_t i, const XmlHandler *handler, void *arg);
/** The same for XML in memory; `text` is bytes in the encoding they declare. */
MUST_CHECK Err *xml_read_text(Arena *errs, Str text, const XmlHandler *handler, void *arg);
