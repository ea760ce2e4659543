# SPDX-License-Identifier: GPL-3.0-or-later
"""Point-in-time restore of SQLite: the log is shipped to a folder while the server works; a server killed in the middle of
writes is restored, from that folder and a backup alone, to several moments."""
import glob
import os
import threading
import time

import kith
import pytest
from kith import wait_for


@pytest.fixture(autouse=True)
def sqlite_only(db):
    if db != 'sqlite':
        pytest.skip('PostgreSQL archives its log itself')


def now():
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime()) + '.%03dZ' % (time.time() % 1 * 1000)


class Writer:
    """One writer that notes when each write was acknowledged."""

    def __init__(self, server):
        self.client, self.acked, self.stop = server.client(), [], threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        n = 0
        while not self.stop.is_set():
            try:
                self.client.create('accounts', name='w%05d' % n)
            except Exception:  # the server was killed
                return
            self.acked.append((time.time(), 'w%05d' % n))
            n += 1

    def end(self):
        self.stop.set()
        self.thread.join(30)


def restore(base, ship, until, data, expect=0):
    done = kith.run('--data', str(data), 'restore', str(base), '--ship', str(ship), '--until', until, expect=expect)
    if expect == 0:
        kith.run('--data', str(data), 'check')
    return done


def names(data):
    inst = kith.Installation.__new__(kith.Installation)
    inst.postgres, inst.data = None, str(data)
    return {r[0] for r in inst.sql("SELECT name FROM account WHERE deleted_at IS NULL")}


def text(moment):
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(moment)) + '.%03dZ' % (moment % 1 * 1000)


def test_restore_to_several_moments_after_a_kill(make_server, tmp_path):
    ship = tmp_path / 'ship'
    server = make_server('--ship.dir', str(ship))
    inst = server.installation
    writer = Writer(server)
    wait_for(lambda: len(writer.acked) > 5)
    server.cli('backup', str(tmp_path / 'base'))
    moments = []
    for _ in range(3):
        time.sleep(0.4)
        moments.append(time.time())
    time.sleep(2.2)
    server.kill()
    writer.end()
    acked = list(writer.acked)
    for i, moment in enumerate(moments):
        restore(tmp_path / 'base', ship, text(moment), tmp_path / ('d%d' % i))
        got = names(tmp_path / ('d%d' % i))
        missing = [name for at, name in acked if at < moment and name not in got]
        assert not missing, missing[:5]
        later = [name for at, name in acked if at > moment + 0.5 and name in got]
        assert not later, later[:5]

    # The chain goes on after the kill, a clean stop and a start; also after a checkpoint.
    server.start()
    client = server.client()
    client.create('accounts', name='after the kill')
    server.restart()
    for i in range(3):
        client.post('/accounts:batchCreate', {'data': [{'name': 'big %d %d' % (i, k), 'note': 'x' * 3000} for k in range(150)]},
                    expect=None)
    server.client().create('accounts', name='last words')
    moment = time.time()
    server.stop()
    assert len(os.listdir(ship)) == 1, 'one chain'
    restore(tmp_path / 'base', ship, text(moment), tmp_path / 'all')
    got = names(tmp_path / 'all')
    inst_names = {r[0] for r in inst.sql('SELECT name FROM account WHERE deleted_at IS NULL')}
    assert {'after the kill', 'last words'} <= got and got == inst_names
    server.start()


def test_gaps_damage_and_early_moments_are_refused(make_server, tmp_path):
    ship = tmp_path / 'ship'
    early = now()
    server = make_server('--ship.dir', str(ship))
    client = server.client()
    server.cli('backup', str(tmp_path / 'base'))
    for i in range(3):
        client.create('accounts', name='s%d' % i)
        time.sleep(1.2)
    end = now()
    server.stop()
    segments = sorted(glob.glob(str(ship / '*' / '*.seg')))
    assert len(segments) >= 3
    assert 'before the backup' in restore(tmp_path / 'base', ship, early, tmp_path / 'e', expect=1).stderr
    assert 'no segments' in restore(tmp_path / 'base', tmp_path, end, tmp_path / 'n', expect=1).stderr
    middle = segments[-2]
    content = open(middle, 'rb').read()
    with open(middle, 'r+b') as f:
        f.seek(300)
        f.write(b'damage')
    assert 'damaged' in restore(tmp_path / 'base', ship, end, tmp_path / 'x', expect=1).stderr
    os.unlink(middle)
    assert 'missing' in restore(tmp_path / 'base', ship, end, tmp_path / 'm', expect=1).stderr
    open(middle, 'wb').write(content)
    restore(tmp_path / 'base', ship, end, tmp_path / 'good')
    assert {'s0', 's1', 's2'} <= names(tmp_path / 'good')
    server.start()


def test_new_files_are_shipped_and_use_without_shipping_ends_the_chain(make_server, tmp_path):
    ship = tmp_path / 'ship'
    server = make_server('--ship.dir', str(ship))
    client = server.client()
    server.cli('backup', str(tmp_path / 'base'))
    client.post('/files', b'late content', headers={'Content-Type': 'application/octet-stream', 'X-File-Name': 'l.txt'})
    moment = now()
    server.stop()
    restore(tmp_path / 'base', ship, moment, tmp_path / 'd')
    assert any(open(p, 'rb').read() == b'late content' for p in glob.glob(str(tmp_path / 'd' / 'files' / '*' / '*')))
    server.cli('check')  # opened without --ship.dir: the chain cannot be trusted to be whole
    server.start()
    server.client().create('accounts', name='in the second chain')
    server.stop()
    assert len([n for n in os.listdir(ship) if n != 'files']) == 2
    server.start()


def age(path, days):
    os.utime(path, (time.time() - days * 86400,) * 2)


def test_old_segments_go_when_a_newer_backup_can_be_restored_from(make_server, tmp_path):
    ship = tmp_path / 'ship'
    server = make_server('--ship.dir', str(ship), '--ship.keep', '10')
    client = server.client()
    segments = lambda: sorted(os.path.basename(p) for p in glob.glob(str(ship / '*' / '*.seg')))  # noqa: E731

    def more(name):
        was = len(segments())
        client.create('accounts', name=name)
        wait_for(lambda: len(segments()) > was)

    more('before all')
    server.cli('backup', str(tmp_path / 'first'))
    more('after the first')
    server.cli('backup', str(tmp_path / 'second'))
    more('after the second')
    server.cli('backup', str(tmp_path / 'third'))
    more('after the third')
    bases = sorted(glob.glob(str(ship / '*' / '*.base')))
    assert len(bases) == 3
    whole = segments()
    server.restart()
    assert segments()[:len(whole)] == whole, 'every backup is younger than ten days'
    server.stop()
    age(bases[0], 20)
    age(bases[1], 11)
    server.start()
    first = os.path.basename(bases[1]).replace('.base', '.seg')
    wait_for(lambda: segments()[0] == first)
    assert [os.path.basename(p) for p in sorted(glob.glob(str(ship / '*' / '*.base')))] == [os.path.basename(p) for p in bases[1:]]
    client = server.client()
    more('last')
    moment = now()
    server.stop()
    restore(tmp_path / 'second', ship, moment, tmp_path / 'd')
    assert {'before all', 'after the first', 'after the second', 'after the third', 'last'} <= names(tmp_path / 'd')
    assert 'missing' in restore(tmp_path / 'first', ship, moment, tmp_path / 'x', expect=1).stderr
    server.start()
    assert len([n for n in os.listdir(ship) if n != 'files']) == 1, 'one chain'
