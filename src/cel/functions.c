/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of functions: names, kinds, meaning.  One row an overload; rows of one name stand together.  The checker picks
   from it, the evaluator calls from it, the SQL compiler looks a chosen row up by its body. */

#include "cel/functions.h"

#include "cel/bodies.h"

enum {
    ANY = CEL_T_DYN,
    BOOL = CEL_T_BOOL,
    INT = CEL_T_INT,
    UINT = CEL_T_UINT,
    DOUBLE = CEL_T_DOUBLE,
    DECIMAL = CEL_T_DECIMAL,
    MONEY = CEL_T_MONEY,
    STRING = CEL_T_STRING,
    BYTES = CEL_T_BYTES,
    DATE = CEL_T_DATE,
    TIME = CEL_T_TIME,
    TIMESTAMP = CEL_T_TIMESTAMP,
    DURATION = CEL_T_DURATION,
    ID = CEL_T_ID,
    LIST = CEL_T_LIST,
    MAP = CEL_T_MAP,
    TYPE = CEL_T_TYPE,
    OPTIONAL = CEL_T_OPTIONAL,
};

#define ARGS(...)                .n = sizeof((uint8_t[]){__VA_ARGS__}), .args = {__VA_ARGS__}
#define GIVES(kind)              .result = (kind)
#define METHOD                   .is_method = true
#define SHAPE(name)              .shape = CEL_SHAPE_##name
#define FN(text, function, help) .name = (text), .body = (function), .doc = (help)

