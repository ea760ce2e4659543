/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Making, reading and proving backups.  The database is copied first and the contents of files after it: a content is on the
 * disk before the row that names it commits, so the copy never names one that is missing.  The work runs on a thread of
 * low priority, so that people do not feel it; whoever asked waits and tells the progress. */

#include "core/backup.h"

#include "base/log.h"
#include "base/time.h"
#include "core/change.h"
#include "core/folder.h"
#include "db/backup.h"
#include "db/ship.h"
#include "json/json.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST_MAX ((size_t)200 << 20)
#define NICE         10
#define TELL_MS      400

bool version_is_later(Str a, Str b)
{
    while (a.n || b.n) {
        int64_t x = 0, y = 0;
        (void)str_to_i64(str_cut(&a, '.'), &x);
        (void)str_to_i64(str_cut(&b, '.'), &y);
        if (x != y) return x > y;
    }
    return false;
}

/* --- the manifest */

static Str manifest_text(Arena *mem, const Backup *b)
{
    Buf text = buf_new(mem, MANIFEST_MAX);
    JsonWriter w = json_writer(&text);

    json_open_obj(&w);
    json_pair_str(&w, "kith", S("backup"));
    json_pair_str(&w, "version", b->version);
    json_pair_str(&w, "database", b->database);
    json_pair_i64(&w, "generation", b->generation);
    json_pair_str(&w, "cursor", b->cursor);
    if (b->ship.n) json_pair_str(&w, "ship", b->ship);
    json_pair_i64(&w, "began", b->began);
    json_pair_i64(&w, "moment", b->moment);
    json_pair_i64(&w, "at", b->at);
    json_pair_i64(&w, "bytes", b->bytes);
    json_pair_bool(&w, "scheduled", b->is_scheduled);
    json_key(&w, S("damaged"));
    json_open_list(&w);
    for (size_t i = 0; i < b->n_damaged; i++) json_str(&w, b->damaged[i]);
    json_close_list(&w);
    json_key(&w, S("files"));
    json_open_list(&w);
    for (size_t i = 0; i < b->n_files; i++) {
        buf_add(&text, i ? S("\n") : S(""));
        json_open_obj(&w);
        json_pair_str(&w, "path", b->files[i].path);
        json_pair_i64(&w, "size", b->files[i].size);
        json_pair_str(&w, "sha256", b->files[i].sha256);
        json_close_obj(&w);
    }
    json_close_list(&w);
    json_close_obj(&w);
    buf_add_c(&text, '\n');
    return buf_str(&text);
}

static Str text_at(const Val *v, const char *key)
{
    const Val *t = val_get(v, str_c(key));

    return t && t->kind == VAL_TEXT ? val_str(*t) : (Str){0};
}

static int64_t number_at(const Val *v, const char *key)
{
    const Val *t = val_get(v, str_c(key));

    return t && t->kind == VAL_INT ? t->i : 0;
}

/* A path of the manifest stays below the backup. */
static bool is_inside(Str path)
{
    for (Str rest = path; rest.p;) {
        Str part = str_cut(&rest, '/');
        if (part.n == 0 || str_eq(part, S("..")) || str_eq(part, S("."))) return false;
    }
    return path.n > 0;
}

static bool read_files(Arena *mem, const Val *list, Backup *out)
{
    if (!list || list->kind != VAL_LIST || list->n == 0) return false;
    out->files = NEW_N(mem, BackupFile, list->n);
    out->n_files = list->n;
    for (size_t i = 0; i < list->n; i++) {
        const Val *v = &list->list[i];
        out->files[i] = (BackupFile){text_at(v, "path"), text_at(v, "sha256"), number_at(v, "size")};
        if (!is_inside(out->files[i].path) || out->files[i].sha256.n != 64) return false;
    }
    return true;
}

static Str last_part(Str path)
{
    while (path.n > 1 && path.p[path.n - 1] == '/') path.n--;
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/') at--;
    return str_from(path, at);
}

