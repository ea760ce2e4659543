# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports by HTTP and the command line: a file is looked at, mapped, previewed, brought in, mended, taken back; the rules for
moving in from other programs (dates and authors kept, nothing lost in silence, no row twice)."""
import base64
import csv
import glob
import io
import json
import os
import re
import time
import urllib.parse
import zipfile

import faults
import kith
import pytest


def text_of(rows, separator=','):
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


def upload(client, rows, name='rows.csv', **params):
    data = rows if isinstance(rows, bytes) else (rows if isinstance(rows, str) else text_of(rows)).encode()
    query = urllib.parse.urlencode(dict(params, name=name))
    reply = client.request('POST', '/import_runs:upload?' + query, data, headers={'Content-Type': 'text/csv'})
    assert reply.status == 201, reply.text
    return reply.json


def finished(client, operation, seconds=60):
    def look():
        got = client.get('/operations/' + operation['id'])
        return got if got['state'] in ('done', 'failed') else None
    return kith.wait_for(look, seconds)


def do(client, run, verb, seconds=60):
    done = finished(client, client.post('/import_runs/%s:%s' % (run['id'], verb)), seconds)
    assert done['state'] == 'done', done
    return done['result']


def mapping_of(run, obj, **more):
    table = run['analysis']['tables'][0]
    return dict({'table': table['name'], 'object': obj, 'columns': {c['heading']: c['field'] for c in table['columns']}}, **more)


def bring(client, rows, obj, name='rows.csv', **more):
    """Sends, maps by the guess, starts; the run and its result."""
    run = upload(client, rows, name, object=obj)
    client.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping_of(run, obj, **more)})
    return run, do(client, run, 'start')


PEOPLE = [['Imię i nazwisko', 'E-mail', 'Telefon', 'Firma', 'Uwagi wewnętrzne'],
          ['Jan Kowalski', 'jan@example.com', '+48 601 234 567', 'Alfa', 'x'],
          ['Anna Nowak', 'anna@example.com', '601 234 568', 'Beta', ''],
          ['Broken', 'not an address', '', 'Alfa', '']]


def test_a_file_is_looked_at_previewed_and_brought_in(api):
    api.create('accounts', name='Alfa')
    beta = api.create('accounts', name='Beta')
    run = upload(api, text_of(PEOPLE, ';').encode('windows-1250'), 'ludzie.csv')
    table = run['analysis']['tables'][0]
    columns = {c['heading']: c for c in table['columns']}
    assert (run['analysis']['separator'], table['rows'], run['state']) == (';', 3, 'draft')
    assert [columns[h]['field'] for h in PEOPLE[0]] == ['name', 'emails', 'phones', 'account', None]
    assert columns['E-mail']['samples'][0] == 'jan@example.com'
    planned = api.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping_of(run, 'contact', match=['emails'])})
    assert planned['state'] == 'ready'
    before = api.get('/contacts', total=True, page_size=1)['total']
    seen = do(api, run, 'preview')
    assert (seen['new'], seen['changed'], seen['refused']) == (2, 0, 1)
    refused = [s for s in seen['samples'] if s['outcome'] == 'refused']
    assert refused[0]['line'] == 4 and 'not an address' in refused[0]['reasons'][0] and seen['reasons'][0]['rows'] == 1
    assert api.get('/contacts', total=True, page_size=1)['total'] == before
    result = do(api, run, 'start')
    assert (result['created'], result['refused']) == (2, 1)
    done = api.get('/import_runs/' + run['id'])
    assert (done['state'], done['created'], done['refused']) == ('done', 2, 1)
    anna = api.list('contacts', filter="emails.exists(e, e.value == 'anna@example.com')")[0]
    assert anna['account']['id'] == beta['id'] and anna['name']['family'] == 'Nowak'
    assert anna['phones'][0]['value'].endswith('601234568')
    rows = list(csv.reader(io.StringIO(api.request('GET', '/import_runs/%s:refused' % run['id']).text)))
    assert rows[0] == PEOPLE[0] + ['Reason'] and rows[1][:5] == PEOPLE[3] and rows[1][5]
    rows[1][1] = 'broken@example.com'
    mended, again = bring(api, [r[:5] for r in rows], 'contact', match=['emails'])
    assert again['created'] == 1 and mended['id'] != run['id']


def test_an_import_is_taken_back_whole_and_brought_in_again(api):
    kept = api.create('accounts', name='Undo kept', employees=5)
    rows = [['name', 'employees'], ['Undo kept', '6']] + [['Undo %d' % i, str(i)] for i in range(250)]
    run, result = bring(api, rows, 'account', match=['name'])
    assert (result['created'], result['updated']) == (250, 1)
    changed = api.list('accounts', filter="name == 'Undo 7'")[0]
    api.patch('/accounts/' + changed['id'], {'employees': 700})
    back = do(api, run, 'undo')
    assert back['undone'] == 250 and [s['id'] for s in back['skipped']] == [changed['id']]
    assert api.get('/accounts/' + kept['id'])['employees'] == 5
    left = api.list('accounts', filter="name.startsWith('Undo ')", page_size=200)
    assert {r['name'] for r in left} == {'Undo kept', 'Undo 7'}
    assert api.get('/import_runs/' + run['id'])['state'] == 'undone'
    assert api.request('POST', '/import_runs/%s:undo' % run['id']).status == 409
    do(api, run, 'redo')
    assert api.get('/accounts/' + kept['id'])['employees'] == 6
    assert api.get('/accounts', filter="name.startsWith('Undo ')", total=True)['total'] == 251


def test_namesakes_are_refused_with_their_candidates(api):
    ids = [api.create('accounts', name='Twin', outside_id=o)['id'] for o in ('tw1', 'tw2')]
    run, result = bring(api, [['Deal name', 'Company'], ['D1', 'Twin']], 'deal')
    assert (result['created'], result['refused']) == (0, 1)
    reason = api.request('GET', '/import_runs/%s:refused' % run['id']).text
    assert all(i in reason for i in ids)
    run = upload(api, [['Deal name', 'Company', 'Key'], ['D2', 'Twin', 'tw2']])
    mapping = mapping_of(run, 'deal')
    mapping['columns'] = {'Deal name': 'name', 'Company': 'account', 'Key': 'account.outside_id'}
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping})
    assert do(api, run, 'start')['created'] == 1
    assert api.list('deals', filter="name == 'D2'")[0]['account']['id'] == ids[1]


def test_a_deleted_record_does_not_block_and_may_be_restored(api):
    gone = api.create('accounts', name='Gone for now', outside_id='gone1')
    api.delete('/accounts/' + gone['id'])
    rows = [['outside_id', 'name'], ['gone1', 'Gone for now']]
    run = upload(api, rows)
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping_of(run, 'account', match='outside_id', restore=True)})
    assert do(api, run, 'preview')['deleted'] == 1
    assert do(api, run, 'start')['restored'] == 1
    assert api.get('/accounts/' + gone['id'])['deleted_at'] is None


def test_dates_and_authors_are_kept_and_the_rest_is_a_note(server, api):
    server.add_user('author@example.com', 'sales', name='Olga Author')
    rows = [['Name', 'Created', 'Created by', 'Shoe size'], ['Old one', '03.02.2019 14:05:00', 'Olga Author', '42']]
    run = upload(api, rows)
    mapping = mapping_of(run, 'account', rest='note', zone='Europe/Moscow')
    mapping['columns'].update({'Created': 'created_at', 'Created by': 'created_by', 'Shoe size': None})
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping})
    assert do(api, run, 'start')['created'] == 1
    got = api.list('accounts', filter="name == 'Old one'")[0]
    assert got['created_at'] == '2019-02-03T11:05:00Z' and got['created_by']['label'] == 'Olga Author'
    notes = [e['record']['body'] for e in api.get('/accounts/%s/timeline' % got['id'], kinds='note')['data']]
    assert notes == ['Shoe size: 42']
    assert [t['text'] for t in api.get('/import_runs/' + run['id'])['notes'] or []] == []


def test_only_an_administrator_sets_authors(server):
    clerk = server.add_user(role='manager')
    run = upload(clerk, [['Name', 'Created'], ['Mine', '03.02.2019']])
    mapping = mapping_of(run, 'account')
    mapping['columns']['Created'] = 'created_at'
    clerk.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping})
    assert finished(clerk, clerk.post('/import_runs/%s:start' % run['id']))['state'] == 'failed'
    assert not clerk.list('accounts', filter="name == 'Mine'")


def test_rows_may_refer_to_later_ones(api):
    rows = [['Name', 'Parent company'], ['Branch of R', 'Head of R'], ['Head of R', ''], ['Lost branch', 'Nobody']]
    run = upload(api, rows)
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping_of(run, 'account')})
    seen = do(api, run, 'preview')
    assert (seen['new'], seen['refused']) == (3, 1)
    result = do(api, run, 'start')
    assert (result['created'], result['refused']) == (3, 1)
    assert api.list('accounts', filter="name == 'Branch of R'")[0]['parent']['label'] == 'Head of R'


def test_several_files_refer_to_each_other(api):
    run = upload(api, [['Company name', 'Employees'], ['Linked Ltd', '3']], 'companies.csv')
    both = upload(api, [['First name', 'Last name', 'Company'], ['Ann', 'Linked', 'Linked Ltd']], 'people.csv', run=run['id'])
    tables = both['analysis']['tables']
    assert both['id'] == run['id'] and [t['object'] for t in tables] == ['account', 'contact']
    mappings = [{'table': t['name'], 'object': t['object'], 'columns': {c['heading']: c['field'] for c in t['columns']}} for t in tables]
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': mappings})
    assert do(api, run, 'preview')['new'] == 2
    assert do(api, run, 'start')['created'] == 2
    assert api.list('contacts', filter="account.name == 'Linked Ltd'")[0]['name']['given'] == 'Ann'


def test_a_pause_and_going_on(api):
    rows = [['name']] + [['Paused %d' % i] for i in range(3000)]
    run = upload(api, rows)
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping_of(run, 'account')})
    operation = api.post('/import_runs/%s:start' % run['id'])
    api.request('POST', '/import_runs/%s:pause' % run['id'])
    finished(api, operation)
    state = api.get('/import_runs/' + run['id'])
    assert state['state'] in ('paused', 'done')
    if state['state'] == 'paused':
        assert state['created'] < 3000
        do(api, run, 'resume')
    assert api.get('/accounts', filter="name.startsWith('Paused ')", total=True)['total'] == 3000


def test_no_row_comes_twice_after_a_kill(make_server):
    server = make_server()
    client = server.client()
    run = upload(client, [['name', 'employees']] + [['Killed %d' % i, str(i)] for i in range(3000)])
    client.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping_of(run, 'account')})
    operation = client.post('/import_runs/%s:start' % run['id'])
    kith.wait_for(lambda: client.get('/operations/' + operation['id'])['done'] > 0, 30)
    server.kill()
    server.installation.sql("UPDATE job SET lease = 0 WHERE state = 'running'")  # two minutes have passed
    server.restart()
    client = server.client()
    done = finished(client, operation, 200)
    assert done['state'] == 'done' and done['result']['created'] == 3000
    assert client.get('/accounts', filter="name.startsWith('Killed ')", total=True)['total'] == 3000


def test_the_command_line_goes_on_after_a_kill(make_server, tmp_path):
    """Killed by the step of the database at which a smaller import was done, so in the middle however fast the machine is."""
    words = faults.Faults()
    server = make_server(env=words.env)
    (tmp_path / 'map.yaml').write_text('columns: {Their name: name, employees: employees}\n')

    def bring(word, rows):
        path = tmp_path / (word + '.csv')
        path.write_text(text_of([['Their name', 'employees']] + [['%s %d' % (word, i), str(i)] for i in range(rows)]))
        return server.cli('import', 'account', str(path), '--map', str(tmp_path / 'map.yaml'), '--json', expect=None, env=words.env)

    words.clear()
    first = json.loads(bring('Short', 1000).stdout)
    words.set(faults.STEP, words.seen(faults.STEP), faults.DIES)
    assert bring('Cut', 3000).returncode != 0
    words.clear()
    server.kill()
    server.restart()
    client = server.client()
    run, = [r for r in client.all('import_runs') if r['id'] != first['run']]
    there = client.get('/accounts', filter="name.startsWith('Cut ')", total=True)['total']
    assert run['state'] == 'running' and 0 < there < 3000
    done = json.loads(server.cli('import', 'resume', run['id'], '--json').stdout)
    assert (done['run'], done['created'], done['refused']) == (run['id'], 3000, 0)
    assert client.get('/accounts', filter="name.startsWith('Cut ')", total=True)['total'] == 3000
    assert client.get('/import_runs/' + run['id'])['state'] == 'done'
    assert server.cli('import', 'resume', run['id'], expect=None).returncode != 0


@pytest.mark.any_database
def test_thirty_days_to_take_it_back(make_server, tmp_path):
    began, day = int(time.time() * 1000), 86400000
    server = make_server(test_clock=str(began))

    def days_later(n):
        server.args = ['--test-clock', str(began + n * day)]
        server.restart()
        return server.client()
    path = tmp_path / 'short.csv'
    path.write_text(text_of([['name']] + [['Month %d' % i] for i in range(5)]))
    run = json.loads(server.cli('import', 'account', str(path), '--json').stdout)['run']
    late = days_later(31).request('POST', '/import_runs/%s:undo' % run)
    assert late.status == 409 and 'thirty days' in late.json['detail'], late
    assert 'more than 30 days' in server.cli('import', 'undo', run, expect=1).stderr
    client = days_later(29)
    server.cli('import', 'undo', run, '--json')
    assert client.get('/accounts', filter="name.startsWith('Month ')", total=True)['total'] == 0
    assert days_later(31).request('POST', '/import_runs/%s:redo' % run).status == 409


def test_what_was_exported_changes_nothing(make_server):
    server = make_server()
    client = server.client()
    account = client.create('accounts', name='Round, "trip"', tags=['a', 'b'], employees=12, phones=['+48601234567', '+48601234568'],
                            emails=['x@example.com'], roles=['customer', 'partner'], country='PL',
                            addresses=[{'street': 'Main 1', 'city': 'Łódź'}], annual_revenue={'amount': '1234.50', 'currency': 'USD'},
                            description='=two\nlines')
    client.create('deals', name='Trip', account=account['id'], amount={'amount': '10.00', 'currency': 'USD'}, close_date='2026-03-04')
    client.create('contacts', name={'family': 'van der Berg', 'given': 'Anna Maria'}, account=account['id'])
    kith.wait_for(lambda: client.get('/accounts/' + account['id'])['phase'] == 'acquisition')  # by the rules of the life cycle
    for obj in ('account', 'contact', 'deal'):
        path = os.path.join(server.installation.dir, obj + '.csv')
        server.cli('export', obj, '--columns', '*', '--format', 'csv', '-o', path)
        got = json.loads(server.cli('import', obj, path, '--json').stdout)
        assert (got['created'], got['updated'], got['refused']) == (0, 0, 0) and got['unchanged'] >= 1, got


AMO = ['ID', 'Название сделки', 'Компания', 'Основной контакт', 'Ответственный', 'Этап сделки', 'Бюджет', 'Дата создания',
       'Создал', 'Дата закрытия', 'Источник', 'Источник']


def test_amocrm_moves_in(make_server):
    """A lead of theirs is our deal; what is closed stays closed on its day; repeated headings are told by their place."""
    server = make_server()
    server.installation.add_user('olga@example.com', 'sales', name='Ольга Белова')
    client = server.client()
    client.create('accounts', name='Ромашка')
    path = os.path.join(server.installation.dir, 'amo.csv')
    with open(path, 'w', encoding='windows-1251', newline='') as f:
        csv.writer(f, delimiter=';').writerows([AMO, ['17', 'Первая', 'ООО "Ромашка"', '', 'Ольга Белова', 'Won', '1 500,50',
                                                      '05.03.2021 10:11:12', 'Ольга Белова', '07.03.2021 18:00:00', 'сайт', 'выставка']])
    got = json.loads(server.cli('import', 'deal', path, '--json').stdout)
    assert (got['profile'], got['created']) == ('amocrm', 1), got
    deal = client.list('deals', filter="outside_id == '17'")[0]
    assert deal['account']['label'] == 'Ромашка' and deal['amount']['amount'] == '1500.50' and deal['category'] == 'won'
    assert deal['created_at'].startswith('2021-03-05T') and deal['created_by']['label'] == 'Ольга Белова'
    assert deal['close_date'] == '2021-03-07' and deal['closed_at'].startswith('2021-03-07')
    note = client.get('/deals/%s/timeline' % deal['id'], kinds='note')['data'][0]['record']['body']
    assert 'сайт' in note and 'выставка' in note
    again = json.loads(server.cli('import', 'deal', path, '--json').stdout)
    assert (again['created'], again['updated'], again['unchanged']) == (0, 0, 1)


@pytest.mark.parametrize('profile,obj,rows', [
    ('bitrix24', 'contact', [['ID', 'Имя', 'Отчество', 'Фамилия', 'Рабочий телефон', 'Рабочий e-mail', 'Дата создания'],
                             ['5', 'Иван', 'Петрович', 'Сидоров', '8 (916) 123-45-67, +7 495 123-45-68', 'ivan@example.com', '01.02.2020 10:00:00']]),
    ('pipedrive', 'contact', [['Person - ID', 'Person - Name', 'Person - Email - Work', 'Person - Phone - Work', 'Person - Person created'],
                              ['9', 'John Smith', 'john@example.com', '+1 212 555 0101', '2020-02-01 10:00:00']]),
    ('hubspot', 'contact', [['Record ID', 'First Name', 'Last Name', 'Email', 'Create Date', 'Lifecycle Stage'],
                            ['1001', 'Mary', 'Jones', 'mary@example.com', '2020-02-01 10:00', 'customer']]),
    ('salesforce', 'contact', [['Id', 'FirstName', 'LastName', 'Email', 'CreatedDate'],
                               ['003D000000IqhSLIAZ', 'Kate', 'Brown', 'kate@example.com', '2020-02-01T10:00:00.000Z']]),
    ('outlook', 'contact', [['First Name', 'Last Name', 'Company', 'E-mail Address', 'Business Phone'],
                            ['Bob', 'Gray', 'New Gray Ltd', 'bob@example.com', '+1 212 555 0199']])])
def test_ready_profiles(make_server, profile, obj, rows):
    server = make_server()
    path = os.path.join(server.installation.dir, 'in.csv')
    with open(path, 'w', newline='') as f:
        f.write(text_of(rows))
    got = json.loads(server.cli('import', obj, path, '--json').stdout)
    assert (got['profile'], got['created'], got['refused']) == (profile, 1, 0), got
    made = server.client().all('contacts')[0]
    assert made['emails'][0]['value'] == rows[1][[i for i, c in enumerate(rows[1]) if '@' in c][0]]
    if profile == 'bitrix24':
        assert len(made['phones']) == 2 and made['name']['middle'] == 'Петрович'
    if profile not in ('outlook',):
        assert made['created_at'].startswith('2020-02-01')
    if profile == 'outlook':
        assert made['account']['label'] == 'New Gray Ltd'


def test_a_script_takes_an_import_back(make_server):
    server = make_server()
    path = os.path.join(server.installation.dir, 'in.csv')
    with open(path, 'w') as f:
        f.write('name,employees\nScripted,3\nBad,many\n')
    got = json.loads(server.cli('import', 'account', path, '--json', expect=3).stdout)
    assert {'run', 'created', 'updated', 'unchanged', 'refused', 'refused_file'} <= set(got)
    with open(got['refused_file'], newline='') as f:
        assert list(csv.reader(f))[1][:2] == ['Bad', 'many']
    back = json.loads(server.cli('import', 'undo', got['run'], '--json').stdout)
    assert back['undone'] == 1 and back['skipped'] == []
    assert server.client().all('accounts') == []


PNG = bytes.fromhex('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8ffff3f0005fe02fea7')


def card(name, photo, **more):
    lines = ['BEGIN:VCARD', 'VERSION:3.0', 'N:%s;Pat;;;' % name, 'FN:Pat ' + name] + ['%s:%s' % (k.upper(), v) for k, v in more.items()]
    return '\r\n'.join(lines + (['PHOTO;ENCODING=b;TYPE=JPEG:' + base64.b64encode(photo).decode()] if photo else []) + ['END:VCARD', '']).encode()


def test_photos_of_an_address_book(server, api):
    """A picture is kept as a file by what its bytes are; one that is none or too large is left out and named, the person comes in; our
    own export brought in again changes nothing."""
    cards = card('Face', PNG, email='face@example.com') + card('Svg', b'<svg onload="x()"/>') + card('Large', b'\xff\xd8\xff' + b'x' * (5 << 20))
    run, result = bring_known(api, cards, 'people.vcf')
    assert result['created'] == 3 and result['refused'] == 0, (result, api.request('GET', '/import_runs/%s:refused' % run['id']).text[:800])
    notes = ' '.join(n['text'] for n in result['notes'])
    assert 'no JPEG' in notes and 'larger than 4 MB' in notes
    face, = api.all('contacts', filter="emails.exists(e, e.value == 'face@example.com')")
    assert face['photo']['type'] == 'image/png' and face['photo']['size'] == len(PNG)
    assert not [c for c in api.all('contacts', filter="name.family == 'Svg' || name.family == 'Large'") if c['photo']]
    content = '/files/%s/content' % face['photo']['id']
    assert api.request('GET', content).body == PNG
    sales = server.add_user(role='sales')
    assert sales.request('GET', content).status == sales.request('GET', '/contacts/' + face['id']).status == 404
    exported = finished(api, api.post('/contacts:export', {'format': 'vcard', 'ids': [face['id']]}))
    data = api.request('GET', exported['result']['file']['url'], unchecked=True).body
    assert b'PHOTO' in data
    run, result = bring_known(api, data, 'own.vcf', look=True)
    assert result['unchanged'] == 1, result
    assert api.get('/contacts/' + face['id'])['version'] == face['version']
    api.patch('/contacts/' + face['id'], {'owner': sales.get('/me')['id']})
    assert sales.request('GET', content).body == PNG
    api.delete('/contacts/' + face['id'])
    assert sales.request('GET', content).status == 404


def bring_known(client, data, name, look=False):
    """By the mapping the program itself proposes; `look` sees that the preview says what the import does."""
    run = upload(client, data, name)
    table = run['analysis']['tables'][0]
    assert table['mapping'], table
    client.post('/import_runs/%s:plan' % run['id'], {'mapping': dict(table['mapping'], table=table['name'])})
    seen = do(client, run, 'preview') if look else None
    result = do(client, run, 'start')
    if look:
        assert (seen['new'], seen['changed'], seen['unchanged']) == (result['created'], result['updated'], result['unchanged'])
    return run, result


def test_address_books_of_many_programs(make_server, shared_data):
    api = make_server().client()
    total = 0
    for path in sorted(glob.glob(os.path.join(shared_data, 'vcard', '*.vcf')))[::2]:
        data = open(path, 'rb').read()
        cards = len(re.findall(rb'(?im)^BEGIN:VCARD\s*$', data)) - len(re.findall(rb'(?im)^AGENT:\s*$', data))
        run, result = bring_known(api, data, os.path.basename(path))
        assert (result['refused'], result['created'] + result['updated'] + result['unchanged']) == (0, cards), (path, result, api.request('GET', '/import_runs/%s:refused' % run['id']).text[-600:])
        total += result['created']
    people = api.all('contacts', page_size=200)
    assert len(people) == total
    assert len([p for p in people if p['photo']]) >= 1 and len([p for p in people if p['phones']]) > 5 and len([p for p in people if p['addresses']]) > 3


def tree_of(folder, names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        for name in names:
            z.write(os.path.join(folder, name), name)
    return out.getvalue()


def bring_tree(api, data, name, mappings):
    run = upload(api, data, name)
    tables = {t['name']: [c['heading'] for c in t['columns']] for t in run['analysis']['tables']}
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': [dict(m, match='outside_id', rest='note') for m in mappings]})
    seen = do(api, run, 'preview')
    assert seen['refused'] == 0, seen['reasons']
    result = do(api, run, 'start')
    assert result['refused'] == 0, api.request('GET', '/import_runs/%s:refused' % run['id']).text
    return tables, result


def test_trees_keep_their_relations(api, shared_data):
    """Records of both sample sets, what they refer to across files and tables, by "@name"."""
    folder = os.path.join(shared_data, 'dreamhouse')
    tables, result = bring_tree(api, tree_of(folder, sorted(os.listdir(folder))), 'dreamhouse.zip', [
        {'table': 'Broker__c', 'object': 'contact', 'columns': {'referenceId': 'outside_id', 'name': 'name', 'Title__c': 'job_title', 'Email__c': 'emails', 'Mobile_Phone__c': None}},
        {'table': 'Contact', 'object': 'contact', 'columns': {'referenceId': 'outside_id', 'FirstName': 'name.given', 'LastName': 'name.family', 'Email': 'emails'}},
        {'table': 'Property__c', 'object': 'deal', 'columns': {'referenceId': 'outside_id', 'Name': 'name', 'Price__c': 'amount', 'Broker__c': 'contact.outside_id'}}])
    assert result['created'] == 8 + 5 + 12 and 'Broker__c.Name' in tables['Property__c']
    houses = api.all('deals', filter="outside_id.endsWith('StRef') || outside_id != ''", page_size=200)
    sold_by = {d['outside_id']: d['contact'] and d['contact']['label'] for d in houses if d['outside_id']}
    assert len(sold_by) == 12 and sold_by['18HenryStRef'] == 'Caroline Kingsley' and None not in sold_by.values()
    folder = os.path.join(shared_data, 'ebikes')
    tables, result = bring_tree(api, tree_of(folder, sorted(os.listdir(folder))), 'ebikes.zip', [
        {'table': 'Account', 'object': 'account', 'columns': {'referenceId': 'outside_id', 'Name': 'name', 'BillingStreet': 'addresses.street', 'BillingCity': 'addresses.city', 'BillingCountry': 'addresses.country'}},
        {'table': 'Product__c', 'object': 'product', 'columns': {'referenceId': 'outside_id', 'Name': 'name', 'MSRP__c': 'price', 'Product_Family__c.Name': 'family'}}])
    assert result['created'] == 3 + 16
    bikes = {p['outside_id']: p['family'] for p in api.all('products', page_size=200) if (p['outside_id'] or '').startswith('Product__cRef')}
    assert len(bikes) == 16 and bikes['Product__cRef1'] == 'Fuse' and len(set(bikes.values())) == 4 and None not in bikes.values()


def test_ids_of_15_and_18_characters_are_the_same(api):
    """0015000000Gv7qJ and 0015000000Gv7qJAAR name one record; one that differs in the case of a letter is another."""
    rows = [['Id', 'Name'], ['0015000000Gv7qJ', 'Short'], ['0015000000Gv7qjAAB', 'Other'], ['0015000000GV7qKAAT', 'Not its sum']]
    run = upload(api, rows, 'ids.csv', object='account')
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': {'table': '', 'object': 'account', 'columns': {'Id': 'outside_id', 'Name': 'name'}, 'match': 'outside_id'}})
    assert do(api, run, 'start')['created'] == 3
    run, result = bring(api, [['Id', 'Name', 'AccountId'], ['x1', 'Deal of the short', '0015000000Gv7qJAAR']], 'deal', columns={'Id': 'outside_id', 'Name': 'name', 'AccountId': 'account.outside_id'})
    assert result['created'] == 1
    assert api.all('deals', filter="outside_id == 'x1'")[0]['account']['label'] == 'Short'
    run, result = bring(api, [['Id', 'Name'], ['0015000000Gv7qJAAR', 'Short of eighteen']], 'account', columns={'Id': 'outside_id', 'Name': 'name'}, match='outside_id')
    assert (result['created'], result['updated']) == (0, 1)


def test_pipedrive_keeps_what_is_closed_closed(api):
    """Won and lost are a status there: the deal stands in the stage that means it, closed on its day; notes of HTML are plain text."""
    rows = [['Deal - ID', 'Deal - Title', 'Deal - Value', 'Deal - Currency', 'Deal - Status', 'Deal - Won time', 'Deal - Lost time', 'Deal - Lost reason', 'Deal - Activity notes'],
            ['1', 'Was won', '10', 'USD', 'Won', '2024-03-05 10:00:00', '', '', '<p>Hello&nbsp;<b>all</b> &amp; sundry</p><ul><li>one</li><li><a href="https://x.example">two</a></li></ul><script>alert(1)</script>'],
            ['2', 'Was lost', '20', 'USD', 'Lost', '', '2024-04-06 11:00:00', 'Too dear', ''],
            ['3', 'Is open', '30', 'USD', 'Open', '', '', '', 'a < b and c > d']]
    run, result = bring_known(api, text_of(rows).encode(), 'deals.csv')
    assert (result['created'], result['refused']) == (3, 0), result
    won, lost, still = [api.all('deals', filter="name == '%s'" % n)[0] for n in ('Was won', 'Was lost', 'Is open')]
    assert (won['category'], won['closed_at']) == ('won', '2024-03-05T10:00:00Z')
    assert (lost['category'], lost['closed_at'], lost['lost_note']) == ('lost', '2024-04-06T11:00:00Z', 'Too dear')
    assert (still['category'], still['closed_at']) == ('open', None)
    notes = {a['about']['id']: a['body'] for a in api.all('activities', filter="kind == 'note'", page_size=200) if a['about']}
    assert notes[won['id']] == 'Deal - Activity notes: Hello all & sundry\n\n• one\n\n• two (https://x.example)'
    assert notes[still['id']].endswith('a < b and c > d')


@pytest.mark.any_database
def test_files_that_refer_to_each_other(make_server, tmp_path):
    """Given in the wrong order they come in the right one; a map says what each column is, by object."""
    server = make_server()
    client = server.client()
    files = {'deal': [['Deal', 'account', 'contact', 'amount'], ['Roof', 'Tiler & Sons', 'Ann Tiler', '12.50 USD']],
             'contact': [['family', 'given', 'account'], ['Tiler', 'Ann', 'Tiler & Sons']],
             'account': [['name', 'country'], ['Tiler & Sons', 'GB']]}
    for name, rows in files.items():
        (tmp_path / (name + '.csv')).write_text(text_of(rows))
    (tmp_path / 'map.yaml').write_text('deal: {columns: {Deal: name, account: account.name, contact: contact.name, amount: amount}}\n')
    given = ['%s=%s' % (name, tmp_path / (name + '.csv')) for name in files]
    done = [json.loads(line) for line in server.cli('import', *given, '--map', str(tmp_path / 'map.yaml'), '--json').stdout.splitlines()]
    assert [(d['object'], d['created'], d['refused']) for d in done] == [('account', 1, 0), ('contact', 1, 0), ('deal', 1, 0)]
    account, = client.list('accounts', filter="name == 'Tiler & Sons'")
    deal, = client.list('deals', filter="name == 'Roof'")
    assert deal['account']['id'] == account['id'] and deal['contact']['label'] == 'Ann Tiler'
    assert client.list('contacts')[0]['account']['id'] == account['id']
    assert 'OBJECT=FILE' in server.cli('import', given[2], str(tmp_path / 'account.csv'), expect=2).stderr
