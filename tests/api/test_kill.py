# SPDX-License-Identifier: GPL-3.0-or-later
"""What was acknowledged is there after SIGKILL, whatever was in flight, and `kith check` finds nothing wrong.  On
PostgreSQL also: three processes on one database, one of them killed."""
import http.client
import threading
import time

import kith
import pytest

WRITERS = 32


class Writers:
    """Threads that create and change accounts until told to stop or until their server is gone."""

    def __init__(self, servers, count=WRITERS):
        self.stop = threading.Event()
        self.made, self.renamed, self.problems = [], {}, []
        self.threads = [threading.Thread(target=self._work, args=(servers[i % len(servers)], i)) for i in range(count)]
        for thread in self.threads:
            thread.start()

    def _work(self, server, number):
        client = server.client()
        n = 0
        try:
            while not self.stop.is_set():
                name = 'Writer %d record %d' % (number, n)
                made = client.create('accounts', name=name)
                self.made.append((made['id'], name))
                if n % 3 == 0:
                    self._rename(client, made['id'], name + ' renamed')
                n += 1
        except (OSError, http.client.HTTPException):
            pass
        except AssertionError as problem:
            self.problems.append(str(problem))

    def _rename(self, client, record, name):
        """The new name is put down before the request as possible, after the reply as certain."""
        self.renamed[record] = (name, False)
        client.patch('/accounts/' + record, {'name': name})
        self.renamed[record] = (name, True)

    def join(self):
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()


def assert_kept(client, writers):
    """Every acknowledged creation and change is there."""
    there = {r['id']: r['name'] for r in client.all('accounts', fields='name', page_size=200)}
    for record, name in writers.made:
        assert record in there, 'acknowledged but lost: %s' % name
        renamed, is_certain = writers.renamed.get(record, (name, True))
        assert there[record] in ((renamed,) if is_certain else (name, renamed))


def kill_once(server, seconds):
    writers = Writers([server])
    time.sleep(seconds)
    kith.wait_for(lambda: len(writers.made) > WRITERS, 20)
    server.kill()
    writers.join()
    assert not writers.problems, writers.problems[:3]
    server.start()
    assert_kept(server.client(), writers)


def test_acknowledged_writes_survive_a_kill(make_server):
    server = make_server()
    kill_once(server, 1.5)
    server.stop()
    server.cli('check')


@pytest.mark.long
def test_ten_kills_in_a_row(make_server):
    server = make_server()
    for i in range(10):
        kill_once(server, 1 + i * 0.2)
    server.stop()
    server.cli('check')


def test_three_processes_share_one_database(make_server, db):
    if db != 'postgres':
        pytest.skip('SQLite has one process')
    first = make_server()
    second, third = (make_server(installation=first.installation.sibling()) for _ in range(2))
    writers = Writers([first, second, third], 16)
    time.sleep(2)
    third.kill()
    survived = len(writers.made)
    kith.wait_for(lambda: len(writers.made) > max(16, survived), 30)  # the other two go on
    writers.stop.set()
    writers.join()
    assert not writers.problems, writers.problems[:3]
    assert_kept(first.client(), writers)
    assert_kept(second.client(), writers)
    second.stop()
    first.cli('check')
