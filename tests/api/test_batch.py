# SPDX-License-Identifier: GPL-3.0-or-later
"""Many records at once: all or nothing, limits, mass changes, their undo, work left to jobs."""
import time

import kith
import pytest


def test_create_many(api):
    reply = api.post('/accounts:batchCreate', {'data': [{'name': 'B%d' % i} for i in range(20)]})
    assert [r['name'] for r in reply['data']] == ['B%d' % i for i in range(20)] and reply['batch']
    assert api.post('/batches/%s:undo' % reply['batch'])['undone'] == 20
    assert api.request('GET', '/accounts/' + reply['data'][0]['id']).status == 404


def test_all_or_nothing(api):
    name = 'N%d' % kith.serial()
    reply = api.request('POST', '/accounts:batchCreate', {'data': [{'name': name}, {'nonsense': 1}, {'name': name, 'class': 'Z'}]})
    assert reply.status == 422
    assert {'1.nonsense', '2.class'} <= {e['field'] for e in reply.json['errors']}
    assert api.get('/accounts', filter="name == '%s'" % name, total='true')['total'] == 0


def test_limits(api):
    assert api.request('POST', '/accounts:batchCreate', {'data': [{'name': 'x'}] * 1001}).status == 413
    assert api.request('POST', '/accounts:batchDelete', {'ids': ['0000000000001'] * 1001}).status == 413
    assert api.request('POST', '/accounts:batchCreate', {'data': 'x'}).status == 422
    assert api.request('POST', '/accounts:batchCreate', {'rows': []}).status == 400
    assert api.request('POST', '/accounts:batchUpdate', {'ids': [], 'filter': 'true', 'set': {}}).status == 422


@pytest.mark.parametrize('target', [{}, {'filter': None}, {'ids': None}, {'ids': None, 'filter': None}, {'ids': ['0sa0000000000'], 'filter': ''}])
def test_a_target_is_said(api, target):
    """Nothing is not everything."""
    made = api.create('accounts', name='Stays')
    for verb, more in (('batchDelete', {}), ('batchUpdate', {'set': {'description': 'x'}})):
        reply = api.request('POST', '/accounts:' + verb, dict(target, **more))
        assert reply.status in (400, 422), reply
    assert api.get('/accounts/' + made['id'])['version'] == 1


def test_rollups_of_a_batch(api):
    account = api.create('accounts', name='Sum')
    stage = api.list('stages', order_by='position')[0]['id']
    api.post('/deals:batchCreate', {'data': [{'name': 'd', 'account': account['id'], 'stage': stage,
                                              'amount': {'amount': str(i), 'currency': 'USD'}} for i in range(1, 11)]})
    seen = api.get('/accounts/' + account['id'])
    assert seen['deals_count'] == 10 and seen['open_amount'] == {'amount': '55.00', 'currency': 'USD'} and seen['version'] == 1


def test_update_each_and_all(api):
    made = api.post('/accounts:batchCreate', {'data': [{'name': 'U%d' % i} for i in range(3)]})['data']
    each = api.post('/accounts:batchUpdate', {'data': [{'id': r['id'], 'name': r['name'] + '!'} for r in made]})
    assert [r['name'] for r in each['data']] == ['U0!', 'U1!', 'U2!'] and each['updated'] == 3
    ids = "id in ['%s']" % "', '".join(r['id'] for r in made)
    both = api.post('/accounts:batchUpdate', {'filter': ids, 'set': {'website': 'https://all.example'}})
    assert both['updated'] == 3
    api.post('/batches/%s:undo' % both['batch'])
    assert {r['website'] for r in api.list('accounts', filter=ids)} == {None}
    gone = api.post('/accounts:batchDelete', {'filter': ids})
    assert gone['deleted'] == 3 and api.list('accounts', filter=ids) == []
    assert api.post('/batches/%s:undo' % gone['batch'])['undone'] == 3
    assert len(api.list('accounts', filter=ids)) == 3


def test_one_bad_item_stops_all(api):
    made = api.post('/accounts:batchCreate', {'data': [{'name': 'S%d' % i} for i in range(2)]})['data']
    reply = api.request('POST', '/accounts:batchUpdate', {'data': [{'id': made[0]['id'], 'name': 'changed'},
                                                                  {'id': made[1]['id'], 'name': None}]})
    assert reply.status == 422 and reply.json['errors'][0]['field'] == '1.name'
    assert api.get('/accounts/' + made[0]['id'])['name'] == 'S0'


