/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address books: what programs write, real files of them, and cards that are broken. */
#include "base/buf.h"
#include "base/tap.h"
#include "core/import/test_source.h"

#define CELL(i, heading) test_cell(src, 0, &rows.p[i], heading)

TEST(a_card_of_every_property)
{
    Source *src = test_source(
        mem, "x.vcf",
        S("BEGIN:VCARD\r\nVERSION:3.0\r\nN:Doe;John;Richter\\, James;Mr.;Sr.\r\nFN:Mr. John\r\n  Doe\r\n"
          "item1.TEL;type=CELL;type=pref:+48 600\r\nTEL;TYPE=\"work,voice\":1\r\nTEL;TYPE=work:2\r\nTEL;TYPE=WORK,FAX:3\r\n"
          "TEL;VALUE=uri:tel:+7;ext=5\r\nEMAIL;TYPE=INTERNET,HOME:a@b.c\r\n"
          "ADR;TYPE=WORK:box;floor;street\\nline 2;Łódź;łódzkie;90-001;Polska\r\nORG:IBM\\; Co;Unit;Room\r\n"
          "BDAY:19800322\r\nX-Thing;A=\"x:y\":kept\r\nCATEGORIES:a,b\r\nNOTE:one\\ntwo\r\nPHOTO;ENCODING=b;TYPE=JPEG:/9j/\r\n"
          " 4AAQ\r\nURL:http\\://x.y\r\nEND:VCARD\r\n\r\nbegin:vcard\r\nFN:Other\r\nend:vcard"),
        NULL);
    Rows rows = test_rows(mem, src, 0);
    size_t n;

    CHECK_STR(source_kind(src), "vcard");
    CHECK_STR(source_tables(src, &n)->name, "contacts");
    CHECK_EQ_INT(source_tables(src, &n)->rows, 2);
    NEED(rows.n == 2 && !rows.p[0].problem);
    CHECK_STR(CELL(0, "name.family"), "Doe");
    CHECK_STR(CELL(0, "name.additional"), "Richter, James");
    CHECK_STR(CELL(0, "name.full"), "Mr. John Doe");
    CHECK_STR(CELL(0, "phone.mobile"), "+48 600");
    CHECK_STR(CELL(0, "phone.work"), "1");
    CHECK_STR(CELL(0, "phone.work (2)"), "2");
    CHECK_STR(CELL(0, "phone.work_fax"), "3");
    CHECK_STR(CELL(0, "phone"), "+7;ext=5");
    CHECK_STR(CELL(0, "email.home"), "a@b.c");
    CHECK_STR(CELL(0, "address.work.street"), "street\nline 2\nfloor\nbox");
    CHECK_STR(CELL(0, "address.work.city"), "Łódź");
    CHECK_STR(CELL(0, "address.work.postal_code"), "90-001");
    CHECK_STR(CELL(0, "address.work.country"), "Polska");
    CHECK_STR(CELL(0, "org.name"), "IBM; Co");
    CHECK_STR(CELL(0, "org.unit"), "Unit, Room");
    CHECK_STR(CELL(0, "birthday"), "1980-03-22");
    CHECK_STR(CELL(0, "x-thing"), "kept");
    CHECK_STR(CELL(0, "note"), "one\ntwo");
    CHECK_STR(CELL(0, "url"), "http://x.y");
    CHECK_STR(CELL(0, "photo"), "photo.jpg");
    NEED(rows.p[0].n_blobs == 1);
    CHECK_STR(rows.p[0].blobs[0].column, "photo");
    CHECK_STR(rows.p[0].blobs[0].mime, "image/jpeg");
    CHECK_EQ_INT(rows.p[0].blobs[0].data.n, 6);
    CHECK_STR(CELL(1, "name.full"), "Other");
    CHECK_STR(CELL(1, "phone"), "");
    CHECK_EQ_INT(rows.p[1].line, 23);
}

TEST(quoted_printable_and_character_sets)
{
    Source *src = test_source(
        mem, "x.vcf",
        S("BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=91=20=C3=\n=91\n"
          "N;CHARSET=windows-1251;QUOTED-PRINTABLE:=CF=B8=F2=F0;=C8=E2=E0=ED\nORG;ENCODING=QUOTED-PRINTABLE:=A3=F3d=BC\n"
          "AGENT:\nBEGIN:VCARD\nFN:Nobody\nEND:VCARD\nTITLE:Boss\nEND:VCARD\n"),
        NULL);
    Rows rows = test_rows(mem, src, 0);

    NEED(rows.n == 1);
    CHECK_STR(CELL(0, "name.full"), "Ñ Ñ");
    CHECK_STR(CELL(0, "name.family"), "Пётр");
    CHECK_STR(CELL(0, "name.given"), "Иван");
    CHECK_STR(CELL(0, "org.name"), "Łódź");
    CHECK_STR(CELL(0, "title"), "Boss");
}