static void read_verified(Arena *mem, Backup *b)
{
    Str text;
    Val v;

    if (folder_read(mem, str_cat(mem, b->dir, S("/verified.json")), 1000, &text) || json_parse(mem, text, &v))
        return; /* it has not been proved */
    b->verified = number_at(&v, "at");
}

Err *backup_read(Arena *mem, Str dir, Backup *out)
{
    Str text;
    Val v;

    *out = (Backup){.dir = dir, .name = last_part(dir)};
    TRY(folder_read(mem, str_cat(mem, dir, S("/" BACKUP_MANIFEST)), MANIFEST_MAX, &text));
    if (json_parse(mem, text, &v) || !str_eq(text_at(&v, "kith"), S("backup")) ||
        !read_files(mem, val_get(&v, S("files")), out))
        FAIL(mem, ERR_INVALID, "error.backup.damaged", "%.*s/" BACKUP_MANIFEST " is damaged", SFMT(dir));
    out->version = text_at(&v, "version");
    out->database = text_at(&v, "database");
    out->cursor = text_at(&v, "cursor");
    out->ship = text_at(&v, "ship");
    out->generation = number_at(&v, "generation");
    out->began = number_at(&v, "began");
    out->moment = number_at(&v, "moment");
    out->at = number_at(&v, "at");
    out->bytes = number_at(&v, "bytes");
    const Val *scheduled = val_get(&v, S("scheduled"));
    out->is_scheduled = scheduled && scheduled->kind == VAL_BOOL && scheduled->b;
    read_verified(mem, out);
    return NULL;
}

Err *backup_mark_verified(Arena *mem, const Backup *b, int64_t now)
{
    return folder_write(mem, str_cat(mem, b->dir, S("/verified.json")),
                        str_fmt(mem, "{\"at\":%lld}\n", (long long)now));
}

/* --- making one */

typedef struct Making {
    const BackupOptions *opt;
    Arena *mem; /* of the thread that works */
    Str tmp;
    Backup backup;
    size_t cap_files, cap_damaged;
    DbCopyWatch watch;
    _Atomic int64_t files_done, files_total;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool is_ended;
    Err *e;
} Making;

static Err *count_bytes(void *arg, int64_t more)
{
    Making *m = arg;

    atomic_fetch_add(&m->files_done, more);
    if (atomic_load(&m->watch.must_stop))
        FAIL(m->mem, ERR_UNAVAILABLE, "error.backup.stopped", "the backup was stopped");
    return NULL;
}

static void add_file(Making *m, Str path, const FileSum *sum)
{
    Backup *b = &m->backup;

    b->files[b->n_files++] = (BackupFile){path, sum->sha256, sum->size};
    b->bytes += sum->size;
}

/* files/ab/cdef... has its hash for a name. */
static bool has_good_name(Str path, Str sha256)
{
    return path.n == 71 && str_eq(str_sub(path, 6, 2), str_sub(sha256, 0, 2)) &&
           str_eq(str_from(path, 9), str_from(sha256, 2));
}

static Err *make_parents(Making *m, Str path)
{
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '/')
            TRY(folder_make(m->mem, str_fmt(m->mem, "%.*s/%.*s", SFMT(m->tmp), (int)i, path.p)));
    return NULL;
}

static Err *copy_one(Making *m, Str path)
{
    FileSum sum;

    TRY(make_parents(m, path));
    Err *e = folder_copy(m->mem, str_fmt(m->mem, "%.*s/%.*s", SFMT(m->opt->data), SFMT(path)),
                         str_fmt(m->mem, "%.*s/%.*s", SFMT(m->tmp), SFMT(path)), &sum, count_bytes, m);
    if (e) return e;
    add_file(m, path, &sum);
    if (str_starts(path, S("files/")) && !has_good_name(path, sum.sha256)) {
        log_line(LOG_ERROR, "a stored file is damaged", "path=%.*s", SFMT(path));
        m->backup.damaged[m->backup.n_damaged++] = path;
    }
    return NULL;
}

