# SPDX-License-Identifier: GPL-3.0-or-later
"""The forecast: its columns, quotas, adjustments along the hierarchy, the past, the bridge; territories and trees of accounts."""
import kith
import pytest

NOW = 1787227200000 # 2026-08-20 12:00 UTC


@pytest.fixture(scope='module')
def company(db, postgres):
    """A head, two sellers and their deals of the third quarter of 2026, on a fixed day."""
    installation = kith.install(postgres if db == 'postgres' else None)
    server = kith.Server(installation, test_clock=str(NOW))
    api = server.client()
    head = api.create('users', name='Hanna Head', email='head@example.com', role=role(api, 'manager'))
    sellers = [api.create('users', name=name, email=name + '@example.com', manager=head['id'], role=role(api, 'sales'))
               for name in ('anna', 'boris')]
    made = {'server': server, 'api': api, 'head': head, 'anna': sellers[0], 'boris': sellers[1]}
    stages = {s['name']: s for s in api.all('stages')}
    made['stages'] = stages

    def deal(owner, amount, stage='New', **fields):
        return api.create('deals', name='Deal', owner=made[owner]['id'], amount=money(amount), stage=stages[stage]['id'],
                          **fields)
    deal('anna', 100, close_date='2026-09-10', probability='50')
    deal('anna', 200, close_date='2026-09-11', probability='10', forecast='best_case')
    deal('anna', 400, close_date='2026-07-01', probability='25', forecast='commit')
    deal('anna', 800, close_date='2026-09-30', forecast='omitted')
    deal('anna', 1600, close_date='2026-10-01')
    deal('boris', 3200, 'Won', close_date='2026-08-01')
    deal('boris', 6400, 'Lost', close_date='2026-08-01', lost_reason='price')
    deal('boris', 50, 'Won', close_date='2026-06-30')
    yield made
    api.close()
    server.stop()
    installation.remove()


def role(api, key):
    return next(r['id'] for r in api.all('roles') if r['key'] == key)


def money(amount):
    return {'amount': str(amount), 'currency': 'USD'}


def amounts(row, *columns):
    return [row[c] and float(row[c]['amount']) for c in columns]


def row_of(reply, person, period=None):
    return next(r for r in reply['data'] if r['owner'] and r['owner']['id'] == person['id'] and period in (None, r['period']))


COLUMNS = ('pipeline', 'best_case', 'commit', 'closed', 'quota', 'weighted')


def test_columns_by_owner(company):
    got = company['api'].get('/forecast', period='2026-Q3', group_by='owner')
    assert amounts(row_of(got, company['anna']), *COLUMNS) == [100, 200, 400, 0, None, 50 + 20 + 100]
    assert amounts(row_of(got, company['boris']), *COLUMNS) == [0, 0, 0, 3200, None, 0]
    head = row_of(got, company['head'])
    assert amounts(head, *COLUMNS) == [0, 0, 0, 0, None, 0]
    assert amounts(head['below'], *COLUMNS) == [100, 200, 400, 3200, None, 170]
    assert amounts(got['total'][0], *COLUMNS) == [100, 200, 400, 3200, None, 170]
    assert got['periods'] == [{'period': '2026-Q3', 'start': '2026-07-01', 'end': '2026-09-30'}]
    assert row_of(got, company['anna'])['owner']['label'] == 'anna' and got['currency'] == 'USD'
    assert row_of(got, company['anna'])['parent']['id'] == company['head']['id']


def test_periods_months_and_years(company):
    got = company['api'].get('/forecast', period='2026-06..2026-10')
    assert [p['period'] for p in got['periods']] == ['2026-06', '2026-07', '2026-08', '2026-09', '2026-10']
    closed = {t['period']: float(t['closed']['amount']) for t in got['total']}
    assert closed == {'2026-06': 50, '2026-07': 0, '2026-08': 3200, '2026-09': 0, '2026-10': 0}
    year = company['api'].get('/forecast', period='2026')['total'][0]
    assert amounts(year, 'pipeline', 'closed') == [1700, 3250]
    assert company['api'].get('/forecast')['periods'][0]['period'] == '2026-Q3'


