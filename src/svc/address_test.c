/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which addresses are near, and which URLs may be saved. */
#include "svc/address.h"

#include "base/tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static bool is_private(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) return address_is_private((const void *)&v4);
    REQUIRE(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
    return address_is_private((const void *)&v6);
}

TEST(near_addresses_are_private)
{
    static const char *const NEAR[] = {
        "0.0.0.0",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.1.2.3",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2002:c0a8:101::",
        "2001::1",
        "2001:10::1",
        "2001:db8::1",
        "3fff::1",
        "100::1",
    };

    for (size_t i = 0; i < sizeof NEAR / sizeof *NEAR; i++)
        if (!CHECK(is_private(NEAR[i]))) tap_check_str(str_c(NEAR[i]), S("private"), __FILE__, __LINE__, "");
}

TEST(the_internet_is_not)
{
    static const char *const FAR[] = {
        "1.1.1.1",          "8.8.8.8",         "9.255.255.255",
        "11.0.0.1",         "100.63.255.255",  "100.128.0.1",
        "126.255.255.255",  "128.0.0.1",       "169.253.255.255",
        "172.15.255.255",   "172.32.0.1",      "192.0.1.1",
        "192.167.255.255",  "192.169.0.1",     "198.17.255.255",
        "198.20.0.1",       "223.255.255.255", "2606:4700:4700::1111",
        "2a00:1450:4001::", "::ffff:8.8.8.8",  "2001:200::1",
        "64:ff9b::808:808", "2002:808:808::1", "3ffe::1",
    };

    for (size_t i = 0; i < sizeof FAR / sizeof *FAR; i++)
        if (!CHECK(!is_private(FAR[i]))) tap_check_str(str_c(FAR[i]), S("public"), __FILE__, __LINE__, "");
}

static Str refusal(Arena *mem, const char *url, bool allow_http, bool allow_private)
{
    Err *e = webhook_url_check(mem, str_c(url), allow_http, allow_private);

    return e ? e->key : (Str){0};
}

TEST(urls_that_may_be_saved)
{
    CHECK_STR(refusal(mem, "https://example.com/hook?a=1", false, false), "");
    CHECK_STR(refusal(mem, "https://пример.рф/крюк", false, false), "");
    CHECK_STR(refusal(mem, "https://8.8.8.8:8443/", false, false), "");
    CHECK_STR(refusal(mem, "http://example.com/", true, false), "");
    CHECK_STR(refusal(mem, "http://127.0.0.1:9000/", true, true), "");
    CHECK_STR(refusal(mem, "https://localhost.example.com/", false, false), "");
}

TEST(urls_that_may_not)
{
    static const char *const NEAR[] = {
        "https://127.0.0.1/",         "https://localhost/",  "https://LOCALHOST:8443/x",
        "https://a.localhost/",       "https://localhost./", "https://[::1]/",
        "https://[::ffff:10.0.0.1]/", "https://0x7f.1/",     "https://2130706433/",
        "https://0177.0.0.1/",        "https://10.1.2.3/",   "https://169.254.169.254/latest/meta-data/",
    };
    static const char *const NONE[] = {
        "",
        "example.com hook",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://",
        "gopher://x/",
        "https://example.com/\r\nX-Evil: 1",
        "javascript:alert(1)",
    };

    for (size_t i = 0; i < sizeof NEAR / sizeof *NEAR; i++)
        CHECK_STR(refusal(mem, NEAR[i], false, false), "error.webhook.private");
    for (size_t i = 0; i < sizeof NONE / sizeof *NONE; i++)
        CHECK_STR(refusal(mem, NONE[i], true, true), "error.webhook.url");
    CHECK_STR(refusal(mem, "http://example.com/", false, false), "error.webhook.http");
    CHECK_STR(refusal(mem, "https://me:secret@example.com/", false, false), "error.webhook.login");
    CHECK_STR(refusal(mem, "https://me@example.com/", false, false), "error.webhook.login");
}
