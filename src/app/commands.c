/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of commands, and running one on an open store. */
#include "app/socket.h"
#include "base/limits.h"

const Command app_commands[] = {
    {"serve",
     "kith serve [--listen HOST:PORT] [--db URL] [--public-url URL] [--trust-proxy ADDRESSES]\n\n"
     "Makes the database when there is none yet; the first page then asks the rest.  Prints one line on standard output when it\n"
     "can answer.  SIGTERM finishes running requests and ends it.",
     "serve the browser and the API", NEEDS_CONFIG, NULL, false},
    {"init",
     "kith init [--currency USD] [--country US] [--language en|ru|pl] [--company NAME] [--zone IANA]\n\n"
     "For scripts: `kith serve` makes the database too, and asks these in the browser.",
     "make a new database", NEEDS_CONFIG, NULL, false},
    {"demo",
     "kith demo [--locale ru|pl|en] [--size small|medium|large] [--seed N]\n       kith demo --remove",
     "add or remove the demo company", NEEDS_STORE, cmd_demo, false},
    {"import",
     "kith import OBJECT FILE... [--match FIELD,FIELD] [--mode create|update|upsert] [--map MAP.yaml | --profile NAME]\n"
     "       kith import OBJECT=FILE OBJECT=FILE ...   files that refer to each other, in any order; a map has one for each object\n"
     "       kith import FOLDER           files that a built-in recipe knows\n"
     "       kith import undo RUN         takes an import back whole; redo brings it in again\n"
     "       kith import resume RUN [FILE]  goes on with one that was cut off, without a row twice\n\n"
     "CSV, XLSX, vCard and trees of Salesforce; encoding, separator and columns are found.\n\n"
     "  --match FIELDS       rows that agree with a record in all of them update it; the others make new ones\n"
     "  --mode MODE          create: only new ones; update: only those found; upsert: both (the default with --match)\n"
     "  --map MAP.yaml       which column goes to which field, when the headings are no names or labels of fields\n"
     "  --profile NAME       a ready mapping (amocrm, bitrix24, pipedrive, hubspot, salesforce, outlook) or a saved one\n"
     "  --date-order ORDER   dmy, mdy or ymd, for a column of dates that can be read in two ways\n"
     "  --table NAME         one sheet of a workbook\n"
     "  --encoding E, --separator S   when what was found is wrong\n"
     "  --add-options        values a choice does not know become options of it, as a part of the import\n"
     "  --dry-run            reads and checks everything, writes nothing\n"
     "  --json               the report as JSON, one object a line for each file\n\n"
     "Exit status: 0 all rows came in, 3 some were refused (each is named), 1 nothing was imported, 2 wrong usage.",
     "bring data in from files, and take it back", NEEDS_STORE, cmd_import, false},
    {"export",
     "kith export OBJECT [--filter CEL] [--columns a,b] --format csv|xlsx|json|vcard|pdf -o FILE\n"
     "       kith export --all DIR        the whole database in open formats\n\n"
     "  --columns a,b        fields in this order; * takes all; without it those of the list\n"
     "  --order-by F         -amount,name\n"
     "  --q WORDS            quick search, as in the list\n"
     "  --as-of TIME         as the list was at that moment\n"
     "  --names              headings are names of fields, not labels\n"
     "  --no-id              without the column of identifiers\n"
     "  --lang en|ru|pl      labels and numbers; the company's language without it\n"
     "  --separator C        of CSV: , ; | or tab; by language without it\n"
     "  --bom                CSV begins with a byte order mark, as Excel likes it\n"
     "  --vcard-version V    3.0 or 4.0\n"
     "  --json               ends with {\"rows\":n,\"file\":PATH}",
     "take records out to a file", NEEDS_STORE, cmd_export, false},
    {"user",
     "kith user add --email E [--name N] [--role KEY] [--team NAME] [--password-stdin] [--no-sign-in]\n"
     "       kith user password --email E    the new password is asked for, or read from standard input\n"
     "       kith user reset --email E       prints a link, good for one day, by which a password is chosen\n"
     "       kith user factor-off --email E  takes away the second factor of somebody who has lost it\n"
     "       kith user list [--json]\n\n"
     "Without --role the user is a salesperson; `kith role list` shows the roles.",
     "add users, set passwords", NEEDS_STORE, cmd_user, true},
    {"key", "kith key add --email E [--name N] [--json]", "make an API key; prints only the key", NEEDS_STORE,
     cmd_key, false},
    {"role",
     "kith role set KEY [--name N] [--rights JSON]    --rights - reads it from standard input\n"
     "       kith role list [--json]\n\n"
     "Rights are one JSON object: {\"administrator\": true}, or by object, \"*\" meaning all of them:\n"
     "  {\"*\": {\"read\": \"team\", \"create\": \"all\", \"update\": \"own\", \"delete\": \"none\", \"export\": false, \"mass\": false},\n"
     "   \"deal\": {\"fields\": {\"amount\": \"read\"}, \"limit\": \"category == 'open'\"}, \"masked\": true, \"actions\": [\"lead:convert\"]}\n"
     "Levels: none, own, team, all.  Fields: hidden, read, write.  `limit` narrows a level, `also` widens it.",
     "set what a role may do", NEEDS_STORE, cmd_role, true},
    {"schema", "kith schema plan [--json]\n       kith schema apply",
     "compare the object files with the database", NEEDS_STORE, cmd_schema, false},
    {"backup",
     "kith backup DIR [--json]\n       kith backup DIR --verify [--json]\n\n"
     "Makes the new folder DIR: the database as of one moment, the contents of files and a manifest.  The server goes on working.\n"
     "With --verify the backup in DIR is proved instead (or one is made and then proved): every hash, then a restore on trial\n"
     "and kith check on it.  A backup of PostgreSQL needs pg_dump, its trial --db and the right to make a database.\n"
     "The key of encrypted fields (secret.key) is never part of a backup.",
     "copy everything into a folder, or prove a copy", NEEDS_CONFIG, cmd_backup, false},
    {"restore",
     "kith restore BACKUP --data DIR [--db URL] [--json]\n"
     "       kith restore BACKUP --ship FOLDER [--until TIME] --data DIR\n"
     "       kith restore --done --db URL\n\n"
     "Into an empty folder (and an empty database) only.  Everybody is signed out, and nothing is sent to the outside until\n"
     "`kith resume-jobs`.  --ship goes on from the backup with the changes shipped to that folder, --until a moment.\n"
     "--done does the rest for a database that PostgreSQL itself has put back to a moment.",
     "put a backup back", NEEDS_CONFIG, NULL, false},
    {"resume-jobs", "kith resume-jobs", "let outgoing jobs run again after a restore", NEEDS_STORE,
     cmd_resume_jobs, false},
    {"cel", "kith cel < lines", "evaluate expressions, one JSON object a line", NEEDS_CONFIG, NULL, true},
    {"config", "kith config [--json]", "show settings and where each came from", NEEDS_CONFIG, NULL, false},
    {"check", "kith check [--json]", "prove that the database is whole", NEEDS_STORE, cmd_check, false},
    {"duplicates", "kith duplicates OBJECT [--key FIELD] [--least 0.5] [--keep] [--json]",
     "records that are likely the same, a cluster a line", NEEDS_STORE, cmd_duplicates, false},
    {"webhook", "kith webhook list|pause|resume|test|replay [NAME] [--since TIME] [--json]",
     "webhooks: how they are doing, and what failed sent again", NEEDS_STORE, cmd_webhook, false},
    {"meta",
     "kith meta [--json]                          choices whose options may be changed\n"
     "       kith meta show OBJECT.FIELD [--json]\n"
     "       kith meta add OBJECT.FIELD [--en LABEL] [--ru LABEL] [--pl LABEL] [--color C]\n"
     "       kith meta set OBJECT.FIELD VALUE [--en LABEL] ... [--color C] [--hide | --show | --reset]\n"
     "       kith meta order OBJECT.FIELD VALUE,VALUE,...\n\n"
     "A change holds at once, also for a server that runs. --reset takes an added option back and a declared one to its file.",
     "change the options of choices", NEEDS_STORE, cmd_meta, false},
    {"secrets",
     "kith secrets [--json]         which key is in force, what is sealed by it\n"
     "       kith secrets rotate      a new key; everything is sealed with it, older keys stay for older backups\n"
     "       kith secrets forget      takes the older keys out of the file\n"
     "       kith secrets reset       gives up what no key of the file opens: webhooks without a secret, second factors off",
     "the key of secrets in the database", NEEDS_STORE, cmd_secrets, false},
    {"bench", "kith bench [--json]", "measure this machine with this database", NEEDS_STORE, cmd_bench,
     false},
    {"version", "kith version [--json]", "print the version", NEEDS_NOTHING, cmd_version, false},
};
const size_t app_commands_count = sizeof app_commands / sizeof *app_commands;

