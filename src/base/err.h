/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

typedef enum ErrCode {
    ERR_INVALID = 1, /* the input is wrong: 400, or 422 for the fields of a record */
    ERR_NOT_FOUND,   /* 404; also whatever the caller may not see */
    ERR_DENIED,      /* 401 (nobody signed in) or 403 */
    ERR_CONFLICT,    /* 409, 412 */
    ERR_LIMIT,       /* 413, 429, a statement over its budget */
    ERR_UNAVAILABLE, /* 503: try again */
    ERR_INTERNAL,    /* 500: our bug or a broken database */
} ErrCode;

#define ERR_ARGS 4

/* One error: lives in the arena it was made in, freed by nobody.  `key` names the message for people in lang/,
   `args` fill its {0} {1} ... ; `detail` is English for the log; `field` the field it belongs to; `next` further
   problems of the same answer; `cause` what was below.  `at` is a byte offset or line, where known, else -1. */
typedef struct Err {
    ErrCode code;
    int status; /* the exact HTTP status when the code's own will not do (412), else 0 */
    Str key, field, detail;
    Str args[ERR_ARGS];
    ptrdiff_t at;
    struct Err *next, *cause;
} Err;

#define MUST_CHECK __attribute__((warn_unused_result))

/** A new error; `detail` is a printf format. */
Err *err_new(Arena *mem, ErrCode code, const char *key, const char *detail, ...)
    __attribute__((format(printf, 4, 5)));
/** The same error with its field, first argument, ... set; returned for chaining. */
Err *err_field(Err *e, Str field);
Err *err_arg(Err *e, int i, Str arg);
Err *err_at(Err *e, ptrdiff_t at);
/** Appends problem `e` to the chain `*list`. */
void err_add(Err **list, Err *e);
/** A copy of `e` with its texts, followers and causes that lives in `mem`: an error leaves the arena it was made in. */
Err *err_copy(Arena *mem, const Err *e);
const char *err_code_name(ErrCode code);
/** "CODE key: detail (field f) <- cause ..." for logs and tests. */
Str err_text(Arena *mem, const Err *e);

/* The only control-flow macros: TRY returns the error of a call, FAIL returns a new one. */
#define TRY(call)                      \
    do {                               \
        Err *try_err_ = (call);        \
        if (try_err_) return try_err_; \
    } while (0)
#define FAIL(mem, code, key, ...) return err_new((mem), (code), (key), __VA_ARGS__)
#define FAIL_FIELD(mem, field, key, ...) \
    return err_field(err_new((mem), ERR_INVALID, (key), __VA_ARGS__), (field))

/* Bugs are not errors.  REQUIRE is always on. */
_Noreturn void require_failed(const char *what, const char *file, int line);
/** Says that there is no memory, and where it was asked for; aborts.  Whoever runs the program starts it again. */
_Noreturn void out_of_memory(void);
#define REQUIRE(cond) ((cond) ? (void)0 : require_failed(#cond, __FILE__, __LINE__))
#ifdef NDEBUG
#define ASSERT(cond) ((void)0)
#else
#define ASSERT(cond) REQUIRE(cond)
#endif
