# SPDX-License-Identifier: GPL-3.0-or-later
"""Records over HTTP: their JSON, errors, versions, idempotency, the past, history and taking back."""
import re
import time

import kith
import pytest

ID = re.compile(r'^[0-9a-hjkmnp-tv-z]{13}$')
TIME = re.compile(r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$')


def stage(api, name='New'):
    return next(s for s in api.all('stages') if s['name'] == name)


def test_create_answers_the_record(api):
    made = api.create('accounts', name='Acme', phones='+7 916 123-45-67', **{'class': 'A'})
    assert ID.match(made['id']) and made['version'] == 1 and made['label'] == 'Acme'
    assert made['class'] == 'A' and made['phones'] == [{'value': '+79161234567', 'label': None, 'main': True}]
    assert TIME.match(made['created_at']) and made['created_by']['object'] == 'user'
    assert made['website'] is None and 'deleted_at' in made
    assert api.get('/accounts/' + made['id']) == made


def test_location_header(api):
    reply = api.request('POST', '/accounts', {'name': 'Placed'})
    assert reply.status == 201 and reply.headers['location'] == '/api/v1/accounts/' + reply.json['id']
    assert reply.headers['cache-control'] == 'no-store'


def test_values_of_every_type(api):
    account = api.create('accounts', name='Types')
    deal = api.create('deals', name='Big', account=account['id'], stage=stage(api)['id'],
                      amount={'amount': '1054', 'currency': 'USD'}, close_date='2026-03-01', tags=['a', 'b'])
    assert deal['amount'] == {'amount': '1054.00', 'currency': 'USD'}
    assert deal['account'] == {'object': 'account', 'id': account['id'], 'label': 'Types'}
    assert deal['close_date'] == '2026-03-01' and deal['tags'] == ['a', 'b'] and deal['category'] == 'open'
    assert isinstance(deal['probability'], str) and isinstance(deal['lines_count'], int) and deal['contacts'] == []
    person = api.create('contacts', name={'family': 'Nowak', 'given': 'Jan'}, emails='jan@example.pl', account=account['id'])
    assert person['name']['family'] == 'Nowak' and person['emails'][0]['value'] == 'jan@example.pl'
    call = api.create('activities', kind='call', subject='Hello', duration='1h30m', about={'object': 'deal', 'id': deal['id']})
    assert call['duration'] == '5400s' and call['about']['label'] == 'Big' and call['deal']['id'] == deal['id']
    assert call['account']['id'] == account['id']


def test_all_problems_come_at_once(api):
    reply = api.request('POST', '/deals', {'amount': 'a lot', 'close_date': 'soon', 'nonsense': 1})
    assert reply.status == 422 and reply.json['code'] == 'INVALID'
    assert {'amount', 'close_date', 'nonsense'} <= {e['field'] for e in reply.json['errors']}
    reply = api.request('POST', '/deals', {})
    assert reply.status == 422 and 'name' in {e['field'] for e in reply.json['errors']}
    assert all(e['message'] and not e['message'].startswith('error.') for e in reply.json['errors'])


@pytest.mark.parametrize('body', ['{', '[]', '{"name":"x","name":"y"}', '"text"', '{"name":"\\ud800"}'])
def test_what_is_no_json_object(api, body):
    reply = api.request('POST', '/accounts', body, headers={'Content-Type': 'application/json'})
    assert reply.status == 400 and reply.json['code'] == 'INVALID'


def test_unknown_parameter_is_refused(api):
    reply = api.request('GET', '/accounts', limit='5')
    assert reply.status == 400 and reply.json['errors'][0]['field'] == 'limit'


def test_wrong_method(api):
    assert api.request('PUT', '/accounts', {}).status == 405


@pytest.mark.parametrize('path', ['/accounts/nonsense', '/accounts/0000000000001', '/nothings', '/nothings/0000000000001',
                                  '/accounts/0000000000001/history', '/accounts/0000000000001/timeline'])
def test_what_is_not_there(api, path):
    reply = api.request('GET', path)
    assert reply.status == 404 and reply.json['code'] == 'NOT_FOUND'


def test_errors_speak_the_callers_language(server, api):
    russian = server.add_user()
    russian.patch('/me', {'language': 'ru'})
    assert 'Такой записи нет' in russian.request('GET', '/accounts/0000000000001').json['detail']
    polish = server.anonymous().request('GET', '/accounts', headers={'Accept-Language': 'pl-PL,en;q=0.5'})
    assert 'zaloguj' in polish.json['detail'].lower()


def test_patch_changes_what_is_given(api):
    made = api.create('accounts', name='Before', website='https://a.example')
    changed = api.patch('/accounts/' + made['id'], {'name': 'After'})
    assert changed['name'] == 'After' and changed['website'] == 'https://a.example' and changed['version'] == 2
    cleared = api.patch('/accounts/' + made['id'], {'website': None})
    assert cleared['website'] is None
    assert api.patch('/accounts/' + made['id'], {'website': None})['version'] == cleared['version']


def test_a_record_may_be_sent_back_whole(api):
    made = api.create('accounts', name='Whole', emails='a@example.com')
    made['name'] = 'Whole again'
    assert api.patch('/accounts/' + made['id'], made)['name'] == 'Whole again'


def test_system_fields_are_kept(api):
    made = api.create('accounts', name='Kept')
    for field, value in [('created_at', '2020-01-01T00:00:00Z'), ('deals_count', 7), ('id', '0000000000001')]:
        reply = api.request('PATCH', '/accounts/' + made['id'], {field: value})
        assert reply.status == 422 and reply.json['errors'][0]['field'] == field


def test_if_match(api):
    made = api.create('accounts', name='Strict')
    path = '/accounts/' + made['id']
    assert api.request('PATCH', path, {'name': 'One'}, headers={'If-Match': '"1"'}).status == 200
    refused = api.request('PATCH', path, {'name': 'Two'}, headers={'If-Match': '"1"'})
    assert refused.status == 412 and refused.json['code'] == 'CONFLICT'
    assert api.get(path)['name'] == 'One'
    assert api.request('DELETE', path, headers={'If-Match': '"1"'}).status == 412


def test_changes_to_other_fields_merge(api):
    made = api.create('accounts', name='Merge')
    path = '/accounts/' + made['id']
    api.patch(path, {'website': 'https://one.example', 'version': 1})
    merged = api.patch(path, {'name': 'Merged', 'version': 1})
    assert merged['name'] == 'Merged' and merged['website'] == 'https://one.example' and merged['version'] == 3
    reply = api.request('PATCH', path, {'name': 'Other', 'version': 1})
    assert reply.status == 409 and reply.json['current']['name'] == 'Merged'
    assert [e['field'] for e in reply.json['errors']] == ['name']


def test_delete_and_restore(api):
    made = api.create('accounts', name='Gone')
    path = '/accounts/' + made['id']
    assert api.request('DELETE', path).status == 204
    assert api.request('GET', path).status == 404
    assert made['id'] not in [r['id'] for r in api.all('accounts')]
    assert made['id'] in [r['id'] for r in api.all('accounts', deleted=True)]
    assert api.post(path + ':restore')['name'] == 'Gone'
    assert api.get(path)['deleted_at'] is None


def test_idempotency_key(api):
    key = 'k%d' % kith.serial()
    first = api.request('POST', '/accounts', {'name': 'Once'}, headers={'Idempotency-Key': key})
    again = api.request('POST', '/accounts', {'name': 'Once'}, headers={'Idempotency-Key': key})
    assert first.status == again.status == 201 and first.json == again.json
    other = api.request('POST', '/accounts', {'name': 'Twice'}, headers={'Idempotency-Key': key})
    assert other.status == 422
    assert len(api.list('accounts', filter="name == 'Once'")) == 1


def test_failed_write_keeps_no_key(api):
    key = 'k%d' % kith.serial()
    assert api.request('POST', '/accounts', {}, headers={'Idempotency-Key': key}).status == 422
    made = api.request('POST', '/deals', {'name': 'x', 'stage': '0000000000001'}, headers={'Idempotency-Key': key})
    assert made.status == 422
    assert api.request('POST', '/accounts', {'name': 'Now'}, headers={'Idempotency-Key': key}).status == 201


def test_unique_value_names_its_field(api):
    code = 'K%d' % kith.serial()
    api.create('products', name='One', code=code)
    reply = api.request('POST', '/products', {'name': 'Two', 'code': code})
    assert reply.status == 409 and reply.json['errors'][0]['field'] == 'code'


def test_history_says_who_what_when(api):
    made = api.create('accounts', name='Old')
    api.patch('/accounts/' + made['id'], {'name': 'New'})
    entries = api.get('/accounts/%s/history' % made['id'])['data']
    assert [e['kind'] for e in entries] == ['update', 'create']
    change = entries[0]
    assert change['changes'] == [{'field': 'name', 'label': 'Name', 'before': 'Old', 'after': 'New'}]
    assert change['actor']['label'] == 'Ada Admin' and change['channel'] == 'api' and change['version'] == 2
    page = api.get('/accounts/%s/history' % made['id'], page_size=1)
    rest = api.get('/accounts/%s/history' % made['id'], page_size=1, page_token=page['next_page_token'])
    assert [e['kind'] for e in page['data'] + rest['data']] == ['update', 'create'] and rest['next_page_token'] is None


def test_as_of(api):
    made = api.create('accounts', name='Then')
    at = None
    time.sleep(0.02)
    at = api.get('/accounts/' + made['id'])['updated_at']
    time.sleep(0.02)
    api.patch('/accounts/' + made['id'], {'name': 'Now'})
    moment = at[:-1] + 'Z'
    past = api.get('/accounts/' + made['id'], as_of=moment)
    assert past['name'] == 'Then' and past['version'] == 1
    listed = api.list('accounts', filter="id == '%s'" % made['id'], as_of=moment)
    assert [r['name'] for r in listed] == ['Then']
    assert api.request('GET', '/accounts/' + made['id'], as_of='2001-01-01T00:00:00Z').status == 404
    assert api.request('GET', '/accounts', as_of='yesterday').status == 400


def test_undo_takes_back_the_last_change(server):
    client = server.add_user()
    made = client.create('accounts', name='Before')
    client.patch('/accounts/' + made['id'], {'name': 'After'})
    assert client.post('/undo')['undone'] == 1
    assert client.get('/accounts/' + made['id'])['name'] == 'Before'
    client.post('/undo')
    assert client.request('GET', '/accounts/' + made['id']).status == 404
    assert client.post('/undo') == {'undone': 0, 'skipped': [], 'batch': None}


def test_undo_skips_what_changed_since(server, api):
    client = server.add_user()
    one, two = client.create('accounts', name='One'), client.create('accounts', name='Two')
    batch = client.post('/accounts:batchUpdate', {'ids': [one['id'], two['id']], 'set': {'website': 'https://x.example'}})['batch']
    api.patch('/accounts/' + one['id'], {'name': 'Somebody else'})
    undone = client.post('/batches/%s:undo' % batch)
    assert undone['undone'] == 1 and [s['id'] for s in undone['skipped']] == [one['id']]
    assert client.get('/accounts/' + two['id'])['website'] is None
    assert client.request('POST', '/batches/%s:undo' % batch).status == 409


def test_batch_of_another_cannot_be_undone(server, api):
    batch = api.post('/accounts:batchCreate', {'data': [{'name': 'Mine'}]})['batch']
    other = server.add_user(role='sales')
    assert other.request('POST', '/batches/%s:undo' % batch).status == 404


def test_links_carry_their_columns(api):
    person = api.create('contacts', name={'family': 'Kowalska', 'given': 'Anna'})
    deal = api.create('deals', name='Linked', stage=stage(api)['id'],
                      contacts=[{'id': person['id'], 'link': {'role': api_role(api)}}])
    link = deal['contacts'][0]
    assert link['object'] == 'contact' and link['id'] == person['id'] and 'Kowalska' in link['label']
    assert link['link']['role'] == api_role(api)
    assert api.patch('/deals/' + deal['id'], {'contacts': []})['contacts'] == []


def api_role(api):
    meta = api.get('/meta')
    link = next(o for o in meta['objects'] if o['name'] == 'deal_contact')
    return next(f for f in link['fields'] if f['name'] == 'role')['options'][0]['value']


def test_changes_by_cursor(api):
    start = api.get('/changes')
    while start['data']:
        start = api.get('/changes', after=start['cursor'], limit=1000)
    made = api.create('accounts', name='Logged')
    news = kith.wait_for(lambda: api.get('/changes', after=start['cursor'])['data'])
    assert (news[0]['object'], news[0]['id'], news[0]['kind']) == ('account', made['id'], 'create')


def test_nested_too_deep(api):
    reply = api.request('POST', '/accounts', '{"a":' * 40 + '1' + '}' * 40, headers={'Content-Type': 'application/json'})
    assert reply.status == 400
