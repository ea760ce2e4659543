/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dashboard of sales that a new company finds: ordinary records, to be changed like any other. */
#include "core/seed.h"

#include "core/record.h"
#include "core/write.h"

#define TEXTS(en, ru, pl) \
    {                     \
        en, ru, pl        \
    }

typedef struct SeedTile {
    const char *name[LANG_COUNT];
    const char *kind, *width, *report, *object, *filter, *group_by, *measure, *period_field;
} SeedTile;

static const char *const SALES[] = TEXTS("Sales", "Продажи", "Sprzedaż");

static const SeedTile TILES[] = {
    {TEXTS("Won", "Выиграно", "Wygrane"), "number", "sixth", NULL, "deal", "category == 'won'", NULL,
     "sum(amount)", "closed_on"},
    {TEXTS("Deals won", "Выиграно сделок", "Wygrane szanse"), "number", "sixth", NULL, "deal",
     "category == 'won'", NULL, "count()", "closed_on"},
    {TEXTS("Win rate", "Доля выигранных", "Odsetek wygranych"), "number", "sixth", "sales", NULL, NULL, NULL,
     "win_rate", NULL},
    {TEXTS("Days to win", "Дней до выигрыша", "Dni do wygranej"), "number", "sixth", "sales", NULL, NULL,
     NULL, "days", NULL},
    {TEXTS("Open now", "В работе сейчас", "Otwarte teraz"), "number", "sixth", NULL, "deal",
     "category == 'open'", NULL, "sum(amount)", NULL},
    {TEXTS("Velocity a day", "Скорость продаж в день", "Tempo sprzedaży na dzień"), "number", "sixth",
     "sales", NULL, NULL, NULL, "velocity", NULL},
    {TEXTS("Won by month", "Выиграно по месяцам", "Wygrane według miesięcy"), "line", "half", NULL, "deal",
     "category == 'won' && closed_on > today() - days(365)", "month(closed_on)", "sum(amount)", NULL},
    {TEXTS("Funnel of the period", "Воронка за период", "Lejek okresu"), "funnel", "half", "funnel", NULL,
     NULL, NULL, "reached", NULL},
    {TEXTS("Leaders", "Лидеры", "Liderzy"), "bar", "third", NULL, "deal", "category == 'won'", "owner",
     "sum(amount)", "closed_on"},
    {TEXTS("Why deals are lost", "Почему проигрываем", "Dlaczego przegrywamy"), "bar", "third", NULL, "deal",
     "category == 'lost'", "lost_reason", "count()", "closed_on"},
    {TEXTS("Lost to competitors", "Кому проигрываем", "Z kim przegrywamy"), "bar", "third", NULL, "deal",
     "category == 'lost' && competitor != null", "competitor", "sum(amount)", "closed_on"},
    {TEXTS("Results by source", "Итоги по источникам", "Wyniki według źródła"), "table", "full", "sales",
     NULL, NULL, "source", NULL, NULL},
    {TEXTS("Time in stages", "Время на этапах", "Czas na etapach"), "table", "half", "stages", NULL, NULL,
     NULL, NULL, NULL},
    {TEXTS("Postponed deals", "Отложенные сделки", "Przesuwane szanse"), "bar", "half", NULL, "deal",
     "category == 'open' && pushed > 0", "owner", "sum(amount)", NULL},
    {TEXTS("Customers come and gone", "Движение клиентов", "Ruch klientów"), "table", "half", "customers",
     NULL, NULL, NULL, NULL, NULL},
    {TEXTS("Who owes past the day", "Кто просрочил оплату", "Kto zalega z zapłatą"), "bar", "half", NULL,
     "invoice", "open_due < today()", "account", "sum(open)", NULL},
    {TEXTS("Activity and result", "Активность и результат", "Aktywność i wynik"), "table", "full", "activity",
     NULL, NULL, "owner", NULL, NULL},
    {TEXTS("Cost of leads", "Стоимость лидов", "Koszt leadów"), "table", "full", "lead_costs", NULL, NULL,
     "source", NULL, NULL},
};

#define TILES_N (sizeof TILES / sizeof *TILES)

static void set_text(Record *rec, const char *field, const char *text)
{
    if (text) record_set(rec, field, val_text(str_c(text)));
}

static Err *add_tile(Ctx *cx, const SeedTile *t, size_t i, const Record *dashboard, Lang lang)
{
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("tile")));

    record_set(rec, "dashboard", val_ref(dashboard->obj->number, dashboard->id));
    record_set(rec, "position", val_int((int64_t)(i + 1) * 10));
    set_text(rec, "name", t->name[lang]);
    set_text(rec, "kind", t->kind);
    set_text(rec, "width", t->width);
    set_text(rec, "report", t->report);
    set_text(rec, "object", t->object);
    set_text(rec, "filter", t->filter);
    set_text(rec, "group_by", t->group_by);
    set_text(rec, "measure", t->measure);
    set_text(rec, "period_field", t->period_field);
    return record_create(cx, rec, NULL);
}

Err *seed_dashboard(Ctx *cx, Lang lang)
{
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("dashboard")));

    set_text(rec, "name", SALES[lang]);
    record_set(rec, "shared", val_bool(true));
    record_set(rec, "position", val_int(1));
    TRY(record_create(cx, rec, NULL));
    for (size_t i = 0; i < TILES_N; i++) TRY(add_tile(cx, &TILES[i], i, rec, lang));
    return NULL;
}

const char *const *seed_dashboard_names(bool is_tile, size_t i)
{
    if (!is_tile) return i == 0 ? SALES : NULL;
    return i < TILES_N ? TILES[i].name : NULL;
}
