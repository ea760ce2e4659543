/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads YAML through libyaml's events into a tree in the arena.  Only what a data file needs is taken: maps, lists and
 * text; what makes YAML surprising (anchors, tags, merge keys, several documents) is refused.  Depth, size and number
 * of nodes are bounded, so a file from an administrator's upload can do no harm.  Knows nothing of objects. */

#include "meta/yaml.h"

#include <stdarg.h>
#include <yaml.h>

typedef struct Reader {
    Arena *mem;
    Str file;
    yaml_parser_t parser;
    unsigned depth, n_nodes;
} Reader;

typedef VEC(Yaml *) YamlVec;
typedef VEC(Str) StrVec;

static Err *problem_of(Arena *mem, Str file, int line, const char *key, Str text)
{
    Str full = str_fmt(mem, "%.*s:%d: %.*s", SFMT(file), line, SFMT(text));

    return err_arg(err_new(mem, ERR_INVALID, key, "%.*s", SFMT(full)), 0, full);
}

Err *yaml_problem(Arena *mem, const Yaml *at, const char *key, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    Str text = str_vfmt(mem, fmt, ap);
    va_end(ap);
    return problem_of(mem, at->file, at->line, key, text);
}

Err *yaml_problem_at(Arena *mem, Str file, int line, const char *key, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    Str text = str_vfmt(mem, fmt, ap);
    va_end(ap);
    return problem_of(mem, file, line, key, text);
}

static int line_of(const yaml_event_t *ev)
{
    return (int)ev->start_mark.line + 1;
}

static Err *refuse(Reader *rd, const yaml_event_t *ev, const char *why)
{
    return yaml_problem_at(rd->mem, rd->file, line_of(ev), "error.meta.yaml", "%s", why);
}

static Err *next_event(Reader *rd, yaml_event_t *ev)
{
    if (yaml_parser_parse(&rd->parser, ev)) return NULL;
    return yaml_problem_at(rd->mem, rd->file, (int)rd->parser.problem_mark.line + 1, "error.meta.yaml",
                           "not valid YAML: %s", rd->parser.problem ? rd->parser.problem : "unreadable");
}

static Yaml *node_new(Reader *rd, YamlKind kind, int line)
{
    Yaml *node = NEW(rd->mem, Yaml);

    node->kind = kind;
    node->line = line;
    node->file = rd->file;
    return node;
}

static Err *read_node(Reader *rd, yaml_event_t *ev, Yaml **out);

static Err *read_text(Reader *rd, const yaml_event_t *ev, Yaml **out)
{
    Str text = {(const char *)ev->data.scalar.value, ev->data.scalar.length};
    Yaml *node = node_new(rd, YAML_TEXT, line_of(ev));

    if (ev->data.scalar.anchor) return refuse(rd, ev, "anchors are not taken");
    if (ev->data.scalar.tag) return refuse(rd, ev, "tags are not taken");
    if (str_find_char(text, '\0') >= 0) return refuse(rd, ev, "a zero character in text");
    node->text = str_copy(rd->mem, text);
    node->is_plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    *out = node;
    return NULL;
}

static Err *read_list(Reader *rd, const yaml_event_t *start, Yaml **out)
{
    Yaml *node = node_new(rd, YAML_LIST, line_of(start));
    YamlVec items = {0};

    if (start->data.sequence_start.anchor) return refuse(rd, start, "anchors are not taken");
    if (start->data.sequence_start.tag) return refuse(rd, start, "tags are not taken");
    for (;;) {
        yaml_event_t ev;
        Yaml *item = NULL;
        Err *e = NULL;

        TRY(next_event(rd, &ev));
        if (ev.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&ev);
            break;
        }
        e = read_node(rd, &ev, &item);
        yaml_event_delete(&ev);
        if (e) return e;
        *vec_push(rd->mem, &items) = item;
    }
    node->items = items.p;
    node->n = items.n;
    *out = node;
    return NULL;
}

