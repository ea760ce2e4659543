/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/command.h"

/* Commands through the socket of the server that owns the data folder (kith.sock, 0600): one JSON line there
   {"args":[..],"input":"..","cwd":".."}; back come lines {"done":n,"total":n} of long work and one last
   {"out":"..","err":"..","code":n}. */

typedef struct SocketServer SocketServer;
MUST_CHECK Err *socket_serve(Arena *mem, Store *store, Str dir, SocketServer **out);
void socket_stop(SocketServer *srv);

/** Asks the owner of `dir` to run `args`; NOT_FOUND when nobody listens. */
MUST_CHECK Err *socket_ask(Arena *mem, Str dir, const Str *args, size_t n, Str input, Str *out, Str *err,
                           Exit *code);

/** Runs one command on `store` (or NULL): finds it, handles --help and --json, fills out, err, code. */
void command_run(Arena *mem, Store *store, Str *args, size_t n, Str input, Str cwd, Run *out);
