/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The statement cache of one connection: a chained hash table from SQL text to a driver's handle, and a list by last
 * use.  A statement that is in use (its rows are being read) is not given out a second time: the caller prepares
 * another, which is dropped when it is given back.  Entries come and go one by one, so they are malloc'ed. */

#include "db/driver.h"

void stmts_open(StmtCache *k, size_t max, void (*drop)(void *ctx, Stmt *s), void *ctx)
{
    *k = (StmtCache){.max = max, .n_slots = 2 * max, .drop = drop, .ctx = ctx};
    k->slots = db_alloc(k->n_slots * sizeof(Stmt *));
}

/* Texts are kilobytes: sixteen bytes at a time, in two chains that do not wait for each other. */
static uint64_t text_hash(Str s)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ s.n, g = 0x2545f4914f6cdd1du;
    size_t i = 0;

    for (; i + 16 <= s.n; i += 16) {
        uint64_t x, y;
        memcpy(&x, s.p + i, 8);
        memcpy(&y, s.p + i + 8, 8);
        h = (h ^ x) * 0xff51afd7ed558ccdu;
        g = (g ^ y) * 0xc4ceb9fe1a85ec53u;
        h ^= h >> 32;
        g ^= g >> 32;
    }
    h ^= g;
    for (; i < s.n; i++) h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return h ^ (h >> 29);
}

static Stmt **find(StmtCache *k, Str text, uint64_t hash)
{
    Stmt **at = &k->slots[hash % k->n_slots];

    while (*at && !((*at)->hash == hash && str_eq((*at)->text, text))) at = &(*at)->chain;
    return at;
}

static void unlink_age(StmtCache *k, Stmt *s)
{
    if (s->newer)
        s->newer->older = s->older;
    else
        k->newest = s->older;
    if (s->older)
        s->older->newer = s->newer;
    else
        k->oldest = s->newer;
}

static void make_newest(StmtCache *k, Stmt *s)
{
    s->newer = NULL;
    s->older = k->newest;
    if (k->newest)
        k->newest->newer = s;
    else
        k->oldest = s;
    k->newest = s;
}

static void set_used(StmtCache *k, Stmt *s)
{
    s->is_used = true;
    s->next_used = k->used;
    k->used = s;
}

Stmt *stmts_get(StmtCache *k, Str text)
{
    Stmt *s = *find(k, text, text_hash(text));

    if (!s || s->is_used) return NULL;
    if (s != k->newest) {
        unlink_age(k, s);
        make_newest(k, s);
    }
    set_used(k, s);
    return s;
}

static void drop(StmtCache *k, Stmt *s)
{
    k->drop(k->ctx, s);
    free(s);
}

static void evict(StmtCache *k)
{
    Stmt *s = k->oldest;

    while (s && s->is_used) s = s->newer;
    if (!s) return;
    *find(k, s->text, s->hash) = s->chain;
    unlink_age(k, s);
    k->n--;
    drop(k, s);
}

/* A statement outside the table has no `hash` place: it is known by an empty text. */
Stmt *stmts_add(StmtCache *k, Str text, void *handle)
{
    Stmt *s = db_alloc(sizeof *s + text.n + 1), **at;
    uint64_t hash = text_hash(text);

    *s = (Stmt){.handle = handle, .number = ++k->made};
    set_used(k, s);
    if (*find(k, text, hash)) return s;
    if (k->n >= k->max) evict(k);
    memcpy(s + 1, text.p, text.n);
    s->text = (Str){(char *)(s + 1), text.n};
    s->hash = hash;
    at = &k->slots[s->hash % k->n_slots];
    s->chain = *at;
    *at = s;
    make_newest(k, s);
    k->n++;
    return s;
}

static void give_back(StmtCache *k, Stmt *s)
{
    s->is_used = false;
    if (s->text.n == 0) drop(k, s);
}

void stmts_release(StmtCache *k, Stmt *s)
{
    Stmt **at = &k->used;

    while (*at != s) at = &(*at)->next_used;
    *at = s->next_used;
    give_back(k, s);
}

void stmts_release_all(StmtCache *k, void (*reset)(Stmt *s))
{
    while (k->used) {
        Stmt *s = k->used;

        k->used = s->next_used;
        if (reset) reset(s);
        give_back(k, s);
    }
}

void stmts_close(StmtCache *k)
{
    stmts_release_all(k, NULL);
    while (k->newest) {
        Stmt *s = k->newest;

        k->newest = s->older;
        drop(k, s);
    }
    free(k->slots);
    *k = (StmtCache){0};
}
