/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bank statements: the three formats as banks write them, and statements that are cut off or do not add up. */
#include "base/buf.h"
#include "base/tap.h"
#include "core/import/bank.h"
#include "core/import/test_source.h"

#define CELL(i, heading) test_cell(src, 0, &rows.p[i], heading)

/* --- 1CClientBankExchange ---------------------------------------------------------------------------------------------- */

#define OWN "40702810138250123017"

#define HEADER                                                                                                                  \
    "1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=Windows\r\nРасчСчет=" OWN "\r\n"                                   \
    "СекцияРасчСчет\r\nРасчСчет=" OWN "\r\nНачальныйОстаток=1000.00\r\nВсегоПоступило=123.45\r\n" \
    "ВсегоСписано=50\r\nКонечныйОстаток=1073.45\r\nКонецРасчСчет\r\n"

#define PAID                                                                                                                                                                     \
    "СекцияДокумент=Платежное поручение\r\nНомер=17\r\nДата=12.01.2026\r\nСумма=123.45\r\n"                                        \
    "ДатаПоступило=13.01.2026\r\nПлательщик=ИНН 7707083893 КПП 770701001 ООО «Ромашка»\r\n"                                             \
    "ПлательщикСчет=40702810900000000001\r\nПлательщикБИК=044525225\r\nПолучательСчет=" OWN "\r\n"                                                                               \
    "Неизвестно=что угодно\r\nНазначениеПлатежа1=Оплата по счету 15\r\nНазначениеПлатежа2=от 11.01.2026\r\n" \
    "КонецДокумента\r\n"

TEST(a_statement_of_1c)
{
    Source *src = test_source(
        mem, "kl_to_1c.txt",
        S(HEADER PAID
          "СекцияДокумент=Банковский ордер\r\nНомер=18\r\nСумма=50,00\r\nДатаСписано=14.01.2026\r\n"
          "ПлательщикРасчСчет=" OWN "\r\nПолучатель1=Банк\r\nПолучательИНН=7707083893\r\n"
          "ПолучательСчет=30101810400000000225\r\nНазначениеПлатежа=Комиссия\r\nКонецДокумента\r\n"
          "СекцияДокумент=Платежное поручение\r\nНомер=19\r\nСумма=7\r\nПлательщикСчет=" OWN
          "\r\nКонецДокумента\r\nКонецФайла\r\n"),
        NULL);
    Rows rows = test_rows(mem, src, 0);

    CHECK_STR(source_kind(src), "bank");
    NEED(rows.n == 2); /* the third has not been debited */
    CHECK_STR(CELL(0, "Date"), "2026-01-13");
    CHECK_STR(CELL(0, "Direction"), "in");
    CHECK_STR(CELL(0, "Amount"), "123.45");
    CHECK_STR(CELL(0, "Currency"), "RUB");
    CHECK_STR(CELL(0, "Number"), "17");
    CHECK_STR(CELL(0, "Name"), "ООО «Ромашка»");
    CHECK_STR(CELL(0, "Identifier"), "7707083893");
    CHECK_STR(CELL(0, "KPP"), "770701001");
    CHECK_STR(CELL(0, "Account"), "40702810900000000001");
    CHECK_STR(CELL(0, "Bank"), "044525225");
    CHECK_STR(CELL(0, "Purpose"), "Оплата по счету 15 от 11.01.2026");
    CHECK_STR(CELL(0, "Own account"), OWN);
    CHECK_STR(CELL(1, "Direction"), "out");
    CHECK_STR(CELL(1, "Amount"), "50.00");
    CHECK_STR(CELL(1, "Name"), "Банк");
}

TEST(a_transfer_between_own_accounts_is_two_payments)
{
    Source *src = test_source(
        mem, "x.txt",
        S("1CClientBankExchange\nРасчСчет=1\nРасчСчет=2\nСекцияДокумент=Платежное поручение\nСумма=5\n"
          "ПлательщикСчет=1\nПолучательСчет=2\nДатаСписано=01.02.2026\nДатаПоступило=02.02.2026\n"
          "КонецДокумента\nКонецФайла"),
        NULL);
    Rows rows = test_rows(mem, src, 0);

    NEED(rows.n == 2);
    CHECK_STR(CELL(0, "Own account"), "2");
    CHECK_STR(CELL(0, "Direction"), "in");
    CHECK_STR(CELL(1, "Own account"), "1");
    CHECK_STR(CELL(1, "Date"), "2026-02-01");
}

