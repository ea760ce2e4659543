/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Web forms as HTML.  Every text goes through `text`, which leaves nothing that HTML would read as its own; the policy of the
   page allows its one style sheet, by its hash, and nothing else. */
#include "api/form.h"
#include "api/html.h"

#include "base/limits.h"

typedef struct Html {
    Buf b;
    Arena *mem;
    const FormPage *page;
    const Form *form;
    bool is_plain; /* for another page: no classes, nothing of this moment */
    bool is_focused;
} Html;

static void raw(Html *h, const char *s)
{
    html_raw(&h->b, s);
}

static void text(Html *h, Str s)
{
    html_text(&h->b, s);
}

static void attribute(Html *h, const char *name, Str value)
{
    html_attribute(&h->b, name, value);
}

static Str word(Html *h, const char *key)
{
    return lang_text(h->mem, h->form->lang, str_c(key), NULL, 0);
}

/* One value is asked, of a stranger: "E-mail", not the "E-mails" of a record. */
static Str label_shown(Arena *mem, const Form *form, const FormAsk *ask)
{
    const char *key = ask->field->type == FIELD_EMAILS        ? "api.form.email"
                      : ask->field->type == FIELD_PHONES      ? "api.form.phone"
                      : ask->field->type == FIELD_PERSON_NAME ? "api.form.person"
                                                              : NULL;

    if (!key || !str_eq(ask->label, label_in(&ask->field->label, form->lang))) return ask->label;
    return lang_text(mem, form->lang, str_c(key), NULL, 0);
}

/* --- problems -------------------------------------------------------------------------------------------------------- */

static Str label_of(Arena *mem, const Form *form, Str field)
{
    for (size_t i = 0; i < form->n; i++)
        if (str_eq(form->asks[i].field->name, field)) return label_shown(mem, form, &form->asks[i]);
    return field;
}

Str form_problem(Arena *mem, const Form *form, const Err *e)
{
    Str args[ERR_ARGS];

    for (int i = 0; i < ERR_ARGS; i++)
        args[i] = e->field.n && str_eq(e->args[i], e->field) ? label_of(mem, form, e->field) : e->args[i];
    return lang_text(mem, form->lang, e->key, args, ERR_ARGS);
}

static const Err *problem_of(const Html *h, Str field)
{
    for (const Err *e = h->page ? h->page->problems : NULL; e; e = e->next)
        if (str_eq(e->field, field)) return e;
    return NULL;
}

static void write_problem(Html *h, Str field)
{
    const Err *e = problem_of(h, field);

    if (!e) return;
    raw(h, "<span class=\"e\"");
    attribute(h, "id", str_cat(h->mem, S("e-"), field));
    raw(h, ">");
    text(h, form_problem(h->mem, h->form, e));
    raw(h, "</span>");
}

/* --- fields ---------------------------------------------------------------------------------------------------------- */

static Str value_of(const FormValue *list, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].name, name)) return list[i].value;
    return (Str){0};
}

static Str sent(const Html *h, Str name)
{
    return h->page ? value_of(h->page->values, h->page->n_values, name) : (Str){0};
}

static bool was_sent(const Html *h, Str name, Str value)
{
    for (size_t i = 0; h->page && i < h->page->n_values; i++)
        if (str_eq(h->page->values[i].name, name) && str_eq(h->page->values[i].value, value)) return true;
    return false;
}

static void describe(Html *h, Str field, bool is_required, bool has_hint)
{
    bool is_bad = problem_of(h, field) != NULL;

    if (is_required) raw(h, " required");
    if (is_bad) raw(h, " aria-invalid=\"true\"");
    if (is_bad && !h->is_focused) raw(h, " autofocus");
    h->is_focused = h->is_focused || is_bad;
    if (!is_bad && !has_hint) return;
    raw(h, " aria-describedby=\"");
    if (has_hint) {
        raw(h, "h-");
        text(h, field);
    }
    if (is_bad) {
        raw(h, has_hint ? " e-" : "e-");
        text(h, field);
    }
    raw(h, "\"");
}

static void write_label(Html *h, const FormAsk *ask)
{
    text(h, label_shown(h->mem, h->form, ask));
    if (ask->is_required) raw(h, h->is_plain ? " *" : " <span class=\"r\" aria-hidden=\"true\">*</span>");
}

