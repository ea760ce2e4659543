# SPDX-License-Identifier: GPL-3.0-or-later
"""Deals: what follows from their stage, and databases of the time when it was called otherwise."""
import datetime
import json
import random

import kith
import pytest

NOON = '1773144000000'  # 2026-03-10, 12:00 UTC


@pytest.fixture
def stages(api):
    return {s['name']: s for s in api.all('stages')}


@pytest.fixture(scope='module')
def of_march(db, postgres):
    """A server of the tenth of March, noon; each test makes a pipeline of its own."""
    home = kith.install(postgres if db == 'postgres' else None)
    server = kith.Server(home, test_clock=NOON)
    yield server
    server.stop()
    server.check_log()
    home.remove()


@pytest.fixture
def march(of_march):
    return of_march.client()


STAGES = [('New', 'open'), ('Qualified', 'open'), ('Proposal', 'open'), ('Negotiation', 'open'), ('Won', 'won'), ('Lost', 'lost')]


def new_stages(api, **switches):
    """A fresh pipeline with these switches; its stages by name."""
    pipeline = api.create('pipelines', name='P%d' % kith.serial(), **switches)['id']
    made = api.post('/stages:batchCreate', {'data': [{'name': name, 'category': category, 'pipeline': pipeline, 'position': i, 'probability': '50'}
                                                     for i, (name, category) in enumerate(STAGES, 1)]})['data']
    return {s['name']: s['id'] for s in made}


def test_what_a_stage_says(stages):
    assert {name: s['category'] for name, s in stages.items()} == {
        'New': 'open', 'Qualified': 'open', 'Proposal': 'open', 'Negotiation': 'open', 'Won': 'won', 'Lost': 'lost'}


def test_days_of_a_deal(march):
    stages = {s['name']: s['id'] for s in march.all('stages')}
    deal = march.create('deals', name='One', close_date='2026-04-01')
    assert (deal['category'], deal['opened_on'], deal['closed_on'], deal['cycle_days']) == ('open', '2026-03-10', None, None)
    deal = march.patch('/deals/' + deal['id'], {'opened_on': '2026-02-08'})
    won = march.patch('/deals/' + deal['id'], {'stage': stages['Won']})
    assert (won['category'], won['close_date'], won['closed_on'], won['cycle_days']) == ('won', '2026-03-10', '2026-03-10', 30)
    told = march.patch('/deals/' + deal['id'], {'close_date': '2026-03-01'})
    assert (told['closed_on'], told['cycle_days']) == ('2026-03-01', 21)
    lost = march.patch('/deals/' + deal['id'], {'stage': stages['Lost'], 'lost_reason': 'price'})
    assert (lost['category'], lost['closed_on']) == ('lost', '2026-03-01')
    again = march.patch('/deals/' + deal['id'], {'stage': stages['New']})
    assert (again['category'], again['closed_on'], again['cycle_days']) == ('open', None, None)
    late = march.create('deals', name='Two', close_date='2026-03-01')
    assert late['opened_on'] is None
    done = march.create('deals', name='Three', stage=stages['Won'], opened_on='2025-12-31')
    assert (done['closed_on'], done['cycle_days']) == ('2026-03-10', 69)
    assert march.get('/deals:aggregate', measures='avg(cycle_days)', filter="name == 'Three'")['data'] == [{'avg(cycle_days)': '69.00'}]


def test_the_name_it_had(api, stages):
    """Saved views, roles and scripts that say `status` go on working; what is answered says `category`."""
    deal = api.create('deals', name='Old words', stage=stages['Won']['id'])
    found = api.list('deals', filter="status == 'won' && name == 'Old words'", order_by='status')
    assert [r['id'] for r in found] == [deal['id']] and 'status' not in found[0]
    assert api.get('/deals:aggregate', group_by='status', filter="id == '%s'" % deal['id'])['data'][0]['count()'] == 1


