/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Going through a playbook with a record: which apply, how far somebody came, what was answered and what comes next.  Who may
   read the record sees it, who may change the record goes on with it, whoever began: so that a newcomer takes over where the
   one before him stopped.  Every answer is a change of the run, and so in its history. */
#include "base/time.h"
#include "core/compile.h"
#include "core/store.h"
#include "mod/sales/playbook.h"
#include "mod/sales/sales_impl.h"

#define BOOKS_MAX 50
#define RUNS_MAX  50
#define DAY_MS    INT64_C(86400000)

static ValPair pair(const char *key, Val v)
{
    return (ValPair){val_text(str_c(key)), v};
}

static Val map_of(Arena *mem, const ValPair *pairs, size_t n)
{
    ValPair *own = NEW_N(mem, ValPair, n);

    for (size_t i = 0; i < n; i++) own[i] = pairs[i];
    return val_map(own, n);
}

static Val text_or_null(Str s)
{
    return s.n ? val_text(s) : val_null();
}

static Val moment(Arena *mem, Val at)
{
    return val_is_null(at) ? at : val_text(timestamp_text(mem, at));
}

/* --- which apply ----------------------------------------------------------------------------------------------------- */

/* What errs is not so. */
static bool holds(Ctx *cx, const Record *rec, Str condition)
{
    Ctx system = ctx_as_system(cx);
    RecordScope inner = {&system, rec};
    CelScope scope = record_scope(&inner);
    CelEnv env = object_cel_env(rec->obj);
    CelNode *tree = NULL;
    Val v = {0};

    if (!condition.n) return true;
    Err *e = cel_parse(cx->mem, condition, &tree);
    if (!e) e = cel_check(cx->mem, &env, tree, &cel_bool);
    if (!e) e = cel_eval(cx->mem, tree, &scope, &v);
    return !e && v.kind == VAL_BOOL && v.b;
}

static bool fits_field(const Record *book, const char *own, const Record *rec, const char *field)
{
    Val wanted = record_get_val(book, own);

    if (val_is_null(wanted) || !object_field(rec->obj, str_c(field))) return true;
    return val_same(wanted, record_get_val(rec, field));
}

static bool applies(Ctx *cx, const Record *book, const Record *rec)
{
    Val on = record_get_val(book, "is_active");
    bool is_here = on.kind == VAL_BOOL && on.b && str_eq(text_in(book, "object"), rec->obj->name);

    return is_here && fits_field(book, "stage", rec, "stage") &&
           fits_field(book, "activity_kind", rec, "kind") && holds(cx, rec, text_in(book, "condition"));
}

static Err *list_as_system(Ctx *cx, const char *object, Str filter, const char *order, size_t limit,
                           Page *out)
{
    Ctx system = ctx_as_system(cx);
    Query q = {0};

    system.as_of = 0;
    TRY(query_parse(&system, meta_object(cx->meta, str_c(object)), filter, str_c(order), &q));
    q.limit = limit;
    return record_list(&system, &q, out);
}

static Err *runs_of(Ctx *cx, const Record *rec, Page *out)
{
    return list_as_system(
        cx, "playbook_run",
        str_fmt(cx->mem, "%.*s == '%.*s'", SFMT(rec->obj->name), SFMT(id_text(cx->mem, rec->id))),
        "-started_at", RUNS_MAX, out);
}

/* --- as it is told --------------------------------------------------------------------------------------------------- */

static Val answers_val(Arena *mem, const PlayStep *step, Lang lang)
{
    Val *list = NEW_N(mem, Val, step->n_answers + 1);

    for (size_t i = 0; i < step->n_answers; i++) {
        ValPair pairs[] = {pair("key", val_text(step->answers[i].label[LANG_EN])),
                           pair("label", val_text(step->answers[i].label[lang])),
                           pair("to", text_or_null(step->answers[i].to))};
        list[i] = map_of(mem, pairs, 3);
    }
    return val_list(list, step->n_answers);
}

