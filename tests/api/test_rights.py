# SPDX-License-Identifier: GPL-3.0-or-later
"""Rights over HTTP: level x verb x ownership, each cell; fields that are hidden, at every door."""
import itertools

import kith
import pytest

VERBS = ('create', 'read', 'update', 'delete')
LEVELS = ('none', 'own', 'team', 'all')
OWNERS = ('own', 'team', 'below', 'other')
#: Which owners' records a level reaches.
REACH = {'none': (), 'own': ('own',), 'team': ('own', 'team', 'below'), 'all': OWNERS}


def make_role(api, rights):
    return api.create('roles', name='R%d' % kith.serial(), key='r%d' % kith.serial(), rights=rights)


class World:
    """A user in a team with a colleague there, somebody below him, and a stranger; records of each."""

    def __init__(self, server):
        self.server, self.api = server, server.client()
        top = self.api.create('teams', name='Top %d' % kith.serial())
        below = self.api.create('teams', name='Below %d' % kith.serial(), parent=top['id'])
        other = self.api.create('teams', name='Other %d' % kith.serial())
        self.people = {}
        for who, team in (('own', top), ('team', top), ('below', below), ('other', other)):
            client = server.add_user(role='viewer')
            client.id = client.get('/me')['id']
            self.api.patch('/users/' + client.id, {'team': team['id']})
            self.people[who] = client
        self.me = self.people['own']

    def give(self, rights):
        role = make_role(self.api, rights)
        self.api.patch('/users/' + self.me.id, {'role': role['id']})

    def records(self, plural, **fields):
        return {who: self.api.create(plural, owner=self.people[who].id, **fields) for who in OWNERS}


@pytest.fixture(scope='module')
def world(server):
    return World(server)


SAMPLES = {'account': ('accounts', {'name': 'Cell'}), 'lead': ('leads', {'title': 'Cell', 'name': {'family': 'Cell'}})}


@pytest.mark.parametrize('object', sorted(SAMPLES))
@pytest.mark.parametrize('level', LEVELS)
def test_read(world, object, level):
    plural, fields = SAMPLES[object]
    records = world.records(plural, **fields)
    world.give({object: {'read': level}})
    if level == 'none':
        assert world.me.request('GET', '/' + plural).status == 403
    else:
        listed = {r['id'] for r in world.me.all(plural, page_size=200)}
    for who, record in records.items():
        may = who in REACH[level]
        path = '/%s/%s' % (plural, record['id'])
        for part in ('', '/history', '/timeline'):
            assert world.me.request('GET', path + part).status == (200 if may else 404), (who, part)
        if level != 'none':
            assert (record['id'] in listed) == may, who
        hits = world.me.get('/search', q='Cell', limit=100)['data']
        assert may or record['id'] not in [h['id'] for h in hits]


@pytest.mark.parametrize('object', sorted(SAMPLES))
@pytest.mark.parametrize('verb,level', list(itertools.product(('update', 'delete'), LEVELS)))
def test_write(world, object, verb, level):
    plural, fields = SAMPLES[object]
    records = world.records(plural, **fields)
    world.give({object: {'read': 'all', verb: level}})
    for who, record in records.items():
        path = '/%s/%s' % (plural, record['id'])
        reply = world.me.request('PATCH', path, {'description': 'changed'}) if verb == 'update' else world.me.request('DELETE', path)
        if who in REACH[level]:
            assert reply.status in (200, 204), (who, reply)
        else:
            assert reply.status == 403 and reply.json['code'] == 'DENIED', (who, reply)
            assert world.api.get(path)['version'] == 1


@pytest.mark.parametrize('object', sorted(SAMPLES))
@pytest.mark.parametrize('level', LEVELS)
def test_create(world, object, level):
    plural, fields = SAMPLES[object]
    world.give({object: {'read': 'all', 'create': level}})
    for who in OWNERS:
        reply = world.me.request('POST', '/' + plural, dict(fields, owner=world.people[who].id))
        assert reply.status == (201 if who in REACH[level] else 403), (who, reply)


def test_what_one_may_not_see_cannot_be_written(world):
    records = world.records('accounts', name='Unseen')
    world.give({'account': {'read': 'own', 'update': 'all', 'delete': 'all', 'mass': True}})
    path = '/accounts/' + records['other']['id']
    assert world.me.request('PATCH', path, {'name': 'x'}).status == 404
    assert world.me.request('DELETE', path).status == 404
    assert world.me.request('POST', path + ':restore').status == 404
    assert world.me.request('POST', '/accounts:batchDelete', {'ids': [records['other']['id']]}).status == 404


