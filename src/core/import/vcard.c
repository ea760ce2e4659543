/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An address book as one table, "contacts".  The headings are fixed words (name.family, phone.mobile, address.work.city); a
   property that stands in a card again has its " (2)".  What the table has no word for arrives under the name of the property
   in small letters, so nothing is lost.  The file is read once for the headings and again for each reading of the rows; a
   card is held whole, the file is not. */
#include "base/map.h"
#include "core/import/feed.h"
#include "core/import/source_impl.h"
#include "core/import/vcard_impl.h"

#define CARD_MAX       SOURCE_ROW_MAX
#define PHOTO_TEXT_MAX (SOURCE_BLOB_MAX / 2 * 3 + PHOTO_CUT)
#define PHOTO_CUT      (128u << 10)
#define LINE_PIECE     (1u << 20) /* a longer line is read in pieces */

/* In the order they are shown; those of no other name follow as they come. */
static const char *const ORDER[] = {
    "name.full",      "name.prefix",    "name.given",   "name.additional", "name.family",
    "name.suffix",    "nickname",       "org.name",     "org.unit",        "title",
    "role",           "phone.mobile",   "phone.work",   "phone.home",      "phone",
    "phone.work_fax", "phone.home_fax", "phone.fax",    "phone.pager",     "email.work",
    "email.home",     "email",          "address.work", "address.home",    "address",
    "url.work",       "url.home",       "url",          "birthday",        "anniversary",
    "categories",     "note",           "photo",
};
#define N_ORDER (sizeof ORDER / sizeof *ORDER)

static const char *const ADDRESS_PARTS[] = {"street", "city", "region", "postal_code", "country"};
#define N_ADDRESS (sizeof ADDRESS_PARTS / sizeof *ADDRESS_PARTS)

/* Nothing a person has written, or something only the program that wrote it understands. */
static const char *const SKIPPED[] = {"VERSION",
                                      "PRODID",
                                      "BEGIN",
                                      "END",
                                      "REV",
                                      "KEY",
                                      "SOUND",
                                      "LOGO",
                                      "AGENT",
                                      "LABEL",
                                      "MAILER",
                                      "SORT-STRING",
                                      "X-ABLABEL",
                                      "X-ABADR",
                                      "PROFILE",
                                      "CLASS",
                                      "SOURCE",
                                      "NAME",
                                      "X-ABUID",
                                      "X-GENERATOR",
                                      "PHOTO",
                                      "X-ABSHOWAS",
                                      "X-MS-OL-DESIGN",
                                      "X-MS-OL-DEFAULT-POSTAL-ADDRESS",
                                      "X-COUCHDB-APPLICATION-ANNOTATIONS"};

typedef struct Heading {
    Str base, part; /* "address.work" and "city"; " (2)" stands behind the whole */
    int seen;       /* in the card at work */
    size_t first;   /* the column of its first occurrence */
    int most;       /* occurrences in one card */
} Heading;

typedef VEC(Str) Heads;

typedef struct Reader {
    Source *src;
    Feed feed;
    int64_t line;
    StrMap headings; /* full name -> Heading */
    bool is_counting;
    /* the row at work */
    Arena *tmp;
    Str *cells;
    Err *problem;
    int64_t row_line;
    SourceBlob *blobs;
    size_t n_blobs;
    bool has_name;
    Str instead; /* of a name: the company, else an e-mail, else a phone */
    int rank;
} Reader;

/* --- cards in the window ---------------------------------------------------------------------------------------------- */

typedef struct Card {
    Str text; /* behind its BEGIN, in the window */
    int64_t line;
    bool is_too_large, has_end, has_large_photo;
} Card;

