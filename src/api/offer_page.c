/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of a quote as HTML.  It works without scripts; the one it has lets a signature be drawn, and is named in the policy by
   its hash like the styles. */
#include "api/offer.h"

#define STYLE                                                                                                          \
    "@media(min-width:640px){main{max-width:760px}}.m{color:var(--dim);margin:-8px 0 18px}"                            \
    ".s{margin:0 0 20px;padding:12px 14px;border-radius:8px;border:1px solid var(--line)}"                             \
    ".ok{border-color:#1a7f4b}.b{display:inline-block;margin:0 0 20px;padding:10px 18px;border:1px solid var(--line);" \
    "border-radius:8px;color:inherit;text-decoration:none;font-weight:550}"                                            \
    "table{width:100%;border-collapse:collapse;margin:0 0 16px}th,td{padding:8px 6px;text-align:left;vertical-align:"  \
    "top;border-bottom:1px solid var(--line)}th{font-size:14px;color:var(--dim);font-weight:550}"                      \
    ".n{text-align:right;white-space:nowrap}tfoot td{border:0;padding:4px 6px}.t{font-weight:650}"                     \
    "small{display:block;color:var(--dim)}h2{margin:28px 0 12px;font-size:19px}details{margin:18px 0 0}summary{"       \
    "cursor:pointer;padding:8px 0;font-weight:550}canvas{display:block;width:100%;max-width:600px;background:#fff;"    \
    "border:1px solid var(--line);border-radius:8px;touch-action:none}.w{width:auto;min-height:40px;margin:8px 0 0;"   \
    "background:none;color:inherit;border:1px solid var(--line);font-weight:400}"                                      \
    "@media(max-width:520px){.q{display:none}}"

#define SCRIPT                                                                                                          \
    "var c=document.getElementById('pad'),i=document.getElementById('sig'),x=c.getContext('2d'),a=[],d=0;"              \
    "document.getElementById('box').hidden=false;x.lineWidth=2.5;x.lineCap='round';x.strokeStyle='#123';"               \
    "function p(e){var r=c.getBoundingClientRect();return[Math.max(0,Math.min(600,Math.round((e.clientX-r.left)*600/r." \
    "width))),Math.max(0,Math.min(200,Math.round((e.clientY-r.top)*200/r.height)))]}"                                   \
    "function s(){i.value=a.map(function(l){return l.map(function(q){return q.join(',')}).join(' ')}).join(';').slice(" \
    "0,19000)}"                                                                                                         \
    "c.onpointerdown=function(e){d=1;c.setPointerCapture(e.pointerId);a.push([p(e)])};"                                 \
    "c.onpointermove=function(e){if(!d)return;var l=a[a.length-1],q=l[l.length-1],n=p(e);if(q[0]===n[0]&&q[1]===n[1])"  \
    "return;x.beginPath();x.moveTo(q[0],q[1]);x.lineTo(n[0],n[1]);x.stroke();l.push(n);s()};"                           \
    "c.onpointerup=c.onpointercancel=function(){d=0};"                                                                  \
    "document.getElementById('wipe').onclick=function(){a=[];x.clearRect(0,0,600,200);s()}"

typedef struct Sheet {
    Buf b;
    Req *rq;
    const Val *offer;
    Lang lang;
} Sheet;

static void raw(Sheet *p, const char *s)
{
    html_raw(&p->b, s);
}

static void text(Sheet *p, Str s)
{
    html_text(&p->b, s);
}

static Str field(const Sheet *p, const char *name)
{
    return offer_text(p->offer, name);
}

static void word_with(Sheet *p, const char *key, Str first, Str second)
{
    Str args[] = {first, second};

    text(p, lang_text(p->rq->mem, p->lang, str_c(key), args, 2));
}

static void word(Sheet *p, const char *key)
{
    word_with(p, key, (Str){0}, (Str){0});
}

static void paragraph(Sheet *p, const char *kind, const char *key, Str first, Str second)
{
    buf_addf(&p->b, "<p class=\"%s\" role=\"status\">", kind);
    word_with(p, key, first, second);
    raw(p, "</p>\n");
}

