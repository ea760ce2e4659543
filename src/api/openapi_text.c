/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words and fixed shapes of the OpenAPI document, by route. */
#include "api/openapi_text.h"

#include <stddef.h>
#include <string.h>

#define REF(name)       "{'$ref':'#/components/schemas/" name "'}"
#define LIST(item)      "{'type':'array','items':" item "}"
#define TOKEN           "{'type':['string','null']}"
#define RECORD          REF("{O}")
#define TEXT            "{'type':'string'}"
#define NUMBER          "{'type':'integer'}"
#define NULLABLE_NUMBER "{'type':['integer','null']}"
#define OBJECT(required, properties) \
    "{'type':'object','required':[" required "],'properties':{" properties "},'additionalProperties':false}"
#define BATCH_REPLY(count)                                                       \
    "{'anyOf':[" OBJECT("'batch'", "'data':" LIST(RECORD) ",'" count "':" NUMBER \
                                                          ",'batch':" TEXT) "," REF("Operation") "]}"
#define TARGET "'ids':" LIST(TEXT) ",'filter':" TEXT
#define LIST_BODY                                                                                    \
    OBJECT("", "'filter':" TEXT ",'order_by':" TEXT                                                  \
               ",'page_size':{'type':'integer','minimum':1,'maximum':200},'page_token':" TEXT        \
               ",'fields':{'anyOf':[" TEXT                                                           \
               "," LIST(TEXT) "]},'total':{'enum':[true,false,'true','false','fast']},'as_of':" TEXT \
                              ",'q':" TEXT ",'deleted':{'type':'boolean'}")
#define PAGE \
    OBJECT("'data','next_page_token'", "'data':" LIST(RECORD) ",'next_page_token':" TOKEN ",'total':" NUMBER)
#define FREE "{'type':'object','additionalProperties':true}"

#define LABELS(required) OBJECT(required, "'en':" TEXT ",'ru':" TEXT ",'pl':" TEXT)
#define OPTIONS_REPLY                                                                  \
    OBJECT(                                                                            \
        "'object','field','label','generation','write','add','options','batch'",       \
        "'object':" TEXT ",'field':" TEXT ",'label':" TEXT ",'generation':" NUMBER     \
        ",'write':{'type':'boolean'},'add':{'type':'boolean'},'options':" LIST(OBJECT( \
            "'value','label','labels','color','hidden','own'",                         \
            "'value':" TEXT ",'label':" TEXT ",'labels':" LABELS(                      \
                "'en','ru','pl'") ",'color':" TOKEN                                    \
                                  ",'hidden':{'type':'boolean'},'own':{'type':'boolean'}")) ",'batch':" TOKEN)

#define MAIL_SERVER                                                                                       \
    OBJECT("'host','port','security','user','has_password','from','name'",                                \
           "'host':" TEXT ",'port':" NUMBER ",'security':{'enum':['none','starttls','tls']},'user':" TEXT \
           ",'has_password':{'type':'boolean'},'from':" TEXT ",'name':" TEXT)