def test_a_child_follows_its_parent(world):
    stage = world.api.list('stages')[0]['id']
    deals = world.records('deals', name='Parent', stage=stage)
    product = world.api.create('products', name='Line %d' % kith.serial())
    lines = {who: world.api.create('deal_lines', deal=d['id'], product=product['id'], name='l', quantity='1',
                                   price={'amount': '1', 'currency': 'USD'}) for who, d in deals.items()}
    world.give({'deal': {'read': 'team', 'update': 'own'}, 'product': {'read': 'all'}})
    for who, line in lines.items():
        path = '/deal_lines/' + line['id']
        assert world.me.request('GET', path).status == (200 if who in REACH['team'] else 404)
        expect = 200 if who == 'own' else 403 if who in REACH['team'] else 404
        assert world.me.request('PATCH', path, {'quantity': '2'}).status == expect


def test_reference_to_what_one_may_not_see_has_no_label(world):
    stage = world.api.list('stages')[0]['id']
    account = world.api.create('accounts', name='Secret name', owner=world.people['other'].id)
    deal = world.api.create('deals', name='Mine', stage=stage, account=account['id'], owner=world.me.id)
    world.give({'deal': {'read': 'own'}, 'account': {'read': 'own'}})
    seen = world.me.get('/deals/' + deal['id'])
    assert seen['account'] == {'object': 'account', 'id': account['id'], 'label': None}
    assert world.me.list('deals', filter="account.name == 'Secret name'") == []
    assert 'Secret name' not in world.me.request('GET', '/deals/%s/history' % deal['id']).text
    assert 'Secret name' not in world.me.request('GET', '/deals:aggregate', group_by='account').text


def test_mass_right(world):
    records = world.records('accounts', name='Mass')
    ids = [r['id'] for r in records.values()]
    world.give({'account': {'read': 'all', 'update': 'all', 'delete': 'all'}})
    assert world.me.request('POST', '/accounts:batchUpdate', {'ids': ids, 'set': {'name': 'x'}}).status == 403
    assert world.me.request('POST', '/accounts:batchDelete', {'ids': ids}).status == 403
    assert world.me.post('/accounts:batchUpdate', {'ids': ids[:1], 'set': {'name': 'x'}})['updated'] == 1
    world.give({'account': {'read': 'all', 'update': 'all', 'delete': 'own', 'mass': True}})
    assert world.me.post('/accounts:batchUpdate', {'ids': ids, 'set': {'name': 'y'}})['updated'] == 4
    assert world.me.request('POST', '/accounts:batchDelete', {'ids': ids}).status == 403
    assert world.me.get('/accounts', filter="name == 'y'", total='true')['total'] == 4


def test_row_rules(world):
    world.api.create('accounts', name='Retail', description='open', owner=world.people['other'].id)
    world.api.create('accounts', name='Retail', description='closed', owner=world.me.id)
    world.give({'account': {'read': 'own', 'also': "description == 'open'"}})
    assert {r['description'] for r in world.me.list('accounts', filter="name == 'Retail'")} == {'open', 'closed'}
    world.give({'account': {'read': 'all', 'limit': "description == 'open'"}})
    assert {r['description'] for r in world.me.list('accounts', filter="name == 'Retail'")} == {'open'}


# --- hidden fields ---------------------------------------------------------------------------------------------------

@pytest.fixture(scope='module')
def hidden(world):
    """The caller may read all accounts and deals but for two fields."""
    stage = world.api.list('stages')[0]['id']
    record = world.api.create('accounts', name='Veiled', website='https://secret.example', owner=world.me.id,
                              description='Zanzibarious')
    deal = world.api.create('deals', name='Veiled deal', stage=stage, account=record['id'], owner=world.me.id,
                            amount={'amount': '777', 'currency': 'USD'})
    world.api.patch('/accounts/' + record['id'], {'website': 'https://other-secret.example'})
    world.give({'account': {'read': 'all', 'create': 'all', 'update': 'all', 'mass': True,
                            'fields': {'website': 'hidden', 'description': 'hidden', 'name': 'read'}},
                'deal': {'read': 'all', 'fields': {'amount': 'hidden'}}})
    world.record, world.deal = record, deal
    return world


def test_hidden_in_records(hidden):
    record = hidden.me.get('/accounts/' + hidden.record['id'])
    assert 'website' not in record and 'description' not in record and record['name'] == 'Veiled'
    assert all('website' not in r for r in hidden.me.list('accounts'))


def unknown(client, method, path, body=None, **params):
    """The answer for a hidden field is that for an unknown one."""
    reply = client.request(method, path, body, **params)
    assert reply.status in (400, 422), reply
    return [(e['field'], e['code']) for e in reply.json['errors']]


@pytest.mark.parametrize('params', [
    {'filter': "%s == 'x'"}, {'filter': "%s != null"}, {'order_by': '%s'}, {'order_by': '-%s'}, {'fields': 'name,%s'},
])
def test_hidden_in_lists(hidden, params):
    for path in ('/accounts',):
        asked = [unknown(hidden.me, 'GET', path, **{k: v % f for k, v in params.items()}) for f in ('website', 'nothing_at_all')]
        assert asked[0] == asked[1]


