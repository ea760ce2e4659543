/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenAPI 3.1 of this installation: the table of routes once for every object the caller may read, and two schemas an
   object, what is read and what may be written.  Custom objects are in it like the others. */
#include "api/spine.h"

#include "api/openapi_text.h"
#include "base/limits.h"
#include "core/rights.h"

#include <string.h>

typedef struct Doc {
    JsonWriter *w;
    Ctx *cx;
    Arena *mem;
} Doc;

/* --- helpers --------------------------------------------------------------------------------------------------------- */

/* "deal_line" -> "DealLine" */
static Str camel(Arena *mem, Str name)
{
    Buf b = buf_new(mem, name.n + 1);
    bool is_up = true;

    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == '_') {
            is_up = true;
            continue;
        }
        buf_add_c(&b, is_up && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
        is_up = false;
    }
    return buf_str(&b);
}

/* A fixed text: ' is ", {O} the object's schema. */
static Str shape(Doc *d, const char *text, const Object *obj)
{
    Str name = obj ? camel(d->mem, obj->name) : (Str){0};
    Buf b = buf_new(d->mem, 1u << 16);

    for (const char *p = text; *p; p++) {
        if (strncmp(p, "{O}", 3) == 0) {
            buf_add(&b, name);
            p += 2;
        } else {
            buf_add_c(&b, *p == '\'' ? '"' : *p);
        }
    }
    return buf_str(&b);
}

static void raw(Doc *d, const char *text)
{
    json_raw(d->w, shape(d, text, NULL));
}

/* --- schemas of fields ----------------------------------------------------------------------------------------------- */

static void write_enum(Doc *d, const Field *f, bool with_null)
{
    json_key_c(d->w, "enum");
    json_open_list(d->w);
    for (size_t i = 0; i < f->n_options; i++) json_str(d->w, f->options[i].key);
    if (with_null) json_null(d->w);
    json_close_list(d->w);
}

/* The members of a schema that follow from the type alone; NULL where options or more are needed. */
static const char *plain_schema(const Field *f, bool is_write)
{
    switch (f->result) {
    case FIELD_INTEGER: return "'type':['integer','null']";
    case FIELD_DECIMAL:
    case FIELD_PERCENT:
        return is_write ? "'type':['string','number','null']"
                        : "'type':['string','null'],'pattern':'^-?[0-9]+(\\\\.[0-9]+)?$'";
    case FIELD_MONEY:
        return is_write ? "'$ref':'#/components/schemas/MoneyWrite'"
                        : "'anyOf':[{'$ref':'#/components/schemas/Money'},{'type':'null'}]";
    case FIELD_BOOLEAN: return "'type':['boolean','null']";
    case FIELD_DATE: return "'type':['string','null'],'format':'date'";
    case FIELD_TIMESTAMP: return "'type':['string','null'],'format':'date-time'";
    case FIELD_TIME: return "'type':['string','null'],'pattern':'^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$'";
    case FIELD_DURATION:
        return is_write ? "'type':['string','null']"
                        : "'type':['string','null'],'pattern':'^-?[0-9]+(\\\\.[0-9]+)?s$'";
    case FIELD_PERSON_NAME: return "'anyOf':[{'$ref':'#/components/schemas/PersonName'},{'type':'null'}]";
    case FIELD_EMAILS:
    case FIELD_PHONES:
    case FIELD_HANDLES:
        return is_write ? "'$ref':'#/components/schemas/LabelledTextsWrite'"
                        : "'type':['array','null'],'items':{'$ref':'#/components/schemas/LabelledText'}";
    case FIELD_ADDRESSES:
        return "'type':['array','null'],'items':{'$ref':'#/components/schemas/LabelledAddress'}";
    case FIELD_IDENTIFIER:
        return is_write ? "'type':['array','string','null'],'items':{}"
                        : "'type':['array','null'],'items':{'$ref':'#/components/schemas/Identifier'}";
    case FIELD_REFERENCE:
    case FIELD_USER:
    case FIELD_ANY_REFERENCE:
        return is_write ? "'$ref':'#/components/schemas/ReferenceWrite'"
                        : "'anyOf':[{'$ref':'#/components/schemas/Reference'},{'type':'null'}]";
    case FIELD_LINKS:
        return is_write ? "'type':['array','null'],'items':{}"
                        : "'type':['array','null'],'items':{'$ref':'#/components/schemas/Link'}";
    case FIELD_FILE:
        return is_write ? "'$ref':'#/components/schemas/ReferenceWrite'"
                        : "'anyOf':[{'$ref':'#/components/schemas/FileReference'},{'type':'null'}]";
    case FIELD_TAGS: return "'type':['array','null'],'items':{'type':'string'}";
    case FIELD_AUTONUMBER: return "'type':['string','integer','null']";
    case FIELD_CHOICE:
    case FIELD_MULTICHOICE:
    case FIELD_JSON: return NULL;
    default: return "'type':['string','null']";
    }
}

