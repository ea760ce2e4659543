# SPDX-License-Identifier: GPL-3.0-or-later
"""The live feed: what to ask again, and nothing more."""
import threading
import time

import kith


class Listener:
    def __init__(self, client, quiet=8, **params):
        self.events = []
        self.thread = threading.Thread(target=self.listen, args=(client, quiet, params), daemon=True)
        self.thread.start()
        time.sleep(0.3)

    def listen(self, client, quiet, params):
        for event in client.events('/feed', seconds=quiet, **params):
            self.events.append(event)

    def wait(self, event, seconds=5):
        return kith.wait_for(lambda: event in self.events, seconds)


def test_watched_record(api):
    made, other = api.create('accounts', name='Watched'), api.create('accounts', name='Other')
    listener = Listener(api, watch='account:' + made['id'])
    api.patch('/accounts/' + other['id'], {'name': 'x'})
    api.patch('/accounts/' + made['id'], {'name': 'y'})
    listener.wait(('change', {'object': 'account', 'id': made['id'], 'version': 2}))
    assert all(e[1].get('id') == made['id'] for e in listener.events)


def test_ticks_are_few(api):
    listener = Listener(api, objects='product')
    start = time.time()
    for _ in range(40):
        api.create('products', name='Tick')
    took = time.time() - start
    listener.wait(('tick', {'object': 'product'}))
    time.sleep(0.6)
    ticks = [e for e in listener.events if e[0] == 'tick']
    assert 1 <= len(ticks) <= 4 * (took + 0.6) + 2
    assert all(e[1] == {'object': 'product'} for e in ticks)


def test_other_objects_are_quiet(api):
    listener = Listener(api, objects='lead')
    api.create('products', name='Quiet')
    time.sleep(0.8)
    assert listener.events == []


def test_what_one_may_not_see_is_not_told(server, api):
    client = server.add_user(role='sales')
    made = api.create('accounts', name='Not yours')
    listener = Listener(client, watch='account:' + made['id'])
    api.patch('/accounts/' + made['id'], {'name': 'Still not'})
    time.sleep(0.8)
    assert listener.events == []


def test_unknown_object(api):
    assert api.request('GET', '/feed', objects='nothing').status == 400
    assert api.request('GET', '/feed', watch='account').status == 400


def test_feed_needs_a_caller(server):
    assert server.anonymous().request('GET', '/feed', objects='deal').status == 401


def test_change_of_another_process(make_server, db):
    if db != 'postgres':
        return
    one = make_server()
    two = make_server(installation=one.installation.sibling())
    made = one.client().create('accounts', name='Shared')
    listener = Listener(one.client(), watch='account:' + made['id'])
    two.client().patch('/accounts/' + made['id'], {'name': 'From the other'})
    listener.wait(('change', {'object': 'account', 'id': made['id'], 'version': 2}))


def test_log_of_an_earlier_cluster(make_server, db):
    """After a restore into a new cluster the rows of the old one carry numbers of transactions still to come here."""
    if db != 'postgres':
        return
    server = make_server()
    made = server.client().create('accounts', name='Before the move')
    server.stop()
    server.installation.sql('UPDATE change SET tx = tx + 4000000000')
    server.installation.sql("UPDATE setting SET value = CAST(value AS bigint) + 1 WHERE name = 'epoch'")
    server.start()
    client = server.client()
    page, seen = client.get('/changes', limit=1000), []
    while page['data']:
        seen += [row['id'] for row in page['data']]
        page = client.get('/changes', after=page['cursor'], limit=1000)
    assert made['id'] in seen


def ends(listener, seconds=8):
    listener.thread.join(seconds)
    return not listener.thread.is_alive()


def test_stream_ends_with_the_right_to_it(server, api):
    """Who signs out, is switched off or gets another role does not go on listening."""
    out, off, other, stays = (server.add_user(role='sales') for _ in range(4))
    session = server.login(out.email)
    listeners = [Listener(c, objects='account', quiet=30) for c in (session, off, other, stays)]
    users = {u['email']: u for u in api.all('users')}
    session.delete('/session')
    api.patch('/users/' + users[off.email]['id'], {'is_active': False})
    viewer = [r for r in api.all('roles') if r['key'] == 'viewer'][0]
    api.patch('/users/' + users[other.email]['id'], {'role': viewer['id']})
    assert [ends(li) for li in listeners[:3]] == [True, True, True]
    assert listeners[3].thread.is_alive()
    assert off.request('GET', '/feed', objects='account').status == 401


def test_what_changed_before_the_stream_was_open_is_told(api):
    made = api.create('accounts', name='Before')
    cursor = api.get('/me')['cursor']
    quiet = Listener(api, watch='account:' + made['id'], objects='account,lead', after=cursor)
    api.patch('/accounts/' + made['id'], {'name': 'Meanwhile'})
    api.create('leads', title='Meanwhile')
    late = Listener(api, watch='account:' + made['id'], objects='account,product', after=cursor)
    late.wait(('change', {'object': 'account', 'id': made['id'], 'version': 2}))
    late.wait(('tick', {'object': 'account'}))
    quiet.wait(('tick', {'object': 'lead'}))
    assert ('tick', {'object': 'product'}) not in late.events
    assert quiet.events[1] == ('change', {'object': 'account', 'id': made['id'], 'version': 1}), 'nothing was missed yet'