/* "Кодировка" and what follows in the bytes of an encoding. */
static Str encoded(Arena *mem, Str utf8, bool is_dos)
{
    Buf b = buf_new(mem, 1 << 16);

    for (size_t i = 0; i < utf8.n;) {
        uint32_t cp = utf8_next(utf8, &i);
        uint32_t d = cp - 0x410; /* А .. я */
        if (cp < 0x80)
            buf_add_c(&b, (char)cp);
        else if (is_dos)
            buf_add_c(&b, (char)(d < 0x30 ? 0x80 + d : 0xE0 + d - 0x30));
        else
            buf_add_c(&b, (char)(0xC0 + d));
    }
    return buf_str(&b);
}

TEST(statements_of_1c_in_their_encodings)
{
    static const char *const NAMES[] = {"Windows", "DOS"};

    for (int i = 0; i < 2; i++) {
        Str text = str_fmt(
            mem,
            "1CClientBankExchange\r\nКодировка=%s\r\nРасчСчет=1\r\nСекцияДокумент=Ордер\r\nСумма=5\r\n"
            "Плательщик=Ромашка\r\nПолучательСчет=1\r\nДатаПоступило=01.02.2026\r\nКонецДокумента\r\nКонецФайла\r\n",
            NAMES[i]);
        Source *src = test_source(mem, "x.txt", encoded(mem, text, i == 1), NULL);
        Rows rows = test_rows(mem, src, 0);
        NEED(rows.n == 1);
        CHECK_STR(CELL(0, "Name"), "Ромашка");
    }
}

TEST(statements_of_1c_that_are_refused)
{
    CHECK_STR(test_refused(mem, "x", S(HEADER PAID), NULL)->key, "error.source.bank_end");
    CHECK_STR(test_refused(
                  mem, "x",
                  S("1CClientBankExchange\nСекцияРасчСчет\nРасчСчет=1\nНачальныйОстаток=1\nВсегоПоступило=1\n"
                    "ВсегоСписано=0\nКонечныйОстаток=1\nКонецРасчСчет\nКонецФайла"),
                  NULL)
                  ->key,
              "error.source.bank_sum");
    static const char *const BAD[][2] = {{"-5", "01.02.2026"}, {"5.001", "01.02.2026"}, {"x", "01.02.2026"},
                                         {"0", "01.02.2026"},  {"5", "31.02.2026"},     {"5", "2026"}};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        Err *e = test_refused(
            mem, "x",
            str_fmt(mem,
                    "1CClientBankExchange\nРасчСчет=1\nСекцияДокумент=О\nСумма=%s\nПолучательСчет=1\n"
                    "ДатаПоступило=%s\nКонецДокумента\nКонецФайла",
                    BAD[i][0], BAD[i][1]),
            NULL);
        CHECK_STR(e->key, i < 4 ? "error.source.bank_amount" : "error.source.bank_date");
    }
}

/* --- MT940 --------------------------------------------------------------------------------------------------------------- */