static void write_members(Doc *d, const Field *f, bool is_write)
{
    const char *plain = plain_schema(f, is_write);

    if (plain) {
        Str text = shape(d, plain, NULL);
        json_key_c(d->w, "title"); /* the first member, so that the rest may follow as it stands */
        json_str(d->w, label_in(&f->label, LANG_EN));
        buf_add_c(d->w->b, ',');
        buf_add(d->w->b, text);
    } else if (f->result == FIELD_CHOICE) {
        json_pair_str(d->w, "title", label_in(&f->label, LANG_EN));
        if (f->n_options) write_enum(d, f, true);
    } else if (f->result == FIELD_MULTICHOICE) {
        json_pair_str(d->w, "title", label_in(&f->label, LANG_EN));
        json_key_c(d->w, "type");
        raw(d, "['array','null']");
        json_key_c(d->w, "items");
        json_open_obj(d->w);
        if (f->n_options) write_enum(d, f, false);
        json_close_obj(d->w);
    } else {
        json_pair_str(d->w, "title", label_in(&f->label, LANG_EN));
    }
}

static void write_field(Doc *d, const Field *f, bool is_write)
{
    Str help = label_in(&f->help, LANG_EN);

    json_key(d->w, f->name);
    json_open_obj(d->w);
    write_members(d, f, is_write);
    if (help.n) json_pair_str(d->w, "description", help);
    if (!is_write && (f->is_computed || f->is_readonly)) json_pair_bool(d->w, "readOnly", true);
    json_close_obj(d->w);
}

static void write_object_schema(Doc *d, const Object *obj, bool is_write)
{
    json_key(d->w, str_fmt(d->mem, "%.*s%s", SFMT(camel(d->mem, obj->name)), is_write ? "Write" : ""));
    json_open_obj(d->w);
    json_pair_str(d->w, "type", S("object"));
    json_key_c(d->w, "description");
    Str help = label_in(&obj->help, LANG_EN);
    json_str(d->w, help.n ? help : label_in(&obj->label, LANG_EN));
    if (!is_write) {
        json_key_c(d->w, "required");
        raw(d, "['id','version']");
    }
    json_key_c(d->w, "properties");
    json_open_obj(d->w);
    json_key_c(d->w, "id");
    raw(d, "{'type':'string','description':'13 characters'}");
    json_key_c(d->w, "version");
    raw(d, "{'type':'integer'}");
    if (!object_field(obj, S("label"))) {
        json_key_c(d->w, "label");
        raw(d, "{'type':['string','null']}");
    }
    if (!is_write) {
        json_key_c(d->w, "warnings");
        raw(d, "{'$ref':'#/components/schemas/Warnings'}");
    }
    for (size_t i = SYS_VERSION + 1; i < obj->n_fields; i++)
        if (rights_field(d->cx, &obj->fields[i]) != FIELD_HIDDEN) write_field(d, &obj->fields[i], is_write);
    json_close_obj(d->w);
    json_pair_bool(d->w, "additionalProperties", false);
    json_close_obj(d->w);
}

