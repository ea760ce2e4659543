/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The module of sales: its actions and hooks, which the other files of the folder hold. */
#include "mod/sales/forecast.h"
#include "mod/sales/sales_impl.h"
#include "mod/sales/territory.h"

bool sales_changed(const Record *rec, const Record *before, const char *field)
{
    return !before || !val_same(record_get_val(rec, field), record_get_val(before, field));
}

static const ActionParam CONVERT[] = {
    {.name = "account",
     .type = FIELD_REFERENCE,
     .target = "account",
     .label = {"Existing account (empty: a new one)", "Существующий клиент (пусто — создать нового)",
               "Istniejący kontrahent (puste – nowy)"}},
    {.name = "create_deal",
     .type = FIELD_BOOLEAN,
     .label = {"Create a deal", "Создать сделку", "Utwórz szansę sprzedaży"}},
    {.name = "deal_name",
     .type = FIELD_TEXT,
     .label = {"Name of the deal", "Название сделки", "Nazwa szansy"}},
    {.name = "amount", .type = FIELD_MONEY, .label = {"Amount", "Сумма", "Kwota"}},
    {.name = "contact",
     .type = FIELD_REFERENCE,
     .target = "contact",
     .label = {"Existing contact (empty: a new one)", "Существующий контакт (пусто — создать новый)",
               "Istniejący kontakt (puste – nowy)"}},
    {.name = "as_person",
     .type = FIELD_BOOLEAN,
     .label = {"As a private person", "Как частное лицо", "Jako osoba prywatna"}},
};

static const ActionParam SIMULATE[] = {
    {.name = "from", .type = FIELD_DATE, .label = {"From", "С", "Od"}},
    {.name = "to", .type = FIELD_DATE, .label = {"To", "По", "Do"}},
};

static const ActionParam MATCHES[] = {
    {.name = "as_person",
     .type = FIELD_BOOLEAN,
     .label = {"As a private person", "Как частное лицо", "Jako osoba prywatna"}},
};

static const Action ACTIONS[] = {
    {.object = "lead",
     .name = "convert",
     .icon = "user-check",
     .label = {"Convert", "Преобразовать", "Przekształć"},
     .right = "update",
     .params = CONVERT,
     .n_params = sizeof CONVERT / sizeof *CONVERT,
     .run = lead_convert},
    {.object = "lead",
     .name = "matches",
     .icon = "search",
     .label = {"Whom it may be", "Возможные совпадения", "Możliwe dopasowania"},
     .right = "read",
     .params = MATCHES,
     .n_params = sizeof MATCHES / sizeof *MATCHES,
     .run = lead_matches},
    {.object = "assignment_rule",
     .name = "simulate",
     .icon = "flask",
     .label = {"Simulate", "Проверить на прошлых лидах", "Sprawdź na dotychczasowych leadach"},
     .right = "update",
     .params = SIMULATE,
     .n_params = sizeof SIMULATE / sizeof *SIMULATE,
     .run = assignment_rule_simulate},
};

static const Hook HOOKS[] = {
    {.object = "deal", .before_write = deal_before, .after_write = deal_after},
    {.object = "stage", .fill = stage_fill},
    {.object = "deal_line", .before_write = line_before},
    {.object = "lead", .before_write = lead_before, .after_write = lead_after},
    {.object = "assignment_rule", .before_write = assignment_rule_before},
    {.object = "quota", .before_write = quota_before},
    {.object = "forecast_change", .before_write = forecast_change_before},
    {.object = "territory", .before_write = tree_before},
    {.object = "territory", .before_write = territory_before, .after_write = territory_after},
    {.object = "account", .before_write = tree_before},
    {.object = "account", .before_write = territory_of_account, .after_write = territory_to_deals},
    {.object = "deal", .before_write = territory_of_deal},
    {.object = "user", .before_write = tree_before},
    {.object = "team", .before_write = tree_before},
};

static const Report REPORTS[] = {
    {"getForecast", forecast_report},           {"getForecastBridge", bridge_report},
    {"getAccountHierarchy", account_hierarchy}, {"previewTerritories", territory_preview},
    {"applyTerritories", territory_apply},
};

static const JobKind JOBS[] = {
    {.name = "territory.assign", .run = territory_assign},
    {.name = "sales.recycle", .run = lead_recycle},
    {.name = "sales.reassign", .run = lead_reassign},
    {.name = "sales.simulate", .run = assignment_simulate},
};

const Module mod_sales = {
    .name = "sales",
    .actions = ACTIONS,
    .n_actions = sizeof ACTIONS / sizeof *ACTIONS,
    .hooks = HOOKS,
    .n_hooks = sizeof HOOKS / sizeof *HOOKS,
    .jobs = JOBS,
    .n_jobs = sizeof JOBS / sizeof *JOBS,
    .reports = REPORTS,
    .n_reports = sizeof REPORTS / sizeof *REPORTS,
};
