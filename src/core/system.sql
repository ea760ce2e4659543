-- SPDX-License-Identifier: GPL-3.0-or-later
-- Tables that are not objects.  `{bytes}` is the database's byte type.

-- name: tables
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS change (
    epoch BIGINT NOT NULL, tx BIGINT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, batch BIGINT NOT NULL,
    cause BIGINT, request TEXT, object BIGINT NOT NULL, record BIGINT NOT NULL, version BIGINT NOT NULL,
    kind BIGINT NOT NULL, actor BIGINT, channel BIGINT NOT NULL, schema BIGINT NOT NULL, derived BIGINT NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (epoch, tx, seq));
CREATE INDEX IF NOT EXISTS change_record ON change (record, epoch, tx, seq);
CREATE INDEX IF NOT EXISTS change_batch ON change (batch);
CREATE INDEX IF NOT EXISTS change_actor ON change (actor, at);
CREATE TABLE IF NOT EXISTS batch (
    id BIGINT PRIMARY KEY, actor BIGINT, at BIGINT NOT NULL, channel BIGINT NOT NULL, undone_by BIGINT, undo_of BIGINT);
CREATE INDEX IF NOT EXISTS batch_actor ON batch (actor, id);
CREATE TABLE IF NOT EXISTS item (
    record BIGINT NOT NULL, object BIGINT NOT NULL, field TEXT NOT NULL, n BIGINT NOT NULL, value TEXT NOT NULL,
    label TEXT, is_main BIGINT NOT NULL, norm TEXT NOT NULL, PRIMARY KEY (record, field, n));
CREATE INDEX IF NOT EXISTS item_norm ON item (norm, object, record);
CREATE TABLE IF NOT EXISTS duplicate (
    object BIGINT NOT NULL, a BIGINT NOT NULL, b BIGINT NOT NULL, score BIGINT NOT NULL, state BIGINT NOT NULL,
    batch BIGINT, actor BIGINT, at BIGINT NOT NULL, PRIMARY KEY (object, a, b));
CREATE INDEX IF NOT EXISTS duplicate_b ON duplicate (object, b);
CREATE INDEX IF NOT EXISTS duplicate_score ON duplicate (object, state, score);
CREATE TABLE IF NOT EXISTS session (
    hash TEXT PRIMARY KEY, user_id BIGINT NOT NULL, created BIGINT NOT NULL, seen BIGINT NOT NULL,
    expires BIGINT NOT NULL, peer TEXT);
CREATE INDEX IF NOT EXISTS session_by_user ON session (user_id);
CREATE TABLE IF NOT EXISTS link (
    hash TEXT PRIMARY KEY, purpose TEXT NOT NULL, user_id BIGINT, expires BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS second_factor (
    user_id BIGINT PRIMARY KEY, secret TEXT NOT NULL, waiting TEXT NOT NULL, codes TEXT NOT NULL, since BIGINT NOT NULL,
    last BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS throttle (
    name TEXT PRIMARY KEY, failures BIGINT NOT NULL, until BIGINT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS idempotency (
    user_id BIGINT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, status BIGINT NOT NULL, body TEXT NOT NULL,
    at BIGINT NOT NULL, PRIMARY KEY (user_id, key));
CREATE TABLE IF NOT EXISTS job (
    id BIGINT PRIMARY KEY, kind TEXT NOT NULL, owner BIGINT, state TEXT NOT NULL, arg TEXT NOT NULL, due BIGINT NOT NULL,
    lease BIGINT NOT NULL, attempts BIGINT NOT NULL, done BIGINT NOT NULL, total BIGINT NOT NULL, error TEXT,
    result TEXT, at BIGINT NOT NULL);
CREATE INDEX IF NOT EXISTS job_due ON job (state, due);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS node (number BIGINT PRIMARY KEY, lease BIGINT NOT NULL, token TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS import_state (
    run BIGINT NOT NULL, part BIGINT NOT NULL, position BIGINT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL,
    unchanged BIGINT NOT NULL, refused BIGINT NOT NULL, restored BIGINT NOT NULL, notes TEXT NOT NULL,
    PRIMARY KEY (run, part));
CREATE TABLE IF NOT EXISTS import_refusal (
    run BIGINT NOT NULL, part BIGINT NOT NULL, line BIGINT NOT NULL, reason TEXT NOT NULL, cells TEXT NOT NULL,
    PRIMARY KEY (run, part, line));
CREATE TABLE IF NOT EXISTS import_pending (
    run BIGINT NOT NULL, part BIGINT NOT NULL, line BIGINT NOT NULL, path TEXT NOT NULL, record BIGINT NOT NULL,
    text TEXT NOT NULL, cells TEXT NOT NULL, PRIMARY KEY (run, part, line, path));
CREATE TABLE IF NOT EXISTS form_count (
    form BIGINT PRIMARY KEY, taken BIGINT NOT NULL, bots BIGINT NOT NULL, last BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS drop_file (
    folder BIGINT NOT NULL, is_taken BIGINT NOT NULL, name TEXT NOT NULL, size BIGINT NOT NULL, changed BIGINT NOT NULL,
    since BIGINT NOT NULL, run BIGINT NOT NULL, PRIMARY KEY (folder, is_taken, name));
CREATE TABLE IF NOT EXISTS webhook_state (
    webhook BIGINT PRIMARY KEY, epoch BIGINT NOT NULL, tx BIGINT NOT NULL, seq BIGINT NOT NULL, hold BIGINT NOT NULL,
    failing_since BIGINT, sent_at BIGINT);
CREATE TABLE IF NOT EXISTS webhook_delivery (
    id BIGINT PRIMARY KEY, webhook BIGINT NOT NULL, message TEXT NOT NULL, event TEXT NOT NULL, object BIGINT,
    record BIGINT, at BIGINT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, due BIGINT NOT NULL,
    attempts BIGINT NOT NULL, is_asked BIGINT NOT NULL, tried_at BIGINT, status BIGINT, ms BIGINT, reply TEXT, error TEXT,
    UNIQUE (webhook, message));
CREATE INDEX IF NOT EXISTS webhook_delivery_due ON webhook_delivery (webhook, state, due);
CREATE INDEX IF NOT EXISTS webhook_delivery_log ON webhook_delivery (webhook, id);

-- name: fts5
CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5(tokens, object UNINDEXED, detail=none, columnsize=0, prefix='2 3 4', tokenize="unicode61 remove_diacritics 0");

-- name: tsvector
CREATE TABLE IF NOT EXISTS search (rowid BIGINT PRIMARY KEY, object BIGINT NOT NULL, tokens tsvector NOT NULL);
CREATE INDEX IF NOT EXISTS search_tokens ON search USING gin (tokens);
CREATE TABLE IF NOT EXISTS file_chunk (
    sha256 TEXT NOT NULL, n BIGINT NOT NULL, bytes BYTEA NOT NULL, PRIMARY KEY (sha256, n));
