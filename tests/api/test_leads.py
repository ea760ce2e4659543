# SPDX-License-Identifier: GPL-3.0-or-later
"""Leads: when they were answered and processed, in working time too; put off and coming again; converted, and taken back."""
import datetime
import os

import kith
import pytest


def ms(text):
    return str(int(datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp() * 1000))


@pytest.fixture
def once(db):
    """What does not depend on the database is asked on one."""
    if db != 'sqlite':
        pytest.skip('does not depend on the database')


def lead(client, **fields):
    n = kith.serial()
    return client.create('leads', **{**dict(title='Lead %d' % n), **fields})


def fresh(client, record, plural='leads'):
    return client.get('/%s/%s' % (plural, record['id']))


def test_answered_by_a_person(api):
    api.create('calendars', name='Always', is_default=True, zone='UTC', **{d: '00:00-24:00' for d in (
        'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday')})
    me = api.get('/me')['id']
    one = lead(api, received_at='2026-03-06T16:00:00Z')
    api.create('activities', kind='note', body='thinking', lead=one['id'])
    api.create('activities', kind='call', subject='They rang', direction='incoming', status='done', lead=one['id'],
               done_at='2026-03-06T17:00:00Z')
    assert fresh(api, one)['answered_at'] is None
    api.create('activities', kind='call', subject='We rang', direction='outgoing', status='done', lead=one['id'],
               done_at='2026-03-09T09:00:00Z')
    got = fresh(api, one)
    assert got['answered_at'] == '2026-03-09T09:00:00Z' and got['answered_by']['id'] == me and got['status'] == 'working'
    assert got['answer_work'] == got['answer_time'] == '%ds' % (65 * 3600)
    assert got['first_touch_at'] == one['received_at']
    early = lead(api, received_at='2026-03-06T16:00:00Z')
    api.create('activities', kind='call', subject='Before', status='done', lead=early['id'], done_at='2026-03-06T15:50:00Z')
    assert fresh(api, early)['answered_at'] == '2026-03-06T16:00:00Z' and fresh(api, early)['answer_work'] == '0s'


def test_working_time_of_answer(server, api, once):
    """Friday at four to Monday at nine, from nine to five: two hours."""
    who = server.add_user(role='sales')
    calendar = api.create('calendars', name='Nine to five', zone='UTC', country='PL', **{d: '09:00-17:00' for d in ('monday', 'friday')})
    api.patch('/users/' + who.get('/me')['id'], {'calendar': calendar['id']})
    one = lead(who, received_at='2026-03-06T16:00:00Z')
    who.create('activities', kind='call', subject='We rang', status='done', lead=one['id'], done_at='2026-03-09T10:00:00Z')
    assert fresh(who, one)['answer_work'] == '7200s'
    api.create('calendar_days', person=who.get('/me')['id'], date='2026-03-09')
    who.patch('/leads/' + one['id'], {'received_at': '2026-03-06T15:00:00Z'})
    assert fresh(who, one)['answer_work'] == '7200s'


def test_processed_and_reasons(api):
    one = lead(api)
    reply = api.request('PATCH', '/leads/' + one['id'], {'status': 'unqualified'})
    assert reply.status == 422 and [e['field'] for e in reply.json['errors']] == ['unqualified_reason']
    got = api.patch('/leads/' + one['id'], {'status': 'unqualified', 'unqualified_reason': 'spam'})
    assert got['processed_at'] and got['processing_work'] and got['answered_at'] is None
    got = api.patch('/leads/' + one['id'], {'status': 'working'})
    assert got['processed_at'] is None and got['processing_work'] is None
    assert api.patch('/leads/' + one['id'], {'status': 'qualified'})['processed_at']