/* Length of the line at offset `at` of the window, `*whole` with its end; 0 and 0 at the end of the file. */
static Err *line_at(Reader *r, size_t at, size_t *n, size_t *whole)
{
    bool more = true;

    for (size_t i = at;;) {
        const char *p = feed_at(&r->feed);
        size_t left = feed_left(&r->feed);
        while (i < left && i - at <= LINE_PIECE && p[i] != '\n' && p[i] != '\r') i++;
        if (i - at > LINE_PIECE) {
            *n = *whole = i - at;
            return NULL;
        }
        if (i + 1 < left || r->feed.is_over) {
            *n = i - at;
            *whole = *n + (i < left) + (i + 1 < left && p[i] == '\r' && p[i + 1] == '\n');
            return NULL;
        }
        TRY(feed_more(&r->feed, r->src->errs, &more));
    }
}

static bool is_word(Reader *r, size_t at, size_t n, Str word)
{
    return str_eq_nocase(str_trim((Str){feed_at(&r->feed) + at, n}), word);
}

static void drop(Reader *r, size_t *at)
{
    r->feed.from += *at;
    *at = 0;
}

/* To the next BEGIN:VCARD; `*found` is false at the end of the file. */
static Err *find_begin(Reader *r, bool *found)
{
    size_t at = 0, n, whole;

    for (*found = false;; drop(r, &at)) {
        TRY(line_at(r, 0, &n, &whole));
        if (!whole) return NULL;
        *found = is_word(r, 0, n, S("BEGIN:VCARD"));
        at = whole;
        r->line++;
        if (!*found) continue;
        drop(r, &at);
        return NULL;
    }
}

/* "PHOTO;ENCODING=b:", "item1.PHOTO:". */
static bool is_photo(Str line)
{
    Str name = str_sub(line, 0, 200);
    size_t n = 0;

    while (n < name.n && name.p[n] != ':' && name.p[n] != ';') n++;
    name = str_sub(name, 0, n);
    ptrdiff_t dot = str_find_char(name, '.');
    return str_eq_nocase(dot >= 0 ? str_from(name, (size_t)dot + 1) : name, S("PHOTO"));
}

/* The photo at work: where it begins in the window, and whether it is being cut out because nobody could keep it. */
typedef struct PhotoAt {
    bool is_photo, is_cut, is_partial; /* is_partial: the line before had no end */
    size_t from;
} PhotoAt;

static void cut_out(Reader *r, const PhotoAt *photo, size_t *at)
{
    char *p = r->feed.text + r->feed.from;
    size_t cut = *at - photo->from;

    memmove(p + photo->from, p + *at, feed_left(&r->feed) - *at);
    r->feed.end -= cut;
    *at = photo->from;
}

/* Called before each line of a card: a photo that is too large goes out of the window piece by piece, as it comes. */
static void follow_photo(Reader *r, PhotoAt *photo, Card *card, size_t n, size_t *at)
{
    Str line = {feed_at(&r->feed) + *at, n};
    bool is_more = photo->is_partial || (n && (line.p[0] == ' ' || line.p[0] == '\t'));
    bool is_due =
        photo->is_photo && *at - photo->from > (photo->is_cut ? is_more ? PHOTO_CUT : 0 : PHOTO_TEXT_MAX);

    if (is_due) {
        cut_out(r, photo, at);
        photo->is_cut = card->has_large_photo = true;
    }
    if (is_more) return;
    *photo = (PhotoAt){.is_photo = is_photo((Str){feed_at(&r->feed) + *at, n}), .from = *at};
}

/* The lines to the END of the card; the card of an AGENT within it is skipped over. */
static Err *read_card(Reader *r, Card *out, size_t *size)
{
    size_t at = 0, n, whole;
    PhotoAt photo = {0};
    int depth = 1;

    *out = (Card){.line = r->line - 1};
    for (bool is_agent = false; depth;) {
        TRY(line_at(r, at, &n, &whole));
        if (!whole) break;
        follow_photo(r, &photo, out, n, &at);
        photo.is_partial = whole == n;
        bool is_begin = is_word(r, at, n, S("BEGIN:VCARD"));
        if (is_begin && !is_agent) break;
        depth += is_begin ? 1 : is_word(r, at, n, S("END:VCARD")) ? -1 : 0;
        if (n) is_agent = str_starts((Str){feed_at(&r->feed) + at, n}, S("AGENT"));
        at += whole;
        r->line++;
        if (at <= CARD_MAX) continue;
        out->is_too_large = true;
        drop(r, &at);
    }
    out->has_end = depth == 0;
    if (!out->is_too_large) out->text = (Str){feed_at(&r->feed), at};
    *size = at;
    return NULL;
}