TEST(a_statement_of_mt940_with_numbered_parts)
{
    Source *src = test_source(
        mem, "wyciag.sta",
        S(":20:1\r\n:25:/PL61109010140000071219812874\r\n:28C:1\r\n:60F:C260112PLN100,00\r\n"
          ":61:2601130113CN123,45N723NONREF//26-1\r\n"
          ":86:723<00PRZELEW<10 1<20Faktura FV 15/2026 z dnia 11.0<211.2026\r\n<27Jan Kowalski Spółka z o.o."
          "<28Łódź<30109010<38PL27114020040000300201355387\r\n"
          ":61:260114D23,45NTRFREF7\r\nmore\r\n:86:020~00X~20Opłata~32Bank~33Polski~31123\r\n"
          ":61:260114RC0,05NTRFNONREF\r\n:86:\r\n"
          ":62F:C260114PLN199,95\r\n:86:of the statement\r\n-\r\n"),
        NULL);
    Rows rows = test_rows(mem, src, 0);

    NEED(rows.n == 3);
    CHECK_STR(CELL(0, "Own account"), "PL61109010140000071219812874");
    CHECK_STR(CELL(0, "Date"), "2026-01-13");
    CHECK_STR(CELL(0, "Direction"), "in");
    CHECK_STR(CELL(0, "Amount"), "123.45");
    CHECK_STR(CELL(0, "Currency"), "PLN");
    CHECK_STR(CELL(0, "Number"), "");
    CHECK_STR(CELL(0, "Reference"), "26-1");
    CHECK_STR(CELL(0, "Purpose"), "Faktura FV 15/2026 z dnia 11.01.2026");
    CHECK_STR(CELL(0, "Name"), "Jan Kowalski Spółka z o.o. Łódź");
    CHECK_STR(CELL(0, "Account"), "PL27114020040000300201355387");
    CHECK_STR(CELL(1, "Direction"), "out");
    CHECK_STR(CELL(1, "Number"), "REF7");
    CHECK_STR(CELL(1, "Name"), "Bank Polski");
    CHECK_STR(CELL(1, "Account"), "123");
    CHECK_STR(CELL(2, "Direction"), "out"); /* a credit taken back */
    CHECK_STR(CELL(2, "Purpose"), "");
}

TEST(a_statement_of_mt940_in_its_envelope_with_tags)
{
    Source *src = test_source(
        mem, "x.940",
        S("{1:F01BANKPLPWAXXX0000000000}{2:I940BANKPLPWXXXXN}{4:\n:20:1\n:25:BANKPLPW/123\n"
          ":60F:D260112EUR5,\n:61:260113C7,NTRFX\n:86:/NAME/Anna Nowak/IBAN/DE89370400440532013000/REMI/Order\n"
          "12/3\n:62F:C260113EUR2,\n-}"),
        NULL);
    Rows rows = test_rows(mem, src, 0);

    NEED(rows.n == 1);
    CHECK_STR(CELL(0, "Own account"), "123");
    CHECK_STR(CELL(0, "Name"), "Anna Nowak");
    CHECK_STR(CELL(0, "Account"), "DE89370400440532013000");
    CHECK_STR(CELL(0, "Purpose"), "Order 12/3");
}

TEST(statements_of_mt940_that_are_refused)
{
    CHECK_STR(test_refused(mem, "x", S(":20:1\n:25:1\n:60F:C260112PLN1,\n:61:260113C1,NTRFX\n"), NULL)->key,
              "error.source.bank_end");
    CHECK_STR(test_refused(mem, "x",
                           S(":20:1\n:25:1\n:60F:C260112PLN1,\n:61:260113C1,NTRFX\n:62F:C260113PLN3,\n"),
                           NULL)
                  ->key,
              "error.source.bank_sum");
    CHECK_STR(test_refused(mem, "x", S(":20:1\n:61:260113X1,NTRFX\n"), NULL)->key,
              "error.source.bank_amount");
    CHECK_STR(test_refused(mem, "x", S(":20:1\n:61:261313C1,NTRFX\n"), NULL)->key, "error.source.bank_date");
}

/* --- camt.053 ------------------------------------------------------------------------------------------------------------ */

#define CAMT(inside)                                                                                                  \
    "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt>" \
    "<Acct><Id><IBAN>PL61109010140000071219812874</IBAN></Id><Ccy>PLN</Ccy></Acct>" inside                            \
    "</Stmt></BkToCstmrStmt></Document>"
#define BALANCE(kind, amount)                                                        \
    "<Bal><Tp><CdOrPrtry><Cd>" kind "</Cd></CdOrPrtry></Tp><Amt Ccy=\"PLN\">" amount \
    "</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
#define ENTRY(amount, mark, more)                             \
    "<Ntry><Amt Ccy=\"PLN\">" amount "</Amt><CdtDbtInd>" mark \
    "</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-13</Dt></BookgDt>" more "</Ntry>"

