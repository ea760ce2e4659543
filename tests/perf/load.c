/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fills an installation for `make bench`: people in roles, teams and a hierarchy, then accounts, contacts and deals, then
   updates until the log holds ten changes for each deal.  Everything goes through the real write path, as records from
   JSON in large units with roll-ups brought up to date at the end of each, so that rows, indexes, search entries, past
   rows and changes are what the program itself would have made.  The same seed gives the same data.  The clock of the
   data runs over the year before now.  Prints what the driver needs (keys, ids, figures) as JSON on standard output. */
#include "app/modules.h"
#include "base/time.h"
#include "core/session.h"
#include "core/store.h"
#include "core/value.h"
#include "core/write.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define BATCH     1000 /* records a unit, */
#define BATCH_MAX 8000 /* and at most, of a large table: units that touch most of its pages write each once */
#define CACHE_MB  3000
#define SIBLINGS  5 /* deals of one account in five */
#define DAY_MS    (24 * 3600 * 1000LL)
#define TEAMS     20
#define TEAM_SIZE 20
#define SAMPLES   2000

static const char *const FAMILIES[] = {
    "Ivanov",    "Smirnov",  "Kuznetsov", "Popov",   "Sokolov",  "Lebedev",  "Kozlov",      "Novikov",
    "Morozov",   "Petrov",   "Volkov",    "Nowak",   "Kowalski", "Wójcik",   "Lewandowski", "Zieliński",
    "Szymański", "Woźniak",  "Dąbrowski", "Mazur",   "Smith",    "Johnson",  "Brown",       "Taylor",
    "Anderson",  "Thompson", "Walker",    "Wright",  "Hughes",   "Green",    "Иванов",      "Смирнов",
    "Кузнецов",  "Соколов",  "Лебедева",  "Козлова", "Новикова", "Морозова", "Петрова",     "Фёдоров",
};
static const char *const GIVEN[] = {
    "Anna",   "Boris",    "Clara",  "Dmitry", "Elena",   "Filip", "Greta", "Henryk", "Irina",
    "Jan",    "Karolina", "Lev",    "Maria",  "Nikolai", "Olga",  "Piotr", "Roman",  "Svetlana",
    "Tomasz", "Ursula",   "Victor", "Wanda",  "Юрий",    "Зоя",   "Алёна",
};
static const char *const WORDS[] = {
    "Nord",    "Vega",   "Orion",   "Baltic",  "Ural",      "Alta",    "Delta",    "Sigma",  "Terra",
    "Aqua",    "Metro",  "Poly",    "Grand",   "Prime",     "Silver",  "Stone",    "River",  "Forest",
    "Harbour", "Bright", "Rapid",   "Solar",   "Lunar",     "Granit",  "Romashka", "Sever",  "Yug",
    "Vostok",  "Zapad",  "Mazovia", "Silesia", "Pomerania", "Ромашка", "Заря",     "Восход", "Маяк",
};
static const char *const TRADES[] = {
    "Steel",    "Foods", "Logistics",  "Textile", "Energy", "Media",  "Pharma", "Glass",   "Paper", "Motors",
    "Software", "Bank",  "Consulting", "Timber",  "Dairy",  "Optics", "Marine", "Systems", "Строй", "Торг",
};
static const char *const REGIONS[] = {"Mazovia",   "Silesia", "Pomerania", "Moscow",
                                      "Tatarstan", "Ural",    "Kuban",     "Siberia"};
static const char *const SOURCES[] = {"website", "incoming_call", "email",   "advertising",
                                      "event",   "referral",      "outreach"};
static const char *const STEPS[] = {"Call back", "Send the offer", "Meet the director", "Wait for the tender",
                                    "Sign"};

#define PICK(list) (list)[rnd(sizeof(list) / sizeof *(list))]

static uint64_t rnd_state;

static uint64_t rnd(uint64_t n)
{
    rnd_state ^= rnd_state << 13;
    rnd_state ^= rnd_state >> 7;
    rnd_state ^= rnd_state << 17;
    return (rnd_state >> 11) % n;
}

