# SPDX-License-Identifier: GPL-3.0-or-later
"""Three processes on one PostgreSQL database under 16 writers, two of the processes killed on the way: what was
acknowledged is there, roll-ups equal recomputation, readers of the log saw each change once and in each record's order.
And the live feed: across processes, opened and closed by the hundred, with a reader that does not read."""
import collections
import http.client
import json
import random
import re
import socket
import threading
import time
import urllib.parse

import kith
import pytest

WRITERS = 16
SECONDS, MOST = 14, 60
LEAST = 300      # acknowledged writes of a whole run: a busy machine takes longer for them
KILLS = ((3, 2), (7, 1), (10, 2))   # after so many seconds, which process
GONE = (OSError, http.client.HTTPException)


class Cluster:
    """Three servers on one database.  `is_calm(server)` is false around the time that server is killed."""

    def __init__(self, make_server):
        self.servers = [make_server()]
        self.servers += [make_server(installation=self.servers[0].installation.sibling()) for _ in range(2)]
        self.up = [threading.Event() for _ in self.servers]
        for event in self.up:
            event.set()

    def kill_and_restart(self, number):
        self.up[number].clear()
        self.servers[number].kill()
        time.sleep(0.3)
        self.servers[number].start()
        self.up[number].set()


class Writer(threading.Thread):
    """One person at work on the shared accounts, deals, lines and activities.  `made` holds what was acknowledged."""

    def __init__(self, cluster, number, world):
        super().__init__()
        self.cluster, self.number, self.world = cluster, number, world
        self.index = number % len(cluster.servers)
        self.rng = random.Random(20261121 + number)
        self.made, self.deleted, self.problems, self.counts = [], set(), [], collections.Counter()
        self.deals, self.lines, self.tasks = [], [], []
        self.client = None

    def run(self):
        try:
            while not self.world.stop.is_set():
                try:
                    self.client = self.client or self.cluster.servers[self.index].client()
                    self.rng.choice(self.WORK)(self)
                except GONE:
                    self.client = None
                    self.cluster.up[self.index].wait(20)
        except Exception as problem:  # shown by the test
            self.problems.append(repr(problem))

    def ask(self, method, path, body=None):
        """The parsed reply, or None when another writer was in the way or the server is going down."""
        reply = self.client.request(method, path, body)
        self.counts[reply.status] += 1
        if reply.status < 300:
            return reply.json or {}
        is_known = reply.status in (404, 409, 412, 429) or reply.status == 503 and not self.cluster.up[self.index].is_set()
        if not is_known:
            self.problems.append('%s %s %s -> %r' % (method, path, body, reply))
        return None

    def create(self, plural, into, **fields):
        made = self.ask('POST', '/' + plural, fields)
        if made:
            self.made.append((plural, made['id']))
            into.append(made['id'])

    def one(self, ids):
        return self.rng.choice(ids) if ids else None

    def make_deal(self):
        self.create('deals', self.deals, name='Deal %d' % self.rng.randrange(10**6), account=self.one(self.world.accounts),
                    stage=self.one(self.world.stages), close_date='2026-12-%02d' % self.rng.randint(1, 31),
                    amount={'amount': '%d.%02d' % (self.rng.randrange(10**5), self.rng.randrange(100)), 'currency': 'USD'})

    def change_deal(self):
        deal = self.one(self.deals)
        what = self.rng.choice(('account', 'stage', 'amount'))
        value = {'account': self.one(self.world.accounts), 'stage': self.one(self.world.stages),
                 'amount': {'amount': str(self.rng.randrange(10**5)), 'currency': 'USD'}}[what]
        if deal:
            self.ask('PATCH', '/deals/' + deal, {what: value})

    def delete_deal(self):
        if len(self.deals) < 8:
            return
        deal = self.deals.pop(self.rng.randrange(len(self.deals)))
        self.deleted.add(deal)   # a reply that is lost leaves it open whether the deal is there
        if self.ask('DELETE', '/deals/' + deal) is not None and self.rng.random() < 0.5:
            if self.ask('POST', '/deals/%s:restore' % deal) is not None:
                self.deals.append(deal)

    def make_line(self):
        if self.deals:
            self.create('deal_lines', self.lines, deal=self.one(self.deals), name='Line', quantity=str(self.rng.randint(1, 9)),
                        price={'amount': '%d.50' % self.rng.randrange(1000), 'currency': 'USD'})

    def change_line(self):
        line = self.one(self.lines)
        if line:
            self.ask('PATCH', '/deal_lines/' + line, {'quantity': str(self.rng.randint(1, 9))})

    def delete_line(self):
        if self.lines:
            line = self.lines.pop()
            self.deleted.add(line)
            self.ask('DELETE', '/deal_lines/' + line)

    def make_task(self):
        if self.deals:
            self.create('activities', self.tasks, kind='call', subject='Ring them',
                        about={'object': 'deal', 'id': self.one(self.deals)})

    def finish_task(self):
        if self.tasks:
            self.ask('PATCH', '/activities/' + self.tasks.pop(), {'status': 'done'})

    def make_batch(self):
        rows = [{'name': 'Batch %d' % i, 'account': self.one(self.world.accounts), 'stage': self.one(self.world.stages),
                 'amount': {'amount': '10.00', 'currency': 'USD'}} for i in range(5)]
        made = self.ask('POST', '/deals:batchCreate', {'data': rows})
        for deal in (made or {'data': []})['data']:
            self.made.append(('deals', deal['id']))
            self.deals.append(deal['id'])

    WORK = (make_deal, make_deal, change_deal, change_deal, change_deal, delete_deal, make_line, make_line, change_line,
            delete_line, make_task, make_task, finish_task, make_batch)


