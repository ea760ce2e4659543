# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps work from being forgotten: repetition, attendees, the rhythm of contacts, escalation in working hours."""
import datetime

import kith
import pytest

#: A Thursday, 10:00 in UTC.
CLOCK = 1772704800000
HOUR = 3600000


def iso(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC).strftime('%Y-%m-%dT%H:%M:%SZ')


@pytest.fixture(scope='module')
def seller(server):
    seller = server.add_user(role='sales')
    seller.id = seller.get('/me')['id']
    return seller


def followers(client, activity):
    return client.list('activities', filter="follows.id == '%s'" % activity['id'])


def test_what_repeats_comes_again_when_it_is_done(api, seller):
    account = seller.create('accounts', name='Weekly Ltd')
    for wrong in ({'repeats': 'FREQ=HOURLY', 'due_at': '2031-05-05T12:00:00Z'}, {'repeats': 'FREQ=DAILY'}):
        reply = seller.request('POST', '/activities', dict(kind='task', subject='x', **wrong))
        assert reply.status == 422 and reply.json['errors'][0]['field'] == 'repeats', reply
    seller.patch('/me', {'zone': 'Europe/Warsaw'})
    task = seller.create('activities', kind='meeting', subject='Weekly', location='Room 5', start_at='2031-03-28T08:00:00Z', end_at='2031-03-28T09:00:00Z',
                         repeats='RRULE:INTERVAL=1;FREQ=WEEKLY;BYDAY=MO,FR;COUNT=3', about={'object': 'account', 'id': account['id']})
    assert task['repeats'] == 'FREQ=WEEKLY;BYDAY=MO,FR;COUNT=3'
    seller.create('activity_attendees', activity=task['id'], person={'object': 'user', 'id': api.get('/me')['id']}, answer='comes')
    seller.patch('/activities/' + task['id'], {'status': 'done'})
    second, = followers(seller, task)
    assert (second['start_at'], second['end_at'], second['remind_at']) == ('2031-03-31T07:00:00Z', '2031-03-31T08:00:00Z', '2031-03-31T06:45:00Z'), 'nine stays nine'
    assert (second['status'], second['location'], second['account']['id'], second['repeats'], second['done_at']) == ('open', 'Room 5', account['id'], 'FREQ=WEEKLY;BYDAY=MO,FR;COUNT=2', None)
    people = seller.list('activity_attendees', filter="activity.id == '%s'" % second['id'])
    assert [(p['person']['object'], p['answer']) for p in people] == [('user', None)]
    seller.patch('/activities/' + task['id'], {'status': 'open'})
    seller.patch('/activities/' + task['id'], {'status': 'done'})
    assert len(followers(seller, task)) == 1, 'once'
    seller.patch('/activities/' + second['id'], {'status': 'done'})
    assert seller.post('/undo', {})['undone'] >= 2
    assert followers(seller, second) == [] and seller.get('/activities/' + second['id'])['status'] == 'open', 'taken back together'
    seller.patch('/activities/' + second['id'], {'status': 'done'})
    third, = followers(seller, second)
    seller.patch('/activities/' + third['id'], {'status': 'done'})
    assert third['start_at'] == '2031-04-04T07:00:00Z' and followers(seller, third) == [], 'three in all'
    late = seller.create('activities', kind='task', subject='Daily', due_at='2020-01-01T12:00:00Z', repeats='FREQ=DAILY')
    seller.patch('/activities/' + late['id'], {'status': 'done'})
    assert followers(seller, late)[0]['due_at'] > iso(datetime.datetime.now().timestamp() * 1000 - HOUR), 'what is past is passed over'


def test_who_is_put_down_is_told(server, api, seller):
    guest = server.add_user(role='manager')
    meeting = seller.create('activities', kind='meeting', subject='Stock', start_at='2031-05-05T12:00:00Z', location='Hall')
    contact = seller.create('contacts', name={'family': 'Guest'})
    for person in (('user', guest.get('/me')['id']), ('contact', contact['id']), ('user', seller.id)):
        seller.create('activity_attendees', activity=meeting['id'], person={'object': person[0], 'id': person[1]})
    got, = guest.list('notices', filter="kind == 'invited'")
    assert (got['subject'], got['note'], got['about']['id']) == ('Stock', 'Hall', meeting['id'])
    assert seller.list('notices', filter="kind == 'invited'") == []
    seller.post('/activity_attendees', {'activity': meeting['id'], 'person': {'object': 'deal', 'id': contact['id']}}, expect=422)


