/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A ring of blocks between who makes them and who hashes them.  Counts only grow: `made` less `hashed` are waiting, and a
 * block is written by its maker only while it is not among these. */

#include "core/hasher.h"

#include <gnutls/crypto.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/resource.h>
#include <unistd.h>

#define BLOCKS 4

struct Hasher {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char *blocks[BLOCKS];
    size_t sizes[BLOCKS];
    size_t made, hashed;
    int64_t size;
    int priority;
    bool is_ending, is_joined;
    gnutls_hash_hd_t hash;
};

/* The oldest block that waits; false when there will be none. */
static bool next_block(Hasher *h, size_t *at)
{
    pthread_mutex_lock(&h->lock);
    while (h->made == h->hashed && !h->is_ending) pthread_cond_wait(&h->changed, &h->lock);
    *at = h->hashed % BLOCKS;
    bool has_one = h->made != h->hashed;
    pthread_mutex_unlock(&h->lock);
    return has_one;
}

static void *hasher_main(void *arg)
{
    Hasher *h = arg;
    size_t at;

    pthread_setname_np(pthread_self(), "kith-hash");
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), h->priority);
    while (next_block(h, &at)) {
        REQUIRE(gnutls_hash(h->hash, h->blocks[at], h->sizes[at]) == 0);
        pthread_mutex_lock(&h->lock);
        h->hashed++;
        pthread_cond_signal(&h->changed);
        pthread_mutex_unlock(&h->lock);
    }
    return NULL;
}

static void join(Hasher *h)
{
    if (h->is_joined) return;
    pthread_mutex_lock(&h->lock);
    h->is_ending = true;
    pthread_cond_signal(&h->changed);
    pthread_mutex_unlock(&h->lock);
    pthread_join(h->thread, NULL);
    h->is_joined = true;
}

static void hasher_free(void *arg)
{
    Hasher *h = arg;

    join(h);
    if (h->hash) gnutls_hash_deinit(h->hash, NULL);
    pthread_mutex_destroy(&h->lock);
    pthread_cond_destroy(&h->changed);
}

Hasher *hasher_start(Arena *mem)
{
    Hasher *h = NEW(mem, Hasher);

    for (size_t i = 0; i < BLOCKS; i++) h->blocks[i] = arena_alloc(mem, HASHER_BLOCK);
    h->priority = getpriority(PRIO_PROCESS, (id_t)gettid());
    REQUIRE(gnutls_hash_init(&h->hash, GNUTLS_DIG_SHA256) == 0);
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->changed, NULL);
    REQUIRE(pthread_create(&h->thread, NULL, hasher_main, h) == 0);
    arena_defer(mem, hasher_free, h);
    return h;
}

char *hasher_room(void *hasher)
{
    Hasher *h = hasher;

    pthread_mutex_lock(&h->lock);
    while (h->made - h->hashed == BLOCKS) pthread_cond_wait(&h->changed, &h->lock);
    pthread_mutex_unlock(&h->lock);
    return h->blocks[h->made % BLOCKS];
}

void hasher_add(void *hasher, size_t n)
{
    Hasher *h = hasher;

    pthread_mutex_lock(&h->lock);
    h->sizes[h->made % BLOCKS] = n;
    h->size += (int64_t)n;
    h->made++;
    pthread_cond_signal(&h->changed);
    pthread_mutex_unlock(&h->lock);
}

void hasher_end(Hasher *h, Arena *mem, FileSum *out)
{
    unsigned char digest[32];
    char hex[65];

    join(h);
    gnutls_hash_deinit(h->hash, digest);
    h->hash = NULL;
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    *out = (FileSum){h->size, str_copy(mem, str_c(hex))};
}