static const CelFunction table[] = {
    {FN("size", cel_size_text, "characters"), ARGS(STRING), GIVES(INT)},
    {FN("size", cel_size_text, "bytes"), ARGS(BYTES), GIVES(INT)},
    {FN("size", cel_size_list, "elements"), ARGS(LIST), GIVES(INT)},
    {FN("size", cel_size_list, "entries"), ARGS(MAP), GIVES(INT)},
    {FN("size", cel_size_text, "characters"), METHOD, ARGS(STRING), GIVES(INT)},
    {FN("size", cel_size_text, "bytes"), METHOD, ARGS(BYTES), GIVES(INT)},
    {FN("size", cel_size_list, "elements"), METHOD, ARGS(LIST), GIVES(INT)},
    {FN("size", cel_size_list, "entries"), METHOD, ARGS(MAP), GIVES(INT)},

    /* conversions */
    {FN("dyn", cel_same_value, "the value, its type left to run time"), ARGS(ANY), GIVES(ANY),
     .takes_null = true},
    {FN("type", cel_type_of, "the value's type"), ARGS(ANY), GIVES(TYPE), .takes_null = true},
    {FN("bool", cel_same_value, "the value"), ARGS(BOOL), GIVES(BOOL)},
    {FN("bool", cel_to_bool, "of 'true' or 'false'"), ARGS(STRING), GIVES(BOOL)},
    {FN("int", cel_to_int, "the value"), ARGS(INT), GIVES(INT)},
    {FN("int", cel_to_int, "of an unsigned number"), ARGS(UINT), GIVES(INT)},
    {FN("int", cel_to_int, "towards zero"), ARGS(DOUBLE), GIVES(INT)},
    {FN("int", cel_to_int, "towards zero"), ARGS(DECIMAL), GIVES(INT)},
    {FN("int", cel_to_int, "of its digits"), ARGS(STRING), GIVES(INT)},
    {FN("int", cel_to_int, "seconds since 1970"), ARGS(TIMESTAMP), GIVES(INT)},
    {FN("int", cel_to_int, "whole seconds"), ARGS(DURATION), GIVES(INT)},
    {FN("uint", cel_to_uint, "the value"), ARGS(UINT), GIVES(UINT)},
    {FN("uint", cel_to_uint, "of a number not below zero"), ARGS(INT), GIVES(UINT)},
    {FN("uint", cel_to_uint, "towards zero"), ARGS(DOUBLE), GIVES(UINT)},
    {FN("uint", cel_to_uint, "of its digits"), ARGS(STRING), GIVES(UINT)},
    {FN("double", cel_to_double, "the value"), ARGS(DOUBLE), GIVES(DOUBLE)},
    {FN("double", cel_to_double, "the nearest double"), ARGS(INT), GIVES(DOUBLE)},
    {FN("double", cel_to_double, "the nearest double"), ARGS(UINT), GIVES(DOUBLE)},
    {FN("double", cel_to_double, "the nearest double"), ARGS(DECIMAL), GIVES(DOUBLE)},
    {FN("double", cel_to_double, "of its digits"), ARGS(STRING), GIVES(DOUBLE)},
    {FN("string", cel_same_value, "the value"), ARGS(STRING), GIVES(STRING)},
    {FN("string", cel_to_string, "'true' or 'false'"), ARGS(BOOL), GIVES(STRING)},
    {FN("string", cel_to_string, "its digits"), ARGS(INT), GIVES(STRING)},
    {FN("string", cel_to_string, "its digits"), ARGS(UINT), GIVES(STRING)},
    {FN("string", cel_to_string, "its digits"), ARGS(DOUBLE), GIVES(STRING)},
    {FN("string", cel_to_string, "its digits"), ARGS(DECIMAL), GIVES(STRING)},
    {FN("string", cel_to_string, "bytes that are UTF-8"), ARGS(BYTES), GIVES(STRING)},
    {FN("string", cel_to_string, "YYYY-MM-DD"), ARGS(DATE), GIVES(STRING)},
    {FN("string", cel_to_string, "HH:MM"), ARGS(TIME), GIVES(STRING)},
    {FN("string", cel_to_string, "RFC 3339 in UTC"), ARGS(TIMESTAMP), GIVES(STRING)},
    {FN("string", cel_to_string, "seconds and 's'"), ARGS(DURATION), GIVES(STRING)},
    {FN("string", cel_to_string, "13 characters"), ARGS(ID), GIVES(STRING)},
    {FN("string", cel_to_string, "its name"), ARGS(TYPE), GIVES(STRING)},
    {FN("bytes", cel_same_value, "the value"), ARGS(BYTES), GIVES(BYTES)},
    {FN("bytes", cel_to_bytes, "UTF-8"), ARGS(STRING), GIVES(BYTES)},
    {FN("timestamp", cel_to_timestamp, "of RFC 3339"), ARGS(STRING), GIVES(TIMESTAMP)},
    {FN("timestamp", cel_to_timestamp, "of seconds since 1970"), ARGS(INT), GIVES(TIMESTAMP)},
    {FN("timestamp", cel_to_timestamp, "the start of the day"), ARGS(DATE), GIVES(TIMESTAMP)},
    {FN("timestamp", cel_to_timestamp, "the value"), ARGS(TIMESTAMP), GIVES(TIMESTAMP)},
    {FN("duration", cel_to_duration, "of '1h30m'"), ARGS(STRING), GIVES(DURATION)},
    {FN("duration", cel_to_duration, "of seconds"), ARGS(INT), GIVES(DURATION)},
    {FN("duration", cel_to_duration, "the value"), ARGS(DURATION), GIVES(DURATION)},
    {FN("date", cel_to_date, "of YYYY-MM-DD"), ARGS(STRING), GIVES(DATE)},
    {FN("date", cel_to_date, "the day of a moment"), ARGS(TIMESTAMP), GIVES(DATE)},
    {FN("date", cel_to_date, "the value"), ARGS(DATE), GIVES(DATE)},
    {FN("decimal", cel_to_decimal, "of its digits"), ARGS(STRING), GIVES(DECIMAL)},
    {FN("decimal", cel_to_decimal, "the whole number"), ARGS(INT), GIVES(DECIMAL)},
    {FN("decimal", cel_to_decimal, "the value"), ARGS(DECIMAL), GIVES(DECIMAL)},
    {FN("money", cel_to_money, "an amount in a currency"), ARGS(STRING, STRING), GIVES(MONEY)},
    {FN("money", cel_to_money, "an amount in a currency"), ARGS(INT, STRING), GIVES(MONEY)},
    {FN("money", cel_to_money, "an amount in a currency"), ARGS(DECIMAL, STRING), GIVES(MONEY)},
    {FN("amount", cel_amount, "the number without its currency"), ARGS(MONEY), GIVES(DECIMAL)},
    {FN("currency", cel_currency, "the currency's code"), ARGS(MONEY), GIVES(STRING)},

    /* texts */
    {FN("contains", cel_contains, "whether the part is in it"), METHOD, ARGS(STRING, STRING), GIVES(BOOL)},
    {FN("startsWith", cel_starts_with, "whether it begins so"), METHOD, ARGS(STRING, STRING), GIVES(BOOL)},
    {FN("endsWith", cel_ends_with, "whether it ends so"), METHOD, ARGS(STRING, STRING), GIVES(BOOL)},
    {FN("matches", cel_matches, "whether a part matches the regular expression"), METHOD,
     ARGS(STRING, STRING), GIVES(BOOL)},
    {FN("matches", cel_matches, "whether a part matches the regular expression"), ARGS(STRING, STRING),
     GIVES(BOOL)},
    {FN("charAt", cel_char_at, "the character at a position"), METHOD, ARGS(STRING, INT), GIVES(STRING)},
    {FN("indexOf", cel_index_of, "first position of the part or -1"), METHOD, ARGS(STRING, STRING),
     GIVES(INT)},
    {FN("indexOf", cel_index_of, "the same from a position on"), METHOD, ARGS(STRING, STRING, INT),
     GIVES(INT)},
    {FN("lastIndexOf", cel_last_index_of, "last position of the part or -1"), METHOD, ARGS(STRING, STRING),
     GIVES(INT)},
    {FN("lastIndexOf", cel_last_index_of, "the same up to a position"), METHOD, ARGS(STRING, STRING, INT),
     GIVES(INT)},
    {FN("join", cel_join, "all texts as one"), METHOD, ARGS(LIST), GIVES(STRING)},
    {FN("join", cel_join, "all texts as one, the other between them"), METHOD, ARGS(LIST, STRING),
     GIVES(STRING)},
    {FN("lowerAscii", cel_lower_ascii, "A to Z as a to z"), METHOD, ARGS(STRING), GIVES(STRING)},
    {FN("upperAscii", cel_upper_ascii, "a to z as A to Z"), METHOD, ARGS(STRING), GIVES(STRING)},
    {FN("replace", cel_replace, "every part replaced"), METHOD, ARGS(STRING, STRING, STRING), GIVES(STRING)},
    {FN("replace", cel_replace, "at most that many replaced"), METHOD, ARGS(STRING, STRING, STRING, INT),
     GIVES(STRING)},
    {FN("split", cel_split, "the pieces between separators"), METHOD, ARGS(STRING, STRING), GIVES(STRING),
     SHAPE(LIST)},
    {FN("split", cel_split, "at most that many pieces"), METHOD, ARGS(STRING, STRING, INT), GIVES(STRING),
     SHAPE(LIST)},
    {FN("substring", cel_substring, "from a position on"), METHOD, ARGS(STRING, INT), GIVES(STRING)},
    {FN("substring", cel_substring, "from a position to before another"), METHOD, ARGS(STRING, INT, INT),
     GIVES(STRING)},
    {FN("trim", cel_trim, "without white space around it"), METHOD, ARGS(STRING), GIVES(STRING)},
    {FN("format", cel_format, "the pattern filled: %s %d %f %e %b %o %x"), METHOD, ARGS(STRING, LIST),
     GIVES(STRING)},
    {FN("reverse", cel_reverse_text, "characters from last to first"), METHOD, ARGS(STRING), GIVES(STRING)},
    {FN("reverse", cel_reverse_list, "elements from last to first"), METHOD, ARGS(LIST), SHAPE(ARG0)},
    {FN("strings.quote", cel_quote, "in quotes, with escapes"), ARGS(STRING), GIVES(STRING)},
    {FN("fold", cel_fold, "lower case without marks, as search sees it"), ARGS(STRING), GIVES(STRING)},
    {FN("base64.encode", cel_base64_encode, "bytes as base64"), ARGS(BYTES), GIVES(STRING)},
    {FN("base64.decode", cel_base64_decode, "bytes of base64"), ARGS(STRING), GIVES(BYTES)},

    /* times */
    {FN("getFullYear", cel_get_full_year, "the year"), METHOD, ARGS(TIMESTAMP), GIVES(INT)},
    {FN("getFullYear", cel_get_full_year, "the year in a zone"), METHOD, ARGS(TIMESTAMP, STRING), GIVES(INT)},
    {FN("getFullYear", cel_get_full_year, "the year"), METHOD, ARGS(DATE), GIVES(INT)},
    {FN("getMonth", cel_get_month, "the month, January is 0"), METHOD, ARGS(TIMESTAMP), GIVES(INT)},
    {FN("getMonth", cel_get_month, "the month in a zone"), METHOD, ARGS(TIMESTAMP, STRING), GIVES(INT)},
    {FN("getMonth", cel_get_month, "the month, January is 0"), METHOD, ARGS(DATE), GIVES(INT)},
    {FN("getDate", cel_get_date, "the day of the month from 1"), METHOD, ARGS(TIMESTAMP), GIVES(INT)},
    {FN("getDate", cel_get_date, "the day of the month in a zone"), METHOD, ARGS(TIMESTAMP, STRING),
     GIVES(INT)},
    {FN("getDate", cel_get_date, "the day of the month from 1"), METHOD, ARGS(DATE), GIVES(INT)},
    {FN("getDayOfMonth", cel_get_day_of_month, "the day of the month from 0"), METHOD, ARGS(TIMESTAMP),
     GIVES(INT)},
    {FN("getDayOfMonth", cel_get_day_of_month, "the same in a zone"), METHOD, ARGS(TIMESTAMP, STRING),
     GIVES(INT)},
    {FN("getDayOfMonth", cel_get_day_of_month, "the day of the month from 0"), METHOD, ARGS(DATE),
     GIVES(INT)},
    {FN("getDayOfWeek", cel_get_day_of_week, "the day of the week, Sunday is 0"), METHOD, ARGS(TIMESTAMP),
     GIVES(INT)},
    {FN("getDayOfWeek", cel_get_day_of_week, "the same in a zone"), METHOD, ARGS(TIMESTAMP, STRING),
     GIVES(INT)},
    {FN("getDayOfWeek", cel_get_day_of_week, "the day of the week, Sunday is 0"), METHOD, ARGS(DATE),
     GIVES(INT)},
    {FN("getDayOfYear", cel_get_day_of_year, "the day of the year from 0"), METHOD, ARGS(TIMESTAMP),
     GIVES(INT)},
    {FN("getDayOfYear", cel_get_day_of_year, "the same in a zone"), METHOD, ARGS(TIMESTAMP, STRING),
     GIVES(INT)},
    {FN("getDayOfYear", cel_get_day_of_year, "the day of the year from 0"), METHOD, ARGS(DATE), GIVES(INT)},
    {FN("getHours", cel_get_hours, "the hour"), METHOD, ARGS(TIMESTAMP), GIVES(INT)},
    {FN("getHours", cel_get_hours, "the hour in a zone"), METHOD, ARGS(TIMESTAMP, STRING), GIVES(INT)},
    {FN("getHours", cel_duration_hours, "all its hours"), METHOD, ARGS(DURATION), GIVES(INT)},
    {FN("getMinutes", cel_get_minutes, "the minute"), METHOD, ARGS(TIMESTAMP), GIVES(INT)},
    {FN("getMinutes", cel_get_minutes, "the minute in a zone"), METHOD, ARGS(TIMESTAMP, STRING), GIVES(INT)},
    {FN("getMinutes", cel_duration_minutes, "all its minutes"), METHOD, ARGS(DURATION), GIVES(INT)},
    {FN("getSeconds", cel_get_seconds, "the second"), METHOD, ARGS(TIMESTAMP), GIVES(INT)},
    {FN("getSeconds", cel_get_seconds, "the second in a zone"), METHOD, ARGS(TIMESTAMP, STRING), GIVES(INT)},
    {FN("getSeconds", cel_duration_seconds, "all its seconds"), METHOD, ARGS(DURATION), GIVES(INT)},
    {FN("getMilliseconds", cel_get_milliseconds, "the millisecond"), METHOD, ARGS(TIMESTAMP), GIVES(INT)},
    {FN("getMilliseconds", cel_get_milliseconds, "the millisecond"), METHOD, ARGS(TIMESTAMP, STRING),
     GIVES(INT)},
    {FN("getMilliseconds", cel_duration_milliseconds, "the milliseconds beside its seconds"), METHOD,
     ARGS(DURATION), GIVES(INT)},
    {FN("today", cel_today, "the day of now"), .n = 0, GIVES(DATE)},
    {FN("now", cel_now, "the moment of the request"), .n = 0, GIVES(TIMESTAMP)},
    {FN("days", cel_days, "that many whole days"), ARGS(INT), GIVES(DURATION)},
    {FN("me", cel_me, "the current user"), .n = 0, GIVES(ID)},
    {FN("my_team", cel_my_team, "the current user's team"), .n = 0, GIVES(ID)},

    /* lists and sets */
    {FN("slice", cel_slice, "elements from one position to before another"), METHOD, ARGS(LIST, INT, INT),
     SHAPE(ARG0)},
    {FN("flatten", cel_flatten, "lists in the list opened"), METHOD, ARGS(LIST), GIVES(LIST)},
    {FN("flatten", cel_flatten, "the same, that many levels"), METHOD, ARGS(LIST, INT), GIVES(LIST)},
    {FN("distinct", cel_distinct, "each element once"), METHOD, ARGS(LIST), SHAPE(ARG0)},
    {FN("sort", cel_sort, "elements in order"), METHOD, ARGS(LIST), SHAPE(ARG0)},
    {FN("lists.range", cel_range, "0 to before n"), ARGS(INT), GIVES(INT), SHAPE(LIST)},
    {FN("first", cel_first, "the first element, optional"), METHOD, ARGS(LIST), GIVES(OPTIONAL)},
    {FN("last", cel_last, "the last element, optional"), METHOD, ARGS(LIST), GIVES(OPTIONAL)},
    {FN("sets.contains", cel_sets_contains, "whether all of the second are in the first"), ARGS(LIST, LIST),
     GIVES(BOOL)},
    {FN("sets.equivalent", cel_sets_equivalent, "whether both hold the same"), ARGS(LIST, LIST), GIVES(BOOL)},
    {FN("sets.intersects", cel_sets_intersects, "whether both share an element"), ARGS(LIST, LIST),
     GIVES(BOOL)},

    /* missing values */
    {FN("orValue", cel_or_value, "the value, or the other when it is null"), ARGS(ANY, ANY), SHAPE(ARG0),
     .takes_null = true},
    {FN("orValue", cel_optional_or_value, "what is inside, or the other"), METHOD, ARGS(OPTIONAL, ANY),
     SHAPE(ARG1), .takes_null = true},
    {FN("optional.of", cel_optional_of_value, "an optional holding the value"), ARGS(ANY), SHAPE(OPTIONAL),
     .takes_null = true},
    {FN("optional.ofNonZeroValue", cel_optional_of_non_zero, "none when the value is empty, null or zero"),
     ARGS(ANY), SHAPE(OPTIONAL), .takes_null = true},
    {FN("optional.none", cel_optional_none, "an optional without a value"), .n = 0, GIVES(OPTIONAL)},
    {FN("optional.unwrap", cel_optional_unwrap, "what is inside, empty ones left out"), ARGS(LIST),
     GIVES(LIST)},
    {FN("unwrapOpt", cel_optional_unwrap, "what is inside, empty ones left out"), METHOD, ARGS(LIST),
     GIVES(LIST)},
    {FN("hasValue", cel_optional_has_value, "whether there is something inside"), METHOD, ARGS(OPTIONAL),
     GIVES(BOOL)},
    {FN("value", cel_optional_value, "what is inside"), METHOD, ARGS(OPTIONAL), SHAPE(ELEM0)},
    {FN("or", cel_optional_or, "the optional, or the other when it is empty"), METHOD,
     ARGS(OPTIONAL, OPTIONAL), SHAPE(ARG0)},

    /* mathematics */
    {FN("math.greatest", cel_greatest, "the greatest"), .is_variadic = true, ARGS(ANY), GIVES(ANY)},
    {FN("math.least", cel_least, "the least"), .is_variadic = true, ARGS(ANY), GIVES(ANY)},
    {FN("math.ceil", cel_ceil, "the next whole number up"), ARGS(DOUBLE), GIVES(DOUBLE)},
    {FN("math.ceil", cel_ceil, "the next whole number up"), ARGS(DECIMAL), GIVES(DECIMAL)},
    {FN("math.floor", cel_floor, "the next whole number down"), ARGS(DOUBLE), GIVES(DOUBLE)},
    {FN("math.floor", cel_floor, "the next whole number down"), ARGS(DECIMAL), GIVES(DECIMAL)},
    {FN("math.round", cel_round, "the nearest whole number, halves away from zero"), ARGS(DOUBLE),
     GIVES(DOUBLE)},
    {FN("math.round", cel_round, "the nearest whole number, halves away from zero"), ARGS(DECIMAL),
     GIVES(DECIMAL)},
    {FN("math.round", cel_round, "rounded to places"), ARGS(DECIMAL, INT), GIVES(DECIMAL)},
    {FN("math.round", cel_round, "rounded to places"), ARGS(MONEY, INT), GIVES(MONEY)},
    {FN("math.trunc", cel_trunc, "the whole part"), ARGS(DOUBLE), GIVES(DOUBLE)},
    {FN("math.trunc", cel_trunc, "the whole part"), ARGS(DECIMAL), GIVES(DECIMAL)},
    {FN("math.abs", cel_abs, "without its sign"), ARGS(INT), GIVES(INT)},
    {FN("math.abs", cel_abs, "without its sign"), ARGS(UINT), GIVES(UINT)},
    {FN("math.abs", cel_abs, "without its sign"), ARGS(DOUBLE), GIVES(DOUBLE)},
    {FN("math.abs", cel_abs, "without its sign"), ARGS(DECIMAL), GIVES(DECIMAL)},
    {FN("math.abs", cel_abs, "without its sign"), ARGS(MONEY), GIVES(MONEY)},
    {FN("math.sign", cel_sign, "-1, 0 or 1"), ARGS(INT), GIVES(INT)},
    {FN("math.sign", cel_sign, "0 or 1"), ARGS(UINT), GIVES(UINT)},
    {FN("math.sign", cel_sign, "-1, 0 or 1"), ARGS(DOUBLE), GIVES(DOUBLE)},
    {FN("math.sign", cel_sign, "-1, 0 or 1"), ARGS(DECIMAL), GIVES(DECIMAL)},
    {FN("math.sign", cel_sign, "-1, 0 or 1"), ARGS(MONEY), GIVES(DECIMAL)},
    {FN("math.sqrt", cel_sqrt, "the square root"), ARGS(DOUBLE), GIVES(DOUBLE)},
    {FN("math.sqrt", cel_sqrt, "the square root"), ARGS(INT), GIVES(DOUBLE)},
    {FN("math.sqrt", cel_sqrt, "the square root"), ARGS(UINT), GIVES(DOUBLE)},
    {FN("math.isNaN", cel_is_nan, "whether it is no number"), ARGS(DOUBLE), GIVES(BOOL)},
    {FN("math.isInf", cel_is_inf, "whether it is infinite"), ARGS(DOUBLE), GIVES(BOOL)},
    {FN("math.isFinite", cel_is_finite, "whether it is a finite number"), ARGS(DOUBLE), GIVES(BOOL)},
    {FN("math.bitAnd", cel_bit_and, "bits of both"), ARGS(INT, INT), GIVES(INT)},
    {FN("math.bitAnd", cel_bit_and, "bits of both"), ARGS(UINT, UINT), GIVES(UINT)},
    {FN("math.bitOr", cel_bit_or, "bits of either"), ARGS(INT, INT), GIVES(INT)},
    {FN("math.bitOr", cel_bit_or, "bits of either"), ARGS(UINT, UINT), GIVES(UINT)},
    {FN("math.bitXor", cel_bit_xor, "bits of one"), ARGS(INT, INT), GIVES(INT)},
    {FN("math.bitXor", cel_bit_xor, "bits of one"), ARGS(UINT, UINT), GIVES(UINT)},
    {FN("math.bitNot", cel_bit_not, "bits turned"), ARGS(INT), GIVES(INT)},
    {FN("math.bitNot", cel_bit_not, "bits turned"), ARGS(UINT), GIVES(UINT)},
    {FN("math.bitShiftLeft", cel_bit_left, "bits moved up"), ARGS(INT, INT), GIVES(INT)},
    {FN("math.bitShiftLeft", cel_bit_left, "bits moved up"), ARGS(UINT, INT), GIVES(UINT)},
    {FN("math.bitShiftRight", cel_bit_right, "bits moved down"), ARGS(INT, INT), GIVES(INT)},
    {FN("math.bitShiftRight", cel_bit_right, "bits moved down"), ARGS(UINT, INT), GIVES(UINT)},
};

