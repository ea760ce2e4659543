# SPDX-License-Identifier: GPL-3.0-or-later
"""The n-th step of the database, write, fsync or allocation fails: the caller gets a clean error, nothing is half done, the
next call works.  The ordinary suite takes a sample, another every day (KITH_SEED repeats one); make test-long takes every n."""
import http.client
import json
import os
import re
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
    """How many changes the log has got since it was asked last, but for what a job makes of them in its own time."""
    n = 0
    while True:
        page = world.api.get('/changes', limit=1000, **({'after': world.cursor} if world.cursor else {}))
        n += sum(change['channel'] != 'system' for change in page['data'])
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
    if done.returncode not in (0, 3):  # 3: an import with refused rows
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


# --- imports ------------------------------------------------------------------------------------------------------------

LETTERS = '0123456789abcdefghjkmnpqrstvwxyz'


def newest_run(installation, name):
    """(id, state) of the import of that file, None when it has left no trace."""
    rows = installation.sql("SELECT id, state FROM import_run WHERE name LIKE '%%%s' ORDER BY id DESC LIMIT 1" % name)
    if not rows:
        return None
    number = int(rows[0][0])
    return ''.join(LETTERS[number >> 5 * i & 31] for i in reversed(range(13))), rows[0][1]


def people(path, prefix):
    """Two dozen rows: a user and an account are made, a row refers to a later one, one is refused, what goes nowhere is noted."""
    rows = [['Name', 'Owner', 'Parent', 'Employees', 'Shoe']]
    rows += [[prefix + str(i), 'Leaver ' + prefix if i < 2 else '', prefix + '9' if i == 1 else '', 'many' if i == 5 else str(i), '42' if i < 3 else ''] for i in range(24)]
    path.write_text('\n'.join(','.join(row) for row in rows) + '\n')


MAP = 'columns: {Name: name, Owner: owner, Parent: parent, Employees: employees}\nnew_options: [owner]\nrest: note\nmatch: name\n'


def standing(installation, prefix):
    """(accounts, distinct ones, users, notes) of an import; changes that its undo would take back."""
    count = lambda text: int(installation.sql(text)[0][0])  # noqa: E731
    mine = "name LIKE '%s%%' AND deleted_at IS NULL" % prefix
    return (count('SELECT count(*) FROM account WHERE ' + mine), count('SELECT count(DISTINCT name) FROM account WHERE ' + mine),
            count("SELECT count(*) FROM \"user\" WHERE name = 'Leaver %s'" % prefix),
            count("SELECT count(*) FROM activity WHERE kind = 'note' AND about IN (SELECT id FROM account WHERE %s)" % mine))


@pytest.mark.parametrize('kind', [STEP] + ([WRITE, SYNC, FULL, MALLOC] if IS_LONG else [(FULL, MALLOC, WRITE, SYNC)[faults.SEED % 4]]),
                         ids=lambda k: ['step', 'write', 'sync', 'full', 'chunk', 'malloc'][k])
def test_every_step_of_an_import_may_fail(postgres, words, db, tmp_path, kind):
    """An import that fails is gone on with, or begun again where it had not begun: every row is there once, and it is undone whole."""
    if db != 'sqlite' and (kind != STEP or not IS_LONG):
        pytest.skip('PostgreSQL writes its files itself; its steps fail in make test-long')
    installation = kith.install(postgres if db == 'postgres' else None)
    (tmp_path / 'map.yaml').write_text(MAP)
    try:
        def bring(n, prefix):
            path = tmp_path / (prefix + '.csv')
            people(path, prefix)
            return run_with(words, installation, kind, n, 'import', 'account', str(path), '--map', str(tmp_path / 'map.yaml'))
        calls, failed = bring(ALWAYS, 'Whole')[1], 0
        assert standing(installation, 'Whole') == (23, 23, 1, 3)
        for n in faults.sample(calls, 24 if IS_LONG else 3, 'import %d' % kind)[0 if IS_LONG else 1:]:
            prefix = 'Torn%d-' % n
            is_bad = bring(n, prefix)[0] not in (0, 3)
            run = newest_run(installation, prefix + '.csv')
            failed += is_bad
            if run and run[1] != 'done':
                installation.cli('import', 'resume', run[0], expect=3)
            elif not run:
                assert standing(installation, prefix)[0] == 0
                installation.cli('import', 'account', str(tmp_path / (prefix + '.csv')), '--map', str(tmp_path / 'map.yaml'), expect=3)
            assert standing(installation, prefix) == (23, 23, 1, 3), (n, run, standing(installation, prefix))
        assert failed or kind != STEP
        run = newest_run(installation, 'Whole.csv')[0]
        for n in faults.sample(calls, 6 if IS_LONG else 3, 'undo %d' % kind)[0 if IS_LONG else 2:]:
            run_with(words, installation, kind, n, 'import', 'undo', run)
        installation.cli('import', 'undo', run, expect=None)
        assert standing(installation, 'Whole')[0] == 0
        installation.cli('check')
    finally:
        installation.remove()


# --- the first page -----------------------------------------------------------------------------------------------------


def test_every_step_of_the_set_up_may_fail(make_server, words, db):
    """Who was told of a failure asks again with the same link, until there is a company with one administrator."""
    if db != 'sqlite' and not IS_LONG:
        pytest.skip('in make test-long')
    server = make_server(bare=True, env=words.env)
    wanted = {'language': 'en', 'country': 'PL', 'company': 'Torn Ltd', 'email': 'first@example.com', 'name': 'First', 'password': 'a long horse battery'}
    wanted['token'] = kith.wait_for(lambda: re.search(r'/setup\?token=(\S+)', server.log)).group(1)
    anonymous = kith.Client(server)
    reply, refused = None, 0
    for n in range(1, 400) if IS_LONG else [1, *faults.sample(40, 4, 'setup')]:
        words.set(STEP, n, ALWAYS)
        reply = anonymous.request('POST', '/setup', wanted)
        words.clear()
        if reply.status < 300:
            break
        refused += 1
        assert reply.status in FAILED and reply.headers['content-type'].startswith('application/problem+json'), (n, reply)
        assert anonymous.get('/setup')['needed'] and server.installation.sql('SELECT count(*) FROM "user"') == [['0']], n
    if reply.status >= 300:
        reply = anonymous.request('POST', '/setup', wanted)
    assert refused and reply.status < 300, (refused, reply)
    assert server.installation.sql('SELECT count(*) FROM "user"') == [['1']] and anonymous.get('/setup')['needed'] is False
    session = kith.Client(server)
    assert session.request('POST', '/session', {'email': wanted['email'], 'password': wanted['password']}).status == 200