TEST(broken_cards_are_refused_one_by_one)
{
    Source *src =
        test_source(mem, "x.vcf",
                    S("BEGIN:VCARD\nFN:One\nBEGIN:VCARD\nFN:Two\nPHOTO;BASE64:abc*d\nEND:VCARD\n"
                      "rubbish\nBEGIN:VCARD\nFN:Three\nTEL\n:;;\n;;:x\nEND:VCARD\nBEGIN:VCARD\nFN:Four\n"),
                    NULL);
    Rows rows = test_rows(mem, src, 0);

    NEED(rows.n == 4);
    NEED(rows.p[0].problem && !rows.p[2].problem && rows.p[3].problem);
    CHECK_STR(rows.p[0].problem->key, "error.source.card_end");
    NEED(!rows.p[1].problem && rows.p[1].n_blobs == 1 && rows.p[1].blobs[0].problem);
    CHECK_STR(rows.p[1].blobs[0].problem->key, "error.source.base64");
    CHECK_STR(CELL(2, "name.full"), "Three");
    CHECK_STR(rows.p[3].problem->key, "error.source.card_end");
}

/* The photo is passed by, and memory stays bounded by what a card may be. */
TEST(a_photo_of_fifty_megabytes)
{
    Buf b = buf_new(mem, 80 << 20);
    Row row;
    bool has;

    buf_add(&b, S("BEGIN:VCARD\nFN:Big\nPHOTO;BASE64:\n"));
    for (int i = 0; i < 50 * 1024; i++) {
        char *line = buf_room(&b, 1366);
        NEED(line != NULL);
        memset(line, 'A', 1366);
        line[0] = ' ';
        line[1365] = '\n';
    }
    buf_add(&b, S("\nTITLE:Boss\nEND:VCARD\nBEGIN:VCARD\nFN:Small\nEND:VCARD\n"));
    Source *src = test_source(mem, "x.vcf", buf_str(&b), NULL);
    Arena *tmp = arena_new(64 << 20);
    CHECK_OK(source_next(src, tmp, &row, &has));
    NEED(has && !row.problem && row.n_blobs == 1 && row.blobs[0].problem);
    CHECK_STR(test_cell(src, 0, &row, "name.full"), "Big");
    CHECK_STR(test_cell(src, 0, &row, "title"), "Boss");
    CHECK_STR(row.blobs[0].problem->key, "error.source.photo");
    CHECK_OK(source_next(src, tmp, &row, &has));
    NEED(has && !row.problem && !row.n_blobs);
    CHECK_STR(test_cell(src, 0, &row, "name.full"), "Small");
    arena_free(tmp);
}

/* In one line, in a card that it alone would make too large; and one a little over the limit. */
TEST(a_photo_over_four_megabytes)
{
    for (size_t size = 5700000; size < 40000000; size += 15000000) {
        Buf b = buf_new(mem, 80 << 20);
        buf_add(&b, S("BEGIN:VCARD\nFN:Big\nPHOTO;ENCODING=b:"));
        memset(buf_room(&b, size), 'A', size);
        buf_add(&b, S("\nTITLE:Boss\nEND:VCARD\n"));
        Source *src = test_source(mem, "x.vcf", buf_str(&b), NULL);
        Rows rows = test_rows(mem, src, 0);
        NEED(rows.n == 1 && !rows.p[0].problem && rows.p[0].n_blobs == 1 && rows.p[0].blobs[0].problem);
        CHECK_STR(rows.p[0].blobs[0].problem->key, "error.source.photo");
        CHECK_STR(CELL(0, "title"), "Boss");
    }
}

static Source *open_data(Arena *mem, const char *name)
{
    Source *src = NULL;

    CHECK_OK(source_open(mem, test_data(mem, name), S(""), NULL, &src));
    return src;
}

typedef struct Expected {
    const char *file;
    int cards, photos;
    struct {
        int row;
        const char *heading, *text;
    } cells[10];
} Expected;