/* --- operations ------------------------------------------------------------------------------------------------------ */

static void write_parameter_ref(Doc *d, const char *name)
{
    json_open_obj(d->w);
    json_pair_str(d->w, "$ref", str_fmt(d->mem, "#/components/parameters/%s", name));
    json_close_obj(d->w);
}

static void write_parameters(Doc *d, const Route *r)
{
    Str rest = str_c(r->params);
    bool is_write = strcmp(r->method, "GET") != 0;

    json_key_c(d->w, "parameters");
    json_open_list(d->w);
    if (strstr(r->pattern, "{id}")) write_parameter_ref(d, "path_id");
    if (strstr(r->pattern, "{token}")) write_parameter_ref(d, "path_token");
    if (strstr(r->pattern, "{object}")) write_parameter_ref(d, "path_object");
    if (strstr(r->pattern, "{field}")) write_parameter_ref(d, "path_field");
    if (str_eq_c(rest, "*")) rest = (Str){0};
    while (rest.n) write_parameter_ref(d, str_to_c(d->mem, str_cut(&rest, ' ')));
    if (strcmp(r->name, "update") == 0 || strcmp(r->name, "delete") == 0) write_parameter_ref(d, "if_match");
    if (strcmp(r->name, "uploadFile") == 0) write_parameter_ref(d, "file_name");
    if (is_write && r->right != RIGHT_OPEN && r->right != RIGHT_MAYBE)
        write_parameter_ref(d, "idempotency_key");
    json_close_list(d->w);
}

static void write_content(Doc *d, const char *text, const Object *obj, bool has_file)
{
    bool is_json = text[0] == '{';

    json_key_c(d->w, "content");
    json_open_obj(d->w);
    json_key(d->w, is_json ? S("application/json") : str_c(text));
    json_open_obj(d->w);
    json_key_c(d->w, "schema");
    if (is_json)
        json_raw(d->w, shape(d, text, obj));
    else
        raw(d, "{'type':'string'}");
    json_close_obj(d->w);
    if (has_file) {
        json_key_c(d->w, "application/pdf");
        raw(d, "{'schema':{'type':'string'}}");
    }
    json_close_obj(d->w);
}

/* Answers 202 with an operation when there is much to do. */
static bool may_be_long(const RouteDoc *doc)
{
    return strncmp(doc->name, "batch", 5) == 0 || strcmp(doc->name, "export") == 0 ||
           strcmp(doc->name, "delete") == 0 || strcmp(doc->name, "merge") == 0;
}

static void write_responses(Doc *d, const RouteDoc *doc, const Object *obj, const Action *action)
{
    json_key_c(d->w, "responses");
    json_open_obj(d->w);
    json_key(d->w, str_fmt(d->mem, "%d", doc->status));
    json_open_obj(d->w);
    json_pair_str(d->w, "description", doc->reply ? S("Done.") : S("Done; nothing to say."));
    if (doc->reply) write_content(d, doc->reply, obj, action && action->answers_file);
    json_close_obj(d->w);
    if (may_be_long(doc)) {
        json_key_c(d->w, "202");
        raw(d,
            "{'description':'Left to an operation.','content':{'application/json':{'schema':{'$ref':'#/components/schemas/Operation'}}}}");
    }
    if (doc->has_etag) {
        json_key_c(d->w, "304");
        raw(d, "{'description':'As it was.'}");
    }
    if (strcmp(doc->name, "get") == 0) {
        json_key_c(d->w, "308");
        raw(d,
            "{'description':'Merged into the record that Location names.','headers':{'Location':{'schema':{'type':'string'}}}}");
    }
    json_key_c(d->w, "4XX");
    raw(d, "{'$ref':'#/components/responses/Problem'}");
    json_key_c(d->w, "5XX");
    raw(d, "{'$ref':'#/components/responses/Problem'}");
    json_close_obj(d->w);
}

