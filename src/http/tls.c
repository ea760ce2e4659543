/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The certificate for the library: it asks for it at each handshake, so another one is in force as soon as it is read.  One
   that has been replaced stays until the server ends, since a handshake may be using it. */
#include "http/tls.h"

#include "base/log.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdatomic.h>
#include <sys/stat.h>

#define CHAIN_MAX 16

typedef struct Pair {
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned n;
    gnutls_privkey_t key;
    struct Pair *older;
} Pair;

struct Tls {
    char *cert, *key;
    _Atomic(Pair *) now;
};

static _Atomic(Tls *) the_tls;

static int retrieve(gnutls_session_t session, const gnutls_datum_t *names, int n_names,
                    const gnutls_pk_algorithm_t *kinds, int n_kinds, gnutls_pcert_st **chain, unsigned *n,
                    gnutls_privkey_t *key)
{
    Tls *tls = atomic_load(&the_tls);
    Pair *pair = tls ? atomic_load(&tls->now) : NULL;

    (void)session, (void)names, (void)n_names, (void)kinds, (void)n_kinds;
    if (!pair) return -1;
    *chain = pair->chain;
    *n = pair->n;
    *key = pair->key;
    return 0;
}

void *tls_callback(void)
{
    union {
        gnutls_certificate_retrieve_function2 *fn;
        void *p;
    } cast = {.fn = retrieve};

    return cast.p;
}

static void pair_free(Pair *pair)
{
    for (unsigned i = 0; i < pair->n; i++) gnutls_pcert_deinit(&pair->chain[i]);
    if (pair->key) gnutls_privkey_deinit(pair->key);
    free(pair);
}

static Err *bad_files(Arena *mem, const char *path, const char *why)
{
    FAIL(mem, ERR_INVALID, "error.tls.files", "%s: %s", path, why);
}

static Err *check_mode(Arena *mem, const char *path)
{
    struct stat st;

    if (stat(path, &st)) return bad_files(mem, path, strerrordesc_np(errno));
    if (st.st_mode & 027)
        FAIL(mem, ERR_INVALID, "error.tls.mode", "%s can be read or written by others: chmod 600 it", path);
    return NULL;
}

static Err *read_key(Arena *mem, const char *path, Pair *pair)
{
    gnutls_datum_t text;
    int rc = gnutls_load_file(path, &text);

    if (rc < 0) return bad_files(mem, path, gnutls_strerror(rc));
    rc = gnutls_privkey_init(&pair->key);
    if (rc >= 0) rc = gnutls_privkey_import_x509_raw(pair->key, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_memset(text.data, 0, text.size);
    gnutls_free(text.data);
    return rc < 0 ? bad_files(mem, path, gnutls_strerror(rc)) : NULL;
}

static Err *read_chain(Arena *mem, const char *path, Pair *pair)
{
    gnutls_datum_t text;
    unsigned n = CHAIN_MAX;
    int rc = gnutls_load_file(path, &text);

    if (rc < 0) return bad_files(mem, path, gnutls_strerror(rc));
    rc = gnutls_pcert_list_import_x509_raw(pair->chain, &n, &text, GNUTLS_X509_FMT_PEM, 0);
    gnutls_free(text.data);
    if (rc < 0) return bad_files(mem, path, gnutls_strerror(rc));
    pair->n = n;
    return NULL;
}

/* The key is that of the first certificate: what one signs the other proves. */
static Err *check_pair(Arena *mem, const char *path, const Pair *pair)
{
    static unsigned char words[] = "kith";
    gnutls_datum_t data = {words, 4}, signature = {0};
    gnutls_sign_algorithm_t with = GNUTLS_SIGN_UNKNOWN;
    int kind = gnutls_privkey_get_pk_algorithm(pair->key, NULL);

    with = gnutls_pk_to_sign((gnutls_pk_algorithm_t)kind, GNUTLS_DIG_SHA256);
    if (kind == GNUTLS_PK_EDDSA_ED25519) with = GNUTLS_SIGN_EDDSA_ED25519;
    int rc = gnutls_privkey_sign_data2(pair->key, with, 0, &data, &signature);
    if (rc >= 0) rc = gnutls_pubkey_verify_data2(pair->chain[0].pubkey, with, 0, &data, &signature);
    gnutls_free(signature.data);
    return rc < 0 ? bad_files(mem, path, "this is not the key of the certificate") : NULL;
}

Err *tls_reload(Arena *mem, Tls *tls)
{
    Pair *pair = calloc(1, sizeof *pair);
    Err *e = check_mode(mem, tls->key);

    REQUIRE(pair);
    if (!e) e = read_key(mem, tls->key, pair);
    if (!e) e = read_chain(mem, tls->cert, pair);
    if (!e) e = check_pair(mem, tls->key, pair);
    if (e) {
        pair_free(pair);
        return e;
    }
    pair->older = atomic_load(&tls->now);
    atomic_store(&tls->now, pair);
    return NULL;
}

Err *tls_open(Arena *mem, Str cert, Str key, Tls **out)
{
    Tls *tls = calloc(1, sizeof *tls);

    REQUIRE(tls);
    tls->cert = strndup(cert.p, cert.n);
    tls->key = strndup(key.p, key.n);
    REQUIRE(tls->cert && tls->key);
    Err *e = tls_reload(mem, tls);
    if (e) {
        tls_close(tls);
        return e;
    }
    atomic_store(&the_tls, tls);
    *out = tls;
    return NULL;
}

void tls_close(Tls *tls)
{
    Tls *mine = tls;

    if (!tls) return;
    (void)atomic_compare_exchange_strong(&the_tls, &mine, (Tls *)NULL);
    for (Pair *at = atomic_load(&tls->now); at;) {
        Pair *older = at->older;
        pair_free(at);
        at = older;
    }
    free(tls->cert);
    free(tls->key);
    free(tls);
}