def test_what_follows_is_not_written(api):
    for field in ('category', 'closed_on', 'cycle_days'):
        reply = api.request('POST', '/deals', {'name': 'x', field: 'won' if field == 'category' else None})
        assert reply.status in (201, 400, 422)
        assert reply.status != 201 or reply.json['category'] == 'open'


# --- a database of the time before ------------------------------------------------------------------------------------

BACK = """
ALTER TABLE "stage" ADD COLUMN is_closed {int};
ALTER TABLE "stage" ADD COLUMN is_won {int};
ALTER TABLE stage_past ADD COLUMN is_closed {int};
ALTER TABLE stage_past ADD COLUMN is_won {int};
UPDATE "stage" SET is_closed = CASE WHEN category = 'open' THEN 0 ELSE 1 END, is_won = CASE WHEN category = 'won' THEN 1 ELSE 0 END;
ALTER TABLE "stage" DROP COLUMN category;
ALTER TABLE stage_past DROP COLUMN category;
{drop}
ALTER TABLE "deal" DROP COLUMN closed_on;
ALTER TABLE "deal" DROP COLUMN cycle_days;
ALTER TABLE deal_past DROP COLUMN closed_on;
ALTER TABLE deal_past DROP COLUMN cycle_days;
UPDATE "deal" SET stage_since = NULL, pushed = NULL;
DELETE FROM setting WHERE name IN ('fill.stage', 'fill.deal');
"""


def strip_log(home, columns):
    """The log of that time knew no such columns."""
    for row in home.sql("SELECT seq, tx, body FROM change WHERE body LIKE '%\"category\"%' OR body LIKE '%\"closed_on\"%' OR body LIKE '%cycle_days%' OR body LIKE '%pushed%'"):
        body = [entry for entry in json.loads(row[2]) if entry[0] not in columns]
        home.sql("UPDATE change SET body = '%s' WHERE seq = %s AND tx = %s" % (json.dumps(body, ensure_ascii=False).replace("'", "''"), row[0], row[1]))


def test_a_database_of_the_time_before(make_server, db):
    server = make_server(test_clock=NOON)
    api, home = server.client(), server.installation
    stages = {s['name']: s['id'] for s in api.all('stages')}
    deal = api.create('deals', name='Kept', opened_on='2026-01-09', amount={'amount': '10.00', 'currency': 'USD'})
    api.patch('/deals/' + deal['id'], {'stage': stages['Won'], 'close_date': '2026-02-08'})
    gone = api.create('stages', name='Gone', pipeline=api.get('/stages/' + stages['Won'])['pipeline']['id'], position=9, category='lost')
    api.delete('/stages/' + gone['id'])
    view = api.create('saved_views', object='deal', name='Won ones', filter="status == 'won'")
    api.create('deals', name='Put off', close_date='2026-04-01')
    off = api.list('deals', filter="name == 'Put off'")[0]
    for day in ('2026-05-01', '2026-04-15', '2026-06-01'):
        off = api.patch('/deals/' + off['id'], {'close_date': day})
    server.stop()
    indexes = [r[0] for r in home.sql("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%closed_on%'" if db == 'sqlite' else
                                      "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%closed_on%'")]
    assert len(indexes) == 3
    home.sql(BACK.format(int='INTEGER' if db == 'sqlite' else 'bigint', drop='\n'.join('DROP INDEX %s;' % name for name in indexes)))
    strip_log(home, {'category', 'closed_on', 'cycle_days', 'stage_since', 'pushed'})
    server.restart()
    api = server.client()
    assert {s['name']: s['category'] for s in api.all('stages')}['Won'] == 'won'
    assert {s['name']: s['category'] for s in api.all('stages')}['Lost'] == 'lost'
    got = api.get('/deals/' + deal['id'])
    assert (got['category'], got['closed_on'], got['cycle_days'], got['version']) == ('won', '2026-02-08', 30, 2)
    after = api.get('/deals/' + off['id'])
    assert (after['pushed'], after['stage_since']) == (off['pushed'], off['stage_since']) == (2, off['created_at'])
    assert [r['id'] for r in api.list('deals', filter=api.get('/saved_views/' + view['id'])['filter'])] == [deal['id']]
    assert api.post('/stages/%s:restore' % gone['id'])['category'] == 'lost'
    history = api.get('/deals/%s/history' % deal['id'])['data']
    told = {f['field']: (f.get('before'), f.get('after')) for c in history if c['version'] == 2 for f in c['changes']}
    assert told['category'] == ('open', 'won')
    server.stop()
    home.cli('check')


