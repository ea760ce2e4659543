# SPDX-License-Identifier: GPL-3.0-or-later
"""The n-th step of the database, write, fsync or allocation fails: the caller gets a clean error, nothing is half done, the
next call works.  The ordinary suite takes a sample, another every day (KITH_SEED repeats one); make test-long takes every n."""
import http.client
import json
import os
import signal
import threading
import time

import faults
import kith
import pytest
from conftest import IS_LONG
from faults import ALWAYS, CHUNK, FULL, MALLOC, STEP, SYNC, WRITE

SIZE = 400 if IS_LONG else 5
FAILED = (500, 503, 507)


@pytest.fixture(scope='module')
def torn(db, postgres):
    """A server whose steps can be made to fail: (server, faults)."""
    installation = kith.install(postgres if db == 'postgres' else None)
    words = faults.Faults()
    server = kith.Server(installation, env=words.env)
    try:
        yield server, words
        words.clear()
        server.stop()
        assert json.loads(installation.cli('check', '--json').stdout)
    finally:
        if server.process.poll() is None:
            server.kill()
        words.close()
        installation.remove()


class World:
    """What the operations work on.  Each is (prepare -> argument, act(argument) -> Reply)."""

    def __init__(self, client):
        self.api = client
        self.stage = client.list('stages')[0]['id']
        self.accounts = [client.create('accounts', name='Faulty %d' % i)['id'] for i in range(2)]
        self.deal = client.create('deals', name='Moved', account=self.accounts[0], stage=self.stage)['id']
        self.cursor = ''

    def ask(self, method, path, body=None):
        return self.api.request(method, path, body)

    def deal_of(self, i):
        return {'name': 'Deal', 'account': self.accounts[i % 2], 'stage': self.stage, 'amount': {'amount': '5.00', 'currency': 'USD'}}

    def create(self, _):
        return self.ask('POST', '/deals', self.deal_of(0))

    def other_account(self):
        return self.accounts[self.api.get('/deals/' + self.deal)['account']['id'] == self.accounts[0]]

    def update(self, account):
        return self.ask('PATCH', '/deals/' + self.deal, {'account': account})

    def with_lines(self):
        deal = self.api.create('deals', **self.deal_of(0))['id']
        self.api.post('/deal_lines:batchCreate', {'data': [
            {'deal': deal, 'name': 'Line', 'quantity': '1', 'price': {'amount': '1.00', 'currency': 'USD'}}] * 2})
        return deal

    def delete(self, record):
        return self.ask('DELETE', '/deals/' + record)

    def batch(self, _):
        return self.ask('POST', '/deals:batchCreate', {'data': [self.deal_of(i) for i in range(5)]})

    def made_batch(self):
        return self.api.post('/deals:batchCreate', {'data': [self.deal_of(i) for i in range(4)]})['batch']

    def undo(self, batch):
        return self.ask('POST', '/batches/%s:undo' % batch, {})

    def two(self):
        a, b = [self.api.create('contacts', name={'family': 'Twin', 'given': g}) for g in ('One', 'Two')]
        self.api.create('activities', kind='task', subject='Call', contact=b['id'])
        return a['id'], b['id']

    def merge(self, pair):
        return self.ask('POST', '/contacts/%s:merge' % pair[0], {'ids': [pair[1]]})

    def session(self, _):
        client = kith.Client(self.api.server)
        reply = client.request('POST', '/session', {'email': kith.ADMIN, 'password': kith.PASSWORD})
        client.close()
        return reply

    OPERATIONS = {'create': (None, create), 'update': (other_account, update), 'delete': (with_lines, delete), 'batch': (None, batch),
                  'undo': (made_batch, undo), 'merge': (two, merge), 'session': (None, session)}


@pytest.fixture(scope='module')
def world(torn):
    return World(torn[0].client())


def written(world):
    """How many changes the log has got since it was asked last."""
    n = 0
    while True:
        page = world.api.get('/changes', limit=1000, **({'after': world.cursor} if world.cursor else {}))
        n += len(page['data'])
        world.cursor = page['cursor']
        if len(page['data']) < 1000:
            return n


def run_once(world, words, name, kind, n, last):
    """One operation with its n-th call failing: was it told to have failed, how many changes it left in the log, of how many
    calls."""
    prepare, act = world.OPERATIONS[name]
    argument = prepare(world) if prepare else None
    written(world)
    words.set(kind, n, last)
    reply = act(world, argument)
    calls = words.seen(kind)
    words.clear()
    if reply.status not in (200, 201, 204):
        assert reply.status in FAILED, (name, n, reply)
        assert reply.headers['content-type'].startswith('application/problem+json')
        assert reply.json['detail'] and reply.json['request_id'] and 'sqlite' not in reply.text and 'postgres' not in reply.text
        assert 'id=' + reply.json['request_id'] in world.api.server.log
    return reply.status not in (200, 201, 204), written(world), calls