static const Command *find(Str name)
{
    for (size_t i = 0; i < app_commands_count; i++)
        if (str_eq_c(name, app_commands[i].name)) return &app_commands[i];
    return NULL;
}

static void tell(Run *run, const Err *e)
{
    for (const Err *p = e; p; p = p->next) {
        buf_addf(&run->err, "kith: %.*s", SFMT(p->detail.n ? p->detail : p->key));
        if (p->field.n) buf_addf(&run->err, " (%.*s)", SFMT(p->field));
        for (const Err *c = p->cause; c; c = c->cause) buf_addf(&run->err, ": %.*s", SFMT(c->detail));
        buf_add_c(&run->err, '\n');
    }
    run->code = str_eq(e->key, S("error.usage")) ? EXIT_USAGE : EXIT_FAILED;
}

void command_run(Arena *mem, Store *store, Str *args, size_t n, Str input, Str cwd, Run *out)
{
    const Command *command = n ? find(args[0]) : NULL;

    out->mem = mem;
    out->store = store;
    out->input = input;
    out->cwd = cwd;
    out->out = buf_new(mem, LIMIT_REPLY);
    out->err = buf_new(mem, LIMIT_REPLY);
    out->code = EXIT_OK;
    out->args = n ? args + 1 : args;
    out->n = n ? n - 1 : 0;
    if (command && run_flag(out, "help")) {
        buf_addf(&out->out, "%s: %s\n\nusage: %s\n", command->name, command->help, command->usage);
        return;
    }
    if (!command || !command->run) {
        tell(out, err_new(mem, ERR_INVALID, "error.usage", "unknown command"));
        return;
    }
    out->is_json = run_flag(out, "json");
    Err *e = command->run(out);
    if (e) tell(out, e);
}