static bool is_taken(Str path)
{
    Str name = last_part(path);

    return !str_starts(name, S("new-")) && (!str_starts(path, S("site/")) || str_ends(path, S(".yaml")));
}

static Err *copy_files(Making *m)
{
    static const Str folders[] = {S_INIT("files"), S_INIT("site")};
    Str *paths[2] = {0};
    size_t n[2], total = 1;

    for (size_t i = 0; i < 2; i++) {
        TRY(folder_files(m->mem, str_fmt(m->mem, "%.*s/%.*s", SFMT(m->opt->data), SFMT(folders[i])),
                         &paths[i], &n[i]));
        total += n[i];
    }
    m->backup.files = NEW_N(m->mem, BackupFile, total);
    m->backup.damaged = NEW_N(m->mem, Str, total);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < n[i]; k++) {
            Str path = str_fmt(m->mem, "%.*s/%.*s", SFMT(folders[i]), SFMT(paths[i][k]));
            if (is_taken(path)) TRY(copy_one(m, path));
        }
    return NULL;
}

static Err *copy_database(Making *m, DbCopyInfo *info)
{
    Str to = str_fmt(m->mem, "%.*s/%s", SFMT(m->tmp), db_copy_name(m->opt->db));

    TRY(db_copy(m->mem, m->opt->db, to, &m->watch, info));
    atomic_store(&m->watch.total, atomic_load(&m->watch.done));
    return NULL;
}

static Err *add_database(Making *m)
{
    Str name = str_c(db_copy_name(m->opt->db));
    FileSum sum;

    TRY(folder_copy(m->mem, str_fmt(m->mem, "%.*s/%.*s", SFMT(m->tmp), SFMT(name)), (Str){0}, &sum, NULL,
                    NULL));
    add_file(m, name, &sum);
    return NULL;
}

static Err *make(Making *m)
{
    Backup *b = &m->backup;
    DbCopyInfo info;

    TRY(folder_make(m->mem, m->tmp));
    b->began = clock_now_ms();
    b->is_scheduled = m->opt->is_scheduled;
    TRY(copy_database(m, &info));
    if (!info.version.n && !info.epoch)
        FAIL(m->mem, ERR_NOT_FOUND, "error.store.empty", "the database has not been initialised");
    TRY(copy_files(m));
    TRY(add_database(m));
    b->database = db_can(m->opt->db, DB_CAP_SHARED) ? S("postgres") : S("sqlite");
    b->version = info.version.n ? info.version : S(KITH_VERSION);
    b->generation = info.generation;
    b->ship = info.ship;
    b->moment = info.moment;
    b->cursor = cursor_text(m->mem, (Cursor){info.epoch, info.tx, info.seq});
    b->at = clock_now_ms();
    TRY(folder_sync_all(m->mem, m->tmp));
    TRY(folder_write(m->mem, str_cat(m->mem, m->tmp, S("/" BACKUP_MANIFEST)), manifest_text(m->mem, b)));
    return folder_sync(m->mem, m->tmp);
}