static const RouteDoc DOCS[] = {
    {"list", NULL, "List records",
     "One page in order. Follow next_page_token with the same filter and order.", 200, PAGE, NULL},
    {"query", NULL, "List records by a body", "The same as listing, for filters too long for an address.",
     200, PAGE, LIST_BODY},
    {"get", NULL, "Get one record",
     "With as_of as it was at that moment. A record that was merged answers 308 with the address of the one that stayed.",
     200, RECORD, NULL},
    {"create", NULL, "Create a record", "All problems of the record are answered at once.", 201, RECORD,
     REF("{O}Write")},
    {"update", NULL, "Change a record",
     "Only the given fields change. If-Match refuses another version (412); a version in the body merges, and answers 409 when "
     "the same field was changed meanwhile.",
     200, RECORD, REF("{O}Write")},
    {"delete", NULL, "Delete a record", "It stays in the bin for thirty days.", 204, NULL, NULL},
    {"restore", NULL, "Take a record out of the bin", "", 200, RECORD, NULL},
    {"batchCreate", NULL, "Create up to 1000 records", "All or nothing, undone as one batch.", 200,
     BATCH_REPLY("created"),
     OBJECT("'data'", "'data':{'type':'array','maxItems':1000,'items':" REF("{O}Write") "}")},
    {"batchUpdate", NULL, "Change many records",
     "Either data with an id each, or one set for ids or a filter. More than 1000 records become an operation (202).",
     200, BATCH_REPLY("updated"),
     OBJECT("",
            "'data':{'type':'array','maxItems':1000,'items':" FREE "}," TARGET ",'set':" REF("{O}Write"))},
    {"batchDelete", NULL, "Delete many records", "By ids or by a filter; needs the right to change many.",
     200, BATCH_REPLY("deleted"), OBJECT("", TARGET)},
    {"aggregate", NULL, "Group and measure records",
     "Up to three groups: fields, or day, week, month, quarter, year of a date. Measures: count(), sum(f), avg(f), min(f), max(f).",
     200, OBJECT("'data'", "'data':" LIST(FREE)), NULL},
    {"getMailServer", "mail", "The relay e-mail goes through", "Its password is never told.", 200,
     MAIL_SERVER, NULL},
    {"setMailServer", "mail", "Set the relay for e-mail",
     "Only what is given changes; an empty host turns e-mail off. Another host forgets the password.", 200,
     MAIL_SERVER,
     OBJECT("", "'host':" TEXT ",'port':" NUMBER ",'security':{'enum':['none','starttls','tls']},'user':" TEXT
                ",'password':" TEXT ",'from':" TEXT ",'name':" TEXT)},
    {"testMailServer", "mail", "Send a letter to try the relay by",
     "To the caller unless said otherwise; the operation fails with what the server said.", 202,
     REF("Operation"), OBJECT("", "'to':" TEXT)},
    {"readNotices", "me", "Mark notices as read",
     "Those of `ids`, or all that are unread (at most 500 at a time). Not undone with what you did yourself.",
     204, NULL, OBJECT("", "'ids':" LIST(TEXT))},
    {"receivables", "receivables", "Money owed by age",
     "Open amounts of invoices in company currency, for each value of one field (account unless said): not_due, age_0 (1 to 30 days "
     "overdue), age_30 (31 to 60), age_60 (61 to 90), age_90 (more), the largest first; with days sales outstanding over 90 days. "
     "as_of is a day or a moment.",
     200,
     OBJECT("'as_of','data','all','days_sales_outstanding'",
            "'as_of':{'type':'string','format':'date'},'data':" LIST(
                FREE) ",'all':" FREE ",'days_sales_outstanding':" TOKEN),
     NULL},
    {"board", NULL, "Records by column",
     "Columns of a choice or a reference with counts, sums and the first page of each.", 200,
     OBJECT(
         "'columns'",
         "'columns':" LIST(OBJECT(
             "'value','label','count','data'",
             "'value':{'anyOf':[" REF(
                 "Reference") "," TEXT ",{'type':'null'}]},'label':" TEXT ",'color':" TOKEN ",'count':" NUMBER
                              ",'sum':{'anyOf':[" REF("Money") ",{'type':['string','integer','null']}]},'weighted':{'anyOf':[" REF(
                                  "Money") ",{'type':['string','integer','null']}]},'filter':" TEXT
                                           ",'data':" LIST(RECORD) ",'next_page_token':" TOKEN))),
     NULL},
    {"getHistory", NULL, "Who changed what", "Newest first.", 200,
     OBJECT("'data','next_page_token'", "'data':" LIST(REF("HistoryEntry")) ",'next_page_token':" TOKEN),
     NULL},
    {"getTimeline", NULL, "Activities and changes",
     "Newest first; an account's gathers those of its contacts, deals and subsidiaries.", 200,
     OBJECT("'data','next_page_token','counters'",
            "'data':" LIST(REF("TimelineEntry")) ",'next_page_token':" TOKEN
                                                 ",'counters':{'type':'object','additionalProperties':" NUMBER
                                                 "}"),
     NULL},
    {"act", NULL, "Run an action", "", 200, FREE, FREE},
    {"batchAct", NULL, "Run an action on up to 100 records",
     "Each by itself: one that is refused says why, the others go on. All of it is undone as one batch.", 200,
     OBJECT("'data','done','batch'",
            "'data':" LIST(OBJECT(
                "'id','result','error'",
                "'id':" TEXT ",'result':{'anyOf':[" FREE ",{'type':'null'}]},'error':{'anyOf':[" OBJECT(
                    "'code','field','message'", "'code':" TEXT ",'field':" TOKEN
                                                ",'message':" TEXT) ",{'type':'null'}]}")) ",'done':" NUMBER
                                                                                           ",'batch':" TEXT),
     OBJECT("'action','ids'", "'action':" TEXT ",'ids':" LIST(TEXT) ",'params':" FREE)},
    {"listChanges", "changes", "The change log by cursor", "Oldest first, under the caller's rights.", 200,
     OBJECT("'data','cursor'", "'data':" LIST(REF("LogEntry")) ",'cursor':" TEXT), NULL},
    {"getFeed", "changes", "The live feed",
     "Server-sent events `change` (object, id, version) and `tick` (object).  With `after`, the cursor of "
     "getMe or the id of an event, it begins with what has changed since.",
     200, "text/event-stream", NULL},
    {"listDuplicates", "duplicates", "Records that are likely the same",
     "Groups of one object, the surest first, of the records the caller may see.", 200,
     OBJECT("'data','next_page_token','total','scanned_at'",
            "'data':" LIST(OBJECT("'score','batch','records'",
                                  "'score':" TEXT ",'batch':" TOKEN
                                  ",'records':" LIST(FREE))) ",'next_page_token':" TOKEN ",'total':" NUMBER
                                                             ",'scanned_at':" TOKEN),
     NULL},
    {"scanDuplicates", "duplicates", "Compare all records of an object",
     "Also finds what is written with slips.", 202, REF("Operation"), OBJECT("'object'", "'object':" TEXT)},
    {"mergeDuplicates", "duplicates", "Merge all groups that are sure enough",
     "`least` is a probability from 0.5 to 1. Each group is a batch of its own.", 202, REF("Operation"),
     OBJECT("'object','least'", "'object':" TEXT ",'least':" TEXT)},
    {"dismissDuplicates", "duplicates", "Say that records are not the same", "", 204, NULL,
     OBJECT("'object','ids'", "'object':" TEXT ",'ids':" LIST(TEXT))},
    {"reopenDuplicates", "duplicates", "Take that back", "", 204, NULL,
     OBJECT("'object','ids'", "'object':" TEXT ",'ids':" LIST(TEXT))},
    {"match", NULL, "Records like one that is being made",
     "Nothing is stored. An `id` leaves that record out.", 200,
     OBJECT("'data'", "'data':" LIST(OBJECT("'score','fields','record'",
                                            "'score':" TEXT ",'fields':" LIST(TEXT) ",'record':" RECORD))),
     REF("{O}Write")},
    {"merge", NULL, "Make one record of several",
     "Everything that refers to the others moves to this one; undoing the batch parts them again. `choose` says of which record "
     "a field's value is taken. More than 1000 records that refer to them become an operation (202).",
     200, OBJECT("'record','batch'", "'record':" RECORD ",'batch':" TEXT),
     OBJECT("'ids'", "'ids':" LIST(TEXT) ",'choose':" FREE)},
    {"undoBatch", "changes", "Take back a batch", "What has changed since is skipped and named.", 200,
     REF("Undone"), NULL},
    {"undoLast", "changes", "Take back one's last change", "", 200, REF("Undone"), NULL},
    {"getMeta", "meta", "Objects, fields and layouts", "As the caller may use them, in his language.", 200,
     FREE, NULL, true},
    {"getOptions", "meta", "The options of a choice",
     "In all languages, with the hidden ones: what PATCH changes. `add` says whether new ones may come.", 200,
     OPTIONS_REPLY, NULL},
    {"updateOptions", "meta", "Change the options of a choice",
     "Adds (no `value`: the key is made of the label), renames, colours, hides options, and orders them. A label given as a text "
     "is in the caller's language; one language stands for the others until they are given. `reset` goes back to what was "
     "declared: an option that was added is then hidden, and kept by the records that have it. The batch can be undone.",
     200, OPTIONS_REPLY,
     OBJECT(
         "",
         "'options':{'type':'array','maxItems':500,'items':" OBJECT(
             "",
             "'value':" TEXT ",'label':{'anyOf':[" TEXT "," LABELS(
                 "") "]},'color':{'enum':['slate','blue',"
                     "'green','amber','red','violet']},'hidden':{'type':'boolean'},'reset':{'type':'boolean'}") "},"
                                                                                                                "'order':{'type':'array','maxItems':500,'items':" TEXT
                                                                                                                "}")},
    {"getOpenapi", "meta", "This document", "", 200, FREE, NULL, true},
    {"search", "search", "Search all objects",
     "Finds words in another keyboard layout or alphabet, phones and identifiers however written.", 200,
     OBJECT("'data'",
            "'data':" LIST(OBJECT("'object','id','label'", "'object':" TEXT ",'id':" TEXT ",'label':" TEXT
                                                           ",'detail':" TOKEN ",'icon':" TOKEN))),
     NULL},
    {"getToday", "today", "What there is to do today",
     "Tasks, unanswered leads, deals without a next step, customers who are overdue with a payment, signals of those who fell silent, other "
     "signals, own accounts not touched in time, five figures.",
     200,
     OBJECT(
         "'tasks','leads','deals','debtors','silent','signals','untouched','figures'",
         "'tasks':" LIST(FREE) ",'leads':" LIST(FREE) ",'deals':" LIST(FREE) ",'debtors':" LIST(FREE) ",'silent':" LIST(
             FREE) ",'signals':" LIST(FREE) ",'untouched':" LIST(FREE) ",'figures':" LIST(FREE)),
     NULL},
    {"getLocalTime", NULL, "What time it is for a client",
     "Zone and country of the record, else of its contact or account; is_guessed when the zone follows from the country, null "
     "when it cannot be told. Work there is taken to be from nine to six, Monday to Friday, less public holidays.",
     200,
     OBJECT("'zone','country','is_guessed','date','time','is_working','holiday','is_holiday','opens_at'",
            "'zone':" TOKEN ",'country':" TOKEN ",'is_guessed':{'type':'boolean'},'date':" TEXT
            ",'time':" TOKEN ",'is_working':{'type':['boolean','null']},'holiday':" TOKEN
            ",'is_holiday':{'type':'boolean'},'opens_at':" TOKEN),
     NULL},
    {"getWorkingTime", "calendars", "Working time by a calendar",
     "By the caller's calendar, or that of `user`: seconds and days between `from` and `to`, and the moment `minutes` of work "
     "after `from`.",
     200,
     OBJECT("'zone','country'",
            "'zone':" TEXT ",'country':" TOKEN ",'seconds':" NUMBER ",'days':" NUMBER ",'at':" TOKEN),
     NULL},
    {"getForecast", "forecast", "The forecast of a period",
     "Open deals by the day they are expected, won deals by the day they were won, in the currency of the company. A period is "
     "2017, 2017-Q3 or 2017-07 (years and quarters are those of the fiscal year, named by the year it ends in) or two of them with "
     ".. between. With as_of, a day or a moment, as it stood then. weighted and historical are of the open deals alone; forecast is "
     "what was adjusted last, or closed and commit. below adds up those who report to a row. by_dates says that the log does not reach "
     "back to some deals, which are taken by their own dates.",
     200,
     OBJECT("'as_of','by_dates','currency','periods','data','total'",
            "'as_of':" TOKEN ",'by_dates':{'type':'boolean'},'currency':" TEXT ",'periods':" LIST(OBJECT(
                "'period','start','end'", "'period':" TEXT ",'start':" TEXT
                                          ",'end':" TEXT)) ",'data':" LIST(FREE) ",'total':" LIST(FREE)),
     NULL},
    {"getForecastBridge", "forecast", "What changed in the forecast between two days",
     "start + added + won + lost + slipped_out + slipped_in + grown + shrunk = end, of the open deals expected in the period. What "
     "is reopened counts as added, what is deleted or out of sight as lost.",
     200,
     OBJECT("'from','to','period','currency','parts'",
            "'from':" TEXT ",'to':" TEXT ",'period':" FREE ",'currency':" TEXT ",'parts':" LIST(FREE)),
     NULL},
    {"getPeriod", "reports", "What a period is",
     "A month, a quarter or a year of the company, or two with .. between: its first and last day, and the first day of the one before.",
     200,
     OBJECT("'period','until','start','end','before'",
            "'period':" TEXT ",'until':" TEXT ",'start':" TEXT ",'end':" TEXT ",'before':" TEXT),
     NULL},
    {"reportSales", "reports", "Results of sales",
     "Deals opened, won and lost in the period, the win rate, sums, averages, days to win, what is open now, and velocity: open deals x win rate x average amount / days to win, an amount a day. By up to two fields (owner, owner.manager, team, source, account.industry) or month, quarter, year. Each column tells its filter: with it a number leads to its list.",
     200,
     OBJECT("'period','currency','object','groups','columns','data','total'",
            "'period':" FREE ",'currency':" TEXT ",'object':" TEXT ",'groups':" LIST(TEXT) ",'columns':" LIST(
                FREE) ",'data':" LIST(FREE) ",'total':{'type':['object','null']}"),
     NULL},
    {"reportFunnel", "reports", "How far deals came",
     "Of the deals opened in the period: how many have stood in each stage, and how many came at least as far.",
     200,
     OBJECT("'period','currency','object','groups','columns','data','total'",
            "'period':" FREE ",'currency':" TEXT ",'object':" TEXT ",'groups':" LIST(TEXT) ",'columns':" LIST(
                FREE) ",'data':" LIST(FREE) ",'total':{'type':['object','null']}"),
     NULL},
    {"reportStages", "reports", "Time in stages",
     "Visits of stages that ended in the period, days they took, and what stands in each stage now.", 200,
     OBJECT("'period','currency','object','groups','columns','data','total'",
            "'period':" FREE ",'currency':" TEXT ",'object':" TEXT ",'groups':" LIST(TEXT) ",'columns':" LIST(
                FREE) ",'data':" LIST(FREE) ",'total':{'type':['object','null']}"),
     NULL},
    {"reportActivity", "reports", "Activity and result", "What was done in the period beside what was won.",
     200,
     OBJECT("'period','currency','object','groups','columns','data','total'",
            "'period':" FREE ",'currency':" TEXT ",'object':" TEXT ",'groups':" LIST(TEXT) ",'columns':" LIST(
                FREE) ",'data':" LIST(FREE) ",'total':{'type':['object','null']}"),
     NULL},
    {"reportCustomers", "reports", "Customers come and gone",
     "Accounts by what they bought in the period and in the one before: new, regained, grown, kept, shrunk, lost. of is deals, orders or invoices; with kind the accounts of that kind, the largest change first.",
     200,
     OBJECT("'period','currency','object','groups','columns','data','total'",
            "'period':" FREE ",'currency':" TEXT ",'object':" TEXT ",'groups':" LIST(TEXT) ",'columns':" LIST(
                FREE) ",'data':" LIST(FREE) ",'total':{'type':['object','null']}"),
     NULL},
    {"reportLeadCosts", "reports", "What leads and customers cost",
     "Advertising costs beside leads that came, accounts that became customers and deals won, by source, utm_source, utm_campaign or month.",
     200,
     OBJECT("'period','currency','object','groups','columns','data','total'",
            "'period':" FREE ",'currency':" TEXT ",'object':" TEXT ",'groups':" LIST(TEXT) ",'columns':" LIST(
                FREE) ",'data':" LIST(FREE) ",'total':{'type':['object','null']}"),
     NULL},
    {"getAccountHierarchy", "accounts", "An account with all that belong to it",
     "Sums in the company's currency over the accounts below, at any depth, of those he may see.", 200,
     OBJECT("'accounts','open_amount','won_amount','data'",
            "'accounts':" NUMBER
            ",'open_amount':" REF("Money") ",'won_amount':" REF("Money") ",'data':" LIST(FREE)),
     NULL},
    {"getWhiteSpace", "accounts", "What an account and its companies buy of each product family",
     "The account and up to fifty below it; a family without an entry is white space. state is that of getBuying.",
     200,
     OBJECT("'families','accounts','data'",
            "'families':" LIST(TEXT) ",'accounts':" LIST(FREE) ",'data':" LIST(FREE)),
     NULL},
    {"getLifeFlow", "accounts", "How customers moved between the phases of their life",
     "Of the last twelve months, from the history of accounts; by is phase (if absent) or ladder.", 200,
     OBJECT("'by','months','data'", "'by':" TOKEN ",'months':" LIST(TOKEN) ",'data':" LIST(FREE)), NULL},
    {"getBuying", "buying", "Who has stopped buying, and what",
     "Each customer, or with group_by=family each product family of a customer who still buys, against his own usual interval: the "
     "median of the days between the days of his orders, from three on. The next order is expected an interval after the last (state "
     "due); silent for two intervals is lost. Orders up to as_of, a day, that were not cancelled count. The thousand of most worth.",
     200,
     OBJECT("'as_of','group_by','counts','data'",
            "'as_of':" TEXT ",'group_by':" TOKEN ",'counts':" FREE ",'data':" LIST(FREE)),
     NULL},
    {"previewTerritories", "territories", "Which accounts would move",
     "By the rules that count on the day; nothing is written.", 200,
     OBJECT("'day','moved','summary','data'",
            "'day':" TEXT ",'moved':" NUMBER ",'summary':" LIST(FREE) ",'data':" LIST(FREE)),
     OBJECT("", "'day':" TEXT)},
    {"applyTerritories", "territories", "Move the accounts to where the rules put them",
     "An operation; its batch can be undone.", 202, REF("Operation"), FREE},
    {"explainRights", "rights", "Why a user may see a record", "", 200,
     OBJECT("'may_read','reason','text'", "'may_read':{'type':'boolean'},'reason':" TEXT ",'text':" TEXT),
     NULL},
    {"getMe", "me", "The caller, his settings and rights", "", 200, REF("Me"), NULL},
    {"updateMe", "me", "Change one's own settings", "", 200, REF("Me"), FREE},
    {"getSetup", "sign-in", "Whether the first administrator is still to be made", "", 200,
     OBJECT("'needed','languages','countries'",
            "'needed':{'type':'boolean'},'languages':" LIST(TEXT) ",'countries':" LIST(
                OBJECT("'code','label','currency'", "'code':" TEXT ",'label':" TEXT ",'currency':" TEXT))),
     NULL},
    {"setUp", "sign-in", "Make the company and its first administrator",
     "Needs the one-time token that `kith serve` prints.", 200, REF("Me"),
     OBJECT("'token','language','country','company','email','name','password'",
            "'token':" TEXT ",'language':" TEXT ",'country':" TEXT ",'company':" TEXT ",'email':" TEXT
            ",'name':" TEXT ",'password':" TEXT)},
    {"signIn", "sign-in", "Sign in",
     "Sets the session cookie. Without the code of a second factor that is on, 401 with an error of the field `code`.",
     200, REF("Me"), OBJECT("'email','password'", "'email':" TEXT ",'password':" TEXT ",'code':" TEXT)},
    {"signOut", "sign-in", "Sign out", "", 204, NULL, NULL},
    {"listSessions", "sign-in", "The caller's sessions", "The newest first.", 200,
     OBJECT("'data'", "'data':" LIST(OBJECT("'id','created_at','expires_at','address','current'",
                                            "'id':" TEXT ",'created_at':" TEXT ",'expires_at':" TEXT
                                            ",'address':" TOKEN ",'current':{'type':'boolean'}"))),
     NULL},
    {"endSession", "sign-in", "End a session of one's own", "", 204, NULL, NULL},
    {"endOtherSessions", "sign-in", "End all sessions of one's own but this", "", 200,
     OBJECT("'ended'", "'ended':" NUMBER), NULL},
    {"endSessionsOfUser", "sign-in", "End all sessions of a user", "His API keys stay.", 204, NULL, NULL},
    {"getSecondFactor", "sign-in", "Whether the caller's second factor is on", "", 200,
     OBJECT("'on','since','codes_left'", "'on':{'type':'boolean'},'since':" TOKEN ",'codes_left':" NUMBER),
     NULL},
    {"beginSecondFactor", "sign-in", "A new secret for an authenticator",
     "Needs the password; holds when a code of it has been sent.", 200,
     OBJECT("'secret','uri'", "'secret':" TEXT ",'uri':" TEXT), OBJECT("'current'", "'current':" TEXT)},
    {"confirmSecondFactor", "sign-in", "Turn the second factor on",
     "The reply has ten codes for paper, each good once, shown in this reply only.", 200,
     OBJECT("'codes'", "'codes':" LIST(TEXT)), OBJECT("'code'", "'code':" TEXT)},
    {"removeSecondFactor", "sign-in", "Turn the second factor off", "Needs the password and a code.", 204,
     NULL, OBJECT("'current'", "'current':" TEXT ",'code':" TEXT)},
    {"removeSecondFactorOfUser", "sign-in", "Take away the second factor of a user who has lost it", "", 204,
     NULL, NULL},
    {"setPassword", "sign-in", "Set a password", "With the token of a link, or with the current password.",
     204, NULL, OBJECT("'password'", "'token':" TEXT ",'current':" TEXT ",'password':" TEXT)},
    {"makeResetLink", "sign-in", "A link by which a user sets a new password", "", 200,
     OBJECT("'link'", "'link':" TEXT ",'hours':" NUMBER), NULL},
    {"createApiKey", "api_keys", "Create an API key", "The key is shown in this reply only.", 201,
     "{'allOf':[" FREE ",{'type':'object','required':['id','key'],'properties':{'id':" TEXT ",'key':" TEXT
     "}}]}",
     OBJECT("'name'", "'name':" TEXT ",'user':" REF("ReferenceWrite") ",'expires_at':" TOKEN)},
    {"updateApiKey", "api_keys", "Change an API key", "", 200, FREE, FREE},
    {"deleteApiKey", "api_keys", "Delete an API key", "", 204, NULL, NULL},
    {"uploadFile", "files", "Upload a file",
     "The bytes are the body; the name, percent-encoded, is in X-File-Name.", 201, REF("File_"),
     "application/octet-stream"},
    {"uploadImport", "imports", "Send a file to bring in",
     "The bytes are the body, the name a parameter; `run` adds a file to a run. The reply has the analysis beside the record.",
     201, FREE, "application/octet-stream"},
    {"analyseImport", "imports", "What the tables of the file look like",
     "Columns with samples, the field each may belong to, how sure that is, and values nobody knows.", 200,
     FREE, NULL},
    {"planImport", "imports", "Say where the columns go",
     "One mapping, or a list of them in order, one a table.", 200, FREE,
     OBJECT("'mapping'",
            "'mapping':{'anyOf':[{'type':'object'},{'type':'array','items':{'type':'object'}}]}")},
    {"previewImport", "imports", "The import as a difference, without writing", "", 202, REF("Operation"),
     NULL},
    {"startImport", "imports", "Bring the rows in", "Done by a job; one batch, undone whole.", 202,
     REF("Operation"), NULL},
    {"pauseImport", "imports", "Stop after the rows at work", "", 202, REF("Operation"), NULL},
    {"resumeImport", "imports", "Go on after a pause", "", 202, REF("Operation"), NULL},
    {"undoImport", "imports", "Take the import back, updates included",
     "For thirty days; what has changed since is skipped and named.", 202, REF("Operation"), NULL},
    {"redoImport", "imports", "Bring it in again after an undo", "", 202, REF("Operation"), NULL},
    {"getRefused", "imports", "The refused rows as CSV", "In the columns of the file, with the reason last.",
     200, "text/csv", NULL},
    {"listReadyProfiles", "imports", "Ready mappings of other programs' exports", "", 200,
     OBJECT("'data'", "'data':" LIST(FREE)), NULL},
    {"getFileContent", "files", "The bytes of a file", "", 200, "*/*", NULL, true},
    {"getOperation", "operations", "Progress of long work", "", 200, REF("Operation"), NULL},
    {"getOperationContent", "operations", "The file an export has made",
     "For who began it, until result.file.expires_at.", 200, "*/*", NULL},
    {"export", NULL, "Export a list to a file",
     "The list of the same filter, order, search and moment, with columns by name (* takes all). What fits into a page is done when "
     "answered, more becomes an operation (202) whose result.file.url gives the file. Needs the right to export.",
     200, REF("Operation"),
     OBJECT("",
            "'format':{'enum':['csv','xlsx','json','vcard','pdf']},'filter':" TEXT ",'order_by':" TEXT
            ",'columns':{'anyOf':[" TEXT
            "," LIST(TEXT) "]},'q':" TEXT ",'as_of':" TEXT ",'deleted':{'type':'boolean'},'ids':" LIST(
                TEXT) ",'names':{'type':'boolean'},'no_id':{'type':'boolean'},'bom':"
                      "{'type':'boolean'},'separator':{'enum':[',',';','|','tab']},'vcard_version':{'enum':['3.0','4.0']}")},
    {"exportAll", "operations", "Export the whole database", "A zip archive of open formats.", 202,
     REF("Operation"), NULL},
    {"loadDemo", "operations", "Load the demo company",
     "In the company's language unless `locale` says another: then what came with the company (stages, roles, currencies, industries) "
     "takes its names in that language until the demo is removed.  The same `seed` makes the same company.",
     202, REF("Operation"),
     OBJECT("", "'size':{'enum':['small','medium','large']},'locale':{'enum':['en','ru','pl']},'seed':"
                "{'type':'integer','minimum':0}")},
    {"removeDemo", "operations", "Remove the demo company", "What users have made stays.", 202,
     REF("Operation"), NULL},
    {"listBackups", "backups", "The backups of this installation", "", 200,
     OBJECT(
         "'data','folder','secret_key','shipped','next_at','jobs_paused_at'",
         "'data':" LIST(OBJECT(
             "'name','path','damaged','bytes','files','at','ms','verified_at','scheduled','version'",
             "'name':" TEXT ",'path':" TEXT ",'damaged':{'type':'boolean'},'bytes':" NUMBER ",'files':" NUMBER
             ",'at':" TOKEN ",'ms':" NUMBER ",'verified_at':" TOKEN
             ",'scheduled':{'type':'boolean'},'version':" TEXT)) ",'folder':" TEXT ",'secret_key':" TEXT
                                                                 ",'shipped':{'type':'boolean'},'next_at':" TOKEN
                                                                 ",'jobs_paused_at':" TOKEN),
     NULL},
    {"makeBackup", "backups", "Make a backup now", "", 202, REF("Operation"), NULL},
    {"verifyBackup", "backups", "Prove a backup", "Every hash, a restore on trial, and a check of it.", 202,
     REF("Operation"), OBJECT("'name'", "'name':" TEXT)},
    {"resumeJobs", "backups", "Let outgoing jobs run again after a restore", "", 204, NULL, NULL},
    {"showForm", "forms", "The page of a web form",
     "In the form's language, without scripts. utm_source, utm_medium, utm_campaign, utm_term, utm_content, gclid and yclid of its "
     "address are kept with the answer.",
     200, "text/html", NULL},
    {"sendForm", "forms", "Send an answer to a web form",
     "From anywhere when no Origin is sent, else from the form's websites. Also as application/x-www-form-urlencoded and "
     "multipart/form-data, which are answered with a page (422) or sent on (303). Fields the form does not ask are passed over.",
     200, OBJECT("'message','redirect'", "'message':" TEXT ",'redirect':" TOKEN), FREE},
    {"askForm", "forms", "Whether a website may send to the form", "CORS, without credentials.", 204, NULL,
     NULL},
    {"openOffer", "offers", "The page of a quote",
     "For whoever has its link, in the language of the document. A look is noted.", 200, "text/html", NULL},
    {"getOfferFile", "offers", "The file of a quote", "The document as it was sent.", 200, "application/pdf",
     NULL},
    {"answerOffer", "offers", "Accept, decline or comment on a quote",
     "From its own page: answer (accept, decline, comment), name, text, signature (points of the strokes in a field of 600 by 200: "
     "x,y x,y;...). Sent on to the page (303); 409 when it can no longer be answered, 422 when something is missing.",
     303, NULL, NULL},
    {"countForms", "forms", "What has come to each web form", "", 200,
     OBJECT("'data'",
            "'data':" LIST(OBJECT("'form','taken','bots','last_at'",
                                  "'form':" TEXT ",'taken':" NUMBER ",'bots':" NUMBER ",'last_at':" TOKEN))),
     NULL},
    {"getFormSnippet", "forms", "The address of a web form, and its HTML for another page", "", 200,
     OBJECT("'url','html'", "'url':" TEXT ",'html':" TEXT), NULL},
    {"showDropFolders", "drop_folders", "How the drop folders fare",
     "What waits in each, what is being imported, and its newest import.", 200,
     OBJECT("'root','every','data'",
            "'root':" TEXT ",'every':" NUMBER ",'data':" LIST(OBJECT(
                "'folder','good','why','waiting','working','odd','last'",
                "'folder':" TEXT ",'good':{'type':'boolean'},'why':" TOKEN ",'waiting':" NUMBER
                ",'working':" NUMBER ",'odd':" NUMBER ",'last':{'anyOf':[" FREE ",{'type':'null'}]}"))),
     NULL},
    {"lookIntoDropFolders", "drop_folders", "Look into the drop folders now", "", 204, NULL, NULL},
    {"createWebhook", "webhooks", "Create a webhook", "The secret is shown in this reply only.", 201,
     "{'allOf':[" FREE ",{'type':'object','required':['id','secret'],'properties':{'id':" TEXT
     ",'secret':" TEXT "}}]}",
     FREE},
    {"rotateWebhook", "webhooks", "A new secret for a webhook",
     "Shown in this reply only. For 24 hours messages are signed by the old one too.", 200,
     OBJECT("'secret'", "'secret':" TEXT), NULL},
    {"webhookOverview", "webhooks", "How the webhooks are doing",
     "Of each what waits, what has failed since something was delivered, and the last attempt.", 200,
     OBJECT(
         "'data','private','jobs_paused_at'",
         "'data':" LIST(OBJECT(
             "'webhook','waiting','failed','last'",
             "'webhook':" TEXT ",'waiting':" NUMBER ",'failed':" NUMBER
             ",'last':{'anyOf':[" REF(
                 "WebhookDelivery") ",{'type':'null'}]}")) ",'private':{'type':'boolean'},'jobs_paused_at':" TOKEN),
     NULL},
    {"listWebhookDeliveries", "webhooks", "The deliveries of a webhook", "Newest first, of thirty days.", 200,
     OBJECT("'data','next_page_token'", "'data':" LIST(REF("WebhookDelivery")) ",'next_page_token':" TOKEN),
     NULL},
    {"getWebhookDelivery", "webhooks", "A delivery with its body", "", 200, REF("WebhookDelivery"), NULL},
    {"getHealth", "system", "Whether the server works", "", 200,
     OBJECT("'status'", "'status':" TEXT ",'version':" TEXT), NULL},
    {"getMetrics", "system", "Metrics", "OpenMetrics text.", 200, "application/openmetrics-text", NULL},
};

