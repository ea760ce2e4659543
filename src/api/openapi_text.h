/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>

/* What the OpenAPI document says of each route beyond its table: texts and shapes.  The JSON is written with ' for " and
   {O} for the name of the object's schema; `reply` and `body` NULL: none. */
typedef struct RouteDoc {
    const char *name, *tag, *summary, *description;
    int status;
    const char *reply, *body;
    bool has_etag; /* may answer 304 */
} RouteDoc;

/** The entry of route `name`, or NULL. */
const RouteDoc *route_doc(const char *name);

typedef struct ParamDoc {
    const char *name, *schema, *description;
} ParamDoc;
extern const ParamDoc param_docs[]; /* ends with an entry without name */

/** Schemas that do not depend on the installation: members of components.schemas, with ' for ". */
extern const char *const common_schemas[]; /* ends with NULL */
