/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/job.h"
#include "core/module.h"
#include "core/query.h"
#include "mod/sales/document.h"
#include "mod/sales/sales.h"

/* What the files of this module share: hooks (core/module.h says when they run) and functions of actions, which
   sales.c puts into its tables. */

/** Whether a write gives `field` another value than it had; a creation changes every field. */
bool sales_changed(const Record *rec, const Record *before, const char *field);

/** The reference to a stage that is the path of `obj`, or NULL. */
const Field *stage_path(const Object *obj);
/** A record that comes to another stage takes pipeline, category and probability from it. */
Err *stage_follow(Ctx *cx, Record *rec, const Record *before);
/** INVALID with all that the stages' rules miss when `rec` comes to another stage, each under its field. */
Err *gate_check(Ctx *cx, Record *rec, const Record *before);
/** Sets `missing_roles` of `deal` to those that `stage` and its pipeline want; whether it has a team (may be NULL). */
MUST_CHECK Err *cover_at(Ctx *cx, Record *deal, Id stage, bool *has_team);
Err *cover_after(Ctx *cx, Record *rec, const Record *before);
/** Job: deals of a stage or pipeline that wants other roles. */
Err *cover_again(Store *store, Arena *mem, Id job, const Val *arg);
/** Revenue shares must come to 100 %: INVALID.  Fills the amounts of the shares. */
MUST_CHECK Err *deal_settle_team(Ctx *cx, const Record *deal);
/** Parameters: person, percent (0 takes his share back). */
Err *deal_share(Ctx *cx, Record *deal, const Val *params, Val *out);
Err *staged_before(Ctx *cx, Record *rec, const Record *before);
Err *stage_before(Ctx *cx, Record *rec, const Record *before);
Err *pipeline_before(Ctx *cx, Record *rec, const Record *before);
Err *pipeline_fill(Ctx *cx, Record *rec, const Record *before);
Err *stage_fill(Ctx *cx, Record *rec, const Record *before);
Err *deal_fill(Ctx *cx, Record *rec, const Record *before);
Err *deal_before(Ctx *cx, Record *rec, const Record *before);
Err *deal_after(Ctx *cx, Record *rec, const Record *before);
Err *line_before(Ctx *cx, Record *rec, const Record *before);
Err *lead_before(Ctx *cx, Record *rec, const Record *before);
Err *advertising_cost_before(Ctx *cx, Record *rec, const Record *before);
Err *quota_before(Ctx *cx, Record *rec, const Record *before);
Err *forecast_change_before(Ctx *cx, Record *rec, const Record *before);
Err *lead_after(Ctx *cx, Record *rec, const Record *before);

/* Documents and money.  Errors of their actions are CONFLICT when the document's status does not allow it. */
Err *own_company_default(Ctx *cx, Record *rec);
Err *document_before(Ctx *cx, Record *rec, const Record *before);
Err *document_store(Ctx *cx, Record *rec, const Record *before);
Err *document_settle(Ctx *cx, Record *rec, const Record *before);
Err *document_delete(Ctx *cx, Record *rec, const Record *before);
Err *line_delete(Ctx *cx, Record *rec, const Record *before);
Err *deal_settle(Ctx *cx, Record *rec, const Record *before);
Err *price_after(Ctx *cx, Record *rec, const Record *before);
Err *invoice_before(Ctx *cx, Record *rec, const Record *before);
Err *invoice_store(Ctx *cx, Record *rec, const Record *before);
Err *invoice_settle(Ctx *cx, Record *rec, const Record *before);
Err *invoice_line_before(Ctx *cx, Record *rec, const Record *before);
Err *payment_before(Ctx *cx, Record *rec, const Record *before);
Err *payment_settle(Ctx *cx, Record *rec, const Record *before);
Err *allotment_before(Ctx *cx, Record *rec, const Record *before);