static void write_security(Doc *d, const Route *r)
{
    if (r->right != RIGHT_OPEN && r->right != RIGHT_MAYBE) return;
    json_key_c(d->w, "security");
    json_open_list(d->w);
    if (r->right == RIGHT_MAYBE) raw(d, "{},{'session':[]}");
    json_close_list(d->w);
}

static void write_operation(Doc *d, const Route *r, const Object *obj, const Action *action)
{
    const RouteDoc *doc = route_doc(r->name);

    REQUIRE(doc != NULL);
    json_key(d->w, str_lower_ascii(d->mem, str_c(r->method)));
    json_open_obj(d->w);
    json_key_c(d->w, "operationId");
    if (action && obj)
        json_str(d->w, str_fmt(d->mem, "%.*s_%s", SFMT(obj->name), action->name));
    else
        json_str(d->w, obj ? str_fmt(d->mem, "%s_%.*s", r->name, SFMT(obj->plural)) : str_c(r->name));
    json_key_c(d->w, "tags");
    json_open_list(d->w);
    json_str(d->w, obj ? obj->plural : str_c(doc->tag));
    json_close_list(d->w);
    Str summary = action ? str_c(action->label[LANG_EN]) : str_c(doc->summary);
    json_pair_str(d->w, "summary", summary.n ? summary : str_c(r->name));
    json_pair_str(d->w, "description", doc->description[0] ? str_c(doc->description) : summary);
    write_security(d, r);
    write_parameters(d, r);
    if (doc->body) {
        json_key_c(d->w, "requestBody");
        json_open_obj(d->w);
        json_pair_bool(d->w, "required", !action);
        write_content(d, doc->body, obj, false);
        json_close_obj(d->w);
    }
    write_responses(d, doc, obj, action);
    json_close_obj(d->w);
}

/* --- paths ----------------------------------------------------------------------------------------------------------- */

typedef struct PathEntry {
    const Route *route;
    const Object *obj;
    const Action *action;
} PathEntry;

typedef struct PathItem {
    Str path;
    VEC(PathEntry) entries;
} PathItem;

static Str fill_pattern(Doc *d, const Route *r, const Object *obj, const Action *action)
{
    Buf b = buf_new(d->mem, 1000);

    if (!r->is_root) buf_add(&b, S("/api/v1"));
    for (const char *p = r->pattern; *p; p++) {
        bool is_plural = strncmp(p, "{plural}", 8) == 0, is_name = strncmp(p, "{name}", 6) == 0;
        if (is_plural)
            buf_add(&b, obj->plural);
        else if (is_name)
            buf_add(&b, str_c(action->name));
        else
            buf_add_c(&b, *p);
        p += is_plural ? 7 : is_name ? 5 : 0;
    }
    return buf_str(&b);
}

static void add_path(Doc *d, StrMap *map, const Route *r, const Object *obj, const Action *action)
{
    Str path = fill_pattern(d, r, obj, action);
    PathItem *item = strmap_get(map, path);

    if (!item) {
        item = NEW(d->mem, PathItem);
        item->path = path;
        strmap_put(d->mem, map, path, item);
    }
    for (size_t i = 0; i < item->entries.n; i++) /* an address of its own goes before that of all objects */
        if (strcmp(item->entries.p[i].route->method, r->method) == 0) return;
    *vec_push(d->mem, &item->entries) = (PathEntry){r, obj, action};
}

static void add_actions(Doc *d, StrMap *map, const Route *r, const Object *obj)
{
    const Store *store = d->cx->store;

    for (size_t m = 0; m < store->n_modules; m++)
        for (size_t i = 0; i < store->modules[m]->n_actions; i++)
            if (action_is_of(&store->modules[m]->actions[i], obj))
                add_path(d, map, r, obj, &store->modules[m]->actions[i]);
}

