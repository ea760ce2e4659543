/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The marks of documents.  No text is wrong: a mark that is not finished is text.  Values of records come escaped, so that
   what a customer is called never becomes a heading. */
#include "core/paper/markup.h"

#include "base/map.h"
#include "core/shown.h"

#define MARKS   "\\*|#@<->"
#define MM_MOST 200

void markup_escape(Buf *b, Str s)
{
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        uint32_t cp = utf8_next(s, &at);
        if (cp == '\n') buf_add(b, S("<br>"));
        if (cp == '\t') buf_add_c(b, ' ');
        if (!shown_is_harmless(cp)) continue;
        if (cp < 0x80 && str_find_char(S(MARKS), (char)cp) >= 0) buf_add_c(b, '\\');
        buf_add(b, str_sub(s, from, at - from));
    }
}

/* --- inside of lines -------------------------------------------------------------------------------------------------- */

typedef VEC(size_t) Places;

static size_t add_plain(Buf *b, Str s, size_t at, Places *turns, Arena *mem)
{
    Str rest = str_from(s, at);
    size_t end = at;

    if (rest.p[0] == '\\' && rest.n > 1) {
        end = at + 1;
        (void)utf8_next(s, &end);
        buf_add(b, str_sub(s, at + 1, end - at - 1));
        return end;
    }
    if (str_starts(rest, S("**"))) {
        *vec_push(mem, turns) = b->n;
        return at + 2;
    }
    if (str_starts(rest, S("<br>"))) {
        buf_add_c(b, '\n');
        return at + 4;
    }
    uint32_t cp = utf8_next(s, &end);
    if (cp == '\n' || shown_is_harmless(cp)) buf_add(b, str_sub(s, at, end - at));
    return end;
}

void markup_plain(Arena *mem, Str text, Plain *out)
{
    Buf b = buf_new(mem, text.n + 1);
    Places turns = {0};

    for (size_t at = 0; at < text.n;) at = add_plain(&b, text, at, &turns, mem);
    *out = (Plain){.text = buf_str(&b), .n = (turns.n + 1) / 2};
    if (!out->n) return;
    out->bold = arena_alloc_n(mem, out->n, sizeof *out->bold);
    for (size_t i = 0; i < out->n; i++) {
        out->bold[i][0] = turns.p[2 * i];
        out->bold[i][1] = 2 * i + 1 < turns.n ? turns.p[2 * i + 1] : b.n;
    }
}

/* --- pieces ---------------------------------------------------------------------------------------------------------- */

/* "@word" at the start of `*s`, taken off it. */
static bool take_word(Str *s, const char *word)
{
    Str name = str_c(word);

    if (!str_starts(*s, name)) return false;
    if (s->n > name.n && s->p[name.n] != ' ') return false;
    *s = str_trim(str_from(*s, name.n));
    return true;
}

static int take_number(Str *s, int usual)
{
    int n = 0;
    size_t i = 0;

    while (i < s->n && i < 3 && s->p[i] >= '0' && s->p[i] <= '9') n = n * 10 + (s->p[i++] - '0');
    if (!i) return usual;
    *s = str_trim(str_from(*s, i));
    return n > MM_MOST ? MM_MOST : n;
}

static Piece piece_of(Str s, Align align)
{
    Piece piece = {.align = align};

    for (s = str_trim(s);;) {
        if (take_word(&s, "@right")) {
            piece.align = ALIGN_RIGHT;
        } else if (take_word(&s, "@center")) {
            piece.align = ALIGN_CENTER;
        } else if (take_word(&s, "@small")) {
            piece.is_small = true;
        } else if (take_word(&s, "@logo")) {
            piece.picture = PICTURE_LOGO;
            piece.mm = take_number(&s, 14);
        } else if (take_word(&s, "@qr")) {
            piece.picture = PICTURE_QR;
            piece.mm = take_number(&s, 30);
        } else {
            piece.text = s;
            return piece;
        }
    }
}

/* --- tables ---------------------------------------------------------------------------------------------------------- */

static size_t split_row(Str line, Str *cells)
{
    size_t n = 0, from = 1;

    for (size_t i = 1; i < line.n && n < MARKUP_COLUMNS; i++) {
        if (line.p[i] == '\\') {
            i++;
        } else if (line.p[i] == '|') {
            cells[n++] = str_trim(str_sub(line, from, i - from));
            from = i + 1;
        }
    }
    if (from < line.n && n < MARKUP_COLUMNS) cells[n++] = str_trim(str_from(line, from));
    return n;
}

static bool is_rule_cell(Str s)
{
    size_t dashes = 0;

    for (size_t i = 0; i < s.n; i++) {
        bool is_end = i == 0 || i + 1 == s.n;
        if (s.p[i] == '-')
            dashes++;
        else if (s.p[i] != ':' || !is_end)
            return false;
    }
    return dashes > 0;
}

static bool is_rule(const Str *cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_rule_cell(cells[i])) return false;
    return n > 0;
}