# --- winning, losing, opening again -----------------------------------------------------------------------------------

def stage_ids(api):
    return {s['name']: s['id'] for s in api.all('stages', filter='pipeline.is_default == true')}


def fields_of(reply):
    assert reply.status == 422, reply
    return {e['field']: e for e in reply.json['errors']}


def test_win(march):
    deal = march.create('deals', name='To win', opened_on='2026-03-01')
    out = march.post('/deals/%s:win' % deal['id'], {'close_date': '2026-03-09', 'note': 'The price'})
    assert out['stage']['label'] == 'Won'
    got = march.get('/deals/' + deal['id'])
    assert (got['category'], got['closed_on'], got['cycle_days'], got['won_note']) == ('won', '2026-03-09', 8, 'The price')
    for verb in ('win', 'lose'):
        assert march.request('POST', '/deals/%s:%s' % (deal['id'], verb), {'reason': 'price'} if verb == 'lose' else {}).status == 409
    early = march.create('deals', name='Too early', opened_on='2026-03-05')
    assert 'close_date' in fields_of(march.request('POST', '/deals/%s:win' % early['id'], {'close_date': '2026-03-01'}))


def test_lose_needs_a_reason(march):
    rival = march.create('accounts', name='Rival', kind='company')
    deal = march.create('deals', name='To lose')
    path = '/deals/' + deal['id']
    assert march.request('POST', path + ':lose', {}).status in (400, 422)
    assert march.request('POST', path + ':lose', {'reason': 'weather'}).status in (400, 422)
    lost = stage_ids(march)['Lost']
    refused = fields_of(march.request('PATCH', path, {'stage': lost}))
    assert list(refused) == ['lost_reason'] and 'Lost' in refused['lost_reason']['message']
    march.post(path + ':lose', {'reason': 'competitor', 'note': 'Cheaper', 'competitor': rival['id']})
    got = march.get(path)
    assert (got['category'], got['lost_reason'], got['lost_note'], got['competitor']['id']) == ('lost', 'competitor', 'Cheaper', rival['id'])


def test_a_note_when_the_pipeline_wants_it(march):
    ids = new_stages(march, needs_lost_note=True)
    deal = march.create('deals', name='Silent', stage=ids['New'])
    path = '/deals/' + deal['id']
    assert list(fields_of(march.request('POST', path + ':lose', {'reason': 'price'}))) == ['lost_note']
    assert set(fields_of(march.request('PATCH', path, {'stage': ids['Lost']}))) == {'lost_reason', 'lost_note'}
    march.post(path + ':lose', {'reason': 'price', 'note': 'Twice ours'})


def test_reopen(march):
    ids = new_stages(march)
    deal = march.create('deals', name='Back', stage=ids['Proposal'])
    path = '/deals/' + deal['id']
    assert march.request('POST', path + ':reopen', {}).status == 409
    march.post(path + ':lose', {'reason': 'price'})
    assert march.post(path + ':reopen', {'close_date': '2026-05-01'})['stage']['label'] == 'Proposal'
    got = march.get(path)
    assert (got['category'], got['closed_on'], got['lost_reason'], got['close_date']) == ('open', None, None, '2026-05-01')


# --- the rules of stages ----------------------------------------------------------------------------------------------

