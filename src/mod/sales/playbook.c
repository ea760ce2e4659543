/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Playbooks: a tree of steps as data.  While it is written it may be as it likes; one that is switched on leads nowhere
   that is not there, whichever of its records is changed. */
#include "mod/sales/playbook.h"

#include "core/compile.h"
#include "mod/sales/sales_impl.h"

#define STEPS_MAX 200

/* --- answers --------------------------------------------------------------------------------------------------------- */

/* What follows the arrow, "->" or "→", which is cut off with it. */
static Str take_target(Str *line)
{
    static const char *const ARROWS[] = {"->", "→"};

    for (size_t i = 0; i < 2; i++) {
        Str arrow = str_c(ARROWS[i]);
        ptrdiff_t at = str_find(*line, arrow);
        if (at < 0) continue;
        Str to = str_trim(str_from(*line, (size_t)at + arrow.n));
        *line = str_trim(str_sub(*line, 0, (size_t)at));
        return to;
    }
    return (Str){0};
}

/* "Yes / Да / Tak": one label for all languages, or one for each. */
static void take_labels(Str line, PlayAnswer *out)
{
    Str labels[LANG_COUNT] = {0}, rest = line;
    size_t n = 0;

    while (rest.n && n < LANG_COUNT) {
        ptrdiff_t at = n + 1 < LANG_COUNT ? str_find(rest, S(" / ")) : -1;
        labels[n++] = str_trim(at < 0 ? rest : str_sub(rest, 0, (size_t)at));
        rest = at < 0 ? (Str){0} : str_from(rest, (size_t)at + 3);
    }
    for (int lang = 0; lang < LANG_COUNT; lang++) out->label[lang] = n == LANG_COUNT ? labels[lang] : line;
}

Err *play_answers(Arena *mem, Str lines, PlayAnswer **out, size_t *n)
{
    VEC(PlayAnswer) list = {0};

    while (lines.n) {
        PlayAnswer answer = {0};
        Str line = str_trim(str_cut(&lines, '\n')), whole = line;
        if (!line.n) continue;
        answer.to = take_target(&line);
        if (!line.n)
            return err_arg(
                err_field(err_new(mem, ERR_INVALID, "error.play.answer", "%.*s", SFMT(whole)), S("answers")),
                0, whole);
        take_labels(line, &answer);
        *vec_push(mem, &list) = answer;
    }
    *out = list.p;
    *n = list.n;
    return NULL;
}

/* --- the tree -------------------------------------------------------------------------------------------------------- */

static Err *read_step(Ctx *cx, const Record *rec, PlayStep *out)
{
    static const char *const TEXTS[LANG_COUNT] = {"text_en", "text_ru", "text_pl"};
    Val days = record_get_val(rec, "task_days"), required = record_get_val(rec, "required");

    *out = (PlayStep){.id = rec->id,
                      .key = text_in(rec, "key"),
                      .kind = text_in(rec, "kind"),
                      .is_required = required.kind == VAL_BOOL && required.b,
                      .task = text_in(rec, "task"),
                      .task_days = days.kind == VAL_INT ? days.i : 1};
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        Str own = text_in(rec, TEXTS[lang]);
        out->text[lang] = own.n ? own : text_in(rec, "text");
    }
    return play_answers(cx->mem, text_in(rec, "answers"), &out->answers, &out->n_answers);
}

Err *playbook_load(Ctx *cx, const Record *playbook, Playbook *out)
{
    Ctx system = ctx_as_system(cx);
    Query q = {0};
    Page page = {0};
    Str filter = str_fmt(cx->mem, "playbook == '%.*s'", SFMT(id_text(cx->mem, playbook->id)));
    Val is_active = record_get_val(playbook, "is_active");

    system.as_of = 0;
    TRY(query_parse(&system, meta_object(cx->meta, S("playbook_step")), filter, S("position"), &q));
    q.limit = STEPS_MAX;
    TRY(record_list(&system, &q, &page));
    *out = (Playbook){.id = playbook->id,
                      .name = text_in(playbook, "name"),
                      .goal = text_in(playbook, "goal"),
                      .is_active = is_active.kind == VAL_BOOL && is_active.b,
                      .steps = NEW_N(cx->mem, PlayStep, page.n + 1),
                      .n = page.n};
    for (size_t i = 0; i < page.n; i++) TRY(read_step(cx, page.recs[i], &out->steps[i]));
    return NULL;
}

int play_find(const Playbook *book, Str key)
{
    for (size_t i = 0; i < book->n; i++)
        if (str_eq(book->steps[i].key, key)) return (int)i;
    return -1;
}

int play_next(const Playbook *book, int step, const PlayAnswer *answer)
{
    int to = answer && answer->to.n ? play_find(book, answer->to) : -1;

    if (answer && str_eq(answer->to, S(PLAY_END))) return -1;
    if (to >= 0) return to;
    return (size_t)step + 1 < book->n ? step + 1 : -1;
}

/* --- hooks ----------------------------------------------------------------------------------------------------------- */

Err *playbook_before(Ctx *cx, Record *rec, const Record *before)
{
    const Object *obj = meta_object(cx->meta, text_in(rec, "object"));
    Str condition = text_in(rec, "condition");
    CelNode *tree = NULL;

    (void)before;
    if (!obj || !condition.n) return NULL;
    CelEnv env = object_cel_env(obj);
    Err *e = cel_parse(cx->mem, condition, &tree);
    if (!e) e = cel_check(cx->mem, &env, tree, &cel_bool);
    return e ? err_field(e, S("condition")) : NULL;
}

static bool is_key(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return s.n > 0 && !str_eq(s, S(PLAY_END));
}

Err *playbook_step_before(Ctx *cx, Record *rec, const Record *before)
{
    Str key = text_in(rec, "key");
    PlayAnswer *answers = NULL;
    size_t n = 0;

    (void)before;
    if (key.n && !is_key(key)) FAIL_FIELD(cx->mem, S("key"), "error.play.key", "%.*s", SFMT(key));
    return play_answers(cx->mem, text_in(rec, "answers"), &answers, &n);
}

static void check_targets(Ctx *cx, const Playbook *book, const PlayStep *step, Err **problems)
{
    for (size_t i = 0; i < step->n_answers; i++) {
        const PlayAnswer *a = &step->answers[i];
        if (!a->to.n || str_eq(a->to, S(PLAY_END)) || play_find(book, a->to) >= 0) continue;
        Err *e =
            err_field(err_new(cx->mem, ERR_INVALID, "error.play.target", "%.*s", SFMT(a->to)), S("answers"));
        err_add(problems, err_arg(err_arg(e, 0, a->label[cx->actor->lang]), 1, a->to));
    }
}

Err *playbook_settle(Ctx *cx, Record *rec, const Record *before)
{
    Playbook book = {0};
    Err *problems = NULL;

    (void)before;
    TRY(playbook_load(cx, rec, &book));
    if (!book.is_active || cx->is_quiet) return NULL;
    if (!book.n) FAIL_FIELD(cx->mem, S("is_active"), "error.play.empty", "no steps");
    for (size_t i = 0; i < book.n; i++) check_targets(cx, &book, &book.steps[i], &problems);
    return problems;
}
