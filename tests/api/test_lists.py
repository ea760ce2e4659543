# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists, aggregates, boards, search, timelines, the home page."""
import datetime
import urllib.parse

import kith
import pytest


def stage(api, name):
    return next(s for s in api.all('stages') if s['name'] == name)


@pytest.fixture(scope='module')
def sample(server):
    """Nine deals of one account in three stages, with amounts 100..900; two without a close date."""
    api = server.client()
    mark = 'Zq%dx' % kith.serial()
    account = api.create('accounts', name='List ' + mark)
    data = [{'name': '%s %d' % (mark, i), 'account': account['id'], 'stage': stage(api, name)['id'],
             'amount': {'amount': str(i * 100), 'currency': 'USD'}, 'close_date': None if i in (3, 6) else '2026-0%d-15' % i}
            for i, name in enumerate(['New'] * 3 + ['Qualified'] * 3 + ['Won'] * 3, 1)]
    made = api.post('/deals:batchCreate', {'data': data})['data']
    return {'account': account, 'deals': made, 'mark': mark, 'filter': "account == '%s'" % account['id']}


def test_page_sizes(api, sample):
    page = api.get('/deals', filter=sample['filter'], page_size=4, order_by='-amount', total='true')
    assert page['total'] == 9 and len(page['data']) == 4
    assert [r['amount']['amount'] for r in page['data']] == ['900.00', '800.00', '700.00', '600.00']
    for size in ('0', '201', 'x'):
        assert api.request('GET', '/deals', page_size=size).status == 400


@pytest.mark.parametrize('order', ['amount', '-amount', 'close_date', '-close_date', 'name', 'created_at', 'id', '-close_date,amount'])
@pytest.mark.parametrize('size', [1, 2, 5])
def test_pages_join_without_gap_or_repeat(api, sample, order, size):
    whole = [r['id'] for r in api.list('deals', filter=sample['filter'], order_by=order, page_size=200)]
    paged = [r['id'] for r in api.all('deals', filter=sample['filter'], order_by=order, page_size=size)]
    assert paged == whole and len(set(whole)) == 9


@pytest.mark.parametrize('order', ['close_date', '-close_date'])
def test_nulls_come_last(api, sample, order):
    dates = [r['close_date'] for r in api.list('deals', filter=sample['filter'], order_by=order)]
    assert dates[7:] == [None] * 2 and None not in dates[:7]
    assert dates[:7] == sorted(dates[:7], reverse=order[0] == '-')


def test_token_of_another_question(api, sample):
    token = api.get('/deals', filter=sample['filter'], page_size=2)['next_page_token']
    for change in ({'filter': 'amount > 1'}, {'order_by': 'name'}):
        params = dict({'filter': sample['filter'], 'page_size': 2, 'page_token': token}, **change)
        reply = api.request('GET', '/deals', **params)
        assert reply.status == 400 and reply.json['errors'][0]['field'] == 'page_token'
    assert api.request('GET', '/deals', page_token='rubbish').status == 400


@pytest.mark.parametrize('amounts,regions', [(3, 40), (40, 3)], ids=['few amounts', 'few of the region'])
def test_related_record_and_amount_by_either_way(api, amounts, regions):
    """The rarer condition gives the way: of the other one records are looked up, in a set or row by row; one list either way."""
    mark = 'R%dx' % kith.serial()
    accounts = [api.create('accounts', name='%s %s' % (mark, name), region=region)
                for name, region in (('in', mark), ('out', 'x' + mark), ('none', None))]
    own = [accounts[0]['id']] * regions + [accounts[1]['id'], accounts[2]['id'], None] * 10
    low = str(kith.serial() % 1000 + 7_000_000)
    data = [{'name': '%s %d' % (mark, i), 'account': account,
             'amount': {'amount': '%s.%02d' % (low, i % 100), 'currency': 'USD'} if i % 40 < amounts else {'amount': '5', 'currency': 'USD'}}
            for i, account in enumerate(own)]
    made = api.post('/deals:batchCreate', {'data': data})['data']
    api.delete('/deals/' + made[0]['id'])
    wanted = [d for d in made[1:] if d['account'] and d['account']['id'] == accounts[0]['id'] and d['amount']['amount'] >= low and len(d['amount']['amount']) > 6]
    for order, reverse in (('amount', False), ('-amount', True)):
        found = api.all('deals', filter="account.region == '%s' && amount >= %s" % (mark, low), order_by=order, page_size=7)
        assert [d['id'] for d in found] == [d['id'] for d in sorted(wanted, key=lambda d: (d['amount']['amount'], d['id']), reverse=reverse)]
    assert api.list('deals', filter="account.region == '%s' && amount >= 99999999" % mark) == []