static bool is_shown(const Doc *d, const Object *obj)
{
    return !obj->is_internal && rights_may(d->cx, obj, VERB_READ);
}

static void add_route(Doc *d, StrMap *map, const Route *r)
{
    if (!strstr(r->pattern, "{plural}")) {
        add_path(d, map, r, NULL, NULL);
        return;
    }
    for (size_t i = 0; i < d->cx->meta->n_objects; i++) {
        const Object *obj = d->cx->meta->objects[i];
        if (!is_shown(d, obj)) continue;
        if (strstr(r->pattern, "{name}"))
            add_actions(d, map, r, obj);
        else
            add_path(d, map, r, obj, NULL);
    }
}

static void write_paths(Doc *d)
{
    StrMap map = {0};

    for (size_t t = 0; all_routes[t]; t++)
        for (const Route *r = all_routes[t]; r->method; r++) add_route(d, &map, r);
    json_key_c(d->w, "paths");
    json_open_obj(d->w);
    for (size_t i = 0; i < map.n; i++) {
        const PathItem *item = map.entries[i].val;
        json_key(d->w, item->path);
        json_open_obj(d->w);
        for (size_t k = 0; k < item->entries.n; k++)
            write_operation(d, item->entries.p[k].route, item->entries.p[k].obj, item->entries.p[k].action);
        json_close_obj(d->w);
    }
    json_close_obj(d->w);
}

/* --- components ------------------------------------------------------------------------------------------------------ */

static void write_params(Doc *d)
{
    json_key_c(d->w, "parameters");
    json_open_obj(d->w);
    for (const ParamDoc *p = param_docs; p->name; p++) {
        json_key(d->w, str_c(p->name));
        json_open_obj(d->w);
        json_pair_str(d->w, "name", str_c(p->name));
        json_pair_str(d->w, "in", S("query"));
        json_pair_str(d->w, "description", str_c(p->description));
        json_key_c(d->w, "schema");
        raw(d, p->schema);
        json_close_obj(d->w);
    }
    json_key_c(d->w, "path_id");
    raw(d,
        "{'name':'id','in':'path','required':true,'description':'13 characters of Crockford base 32.','schema':{'type':'string'}}");
    json_key_c(d->w, "path_token");
    raw(d,
        "{'name':'token','in':'path','required':true,'description':'Token of the form.','schema':{'type':'string'}}");
    json_key_c(d->w, "path_object");
    raw(d,
        "{'name':'object','in':'path','required':true,'description':'Plural name of the object.','schema':{'type':'string'}}");
    json_key_c(d->w, "path_field");
    raw(d,
        "{'name':'field','in':'path','required':true,'description':'Name of the field.','schema':{'type':'string'}}");
    json_key_c(d->w, "if_match");
    raw(d,
        "{'name':'If-Match','in':'header','description':'The version the change is for, in double quotes.','schema':{'type':'string'}}");
    json_key_c(d->w, "idempotency_key");
    raw(d,
        "{'name':'Idempotency-Key','in':'header','description':'The same key does the same request once; kept for 24 hours.',"
        "'schema':{'type':'string','maxLength':255}}");
    json_key_c(d->w, "file_name");
    raw(d,
        "{'name':'X-File-Name','in':'header','required':true,'description':'Name of the file, percent-encoded UTF-8.','schema':{'type':'string'}}");
    json_close_obj(d->w);
}