const RouteDoc *route_doc(const char *name)
{
    for (size_t i = 0; i < sizeof DOCS / sizeof *DOCS; i++)
        if (strcmp(DOCS[i].name, name) == 0) return &DOCS[i];
    return NULL;
}

const ParamDoc param_docs[] = {
    {"filter", TEXT, "CEL condition over the fields, such as amount > 1000 && account.class == 'A'."},
    {"order_by", TEXT, "Up to four fields, separated by commas; a minus before one sorts it descending."},
    {"page_size", "{'type':'integer','minimum':1,'maximum':200,'default':50}", "Records of a page."},
    {"page_token", TEXT, "next_page_token of the page before."},
    {"fields", TEXT, "Names of the fields to answer, separated by commas."},
    {"total", "{'type':'string','enum':['true','false','fast']}", "Count all: exactly, or fast up to 10000."},
    {"as_of", TEXT, "As it was at this moment (RFC 3339); for reports also a day."},
    {"q", TEXT, "Words to search for."},
    {"deleted", "{'type':'string','enum':['true','false']}", "The bin instead of the live records."},
    {"group_by", TEXT, "Up to three groups, separated by commas."},
    {"period", TEXT, "A month, quarter or year: 2017-07, 2017-Q3, 2017; or two with .. between."},
    {"from", TEXT, "A day, or a moment."},
    {"to", TEXT, "A day, or a moment."},
    {"measures", TEXT, "Measures, separated by commas."},
    {"of", TEXT, "What is counted: deals, orders or invoices."},
    {"kind", TEXT, "One of the rows: what is in it."},
    {"pipeline", TEXT, "Id of a pipeline."},
    {"by", TEXT, "Field whose values are the columns."},
    {"per", "{'type':'integer','minimum':1,'maximum':200,'default':50}", "Records of each column."},
    {"kinds", TEXT, "Of note, call, meeting, task, change; all when absent."},
    {"after", TEXT, "Cursor of the last change seen."},
    {"limit", "{'type':'integer','minimum':1,'maximum':1000}", "At most so many."},
    {"lang", "{'type':'string','enum':['en','ru','pl']}", "Language of the labels."},
    {"object", TEXT, "Name of an object."},
    {"state", TEXT,
     "Of duplicates: open, dismissed or merged; open when absent. Of deliveries: waiting, sending, sent or failed; all when "
     "absent. Of customers: new, buying, due or lost; all when absent."},
    {"account", TEXT, "Id of an account."},
    {"id", TEXT, "Id of a record."},
    {"from", TEXT, "The first moment or day."},
    {"to", TEXT, "The last moment or day."},
    {"minutes", "{'type':'integer','minimum':0}", "Minutes of working time."},
    {"user", TEXT, "Id of a user."},
    {"watch", TEXT, "Records on screen: object:id, separated by commas."},
    {"objects", TEXT, "Objects listed on screen, separated by commas."},
    {"about", TEXT, "The record a file belongs to: object:id."},
    {"name", TEXT, "Name of the file."},
    {"run", TEXT, "Id of the run the file is added to."},
    {"encoding", TEXT, "Encoding, when the one found is wrong."},
    {"separator", TEXT, "What parts the columns, when the one found is wrong."},
    {NULL, NULL, NULL},
};

