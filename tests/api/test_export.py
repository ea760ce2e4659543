# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports: a list as it looks in five formats, under rights and logged; the whole database in open formats."""
import csv
import io
import json
import os
import re
import subprocess
import time
import xml.etree.ElementTree
import zipfile

import pytest

NS = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
HOSTILE = ['=1+1', '+1+cmd|x', '-2+3', '@SUM(A1)', "'=1", '<script>alert(1)</script>', "Robert'); DROP TABLE deal;--", 'a;b,c"d']


def finished(client, operation, seconds=60):
    deadline = time.monotonic() + seconds
    while operation['state'] not in ('done', 'failed'):
        assert time.monotonic() < deadline, operation
        time.sleep(0.05)
        operation = client.get('/operations/' + operation['id'])
    assert operation['state'] == 'done', operation
    return operation


def export(client, plural, **asked):
    """The operation and the bytes of its file."""
    operation = finished(client, client.post('/%s:export' % plural, asked))
    assert operation['done'] == operation['total'] == operation['result']['rows'] or not operation['total']
    got = client.request('GET', operation['result']['file']['url'], unchecked=True)
    assert got.status == 200 and len(got.body) == operation['result']['file']['size']
    assert got.headers['content-disposition'].startswith('attachment') and 'sandbox' in got.headers['content-security-policy']
    return operation, got.body


def table(data, separator=','):
    return list(csv.DictReader(io.StringIO(data.decode('utf-8-sig'), newline=''), delimiter=separator))


def sheet(data):
    """Rows of the first sheet: texts, and (number, format) of cells with numbers."""
    z = zipfile.ZipFile(io.BytesIO(data))
    styles = xml.etree.ElementTree.fromstring(z.read('xl/styles.xml'))
    formats = {f.get('numFmtId'): f.get('formatCode') for f in styles.iter(NS + 'numFmt')}
    xfs = [formats.get(x.get('numFmtId'), x.get('numFmtId')) for x in styles.find(NS + 'cellXfs')]
    root = xml.etree.ElementTree.fromstring(z.read('xl/worksheets/sheet1.xml'))
    rows = []
    for row in root.iter(NS + 'row'):
        cells = {}
        for c in row.iter(NS + 'c'):
            column = re.match('[A-Z]+', c.get('r')).group()
            text = c.find(NS + 'is')
            cells[column] = ''.join(text.itertext()) if text is not None else (float(c.find(NS + 'v').text), xfs[int(c.get('s', 0))])
        rows.append(cells)
    return root, rows


@pytest.fixture(scope='module')
def firms(server):
    """Nine accounts, two of one name, with deals in two currencies; names that would be run."""
    client = server.client()
    accounts = [client.create('accounts', name=name) for name in HOSTILE]
    twins = [client.create('accounts', name='Twin Ltd', phones=[{'value': '+48 600 100 20%d' % i}]) for i in (0, 1)]
    stage = client.list('stages')[0]
    if not client.list('rates'):
        client.post('/rates', {'currency': next(c['id'] for c in client.list('currencies') if c['code'] == 'EUR'), 'rate': '4.2', 'on': '2020-01-01'}, expect=None)
    main = client.get('/me')['company']['currency']
    deals = [client.create('deals', name='Deal of %d' % i, account=twins[i]['id'], stage=stage['id'], amount={'amount': '1234.5', 'currency': main},
                           close_date='2026-03-0%d' % (i + 1)) for i in (0, 1)]
    yield {'accounts': accounts + twins, 'twins': twins, 'deals': deals, 'currency': main}
    client.close()


def test_csv_is_the_list(api, firms):
    asked = {'filter': "name.contains('T')", 'order_by': '-name', 'columns': ['name', 'kind', 'phones']}
    operation, data = export(api, 'accounts', format='csv', **asked)
    listed = api.all('accounts', filter=asked['filter'], order_by='-name')
    rows = table(data)
    assert [r['Identifier'] for r in rows] == [a['id'] for a in listed] and operation['result']['rows'] == len(listed) > 1
    assert list(rows[0]) == ['Identifier', 'Name', 'Kind', 'Phones'] and rows[0]['Kind'] == 'Company'
    assert [r['Phones'] for r in rows if r['Name'] == 'Twin Ltd'] == ['+48 600 100 201', '+48 600 100 200']
    assert operation['result']['file']['name'].startswith('Accounts 2') and operation['result']['file']['type'].startswith('text/csv')