@pytest.mark.parametrize('params', [{'group_by': '%s'}, {'measures': 'sum(%s)'}, {'measures': 'max(%s)'}, {'filter': '%s > 1.0'}])
def test_hidden_in_aggregates(hidden, params):
    asked = [unknown(hidden.me, 'GET', '/deals:aggregate', **{k: v % f for k, v in params.items()}) for f in ('amount', 'nothing_at_all')]
    assert asked[0] == asked[1]


def test_hidden_behind_a_reference(hidden):
    for filter in ("account.website == 'x'", "account.nothing_at_all == 'x'"):
        assert unknown(hidden.me, 'GET', '/deals', filter=filter) == [('filter', 'cel.unknown')]
    reply = hidden.me.request('GET', '/accounts', filter='deals.exists(d, d.amount > 1.0)')
    assert reply.status == 400


def test_hidden_in_writes(hidden):
    for name in ('website', 'nothing_at_all'):
        assert unknown(hidden.me, 'PATCH', '/accounts/' + hidden.record['id'], {name: 'x'}) == [(name, 'field.unknown')]
        assert unknown(hidden.me, 'POST', '/accounts', {name: 'x'}) == [(name, 'field.unknown')]
        assert hidden.me.request('POST', '/accounts:batchUpdate', {'ids': [hidden.record['id']], 'set': {name: 'x'}}).status == 422


def test_hidden_in_history_timeline_and_log(hidden):
    for path in ('/accounts/%s/history', '/accounts/%s/timeline'):
        text = hidden.me.request('GET', path % hidden.record['id']).text
        assert 'secret.example' not in text and 'website' not in text
    log = [e for e in hidden.me.get('/changes', limit='1000')['data'] if e['object'] in ('account', 'deal')]
    assert log and not any(c['field'] in ('website', 'description', 'amount') and e['object'] + c['field'] != 'dealdescription'
                           for e in log for c in e['changes'])
    past = hidden.me.get('/accounts/' + hidden.record['id'], as_of=hidden.record['updated_at'])
    assert 'website' not in past


def test_hidden_in_search_meta_and_document(hidden):
    hits = hidden.me.get('/search', q='Zanzibarious')['data']
    assert 'Zanzibarious' not in str(hits)
    account = next(o for o in hidden.me.get('/meta')['objects'] if o['name'] == 'account')
    assert 'website' not in [f['name'] for f in account['fields']]
    assert 'website' not in str(account['layout']) and 'website' not in str(account['columns'])
    document = hidden.me.get('/openapi.json')
    assert 'website' not in document['components']['schemas']['Account']['properties']


def test_hidden_on_the_board(hidden):
    columns = hidden.me.get('/deals:board', by='stage')['columns']
    assert all(c['sum'] is None for c in columns) and all('amount' not in r for c in columns for r in c['data'])
    assert unknown(hidden.me, 'GET', '/deals:board', by='nothing_at_all') == [('by', 'field.unknown')]


def test_read_only_field(hidden):
    reply = hidden.me.request('PATCH', '/accounts/' + hidden.record['id'], {'name': 'x'})
    assert reply.status == 422 and reply.json['errors'][0]['field'] == 'name'


def test_unique_error_does_not_tell_who(world):
    code = 'H%d' % kith.serial()
    world.api.create('products', name='Their secret product', code=code)
    world.give({'product': {'create': 'all', 'read': 'own'}})
    reply = world.me.request('POST', '/products', {'name': 'x', 'code': code})
    assert reply.status == 409 and 'secret' not in reply.text


def test_masked_phones(world):
    record = world.api.create('contacts', name={'family': 'Masked'}, phones='+7 916 123-45-67', owner=world.me.id)
    world.give({'contact': {'read': 'all', 'update': 'all'}, 'masked': False})
    seen = world.me.get('/contacts/' + record['id'])
    assert '1234567' not in str(seen['phones']) and seen['phones'][0]['value'].endswith('4567')
    assert world.me.patch('/contacts/' + record['id'], {'phones': seen['phones'], 'job_title': 'x'})['job_title'] == 'x'
    assert world.api.get('/contacts/' + record['id'])['phones'][0]['value'] == '+79161234567'


def test_rights_explained(world):
    account = world.api.create('accounts', name='Why', owner=world.me.id)
    world.give({'account': {'read': 'own'}})
    why = world.api.get('/rights/why', object='account', id=account['id'], user=world.me.id)
    assert why['may_read'] and why['reason'] == 'owner' and why['text']
    stranger = world.api.get('/rights/why', object='account', id=account['id'], user=world.people['other'].id)
    assert stranger['reason'] in ('all', 'nothing')
    assert world.me.request('GET', '/rights/why', object='account', id=account['id'], user=world.me.id).status == 403


def test_new_rights_hold_at_once(world):
    world.give({'account': {'read': 'all'}})
    assert world.me.request('GET', '/accounts').status == 200
    world.give({'account': {'read': 'none'}})
    assert world.me.request('GET', '/accounts').status == 403