#define CHANGES                                                  \
    "'changes':" LIST(OBJECT("'field','label','before','after'", \
                             "'field':" TEXT ",'label':" TEXT ",'before':{},'after':{}"))
#define OR_NULL(name) "{'anyOf':[" REF(name) ",{'type':'null'}]}"
#define TIME          "{'type':'string','format':'date-time'}"
#define ENTRY                                                                                             \
    "'at':" TIME ",'actor':" OR_NULL("Reference") ",'channel':" TEXT ",'kind':" TEXT ",'version':" NUMBER \
                                                  ",'batch':" TOKEN "," CHANGES

const char
    *const common_schemas[] =
        {
            "'Reference':" OBJECT("'object','id','label'",
                                  "'object':" TOKEN ",'id':" TEXT ",'label':" TOKEN) ","
                                                                                     "'ReferenceWrite':{'anyOf':[{'type':['string','null']}," FREE
                                                                                     "]},"
                                                                                     "'Money':" OBJECT("'amount','currency'", "'amount':{'type':'string','pattern':'^-?[0-9]+(\\\\.[0-9]+)?$'},'currency':" TOKEN) ","
                                                                                                                                                                                                                   "'MoneyWrite':{'anyOf':[" REF("Money") ",{'type':['string','number','null']}]},"
                                                                                                                                                                                                                                                          "'LabelledText':" OBJECT("'value'", "'value':" TEXT ",'label':" TOKEN ",'main':{'type':'boolean'},'ext':" TEXT) ","
                                                                                                                                                                                                                                                                                                                                                                          "'LabelledTextsWrite':{'anyOf':[{'type':['string','null']},{'type':'array','items':{'anyOf':[" TEXT
                                                                                                                                                                                                                                                                                                                                                                          "," FREE
                                                                                                                                                                                                                                                                                                                                                                          "]}}]},"
                                                                                                                                                                                                                                                                                                                                                                          "'Address':{'type':'object','additionalProperties':" TOKEN
                                                                                                                                                                                                                                                                                                                                                                          "},"
                                                                                                                                                                                                                                                                                                                                                                          "'LabelledAddress':" OBJECT("'value'",
                                                                                                                                                                                                                                                                                                                                                                                                      "'value':" REF(
                                                                                                                                                                                                                                                                                                                                                                                                          "Address") ",'label':" TOKEN
                                                                                                                                                                                                                                                                                                                                                                                                                     ",'main':{'type':'boolean'}") ","
                                                                                                                                                                                                                                                                                                                                                                                                                                                   "'Identifier':" OBJECT(
                                                                                                                                                                                                                                                                                                                                                                                                                                                       "'country','kind','value'", "'country':" TOKEN
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   ",'kind':" TEXT
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   ",'value':" TEXT) ","
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "'PersonName':{'type':'object','additionalProperties':" TOKEN "},"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "'File_':" FREE
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     ","
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "'FileReference':" OBJECT(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         "'id','name','size','type'",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         "'id':" TEXT ",'name':" TOKEN ",'size':{'type':['integer','null']},'type':" TOKEN) ","
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "'Link':" OBJECT(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "'object','id','label','link'", "'object':" TEXT ",'id':" TEXT ",'label':" TOKEN ",'link':" FREE),
            "'Me':{'allOf':[{'type':'object','required':['id','version','rights','company','cursor'],'properties':{'id':" TEXT
            ",'version':" NUMBER ",'rights':" FREE ",'company':" FREE ",'cursor':" TEXT "}}," FREE "]},"
            "'HistoryEntry':" OBJECT(
                "'at','actor','channel','kind','version','changes'", ENTRY) ","
                                                                            "'LogEntry':" OBJECT("'cursor','object','id','at','kind','changes'", "'cursor':" TEXT ",'object':" TEXT ",'id':" TEXT "," ENTRY ",'derived':{'type':'boolean'},'request_id':" TOKEN) ","
                                                                                                                                                                                                                                                                 "'TimelineEntry':" OBJECT("'type','at','kind'", "'type':{'enum':['activity','change']},'at':" TIME ",'record':{'anyOf':[" FREE
                                                                                                                                                                                                                                                                                                                 ",{'type':'null'}]},'source':" OR_NULL("Reference") ",'actor':" OR_NULL("Reference") ",'kind':" TEXT
                                                                                                                                                                                                                                                                                                                                                                                                      "," CHANGES) ","
                                                                                                                                                                                                                                                                                                                                                                                                                   "'Undone':" OBJECT(
                                                                                                                                                                                                                                                                                                                                                                                                                       "'undone','skipped','batch'", "'undone':" NUMBER
                                                                                                                                                                                                                                                                                                                                                                                                                                                     ",'skipped':" LIST(
                                                                                                                                                                                                                                                                                                                                                                                                                                                         OBJECT("'object','id','reason'",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                "'object':" TEXT
                                                                                                                                                                                                                                                                                                                                                                                                                                                                ",'id':" TEXT
                                                                                                                                                                                                                                                                                                                                                                                                                                                                ",'label':" TOKEN
                                                                                                                                                                                                                                                                                                                                                                                                                                                                ",'reason':" TEXT)) ",'batch':" TOKEN) ","
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "'Operation':" OBJECT(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "'id','state','done','total'",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "'id':" TEXT
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           ",'kind':" TEXT ",'state':{'enum':['waiting','running','done','failed']},'done':" NUMBER ",'total':" NUMBER ",'error':" TOKEN ",'result':{},'batch':" TOKEN) ","
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "'Warnings':{'type':'array','description':'What is to be known of a write that was done all the same.','items':" OBJECT("'field','code','message'", "'field':" TOKEN ",'code':" TEXT ",'message':" TEXT) "},"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "'Problem':{'type':'object','description':'RFC 9457','required':['type','title','status','code','request_id'],'properties':{'type':" TEXT ",'title':" TEXT ",'status':" NUMBER ",'code':{'enum':['INVALID','NOT_FOUND','DENIED','CONFLICT','LIMIT','UNAVAILABLE','INTERNAL']},'detail':" TEXT ",'request_id':" TEXT ",'errors':" LIST(OBJECT("'field','code','message'",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              "'field':" TOKEN
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              ",'code':" TEXT
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              ",'message':" TEXT)) ",'current':" FREE
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   "},'additionalProperties':false}",
            "'WebhookDelivery':" OBJECT(
                "'id','message','event','record','at','state','attempts','tried_at','next_at','status','ms','error','reply'",
                "'id':" TEXT ",'message':" TEXT ",'event':" TEXT ",'record':" OR_NULL(
                    "Reference") ",'at':" TIME
                                 ",'state':{'enum':['waiting','sending','sent','failed']},'attempts':" NUMBER
                                 ",'tried_at':" TOKEN ",'next_at':" TOKEN ",'status':" NULLABLE_NUMBER
                                 ",'ms':" NULLABLE_NUMBER ",'error':" TOKEN ",'reply':" TOKEN
                                 ",'body':" TEXT),
            NULL,
};
