/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith backup, kith restore, kith resume-jobs.  A backup is made by whoever owns the data folder, so it works while the server
   does; proving and restoring need no server and run here. */
#include "app/backup.h"

#include "app/socket.h"
#include "base/log.h"
#include "base/time.h"
#include "core/folder.h"
#include "core/job.h"
#include "db/backup.h"
#include "json/json.h"

#include <stdio.h>
#include <unistd.h>

static Err *draw(void *arg, int64_t done, int64_t total)
{
    Run *run = arg;

    if (run->progress) run->progress(run, done >> 20, total >> 20);
    return NULL;
}

static Str time_text(Arena *mem, int64_t ms)
{
    return timestamp_text(mem, val_timestamp(ms / 1000, (uint32_t)(ms % 1000) * 1000000));
}

static Str secret_key(Run *run)
{
    return run->store->secret_key;
}

static void show_made(Run *run, const Backup *b)
{
    JsonWriter w = json_writer(&run->out);

    if (!run->is_json) {
        buf_addf(&run->out, "backup %.*s: %lld bytes in %zu files, %lld.%03lld s\n", SFMT(b->dir),
                 (long long)b->bytes, b->n_files, (long long)(b->at - b->began) / 1000,
                 (long long)(b->at - b->began) % 1000);
        for (size_t i = 0; i < b->n_damaged; i++)
            buf_addf(&run->out, "damaged before the backup: %.*s\n", SFMT(b->damaged[i]));
        buf_addf(&run->out,
                 "The key of encrypted fields is never in a backup: keep a copy of %.*s elsewhere.\n",
                 SFMT(secret_key(run)));
        return;
    }
    json_open_obj(&w);
    json_pair_str(&w, "dir", b->dir);
    json_pair_i64(&w, "bytes", b->bytes);
    json_pair_i64(&w, "files", (int64_t)b->n_files);
    json_pair_i64(&w, "damaged", (int64_t)b->n_damaged);
    json_pair_str(&w, "database", b->database);
    json_pair_str(&w, "version", b->version);
    json_pair_str(&w, "cursor", b->cursor);
    json_pair_str(&w, "at", time_text(run->mem, b->moment));
    json_pair_i64(&w, "ms", b->at - b->began);
    json_pair_str(&w, "secret_key", secret_key(run));
    json_close_obj(&w);
    buf_add_c(&run->out, '\n');
}

Err *cmd_backup(Run *run)
{
    Str dir = run_positional(run);
    Backup made;

    TRY(run_no_more(run));
    if (!dir.n) FAIL(run->mem, ERR_INVALID, "error.usage", "kith backup DIR: which folder?");
    BackupOptions opt = {.db = run->store->db,
                         .ship = run->store->ship,
                         .data = run->store->dir,
                         .to = run_path(run, dir),
                         .progress = draw,
                         .arg = run};
    TRY(backup_make(run->mem, &opt, &made));
    if (made.n_damaged) run->code = EXIT_PARTLY;
    show_made(run, &made);
    return NULL;
}

static Err *resume(Ctx *cx, void *arg)
{
    return jobs_resume(cx, arg);
}

Err *cmd_resume_jobs(Run *run)
{
    bool were_paused = false;

    TRY(run_no_more(run));
    TRY(run_write(run, resume, &were_paused));
    buf_add(&run->out, were_paused ? S("outgoing jobs run again\n") : S("outgoing jobs were not paused\n"));
    return NULL;
}

/* --- proving */