/* --- columns ---------------------------------------------------------------------------------------------------------- */

static void refuse(Reader *r, const char *key, const char *detail)
{
    if (!r->problem && !r->is_counting) r->problem = source_problem(r->tmp, key, r->row_line, detail);
}

/* Books hold people of whom there is but an e-mail: they are called by that. */
static void note_name(Reader *r, Str base, Str value)
{
    static const char *const INSTEAD[] = {"phone", "email", "org.name"};

    if (!value.n) return;
    r->has_name = r->has_name || str_starts(base, S("name."));
    for (int i = 0; i < 3; i++) {
        if (!str_starts(base, str_c(INSTEAD[i])) || r->rank > i) continue;
        r->instead = value;
        r->rank = i + 1;
    }
}

/* A value under a heading: counted in the first reading, put into its cell in the others. */
static void put_at(Reader *r, Str base, Str part, int seen, Str value)
{
    Str full = part.n ? str_fmt(r->tmp, "%.*s.%.*s", SFMT(base), SFMT(part)) : base;
    Heading *h = strmap_get(&r->headings, full);

    note_name(r, base, value);
    if (!h && !r->is_counting) return;
    if (!h) {
        h = NEW(r->src->mem, Heading);
        *h = (Heading){.base = str_copy(r->src->mem, base), .part = part};
        strmap_put(r->src->mem, &r->headings, str_copy(r->src->mem, full), h);
    }
    if (r->is_counting && h->most < seen) h->most = seen;
    if (r->is_counting || seen > h->most) return;
    if (value.n > SOURCE_CELL_MAX) {
        refuse(r, "error.source.cell", "a value is over 1 MB");
        return;
    }
    bool is_text = utf8_is_valid(value) && !memchr(value.p, 0, value.n);
    if (!is_text) refuse(r, "error.source.nul", "bytes that are no text");
    r->cells[h->first + (size_t)seen - 1] = is_text ? value : source_clean(r->tmp, value);
}

/* How often the property has stood in the card, with this time. */
static int occurrence(Reader *r, Str base)
{
    static const char MARK[] = "#";
    Str key = str_fmt(r->tmp, "%s%.*s", MARK, SFMT(base));
    Heading *h = strmap_get(&r->headings, key);

    if (!h) {
        h = NEW(r->src->mem, Heading);
        strmap_put(r->src->mem, &r->headings, str_copy(r->src->mem, key), h);
    }
    return ++h->seen;
}

static void put(Reader *r, const char *base, Str value)
{
    if (value.n) put_at(r, str_c(base), (Str){0}, occurrence(r, str_c(base)), value);
}

/* --- properties ------------------------------------------------------------------------------------------------------- */

static void take_name(Reader *r, StrList parts)
{
    static const char *const NAMES[] = {"name.family", "name.given", "name.additional", "name.prefix",
                                        "name.suffix"};

    for (size_t i = 0; i < parts.n && i < 5; i++) put(r, NAMES[i], parts.p[i]);
}

static const char *phone_kind(const CardProp *p)
{
    bool is_work = card_has_type(p, S("WORK")), is_home = card_has_type(p, S("HOME"));

    if (card_has_type(p, S("PAGER"))) return "phone.pager";
    if (card_has_type(p, S("FAX")))
        return is_work ? "phone.work_fax" : is_home ? "phone.home_fax" : "phone.fax";
    if (card_has_type(p, S("CELL")) || card_has_type(p, S("IPHONE"))) return "phone.mobile";
    return is_work ? "phone.work" : is_home ? "phone.home" : "phone";
}