#define COUNT (sizeof table / sizeof *table)

const CelFunction *cel_functions(size_t *n)
{
    *n = COUNT;
    return table;
}

const CelFunction *cel_function_find(Str name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (str_eq_c(name, table[i].name)) return &table[i];
    return NULL;
}

const CelFunction *cel_function_next(const CelFunction *f)
{
    const CelFunction *next = f + 1;
    return next < table + COUNT && strcmp(next->name, f->name) == 0 ? next : NULL;
}

/* --- calling ----------------------------------------------------------------------------------------------------------------- */

static bool takes_arg(const CelFunction *f, size_t i, Val v)
{
    CelKind want = f->args[i < f->n ? i : f->n - 1u], is = cel_kind_of(v);
    if (want == CEL_T_DYN) return is != CEL_T_NULL || f->takes_null;
    return want == is;
}

static bool takes(const CelFunction *f, const CelNode *node, const Val *args)
{
    if (f->is_method != node->is_method) return false;
    if (f->is_variadic ? node->n < f->n : node->n != f->n) return false;
    for (size_t i = 0; i < node->n; i++)
        if (!takes_arg(f, i, args[i])) return false;
    return true;
}

Err *cel_call(CelRun *run, const CelNode *node, const Val *args, Val *out)
{
    for (const CelFunction *f = node->function; f; f = cel_function_next(f))
        if (takes(f, node, args)) return f->body(run, args, node->n, out);
    if (!node->function) return cel_fail(run, "unknown function %.*s", SFMT(node->name));
    return cel_fail(run, "%.*s does not take these", SFMT(node->name));
}