@pytest.mark.parametrize('params,field', [({'period': '2026-Q5'}, 'period'), ({'period': '2020-01..2026-12'}, 'period'),
                                          ({'group_by': 'name'}, 'group_by'), ({'as_of': 'yesterday'}, 'as_of')])
def test_what_is_not_understood_is_named(company, params, field):
    reply = company['api'].request('GET', '/forecast', **params)
    assert reply.status == 400 and reply.json['errors'][0]['field'] == field


def test_by_team_and_territory(company):
    for by in ('team', 'territory'):
        got = company['api'].get('/forecast', period='2026-Q3', group_by=by)
        assert [r[by] for r in got['data']] == [None] and amounts(got['total'][0], 'pipeline', 'closed') == [100, 3200]


def test_by_product_family(company):
    """Its own quota; deals by the family of their main product; a deal without one stands for itself."""
    api = company['api']
    tools = [api.create('products', name=n, family='Tools')['id'] for n in ('Saw', 'Axe')]
    made = [api.create('deals', name='T', product=p, amount=money(a), stage=company['stages'][s]['id'], close_date='2027-02-03')
            for p, a, s in ((tools[0], 40, 'New'), (tools[1], 2, 'New'), (None, 7, 'New'))]
    made.append(api.create('deals', name='T', product=tools[0], amount=money(500), stage=company['stages']['New']['id'], close_date='2027-02-03', forecast='commit'))
    for month, amount in (('2027-01-01', 100), ('2027-02-01', 200)):
        api.create('quotas', period_kind='month', period_start=month, product_family='Tools', amount=money(amount))
    got = api.get('/forecast', period='2027-Q1', group_by='family')
    rows = {r['family']: amounts(r, 'pipeline', 'commit', 'quota') for r in got['data']}
    assert rows == {'Tools': [42, 500, 300], None: [7, 0, None]}
    assert amounts(got['total'][0], 'pipeline', 'commit', 'quota') == [49, 500, 300]
    two = api.get('/forecast', period='2027-01..2027-02', group_by='family')
    assert {(r['period'], r['family']): amounts(r, 'pipeline', 'quota') for r in two['data']} == {
        ('2027-01', 'Tools'): [0, 100], ('2027-02', 'Tools'): [42, 200], ('2027-02', None): [7, None]}
    for deal in made:
        api.delete('/deals/' + deal['id'])


def test_the_fiscal_year_may_begin_in_april(company):
    api = company['api']
    own = api.list('own_companies')[0]
    api.patch('/own_companies/' + own['id'], {'fiscal_year_month': 4})
    try:
        got = api.get('/forecast', period='2027-Q2')
        assert got['periods'] == [{'period': '2027-Q2', 'start': '2026-07-01', 'end': '2026-09-30'}]
        assert amounts(got['total'][0], 'pipeline', 'closed') == [100, 3200]
    finally:
        api.patch('/own_companies/' + own['id'], {'fiscal_year_month': 1})


def test_quotas_and_attainment(company):
    api = company['api']
    for month, amount in (('2026-07-15', 1000), ('2026-08-01', 2000)):
        made = api.create('quotas', period_kind='month', period_start=month, person=company['boris']['id'], amount=money(amount))
        assert made['period_start'] == month[:8] + '01' and made['owner']['id'] == company['boris']['id']
    quarter = row_of(api.get('/forecast', period='2026-Q3'), company['boris'])
    assert amounts(quarter, 'quota') == [3000] and quarter['attainment'] == '106.7'
    assert amounts(row_of(api.get('/forecast', period='2026-08'), company['boris']), 'quota') == [2000]
    assert api.get('/forecast', period='2026-Q3')['total'][0]['attainment'] == '106.7'
    twice = api.request('POST', '/quotas', {'period_kind': 'month', 'period_start': '2026-08-31', 'amount': money(1),
                                            'person': company['boris']['id']})
    assert twice.status == 409
    nobody = api.request('POST', '/quotas', {'period_kind': 'month', 'period_start': '2026-08-01', 'amount': money(1)})
    assert nobody.status == 422
    seller = company['server'].client('boris@example.com')
    own = seller.request('POST', '/quotas', {'period_kind': 'year', 'period_start': '2026-01-01', 'amount': money(1),
                                             'person': company['boris']['id']})
    assert own.status == 422 and own.json['errors'][0]['field'] == 'person'
    seller.close()