static void take_phone(Reader *r, const CardProp *p)
{
    Str text = card_unescape(r->tmp, card_text(r->tmp, p));

    if (str_eq_nocase(str_sub(text, 0, 4), S("tel:"))) text = str_from(text, 4);
    put(r, phone_kind(p), text);
}

/* "email", "email.work", "email.home" and the same of others. */
static void take_of_kind(Reader *r, const CardProp *p, const char *base)
{
    Str text = card_unescape(r->tmp, card_text(r->tmp, p));
    const char *kind = card_has_type(p, S("WORK")) ? ".work" : card_has_type(p, S("HOME")) ? ".home" : "";

    if (str_eq_nocase(str_sub(text, 0, 7), S("mailto:"))) text = str_from(text, 7);
    put(r, str_to_c(r->tmp, str_fmt(r->tmp, "%s%s", base, kind)), text);
}

/* Post box, floor and street are one text of lines; the rest is a cell each. */
static void take_address(Reader *r, const CardProp *p)
{
    StrList parts = card_parts(r->tmp, card_text(r->tmp, p));
    const char *base = card_has_type(p, S("WORK"))   ? "address.work"
                       : card_has_type(p, S("HOME")) ? "address.home"
                                                     : "address";
    Str cells[N_ADDRESS] = {0}, lines[3];
    size_t n = 0;
    bool has_text = false;

    for (size_t i = 2; i < 5; i--)
        if (i < parts.n && parts.p[i].n) lines[n++] = parts.p[i];
    cells[0] = str_join(r->tmp, lines, n, S("\n"));
    for (size_t i = 1; i < N_ADDRESS && i + 2 < parts.n; i++) cells[i] = parts.p[i + 2];
    for (size_t i = 0; i < N_ADDRESS; i++) has_text = has_text || cells[i].n;
    if (!has_text) return;
    int seen = occurrence(r, str_c(base));
    for (size_t i = 0; i < N_ADDRESS; i++)
        if (cells[i].n) put_at(r, str_c(base), str_c(ADDRESS_PARTS[i]), seen, cells[i]);
}

static void take_org(Reader *r, StrList parts)
{
    Str units[16];
    size_t n = 0;

    if (parts.n) put(r, "org.name", parts.p[0]);
    for (size_t i = 1; i < parts.n && n < 16; i++)
        if (parts.p[i].n) units[n++] = parts.p[i];
    put(r, "org.unit", str_join(r->tmp, units, n, S(", ")));
}

static bool is_digits(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n > 0;
}

/* 19800322, 1980-03-22T00:00:00Z and 1980-03-22 are the same day; what has no year stays as it is. */
static Str day_of(Arena *mem, Str s)
{
    ptrdiff_t t = str_find_char(s, 'T');
    Str day = t < 0 ? s : str_sub(s, 0, (size_t)t);

    if (day.n == 8 && is_digits(day))
        return str_fmt(mem, "%.*s-%.*s-%.*s", 4, day.p, 2, day.p + 4, 2, day.p + 6);
    return day.n == 10 && day.p[4] == '-' && day.p[7] == '-' ? day : s;
}

static const char *picture_ending(Str bytes, const char **mime)
{
    *mime = "image/jpeg";
    if (str_starts(bytes, S("\x89PNG"))) return *mime = "image/png", "png";
    if (str_starts(bytes, S("GIF8"))) return *mime = "image/gif", "gif";
    if (bytes.n > 12 && str_eq(str_sub(bytes, 8, 4), S("WEBP"))) return *mime = "image/webp", "webp";
    if (str_starts(bytes, S("\xFF\xD8"))) return "jpg";
    *mime = "application/octet-stream";
    return "bin";
}

