/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Every bound of the program, in one place. */
#define LIMIT_HEAD         (16u << 10)  /* request line and headers; also the memory of an idle connection */
#define LIMIT_BODY         (32u << 20)  /* bytes of a request body */
#define LIMIT_REQUEST_MEM  (256u << 20) /* arena of a request */
#define LIMIT_REPLY        (64u << 20)  /* bytes of a reply */
#define LIMIT_JSON_DEPTH   32
#define LIMIT_PAGE         200 /* records of a page */
#define LIMIT_PAGE_DEFAULT 50
#define LIMIT_BATCH        1000 /* records of a :batch call */
#define LIMIT_TEXT         255  /* characters of a text field unless it says otherwise */
#define LIMIT_LONG_TEXT    100000
#define LIMIT_ITEMS        50    /* phones, tags, links ... of one field */
#define LIMIT_URL          2000  /* characters */
#define LIMIT_CEL_TEXT     16384 /* bytes of an expression */
#define LIMIT_CEL_DEPTH    64
#define LIMIT_CEL_NODES    2000
#define LIMIT_CEL_COST     1000000 /* steps of one evaluation */
#define LIMIT_COLUMNS      1200
#define LIMIT_FILE         (64u << 20)
#define LIMIT_TOTAL_FAST   10000
