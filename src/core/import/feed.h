/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"
#include "base/text_charset.h"

/* A file of text as a window of UTF-8 that moves forward: bytes `from` to `end` of `text` are at hand, and what stands before
   `from` is given up when more is asked for.  Bytes that are no text of the encoding arrive as U+FFFD, of UTF-8 as they are. */
typedef struct Feed {
    Arena *mem;
    int fd;
    Str encoding;
    Charset *charset; /* NULL: UTF-8 */
    int64_t size, raw_at,
        raw_from;       /* bytes of the file, those read, those before its text (the byte order mark) */
    unsigned char *raw; /* what is read and not yet decoded */
    size_t raw_n;
    char *text;
    size_t from, end, cap;
    bool is_over; /* the end of the file has been read */
} Feed;

/** Opens a file and finds its encoding when `encoding` is empty.  The handle closes with `mem`; errors are in `errs`. */
MUST_CHECK Err *feed_open(Arena *mem, Arena *errs, const char *path, Str encoding, Feed *out);
MUST_CHECK Err *feed_rewind(Feed *feed, Arena *errs);
/** Adds to the window; `*has` is false when the file is at its end and nothing came.  Moves the bytes: keep offsets from
    `from`, no pointers. */
MUST_CHECK Err *feed_more(Feed *feed, Arena *errs, bool *has);

static inline size_t feed_left(const Feed *feed)
{
    return feed->end - feed->from;
}
static inline const char *feed_at(const Feed *feed)
{
    return feed->text + feed->from;
}
/** Bytes of the file that are behind: exact for UTF-8, to a piece for the others. */
int64_t feed_position(const Feed *feed);

/* Tells the encoding of a text from its bytes: "utf-8", "utf-16le", "utf-16be", "windows-1250", "windows-1251",
   "windows-1252", "koi8-r", "iso-8859-1", "iso-8859-2", "shift-jis". */
typedef struct Guess Guess;
Guess *guess_new(Arena *mem);
void guess_add(Guess *g, Str bytes); /* the next piece of the text */
Str guess_result(const Guess *g);
