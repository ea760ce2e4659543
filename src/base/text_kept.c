/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few collators and calendars of each thread.  They are not for two threads at once, and to open one costs tens of
   microseconds, so that none is opened for one use.  The oldest gives way when there is no room. */
#include "base/text_kept.h"

#include "base/err.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 16

typedef struct Shelf {
    struct {
        char name[48];
        void *p;
    } slots[SLOTS];
    void (*close)(void *p);
    size_t n, next;
} Shelf;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static _Thread_local Shelf *own; /* one of each kind */

static void shelves_free(void *arg)
{
    Shelf *shelves = arg;

    for (size_t k = 0; k < KEPT_KINDS; k++)
        for (size_t i = 0; i < shelves[k].n; i++) shelves[k].close(shelves[k].slots[i].p);
    free(shelves);
}

static void make_key(void)
{
    REQUIRE(pthread_key_create(&key, shelves_free) == 0);
}

static Shelf *shelf_of(Kept kind)
{
    if (own) return &own[kind];
    pthread_once(&once, make_key);
    own = calloc(KEPT_KINDS, sizeof *own);
    REQUIRE(own != NULL);
    REQUIRE(pthread_setspecific(key, own) == 0);
    return &own[kind];
}

void *text_kept(Kept kind, Str name, void *(*open)(Str name), void (*close)(void *p))
{
    Shelf *shelf = shelf_of(kind);

    for (size_t i = 0; i < shelf->n; i++)
        if (str_eq_c(name, shelf->slots[i].name)) return shelf->slots[i].p;
    if (name.n >= sizeof shelf->slots[0].name) return NULL;
    void *p = open(name);
    if (!p) return NULL;
    size_t at = shelf->n < SLOTS ? shelf->n++ : shelf->next++ % SLOTS;
    if (shelf->slots[at].p) close(shelf->slots[at].p);
    shelf->close = close;
    shelf->slots[at].p = p;
    if (name.n) memcpy(shelf->slots[at].name, name.p, name.n);
    shelf->slots[at].name[name.n] = 0;
    return p;
}
