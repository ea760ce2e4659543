/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay for e-mail, for administrators: what it is set to (its password is never told), and a letter to try it by. */
#include "core/mail.h"

#include "api/mass.h"
#include "core/job.h"

static Err *write_server(Req *rq, Ctx *cx)
{
    MailServer server = {0};

    TRY(mail_server_get(cx, &server));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_str(w, "host", server.host);
    json_pair_i64(w, "port", server.port);
    json_pair_str(w, "security", server.security);
    json_pair_str(w, "user", server.user);
    json_pair_bool(w, "has_password", server.password.n > 0);
    json_pair_str(w, "from", server.from);
    json_pair_str(w, "name", server.name);
    json_close_obj(w);
    return NULL;
}

/* A key that is not given leaves what it says; another host is not shown the old one's password. */
static Err *take(Req *rq, Ctx *cx, MailServer *out)
{
    Str host = {0};

    TRY(mail_server_get(cx, out));
    host = out->host;
    struct {
        const char *name;
        Str *to;
    } texts[] = {{"host", &out->host}, {"security", &out->security}, {"user", &out->user},
                 {"from", &out->from}, {"name", &out->name},         {"password", &out->password}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bool is_given = val_get(&rq->body, str_c(texts[i].name)) != NULL;
        if (i == 5 && !is_given && !str_eq(host, out->host)) out->password = (Str){0};
        if (!is_given) continue;
        TRY(rq_text(rq, texts[i].name, false, texts[i].to));
        if (i < 5) *texts[i].to = str_trim(*texts[i].to);
    }
    return rq_number(rq, "port", 1, 65535, &out->port);
}

static Err *run_set(Req *rq, Ctx *cx)
{
    MailServer server = {0};

    TRY(take(rq, cx, &server));
    TRY(mail_server_set(cx, &server));
    return write_server(rq, cx);
}

static Err *run_test(Req *rq, Ctx *cx)
{
    Str to = {0};
    Id id;

    TRY(rq_text(rq, "to", false, &to));
    if (!to.n) to = cx->actor->email;
    if (!mail_address_is_good(to)) FAIL_FIELD(rq->mem, S("to"), "error.mail.address", "to");
    ValPair pairs[] = {
        {val_text(S("to")), val_text(to)},
        {val_text(S("subject")), val_text(lang_text(rq->mem, rq->lang, S("api.mail.test_subject"), NULL, 0))},
        {val_text(S("body")), val_text(lang_text(rq->mem, rq->lang, S("api.mail.test_body"), NULL, 0))},
    };
    TRY(job_add(cx, S("mail.test"), val_map(pairs, 3), cx->now, &id));
    return operation_to_json(rq, cx, id, 202);
}

const Route mail_routes[] = {
    {.method = "GET",
     .pattern = "/mail_server",
     .name = "getMailServer",
     .right = RIGHT_ADMINISTRATOR,
     .steps = {{WHERE_READ, write_server}}},
    {.method = "PATCH",
     .pattern = "/mail_server",
     .name = "setMailServer",
     .right = RIGHT_ADMINISTRATOR,
     .keys = "host port security user password from name",
     .is_secret = true,
     .is_record_write = true,
     .steps = {{WHERE_WRITE, run_set}}},
    {.method = "POST",
     .pattern = "/mail_server:test",
     .name = "testMailServer",
     .right = RIGHT_ADMINISTRATOR,
     .keys = "to",
     .steps = {{WHERE_WRITE, run_test}}},
    {0},
};
