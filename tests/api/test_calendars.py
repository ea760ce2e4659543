# SPDX-License-Identifier: GPL-3.0-or-later
"""Working calendars: hours and holidays, whose calendar is whose, and what time it is for a client."""
import datetime

import kith
import pytest

CLOCK = '2026-03-10T08:30:00Z'  # a Tuesday


def ms(text):
    return str(int(datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp() * 1000))


@pytest.fixture
def late(make_server):
    return make_server(test_clock=ms(CLOCK))


def test_hours_are_understood(api):
    made = api.create('calendars', name='Shop', country='PL', zone='Europe/Warsaw', monday='9:00-13:00,14:00-18:00', sunday=None)
    assert made['monday'] == '09:00-13:00, 14:00-18:00' and made['friday'] == '09:00-18:00' and made['sunday'] is None
    for wrong in ({'monday': '18-9'}, {'zone': 'Europe/Nowhere'}, {'country': 'XX'}):
        reply = api.request('PATCH', '/calendars/' + made['id'], wrong)
        assert reply.status == 422 and reply.json['errors'][0]['field'] in wrong, reply
    api.post('/calendar_days', {'date': '2026-05-02'}, expect=422)
    api.post('/calendar_days', {'date': '2026-05-02', 'until': '2026-05-01', 'calendar': made['id']}, expect=422)
    api.create('calendars', name='All', is_default=True)
    assert api.request('POST', '/calendars', {'name': 'Other', 'is_default': True}).status == 409
    for mine in api.list('calendars'):
        api.delete('/calendars/' + mine['id'])


def seconds(client, start, end, **more):
    return client.get('/working_time', **{'from': start, 'to': end}, **more)['seconds']


def test_whose_calendar(server, api):
    """His own goes before his team's, that before the company's; leave is his alone."""
    team = api.create('teams', name='Shop floor')
    below = api.create('teams', name='Till', parent=team['id'])
    who = server.add_user(role='sales')
    me = who.get('/me')
    api.patch('/users/' + me['id'], {'team': below['id']})
    day = ('2026-03-10T00:00:00Z', '2026-03-11T00:00:00Z')
    assert seconds(who, *day) == 9 * 3600
    company = api.create('calendars', name='Company', is_default=True, zone='UTC', tuesday='10:00-14:00')
    assert seconds(who, *day) == 4 * 3600
    api.patch('/teams/' + team['id'], {'calendar': api.create('calendars', name='T', zone='UTC', tuesday='10:00-13:00')['id']})
    assert seconds(who, *day) == 3 * 3600
    own = api.create('calendars', name='Own', zone='UTC', country='PL', tuesday='10:00-12:00')
    api.patch('/users/' + me['id'], {'calendar': own['id']})
    assert seconds(who, *day) == 2 * 3600 and seconds(api, *day) == 4 * 3600
    api.create('calendar_days', calendar=own['id'], date='2026-03-10', kind='work', hours='10:00-11:00')
    assert seconds(who, *day) == 3600 == seconds(api, *day, user=me['id'])
    api.create('calendar_days', person=me['id'], date='2026-03-09', until='2026-03-20', name='Leave')
    assert seconds(who, *day) == 0
    assert who.get('/working_time', **{'from': day[0]}, minutes=60)['at'] == '2026-03-23T10:00:00Z'
    assert who.get('/working_time', **{'from': '2026-11-10T11:00:00Z', 'to': '2026-11-12T09:00:00Z'})['seconds'] == 3600
    assert who.get('/working_time', expect=400) and who.get('/working_time', **{'from': 'x'}, expect=400)
    who.post('/calendars', {'name': 'Mine'}, expect=403)
    api.delete('/calendars/' + company['id'])


def local(client, plural, **fields):
    return client.get('/%s/%s/local_time' % (plural, client.create(plural, **fields)['id']))


def test_before_a_call(late):
    api = late.client()
    warsaw = local(api, 'accounts', name='A', zone='Europe/Warsaw', country='PL')
    assert (warsaw['time'], warsaw['is_working'], warsaw['is_guessed'], warsaw['opens_at']) == ('09:30', True, False, CLOCK)
    vladivostok = local(api, 'accounts', name='B', zone='Asia/Vladivostok', country='RU')
    assert vladivostok['time'] == '18:30' and vladivostok['is_working'] is False
    assert vladivostok['opens_at'] == '2026-03-10T23:00:00Z'
    guessed = local(api, 'leads', title='C', phones='+48 601 234 567')
    assert (guessed['zone'], guessed['country'], guessed['is_guessed']) == ('Europe/Warsaw', 'PL', True)
    unknown = local(api, 'leads', title='D', country='RU')
    assert unknown['zone'] is None and unknown['time'] is None and unknown['is_working'] is None
    firm = api.create('accounts', name='E', country='GR', zone='Europe/Athens')
    of_firm = local(api, 'deals', name='F', account=firm['id'])
    assert of_firm['zone'] == 'Europe/Athens'


def test_holiday_has_a_name(make_server, db):
    if db != 'sqlite':
        pytest.skip('does not depend on the database')
    api = make_server(test_clock=ms('2026-11-11T09:00:00Z')).client()
    account = api.create('accounts', name='A', country='PL')
    for lang, name in (('pl', 'Święto Niepodległości'), ('ru', 'День независимости')):
        api.patch('/me', {'language': lang})
        today = api.get('/accounts/%s/local_time' % account['id'])
        assert (today['is_holiday'], today['holiday'], today['is_working']) == (True, name, False)
        assert today['opens_at'] == '2026-11-12T08:00:00Z'


def test_hidden_record(server, api):
    secret = api.create('accounts', name='Hidden', country='PL')
    other = server.add_user(role='sales')
    other.get('/accounts/%s/local_time' % secret['id'], expect=404)
    other.get('/accounts/%s/local_time' % kith.ADMIN[:5], expect=404)