static Val book_val(Ctx *cx, const Playbook *book, bool is_offered)
{
    Val *list = NEW_N(cx->mem, Val, book->n + 1);
    Lang lang = cx->actor->lang;

    for (size_t i = 0; i < book->n; i++) {
        const PlayStep *s = &book->steps[i];
        ValPair pairs[] = {
            pair("key", val_text(s->key)),         pair("kind", val_text(s->kind)),
            pair("text", val_text(s->text[lang])), pair("required", val_bool(s->is_required)),
            pair("task", text_or_null(s->task)),   pair("answers", answers_val(cx->mem, s, lang))};
        list[i] = map_of(cx->mem, pairs, sizeof pairs / sizeof *pairs);
    }
    ValPair pairs[] = {pair("id", val_id(book->id)), pair("name", val_text(book->name)),
                       pair("goal", text_or_null(book->goal)), pair("is_offered", val_bool(is_offered)),
                       pair("steps", val_list(list, book->n))};
    return map_of(cx->mem, pairs, sizeof pairs / sizeof *pairs);
}

static Err *person_val(Ctx *cx, Val ref, Val *out)
{
    Ctx system = ctx_as_system(cx);
    Record *user = NULL;

    *out = val_null();
    if (val_is_null(ref)) return NULL;
    Err *e = record_get(&system, meta_object(cx->meta, S("user")), ref.i, READ_DELETED, &user);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    ValPair pairs[] = {pair("object", val_text(S("user"))), pair("id", val_id(ref.i)),
                       pair("label", val_text(record_text(cx->mem, user)))};
    *out = map_of(cx->mem, pairs, 3);
    return NULL;
}

static Err *run_val(Ctx *cx, const Record *run, Val *out)
{
    Val by = {0}, last = {0}, answers = record_get_val(run, "answers");

    TRY(person_val(cx, run->vals[SYS_OWNER], &by));
    TRY(person_val(cx, record_get_val(run, "last_by"), &last));
    ValPair pairs[] = {pair("id", val_id(run->id)),
                       pair("playbook", val_id(record_get_val(run, "playbook").i)),
                       pair("status", record_get_val(run, "status")),
                       pair("step", record_get_val(run, "step")),
                       pair("by", by),
                       pair("last_by", last),
                       pair("started_at", moment(cx->mem, record_get_val(run, "started_at"))),
                       pair("touched_at", moment(cx->mem, run->vals[SYS_UPDATED_AT])),
                       pair("finished_at", moment(cx->mem, record_get_val(run, "finished_at"))),
                       pair("answers", answers.kind == VAL_LIST ? answers : val_list(NULL, 0))};
    *out = map_of(cx->mem, pairs, sizeof pairs / sizeof *pairs);
    return NULL;
}

static bool has_run(const Page *runs, Id book)
{
    for (size_t i = 0; i < runs->n; i++)
        if (record_get_val(runs->recs[i], "playbook").i == book) return true;
    return false;
}

/* What is offered now, and what was ever begun with this record. */
static Err *tell(Ctx *cx, const Record *rec, Val *out)
{
    Page runs = {0}, books = {0};
    Str filter = str_fmt(cx->mem, "object == '%.*s'", SFMT(rec->obj->name));
    size_t n = 0;

    TRY(runs_of(cx, rec, &runs));
    TRY(list_as_system(cx, "playbook", filter, "position,name", BOOKS_MAX, &books));
    Val *told = NEW_N(cx->mem, Val, books.n + 1), *done = NEW_N(cx->mem, Val, runs.n + 1);
    for (size_t i = 0; i < books.n; i++) {
        bool is_offered = applies(cx, books.recs[i], rec);
        Playbook book = {0};
        if (!is_offered && !has_run(&runs, books.recs[i]->id)) continue;
        TRY(playbook_load(cx, books.recs[i], &book));
        told[n++] = book_val(cx, &book, is_offered);
    }
    for (size_t i = 0; i < runs.n; i++) TRY(run_val(cx, runs.recs[i], &done[i]));
    ValPair pairs[] = {pair("playbooks", val_list(told, n)), pair("runs", val_list(done, runs.n))};
    *out = map_of(cx->mem, pairs, 2);
    return NULL;
}

Err *playbook_tell(Ctx *cx, Record *rec, const Val *params, Val *out)
{
    (void)params;
    return tell(cx, rec, out);
}

/* --- going on -------------------------------------------------------------------------------------------------------- */

