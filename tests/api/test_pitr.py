# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL restored to a moment by docs/guide/backup.md: its lines, on a cluster of the test's own with an archive."""
import os
import re
import shutil
import subprocess
import time

import kith
import pytest

GUIDE = os.path.join(kith.ROOT, 'docs', 'guide', 'backup.md')


def blocks():
    """The settings and commands of the guide's part on PostgreSQL."""
    with open(GUIDE) as f:
        part = f.read().split('**PostgreSQL** does this itself')[1]
    return re.findall(r'```(?:sh)?\n(.*?)```', part, re.S)


class Cluster(kith.Postgres):
    """Throws nothing away at a stop, keeps an archive, and may be put back."""

    def __init__(self):
        super().__init__()
        self.wal, self.base = os.path.join(self.dir, 'wal'), os.path.join(self.dir, 'base')
        subprocess.run([*self.prefix, 'mkdir', self.wal], check=True)
        self._run('pg_ctl', '-D', self.data, '-w', '-m', 'fast', 'stop')
        self.write('postgresql.conf', blocks()[0])
        self.start()

    def here(self, text):
        return text.replace('/mnt/wal', self.wal).replace('/mnt/base', self.base)

    def write(self, name, text):
        with open(os.path.join(self.data, name), 'a') as f:
            f.write('\n' + self.here(text))

    def start(self):
        self._run('pg_ctl', '-D', self.data, '-w', '-l', os.path.join(self.dir, 'log'), '-o', '-k %s -c listen_addresses=' % self.dir, 'start')

    def take_base(self):
        words = self.here(blocks()[1]).split()
        self._run(*words, '-h', self.dir, '-U', 'kith', '-c', 'fast')

    def archive(self):
        """What archive_timeout does within a minute."""
        last = self.sql('SELECT pg_walfile_name(pg_current_wal_lsn())')[0][0]
        self.sql('SELECT pg_switch_wal()')
        kith.wait_for(lambda: os.path.exists(os.path.join(self.wal, last)), 60)

    def put_back(self, moment):
        """What the guide says, with another moment."""
        self._run('pg_ctl', '-D', self.data, '-m', 'immediate', 'stop')
        self.data = os.path.join(self.dir, 'restored')
        subprocess.run([*self.prefix, 'cp', '-a', self.base, self.data], check=True)
        self.write('postgresql.auto.conf', re.sub(r"target_time = '[^']*'", "target_time = '%s'" % moment, blocks()[2]))
        subprocess.run([*self.prefix, 'touch', os.path.join(self.data, 'recovery.signal')], check=True)
        self.start()
        kith.wait_for(lambda: self.sql('SELECT pg_is_in_recovery()') == [['f']], 30)


@pytest.fixture
def cluster(db):
    if db != 'postgres':
        pytest.skip('SQLite ships its log itself: test_ship')
    made = Cluster()
    yield made
    made.stop()


@pytest.mark.long
def test_restore_to_a_moment_by_the_guide(cluster):
    installation = kith.Installation(cluster)
    try:
        installation.cli('init', '--currency', 'USD')
        installation.add_user(kith.ADMIN, 'administrator', 'Ada Admin')
        server = kith.Server(installation)
        client = server.client()
        client.create('accounts', name='before the base')
        cluster.take_base()
        for i in range(20):
            client.create('accounts', name='after the base %d' % i)
        cursor = client.get('/changes', limit=1000)['cursor']
        time.sleep(1.5)
        moment = cluster.sql("SELECT now()")[0][0]
        time.sleep(1.5)
        client.create('accounts', name='too late')
        cluster.archive()
        server.kill()
        cluster.put_back(moment)
        assert '"jobs_paused":true' in installation.cli('restore', '--done', '--json').stdout
        installation.cli('check')
        server.start()
        client = server.client()
        names = {a['name'] for a in client.all('accounts', page_size=200)}
        assert names >= {'before the base', *('after the base %d' % i for i in range(20))} and 'too late' not in names
        assert client.request('GET', '/changes?after=' + cursor).status in (200, 410)
        client.create('accounts', name='life goes on')
        server.stop()
        installation.cli('check')
    finally:
        shutil.rmtree(installation.dir, ignore_errors=True)