static Err *too_large(Reader *r)
{
    return source_problem(r->tmp, "error.source.photo", r->row_line, "the photo is over 4 MB");
}

/* A photo that cannot be taken leaves the person as he is, with the reason. */
static void add_photo(Reader *r, SourceBlob blob)
{
    const char *mime = "";
    Arena *mem = r->tmp;
    const char *ending = picture_ending(blob.data, &mime);
    int seen = occurrence(r, blob.column);
    if (seen > 1) blob.column = str_fmt(mem, "photo (%d)", seen);
    blob.mime = str_c(mime);
    put_at(r, S("photo"), (Str){0}, seen, str_fmt(mem, "photo.%s", ending));
    if (r->is_counting) return;
    r->blobs = arena_grow(mem, r->blobs, r->n_blobs * sizeof blob, (r->n_blobs + 1) * sizeof blob);
    r->blobs[r->n_blobs++] = blob;
}

static void put_photo(Reader *r, Str base64)
{
    SourceBlob blob = {.column = S("photo")};

    if (str_trim(base64).n == 0) return;
    if (base64.n / 4 * 3 > SOURCE_BLOB_MAX + SOURCE_BLOB_MAX / 8)
        blob.problem = too_large(r);
    else if (!r->is_counting && !card_base64(r->tmp, base64, &blob.data))
        blob.problem = source_problem(r->tmp, "error.source.base64", r->row_line, "the photo is no base64");
    else if (blob.data.n > SOURCE_BLOB_MAX)
        blob.problem = too_large(r);
    if (blob.problem) blob.data = (Str){0};
    add_photo(r, blob);
}

/* Bytes in the card, or an address to fetch them from, which stays a text. */
static void take_photo(Reader *r, const CardProp *p)
{
    ptrdiff_t comma;

    if (p->is_base64) {
        put_photo(r, p->value);
        return;
    }
    Str text = card_unescape(r->tmp, card_text(r->tmp, p));
    if (!str_eq_nocase(str_sub(text, 0, 5), S("data:")))
        put(r, "photo", text);
    else if ((comma = str_find_char(text, ',')) > 0 &&
             str_ends(str_sub(text, 0, (size_t)comma), S(";base64")))
        put_photo(r, str_from(text, (size_t)comma + 1));
}

static bool is_skipped(Str name)
{
    for (size_t i = 0; i < sizeof SKIPPED / sizeof *SKIPPED; i++)
        if (str_eq_c(name, SKIPPED[i])) return true;
    return false;
}

/* Properties of one text and what they are called. */
static const char *const SIMPLE[][2] = {
    {"FN", "name.full"},
    {"NICKNAME", "nickname"},
    {"TITLE", "title"},
    {"ROLE", "role"},
    {"NOTE", "note"},
    {"BDAY", "birthday"},
    {"ANNIVERSARY", "anniversary"},
    {"X-ANNIVERSARY", "anniversary"},
    {"X-MS-ANNIVERSARY", "anniversary"},
    {"X-EVOLUTION-ANNIVERSARY", "anniversary"},
    {"CATEGORIES", "categories"},
    {"X-MS-IMADDRESS", "im"},
    {"IMPP", "im"},
    {"X-MS-MANAGER", "manager"},
    {"X-EVOLUTION-MANAGER", "manager"},
    {"X-MS-ASSISTANT", "assistant"},
    {"X-EVOLUTION-ASSISTANT", "assistant"},
    {"X-MS-SPOUSE", "spouse"},
    {"X-EVOLUTION-SPOUSE", "spouse"},
    {"X-SPOUSE", "spouse"},
};

