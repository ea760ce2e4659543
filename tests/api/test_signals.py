# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals: found by rules, made a task by one press, ended when their cause has gone; winning a customer back."""
from datetime import date, timedelta

import kith
import pytest

DAY = timedelta(days=1)


@pytest.fixture(scope='module')
def client(server):
    return server.client()


def product(client, family):
    return client.create('products', name='%s %d' % (family, kith.serial()), family=family)


def bought(client, account, days_ago, *products):
    """Orders of one piece of each product, so many days ago each."""
    for ago in days_ago:
        order = client.create('orders', account=account['id'], date=(date.today() - ago * DAY).isoformat())
        for p in products:
            client.create('order_lines', order=order['id'], product=p['id'], quantity='1', price='100')


def rule(client, kind):
    return client.list('signal_rules', filter="kind == '%s'" % kind)[0]


def look(client):
    """Has the signals looked for now: a rule that was written asks for it."""
    one = rule(client, 'silent')
    client.patch('/signal_rules/' + one['id'], {'position': one['position'] + 1})


def signals(client, account, **fields):
    more = ''.join(" && %s == '%s'" % pair for pair in fields.items())
    return client.list('signals', filter="account == '%s'%s" % (account['id'], more))


def wait_for(client, account, **fields):
    return kith.wait_for(lambda: signals(client, account, **fields), 20)[0]


@pytest.fixture(scope='module')
def shop(client):
    """Three customers: one who gave up tea, one who is gone, one who is due."""
    coffee, tea = product(client, 'Coffee'), product(client, 'Tea')
    keeps, gone, due = (client.create('accounts', name=n) for n in ('Keeps buying', 'Gone away', 'Due today'))
    bought(client, keeps, (61, 51, 41), coffee, tea)
    bought(client, keeps, (31, 21, 11, 1), coffee)
    bought(client, gone, (100, 90, 80), coffee)
    bought(client, due, (30, 20, 10), coffee)
    look(client)
    return {'keeps': keeps, 'gone': gone, 'due': due, 'coffee': coffee}


def test_rules_find_who_is_silent_who_is_due_and_what_was_given_up(client, shop):
    silent, due, tea = (wait_for(client, shop['gone'], kind='silent'), wait_for(client, shop['due'], kind='next_sale'),
                        wait_for(client, shop['keeps'], kind='family_lost'))
    assert (silent['sign'], due['sign'], tea['sign'], tea['family']) == ('risk', 'chance', 'risk', 'Tea')
    last = (date.today() - 80 * DAY).isoformat()
    assert silent['reason'] == 'Bought every 10 days, nothing since ' + last and silent['value']['amount'] == '300.00'
    assert tea['reason'].startswith('Tea: bought every 10 days') and silent['owner']['id'] == client.get('/me')['id']
    assert not signals(client, shop['gone'], kind='family_lost') and not signals(client, shop['keeps'], kind='silent')
    look(client)
    assert len(signals(client, shop['gone'], kind='silent')) == 1


def test_one_press_makes_the_task_and_an_order_ends_the_signal(client, shop):
    silent = wait_for(client, shop['gone'], kind='silent')
    reply = client.post('/signals/%s:take' % silent['id'], {})
    task = client.get('/activities/' + reply['task']['id'])
    assert task['subject'] == silent['next_step'] and task['account']['id'] == shop['gone']['id'] and task['status'] == 'open'
    taken = client.get('/signals/' + silent['id'])
    assert (taken['status'], taken['task']['id']) == ('taken', task['id'])
    bought(client, shop['gone'], (0,), shop['coffee'])
    look(client)
    ended = kith.wait_for(lambda: signals(client, shop['gone'], kind='silent', status='done'), 20)[0]
    assert ended['result'] == 'returned' and ended['ended_at'] and ended['closed_at']
    assert client.request('POST', '/signals/%s:close' % silent['id'], {'result': 'lost'}).status == 409


def test_what_was_dismissed_is_not_told_again(client, shop):
    due = wait_for(client, shop['due'], kind='next_sale')
    client.post('/signals/%s:dismiss' % due['id'], {'note': 'They moved'})
    look(client)
    assert [s['status'] for s in signals(client, shop['due'], kind='next_sale')] == ['dismissed']