TEST(a_statement_of_camt)
{
    Source *src = test_source(
        mem, "x.xml",
        S(CAMT(
            BALANCE("OPBD", "10.00") BALANCE("CLBD", "105.50") ENTRY(
                "100.00", "CRDT",
                "<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId><AcctSvcrRef>B1</AcctSvcrRef></Refs><RltdPties><Dbtr><Pty><Nm>"
                "Łukasz &amp; Synowie</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>PL27114020040000300201355387</IBAN></Id></DbtrAcct></RltdPties>"
                "<RmtInf><Ustrd>/VAT/18,70/IDC/5265877635/INV/FV 15/2026/TXT/za usługi</Ustrd></RmtInf></TxDtls></NtryDtls>")
                ENTRY(
                    "4.50", "DBIT",
                    "<NtryDtls><TxDtls><Amt Ccy=\"PLN\">1.50</Amt><RltdPties><Cdtr><Nm>Jeden</Nm></Cdtr></RltdPties></TxDtls>"
                    "<TxDtls><Amt Ccy=\"PLN\">3.00</Amt><RltdPties><Cdtr><Nm>Dwa</Nm></Cdtr></RltdPties></TxDtls></NtryDtls>"))),
        NULL);
    Rows rows = test_rows(mem, src, 0);

    NEED(rows.n == 3);
    CHECK_STR(CELL(0, "Name"), "Łukasz & Synowie");
    CHECK_STR(CELL(0, "Reference"), "B1");
    CHECK_STR(CELL(0, "Number"), "FV 15/2026");
    CHECK_STR(CELL(0, "Identifier"), "5265877635");
    CHECK_STR(CELL(0, "Account"), "PL27114020040000300201355387");
    CHECK_STR(CELL(0, "Amount"), "100.00");
    CHECK_STR(CELL(1, "Name"), "Jeden");
    CHECK_STR(CELL(1, "Direction"), "out");
    CHECK_STR(CELL(2, "Amount"), "3.00");
}

TEST(statements_of_camt_that_are_refused)
{
    CHECK_STR(test_refused(mem, "x",
                           S(CAMT(BALANCE("OPBD", "10.00") BALANCE("CLBD", "10.00") ENTRY("1", "CRDT", ""))),
                           NULL)
                  ->key,
              "error.source.bank_sum");
    CHECK_STR(test_refused(mem, "x", S(CAMT(ENTRY("1e3", "CRDT", ""))), NULL)->key,
              "error.source.bank_amount");
    CHECK_STR(test_refused(mem, "x", S("<Document xmlns=\"camt.053.001.02\"><Stmt>"), NULL)->key,
              "error.source.xml");
    CHECK_STR(test_refused(mem, "x", S("<Document xmlns=\"camt.053.001.02\"/>"), NULL)->key,
              "error.source.bank_end");
}

/* --- what is common ------------------------------------------------------------------------------------------------------ */

TEST(keys_are_those_of_an_overlapping_statement)
{
    Source *src = test_source(mem, "x", S(":20:1\n:25:1\n:61:260113C1,NTRFX\n:61:260113C1,NTRFX\n"), NULL);
    Rows rows = test_rows(mem, src, 0), again = test_rows(mem, src, 0);

    NEED(rows.n == 2 && again.n == 2);
    CHECK(!str_eq(CELL(0, "Key"), CELL(1, "Key")));
    CHECK(str_eq(CELL(0, "Key"), test_cell(src, 0, &again.p[0], "Key")));
    CHECK(str_eq(CELL(1, "Key"), test_cell(src, 0, &again.p[1], "Key")));
}

TEST(amounts_of_statements)
{
    static const struct {
        const char *text;
        int64_t amount;
    } GOOD[] = {{"0", 0},          {"1,", 100},      {"12.5", 1250},
                {"0012,30", 1230}, {" 7.000 ", 700}, {"9999999999999999,99", 999999999999999999}};
    static const char *const BAD[] = {"", ",", "-1", "1.005", "1,2,3", "1e3", "1 000", "99999999999999999"};
    int64_t n;

    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        CHECK(bank_amount(str_c(GOOD[i].text), &n));
        CHECK_EQ_INT(n, GOOD[i].amount);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) CHECK(!bank_amount(str_c(BAD[i]), &n));
}
