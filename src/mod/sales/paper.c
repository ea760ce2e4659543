/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents made of quotes, orders, invoices and contracts: the template is chosen and filled, set on paper, and kept.  The same
   content is kept once: asking again gives the document that is there. */
#include "mod/sales/paper.h"
#include "mod/sales/sales_impl.h"

#include "base/embed.h"
#include "core/file.h"
#include "core/paper/paper.h"
#include "core/rights.h"
#include "core/store.h"

#define FILLED_MAX ((size_t)4 << 20)

static const struct {
    const char *kind, *object, *file;
} KINDS[] = {
    {"proposal", "quote", "proposal"},
    {"order", "order", "order"},
    {"act", "order", "act"},
    {"invoice", "invoice", "invoice"},
    {"proforma", "invoice", "invoice"},
    {"credit_note", "invoice", "invoice"},
    {"contract", "contract", "contract"},
};

static size_t find_kind(Str kind)
{
    size_t i = 0;

    while (i < sizeof KINDS / sizeof *KINDS && !str_eq_c(kind, KINDS[i].kind)) i++;
    return i;
}

const char *paper_object(Str kind)
{
    size_t i = find_kind(kind);

    return i < sizeof KINDS / sizeof *KINDS ? KINDS[i].object : NULL;
}

/* --- templates ------------------------------------------------------------------------------------------------------- */

static Str built_in(Arena *mem, Str kind, Lang lang)
{
    size_t i = find_kind(kind);

    if (i == sizeof KINDS / sizeof *KINDS) return (Str){0};
    const Embed *file =
        embed_find(str_fmt(mem, "mod/sales/paper/%s.%.*s.tpl", KINDS[i].file, SFMT(lang_code(lang))));
    return file ? (Str){(const char *)file->data, file->size} : (Str){0};
}

Err *paper_template(Ctx *cx, Str kind, Lang *lang, Id company, Record **rec, Str *body)
{
    Val binds[] = {val_text(kind), val_text(lang_code(*lang)), val_int(company)}, id = {0};

    *rec = NULL;
    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT id FROM \"document_template\" WHERE kind = ?1 AND language = ?2 AND is_active = 1 AND "
          "deleted_at IS NULL AND (own_company = ?3 OR own_company IS NULL) ORDER BY CASE WHEN own_company IS "
          "NULL THEN 1 ELSE 0 END, id DESC LIMIT 1"),
        binds, 3, &id));
    if (id.kind == VAL_INT) TRY(record_get(cx, meta_object(cx->meta, S("document_template")), id.i, 0, rec));
    *body = *rec ? text_in(*rec, "body") : (Str){0};
    if (!body->n) *body = built_in(cx->mem, kind, *lang);
    if (!body->n) FAIL(cx->mem, ERR_CONFLICT, "error.paper.template", "no template of %.*s", SFMT(kind));
    return NULL;
}

static Err *check_body(Ctx *cx, Str kind, Str body)
{
    const char *name = paper_object(kind);
    PaperEnv of = {cx->meta, name ? meta_object(cx->meta, str_c(name)) : NULL};
    Template *t = NULL;

    if (!of.obj) return NULL;
    TRY(template_parse(cx->mem, body, &t));
    CelEnv env = paper_env(&of);
    return template_check(cx->mem, t, &env, paper_is_form);
}

/* A template reads what it names whoever makes the document. */
Err *document_template_before(Ctx *cx, Record *rec, const Record *before)
{
    bool may = cx->actor->is_system || (cx->actor->rights && cx->actor->rights->is_administrator);
    Str kind = text_in(rec, "kind");

    (void)before;
    if (!may) FAIL(cx->mem, ERR_DENIED, "error.paper.administrator", "templates are the administrator's");
    if (!text_in(rec, "body").n)
        record_set(rec, "body", val_text(built_in(cx->mem, kind, lang_from(text_in(rec, "language")))));
    Err *e = check_body(cx, kind, text_in(rec, "body"));
    for (Err *p = e; p; p = p->next)
        if (p->code == ERR_INVALID) err_field(p, S("body"));
    return e;
}

/* --- making ---------------------------------------------------------------------------------------------------------- */

/* What is made of a record before it is kept. */
typedef struct Made {
    const Record *rec;
    Str kind, source_hash, name;
    Lang lang;
    Id known; /* a document of the same content */
    Id template;
    Str pdf, sha256;
} Made;

/* The customer's language, where we have it; else our company's. */
static Lang choose_language(Ctx *cx, const Record *account, const Record *contact, const Record *own)
{
    const Record *who[] = {contact, account, own};

    for (size_t i = 0; i < 3; i++) {
        Str code = who[i] ? text_in(who[i], "language") : (Str){0};
        if (code.n && str_eq(lang_code(lang_from(code)), code)) return lang_from(code);
    }
    return lang_from(cx->store->company->locale);
}

static Err *language_of(Ctx *cx, const Record *rec, Lang *out)
{
    Record *own = NULL, *account = NULL, *contact = NULL;

    TRY(sales_read(cx, rec, "own_company", &own));
    TRY(sales_read(cx, rec, "account", &account));
    if (object_field(rec->obj, S("contact"))) TRY(sales_read(cx, rec, "contact", &contact));
    *out = choose_language(cx, account, contact, own);
    return NULL;
}