class Reader(threading.Thread):
    """Follows the log through one process; when it is killed goes on with the same cursor."""

    def __init__(self, cluster, index, start):
        super().__init__()
        self.cluster, self.index, self.cursor = cluster, index, start
        self.seen, self.problems = [], []
        self.is_last = threading.Event()

    def run(self):
        client = None
        while True:
            was_last = self.is_last.is_set()
            try:
                client = client or self.cluster.servers[self.index].client()
                reply = client.request('GET', '/changes', after=self.cursor, limit=200)
            except GONE:
                client = None
                self.cluster.up[self.index].wait(20)
                continue
            if reply.status != 200:
                if reply.status != 503 or self.cluster.up[self.index].is_set():
                    self.problems.append(repr(reply))
                time.sleep(0.1)
                if len(self.problems) > 5:
                    return
                continue
            page = reply.json
            moved = page['cursor'] != self.cursor
            self.seen += [(c['cursor'], c['object'], c['id'], c['version'], c['kind'], c['derived']) for c in page['data']]
            self.cursor = page['cursor']
            if not moved:
                if was_last:
                    return
                time.sleep(0.02)


class World:
    """What all writers share."""

    def __init__(self, client):
        self.stop = threading.Event()
        self.stages = [s['id'] for s in client.list('stages') if s['category'] != 'lost']  # a loss asks for its reason
        self.accounts = [client.create('accounts', name='Parent %d' % i)['id'] for i in range(5)]


def cursor_now(client):
    """The end of the log."""
    cursor = ''
    while True:
        page = client.get('/changes', limit=1000, **({'after': cursor} if cursor else {}))
        if page['cursor'] == cursor or not page['data']:
            return page['cursor']
        cursor = page['cursor']


def place(cursor):
    return tuple(int(part) for part in cursor.split('.'))


def written(writers):
    return sum(w.counts[code] for w in writers for code in (200, 201, 204))


def run_load(cluster):
    client = cluster.servers[0].client()
    world = World(client)
    start = cursor_now(client)
    writers = [Writer(cluster, i, world) for i in range(WRITERS)]
    readers = [Reader(cluster, i, start) for i in range(len(cluster.servers))]
    for thread in writers + readers:
        thread.start()
    began = time.time()
    for after, number in KILLS:
        time.sleep(max(0, began + after - time.time()))
        cluster.kill_and_restart(number)
    time.sleep(max(0, began + SECONDS - time.time()))
    while written(writers) <= LEAST and time.time() < began + MOST:
        time.sleep(0.2)
    world.stop.set()
    for writer in writers:
        writer.join(30)
        assert not writer.is_alive()
    time.sleep(0.5)
    for reader in readers:
        reader.is_last.set()
    for reader in readers:
        reader.join(30)
        assert not reader.is_alive()
    return start, writers, readers


def assert_order(seen):
    """Each change once, in the order of the log; each record's versions never fall."""
    places = [place(c[0]) for c in seen]
    assert all(a < b for a, b in zip(places, places[1:]))
    version = {}
    for _, obj, record, number, kind, is_derived in seen:
        last = version.get((obj, record))
        if last is None:
            assert kind == 'create' or record in PARENTS, (obj, record, kind)
        elif is_derived:
            assert number == last
        else:
            assert number == last + 1, (obj, record, last, number)
        version[obj, record] = number


PARENTS = set()


