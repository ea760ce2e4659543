/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the process's settings come from, and that nothing misspelt is ignored. */
#include "app/config.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *env, *otherwise, *help;
} KEYS[CONFIG_COUNT] = {
    [CONFIG_DATA] = {"data", "KITH_DATA", "./kith-data", "data folder"},
    [CONFIG_DB] = {"db", "KITH_DB", "", "postgres://... ; empty keeps everything in the data folder"},
    [CONFIG_LISTEN] = {"listen", "KITH_LISTEN", "127.0.0.1:8080", "address and port; port 0 picks one"},
    [CONFIG_PUBLIC_URL] = {"public-url", "KITH_PUBLIC_URL", "", "address people use, when behind a proxy"},
    [CONFIG_TRUST_PROXY] = {"trust-proxy", "KITH_TRUST_PROXY", "",
                            "addresses of proxies whose forwarded headers are believed"},
    [CONFIG_LOG_LEVEL] = {"log-level", "KITH_LOG_LEVEL", "info", "debug, info, warn or error"},
    [CONFIG_CONNECTIONS] = {"connections", "KITH_CONNECTIONS", "", "connections to the database"},
    [CONFIG_BACKUP_DIR] = {"backup.dir", "KITH_BACKUP_DIR", "", "folder of backups; else DATA/backups"},
    [CONFIG_BACKUP_AT] = {"backup.at", "KITH_BACKUP_AT", "", "time of day of the nightly backup, as 02:30"},
    [CONFIG_BACKUP_KEEP] = {"backup.keep", "KITH_BACKUP_KEEP", "7 4 12",
                            "how many daily, weekly, monthly ones stay"},
    [CONFIG_SHIP_DIR] = {"ship.dir", "KITH_SHIP_DIR", "",
                         "folder every change is copied to, to restore to any moment (SQLite)"},
    [CONFIG_SHIP_KEEP] = {"ship.keep", "KITH_SHIP_KEEP", "30",
                          "days within which any moment can be restored; 0: all since the first backup"},
    [CONFIG_DROP_ROOT] = {"drop-root", "KITH_DROP_ROOT", "",
                          "folder below which administrators may name folders to import from"},
    [CONFIG_DROP_EVERY] = {"drop-every", "KITH_DROP_EVERY", "10", "seconds between looks into them"},
    [CONFIG_LIMIT_IMPORT] = {"limit.import", "KITH_LIMIT_IMPORT", "2G",
                             "largest file to import, as 500M or 2G"},
    [CONFIG_LIMIT_FILE] = {"limit.file", "KITH_LIMIT_FILE", "64M", "largest file to attach"},
    [CONFIG_SESSION_HOURS] = {"session.hours", "KITH_SESSION_HOURS", "720", "how long a sign-in lasts"},
    [CONFIG_SECRET_KEY] = {"secret-key", "KITH_SECRET_KEY", "",
                           "file of the key of secrets; else DATA/secret.key"},
    [CONFIG_TLS_CERT] = {"tls-cert", "KITH_TLS_CERT", "", "certificate chain (PEM): answer by HTTPS"},
    [CONFIG_TLS_KEY] = {"tls-key", "KITH_TLS_KEY", "", "its private key (PEM), not readable by others"},
    [CONFIG_WEBHOOKS_PRIVATE] = {"webhooks-private", "KITH_WEBHOOKS_PRIVATE", "off",
                                 "on: webhooks may reach private addresses"},
    [CONFIG_TEST_WEBHOOKS] = {"test-webhooks", "KITH_TEST_WEBHOOKS", "",
                              "waits between attempts in milliseconds, for tests"},
    [CONFIG_TEST_CLOCK] = {"test-clock", "KITH_TEST_CLOCK", "", "fixed time in milliseconds, for tests"},
};

extern char **environ;

const char *config_name(ConfigKey key)
{
    return KEYS[key].name;
}

const char *config_help(ConfigKey key)
{
    return KEYS[key].help;
}

static int key_named(Str name)
{
    for (int i = 0; i < CONFIG_COUNT; i++)
        if (str_eq_c(name, KEYS[i].name)) return i;
    return -1;
}

static void set(Config *c, int key, Str value, const char *origin)
{
    if (c->origin[key]) return; /* an earlier source wins */
    c->value[key] = value;
    c->origin[key] = origin;
}

