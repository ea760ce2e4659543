/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules a new company begins with: in which phase a customer is, and which signals it is given.  They are records like any other, so they can be changed, switched off and
   deleted; their words are in the company's language because everybody there reads them. */
#include "core/seed.h"

#include "core/record.h"

#define TEXTS(en, ru, pl) \
    {                     \
        en, ru, pl        \
    }

typedef struct SignalSeed {
    const char *kind, *sign;
    int64_t days, due_days; /* days 0: of no meaning for the kind */
    const char *name[LANG_COUNT], *reason[LANG_COUNT], *next_step[LANG_COUNT];
} SignalSeed;

static const SignalSeed SIGNALS[] = {
    {"overdue", "risk", 3, 0, TEXTS("Payment overdue", "Просрочена оплата", "Płatność po terminie"),
     TEXTS("Owes {now}, due {expected}", "Должен {now}, срок оплаты {expected}",
           "Zalega z {now}, termin {expected}"),
     TEXTS("Call about the payment", "Позвонить по поводу оплаты", "Zadzwonić w sprawie płatności")},
    {"silent", "risk", 0, 0, TEXTS("Has stopped buying", "Перестал покупать", "Przestał kupować"),
     TEXTS("Bought every {usual} days, nothing since {last}",
           "Покупал каждые {usual} дн., последняя покупка {last}",
           "Kupował co {usual} dni, ostatni zakup {last}"),
     TEXTS("Find out why they buy no more and win them back", "Узнать, почему не покупает, и вернуть клиента",
           "Dowiedzieć się, dlaczego nie kupuje, i odzyskać klienta")},
    {"family_lost", "risk", 0, 2,
     TEXTS("Has given up a product family", "Отказался от товарной группы", "Zrezygnował z grupy produktów"),
     TEXTS("{family}: bought every {usual} days, nothing since {last}",
           "{family}: покупал каждые {usual} дн., последняя покупка {last}",
           "{family}: kupował co {usual} dni, ostatni zakup {last}"),
     TEXTS("Ask why they no longer take {family}", "Спросить, почему больше не берёт: {family}",
           "Zapytać, dlaczego nie bierze już: {family}")},
    {"orders_falling", "risk", 180, 3, TEXTS("Orders falling", "Заказы падают", "Zamówienia maleją"),
     TEXTS("{before} in the {days} days before, {now} in the last {days}",
           "За прежние {days} дн. {before}, за последние {now}",
           "Poprzednie {days} dni: {before}, ostatnie: {now}"),
     TEXTS("Meet and ask what has changed", "Встретиться и выяснить, что изменилось",
           "Spotkać się i zapytać, co się zmieniło")},
    {"contract_ending", "risk", 60, 7,
     TEXTS("Contract or subscription ending", "Истекает договор или подписка",
           "Kończy się umowa lub subskrypcja"),
     TEXTS("{record} runs until {expected}", "{record} действует до {expected}",
           "{record} trwa do {expected}"),
     TEXTS("Agree on the renewal", "Договориться о продлении", "Uzgodnić przedłużenie")},
    {"next_sale", "chance", 0, 1,
     TEXTS("Time for the next order", "Пора повторить заказ", "Czas na kolejne zamówienie"),
     TEXTS("Buys every {usual} days, the next order was expected on {expected}",
           "Покупает каждые {usual} дн., следующий заказ ожидался {expected}",
           "Kupuje co {usual} dni, kolejne zamówienie oczekiwane {expected}"),
     TEXTS("Offer the next order", "Предложить следующий заказ", "Zaproponować kolejne zamówienie")},
    {"family_growing", "chance", 180, 7,
     TEXTS("A product family is growing", "Товарная группа растёт", "Grupa produktów rośnie"),
     TEXTS("{family}: {before} in the {days} days before, {now} in the last {days}",
           "{family}: за прежние {days} дн. {before}, за последние {now}",
           "{family}: poprzednie {days} dni {before}, ostatnie {now}"),
     TEXTS("Offer terms for more: {family}", "Предложить условия на больший объём: {family}",
           "Zaproponować warunki na większą ilość: {family}")},
};

typedef struct LifeSeed {
    const char *phase, *ladder, *condition;
    const char *name[LANG_COUNT];
} LifeSeed;

static const LifeSeed LIVES[] = {
    {"lost", NULL, "today() - bought_on > days(365)",
     TEXTS("Nothing bought for a year", "Год без покупок", "Rok bez zakupów")},
    {"after_sale", NULL, "today() - bought_on > days(90)",
     TEXTS("Bought, but not of late", "Покупал, но давно", "Kupował, ale dawno")},
    {"consumption", NULL, "bought_on != null", TEXTS("Buys from us", "Покупает у нас", "Kupuje u nas")},
    {"acquisition", NULL, "open_deals > 0", TEXTS("We are in talks", "Идут переговоры", "Trwają rozmowy")},
    {"preliminary", NULL, "true", TEXTS("All others", "Все остальные", "Wszyscy pozostali")},
    {NULL, "partner", "'partner' in roles", TEXTS("Is our partner", "Наш партнёр", "Jest naszym partnerem")},
    {NULL, "loyal_customer", "orders_count >= 3 && today() - bought_on <= days(365)",
     TEXTS("Buys again and again", "Покупает снова и снова", "Kupuje regularnie")},
    {NULL, "neutral_buyer", "bought_on != null", TEXTS("Has bought", "Уже покупал", "Już kupił")},
};

static void set_text(Record *rec, const char *field, const char *text)
{
    record_set(rec, field, val_text(str_c(text)));
}

static Err *seed_signals(Ctx *cx, Lang lang)
{
    const Object *obj = meta_object(cx->meta, S("signal_rule"));

    for (size_t i = 0; obj && i < sizeof SIGNALS / sizeof *SIGNALS; i++) {
        const SignalSeed *seed = &SIGNALS[i];
        Record *rec = record_new(cx->mem, obj);
        set_text(rec, "name", seed->name[lang]);
        set_text(rec, "kind", seed->kind);
        set_text(rec, "sign", seed->sign);
        set_text(rec, "reason", seed->reason[lang]);
        set_text(rec, "next_step", seed->next_step[lang]);
        if (seed->days) record_set(rec, "days", val_int(seed->days));
        record_set(rec, "due_days", val_int(seed->due_days));
        record_set(rec, "position", val_int((int64_t)(i + 1) * 10));
        TRY(record_create(cx, rec, NULL));
    }
    return NULL;
}

static Err *seed_lives(Ctx *cx, Lang lang)
{
    const Object *obj = meta_object(cx->meta, S("life_rule"));

    for (size_t i = 0; obj && i < sizeof LIVES / sizeof *LIVES; i++) {
        Record *rec = record_new(cx->mem, obj);
        set_text(rec, "name", LIVES[i].name[lang]);
        set_text(rec, "condition", LIVES[i].condition);
        if (LIVES[i].phase) set_text(rec, "phase", LIVES[i].phase);
        if (LIVES[i].ladder) set_text(rec, "ladder", LIVES[i].ladder);
        record_set(rec, "position", val_int((int64_t)(i + 1) * 10));
        TRY(record_create(cx, rec, NULL));
    }
    return NULL;
}

Err *seed_rules(Ctx *cx, Lang lang)
{
    TRY(seed_lives(cx, lang));
    return seed_signals(cx, lang);
}