static const Expected FILES[] = {
    {"John_Doe_ANDROID.vcf",
     6,
     1,
     {{0, "email", "john.doe@company.com"},
      {2, "name.full", "Ñ Ñ Ñ Ñ Ñ"},
      {2, "phone.mobile", "123456789"},
      {3, "phone.home (2)", "45678901"},
      {4, "org.name (2)", "ÑÑÑÑÑÑÑÑÑÑÑÑ"},
      {5, "phone.mobile", "55556666"}}},
    {"John_Doe_BLACK_BERRY.vcf",
     1,
     1,
     {{0, "name.full", "John Doe"}, {0, "phone.mobile", "+96123456789"}, {0, "org.name", "Acme Solutions"}}},
    {"John_Doe_EVOLUTION.vcf",
     1,
     0,
     {{0, "phone.mobile", "905-666-1234"},
      {0, "email.work", "john.doe@ibm.com"},
      {0, "url", "http://www.ibm.com"},
      {0, "address.home.street", "15 Crescent moon drive\nASB-123"},
      {0, "address.home.country", "United States of America"},
      {0, "org.unit", "Accounting, Dungeon"},
      {0, "manager", "Big Blue"}}},
    {"John_Doe_GMAIL.vcf",
     1,
     0,
     {{0, "name.additional", "Richter, James"},
      {0, "phone.mobile", "905-555-1234"},
      {0, "email.home", "john.doe@ibm.com"},
      {0, "birthday", "1980-03-22"},
      {0, "url.work", "http://www.ibm.com"},
      {0, "address.home.street",
       "Crescent moon drive\n555-asd\nNice Area, Albaney, New York 12345\nUnited States of America"}}},
    {"John_Doe_IPHONE.vcf",
     1,
     1,
     {{0, "phone.home_fax", "905-888-1234"},
      {0, "phone", "905-222-1234"},
      {0, "email", "john.doe@ibm.com"},
      {0, "address.work.street", "Street4\nBuilding 6\nFloor 8"},
      {0, "address.home.region", "New York"}}},
    {"John_Doe_LOTUS_NOTES.vcf",
     1,
     1,
     {{0, "email.work (2)", "billy_bob@gmail.com"},
      {0, "phone.work_fax", "00-1-212-555-7777"},
      {0, "role", "Counting Money"}}},
    {"John_Doe_MAC_ADDRESS_BOOK.vcf",
     1,
     1,
     {{0, "phone.pager", "905-111-1234"},
      {0, "email.work", "john.doe@ibm.com"},
      {0, "name.additional", "Richter,James"}}},
    {"John_Doe_MS_OUTLOOK.vcf",
     1,
     1,
     {{0, "phone.work", "(905) 555-1234"},
      {0, "birthday", "1980-03-22"},
      {0, "email", "john.doe@ibm.cm"},
      {0, "address.work.postal_code", "12345"}}},
    {"fullcontact.vcf",
     1,
     0,
     {{0, "phone.mobile (2)", "555-555-1114"},
      {0, "phone (3)", "555-555-1119"},
      {0, "org.name (2)", "Organization2"},
      {0, "url (4)", "http://www.custom.com"},
      {0, "note", "Notes line 1\nNotes line 2"}}},
    {"gmail-list.vcf", 3, 0, {{1, "name.given", "Chris"}, {2, "email", "dwhite@gmail.com"}}},
    {"gmail-single.vcf", 1, 0, {{0, "phone", "555 555 2222"}, {0, "address.city", "Custom City"}}},
    {"gmail-single2.vcf",
     1,
     0,
     {{0, "address.street (3)", "115 Main St"},
      {0, "address.home.street", "112 Main St"},
      {0, "phone.home_fax", "5555551117"}}},
    {"outlook-2003.vcf",
     1,
     0,
     {{0, "name.suffix", "III"}, {0, "email", "jdoe@hotmail.com"}, {0, "phone.work", "BusinessPhone"}}},
    {"outlook-2007.vcf", 1, 1, {{0, "email", "mike.angstadt@gmail.com"}, {0, "birthday", "1922-03-10"}}},
    {"rfc2426-example.vcf",
     2,
     0,
     {{0, "email (2)", "fdawson@earthlink.net"},
      {1, "phone.work", "+1-415-937-3419"},
      {1, "address.work.region", "CA"}}},
    {"rfc6350-example.vcf",
     1,
     0,
     {{0, "phone.work", "+1-418-656-9254;ext=102"},
      {0, "phone.mobile", "+1-418-262-6501"},
      {0, "birthday", "--0203"},
      {0, "address.work.street", "2875 Laurier\nSuite D2-630"}}},
    {"thunderbird-MoreFunctionsForAddressBook-extension.vcf",
     1,
     1,
     {{0, "email (5)", "additional-email3@company.com"},
      {0, "phone.fax", "555-555-3333"},
      {0, "categories", "category1, category2, category3"}}},
};

TEST(real_address_books)
{
    for (size_t f = 0; f < sizeof FILES / sizeof *FILES; f++) {
        const Expected *want = &FILES[f];
        Source *src = open_data(mem, str_to_c(mem, str_fmt(mem, "vcard/%s", want->file)));
        Rows rows = test_rows(mem, src, 0);
        size_t photos = 0;
        if (!CHECK_EQ_INT(rows.n, want->cards)) continue;
        for (size_t i = 0; i < rows.n; i++) {
            CHECK(rows.p[i].problem == NULL);
            photos += rows.p[i].n_blobs;
            for (size_t k = 0; k < rows.p[i].n_blobs; k++) CHECK_STR(rows.p[i].blobs[k].mime, "image/jpeg");
        }
        if (!CHECK_EQ_INT(photos, want->photos)) printf("# %s\n", want->file);
        for (size_t i = 0; i < 10 && want->cells[i].heading; i++)
            if (!CHECK_STR(CELL(want->cells[i].row, want->cells[i].heading), want->cells[i].text))
                printf("# %s %s\n", want->file, want->cells[i].heading);
    }
}
