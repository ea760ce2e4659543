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
};

static const Hook HOOKS[] = {
    {.object = "deal", .before_write = deal_before, .after_write = deal_after},
    {.object = "stage", .fill = stage_fill},
    {.object = "deal_line", .before_write = line_before},
    {.object = "lead", .before_write = lead_before},
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
