/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The secret has to be readable to make codes of it, so it lies sealed in a table that no route, export or log reads.  A step that has
 * let somebody in lets nobody in again: whoever looked over the shoulder is too late. */

#include "core/factor.h"

#include "base/buf.h"
#include "core/secret.h"
#include "core/session_impl.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>

#define STEP_MS     30000
#define DIGITS      6
#define PAPER_BYTES 15 /* 120 bits: too many to guess, so a plain digest keeps them */
#define SHA1_BYTES  20

/* --- codes ----------------------------------------------------------------------------------------------------------- */

unsigned totp_code(const unsigned char secret[FACTOR_SECRET], uint64_t step)
{
    unsigned char counter[8], mac[SHA1_BYTES];

    for (int i = 0; i < 8; i++) counter[i] = (unsigned char)(step >> (56 - 8 * i));
    REQUIRE(gnutls_hmac_fast(GNUTLS_MAC_SHA1, secret, FACTOR_SECRET, counter, sizeof counter, mac) == 0);
    const unsigned char *at = mac + (mac[SHA1_BYTES - 1] & 15);
    uint32_t v = (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];

    return v % 1000000;
}

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

Str base32_text(Arena *mem, const unsigned char *bytes, size_t n)
{
    Buf b = buf_new(mem, n * 2 + 8);
    unsigned bits = 0, held = 0;

    for (size_t i = 0; i < n; i++) {
        held = (held << 8 | bytes[i]) & 0xffff;
        for (bits += 8; bits >= 5; bits -= 5) buf_add_c(&b, ALPHABET[held >> (bits - 5) & 31]);
    }
    if (bits) buf_add_c(&b, ALPHABET[held << (5 - bits) & 31]);
    return buf_str(&b);
}

bool base32_read(Str text, unsigned char *out, size_t n)
{
    unsigned bits = 0, held = 0;
    size_t made = 0;

    if (text.n != (n * 8 + 4) / 5) return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i] >= 'a' && text.p[i] <= 'z' ? (char)(text.p[i] - 32) : text.p[i];
        const char *found = c ? strchr(ALPHABET, c) : NULL;
        if (!found) return false;
        held = (held << 5 | (unsigned)(found - ALPHABET)) & 0xffff;
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        out[made++] = (unsigned char)(held >> bits & 255);
    }
    return made == n;
}

/* "123 456" as it is typed; -1 for what is no code. */
static int read_digits(Str code)
{
    int v = 0, n = 0;

    for (size_t i = 0; i < code.n; i++) {
        if (code.p[i] == ' ') continue;
        if (code.p[i] < '0' || code.p[i] > '9' || n == DIGITS) return -1;
        v = v * 10 + (code.p[i] - '0');
        n++;
    }
    return n == DIGITS ? v : -1;
}

/* The step near `now` and after `last` that `code` is of; 0 when there is none.  A clock may be half a minute off. */
static int64_t step_of(Str secret, Str code, int64_t now, int64_t last)
{
    unsigned char bytes[FACTOR_SECRET];
    int digits = read_digits(code);
    int64_t found = 0;

    if (digits < 0 || !base32_read(secret, bytes, sizeof bytes)) return 0;
    for (int64_t step = now / STEP_MS - 1; step <= now / STEP_MS + 1; step++)
        if (step > last && totp_code(bytes, (uint64_t)step) == (unsigned)digits && !found) found = step;
    sodium_memzero(bytes, sizeof bytes);
    return found;
}

/* --- rows ------------------------------------------------------------------------------------------------------------ */

typedef struct Row {
    bool has;
    Str secret, waiting, codes;
    int64_t since, last;
} Row;

static Err *read_row(Ctx *cx, Id user, Row *out)
{
    Val bind = val_int(user);
    DbRows *rows = NULL;

    *out = (Row){0};
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT secret, waiting, codes, since, last FROM second_factor WHERE user_id = ?1"), &bind,
                 1, &rows));
    TRY(db_next(rows, &out->has));
    if (!out->has) return NULL;
    out->secret = db_str(rows, 0);
    out->waiting = db_str(rows, 1);
    out->codes = db_str(rows, 2);
    out->since = db_i64(rows, 3);
    out->last = db_i64(rows, 4);
    bool more;
    return db_next(rows, &more);
}

Err *factor_get(Ctx *cx, Id user, Factor *out)
{
    Row row;

    TRY(read_row(cx, user, &row));
    *out = (Factor){.is_on = row.secret.n > 0, .since = row.since};
    for (Str rest = row.codes; rest.n;)
        if (str_cut(&rest, ' ').n) out->codes_left++;
    return NULL;
}

