/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "meta/meta.h"

/* What a type of value is, whatever field has it.  Internal to meta. */
typedef struct TypeInfo {
    ColumnType column;                             /* of its value; 0 for what is not stored */
    const CelType *cel;                            /* NULL where it depends on the field */
    bool is_sortable, is_filterable, is_groupable; /* unless the field says otherwise */
    bool is_number;                                /* may be summed */
    bool is_scalar;                                /* one column says all there is to compare */
    uint8_t places;
} TypeInfo;

/** Info of a field's `result` type; of FORMULA and ROLLUP themselves all false. */
const TypeInfo *type_info(FieldType result);