static void write_state(Sheet *p, Str said)
{
    Str state = field(p, "state"), who = field(p, "answered_by");

    if (said.n) {
        bool is_done = str_starts(said, S("api.offer.done"));
        paragraph(p, is_done ? "s ok" : "top", str_to_c(p->rq->mem, said), (Str){0}, (Str){0});
    }
    if (str_eq_c(state, "accepted"))
        paragraph(p, "s ok", who.n ? "api.offer.accepted_by" : "api.offer.accepted", field(p, "answered"),
                  who);
    if (str_eq_c(state, "declined")) paragraph(p, "s", "api.offer.declined", field(p, "answered"), (Str){0});
    if (str_eq_c(state, "expired"))
        paragraph(p, "top", "api.offer.expired", field(p, "until"), field(p, "seller"));
    if (str_eq_c(state, "superseded"))
        paragraph(p, "top", "api.offer.superseded", field(p, "seller"), (Str){0});
}

static void cell(Sheet *p, const char *kind, Str s)
{
    buf_addf(&p->b, "<td%s%s%s>", kind[0] ? " class=\"" : "", kind, kind[0] ? "\"" : "");
    text(p, s);
    raw(p, "</td>");
}

static void head(Sheet *p, const char *kind, const char *key)
{
    buf_addf(&p->b, "<th scope=\"col\"%s%s%s>", kind[0] ? " class=\"" : "", kind, kind[0] ? "\"" : "");
    word(p, key);
    raw(p, "</th>");
}

static void write_line(Sheet *p, const Val *line)
{
    Str note = offer_text(line, "note");

    raw(p, "<tr><td>");
    text(p, offer_text(line, "name"));
    if (note.n) {
        raw(p, "<small>");
        text(p, note);
        raw(p, "</small>");
    }
    raw(p, "</td>");
    cell(p, "n", offer_text(line, "quantity"));
    cell(p, "n q", offer_text(line, "price"));
    cell(p, "n", offer_text(line, "total"));
    raw(p, "</tr>\n");
}

static void write_total(Sheet *p, const char *kind, const char *key, Str amount)
{
    if (!amount.n) return;
    raw(p, "<tr><td></td><td class=\"q\"></td>");
    buf_addf(&p->b, "<td class=\"%s\">", kind);
    word(p, key);
    raw(p, "</td>");
    cell(p, kind, amount);
    raw(p, "</tr>\n");
}

static void write_lines(Sheet *p)
{
    const Val *lines = val_get(p->offer, S("lines"));

    raw(p, "<table><thead><tr>");
    head(p, "", "api.offer.item");
    head(p, "n", "api.offer.quantity");
    head(p, "n q", "api.offer.price");
    head(p, "n", "api.offer.amount");
    raw(p, "</tr></thead><tbody>\n");
    for (uint32_t i = 0; lines && lines->kind == VAL_LIST && i < lines->n; i++)
        write_line(p, &lines->list[i]);
    raw(p, "</tbody><tfoot>\n");
    write_total(p, "n", "api.offer.net", field(p, "net"));
    write_total(p, "n", "api.offer.tax", field(p, "tax"));
    write_total(p, "n t", "api.offer.total", field(p, "gross"));
    raw(p, "</tfoot></table>\n");
    if (field(p, "terms").n) {
        raw(p, "<h2>");
        word(p, "api.offer.terms");
        raw(p, "</h2><p class=\"pre\">");
        text(p, field(p, "terms"));
        raw(p, "</p>\n");
    }
}

static void begin_form(Sheet *p, const char *answer)
{
    raw(p, "<form method=\"post\" accept-charset=\"utf-8\"");
    html_attribute(&p->b, "action", str_fmt(p->rq->mem, "/q/%.*s", SFMT(p->rq->name)));
    buf_addf(&p->b, "><input type=\"hidden\" name=\"answer\" value=\"%s\">\n", answer);
}

static void label(Sheet *p, const char *of, const char *key)
{
    buf_addf(&p->b, "<label for=\"%s\">", of);
    word(p, key);
    raw(p, "</label>");
}

static void end_form(Sheet *p, const char *key)
{
    raw(p, "<button type=\"submit\">");
    word(p, key);
    raw(p, "</button></form>\n");
}