static void write_hint(Html *h, const FormAsk *ask)
{
    if (!ask->hint.n) return;
    raw(h, h->is_plain ? "<small" : "<span class=\"h\"");
    attribute(h, "id", str_cat(h->mem, S("h-"), ask->field->name));
    raw(h, ">");
    text(h, ask->hint);
    raw(h, h->is_plain ? "</small>" : "</span>");
}

static void write_input(Html *h, const FormAsk *ask)
{
    static const struct {
        FieldType type;
        const char *attributes;
    } KINDS[] = {
        {FIELD_EMAILS, " type=\"email\" autocomplete=\"email\" maxlength=\"254\""},
        {FIELD_PHONES, " type=\"tel\" autocomplete=\"tel\" maxlength=\"40\""},
        {FIELD_PERSON_NAME, " type=\"text\" autocomplete=\"name\" maxlength=\"200\""},
        {FIELD_URL, " type=\"text\" inputmode=\"url\" autocomplete=\"url\" maxlength=\"2000\""},
        {FIELD_INTEGER, " type=\"text\" inputmode=\"numeric\" maxlength=\"20\""},
        {FIELD_DECIMAL, " type=\"text\" inputmode=\"decimal\" maxlength=\"30\""},
        {FIELD_PERCENT, " type=\"text\" inputmode=\"decimal\" maxlength=\"30\""},
        {FIELD_MONEY, " type=\"text\" inputmode=\"decimal\" maxlength=\"30\""},
        {FIELD_DATE, " type=\"date\""},
    };
    const Field *f = ask->field;
    const char *kind = NULL;

    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        if (KINDS[i].type == f->type) kind = KINDS[i].attributes;
    raw(h, "<input");
    attribute(h, "id", str_cat(h->mem, S("f-"), f->name));
    attribute(h, "name", f->name);
    if (kind)
        raw(h, kind);
    else
        buf_addf(&h->b, " type=\"text\" maxlength=\"%lld\"%s", (long long)(f->max > 0 ? f->max : LIMIT_TEXT),
                 str_eq_c(f->name, "company") ? " autocomplete=\"organization\"" : "");
    if (sent(h, f->name).n) attribute(h, "value", sent(h, f->name));
    describe(h, f->name, ask->is_required, ask->hint.n > 0);
    raw(h, ">");
}

static void write_textarea(Html *h, const FormAsk *ask)
{
    raw(h, "<textarea rows=\"5\" maxlength=\"20000\"");
    attribute(h, "id", str_cat(h->mem, S("f-"), ask->field->name));
    attribute(h, "name", ask->field->name);
    describe(h, ask->field->name, ask->is_required, ask->hint.n > 0);
    raw(h, ">\n");
    text(h, sent(h, ask->field->name));
    raw(h, "</textarea>");
}

static void write_select(Html *h, const FormAsk *ask)
{
    const Field *f = ask->field;

    raw(h, "<select");
    attribute(h, "id", str_cat(h->mem, S("f-"), f->name));
    attribute(h, "name", f->name);
    describe(h, f->name, ask->is_required, ask->hint.n > 0);
    raw(h, "><option value=\"\"></option>");
    for (size_t i = 0; i < f->n_options; i++) {
        if (f->options[i].is_hidden) continue;
        raw(h, "<option");
        attribute(h, "value", f->options[i].key);
        if (was_sent(h, f->name, f->options[i].key)) raw(h, " selected");
        raw(h, ">");
        text(h, label_in(&f->options[i].label, h->form->lang));
        raw(h, "</option>");
    }
    raw(h, "</select>");
}

static void begin_check(Html *h, Str name, Str value)
{
    raw(h, h->is_plain ? "<label><input type=\"checkbox\"" : "<label class=\"c\"><input type=\"checkbox\"");
    attribute(h, "name", name);
    attribute(h, "value", value);
    if (was_sent(h, name, value)) raw(h, " checked");
}

