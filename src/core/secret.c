/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A sealed value is the text "sealed:KEY:BASE64" of a nonce and what libsodium's XChaCha20-Poly1305 makes of the plain text;
 * table and row are authenticated with it, so that a value put into another row does not open.  Keys are read from their file
 * each time: it is small, and whoever exchanges it need tell nobody, also not another process. */

#include "core/secret.h"

#include "base/buf.h"
#include "core/folder.h"
#include "core/store.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE     crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG       crypto_aead_xchacha20poly1305_ietf_ABYTES
#define BASE64    sodium_base64_VARIANT_ORIGINAL
#define KEYS_MAX  64
#define FILE_MAX  16384
#define ID_BYTES  8
#define PREFIX    "sealed:"
#define SETTING   "secret.key"

typedef struct Key {
    Str id;
    unsigned char bytes[KEY_BYTES];
} Key;

typedef struct Keys {
    Str path;
    bool has_file;
    size_t n;
    Key key[KEYS_MAX];
} Keys;

/* --- the file -------------------------------------------------------------------------------------------------------- */

static Err *bad_file(Arena *mem, Str path, const char *why)
{
    FAIL(mem, ERR_UNAVAILABLE, "error.secret.file", "%.*s: %s", SFMT(path), why);
}

static Err *parse_keys(Arena *mem, Str text, Keys *out)
{
    while (text.n) {
        Str line = str_trim(str_cut(&text, '\n'));
        if (!line.n || line.p[0] == '#') continue;
        size_t n = 0;
        if (out->n == KEYS_MAX) return bad_file(mem, out->path, "too many keys");
        Key *key = &out->key[out->n++];
        key->id = str_cut(&line, ' ');
        if (key->id.n != 2 * ID_BYTES ||
            sodium_base642bin(key->bytes, KEY_BYTES, line.p, line.n, NULL, &n, NULL, BASE64) ||
            n != KEY_BYTES)
            return bad_file(mem, out->path, "no file of keys");
    }
    return out->n ? NULL : bad_file(mem, out->path, "no key in it");
}

static void wipe(void *keys)
{
    sodium_memzero(keys, sizeof(Keys));
}

static Err *read_keys(Ctx *cx, Keys **out)
{
    Keys *keys = NEW(cx->mem, Keys);
    struct stat st;
    Str text;

    arena_defer(cx->mem, wipe, keys);
    *out = keys;
    keys->path = cx->store->secret_key;
    if (stat(str_to_c(cx->mem, keys->path), &st))
        return errno == ENOENT ? NULL : bad_file(cx->mem, keys->path, strerrordesc_np(errno));
    keys->has_file = true;
    if (st.st_mode & 027) return bad_file(cx->mem, keys->path, "others can read or write it: chmod 600");
    Err *e = folder_read(cx->mem, keys->path, FILE_MAX, &text);
    if (e) return bad_file(cx->mem, keys->path, "it cannot be read");
    return parse_keys(cx->mem, text, keys);
}

static const Key *find_key(const Keys *keys, Str id)
{
    for (size_t i = 0; i < keys->n; i++)
        if (str_eq(keys->key[i].id, id)) return &keys->key[i];
    return NULL;
}

static Err *no_key(Ctx *cx, const Keys *keys, Str id)
{
    const char *key = keys->has_file ? "error.secret.wrong" : "error.secret.missing";
    const char *why = keys->has_file ? "has not the key" : "is missing, and with it the key";

    FAIL(
        cx->mem, ERR_UNAVAILABLE, key,
        "%.*s %s %.*s, with which secrets in the database are sealed: put the right file back, or give them up with "
        "`kith secrets reset`",
        SFMT(keys->path), why, SFMT(id));
}

static Str base64(Arena *mem, const unsigned char *bytes, size_t n)
{
    size_t room = sodium_base64_encoded_len(n, BASE64);
    char *text = NEW_N(mem, char, room);

    sodium_bin2base64(text, room, bytes, n, BASE64);
    return (Str){text, room - 1};
}

