/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith: one program.  Reads the configuration, finds the command, opens the store or asks the server that owns it. */
#include "app/backup.h"
#include "app/cmd_cel.h"
#include "app/config.h"
#include "app/modules.h"
#include "app/serve.h"
#include "app/socket.h"
#include "base/limits.h"
#include "base/log.h"
#include "json/json.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static void print(FILE *to, Str s)
{
    if (s.n) fwrite(s.p, 1, s.n, to);
}

static bool has_arg(const Str *args, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(args[i], what)) return true;
    return false;
}

/* One line typed at the terminal, not shown. */
static Str ask_password(Arena *mem)
{
    struct termios shown, hidden;
    char line[1024] = "";

    fputs("Password: ", stderr);
    bool is_hidden = tcgetattr(STDIN_FILENO, &shown) == 0;
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    if (is_hidden) (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    char *got = fgets(line, sizeof line, stdin);
    if (is_hidden) (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    return got ? str_copy(mem, str_c(line)) : (Str){0};
}

/* Standard input, for the commands that say they want it: the others leave it to the script they stand in. */
static Str read_input(Arena *mem, const Str *args, size_t n)
{
    bool is_password =
        has_arg(args, n, "--password-stdin") || (str_eq(args[0], S("user")) && has_arg(args, n, "password"));
    Buf b = buf_new(mem, LIMIT_BODY);
    char part[65536];
    size_t got;

    if (!is_password && !has_arg(args, n, "-") && !has_arg(args, n, "--rights=-")) return (Str){0};
    if (is_password && isatty(STDIN_FILENO)) return ask_password(mem);
    while ((got = fread(part, 1, sizeof part, stdin)) > 0) buf_add_n(&b, part, got);
    return buf_str(&b);
}

static int fail(Arena *mem, const Err *e)
{
    const char *why = str_eq(e->key, S("error.db.locked")) ? "another kith is using this data folder: " : "";

    fprintf(stderr, "kith: %s%.*s\n", why, SFMT(e->detail.n ? e->detail : e->key));
    if (e->next || e->cause) fprintf(stderr, "kith: %.*s\n", SFMT(err_text(mem, e)));
    return str_eq(e->key, S("error.usage")) ? EXIT_USAGE : EXIT_FAILED;
}

static Err *store_options(Arena *mem, const Config *config, StoreOptions *out)
{
    int64_t n = 0;

    *out = (StoreOptions){.db = {.dir = config->value[CONFIG_DATA], .url = config->value[CONFIG_DB]},
                          .secret_key = config->value[CONFIG_SECRET_KEY],
                          .modules = app_modules,
                          .n_modules = app_modules_count};
    if (config->value[CONFIG_CONNECTIONS].n &&
        (!str_to_i64(config->value[CONFIG_CONNECTIONS], &n) || n < 1 || n > 1000))
        FAIL(mem, ERR_INVALID, "error.usage", "--connections is a number from 1 to 1000");
    out->db.connections = (unsigned)n;
    if (!out->db.url.n) out->db.ship = config->value[CONFIG_SHIP_DIR];
    if (!str_to_i64(config->value[CONFIG_SHIP_KEEP], &out->db.ship_days) || out->db.ship_days < 0 ||
        out->db.ship_days > 36500)
        FAIL(mem, ERR_INVALID, "error.usage", "--ship.keep is a number of days, 0 for ever");
    if (config->value[CONFIG_TEST_CLOCK].n) {
#if KITH_TEST_HOOKS
        if (!str_to_i64(config->value[CONFIG_TEST_CLOCK], &out->clock_ms))
            FAIL(mem, ERR_INVALID, "error.usage", "--test-clock is a number");
#else
        FAIL(mem, ERR_INVALID, "error.usage", "--test-clock is not part of a release");
#endif
    }
    return NULL;
}

static Err *make_dir(Arena *mem, const Config *config)
{
    Str dir = config->value[CONFIG_DATA];

    if (mkdir(str_to_c(mem, dir), 0700) && errno != EEXIST)
        FAIL(mem, ERR_UNAVAILABLE, "error.store.dir", "cannot make the data folder %.*s: %s", SFMT(dir),
             strerror(errno));
    return NULL;
}

/* A command makes no empty folder behind a misspelt --data. */
static Err *find_dir(Arena *mem, const Config *config)
{
    Str dir = config->value[CONFIG_DATA];

    if (config->value[CONFIG_DB].n) return make_dir(mem, config);
    if (access(str_to_c(mem, str_fmt(mem, "%.*s/kith.db", SFMT(dir))), F_OK))
        FAIL(mem, ERR_NOT_FOUND, "error.store.empty",
             "there is no database in %.*s: kith init or kith serve makes one; --data names another folder",
             SFMT(dir));
    return NULL;
}

static int finish(Str out, Str err, Exit code)
{
    print(stdout, out);
    print(stderr, err);
    return fflush(stdout) ? EXIT_FAILED : (int)code;
}

/* On the store: through its owner when somebody holds the folder, else by ourselves. */
static int run_here_or_there(Arena *mem, const Config *config, Str *args, size_t n)
{
    StoreOptions opt;
    Store *store;
    Str input = read_input(mem, args, n), out = {0}, err = {0};
    Exit code = EXIT_FAILED;
    Run run = {.progress = progress_draw};

    Err *e = config->value[CONFIG_DB].n
                 ? err_new(mem, ERR_NOT_FOUND, "error.socket", "no socket")
                 : socket_ask(mem, config->value[CONFIG_DATA], args, n, input, &out, &err, &code);
    if (!e) return finish(out, err, code);
    if (e->code != ERR_NOT_FOUND) return fail(mem, e); /* a server took the command and broke off */
    e = find_dir(mem, config);
    if (!e) e = store_options(mem, config, &opt);
    if (!e) opt.keeps_schema = str_eq(args[0], S("schema"));
    if (!e) e = store_open(mem, &opt, &store);
    if (e) return fail(mem, e);
    command_run(mem, store, args, n, input, (Str){0}, &run);
    progress_clear();
    store_close(store);
    return finish(buf_str(&run.out), buf_str(&run.err), run.code);
}

/* What is not said of language, country and currency follows from what is. */
static void fill_home(InitOptions *init)
{
    static const struct {
        Str language, country, currency;
    } HOMES[] = {{S_INIT("en"), S_INIT("US"), S_INIT("USD")},
                 {S_INIT("ru"), S_INIT("RU"), S_INIT("RUB")},
                 {S_INIT("pl"), S_INIT("PL"), S_INIT("PLN")}};
    size_t home = 0;

    for (size_t i = 0; i < sizeof HOMES / sizeof *HOMES; i++) {
        if (init->language.n  ? str_eq(init->language, HOMES[i].language)
            : init->country.n ? str_eq(init->country, HOMES[i].country)
                              : str_eq(init->currency, HOMES[i].currency))
            home = i;
    }
    if (!init->language.n) init->language = HOMES[home].language;
    if (!init->country.n) init->country = HOMES[home].country;
    if (!init->currency.n) init->currency = HOMES[home].currency;
}

static int run_init(Arena *mem, const Config *config, Str *args, size_t n)
{
    Run run = {.mem = mem, .args = args, .n = n};
    InitOptions init = {.currency = run_option(&run, "currency"),
                        .country = run_option(&run, "country"),
                        .language = run_option(&run, "language"),
                        .company = run_option(&run, "company"),
                        .zone = run_option(&run, "zone")};
    StoreOptions opt;
    Store *store;

    Err *e = run_no_more(&run);
    if (!e && init.language.n && !str_eq(init.language, S("en")) && !str_eq(init.language, S("ru")) &&
        !str_eq(init.language, S("pl")))
        e = err_new(mem, ERR_INVALID, "error.usage", "--language is en, ru or pl");
    fill_home(&init);
    if (!init.company.n) init.company = S("Kith");
    if (!e) e = make_dir(mem, config);
    if (!e) e = store_options(mem, config, &opt);
    if (!e) e = store_init(mem, &opt, &init, &store);
    if (e) return fail(mem, e);
    store_close(store);
    printf("initialised %.*s\n", SFMT(config->value[CONFIG_DATA]));
    return EXIT_OK;
}

/* postgres://name:secret@host -> postgres://name:***@host */
static Str without_password(Arena *mem, Str url)
{
    ptrdiff_t scheme = str_find(url, S("://"));
    Str rest = scheme < 0 ? url : str_from(url, (size_t)scheme + 3);
    ptrdiff_t at = str_find_char(rest, '@'), colon = str_find_char(rest, ':');

    if (scheme < 0 || at < 0 || colon < 0 || colon > at) return url;
    return str_fmt(mem, "%.*s://%.*s:***%.*s", (int)scheme, url.p, (int)colon, rest.p,
                   SFMT(str_from(rest, (size_t)at)));
}

static int run_config(Arena *mem, const Config *config, Str *args, size_t n)
{
    Run run = {.mem = mem, .args = args, .n = n};
    bool is_json = run_flag(&run, "json");

    Err *e = run_no_more(&run);
    if (e) return fail(mem, e);
    Buf b = buf_new(mem, 1u << 16);
    JsonWriter w = json_writer(&b);
    if (is_json) json_open_obj(&w);
    for (int i = 0; i < CONFIG_COUNT; i++) {
        ConfigKey key = (ConfigKey)i;
        Str v = key == CONFIG_DB ? without_password(mem, config->value[i]) : config->value[i];
        if (is_json) {
            json_key(&w, str_c(config_name(key)));
            json_open_obj(&w);
            json_pair_str(&w, "value", v);
            json_pair_str(&w, "origin", str_c(config->origin[i]));
            json_close_obj(&w);
        } else {
            buf_addf(&b, "%-14s %-28.*s %-12s %s\n", config_name(key), SFMT(v), config->origin[i],
                     config_help(key));
        }
    }
    if (is_json) json_close_obj(&w);
    if (is_json) buf_add_c(&b, '\n');
    return finish(buf_str(&b), (Str){0}, EXIT_OK);
}

static int usage(FILE *to)
{
    fprintf(
        to,
        "kith %s: a customer relationship system in one program\n\nusage: kith [--data DIR] [--db URL] COMMAND ...\n\n",
        KITH_VERSION);
    for (size_t i = 0; i < app_commands_count; i++)
        fprintf(to, "  %-11s %s\n", app_commands[i].name, app_commands[i].help);
    fprintf(
        to,
        "\nkith COMMAND --help tells more.  Settings: an option, else a variable (KITH_PUBLIC_URL for --public-url), else a line of\nkith.yaml in the data folder (public-url: ...):\n");
    for (int i = 0; i < CONFIG_COUNT; i++)
        fprintf(to, "  --%-14s %s\n", config_name((ConfigKey)i), config_help((ConfigKey)i));
    return to == stdout ? EXIT_OK : EXIT_USAGE;
}

static Err *set_log_level(Arena *mem, const Config *config)
{
    static const char *const NAMES[] = {"debug", "info", "warn", "error"};

    for (int i = 0; i < 4; i++)
        if (str_eq_c(config->value[CONFIG_LOG_LEVEL], NAMES[i])) {
            log_set_level((LogLevel)i);
            return NULL;
        }
    FAIL(mem, ERR_INVALID, "error.usage", "log-level is debug, info, warn or error");
}

static int run_special(Arena *mem, const Config *config, Str *args, size_t n)
{
    Run rest = {.mem = mem, .args = args + 1, .n = n - 1};
    StoreOptions opt;

    if (str_eq(args[0], S("init"))) return run_init(mem, config, args + 1, n - 1);
    if (str_eq(args[0], S("config"))) return run_config(mem, config, args + 1, n - 1);
    if (str_eq(args[0], S("restore"))) return cmd_restore_main(mem, config, args, n);
    if (str_eq(args[0], S("backup"))) {
        Err *e = store_options(mem, config, &opt);
        return e ? fail(mem, e) : cmd_backup_main(mem, config, &opt, args, n);
    }
    Err *e = run_no_more(&rest);
    if (str_eq(args[0], S("cel"))) {
        if (!e) e = cmd_cel(mem, stdin, stdout);
        return e ? fail(mem, e) : EXIT_OK;
    }
    if (!e) e = store_options(mem, config, &opt);
    if (!e) e = make_dir(mem, config);
    if (!e) e = serve(mem, &opt, config);
    return e ? fail(mem, e) : EXIT_OK;
}

static int run_command(Arena *mem, const Config *config, Str *args, size_t n)
{
    const Command *found = NULL;
    Run run = {0};

    for (size_t i = 0; i < app_commands_count; i++)
        if (str_eq_c(args[0], app_commands[i].name)) found = &app_commands[i];
    if (!found) {
        fprintf(stderr, "kith: unknown command '%.*s'; kith --help lists them\n", SFMT(args[0]));
        return EXIT_USAGE;
    }
    if (found->needs == NEEDS_NOTHING || has_arg(args, n, "--help")) {
        command_run(mem, NULL, args, n, (Str){0}, (Str){0}, &run);
        return finish(buf_str(&run.out), buf_str(&run.err), run.code);
    }
    if (found->needs == NEEDS_CONFIG) return run_special(mem, config, args, n);
    return run_here_or_there(mem, config, args, n);
}

/* Each thread would else keep an arena of the C library's own: tens of megabytes that nothing uses again. */
#define MALLOC_ARENAS 4

int main(int argc, char **argv)
{
    mallopt(M_ARENA_MAX, MALLOC_ARENAS);
    Arena *mem = arena_new(0);
    size_t n = argc > 1 ? (size_t)argc - 1 : 0;
    Str *args = NEW_N(mem, Str, n + 1);
    Config config;

    for (size_t i = 0; i < n; i++) args[i] = str_c(argv[i + 1]);
    Err *e = config_load(mem, args, &n, &config);
    int code = e ? fail(mem, e)
               : n == 0 || str_eq(args[0], S("help")) || str_eq(args[0], S("--help"))
                   ? usage(n ? stdout : stderr)
                   : -1;
    if (code < 0) {
        e = set_log_level(mem, &config);
        code = e ? fail(mem, e) : run_command(mem, &config, args, n);
    }
    arena_free(mem);
    return code;
}