def test_comes_again(make_server, once):
    server = make_server(test_clock=ms('2026-03-10T10:00:00Z'))
    api = server.client()
    one = lead(api, zone='UTC')
    reply = api.request('PATCH', '/leads/' + one['id'], {'status': 'nurture'})
    assert reply.status == 422 and [e['field'] for e in reply.json['errors']] == ['recycle_on']
    api.patch('/leads/' + one['id'], {'status': 'nurture', 'recycle_on': '2026-04-01'})
    server.stop()
    api = make_server(test_clock=ms('2026-04-01T09:00:00Z'), installation=server.installation).client()
    kith.wait_for(lambda: fresh(api, one)['status'] == 'new', 20)
    got = fresh(api, one)
    assert got['recycled'] == 1 and got['recycle_on'] is None
    assert [t['subject'] for t in api.list('activities', filter="lead == '%s'" % one['id'])] == [one['title']]


def full(api, **more):
    n = kith.serial()
    return lead(api, **{**dict(company='Ptasznik %d sp. z o.o.' % n, name={'given': 'Jan', 'family': 'Ptasznik%d' % n}, job_title='Owner',
                phones='+48 601 %06d' % n, emails='jan%d@ptasznik.example' % n, website='https://ptasznik%d.example' % n, country='PL',
                source='advertising', utm_source='ads', utm_campaign='spring', gclid='g-1', landing_page='https://x.example/a',
                referrer='https://y.example', budget='5000', request='Need a fence', tags=['fence'],
                employees=12, received_at='2026-03-06T16:00:00Z'), **more})


def test_conversion_and_undo(server, api):
    one = full(api)
    seller = server.add_user(role='manager')
    call = seller.create('activities', kind='call', subject='Rang', status='done', lead=one['id'])
    api.create('consents', lead=one['id'], purpose='marketing', given_at='2026-03-06T16:00:00Z')
    offer = api.post('/files', b'offer', expect=201, about='lead:' + one['id'], headers={'X-File-Name': 'offer.txt'})
    made = api.post('/leads/%s:convert' % one['id'], {'deal_name': 'Fence'})
    account, contact, deal = (api.get('/%ss/%s' % (k, made[k]['id'])) for k in ('account', 'contact', 'deal'))
    assert (account['name'], account['kind'], account['employees'], account['tags']) == (one['company'], 'company', 12, ['fence'])
    assert account['website'] == one['website'] and account['phones'] is None and contact['phones'][0]['value'] == one['phones'][0]['value']
    assert contact['job_title'] == 'Owner' and contact['account']['id'] == account['id']
    assert deal['name'] == 'Fence' and deal['description'] == 'Need a fence' and deal['amount'] == one['budget']
    for made_one in (account, contact, deal):
        for field in ('source', 'utm_source', 'utm_campaign', 'gclid', 'landing_page', 'referrer', 'first_touch_at'):
            assert made_one[field] == one[field] != None, (made_one['label'], field)  # noqa: E711
    call = fresh(api, call, 'activities')
    assert [call[k]['id'] for k in ('lead', 'account', 'contact', 'deal')] == [one['id'], account['id'], contact['id'], deal['id']]
    assert api.list('consents', filter="contact == '%s'" % contact['id'])[0]['lead']['id'] == one['id']
    names = [f['name'] for f in api.list('files', filter="about == '%s'" % deal['id'])]
    assert names == ['offer.txt'] and fresh(api, offer, 'files')['about']['id'] == one['id']
    got = fresh(api, one)
    assert got['status'] == 'qualified' and got['converted_at'] and got['processed_at'] and got['deal']['id'] == deal['id']
    assert api.request('POST', '/leads/%s:convert' % one['id'], {}).status == 409
    assert api.request('POST', '/leads/%s:matches' % one['id'], {}).status == 409
    undone = api.post('/batches/%s:undo' % made['batch'])
    assert undone['skipped'] == []
    for plural, record in (('accounts', account), ('contacts', contact), ('deals', deal)):
        api.get('/%s/%s' % (plural, record['id']), expect=404)
    got = fresh(api, one)
    assert got['converted_at'] is None and got['deal'] is None and got['status'] == 'working'
    assert fresh(api, call, 'activities')['deal'] is None
    assert api.post('/leads/%s:convert' % one['id'], {'create_deal': False})['deal'] is None