typedef struct Load {
    Store *store;
    const char *object;
    Id *ids;                   /* of the object being made */
    size_t from, n, total;     /* this batch; all of this object */
    size_t window;             /* where the updates of this batch begin */
    int64_t start_ms, span_ms; /* its part of the year */
    Str (*make)(Arena *mem, size_t i);
    Ctx *cx;
    Arena *mem;
} Load;

static Id people[TEAMS * TEAM_SIZE], stages[16];
static Id *accounts, *contacts, *deals;
static size_t n_stages, n_each;
static int64_t today;

static _Noreturn void die(Arena *mem, Err *e)
{
    fprintf(stderr, "load: %.*s\n", SFMT(err_text(mem, e)));
    exit(1);
}

static Str id_of(Arena *mem, Id id)
{
    return id_text(mem, id);
}

/* --- records --------------------------------------------------------------------------------------------------------- */

static Str make_account(Arena *mem, size_t i)
{
    return str_fmt(
        mem,
        "{\"name\":\"%s %s %zu\",\"class\":\"%c\",\"region\":\"%s\",\"country\":\"%s\",\"employees\":%d,"
        "\"annual_revenue\":{\"amount\":\"%d\",\"currency\":\"USD\"},\"owner\":\"%.*s\"}",
        PICK(WORDS), PICK(TRADES), i, "ABC"[rnd(3)], PICK(REGIONS), rnd(2) ? "PL" : "RU", (int)rnd(5000) + 1,
        (int)rnd(90000000) + 1000, SFMT(id_of(mem, people[rnd(TEAMS * TEAM_SIZE)])));
}

static Str make_contact(Arena *mem, size_t i)
{
    return str_fmt(
        mem,
        "{\"name\":{\"family\":\"%s\",\"given\":\"%s\"},\"account\":\"%.*s\",\"job_title\":\"%s\",\"phones\":[{\"value\":"
        "\"+48 5%02d %03d %03d\",\"label\":\"work\",\"main\":true}],\"emails\":[{\"value\":\"p%zu@example.com\",\"label\":"
        "\"work\",\"main\":true}],\"class\":\"%c\",\"region\":\"%s\",\"owner\":\"%.*s\"}",
        PICK(FAMILIES), PICK(GIVEN), SFMT(id_of(mem, accounts[i % n_each])), rnd(2) ? "Director" : "Buyer",
        (int)(i / 1000000 % 100), (int)(i / 1000 % 1000), (int)(i % 1000), i, "ABC"[rnd(3)], PICK(REGIONS),
        SFMT(id_of(mem, people[rnd(TEAMS * TEAM_SIZE)])));
}

static Str date_of(Arena *mem, int64_t days)
{
    return json_text(mem, val_date(days));
}

/* Five deals on one account in five, made at about the same time. */
static Str make_deal(Arena *mem, size_t i)
{
    size_t account = i / SIBLINGS * SIBLINGS;
    int64_t opened = today - 30 - (int64_t)rnd(300);

    return str_fmt(
        mem,
        "{\"name\":\"%s %s %zu\",\"account\":\"%.*s\",\"contact\":\"%.*s\",\"stage\":\"%.*s\",\"amount\":{\"amount\":\"%d.%02d\","
        "\"currency\":\"USD\"},\"source\":\"%s\",\"opened_on\":%.*s,\"close_date\":%.*s,\"next_step\":\"%s\",\"owner\":\"%.*s\"}",
        PICK(TRADES), PICK(WORDS), i, SFMT(id_of(mem, accounts[account])),
        SFMT(id_of(mem, contacts[account])), SFMT(id_of(mem, stages[rnd(n_stages)])), (int)rnd(1000000),
        (int)rnd(100), PICK(SOURCES), SFMT(date_of(mem, opened)),
        SFMT(date_of(mem, opened + (int64_t)rnd(400))), PICK(STEPS),
        SFMT(id_of(mem, people[rnd(TEAMS * TEAM_SIZE)])));
}