Err *factor_begin(Ctx *cx, Id user, Str *secret)
{
    unsigned char bytes[FACTOR_SECRET];
    Str sealed;

    REQUIRE(sodium_init() >= 0);
    randombytes_buf(bytes, sizeof bytes);
    *secret = base32_text(cx->mem, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    TRY(secret_seal(cx, S("second_factor"), user, *secret, &sealed));
    Val binds[] = {val_int(user), val_text(sealed)};

    return db_exec(
        cx->mem, cx->db,
        S("INSERT INTO second_factor (user_id, secret, waiting, codes, since, last) VALUES (?1, '', ?2, '', 0, "
          "0) ON CONFLICT (user_id) DO UPDATE SET waiting = ?2"),
        binds, 2, NULL);
}

/* New codes for paper; `*kept` is what the database holds of them. */
static Str *paper_codes(Arena *mem, Str *kept)
{
    Str *codes = NEW_N(mem, Str, FACTOR_CODES);
    Buf b = buf_new(mem, 4096);

    for (size_t i = 0; i < FACTOR_CODES; i++) {
        unsigned char bytes[PAPER_BYTES];
        randombytes_buf(bytes, sizeof bytes);
        codes[i] = base32_text(mem, bytes, sizeof bytes);
        buf_addf(&b, "%s%.*s", i ? " " : "", SFMT(token_hash(mem, codes[i])));
    }
    *kept = buf_str(&b);
    return codes;
}

Err *factor_confirm(Ctx *cx, Id user, Str code, Str **codes)
{
    Row row;
    Str kept, secret;

    *codes = NULL;
    TRY(read_row(cx, user, &row));
    if (!row.waiting.n) FAIL(cx->mem, ERR_CONFLICT, "error.factor.none", "no secret waits");
    TRY(secret_open(cx, S("second_factor"), user, row.waiting, &secret));
    int64_t step = step_of(secret, code, cx->now, 0);
    if (!step) return NULL;
    *codes = paper_codes(cx->mem, &kept);
    Val binds[] = {val_int(user), val_text(row.waiting), val_text(kept), val_int(cx->now), val_int(step)};

    return db_exec(
        cx->mem, cx->db,
        S("UPDATE second_factor SET secret = ?2, waiting = '', codes = ?3, since = ?4, last = ?5 WHERE user_id = "
          "?1"),
        binds, 5, NULL);
}

Err *factor_remove(Ctx *cx, Id user)
{
    Val bind = val_int(user);

    return db_exec(cx->mem, cx->db, S("DELETE FROM second_factor WHERE user_id = ?1"), &bind, 1, NULL);
}

/* --- signing in ------------------------------------------------------------------------------------------------------ */

/* As it was printed, with what people put between. */
static Str paper_text(Arena *mem, Str code)
{
    Buf b = buf_new(mem, code.n + 1);

    for (size_t i = 0; i < code.n; i++) {
        char c = code.p[i];
        if (c != ' ' && c != '-') buf_add_c(&b, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
    return buf_str(&b);
}

/* Takes the code out of those that are left. */
static Err *use_paper(Ctx *cx, Id user, const Row *row, Str code, bool *is_good)
{
    Str hash = token_hash(cx->mem, paper_text(cx->mem, str_sub(code, 0, 100)));
    Buf left = buf_new(cx->mem, row->codes.n + 1);

    *is_good = false;
    for (Str rest = row->codes; rest.n;) {
        Str one = str_cut(&rest, ' ');
        if (str_eq(one, hash))
            *is_good = true;
        else
            buf_addf(&left, "%s%.*s", left.n ? " " : "", SFMT(one));
    }
    if (!*is_good) return NULL;
    Val binds[] = {val_int(user), val_text(buf_str(&left)), val_text(row->codes)};
    int64_t changed = 0;

    TRY(db_exec(cx->mem, cx->db, S("UPDATE second_factor SET codes = ?2 WHERE user_id = ?1 AND codes = ?3"),
                binds, 3, &changed));
    *is_good = changed == 1;
    return NULL;
}

Err *factor_check(Ctx *cx, Id user, Str code, FactorCheck *out)
{
    Row row;
    Str secret;
    bool is_good = false;

    *out = FACTOR_NONE;
    TRY(read_row(cx, user, &row));
    if (!row.secret.n) return NULL;
    *out = FACTOR_MISSING;
    if (!str_trim(code).n) return NULL;
    TRY(secret_open(cx, S("second_factor"), user, row.secret, &secret));
    int64_t step = step_of(secret, code, cx->now, row.last);
    if (step) {
        Val binds[] = {val_int(user), val_int(step)};
        int64_t changed = 0;
        TRY(db_exec(cx->mem, cx->db, S("UPDATE second_factor SET last = ?2 WHERE user_id = ?1 AND last < ?2"),
                    binds, 2, &changed));
        is_good = changed == 1;
    } else if (read_digits(code) < 0) {
        TRY(use_paper(cx, user, &row, code, &is_good));
    }
    *out = is_good ? FACTOR_GOOD : FACTOR_WRONG;
    return NULL;
}
