# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets a lead: rules in order, turns, absences, working hours, passing on, and the simulation."""
import collections
import datetime
import threading

import kith
import pytest

NOON = '2026-03-10T11:00:00Z'  # a Tuesday


def ms(text):
    return str(int(datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp() * 1000))


@pytest.fixture
def once(db):
    """What does not depend on the database is asked on one."""
    if db != 'sqlite':
        pytest.skip('does not depend on the database')


class Team:
    """People of a team of their own, by name, and a rule about leads of a source of its own."""

    def __init__(self, api, names, **rule):
        n = kith.serial()
        self.api, self.n = api, n
        self.team = api.create('teams', name='Team %d' % n)
        self.people = {name: api.create('users', name='%s %d' % (name, n), email='%s%d@example.com' % (name, n), team=self.team['id'])
                       for name in names}
        fields = {**dict(name='Rule %d' % n, of_team=self.team['id'], condition="company == 'Of %d'" % n, is_active=True), **rule}
        self.rule = api.create('assignment_rules', **fields)

    def lead(self, api=None, **fields):
        return (api or self.api).create('leads', **{**dict(title='L%d' % kith.serial(), company='Of %d' % self.n, owner=None), **fields})

    def who(self, lead):
        return lead['owner'] and lead['owner']['label'].split()[0]

    def get(self, lead):
        return self.api.get('/leads/' + lead['id'])


def test_in_turn(api):
    team = Team(api, 'abc')
    got = [team.lead() for _ in range(7)]
    assert [team.who(x) for x in got] == ['a', 'b', 'c', 'a', 'b', 'c', 'a']
    assert got[0]['assignment_rule']['id'] == team.rule['id'] and got[0]['assignments'] == 1 and got[0]['assigned_at']
    assert team.rule['name'] in got[0]['assign_why'] and got[0]['team']['id'] == team.team['id']
    assert team.lead(owner=api.get('/me')['id'])['assigned_at'] is None
    other = team.lead(company='Nobody of us')
    assert other['owner'] is None and other['assigned_at'] is None
    history = api.get('/leads/%s/history' % got[0]['id'])['data'][0]['changes']
    assert any(c['field'] == 'assign_why' for c in history)


def test_by_weight(api, once):
    team = Team(api, 'ab', how='weighted')
    api.patch('/users/' + team.people['a']['id'], {'lead_capacity': 3})
    assert ''.join(team.who(team.lead()) for _ in range(8)) == 'aabaaaba'
    api.create('assignment_members', rule=team.rule['id'], person=team.people['b']['id'], weight=0)
    assert {team.who(team.lead()) for _ in range(3)} == {'a'}


def test_fewest_open(api):
    team = Team(api, 'ab', how='least_open')
    a, b = team.people['a']['id'], team.people['b']['id']
    for _ in range(3):
        team.lead(owner=a)
    assert [team.who(team.lead()) for _ in range(3)] == ['b'] * 3
    api.patch('/leads/' + team.lead(owner=b)['id'], {'status': 'qualified'})
    assert collections.Counter(team.who(team.lead()) for _ in range(4)) == {'a': 2, 'b': 2}


def test_rules_in_order(api, once):
    boss = api.create('users', name='boss', email='boss%d@example.com' % kith.serial())
    team = Team(api, '', position=10)
    second = api.create('assignment_rules', name='Second', position=20, how='user', person=boss['id'], condition=team.rule['condition'],
                        is_active=True)
    lead = team.lead()
    assert lead['owner']['id'] == boss['id'] and lead['assignment_rule']['id'] == second['id']
    api.patch('/assignment_rules/' + second['id'], {'is_active': False})
    assert team.lead()['owner'] is None
    api.patch('/assignment_rules/' + team.rule['id'], {'fallback': boss['id']})
    assert team.lead()['owner']['id'] == boss['id']
    for wrong in ({'condition': 'nonsense >'}, {'condition': 'no_such_field == 1'}, {'how': 'user', 'person': None}):
        reply = api.request('PATCH', '/assignment_rules/' + second['id'], wrong)
        assert reply.status == 422 and reply.json['errors'][0]['field'] in ('condition', 'person'), reply


def test_absent_and_closed(make_server, once):
    api = make_server(test_clock=ms(NOON)).client()
    team = Team(api, 'abc', only_working=True)
    night = api.create('calendars', name='Night', zone='UTC', tuesday='20:00-23:00')
    api.patch('/users/' + team.people['a']['id'], {'calendar': night['id']})
    api.create('calendar_days', person=team.people['b']['id'], date='2026-03-09', until='2026-03-11', name='Leave')
    lead = team.lead()
    assert team.who(lead) == 'c' and 'a %d (' % team.n in lead['assign_why'] and 'b %d (' % team.n in lead['assign_why']
    api.patch('/users/' + team.people['c']['id'], {'is_active': False})
    assert team.lead()['owner'] is None
    api.patch('/assignment_rules/' + team.rule['id'], {'only_working': False})
    assert [team.who(team.lead()) for _ in range(2)] == ['a', 'a']


