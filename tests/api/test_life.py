# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of customers by rules, locked by hand; the plan of an account: team, white space, goals, people."""
from datetime import date, timedelta

import kith
import pytest

DAY = timedelta(days=1)


@pytest.fixture(scope='module')
def client(server):
    return server.client()


def order(client, account, days_ago=0, product=None, price='100'):
    made = client.create('orders', account=account['id'], date=(date.today() - days_ago * DAY).isoformat())
    if product:
        client.create('order_lines', order=made['id'], product=product['id'], quantity='1', price=price)
    return made


def stands(client, account, **fields):
    def look():
        got = client.get('/accounts/' + account['id'])
        return got if all(got[k] == v for k, v in fields.items()) else None
    return kith.wait_for(look, 20)


def test_phase_and_step_follow_deals_and_orders(client):
    account = client.create('accounts', name='Lives')
    assert (account['phase'], account['ladder'], account['life_locked']) == ('preliminary', None, False)
    client.create('deals', name='First talk', account=account['id'])
    stands(client, account, phase='acquisition')
    order(client, account)
    stands(client, account, phase='consumption', ladder='neutral_buyer')
    order(client, account)
    order(client, account)
    got = stands(client, account, ladder='loyal_customer', orders_count=3)
    assert got['bought_on'] == date.today().isoformat()
    assert got['phase_since'] == got['bought_on'] and got['version'] == account['version']
    old = client.create('accounts', name='Long ago')
    order(client, old, 500)
    stands(client, old, phase='lost', ladder='neutral_buyer')


def test_a_phase_chosen_by_hand_stays_until_it_is_unlocked(client):
    account = client.create('accounts', name='By hand')
    client.patch('/accounts/' + account['id'], {'phase': 'after_sale'})
    order(client, account)
    got = stands(client, account, orders_count=1, phase='after_sale')
    assert got['life_locked']
    assert client.patch('/accounts/' + account['id'], {'life_locked': False})['phase'] == 'consumption'


def test_a_rule_of_ones_own_moves_those_it_holds_for(client):
    account = client.create('accounts', name='Ambassador', tags=['ambassador'])
    assert client.request('POST', '/life_rules', {'name': 'x', 'condition': 'nonsense', 'phase': 'lost'}).status == 422
    assert client.request('POST', '/life_rules', {'name': 'x', 'condition': 'true'}).status == 422
    rule = client.create('life_rules', name='Ambassadors', condition="'ambassador' in tags", ladder='partner', position=1)
    stands(client, account, ladder='partner')
    client.delete('/life_rules/' + rule['id'])


def test_the_board_and_the_flow_by_month(client):
    columns = client.get('/accounts:board', by='phase')['columns']
    assert {'preliminary', 'acquisition', 'consumption', 'after_sale', 'lost'} <= {c['value'] for c in columns}
    flow = client.get('/life_flow')
    month = date.today().strftime('%Y-%m')
    assert flow['months'][-1] == month and len(flow['months']) == 12
    moved = {(r['from'], r['to']): r['count'] for r in flow['data'] if r['month'] == month}
    assert moved['preliminary', 'acquisition'] == 1 and moved['acquisition', 'consumption'] == 1 and moved['after_sale', 'consumption'] == 1
    ladder = client.get('/life_flow', by='ladder')['data']
    assert {(r['from'], r['to']) for r in ladder} >= {(None, 'neutral_buyer'), ('neutral_buyer', 'loyal_customer'), (None, 'partner')}
    assert client.request('GET', '/life_flow?by=class').status == 400


# --- the plan of an account --------------------------------------------------------------------------------------------

def test_white_space_of_an_account_and_its_companies(client):
    head = client.create('accounts', name='White head')
    below = client.create('accounts', name='White below', parent=head['id'])
    bread, wine = (client.create('products', name='%s %d' % (f, kith.serial()), family=f) for f in ('Bread', 'Wine'))
    order(client, head, 3, bread, '70')
    order(client, head, 2, bread, '30')
    order(client, below, 1, wine)
    got = client.get('/accounts/%s:white_space' % head['id'])
    assert {'Bread', 'Wine'} <= set(got['families']) and [a['label'] for a in got['accounts']] == ['White head', 'White below']
    cells = {(c['account']['label'], c['family']): c['net']['amount'] for c in got['data']}
    assert cells == {('White head', 'Bread'): '100.00', ('White below', 'Wine'): '100.00'}
    assert client.request('GET', '/accounts/0000000000001:white_space').status == 404


def test_a_goal_knows_how_far_it_is(client):
    account = client.create('accounts', name='Has goals')
    goal = client.create('account_goals', account=account['id'], name='Four orders', measure='orders_count', target='4', due_on='2030-01-01')
    assert (goal['actual'], goal['reached']) == ('0', False)
    order(client, account)
    order(client, account)
    got = kith.wait_for(lambda: [g for g in [client.get('/account_goals/' + goal['id'])] if g['actual'] == '2'], 20)[0]
    assert float(got['progress']) == 50 and not got['reached']
    assert client.request('POST', '/account_goals', {'account': account['id'], 'name': 'x', 'measure': 'name', 'target': '1'}).status == 422


def test_the_team_of_an_account_sees_it_where_the_role_says_so(server, client):
    seen, hidden = (client.create('accounts', name='%s team' % n) for n in ('Seen by the', 'Hidden from the'))
    role = client.create('roles', name='Engineer %d' % kith.serial(), rights={
        'account': {'read': 'own', 'also': 'team_members.exists(m, m.id == me())'}})
    engineer = server.add_user(role='viewer')
    user = client.list('users', filter="email == '%s'" % engineer.email)[0]
    client.patch('/users/' + user['id'], {'role': role['id']})
    client.create('account_members', account=seen['id'], person=user['id'], role='presales', department='Engineering')
    names = lambda: kith.wait_for(lambda: [r['name'] for r in engineer.list('accounts')], 5)
    assert names() == ['Seen by the team']
    assert engineer.request('GET', '/accounts/' + hidden['id']).status == 404


def test_strength_and_worth_of_a_relation(client):
    account = client.create('accounts', name='Recommends us')
    assert account['strength'] == 0
    for _ in range(3):
        client.create('activities', kind='call', subject='Talk', about={'object': 'account', 'id': account['id']}, status='done')
    got = client.get('/accounts/' + account['id'])
    assert (got['touches'], got['strength']) == (3, 65)
    brought = client.create('accounts', name='Came by word', referred_by={'object': 'account', 'id': account['id']})
    client.create('deals', name='Came', account=brought['id'], amount='500')
    worth = client.get('/accounts:aggregate', filter="referred_by == '%s'" % account['id'], measures='count(),sum(open_amount)')['data'][0]
    assert worth['count()'] == 1 and worth['sum(open_amount)']['amount'] == '500.00'