static void show_proof(Arena *mem, const Backup *b, Str report, bool is_checked, bool is_json)
{
    if (is_json) {
        Buf out = buf_new(mem, 1u << 20);
        JsonWriter w = json_writer(&out);
        json_open_obj(&w);
        json_pair_str(&w, "dir", b->dir);
        json_pair_bool(&w, "ok", true);
        json_pair_i64(&w, "files", (int64_t)b->n_files);
        json_pair_bool(&w, "checked", is_checked);
        json_pair_str(&w, "at", time_text(mem, b->moment));
        json_pair_str(&w, "version", b->version);
        json_close_obj(&w);
        printf("%.*s\n", SFMT(buf_str(&out)));
        return;
    }
    printf("ok       %zu files are as they were written\n%.*s", b->n_files, SFMT(report));
    if (!is_checked)
        printf("The database was read through, but not opened: with --db it is restored for a trial.\n");
    printf("verified %.*s, of %.*s\n", SFMT(b->dir), SFMT(time_text(mem, b->moment)));
}

static int tell(Arena *mem, const Err *e)
{
    fprintf(stderr, "kith: %.*s\n", SFMT(e->detail.n ? e->detail : e->key));
    if (e->cause) fprintf(stderr, "kith: %.*s\n", SFMT(err_text(mem, e)));
    return str_eq(e->key, S("error.usage")) ? EXIT_USAGE : EXIT_FAILED;
}

static int verify(Arena *mem, const Config *config, Str dir, bool is_json)
{
    Backup b;
    Str report = {0};
    bool is_checked = false;
    Err *e = backup_prove(mem, dir, config->value[CONFIG_DB], &b, &report, &is_checked);

    if (e) {
        printf("%.*s", SFMT(report));
        fflush(stdout);
        return tell(mem, e);
    }
    show_proof(mem, &b, report, is_checked, is_json);
    return fflush(stdout) ? EXIT_FAILED : EXIT_OK;
}

/* --- making, here or there */

static int make_here(Arena *mem, const Config *config, const StoreOptions *opt, Str *args, size_t n)
{
    Run run = {.progress = progress_draw};
    Store *store;
    Str path = str_cat(mem, config->value[CONFIG_DATA], S("/kith.db"));

    if (!config->value[CONFIG_DB].n && access(str_to_c(mem, path), F_OK))
        return tell(mem, err_new(mem, ERR_NOT_FOUND, "error.store.empty", "there is no database in %.*s",
                                 SFMT(config->value[CONFIG_DATA])));
    Err *e = store_open_bare(mem, opt, &store);
    if (e) return tell(mem, e);
    command_run(mem, store, args, n, (Str){0}, (Str){0}, &run);
    progress_clear();
    db_close(store->db);
    printf("%.*s", SFMT(buf_str(&run.out)));
    fprintf(stderr, "%.*s", SFMT(buf_str(&run.err)));
    return fflush(stdout) ? EXIT_FAILED : (int)run.code;
}

static int make_one(Arena *mem, const Config *config, const StoreOptions *opt, Str *args, size_t n)
{
    Str out, err;
    Exit code = EXIT_FAILED;
    Err *e = socket_ask(mem, config->value[CONFIG_DATA], args, n, (Str){0}, &out, &err, &code);

    if (e && e->code != ERR_NOT_FOUND) return tell(mem, e);
    if (e) return make_here(mem, config, opt, args, n);
    printf("%.*s", SFMT(out));
    fprintf(stderr, "%.*s", SFMT(err));
    return fflush(stdout) ? EXIT_FAILED : (int)code;
}

int cmd_backup_main(Arena *mem, const Config *config, const StoreOptions *opt, Str *args, size_t n)
{
    Str *copy = NEW_N(mem, Str, n + 1), dir = {0};
    size_t n_copy = 0;
    bool verifies = false, is_json = false;

    for (size_t i = 0; i < n; i++) {
        bool is_verify = i > 0 && str_eq(args[i], S("--verify"));
        verifies = verifies || is_verify;
        is_json = is_json || str_eq(args[i], S("--json"));
        if (i > 0 && !str_starts(args[i], S("--")) && !dir.n) dir = args[i];
        if (!is_verify) copy[n_copy++] = args[i];
    }
    if (verifies && dir.n && folder_has(mem, str_cat(mem, dir, S("/" BACKUP_MANIFEST))))
        return verify(mem, config, dir, is_json);
    int code = make_one(mem, config, opt, copy, n_copy);
    return verifies && code == EXIT_OK ? verify(mem, config, dir, is_json) : code;
}