enum { PLAY_BOOK, PLAY_STEP, PLAY_ANSWER, PLAY_NOTE, PLAY_SKIP, PLAY_LEAVE };

static Err *save_run(Ctx *cx, Record *run)
{
    Ctx system = ctx_as_system(cx);
    Actor who = *system.actor;

    who.user = cx->actor->user;
    system.actor = &who;
    Err *e = run->id ? record_update(&system, run, NULL) : record_create(&system, run, NULL);
    ctx_join(cx, &system);
    return e;
}

static Err *open_run(Ctx *cx, const Record *rec, Id book, Record **out)
{
    Ctx system = ctx_as_system(cx);
    Val binds[] = {val_int(book), val_int(rec->id), val_int(rec->obj->number)}, id = {0};

    *out = NULL;
    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT id FROM \"playbook_run\" WHERE playbook = ?1 AND about = ?2 AND about_object = ?3 AND "
          "status = 'going' AND deleted_at IS NULL ORDER BY id DESC LIMIT 1"),
        binds, 3, &id));
    if (id.kind != VAL_INT) return NULL;
    return record_get(&system, meta_object(cx->meta, S("playbook_run")), id.i, READ_LOCK, out);
}

static Val user_ref(const Ctx *cx)
{
    return cx->actor->user ? val_ref(meta_object(cx->meta, S("user"))->number, cx->actor->user) : val_null();
}

static Record *new_run(Ctx *cx, const Record *rec, const Record *book)
{
    static const char *const DIRECT[] = {"deal", "lead"};
    Record *run = record_new(cx->mem, meta_object(cx->meta, S("playbook_run")));

    record_set(run, "playbook", val_ref(book->obj->number, book->id));
    record_set(run, "about", val_ref(rec->obj->number, rec->id));
    record_set(run, str_to_c(cx->mem, rec->obj->name), val_ref(rec->obj->number, rec->id));
    for (size_t i = 0; i < 2; i++) /* those of a call count for its deal and lead too */
        if (object_field(rec->obj, str_c(DIRECT[i])))
            record_set(run, DIRECT[i], record_get_val(rec, DIRECT[i]));
    record_set(run, "started_at", val_from_ms(cx->now));
    record_set(run, "owner", user_ref(cx));
    return run;
}

static const PlayAnswer *answer_called(const PlayStep *step, Str word)
{
    for (size_t i = 0; i < step->n_answers; i++)
        for (int lang = 0; lang < LANG_COUNT; lang++)
            if (str_eq(step->answers[i].label[lang], word)) return &step->answers[i];
    return NULL;
}

static bool is_yes(Val v)
{
    return v.kind == VAL_BOOL && v.b;
}

/* What may be said to a step: one of its answers where it has some, words where it asks for them. */
static Err *check_answer(Ctx *cx, const PlayStep *step, const Val *params, const PlayAnswer *answer)
{
    bool is_skipped = is_yes(params[PLAY_SKIP]), has_note = !val_is_null(params[PLAY_NOTE]);
    bool is_said = step->n_answers ? answer != NULL : !str_eq(step->kind, S("ask")) || has_note;

    if (step->n_answers && !answer && !val_is_null(params[PLAY_ANSWER]))
        FAIL_FIELD(cx->mem, S("answer"), "error.play.unknown", "no such answer");
    if (is_skipped && step->is_required)
        FAIL_FIELD(cx->mem, S("skip"), "error.play.required", "may not be skipped");
    if (!is_skipped && !is_said && (step->is_required || step->n_answers))
        FAIL_FIELD(cx->mem, S("answer"), "error.play.say", "an answer is needed");
    return NULL;
}