def test_filter_by_a_related_record(api, sample):
    found = api.list('deals', filter="account.name == '%s' && amount >= 500.0" % sample['account']['name'], order_by='amount')
    assert [r['amount']['amount'] for r in found] == ['500.00', '600.00', '700.00', '800.00', '900.00']
    assert api.list('accounts', filter="deals.exists(d, d.name == '%s 3')" % sample['mark'])[0]['id'] == sample['account']['id']


@pytest.mark.parametrize('filter', ['amount >', 'nothing == 1', 'amount == true', "name.matches('a')", 'name', '1'])
def test_bad_filter(api, filter):
    reply = api.request('GET', '/deals', filter=filter)
    assert reply.status == 400 and reply.json['errors'][0]['field'] == 'filter'


def test_query_by_body(api, sample):
    page = api.post('/deals:query', {'filter': sample['filter'], 'page_size': 3, 'total': True, 'fields': ['name', 'amount']})
    assert page['total'] == 9 and set(page['data'][0]) == {'id', 'version', 'label', 'name', 'amount'}
    assert api.request('POST', '/deals:query', {'limit': 3}).status == 400


def test_fields(api, sample):
    found = api.get('/deals/' + sample['deals'][0]['id'], fields='amount,stage')
    assert set(found) == {'id', 'version', 'label', 'amount', 'stage'}
    reply = api.request('GET', '/deals', fields='amount,nothing')
    assert reply.status == 400 and reply.json['errors'][0]['field'] == 'fields'


def test_quick_search_of_a_list(api, sample):
    assert len(api.list('deals', q=sample['mark'].lower())) == 9
    assert api.get('/deals', q=sample['mark'] + ' 3', total='true')['total'] >= 1


def test_aggregate(api, sample):
    rows = api.get('/deals:aggregate', group_by='stage', measures='count(),sum(amount),avg(amount),min(amount),max(close_date)',
                   filter=sample['filter'])['data']
    by_stage = {r['stage']['label']: r for r in rows}
    assert {k: r['count()'] for k, r in by_stage.items()} == {'New': 3, 'Qualified': 3, 'Won': 3}
    assert by_stage['New']['sum(amount)'] == {'amount': '600.00', 'currency': 'USD'}
    assert by_stage['Won']['avg(amount)'] == {'amount': '800.00', 'currency': 'USD'}
    assert by_stage['New']['min(amount)']['amount'] == '100.00' and by_stage['New']['max(close_date)'] == '2026-02-15'


def test_aggregate_by_month_and_without_groups(api, sample):
    rows = api.get('/deals:aggregate', group_by='month(close_date)', measures='count()', filter=sample['filter'])['data']
    assert {r['month(close_date)']: r['count()'] for r in rows}['2026-04-01'] == 1
    assert sum(r['count()'] for r in rows) == 9
    quarters = api.get('/deals:aggregate', group_by='quarter(close_date)', filter=sample['filter'])['data']
    assert {r['quarter(close_date)']: r['count()'] for r in quarters}['2026-01-01'] == 2
    assert api.get('/deals:aggregate', measures='count()', filter=sample['filter'])['data'] == [{'count()': 9}]


@pytest.mark.parametrize('params', [{'group_by': 'nothing'}, {'measures': 'sum(name)'}, {'measures': 'median(amount)'},
                                    {'group_by': 'description'}, {'group_by': 'hour(close_date)'},
                                    {'group_by': 'stage,category,source,pipeline'}])
def test_bad_aggregate(api, params):
    assert api.request('GET', '/deals:aggregate', **params).status == 400