def test_three_processes_two_killed(make_server, db):
    if db != 'postgres':
        pytest.skip('SQLite has one process')
    cluster = Cluster(make_server)
    start, writers, readers = run_load(cluster)
    PARENTS.update(writers[0].world.accounts)
    assert not [p for w in writers for p in w.problems], [p for w in writers for p in w.problems][:3]
    assert not [p for r in readers for p in r.problems], [p for r in readers for p in r.problems][:3]
    totals = sum((w.counts for w in writers), collections.Counter())
    assert written(writers) > LEAST and totals[429] == 0, totals

    made = [m for w in writers for m in w.made]
    assert len({record for _, record in made}) == len(made), 'an id was given twice'
    for reader in readers:
        assert_order(reader.seen)
        assert reader.seen == readers[0].seen, 'two readers saw different logs'
    created = {c[2] for c in readers[0].seen if c[4] == 'create'}
    assert not [m for m in made if m[1] not in created], 'acknowledged but not in the log'
    stored = cluster.servers[0].installation.sql(
        "SELECT count(*) FROM change WHERE (epoch, tx, seq) > (%s)" % ', '.join(start.split('.')))
    assert int(stored[0][0]) == len(readers[0].seen)

    assert_kept(cluster.servers[1].client(), writers)
    for server in cluster.servers[1:]:
        server.stop()
    cluster.servers[0].cli('check')


def assert_kept(client, writers):
    """What was made, and nobody tried to delete, is there (lines and calls go with their deal)."""
    there = {r['id'] for r in client.all('deals', fields='id', page_size=200)}
    for writer in writers:
        for plural, record in writer.made:
            assert plural != 'deals' or record in writer.deleted or record in there


# --- the live feed -----------------------------------------------------------------------------------------------------


def test_a_change_crosses_to_another_process(make_server, db):
    if db != 'postgres':
        pytest.skip('SQLite has one process')
    first = make_server()
    second = make_server(installation=first.installation.sibling())
    made = first.client().create('accounts', name='Watched')
    got, ready = [], threading.Event()

    def listen():
        stream = second.client().events('/feed', seconds=6, watch='account:' + made['id'], objects='account')
        ready.set()
        for event, data in stream:
            got.append((time.time(), event, data))
            if {e for _, e, d in got if d.get('version') != 1} == {'change', 'tick'}:
                return
    thread = threading.Thread(target=listen)
    thread.start()
    ready.wait(5)
    time.sleep(0.7)
    sent = time.time()
    first.client().patch('/accounts/' + made['id'], {'name': 'Changed'})
    thread.join(10)
    events = {e: (at, d) for at, e, d in got if d.get('version') != 1}   # 1: the creation, which it may hear of too
    assert set(events) == {'change', 'tick'}, got
    assert events['change'][1] == {'object': 'account', 'id': made['id'], 'version': 2}
    assert events['tick'][1] == {'object': 'account'}
    assert max(at for at, _ in events.values()) - sent < 2


def open_stream(server, receive=None, **params):
    """A socket on /feed, past the reply's head."""
    s = socket.socket()
    if receive:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    s.settimeout(20)
    s.connect((server.host, server.port))
    s.sendall(('GET /api/v1/feed?%s HTTP/1.1\r\nHost: %s:%d\r\nAuthorization: Bearer %s\r\n\r\n' % (
        urllib.parse.urlencode(params), server.host, server.port, server.installation.key())).encode())
    head = b''
    while b'\r\n\r\n' not in head:
        part = s.recv(1)
        assert part, head
        head += part
    assert head.startswith(b'HTTP/1.1 200'), head
    return s


def streams(server):
    """How many streams the server says are open."""
    return int(re.search(r'^kith_streams (\d+)', server.client().request('GET', '/metrics').text, re.M).group(1))


def test_hundreds_of_streams_come_and_go(make_server):
    server = make_server()
    client = server.client()
    for round_ in range(2):
        opened = [open_stream(server, objects='account') for _ in range(200)]
        assert streams(server) == 200
        client.create('accounts', name='Heard by all %d' % round_)
        for s in opened:
            text = b''
            while b'event: tick' not in text:
                part = s.recv(4096)
                assert part, text
                text += part
        for s in opened[::2]:
            s.close()
        for s in opened[1::2]:
            s.shutdown(socket.SHUT_WR)
            s.close()
        kith.wait_for(lambda: streams(server) == 0, 15, 0.2)
    assert client.get('/accounts')['data']


@pytest.mark.long
def test_a_reader_that_does_not_read_is_dropped(make_server):
    server = make_server()
    client = server.client()
    made = client.post('/accounts:batchCreate', {'data': [{'name': 'Watched %d' % i} for i in range(400)]})['data']
    ids = [r['id'] for r in made]
    slow = open_stream(server, receive=2048, watch=','.join('account:' + i for i in ids[:150]))
    assert streams(server) == 1
    end = time.time() + 300
    n = 0
    while streams(server):
        assert time.time() < end, 'still held'
        client.post('/accounts:batchUpdate', {'ids': ids[:150], 'set': {'description': 'change %d' % n}})
        n += 1
    slow.close()
    assert client.get('/accounts/' + ids[0])['description'] == 'change %d' % (n - 1)