def test_a_manager_puts_a_sum_in_place(company):
    head = company['server'].client('head@example.com')
    change = {'period_kind': 'quarter', 'period_start': '2026-07-01', 'person': company['anna']['id'],
              'amount': money(333), 'note': 'One of them will not come'}
    head.create('forecast_changes', **change)
    got = head.get('/forecast', period='2026-Q3')
    anna, chief = row_of(got, company['anna']), row_of(got, company['head'])
    assert amounts(anna, 'forecast') == [333] and anna['adjusted']['by']['id'] == company['head']['id']
    assert anna['adjusted']['note'] == 'One of them will not come'
    assert amounts(chief['below'], 'forecast') == [333 + 3200] and amounts(got['total'][0], 'forecast') == [3533]
    head.create('forecast_changes', **dict(change, person=company['head']['id'], amount=money(3000)))
    got = head.get('/forecast', period='2026-Q3')
    assert amounts(got['total'][0], 'forecast') == [3000] and amounts(got['total'][0], 'commit', 'closed') == [400, 3200]
    seller = company['server'].client('boris@example.com')
    assert seller.request('POST', '/forecast_changes', change).status == 422
    no_reason = head.request('POST', '/forecast_changes', dict(change, note=None))
    assert no_reason.status == 422
    for client in (head, seller):
        client.close()


def test_everybody_sees_what_he_may(company):
    seller = company['server'].client('boris@example.com')
    got = seller.get('/forecast', period='2026-Q3')
    assert {r['owner']['id'] for r in got['data']} == {company['boris']['id']}
    assert amounts(got['total'][0], 'pipeline', 'closed') == [0, 3200]
    seller.close()


def test_a_stage_that_is_left_teaches(company):
    """With nothing learnt a stage is worth what it declares; every move away from it counts beside ten of those."""
    api, stages = company['api'], company['stages']
    before = row_of(api.get('/forecast', period='2026-Q3'), company['anna'])
    p0 = float(stages['New']['probability']) / 100
    assert abs(float(before['historical']['amount']) - 700 * p0) < 0.01


def test_the_bridge_adds_up(company):
    got = company['api'].get('/forecast:bridge', **{'from': '2026-08-19', 'period': '2026-Q3'})
    parts = {p['part']: float(p['amount']['amount']) for p in got['parts']}
    assert parts['start'] == 0 and parts['added'] == 700 == parts['end']
    assert [p['part'] for p in got['parts']] == ['start', 'added', 'won', 'lost', 'slipped_out', 'slipped_in', 'grown', 'shrunk', 'end']
    for params in ({'period': '2026-Q3'}, {'from': '2026-08-19', 'to': '2026-08-18', 'period': '2026-Q3'}):
        assert company['api'].request('GET', '/forecast:bridge', **params).status == 400


def test_before_there_was_anything(company):
    for by in ('owner', 'team', 'territory'):
        got = company['api'].get('/forecast', period='2026-Q3', group_by=by, as_of='2020-01-31')
        assert got['data'] == [] and amounts(got['total'][0], 'pipeline', 'closed') == [0, 0] and not got['by_dates']


# --- territories -----------------------------------------------------------------------------------------------------