static void take_simple(Reader *r, const CardProp *p)
{
    Str text = card_unescape(r->tmp, card_text(r->tmp, p));
    const char *base = NULL;

    for (size_t i = 0; i < sizeof SIMPLE / sizeof *SIMPLE && !base; i++)
        if (str_eq_c(p->name, SIMPLE[i][0])) base = SIMPLE[i][1];
    if (base && (str_eq_c(S("birthday"), base) || str_eq_c(S("anniversary"), base)))
        text = day_of(r->tmp, text);
    put(r, base ? base : str_to_c(r->tmp, str_lower_ascii(r->tmp, p->name)), text);
}

static ptrdiff_t last_of(Str s, char c)
{
    ptrdiff_t at = (ptrdiff_t)s.n - 1;

    while (at >= 0 && s.p[at] != c) at--;
    return at;
}

static void take_prop(Reader *r, const CardProp *p)
{
    Str name = p->name;

    if (str_eq(name, S("N")))
        take_name(r, card_parts(r->tmp, card_text(r->tmp, p)));
    else if (str_eq(name, S("ORG")))
        take_org(r, card_parts(r->tmp, card_text(r->tmp, p)));
    else if (str_eq(name, S("TEL")))
        take_phone(r, p);
    else if (str_eq(name, S("EMAIL")))
        take_of_kind(r, p, "email");
    else if (str_eq(name, S("URL")))
        take_of_kind(r, p, "url");
    else if (str_eq(name, S("ADR")))
        take_address(r, p);
    else if (str_eq(name, S("PHOTO")))
        take_photo(r, p);
    else if (str_eq(name, S("UID")) && str_starts(p->value, S("kith-")))
        put(r, "id", str_from(p->value, (size_t)last_of(p->value, '-') + 1)); /* of our own export */
    else if (!is_skipped(name) && !p->is_base64)
        take_simple(r, p);
}

static void take_card(Reader *r, const Card *card)
{
    Str rest = card->text;
    CardProp prop;
    int depth = 0;

    for (size_t i = 0; i < r->headings.n; i++) ((Heading *)r->headings.entries[i].val)->seen = 0;
    r->has_name = false;
    r->instead = (Str){0};
    r->rank = 0;
    while (card_prop(r->tmp, &rest, &prop)) {
        depth += str_eq(prop.name, S("BEGIN")) - (depth && str_eq(prop.name, S("END")));
        if (!depth) take_prop(r, &prop);
    }
    if (!r->has_name && r->instead.n) put(r, "name.full", r->instead);
    if (card->has_large_photo && !card->is_too_large)
        add_photo(r, (SourceBlob){.column = S("photo"), .problem = too_large(r)});
}

/* --- headings --------------------------------------------------------------------------------------------------------- */

static void add_heads(Reader *r, Heading *h, Str full, Heads *heads)
{
    h->first = heads->n;
    for (int k = 1; k <= h->most; k++)
        *vec_push(r->src->mem, heads) = k == 1 ? full : str_fmt(r->src->mem, "%.*s (%d)", SFMT(full), k);
}

static void add_known(Reader *r, Str base, Heads *heads)
{
    Heading *h = strmap_get(&r->headings, base);

    if (h && h->most) add_heads(r, h, base, heads);
    for (size_t i = 0; i < N_ADDRESS && str_starts(base, S("address")); i++) {
        Str full = str_fmt(r->src->mem, "%.*s.%s", SFMT(base), ADDRESS_PARTS[i]);
        h = strmap_get(&r->headings, full);
        if (h && h->most) add_heads(r, h, full, heads);
    }
}

static bool is_known(Str full)
{
    for (size_t i = 0; i < N_ORDER; i++)
        if (str_eq_c(full, ORDER[i])) return true;
    return str_starts(full, S("address.")) || str_starts(full, S("#"));
}