def test_formulas_are_defused_only_in_csv(api, firms):
    _, data = export(api, 'accounts', format='csv', columns='name', order_by='id', ids=[a['id'] for a in firms['accounts']])
    names = [r['Name'] for r in table(data)]
    assert names[:5] == ["'=1+1", "'+1+cmd|x", "'-2+3", "'@SUM(A1)", "''=1"] and names[5:8] == HOSTILE[5:]
    _, data = export(api, 'accounts', format='json', columns='name', order_by='id', ids=[a['id'] for a in firms['accounts']])
    assert [r['name'] for r in json.loads(data)][:8] == HOSTILE
    _, data = export(api, 'accounts', format='xlsx', columns='name', order_by='id', ids=[a['id'] for a in firms['accounts']])
    assert b'<f>' not in zipfile.ZipFile(io.BytesIO(data)).read('xl/worksheets/sheet1.xml')
    assert [r['B'] for r in sheet(data)[1]][1:9] == HOSTILE


def test_xlsx_has_real_values(api, firms):
    _, data = export(api, 'deals', format='xlsx', columns='name,account,amount,close_date,created_at', order_by='name', ids=[d['id'] for d in firms['deals']])
    root, (head, first, second) = sheet(data)
    assert [head[c] for c in 'ABC'] == ['Identifier', 'Name', 'Account']
    assert first['D'] == (1234.5, '#,##0.00##\\ [$%s]' % firms['currency']) and first['E'] == (46082, 'yyyy-mm-dd')
    assert first['F'][1].startswith('yyyy-mm-dd hh') and first['F'][0] > 45000
    assert first['C'] == 'Twin Ltd [%s]' % firms['twins'][0]['id'] and second['C'] == 'Twin Ltd [%s]' % firms['twins'][1]['id']
    assert root.find('.//' + NS + 'pane').get('state') == 'frozen' and root.find(NS + 'autoFilter').get('ref') == 'A1:F3'


def test_json_is_the_api(api, firms):
    _, data = export(api, 'deals', format='json', columns='*', filter='account == null || account != null', order_by='name')
    mine = {d['id']: d for d in json.loads(data)}
    for deal in firms['deals']:
        read = api.get('/deals/' + deal['id'])
        assert {k: v for k, v in mine[deal['id']].items()} == {k: v for k, v in read.items() if k in mine[deal['id']]}
        assert set(read) == set(mine[deal['id']])


def test_pdf_has_all_alphabets(api, firms):
    names = ['Żółć gęślą jaźń', 'Съешь ещё этих булок', '‮evil‬ text']
    made = [api.create('accounts', name=n) for n in names]
    _, data = export(api, 'accounts', format='pdf', columns='name,kind', ids=[a['id'] for a in made + firms['accounts']])
    assert data.startswith(b'%PDF') and b'/JavaScript' not in data
    text = subprocess.run(['pdftotext', '-layout', '-', '-'], input=data, stdout=subprocess.PIPE, check=True).stdout.decode()
    assert names[0] in text and names[1] in text and '‮' not in text and '=1+1' in text and 'Accounts' in text


def test_vcards(api, server):
    png = bytes.fromhex('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8ffff3f0005fe02fea7')
    photo = api.request('POST', '/files', png, headers={'X-File-Name': 'p.png', 'Content-Type': 'image/png'}).json
    account = api.create('accounts', name='Card, Inc; "x"')
    person = api.create('contacts', name={'family': 'Нowak', 'given': 'Ян', 'middle': 'П'}, account=account['id'], birth_date='1990-02-03', photo=photo['id'],
                        phones=[{'value': '+48 600 100 200', 'label': 'work', 'main': True}, {'value': '+48 600 100 201'}],
                        emails=['jan@example.com'], addresses=[{'value': {'street': 'Długa 1, m. 2', 'city': 'Łódź', 'country': 'PL'}}])
    _, data = export(api, 'contacts', format='vcard', ids=[person['id']])
    assert all(len(line) <= 75 for line in data.split(b'\r\n'))
    lines = data.decode().replace('\r\n ', '').split('\r\n')
    assert lines[:2] == ['BEGIN:VCARD', 'VERSION:4.0'] and 'N:Нowak;Ян;П;;' in lines and 'BDAY:19900203' in lines
    assert 'ORG:Card\\, Inc\\; "x"' in lines and 'EMAIL:jan@example.com' in lines and 'TEL;VALUE=uri;TYPE=work;PREF=1:tel:+48600100200' in lines
    assert 'ADR:;;Długa 1\\, m. 2;Łódź;;;PL' in lines
    assert any(line.startswith('PHOTO:data:image/png;base64,iVBORw0KGgo') for line in lines)
    _, data = export(api, 'contacts', format='vcard', vcard_version='3.0', ids=[person['id']])
    assert b'VERSION:3.0' in data and b'PHOTO;ENCODING=b;TYPE=png:' in data and b'TEL;TYPE=work;TYPE=pref:' in data
    assert api.post('/deals:export', {'format': 'vcard'}, expect=400)['code'] == 'INVALID'