def test_board_by_reference(api, sample):
    columns = api.get('/deals:board', by='stage', filter=sample['filter'], order_by='-amount', per=2)['columns']
    named = {c['label']: c for c in columns}
    assert [c['label'] for c in columns] == [s['name'] for s in api.all('stages', order_by='position')]
    won = named['Won']
    assert won['count'] == 3 and won['sum'] == {'amount': '2400.00', 'currency': 'USD'} and won['color'] == 'green'
    assert [r['amount']['amount'] for r in won['data']] == ['900.00', '800.00']
    more = api.get('/deals', filter=won['filter'], order_by='-amount', page_token=won['next_page_token'])
    assert [r['amount']['amount'] for r in more['data']] == ['700.00']
    assert named['Lost']['count'] == 0 and named['Lost']['data'] == []


def test_board_by_choice(api, sample):
    columns = {c['value']: c for c in api.get('/deals:board', by='category', filter=sample['filter'])['columns']}
    assert columns['open']['count'] == 6 and columns['won']['count'] == 3 and columns['lost']['count'] == 0
    assert api.request('GET', '/deals:board', by='description').status == 400


def test_timeline_of_an_account_gathers(api, sample):
    account = sample['account']
    below = api.create('accounts', name='Daughter ' + sample['mark'], parent=account['id'])
    person = api.create('contacts', name={'family': 'Timeline'}, account=account['id'])
    about = {'deal': sample['deals'][0]['id'], 'contact': person['id'], 'account': below['id']}
    notes = [api.create('activities', kind='note', body='n', about={'object': k, 'id': v})['id'] for k, v in about.items()]
    task = api.create('activities', kind='task', subject='t', about={'object': 'account', 'id': account['id']})
    path = '/accounts/%s/timeline' % account['id']
    whole = api.get(path, page_size=200)
    seen = [e['record']['id'] for e in whole['data'] if e['type'] == 'activity']
    assert set(notes + [task['id']]) == set(seen)
    assert whole['counters'] == {'note': 3, 'call': 0, 'meeting': 0, 'task': 1, 'open_tasks': 1, 'deals': 9,
                                 'open_deals': 6, 'contacts': 1}
    changed = {e['source']['object'] for e in whole['data'] if e['type'] == 'change'}
    assert changed == {'account', 'deal', 'contact'}
    times = [e['at'] for e in whole['data']]
    assert times == sorted(times, reverse=True)
    paged, token = [], None
    while True:
        page = api.get(path, page_size=3, **({'page_token': token} if token else {}))
        paged += page['data']
        token = page['next_page_token']
        if not token:
            break
    assert paged == whole['data']
    only = api.get(path, kinds='task')['data']
    assert [e['record']['id'] for e in only] == [task['id']]
    deal = api.get('/deals/%s/timeline' % sample['deals'][0]['id'])
    assert [e['record']['id'] for e in deal['data'] if e['type'] == 'activity'] == [notes[0]]


SEARCHES = [('lodz', 'Łódź'), ('елка', 'Ёлка'), ('hjvfirf', 'Ромашка'), ('Ivanov', 'Иванов'), ('romashka', 'ООО «Ромашка»'),
            ('Ромашка ООО', 'ООО «Ромашка»')]


@pytest.mark.parametrize('typed,name', SEARCHES)
def test_search_as_people_type(api, typed, name):
    made = api.create('accounts', name=name)
    hits = api.get('/search', q=typed, limit=100)['data']
    hit = next((h for h in hits if h['id'] == made['id']), None)
    assert hit and hit['object'] == 'account' and hit['label'] == name and hit['icon']


@pytest.mark.parametrize('typed', ['+7 (926) 555-77-31', '89265557731', '7731', '926 555'])
def test_search_by_phone(api, typed):
    made = api.create('contacts', name={'family': 'Phone'}, phones='8 926 555 77 31')
    assert made['id'] in [h['id'] for h in api.get('/search', q=typed, limit=100)['data']]


def test_search_by_identifier(api):
    made = api.create('accounts', name='With numbers', identifiers=[{'country': 'PL', 'kind': 'NIP', 'value': '526-104-08-28'}])
    for typed in ('5261040828', 'PL 526 104 08 28', '526-104-08-28'):
        assert made['id'] in [h['id'] for h in api.get('/search', q=typed)['data']], typed