def test_what_a_stage_needs(march):
    ids = new_stages(march)
    march.patch('/stages/' + ids['Proposal'], {'enter_fields': ['Amount', 'close_date'], 'enter_if': 'amount >= 100',
                                               'enter_message': 'Small deals get no proposal'})
    assert march.get('/stages/' + ids['Proposal'])['enter_fields'] == ['amount', 'close_date']
    assert 'leave_fields' in fields_of(march.request('PATCH', '/stages/' + ids['New'], {'leave_fields': ['colour of eyes']}))
    assert 'leave_if' in fields_of(march.request('PATCH', '/stages/' + ids['New'], {'leave_if': 'amount >'}))
    deal = march.create('deals', name='Gated', stage=ids['New'])
    path = '/deals/' + deal['id']
    got = fields_of(march.request('PATCH', path, {'stage': ids['Proposal']}))
    assert set(got) == {'amount', 'close_date', 'stage'} and got['stage']['message'] == 'Small deals get no proposal'
    small = {'amount': {'amount': '99', 'currency': 'USD'}, 'close_date': '2026-04-01', 'stage': ids['Proposal']}
    assert list(fields_of(march.request('PATCH', path, small))) == ['stage']
    assert march.request('POST', '/deals', {'name': 'Born there', 'stage': ids['Proposal']}).status == 422
    march.patch(path, dict(small, amount={'amount': '100', 'currency': 'USD'}))


def test_a_checklist(march):
    ids = new_stages(march)
    march.patch('/stages/' + ids['New'], {'checklist': 'Budget known\nDate known\n'})
    deal = march.create('deals', name='Listed', stage=ids['New'])
    path = '/deals/' + deal['id']
    march.post(path + ':check', {'point': 'Budget known'})
    refused = fields_of(march.request('PATCH', path, {'stage': ids['Qualified']}))
    assert list(refused) == ['stage'] and 'Date known' in refused['stage']['message'] and 'Budget' not in refused['stage']['message']
    march.post(path + ':check', {'point': 'Date known', 'done': True})
    march.post(path + ':check', {'point': 'Date known', 'done': False})
    assert march.get(path)['checked'] == ['Budget known']
    assert march.request('PATCH', path, {'checked': ['x']}).status in (400, 422)
    march.post(path + ':lose', {'reason': 'price'})


def test_only_named_steps(march):
    ids = new_stages(march)
    march.patch('/stages/' + ids['New'], {'next_stages': [ids['Qualified']]})
    deal = march.create('deals', name='Step by step', stage=ids['New'])
    path = '/deals/' + deal['id']
    assert list(fields_of(march.request('PATCH', path, {'stage': ids['Proposal']}))) == ['stage']
    assert march.request('POST', path + ':win', {}).status == 422
    march.patch(path, {'stage': ids['Qualified']})
    march.patch(path, {'stage': ids['Negotiation']})
    march.post(path + ':lose', {'reason': 'price'})


def test_going_back_is_asked_for(make_server, db):
    server = make_server(test_clock=NOON)
    admin = server.client()
    server.add_user('boss@example.com', 'manager')
    server.add_user('seller@example.com', 'sales')
    server.add_user('other@example.com', 'sales')
    boss, seller, other = (server.client(w + '@example.com') for w in ('boss', 'seller', 'other'))
    ids = stage_ids(admin)
    pipeline = admin.list('pipelines', filter='is_default == true')[0]
    admin.patch('/pipelines/' + pipeline['id'], {'going_back': 'ask'})
    deal = seller.create('deals', name='Forth and back', stage=ids['Negotiation'])
    path = '/deals/' + deal['id']
    assert list(fields_of(seller.request('PATCH', path, {'stage': ids['New']}))) == ['stage']
    asked = seller.post(path + ':ask_back', {'stage': ids['New'], 'note': 'They began anew'})['approval']
    assert seller.request('POST', path + ':ask_back', {'stage': ids['New'], 'note': 'x'}).status == 409
    request = '/approvals/' + asked['id']
    assert seller.get(request)['state'] == 'asked' and seller.get(request)['about']['id'] == deal['id']
    assert seller.request('PATCH', request, {'state': 'granted'}).status in (400, 403, 422)
    assert seller.request('POST', request + ':grant', {}).status == 403
    assert other.request('POST', request + ':grant', {}).status in (403, 404)
    boss.post(request + ':grant', {'note': 'Once'})
    got = boss.get(request)
    assert (got['state'], got['answer'], got['answered_by']['label']) == ('granted', 'Once', 'Boss')
    assert seller.get(path)['stage']['label'] == 'New'
    assert boss.request('POST', request + ':refuse', {}).status == 409
    seller.patch(path, {'stage': ids['Proposal']})
    boss.patch(path, {'stage': ids['New']})
    admin.patch('/pipelines/' + pipeline['id'], {'going_back': 'never'})
    seller.patch(path, {'stage': ids['Proposal']})
    assert list(fields_of(boss.request('PATCH', path, {'stage': ids['New']}))) == ['stage']


