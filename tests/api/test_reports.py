# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of sales and the dashboard: sums beside those made here, and every number beside the list it leads to."""
import collections
import datetime

import kith
import pytest

NOW = 1787227200000  # 2026-08-20 12:00 UTC
DAY = 86400000


@pytest.fixture(scope='module')
def company(db, postgres):
    """Deals that moved from day to day, leads, costs in two currencies, calls."""
    installation = kith.install(postgres if db == 'postgres' else None)
    made = {'db': db}
    server = kith.Server(installation, test_clock=str(NOW - 40 * DAY))
    api = server.client()
    stages = {s['name']: s['id'] for s in api.all('stages')}
    people = [api.create('users', name=n, email=n.lower() + '@example.com', role=role(api, 'sales')) for n in ('Anna', 'Boris')]
    eur = next(c for c in api.all('currencies') if c['code'] == 'EUR')
    api.create('rates', currency=eur['id'], date='2026-01-01', rate='1.25')
    mill, forge, shop, yard = [api.create('accounts', name=n, country=c, source='website') for n, c in
                               (('Mill', 'PL'), ('Forge', 'DE'), ('Shop', None), ('Yard', 'PL'))]

    def deal(owner, account, amount, stage, opened, **more):
        return api.create('deals', name='D', owner=people[owner]['id'], account=account and account['id'], amount=money(amount),
                          stage=stages[stage], opened_on=opened, **more)
    moving = deal(0, mill, 1000, 'New', '2026-07-11', source='website')
    lost = deal(1, forge, 500, 'Qualified', '2026-07-12', source='event')
    deal(1, None, 70, 'New', '2026-07-13')
    for account, day, amount in ((mill, '2026-05-05', 300), (forge, '2026-02-02', 40), (yard, '2026-06-06', 90), (yard, '2026-08-01', 90)):
        deal(0, account, amount, 'Won', '2026-01-10', close_date=day, source='website')
    deal(1, shop, 25, 'Won', '2026-07-15', close_date='2026-08-05', source='event')
    deal(1, forge, 60, 'Won', '2026-07-15', close_date='2026-08-06')
    made.update(people=people, stages=stages, moving=moving, accounts=(mill, forge, shop, yard))
    server.stop()
    for days, change in ((30, {'stage': stages['Proposal']}), (10, {'stage': stages['Won']})):
        server = kith.Server(installation, test_clock=str(NOW - days * DAY))
        client = server.client()
        client.patch('/deals/' + moving['id'], change)
        if days == 10:
            client.post('/deals/%s:lose' % lost['id'], {'reason': 'price'})
        client.close()
        server.stop()
    server = kith.Server(installation, test_clock=str(NOW))
    api = server.client()
    made.update(server=server, api=api, people=people, stages=stages, moving=moving)
    yield made
    api.close()
    server.stop()
    installation.remove()


def role(api, key):
    return next(r['id'] for r in api.all('roles') if r['key'] == key)


def money(amount, currency='USD'):
    return {'amount': str(amount), 'currency': currency}


def amount(v):
    return None if v is None else float(v['amount'])