def test_more_than_a_thousand_is_an_operation(api):
    mark = 'J%d' % kith.serial()
    for _ in range(3):
        api.post('/products:batchCreate', {'data': [{'name': mark} for i in range(400)]})
    filter = "name == '%s'" % mark
    begun = api.request('POST', '/products:batchUpdate', {'filter': filter, 'set': {'description': 'mass'}})
    assert begun.status == 202 and begun.json['batch']

    def done():
        operation = api.get('/operations/' + begun.json['id'])
        assert operation['state'] != 'failed', operation
        return operation if operation['state'] == 'done' else None
    operation = kith.wait_for(done, 60)
    assert operation['done'] == operation['total'] == 1200
    assert api.get('/products', filter=filter + " && description == 'mass'", total='true')['total'] == 1200
    assert api.post('/batches/%s:undo' % begun.json['batch'])['undone'] == 1200


def test_operation_of_another(server, api):
    assert api.request('GET', '/operations/0000000000001').status == 404


@pytest.mark.parametrize('name', ['nothing', 'restoreAll'])
def test_unknown_action(api, name):
    made = api.create('accounts', name='Act')
    assert api.request('POST', '/accounts/%s:%s' % (made['id'], name), {}).status == 404


def test_convert_a_lead(api):
    meta = next(o for o in api.get('/meta')['objects'] if o['name'] == 'lead')
    convert = next(a for a in meta['actions'] if a['name'] == 'convert')
    lead = api.create('leads', title='Wants', company='Buyer Ltd', name={'family': 'Buyer', 'given': 'Bob'}, emails='bob@buyer.example')
    assert convert['label']
    reply = api.request('POST', '/leads/%s:convert' % lead['id'], {'nonsense': 1})
    assert reply.status == 422 and reply.json['errors'][0]['field'] == 'nonsense'
    done = api.post('/leads/%s:convert' % lead['id'], {})
    assert done['account']['label'] == 'Buyer Ltd'
    assert api.get('/leads/' + lead['id'])['converted_at']


def finished(api, operation):
    for _ in range(600):
        operation = api.get('/operations/' + operation['id'])
        if operation['state'] in ('done', 'failed'):
            return operation
        time.sleep(0.1)
    raise AssertionError('not done: %s' % operation)


def test_deleting_what_thousands_refer_to(api):
    """References are cleared by a job; what would be refused is refused before anything is cleared; one undo brings back the
    records and the references."""
    many = 1010
    product, other = api.create('products', name='Popular'), api.create('products', name='Unpopular')
    for n in (1000, many - 1000):
        api.post('/leads:batchCreate', {'data': [{'title': 'Asks', 'product': product['id']}] * n}, expect=200)
    count = lambda: api.get('/leads', filter="product == '%s'" % product['id'], total=True, page_size=1)['total']
    account = api.create('accounts', name='Orders')
    deal = api.create('deals', name='Order', account=account['id'])
    line = api.create('deal_lines', deal=deal['id'], product=product['id'], quantity='1', price={'amount': '1'})
    ids = [product['id'], other['id']]
    assert api.post('/products:batchDelete', {'ids': ids}, expect=409)['code'] == 'CONFLICT'
    assert api.delete('/products/' + product['id'], expect=409)['code'] == 'CONFLICT'
    assert count() == many
    api.delete('/deal_lines/' + line['id'])
    operation = finished(api, api.post('/products:batchDelete', {'ids': ids}, expect=202))
    assert operation['state'] == 'done' and operation['done'] == operation['total'] == many + 2
    assert api.get('/products/' + product['id'], expect=404) and api.get('/products/' + other['id'], expect=404)
    assert api.get('/leads', filter="title == 'Asks' && product == null", total=True, page_size=1)['total'] == many
    undone = api.post('/batches/%s:undo' % operation['batch'])
    assert undone['undone'] == many + 2 and undone['skipped'] == []
    assert count() == many
    assert api.delete('/products/' + product['id'], expect=202)['kind'] == 'api.mass', 'one by itself goes the same way'