def test_a_next_step_is_needed(march):
    ids = new_stages(march, needs_next_step=True)
    deal = march.create('deals', name='Drifting', stage=ids['New'])
    path = '/deals/' + deal['id']
    assert list(fields_of(march.request('PATCH', path, {'stage': ids['Qualified']}))) == ['next_step_at']
    march.patch(path, {'stage': ids['Qualified'], 'next_step_at': '2026-03-12'})
    march.patch(path, {'stage': ids['Won']})


# --- time in stages ---------------------------------------------------------------------------------------------------

def replay(api, deal):
    """Pushes and the moment of the last move, from nothing but the change log."""
    pushed, since, day, is_open = 0, None, None, True
    for change in reversed(api.get('/deals/%s/history' % deal, page_size=200)['data']):
        values = {c['field']: c for c in change['changes']}
        was_open = is_open
        if 'category' in values:
            is_open = values['category']['after'] == 'open'
        if 'close_date' in values:
            after = values['close_date']['after']
            pushed += bool(change['kind'] != 'create' and was_open and is_open and day and after and after > day)
            day = after
        if 'stage' in values:
            since = change['at']
    return pushed, since


def test_pushes_and_stages_follow_from_the_log(make_server):
    server = make_server()
    api = server.client()
    ids = list(stage_ids(api).values())
    chance = random.Random(datetime.date.today().toordinal())
    deal = api.create('deals', name='Restless', close_date='2030-01-15', lost_reason='price')
    for _ in range(25):
        change = {'lost_reason': 'price'}
        if chance.random() < 0.7:
            change['close_date'] = chance.choice([None, '2030-%02d-15' % chance.randint(1, 12)])
        if chance.random() < 0.5:
            change['stage'] = chance.choice(ids)
        deal = api.patch('/deals/' + deal['id'], change)
    assert (deal['pushed'], deal['stage_since']) == replay(api, deal['id'])
    visits = api.all('stage_visits', filter="deal == '%s'" % deal['id'], order_by='entered_at')
    assert all(a['left_at'] == b['entered_at'] for a, b in zip(visits, visits[1:]))
    assert not visits or visits[-1]['left_at'] == deal['stage_since']
    server.stop()
    server.installation.cli('check')


def test_idle(make_server):
    day = 86400000
    server = make_server(test_clock=NOON)
    api = server.client()
    ids = stage_ids(api)
    api.patch('/stages/' + ids['New'], {'idle_days': 3})
    fresh, still = api.create('deals', name='Fresh'), api.create('deals', name='Still')
    server.stop()
    server.args[server.args.index('--test-clock') + 1] = str(int(NOON) + 4 * day)
    server.restart()
    api = server.client()
    api.create('activities', subject='Rang', kind='call', status='done', deal=fresh['id'])
    assert [r['name'] for r in api.list('deals', filter='is_idle == true')] == ['Still']
    columns = {c['label']: c for c in api.get('/deals:board')['columns']}
    assert {r['name']: r['is_idle'] for r in columns['New']['data']} == {'Fresh': False, 'Still': True}
    api.patch('/deals/' + still['id'], {'stage': ids['Qualified']})
    assert api.list('deals', filter='is_idle == true') == []
