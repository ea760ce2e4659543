/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regular expressions compiled to a small program and run as Thompson and Pike describe: all states at once, one pass over
   the text.  Time is the product of program and text whatever the pattern, so a pattern from outside is safe; the product
   is charged to the caller's budget. */

#include "base/map.h"
#include "cel/regex_node.h"

typedef enum RxOp { OP_CHAR, OP_ANY, OP_CLASS, OP_ASSERT, OP_SPLIT, OP_JUMP, OP_MATCH } RxOp;

typedef struct RxInstr {
    uint8_t op;
    bool folds, with_newline;
    uint32_t x, y; /* character or assertion; targets */
    const RxClass *set;
} RxInstr;

struct Regex {
    VEC(RxInstr) code;
};

typedef struct Compiler {
    Arena *mem;
    Regex *re;
} Compiler;

/* --- compiling ------------------------------------------------------------------------------------------------------------- */

static Err *emit(Compiler *c, const RxNode *node);

static Err *add(Compiler *c, RxInstr instr, size_t *at)
{
    if (c->re->code.n >= REGEX_SIZE)
        return err_new(c->mem, ERR_INVALID, "error.cel.eval", "too large a regular expression");
    if (at) *at = c->re->code.n;
    *vec_push(c->mem, &c->re->code) = instr;
    return NULL;
}

static uint32_t here(const Compiler *c)
{
    return (uint32_t)c->re->code.n;
}

static Err *emit_alternatives(Compiler *c, const RxNode *node, size_t from)
{
    size_t split = 0, jump = 0;
    for (; from + 1 < node->n; from++) {
        TRY(add(c, (RxInstr){.op = OP_SPLIT}, &split));
        c->re->code.p[split].x = here(c);
        TRY(emit(c, node->kids[from]));
        /* The jump to the end is patched through y until the end is known: a chain of jumps. */
        TRY(add(c, (RxInstr){.op = OP_JUMP, .y = (uint32_t)jump}, &jump));
        c->re->code.p[split].y = here(c);
    }
    TRY(emit(c, node->kids[from]));
    while (jump) {
        RxInstr *i = &c->re->code.p[jump];
        jump = i->y;
        i->x = here(c);
    }
    return NULL;
}

/* body? or, with a way back, body*. */
static Err *emit_optional(Compiler *c, const RxNode *body, bool is_loop)
{
    size_t split = 0;
    TRY(add(c, (RxInstr){.op = OP_SPLIT}, &split));
    c->re->code.p[split].x = here(c);
    TRY(emit(c, body));
    if (is_loop) TRY(add(c, (RxInstr){.op = OP_JUMP, .x = (uint32_t)split}, NULL));
    c->re->code.p[split].y = here(c);
    return NULL;
}

static Err *emit_repeat(Compiler *c, const RxNode *node)
{
    for (int i = 0; i < node->min; i++) {
        uint32_t before = here(c);
        TRY(emit(c, node->kids[0]));
        if (here(c) == before) break; /* nothing, a thousand times, is nothing */
    }
    if (node->max < 0) return emit_optional(c, node->kids[0], true);
    for (int i = node->min; i < node->max; i++) TRY(emit_optional(c, node->kids[0], false));
    return NULL;
}

static Err *emit(Compiler *c, const RxNode *node)
{
    RxInstr instr = {
        .folds = node->folds, .with_newline = node->with_newline, .x = node->c, .set = node->set};
    switch (node->kind) {
    case RX_EMPTY: return NULL;
    case RX_CHAR:
        instr.op = OP_CHAR;
        if (node->folds) instr.x = regex_fold(node->c);
        return add(c, instr, NULL);
    case RX_ANY: instr.op = OP_ANY; return add(c, instr, NULL);
    case RX_CLASS: instr.op = OP_CLASS; return add(c, instr, NULL);
    case RX_ASSERT: instr.op = OP_ASSERT; return add(c, instr, NULL);
    case RX_CAT:
        for (size_t i = 0; i < node->n; i++) TRY(emit(c, node->kids[i]));
        return NULL;
    case RX_ALT: return emit_alternatives(c, node, 0);
    case RX_REPEAT: return emit_repeat(c, node);
    }
    return NULL;
}

Err *regex_compile(Arena *mem, Str pattern, Regex **out)
{
    RxNode *root = NULL;
    Compiler c = {.mem = mem, .re = NEW(mem, Regex)};
    TRY(regex_parse(mem, pattern, &root));
    /* Slot 0 is never a target: a jump chain ends with it. */
    TRY(add(&c, (RxInstr){.op = OP_JUMP, .x = 1}, NULL));
    TRY(emit(&c, root));
    TRY(add(&c, (RxInstr){.op = OP_MATCH}, NULL));
    *out = c.re;
    return NULL;
}

size_t regex_size(const Regex *re)
{
    return re->code.n;
}

/* --- matching ---------------------------------------------------------------------------------------------------------------- */

