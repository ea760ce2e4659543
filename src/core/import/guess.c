/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a column may belong: by its heading (names and labels of fields, words in three languages from synonyms.yaml), and by
   what stands in it.  What is not sure is said to be so; nothing is decided by a likeness alone. */
#include "base/embed.h"
#include "base/ident.h"
#include "base/phone.h"
#include "base/text.h"
#include "core/import/impl.h"
#include "core/store.h"

#define LOOKED_AT    2000
#define DISTINCT_MAX 300
#define SURE         70
#define UNKNOWN_MAX  100

typedef struct Distinct {
    Str text;
    int64_t rows;
} Distinct;

/* What was seen in a column. */
typedef struct Look {
    int64_t n, emails, phones, idents, dates, numbers, booleans, urls;
    const IdentKind *ident;
    DateEvidence date;
    StrMap distinct; /* text -> Distinct * */
    bool is_full;
} Look;

/* --- headings -------------------------------------------------------------------------------------------------------------- */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* "FirstName", "first_name*" and "First name (2)" are all "first name". */
static Str plain_heading(Arena *mem, Str s)
{
    Buf b = buf_new(mem, s.n * 2 + 2);

    if (s.n > 4 && s.p[s.n - 1] == ')') {
        size_t at = s.n - 1;
        while (at > 0 && s.p[at - 1] >= '0' && s.p[at - 1] <= '9') at--;
        if (at > 1 && at < s.n - 1 && s.p[at - 1] == '(') s = str_trim(str_sub(s, 0, at - 1));
    }
    for (size_t i = 0; i < s.n; i++) {
        bool is_camel = i && is_upper(s.p[i]) && is_lower(s.p[i - 1]);
        bool is_mark = str_find_char(S("_-.:*/,()#№\"'"), s.p[i]) >= 0 && (unsigned char)s.p[i] < 0x80;
        if (is_camel) buf_add_c(&b, ' ');
        buf_add_c(&b, is_mark ? ' ' : s.p[i]);
    }
    return text_fold(mem, buf_str(&b));
}

static Err *load_words(Arena *mem, Val *out)
{
    const Embed *file = embed_find(S("core/import/synonyms.yaml"));
    Yaml *tree;

    REQUIRE(file != NULL);
    TRY(yaml_read(mem, S("core/import/synonyms.yaml"), (Str){(const char *)file->data, file->size}, &tree));
    *out = val_from_yaml(mem, tree);
    return NULL;
}

static bool is_writable(const Field *f)
{
    if (f->is_secret || f->is_computed || f->result == FIELD_AUTONUMBER) return false;
    if (!f->is_system) return !f->is_readonly || f->result == FIELD_TIMESTAMP;
    return f->index != SYS_VERSION && f->index != SYS_DELETED_AT;
}

static const Field *path_field(const Object *obj, Str path)
{
    Str rest = path;

    return object_field(obj, str_cut(&rest, '.'));
}

static void add_choice(ImportGuess *g, Str path, int confidence)
{
    for (size_t i = 0; i < g->n_alternatives; i++)
        if (str_eq(g->alternatives[i], path)) return;
    if (confidence > g->confidence) {
        if (g->path.n && g->n_alternatives < 5) g->alternatives[g->n_alternatives++] = g->path;
        g->path = path;
        g->confidence = confidence;
    } else if (!str_eq(g->path, path) && g->n_alternatives < 5) {
        g->alternatives[g->n_alternatives++] = path;
    }
}

static void by_label(Arena *mem, const Object *obj, Str plain, ImportGuess *g)
{
    for (size_t i = 0; i < obj->n_fields; i++) {
        const Field *f = &obj->fields[i];
        bool fits = str_eq(plain_heading(mem, f->name), plain);
        if (f->is_secret) continue;
        for (int lang = 0; lang < LANG_COUNT; lang++)
            fits = fits || str_eq(plain_heading(mem, f->label.text[lang]), plain);
        if (!fits) continue;
        if (is_writable(f) && f->result != FIELD_ANY_REFERENCE)
            add_choice(g, f->name, 100);
        else
            g->is_known = true;
    }
}

static bool fits_any(Val words, Str plain)
{
    for (uint32_t i = 0; words.kind == VAL_LIST && i < words.n; i++)
        if (words.list[i].kind == VAL_TEXT && str_eq(val_str(words.list[i]), plain)) return true;
    return false;
}

/* A path may name a part the field has not: "title" of a lead is no title of a contact. */
static bool has_path(const Object *obj, Str path)
{
    const Field *f = path_field(obj, path);
    Str rest = path;

    if (!f || !is_writable(f)) return false;
    (void)str_cut(&rest, '.');
    if (!rest.n) return true;
    if (f->result == FIELD_PERSON_NAME || f->result == FIELD_EMAILS || f->result == FIELD_PHONES ||
        f->result == FIELD_ADDRESSES || f->result == FIELD_IDENTIFIER || f->result == FIELD_MONEY)
        return true;
    return f->target && object_field(f->target, str_cut(&rest, '.'));
}

