/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's socket: whoever may open it (the owner of the folder) may run commands as on the command line. */
#include "app/socket.h"

#include "base/limits.h"
#include "base/log.h"
#include "json/json.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct SocketServer {
    Store *store;
    Str path;
    int fd;
    pthread_t thread;
    _Atomic bool is_stopping;
};

static bool address_of(Arena *mem, Str dir, struct sockaddr_un *out, Str *path)
{
    *path = str_fmt(mem, "%.*s/kith.sock", SFMT(dir));
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (path->n >= sizeof out->sun_path) return false;
    memcpy(out->sun_path, path->p, path->n);
    return true;
}

static bool write_all(int fd, Str s)
{
    while (s.n) {
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        s = str_from(s, (size_t)n);
    }
    return true;
}

/* Until the other side has shut down its end. */
static Str read_all(Arena *mem, int fd)
{
    Buf b = buf_new(mem, LIMIT_REPLY);
    char part[65536];

    for (;;) {
        ssize_t n = recv(fd, part, sizeof part, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return buf_str(&b);
        buf_add_n(&b, part, (size_t)n);
    }
}

static Str text_at(const Val *v, Str key)
{
    const Val *t = val_get(v, key);

    return t && t->kind == VAL_TEXT ? val_str(*t) : (Str){0};
}

static void send_progress(Run *run, int64_t done, int64_t total)
{
    const int *fd = run->progress_arg;
    char line[80];
    int n =
        snprintf(line, sizeof line, "{\"done\":%lld,\"total\":%lld}\n", (long long)done, (long long)total);

    if (n > 0 && !write_all(*fd, (Str){line, (size_t)n}))
        run->progress = NULL; /* the caller has gone; the work goes on */
}

static void answer(SocketServer *srv, int fd)
{
    Arena *mem = arena_new(0); /* the owner of the folder asks */
    Buf b = buf_new(mem, LIMIT_REPLY);
    JsonWriter w = json_writer(&b);
    Run run = {.code = EXIT_USAGE, .progress = send_progress, .progress_arg = &fd};
    Val asked;

    if (!json_parse(mem, read_all(mem, fd), &asked)) {
        const Val *list = val_get(&asked, S("args"));
        size_t n = list && list->kind == VAL_LIST ? list->n : 0;
        Str *args = NEW_N(mem, Str, n);
        for (size_t i = 0; i < n; i++)
            args[i] = list->list[i].kind == VAL_TEXT ? val_str(list->list[i]) : (Str){0};
        command_run(mem, srv->store, args, n, text_at(&asked, S("input")), text_at(&asked, S("cwd")), &run);
        json_open_obj(&w);
        json_pair_str(&w, "out", buf_str(&run.out));
        json_pair_str(&w, "err", buf_str(&run.err));
        json_pair_i64(&w, "code", run.code);
        json_close_obj(&w);
        buf_add_c(&b, '\n');
        if (!write_all(fd, buf_str(&b))) log_line(LOG_WARN, "the command's caller has gone", NULL);
    }
    arena_free(mem);
}

static void *serve(void *arg)
{
    SocketServer *srv = arg;

    while (!atomic_load(&srv->is_stopping)) {
        struct pollfd p = {.fd = srv->fd, .events = POLLIN};
        if (poll(&p, 1, 200) <= 0) continue;
        int fd = accept4(srv->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) continue;
        answer(srv, fd);
        close(fd);
    }
    return NULL;
}

Err *socket_serve(Arena *mem, Store *store, Str dir, SocketServer **out)
{
    SocketServer *srv = NEW(mem, SocketServer);
    struct sockaddr_un addr;

    srv->store = store;
    if (!address_of(mem, dir, &addr, &srv->path))
        FAIL(mem, ERR_INVALID, "error.socket", "the data folder's path is too long");
    (void)unlink(addr.sun_path); /* a crashed owner's: the folder's lock is ours */
    srv->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t old = umask(0177);
    int failed = srv->fd < 0 || bind(srv->fd, (struct sockaddr *)&addr, sizeof addr) || listen(srv->fd, 16);
    umask(old);
    if (failed) FAIL(mem, ERR_UNAVAILABLE, "error.socket", "%.*s: %s", SFMT(srv->path), strerror(errno));
    if (pthread_create(&srv->thread, NULL, serve, srv)) FAIL(mem, ERR_INTERNAL, "error.socket", "no thread");
    *out = srv;
    return NULL;
}

void socket_stop(SocketServer *srv)
{
    Arena *tmp;

    if (!srv) return;
    atomic_store(&srv->is_stopping, true);
    pthread_join(srv->thread, NULL);
    close(srv->fd);
    tmp = arena_new(0);
    (void)unlink(str_to_c(tmp, srv->path));
    arena_free(tmp);
}

/* Reads lines until the last one, drawing the progress the others tell. */
static Str read_answer(Arena *mem, int fd)
{
    Buf b = buf_new(mem, LIMIT_REPLY);
    char part[65536];
    size_t from = 0;

    for (;;) {
        ssize_t n = recv(fd, part, sizeof part, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        buf_add_n(&b, part, (size_t)n);
        for (ptrdiff_t end; (end = str_find_char(str_from(buf_str(&b), from), '\n')) >= 0;) {
            Str line = str_sub(buf_str(&b), from, (size_t)end);
            Val v;
            if (!str_starts(line, S("{\"done\":")) || json_parse(mem, line, &v)) break;
            const Val *done = val_get(&v, S("done")), *total = val_get(&v, S("total"));
            if (done && total) progress_draw(NULL, done->i, total->i);
            from += (size_t)end + 1;
        }
    }
    if (from) progress_clear();
    return str_from(buf_str(&b), from);
}

static Str request_text(Arena *mem, const Str *args, size_t n, Str input)
{
    Buf b = buf_new(mem, LIMIT_REPLY);
    JsonWriter w = json_writer(&b);
    char cwd[4096];

    json_open_obj(&w);
    json_key(&w, S("args"));
    json_open_list(&w);
    for (size_t i = 0; i < n; i++) json_str(&w, args[i]);
    json_close_list(&w);
    json_pair_str(&w, "input", input);
    json_pair_str(&w, "cwd", str_c(getcwd(cwd, sizeof cwd)));
    json_close_obj(&w);
    return buf_str(&b);
}

Err *socket_ask(Arena *mem, Str dir, const Str *args, size_t n, Str input, Str *out, Str *err, Exit *code)
{
    struct sockaddr_un addr;
    Str path;
    Val reply;

    int fd = address_of(mem, dir, &addr, &path) ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr)) {
        if (fd >= 0) close(fd);
        FAIL(mem, ERR_NOT_FOUND, "error.socket", "nobody listens at %.*s", SFMT(path));
    }
    bool is_sent = write_all(fd, request_text(mem, args, n, input)) && shutdown(fd, SHUT_WR) == 0;
    Str text = is_sent ? read_answer(mem, fd) : (Str){0};
    close(fd);
    Err *e = json_parse(mem, text, &reply);
    const Val *number = e ? NULL : val_get(&reply, S("code"));
    if (!number || number->kind != VAL_INT)
        FAIL(mem, ERR_UNAVAILABLE, "error.socket", "the server broke off");
    *out = text_at(&reply, S("out"));
    *err = text_at(&reply, S("err"));
    *code = (Exit)number->i;
    return NULL;
}