static Str make_update(Arena *mem, size_t i)
{
    (void)i;
    if (rnd(4) == 0) return str_fmt(mem, "{\"stage\":\"%.*s\"}", SFMT(id_of(mem, stages[rnd(n_stages)])));
    return str_fmt(mem, "{\"amount\":{\"amount\":\"%d.00\",\"currency\":\"USD\"},\"next_step\":\"%s\"}",
                   (int)rnd(1000000), PICK(STEPS));
}

/* --- units ----------------------------------------------------------------------------------------------------------- */

static int64_t clock_of(const Load *l)
{
    return l->start_ms + (int64_t)((double)l->span_ms * (double)l->from / (double)(l->total ? l->total : 1));
}

static Err *put_one(Load *l, Ctx *cx, size_t i)
{
    const Object *obj = meta_object(cx->meta, str_c(l->object));
    Record *rec = record_new(cx->mem, obj);
    Val json;

    TRY(json_parse(cx->mem, l->make(cx->mem, i), &json));
    TRY(record_from_json(cx, obj, &json, rec));
    if (l->make == make_update) {
        rec->id = l->ids[(l->window + (i - l->from) * SIBLINGS + rnd(SIBLINGS)) % n_each];
        return record_update(cx, rec, NULL);
    }
    TRY(record_create(cx, rec, NULL));
    l->ids[i] = rec->id;
    return NULL;
}

static Err *put_batch(DbConn *c, void *arg)
{
    Load *l = arg;
    Ctx cx = ctx_system(l->store, l->mem, c);

    cx.now = clock_of(l);
    cx.channel = CHANNEL_IMPORT;
    cx.is_quiet = true;
    cx.hold = 1;
    db_set_budget(c, 0);
    for (size_t i = 0; i < l->n; i++) TRY(put_one(l, &cx, l->from + i));
    cx.hold = 0;
    return rollup_flush(&cx);
}

static double seconds(void)
{
    return (double)clock_now_ms() / 1000;
}

/* `part` of 100 of the year, one after another. */
static void put_all(Store *store, const char *object, Str (*make)(Arena *, size_t), Id *ids, size_t total,
                    int64_t start_ms, int64_t span_ms)
{
    Load l = {.store = store,
              .object = object,
              .make = make,
              .ids = ids,
              .total = total,
              .start_ms = start_ms,
              .span_ms = span_ms};
    double begin = seconds();
    size_t size = total / 50 < BATCH ? BATCH : total / 50 > BATCH_MAX ? BATCH_MAX : total / 50;

    for (l.from = 0; l.from < total; l.from += size) {
        Arena *mem = arena_new(0);
        l.mem = mem;
        l.n = total - l.from < size ? total - l.from : size;
        l.window = rnd(n_each) / SIBLINGS * SIBLINGS;
        Err *e = db_write(store->db, mem, put_batch, &l);
        if (e) die(mem, e);
        arena_free(mem);
        if (l.from / size % 10 == 0)
            fprintf(stderr, "\r%-10s %9zu of %zu, %.0f a second ", object, l.from, total,
                    (double)l.from / (seconds() - begin + 0.001));
    }
    fprintf(stderr, "\r%-10s %9zu in %.0f s, %.0f a second\n", make == make_update ? "updates" : object,
            total, seconds() - begin, (double)total / (seconds() - begin + 0.001));
}

/* --- people ---------------------------------------------------------------------------------------------------------- */

typedef struct People {
    Store *store;
    Arena *mem;
    int64_t now;
    Id roles[4], teams[TEAMS], boss, administrator;
    Str keys[4];
} People;

static Err *add(Ctx *cx, const char *object, Str text, Id *out)
{
    const Object *obj = meta_object(cx->meta, str_c(object));
    Record *rec = record_new(cx->mem, obj);
    Val json;

    TRY(json_parse(cx->mem, text, &json));
    TRY(record_from_json(cx, obj, &json, rec));
    TRY(record_create(cx, rec, NULL));
    *out = rec->id;
    return NULL;
}

