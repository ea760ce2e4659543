/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

typedef enum Verb { VERB_CREATE, VERB_READ, VERB_UPDATE, VERB_DELETE, VERB_COUNT } Verb;
typedef enum Level { LEVEL_NONE, LEVEL_OWN, LEVEL_TEAM, LEVEL_ALL } Level;
typedef enum FieldRight { FIELD_HIDDEN, FIELD_READ, FIELD_WRITE } FieldRight;

/* A role compiled for one user against one metadata snapshot. */
struct Rights {
    bool is_administrator;
    bool may_see_masked; /* phones and e-mails in full */
    Id user;
    Id *teams;
    size_t n_teams; /* the user's team and all below it */
    Id *people;
    size_t n_people; /* the user and all below him */
    struct ObjectRights {
        uint8_t level[VERB_COUNT];
        bool may_export, may_mass;
        uint8_t *fields;   /* FieldRight by field index */
        CelNode *row_rule; /* more that may be read; NULL none */
        CelNode *limit;    /* what alone may be read; NULL none */
    } * objects[1024];     /* by object number */
    Str *actions;
    size_t n_actions;
};

/** Rights of `user` from his role, teams and subordinates. */
MUST_CHECK Err *rights_load(Ctx *cx, Id user, Rights **out);
Level rights_level(const Ctx *cx, const Object *obj, Verb verb);
FieldRight rights_field(const Ctx *cx, const Field *f);
bool rights_may(const Ctx *cx, const Object *obj, Verb verb); /* level above none */
/** True when every row may be `verb`ed: rights_where adds nothing. */
bool rights_are_open(const Ctx *cx, const Object *obj, Verb verb);
/** Appends " AND (...)": the condition under which rows of alias `t<n>` may be `verb`ed; nothing when all. */
MUST_CHECK Err *rights_where(Ctx *cx, Sql *q, const Object *obj, unsigned alias, Verb verb);
/** Says why `user` may see record `id`: rule, share, path; English key and arguments in an INFO-like chain. */
MUST_CHECK Err *rights_explain(Ctx *cx, const Object *obj, Id id, Id user, Str *out);