def test_accounts_go_where_the_rules_put_them(api):
    mark = 'T%dx' % kith.serial()
    world = api.create('territories', name='World ' + mark, rule="name.startsWith('%s')" % mark)
    north = api.create('territories', name='North ' + mark, parent=world['id'], rule="region == 'North' && name.startsWith('%s')" % mark)
    there = api.create('accounts', name=mark + ' there', region='North')
    else_ = api.create('accounts', name=mark + ' elsewhere')
    other = api.create('accounts', name='Nobody of ' + mark)
    assert there['territory']['id'] == north['id'] and else_['territory']['id'] == world['id'] and other['territory'] is None
    deal = api.create('deals', name='D', account=there['id'])
    assert deal['territory']['id'] == north['id']
    api.patch('/accounts/' + there['id'], {'region': 'South'})
    assert api.get('/deals/' + deal['id'])['territory']['id'] == world['id']
    api.patch('/territories/' + north['id'], {'rule': "name == '%s elsewhere'" % mark})
    assert api.get('/accounts/' + else_['id'])['territory']['id'] == world['id']
    preview = api.post('/territories:preview', {})
    assert preview['moved'] == 1 and preview['data'][0]['account']['id'] == else_['id']
    assert preview['summary'][0]['from']['id'] == world['id'] and preview['summary'][0]['to']['id'] == north['id']
    done = kith.wait_for(lambda op=api.post('/territories:apply', {}): (lambda o: o['state'] == 'done' and o)(api.get('/operations/' + op['id'])))
    assert done['result']['moved'] == 1
    assert api.get('/accounts/' + else_['id'])['territory']['id'] == north['id']
    assert api.post('/batches/%s:undo' % done['batch'])['undone'] >= 1
    for t in (north, world):
        api.delete('/territories/' + t['id'])


def test_rules_that_are_none(api):
    for rule in ('nobody == 1', 'name', "name ==", "name.matches('a+')"):
        reply = api.request('POST', '/territories', {'name': 'Bad', 'rule': rule})
        assert reply.status == 422 and reply.json['errors'][0]['field'] == 'rule', rule


@pytest.mark.parametrize('plural,up', [('accounts', 'parent'), ('territories', 'parent'), ('teams', 'parent'), ('users', 'manager')])
def test_circles_are_refused_with_their_path(api, plural, up):
    mark = '%s%d' % (plural, kith.serial())
    more = {'email': mark + '@example.com'} if plural == 'users' else {}
    a = api.create(plural, name='A ' + mark, **more)
    b = api.create(plural, name='B ' + mark, **{up: a['id'], **({'email': 'b' + mark + '@example.com'} if more else {})})
    c = api.create(plural, name='C ' + mark, **{up: b['id'], **({'email': 'c' + mark + '@example.com'} if more else {})})
    reply = api.request('PATCH', '/%s/%s' % (plural, a['id']), {up: c['id']})
    assert reply.status == 422 and reply.json['errors'][0]['field'] == up
    assert 'A %s → C %s → B %s → A %s' % ((mark,) * 4) in reply.json['errors'][0]['message']


def test_an_account_with_all_below(api):
    names = ['Holding', 'Daughter', 'Granddaughter']
    made = []
    for name in names:
        made.append(api.create('accounts', name=name, parent=made[-1]['id'] if made else None))
    stage = {s['name']: s['id'] for s in api.all('stages')}
    for account, amount, name in ((0, 1, 'New'), (1, 10, 'New'), (2, 100, 'New'), (2, 1000, 'Won'), (1, 5000, 'Lost')):
        api.create('deals', name='D', account=made[account]['id'], amount=money(amount), stage=stage[name],
                   lost_reason='price' if name == 'Lost' else None)
    got = api.get('/accounts/%s:hierarchy' % made[0]['id'])
    assert amounts(got, 'open_amount', 'won_amount') == [111, 1000] and got['accounts'] == 3
    assert [(n['account']['label'], n['depth']) for n in got['data']] == [('Holding', 0), ('Daughter', 1), ('Granddaughter', 2)]
    got = api.get('/accounts/%s:hierarchy' % made[1]['id'])
    assert amounts(got, 'open_amount', 'won_amount') == [110, 1000]
    assert api.request('GET', '/accounts/%s:hierarchy' % kith_id()).status == 404


def kith_id():
    return '0' * 12 + '1'
