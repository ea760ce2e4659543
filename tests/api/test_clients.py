# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that vanish or do not read, and a PostgreSQL that goes: what they leave behind, and what others notice of it."""
import http.client
import os
import re
import shutil
import socket
import threading
import time

import kith
import pytest
from conftest import IS_LONG
from test_stress import open_stream, streams

MEGABYTE = 1 << 20


def rss(server):
    """Kilobytes of memory the server holds."""
    with open('/proc/%d/status' % server.process.pid) as f:
        return int(re.search(r'VmRSS:\s+(\d+)', f.read()).group(1))


def send(server, head, body=b''):
    """A socket that has sent this and whose buffer for receiving is small."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.settimeout(20)
    s.connect((server.host, server.port))
    s.sendall(('%s\r\nHost: %s:%d\r\nAuthorization: Bearer %s\r\n' % (head, server.host, server.port, server.installation.key())).encode() + body)
    return s


def test_uploads_cut_in_the_middle(server, api):
    """Nothing of them is kept, and nothing waits for them."""
    before = int(api.get('/files', total=True)['total'])
    for at in (0, 1000, MEGABYTE):
        cut = send(server, 'POST /api/v1/files HTTP/1.1', b'X-File-Name: cut.bin\r\nContent-Length: 4000000\r\n\r\n' + b'x' * at)
        cut.close()
        cut = send(server, 'POST /api/v1/import_runs:upload?name=cut.csv HTTP/1.1', b'Content-Type: text/csv\r\nContent-Length: 4000000\r\n\r\n' + b'name\n' * (at // 5))
        cut.shutdown(socket.SHUT_WR)
        cut.close()
    assert api.create('accounts', name='Meanwhile')
    assert api.get('/files', total=True)['total'] == before
    assert api.get('/import_runs', total=True)['total'] == 0
    left = [name for root, _, names in os.walk(server.installation.data) for name in names if 'tmp' in name or 'spool' in name]
    kith.wait_for(lambda: not [n for n in left if os.path.exists(os.path.join(server.installation.data, n))], 10)


def test_a_download_nobody_reads(server, api):
    """Twenty of them; the memory they hold is that of what was asked, and others are served meanwhile."""
    sent = api.request('POST', '/files', os.urandom(4 * MEGABYTE), headers={'X-File-Name': 'big.bin', 'Content-Type': 'application/octet-stream'})
    content = '/api/v1/files/%s/content' % sent.json['id']
    readers = [send(server, 'GET %s HTTP/1.1' % content, b'\r\n') for _ in range(20)]
    began = time.time()
    for i in range(20):
        api.create('accounts', name='Beside %d' % i)
        assert api.get('/accounts', page_size=5)['data']
    assert time.time() - began < 20
    for reader in readers:
        assert reader.recv(12) == b'HTTP/1.1 200'
        reader.close()
    whole = api.request('GET', content, root=True)
    assert len(whole.body) == 4 * MEGABYTE


def test_streams_nobody_reads(make_server):
    """Readers that do not read hold no more memory than their bound, are let go, and block nobody."""
    server = make_server(env={'ASAN_OPTIONS': kith.ENV['ASAN_OPTIONS'] + ':quarantine_size_mb=1'})   # else freed memory is kept
    client = server.client()
    ids = [r['id'] for r in client.post('/accounts:batchCreate', {'data': [{'name': 'Watched %d' % i} for i in range(300)]})['data']]
    for i in range(20):   # what the workers take for such writes is theirs, whoever listens
        client.post('/accounts:batchUpdate', {'ids': ids[:150], 'set': {'description': 'before %d' % i}})
    slow = [open_stream(server, receive=2048, watch=','.join('account:' + i for i in ids[:150]), objects='account') for _ in range(30)]
    heard, until = [], time.time() + 40
    ear = threading.Thread(target=lambda: [heard.append(e) for e in server.client().events('/feed', seconds=60, objects='account')], daemon=True)
    ear.start()
    assert streams(server) >= 30
    client.post('/accounts:batchUpdate', {'ids': ids[:150], 'set': {'description': 'first'}})
    began, n = rss(server), 0
    slowest = 0
    while streams(server) > 1 and time.time() < until and (n < 60 or IS_LONG):
        was = time.time()
        client.post('/accounts:batchUpdate', {'ids': ids[:150], 'set': {'description': 'change %d' % n}})
        slowest = max(slowest, time.time() - was)
        n += 1
        time.sleep(0.05)
    assert streams(server) <= 1, 'still held after %d rounds of 150 changes' % n
    assert rss(server) - began < 30 * 4 * 64 + 50000, 'memory grew from %d to %d KB' % (began, rss(server))
    assert slowest < 5 and client.get('/accounts/' + ids[0])['description'] == 'change %d' % (n - 1)
    assert len(heard) > 3, 'who reads hears'
    for s in slow:
        s.close()


def test_more_connections_than_allowed(server, api):
    """Those over the limit are told at once or wait; who is in goes on, and when they leave there is room."""
    held = []
    assert api.get('/me')
    try:
        for _ in range(1300):
            s = socket.socket()
            s.settimeout(5)
            s.connect((server.host, server.port))
            held.append(s)
        began = time.time()
        assert api.get('/accounts', page_size=1) is not None
        assert time.time() - began < 5
        answers = []
        for s in held[-60:]:
            s.settimeout(0.2)
            try:
                s.sendall(b'GET /health HTTP/1.1\r\nHost: %s\r\n\r\n' % server.host.encode())
                answers.append(s.recv(64)[:12])
            except (TimeoutError, socket.timeout):
                answers.append(b'waits')
            except OSError:
                answers.append(b'closed')
        assert set(answers) <= {b'HTTP/1.1 503', b'HTTP/1.1 200', b'waits', b'closed', b''}, set(answers)
    finally:
        for s in held:
            s.close()
    kith.wait_for(lambda: kith.Client(server).request('GET', '/health').status == 200, 10)


# --- PostgreSQL ---------------------------------------------------------------------------------------------------------


class Writing(threading.Thread):
    """Creates accounts; `told` and `refused` by name, `problems` what is neither 201 nor a plain 503."""

    def __init__(self, server, number):
        super().__init__(daemon=True)
        self.client, self.number, self.stop = server.client(), number, threading.Event()
        self.told, self.refused, self.problems = [], [], []

    def run(self):
        n = 0
        while not self.stop.is_set():
            name, n = 'Pg %d-%d' % (self.number, n), n + 1
            try:
                reply = self.client.request('POST', '/accounts', {'name': name})
            except (OSError, http.client.HTTPException) as problem:
                self.problems.append(repr(problem))
                return
            (self.told if reply.status == 201 else self.refused).append(name)
            if reply.status not in (201, 503) or reply.status == 503 and reply.json['code'] not in ('UNAVAILABLE', 'CONFLICT'):
                self.problems.append(repr(reply))
            if reply.status != 201:
                time.sleep(0.05)


def test_connections_ended_and_the_server_gone(db):
    """Backends ended in the middle of units, no connection left to have, then PostgreSQL gone and back: what was acknowledged
    is there once, what was refused is told as such, and nobody restarts Kith."""
    if db != 'postgres':
        pytest.skip('SQLite is in the process')
    cluster = kith.Postgres()
    installation, server = kith.Installation(cluster), None
    try:
        installation.cli('init', '--currency', 'USD')
        installation.add_user(kith.ADMIN, 'administrator', 'Ada Admin')
        server = kith.Server(installation)
        people = [Writing(server, i) for i in range(6)]
        for one in people:
            one.start()

        def more(kind, n):
            was = sum(len(getattr(one, kind)) for one in people)
            kith.wait_for(lambda: sum(len(getattr(one, kind)) for one in people) >= was + n, 60)
        for _ in range(3):
            more('told', 5)
            cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'" % installation.database)
        more('told', 5)
        cluster._run('pg_ctl', '-D', cluster.data, '-m', 'fast', '-w', 'stop')
        more('refused', 5)
        health = kith.Client(server).request('GET', '/health', unchecked=True)
        assert health.status in (200, 503)
        reply = server.client().request('GET', '/accounts')
        assert reply.status == 503 and reply.json['code'] == 'UNAVAILABLE' and reply.headers['retry-after'], reply
        assert 'error.db.unreachable' in server.log
        cluster._run('pg_ctl', '-D', cluster.data, '-w', '-l', os.path.join(cluster.dir, 'log'), '-o',
                     '-k %s -c listen_addresses= -c fsync=off -c max_connections=12' % cluster.dir, 'start')
        more('told', 20)
        for one in people:
            one.stop.set()
        for one in people:
            one.join(30)
        assert not [p for one in people for p in one.problems][:3]
        there = [r['name'] for r in server.client().all('accounts', fields='name', page_size=200, filter="name.startsWith('Pg ')")]
        assert len(there) == len(set(there)), 'twice'
        assert {name for one in people for name in one.told} <= set(there), 'acknowledged but lost'
        server.stop()
        kith.wait_for(lambda: cluster.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = '%s'" % installation.database) == [['0']], 20)
        installation.cli('--connections', '4', 'check')
    finally:
        if server and server.process.poll() is None:
            server.kill()
        shutil.rmtree(installation.dir, ignore_errors=True)
        cluster.stop()