def test_passed_on(make_server, once):
    """After 30 working minutes without an answer the next has it; at most twice; the fall-back at the end."""
    server = make_server(test_clock=ms(NOON))
    api = server.client()
    boss = api.create('users', name='boss', email='boss@example.com')
    team = Team(api, 'ab', reassign_after=30, reassign_max=2, fallback=boss['id'])
    lead, answered = team.lead(), team.lead()
    assert [team.who(x) for x in (lead, answered)] == ['a', 'b']
    api.create('activities', kind='call', subject='Rang', status='done', lead=answered['id'])
    for minutes, who in ((29, 'a'), (31, 'b'), (62, 'boss')):
        server.stop()
        clock = int(ms(NOON)) + minutes * 60000
        server = make_server(test_clock=str(clock), installation=server.installation)
        team.api = server.client()
        if who == 'a':
            assert team.who(team.get(lead)) == 'a'
        kith.wait_for(lambda: team.who(team.get(lead)) == who, 20)
    got = team.get(lead)
    assert got['assignments'] == 3 and team.who(team.get(answered)) == 'b'


def test_simulation(api):
    team = Team(api, 'ab', is_active=False)
    mine = [team.lead() for _ in range(5)]
    assert {x['owner'] for x in mine} == {None}
    job = api.post('/assignment_rules/%s:simulate' % team.rule['id'], {})['operation']
    kith.wait_for(lambda: api.get('/operations/' + job)['state'] in ('done', 'failed'), 20)
    result = api.get('/operations/' + job)['result']
    rule = [r for r in result['rules'] if r['rule']['id'] == team.rule['id']][0]
    assert rule['matched'] == 5 and [p['count'] for p in rule['people']] == [3, 2]
    assert result['leads'] >= 5 and result['changed'] >= 5 and len(result['samples']) >= 5
    assert team.get(mine[0])['owner'] is None
    assert api.request('POST', '/assignment_rules/%s:simulate' % team.rule['id'], {'from': '2026-02-01', 'to': '2026-01-01'}).status == 422


def test_a_rule_for_leads_that_came_before(api):
    """Switched on late, it takes what still waits, in turn, and that is taken back as one."""
    team = Team(api, 'ab', is_active=False)
    waiting = [team.lead() for _ in range(4)]
    mine = team.lead(owner=api.get('/me')['id'])
    answered = team.lead()
    api.create('activities', kind='call', subject='Rang', status='done', lead=answered['id'])
    path = '/assignment_rules/' + team.rule['id']
    api.patch(path, {'is_active': True})

    def apply(**how):
        job = api.post(path + ':reassign', how)['operation']
        kith.wait_for(lambda: api.get('/operations/' + job)['state'] in ('done', 'failed'), 20)
        return api.get('/operations/' + job)['result']

    first = apply()
    assert first['changed'] == 4 and collections.Counter(team.who(team.get(x)) for x in waiting) == {'a': 2, 'b': 2}
    given = team.get(waiting[0])
    assert given['assignment_rule']['id'] == team.rule['id'] and given['assign_why'] and given['assigned_at']
    assert team.get(mine)['owner']['label'] == 'Ada Admin' and team.get(answered)['owner'] is None
    assert apply()['changed'] == 0
    taken = apply(taken=True)
    assert taken['changed'] >= 1 and team.who(team.get(mine)) in ('a', 'b')
    api.post('/batches/%s:undo' % taken['batch'])
    api.post('/batches/%s:undo' % first['batch'])
    assert team.get(mine)['owner']['label'] == 'Ada Admin' and {team.get(x)['owner'] and team.who(team.get(x)) for x in waiting} == {None}
    assert api.request('POST', path + ':reassign', {'from': '2026-02-01', 'to': '2026-01-01'}).status == 422


def test_rights(server, api, once):
    team = Team(api, 'a', is_active=False)
    seller = server.add_user(role='sales')
    assert seller.request('PATCH', '/assignment_rules/' + team.rule['id'], {'name': 'Mine'}).status == 403
    assert seller.request('POST', '/assignment_rules/%s:simulate' % team.rule['id'], {}).status == 403


def test_fair_in_a_crowd(server, api):
    """Many at once: everybody gets his exact share, and nobody's turn is lost."""
    team = Team(api, 'abcd')
    problems = []

    def work():
        client = server.client()
        try:
            for _ in range(5):
                team.lead(client)
        except Exception as e:  # the thread's failure is the test's
            problems.append(e)
    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert problems == []
    counts = collections.Counter(x['owner']['id'] for x in api.all('leads', filter="assignment_rule == '%s'" % team.rule['id'], page_size=200))
    assert sorted(counts.values()) == [10, 10, 10, 10]


def test_fewest_open_in_a_crowd(server, api):
    team = Team(api, 'ab', how='least_open')
    threads = [threading.Thread(target=lambda: team.lead(server.client())) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    counts = collections.Counter(x['owner']['id'] for x in api.all('leads', filter="assignment_rule == '%s'" % team.rule['id']))
    assert sorted(counts.values()) == [4, 4]