/* One key and its value; `*is_end` at the end of the map. */
static Err *read_pair(Reader *rd, StrMap *seen, Yaml **key, Yaml **val, bool *is_end)
{
    yaml_event_t ev;
    Err *e = NULL;

    TRY(next_event(rd, &ev));
    *is_end = ev.type == YAML_MAPPING_END_EVENT;
    if (!*is_end) {
        e = ev.type == YAML_SCALAR_EVENT ? read_text(rd, &ev, key)
                                         : refuse(rd, &ev, "a key must be plain text");
        if (!e && strmap_get(seen, (*key)->text)) {
            e = yaml_problem(rd->mem, *key, "error.meta.yaml", "key \"%.*s\" is given twice",
                             SFMT((*key)->text));
        }
    }
    yaml_event_delete(&ev);
    if (e || *is_end) return e;
    TRY(next_event(rd, &ev));
    e = read_node(rd, &ev, val);
    yaml_event_delete(&ev);
    return e;
}

static Err *read_map(Reader *rd, const yaml_event_t *start, Yaml **out)
{
    Yaml *node = node_new(rd, YAML_MAP, line_of(start));
    YamlVec items = {0};
    StrVec keys = {0};
    StrMap seen = {0};

    if (start->data.mapping_start.anchor) return refuse(rd, start, "anchors are not taken");
    if (start->data.mapping_start.tag) return refuse(rd, start, "tags are not taken");
    for (;;) {
        Yaml *key = NULL, *val = NULL;
        bool is_end = false;

        TRY(read_pair(rd, &seen, &key, &val, &is_end));
        if (is_end) break;
        val->line = key->line;
        strmap_put(rd->mem, &seen, key->text, val);
        *vec_push(rd->mem, &keys) = key->text;
        *vec_push(rd->mem, &items) = val;
    }
    node->items = items.p;
    node->keys = keys.p;
    node->n = items.n;
    *out = node;
    return NULL;
}

static Err *read_node(Reader *rd, yaml_event_t *ev, Yaml **out)
{
    Err *e = NULL;

    if (++rd->n_nodes > YAML_MAX_NODES) return refuse(rd, ev, "too many values in one file");
    if (++rd->depth > YAML_MAX_DEPTH) return refuse(rd, ev, "nested too deeply");
    switch (ev->type) {
    case YAML_SCALAR_EVENT: e = read_text(rd, ev, out); break;
    case YAML_SEQUENCE_START_EVENT: e = read_list(rd, ev, out); break;
    case YAML_MAPPING_START_EVENT: e = read_map(rd, ev, out); break;
    case YAML_ALIAS_EVENT: e = refuse(rd, ev, "aliases are not taken"); break;
    default: e = refuse(rd, ev, "a value is missing"); break;
    }
    rd->depth--;
    return e;
}

/* Stream start, document start, one node, document end, stream end. */
static Err *read_document(Reader *rd, Yaml **out)
{
    bool has_document = false;

    for (;;) {
        yaml_event_t ev;
        yaml_event_type_t type;
        Err *e = NULL;

        TRY(next_event(rd, &ev));
        type = ev.type;
        if (type == YAML_DOCUMENT_START_EVENT && has_document)
            e = refuse(rd, &ev, "a second document in the file");
        else if (type == YAML_DOCUMENT_START_EVENT)
            has_document = true;
        else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_END_EVENT &&
                 type != YAML_STREAM_END_EVENT) {
            e = read_node(rd, &ev, out);
        }
        yaml_event_delete(&ev);
        if (e) return e;
        if (type == YAML_STREAM_END_EVENT) return NULL;
    }
}

Err *yaml_read(Arena *mem, Str file, Str text, Yaml **out)
{
    Reader rd = {.mem = mem, .file = file};
    Err *e = NULL;

    *out = NULL;
    if (text.n > YAML_MAX_BYTES) {
        return yaml_problem_at(mem, file, 1, "error.meta.yaml", "larger than %u bytes", YAML_MAX_BYTES);
    }
    if (!utf8_is_valid(text)) return yaml_problem_at(mem, file, 1, "error.meta.yaml", "not valid UTF-8");
    REQUIRE(yaml_parser_initialize(&rd.parser));
    yaml_parser_set_encoding(&rd.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&rd.parser, (const unsigned char *)(text.p ? text.p : ""), text.n);
    e = read_document(&rd, out);
    yaml_parser_delete(&rd.parser);
    if (!e && !*out) *out = node_new(&rd, YAML_MAP, 1);
    return e;
}

Yaml *yaml_get(const Yaml *node, Str key)
{
    if (!node || node->kind != YAML_MAP) return NULL;
    for (size_t i = 0; i < node->n; i++) {
        if (str_eq(node->keys[i], key)) return node->items[i];
    }
    return NULL;
}