static void write_choices(Html *h, const FormAsk *ask)
{
    const Field *f = ask->field;

    raw(h, h->is_plain ? "<fieldset><legend>" : "<fieldset class=\"f\"><legend>");
    write_label(h, ask);
    raw(h, "</legend>");
    write_hint(h, ask);
    for (size_t i = 0; i < f->n_options; i++) {
        if (f->options[i].is_hidden) continue;
        begin_check(h, f->name, f->options[i].key);
        describe(h, f->name, false, ask->hint.n > 0);
        raw(h, "> <span>");
        text(h, label_in(&f->options[i].label, h->form->lang));
        raw(h, "</span></label>");
    }
    write_problem(h, f->name);
    raw(h, "</fieldset>\n");
}

static void write_check(Html *h, const FormAsk *ask)
{
    raw(h, h->is_plain ? "<p>" : "<div class=\"f\">");
    begin_check(h, ask->field->name, S("true"));
    describe(h, ask->field->name, ask->is_required, ask->hint.n > 0);
    raw(h, "> <span>");
    write_label(h, ask);
    raw(h, "</span></label>");
    write_hint(h, ask);
    write_problem(h, ask->field->name);
    raw(h, h->is_plain ? "</p>\n" : "</div>\n");
}

static void write_ask(Html *h, const FormAsk *ask)
{
    if (ask->field->type == FIELD_MULTICHOICE) {
        write_choices(h, ask);
        return;
    }
    if (ask->field->type == FIELD_BOOLEAN) {
        write_check(h, ask);
        return;
    }
    raw(h, h->is_plain ? "<p><label" : "<div class=\"f\"><label");
    attribute(h, "for", str_cat(h->mem, S("f-"), ask->field->name));
    raw(h, ">");
    write_label(h, ask);
    raw(h, h->is_plain ? "</label><br>" : "</label>");
    write_hint(h, ask);
    if (ask->field->type == FIELD_LONGTEXT)
        write_textarea(h, ask);
    else if (ask->field->type == FIELD_CHOICE)
        write_select(h, ask);
    else
        write_input(h, ask);
    write_problem(h, ask->field->name);
    raw(h, h->is_plain ? "</p>\n" : "</div>\n");
}

static void write_consent(Html *h)
{
    Str words = form_text(h->form, "consent");

    if (!words.n) return;
    raw(h, h->is_plain ? "<p>" : "<div class=\"f\">");
    begin_check(h, S("_consent"), S("true"));
    describe(h, S("_consent"), form_flag(h->form, "consent_required"), false);
    raw(h, h->is_plain ? "> <span>" : "> <span class=\"pre\">");
    text(h, words);
    raw(h, "</span></label>");
    write_problem(h, S("_consent"));
    raw(h, h->is_plain ? "</p>\n" : "</div>\n");
}

/* A field no person sees; who fills it is a machine. */
static void write_trap(Html *h)
{
    raw(h, h->is_plain ? "<div style=\"position:absolute;left:-9999px\" aria-hidden=\"true\"><label>"
                       : "<div class=\"v\" aria-hidden=\"true\"><label>");
    text(h, word(h, "api.form.trap"));
    raw(h, " <input name=\"_homepage\" type=\"text\" tabindex=\"-1\" autocomplete=\"off\"></label></div>\n");
}

static void write_hidden(Html *h, Str name, Str value)
{
    if (!value.n) return;
    raw(h, "<input type=\"hidden\"");
    attribute(h, "name", name);
    attribute(h, "value", value);
    raw(h, ">\n");
}

static void write_origin(Html *h)
{
    const FormPage *page = h->page;

    if (!page) return;
    for (size_t i = 0; i < page->n_marks; i++)
        if (form_is_mark(page->marks[i].name) &&
            value_of(page->marks, i, page->marks[i].name).p == NULL) /* the first of a name */
            write_hidden(h, page->marks[i].name, page->marks[i].value);
    if (!value_of(page->marks, page->n_marks, S("landing_page")).n)
        write_hidden(h, S("landing_page"), page->landing);
    if (!value_of(page->marks, page->n_marks, S("referrer")).n)
        write_hidden(h, S("referrer"), page->referrer);
    write_hidden(h, S("_t"), page->stamp);
}

static void write_button(Html *h)
{
    Str words = form_text(h->form, "button");

    raw(h, "<button type=\"submit\">");
    text(h, words.n ? words : word(h, "api.form.send"));
    raw(h, "</button>\n</form>\n");
}