static void read_rule(Table *t, const Str *cells, size_t n)
{
    t->n_columns = n;
    for (size_t i = 0; i < n; i++) {
        bool has_left = cells[i].p[0] == ':', has_right = cells[i].p[cells[i].n - 1] == ':';
        int dashes = (int)cells[i].n - has_left - has_right;

        t->widths[i] = dashes < 1 ? 1 : dashes > 200 ? 200 : dashes;
        t->aligns[i] = has_right ? has_left ? ALIGN_CENTER : ALIGN_RIGHT : ALIGN_LEFT;
    }
}

typedef VEC(Str) Lines;

static Str line_at(const Lines *lines, size_t at)
{
    return at < lines->n ? str_trim(lines->p[at]) : (Str){0};
}

static bool is_row(Str line)
{
    return line.n > 1 && line.p[0] == '|';
}

static size_t read_table(Arena *mem, const Lines *lines, size_t at, Table *t)
{
    Str cells[MARKUP_COLUMNS];
    VEC(Piece) pieces = {0};
    size_t n = split_row(line_at(lines, at), cells), first = at;

    *t = (Table){.n_columns = n};
    for (size_t i = 0; i < n; i++) t->widths[i] = 1;
    if (is_rule(cells, n)) {
        read_rule(t, cells, n);
        first = at + 1;
    } else {
        n = split_row(line_at(lines, at + 1), cells);
        t->has_head = is_row(line_at(lines, at + 1)) && is_rule(cells, n);
        if (t->has_head) read_rule(t, cells, n);
    }
    for (at = first; is_row(line_at(lines, at)); at++) {
        if (t->has_head && at == first + 1) continue;
        n = split_row(line_at(lines, at), cells);
        if (is_rule(cells, n)) break; /* the next table */
        for (size_t i = 0; i < t->n_columns; i++)
            *vec_push(mem, &pieces) = i < n ? piece_of(cells[i], t->aligns[i]) : (Piece){0};
        t->n_rows++;
    }
    t->cells = pieces.p;
    return at;
}

/* --- blocks ---------------------------------------------------------------------------------------------------------- */

static int heading_level(Str line)
{
    int level = 0;

    while (level < 3 && (size_t)level < line.n && line.p[level] == '#') level++;
    return level && (size_t)level < line.n && line.p[level] == ' ' ? level : 0;
}

/* Whether a paragraph ends before this line. */
static bool begins_block(Str line)
{
    return !line.n || is_row(line) || heading_level(line) || str_starts(line, S("- ")) || line.p[0] == '@';
}

static size_t read_paragraph(Arena *mem, const Lines *lines, size_t at, Block *out)
{
    Buf b = buf_new(mem, (size_t)1 << 22);

    *out = (Block){.kind = BLOCK_TEXT, .piece = piece_of(line_at(lines, at), ALIGN_LEFT)};
    buf_add(&b, out->piece.text);
    for (at++; at < lines->n && !begins_block(line_at(lines, at)); at++) {
        buf_add_c(&b, '\n');
        buf_add(&b, line_at(lines, at));
    }
    out->piece.text = buf_str(&b);
    return at;
}

/* The block at line `at`; returns the line behind it. */
static size_t read_block(Arena *mem, const Lines *lines, size_t at, Markup *m, Block *out, bool *is_block)
{
    Str line = line_at(lines, at), rest = line;
    int level = heading_level(line);

    *is_block = true;
    *out = (Block){.kind = BLOCK_HEADING, .level = level};
    if (is_row(line)) {
        out->kind = BLOCK_TABLE;
        out->table = NEW(mem, Table);
        return read_table(mem, lines, at, out->table);
    }
    if (level) {
        out->piece = piece_of(str_from(line, (size_t)level), ALIGN_LEFT);
    } else if (str_starts(line, S("- "))) {
        *out = (Block){.kind = BLOCK_ITEM, .piece = piece_of(str_from(line, 2), ALIGN_LEFT)};
    } else if (take_word(&rest, "@line")) {
        out->kind = BLOCK_LINE;
    } else if (take_word(&rest, "@page")) {
        out->kind = BLOCK_PAGE;
    } else if (take_word(&rest, "@space")) {
        *out = (Block){.kind = BLOCK_SPACE, .mm = take_number(&rest, 5)};
    } else if (take_word(&rest, "@footer")) {
        m->footer = rest;
        *is_block = false;
    } else {
        return read_paragraph(mem, lines, at, out);
    }
    return at + 1;
}

void markup_parse(Arena *mem, Str source, Markup *out)
{
    VEC(Block) blocks = {0};
    Lines lines = {0};
    Str rest = source;

    *out = (Markup){0};
    while (rest.p) *vec_push(mem, &lines) = str_cut(&rest, '\n');
    for (size_t at = 0; at < lines.n && blocks.n < MARKUP_BLOCKS;) {
        Block block;
        bool is_block = false;
        if (!line_at(&lines, at).n) {
            at++;
            continue;
        }
        at = read_block(mem, &lines, at, out, &block, &is_block);
        if (is_block) *vec_push(mem, &blocks) = block;
    }
    out->blocks = blocks.p;
    out->n = blocks.n;
}