def torment(world, words, name, kind, size=SIZE, is_exact=True):
    """All or a sample of n: what failed has left nothing, what went well has left all."""
    words.clear()
    was_bad, whole, calls = run_once(world, words, name, kind, ALWAYS, None)
    assert not was_bad
    failures = 0
    for n in faults.sample(calls, size, '%s %d' % (name, kind)):
        for last in (None, ALWAYS) if IS_LONG else (n % 2 and ALWAYS or None,):
            has_failed, left, _ = run_once(world, words, name, kind, n, last)
            assert left == (0 if has_failed and is_exact else whole) or not is_exact and left == 0, (name, n, has_failed, left, whole)
            failures += has_failed
    was_bad, left, _ = run_once(world, words, name, kind, ALWAYS, None)
    assert not was_bad and left == whole
    return failures


@pytest.mark.parametrize('name', sorted(World.OPERATIONS))
def test_every_step_may_fail(torn, world, name):
    assert torment(world, torn[1], name, STEP) > 0


TORN = [(n, k) for n in ('create', 'batch', 'undo') for k in (WRITE, SYNC, FULL, MALLOC)]


@pytest.mark.parametrize('name,kind', TORN if IS_LONG else sorted({*TORN[faults.SEED % 2::2], ('create', MALLOC)}))
def test_every_write_may_fail(torn, world, db, name, kind):
    if db != 'sqlite':
        pytest.skip('PostgreSQL writes its files itself')
    many = 30 if (name, kind) == ('create', MALLOC) else 2   # even ROLLBACK needs memory
    torment(world, torn[1], name, kind, SIZE if IS_LONG else many, is_exact=kind != SYNC)


# --- strangers in the same batch ----------------------------------------------------------------------------------------


class Stranger(threading.Thread):
    """Creates accounts until told to stop; `told` holds the names of those that were acknowledged, `refused` the others'."""

    def __init__(self, server, number, stop):
        super().__init__(daemon=True)
        self.client, self.number, self.stop = server.client(), number, stop
        self.told, self.refused, self.unknown, self.problems = [], [], [], []

    def run(self):
        n = 0
        while not self.stop.is_set():
            name = 'Stranger %d-%d' % (self.number, n)
            n += 1
            try:
                reply = self.client.request('POST', '/accounts', {'name': name})
            except (OSError, http.client.HTTPException):
                self.unknown.append(name)
                return
            if reply.status == 201:
                self.told.append(name)
                continue
            self.refused.append(name)
            if reply.status not in FAILED or not reply.json['detail']:
                self.problems.append(repr(reply))
            time.sleep(0.01)


class Strangers:
    def __init__(self, server, count=8):
        self.stop = threading.Event()
        self.all = [Stranger(server, i, self.stop) for i in range(count)]
        for one in self.all:
            one.start()

    def names(self, kind):
        return {name for one in self.all for name in getattr(one, kind)}

    def wait(self, kind, more=20):
        was = len(self.names(kind))
        kith.wait_for(lambda: len(self.names(kind)) >= was + more, 30, 0.02)

    def join(self):
        self.stop.set()
        for one in self.all:
            one.join(30)
        assert not [p for one in self.all for p in one.problems][:3]

    def assert_kept(self, client, is_exact=True):
        """What was acknowledged is there, what was refused is not."""
        there = {r['name'] for r in client.all('accounts', fields='name', page_size=200, filter="name.startsWith('Stranger ')")}
        assert not self.names('told') - there, 'acknowledged but lost'
        assert not is_exact or not self.names('refused') & there, 'refused but there'
        assert not there - self.names('told') - self.names('refused') - self.names('unknown')


@pytest.fixture
def words():
    made = faults.Faults()
    yield made
    made.close()