Err *quote_send(Ctx *cx, Record *quote, const Val *params, Val *out);
Err *quote_accept(Ctx *cx, Record *quote, const Val *params, Val *out);
Err *quote_decline(Ctx *cx, Record *quote, const Val *params, Val *out);
Err *quote_revise(Ctx *cx, Record *quote, const Val *params, Val *out);
Err *quote_reprice(Ctx *cx, Record *quote, const Val *params, Val *out);
Err *quote_order(Ctx *cx, Record *quote, const Val *params, Val *out);
Err *deal_quote(Ctx *cx, Record *deal, const Val *params, Val *out);
Err *deal_order(Ctx *cx, Record *deal, const Val *params, Val *out);
Err *order_invoice(Ctx *cx, Record *order, const Val *params, Val *out);
Err *invoice_issue(Ctx *cx, Record *invoice, const Val *params, Val *out);
Err *invoice_cancel(Ctx *cx, Record *invoice, const Val *params, Val *out);
Err *invoice_credit(Ctx *cx, Record *invoice, const Val *params, Val *out);
Err *invoice_pay(Ctx *cx, Record *invoice, const Val *params, Val *out);
Err *payment_allot(Ctx *cx, Record *payment, const Val *params, Val *out);
/** Allots to `invoice` what is open of it, or all of the payment when that is less; nothing when it is not owed. */
MUST_CHECK Err *payment_allot_to(Ctx *cx, const Record *payment, const Record *invoice);

Err *bank_entry_before(Ctx *cx, Record *rec, const Record *before);
Err *bank_entry_accept(Ctx *cx, Record *entry, const Val *params, Val *out);

/** Documents; parameters: language. */
Err *paper_prepare(Ctx *cx, Record *rec, const Val *params, Prepared *out);
Err *paper_render(Ctx *cx, Record *rec, const Val *params, Val *out);
Err *paper_prepare_act(Ctx *cx, Record *rec, const Val *params, Prepared *out);
Err *paper_render_act(Ctx *cx, Record *rec, const Val *params, Val *out);
Err *approval_rule_before(Ctx *cx, Record *rec, const Record *before);
/** Asks who stands above about the figures of a quote: a request that waits is CONFLICT. */
MUST_CHECK Err *approval_ask(Ctx *cx, const Record *about, Str subject, Str figures, Val note, Val *out);
/** CONFLICT{error.quote.approval} while a rule asks for a consent that nobody has given to these figures. */
MUST_CHECK Err *quote_allowed(Ctx *cx, const Record *quote);
/** Parameters: note. */
Err *quote_ask_approval(Ctx *cx, Record *quote, const Val *params, Val *out);
Err *contract_before(Ctx *cx, Record *rec, const Record *before);
Err *contract_after(Ctx *cx, Record *rec, const Record *before);
/** Job: makes the deals of renewal that are due. */
Err *contract_renew(Store *store, Arena *mem, Id job, const Val *arg);
Err *document_link(Ctx *cx, Record *doc, const Val *params, Val *out);
Err *document_receive(Ctx *cx, Record *doc, const Val *params, Val *out);
/** What is sent: the document with the day it is valid until. */
Err *quote_prepare(Ctx *cx, Record *quote, const Val *params, Prepared *out);
Err *document_template_before(Ctx *cx, Record *rec, const Record *before);

/** Parameters: account, create_deal, deal_name, amount, contact, as_person. */
Err *lead_convert(Ctx *cx, Record *lead, const Val *params, Val *out);
/** What conversion might attach to, the surest first: {accounts, contacts}, each a list of {object, id, label, score, fields}.
    Parameters: as_person. */
Err *lead_matches(Ctx *cx, Record *lead, const Val *params, Val *out);
/** Gives a new lead without a responsible person to whom the rules say. */
MUST_CHECK Err *lead_assign(Ctx *cx, Record *rec);
/** After a write: notes when an assigned lead is to be passed on unless it is answered. */
MUST_CHECK Err *lead_watch(Ctx *cx, const Record *rec, const Record *before);
/** Job of it. */
Err *lead_reassign(Store *store, Arena *mem, Id job, const Val *arg);
Err *assignment_rule_before(Ctx *cx, Record *rec, const Record *before);
/** Parses and checks a condition over leads; NULL for an empty one.  INVALID of cel. */
MUST_CHECK Err *assign_condition(Ctx *cx, Str text, CelNode **out);
/** Replays the leads of a time by a job: {operation}.  Parameters: from, to (days, both counted; the last thirty days). */
Err *assignment_rule_simulate(Ctx *cx, Record *rule, const Val *params, Val *out);
Err *assignment_simulate(Store *store, Arena *mem, Id job, const Val *arg);
/** Gives waiting leads of some days anew by a job: {operation}.  Parameters: from, to (days; the last thirty), taken. */
Err *assignment_rule_reassign(Ctx *cx, Record *rule, const Val *params, Val *out);
/** Job of it: {leads, changed, batch}. */
Err *assignment_reassign(Store *store, Arena *mem, Id job, const Val *arg);
/** Sets score, its reasons and the grade by the rules that are on. */
MUST_CHECK Err *lead_score(Ctx *cx, Record *lead);
/** Job: brings the scores of all leads up to date. */
Err *lead_rescore(Store *store, Arena *mem, Id job, const Val *arg);
Err *score_rule_before(Ctx *cx, Record *rec, const Record *before);
Err *score_rule_after(Ctx *cx, Record *rec, const Record *before);
/** Arranges a job of that kind for the coming night, unless there is one. */
MUST_CHECK Err *sales_again(Ctx *cx, Str kind);
/** Job: leads that were put off and whose day has come are new again, with a task for their responsible person. */
Err *lead_recycle(Store *store, Arena *mem, Id job, const Val *arg);

