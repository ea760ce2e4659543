# SPDX-License-Identifier: GPL-3.0-or-later
"""What people are told: who of what, seen by nobody else, live, read, and by which ways."""
import time

import kith
import pytest


class World:
    """A manager, a seller below him, and a colleague."""

    def __init__(self, server):
        self.server, self.api = server, server.client()
        self.boss = server.add_user(role='manager')
        self.seller = server.add_user(role='sales')
        self.other = server.add_user(role='sales')
        for who in (self.boss, self.seller, self.other):
            who.id = who.get('/me')['id']
        self.api.patch('/users/' + self.seller.id, {'manager': self.boss.id})


@pytest.fixture(scope='module')
def world(server):
    return World(server)


def told(client, **more):
    return client.list('notices', filter='read_at == null', **more)


def clear(*clients):
    for client in clients:
        client.post('/notices:read', {}, expect=204)


def test_who_is_given_something_is_told(world):
    made = world.api.create('accounts', name='Given Ltd', owner=world.seller.id)
    got = told(world.seller)
    assert [(n['kind'], n['subject'], n['about']['id'], n['by']['label']) for n in got] == [('assigned', 'Given Ltd', made['id'], 'Ada Admin')]
    assert told(world.api) == told(world.other) == []
    world.api.patch('/accounts/' + made['id'], {'name': 'Same owner'})
    world.seller.create('accounts', name='My own')
    assert len(told(world.seller)) == 1
    world.api.patch('/accounts/' + made['id'], {'owner': world.other.id})
    assert told(world.other)[0]['about']['id'] == made['id'] and len(told(world.seller)) == 1
    clear(world.seller, world.other)


def test_of_one_act_he_is_told_once(world):
    ids = [world.api.create('accounts', name='Many %d' % i)['id'] for i in range(4)]
    world.api.post('/accounts:batchUpdate', {'ids': ids, 'set': {'owner': world.seller.id}})
    got = told(world.seller)
    assert len(got) == 1 and got[0]['several'] is True
    undone = world.api.post('/undo', {})
    assert undone['undone'] == 4 and undone['skipped'] == []
    clear(world.seller)


def test_nobody_else_sees_them(world):
    world.api.create('accounts', name='Private Ltd', owner=world.seller.id)
    mine = told(world.seller)[0]
    for who in (world.api, world.boss, world.other):
        who.get('/notices/' + mine['id'], expect=404)
        who.post('/notices:read', {'ids': [mine['id']]}, expect=404)
        who.patch('/notices/' + mine['id'], {'read_at': None}, expect=404)
        who.delete('/notices/' + mine['id'], expect=404)
        who.get('/notices/%s/history' % mine['id'], expect=404)
        assert mine['id'] not in {n['id'] for n in who.all('notices')}
        assert mine['id'] not in {hit['id'] for hit in who.get('/search', q='Private', object='notice')['data']}
    world.seller.patch('/notices/' + mine['id'], {'subject': 'x'}, expect=422)
    world.seller.patch('/notices/' + mine['id'], {'owner': world.other.id}, expect=422)
    world.seller.post('/notices', {'kind': 'assigned', 'owner': world.other.id}, expect=403)
    world.api.post('/notices', {'kind': 'assigned', 'owner': world.other.id}, expect=403)
    clear(world.seller)


def test_read_is_not_what_undo_takes_back(world):
    made = world.seller.create('accounts', name='Before reading')
    world.api.create('accounts', name='Read me', owner=world.seller.id)
    one = told(world.seller)[0]
    world.seller.post('/notices:read', {'ids': [one['id']]}, expect=204)
    assert told(world.seller) == [] and world.seller.get('/notices/' + one['id'])['read_at']
    assert world.seller.post('/undo', {})['undone'] == 1
    world.seller.get('/accounts/' + made['id'], expect=404)


def test_live_only_for_whom_it_is(world):
    from test_feed import Listener
    his, others = Listener(world.seller, objects='notice'), Listener(world.other, objects='notice')
    world.api.create('accounts', name='Live', owner=world.seller.id)
    his.wait(('tick', {'object': 'notice'}))
    time.sleep(0.3)
    assert others.events == []
    clear(world.seller)


def test_a_permission_is_asked_and_answered(world):
    stages = world.api.list('stages', order_by='position')
    deal = world.api.create('deals', name='Ask', stage=stages[1]['id'], owner=world.seller.id)
    clear(world.seller)
    asked = world.seller.post('/deals/%s:ask_back' % deal['id'], {'stage': stages[0]['id'], 'note': 'too early'})['approval']
    got = told(world.boss)
    assert [(n['kind'], n['note'], n['by']['id']) for n in got] == [('approval_asked', 'too early', world.seller.id)]
    world.boss.post('/approvals/%s:grant' % asked['id'], {'note': 'go on'})
    assert [(n['kind'], n['note'], n['by']['id']) for n in told(world.seller)] == [('approval_answered', 'go on', world.boss.id)]
    clear(world.seller, world.boss)


def test_each_chooses_his_ways(world):
    me = world.other
    for wrong in ({'pigeon': []}, {'mail': 'assigned'}, {'mail': ['nothing']}, []):
        assert me.request('PATCH', '/me', {'notices': wrong}).status == 422
    me.patch('/me', {'notices': {'browser': ['reminder']}})
    made = world.api.create('accounts', name='Silently', owner=me.id)
    assert told(me) == [] and me.list('notices', order_by='-id')[0]['about']['id'] == made['id']
    me.patch('/me', {'notices': None})


def moment(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(time.time() + seconds)) + 'Z'


def test_reminders(world):
    """An hour before a task, a quarter of one before a call, or when it was asked for; what was moved or done is left alone."""
    me = world.seller
    task = me.create('activities', kind='task', subject='Far', due_at='2031-05-05T12:00:00Z')
    call = me.create('activities', kind='call', subject='Far', start_at='2031-05-05T12:00:00Z')
    assert (task['remind_at'], call['remind_at']) == ('2031-05-05T11:00:00Z', '2031-05-05T11:45:00Z')
    assert me.patch('/activities/' + task['id'], {'due_at': '2031-05-06T12:00:00Z'})['remind_at'] == '2031-05-06T11:00:00Z'
    assert me.patch('/activities/' + task['id'], {'remind_at': None})['remind_at'] is None
    assert me.patch('/activities/' + task['id'], {'due_at': '2031-05-07T12:00:00Z'})['remind_at'] is None
    soon = moment(1)
    kept = me.create('activities', kind='task', subject='Kept', due_at='2031-05-05T12:00:00Z', remind_at=soon)
    moved = me.create('activities', kind='task', subject='Moved', due_at='2031-05-05T12:00:00Z', remind_at=soon)
    done = me.create('activities', kind='task', subject='Done', due_at=soon)
    now = me.create('activities', kind='task', subject='Now', due_at=soon)
    me.patch('/activities/' + moved['id'], {'remind_at': '2031-05-05T10:00:00Z'})
    me.patch('/activities/' + done['id'], {'status': 'done'})
    me.patch('/activities/' + kept['id'], {'status': 'done'})
    me.patch('/activities/' + kept['id'], {'status': 'open'})
    kith.wait_for(lambda: len(told(me)) >= 2, 10)
    time.sleep(0.7)
    assert sorted((n['kind'], n['subject'], n['about']['id']) for n in told(me)) == [('due', 'Now', now['id']), ('reminder', 'Kept', kept['id'])]
    clear(me)
