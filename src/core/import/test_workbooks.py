#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the workbooks xlsx_test.c reads into a folder: ordinary ones (openpyxl), and zips that mean harm."""
import datetime
import struct
import sys
import zipfile

import openpyxl
from openpyxl.styles import numbers

FOLDER = sys.argv[1]
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELS = HEAD + ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
               'Type="http://x/relationships/worksheet" Target="%s"/></Relationships>')
BOOK = HEAD + ('<workbook %s xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
               '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>') % MAIN
SHEET = HEAD + '<worksheet %s><sheetData>%%s</sheetData></worksheet>' % MAIN
ROWS = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>'


def ordinary():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = 'Люди'
    sheet.append([])
    sheet.append(['Name', 'E-mail', 'E-mail', None, 'Born', 'Seen', 'At', 'Sum', 'Id', 'VIP', 'Share'])
    sheet.append(['Łukasz & <Żaneta>', 'a@b.c', 'd@e.f', 'x', datetime.date(1980, 2, 29),
                  datetime.datetime(2024, 12, 31, 23, 59, 59), datetime.time(7, 5), 1234.56, 123456789012345678, True, 0.25])
    sheet.append([])
    sheet.append(['Second\nline', None, None, None, datetime.date(1900, 1, 1), None, None, 0.1 + 0.2, 1e21, False, 1e-7])
    sheet['K3'].number_format = numbers.FORMAT_PERCENTAGE
    sheet['L5'] = 'no heading'
    other = book.create_sheet('Empty')
    other.sheet_state = 'visible'
    deals = book.create_sheet('Deals')
    deals.append(['Title', 'Value'])
    for i in range(3000):
        deals.append(['Deal %d' % i, i])
    hidden = book.create_sheet('Lists')
    hidden.append(['secret'])
    hidden.sheet_state = 'hidden'
    book.create_chartsheet('Chart')
    book.save(FOLDER + '/ordinary.xlsx')


def epoch_1904():
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(['Day'])
    book.active.append([datetime.date(2020, 2, 29)])
    book.save(FOLDER + '/mac.xlsx')


def make(name, parts, level=6):
    with zipfile.ZipFile('%s/%s.xlsx' % (FOLDER, name), 'w', zipfile.ZIP_DEFLATED, compresslevel=level) as z:
        for path, content in parts:
            z.writestr(path, content)


def parts(sheet=SHEET % ROWS, target='worksheets/sheet1.xml', book=BOOK):
    return [('xl/workbook.xml', book), ('xl/_rels/workbook.xml.rels', RELS % target), ('xl/worksheets/sheet1.xml', sheet)]


def hostile():
    make('plain', parts())
    make('absolute', parts(target='/xl/worksheets/sheet1.xml'))
    make('bomb_sheet', parts(sheet=SHEET % (ROWS + ' ' * (64 << 20))), 9)
    make('bomb_strings', parts() + [('xl/sharedStrings.xml', HEAD + '<sst><si><t>' + 'A' * (64 << 20) + '</t></si></sst>')], 1)
    lol = ''.join('<!ENTITY l%d "%s">' % (i, ('&l%d;' % (i - 1)) * 10 if i else 'lol') for i in range(10))
    make('entities', parts(sheet=HEAD + '<!DOCTYPE x [%s]><worksheet>&l9;</worksheet>' % lol))
    make('external', parts(book=HEAD + '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><workbook>&e;</workbook>'))
    make('many', parts() + [('junk/%d' % i, '') for i in range(10001)])
    make('outside', parts(target='../../../../etc/passwd') + [('../../../../tmp/evil', 'x'), ('/etc/cron.d/evil', 'x')])
    make('nested', [('inner.zip', open(FOLDER + '/bomb_sheet.xlsx', 'rb').read())])
    make('deep', parts(sheet=SHEET % ('<x>' * 100000)))
    make('long_token', parts(sheet=HEAD + '<worksheet a="' + ''.join('%07x' % (i * 7919) for i in range(400000)) + '"/>'))
    make('broken_xml', parts(sheet=SHEET % '<row><c><v>1</row>'))
    make('columns', parts(sheet=SHEET % ('<row>' + '<c><v>1</v></c>' * 2345 + '</row>')))
    make('far', parts(sheet=SHEET % (ROWS + '<row r="3"><c r="XFD3"><v>1</v></c></row><row r="4"><c r="A4"><v>2</v></c></row>')))
    make('cells', parts(sheet=SHEET % (ROWS + '<row>' + '<c r="A9"><v>1</v></c>' * 100000 + '</row>')))
    make('index', parts(sheet=SHEET % ('<row><c t="s"><v>99</v></c><c><v>h</v></c></row><row><c t="s"><v>-1</v></c>'
                                       '<c t="s"><v>9999999999999</v></c></row>')))
    make('empty', parts(sheet=SHEET % ''))
    whole = open(FOLDER + '/plain.xlsx', 'rb').read()
    open(FOLDER + '/cut.xlsx', 'wb').write(whole[:len(whole) // 2])
    body = bytearray(whole)
    at = body.rfind(b'PK\1\2')
    struct.pack_into('<I', body, at + 24, 7)  # another size than what comes out
    open(FOLDER + '/sizes.xlsx', 'wb').write(body)
    body = bytearray(whole)
    struct.pack_into('<I', body, body.rfind(b'PK\1\2') + 16, 12345)  # another checksum
    open(FOLDER + '/checksum.xlsx', 'wb').write(body)


ordinary()
epoch_1904()
hostile()