def test_search_of_one_object(api, sample):
    hits = api.get('/search', q=sample['mark'], object='account')['data']
    assert sample['account']['id'] in [h['id'] for h in hits] and {h['object'] for h in hits} == {'account'}
    assert api.request('GET', '/search', q='x', object='nothing').status == 400
    assert api.get('/search', q='')['data'] == []


def test_today(server):
    api = server.client()
    now = datetime.datetime.now(datetime.timezone.utc)
    late = api.create('activities', kind='task', subject='late', due_at=(now - datetime.timedelta(days=2)).isoformat())
    soon = api.create('activities', kind='task', subject='today', due_at=now.isoformat())
    far = api.create('activities', kind='task', subject='far', due_at=(now + datetime.timedelta(days=9)).isoformat())
    lead = api.create('leads', title='Waiting', name={'family': 'Lead'})
    deal = api.create('deals', name='No step', stage=stage(api, 'New')['id'], amount={'amount': '99999999', 'currency': 'USD'})
    today = api.get('/today')
    tasks = [t['id'] for t in today['tasks']]
    assert tasks.index(late['id']) < tasks.index(soon['id']) and far['id'] not in tasks
    found = next(x for x in today['leads'] if x['id'] == lead['id'])
    assert 0 <= found['age_seconds'] < 600
    assert deal['id'] in [d['id'] for d in today['deals']]
    figures = {f['key']: f for f in today['figures']}
    assert list(figures) == ['deals_closed_today', 'amount_closed_today', 'new_customers_week', 'activities_by_manager', 'leads_processed']
    before = figures['deals_closed_today']['value']
    customers = figures['new_customers_week']['value']
    day = str(now.date())
    api.create('accounts', name='Long known', roles=['customer'], customer_since='2019-05-06')
    api.create('accounts', name='Customer today', customer_since=day)
    api.create('deals', name='Won today', stage=stage(api, 'Won')['id'], amount={'amount': '5', 'currency': 'USD'}, close_date=day)
    figures = {f['key']: f for f in api.get('/today')['figures']}
    assert figures['deals_closed_today']['value'] == before + 1
    assert figures['new_customers_week']['value'] == customers + 1
    for figure in figures.values():
        listed = api.get('/%s?%s' % (figure['object'].replace('activity', 'activitie') + 's',
                                     urllib.parse.urlencode({'filter': figure['filter'], 'total': 'true'})))
        if isinstance(figure['value'], int):
            assert listed['total'] == figure['value']


def test_meta_follows_language_and_rights(server, api):
    meta = api.get('/meta', lang='ru')
    deal = next(o for o in meta['objects'] if o['name'] == 'deal')
    assert meta['language'] == 'ru' and deal['label'] == 'Сделка' and deal['board']['by'] == 'stage'
    assert deal['path'] == {'field': 'stage', 'kind': 'reference'}
    reply = api.request('GET', '/meta')
    assert api.request('GET', '/meta', headers={'If-None-Match': reply.headers['etag']}).status == 304
    names = {f['name'] for f in next(o for o in meta['objects'] if o['name'] == 'user')['fields']}
    assert 'password_hash' not in names


def test_numbers_as_they_are_written(api):
    account = api.create('accounts', name='Numbered')
    made = [api.create('deals', name='Numbered %d' % i, account=account['id'])['number'] for i in range(3)]
    numbers = lambda condition: [r['number'] for r in api.get(
        '/deals', filter="account == '%s' && %s" % (account['id'], condition), order_by='number', fields='number')['data']]
    assert numbers("number == '%s'" % made[1]) == [made[1]]
    assert numbers("number != '%s'" % made[1]) == [made[0], made[2]]
    assert numbers("number in ['%s', '%s']" % (made[0], made[2])) == [made[0], made[2]]
    assert numbers('number == %s' % made[1].split('-')[1]) == [made[1]]
    for wrong in ('D-', 'D-x', '17', 'E-17', 'D--1', 'D-17 '):
        assert api.get('/deals', filter="number == '%s'" % wrong, expect=400)['errors'][0]['field'] == 'filter'
