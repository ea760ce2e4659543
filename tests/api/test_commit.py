# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to PostgreSQL that breaks during COMMIT: what was committed is answered as such and is there once; what was not
is done again."""
import os
import shutil
import socket
import threading

import kith
import pytest

READY = b'Z\x00\x00\x00\x05'  # the server has answered, and says in which state a transaction is


class Between:
    """A socket before that of PostgreSQL.  Once `cut` is told, the next COMMIT of a connection that has carried `marker` is the
    last thing of it: with `is_sent` PostgreSQL has carried it out and its answer is lost, else it never gets there."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.dir = os.path.join(cluster.dir, 'between')
        os.mkdir(self.dir)
        self.name = next(n for n in os.listdir(cluster.dir) if n.startswith('.s.PGSQL') and not n.endswith('.lock'))
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.dir, self.name))
        self.listener.listen(64)
        self.marker, self.is_sent, self.cuts = None, False, 0
        threading.Thread(target=self.serve, daemon=True).start()

    def url(self, name):
        return 'postgres://kith@/%s?host=%s' % (name, self.dir)

    def sql(self, text, name='postgres'):
        return self.cluster.sql(text, name)

    def create(self, template=None):
        return self.cluster.create(template)

    def drop(self, name):
        self.cluster.drop(name)

    def cut(self, marker, is_sent):
        self.is_sent, self.marker = is_sent, marker.encode()

    def serve(self):
        while True:
            try:
                here, _ = self.listener.accept()
            except OSError:
                return
            there = socket.socket(socket.AF_UNIX)
            there.connect(os.path.join(self.cluster.dir, self.name))
            lost = threading.Event()
            threading.Thread(target=self.forth, args=(here, there, lost), daemon=True).start()
            threading.Thread(target=self.back, args=(here, there, lost), daemon=True).start()

    def forth(self, here, there, lost):
        is_marked = False
        try:
            while data := here.recv(65536):
                is_marked = is_marked or bool(self.marker and self.marker in data)
                if is_marked and b'COMMIT\x00' in data:
                    self.marker = None
                    self.cuts += 1
                    lost.set()
                    if not self.is_sent:
                        break
                    there.sendall(data)
                    return  # back() ends both when the answer is there
                there.sendall(data)
        except OSError:
            pass
        self.end(here, there)

    def back(self, here, there, lost):
        try:
            while data := there.recv(65536):
                if lost.is_set():
                    if READY in data:
                        break
                    continue
                here.sendall(data)
        except OSError:
            pass
        self.end(here, there)

    @staticmethod
    def end(*both):
        for s in both:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def close(self):
        self.listener.close()
        shutil.rmtree(self.dir, ignore_errors=True)


@pytest.fixture(scope='module')
def cut_off(db, postgres):
    """A server behind such a socket: (server, Between)."""
    if db != 'postgres':
        pytest.skip('SQLite is in the process')
    between = Between(postgres)
    installation = kith.install(postgres)
    installation.postgres = between
    server = kith.Server(installation)
    yield server, between
    try:
        server.stop()
    finally:
        between.close()
        installation.postgres = postgres
        installation.remove()


def there(client, name):
    return client.get('/accounts', filter="name == '%s'" % name, total=True)['total']


def test_a_commit_whose_answer_is_lost(cut_off):
    server, between = cut_off
    client = server.client()
    for turn in range(4):
        name = 'Answer lost %d' % turn
        between.cut(name, is_sent=True)
        reply = client.request('POST', '/accounts', {'name': name})
        assert between.cuts == turn + 1
        assert reply.status == 201 and there(client, name) == 1, reply
        assert client.get('/accounts/' + reply.json['id'])['version'] == 1
    assert server.log.count('connection lost during commit') == 4


def test_a_commit_that_never_arrives(cut_off):
    server, between = cut_off
    client, before = server.client(), between.cuts
    for turn in range(4):
        name = 'Never there %d' % turn
        between.cut(name, is_sent=False)
        reply = client.request('POST', '/accounts', {'name': name})
        assert between.cuts == before + turn + 1
        assert reply.status == 201 and there(client, name) == 1, reply
