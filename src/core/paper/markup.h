/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/buf.h"

/* What stands on paper, in a few marks:

     # ## ###            headings
     - text              an item
     | a | b |           rows of a table.  A row of dashes says how wide the columns are (by their number) and a colon where
                         their text stands (|---|--:|); the row above it is the head, repeated on each page.  Without a
                         head there are no lines: text in columns.  Such a row behind others begins the next table.
     @line @page @space MM @footer text
     @right @center @small @logo MM @qr MM   before a paragraph or in a cell
     **bold**  <br>  \   and a backslash before a character that is no mark

   Other lines make paragraphs and stay lines. */

#define MARKUP_BLOCKS  20000
#define MARKUP_COLUMNS 16

typedef enum BlockKind {
    BLOCK_TEXT,
    BLOCK_HEADING, /* level 1 to 3 */
    BLOCK_ITEM,
    BLOCK_TABLE,
    BLOCK_LINE,
    BLOCK_SPACE, /* mm */
    BLOCK_PAGE,
} BlockKind;

typedef enum Align { ALIGN_LEFT, ALIGN_RIGHT, ALIGN_CENTER } Align;
typedef enum Picture { PICTURE_NONE, PICTURE_LOGO, PICTURE_QR } Picture;

/* A paragraph, a heading or a cell. */
typedef struct Piece {
    Str text; /* with its marks inside of lines */
    Align align;
    Picture picture;
    int mm; /* height of the picture */
    bool is_small;
} Piece;

typedef struct Table {
    size_t n_columns, n_rows;
    int widths[MARKUP_COLUMNS]; /* in shares */
    Align aligns[MARKUP_COLUMNS];
    bool has_head;
    Piece *cells; /* n_columns a row, the head first when there is one */
} Table;

typedef struct Block {
    BlockKind kind;
    int level, mm;
    Piece piece;
    Table *table;
} Block;

typedef struct Markup {
    Block *blocks;
    size_t n;
    Str footer;
} Markup;

/** Reads any text; what is no mark is text.  Blocks past MARKUP_BLOCKS are left out. */
void markup_parse(Arena *mem, Str source, Markup *out);

/** Appends `s` so that it is text and no mark, on one line of the source. */
void markup_escape(Buf *b, Str s);

/* Text of a piece without its marks: `bold` says from which byte to which it is bold, `n` pairs. */
typedef struct Plain {
    Str text;
    size_t (*bold)[2];
    size_t n;
} Plain;
void markup_plain(Arena *mem, Str text, Plain *out);