static Err *add_user(Ctx *cx, Str name, Id role, Id team, Id manager, Id *out)
{
    Str more = {0};

    if (team) more = str_fmt(cx->mem, ",\"team\":\"%.*s\"", SFMT(id_of(cx->mem, team)));
    if (manager)
        more = str_fmt(cx->mem, "%.*s,\"manager\":\"%.*s\"", SFMT(more), SFMT(id_of(cx->mem, manager)));
    return add(cx, "user",
               str_fmt(cx->mem, "{\"name\":\"%.*s\",\"email\":\"%.*s@example.com\",\"role\":\"%.*s\"%.*s}",
                       SFMT(name), SFMT(name), SFMT(id_of(cx->mem, role)), SFMT(more)),
               out);
}

#define ROLE(name, level)                                                                  \
    "{\"name\":\"Bench " name "\",\"rights\":{\"*\":{\"create\":\"all\",\"read\":\"" level \
    "\",\"update\":\"" level "\",\"delete\":\"" level "\"}}}"

static Err *add_roles(Ctx *cx, People *p)
{
    Val v;

    TRY(add(cx, "role", S(ROLE("own", "own")), &p->roles[1]));
    TRY(add(cx, "role", S(ROLE("team", "team")), &p->roles[2]));
    TRY(db_one(cx->mem, cx->db, S("SELECT id FROM \"role\" WHERE key = 'administrator'"), NULL, 0, &v));
    p->roles[0] = v.i;
    return NULL;
}

/* Half of the teams answer to the boss through their first member; the others to nobody. */
static Err *add_people(Ctx *cx, People *p)
{
    TRY(add_user(cx, S("administrator"), p->roles[0], 0, 0, &p->administrator));
    TRY(add_user(cx, S("boss"), p->roles[2], 0, 0, &p->boss));
    for (size_t t = 0; t < TEAMS; t++) {
        TRY(add(cx, "team", str_fmt(cx->mem, "{\"name\":\"Team %zu\"}", t), &p->teams[t]));
        for (size_t i = 0; i < TEAM_SIZE; i++) {
            Id manager = i ? people[t * TEAM_SIZE] : p->boss;
            bool is_led = t < TEAMS / 2;
            TRY(add_user(cx, str_fmt(cx->mem, "user%zu", t * TEAM_SIZE + i), p->roles[i == 2 ? 2 : 1],
                         p->teams[t], is_led ? manager : 0, &people[t * TEAM_SIZE + i]));
        }
    }
    return NULL;
}

/* Administrator; one who sees his own; one of a team; the head of two hundred. */
static Err *add_keys(Ctx *cx, People *p)
{
    Id users[] = {p->administrator, people[TEAMS / 2 * TEAM_SIZE + 1], people[TEAMS / 2 * TEAM_SIZE + 2],
                  p->boss};

    for (size_t i = 0; i < 4; i++) TRY(key_add(cx, users[i], S("bench"), &p->keys[i]));
    return NULL;
}