static void write_components(Doc *d)
{
    json_key_c(d->w, "components");
    json_open_obj(d->w);
    json_key_c(d->w, "securitySchemes");
    raw(d, "{'bearer':{'type':'http','scheme':'bearer','description':'An API key.'},"
           "'session':{'type':'apiKey','in':'cookie','name':'kith_session'}}");
    json_key_c(d->w, "responses");
    raw(d,
        "{'Problem':{'description':'A problem document (RFC 9457).','content':{'application/problem+json':{'schema':"
        "{'$ref':'#/components/schemas/Problem'}}}}}");
    write_params(d);
    json_key_c(d->w, "schemas");
    json_open_obj(d->w);
    for (size_t i = 0; i < d->cx->meta->n_objects; i++) {
        if (!is_shown(d, d->cx->meta->objects[i])) continue;
        write_object_schema(d, d->cx->meta->objects[i], false);
        write_object_schema(d, d->cx->meta->objects[i], true);
    }
    for (const char *const *part = common_schemas; *part; part++) {
        buf_add_c(d->w->b, ',');
        buf_add(d->w->b, shape(d, *part, NULL));
    }
    json_close_obj(d->w);
    json_close_obj(d->w);
}

static void write_tag(Doc *d, Str name, Str description)
{
    json_open_obj(d->w);
    json_pair_str(d->w, "name", name);
    json_pair_str(d->w, "description", description);
    json_close_obj(d->w);
}

static void write_tags(Doc *d)
{
    static const char *const OTHERS[][2] = {
        {"changes", "The change log, the live feed, taking back"},
        {"meta", "Objects and fields of this installation"},
        {"search", "Search"},
        {"today", "The home page"},
        {"forecast", "The forecast of sales"},
        {"receivables", "What customers owe"},
        {"buying", "How customers buy"},
        {"reports", "Figures of sales by period"},
        {"rights", "Rights explained"},
        {"me", "The caller"},
        {"mail", "E-mail of the program to its people"},
        {"sign-in", "Sessions, passwords, setup"},
        {"duplicates", "Records that may be the same"},
        {"imports", "Imports"},
        {"forms", "Web forms"},
        {"offers", "Quotes shown to customers"},
        {"backups", "Backups"},
        {"operations", "Long work"},
        {"system", "Health and metrics"},
    };

    json_key_c(d->w, "tags");
    json_open_list(d->w);
    for (size_t i = 0; i < d->cx->meta->n_objects; i++)
        if (is_shown(d, d->cx->meta->objects[i]))
            write_tag(d, d->cx->meta->objects[i]->plural,
                      label_in(&d->cx->meta->objects[i]->label_plural, LANG_EN));
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        write_tag(d, str_c(OTHERS[i][0]), str_c(OTHERS[i][1]));
    json_close_list(d->w);
}

void openapi_write(Ctx *cx, Buf *out)
{
    JsonWriter w = json_writer(out);
    Doc d = {.w = &w, .cx = cx, .mem = cx->mem};

    json_open_obj(&w);
    json_pair_str(&w, "openapi", S("3.1.0"));
    json_key_c(&w, "info");
    raw(&d,
        "{'title':'Kith','version':'1','description':'A complete CRM. Conditions are CEL; errors are problem documents; lists are under data.',"
        "'license':{'name':'GPL-3.0-or-later','identifier':'GPL-3.0-or-later'},'contact':{'name':'The administrator of this installation'}}");
    json_key_c(&w, "servers");
    raw(&d, "[{'url':'/','description':'This installation'}]");
    json_key_c(&w, "security");
    raw(&d, "[{'bearer':[]},{'session':[]}]");
    write_tags(&d);
    write_paths(&d);
    write_components(&d);
    json_close_obj(&w);
}

static Err *run_openapi(Req *rq, Ctx *cx)
{
    JsonWriter *w = reply_begin(rq, 200);
    Buf b = buf_new(rq->mem, LIMIT_REPLY);

    openapi_write(cx, &b);
    json_raw(w, buf_str(&b));
    reply_if_none_match(rq, str_fmt(rq->mem, "%016llx", (unsigned long long)str_hash(buf_str(&b))));
    return NULL;
}

const Route openapi_routes[] = {
    {.method = "GET",
     .pattern = "/openapi.json",
     .name = "getOpenapi",
     .right = RIGHT_USER,
     .steps = {{WHERE_PLAIN, run_openapi}}},
    {0},
};