static Err *make_heads(Reader *r, Table *table)
{
    Heads heads = {0};
    size_t n = 0;

    for (size_t i = 0; i < r->headings.n; i++) n += (size_t)((Heading *)r->headings.entries[i].val)->most;
    if (n > SOURCE_COLUMNS_MAX) {
        Err *e = source_problem(r->src->errs, "error.source.columns", 1, "too many columns");
        return err_arg(err_arg(e, 1, str_fmt(r->src->errs, "%zu", n)), 2,
                       str_fmt(r->src->errs, "%d", SOURCE_COLUMNS_MAX));
    }
    for (size_t i = 0; i < N_ORDER; i++) add_known(r, str_c(ORDER[i]), &heads);
    for (size_t i = 0; i < r->headings.n; i++)
        if (!is_known(r->headings.entries[i].key))
            add_heads(r, r->headings.entries[i].val, r->headings.entries[i].key, &heads);
    table->heads = heads.p;
    table->n_heads = heads.n;
    return NULL;
}

/* --- the source ------------------------------------------------------------------------------------------------------- */

/* The next card; its text is valid until `done` is given to the feed. */
static Err *next_card(Reader *r, Card *card, size_t *size, bool *has)
{
    TRY(find_begin(r, has));
    if (*has) TRY(read_card(r, card, size));
    return NULL;
}

static Err *vcard_rewind(Source *src, size_t table)
{
    Reader *r = src->reader;

    (void)table;
    r->line = 1;
    return feed_rewind(&r->feed, src->errs);
}

static Err *vcard_next(Source *src, Arena *tmp, Row *out, bool *has)
{
    Reader *r = src->reader;
    Table *t = &src->tables[0];
    Card card;
    size_t size;

    TRY(next_card(r, &card, &size, has));
    if (!*has) return NULL;
    r->tmp = tmp;
    r->row_line = card.line;
    r->problem = NULL;
    r->blobs = NULL;
    r->n_blobs = 0;
    r->cells = NEW_N(tmp, Str, t->n_heads);
    if (card.is_too_large)
        refuse(r, "error.source.card", "the card is over 16 MB");
    else if (!card.has_end)
        refuse(r, "error.source.card_end", "the card has no end");
    take_card(r, &card);
    r->feed.from += size;
    *out = (Row){.line = card.line,
                 .cells = r->cells,
                 .n = t->n_heads,
                 .blobs = r->blobs,
                 .n_blobs = r->n_blobs,
                 .problem = r->problem};
    return NULL;
}

static int64_t vcard_position(const Source *src)
{
    const Reader *r = src->reader;

    return feed_position(&r->feed);
}

/* The first reading: which headings there are, how often in one card, and how many cards. */
static Err *count_cards(Reader *r, Table *table)
{
    Arena *tmp = arena_new(0);
    bool has = true;
    Err *e = vcard_rewind(r->src, 0);

    r->is_counting = true;
    r->tmp = tmp;
    table->rows = 0;
    while (!e && has && r->headings.n < 8 * SOURCE_COLUMNS_MAX) {
        Card card;
        size_t size;
        e = next_card(r, &card, &size, &has);
        if (e || !has) break;
        take_card(r, &card);
        r->feed.from += size;
        table->rows++;
        arena_reset(tmp);
    }
    arena_free(tmp);
    r->is_counting = false;
    return e;
}

Err *vcard_open(Source *src)
{
    static const SourceKind KIND = {"vcard", vcard_rewind, vcard_next, vcard_position};
    Reader *r = NEW(src->mem, Reader);

    r->src = src;
    src->kind = &KIND;
    src->reader = r;
    TRY(feed_open(src->mem, src->errs, src->path, src->options.encoding, &r->feed));
    src->encoding = r->feed.encoding;
    src->size = r->feed.size;
    src->tables = NEW(src->mem, Table);
    src->n_tables = 1;
    src->tables[0] = (Table){.name = S("contacts")};
    TRY(count_cards(r, &src->tables[0]));
    TRY(make_heads(r, &src->tables[0]));
    if (!src->tables[0].n_heads)
        FAIL(src->errs, ERR_INVALID, "error.source.empty", "no card with a value in it");
    return vcard_rewind(src, 0);
}