static Err *load_stages(Ctx *cx)
{
    DbRows *rows;
    bool has;

    TRY(db_query(cx->mem, cx->db, S("SELECT id FROM stage ORDER BY position LIMIT 16"), NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        stages[n_stages++] = db_i64(rows, 0);
    }
}

static Err *put_people(DbConn *c, void *arg)
{
    People *p = arg;
    Ctx cx = ctx_system(p->store, p->mem, c);

    cx.now = p->now;
    n_stages = 0;
    db_set_budget(c, 0);
    TRY(load_stages(&cx));
    TRY(add_roles(&cx, p));
    TRY(add_people(&cx, p));
    return add_keys(&cx, p);
}

/* --- the end --------------------------------------------------------------------------------------------------------- */

typedef struct Count {
    Arena *mem;
    int64_t changes;
} Count;

static Err *count_changes(DbConn *c, void *arg)
{
    Count *count = arg;
    Val v;

    db_set_budget(c, 0);
    TRY(db_one(count->mem, c, S("SELECT count(*) FROM change"), NULL, 0, &v));
    count->changes = v.i;
    return NULL;
}

static int64_t changes_of(Store *store, Arena *mem)
{
    Count count = {.mem = mem};
    Err *e = db_read(store->db, mem, count_changes, &count);

    if (e) die(mem, e);
    return count.changes;
}

static void print_ids(Arena *mem, const char *name, const Id *ids)
{
    size_t step = n_each / SAMPLES ? n_each / SAMPLES : 1;

    printf(",\n\"%s\":[", name);
    for (size_t i = 0; i < n_each && i / step < SAMPLES; i += step)
        printf("%s\"%.*s\"", i ? "," : "", SFMT(id_of(mem, ids[i])));
    printf("]");
}

static void print_state(Arena *mem, const People *p, int64_t changes, int64_t middle)
{
    static const char *const WHO[] = {"administrator", "own", "team", "hierarchy"};

    printf("{\"rows\":%zu,\"changes\":%lld,\"middle\":%lld", n_each, (long long)changes, (long long)middle);
    for (int i = 0; i < 4; i++) printf(",\"%s\":\"%.*s\"", WHO[i], SFMT(p->keys[i]));
    print_ids(mem, "accounts", accounts);
    print_ids(mem, "contacts", contacts);
    print_ids(mem, "deals", deals);
    printf(",\n\"stages\":[");
    for (size_t i = 0; i < n_stages; i++) printf("%s\"%.*s\"", i ? "," : "", SFMT(id_of(mem, stages[i])));
    printf("]}\n");
}

int main(int argc, char **argv)
{
    Arena *mem = arena_new(0);
    InitOptions init = {.currency = S("USD"),
                        .country = S("PL"),
                        .language = S("en"),
                        .company = S("Bench"),
                        .zone = S("UTC")};
    StoreOptions opt = {.modules = app_modules, .n_modules = app_modules_count};
    int64_t now = clock_now_ms() / DAY_MS * DAY_MS, begin = now - 365 * DAY_MS;
    People p = {.mem = mem, .now = begin};
    Store *store;

    if (argc < 3) {
        fprintf(stderr, "usage: load ROWS DIR [postgres://...]\n");
        return 2;
    }
    n_each = (size_t)strtoull(argv[1], NULL, 10);
    opt.db.dir = str_c(argv[2]);
    opt.db.cache_mb = CACHE_MB;
    if (argc > 3) opt.db.url = str_c(argv[3]);
    opt.clock_ms = begin;
    mkdir(argv[2], 0700);
    rnd_state = 0x9e3779b97f4a7c15ULL;
    today = now / DAY_MS;
    accounts = NEW_N(mem, Id, n_each);
    contacts = NEW_N(mem, Id, n_each);
    deals = NEW_N(mem, Id, n_each);
    Err *e = store_init(mem, &opt, &init, &store);
    if (e) die(mem, e);
    p.store = store;
    e = db_write(store->db, mem, put_people, &p);
    if (e) die(mem, e);
    put_all(store, "account", make_account, accounts, n_each, begin + DAY_MS, 60 * DAY_MS);
    put_all(store, "contact", make_contact, contacts, n_each, begin + 61 * DAY_MS, 60 * DAY_MS);
    put_all(store, "deal", make_deal, deals, n_each, begin + 122 * DAY_MS, 120 * DAY_MS);
    int64_t changes = changes_of(store, mem), wanted = 10 * (int64_t)n_each;
    /* Updates bring derived changes of accounts and contacts with them: go on in rounds until there are enough. */
    for (int round = 0; round < 24 && changes < wanted; round++) {
        size_t n = (size_t)(wanted - changes) / 2;
        if (n < n_each / 100 + BATCH) n = n_each / 100 + BATCH;
        put_all(store, "deal", make_update, deals, n, begin + (243 + 5 * round) * DAY_MS, 5 * DAY_MS);
        changes = changes_of(store, mem);
    }
    print_state(mem, &p, changes, begin + 245 * DAY_MS);
    store_close(store);
    arena_free(mem);
    return 0;
}
