# SPDX-License-Identifier: GPL-3.0-or-later
"""A person leaves: what is still to be done goes on with somebody else, what is finished stays, and all of it can be taken back."""
import kith
import pytest


@pytest.fixture
def people(server):
    """Who leaves, who takes over: client and id of each."""
    clients = [server.add_user(name='%s %d' % (name, kith.serial())) for name in ('Leaver', 'Heir')]
    return [(client, client.get('/me')['id']) for client in clients]


def owners(api, plural, prefix):
    return {r['name' if 'name' in r else 'subject']: r['owner']['id'] for r in api.list(plural, filter="%s.startsWith('%s')" % (
        'subject' if plural == 'activities' else 'name', prefix))}


def test_what_is_open_goes_over_and_comes_back(server, api, people):
    (his, leaver), (_, heir) = people
    tag = 'G%d ' % kith.serial()
    account = his.create('accounts', name=tag + 'Customer')
    his.create('deals', name=tag + 'open', account=account['id'])
    done = his.create('deals', name=tag + 'won', account=account['id'])
    his.post('/deals/%s:win' % done['id'])
    his.create('activities', kind='task', subject=tag + 'to do')
    his.create('activities', kind='task', subject=tag + 'done', status='done')
    below = api.create('users', name=tag + 'below', email='below%d@example.com' % kith.serial(), manager=leaver)
    team = api.create('teams', name=tag + 'team', manager=leaver)
    result = api.post('/users/%s:hand_over' % leaver, {'to': heir})
    assert result['left'] == 0 and result['records'] >= 5
    assert owners(api, 'accounts', tag) == {tag + 'Customer': heir}
    assert owners(api, 'deals', tag) == {tag + 'open': heir, tag + 'won': leaver}
    assert owners(api, 'activities', tag) == {tag + 'to do': heir, tag + 'done': leaver}
    assert api.get('/users/' + below['id'])['manager']['id'] == heir and api.get('/teams/' + team['id'])['manager']['id'] == heir
    gone = api.get('/users/' + leaver)
    assert (gone['is_active'], gone['may_sign_in']) == (False, False)
    his.get('/me', expect=401)
    api.post('/undo')
    assert owners(api, 'accounts', tag) == {tag + 'Customer': leaver}
    assert owners(api, 'deals', tag) == {tag + 'open': leaver, tag + 'won': leaver}
    assert api.get('/users/' + below['id'])['manager']['id'] == leaver and api.get('/users/' + leaver)['is_active']


def test_much_is_left_to_a_job(server, api, people):
    (his, leaver), (_, heir) = people
    tag = 'J%d ' % kith.serial()
    rows = [{'name': '%s%d' % (tag, i), 'owner': leaver} for i in range(320)]
    api.post('/accounts:batchCreate', {'data': rows})
    operation = api.post('/users/%s:hand_over' % leaver, {'to': heir, 'stays': True})['operation']
    done = kith.wait_for(lambda: (lambda o: o if o['state'] in ('done', 'failed') else None)(api.get('/operations/' + operation)), 60)
    assert done['state'] == 'done' and done['result'] == {'records': 320, 'left': 0, 'skipped': []} and done['total'] == 320
    of = lambda who: api.list('accounts', filter="name.startsWith('%s') && owner == '%s'" % (tag, who), total=True, page_size=1)
    assert len(of(heir)) == 1 and not of(leaver)
    assert api.get('/users/' + leaver)['is_active'] and his.get('/me')['id'] == leaver
    api.post('/batches/%s:undo' % done['batch'])
    assert not of(heir)


def test_who_may_and_to_whom(server, api, people):
    (his, leaver), (_, heir) = people
    assert api.post('/users/%s:hand_over' % leaver, {'to': leaver}, expect=422)['errors'][0]['field'] == 'to'
    api.patch('/users/' + heir, {'is_active': False, 'may_sign_in': False})
    assert api.post('/users/%s:hand_over' % leaver, {'to': heir}, expect=422)['errors'][0]['field'] == 'to'
    api.post('/users/%s:hand_over' % leaver, {}, expect=422)
    seller = server.add_user(role='sales')
    seller.post('/users/%s:hand_over' % leaver, {'to': seller.get('/me')['id']}, expect=403)


def test_what_cannot_go_over_is_named(server, api, people):
    (_, leaver), (_, heir) = people
    deal = api.create('deals', name='H%d' % kith.serial())
    for person in (leaver, heir):
        api.post('/deals/%s:share' % deal['id'], {'person': person, 'percent': '20'})
    result = api.post('/users/%s:hand_over' % leaver, {'to': heir})
    print(result)
    assert result['left'] == len(result['skipped']) == 1
