/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What pages for strangers share: escaping, one look for light and dark, hashes for a policy that allows nothing else. */
#include "api/html.h"

#include <sodium.h>

#define STYLE                                                                                                             \
    ":root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#1b1f27;--dim:#5a6270;--line:#8a929f;--main:#2456d6;"  \
    "--on:#fff;--bad:#b3261e;--soft:#fdecea}"                                                                             \
    "@media(prefers-color-scheme:dark){:root{--bg:#12151b;--card:#1b1f27;--text:#eceff4;--dim:#a8b0bd;--line:#6d7583;"    \
    "--main:#8fb0ff;--on:#0d1526;--bad:#ffb4ab;--soft:#3a2022}}"                                                          \
    "*{box-sizing:border-box}"                                                                                            \
    "body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"     \
    "main{max-width:560px;margin:0 auto;padding:20px 16px 48px}"                                                          \
    "@media(min-width:640px){main{margin:40px auto;padding:32px 36px 40px;background:var(--card);border-radius:12px;"     \
    "box-shadow:0 1px 3px #0003}}"                                                                                        \
    "h1{margin:0 0 14px;font-size:24px;line-height:1.25;font-weight:650}p{margin:0 0 16px}.pre{white-space:pre-line}"     \
    ".f{margin:0 0 18px;border:0;padding:0;min-width:0}label,legend{display:block;margin:0 0 6px;padding:0;font-weight:"  \
    "550}.h{display:block;margin:-2px 0 6px;color:var(--dim);font-size:14px}"                                             \
    "input,select,textarea{width:100%;min-height:46px;padding:10px 12px;font:inherit;color:inherit;background:var(--"     \
    "card);border:1px solid var(--line);border-radius:8px}textarea{min-height:120px;resize:vertical}"                     \
    ".c{display:flex;gap:10px;align-items:flex-start;margin:0 0 6px;font-weight:400}.c input{flex:none;width:22px;min-"   \
    "height:22px;height:22px;margin:1px 0 0;accent-color:var(--main)}"                                                    \
    "[aria-invalid]{border-color:var(--bad);border-width:2px}.e{display:block;margin:6px 0 0;color:var(--bad);font-size:" \
    "14px}.top{margin:0 0 18px;padding:12px 14px;border-radius:8px;background:var(--soft);color:var(--bad)}"              \
    "button{width:100%;min-height:48px;padding:10px 20px;font:inherit;font-weight:600;color:var(--on);background:var(--"  \
    "main);border:0;border-radius:8px;cursor:pointer}"                                                                    \
    ":focus-visible{outline:3px solid var(--main);outline-offset:2px}.r{color:var(--bad)}"                                \
    ".v{position:absolute;left:-9999px;width:1px;height:1px;overflow:hidden}"

void html_raw(Buf *b, const char *s)
{
    buf_add(b, str_c(s));
}

void html_text(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&': html_raw(b, "&amp;"); break;
        case '<': html_raw(b, "&lt;"); break;
        case '>': html_raw(b, "&gt;"); break;
        case '"': html_raw(b, "&quot;"); break;
        case '\'': html_raw(b, "&#39;"); break;
        default:
            if ((unsigned char)s.p[i] >= ' ' || s.p[i] == '\n' || s.p[i] == '\t') buf_add_c(b, s.p[i]);
        }
    }
}

void html_attribute(Buf *b, const char *name, Str value)
{
    buf_addf(b, " %s=\"", name);
    html_text(b, value);
    buf_add_c(b, '"');
}

Str html_hash(Arena *mem, Str inlined)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    size_t size = sodium_base64_ENCODED_LEN(sizeof digest, sodium_base64_VARIANT_ORIGINAL);
    char *out = arena_alloc(mem, size);

    crypto_hash_sha256(digest, (const unsigned char *)inlined.p, inlined.n);
    sodium_bin2base64(out, size, digest, sizeof digest, sodium_base64_VARIANT_ORIGINAL);
    return str_cat(mem, S("sha256-"), str_c(out));
}

Str html_style(void)
{
    return S(STYLE);
}

void html_begin(Buf *b, Lang lang, Str title, Str extra)
{
    html_raw(b, "<!doctype html>\n<html");
    html_attribute(b, "lang", lang_code(lang));
    html_raw(
        b,
        "><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        "<meta name=\"robots\" content=\"noindex\"><link rel=\"icon\" href=\"data:,\"><title>");
    html_text(b, title);
    html_raw(b, "</title><style>" STYLE "</style>");
    if (extra.n) buf_addf(b, "<style>%.*s</style>", SFMT(extra));
    html_raw(b, "</head><body><main>\n<h1>");
    html_text(b, title);
    html_raw(b, "</h1>\n");
}

void html_end(Buf *b)
{
    html_raw(b, "</main></body></html>\n");
}