def test_languages(server, firms):
    client = server.add_user()
    client.patch('/me', {'language': 'pl'})
    operation, data = export(client, 'deals', format='csv', columns='name,amount', ids=[firms['deals'][0]['id']], bom=True)
    assert data.startswith(b'\xef\xbb\xbf') and operation['result']['file']['name'].startswith('Szanse sprzedaży 2')
    assert table(data, ';')[0]['Nazwa'] == 'Deal of 0' and '1234,50 ' + firms['currency'] in data.decode()
    _, data = export(client, 'deals', format='csv', columns='name,amount', names=True, no_id=True, separator=',', ids=[firms['deals'][0]['id']])
    assert data.decode() == 'name,amount\r\nDeal of 0,1234.50 %s\r\n' % firms['currency']


def test_a_long_list_is_a_job_as_of_its_moment(api):
    made = [r for part in range(3) for r in api.post('/products:batchCreate', {'data': [{'name': 'Long %04d' % (part * 500 + i)} for i in range(500)]})['data']]
    at = api.get('/products/' + made[-1]['id'])['updated_at']
    time.sleep(0.01)
    api.post('/products:batchUpdate', {'filter': "name.startsWith('Long 1')", 'set': {'name': 'Changed'}})
    operation = api.post('/products:export', {'filter': "name.startsWith('Long')", 'order_by': 'name', 'columns': 'name'}, expect=202)
    assert operation['result'] is None
    operation = finished(api, operation)
    assert operation['done'] == operation['total'] == 1000
    names = [r['Name'] for r in table(api.request('GET', operation['result']['file']['url']).body)]
    assert names == ['Long %04d' % i for i in range(1000)]
    _, data = export(api, 'products', filter="name.startsWith('Long')", order_by='-name', columns='name', as_of=at)
    assert [r['Name'] for r in table(data)] == ['Long %04d' % i for i in range(1499, -1, -1)]


def test_rights_and_log(server, api, firms):
    sales = server.add_user(role='sales')
    refused = sales.post('/deals:export', {'format': 'csv'}, expect=403)
    assert refused['code'] == 'DENIED'
    sales.post('/export', expect=403)
    manager = server.add_user(role='manager')
    operation, data = export(manager, 'accounts', format='csv', columns='name', filter="name == 'Twin Ltd'")
    assert len(table(data)) == 2
    assert api.request('GET', operation['result']['file']['url']).status == 404, 'only who began it'
    assert server.anonymous().request('GET', operation['result']['file']['url']).status == 401
    runs = api.list('export_runs', order_by='-created_at', filter="object == 'account'")
    assert runs[0]['rows'] == 2 and runs[0]['format'] == 'csv' and runs[0]['filter'] == "name == 'Twin Ltd'"
    assert runs[0]['created_by']['id'] == manager.get('/me')['id']
    assert api.get('/export_runs/%s/history' % runs[0]['id'])['data'][0]['actor']['id'] == manager.get('/me')['id']
    assert manager.request('POST', '/export_runs', {'name': 'forged'}).status in (403, 422)
    assert manager.request('PATCH', '/export_runs/' + runs[0]['id'], {'rows': 1}).status in (403, 404, 422)
    assert api.get('/export_runs/' + runs[0]['id'])['rows'] == 2