/* The answers so far but for this step's, and this one at the end. */
static Err *note_answer(Ctx *cx, Record *next, const Record *run, const PlayStep *step, const Val *params,
                        const PlayAnswer *answer)
{
    Val had = run ? record_get_val(run, "answers") : val_null();
    Val *list = NEW_N(cx->mem, Val, (had.kind == VAL_LIST ? had.n : 0) + 1);
    Val by = {0};
    uint32_t n = 0;

    TRY(person_val(cx, user_ref(cx), &by));
    for (uint32_t i = 0; had.kind == VAL_LIST && i < had.n; i++) {
        const Val *key = val_get(&had.list[i], S("step"));
        if (!key || key->kind != VAL_TEXT || !str_eq(val_str(*key), step->key)) list[n++] = had.list[i];
    }
    ValPair pairs[] = {pair("step", val_text(step->key)),
                       pair("text", val_text(step->text[cx->actor->lang])),
                       pair("answer", answer ? val_text(answer->label[LANG_EN]) : val_null()),
                       pair("note", params[PLAY_NOTE]),
                       pair("skipped", val_bool(is_yes(params[PLAY_SKIP]))),
                       pair("by", by),
                       pair("at", val_text(timestamp_text(cx->mem, val_from_ms(cx->now))))};
    list[n++] = map_of(cx->mem, pairs, sizeof pairs / sizeof *pairs);
    record_set(next, "answers", val_list(list, n));
    record_set(next, "steps_done", val_int(n));
    return NULL;
}

static void move_on(Ctx *cx, Record *next, const Playbook *book, int to)
{
    record_set(next, "step", to < 0 ? val_null() : val_text(book->steps[to].key));
    record_set(next, "last_by", user_ref(cx));
    record_set(next, "status", val_text(to < 0 ? S("finished") : S("going")));
    record_set(next, "finished_at", to < 0 ? val_from_ms(cx->now) : val_null());
}

/* In the name of who answered, on the record it is about. */
static Err *make_task(Ctx *cx, const Record *rec, const PlayStep *step)
{
    Record *task = record_new(cx->mem, meta_object(cx->meta, S("activity")));
    Val about = val_ref(rec->obj->number, rec->id);

    if (str_eq(rec->obj->name, S("activity"))) about = record_get_val(rec, "about");
    record_set(task, "kind", val_text(S("task")));
    record_set(task, "subject", val_text(step->task));
    record_set(task, "due_at", val_from_ms(cx->now + step->task_days * DAY_MS));
    record_set(task, "owner", user_ref(cx));
    if (!val_is_null(about)) record_set(task, "about", about);
    return record_create(cx, task, NULL);
}

static Err *answer_step(Ctx *cx, const Record *rec, const Playbook *book, Record *next, const Record *run,
                        const Val *params)
{
    int at = play_find(book, val_str(params[PLAY_STEP]));
    const PlayStep *step = at < 0 ? NULL : &book->steps[at];
    const PlayAnswer *answer = NULL;

    if (!step) FAIL_FIELD(cx->mem, S("step"), "error.play.step", "no such step");
    if (!val_is_null(params[PLAY_ANSWER])) answer = answer_called(step, val_str(params[PLAY_ANSWER]));
    TRY(check_answer(cx, step, params, answer));
    TRY(note_answer(cx, next, run, step, params, answer));
    move_on(cx, next, book, play_next(book, at, answer));
    return step->task.n && !is_yes(params[PLAY_SKIP]) ? make_task(cx, rec, step) : NULL;
}

static Err *leave_run(Ctx *cx, const Record *run)
{
    if (!run) FAIL(cx->mem, ERR_CONFLICT, "error.play.none", "nothing is under way");
    Record *next = record_new(cx->mem, run->obj);
    next->id = run->id;
    record_set(next, "status", val_text(S("left")));
    record_set(next, "finished_at", val_from_ms(cx->now));
    record_set(next, "last_by", user_ref(cx));
    return save_run(cx, next);
}

static Err *go_on(Ctx *cx, const Record *rec, const Record *book_rec, const Record *run, const Val *params)
{
    Record *next = run ? record_new(cx->mem, run->obj) : new_run(cx, rec, book_rec);
    Playbook book = {0};

    TRY(playbook_load(cx, book_rec, &book));
    if (!run && (!applies(cx, book_rec, rec) || !book.n))
        FAIL_FIELD(cx->mem, S("playbook"), "error.play.off", "it does not apply here");
    if (run) next->id = run->id;
    if (!run) move_on(cx, next, &book, 0);
    if (!val_is_null(params[PLAY_STEP])) TRY(answer_step(cx, rec, &book, next, run, params));
    return save_run(cx, next);
}

