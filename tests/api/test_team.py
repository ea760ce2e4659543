# SPDX-License-Identifier: GPL-3.0-or-later
"""Who decides at the customer's and who sells at ours: roles wanted, needs, competitors, the team and its shares."""
import kith
import pytest
from test_deals import fields_of, new_stages


@pytest.fixture(scope='module')
def people(server):
    api = server.client()
    return [api.create('users', name='P%d' % i, email='p%d-%d@example.com' % (i, kith.serial())) for i in range(3)]


def person(api, name):
    return api.create('contacts', name={'family': name})['id']


def join(api, deal, contact, role):
    return api.create('deal_contacts', deal=deal['id'], contact=contact, role=role)


# --- roles ------------------------------------------------------------------------------------------------------------

def test_who_is_missing(api):
    ids = new_stages(api, wanted_roles=['decision_maker'])
    api.patch('/stages/' + ids['Proposal'], {'wanted_roles': ['economic_buyer', 'decision_maker']})
    deal = api.create('deals', name='Covered %d' % kith.serial(), stage=ids['New'])
    path, mine = '/deals/' + deal['id'], "id == '%s'" % deal['id']
    assert deal['missing_roles'] == ['decision_maker']
    assert api.patch(path, {'stage': ids['Proposal']})['missing_roles'] == ['decision_maker', 'economic_buyer']
    boss = join(api, deal, person(api, 'Boss'), 'decision_maker')
    assert api.get(path)['missing_roles'] == ['economic_buyer']
    assert api.list('deals', filter="'economic_buyer' in missing_roles && " + mine)
    assert not api.list('deals', filter='missing_roles == null && ' + mine)
    payer = join(api, deal, person(api, 'Payer'), 'economic_buyer')
    assert api.get(path)['missing_roles'] is None
    assert api.list('deals', filter='missing_roles == null && ' + mine)
    api.patch('/deal_contacts/' + payer['id'], {'role': 'user'})
    assert api.get(path)['missing_roles'] == ['economic_buyer']
    api.delete('/deal_contacts/' + boss['id'])
    assert api.get(path)['missing_roles'] == ['decision_maker', 'economic_buyer']
    api.post('/deals/%s:lose' % deal['id'], {'reason': 'price'})
    assert api.get(path)['missing_roles'] is None
    assert api.request('PATCH', path, {'missing_roles': ['user']}).status in (400, 422)


def test_gates_ask_for_roles(api):
    ids = new_stages(api)
    api.patch('/stages/' + ids['Qualified'], {'wanted_roles': ['champion'], 'leave_if': 'missing_roles == null', 'leave_message': 'Find a friend'})
    api.patch('/stages/' + ids['Negotiation'], {'wanted_roles': ['economic_buyer'], 'enter_if': "!('economic_buyer' in missing_roles)"})
    deal = api.create('deals', name='Held up', stage=ids['Qualified'])
    path = '/deals/' + deal['id']
    refused = fields_of(api.request('PATCH', path, {'stage': ids['Proposal']}))
    assert refused['stage']['message'] == 'Find a friend'
    join(api, deal, person(api, 'Friend'), 'champion')
    assert list(fields_of(api.request('PATCH', path, {'stage': ids['Negotiation']}))) == ['stage']
    join(api, deal, person(api, 'Payer'), 'economic_buyer')
    assert api.patch(path, {'stage': ids['Negotiation']})['missing_roles'] is None


def test_a_stage_that_changes_its_mind(api):
    ids = new_stages(api)
    deals = [api.create('deals', name='Many %d' % i, stage=ids['New']) for i in range(3)]
    api.patch('/stages/' + ids['New'], {'wanted_roles': ['technical']})
    kith.wait_for(lambda: all(api.get('/deals/' + d['id'])['missing_roles'] == ['technical'] for d in deals))
    assert all(api.get('/deals/' + d['id'])['version'] == d['version'] for d in deals)


# --- next step --------------------------------------------------------------------------------------------------------

def test_a_stage_that_wants_a_next_step(api):
    ids = new_stages(api)
    api.patch('/stages/' + ids['Proposal'], {'needs_next_step': True})
    deal = api.create('deals', name='Going', stage=ids['New'])
    path = '/deals/' + deal['id']
    assert list(fields_of(api.request('PATCH', path, {'stage': ids['Proposal']}))) == ['next_step_at']
    api.patch(path, {'stage': ids['Proposal'], 'next_step_at': '2030-03-12'})
    assert list(fields_of(api.request('PATCH', path, {'next_step_at': None}))) == ['next_step_at']
    api.create('activities', kind='task', subject='Ring', deal=deal['id'])
    api.patch(path, {'next_step_at': None})


# --- needs and competitors --------------------------------------------------------------------------------------------

@pytest.mark.any_database
def test_needs(api, db):
    deal = api.create('deals', name='Needy')
    product = api.create('products', name='Fence %d' % kith.serial())
    need = api.create('deal_needs', deal=deal['id'], name='Keep deer out', importance='must')
    assert need['state'] == 'open'
    found = api.list('deal_needs', filter="state == 'open' && deal == '%s'" % deal['id'])
    assert [r['name'] for r in found] == ['Keep deer out']
    path = '/deal_needs/' + need['id']
    assert api.patch(path, {'product': product['id'], 'answer': 'Two metres high'})['state'] == 'answered'
    assert api.patch(path, {'proof': 'A trial on the north side'})['state'] == 'proven'
    assert api.list('deals', filter="needs.exists(n, n.product == '%s')" % product['id'])[0]['name'] == 'Needy'