static Err *read_logo(Paper *p, Str *out)
{
    Val file = p->own ? record_get_val(p->own, "logo") : val_null();
    Record *rec = NULL;

    *out = (Str){0};
    if (val_is_null(file)) return NULL;
    Err *e = record_get(p->cx, meta_object(p->cx->meta, S("file")), file.i, 0, &rec);
    if (!e) e = file_get(p->cx, text_in(rec, "hash"), out);
    return e && e->code != ERR_NOT_FOUND ? e : NULL;
}

/* "Proposal Q-2026-0001 v2" in the document's language. */
static Str name_of(const Paper *p, const Object *document)
{
    const Field *kinds = object_field(document, S("kind")),
                *revisions = object_field(p->rec->obj, S("revision"));
    const Option *option = field_option(kinds, p->kind);
    Str kind = option ? label_in(&option->label, p->lang) : p->kind;
    Val revision = revisions ? p->rec->vals[revisions->index] : val_null();
    bool is_later = revision.kind == VAL_INT && revision.i > 1;

    return str_fmt(p->cx->mem, "%.*s %.*s%.*s", SFMT(kind), SFMT(text_in(p->rec, "number")),
                   SFMT(is_later ? str_fmt(p->cx->mem, " (%lld)", (long long)revision.i) : (Str){0}));
}

static Err *fill(Paper *p, Str body, Str *out)
{
    PaperEnv of = {p->cx->meta, p->rec->obj};
    CelEnv env = paper_env(&of);
    CelScope scope = paper_scope(p);
    TemplateFill how = {.scope = &scope, .arg = p, .put = paper_put, .max = FILLED_MAX};
    Template *t = NULL;

    TRY(template_parse(p->cx->mem, body, &t));
    TRY(template_check(p->cx->mem, t, &env, paper_is_form));
    return template_fill(p->cx->mem, t, &how, out);
}

static Err *find_known(Ctx *cx, Made *made)
{
    Val bind = val_text(made->source_hash), id = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT id FROM \"document\" WHERE source_hash = ?1 AND deleted_at IS NULL ORDER BY id DESC LIMIT 1"),
        &bind, 1, &id));
    made->known = id.kind == VAL_INT ? id.i : 0;
    return NULL;
}

static Err *known_file(Ctx *cx, Made *made)
{
    Record *doc = NULL;

    TRY(record_get(cx, meta_object(cx->meta, S("document")), made->known, 0, &doc));
    made->sha256 = text_in(doc, "hash");
    return file_get(cx, made->sha256, &made->pdf);
}

/* `cx` is of the system. */
static Err *make(Ctx *cx, const Record *rec, Str kind, const Lang *wanted, Made *out)
{
    Paper paper = {0};
    Record *template = NULL;
    Str body = {0}, text = {0}, logo = {0}, qr;
    Lang lang = wanted ? *wanted : LANG_EN;

    if (!wanted) TRY(language_of(cx, rec, &lang));
    Val company = record_get_val(rec, "own_company");
    TRY(paper_template(cx, kind, &lang, company.kind == VAL_REF ? company.i : 0, &template, &body));
    TRY(paper_open(cx, rec, kind, lang, &paper));
    TRY(fill(&paper, body, &text));
    TRY(read_logo(&paper, &logo));
    qr = paper_payment(&paper);
    Str parts[] = {id_text(cx->mem, rec->id), kind, lang_code(lang), text, file_hash(cx->mem, logo), qr};
    *out = (Made){.rec = rec,
                  .kind = kind,
                  .lang = lang,
                  .template = template ? template->id : 0,
                  .name = name_of(&paper, meta_object(cx->meta, S("document"))),
                  .source_hash = file_hash(cx->mem, str_join(cx->mem, parts, 6, S("\n")))};
    TRY(find_known(cx, out));
    if (out->known) return known_file(cx, out);
    PaperIn in = {.title = out->name, .lang = lang, .now = cx->now, .logo = logo, .qr = qr};
    TRY(paper_pdf(cx->mem, text, &in, &out->pdf));
    out->sha256 = file_hash(cx->mem, out->pdf);
    return NULL;
}

/* --- keeping --------------------------------------------------------------------------------------------------------- */

static void copy_ref(Record *to, const char *field, const Record *from, const char *source)
{
    if (object_field(from->obj, str_c(source))) record_set(to, field, record_get_val(from, source));
}

static Err *keep_file(Ctx *cx, const Made *made, Record **out)
{
    Record *file = record_new(cx->mem, meta_object(cx->meta, S("file")));

    record_set(file, "name", val_text(str_cat(cx->mem, made->name, S(".pdf"))));
    record_set(file, "type", val_text(S("application/pdf")));
    record_set(file, "size", val_int((int64_t)made->pdf.n));
    record_set(file, "hash", val_text(made->sha256));
    record_set(file, "about", val_ref(made->rec->obj->number, made->rec->id));
    record_set(file, "owner", record_get_val(made->rec, "owner"));
    *out = file;
    return sales_save(cx, file);
}

