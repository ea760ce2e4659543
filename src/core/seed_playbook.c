/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The playbooks of a new installation: a qualifying call beside leads, a negotiation beside deals in the stage of that name.
   Texts are in all languages, so that each reads his own; what there is but one of is in the company's. */
#include "base/embed.h"
#include "base/text.h"
#include "core/seed_impl.h"

static const struct {
    const char *key;
    const char *name[LANG_COUNT], *goal[LANG_COUNT];
    const char *object, *condition;
} BOOKS[] = {
    {"call",
     {"Qualifying call", "Квалификационный звонок", "Rozmowa kwalifikująca"},
     {"Find out in one call whether it is worth going on.", "Понять за один звонок, стоит ли продолжать.",
      "Ustalić w jednej rozmowie, czy warto iść dalej."},
     "lead",
     "status != 'qualified' && status != 'unqualified'"},
    {"deal",
     {"Negotiation", "Переговоры", "Negocjacje"},
     {"Come to a decision without giving away more than need be.", "Прийти к решению, не уступив лишнего.",
      "Dojść do decyzji, nie ustępując więcej, niż trzeba."},
     "deal",
     NULL},
};

enum {
    STEP_BOOK,
    STEP_KIND,
    STEP_KEY,
    STEP_REQUIRED,
    STEP_DAYS,
    STEP_ANSWERS,
    STEP_TASK,
    STEP_TEXT = STEP_TASK + LANG_COUNT,
};

const char *const *seed_playbook_names(size_t i)
{
    return i < sizeof BOOKS / sizeof *BOOKS ? BOOKS[i].name : NULL;
}

static void set_cell(Record *rec, const char *field, Str cell)
{
    if (cell.n) record_set(rec, field, val_text(cell));
}

static Str lines_of(Arena *mem, Str cell)
{
    Str out = str_copy(mem, cell);

    for (size_t i = 0; i < out.n; i++)
        if (out.p[i] == '|') ((char *)(uintptr_t)out.p)[i] = '\n';
    return out;
}

static Err *add_step(Ctx *cx, const Str *cells, Lang lang, Val book, int64_t position)
{
    static const char *const TEXTS[LANG_COUNT] = {"text_en", "text_ru", "text_pl"};
    Record *rec = seed_start(cx, "playbook_step");
    int64_t days = 0;

    record_set(rec, "playbook", book);
    record_set(rec, "position", val_int(position));
    set_cell(rec, "kind", cells[STEP_KIND]);
    set_cell(rec, "key", cells[STEP_KEY]);
    record_set(rec, "required", val_bool(cells[STEP_REQUIRED].n > 0));
    set_cell(rec, "answers", lines_of(cx->mem, cells[STEP_ANSWERS]));
    set_cell(rec, "task", cells[STEP_TASK + lang]);
    if (str_to_i64(cells[STEP_DAYS], &days)) record_set(rec, "task_days", val_int(days));
    set_cell(rec, "text", cells[STEP_TEXT + lang]);
    for (int i = 0; i < LANG_COUNT; i++) set_cell(rec, TEXTS[i], cells[STEP_TEXT + i]);
    return record_create(cx, rec, NULL);
}

static Err *add_steps(Ctx *cx, const char *key, Lang lang, Val book)
{
    const Embed *file = embed_find(S("mod/sales/playbook.csv"));
    Str text = file ? (Str){(const char *)file->data, file->size} : (Str){0};
    int64_t position = 0;

    while (text.p) {
        Str line = str_trim(str_cut(&text, '\n')), cells[SEED_COLUMNS] = {0};
        if (line.n == 0 || line.p[0] == '#') continue;
        (void)seed_split(cx->mem, line, cells);
        if (str_eq_c(cells[STEP_BOOK], key)) TRY(add_step(cx, cells, lang, book, ++position * 10));
    }
    return NULL;
}

/* The last open stage is where people negotiate. */
static Err *set_stage(Ctx *cx, Record *rec)
{
    Val id = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT id FROM \"stage\" WHERE category = 'open' AND deleted_at IS NULL ORDER BY position DESC LIMIT "
          "1"),
        NULL, 0, &id));
    if (id.kind == VAL_INT)
        record_set(rec, "stage", val_ref(meta_object(cx->meta, S("stage"))->number, id.i));
    return NULL;
}

static Err *add_book(Ctx *cx, size_t i, Lang lang)
{
    Record *rec = seed_start(cx, "playbook"), *on = seed_start(cx, "playbook");
    bool is_deal = str_eq_c(S("deal"), BOOKS[i].object);

    record_set(rec, "name", val_text(str_c(BOOKS[i].name[lang])));
    record_set(rec, "goal", val_text(str_c(BOOKS[i].goal[lang])));
    record_set(rec, "object", val_text(str_c(BOOKS[i].object)));
    if (BOOKS[i].condition) record_set(rec, "condition", val_text(str_c(BOOKS[i].condition)));
    if (is_deal) TRY(set_stage(cx, rec));
    TRY(record_create(cx, rec, NULL));
    TRY(add_steps(cx, BOOKS[i].key, lang, val_ref(rec->obj->number, rec->id)));
    on->id = rec->id;
    record_set(on, "is_active", val_bool(true));
    return record_update(cx, on, NULL);
}

Err *seed_playbooks(Ctx *cx, Lang lang)
{
    for (size_t i = 0; i < sizeof BOOKS / sizeof *BOOKS; i++) TRY(add_book(cx, i, lang));
    return NULL;
}