def condition(group, value):
    """What a group says of its rows, as a page writes it."""
    if '(' in group:
        unit, field = group[:-1].split('(')
        day = datetime.date.fromisoformat(value)
        after = (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
        assert unit == 'month'
        if field.endswith('_at'):
            return "%s >= timestamp('%sT00:00:00Z') && %s < timestamp('%sT00:00:00Z')" % (field, day, field, after)
        return "%s >= date('%s') && %s < date('%s')" % (field, day, field, after)
    if value is None:
        return group + ' == null'
    return "%s == '%s'" % (group, value['id'] if isinstance(value, dict) else value)


def lists_agree(api, reply):
    """Each count of a report is the length of its list, each sum that of its list; returns how many numbers were looked at."""
    plurals = {'deal': 'deals', 'activity': 'activities', 'lead': 'leads', 'account': 'accounts', 'stage_visit': 'stage_visits',
               'advertising_cost': 'advertising_costs'}
    looked = 0
    for row in [*reply['data'], reply['total']]:
        for column in reply['columns']:
            value = (row or {}).get(column['key'])
            if value is None or 'object' not in column or ('groups' not in column and row is not reply['total'] and 'filters' not in row):
                continue
            if row.get('filters'):
                filters = [row['filters'][column['key']]]
            else:
                filters = [column['filter']] if column['filter'] else []
            if row is not reply['total'] and column.get('groups'):
                filters += [condition(g, row[name]) for g, name in zip(column['groups'].split(','), reply['groups'])]
            found = api.all(plurals[column['object']], filter=' && '.join('(%s)' % f for f in filters), page_size=200)
            if column['kind'] == 'integer' and column['key'] not in ('clicks', 'longest'):
                assert len(found) == value, (column, row, filters)
                looked += 1
            elif column['kind'] == 'money':
                assert round(sum(amount(r['amount']) * (1.25 if r['amount']['currency'] == 'EUR' else 1) for r in found if r['amount']), 2) == amount(value), (column, row)
                looked += 1
    return looked


def row_of(reply, label):
    key = reply['groups'][0]
    return next(r for r in reply['data'] if (r[key]['label'] if isinstance(r[key], dict) else r[key]) == label)


def test_results_of_sales(company):
    api = company['api']
    got = api.get('/reports/sales', period='2026-Q3', group_by='owner')
    total, anna = got['total'], row_of(got, 'Anna')
    assert (total['opened'], total['won'], total['lost'], total['win_rate'], amount(total['amount'])) == (5, 4, 1, '80.00', 1175)
    assert (anna['won'], amount(anna['amount']), amount(anna['average']), anna['win_rate']) == (2, 1090, 545, '100.00')
    days = float(total['days'])
    assert days == round((30 + 203 + 21 + 22) / 4, 2)
    assert amount(total['velocity']) == round(total['open'] * 0.8 * (1175 / 4) / days, 2)
    assert got['period'] == {'period': '2026-Q3', 'until': '2026-Q3', 'start': '2026-07-01', 'end': '2026-09-30', 'before': '2026-04-01'}
    assert lists_agree(api, got) > 15


@pytest.mark.any_database
@pytest.mark.parametrize('group', ['source', 'account', 'account.country', 'owner.role', 'stage', 'month', 'source,month'])
def test_every_number_leads_to_its_list(company, group):
    got = company['api'].get('/reports/sales', period='2026-Q2..2026-Q3', group_by=group)
    assert sum(r['won'] for r in got['data']) == got['total']['won'] == 6
    assert lists_agree(company['api'], got) > 10


def test_funnel_counts_who_stood_where_and_who_came_so_far(company):
    api = company['api']
    got = api.get('/reports/funnel', period='2026-Q3')
    rows = {r['stage']['label']: r for r in got['data']}
    assert list(rows) == ['New', 'Qualified', 'Proposal', 'Negotiation', 'Won']
    assert [rows[s]['entered'] for s in rows] == [2, 1, 1, 0, 3]
    assert [rows[s]['reached'] for s in rows] == [5, 4, 3, 3, 3]
    assert [rows[s]['of_previous'] for s in rows] == [None, '80.00', '75.00', '100.00', '100.00']
    assert amount(rows['Won']['reached_amount']) == 1085 and rows['Won']['of_all'] == '60.00'
    assert lists_agree(api, got) == 10
    by_source = api.get('/reports/funnel', period='2026-Q3', group_by='source')
    first = {r['source']: r['reached'] for r in by_source['data'] if r['stage']['label'] == 'New'}
    assert first == {'website': 1, 'event': 2, None: 2}
    filtered = api.get('/reports/funnel', period='2026-Q3', filter="source == 'event'")
    assert [r['reached'] for r in filtered['data']] == [2, 2, 1, 1, 1] and lists_agree(api, filtered) == 10


def test_time_in_stages(company):
    got = company['api'].get('/reports/stages', period='2026-Q3')
    rows = {r['stage']['label']: r for r in got['data']}
    assert list(rows)[:3] == ['New', 'Qualified', 'Proposal']
    assert [(rows[s]['visits'], rows[s]['stay'], rows[s]['longest']) for s in ('New', 'Qualified', 'Proposal')] == [
        (1, '10.00', 10), (1, '30.00', 30), (1, '20.00', 20)]
    assert rows['New']['standing'] == 1 and amount(rows['New']['standing_amount']) == 70 and rows['New']['since'].startswith('2026-07-11')
    assert lists_agree(company['api'], got) > 5


def test_customers_come_and_gone(company):
    api = company['api']
    got = {r['kind']: (r['accounts'], amount(r['was']), amount(r['now'])) for r in api.get('/reports/customers', period='2026-Q3')['data']}
    assert got == {'new': (1, 0, 25), 'regained': (1, 0, 60), 'grown': (1, 300, 1000), 'kept': (1, 90, 90), 'shrunk': (0, 0, 0), 'lost': (0, 0, 0)}
    grown = api.get('/reports/customers', period='2026-Q3', kind='grown')['data']
    assert [(r['account']['label'], amount(r['change'])) for r in grown] == [('Mill', 700)]
    before = {r['kind']: r['accounts'] for r in api.get('/reports/customers', period='2026-Q2')['data']}
    assert before == {'new': 2, 'regained': 0, 'grown': 0, 'kept': 0, 'shrunk': 0, 'lost': 1}
    for of in ('orders', 'invoices'):
        assert all(r['accounts'] == 0 for r in api.get('/reports/customers', of=of)['data'])
    assert api.request('GET', '/reports/customers', of='wishes').status == 400


@pytest.mark.any_database
def test_activity_beside_results(company):
    api = company['api']
    for person, kind, status in ((0, 'call', 'done'), (0, 'call', 'done'), (0, 'meeting', 'done'), (1, 'task', 'done'), (1, 'call', 'open')):
        api.create('activities', kind=kind, subject='S', status=status, owner=company['people'][person]['id'])
    got = api.get('/reports/activity', period='2026-08', group_by='owner')
    anna, boris = row_of(got, 'Anna'), row_of(got, 'Boris')
    assert [anna[k] for k in ('calls', 'meetings', 'tasks', 'activities', 'won', 'per_won')] == [2, 1, 0, 3, 2, '1.5']
    assert [boris[k] for k in ('calls', 'tasks', 'activities', 'won', 'per_won')] == [0, 1, 1, 2, '0.5']
    assert lists_agree(api, got) > 10


def test_what_leads_cost(company):
    api = company['api']
    api.create('advertising_costs', source='website', month='2026-08-17', amount=money(80, 'EUR'), clicks=400)
    api.create('advertising_costs', source='event', month='2026-08-01', amount=money(50))
    for source, n in (('website', 4), ('event', 1)):
        for _ in range(n):
            api.create('leads', title='L', source=source)
    got = api.get('/reports/lead_costs', period='2026-08', group_by='source')
    site, event = row_of(got, 'website'), row_of(got, 'event')
    assert (amount(site['cost']), site['clicks'], site['leads'], amount(site['cost_per_lead'])) == (100, 400, 4, 25)
    assert site['customers'] == len(api.all('accounts', filter="source == 'website' && customer_since >= date('2026-08-01')"))
    assert amount(site['revenue']) == 1090 and site['return'] == '990.0'
    assert (amount(event['cost_per_lead']), amount(event['revenue']), event['return']) == (50, 25, '-50.0')
    assert lists_agree(api, got) > 8
    by_month = api.get('/reports/lead_costs', period='2026-07..2026-08', group_by='source,month')
    assert {(r['source'], r['month'][:7]): amount(r['cost']) for r in by_month['data'] if r['cost']} == {
        ('website', '2026-08'): 100, ('event', '2026-08'): 50}
    assert lists_agree(api, by_month) > 8


@pytest.mark.parametrize('path,params,field', [('sales', {'group_by': 'nothing'}, 'group_by'), ('sales', {'group_by': 'name.first'}, 'group_by'),
                                               ('sales', {'group_by': 'a,b,c'}, 'group_by'), ('sales', {'filter': 'amount >'}, 'filter'),
                                               ('sales', {'period': '2026-13'}, 'period'), ('funnel', {'pipeline': 'x'}, 'pipeline'),
                                               ('funnel', {'group_by': 'owner,team'}, 'group_by')])
@pytest.mark.any_database
def test_what_is_not_understood_is_named(company, path, params, field):
    reply = company['api'].request('GET', '/reports/' + path, **params)
    assert reply.status == 400 and reply.json['errors'][0]['field'] == field


@pytest.mark.any_database
def test_a_seller_sees_his_own_and_shared_dashboards(company):
    api = company['api']
    boris = company['server'].client('boris@example.com')
    assert boris.get('/reports/sales', period='2026-Q3')['total']['won'] == 2
    shipped = boris.list('dashboards')
    assert [d['name'] for d in shipped] == ['Sales'] and len(boris.all('tiles')) == 18
    own = api.create('dashboards', name='Mine alone')
    tile = api.create('tiles', dashboard=own['id'], name='N', object='deal')
    assert boris.request('GET', '/dashboards/' + own['id']).status == 404 and boris.request('GET', '/tiles/' + tile['id']).status == 404
    assert boris.request('PATCH', '/tiles/' + boris.list('tiles')[0]['id'], {'name': 'X'}).status == 403
    mine = boris.create('dashboards', name='B')
    boris.create('tiles', dashboard=mine['id'], name='T', object='deal', kind='bar', group_by='account.country')
    away = boris.request('POST', '/tiles', {'dashboard': mine['id'], 'name': 'T', 'object': 'deal', 'drill': '//example.com'})
    assert away.status == 422 and away.json['errors'][0]['field'] == 'drill'
    boris.close()


def test_a_list_is_grouped_by_a_field_of_a_related_record(company):
    api = company['api']
    got = api.get('/deals:aggregate', group_by='account.country,category', measures='count()')['data']
    counts = collections.Counter((d['account'] and dict(Mill='PL', Forge='DE', Yard='PL').get(d['account']['label']), d['category']) for d in api.all('deals'))
    assert {(r['account.country'], r['category']): r['count()'] for r in got} == counts
    labels = [r['owner.role']['label'] for r in api.get('/deals:aggregate', group_by='owner.role')['data']]
    assert labels == ['Salesperson']
    for bad in ('account.name', 'account.nothing', 'name.x', 'closed_on.year', 'account.customer_since'):
        assert api.request('GET', '/deals:aggregate', group_by=bad).status == 400, bad