Err *playbook_before(Ctx *cx, Record *rec, const Record *before);
/** One that is switched on has steps and leads nowhere that is not there: INVALID. */
Err *playbook_settle(Ctx *cx, Record *rec, const Record *before);
Err *playbook_step_before(Ctx *cx, Record *rec, const Record *before);
/** {playbooks, runs}: those offered beside the record, with their steps in the asker's language, and what was ever begun. */
Err *playbook_tell(Ctx *cx, Record *rec, const Val *params, Val *out);
/** Begins a playbook or answers a step of it; what playbook_tell tells.  Parameters: playbook, step, answer, note, skip,
    leave. */
Err *playbook_play(Ctx *cx, Record *rec, const Val *params, Val *out);
/** {runs, going, finished, left, with, without}: the last two {won, lost, rate} or null. */
Err *playbook_use(Ctx *cx, Record *book, const Val *params, Val *out);
/** Parameters: close_date, note. */
Err *deal_win(Ctx *cx, Record *deal, const Val *params, Val *out);
/** Parameters: reason, note, competitor. */
Err *deal_lose(Ctx *cx, Record *deal, const Val *params, Val *out);
/** Parameters: stage (none: the open one it was in last), close_date. */
Err *deal_reopen(Ctx *cx, Record *deal, const Val *params, Val *out);
/** Parameters: point of the checklist, whether it is done. */
Err *deal_check(Ctx *cx, Record *deal, const Val *params, Val *out);
/** Parameters: stage, note. */
Err *deal_ask_back(Ctx *cx, Record *deal, const Val *params, Val *out);
Err *approval_grant(Ctx *cx, Record *request, const Val *params, Val *out);
Err *approval_refuse(Ctx *cx, Record *request, const Val *params, Val *out);
Err *approval_withdraw(Ctx *cx, Record *request, const Val *params, Val *out);

Err *life_rule_before(Ctx *cx, Record *rec, const Record *before);
Err *life_rule_after(Ctx *cx, Record *rec, const Record *before);
/** Of an account before it is written: phase and step by the rules, unless they are locked. */
Err *life_of_account(Ctx *cx, Record *rec, const Record *before);
/** After an order or a deal was written: its customer is looked at soon. */
Err *life_note(Ctx *cx, Record *rec, const Record *before);
/** Job: moves one account, or all that the rules would have elsewhere; those every night. */
Err *life_move(Store *store, Arena *mem, Id job, const Val *arg);
/** Report: how many moved from where to where in each of the last twelve months; argument by (phase, ladder). */
Err *life_flow(Ctx *cx, const Val *args, Val *out);

Err *goal_before(Ctx *cx, Record *rec, const Record *before);
/** Brings the goals of `account` up to date: derived changes.  As the system. */
MUST_CHECK Err *goals_refresh(Ctx *cx, const Record *account);
/** Report: {families, accounts, data}: what an account and those below it have bought of each family, the rest is open; argument id. */
Err *white_space(Ctx *cx, const Val *args, Val *out);

Err *signal_rule_before(Ctx *cx, Record *rec, const Record *before);
Err *signal_rule_after(Ctx *cx, Record *rec, const Record *before);
/** Job: makes the signals that the rules find, ends those they do not find any more; every night. */
Err *signal_find(Store *store, Arena *mem, Id job, const Val *arg);
/** Makes the task: {task}.  Parameters: subject, due_on. */
Err *signal_take(Ctx *cx, Record *signal, const Val *params, Val *out);
/** Parameters: result, cause, note. */
Err *signal_close(Ctx *cx, Record *signal, const Val *params, Val *out);
/** Parameters: note. */
Err *signal_dismiss(Ctx *cx, Record *signal, const Val *params, Val *out);
/** Takes up the signal that the customer has stopped buying (a family), made when no rule has found it: {signal, task}.
    Parameters: family, cause, subject, due_on, note. */
Err *account_win_back(Ctx *cx, Record *account, const Val *params, Val *out);
