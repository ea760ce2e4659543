/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Payment codes: the texts of the three standards, and the mistakes others have made with them. */
#include "mod/sales/payment_qr.h"

#include "base/tap.h"

static PaymentQr russian(void)
{
    return (PaymentQr){.name = S("ООО «Три кита»"),
                       .account = S("40702810138250123017"),
                       .bank_name = S("ПАО СБЕРБАНК"),
                       .bank_code = S("044525225"),
                       .correspondent_account = S("30101810400000000225"),
                       .tax_id = S("7707083893"),
                       .kpp = S("770701001"),
                       .purpose = S("Оплата по счету 15 от 21.11.2026, без НДС"),
                       .amount = val_money(12300, 2, currency_pack(S("RUB")))};
}

static Str made(Arena *mem, PaymentQr q)
{
    Str out = {0};

    CHECK_OK(payment_qr(mem, &q, &out));
    return out;
}

static Err *refused(Arena *mem, PaymentQr q)
{
    Str out = {0};
    Err *e = payment_qr(mem, &q, &out);

    NEED(e != NULL);
    return e;
}

TEST(the_russian_code)
{
    PaymentQr q = russian();

    CHECK_STR(
        made(mem, q),
        "ST00012|Name=ООО «Три кита»|PersonalAcc=40702810138250123017|BankName=ПАО СБЕРБАНК|BIC=044525225|"
        "CorrespAcc=30101810400000000225|Sum=12300|PayeeINN=7707083893|KPP=770701001|"
        "Purpose=Оплата по счету 15 от 21.11.2026, без НДС");
    q.kpp = q.purpose = (Str){0};
    q.tax_id = S("500100732259");
    q.amount = val_money(5, 1, currency_pack(S("RUB")));
    CHECK(str_ends(made(mem, q), S("|Sum=50|PayeeINN=500100732259")));
}

TEST(the_separator_is_one_that_no_value_holds)
{
    PaymentQr q = russian();

    q.purpose = S("а|б#в");
    CHECK(str_starts(made(mem, q), S("ST00012;Name=")));
    q.purpose = S("|#;:^_~{}@$%&*");
    CHECK_STR(refused(mem, q)->args[0], "Purpose");
}

TEST(a_russian_code_that_cannot_be_paid_is_refused)
{
    PaymentQr q = russian();

    q.correspondent_account = (Str){0};
    CHECK_STR(refused(mem, q)->args[0], "CorrespAcc");
    q = russian();
    q.bank_code = S("04452522");
    CHECK_STR(refused(mem, q)->args[0], "BIC");
    q = russian();
    q.name = S(
        "ЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖ");
    CHECK_STR(refused(mem, q)->args[0], "Name"); /* over 300 bytes */
    q = russian();
    q.amount.i = -1;
    CHECK_STR(refused(mem, q)->args[0], "Sum");
}

TEST(the_polish_code)
{
    PaymentQr q = {.name = S("Żółta Łódź Spółka z o.o."),
                   .account = S("PL61109010140000071219812874"),
                   .tax_id = S("5265877635"),
                   .purpose = S("FV|15/2026\nza usługi remontowe i inne rzeczy"),
                   .amount = val_money(12300, 2, currency_pack(S("PLN")))};

    CHECK_STR(
        made(mem, q),
        "5265877635|PL|61109010140000071219812874|012300|Żółta Łódź Spółka z|FV 15/2026 za usługi remontowe i|||");
    q.amount.i = 1000000;
    CHECK_STR(refused(mem, q)->args[0], "PLN > 9999.99");
    q.amount.i = 1;
    q.account = S("PL6110901014000007121981287");
    CHECK_STR(refused(mem, q)->args[0], "IBAN");
}

TEST(the_code_of_the_euro_area)
{
    PaymentQr q = {.name = S("Red Cross"),
                   .account = S("BE72000000001616"),
                   .bank_code = S("BPOTBEB1"),
                   .purpose = S("Invoice 7"),
                   .amount = val_money(1, 0, currency_pack(S("EUR")))};

    CHECK_STR(made(mem, q),
              "BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross\nBE72000000001616\nEUR1.00\n\n\nInvoice 7");
    q.amount.i = 0;
    CHECK_STR(refused(mem, q)->args[0], "EUR");
    q.amount = val_money(100, 2, currency_pack(S("CHF")));
    CHECK_STR(refused(mem, q)->key, "error.qr.currency");
}
