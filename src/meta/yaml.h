/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"
#include "base/map.h"

/* A small tree of one YAML file: every scalar is text, every node knows its file and line. */

#define YAML_MAX_BYTES (512u << 10)
#define YAML_MAX_DEPTH 16
#define YAML_MAX_NODES 100000

typedef enum YamlKind { YAML_TEXT = 1, YAML_LIST, YAML_MAP } YamlKind;

typedef struct Yaml Yaml;
struct Yaml {
    YamlKind kind;
    int line;      /* where it stands; of a value in a map, the line of its key */
    bool is_plain; /* text written without quotes */
    Str file, text;
    Yaml **items; /* of a LIST, or values of a MAP */
    Str *keys;    /* of a MAP, beside `items` */
    size_t n;
};

/** Reads one document.  INVALID{error.meta.yaml} "file:line: ..." for bad syntax, duplicate keys, anchors, aliases,
    tags, several documents, invalid UTF-8, and whatever is above the limits.  An empty file is an empty map. */
MUST_CHECK Err *yaml_read(Arena *mem, Str file, Str text, Yaml **out);

/** Value of `key`, or NULL when `node` is NULL, no map, or has none. */
Yaml *yaml_get(const Yaml *node, Str key);

/** A problem at a node: INVALID{key}, detail "file:line: ...", the same text as its first argument. */
Err *yaml_problem(Arena *mem, const Yaml *at, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
Err *yaml_problem_at(Arena *mem, Str file, int line, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