/* Written whole beside and then put in place, over the old one or (the first) only where there is none. */
static Err *write_keys(Ctx *cx, const Keys *keys, bool is_first)
{
    Buf text = buf_new(cx->mem, FILE_MAX);
    Str part = str_fmt(cx->mem, "%.*s.%08x", SFMT(keys->path), randombytes_random());
    char *from = str_to_c(cx->mem, part), *to = str_to_c(cx->mem, keys->path);

    buf_add(
        &text,
        S("# Opens the secrets in the database of Kith. Keep a copy apart from its backups. Newest first.\n"));
    for (size_t i = 0; i < keys->n; i++)
        buf_addf(&text, "%.*s %.*s\n", SFMT(keys->key[i].id),
                 SFMT(base64(cx->mem, keys->key[i].bytes, KEY_BYTES)));
    Err *e = folder_write(cx->mem, part, buf_str(&text));
    if (!e && (is_first ? link(from, to) && errno != EEXIST : rename(from, to)))
        e = bad_file(cx->mem, keys->path, strerrordesc_np(errno));
    if (unlink(from) && errno != ENOENT && !e) e = folder_error(cx->mem, "remove", part);
    return e;
}

static void key_new(Arena *mem, Key *out)
{
    unsigned char id[ID_BYTES];
    char hex[2 * ID_BYTES + 1];

    randombytes_buf(id, sizeof id);
    sodium_bin2hex(hex, sizeof hex, id, sizeof id);
    out->id = str_copy(mem, str_c(hex));
    randombytes_buf(out->bytes, sizeof out->bytes);
}

/* The key in force.  Before the first there is none: who comes first makes it, or takes what a file has already. */
static Err *current_key(Ctx *cx, const Key **out)
{
    Keys *keys = NULL;
    Str id;

    *out = NULL;
    TRY(setting_get(cx, S(SETTING), &id));
    TRY(read_keys(cx, &keys));
    if (!id.n) {
        if (!keys->n) {
            key_new(cx->mem, &keys->key[keys->n++]);
            TRY(write_keys(cx, keys, true));
            TRY(read_keys(cx, &keys));
        }
        if (!keys->n) return no_key(cx, keys, id);
        Val binds[] = {val_text(S(SETTING)), val_text(keys->key[0].id)};
        TRY(db_exec(cx->mem, cx->db,
                    S("INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING"),
                    binds, 2, NULL));
        TRY(setting_get(cx, S(SETTING), &id));
    }
    *out = find_key(keys, id);
    return *out ? NULL : no_key(cx, keys, id);
}

/* --- one value ------------------------------------------------------------------------------------------------------- */

static Str bound_to(Arena *mem, Str table, Id row)
{
    return str_fmt(mem, "%.*s:%lld", SFMT(table), (long long)row);
}

static Str seal_by(Arena *mem, const Key *key, Str about, Str plain)
{
    unsigned char *p = NEW_N(mem, unsigned char, NONCE + plain.n + TAG);

    randombytes_buf(p, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(p + NONCE, NULL, (const unsigned char *)plain.p, plain.n,
                                               (const unsigned char *)about.p, about.n, NULL, p, key->bytes);
    return str_fmt(mem, PREFIX "%.*s:%.*s", SFMT(key->id), SFMT(base64(mem, p, NONCE + plain.n + TAG)));
}

Err *secret_seal(Ctx *cx, Str table, Id row, Str plain, Str *out)
{
    const Key *key = NULL;

    TRY(current_key(cx, &key));
    *out = seal_by(cx->mem, key, bound_to(cx->mem, table, row), plain);
    return NULL;
}

static bool is_sealed(Str text, Str *key)
{
    Str rest = str_from(text, sizeof PREFIX - 1);

    if (!str_starts(text, S(PREFIX))) return false;
    *key = str_cut(&rest, ':');
    return true;
}

Err *secret_open(Ctx *cx, Str table, Id row, Str sealed, Str *out)
{
    Str id = {0}, about = bound_to(cx->mem, table, row);
    unsigned char *p = NEW_N(cx->mem, unsigned char, sealed.n + 1),
                  *plain = NEW_N(cx->mem, unsigned char, sealed.n + 1);
    Keys *keys = NULL;
    size_t n = 0;

    *out = (Str){0};
    if (!sealed.n) return NULL;
    if (is_sealed(sealed, &id)) {
        Str text = str_from(sealed, sizeof PREFIX + id.n);
        TRY(read_keys(cx, &keys));
        const Key *key = find_key(keys, id);
        if (!key) return no_key(cx, keys, id);
        if (!sodium_base642bin(p, sealed.n, text.p, text.n, NULL, &n, NULL, BASE64) && n >= NONCE + TAG &&
            !crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, p + NONCE, n - NONCE,
                                                        (const unsigned char *)about.p, about.n, p,
                                                        key->bytes)) {
            *out = (Str){(char *)plain, n - NONCE - TAG};
            return NULL;
        }
    }
    FAIL(cx->mem, ERR_INTERNAL, "error.secret.damaged", "a sealed value of %.*s does not open", SFMT(about));
}