@pytest.mark.parametrize('kind', [FULL, WRITE, SYNC], ids=['full', 'write', 'fsync'])
def test_strangers_in_a_batch_that_cannot_be_written(make_server, words, db, kind):
    if db != 'sqlite':
        pytest.skip('PostgreSQL writes its files itself')
    server = make_server(env=words.env)
    client = server.client()
    strangers = Strangers(server)
    for first, last in ((1, ALWAYS), (3, 4), (9, ALWAYS)):
        strangers.wait('told')
        words.set(kind, first, last)
        if last == ALWAYS:
            strangers.wait('refused')
            assert client.get('/accounts')['data'], 'reading goes on'
        else:
            strangers.wait('told')
        words.clear()
        strangers.wait('told', 5)
    if kind == FULL:
        words.set(kind, 1, ALWAYS)
        reply = client.request('POST', '/accounts', {'name': 'Too much'})
        assert reply.status == 507 and reply.json['code'] == 'LIMIT', reply
        assert 'error.db.full' in server.log
        assert kith.Client(server).request('GET', '/health').status == 200
    server.kill()
    strangers.join()
    words.clear()
    server.start()
    strangers.assert_kept(server.client(), is_exact=kind != SYNC)
    server.cli('check')


# --- no memory ----------------------------------------------------------------------------------------------------------


def test_without_memory_it_ends_and_nothing_is_lost(make_server, words, db):
    """An arena that gets no memory ends the program, with a line that says so; systemd starts it again."""
    server = make_server(env=words.env)
    strangers = Strangers(server, 4)
    for n in faults.sample(300, 20 if IS_LONG else 2, 'chunk')[-20 if IS_LONG else -1:]:
        strangers.wait('told', 3)
        words.set(CHUNK, n)
        assert server.process.wait(30) == -signal.SIGABRT
        strangers.join()
        assert 'out of memory' in server.log[-20000:]
        words.clear()
        server.was_killed = True
        server.start()
        strangers.assert_kept(server.client())
        strangers = Strangers(server, 4)
    strangers.join()
    server.cli('check')


# --- making and changing the tables -------------------------------------------------------------------------------------


def run_with(words, installation, kind, n, *command):
    words.set(kind, n, ALWAYS)
    done = installation.cli(*command, expect=None, env=words.env)
    calls = words.seen(kind)
    words.clear()
    if done.returncode:
        is_out = done.returncode == -signal.SIGABRT and 'out of memory' in done.stderr
        assert is_out or done.returncode == 1 and '\nkith: ' in '\n' + done.stderr, done
    return done.returncode, calls


def kinds_of(db):
    return (STEP,) if db != 'sqlite' else (STEP, FULL, MALLOC) if IS_LONG else (STEP, (FULL, MALLOC)[faults.SEED % 2])


def test_a_new_installation_is_made_whole_or_again(postgres, words, db):
    """`kith init` that fails may be called again, until it says that all is there."""
    cluster = postgres if db == 'postgres' else None
    measured = kith.install(cluster, bare=True)
    made = []
    try:
        for kind in kinds_of(db):
            words.clear()
            calls = run_with(words, measured, kind, ALWAYS, 'init')[1] if not made else calls
            for n in faults.sample(calls, 12 if IS_LONG else 3, 'init %d' % kind)[0 if IS_LONG else 1:][:12 if IS_LONG else 1]:
                made.append(kith.install(cluster, bare=True))
                if run_with(words, made[-1], kind, n, 'init')[0]:
                    again = made[-1].cli('init', expect=None)
                    assert again.returncode == 0 or 'initialised already' in again.stderr, again
                made[-1].cli('check')
    finally:
        for installation in [measured, *made]:
            installation.remove()


LAYER = """extend: product
add:
  fields:
    nick%d: {type: text, searchable: true, sortable: true, label: {en: Nick, ru: Nick, pl: Nick}}
    twice%d: {type: formula, result: money, formula: price * 2, label: {en: Twice, ru: Twice, pl: Twice}}
"""


def test_a_change_of_the_tables_is_whole_or_none(make_server, words, db):
    server = make_server()
    client = server.client()
    for i in range(20):
        client.create('products', name='Thing %d' % i, price={'amount': str(i)})
    server.stop()
    folder = os.path.join(server.installation.data, 'site')
    os.makedirs(folder, exist_ok=True)
    number, failed = 0, 0
    for kind in kinds_of(db):
        with open(os.path.join(folder, 'product.yaml'), 'w') as f:
            f.write(LAYER % (number, number))
        number += 1
        for n in faults.sample(400, 40 if IS_LONG else 2, 'layer %d' % kind):
            failed += run_with(words, server.installation, kind, n, 'user', 'list')[0]
        server.installation.cli('check')
    assert failed
    server.start()
    assert {r['twice%d' % (number - 1)]['amount'] for r in server.client().list('products')} >= {'0.00', '38.00'}