static Err *keep(Ctx *cx, const Made *made, Record **out)
{
    static const char *const LINKS[] = {"quote", "order", "invoice", "contract"};
    Record *doc = record_new(cx->mem, meta_object(cx->meta, S("document"))), *file = NULL;
    const Record *rec = made->rec;

    TRY(keep_file(cx, made, &file));
    record_set(doc, "name", val_text(made->name));
    record_set(doc, "kind", val_text(made->kind));
    record_set(doc, "language", val_text(lang_code(made->lang)));
    record_set(doc, "hash", val_text(made->sha256));
    record_set(doc, "source_hash", val_text(made->source_hash));
    record_set(doc, "file", val_ref(file->obj->number, file->id));
    if (made->template)
        record_set(doc, "template",
                   val_ref(meta_object(cx->meta, S("document_template"))->number, made->template));
    copy_ref(doc, "number", rec, "number");
    copy_ref(doc, "revision", rec, "revision");
    copy_ref(doc, "account", rec, "account");
    copy_ref(doc, "owner", rec, "owner");
    for (size_t i = 0; i < sizeof LINKS / sizeof *LINKS; i++)
        if (str_eq_c(rec->obj->name, LINKS[i])) record_set(doc, LINKS[i], val_ref(rec->obj->number, rec->id));
    *out = doc;
    return sales_save(cx, doc);
}

/* --- actions --------------------------------------------------------------------------------------------------------- */

static Str usual_kind(const Record *rec)
{
    if (str_eq(rec->obj->name, S("quote"))) return S("proposal");
    return str_eq(rec->obj->name, S("invoice")) ? text_in(rec, "kind") : rec->obj->name;
}

static Err *make_as_system(Ctx *cx, const Record *rec, Str kind, Val language, Made *out)
{
    Ctx *system = NEW(cx->mem, Ctx);
    Str code = language.kind == VAL_TEXT ? val_str(language) : (Str){0};
    Lang lang = lang_from(code);

    if (code.n && !str_eq(lang_code(lang), code))
        FAIL_FIELD(cx->mem, S("language"), "error.paper.language", "language %.*s", SFMT(code));
    *system = ctx_as_system(cx);
    return make(system, rec, kind, code.n ? &lang : NULL, out);
}

static Err *prepare(Ctx *cx, const Record *rec, Str kind, Val language, Prepared *out)
{
    Made *made = NEW(cx->mem, Made);

    TRY(make_as_system(cx, rec, kind, language, made));
    *out = (Prepared){.bytes = made->pdf,
                      .sha256 = made->sha256,
                      .type = S("application/pdf"),
                      .name = str_cat(cx->mem, made->name, S(".pdf")),
                      .own = made};
    return NULL;
}

/* What was prepared, unless the record has changed since. */
static Err *made_of(Ctx *cx, const Record *rec, Str kind, Val language, Made **out)
{
    const Prepared *prepared = cx->prepared;
    Str sha256 = {0};

    *out = prepared ? prepared->own : NULL;
    if (*out && (*out)->rec->version == rec->version && !(*out)->known) {
        TRY(find_known(cx, *out)); /* another one was quicker */
        return NULL;
    }
    if (*out && (*out)->rec->version == rec->version) return NULL;
    *out = NEW(cx->mem, Made);
    TRY(make_as_system(cx, rec, kind, language, *out));
    return (*out)->known ? NULL : file_put(cx, (*out)->pdf, &sha256);
}

Err *paper_make(Ctx *cx, Record *rec, Str kind, Val language, Record **out)
{
    Ctx system = ctx_as_system(cx);
    Made *made = NULL;

    TRY(made_of(cx, rec, kind, language, &made));
    if (made->known) return record_get(&system, meta_object(cx->meta, S("document")), made->known, 0, out);
    return keep(cx, made, out);
}

static Err *answer(Ctx *cx, Record *rec, Str kind, Val language, Val *out)
{
    ValPair *pairs = NEW_N(cx->mem, ValPair, 2);
    Record *doc = NULL;

    TRY(paper_make(cx, rec, kind, language, &doc));
    pairs[0] = (ValPair){val_text(S("document")), val_ref(doc->obj->number, doc->id)};
    pairs[1] = (ValPair){val_text(S("file")), record_get_val(doc, "file")};
    *out = val_map(pairs, 2);
    return NULL;
}

Err *paper_prepare(Ctx *cx, Record *rec, const Val *params, Prepared *out)
{
    return prepare(cx, rec, usual_kind(rec), params[0], out);
}

Err *paper_render(Ctx *cx, Record *rec, const Val *params, Val *out)
{
    return answer(cx, rec, usual_kind(rec), params[0], out);
}

Err *paper_prepare_act(Ctx *cx, Record *rec, const Val *params, Prepared *out)
{
    return prepare(cx, rec, S("act"), params[0], out);
}

Err *paper_render_act(Ctx *cx, Record *rec, const Val *params, Val *out)
{
    return answer(cx, rec, S("act"), params[0], out);
}