static void *make_main(void *arg)
{
    Making *m = arg;

    pthread_setname_np(pthread_self(), "kith-backup");
    if (setpriority(PRIO_PROCESS, (id_t)gettid(), NICE)) log_line(LOG_WARN, "backup at full priority", NULL);
    m->e = make(m);
    pthread_mutex_lock(&m->lock);
    m->is_ended = true;
    pthread_cond_signal(&m->ended);
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

static bool wait_a_moment(Making *m)
{
    struct timespec until = clock_after(TELL_MS);

    pthread_mutex_lock(&m->lock);
    if (!m->is_ended) (void)pthread_cond_timedwait(&m->ended, &m->lock, &until);
    bool is_ended = m->is_ended;
    pthread_mutex_unlock(&m->lock);
    return is_ended;
}

static Err *wait_and_tell(Making *m)
{
    Err *e = NULL;

    while (!wait_a_moment(m)) {
        int64_t done = atomic_load(&m->watch.done) + atomic_load(&m->files_done);
        int64_t total = atomic_load(&m->watch.total) + atomic_load(&m->files_done);
        if (!e && m->opt->progress) e = m->opt->progress(m->opt->arg, done, total > done ? total : done);
        if (e) atomic_store(&m->watch.must_stop, true);
    }
    return e;
}

static Err *check_place(Arena *mem, Str to)
{
    Str *names = NULL;
    size_t n = 0;

    TRY(folder_names(mem, to, &names, &n));
    if (n)
        FAIL(mem, ERR_CONFLICT, "error.backup.exists", "%.*s is not empty: a backup makes a new folder",
             SFMT(to));
    return NULL;
}

static Str parent_of(Str path)
{
    Str name = last_part(path);

    return name.p == path.p ? S(".") : str_sub(path, 0, (size_t)(name.p - path.p));
}

static Err *run_thread(Making *m)
{
    pthread_t thread;

    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->ended, NULL);
    REQUIRE(pthread_create(&thread, NULL, make_main, m) == 0);
    Err *e = wait_and_tell(m);
    pthread_join(thread, NULL);
    pthread_mutex_destroy(&m->lock);
    pthread_cond_destroy(&m->ended);
    return e ? e : m->e;
}

static void free_arena(void *arena)
{
    arena_free(arena);
}

Err *backup_make(Arena *mem, const BackupOptions *opt, Backup *out)
{
    Making m = {.opt = opt, .mem = arena_new(0)};
    Str to = opt->to;

    arena_defer(mem, free_arena, m.mem);
    while (to.n > 1 && to.p[to.n - 1] == '/') to.n--;
    TRY(check_place(mem, to));
    m.tmp = str_fmt(mem, "%.*s.unfinished-%08x", SFMT(to), randombytes_random());
    Err *e = run_thread(&m);
    if (!e) e = folder_rename(mem, m.tmp, to);
    if (!e) e = folder_sync(mem, parent_of(to));
    if (!e && opt->ship.n) ship_note_base(mem, opt->ship, m.backup.ship);
    if (e && folder_remove(mem, m.tmp))
        log_line(LOG_WARN, "an unfinished backup is left", "path=%.*s", SFMT(m.tmp));
    *out = m.backup;
    out->dir = to;
    out->name = last_part(to);
    return e;
}

/* --- proving */

typedef struct Proof {
    Arena *mem;
    BackupProgress progress;
    void *arg;
    int64_t done, total, told;
} Proof;

static Err *prove_some(void *arg, int64_t more)
{
    Proof *p = arg;

    p->done += more;
    if (!p->progress || p->done - p->told < 16 << 20) return NULL;
    p->told = p->done;
    return p->progress(p->arg, p->done, p->total);
}

Err *backup_hashes(Arena *mem, const Backup *b, BackupProgress progress, void *arg)
{
    Proof p = {.mem = mem, .progress = progress, .arg = arg, .total = b->bytes};

    for (size_t i = 0; i < b->n_files; i++) {
        const BackupFile *f = &b->files[i];
        FileSum sum;
        Err *e = folder_copy(mem, str_fmt(mem, "%.*s/%.*s", SFMT(b->dir), SFMT(f->path)), (Str){0}, &sum,
                             prove_some, &p);
        if (e && !str_eq(e->key, S("error.backup.missing"))) return e;
        if (e || sum.size != f->size || !str_eq(sum.sha256, f->sha256))
            FAIL(mem, ERR_INVALID, "error.backup.damaged", "the backup is damaged: %.*s %s", SFMT(f->path),
                 e ? "is missing" : "is not what was written");
    }
    return NULL;
}

/* --- a folder of backups */

static int newest_first(const void *a, const void *b)
{
    const Backup *x = a, *y = b;

    return x->began < y->began ? 1 : x->began > y->began ? -1 : str_cmp(y->name, x->name);
}