/* --- all of them ----------------------------------------------------------------------------------------------------- */

static const struct Sealed {
    Str table, read, write;
} COLUMNS[] = {
    {S_INIT("webhook"), S_INIT("SELECT id, secret FROM webhook WHERE secret <> ''"),
     S_INIT("UPDATE webhook SET secret = ?2 WHERE id = ?1")},
    {S_INIT("webhook"), S_INIT("SELECT id, old_secret FROM webhook WHERE old_secret <> ''"),
     S_INIT("UPDATE webhook SET old_secret = ?2 WHERE id = ?1")},
    {S_INIT("second_factor"), S_INIT("SELECT user_id, secret FROM second_factor WHERE secret <> ''"),
     S_INIT("UPDATE second_factor SET secret = ?2 WHERE user_id = ?1")},
    {S_INIT("second_factor"), S_INIT("SELECT user_id, waiting FROM second_factor WHERE waiting <> ''"),
     S_INIT("UPDATE second_factor SET waiting = ?2 WHERE user_id = ?1")},
    {S_INIT("setting"), S_INIT("SELECT 0, value FROM setting WHERE name = 'mail.password' AND value <> ''"),
     S_INIT("UPDATE setting SET value = ?2 WHERE name = 'mail.password' AND CAST(?1 AS BIGINT) = 0")},
};

typedef struct Value {
    Str table;
    Id row;
    Str text;
} Value;

/* `*text` may be exchanged; what it points to then is written. */
typedef Err *(*EachFn)(Ctx *cx, const Value *value, Str *text, void *arg);

static Err *each_of(Ctx *cx, const struct Sealed *column, EachFn fn, void *arg)
{
    VEC(Value) found = {0};
    DbRows *rows = NULL;
    bool has;

    TRY(db_query(cx->mem, cx->db, column->read, NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &found) = (Value){column->table, db_i64(rows, 0), db_str(rows, 1)};
    }
    for (size_t i = 0; i < found.n; i++) {
        Str text = found.p[i].text;
        TRY(fn(cx, &found.p[i], &text, arg));
        if (str_eq(text, found.p[i].text)) continue;
        Val binds[] = {val_int(found.p[i].row), val_text(text)};
        TRY(db_exec(cx->mem, cx->db, column->write, binds, 2, NULL));
    }
    return NULL;
}

static Err *each(Ctx *cx, EachFn fn, void *arg)
{
    for (size_t i = 0; i < sizeof COLUMNS / sizeof *COLUMNS; i++) TRY(each_of(cx, &COLUMNS[i], fn, arg));
    return NULL;
}

typedef struct Look {
    Keys *keys;
    Secrets *out;
} Look;

static Err *look_at(Ctx *cx, const Value *value, Str *text, void *arg)
{
    Look *look = arg;
    Str id = {0};

    (void)cx, (void)text;
    if (!is_sealed(value->text, &id)) return NULL;
    look->out->n++;
    if (!find_key(look->keys, id))
        look->out->n_foreign++, look->out->foreign = id;
    else if (!str_eq(id, look->out->key))
        look->out->n_older++;
    return NULL;
}