def test_rhythm(server, api, seller):
    """A 14 days, B 30, C 90, as the company says; from the last touch, else from when we came to know them."""
    assert {r['class']: r['days'] for r in api.list('contact_rhythms')} == {'A': 14, 'B': 30, 'C': 90}
    made = seller.create('accounts', name='Rhythm', **{'class': 'B'})
    day = datetime.timedelta(days=1)

    def due(record):
        return datetime.datetime.fromisoformat(record['touch_due'].replace('Z', '+00:00'))

    created = datetime.datetime.fromisoformat(made['created_at'].replace('Z', '+00:00'))
    assert made['rhythm_days'] == 30 and due(made) == created + 30 * day
    touched = datetime.datetime(2026, 1, 10, 12, tzinfo=datetime.UTC)
    seller.create('activities', kind='call', subject='Called', status='done', done_at='2026-01-10T12:00:00Z', account=made['id'])
    assert due(seller.get('/accounts/' + made['id'])) == touched + 30 * day
    assert [a['id'] for a in seller.get('/today')['untouched']] == [made['id']]
    assert api.get('/today')['untouched'] == [], 'not his'
    assert due(seller.patch('/accounts/' + made['id'], {'class': 'A'})) == touched + 14 * day
    plain = seller.patch('/accounts/' + made['id'], {'class': None})
    assert plain['rhythm_days'] is None and plain['touch_due'] is None and seller.get('/today')['untouched'] == []
    seller.patch('/accounts/' + made['id'], {'class': 'C'})
    rhythm = api.list('contact_rhythms', filter="class == 'C'")[0]
    api.patch('/contact_rhythms/' + rhythm['id'], {'days': 5000}, expect=422)
    api.post('/contact_rhythms', {'class': 'C', 'days': 5}, expect=409)
    seller.patch('/contact_rhythms/' + rhythm['id'], {'days': 60}, expect=403)
    api.patch('/contact_rhythms/' + rhythm['id'], {'days': 60})
    kith.wait_for(lambda: seller.get('/accounts/' + made['id'])['rhythm_days'] == 60, 10)
    assert due(seller.get('/accounts/' + made['id'])) == touched + 60 * day


def test_escalation(make_server):
    """Told once for each time it falls idle, counted in the working hours of who is responsible."""
    server = make_server(test_clock=str(CLOCK))
    api, installation = server.client(), server.installation
    api.create('calendars', name='All', is_default=True, zone='UTC')
    boss, seller, lone = (server.add_user(role=role) for role in ('manager', 'sales', 'sales'))
    ids = [who.get('/me')['id'] for who in (boss, seller, lone)]
    api.patch('/users/' + ids[1], {'manager': ids[0]})
    assert api.request('POST', '/escalation_rules', {'name': 'x', 'object': 'lead', 'idle_hours': 4, 'condition': 'amount > 1'}).status in (400, 422)
    seller.post('/escalation_rules', {'name': 'x', 'object': 'lead', 'idle_hours': 4}, expect=403)
    api.create('escalation_rules', name='Silent leads', object='lead', idle_hours=10, condition="country == 'PL'", does='task')
    api.create('escalation_rules', name='Late', object='activity', idle_hours=5, does='hand_over', whom='person', person=ids[0])
    lead = api.create('leads', title='Silent', country='PL', owner=ids[1])
    for other in ({'country': 'RU', 'owner': ids[1]}, {'country': 'PL', 'owner': ids[2]}, {'country': 'PL', 'owner': ids[1], 'status': 'unqualified', 'unqualified_reason': 'spam'}):
        api.request('POST', '/leads', dict(title='Other', **other))
    task = seller.create('activities', kind='task', subject='Overdue', due_at=iso(CLOCK - HOUR))
    boss.post('/notices:read', {})
    server.stop()

    def at(ms):
        """The manager's view after the round at that moment."""
        running = make_server(test_clock=str(ms), installation=installation)
        installation.sql("UPDATE job SET due = %d WHERE kind = 'escalation.round' AND state = 'waiting'" % ms)
        client = running.client(boss.email)
        kith.wait_for(lambda: installation.sql("SELECT count(*) FROM job WHERE kind = 'escalation.round' AND state = 'done' AND due = %d" % ms) == [['1']], 15)
        got = [(n['subject'], n['note'], n['about']['id']) for n in client.list('notices', filter="kind == 'escalated'", order_by='subject')]
        return running, client, got

    running, client, got = at(CLOCK + 4 * HOUR + 60000)  # the same day, 14:01
    assert got == [('Overdue', 'Late', task['id'])], 'five working hours of the task, four of the lead'
    assert client.get('/activities/' + task['id'])['owner']['id'] == ids[0]
    running.stop()
    running, client, got = at(CLOCK + 22 * HOUR + 60000)  # Friday, 8:01: by the clock long ago, by working hours eight
    assert len(got) == 1
    running.stop()
    running, client, got = at(CLOCK + 25 * HOUR + 60000)  # 11:01: ten working hours
    assert ('Silent', 'Silent leads', lead['id']) in got and len(got) == 2
    made = client.list('activities', filter="subject == 'Silent leads: Silent'")
    assert len(made) == 1 and made[0]['owner']['id'] == ids[0] and made[0]['lead']['id'] == lead['id']
    running.stop()
    running, client, got = at(CLOCK + 26 * HOUR)
    assert len(got) == 2 and len(running.client().list('escalations')) == 2, 'once'
    running.stop()