static void write_form(Html *h, Str action)
{
    raw(h, "<form method=\"post\" accept-charset=\"utf-8\"");
    attribute(h, "action", action);
    raw(h, ">\n");
    for (size_t i = 0; i < h->form->n; i++) write_ask(h, &h->form->asks[i]);
    write_consent(h);
    write_trap(h);
    write_origin(h);
    write_button(h);
}

/* --- pages ----------------------------------------------------------------------------------------------------------- */

/* "https://a.example" of an address; a browser holds the page it is sent on to against the policy, too. */
static Str site_of(Str address)
{
    ptrdiff_t scheme = str_find(address, S("://"));
    Str rest = scheme < 0 ? (Str){0} : str_from(address, (size_t)scheme + 3);
    size_t n = 0;

    while (n < rest.n && str_find_char(S("/?#"), rest.p[n]) < 0) n++;
    return scheme < 0 ? (Str){0} : str_sub(address, 0, (size_t)scheme + 3 + n);
}

static void add_policy(Req *rq, const Form *form)
{
    Buf b = buf_new(rq->mem, 8192);
    Str sites = form ? form_text(form, "origins") : (Str){0};
    bool is_framed = false;

    buf_addf(&b, "default-src 'none'; img-src data:; style-src '%.*s'; base-uri 'none'; form-action 'self'",
             SFMT(html_hash(rq->mem, html_style())));
    if (form) buf_addf(&b, " %.*s", SFMT(site_of(form_text(form, "redirect"))));
    buf_add(&b, S("; frame-ancestors"));
    while (sites.n && b.n < 4000) {
        Str line = str_trim(str_cut(&sites, '\n'));
        if (line.n) buf_addf(&b, " %.*s", SFMT(str_eq_c(line, "*") ? line : site_of(line)));
        is_framed = is_framed || line.n;
    }
    if (!is_framed) buf_add(&b, S(" 'none'"));
    reply_header(rq, S("Content-Security-Policy"), buf_str(&b));
    reply_header(rq, S("Referrer-Policy"), S("same-origin"));
    if (!is_framed) reply_header(rq, S("X-Frame-Options"), S("DENY"));
}

static void end_page(Req *rq, Html *h, const Form *form, int status)
{
    html_end(&h->b);
    rq->rp = (HttpReply){.status = status, .type = S("text/html; charset=utf-8"), .body = buf_str(&h->b)};
    add_policy(rq, form);
}

static Html html_new(Req *rq, const Form *form)
{
    return (Html){.b = buf_new(rq->mem, 1u << 20), .mem = rq->mem, .form = form};
}

static Str title_of(const Form *form)
{
    Str title = form_text(form, "title");

    return title.n ? title : form_text(form, "name");
}

void form_page(Req *rq, const FormPage *page, int status)
{
    Html h = html_new(rq, page->form);
    Str intro = form_text(page->form, "intro");

    h.page = page;
    html_begin(&h.b, page->form->lang, title_of(page->form), (Str){0});
    if (intro.n) {
        raw(&h, "<p class=\"pre\">");
        text(&h, intro);
        raw(&h, "</p>\n");
    }
    if (page->problems) {
        raw(&h, "<div class=\"top\" role=\"alert\">");
        text(&h, page->problems->field.n ? word(&h, "api.form.mend")
                                         : form_problem(rq->mem, page->form, page->problems));
        raw(&h, "</div>\n");
    }
    write_form(&h, str_cat(rq->mem, S("/f/"), form_text(page->form, "token")));
    end_page(rq, &h, page->form, status);
}

void form_message(Req *rq, const Form *form, Str title, Str words, int status)
{
    Html h = html_new(rq, form);

    html_begin(&h.b, form ? form->lang : rq->lang, title, (Str){0});
    raw(&h, "<p class=\"pre\" role=\"status\">");
    text(&h, words);
    raw(&h, "</p>\n");
    end_page(rq, &h, form, status);
}

Str form_snippet(Req *rq, const Form *form)
{
    Html h = html_new(rq, form);

    h.is_plain = true;
    write_form(&h, str_fmt(rq->mem, "%.*s/f/%.*s", SFMT(rq_own_origin(rq)), SFMT(form_text(form, "token"))));
    return buf_str(&h.b);
}