Err *secrets_look(Ctx *cx, Secrets *out)
{
    Look look = {.out = out};

    *out = (Secrets){0};
    TRY(setting_get(cx, S(SETTING), &out->key));
    TRY(read_keys(cx, &look.keys));
    return each(cx, look_at, &look);
}

typedef struct By {
    const Key *key;
    bool only_plain; /* as they lay in earlier versions */
} By;

static Err *seal_again(Ctx *cx, const Value *value, Str *text, void *arg)
{
    const By *by = arg;
    Str plain = value->text, id = {0};

    if (is_sealed(plain, &id)) {
        if (by->only_plain || str_eq(id, by->key->id)) return NULL;
        TRY(secret_open(cx, value->table, value->row, value->text, &plain));
    }
    *text = seal_by(cx->mem, by->key, bound_to(cx->mem, value->table, value->row), plain);
    return NULL;
}

/* --- what is done with them ------------------------------------------------------------------------------------------ */

typedef struct Start {
    Store *store;
    Arena *mem;
} Start;

static Err *start(DbConn *c, void *arg)
{
    const Start *in = arg;
    Ctx cx = ctx_system(in->store, in->mem, c);
    By by = {.only_plain = true};
    Secrets all;

    TRY(secrets_look(&cx, &all));
    if (all.n_foreign) {
        Keys *keys = NULL;
        TRY(read_keys(&cx, &keys));
        return no_key(&cx, keys, all.foreign);
    }
    TRY(current_key(&cx, &by.key));
    return each(&cx, seal_again, &by);
}

Err *secrets_start(Store *store, Arena *mem)
{
    Start in = {store, mem};

    return db_write(store->db, mem, start, &in);
}

/* The file first: a unit that fails leaves a key nobody uses, the other order values that nobody opens. */
Err *secrets_rotate(Ctx *cx)
{
    Keys *keys = NULL;
    By by = {0};

    TRY(current_key(cx, &by.key));
    TRY(read_keys(cx, &keys));
    if (keys->n == KEYS_MAX) return bad_file(cx->mem, keys->path, "too many keys: kith secrets forget");
    memmove(keys->key + 1, keys->key, keys->n++ * sizeof *keys->key);
    key_new(cx->mem, &keys->key[0]);
    TRY(write_keys(cx, keys, false));
    TRY(setting_set(cx, S(SETTING), keys->key[0].id));
    by.key = &keys->key[0];
    return each(cx, seal_again, &by);
}

Err *secrets_forget(Ctx *cx)
{
    Keys *keys = NULL;
    Secrets all;
    const Key *key = NULL;

    TRY(secrets_look(cx, &all));
    if (all.n_older)
        FAIL(cx->mem, ERR_CONFLICT, "error.secret.used",
             "%lld values are sealed by older keys: kith secrets rotate", (long long)all.n_older);
    TRY(current_key(cx, &key));
    TRY(read_keys(cx, &keys));
    keys->key[0] = *key;
    keys->n = 1;
    return write_keys(cx, keys, false);
}

typedef struct Reset {
    Keys *keys;
    int64_t n;
} Reset;

static Err *give_up(Ctx *cx, const Value *value, Str *text, void *arg)
{
    Reset *reset = arg;
    Str id = {0};

    (void)cx;
    if (!is_sealed(value->text, &id) || find_key(reset->keys, id)) return NULL;
    *text = (Str){0};
    reset->n++;
    return NULL;
}

Err *secrets_reset(Ctx *cx, int64_t *n)
{
    Reset reset = {0};
    Val name = val_text(S(SETTING));
    Str id;

    TRY(read_keys(cx, &reset.keys));
    TRY(each(cx, give_up, &reset));
    *n = reset.n;
    TRY(setting_get(cx, S(SETTING), &id));
    if (find_key(reset.keys, id)) return NULL;
    return db_exec(cx->mem, cx->db, S("DELETE FROM setting WHERE name = ?1"), &name, 1, NULL);
}