static Err *take_flags(Arena *mem, Str *args, size_t *n, Config *out)
{
    size_t kept = 0;

    for (size_t i = 0; i < *n; i++) {
        Str rest = args[i], name = {0};
        bool has_value = false;
        if (str_starts(rest, S("--"))) {
            rest = str_from(rest, 2);
            has_value = str_find_char(rest, '=') >= 0;
            name = str_cut(&rest, '=');
        }
        int key = name.n ? key_named(name) : -1;
        if (key < 0) {
            args[kept++] = args[i];
            continue;
        }
        if (!has_value && i + 1 >= *n)
            FAIL(mem, ERR_INVALID, "error.usage", "--%s needs a value", KEYS[key].name);
        set(out, key, has_value ? rest : args[++i], "flag");
    }
    *n = kept;
    return NULL;
}

static Err *take_environment(Arena *mem, Config *out)
{
    for (char **e = environ; *e; e++) {
        Str rest = str_c(*e), name = str_cut(&rest, '=');
        bool is_known = str_eq(name, S("KITH_BIN")) || str_eq(name, S("KITH_TEST_PG")) ||
                        str_eq(name, S("KITH_SHARED")) ||
                        (KITH_TEST_HOOKS && str_eq(name, S("KITH_TEST_FAULTS")));
        if (!str_starts(name, S("KITH_"))) continue;
        for (int i = 0; i < CONFIG_COUNT; i++)
            if (str_eq_c(name, KEYS[i].env)) {
                set(out, i, rest, "environment");
                is_known = true;
            }
        if (!is_known) FAIL(mem, ERR_INVALID, "error.config.key", "unknown variable %.*s", SFMT(name));
    }
    return NULL;
}

static Err *take_line(Arena *mem, Str line, int number, Config *out)
{
    Str rest = str_trim(line);

    if (rest.n == 0 || rest.p[0] == '#') return NULL;
    Str name = str_trim(str_cut(&rest, ':')), value = str_trim(rest);
    if (value.n && value.p[0] != '"' && value.p[0] != '\'' && str_find(value, S(" #")) >= 0)
        value = str_trim(str_sub(value, 0, (size_t)str_find(value, S(" #"))));
    if (value.n >= 2 && (value.p[0] == '"' || value.p[0] == '\'') && value.p[value.n - 1] == value.p[0])
        value = str_sub(value, 1, value.n - 2);
    int key = key_named(name);
    if (key < 0 || key == CONFIG_DATA)
        FAIL(mem, ERR_INVALID, "error.config.key", "kith.yaml:%d: unknown key %.*s", number, SFMT(name));
    set(out, key, str_copy(mem, value), "kith.yaml");
    return NULL;
}

static Err *take_file(Arena *mem, Config *out)
{
    Str dir = out->value[CONFIG_DATA];
    char *path = str_to_c(mem, str_fmt(mem, "%.*s/kith.yaml", SFMT(dir)));
    char line[4096];
    Err *e = NULL;
    FILE *f = fopen(path, "re");

    if (!f) return NULL;
    for (int number = 1; !e && fgets(line, sizeof line, f); number++)
        e = take_line(mem, str_c(line), number, out);
    fclose(f);
    return e;
}

Err *config_load(Arena *mem, Str *args, size_t *n, Config *out)
{
    *out = (Config){0};
    TRY(take_flags(mem, args, n, out));
    TRY(take_environment(mem, out));
    set(out, CONFIG_DATA, str_c(KEYS[CONFIG_DATA].otherwise), "default");
    TRY(take_file(mem, out));
    for (int i = 0; i < CONFIG_COUNT; i++) set(out, i, str_c(KEYS[i].otherwise), "default");
    return NULL;
}

Err *config_size(Arena *mem, const Config *c, ConfigKey key, uint64_t *out)
{
    Str text = c->value[key], number = text;
    int shift = 0;
    int64_t n = 0;

    if (text.n && str_find_char(S("kK"), text.p[text.n - 1]) >= 0) shift = 10;
    if (text.n && str_find_char(S("mM"), text.p[text.n - 1]) >= 0) shift = 20;
    if (text.n && str_find_char(S("gG"), text.p[text.n - 1]) >= 0) shift = 30;
    if (shift) number = str_sub(text, 0, text.n - 1);
    if (!str_to_i64(number, &n) || n <= 0 || n > INT64_C(1) << 32)
        FAIL(mem, ERR_INVALID, "error.config.size", "%s: %.*s is no size, as 500M or 2G", KEYS[key].name,
             SFMT(text));
    *out = (uint64_t)n << shift;
    return NULL;
}

Err *config_switch(Arena *mem, const Config *c, ConfigKey key, bool *out)
{
    Str value = c->value[key];

    *out = str_eq(value, S("on"));
    if (*out || str_eq(value, S("off"))) return NULL;
    FAIL(mem, ERR_INVALID, "error.usage", "--%s is on or off", KEYS[key].name);
}