Err *backup_list(Arena *mem, Str folder, Backup **out, size_t *n)
{
    Str *names = NULL;
    size_t n_names = 0;

    *n = 0;
    TRY(folder_names(mem, folder, &names, &n_names));
    *out = NEW_N(mem, Backup, n_names + 1);
    for (size_t i = 0; i < n_names; i++) {
        Str dir = str_fmt(mem, "%.*s/%.*s", SFMT(folder), SFMT(names[i]));
        bool is_one = folder_has(mem, str_cat(mem, dir, S("/" BACKUP_MANIFEST))) &&
                      str_find(names[i], S(".unfinished-")) < 0;
        if (!is_one) continue;
        Backup *b = &(*out)[(*n)++];
        if (backup_read(mem, dir, b)) b->is_damaged = true;
    }
    qsort(*out, *n, sizeof **out, newest_first);
    return NULL;
}

Str backup_new_path(Arena *mem, Str folder, int64_t now)
{
    int64_t second = now / 1000 % 86400;
    CivilDate d = date_to_civil(now / 86400000);
    Str name =
        str_fmt(mem, "%.*s/kith-%04d%02d%02dT%02lld%02lld%02lldZ", SFMT(folder), d.year, d.month, d.day,
                (long long)(second / 3600), (long long)(second / 60 % 60), (long long)(second % 60));
    Str path = name;

    for (int i = 2; folder_has(mem, path); i++) path = str_fmt(mem, "%.*s-%d", SFMT(name), i);
    return path;
}

/* --- rotation */

Err *backup_keep_parse(Arena *mem, Str text, BackupKeep *out)
{
    int64_t *const parts[] = {&out->daily, &out->weekly, &out->monthly};
    Str rest = text;

    for (size_t i = 0; i < 3; i++) {
        Str part = rest.p ? str_cut(&rest, ' ') : (Str){0};
        if (!str_to_i64(part, parts[i]) || *parts[i] < 0 || *parts[i] > 1000)
            FAIL(mem, ERR_INVALID, "error.usage",
                 "backup.keep is three numbers: daily, weekly and monthly backups, as in \"7 4 12\"");
    }
    if (rest.p || out->daily + out->weekly + out->monthly == 0)
        FAIL(mem, ERR_INVALID, "error.usage", "backup.keep is three numbers, not all of them 0");
    return NULL;
}

static int64_t period_of(int64_t ms, int kind)
{
    int64_t day = ms / 86400000;
    CivilDate d = date_to_civil(day);

    if (kind == 0) return day;
    return kind == 1 ? (day + 3) / 7 : (int64_t)d.year * 12 + d.month; /* weeks begin on Monday */
}

/* The newest of each of the last `n` days, weeks, months that have one. */
static void keep_newest(const Backup *all, size_t n, int64_t keep, int kind, bool *goes)
{
    int64_t last = INT64_MIN;

    for (size_t i = 0; i < n && keep > 0; i++) {
        int64_t period = period_of(all[i].began, kind);
        if (!all[i].is_scheduled || all[i].is_damaged || period == last) continue;
        last = period;
        goes[i] = false;
        keep--;
    }
}

void backup_rotation(const Backup *all, size_t n, const BackupKeep *keep, bool *goes)
{
    for (size_t i = 0; i < n; i++) goes[i] = i > 0 && all[i].is_scheduled && !all[i].is_damaged;
    keep_newest(all, n, keep->daily, 0, goes);
    keep_newest(all, n, keep->weekly, 1, goes);
    keep_newest(all, n, keep->monthly, 2, goes);
}

Err *backup_rotate(Arena *mem, Str folder, const BackupKeep *keep, size_t *removed)
{
    Backup *all;
    size_t n;

    *removed = 0;
    TRY(backup_list(mem, folder, &all, &n));
    bool *goes = NEW_N(mem, bool, n + 1);
    backup_rotation(all, n, keep, goes);
    for (size_t i = 0; i < n; i++) {
        if (!goes[i]) continue;
        Str gone = str_fmt(mem, "%.*s.unfinished-old", SFMT(all[i].dir));
        TRY(folder_rename(mem, all[i].dir, gone)); /* never half a backup under a backup's name */
        TRY(folder_remove(mem, gone));
        ++*removed;
    }
    return NULL;
}
