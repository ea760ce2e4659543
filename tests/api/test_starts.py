# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps Kith from starting: a folder or file that is not good, a port that is taken.  Each command ends with 1 and one
line that says what is wrong, and leaves what it found as it was."""
import contextlib
import os
import pathlib
import random
import shutil
import subprocess

import kith
import pytest

COMMANDS = (['serve', '--listen', '127.0.0.1:0'], ['check'], ['backup', 'DIR/b'], ['import', 'account', 'DIR/x.csv'], ['user', 'list'])


@pytest.fixture
def home(db, tmp_path):
    if db != 'sqlite':
        pytest.skip('a file is of SQLite')
    installation = kith.install()
    with open(tmp_path / 'x.csv', 'w') as f:
        f.write('name\nNew\n')
    yield installation
    installation.remove()


def refused(installation, tmp_path, command, *words, options=None):
    done = kith.run(*(options or installation.options), *[a.replace('DIR', str(tmp_path)) for a in command], expect=None)
    assert done.returncode in (1, 2), (command, done)
    assert all(word in done.stderr for word in words), (command, done.stderr)
    assert len([line for line in done.stderr.splitlines() if line.startswith('kith: ')]) == 1, done.stderr
    assert not (tmp_path / 'b').exists()


def damage(path, how):
    size = os.path.getsize(path)
    with open(path, 'r+b') as f:
        if how == 'none':
            f.write(random.Random(1).randbytes(100000))
        elif how == 'torn':
            f.seek(size // 2 // 4096 * 4096)
            f.write(b'\xa5' * 4096 * 60)
        else:
            f.truncate(size // 3)


@pytest.mark.parametrize('how', ['none', 'torn', 'cut'])
def test_a_file_that_is_damaged_or_no_database(home, tmp_path, how):
    path = os.path.join(home.data, 'kith.db')
    kith.run(*home.options, 'check')
    damage(path, how)
    before = open(path, 'rb').read()
    for command in COMMANDS if how == 'none' else COMMANDS[:2]:
        refused(home, tmp_path, command, 'kith.db', 'damaged', 'backup')
    assert open(path, 'rb').read() == before


def test_an_empty_file_is_no_installation(home, tmp_path):
    for name in ('kith.db', 'kith.db-wal', 'kith.db-shm'):
        if os.path.exists(os.path.join(home.data, name)):
            os.unlink(os.path.join(home.data, name))
    open(os.path.join(home.data, 'kith.db'), 'w').close()
    for command in COMMANDS[1:]:
        refused(home, tmp_path, command, 'not been initialised')


def test_a_folder_that_is_none(home, tmp_path):
    (tmp_path / 'file').write_text('x')
    os.mkdir(tmp_path / 'odd')
    os.mkdir(tmp_path / 'odd' / 'kith.db')
    for command in COMMANDS:
        refused(home, tmp_path, command, 'file', options=['--data', str(tmp_path / 'file')])
        refused(home, tmp_path, command, 'odd', options=['--data', str(tmp_path / 'odd')])
    refused(home, tmp_path, COMMANDS[0], 'no/where', options=['--data', str(tmp_path / 'no' / 'where')])


def mounted(tmp_path, size='40m'):
    """A small disk of its own, or None where that is not allowed."""
    place = tmp_path / 'disk'
    place.mkdir()
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=' + size, 'none', str(place)], capture_output=True)
    return place if done.returncode == 0 else None


def fill(path):
    with open(path, 'wb', buffering=0) as f:
        with contextlib.suppress(OSError):
            while True:
                f.write(bytes(4096))


def test_a_folder_that_cannot_be_written(home, tmp_path):
    disk = mounted(tmp_path)
    if disk:
        shutil.copytree(home.data, disk / 'data', ignore=shutil.ignore_patterns('*.sock'))
        subprocess.run(['mount', '-o', 'remount,ro', str(disk)], check=True)
        data, why = disk / 'data', 'Read-only'
    elif os.getuid():
        os.chmod(home.data, 0o500)
        for name in os.listdir(home.data):
            os.chmod(os.path.join(home.data, name), 0o400)
        data, why = home.data, 'ermission'
    else:
        pytest.skip('no disk can be mounted here')
    try:
        for command in COMMANDS:
            refused(home, tmp_path, command, why, options=['--data', str(data)])
    finally:
        if disk:
            subprocess.run(['umount', str(disk)], check=True)
        else:
            os.chmod(home.data, 0o700)


def test_who_has_the_folder_is_named(make_server, db, tmp_path):
    server = make_server()
    options = server.installation.options
    refused(server.installation, tmp_path, COMMANDS[0], 'another kith is using this data folder', 'process %d' % server.process.pid)
    with open(tmp_path / 'x.csv', 'w') as f:
        f.write('name\nNew\n')
    kith.run(*options, 'restore', str(tmp_path), expect=1)
    if db == 'sqlite':   # a server without a socket: as if it hung
        os.unlink(os.path.join(server.installation.data, 'kith.sock'))
        refused(server.installation, tmp_path, ['check'], 'another kith', 'process %d' % server.process.pid)
    assert server.client().get('/accounts')['data'] == []


@pytest.mark.parametrize('listen', ['127.0.0.1:99999', '127.0.0.1:-1', '127.0.0.1:x', '127.0.0.1:', 'nonsense', '1.2.3.4:0', ''])
def test_addresses_that_are_none(home, tmp_path, listen):
    refused(home, tmp_path, ['serve', '--listen', listen], 'listen')


def test_a_port_that_is_taken(make_server, home, tmp_path):
    server = make_server()
    refused(home, tmp_path, ['serve', '--listen', '127.0.0.1:%d' % server.port], 'in use')
    home.cli('check')


# --- a real full disk ---------------------------------------------------------------------------------------------------


def write_until_full(client):
    """Writes while the disk fills; the names of those that went well.  What does not is told as 507."""
    kept, statuses = [], []
    for i in range(60):
        reply = client.request('POST', '/accounts', {'name': 'Full %d' % i, 'description': ''.join(random.choices('abcdefghij ', k=20000))})
        statuses.append(reply.status)
        if reply.status == 201:
            kept.append('Full %d' % i)
        elif statuses.count(507) > 5:
            break
    assert set(statuses) <= {201, 507} and 507 in statuses, statuses
    return kept


def test_a_disk_of_postgres_that_is_full(postgres, db):
    """Its tables lie on a small disk: the same answers, and the same end."""
    if db != 'postgres':
        pytest.skip('of PostgreSQL')
    place = pathlib.Path(postgres.dir)
    disk = mounted(place, '80m')
    if not disk:
        pytest.skip('no disk can be mounted here')
    home, server = None, None
    try:
        os.chmod(disk, 0o777)
        (disk / 'tables').mkdir()
        shutil.chown(disk / 'tables', *(('postgres', 'postgres') if postgres.prefix else (os.getuid(), os.getgid())))
        postgres.sql("CREATE TABLESPACE small LOCATION '%s'" % (disk / 'tables'))
        home = kith.install(postgres)
        postgres.sql('ALTER DATABASE %s SET TABLESPACE small' % home.database)
        server = kith.Server(home)
        client = server.client()
        kept = [client.create('accounts', name='Before')['name']]
        fill(disk / 'ballast')
        kept += write_until_full(client)
        assert client.get('/accounts')['data'] and 'error.db.full' in server.log
        (disk / 'ballast').unlink()
        kept.append(client.create('accounts', name='After')['name'])
        server.kill()
        server.start()
        assert sorted(r['name'] for r in server.client().all('accounts', fields='name', page_size=200)) == sorted(kept)
        server.stop()
        home.cli('check')
    finally:
        if server and server.process.poll() is None:
            server.kill()
        if home:
            home.remove()
        with contextlib.suppress(RuntimeError):
            postgres.sql('DROP TABLESPACE small')
        subprocess.run(['umount', '-l', str(disk)], check=True)
        disk.rmdir()


def test_a_disk_that_is_full(make_server, home, tmp_path):
    """On a disk of its own: writing is refused with 507, reading goes on, and when there is room again so does writing."""
    disk = mounted(tmp_path)
    if not disk:
        pytest.skip('no disk can be mounted here')
    home_data = home.data
    shutil.copytree(home.data, disk / 'data', ignore=shutil.ignore_patterns('*.sock'))
    home.data = str(disk / 'data')
    server = None
    try:
        server = kith.Server(home)
        client = server.client()
        kept = [client.create('accounts', name='Before')['name']]
        ballast = disk / 'ballast'
        fill(ballast)
        kept += write_until_full(client)
        sent = client.request('POST', '/files', bytes(200000), headers={'X-File-Name': 'x.bin', 'Content-Type': 'application/octet-stream'})
        assert sent.status == 507, sent
        assert client.get('/accounts')['data'] and kith.Client(server).request('GET', '/health').status == 200
        assert 'error.db.full' in server.log
        backup = home.cli('backup', str(disk / 'b'), expect=1)
        assert 'space' in backup.stderr or 'full' in backup.stderr, backup.stderr
        assert not (disk / 'b').exists()
        ballast.unlink()
        kept.append(client.create('accounts', name='After')['name'])
        server.kill()
        server.start()
        assert sorted(r['name'] for r in server.client().all('accounts', fields='name', page_size=200)) == sorted(kept)
        server.cli('check')
        server.stop()
    finally:
        if server and server.process.poll() is None:
            server.kill()
        subprocess.run(['umount', '-l', str(disk)], check=True)
        home.data = home_data
