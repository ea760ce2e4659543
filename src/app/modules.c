/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hand-written list of modules. */
#include "app/modules.h"

#include "api/api.h"
#include "app/backup.h"
#include "app/demo.h"
#include "core/drop.h"
#include "core/export/export.h"
#include "core/form.h"
#include "core/match/duplicates.h"
#include "core/option.h"
#include "mod/activity/activity.h"
#include "mod/sales/sales.h"
#include "mod/system/system.h"
#include "svc/mail.h"
#include "svc/webhook.h"

const Module *const app_modules[] = {
    &mod_system, &mod_activity, &mod_sales,       &mod_match,         &mod_api,      &mod_form, &mod_drop,
    &mod_export, &mod_option,   &app_demo_module, &app_backup_module, &svc_webhooks, &svc_mail,
};
const size_t app_modules_count = sizeof app_modules / sizeof *app_modules;
