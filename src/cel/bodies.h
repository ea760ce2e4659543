/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/run.h"

/* The bodies of the functions in the table (functions.c).  Kinds and number of the arguments are checked before. */
#define BODY(name) Err *name(CelRun *run, const Val *args, size_t n, Val *out)

/* body_convert.c */
BODY(cel_same_value);
BODY(cel_type_of);
BODY(cel_to_bool);
BODY(cel_to_int);
BODY(cel_to_uint);
BODY(cel_to_double);
BODY(cel_to_string);
BODY(cel_to_bytes);
BODY(cel_to_timestamp);
BODY(cel_to_duration);
BODY(cel_to_decimal);
BODY(cel_to_money);
BODY(cel_to_date);
BODY(cel_amount);
BODY(cel_currency);
/* body_text.c */
BODY(cel_size_text);
BODY(cel_contains);
BODY(cel_starts_with);
BODY(cel_ends_with);
BODY(cel_matches);
BODY(cel_char_at);
BODY(cel_index_of);
BODY(cel_last_index_of);
BODY(cel_join);
BODY(cel_lower_ascii);
BODY(cel_upper_ascii);
BODY(cel_replace);
BODY(cel_split);
BODY(cel_substring);
BODY(cel_trim);
BODY(cel_reverse_text);
BODY(cel_quote);
BODY(cel_fold);
BODY(cel_base64_encode);
BODY(cel_base64_decode);
/* format.c */
BODY(cel_format);
/* body_math.c */
BODY(cel_greatest);
BODY(cel_least);
BODY(cel_ceil);
BODY(cel_floor);
BODY(cel_round);
BODY(cel_trunc);
BODY(cel_abs);
BODY(cel_sign);
BODY(cel_sqrt);
BODY(cel_is_nan);
BODY(cel_is_inf);
BODY(cel_is_finite);
BODY(cel_bit_and);
BODY(cel_bit_or);
BODY(cel_bit_xor);
BODY(cel_bit_not);
BODY(cel_bit_left);
BODY(cel_bit_right);
/* body_time.c */
BODY(cel_get_full_year);
BODY(cel_get_month);
BODY(cel_get_date);
BODY(cel_get_day_of_month);
BODY(cel_get_day_of_week);
BODY(cel_get_day_of_year);
BODY(cel_get_hours);
BODY(cel_get_minutes);
BODY(cel_get_seconds);
BODY(cel_get_milliseconds);
BODY(cel_duration_hours);
BODY(cel_duration_minutes);
BODY(cel_duration_seconds);
BODY(cel_duration_milliseconds);
BODY(cel_today);
BODY(cel_now);
BODY(cel_days);
BODY(cel_me);
BODY(cel_my_team);
/* body_list.c */
BODY(cel_size_list);
BODY(cel_slice);
BODY(cel_flatten);
BODY(cel_distinct);
BODY(cel_sort);
BODY(cel_range);
BODY(cel_reverse_list);
BODY(cel_first);
BODY(cel_last);
BODY(cel_sets_contains);
BODY(cel_sets_equivalent);
BODY(cel_sets_intersects);
BODY(cel_or_value);
BODY(cel_optional_of_value);
BODY(cel_optional_of_non_zero);
BODY(cel_optional_none);
BODY(cel_optional_unwrap);
BODY(cel_optional_value);
BODY(cel_optional_has_value);
BODY(cel_optional_or);
BODY(cel_optional_or_value);