static void by_words(const Object *obj, Val words, Str plain, ImportGuess *g)
{
    for (uint32_t i = 0; i < words.n; i++) {
        Str path = val_str(words.map[i].key);
        bool is_bare = str_eq(path, S("name")), is_person = str_eq(path, S("name@person"));
        if (is_person) path = S("name");
        const Field *f = path_field(obj, path);
        bool is_wrong = f && (is_bare || is_person) && (f->result == FIELD_PERSON_NAME) != is_person;
        if (!is_wrong && fits_any(words.map[i].val, plain) && has_path(obj, path)) add_choice(g, path, 95);
    }
}

/* "Deal owner", "Contact: E-mail" without the object's own name. */
static Str without_object(Arena *mem, const Object *obj, Str plain)
{
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        Str label = text_fold(mem, obj->label.text[lang]);
        if (label.n && str_starts(plain, label) && plain.n > label.n + 1 && plain.p[label.n] == ' ')
            return str_trim(str_from(plain, label.n + 1));
    }
    return plain;
}

static void by_heading(Arena *mem, const Object *obj, Val words, Str heading, ImportGuess *g)
{
    Str plain = plain_heading(mem, heading), rest = without_object(mem, obj, plain);

    if (object_field(obj, heading) && is_writable(object_field(obj, heading))) add_choice(g, heading, 100);
    by_label(mem, obj, plain, g);
    by_words(obj, words, plain, g);
    if (g->path.n || g->is_known || str_eq(rest, plain)) return;
    by_label(mem, obj, rest, g);
    by_words(obj, words, rest, g);
    if (g->confidence > 90) g->confidence = 90;
}

/* --- contents -------------------------------------------------------------------------------------------------------------- */

static bool is_email(Str s)
{
    ptrdiff_t at = str_find_char(s, '@');

    return at > 0 && str_find_char(str_from(s, (size_t)at), '.') > 1 && str_find_char(s, ' ') < 0;
}

static void look_at_cell(Arena *mem, Arena *tmp, Look *l, Str cell, Str country)
{
    const IdentKind *kind;
    Str normal, e164, ext;

    l->n++;
    l->emails += is_email(cell);
    l->urls += str_starts(cell, S("http")) || str_starts(cell, S("www."));
    l->booleans += boolean_word(tmp, cell) >= 0;
    l->numbers += is_number_like(cell);
    date_learn(mem, &l->date, cell);
    if (ident_guess(tmp, cell, country, &kind, &normal)) {
        l->idents++;
        l->ident = kind;
    } else if (phone_parse(tmp, cell, country, &e164, &ext) && cell.n > 6) {
        l->phones++;
    }
}

static void count_value(Arena *mem, Look *l, Str cell)
{
    Distinct *d = strmap_get(&l->distinct, cell);

    if (!d && l->distinct.n >= DISTINCT_MAX) {
        l->is_full = true;
        return;
    }
    if (!d) {
        d = NEW(mem, Distinct);
        d->text = str_copy(mem, cell);
        strmap_put(mem, &l->distinct, d->text, d);
    }
    d->rows++;
}

typedef struct Looking {
    Arena *mem;
    Str country;
    Look *looks;
    size_t n;
    int64_t seen;
} Looking;

static void look_at_row(void *arg, Arena *tmp, const Row *row)
{
    Looking *k = arg;

    k->seen++;
    for (size_t i = 0; !row->problem && i < row->n && i < k->n; i++) {
        Str cell = str_trim(row->cells[i]);
        if (!cell.n) continue;
        if (k->seen <= LOOKED_AT) look_at_cell(k->mem, tmp, &k->looks[i], cell, k->country);
        count_value(k->mem, &k->looks[i], cell);
    }
}

static bool most(int64_t part, int64_t n)
{
    return n > 0 && part * 10 >= n * 8;
}

static Str kind_of(Arena *mem, const Look *l)
{
    const DateEvidence *d = &l->date;

    if (most(l->emails, l->n)) return S("email");
    if (l->n && d->n_bad == 0 && (d->iso || d->dots || d->other))
        return d->iso    ? S("date iso")
               : d->dmy  ? S("date dmy")
               : d->mdy  ? S("date mdy")
               : d->dots ? S("date dmy")
                         : S("date ?");
    if (most(l->idents, l->n) && l->ident && l->n > 1) return str_fmt(mem, "identifier %s", l->ident->kind);
    if (most(l->phones, l->n)) return S("phone");
    if (most(l->urls, l->n)) return S("url");
    if (l->n && l->booleans == l->n) return S("boolean");
    if (most(l->numbers, l->n)) return S("number");
    return S("text");
}

