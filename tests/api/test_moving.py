# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving in from another program: what every importer keeps (users, stages, dates, authors, consents, several numbers, what has no
place here), rule by rule.  What does not depend on the database is asked on SQLite only."""
import csv
import io
import json
import os

import kith
import pytest
from test_import import bring, do, mapping_of, text_of, upload


@pytest.fixture(scope='module')
def home(db, postgres):
    """One installation for the file: every test has names of its own."""
    installation = kith.install(postgres if db == 'postgres' else None)
    server = kith.Server(installation)
    try:
        yield server
        server.stop()
        installation.cli('check')
    finally:
        if server.process.poll() is None:
            server.kill()
        installation.remove()


@pytest.fixture
def api(home):
    return home.client()


@pytest.fixture
def once(db):
    if db != 'sqlite':
        pytest.skip('the same on every database')


def known(api, rows, name='in.csv', look=True, **more):
    """By the ready mapping the program proposes; the run, its preview and its result."""
    run = upload(api, rows if isinstance(rows, bytes) else text_of(rows), name)
    table = run['analysis']['tables'][0]
    assert table['mapping'], table
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': dict(table['mapping'], table=table['name'], **more)})
    seen = do(api, run, 'preview') if look else None
    result = do(api, run, 'start')
    if look:
        assert (seen['new'], seen['changed'], seen['refused']) == (result['created'], result['updated'], result['refused']), (seen, result)
    return run, seen, result


def told(result):
    return {n['text']: n['rows'] for n in result['notes']}


def refusals(api, run):
    return list(csv.reader(io.StringIO(api.request('GET', '/import_runs/%s:refused' % run['id']).text)))[1:]


def one(api, plural, **equal):
    found = api.list(plural, filter=' && '.join('%s == %s' % (k, json.dumps(v)) for k, v in equal.items()))
    assert len(found) == 1, (plural, equal, found)
    return found[0]


def notes_of(api, plural, record):
    return '\n'.join(e['record']['body'] for e in api.get('/%s/%s/timeline' % (plural, record['id']), kinds='note')['data'])


# --- 1: two phases --------------------------------------------------------------------------------------------------------


def test_what_others_refer_to_comes_first_whatever_the_order_of_the_files(api):
    people = [['Record ID', 'First Name', 'Last Name', 'Associated Company IDs (Primary)'], ['p1', 'Ann', 'First', 'c1'], ['p2', 'Bo', 'Lost', 'c9']]
    firms = [['Record ID', 'Company name', 'City'], ['c1', 'Second Ltd', 'Łódź']]
    run = upload(api, text_of(people), 'contacts.csv')
    both = upload(api, text_of(firms), 'companies.csv', run=run['id'])
    mappings = [dict(t['mapping'], table=t['name']) for t in both['analysis']['tables']]
    assert [m['object'] for m in mappings] == ['contact', 'account']
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': mappings})
    seen, result = do(api, run, 'preview'), do(api, run, 'start')
    assert (seen['new'], seen['refused'], result['created'], result['refused']) == (2, 1, 2, 1), (seen, result)
    assert one(api, 'contacts', outside_id='p1')['account']['label'] == 'Second Ltd'
    (line,) = refusals(api, run)
    assert line[:4] == people[2] and 'c9' in line[4]


# --- 2: users -------------------------------------------------------------------------------------------------------------


def test_who_has_left_becomes_a_user_without_a_login(home, api):
    home.installation.add_user('mover@example.com', 'sales', name='Mia Mover')
    rows = [['ID', 'Название сделки', 'Этап сделки', 'Ответственный', 'Кем создана сделка', 'Дата создания сделки'],
            ['u1', 'By mail', 'Новая', 'mover@example.com', 'Mia Mover', '03.02.2019 14:05:00'],
            ['u2', 'By name', 'Новая', 'mia mover', 'Ушедший Сотрудник', '03.02.2019 14:05:00'],
            ['u3', 'By one who left', 'Новая', 'Ушедший Сотрудник', 'Ушедший Сотрудник', '03.02.2019 14:05:00']]
    _, _, result = known(api, rows)
    assert (result['created'], result['refused']) == (3, 0)
    deals = [one(api, 'deals', outside_id='u%d' % i) for i in (1, 2, 3)]
    assert [d['owner']['label'] for d in deals] == ['Mia Mover', 'Mia Mover', 'Ушедший Сотрудник']
    assert [d['created_by']['label'] for d in deals] == ['Mia Mover', 'Ушедший Сотрудник', 'Ушедший Сотрудник']
    gone = one(api, 'users', name='Ушедший Сотрудник')
    assert (gone['is_active'], gone['may_sign_in'], gone['role']) == (False, False, None)
    assert any('Ушедший Сотрудник' in text for text in told(result))


def test_an_unknown_owner_falls_to_the_chosen_one_and_his_name_is_kept(api):
    rows = [['Name', 'Owner'], ['Fallen back', 'Nobody Known']]
    run, result = bring(api, rows, 'account', columns={'Name': 'name', 'Owner': 'owner'}, defaults={'owner': kith.ADMIN})
    assert result['created'] == 1
    got = one(api, 'accounts', name='Fallen back')
    assert got['owner']['label'] != 'Nobody Known' and 'Owner: Nobody Known' in notes_of(api, 'accounts', got)


# --- 3: stages ------------------------------------------------------------------------------------------------------------


def test_stages_are_those_of_their_pipeline_and_ends_stay_ends(api):
    stages = api.list('stages')
    won = [s for s in stages if s['category'] == 'won'][0]
    head = ['ID', 'Название сделки', 'Этап сделки', 'Воронка', 'Дата закрытия']
    rows = [head, ['s1', 'Won there', 'Успешно реализовано', '', '07.03.2021 18:00:00'],
            ['s2', 'Lost there', 'Закрыто и не реализовано', '', '08.03.2021 18:00:00'],
            ['s3', 'Unknown stage', 'Ждём документы', '', ''],
            ['s4', 'Another pipeline', 'Переговоры', 'Оптовая', ''],
            ['s5', 'Won in another', 'Успешно реализовано', 'Оптовая', '09.03.2021 18:00:00']]
    _, seen, result = known(api, rows)
    assert (result['created'], result['refused']) == (5, 0)
    deals = {n: one(api, 'deals', outside_id=n) for n in ('s1', 's2', 's3', 's4', 's5')}
    assert [deals[n]['category'] for n in sorted(deals)] == ['won', 'lost', 'open', 'open', 'won']
    assert deals['s1']['stage']['id'] == won['id'] and deals['s1']['closed_at'].startswith('2021-03-07')
    assert any('Успешно реализовано' in text for text in told(seen)) and any('Успешно реализовано' in text for text in told(result))
    first = api.get('/stages/' + deals['s3']['stage']['id'])
    assert first['name'] == 'Ждём документы' and first['pipeline']['id'] == won['pipeline']['id'] and first['position'] > won['position']
    assert deals['s4']['pipeline']['label'] == deals['s5']['pipeline']['label'] == 'Оптовая'
    made = {s['name']: s['category'] for s in api.list('stages') if s['pipeline']['label'] == 'Оптовая'}
    assert made == {'Переговоры': 'open', 'Успешно реализовано': 'won'}


def test_a_status_beside_the_stage_closes_in_a_pipeline_without_ends(api, once):
    pipeline = api.create('pipelines', name='Endless')
    api.create('stages', name='Talks', pipeline=pipeline['id'], position=1)
    rows = [['Deal - ID', 'Deal - Title', 'Deal - Pipeline', 'Deal - Stage', 'Deal - Status', 'Deal - Won time'],
            ['e1', 'Ended', 'Endless', 'Talks', 'Won', '2024-03-05 10:00:00']]
    _, _, result = known(api, rows)
    deal = one(api, 'deals', outside_id='e1')
    assert (result['created'], deal['category'], deal['pipeline']['label'], deal['closed_at']) == (1, 'won', 'Endless', '2024-03-05T10:00:00Z')
    run, refused = bring(api, [['Name', 'Pipeline', 'Stage', 'Status'], ['Closed in vain', 'Empty one', 'Only', 'Lost']], 'deal',
                         columns={'Name': 'name', 'Pipeline': 'stage.pipeline.name', 'Stage': 'stage', 'Status': 'category'})
    assert refused['refused'] == 1 and 'Only' in refusals(api, run)[0][-1]


# --- 4: dates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('text,zone,moment', [
    ('05.03.2021 10:11:12', 'Europe/Moscow', '2021-03-05T07:11:12Z'),        # amoCRM
    ('2021-03-05T10:11:12+03:00', 'Europe/Warsaw', '2021-03-05T07:11:12Z'),  # Bitrix24
    ('2021-03-05 10:11:12', 'UTC', '2021-03-05T10:11:12Z'),                  # Pipedrive
    ('1614931872000', 'Europe/Warsaw', '2021-03-05T08:11:12Z'),              # HubSpot
    ('2021-07-05 10:11', 'Europe/Warsaw', '2021-07-05T08:11:00Z'),           # HubSpot, by the summer of its zone
    ('2021-03-05T10:11:12.000Z', 'Europe/Warsaw', '2021-03-05T10:11:12Z'),   # Salesforce
])
def test_moments_are_kept(api, once, text, zone, moment):
    key = 'moment %s %s' % (text, zone)
    bring(api, [['Name', 'Created', 'Changed'], [key, text, text]], 'account', columns={'Name': 'name', 'Created': 'created_at', 'Changed': 'updated_at'}, zone=zone)
    got = one(api, 'accounts', name=key)
    assert (got['created_at'], got['updated_at']) == (moment, moment)


def test_activities_keep_their_time(api, once):
    api.create('deals', name='With calls', stage=api.list('stages')[0]['id'])
    rows = [['Activity - ID', 'Activity - Subject', 'Activity - Type', 'Activity - Due date', 'Activity - Done', 'Activity - Marked as done time', 'Activity - Deal', 'Activity - Note'],
            ['a1', 'Called', 'Call', '2024-03-04 09:30', 'Done', '2024-03-05 10:00:00', 'With calls', '<p>Said <b>yes</b></p>'],
            ['a2', 'To come', 'Deadline', '2030-03-04', 'To do', '', 'With calls', '']]
    _, _, result = known(api, rows)
    assert (result['created'], result['refused']) == (2, 0)
    call, task = one(api, 'activities', outside_id='a1'), one(api, 'activities', outside_id='a2')
    assert (call['kind'], call['status'], call['happened_at'], call['body']) == ('call', 'done', '2024-03-05T10:00:00Z', 'Said yes')
    assert (task['kind'], task['status'], task['deal']['label']) == ('task', 'open', 'With calls') and task['due_at'].startswith('2030-03-04')


# --- 7: taken back with all it made --------------------------------------------------------------------------------------------------


def test_undo_takes_users_and_stages_too(api):
    rows = [['ID', 'Название сделки', 'Этап сделки', 'Ответственный'], ['b1', 'To go', 'Этап на час', 'Гость На Час']]
    run, _, _ = known(api, rows)
    assert one(api, 'users', name='Гость На Час') and one(api, 'stages', name='Этап на час')
    assert do(api, run, 'undo')['skipped'] == []
    assert not api.list('deals', filter="outside_id == 'b1'") and not api.list('users', filter="name == 'Гость На Час'") and not api.list('stages', filter="name == 'Этап на час'")


# --- 6, 8, 9, 10: counts, several values, encodings, repeated headings -----------------------------------------------------------


def test_several_numbers_in_a_cell_and_in_columns_are_all_kept(api, once):
    rows = [['ID', 'Имя', 'Фамилия', 'Рабочий телефон', 'Мобильный телефон', 'Другой телефон', 'Рабочий e-mail', 'Частный e-mail'],
            ['m1', 'Иван', 'Многономерный', '+7 495 123-45-67, 8 (916) 123-45-67', '+48 601 234 567', '+7 495 123-45-67', 'a@example.com; b@example.com', 'c@example.com']]
    _, seen, _ = known(api, rows)
    got = one(api, 'contacts', outside_id='m1')
    assert [(p['value'], p['label']) for p in got['phones']] == [('+74951234567', 'work'), ('+79161234567', 'work'), ('+48601234567', 'mobile')]
    assert [e['value'] for e in got['emails']] == ['a@example.com', 'b@example.com', 'c@example.com']
    shown = [c['after'] for c in seen['samples'][0]['changes'] if c['field'] == 'phones'][0]
    assert shown == '+7 495 123-45-67, +7 916 123-45-67, +48 601 234 567'


@pytest.mark.parametrize('encoding,separator', [('utf-8', ','), ('utf-8-sig', ';'), ('windows-1251', ';'), ('utf-16', '\t')])
def test_encodings_separators_and_ids_as_text(api, once, encoding, separator):
    key = 'Ёлка %s' % encoding
    rows = [['Название', 'Код', 'ИНН', 'Выручка'], [key, '001234567890123456', '7707083893', '1 234 567,50'], ['Другая ' + encoding, '003000000000000001', '', '5,5']]
    run = upload(api, text_of(rows, separator).encode(encoding), 'firms.csv')
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping_of(run, 'account', columns={
        'Название': 'name', 'Код': 'outside_id', 'ИНН': 'identifiers.INN', 'Выручка': 'annual_revenue'})})
    assert do(api, run, 'start')['created'] == 2, refusals(api, run)
    got = one(api, 'accounts', name=key)
    assert (got['outside_id'], got['annual_revenue']['amount'], got['identifiers'][0]['value']) == ('001234567890123456', '1234567.50', '7707083893')


def test_repeated_headings_are_told_by_their_place(api, once):
    rows = [['Name', 'Source', 'Phone', 'Source', 'Phone'], ['Repeated', 'first', '+48 601 234 567', 'second', '+48 601 234 568']]
    run = upload(api, text_of(rows))
    assert [c['heading'] for c in run['analysis']['tables'][0]['columns']] == ['Name', 'Source', 'Phone', 'Source (2)', 'Phone (2)']
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': {'table': '', 'object': 'account', 'columns': {
        'Name': 'name', 'Source (2)': 'description', 'Phone': 'phones', 'Phone (2)': 'phones.other'}, 'rest': 'note'}})
    do(api, run, 'start')
    got = one(api, 'accounts', name='Repeated')
    assert got['description'] == 'second' and len(got['phones']) == 2 and notes_of(api, 'accounts', got) == 'Source: first'


def test_the_preview_counts_and_the_refused_rows_come_back_with_reasons(api, once):
    api.create('accounts', name='Counted old', outside_id='k1', employees=1)
    rows = [['Key', 'Name', 'Employees'], ['k1', 'Counted old', '2'], ['k2', 'Counted new', '3']] + [['k%d' % i, 'Bad', 'many'] for i in range(3, 28)]
    run = upload(api, text_of(rows))
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping_of(run, 'account', columns={'Key': 'outside_id', 'Name': 'name', 'Employees': 'employees'}, match='outside_id')})
    seen = do(api, run, 'preview')
    assert (seen['new'], seen['changed'], seen['refused']) == (1, 1, 25)
    assert [r['rows'] for r in seen['reasons']] == [25] and 'many' in seen['reasons'][0]['text']
    do(api, run, 'start')
    lines = refusals(api, run)
    assert len(lines) == 25 and lines[0][:3] == ['k3', 'Bad', 'many'] and 'many' in lines[0][3]


# --- 11, 12: nothing is lost in silence, marks of text -----------------------------------------------------------------------------


def test_columns_that_go_nowhere_are_named_in_the_report(api, once):
    rows = [['Key', 'Name', 'Shoe size', 'Empty'], ['n1', 'Named', '42', '']]
    columns = {'Key': 'outside_id', 'Name': 'name'}
    run = upload(api, text_of(rows))
    api.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping_of(run, 'account', columns=columns, match='outside_id')})
    seen, result = do(api, run, 'preview'), do(api, run, 'start')
    assert list(told(seen).values()) == list(told(result).values()) == [1] and 'Shoe size' in list(told(result))[0]
    _, kept = bring(api, [rows[0], ['n2', 'Kept', '43', '']], 'account', columns=columns, match='outside_id', rest='note')
    assert kept['notes'] == [] and notes_of(api, 'accounts', one(api, 'accounts', outside_id='n2')) == 'Shoe size: 43'
    _, again = bring(api, [rows[0], ['n2', 'Kept', '44', '']], 'account', columns=columns, match='outside_id', rest='note')
    assert [('Shoe size' in text, n) for text, n in told(again).items()] == [(True, 1)]


def test_marks_of_html_and_bb_codes_become_plain_text(api, once):
    texts = {'[b]Срочно[/b] [url=https://x.example/a]сюда[/url], [USER=5]Иван[/USER]\n[list][*]раз[*]два[/list]': 'Срочно сюда (https://x.example/a), Иван\n\n• раз\n• два',
             '<p>Tea &amp; <i>milk</i></p><img src="https://x.example/i.png">': 'Tea & milk', 'a [b] and [1] <5': 'a [b] and [1] <5'}
    rows = [['Key', 'Name', 'Text']] + [['t%d' % i, 'Text %d' % i, text] for i, text in enumerate(texts)]
    bring(api, rows, 'account', columns={'Key': 'outside_id', 'Name': 'name', 'Text': 'description'}, match='outside_id')
    assert [one(api, 'accounts', outside_id='t%d' % i)['description'] for i in range(3)] == list(texts.values())


# --- 13: money at its time -------------------------------------------------------------------------------------------------------


def test_sums_are_counted_by_the_rate_of_their_day(api):
    currency = one(api, 'currencies', code='EUR') if api.list('currencies', filter="code == 'EUR'") else api.create('currencies', code='EUR')
    for day, rate in (('2020-01-01', '2'), ('2024-01-01', '4')):
        api.create('rates', currency=currency['id'], date=day, rate=rate)
    rows = [['Deal - ID', 'Deal - Title', 'Deal - Value', 'Deal - Currency', 'Deal - Expected close date'],
            ['r1', 'Old rate', '10', 'EUR', '2021-05-05'], ['r2', 'New rate', '10', 'EUR', '2024-05-05']]
    known(api, rows, defaults={'stage': api.list('stages')[0]['name']})
    sums = [api.get('/deals:aggregate', group_by='category', measures='sum(amount)', filter="outside_id == '%s'" % n)['data'][0]['sum(amount)']['amount'] for n in ('r1', 'r2')]
    assert sums == ['20.00', '40.00']
    assert one(api, 'deals', outside_id='r1')['amount'] == {'amount': '10.00', 'currency': 'EUR'}


# --- 14: what is deleted there ------------------------------------------------------------------------------------------------------


def test_what_is_deleted_there_comes_on_demand_only_and_is_marked(api, once):
    rows = [['Id', 'Name', 'BillingCity', 'IsDeleted'], ['001D000000IqhSA', 'Alive there', 'Oslo', 'false'], ['001D000000IqhSB', 'Deleted there', 'Oslo', 'true']]
    _, seen, result = known(api, rows)
    assert (result['created'], result['refused']) == (1, 0) and any('IsDeleted' in t and n == 1 for t, n in told(seen).items())
    _, _, result = known(api, rows, skip=None)
    assert (result['created'], result['unchanged']) == (1, 1)
    assert notes_of(api, 'accounts', one(api, 'accounts', name='Deleted there')) == 'IsDeleted: true'


# --- 15: consents -------------------------------------------------------------------------------------------------------------------


def consents_of(api, contact):
    return [(c['purpose'], c['channel'], c['is_active'], c['proof']) for c in api.list('consents', filter="contact == '%s'" % contact['id'])]


def test_who_has_unsubscribed_stays_unsubscribed(api):
    head = ['Person - ID', 'Person - Name', 'Person - Email', 'Person - Marketing status']
    rows = [head, ['w1', 'Ada Yes', 'w1@example.com', 'Subscribed'], ['w2', 'Bea No', 'w2@example.com', 'Unsubscribed'], ['w3', 'Cid None', 'w3@example.com', 'No consent']]
    _, _, result = known(api, rows)
    assert (result['created'], result['refused']) == (3, 0)
    ada, bea, cid = [one(api, 'contacts', outside_id=n) for n in ('w1', 'w2', 'w3')]
    assert consents_of(api, ada) == [('marketing', 'email', True, 'import')] and consents_of(api, cid) == []
    assert consents_of(api, bea) == [('marketing', 'email', False, 'import')]
    rows[1][3], rows[2][3] = 'Unsubscribed', 'Subscribed'
    _, _, result = known(api, rows, look=False)
    assert [c[2] for c in consents_of(api, ada)] == [False] and [c[2] for c in consents_of(api, bea)] == [False]
    assert any('Marketing status' in text and n == 1 for text, n in told(result).items())
    _, _, result = known(api, [['Id', 'LastName', 'Email', 'HasOptedOutOfEmail', 'DoNotCall'], ['003D000000IqhSL', 'Refuser', 'r@example.com', 'true', 'false']])
    assert consents_of(api, one(api, 'contacts', outside_id='003D000000IqhSL')) == [('marketing', 'email', False, 'import')]


def test_consents_come_with_their_date_source_and_text(api, once):
    api.create('contacts', name={'family': 'Willing'}, emails=['willing@example.com'])
    rows = [['Person', 'Purpose', 'Channel', 'Given', 'Withdrawn', 'Proof', 'Text'], ['willing@example.com', 'marketing', 'email', '2020-02-03 10:00', '2021-02-03 10:00', 'web_form', 'I agree']]
    columns = dict(zip(rows[0], ['contact.emails', 'purpose', 'channel', 'given_at', 'withdrawn_at', 'proof', 'proof_note']))
    run, result = bring(api, rows, 'consent', columns=columns, zone='UTC')
    assert result['created'] == 1, refusals(api, run)
    rows[1][4] = ''
    _, again = bring(api, rows, 'consent', columns=columns, zone='UTC', match=['contact', 'purpose', 'given_at'])
    (got,) = [c for c in api.list('consents') if c['proof_note'] == 'I agree']
    assert (got['given_at'], got['withdrawn_at'], got['proof']) == ('2020-02-03T10:00:00Z', '2021-02-03T10:00:00Z', 'web_form'), again


# --- stage moved, columns by place ---------------------------------------------------------------------------------------------


def test_when_a_deal_came_to_its_stage_is_kept(api, once):
    """Of new ones and of those that a later file moves; the visit that ends then ends on that day."""
    pipeline = api.create('pipelines', name='Moved')
    for place, name in enumerate(('Asked', 'Offered')):
        api.create('stages', name=name, pipeline=pipeline['id'], position=place + 1)
    heads = ['Deal - ID', 'Deal - Title', 'Deal - Pipeline', 'Deal - Stage', 'Deal - Last stage change']
    known(api, [heads, ['m1', 'Moves', 'Moved', 'Asked', '2024-02-05 10:00:00']])
    deal = one(api, 'deals', outside_id='m1')
    assert deal['stage_since'] == '2024-02-05T10:00:00Z'
    known(api, [heads, ['m1', 'Moves', 'Moved', 'Offered', '2024-03-06 11:00:00']])
    deal = one(api, 'deals', outside_id='m1')
    assert (deal['stage']['label'], deal['stage_since']) == ('Offered', '2024-03-06T11:00:00Z')
    visit, = api.list('stage_visits', filter="deal == '%s'" % deal['id'])
    assert (visit['entered_at'], visit['left_at'], visit['days']) == ('2024-02-05T10:00:00Z', '2024-03-06T11:00:00Z', 30)


def test_columns_by_their_place(api, once):
    """For files whose headings say nothing, or stand in several columns alike."""
    bring(api, [['', '', 'X'], ['By place', 'PL', '17']], 'account', columns={'#1': 'name', '#3': 'employees'})
    got = one(api, 'accounts', name='By place')
    assert (got['employees'], got['country']) == (17, None)
    run = upload(api, [['A'], ['a']])
    assert api.request('POST', '/import_runs/%s:plan' % run['id'], {'mapping': {'table': run['analysis']['tables'][0]['name'], 'object': 'account', 'columns': {'#2': 'name'}}}).status == 422


# --- ready profiles -----------------------------------------------------------------------------------------------------------------

AMO = '''ID, Название сделки, Бюджет, Ответственный, Дата создания сделки, Кем создана сделка, Дата редактирования, Кем редактирована, Дата закрытия, Теги, Примечание, Примечание 2, Примечание 3,
Примечание 4, Примечание 5, Этап сделки, Воронка, Полное имя контакта, Компания контакта, Ответственный за контакт, Компания, Рабочий телефон, Рабочий прямой телефон, Мобильный телефон, Факс,
Домашний телефон, Другой телефон, Рабочий email, Личный email, Другой email, Источник, Пользовательское соглашение, cid, utm_source, utm_medium, utm_campaign, utm_term, utm_content, Источник, cid'''
PIPEDRIVE = '''Deal - Title*, Deal - Owner, Deal - Pipeline, Deal - Stage, Deal - Value, Deal - Currency of value, Deal - Expected close date, Deal - Status, Deal - Probability, Deal - Label, Deal - Lost reason,
Deal - Won time, Deal - Lost time, Deal - Pipedrive System ID, Organization, Contact person'''
HUBSPOT = '''Record ID, Deal Name, Deal Stage, Pipeline, Amount, Close Date, Deal owner, Create Date, Associated Contact IDs, Associated Company IDs (Primary), Original Source'''
BITRIX = '''ID, Обращение, Имя, Отчество, Фамилия, Дата рождения, Должность, Тип контакта, Источник, Ответственный, Кем создан, Кем изменён, Дата создания, Дата изменения, Комментарий, Рабочий телефон,
Мобильный телефон, Номер факса, Домашний телефон, Номер пейджера, Другой телефон, Корпоративный сайт, Личная страница, Рабочий email, Частный E-Mail, Другой e-mail, Доступен для всех'''
SALESFORCE = '''Id, Name, StageName, Amount, Probability, CloseDate, Type, LeadSource, IsWon, IsClosed, CurrencyIsoCode, AccountId, OwnerId, CreatedDate, CreatedById, LastModifiedDate, IsDeleted'''
OUTLOOK = '''First Name, Last Name, Company, Job Title, E-mail Address, E-mail 2 Address, Business Phone, Mobile Phone, Home Phone, Business City, Birthday, Notes, Categories'''
SEEN = [('amocrm', 'deal', AMO, {'Название сделки': 'name', 'Дата закрытия': ['closed_at', 'close_date'], 'Источник': None, 'Источник (2)': None, 'Примечание 5': 'note', 'Полное имя контакта': 'contact'}),
        ('pipedrive', 'deal', PIPEDRIVE, {'Deal - Title*': 'name', 'Organization': 'account', 'Deal - Currency of value': 'amount.currency', 'Deal - Lost time': 'closed_at'}),
        ('hubspot', 'deal', HUBSPOT, {'Deal Name': 'name', 'Associated Contact IDs': 'contacts.outside_id', 'Original Source': None}),
        ('bitrix24', 'contact', BITRIX, {'Кем изменён': 'updated_by', 'Рабочий email': 'emails.work', 'Частный E-Mail': 'emails.home', 'Номер пейджера': 'phones.other', 'Источник': None}),
        ('salesforce', 'deal', SALESFORCE, {'OwnerId': 'owner.outside_id', 'IsDeleted': None}),
        ('outlook', 'contact', OUTLOOK, {'E-mail 2 Address': 'emails', 'Business City': 'addresses.work.city'})]


@pytest.mark.parametrize('profile,obj,headings,wanted', SEEN, ids=[s[0] for s in SEEN])
def test_headings_of_other_programs_are_known(api, once, profile, obj, headings, wanted):
    heads = [h.strip() for h in headings.replace('\n', ' ').split(',')]
    run = upload(api, text_of([heads, ['1'] * len(heads)]))
    table = run['analysis']['tables'][0]
    assert (table['profile'], table['object']) == (profile, obj)
    assert {h: table['mapping']['columns'].get(h) for h in wanted} == wanted
    assert api.post('/import_runs/%s:plan' % run['id'], {'mapping': dict(table['mapping'], table=table['name'])})['state'] == 'ready'


def test_every_ready_mapping_leads_to_fields_and_has_its_name_in_three_languages(api, once):
    for profile in api.get('/ready_profiles')['data']:
        for mapping in profile['mappings']:
            run = upload(api, text_of([list(mapping['columns']), ['1'] * len(mapping['columns'])]))
            api.post('/import_runs/%s:plan' % run['id'], {'mapping': dict(mapping, table=run['analysis']['tables'][0]['name'])})
    names = {}
    for lang in ('en', 'ru', 'pl'):
        api.patch('/me', {'language': lang})
        names[lang] = {p['name']: p['label'] for p in api.get('/ready_profiles')['data']}
    api.patch('/me', {'language': 'en'})
    assert [names[lang]['bitrix24'] for lang in names] == ['Bitrix24', 'Битрикс24', 'Bitrix24']
    assert names['ru']['outlook'] == 'Адресная книга Outlook' and set(names['pl']) >= {'amocrm', 'bitrix24', 'hubspot', 'outlook', 'pipedrive', 'salesforce', 'vcard'}
