/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Webhook secrets and signatures.  The key of the HMAC is what the base64 behind "whsec_" says, not its text; the signed
   content is the id, the time of the attempt and the body, so that neither can be changed or sent again later unnoticed. */
#include "svc/sign.h"

#include "base/buf.h"

#include <sodium.h>

#define KEY_BYTES 32
#define KEY_MAX   128
#define BASE64    sodium_base64_VARIANT_ORIGINAL

static Str base64(Arena *mem, const unsigned char *bytes, size_t n)
{
    size_t room = sodium_base64_encoded_len(n, BASE64);
    char *text = NEW_N(mem, char, room);

    sodium_bin2base64(text, room, bytes, n, BASE64);
    return (Str){text, room - 1};
}

Str webhook_secret_new(Arena *mem)
{
    unsigned char key[KEY_BYTES];

    randombytes_buf(key, sizeof key);
    Str secret = str_cat(mem, S(WEBHOOK_SECRET_PREFIX), base64(mem, key, sizeof key));
    sodium_memzero(key, sizeof key);
    return secret;
}

static Err *key_of(Arena *mem, Str secret, unsigned char key[KEY_MAX], size_t *n)
{
    size_t prefix = sizeof WEBHOOK_SECRET_PREFIX - 1;
    Str text = str_from(secret, prefix);

    if (!str_starts(secret, S(WEBHOOK_SECRET_PREFIX)) ||
        sodium_base642bin(key, KEY_MAX, text.p, text.n, NULL, n, NULL, BASE64))
        FAIL(mem, ERR_INTERNAL, "error.internal", "a webhook has no secret");
    return NULL;
}

static void update(crypto_auth_hmacsha256_state *state, Str s)
{
    crypto_auth_hmacsha256_update(state, (const unsigned char *)s.p, s.n);
}

Err *webhook_signature(Arena *mem, Str id, int64_t seconds, Str body, const Str *secrets, size_t n, Str *out)
{
    Str head = str_fmt(mem, "%.*s.%lld.", SFMT(id), (long long)seconds);
    unsigned char key[KEY_MAX], sum[crypto_auth_hmacsha256_BYTES];
    Buf b = buf_new(mem, 4096);
    size_t length = 0;

    for (size_t i = 0; i < n; i++) {
        crypto_auth_hmacsha256_state state;
        TRY(key_of(mem, secrets[i], key, &length));
        crypto_auth_hmacsha256_init(&state, key, length);
        update(&state, head);
        update(&state, body);
        crypto_auth_hmacsha256_final(&state, sum);
        buf_addf(&b, "%sv1,%.*s", i ? " " : "", SFMT(base64(mem, sum, sizeof sum)));
    }
    sodium_memzero(key, sizeof key);
    *out = buf_str(&b);
    return NULL;
}
