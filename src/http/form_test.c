/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of forms: what browsers send is read, what they would not is refused whole. */
#include "http/form.h"

#include "base/tap.h"

#define MULTIPART "multipart/form-data; boundary=xx"

static Str shown(Arena *mem, const char *type, Str body)
{
    HttpPair *pairs = NULL;
    size_t n = 0;
    Str out = S("");
    Err *e = form_read(mem, str_c(type), body, &pairs, &n);

    if (e) return e->status ? str_fmt(mem, "%d", e->status) : str_copy(mem, e->key);
    for (size_t i = 0; i < n; i++)
        out = str_fmt(mem, "%.*s[%.*s=%.*s]", SFMT(out), SFMT(pairs[i].name), SFMT(pairs[i].value));
    return out;
}

TEST(reads_what_is_urlencoded)
{
    const char *type = "Application/X-www-form-urlencoded; charset=UTF-8";

    CHECK_STR(shown(mem, type, S("a=1&b=2+3&a=%D0%96%2B")), "[a=1][b=2 3][a=Ж+]");
    CHECK_STR(shown(mem, type, S("&&x&=y&z=")), "[x=][=y][z=]");
    CHECK_STR(shown(mem, type, S("")), "");
    CHECK_STR(shown(mem, type, S("a=%0")), "error.form.body");
    CHECK_STR(shown(mem, type, S("a=%00")), "error.form.body");
    CHECK_STR(shown(mem, type, S("a=\xff")), "error.form.body");
    CHECK_STR(shown(mem, "text/plain", S("a=1")), "415");
}

TEST(reads_parts_but_no_files)
{
    Str two =
        S("--xx\r\nContent-Disposition: form-data; name=\"a%22\"\r\n\r\none\r\n\r\ntwo\r\n"
          "--xx\r\ncontent-disposition: form-data;name=b\r\nContent-Type: text/plain\r\n\r\n\r\n--xx--\r\n");

    CHECK_STR(shown(mem, MULTIPART, two), "[a\"=one\r\n\r\ntwo][b=]");
    CHECK_STR(shown(mem, MULTIPART, S("--xx--")), "");
    CHECK_STR(shown(mem, MULTIPART,
                    S("--xx\r\nContent-Disposition: form-data; name=f; filename=\"\"\r\n\r\n\r\n--xx--")),
              "");
    CHECK_STR(shown(mem, MULTIPART,
                    S("--xx\r\nContent-Disposition: form-data; name=f; filename=\"a\"\r\n\r\nb\r\n--xx--")),
              "error.form.body");
    CHECK_STR(shown(mem, MULTIPART, str_sub(two, 0, two.n - 10)), "error.form.body");
    CHECK_STR(shown(mem, MULTIPART, S("--xy--")), "error.form.body");
    CHECK_STR(shown(mem, "multipart/form-data", two), "error.form.body");
}

TEST(finds_the_query_of_an_address)
{
    HttpPair *pairs = NULL;
    size_t n = 0;

    form_query_of(mem, S("https://a.example/?utm_source=x%20y#z?utm_source=no"), &pairs, &n);
    NEED(n == 1);
    CHECK_STR(pairs[0].value, "x y");
    form_query_of(mem, S("https://a.example/?a=%zz"), &pairs, &n);
    CHECK_EQ_INT(n, 0);
}
