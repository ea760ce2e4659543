# SPDX-License-Identifier: GPL-3.0-or-later
"""Deals: what follows from their stage, and databases of the time when it was called otherwise."""
import json

import pytest

NOON = '1773144000000'  # 2026-03-10, 12:00 UTC


@pytest.fixture
def stages(api):
    return {s['name']: s for s in api.all('stages')}


@pytest.fixture
def march(make_server):
    return make_server(test_clock=NOON).client()


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
    lost = march.patch('/deals/' + deal['id'], {'stage': stages['Lost']})
    assert (lost['category'], lost['closed_on']) == ('lost', '2026-03-01')
    again = march.patch('/deals/' + deal['id'], {'stage': stages['New']})
    assert (again['category'], again['closed_on'], again['cycle_days']) == ('open', None, None)
    late = march.create('deals', name='Two', close_date='2026-03-01')
    assert late['opened_on'] is None
    done = march.create('deals', name='Three', stage=stages['Won'], opened_on='2025-12-31')
    assert (done['closed_on'], done['cycle_days']) == ('2026-03-10', 69)
    assert march.get('/deals:aggregate', measures='avg(cycle_days)', filter="category == 'won'")['data'] == [{'avg(cycle_days)': '69.00'}]


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
DELETE FROM setting WHERE name IN ('fill.stage', 'fill.deal');
"""


def strip_log(home, columns):
    """The log of that time knew no such columns."""
    for row in home.sql("SELECT seq, tx, body FROM change WHERE body LIKE '%\"category\"%' OR body LIKE '%\"closed_on\"%' OR body LIKE '%cycle_days%'"):
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
    server.stop()
    indexes = [r[0] for r in home.sql("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%closed_on%'" if db == 'sqlite' else
                                      "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%closed_on%'")]
    assert len(indexes) == 3
    home.sql(BACK.format(int='INTEGER' if db == 'sqlite' else 'bigint', drop='\n'.join('DROP INDEX %s;' % name for name in indexes)))
    strip_log(home, {'category', 'closed_on', 'cycle_days'})
    server.restart()
    api = server.client()
    assert {s['name']: s['category'] for s in api.all('stages')}['Won'] == 'won'
    assert {s['name']: s['category'] for s in api.all('stages')}['Lost'] == 'lost'
    got = api.get('/deals/' + deal['id'])
    assert (got['category'], got['closed_on'], got['cycle_days'], got['version']) == ('won', '2026-02-08', 30, 2)
    assert [r['id'] for r in api.list('deals', filter=api.get('/saved_views/' + view['id'])['filter'])] == [deal['id']]
    assert api.post('/stages/%s:restore' % gone['id'])['category'] == 'lost'
    history = api.get('/deals/%s/history' % deal['id'])['data']
    told = {f['field']: (f.get('before'), f.get('after')) for c in history if c['version'] == 2 for f in c['changes']}
    assert told['category'] == ('open', 'won')
    server.stop()
    home.cli('check')