/* --- restoring */

static Err *read_until(Arena *mem, Str until, int64_t *out)
{
    Val v;

    *out = INT64_MAX;
    if (!until.n) return NULL;
    if (!timestamp_parse(until, &v))
        FAIL(mem, ERR_INVALID, "error.usage", "--until is a time such as 2026-11-22T14:05:00Z or ...+02:00");
    *out = v.i * 1000 + v.n / 1000000;
    return NULL;
}

static Err *restore_options(Run *run, const Config *config, RestoreOptions *opt)
{
    Str ship = run_option(run, "ship"), until = run_option(run, "until");

    *opt = (RestoreOptions){.from = run_positional(run),
                            .data = config->value[CONFIG_DATA],
                            .url = config->value[CONFIG_DB],
                            .ship = ship,
                            .progress = draw,
                            .arg = run};
    TRY(run_no_more(run));
    if (!opt->from.n) FAIL(run->mem, ERR_INVALID, "error.usage", "kith restore BACKUP: which folder?");
    if (until.n && !ship.n)
        FAIL(run->mem, ERR_INVALID, "error.usage", "--until needs --ship, the folder of shipped segments");
    if (ship.n && opt->url.n)
        FAIL(run->mem, ERR_INVALID, "error.usage",
             "--ship is for SQLite; PostgreSQL restores to a moment by itself");
    return read_until(run->mem, until, &opt->until);
}

static void show_restored(Arena *mem, const RestoreOptions *opt, const Restored *r, bool is_json)
{
    int64_t moment = r->reached ? r->reached : r->backup.moment;

    if (is_json) {
        printf("{\"data\":\"%.*s\",\"files\":%zu,\"at\":\"%.*s\",\"epoch\":%lld,\"jobs_paused\":true}\n",
               SFMT(opt->data), r->backup.n_files, SFMT(time_text(mem, moment)), (long long)r->epoch);
        return;
    }
    printf("restored %.*s as of %.*s\n", SFMT(opt->data), SFMT(time_text(mem, moment)));
    if (opt->ship.n && opt->until != INT64_MAX && !r->reached)
        printf("No shipped segment holds a change after the backup and before that moment.\n");
    printf("Everybody signs in anew.  Nothing is sent to the outside until `kith resume-jobs`.\n"
           "The key of encrypted fields is not in a backup: put it back as %.*s/secret.key.\n",
           SFMT(opt->data));
}

/* What is left to do when PostgreSQL has put the database back by itself. */
static int restored_already(Run *run, const Config *config, bool is_json)
{
    RestoreOptions opt = {.data = config->value[CONFIG_DATA], .url = config->value[CONFIG_DB]};
    int64_t epoch = 0;
    Err *e = run_no_more(run);

    if (!e) e = backup_restored(run->mem, &opt, &epoch);
    if (e) return tell(run->mem, e);
    if (is_json)
        printf("{\"epoch\":%lld,\"jobs_paused\":true}\n", (long long)epoch);
    else
        printf("Everybody signs in anew.  Nothing is sent to the outside until `kith resume-jobs`.\n");
    return fflush(stdout) ? EXIT_FAILED : EXIT_OK;
}

int cmd_restore_main(Arena *mem, const Config *config, Str *args, size_t n)
{
    Run run = {.mem = mem, .args = args + 1, .n = n - 1, .progress = progress_draw};
    bool is_json = run_flag(&run, "json");

    if (run_flag(&run, "done")) return restored_already(&run, config, is_json);
    RestoreOptions opt;
    Restored restored;

    Err *e = restore_options(&run, config, &opt);
    if (!e) e = backup_restore(mem, &opt, &restored);
    progress_clear();
    if (e) return tell(mem, e);
    show_restored(mem, &opt, &restored, is_json);
    return fflush(stdout) ? EXIT_FAILED : EXIT_OK;
}