uint32_t regex_fold(uint32_t c)
{
    bool is_odd_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    bool is_even_upper = (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) ||
                         (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) ||
                         (c >= 0x4D0 && c <= 0x52F);
    if (c >= 'A' && c <= 'Z') return c + 32;
    if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3AB && c != 0x3A2)) return c + 32;
    if (c >= 0x410 && c <= 0x42F) return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    if (c == 0x178) return 0xFF;
    if (is_odd_upper) return c & 1 ? c + 1 : c;
    return is_even_upper ? c | 1 : c;
}

static bool in_ranges(const RxClass *set, uint32_t c)
{
    for (size_t i = 0; i < set->n; i++)
        if (c >= set->ranges[i].from && c <= set->ranges[i].to) return true;
    return false;
}

/* A folding class holds a letter when it holds any letter with the same fold. */
static bool in_folded(const RxClass *set, uint32_t c)
{
    static const int32_t back[] = {0, -32, -80, -1, 1};
    uint32_t fold = regex_fold(c);
    for (size_t i = 0; i < sizeof back / sizeof *back; i++) {
        uint32_t other = (uint32_t)((int32_t)fold + back[i]);
        if (regex_fold(other) == fold && in_ranges(set, other)) return true;
    }
    return in_ranges(set, c);
}

static bool takes(const RxInstr *i, uint32_t c)
{
    switch (i->op) {
    case OP_CHAR: return i->folds ? regex_fold(c) == i->x : c == i->x;
    case OP_ANY: return i->with_newline || c != '\n';
    case OP_CLASS: return (i->folds ? in_folded(i->set, c) : in_ranges(i->set, c)) != i->set->is_negated;
    default: return false;
    }
}

#define NO_CHAR UINT32_MAX

static bool is_word(uint32_t c)
{
    return c < 128 && ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_');
}

static bool holds(uint32_t assertion, uint32_t before, uint32_t after)
{
    switch ((RxAssert)assertion) {
    case RX_TEXT_BEGIN: return before == NO_CHAR;
    case RX_TEXT_END: return after == NO_CHAR;
    case RX_LINE_BEGIN: return before == NO_CHAR || before == '\n';
    case RX_LINE_END: return after == NO_CHAR || after == '\n';
    case RX_WORD: return is_word(before) != is_word(after);
    case RX_NOT_WORD: return is_word(before) == is_word(after);
    }
    return false;
}

/* The states alive between two characters; `mark[pc] == step` says it is in already. */
typedef struct Threads {
    uint32_t *pc;
    size_t n;
} Threads;

typedef struct Matcher {
    const Regex *re;
    Threads now, then;
    uint32_t *mark, *stack;
    uint32_t step;
    size_t work; /* instructions looked at since the last character */
    bool is_match;
} Matcher;

/* Adds `pc` and all it leads to without a character. */
static void add_thread(Matcher *m, Threads *to, uint32_t pc, uint32_t before, uint32_t after)
{
    size_t n = 0;
    m->stack[n++] = pc;
    while (n) {
        pc = m->stack[--n];
        m->work++;
        if (m->mark[pc] == m->step) continue;
        m->mark[pc] = m->step;
        const RxInstr *i = &m->re->code.p[pc];
        switch (i->op) {
        case OP_JUMP: m->stack[n++] = i->x; break;
        case OP_SPLIT:
            m->stack[n++] = i->y;
            m->stack[n++] = i->x;
            break;
        case OP_ASSERT:
            if (holds(i->x, before, after)) m->stack[n++] = pc + 1;
            break;
        case OP_MATCH: m->is_match = true; break;
        default: to->pc[to->n++] = pc;
        }
    }
}

static uint32_t char_at(Str text, size_t at, size_t *next)
{
    *next = at;
    return at < text.n ? utf8_next(text, next) : NO_CHAR;
}

bool regex_search(Arena *mem, const Regex *re, Str text, int64_t *left)
{
    size_t size = re->code.n, next = 0;
    uint32_t *room = NEW_N(mem, uint32_t, size * 5 + 4);
    Matcher m = {.re = re, .mark = room, .stack = room + size, .step = 1};
    m.now.pc = room + size * 3 + 4;
    m.then.pc = room + size * 4 + 4;
    uint32_t before = NO_CHAR, c = char_at(text, 0, &next);
    for (;;) {
        /* A match may begin anywhere: the start joins the threads at every position. */
        add_thread(&m, &m.now, 0, before, c);
        if (m.is_match || c == NO_CHAR || *left < 0) break;
        uint32_t after = char_at(text, next, &next);
        m.step++;
        m.then.n = 0;
        for (size_t i = 0; i < m.now.n; i++)
            if (takes(&re->code.p[m.now.pc[i]], c)) add_thread(&m, &m.then, m.now.pc[i] + 1, c, after);
        Threads swap = m.now;
        m.now = m.then;
        m.then = swap;
        before = c;
        c = after;
        *left -= (int64_t)(m.work / 16) + 1;
        m.work = 0;
    }
    return m.is_match && *left >= 0;
}