Err *playbook_play(Ctx *cx, Record *rec, const Val *params, Val *out)
{
    Ctx system = ctx_as_system(cx);
    Record *book = NULL, *run = NULL;

    TRY(record_get(&system, meta_object(cx->meta, S("playbook")), params[PLAY_BOOK].i, 0, &book));
    TRY(open_run(cx, rec, book->id, &run));
    if (is_yes(params[PLAY_LEAVE]))
        TRY(leave_run(cx, run));
    else
        TRY(go_on(cx, rec, book, run, params));
    return tell(cx, rec, out);
}

/* --- its use --------------------------------------------------------------------------------------------------------- */

static Err *count(Ctx *cx, const char *object, Str filter, int64_t *out)
{
    Query q = {0};

    TRY(query_parse(cx, meta_object(cx->meta, str_c(object)), filter, (Str){0}, &q));
    return record_count(cx, &q, 0, out);
}

/* Won, lost and the percent of won, of what meets `condition`. */
static Err *outcome(Ctx *cx, bool is_deal, Str condition, Val *out)
{
    int64_t won = 0, lost = 0;
    const char *object = is_deal ? "deal" : "lead";
    Str said = is_deal ? S("category == 'won'") : S("status == 'qualified'"),
        unsaid = is_deal ? S("category == 'lost'") : S("status == 'unqualified'");

    TRY(count(cx, object, str_fmt(cx->mem, "%.*s && %.*s", SFMT(said), SFMT(condition)), &won));
    TRY(count(cx, object, str_fmt(cx->mem, "%.*s && %.*s", SFMT(unsaid), SFMT(condition)), &lost));
    Val rate = won + lost ? val_decimal((won * 20000 + won + lost) / (2 * (won + lost)), 2) : val_null();
    ValPair pairs[] = {pair("won", val_int(won)), pair("lost", val_int(lost)), pair("rate", rate)};
    *out = map_of(cx->mem, pairs, 3);
    return NULL;
}

static Err *first_run(Ctx *cx, Id book, Val *out)
{
    Val bind = val_int(book);

    return db_one(
        cx->mem, cx->db,
        S("SELECT MIN(started_at) FROM \"playbook_run\" WHERE playbook = ?1 AND deleted_at IS NULL"), &bind,
        1, out);
}

/* How often it was begun, finished and left, and how deals (leads) ended that had it and, since it is used, had it not: all of
   what the asker may see. */
Err *playbook_use(Ctx *cx, Record *book, const Val *params, Val *out)
{
    static const char *const STATES[] = {"going", "finished", "left"};
    Str id = id_text(cx->mem, book->id), object = text_in(book, "object");
    Val with = val_null(), without = val_null(), first = {0};
    int64_t n[3] = {0};

    (void)params;
    for (size_t i = 0; i < 3; i++)
        TRY(count(cx, "playbook_run",
                  str_fmt(cx->mem, "playbook == '%.*s' && status == '%s'", SFMT(id), STATES[i]), &n[i]));
    TRY(first_run(cx, book->id, &first));
    bool is_deal = !str_eq(object, S("lead"));
    if (first.kind == VAL_INT) {
        Str has = str_fmt(cx->mem, "playbook_runs.exists(r, r.playbook == '%.*s' && r.status == 'finished')",
                          SFMT(id));
        Str since = str_fmt(cx->mem, "%s >= timestamp('%.*s')", is_deal ? "closed_at" : "received_at",
                            SFMT(timestamp_text(cx->mem, val_from_ms(first.i))));
        TRY(outcome(cx, is_deal, has, &with));
        TRY(outcome(
            cx, is_deal,
            str_fmt(cx->mem, "%.*s && !playbook_runs.exists(r, r.playbook == '%.*s')", SFMT(since), SFMT(id)),
            &without));
    }
    ValPair pairs[] = {pair("runs", val_int(n[0] + n[1] + n[2])),
                       pair("going", val_int(n[0])),
                       pair("finished", val_int(n[1])),
                       pair("left", val_int(n[2])),
                       pair("with", with),
                       pair("without", without)};
    *out = map_of(cx->mem, pairs, sizeof pairs / sizeof *pairs);
    return NULL;
}