@pytest.mark.any_database
def test_competitors(api, db):
    deal = api.create('deals', name='Contested')
    rivals = [api.create('accounts', name='Rival %d' % kith.serial(), roles=['competitor'])['id'] for _ in range(2)]
    for rival, threat in zip(rivals, ('high', 'low')):
        api.create('deal_competitors', deal=deal['id'], competitor=rival, threat=threat, price={'amount': '90', 'currency': 'USD'})
    assert api.request('POST', '/deal_competitors', {'deal': deal['id'], 'competitor': rivals[0]}).status == 409
    assert [r['id'] for r in api.list('deals', filter="competitors.exists(c, c.id == '%s')" % rivals[1])] == [deal['id']]
    api.post('/deals/%s:lose' % deal['id'], {'reason': 'competitor', 'competitor': rivals[0]})
    lost = api.get('/deals:aggregate', group_by='competitor', filter="lost_reason == 'competitor' && id == '%s'" % deal['id'])['data']
    assert lost[0]['competitor']['id'] == rivals[0] and lost[0]['count()'] == 1


# --- the team and its shares ------------------------------------------------------------------------------------------

def shares(api, deal, kind='revenue'):
    rows = api.list('deal_splits', filter="deal == '%s' && kind == '%s'" % (deal['id'], kind), order_by='-percent')
    return [(r['person']['label'], r['percent'], r['amount'] and r['amount']['amount']) for r in rows]


def row(deal, who, percent, kind='revenue'):
    return {'deal': deal['id'], 'person': who['id'], 'percent': percent, 'kind': kind}


def test_shares_come_to_the_whole(api, people):
    deal = api.create('deals', name='Shared', amount={'amount': '100.00', 'currency': 'USD'})
    refused = api.request('POST', '/deal_splits', row(deal, people[0], '60'))
    assert '60 %' in fields_of(refused)['percent']['message']
    thirds = [row(deal, who, p) for who, p in zip(people, ('33.3333', '33.3334', '33.3333'))]
    made = api.post('/deal_splits:batchCreate', {'data': thirds})['data']
    assert sorted(a for _, _, a in shares(api, deal)) == ['33.33', '33.33', '33.34']
    api.create('deal_splits', **row(deal, api.get('/me'), '12.5', 'overlay'))
    api.patch('/deals/' + deal['id'], {'amount': {'amount': '0.05', 'currency': 'USD'}})
    assert sorted(a for _, _, a in shares(api, deal)) == ['0.01', '0.02', '0.02'] and shares(api, deal, 'overlay')[0][2] == '0.01'
    for change in ({'percent': '50'}, {'kind': 'overlay'}):
        assert fields_of(api.request('PATCH', '/deal_splits/' + made[0]['id'], change))
    assert api.request('DELETE', '/deal_splits/' + made[0]['id']).status == 400
    api.post('/deal_splits:batchUpdate', {'data': [{'id': made[0]['id'], 'percent': '0'}, {'id': made[1]['id'], 'percent': '66.6667'}]})
    api.delete('/deal_splits/' + made[0]['id'])
    history = api.get('/deal_splits/%s/history' % made[1]['id'])['data']
    assert any(c['field'] == 'percent' and c['after'] == '66.6667' for h in history for c in h['changes'])
    api.delete('/deals/' + deal['id'])
    api.post('/undo')
    assert len(shares(api, deal)) == 2


def test_sharing_takes_from_the_responsible(api, people):
    me = api.get('/me')
    deal = api.create('deals', name='Mine', amount={'amount': '1000', 'currency': 'USD'})
    share = lambda who, percent: api.request('POST', '/deals/%s:share' % deal['id'], {'person': who['id'], 'percent': percent})
    assert share(people[0], '40').status == 200
    assert shares(api, deal) == [(me['name'], '60', '600.00'), ('P0', '40', '400.00')]
    assert share(people[1], '60').status == 200 and shares(api, deal) == [('P1', '60', '600.00'), ('P0', '40', '400.00')]
    assert '60 %' in fields_of(share(people[1], '61'))['percent']['message']
    assert fields_of(share(me, '10'))['person'] and fields_of(share(people[2], '-1'))['percent'] and fields_of(share(people[2], '101'))['percent']
    assert share(people[1], '0').status == 200 and len(shares(api, deal)) == 2
    assert share(people[0], '0').status == 200 and shares(api, deal) == []
    share(people[0], '40')
    api.patch('/deals/' + deal['id'], {'stage': api.list('stages', filter="category == 'won' && pipeline.is_default == true")[0]['id']})
    board = api.get('/deal_splits:aggregate', group_by='person', measures='sum(amount)', filter="deal.category == 'won' && kind == 'revenue'")['data']
    assert {r['person']['label']: r['sum(amount)']['amount'] for r in board} == {me['name']: '600.00', 'P0': '400.00'}


def test_the_team_sees_the_deal(server, api):
    seller, other = server.add_user(role='sales'), server.add_user(role='sales')
    who = other.get('/me')['id']
    deal = seller.create('deals', name='Ours')
    path = '/deals/' + deal['id']
    assert other.request('GET', path).status == 404
    mate = seller.create('deal_splits', deal=deal['id'], person=who, role='expert')
    assert other.get(path)['name'] == 'Ours' and [r['id'] for r in other.list('deals')] == [deal['id']]
    assert other.list('deal_splits')[0]['role'] == 'expert'
    assert other.request('PATCH', path, {'name': 'Mine'}).status == 403
    seller.delete('/deal_splits/' + mate['id'])
    assert other.request('GET', path).status == 404 and other.list('deals') == []