def test_rows_of_others_and_masked_values_stay(server, api):
    api.post('/roles', {'key': 'exporter', 'name': 'Exporter', 'rights': {'masked': False, 'contact': {'read': 'own', 'create': 'all', 'export': True, 'fields': {'job_title': 'hidden'}}}}, expect=201)
    client = server.add_user(role='exporter')
    mine = client.create('contacts', name={'family': 'Own'}, phones=['+48 600 700 800'])
    api.create('contacts', name={'family': 'Foreign'})
    _, data = export(client, 'contacts', format='csv', columns='name,phones', no_id=True)
    assert data.decode().count('\r\n') == 2 and 'Own' in data.decode() and '600 700' not in data.decode() and '•' in data.decode()
    assert client.post('/contacts:export', {'columns': 'job_title'}, expect=400)['errors'][0]['field'] == 'columns'
    _, data = export(client, 'contacts', format='json', columns='*')
    assert 'job_title' not in json.loads(data)[0] and json.loads(data)[0]['id'] == mine['id']


@pytest.mark.parametrize('asked,field', [({'format': 'doc'}, 'format'), ({'columns': 'none'}, 'columns'), ({'filter': 'a ==='}, 'filter'), ({'filter': 'nothing == 1'}, 'filter'),
                                         ({'order_by': 'nothing'}, 'order_by'), ({'as_of': 'noon'}, 'as_of'), ({'separator': 'xx'}, 'separator'), ({'bom': 'yes'}, 'bom'),
                                         ({'ids': ['x']}, 'ids'), ({'columns': [1]}, 'columns'), ({'vcard_version': '2.1'}, 'vcard_version')])
def test_mistakes_are_named(api, asked, field):
    problem = api.post('/accounts:export', asked, expect=400)
    assert [e['field'] for e in problem['errors']] == [field], problem


def test_everything_as_an_archive(server, api, firms):
    operation = finished(api, api.post('/export', expect=202))
    got = api.request('GET', operation['result']['file']['url'])
    assert got.status == 200 and got.headers['content-type'] == 'application/zip'
    z = zipfile.ZipFile(io.BytesIO(got.body))
    lines = [json.loads(line) for line in z.read('deals.jsonl').decode().splitlines()]
    assert {d['id'] for d in firms['deals']} <= {d['id'] for d in lines}
    assert len(table(z.read('deals.csv'))) == len(lines)
    changes = [json.loads(line) for line in z.read('changes.jsonl').decode().splitlines()]
    assert any(c['object'] == 'deal' and c['id'] == firms['deals'][0]['id'] and c['kind'] == 'create' for c in changes)
    assert 'password' not in z.read('users.jsonl').decode() and {o['name'] for o in json.loads(z.read('schema.json'))['objects']} >= {'deal', 'contact', 'user'}
    assert b'deals.jsonl' in z.read('README.md') and len([n for n in z.namelist() if n.startswith('files/')]) >= 1
    assert any(r['format'] == 'all' for r in api.list('export_runs'))


def test_command_line(server, firms, tmp_path):
    out = str(tmp_path / 'x.csv')
    said = server.cli('export', 'deal', '--columns', 'name,amount', '--filter', "name.startsWith('Deal of')", '--order-by', 'name', '--format', 'csv', '-o', out, '--json')
    assert json.loads(said.stdout) == {'rows': 2, 'file': out}
    rows = table(open(out, 'rb').read())
    assert [r['Name'] for r in rows] == ['Deal of 0', 'Deal of 1'] and os.stat(out).st_mode & 0o077 == 0
    server.cli('export', '--all', str(tmp_path / 'all'))
    assert (tmp_path / 'all' / 'README.md').exists() and (tmp_path / 'all' / 'deals.jsonl').exists()


@pytest.mark.parametrize('format', ['csv', 'xlsx'])
def test_an_import_of_an_export_changes_nothing(server, api, firms, tmp_path, format):
    api.create('contacts', name={'given': 'Ewa', 'family': "'=1+1 " + format})
    for name in ('account', 'deal', 'contact'):
        out = str(tmp_path / ('%s.%s' % (name, format)))
        server.cli('export', name, '--columns', '*', '--format', format, '-o', out)
        report = json.loads(server.cli('import', name, out, '--json').stdout.splitlines()[-1])
        assert report['created'] == report['updated'] == report['refused'] == 0 and report['unchanged'] > 0, report
