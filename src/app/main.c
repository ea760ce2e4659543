/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith: one program.  Reads the configuration, finds the command, opens the store or asks the server that owns it. */
#include "app/cmd_cel.h"
#include "app/config.h"
#include "app/modules.h"
#include "app/serve.h"
#include "app/socket.h"
#include "base/limits.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void print(FILE *to, Str s)
{
    if (s.n) fwrite(s.p, 1, s.n, to);
}

static Str read_input(Arena *mem)
{
    Buf b = buf_new(mem, LIMIT_BODY);
    char part[65536];
    size_t n;

    while ((n = fread(part, 1, sizeof part, stdin)) > 0) buf_add_n(&b, part, n);
    return buf_str(&b);
}

static int fail(Arena *mem, const Err *e)
{
    fprintf(stderr, "kith: %.*s\n", SFMT(e->detail.n ? e->detail : e->key));
    if (e->next || e->cause) fprintf(stderr, "kith: %.*s\n", SFMT(err_text(mem, e)));
    return str_eq(e->key, S("error.usage")) ? EXIT_USAGE : EXIT_FAILED;
}

static Err *store_options(Arena *mem, const Config *config, StoreOptions *out)
{
    int64_t n = 0;

    *out = (StoreOptions){.db = {.dir = config->value[CONFIG_DATA], .url = config->value[CONFIG_DB]},
                          .modules = app_modules, .n_modules = app_modules_count};
    if (config->value[CONFIG_CONNECTIONS].n && (!str_to_i64(config->value[CONFIG_CONNECTIONS], &n) || n < 1 || n > 1000))
        FAIL(mem, ERR_INVALID, "error.usage", "--connections is a number from 1 to 1000");
    out->db.connections = (unsigned)n;
    if (config->value[CONFIG_TEST_CLOCK].n) {
#if KITH_TEST_HOOKS
        if (!str_to_i64(config->value[CONFIG_TEST_CLOCK], &out->clock_ms)) FAIL(mem, ERR_INVALID, "error.usage", "--test-clock is a number");
#else
        FAIL(mem, ERR_INVALID, "error.usage", "--test-clock is not part of a release");
#endif
    }
    if (mkdir(str_to_c(mem, out->db.dir), 0700) && errno != EEXIST)
        FAIL(mem, ERR_UNAVAILABLE, "error.store.dir", "cannot make the data folder %.*s", SFMT(out->db.dir));
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
    Str input = isatty(STDIN_FILENO) ? (Str){0} : read_input(mem), out, err;
    Exit code;
    Run run = {.progress = progress_draw};

    Err *e = config->value[CONFIG_DB].n ? err_new(mem, ERR_NOT_FOUND, "error.socket", "no socket")
                                        : socket_ask(mem, config->value[CONFIG_DATA], args, n, input, &out, &err, &code);
    if (!e) return finish(out, err, code);
    if (e->code != ERR_NOT_FOUND) return fail(mem, e); /* a server took the command and broke off */
    e = store_options(mem, config, &opt);
    opt.keeps_schema = str_eq(args[0], S("schema"));
    if (!e) e = store_open(mem, &opt, &store);
    if (e) return fail(mem, e);
    command_run(mem, store, args, n, input, (Str){0}, &run);
    progress_clear();
    store_close(store);
    return finish(buf_str(&run.out), buf_str(&run.err), run.code);
}

static int run_init(Arena *mem, const Config *config, Str *args, size_t n)
{
    Run run = {.mem = mem, .args = args, .n = n};
    InitOptions init = {.currency = run_option(&run, "currency"), .country = run_option(&run, "country"),
                        .language = run_option(&run, "language"), .company = run_option(&run, "company"),
                        .zone = run_option(&run, "zone")};
    StoreOptions opt;
    Store *store;

    Err *e = run_no_more(&run);
    if (!init.language.n) init.language = S("en");
    if (!init.country.n) init.country = str_eq(init.language, S("ru")) ? S("RU") : str_eq(init.language, S("pl")) ? S("PL") : S("US");
    if (!init.currency.n) init.currency = str_eq(init.country, S("RU")) ? S("RUB") : str_eq(init.country, S("PL")) ? S("PLN") : S("USD");
    if (!init.company.n) init.company = S("Kith");
    if (!e) e = store_options(mem, config, &opt);
    if (!e) e = store_init(mem, &opt, &init, &store);
    if (e) return fail(mem, e);
    store_close(store);
    printf("initialised %.*s\n", SFMT(config->value[CONFIG_DATA]));
    return EXIT_OK;
}

