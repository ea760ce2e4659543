/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* Settings of the process: flag, then KITH_*, then kith.yaml in the data folder, then the default. */
typedef enum ConfigKey {
    CONFIG_DATA,
    CONFIG_DB,
    CONFIG_LISTEN,
    CONFIG_PUBLIC_URL,
    CONFIG_TRUST_PROXY,
    CONFIG_LOG_LEVEL,
    CONFIG_CONNECTIONS,
    CONFIG_BACKUP_DIR,
    CONFIG_BACKUP_AT,
    CONFIG_BACKUP_KEEP,
    CONFIG_SHIP_DIR,
    CONFIG_SHIP_KEEP,
    CONFIG_DROP_ROOT,
    CONFIG_DROP_EVERY,
    CONFIG_LIMIT_IMPORT,
    CONFIG_LIMIT_FILE,
    CONFIG_SESSION_HOURS,
    CONFIG_SECRET_KEY,
    CONFIG_TLS_CERT,
    CONFIG_TLS_KEY,
    CONFIG_WEBHOOKS_PRIVATE,
    CONFIG_TEST_CLOCK,
    CONFIG_TEST_WEBHOOKS,
    CONFIG_COUNT,
} ConfigKey;

typedef struct Config {
    Str value[CONFIG_COUNT];
    const char *origin[CONFIG_COUNT]; /* "flag", "environment", "kith.yaml", "default" */
} Config;

/** Takes the global options out of `args` (in place; `*n` shrinks), reads environment and kith.yaml.  An unknown key in the
    file or an unknown KITH_ variable is INVALID{error.config.key}. */
MUST_CHECK Err *config_load(Arena *mem, Str *args, size_t *n, Config *out);
/** A size in bytes, as 64M or 2G.  INVALID{error.config.size}. */
MUST_CHECK Err *config_size(Arena *mem, const Config *c, ConfigKey key, uint64_t *out);
/** Whether `key` is on: INVALID{error.usage} unless it says on or off. */
MUST_CHECK Err *config_switch(Arena *mem, const Config *c, ConfigKey key, bool *out);
const char *config_name(ConfigKey key);
const char *config_help(ConfigKey key);