static void write_accept(Sheet *p)
{
    raw(p, "<h2>");
    word(p, "api.offer.accept_title");
    raw(p, "</h2>\n");
    begin_form(p, "accept");
    raw(p, "<div class=\"f\">");
    label(p, "name", "api.offer.your_name");
    raw(p, "<input id=\"name\" name=\"name\" type=\"text\" autocomplete=\"name\" maxlength=\"200\"></div>\n"
           "<div class=\"f\" id=\"box\" hidden>");
    label(p, "pad", "api.offer.draw");
    raw(p, "<canvas id=\"pad\" width=\"600\" height=\"200\"></canvas><input type=\"hidden\" id=\"sig\" "
           "name=\"signature\"><button type=\"button\" class=\"w\" id=\"wipe\">");
    word(p, "api.offer.wipe");
    raw(p, "</button></div>\n<p class=\"h\">");
    word_with(p, "api.offer.kept", field(p, "buyer"), (Str){0});
    raw(p, "</p>\n");
    end_form(p, "api.offer.accept");
}

static void write_words(Sheet *p, const char *answer, const char *title, const char *of, const char *button)
{
    raw(p, "<details><summary>");
    word(p, title);
    raw(p, "</summary>\n");
    begin_form(p, answer);
    raw(p, "<div class=\"f\">");
    label(p, answer, of);
    buf_addf(&p->b, "<textarea id=\"%s\" name=\"text\" rows=\"4\" maxlength=\"4000\"></textarea></div>\n",
             answer);
    end_form(p, button);
    raw(p, "</details>\n");
}

static void add_policy(Req *rq, bool has_script)
{
    Str policy =
        str_fmt(rq->mem,
                "default-src 'none'; img-src data:; style-src '%.*s' '%.*s'; %s%.*s%sbase-uri 'none'; "
                "form-action 'self'; frame-ancestors 'none'",
                SFMT(html_hash(rq->mem, html_style())), SFMT(html_hash(rq->mem, S(STYLE))),
                has_script ? "script-src '" : "", SFMT(has_script ? html_hash(rq->mem, S(SCRIPT)) : (Str){0}),
                has_script ? "'; " : "");

    reply_header(rq, S("Content-Security-Policy"), policy);
    reply_header(rq, S("Referrer-Policy"), S("same-origin")); /* without it forms are sent from nowhere */
    reply_header(rq, S("X-Frame-Options"), S("DENY"));
    reply_header(rq, S("X-Robots-Tag"), S("noindex"));
}

static Sheet begin(Req *rq, const Val *offer, Lang lang, Str title)
{
    Sheet p = {.b = buf_new(rq->mem, 4u << 20), .rq = rq, .offer = offer, .lang = lang};

    html_begin(&p.b, lang, title, S(STYLE));
    return p;
}

static void finish(Sheet *p, bool has_script, int status)
{
    if (has_script) raw(p, "<script>" SCRIPT "</script>");
    html_end(&p->b);
    p->rq->rp = (HttpReply){.status = status, .type = S("text/html; charset=utf-8"), .body = buf_str(&p->b)};
    add_policy(p->rq, has_script);
}

void offer_page(Req *rq, const Val *offer, Str said, int status)
{
    Sheet p = begin(rq, offer, lang_from(offer_text(offer, "language")), offer_text(offer, "title"));
    bool is_open = str_eq_c(field(&p, "state"), "open");

    raw(&p, "<p class=\"m\">");
    word_with(&p, "api.offer.parties", field(&p, "seller"), field(&p, "buyer"));
    raw(&p, "<br>");
    text(&p, field(&p, "date"));
    if (field(&p, "until").n && is_open) {
        raw(&p, " · ");
        word_with(&p, "api.offer.until", field(&p, "until"), (Str){0});
    }
    raw(&p, "</p>\n");
    write_state(&p, said);
    raw(&p, "<a class=\"b\"");
    html_attribute(&p.b, "href", str_fmt(rq->mem, "/q/%.*s/file", SFMT(rq->name)));
    raw(&p, ">");
    word(&p, "api.offer.download");
    raw(&p, "</a>\n");
    write_lines(&p);
    if (is_open) {
        write_accept(&p);
        write_words(&p, "decline", "api.offer.decline_title", "api.offer.reason", "api.offer.decline");
    }
    write_words(&p, "comment", "api.offer.comment_title", "api.offer.comment", "api.offer.send");
    finish(&p, is_open, status);
}

void offer_message(Req *rq, Str title, Str words, int status)
{
    Sheet p = begin(rq, NULL, rq->lang, title);

    raw(&p, "<p class=\"pre\" role=\"status\">");
    text(&p, words);
    raw(&p, "</p>\n");
    finish(&p, false, status);
}