static int run_config(Arena *mem, const Config *config, Str *args, size_t n)
{
    Run run = {.mem = mem, .args = args, .n = n};
    bool is_json = run_flag(&run, "json");

    Err *e = run_no_more(&run);
    if (e) return fail(mem, e);
    if (is_json) printf("{");
    for (int i = 0; i < CONFIG_COUNT; i++) {
        Str v = config->value[i];
        if (is_json) printf("%s\"%s\":{\"value\":\"%.*s\",\"origin\":\"%s\"}", i ? "," : "", config_name((ConfigKey)i), SFMT(v), config->origin[i]);
        else printf("%-14s %-28.*s %-12s %s\n", config_name((ConfigKey)i), SFMT(v), config->origin[i], config_help((ConfigKey)i));
    }
    if (is_json) printf("}\n");
    return EXIT_OK;
}

static int usage(FILE *to)
{
    fprintf(to, "kith %s: a customer relationship system in one program\n\nusage: kith [--data DIR] [--db URL] COMMAND ...\n\n", KITH_VERSION);
    for (size_t i = 0; i < app_commands_count; i++) fprintf(to, "  %-10s %s\n", app_commands[i].name, app_commands[i].help);
    fprintf(to, "\nkith COMMAND --help tells more.  Options of the process (also KITH_NAME or kith.yaml):\n");
    for (int i = 0; i < CONFIG_COUNT; i++) fprintf(to, "  --%-14s %s\n", config_name((ConfigKey)i), config_help((ConfigKey)i));
    return to == stdout ? EXIT_OK : EXIT_USAGE;
}

static void set_log_level(const Config *config)
{
    static const char *const NAMES[] = {"debug", "info", "warn", "error"};

    for (int i = 0; i < 4; i++)
        if (str_eq_c(config->value[CONFIG_LOG_LEVEL], NAMES[i])) log_set_level((LogLevel)i);
}

static bool wants_help(const Str *args, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(args[i], S("--help"))) return true;
    return false;
}

static int run_special(Arena *mem, const Config *config, Str *args, size_t n)
{
    StoreOptions opt;

    if (str_eq(args[0], S("init"))) return run_init(mem, config, args + 1, n - 1);
    if (str_eq(args[0], S("config"))) return run_config(mem, config, args + 1, n - 1);
    if (str_eq(args[0], S("cel"))) {
        Err *e = cmd_cel(mem, stdin, stdout);
        return e ? fail(mem, e) : EXIT_OK;
    }
    Err *e = store_options(mem, config, &opt);
    if (!e && n > 1) e = err_new(mem, ERR_INVALID, "error.usage", "unknown argument %.*s", SFMT(args[1]));
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
        fprintf(stderr, "kith: unknown command '%.*s'\n", SFMT(args[0]));
        return usage(stderr);
    }
    if (found->needs == NEEDS_NOTHING || wants_help(args, n)) {
        command_run(mem, NULL, args, n, (Str){0}, (Str){0}, &run);
        return finish(buf_str(&run.out), buf_str(&run.err), run.code);
    }
    if (found->needs == NEEDS_CONFIG) return run_special(mem, config, args, n);
    return run_here_or_there(mem, config, args, n);
}

int main(int argc, char **argv)
{
    Arena *mem = arena_new(0);
    size_t n = argc > 1 ? (size_t)argc - 1 : 0;
    Str *args = NEW_N(mem, Str, n + 1);
    Config config;

    for (size_t i = 0; i < n; i++) args[i] = str_c(argv[i + 1]);
    Err *e = config_load(mem, args, &n, &config);
    int code = e ? fail(mem, e) : n == 0 || str_eq(args[0], S("help")) || str_eq(args[0], S("--help")) ? usage(n ? stdout : stderr) : -1;
    if (code < 0) {
        set_log_level(&config);
        code = run_command(mem, &config, args, n);
    }
    arena_free(mem);
    return code;
}