static const Field *field_of_type(const Object *obj, FieldType type)
{
    for (size_t i = SYS_COUNT; i < obj->n_fields; i++)
        if (obj->fields[i].result == type) return &obj->fields[i];
    return NULL;
}

static void by_content(Arena *mem, const Object *obj, const Look *l, ImportGuess *g)
{
    FieldType type = str_eq(g->kind, S("email"))            ? FIELD_EMAILS
                     : str_eq(g->kind, S("phone"))          ? FIELD_PHONES
                     : str_starts(g->kind, S("identifier")) ? FIELD_IDENTIFIER
                     : str_eq(g->kind, S("url"))            ? FIELD_URL
                                                            : (FieldType)0;
    const Field *f = type ? field_of_type(obj, type) : NULL;

    if (!f || g->is_known) return;
    Str path = type == FIELD_IDENTIFIER && l->ident ? str_fmt(mem, "%.*s.%s", SFMT(f->name), l->ident->kind)
                                                    : f->name;
    const Field *chosen = g->path.n ? path_field(obj, g->path) : NULL;
    if (!chosen) add_choice(g, path, type == FIELD_URL ? 60 : 75);
    /* a column called "Account" that holds e-mails names accounts by their e-mail */
}

/* --- the whole ------------------------------------------------------------------------------------------------------------- */

static bool may_repeat(const Field *f)
{
    return f->result == FIELD_EMAILS || f->result == FIELD_PHONES || f->result == FIELD_HANDLES ||
           f->result == FIELD_ADDRESSES || f->result == FIELD_IDENTIFIER || f->result == FIELD_TAGS ||
           f->result == FIELD_LONGTEXT || f->result == FIELD_PERSON_NAME || f->result == FIELD_LINKS;
}

/* Two columns of one plain field: the surer keeps it. */
static void settle(const Object *obj, ImportGuess *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            const Field *f = list[i].path.n ? path_field(obj, list[i].path) : NULL;
            bool is_weaker = list[i].confidence < list[k].confidence ||
                             (i > k && list[i].confidence == list[k].confidence);
            if (i == k || !f || !str_eq(list[i].path, list[k].path) || may_repeat(f) || !is_weaker) continue;
            if (list[i].n_alternatives) {
                list[i].path = list[i].alternatives[0];
                list[i].confidence = 80;
                list[i].n_alternatives--;
                for (size_t a = 0; a < list[i].n_alternatives; a++)
                    list[i].alternatives[a] = list[i].alternatives[a + 1];
            } else {
                list[i].path = (Str){0};
                list[i].confidence = 0;
            }
        }
}

static bool is_unknown(Work *w, const Field *f, Str text)
{
    Found found;

    if (f->result == FIELD_CHOICE || f->result == FIELD_MULTICHOICE) return !option_of(w->tmp, f, text);
    const Object *to = f->result == FIELD_LINKS ? f->far->target : f->target;
    if (!to || f->result == FIELD_FILE) return false;
    return !find_records(w, to, NULL, text, &found) && found.n == 0;
}

static Val unknown_values(Work *w, Arena *mem, const Field *f, const Look *l)
{
    Val *list = NEW_N(mem, Val, UNKNOWN_MAX);
    uint32_t n = 0;
    bool is_asked = f &&
                    (f->result == FIELD_CHOICE || f->result == FIELD_MULTICHOICE || f->target ||
                     f->result == FIELD_LINKS) &&
                    f->result != FIELD_ANY_REFERENCE;

    for (size_t i = 0; is_asked && i < l->distinct.n && n < UNKNOWN_MAX; i++) {
        const Distinct *d = l->distinct.entries[i].val;
        if (!is_unknown(w, f, d->text)) continue;
        ValPair *pairs = NEW_N(mem, ValPair, 2);
        pairs[0] = (ValPair){val_text(S("value")), val_text(d->text)};
        pairs[1] = (ValPair){val_text(S("rows")), val_int(d->rows)};
        list[n++] = val_map(pairs, 2);
    }
    return val_list(list, n);
}