def test_a_customer_is_won_back_with_reason_and_result(client, shop):
    tea = wait_for(client, shop['keeps'], kind='family_lost')
    got = client.post('/accounts/%s:win_back' % shop['keeps']['id'], {'family': 'Tea', 'cause': 'price', 'note': 'Too dear'})
    assert got['signal']['id'] == tea['id'] and got['task']['object'] == 'activity'
    again = client.request('POST', '/accounts/%s:win_back' % shop['keeps']['id'], {'family': 'Tea'})
    assert again.status == 409
    client.post('/signals/%s:close' % tea['id'], {'result': 'partly', 'note': 'Takes green tea'})
    closed = client.get('/signals/' + tea['id'])
    assert (closed['cause'], closed['result'], closed['status']) == ('price', 'partly', 'done')
    unseen = client.create('accounts', name='Never bought')
    made = client.post('/accounts/%s:win_back' % unseen['id'], {'subject': 'Call them'})
    signal = client.get('/signals/' + made['signal']['id'])
    assert (signal['kind'], signal['status'], signal['next_step']) == ('silent', 'taken', 'Call them')
    assert client.request('POST', '/accounts/%s:win_back' % unseen['id'], {'cause': 'bad luck'}).status == 422


def test_a_debt_is_a_signal_until_it_is_paid(client):
    account = client.create('accounts', name='Pays late')
    invoice = client.create('invoices', account=account['id'], date=(date.today() - 60 * DAY).isoformat(), due_date=(date.today() - 30 * DAY).isoformat())
    client.create('invoice_lines', invoice=invoice['id'], name='Work', quantity='1', price='250')
    client.post('/invoices/%s:issue' % invoice['id'], {})
    look(client)
    found = wait_for(client, account, kind='overdue')
    assert found['reason'].startswith('Owes 250.00 USD') and found['value']['amount'] == '250.00' and found['sign'] == 'risk'
    client.post('/invoices/%s:pay' % invoice['id'], {})
    look(client)
    ended = kith.wait_for(lambda: signals(client, account, kind='overdue', status='done'), 20)[0]
    assert ended['result'] == 'settled'


def test_a_contract_and_a_subscription_that_end_soon(client):
    account = client.create('accounts', name='Ends soon')
    end = (date.today() + 20 * DAY).isoformat()
    contract = client.create('contracts', account=account['id'], subject='Service', starts_on='2020-01-01', ends_on=end, status='active', amount='900')
    paid = client.create('orders', account=account['id'], date=(date.today() - 345 * DAY).isoformat())
    client.create('order_lines', order=paid['id'], name='Licence', quantity='1', price='10', period='month', term=12)
    look(client)
    both = kith.wait_for(lambda: [s for s in [signals(client, account, kind='contract_ending')] if len(s) == 2], 20)[0]
    assert {s['about']['id'] for s in both} == {contract['id'], paid['id']} and all(s['sign'] == 'risk' for s in both)


def test_a_condition_of_ones_own(client):
    account = client.create('accounts', name='Class A without deals', **{'class': 'A'})
    assert client.request('POST', '/signal_rules', {'name': 'x', 'kind': 'condition', 'object': 'product', 'condition': 'true', 'reason': 'x',
                                                    'next_step': 'x'}).status == 422
    client.create('signal_rules', name='No deals', kind='condition', object='account', condition="class == 'A' && open_deals == 0", sign='chance',
                  reason='{record} has no deal', next_step='Find a need')
    found = wait_for(client, account, kind='condition')
    assert found['reason'] == 'Class A without deals has no deal' and found['sign'] == 'chance'
    client.create('deals', name='Now there is one', account=account['id'])
    look(client)
    ended = kith.wait_for(lambda: signals(client, account, kind='condition', status='done'), 20)[0]
    assert ended['result'] == 'passed'


def test_who_may_not_see_a_customer_sees_no_signal(server, client, shop):
    seller = server.add_user(role='sales')
    assert seller.list('signals') == [] and seller.get('/buying')['data'] == []
    hidden = signals(client, shop['keeps'])[0]
    assert seller.request('POST', '/signals/%s:take' % hidden['id'], {}).status == 404
    assert seller.request('POST', '/accounts/%s:win_back' % shop['keeps']['id'], {}).status == 404
