/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"
#include "base/text.h"

/* One property of a card: its name in capitals without group, the words of its parameters, and what stands behind the colon,
   unfolded but not decoded. */
typedef struct CardProp {
    Str name, value;
    Str params; /* as written, from the first semicolon to the colon */
    bool is_qp, is_base64;
} CardProp;

/** Cuts the next property off `*rest`, the text of a card; false at its end.  Folded lines, soft breaks of quoted-printable and
    the lines of base64 are joined. */
bool card_prop(Arena *mem, Str *rest, CardProp *out);

/** Parameters hold the word, as a type ("WORK", "TYPE=work", `type="work,voice"`), whatever the case. */
bool card_has_type(const CardProp *prop, Str word);
/** The value of a parameter, empty when it is not there. */
Str card_param(const CardProp *prop, Str wanted);

/** The value as text: quoted-printable and character set undone, escapes left. */
Str card_text(Arena *mem, const CardProp *prop);
/** Cuts a value at semicolons that are not escaped and undoes the escapes. */
StrList card_parts(Arena *mem, Str text);
/** Undoes the escapes. */
Str card_unescape(Arena *mem, Str text);
/** Bytes of base64, white space in it ignored; false when it is none. */
bool card_base64(Arena *mem, Str text, Str *out);