def test_attach_to_what_matches(server, api):
    first = full(api)
    made = api.post('/leads/%s:convert' % first['id'], {})
    again = full(api, company=first['company'].upper().replace('SP. Z O.O.', ''), name=first['name'], phones=first['phones'], emails=None)
    found = api.post('/leads/%s:matches' % again['id'], {})
    assert made['account']['id'] in [m['id'] for m in found['accounts']]
    assert made['contact']['id'] in [m['id'] for m in found['contacts']] and 'phones' in found['contacts'][0]['fields']
    stranger = server.add_user(role='sales')
    stranger.get('/leads/%s' % again['id'], expect=404)
    into = api.post('/leads/%s:convert' % again['id'], {'contact': made['contact']['id']})
    assert into['contact']['id'] == made['contact']['id'] and into['account']['id'] == made['account']['id']
    contact = api.get('/contacts/' + made['contact']['id'])
    assert contact['emails'] == api.get('/leads/' + first['id'])['emails'] and contact['first_touch_at'] == first['first_touch_at']
    nobody = full(api)
    assert api.request('POST', '/leads/%s:convert' % nobody['id'], {'account': nobody['id']}).status in (404, 422)
    assert fresh(api, nobody)['converted_at'] is None


def test_a_private_person(api, once):
    one = full(api, company=None)
    made = api.post('/leads/%s:convert' % one['id'], {})
    account = api.get('/accounts/' + made['account']['id'])
    assert account['kind'] == 'person' and made['contact'] is None and account['phones'][0]['value'] == one['phones'][0]['value']
    other = full(api)
    account = api.get('/accounts/' + api.post('/leads/%s:convert' % other['id'], {'as_person': True})['account']['id'])
    assert account['kind'] == 'person' and account['name'].startswith('Jan Ptasznik')


def test_many_at_once(api):
    """Each lead by itself, a reason at each that is refused, one undo for all."""
    leads = [full(api) for _ in range(3)]
    api.post('/leads/%s:convert' % leads[1]['id'], {})
    done = api.post('/leads:batchAct', {'action': 'convert', 'ids': [x['id'] for x in leads], 'params': {'create_deal': False}})
    assert done['done'] == 2 and [r['error'] and r['error']['code'] for r in done['data']] == [None, 'CONFLICT', None]
    assert done['data'][0]['result']['account']['label'] == leads[0]['company'] and done['data'][1]['error']['message']
    assert [fresh(api, x)['converted_at'] is not None for x in leads] == [True, True, True]
    api.post('/batches/%s:undo' % done['batch'])
    assert [fresh(api, x)['converted_at'] is not None for x in leads] == [False, True, False]
    assert api.request('POST', '/leads:batchAct', {'action': 'nothing', 'ids': [leads[0]['id']]}).status == 400
    assert api.request('POST', '/leads:batchAct', {'action': 'convert', 'ids': []}).status == 400


def test_own_fields_go_along(make_server, once):
    """A site's field says itself what it becomes."""
    server = make_server()
    server.stop()
    folder = os.path.join(server.installation.data, 'site')
    os.makedirs(folder, exist_ok=True)
    label = 'label: {en: F, ru: F, pl: F}'
    with open(os.path.join(folder, 'fence.yaml'), 'w') as f:
        f.write('extend: lead\nadd:\n  fields:\n    fence: {type: integer, converts_to: [{object: deal, field: fence_length}], %s}\n' % label)
    with open(os.path.join(folder, 'deal.yaml'), 'w') as f:
        f.write('extend: deal\nadd:\n  fields:\n    fence_length: {type: integer, %s}\n' % label)
    server = make_server(installation=server.installation)
    api = server.client()
    made = api.post('/leads/%s:convert' % full(api, fence=120)['id'], {})
    assert api.get('/deals/' + made['deal']['id'])['fence_length'] == 120