Err *import_guess(Ctx *cx, Arena *mem, const Object *obj, ImportRows *feed, ImportGuess **out, int64_t *rows)
{
    const Table *table = feed->table;
    Look *looks = NEW_N(mem, Look, table->n_heads + 1);
    ImportGuess *list = NEW_N(mem, ImportGuess, table->n_heads + 1);
    ImportPlan plan = {.meta = cx->meta, .obj = obj, .table = table};
    ImportJob job = {.store = cx->store, .plan = &plan};
    Work w = {.job = &job, .plan = &plan, .mem = mem, .tmp = mem, .cx = cx, .is_preview = true};
    Looking looking = {
        .mem = mem, .country = cx->store->company->country, .looks = looks, .n = table->n_heads};
    Val words;

    *out = list;
    TRY(load_words(mem, &words));
    feed->most = IMPORT_LOOKED;
    Err *e = rows_each(mem, feed, look_at_row, &looking, rows);
    feed->most = 0;
    if (e) return e;
    if (*rows >= IMPORT_LOOKED) *rows = -1;
    for (size_t i = 0; i < table->n_heads; i++) {
        ImportGuess *g = &list[i];
        g->heading = table->heads[i];
        g->kind = kind_of(mem, &looks[i]);
        by_heading(mem, obj, words, g->heading, g);
        by_content(mem, obj, &looks[i], g);
        for (size_t k = 0; k < looks[i].distinct.n && g->n_samples < 5; k++)
            g->samples[g->n_samples++] = looks[i].distinct.entries[k].key;
        if (!looks[i].distinct.n && !g->path.n) g->is_known = true; /* an empty column says nothing */
    }
    settle(obj, list, table->n_heads);
    for (size_t i = 0; i < table->n_heads; i++)
        list[i].unknown =
            unknown_values(&w, mem, list[i].path.n ? path_field(obj, list[i].path) : NULL, &looks[i]);
    return NULL;
}

const Object *import_guess_object(Arena *mem, const Meta *meta, const Table *table)
{
    const Object *best = NULL;
    int most_fits = 0;
    Val words;

    if (load_words(mem, &words)) return NULL;
    for (size_t o = 0; o < meta->n_objects; o++) {
        const Object *obj = meta->objects[o];
        int fits = 0;
        if (obj->is_internal || obj->is_link || !obj->in_nav) continue;
        StrMap seen = {0};
        bool has_label = false;
        for (size_t i = 0; i < table->n_heads; i++) {
            ImportGuess g = {0};
            by_heading(mem, obj, words, table->heads[i], &g);
            if (g.confidence < SURE || strmap_get(&seen, g.path)) continue;
            strmap_put(mem, &seen, g.path, mem);
            fits += 2;
            has_label = has_label || path_field(obj, g.path) == obj->label_field;
        }
        fits += has_label ? 2 : 0; /* without a name it is hardly one */
        for (int lang = 0; lang < LANG_COUNT; lang++) {
            Str name = text_fold(mem, table->name);
            if (str_find(name, text_fold(mem, obj->label.text[lang])) >= 0 ||
                str_find(name, text_fold(mem, obj->label_plural.text[lang])) >= 0)
                fits += 4;
        }
        if (fits > most_fits) {
            best = obj;
            most_fits = fits;
        }
    }
    return best;
}

/* Our own export knows its records by id. */
static Val match_of(const Object *obj, const ImportGuess *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].confidence >= SURE && str_eq(list[i].path, S("id"))) return val_text(S("id"));
    (void)obj;
    return val_null();
}

/* An export has columns for what came by itself, which must not be asked for again. */
static bool is_own_export(const ImportGuess *list, size_t n)
{
    return !val_is_null(match_of(NULL, list, n));
}

Err *import_guess_mapping(Arena *mem, const Object *obj, const ImportGuess *list, size_t n, Val *out)
{
    ValPair *columns = NEW_N(mem, ValPair, n + 1), *all = NEW_N(mem, ValPair, 3);
    Buf unknown = buf_new(mem, 64u << 10);
    bool is_own = is_own_export(list, n);
    size_t count = 1;

    for (size_t i = 0; i < n; i++) {
        const ImportGuess *g = &list[i];
        const Field *f = g->path.n ? path_field(obj, g->path) : NULL;
        bool is_left = is_own && f && f->is_readonly && f->index != SYS_ID;
        bool is_sure = g->confidence >= SURE && !is_left;
        columns[i] = (ValPair){val_text(g->heading), is_sure ? val_text(g->path) : val_null()};
        if (!is_sure && !g->is_known && !is_left)
            buf_addf(&unknown, "%s%.*s", unknown.n ? ", " : "", SFMT(g->heading));
    }
    all[0] = (ValPair){val_text(S("columns")), val_map(columns, n)};
    if (is_own) all[count++] = (ValPair){val_text(S("match")), match_of(obj, list, n)};
    *out = val_map(all, count);
    if (!unknown.n) return NULL;
    return err_arg(err_new(mem, ERR_INVALID, "error.import.columns", "nobody knows the columns %.*s",
                           SFMT(buf_str(&unknown))),
                   0, buf_str(&unknown));
}
